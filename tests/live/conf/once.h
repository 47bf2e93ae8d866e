/* once: one run of redis-server whose output and end are what is looked at, as for a file that is refused, or
 * one that reads further lines from standard input. */
#ifndef REDAI_TESTS_CONF_ONCE_H
#define REDAI_TESTS_CONF_ONCE_H

#include <stdbool.h>
#include <sys/types.h>

struct once {
    pid_t pid;
    int out; /* what it prints */
    char *text;
    char folder[64]; /* its working directory, removed by once_stop */
    char socket[80];
    int status; /* of waitpid, once it has ended */
    bool ended;
};

/* Runs `redis-server config args...` on a unix socket of its own (args may be NULL, else up to a NULL), gives
 * it input, and returns when it has ended or says that it is ready (false: neither within 20 s). */
bool once_run(struct once *o, const char *config, const char *const *args, const char *input);
void once_stop(struct once *o);

#endif
