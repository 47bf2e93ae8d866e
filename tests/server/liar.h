/* liar: a hostile server on a port of 127.0.0.1. Behind it stands a real one, which answers what the liar
 * does not lie about, so that a program gets as far as the lie. Processes of its own, that die with the test.
 */
#ifndef REDAI_TESTS_LIAR_H
#define REDAI_TESTS_LIAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct liar;

enum liar_manner {
    LIAR_HONEST,
    LIAR_SAYS,    /* the bytes instead of the reply */
    LIAR_TWICE,   /* the true reply, and again */
    LIAR_UNASKED, /* the true reply, then the bytes, asked for by nobody */
    LIAR_SILENT,  /* nothing, ever */
    LIAR_FLOODS,  /* the bytes again and again, without end */
    LIAR_MAD,     /* one reply in four, by the seed, is one of the table */
    LIAR_COUNTS,  /* the true reply, each number above 1 in it is the bytes, with a seed one in eight; what a
                     SCAN answers stays */
    LIAR_HANGS_UP /* at once */
};

struct lie {
    enum liar_manner manner;
    const char *command; /* "INFO", "CLIENT LIST"; "MESSAGE": once a connection has subscribed; NULL:
                            everything but the greeting */
    bool also_greeting;
    const char *bytes;
    size_t len;
    const struct lie_text *table; /* LIAR_MAD */
    size_t table_count;
    uint64_t seed;
};
struct lie_text {
    const char *name, *bytes;
    size_t len;
};

/* upstream: the unix socket of the true server, NULL: there is none, and everything is lied about. What a lie
 * points to must exist before the start and stay. */
struct liar *liar_start(const char *upstream, const struct lie *lie);
void liar_tell(struct liar *l, const struct lie *lie); /* from the next command on */
const char *liar_url(const struct liar *l);
int64_t liar_connections(const struct liar *l); /* so far */
int64_t liar_lies(const struct liar *l);        /* told so far */
void liar_stop(struct liar *l);

#endif
