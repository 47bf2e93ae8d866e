#include "flow.h"

#include "support/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"

void flow_start(struct flow *f, const char *const argv[])
{
    int out[2];
    const char *words[32] = {PROGRAM};
    for (size_t n = 1; *argv && n + 1 < COUNT_OF(words); n++) {
        words[n] = *argv++;
    }
    *f = (struct flow){.fd = -1};
    utstring_init(&f->text);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    f->pid = fork();
    if (f->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid();
        dup2(out[1], STDOUT_FILENO);
        execv(PROGRAM, (char *const *)(uintptr_t)words);
        _exit(127);
    }
    close(out[1]);
    f->fd = out[0];
}

const char *flow_line(struct flow *f)
{
    int64_t until_us = clock_mono_us() + WAIT_MS * US_PER_MS;
    for (;;) {
        struct span all = text_span(&f->text);
        size_t end = span_find(all, '\n');
        if (end < all.len) {
            mem_free(f->line);
            f->line = span_dup(span_head(all, end));
            char *rest = span_dup(span_skip(all, end + 1));
            utstring_clear(&f->text);
            text_add(&f->text, span_of(rest));
            mem_free(rest);
            return f->line;
        }
        struct pollfd p = {.fd = f->fd, .events = POLLIN};
        char bytes[16384];
        poll(&p, 1, 100);
        ssize_t n = p.revents ? read(f->fd, bytes, sizeof bytes) : 0;
        text_add(&f->text, span_make(bytes, n > 0 ? (size_t)n : 0));
        if ((p.revents && n <= 0) || clock_mono_us() > until_us) {
            fail_msg("no further line; so far \"%s\"", utstring_body(&f->text));
        }
    }
}

json_t *flow_object(struct flow *f)
{
    json_error_t error;
    const char *line = flow_line(f);
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        fail_msg("not JSON: %s\n%.500s", error.text, line);
    }
    return root;
}

void flow_deaf(struct flow *f)
{
    if (f->fd >= 0) {
        close(f->fd);
        f->fd = -1;
    }
}

int flow_end(struct flow *f)
{
    int status = 0;
    int64_t until_us = clock_mono_us() + WAIT_MS * US_PER_MS;
    while (waitpid(f->pid, &status, WNOHANG) == 0) {
        if (clock_mono_us() > until_us) {
            kill(f->pid, SIGKILL);
            waitpid(f->pid, &status, 0);
            fail_msg("it does not end");
        }
        poll(NULL, 0, 5);
    }
    flow_deaf(f);
    utstring_done(&f->text);
    mem_free(f->line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
