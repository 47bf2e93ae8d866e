#include "once.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

enum { ARGS_MAX = 32 };
#define PATIENCE_US (20 * US_PER_S)

static _Noreturn void become_server(const struct once *o, const char *config, const char *const *args, int in,
                                    int out)
{
    const char *named = getenv("REDIS_SERVER");
    const char *argv[ARGS_MAX] = {named && *named ? named : "redis-server",
                                  config,
                                  "--port",
                                  "0",
                                  "--unixsocket",
                                  o->socket,
                                  "--dir",
                                  o->folder};
    size_t n = 8;

    for (; args && *args && n < ARGS_MAX - 1; args++) {
        argv[n++] = *args;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0) {
        /* exec wants its strings writable and does not write to them. */
        execvp(argv[0], (char *const *)(uintptr_t)argv);
    }
    _exit(127);
}

static bool read_until_known(struct once *o)
{
    int64_t until_us = clock_mono_us() + PATIENCE_US;
    UT_string text;
    bool known = false;

    utstring_init(&text);
    while (!known && clock_mono_us() < until_us) {
        struct pollfd p = {.fd = o->out, .events = POLLIN};
        char part[2048];
        if (poll(&p, 1, 100) <= 0) {
            continue;
        }
        ssize_t n = read(o->out, part, sizeof(part));
        if (n <= 0) {
            o->ended = waitpid(o->pid, &o->status, 0) == o->pid;
            known = true;
        } else {
            text_add(&text, span_make(part, (size_t)n));
            known = strstr(utstring_body(&text), "ready to accept connections") != NULL;
        }
    }
    o->text = span_dup(text_span(&text));
    utstring_done(&text);
    return known;
}

bool once_run(struct once *o, const char *config, const char *const *args, const char *input)
{
    int in[2];
    int out[2];

    *o = (struct once){.out = -1};
    snprintf(o->folder, sizeof(o->folder), "/tmp/redai-conf-XXXXXX");
    if (!mkdtemp(o->folder) || pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
        perror("once_run");
        exit(EXIT_FAILURE);
    }
    snprintf(o->socket, sizeof(o->socket), "%s/socket", o->folder);
    o->pid = fork();
    if (o->pid == 0) {
        become_server(o, config, args, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    o->out = out[0];
    bool fed = !input || write(in[1], input, strlen(input)) == (ssize_t)strlen(input);
    close(in[1]);
    return read_until_known(o) && fed;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void once_stop(struct once *o)
{
    if (o->pid > 0 && !o->ended) {
        kill(o->pid, SIGKILL);
        waitpid(o->pid, &o->status, 0);
    }
    close(o->out);
    mem_free(o->text);
    nftw(o->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
