/* sentinel: a private sentinel for a test, on a loopback port, in a folder of its own. It dies with the test.
 */
#ifndef REDAI_TESTS_SERVER_SENTINEL_H
#define REDAI_TESTS_SERVER_SENTINEL_H

#include <stdbool.h>
#include <stddef.h>

struct sentry;

struct sentry_options {
    const char *service;  /* its name; quorum 1, down after 1 s */
    int master_port;      /* on 127.0.0.1 */
    const char *password; /* what the sentinel itself wants; NULL: nothing */
    const char *config;   /* further lines, or NULL */
    const char *cli;      /* further arguments of redis-cli to talk to it ("--tls ..."), or NULL */
    bool no_port;         /* config opens one: sentry_port is what it must be ("tls-port %d") */
};

/* Ends the process when it cannot be started. */
struct sentry *sentry_start(const struct sentry_options *options);
void sentry_stop(struct sentry *s); /* NULL is fine */
int sentry_port(const struct sentry *s);
/* What it answers, as redis-cli shows it: "SENTINEL replicas main". */
void sentry_ask(const struct sentry *s, const char *words, char *out, size_t size);
/* Waits (20 s) until it knows so many replicas whose link to the master is up. */
bool sentry_knows(const struct sentry *s, int replicas);

#endif
