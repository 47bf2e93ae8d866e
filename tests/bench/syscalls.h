/* syscalls: how often a child process enters the kernel, counted by tracing it. It runs slower meanwhile and
 * does the same. */
#ifndef REDAI_BENCH_SYSCALLS_H
#define REDAI_BENCH_SYSCALLS_H

#include <stdint.h>
#include <sys/types.h>

struct syscalls;

struct syscall_counts {
    int64_t all;
    int64_t writes; /* those of them that write to a pseudo-terminal */
};

/* Of a child of this process that nobody else traces or waits for meanwhile; returns when it counts. NULL
 * when the system does not let us, with the reason on stderr. */
struct syscalls *syscalls_start(pid_t pid);
struct syscall_counts syscalls_so_far(const struct syscalls *s);
/* Ends with the next call of the child, which goes on alone; frees. */
void syscalls_stop(struct syscalls *s);

#endif
