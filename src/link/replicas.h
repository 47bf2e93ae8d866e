/* replicas: which replica of a service to read from, by what SENTINEL REPLICAS tells of them. All links of a
 * run choose the same one, different runs different ones; one that would not do is passed over for a while.
 * Source: redis.io, "High availability with Redis Sentinel", and the fields of 7.0's answer. */
#ifndef REDAI_LINK_REPLICAS_PRIVATE_H
#define REDAI_LINK_REPLICAS_PRIVATE_H

#include <stdint.h>

#include "redai/base/err.h"

#include "redai/link/reply.h"

enum { REPLICAS_TRIED_MAX = 32 };

/* Those that were of no use since one was. A zeroed one is valid. */
struct replicas_tried {
    uint64_t id[REPLICAS_TRIED_MAX];
    size_t count;
};

struct replica_pick {
    struct span host; /* borrowed from the reply */
    int port;
    bool has_more; /* there are others that were not tried yet */
};

/* Whether it can be a host at all, as a sentinel names it: a text without blanks and control characters. */
bool replicas_is_host(struct span host);
/* The one to go to: not down and not cut off from its sentinel, if there is any with a link to its master,
 * not tried yet, if there is one. False with err saying what there is. */
bool replicas_choose(const struct reply *list, unsigned spread, const struct replicas_tried *tried,
                     struct replica_pick *ret, struct err *err);
void replicas_try(struct replicas_tried *tried, struct span host, int port);

#endif
