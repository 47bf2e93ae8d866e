/* proxy: stands between a program and a private redis-server, on a port of 127.0.0.1, and makes the faults of
 * a network. A process of its own, that dies with the test; what is ordered holds when the call returns.
 *
 * What a hole does is what dropped packets do: nothing arrives while it lasts, no reset comes, new
 * connections are not taken (the kernel drops their SYN, as the queue is full), and afterwards what was under
 * way arrives, as TCP sends it again. */
#ifndef REDAI_TESTS_PROXY_H
#define REDAI_TESTS_PROXY_H

#include "server/server.h"

struct proxy;

enum proxy_mode {
    PROXY_PASS,
    PROXY_HOLE,
    PROXY_SWALLOW, /* both ways are read and thrown away, also of new connections; what was swallowed stays
                      dead */
    PROXY_RESET,   /* number: after so many bytes of a reply the client gets RST; new connections as well */
    PROXY_BYTES,   /* every byte in a packet of its own */
    PROXY_TRICKLE, /* number: us between any two bytes of the replies */
    PROXY_DELAY,   /* number: us each way */
    PROXY_REFUSE,  /* RST for all, nobody listens */
    PROXY_ABANDON, /* the server's side of all connections is gone, the clients' stay open and deaf; passes
                      new ones */
};

struct proxy_report {
    int64_t accepted; /* connections taken since the start */
    int64_t open;     /* clients that are connected */
};

struct proxy *proxy_start(struct server *server);
void proxy_set(struct proxy *p, enum proxy_mode mode, int64_t number);
struct proxy_report proxy_report(struct proxy *p);
const char *proxy_url(const struct proxy *p); /* database 0 */
int proxy_port(const struct proxy *p);
void proxy_stop(struct proxy *p);

/* A proxy that loses a reply: when a client sends the named command (as it stands in the protocol, "LPUSH"),
 * the bytes go on to the server (deliver) or not, then every connection is cut and nobody is let in again. */
struct proxy *proxy_losing(struct server *server, const char *command, bool deliver);

#endif
