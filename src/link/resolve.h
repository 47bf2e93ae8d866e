/* resolve: host and port to socket addresses without ever blocking the loop. Numeric hosts are answered at
 * once; names are looked up in a detached thread, because getaddrinfo can hang for half a minute when the
 * network is ill. Such a thread may outlive its resolver: what they share is counted. */
#ifndef REDAI_LINK_RESOLVE_PRIVATE_H
#define REDAI_LINK_RESOLVE_PRIVATE_H

#include <sys/socket.h>

#include "redai/base/err.h"

struct ev_loop;
struct resolver;

enum resolve_state { RESOLVE_DONE, RESOLVE_WAITING, RESOLVE_FAILED };

/* Called from the loop after RESOLVE_WAITING; err is NULL when it went well. */
typedef void (*resolve_fn)(void *user, const struct err *err);

struct resolver *resolver_new(struct ev_loop *loop, const char *host, int port, resolve_fn fn, void *user);
/* Forgets the last answer and asks again. An earlier question that is still under way is waited for instead.
 */
enum resolve_state resolver_begin(struct resolver *r, struct err *err);
/* fn is not called any more until the next resolver_begin; the question stays under way. */
void resolver_pause(struct resolver *r);
void resolver_free(struct resolver *r);

/* The i-th address of the last answer, NULL behind the end. */
const struct sockaddr *resolver_address(const struct resolver *r, size_t i, socklen_t *ret_len);

#endif
