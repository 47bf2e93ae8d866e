/* The two sides of a proxy: the test's, which orders, and the process that relays. */
#ifndef REDAI_TESTS_PROXY_PRIV_H
#define REDAI_TESTS_PROXY_PRIV_H

#include "server/proxy.h"

#include <stdint.h>

struct proxy_order {
    enum proxy_mode mode;
    bool report_only;
    int64_t number;
};

struct proxy_place {
    int port;            /* where it listens; the socket is bound */
    int listener;        /* not yet listening */
    const char *target;  /* the server's unix socket */
    const char *command; /* proxy_losing: this one ends it; NULL: none does */
    bool deliver;
    int orders, reports; /* pipes */
};

_Noreturn void proxy_relay(const struct proxy_place *place);
/* A TCP socket bound to 127.0.0.1; port 0: any. -1: not to be had. */
int proxy_bind(int port);

#endif
