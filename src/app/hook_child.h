/* hook_child: one run of a program that is told something on its standard input and has a bounded time to do
 * something about it. In a session of its own (no terminal, its own process group), stdout to nowhere, every
 * other descriptor closed, signals as at birth. The loop feeds it and reaps it; nothing here waits. After its
 * time the group gets SIGTERM, then SIGKILL. Needs the default loop: only that one hears of children. Private
 * to app. */
#ifndef REDAI_APP_HOOK_CHILD_H
#define REDAI_APP_HOOK_CHILD_H

#include <ev.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/err.h"

#define HOOK_LIMIT_US (10 * US_PER_S)
#define HOOK_GRACE_US (2 * US_PER_S) /* between SIGTERM and SIGKILL */
enum { HOOK_LINE_MAX = 160, HOOK_ERRORS_MAX = 1 << 20 };

struct hook_child;

struct hook_end {
    int status;     /* waitpid's */
    bool timed_out; /* it was told to end */
    int64_t took_us;
    const char *line; /* raw: the first line of its stderr, "" none; borrowed for the call */
};
typedef void (*hook_end_fn)(void *ctx, struct hook_child *child, const struct hook_end *end);

struct hook_child {
    struct ev_loop *loop;
    pid_t pid; /* 0: nothing runs */
    ev_child reaped;
    ev_io feed, errors; /* fd -1: closed */
    ev_timer limit;
    int64_t begun_us;
    bool timed_out, killed;
    UT_string input;
    size_t fed;
    char line[HOOK_LINE_MAX];
    size_t line_len, error_bytes;
    bool line_whole;
    hook_end_fn on_end;
    void *ctx;
};

/* argv[0] is looked for in PATH. False with err when it cannot be started, nothing is left then. on_end is
 * called from the loop, never from within this call; it may start the child anew. */
bool hook_child_start(struct hook_child *child, struct ev_loop *loop, const char *const *argv,
                      const char *const *env, struct span input, struct err *err);
static inline bool hook_child_runs(const struct hook_child *child)
{
    return child->pid > 0;
}
/* The end of the console: those that still run get SIGTERM, half a second for all of them together, and
 * SIGKILL. Waits for them; on_end is not called. */
void hook_children_stop(struct hook_child *child, size_t count);

#endif
