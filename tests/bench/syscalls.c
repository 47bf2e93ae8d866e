#include "syscalls.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/mem.h"

/* linux/ptrace.h declares the same names again as sys/ptrace.h does: this much of it. */
#define STOP_OF_SYSCALL (SIGTRAP | 0x80)

enum { FD_MAX = 64 };

struct syscalls {
    pid_t pid;
    pthread_t thread; /* only the thread that began the tracing may go on with it */
    sem_t begun;
    int error;
    atomic_bool over;
    _Atomic int64_t all, writes;
    signed char is_terminal[FD_MAX]; /* 1 yes, -1 no, 0 not looked at yet */
};

static bool is_terminal(struct syscalls *s, uint64_t fd)
{
    char path[64], target[32] = "";
    if (fd >= FD_MAX) {
        return false;
    }
    if (!s->is_terminal[fd]) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)s->pid, (int)fd);
        s->is_terminal[fd] =
            readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "/dev/pts/", 9) == 0 ? 1 : -1;
    }
    return s->is_terminal[fd] == 1;
}

static void count_entry(struct syscalls *s)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, s->pid, sizeof info, &info) > 0 &&
        info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        s->all++;
        s->writes += info.entry.nr == SYS_write && is_terminal(s, info.entry.args[0]);
    }
}

/* Lets it go on after a stop, with the signal it stopped for. */
static bool go_on(struct syscalls *s, int status)
{
    int signal = WSTOPSIG(status);
    bool is_own = signal == STOP_OF_SYSCALL || status >> 16 == PTRACE_EVENT_STOP;
    long how = s->over ? PTRACE_DETACH : PTRACE_SYSCALL;
    return ptrace(how, s->pid, NULL, is_own ? 0L : (long)signal) == 0 && !s->over;
}

static void *run(void *arg)
{
    struct syscalls *s = arg;
    int status = 0;
    bool tracing = ptrace(PTRACE_SEIZE, s->pid, NULL, (long)PTRACE_O_TRACESYSGOOD) == 0 &&
                   ptrace(PTRACE_INTERRUPT, s->pid, NULL, NULL) == 0 &&
                   waitpid(s->pid, &status, __WALL) == s->pid && WIFSTOPPED(status) && go_on(s, status);
    s->error = tracing ? 0 : errno;
    sem_post(&s->begun);
    while (tracing && waitpid(s->pid, &status, __WALL) == s->pid && WIFSTOPPED(status)) {
        if (WSTOPSIG(status) == STOP_OF_SYSCALL) {
            count_entry(s);
        }
        tracing = go_on(s, status);
    }
    return NULL;
}

struct syscalls *syscalls_start(pid_t pid)
{
    struct syscalls *s = mem_zalloc(sizeof *s);
    s->pid = pid;
    sem_init(&s->begun, 0, 0);
    if (pthread_create(&s->thread, NULL, run, s) != 0) {
        mem_free(s);
        return NULL;
    }
    sem_wait(&s->begun);
    if (s->error) {
        fprintf(stderr, "process %d cannot be traced: %s\n", (int)pid, strerror(s->error));
        syscalls_stop(s);
        return NULL;
    }
    return s;
}

struct syscall_counts syscalls_so_far(const struct syscalls *s)
{
    return (struct syscall_counts){s->all, s->writes};
}

void syscalls_stop(struct syscalls *s)
{
    s->over = true;
    pthread_join(s->thread, NULL);
    sem_destroy(&s->begun);
    mem_free(s);
}
