#include "celery.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/base64.h"
#include "redai/base/clock.h"

#define PYTHON  "/usr/bin/python3"
#define ANSWERS "test.celery-start.answers"
enum { LOOK_MS = 25, LOOKS = 2400 };
#define ASK_AGAIN_US (3 * US_PER_S)

struct celery {
    pid_t pid;
    char log[256];
};

bool wait_for(bool (*holds)(void *ctx), void *ctx)
{
    for (int i = 0; i < LOOKS; i++) {
        if (holds(ctx)) {
            return true;
        }
        poll(NULL, 0, LOOK_MS);
    }
    return false;
}

static void to_null(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, fd);
    }
}

void celery_require(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        to_null(STDOUT_FILENO);
        to_null(STDERR_FILENO);
        execl(PYTHON, PYTHON, "-c", "import celery, redis", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return;
    }
    fprintf(stderr, "Celery is not there (Debian: apt-get install celery)\n");
    exit(getenv("CI") ? 1 : SERVER_SKIP_STATUS);
}

static void set_environment(struct server *server)
{
    setenv("REDAI_SOCKET", server_socket(server), 1);
    setenv("PYTHONPATH", REDAI_SOURCE_DIR "/tests/live", 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    /* A container runs tests as root; the JSON serialiser makes that harmless. */
    setenv("C_FORCE_ROOT", "1", 1);
}

static void become_worker(struct server *server, const char *name, const char *queues, const char *log)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* Its pool processes go with it: one group, ended together. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == 1 || fd < 0) {
        _exit(127);
    }
    to_null(STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    set_environment(server);
    execl(PYTHON, PYTHON, "-m", "celery", "-A", "celery_app", "worker", "-n", name, "-c", "1", "--loglevel",
          "info", "-Q", queues, (char *)NULL);
    _exit(127);
}

static bool is_up(struct server *server, const char *name)
{
    char *boxes = server_cli(server, "SMEMBERS", "_kombu.binding.celery.pidbox", NULL);
    char *clients = server_cli(server, "CLIENT", "LIST", NULL);
    char *channels = server_cli(server, "PUBSUB", "NUMPAT", NULL);
    bool up = boxes && strstr(boxes, name) && clients && strstr(clients, "cmd=brpop") && channels &&
              strtol(channels, NULL, 10) > 0;
    free(boxes);
    free(clients);
    free(channels);
    return up;
}

/* A ping to this worker alone; its answer goes to the list ANSWERS. */
static void ask(struct server *server, const char *name)
{
    char body[512];
    UT_string request;
    snprintf(body, sizeof body,
             "{\"method\": \"ping\", \"arguments\": {}, \"destination\": [\"%s\"], \"pattern\": null, "
             "\"matcher\": null, \"ticket\": \"start\", \"reply_to\": {\"exchange\": \"\", \"routing_key\": "
             "\"" ANSWERS "\"}}",
             name);
    utstring_init(&request);
    utstring_printf(&request, "{\"body\": \"");
    base64_encode(span_of(body), &request);
    utstring_printf(
        &request, "\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", \"headers\": "
                  "{\"clock\": 1, \"expires\": 0}, \"properties\": {\"delivery_mode\": 2, \"delivery_info\": "
                  "{\"exchange\": \"celery.pidbox\", \"routing_key\": \"\"}, \"priority\": 0, "
                  "\"body_encoding\": \"base64\", \"delivery_tag\": \"start\"}}");
    free(server_cli(server, "PUBLISH", "/0.celery.pidbox", utstring_body(&request), NULL));
    utstring_done(&request);
}

static void show_log(const struct celery *c)
{
    char line[1024];
    FILE *f = fopen(c->log, "r");
    while (f && fgets(line, sizeof line, f)) {
        fputs(line, stderr);
    }
    if (f) {
        fclose(f);
    }
}

bool celery_is_alive(struct celery *c)
{
    int status;
    return c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == 0;
}

struct start {
    struct celery *celery;
    struct server *server;
    const char *name;
    bool up;
    int64_t asked_us; /* 0 not yet */
    long questions;
};

static bool is_up_or_dead(void *ctx)
{
    struct start *s = ctx;
    s->up = celery_is_alive(s->celery) && is_up(s->server, s->name);
    return s->up || !celery_is_alive(s->celery);
}

/* Its places in Redis are taken some time before its loop runs: that it answers says that it does. All
 * answers are waited for, or a late one would leave a list behind. */
static bool answers_or_is_dead(void *ctx)
{
    struct start *s = ctx;
    char *count = server_cli(s->server, "LLEN", ANSWERS, NULL);
    long answers = strtol(count, NULL, 10);
    free(count);
    int64_t now = clock_mono_us();
    s->up = answers > 0 && (answers >= s->questions || now - s->asked_us >= ASK_AGAIN_US);
    if (!answers && (!s->asked_us || now - s->asked_us >= ASK_AGAIN_US)) {
        ask(s->server, s->name);
        s->asked_us = now;
        s->questions++;
    }
    return s->up || !celery_is_alive(s->celery);
}

struct celery *celery_start(struct server *server, const char *name)
{
    return celery_start_on(server, name, NULL);
}

struct celery *celery_start_on(struct server *server, const char *name, const char *queues)
{
    struct celery *c = calloc(1, sizeof *c);
    snprintf(c->log, sizeof c->log, "%s/%s.log", server_folder(server), name);
    c->pid = fork();
    if (c->pid == 0) {
        become_worker(server, name, queues ? queues : "celery", c->log);
    }
    struct start start = {.celery = c, .server = server, .name = name};
    if (wait_for(is_up_or_dead, &start) && start.up && wait_for(answers_or_is_dead, &start) && start.up) {
        free(server_cli(server, "DEL", ANSWERS, NULL));
        return c;
    }
    show_log(c);
    celery_stop(c);
    return NULL;
}

static bool is_gone(void *ctx)
{
    return !celery_is_alive(ctx);
}

char *celery_python(struct server *server, const char *code)
{
    size_t room = 65536, used = 0;
    char *out = calloc(1, room);
    int pipes[2], status = -1;

    if (pipe(pipes) != 0) {
        abort();
    }
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(pipes[1], STDOUT_FILENO);
        close(pipes[0]);
        close(pipes[1]);
        set_environment(server);
        execl(PYTHON, PYTHON, "-c", code, (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    for (ssize_t n; used + 1 < room && (n = read(pipes[0], out + used, room - 1 - used)) > 0;) {
        used += (size_t)n;
    }
    close(pipes[0]);
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "Python failed: %s\n", code);
        abort();
    }
    while (used && out[used - 1] == '\n') {
        out[--used] = '\0';
    }
    return out;
}

static void signal_all(struct celery *c, int number)
{
    if (c->pid > 0) {
        kill(-c->pid, number);
    }
}

void celery_pause(struct celery *c)
{
    signal_all(c, SIGSTOP);
}

void celery_resume(struct celery *c)
{
    signal_all(c, SIGCONT);
}

void celery_kill(struct celery *c)
{
    signal_all(c, SIGKILL);
    if (c->pid > 0) {
        waitpid(c->pid, NULL, 0);
    }
    c->pid = -1;
}

void celery_stop(struct celery *c)
{
    if (!c) {
        return;
    }
    if (c->pid > 0) {
        kill(c->pid, SIGTERM);
        bool gone = wait_for(is_gone, c);
        kill(-c->pid, SIGKILL);
        if (!gone) {
            waitpid(c->pid, NULL, 0);
        }
    }
    remove(c->log);
    free(c);
}
