/* server_list: lists that the server keeps about itself: what commands cost, who is connected, what was slow,
 * latency events. Each is read often while it is looked at, and seldom or not at all otherwise; each may be
 * denied on its own, is then asked for once a minute, and the model is told why. None of these reads moves
 * keyspace_hits or keyspace_misses. Part of collect. */
#ifndef REDAI_COLLECT_SERVER_LIST_H
#define REDAI_COLLECT_SERVER_LIST_H

#include "redai/model/fact.h"

#include "redai/link/reply.h"

struct collect;

struct server_list {
    bool pending, refused;
    int64_t next_us; /* monotonic: when it is asked for again; 0: now */
};
struct server_lists {
    unsigned looked; /* bits 1u << TARGET_... */
    struct server_list commands, clients, slow, latency;
    struct server_list others;       /* who else looks: the same list, asked for now and then */
    int64_t consoles;                /* connections of other redai-consoles; -1 unknown */
    int64_t emptied;                 /* calls of FLUSHALL, FLUSHDB and SWAPDB so far; -1 unknown */
    int64_t asked_clients, asked_us; /* connected_clients when that was asked, and when */
    bool replicas_told;              /* there were some, or nothing was said of them yet */
    struct {
        int64_t total, newest; /* SLOWLOG LEN; the greatest id that was told; -1 none */
        int64_t threshold_us, threshold_asked_us;
    } slowlog;
};

void server_lists_restart(struct collect *c); /* another connection: all is asked anew, nothing is refused */
void server_lists_step(struct collect *c, int64_t now_us);
bool server_lists_look(const struct collect *c, enum target_kind kind);
/* True when it may be asked for now. */
bool server_list_due(const struct server_list *l, int64_t now_us);
void server_list_asked(struct collect *c, struct server_list *l, int64_t now_us, int64_t period_us);
/* Of a reply: true when it is an array or a text as it should be. Otherwise that is told, and it rests. */
bool server_list_answered(struct collect *c, struct server_list *l, enum topic topic, const struct reply *r,
                          enum reply_type wanted);

/* One file a list. */
void command_list_step(struct collect *c, int64_t now_us);
void client_list_step(struct collect *c, int64_t now_us);
void slow_list_step(struct collect *c, int64_t now_us);
void latency_list_step(struct collect *c, int64_t now_us);
void replica_list_tell(struct collect *c, struct span info); /* they stand in INFO */

#endif
