#include "server/sentinel.h"

#include "server/server.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/mem.h"

enum { STEP_MS = 50, STEPS = 400 };

struct sentry {
    struct sentry_options options;
    int port;
    pid_t pid;
    char folder[64], config[96];
};

static void write_config(const struct sentry *s)
{
    const struct sentry_options *o = &s->options;
    FILE *f = fopen(s->config, "w");
    if (!f) {
        perror(s->config);
        exit(EXIT_FAILURE);
    }
    fprintf(f, "port %d\ndir %s\nlogfile \"\"\n", o->no_port ? 0 : s->port, s->folder);
    if (o->no_port) {
        fprintf(f, "tls-port %d\n", s->port);
    }
    if (o->password) {
        fprintf(f, "requirepass %s\n", o->password);
    }
    fprintf(f,
            "sentinel monitor %s 127.0.0.1 %d 1\nsentinel down-after-milliseconds %s 1000\n"
            "sentinel failover-timeout %s 5000\n%s",
            o->service, o->master_port, o->service, o->service, o->config ? o->config : "");
    fclose(f);
}

struct sentry *sentry_start(const struct sentry_options *options)
{
    struct sentry *s = mem_zalloc(sizeof *s);
    s->options = *options;
    s->port = server_free_port();
    snprintf(s->folder, sizeof s->folder, "/tmp/redai-sentinel-XXXXXX");
    if (!mkdtemp(s->folder)) {
        perror(s->folder);
        exit(EXIT_FAILURE);
    }
    snprintf(s->config, sizeof s->config, "%s/sentinel.conf", s->folder);
    write_config(s);
    pid_t parent = getpid();
    s->pid = fork();
    if (s->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const char *binary = getenv("REDIS_SERVER");
        if (getppid() != parent || !freopen("/dev/null", "w", stdout)) {
            _exit(1);
        }
        execlp(binary ? binary : "redis-server", "redis-server", s->config, "--sentinel", (char *)NULL);
        _exit(127);
    }
    return s;
}

void sentry_stop(struct sentry *s)
{
    if (s) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
        unlink(s->config);
        rmdir(s->folder);
        mem_free(s);
    }
}

int sentry_port(const struct sentry *s)
{
    return s->port;
}

void sentry_ask(const struct sentry *s, const char *words, char *out, size_t size)
{
    char line[512];
    const char *password = s->options.password;
    snprintf(line, sizeof line, "redis-cli -p %d %s %s%s --no-auth-warning %s 2>/dev/null", s->port,
             s->options.cli ? s->options.cli : "", password ? "-a " : "", password ? password : "", words);
    FILE *pipe = popen(line, "r");
    size_t len = pipe ? fread(out, 1, size - 1, pipe) : 0;
    out[len] = '\0';
    if (pipe) {
        pclose(pipe);
    }
}

bool sentry_knows(const struct sentry *s, int replicas)
{
    for (int i = 0; i < STEPS; i++) {
        char words[128], text[16384];
        int up = 0;
        snprintf(words, sizeof words, "SENTINEL replicas %s", s->options.service);
        sentry_ask(s, words, text, sizeof text);
        for (const char *at = text; (at = strstr(at, "master-link-status\nok")) != NULL; at++) {
            up++;
        }
        if (up >= replicas) {
            return true;
        }
        poll(NULL, 0, STEP_MS);
    }
    return false;
}
