/* guard: the guardian: a process between us and the server. It is the server's parent and holds one end of a
 * socket pair; when our end closes, for whatever reason, it ends the server, removes the folder and is gone.
 * Should the guardian be killed, the kernel kills the server (parent death signal). */
#ifndef REDAI_DEMO_GUARD_H
#define REDAI_DEMO_GUARD_H

#include <sys/types.h>

#include "redai/base/err.h"

struct guard {
    pid_t pid;
    pid_t server_pid;
    int fd; /* our end; readable when the server has ended by itself */
    char folder[96];
};

/* Forks the guardian, which runs argv (looked for in PATH) with its output appended to the file log. */
bool guard_start(struct guard *g, const char *folder, const char *log, const char *const *argv,
                 struct err *err);
/* Waits at most timeout_ms for the server to end by itself: true when it has. */
bool guard_server_ended(const struct guard *g, int timeout_ms);
/* Returns when server, folder and guardian are gone (the server has 3 s for SIGTERM). */
void guard_stop(struct guard *g);

#endif
