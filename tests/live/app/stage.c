#include "stage.h"

#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

static char home[64];

void stage_isolate(void)
{
    static const char *const foreign[] = {"REDIS_URL",
                                          "REDIS_HOST",
                                          "REDIS_PORT",
                                          "REDIS_DB",
                                          "REDIS_PASSWORD",
                                          "REDIS_USERNAME",
                                          "REDIS_SENTINEL_USERNAME",
                                          "REDIS_SENTINEL_PASSWORD",
                                          "CELERY_BROKER_URL",
                                          "CELERY_BROKER_PASSWORD",
                                          "CELERY_RESULT_BACKEND",
                                          "CELERY_RESULT_PASSWORD",
                                          "NO_COLOR",
                                          "LANG",
                                          "LC_CTYPE"};
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        unsetenv(foreign[i]);
    }
    snprintf(home, sizeof home, "/tmp/redai-home-XXXXXX");
    if (!mkdtemp(home)) {
        perror(home);
        exit(EXIT_FAILURE);
    }
    setenv("HOME", home, 1);
    setenv("XDG_CONFIG_HOME", stage_path("config"), 1);
    setenv("XDG_STATE_HOME", stage_path("state"), 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("TZ", "UTC", 1);
    signal(SIGPIPE, SIG_IGN);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void stage_leave(void)
{
    nftw(home, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *stage_home(void)
{
    return home;
}

const char *stage_path(const char *name)
{
    enum { KEPT = 8 };
    static char kept[KEPT][256];
    static unsigned next;
    char *path = kept[next++ % KEPT];
    snprintf(path, sizeof kept[0], "%s/%s", home, name);
    return path;
}

void stage_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

char *stage_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    UT_string text;
    utstring_init(&text);
    char bytes[4096];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        utstring_bincpy(&text, bytes, (size_t)n);
    }
    close(fd);
    return text.d;
}

/* --- the platform's Redis --- */

struct server *stage_server(const char *const *args)
{
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

enum { WORDS_MAX = 16 };

char *stage_ask(struct server *s, int db, const char *command)
{
    const char *argv[WORDS_MAX];
    size_t lens[WORDS_MAX];
    int argc = 0;
    while (*command) {
        assert_true(argc < WORDS_MAX);
        argv[argc] = command;
        lens[argc] = strcspn(command, " ");
        command += lens[argc] + (command[lens[argc]] == ' ');
        argc++;
    }
    char *reply = server_cli_argv(s, db, argc, argv, lens);
    assert_non_null(reply);
    return reply;
}

void stage_do(struct server *s, int db, const char *command)
{
    char *reply = stage_ask(s, db, command);
    if (strncmp(reply, "(error)", 7) == 0) {
        fail_msg("%s: %s", command, reply);
    }
    free(reply);
}

int64_t stage_number(struct server *s, int db, const char *command)
{
    char *reply = stage_ask(s, db, command);
    int64_t n = -1;
    num_i64(span_of(reply), &n);
    free(reply);
    return n;
}

int64_t stage_stat(struct server *s, const char *field)
{
    char *stats = stage_ask(s, 0, "INFO stats");
    const char *at = strstr(stats, field);
    int64_t n = at ? strtoll(at + strlen(field) + 1, NULL, 10) : -1;
    free(stats);
    return n;
}

bool stage_is(struct server *s, int db, const char *command, const char *wanted)
{
    char *reply = stage_ask(s, db, command);
    bool same = strcmp(reply, wanted) == 0;
    free(reply);
    return same;
}

bool stage_wait(struct server *s, int db, const char *command, const char *reply)
{
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    while (!stage_is(s, db, command, reply)) {
        if (clock_mono_us() > until) {
            return false;
        }
        poll(NULL, 0, 10);
    }
    return true;
}

static void set(struct server *s, const char *key, const char *seconds, const char *value)
{
    char *reply =
        seconds ? server_cli(s, "SETEX", key, seconds, value, NULL) : server_cli(s, "SET", key, value, NULL);
    assert_string_equal(reply, "OK");
    free(reply);
}

void stage_session(struct server *s, const char *id, int user, const char *name, const char *role,
                   bool indexed)
{
    char key[128], value[512];
    snprintf(key, sizeof key, "session:%s", id);
    snprintf(value, sizeof value,
             "{\"user_id\": %d, \"created_at\": \"2026-11-23T09:33:22.714134\", \"email\": "
             "\"%.3s@example.com\", \"role\": \"%s\", \"name\": \"%s\"}",
             user, id + 9, role, name);
    set(s, key, "86400", value);
    if (indexed) {
        snprintf(key, sizeof key, "user:%d:sessions", user);
        free(server_cli(s, "SADD", key, id, NULL));
        free(server_cli(s, "EXPIRE", key, "86400", NULL));
    }
}

static void element(char *out, size_t size, const char *queue, const char *id)
{
    snprintf(out, size,
             "{\"body\": \"W1siaGVsbG8iXSwge30sIHsiY2FsbGJhY2tzIjogbnVsbCwgImVycmJhY2tzIjogbnVsbCwgImNoYWluIj"
             "ogbnVsbCwgImNob3JkIjogbnVsbH1d\", \"content-encoding\": \"utf-8\", \"content-type\": "
             "\"application/json\", \"headers\": {\"lang\": \"py\", \"task\": \"api.tasks.test_redis_task\", "
             "\"id\": \"%s\", \"root_id\": \"%s\", \"retries\": 0, \"argsrepr\": \"('hello',)\", "
             "\"kwargsrepr\": \"{}\", \"origin\": \"gen1@web\"}, \"properties\": {\"correlation_id\": "
             "\"%s\", \"reply_to\": \"11111111-0000-4000-8000-000000000001\", \"delivery_mode\": 2, "
             "\"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"%s\"}, \"priority\": 0, "
             "\"body_encoding\": \"base64\", \"delivery_tag\": \"%s\"}}",
             id, id, id, queue, id);
}

void stage_message(struct server *s, const char *queue, const char *id)
{
    char text[1024];
    element(text, sizeof text, queue, id);
    free(server_cli(s, "LPUSH", queue, text, NULL));
}

void stage_in_flight(struct server *s, const char *queue, const char *id, int age_s)
{
    char text[1024], entry[1200], score[32];
    element(text, sizeof text, queue, id);
    snprintf(entry, sizeof entry, "[%s, \"\", \"%s\"]", text, queue);
    snprintf(score, sizeof score, "%lld", (long long)(clock_wall_us() / US_PER_S - age_s));
    free(server_cli(s, "HSET", "unacked", id, entry, NULL));
    free(server_cli(s, "ZADD", "unacked_index", score, id, NULL));
}

void stage_untouched(struct server *s)
{
    static const char *const changing[] = {
        "lpush",  "rpush",      "unlink", "del",  "srem", "sadd",  "set",  "setex", "eval",   "publish",
        "expire", "config|set", "zadd",   "hset", "lrem", "ltrim", "zrem", "hdel",  "rename", "lmove"};
    char *stats = stage_ask(s, 0, "INFO commandstats");
    for (size_t i = 0; i < COUNT_OF(changing); i++) {
        char name[64];
        snprintf(name, sizeof name, "cmdstat_%s:", changing[i]);
        if (strstr(stats, name)) {
            fail_msg("%s was sent", changing[i]);
        }
    }
    free(stats);
}

void stage_queue(struct server *s, const char *queue)
{
    char key[96], member[160];
    snprintf(key, sizeof key, "_kombu.binding.%s", queue);
    snprintf(member, sizeof member, "%s\x06\x16\x06\x16%s", queue, queue);
    free(server_cli(s, "SADD", key, member, NULL));
}

void stage_fill(struct server *s)
{
    char key[64];
    stage_session(s, SID_ANNA, 7, "Anna Nowak", "teacher", true);
    stage_session(s, SID_ANNA_2, 7, "Anna Nowak", "teacher", false);
    stage_session(s, SID_MAREK, 8, "Marek Lis", "student", true);
    stage_session(s, SID_ZOFIA, 9, "Zofia Zak", "student", true);
    for (int i = 0; i < 30; i++) {
        snprintf(key, sizeof key, "exam:%d", i);
        set(s, key, "3600", "{\"id\": 1, \"title\": \"algebra\"}");
    }
    for (int i = 0; i < 12; i++) {
        snprintf(key, sizeof key, "leaderboard:%d", i);
        set(s, key, NULL, "[1, 2, 3]");
    }
    stage_queue(s, "celery");
    stage_message(s, "celery", "11111111-1111-4111-8111-111111111111");
    stage_message(s, "celery", "22222222-2222-4222-8222-222222222222");
    set(s, "batch:progress:" BATCH_RUNS, "600",
        "{\"current\": 5, \"total\": 20, \"percentage\": 25.0, \"status\": \"in_progress\"}");
    set(s, "batch:progress:" BATCH_FAIL, "600", "{\"status\": \"failed\", \"error\": \"model is gone\"}");
}

/* --- the program without a terminal --- */

static void set_environment(const char *const env[])
{
    for (; env && *env; env++) {
        size_t name = strcspn(*env, "=");
        char *copy = mem_strdup(*env);
        if (copy[name] == '=') {
            copy[name] = '\0';
            setenv(copy, copy + name + 1, 1);
        } else {
            unsetenv(copy);
        }
    }
}

_Noreturn static void become(const char *const argv[], const char *const env[], const int in[2],
                             const int out[2], const int err[2])
{
    const char *words[64] = {PROGRAM};
    size_t n = 1;
    while (*argv && n + 1 < COUNT_OF(words)) {
        words[n++] = *argv++;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid(); /* no terminal of the person who runs the tests */
    set_environment(env);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    execv(PROGRAM, (char *const *)(uintptr_t)words);
    _exit(127);
}

struct ran stage_run(const char *const argv[], const char *const env[], const char *input)
{
    int in[2], out[2], err[2], status = 0;
    UT_string text[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        become(argv, env, in, out, err);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    if (input) {
        ssize_t n = write(in[1], input, strlen(input));
        (void)n; /* it may well not read it */
    }
    close(in[1]);
    utstring_init(&text[0]);
    utstring_init(&text[1]);
    struct pollfd fd[2] = {{.fd = out[0], .events = POLLIN}, {.fd = err[0], .events = POLLIN}};
    int64_t until = clock_mono_us() + 2 * WAIT_MS * US_PER_MS;
    while ((fd[0].fd >= 0 || fd[1].fd >= 0) && clock_mono_us() < until) {
        poll(fd, 2, 100);
        for (int i = 0; i < 2; i++) {
            char bytes[8192];
            ssize_t n = fd[i].revents ? read(fd[i].fd, bytes, sizeof bytes) : 1;
            if (fd[i].revents && n > 0) {
                utstring_bincpy(&text[i], bytes, (size_t)n);
            } else if (n == 0 || (n < 0 && errno != EINTR)) {
                fd[i].fd = -1;
            }
        }
    }
    bool late = fd[0].fd >= 0 || fd[1].fd >= 0;
    if (late) {
        kill(pid, SIGKILL);
    }
    waitpid(pid, &status, 0);
    close(out[0]);
    close(err[0]);
    return (struct ran){
        .code = !late && WIFEXITED(status) ? WEXITSTATUS(status) : -1, .out = text[0].d, .err = text[1].d};
}

void ran_free(struct ran *r)
{
    free(r->out);
    free(r->err);
    r->out = r->err = NULL;
}

bool is_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return end && end > text && end[1] == '\0';
}

void assert_ran(const struct ran *r, int code, const char *err_has)
{
    if (r->code != code || (err_has && !strstr(r->err, err_has))) {
        fail_msg("exit %d, wanted %d with \"%s\"\nstdout: %s\nstderr: %s", r->code, code,
                 err_has ? err_has : "", r->out, r->err);
    }
}

void assert_usage(struct ran r, const char *word, const char *expected)
{
    assert_ran(&r, 2, word);
    assert_ran(&r, 2, expected);
    if (!is_one_line(r.err) || *r.out) {
        fail_msg("expected one line on stderr alone, got\nstdout: %s\nstderr: %s", r.out, r.err);
    }
    ran_free(&r);
}
