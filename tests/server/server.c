#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

enum {
    PATH_SIZE = 100, /* a unix socket takes 107 */
    URL_SIZE = 160,
    ARGS_MAX = 64,
    STEP_MS = 5,
    TRIES = 5
};
#define START_US (20 * US_PER_S)
#define STOP_US  (10 * US_PER_S)

struct server {
    struct server_options options;
    pid_t pid; /* 0 when not running */
    int port;
    char folder[PATH_SIZE];
    char socket[PATH_SIZE + 8];
    char log[PATH_SIZE + 8];
    char url[URL_SIZE];
};

static const char *binary(void)
{
    const char *named = getenv("REDIS_SERVER");
    return named && *named ? named : "redis-server";
}

static bool is_there(const char *name)
{
    const char *path = getenv("PATH");

    if (strchr(name, '/')) {
        return access(name, X_OK) == 0;
    }
    while (path && *path) {
        char full[512];
        size_t len = strcspn(path, ":");
        snprintf(full, sizeof(full), "%.*s/%s", (int)len, path, name);
        if (access(full, X_OK) == 0) {
            return true;
        }
        path += path[len] ? len + 1 : len;
    }
    return false;
}

void server_require(void)
{
    if (is_there(binary())) {
        return;
    }
    const char *ci = getenv("CI");
    fprintf(stderr, "no redis-server: %s\n", binary());
    exit(ci && *ci ? EXIT_FAILURE : SERVER_SKIP_STATUS);
}

static void pause_ms(int ms)
{
    poll(NULL, 0, ms);
}

int server_free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int port = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &size) == 0) {
        port = ntohs(at.sin_port);
    }
    if (fd >= 0) {
        close(fd);
    }
    return port;
}

static void show_log(const struct server *s)
{
    char line[512];
    FILE *log = fopen(s->log, "r");
    fprintf(stderr, "redis-server did not come up; its log:\n");
    while (log && fgets(line, sizeof(line), log)) {
        fputs(line, stderr);
    }
    if (log) {
        fclose(log);
    }
}

static void run(const struct server *s, const char *const *argv, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || !freopen("/dev/null", "r", stdin) || !freopen(s->log, "a", stdout) ||
        !freopen(s->log, "a", stderr)) {
        _exit(127);
    }
    /* exec wants its strings writable and does not write to them. */
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
    fflush(stderr);
    _exit(127);
}

static bool spawn(struct server *s)
{
    const char *argv[ARGS_MAX] = {binary()};
    char port[8];
    size_t n = 1;

    snprintf(port, sizeof(port), "%d", s->port);
    if (s->options.config) {
        argv[n++] = s->options.config;
    }
    /* A configuration under test keeps its own say about persistence. */
    const char *const own[] = {"--port", port,      "--bind",       "127.0.0.1", "--unixsocket", s->socket,
                               "--dir",  s->folder, "--logfile",    "",          "--daemonize",  "no",
                               "--save", "",        "--appendonly", "no"};
    size_t own_count = sizeof(own) / sizeof(own[0]) - (s->options.config ? 4 : 0);
    for (size_t i = 0; i < own_count; i++) {
        argv[n++] = own[i];
    }
    for (const char *const *arg = s->options.args; arg && *arg && n < ARGS_MAX - 1; arg++) {
        argv[n++] = *arg;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        run(s, argv, parent);
    }
    s->pid = pid > 0 ? pid : 0;
    return pid > 0;
}

/* Takes notice of a process that has ended. */
static bool is_running(struct server *s)
{
    if (s->pid && waitpid(s->pid, NULL, WNOHANG) == s->pid) {
        s->pid = 0;
    }
    return s->pid != 0;
}

static bool answers(const struct server *s)
{
    redisContext *c = server_connect(s);
    redisReply *reply = c ? redisCommand(c, "PING") : NULL;
    bool ok = reply && (reply->type == REDIS_REPLY_STATUS || strncmp(reply->str, "NOAUTH", 6) == 0);
    if (reply) {
        freeReplyObject(reply);
    }
    if (c) {
        redisFree(c);
    }
    return ok;
}

/* Between looking for a free port and taking it, another process may have. */
static bool lost_its_port(const struct server *s)
{
    char line[512];
    bool lost = false;
    FILE *log = s->port ? fopen(s->log, "r") : NULL;
    while (log && !lost && fgets(line, sizeof(line), log)) {
        lost = strstr(line, "Address already in use") != NULL;
    }
    if (log) {
        fclose(log);
    }
    return lost;
}

static bool launch(struct server *s)
{
    int64_t until_us = clock_mono_us() + START_US;

    if (!spawn(s)) {
        return false;
    }
    while (is_running(s) && clock_mono_us() < until_us) {
        if (answers(s)) {
            return true;
        }
        pause_ms(STEP_MS);
    }
    show_log(s);
    server_kill(s);
    return false;
}

