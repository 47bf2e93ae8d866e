#include "hook_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARTING_US (500 * US_PER_MS)
enum { STEP_MS = 10, READS_MAX = 16 };

/* --- descriptors --- */

static void shut(struct hook_child *child, ev_io *w)
{
    if (w->fd >= 0) {
        ev_io_stop(child->loop, w);
        close(w->fd);
        ev_io_set(w, -1, 0);
    }
}

static void close_both(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0) {
            close(pair[i]);
        }
    }
}

/* --- what it is told, and what it says --- */

static void feed(struct hook_child *child)
{
    struct span rest = span_skip(text_span(&child->input), child->fed);
    ssize_t n = rest.len ? write(child->feed.fd, rest.data, rest.len) : 0;
    if (n > 0) {
        child->fed += (size_t)n;
    }
    bool later = n < 0 && (errno == EAGAIN || errno == EINTR);
    /* All of it, or nobody reads it (EPIPE): the end of file follows. */
    if (child->fed == utstring_len(&child->input) || (n < 0 && !later)) {
        shut(child, &child->feed);
    }
}

static void on_feed(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    feed(w->data);
}

static void keep_line(struct hook_child *child, struct span bytes)
{
    struct span line = span_head(bytes, span_find(bytes, '\n'));
    if (child->line_whole) {
        return;
    }
    struct span part = span_head(line, HOOK_LINE_MAX - 1 - child->line_len);
    memcpy(child->line + child->line_len, part.data, part.len);
    child->line_len += part.len;
    child->line_whole = line.len < bytes.len || child->line_len == HOOK_LINE_MAX - 1;
}

/* Only the first line is kept; the rest is read so that the program does not stand still over it. */
static void read_errors(struct hook_child *child)
{
    for (int i = 0; i < READS_MAX && child->errors.fd >= 0; i++) {
        char bytes[4096];
        ssize_t n = read(child->errors.fd, bytes, sizeof bytes);
        if (n > 0) {
            keep_line(child, span_make(bytes, (size_t)n));
            child->error_bytes += (size_t)n;
        }
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || child->error_bytes > HOOK_ERRORS_MAX) {
            shut(child, &child->errors);
        } else if (n < 0) {
            break;
        }
    }
}

static void on_errors(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    read_errors(w->data);
}

/* --- its time and its end --- */

static void on_limit(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)events;
    struct hook_child *child = w->data;
    kill(-child->pid, child->timed_out ? SIGKILL : SIGTERM);
    child->killed = child->timed_out;
    child->timed_out = true;
    ev_timer_stop(loop, w);
    if (!child->killed) {
        ev_timer_set(w, (double)HOOK_GRACE_US / 1e6, 0.);
        ev_timer_start(loop, w);
    }
}

static void let_go(struct hook_child *child)
{
    shut(child, &child->feed);
    shut(child, &child->errors);
    ev_timer_stop(child->loop, &child->limit);
    ev_child_stop(child->loop, &child->reaped);
    utstring_done(&child->input);
    child->pid = 0;
}

static void on_reaped(struct ev_loop *loop, ev_child *w, int events)
{
    (void)loop;
    (void)events;
    struct hook_child *child = w->data;
    read_errors(child);
    if (child->timed_out) {
        kill(-child->pid, SIGKILL); /* what it has started and did not take along */
    }
    struct hook_end end = {.status = w->rstatus,
                           .timed_out = child->timed_out,
                           .took_us = clock_mono_us() - child->begun_us,
                           .line = child->line};
    let_go(child);
    child->on_end(child->ctx, child, &end);
}

/* --- start --- */

static int spawn(pid_t *ret_pid, const char *const *argv, const char *const *env, int in_fd, int err_fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
    /* Not one socket of ours, and nothing that we have inherited ourselves. */
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error =
        posix_spawnp(ret_pid, argv[0], &actions, &attributes, (char *const *)argv, (char *const *)env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A pipe whose ends are none of the three standard ones, so that the child's order of copying is safe. */
static bool open_pipe(int pair[2])
{
    if (pipe2(pair, O_CLOEXEC) != 0) {
        pair[0] = pair[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (pair[i] <= STDERR_FILENO) {
            int higher = fcntl(pair[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
            close(pair[i]);
            pair[i] = higher;
        }
    }
    return pair[0] >= 0 && pair[1] >= 0;
}

static void begin(struct hook_child *child, int in_fd, int err_fd, struct span input)
{
    fcntl(in_fd, F_SETFL, O_NONBLOCK); /* our ends only: descriptions of their own */
    fcntl(err_fd, F_SETFL, O_NONBLOCK);
    utstring_init(&child->input);
    text_add(&child->input, input);
    ev_io_init(&child->feed, on_feed, in_fd, EV_WRITE);
    ev_io_init(&child->errors, on_errors, err_fd, EV_READ);
    ev_timer_init(&child->limit, on_limit, (double)HOOK_LIMIT_US / 1e6, 0.);
    ev_child_init(&child->reaped, on_reaped, child->pid, 0);
    child->feed.data = child->errors.data = child->limit.data = child->reaped.data = child;
    ev_now_update(child->loop);
    ev_io_start(child->loop, &child->feed);
    ev_io_start(child->loop, &child->errors);
    ev_timer_start(child->loop, &child->limit);
    ev_child_start(child->loop, &child->reaped);
    feed(child); /* a pipe takes 64 KiB at once: mostly that is all */
}

bool hook_child_start(struct hook_child *child, struct ev_loop *loop, const char *const *argv,
                      const char *const *env, struct span input, struct err *err)
{
    hook_end_fn on_end = child->on_end;
    void *ctx = child->ctx;
    int in[2] = {-1, -1};
    int errors[2] = {-1, -1};
    pid_t pid = 0;
    int error = open_pipe(in) && open_pipe(errors) ? 0 : errno;
    if (error == 0) {
        error = spawn(&pid, argv, env, in[0], errors[1]);
    }
    if (error != 0) {
        close_both(in);
        close_both(errors);
        return err_set(err, ERR_IO, "\"%.80s\": %s", argv[0], strerror(error));
    }
    close(in[0]);
    close(errors[1]);
    *child = (struct hook_child){.loop = loop, .pid = pid, .on_end = on_end, .ctx = ctx};
    child->begun_us = clock_mono_us();
    begin(child, in[1], errors[0], input);
    return true;
}

static bool is_gone(struct hook_child *child)
{
    return waitpid(child->pid, NULL, WNOHANG) != 0; /* ECHILD: the loop was faster */
}

void hook_children_stop(struct hook_child *child, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (hook_child_runs(&child[i])) {
            kill(-child[i].pid, SIGTERM);
            left++;
        }
    }
    for (int64_t until_us = clock_mono_us() + PARTING_US; left && clock_mono_us() < until_us;) {
        for (size_t i = 0; i < count; i++) {
            if (hook_child_runs(&child[i]) && is_gone(&child[i])) {
                kill(-child[i].pid, SIGKILL);
                let_go(&child[i]);
                left--;
            }
        }
        poll(NULL, 0, left ? STEP_MS : 0);
    }
    for (size_t i = 0; i < count; i++) {
        if (hook_child_runs(&child[i])) {
            kill(-child[i].pid, SIGKILL);
            while (waitpid(child[i].pid, NULL, 0) < 0 && errno == EINTR) {}
            let_go(&child[i]);
        }
    }
}
