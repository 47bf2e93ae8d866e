#include "demo/guard.h"

#include "demo/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/mem.h"

enum {
    PATIENCE_MS = 3000,
    STEP_MS = 50, /* where the kernel has no pidfd */
    ARGS_MAX = 40,
    CANNOT_RUN = 127
};

static void signals_block(sigset_t *ret_before)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, ret_before);
}

static void signals_allow(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Everything inherited is put back: the console's handlers write into pipes that are closed here. */
static void signals_reset(void)
{
    for (int signal_number = 1; signal_number < NSIG; signal_number++) {
        signal(signal_number, SIG_DFL);
    }
}

static _Noreturn void become_server(const char *log, const char *const *argv, pid_t guardian)
{
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    signals_allow(); /* blocked so far, so that no SIGTERM was lost */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != guardian || out < 0 ||
        dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) {
        _exit(CANNOT_RUN);
    }
    char *own[ARGS_MAX + 1] = {NULL}; /* exec wants them writable */
    size_t n = 0;
    do {
        own[n] = mem_strdup(argv[n]);
        n++;
    } while (n < ARGS_MAX && argv[n]);
    execvp(argv[0], own);
    dprintf(STDERR_FILENO, "cannot run '%s': %s\n", argv[0], strerror(errno));
    _exit(CANNOT_RUN);
}

/* Nothing of the console may be held open: not its terminal, not a pipe somebody reads to its end. */
static void let_go_of_all_but(int fd)
{
    int nothing = open("/dev/null", O_RDWR);

    for (int i = STDIN_FILENO; i <= STDERR_FILENO && nothing >= 0; i++) {
        dup2(nothing, i);
    }
    if (fd > STDERR_FILENO + 1) {
        close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
    }
    close_range((unsigned)fd + 1, ~0U, 0);
}

/* True when the server has ended within timeout_ms. */
static bool wait_server(pid_t server, int pidfd, int timeout_ms)
{
    for (;;) {
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        int step = pidfd >= 0 ? timeout_ms : (timeout_ms < STEP_MS ? timeout_ms : STEP_MS);
        poll(&p, 1, step);
        if (waitpid(server, NULL, WNOHANG) != 0) {
            return true;
        }
        timeout_ms -= step;
        if (timeout_ms <= 0) {
            return false;
        }
    }
}

static void end_server(pid_t server, int pidfd)
{
    kill(server, SIGTERM);
    if (!wait_server(server, pidfd, PATIENCE_MS)) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
}

/* Until the console's end closes; on the way the server may end by itself, which is told to the console. */
static void watch(int fd, pid_t server, int pidfd)
{
    bool alive = true;

    for (;;) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = alive ? pidfd : -1, .events = POLLIN}};
        char byte;
        poll(p, 2, alive && pidfd < 0 ? STEP_MS : -1);
        if (alive && waitpid(server, NULL, WNOHANG) != 0) {
            alive = false;
            (void)!send(fd, "E", 1, MSG_NOSIGNAL);
        }
        if ((p[0].revents & (POLLIN | POLLHUP | POLLERR)) && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0) {
            break;
        }
    }
    if (alive) {
        end_server(server, pidfd);
    }
}

static _Noreturn void become_guardian(int fd, const struct guard *g, const char *log, const char *const *argv)
{
    static const int deaf_to[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE};
    pid_t self = getpid();

    /* A session of its own: neither ^C nor the end of the terminal is meant for it. */
    setsid();
    prctl(PR_SET_NAME, "redai-demo-grd");
    signals_reset();
    /* The console may have been started without its first three. */
    fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    let_go_of_all_but(fd);
    pid_t server = fork();
    if (server == 0) {
        become_server(log, argv, self);
    }
    for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++) {
        signal(deaf_to[i], SIG_IGN);
    }
    signals_allow();
    (void)!chdir("/"); /* keeps no file system busy; the server keeps the folder it needs to find its file */
    (void)!send(fd, &server, sizeof(server), MSG_NOSIGNAL);
    if (server > 0) {
        watch(fd, server, pidfd_open(server, 0));
    }
    folder_remove(g->folder);
    _exit(0);
}

bool guard_start(struct guard *g, const char *folder, const char *log, const char *const *argv,
                 struct err *err)
{
    sigset_t before;
    int pair[2];

    *g = (struct guard){.fd = -1};
    snprintf(g->folder, sizeof(g->folder), "%s", folder);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return err_set(err, ERR_IO, "no socket pair for the demo's guardian: %s", strerror(errno));
    }
    signals_block(&before); /* none may meet a handler of ours in the guardian */
    g->pid = fork();
    if (g->pid == 0) {
        close(pair[0]);
        become_guardian(pair[1], g, log, argv);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(pair[1]);
    g->fd = pair[0];
    if (g->pid < 0 ||
        recv(g->fd, &g->server_pid, sizeof(g->server_pid), MSG_WAITALL) != sizeof(g->server_pid) ||
        g->server_pid <= 0) {
        int why = errno;
        guard_stop(g);
        return err_set(err, ERR_IO, "no process for the demo's server: %s", strerror(why));
    }
    return true;
}

bool guard_server_ended(const struct guard *g, int timeout_ms)
{
    struct pollfd p = {.fd = g->fd, .events = POLLIN};
    return g->fd < 0 || (poll(&p, 1, timeout_ms) > 0 && p.revents != 0);
}

void guard_stop(struct guard *g)
{
    if (g->fd >= 0) {
        close(g->fd);
        g->fd = -1;
    }
    if (g->pid > 0) {
        /* ECHILD: the loop's own reaper was faster. */
        while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR) {}
        g->pid = 0;
    }
    folder_remove(g->folder);
}