struct server *server_start(const struct server_options *options)
{
    const char *tmp = getenv("TMPDIR");
    struct server *s = mem_zalloc(sizeof(*s));

    if (options) {
        s->options = *options;
    }
    int len = snprintf(s->folder, sizeof(s->folder), "%s/redai-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (len < 0 || (size_t)len >= sizeof(s->folder) || !mkdtemp(s->folder)) {
        fprintf(stderr, "no folder for a test server: %s\n", s->folder);
        mem_free(s);
        return NULL;
    }
    snprintf(s->socket, sizeof(s->socket), "%s/socket", s->folder);
    snprintf(s->log, sizeof(s->log), "%s/log", s->folder);
    bool up = false;
    for (int tries = 0; !up && (tries == 0 || (tries < TRIES && lost_its_port(s))); tries++) {
        remove(s->log);
        s->port = s->options.with_tcp ? server_free_port() : 0;
        up = launch(s);
    }
    if (!up) {
        server_stop(s);
        return NULL;
    }
    return s;
}

static void wait_for_end(struct server *s, int64_t patience_us)
{
    int64_t until_us = clock_mono_us() + patience_us;
    while (is_running(s) && clock_mono_us() < until_us) {
        pause_ms(STEP_MS);
    }
}

void server_kill(struct server *s)
{
    if (is_running(s)) {
        kill(s->pid, SIGKILL);
        wait_for_end(s, STOP_US);
    }
}

bool server_restart(struct server *s)
{
    return !is_running(s) && launch(s);
}

bool server_begin(struct server *s)
{
    return !is_running(s) && spawn(s);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void server_stop(struct server *s)
{
    if (!s) {
        return;
    }
    if (is_running(s)) {
        kill(s->pid, SIGCONT);
        kill(s->pid, SIGTERM);
        wait_for_end(s, STOP_US);
        server_kill(s);
    }
    nftw(s->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    mem_free(s);
}

void server_pause(struct server *s)
{
    int status = 0;
    if (is_running(s) && kill(s->pid, SIGSTOP) == 0) {
        waitpid(s->pid, &status, WUNTRACED);
    }
}

void server_resume(struct server *s)
{
    if (s->pid) {
        kill(s->pid, SIGCONT);
    }
}

pid_t server_pid(const struct server *s)
{
    return s->pid;
}

const char *server_folder(const struct server *s)
{
    return s->folder;
}

const char *server_socket(const struct server *s)
{
    return s->socket;
}

int server_port(const struct server *s)
{
    return s->port;
}

const char *server_url(struct server *s, int db)
{
    snprintf(s->url, sizeof(s->url), "unix://%s?db=%d", s->socket, db);
    return s->url;
}

redisContext *server_connect(const struct server *s)
{
    redisContext *c = redisConnectUnix(s->socket);
    if (!c || c->err) {
        if (c) {
            redisFree(c);
        }
        return NULL;
    }
    if (s->options.password) {
        redisReply *reply = redisCommand(c, "AUTH %s", s->options.password);
        if (reply) {
            freeReplyObject(reply);
        }
    }
    return c;
}

static void add_text(const redisReply *reply, UT_string *out)
{
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        utstring_printf(out, "%lld", reply->integer);
        return;
    case REDIS_REPLY_NIL:
        utstring_printf(out, "(nil)");
        return;
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < reply->elements; i++) {
            utstring_printf(out, "%s", i ? "\n" : "");
            add_text(reply->element[i], out);
        }
        return;
    case REDIS_REPLY_ERROR:
        utstring_printf(out, "(error) ");
        break;
    default:
        break;
    }
    text_add(out, span_make(reply->str, reply->len));
}

char *server_cli_argv(const struct server *s, int db, int argc, const char **argv, const size_t *lens)
{
    UT_string out;
    redisContext *c = server_connect(s);
    redisReply *selected = c && db ? redisCommand(c, "SELECT %d", db) : NULL;
    redisReply *reply = c ? redisCommandArgv(c, argc, argv, lens) : NULL;

    utstring_init(&out);
    if (reply) {
        add_text(reply, &out);
        freeReplyObject(reply);
    } else {
        utstring_printf(&out, "(error) %s", c ? c->errstr : "no connection");
    }
    if (selected) {
        freeReplyObject(selected);
    }
    if (c) {
        redisFree(c);
    }
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}

char *server_cli(const struct server *s, const char *command, ...)
{
    const char *argv[ARGS_MAX] = {command};
    size_t lens[ARGS_MAX] = {strlen(command)};
    int argc = 1;
    const char *arg;
    va_list args;

    va_start(args, command);
    while (argc < ARGS_MAX && (arg = va_arg(args, const char *)) != NULL) {
        lens[argc] = strlen(arg);
        argv[argc++] = arg;
    }
    va_end(args);
    return server_cli_argv(s, 0, argc, argv, lens);
}
