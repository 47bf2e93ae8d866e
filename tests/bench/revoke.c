/* How long a revoke of many sessions, and its undo, hold the server up: what the slow log has, what somebody
 * else's PING waits, and what of the server's CPU it takes. A figure a line, with a tab.
 *
 *     bench_revoke SESSIONS BYTES [undo | no-undo] [probe | no-probe]: the probe has its share of the CPU */
#include "server/server.h"

#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "redai/base/clock.h"

#include "redai/action/runner.h"

enum { USERS = 2000, SAMPLES_MAX = 4000000 };

struct probe {
    struct server *server;
    atomic_bool over;
    int64_t *us;
    size_t count;
};

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

static void *probe_run(void *arg)
{
    struct probe *p = arg;
    redisContext *redis = server_connect(p->server);
    while (!p->over && p->count < SAMPLES_MAX) {
        int64_t begun = clock_mono_us();
        freeReplyObject(redisCommand(redis, "PING"));
        p->us[p->count++] = clock_mono_us() - begun;
        usleep(200);
    }
    redisFree(redis);
    return NULL;
}

static void probe_tell(struct probe *p, const char *what)
{
    size_t above = 0;
    qsort(p->us, p->count, sizeof *p->us, by_size);
    for (size_t i = 0; i < p->count; i++) {
        above += p->us[i] > 2000;
    }
    printf("%s_ping_p50_us\t%lld\n%s_ping_p99_us\t%lld\n%s_ping_max_us\t%lld\n%s_pings\t%zu\n%s_pings_"
           "above\t%zu\n",
           what, (long long)p->us[p->count / 2], what, (long long)p->us[p->count * 99 / 100], what,
           (long long)p->us[p->count - 1], what, p->count, what, above);
}

/* CPU of the server's one thread that serves, in us: what it costs whatever else the machine does. */
static double server_cpu(struct server *s)
{
    double us = 0;
    char *text = server_cli(s, "INFO", "cpu", NULL);
    static const char *const field[] = {"used_cpu_sys_main_thread:", "used_cpu_user_main_thread:"};
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++) {
        const char *at = strstr(text, field[i]);
        us += at ? strtod(at + strlen(field[i]), NULL) * 1e6 : 0;
    }
    free(text);
    return us;
}

struct bench {
    struct server *server;
    bool probed;
    double cpu_us; /* when the plan was made */
    struct runner *runner;
    struct ev_loop *loop;
    struct link *act;
    char *typed;
    bool finished;
};

static void on_plan(void *ctx, const struct plan *plan)
{
    struct bench *b = ctx;
    struct err err;
    b->typed = plan->typed;
    b->cpu_us = server_cpu(b->server);
    runner_confirm(b->runner, plan->typed, &err);
}

static void on_finish(void *ctx, enum action_outcome outcome, const char *text, const char *result)
{
    struct bench *b = ctx;
    (void)result;
    if (outcome != ACTION_DONE) {
        fprintf(stderr, "%s: %s\n", action_outcome_name[outcome], text);
    }
    b->finished = true;
}

static void fill(struct server *s, long sessions, size_t bytes, struct order *o)
{
    redisContext *redis = server_connect(s);
    char *pad = malloc(bytes + 1);
    /* as varied as JSON, so that it is compressed as JSON is */
    for (size_t i = 0; i < bytes; i++) {
        pad[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[rand() % 36];
    }
    pad[bytes] = '\0';
    for (long i = 0; i < sessions; i++) {
        char id[64];
        snprintf(id, sizeof id, "%08ld-0123456789012345678901234567890123", i);
        redisAppendCommand(redis, "SETEX session:%s 86400 {\"user_id\":%ld,\"x\":\"%s\"}", id, i % USERS,
                           pad);
        redisAppendCommand(redis, "SADD user:%ld:sessions %s", i % USERS, id);
        for (int k = 0; k < 2; k++) {
            void *reply;
            redisGetReply(redis, &reply);
            freeReplyObject(reply);
        }
        order_add(o, TARGET_SESSION, span_of(id));
    }
    free(pad);
    redisFree(redis);
}

static void slowest(struct server *s, const char *what)
{
    redisContext *redis = server_connect(s);
    redisReply *log = redisCommand(redis, "SLOWLOG GET 1000");
    long long max = 0;
    for (size_t i = 0; i < log->elements; i++) {
        long long us = log->element[i]->element[2]->integer;
        max = us > max ? us : max;
    }
    printf("%s_slow_entries\t%zu\n%s_slowest_us\t%lld\n", what, log->elements, what, max);
    freeReplyObject(log);
    redisFree(redis);
}

static void run(struct bench *b, struct order *o, const char *what, long sessions)
{
    struct err err;
    b->finished = false;
    while (!link_is_ready(b->act)) {
        ev_run(b->loop, EVRUN_ONCE);
    }
    if (!runner_order(b->runner, o, &err)) {
        fprintf(stderr, "refused: %s\n", err.text);
        exit(1);
    }
    int64_t begun = clock_mono_us();
    while (!b->finished) {
        ev_run(b->loop, EVRUN_ONCE);
    }
    printf("%s_ms\t%.0f\n%s_cpu_us\t%.2f\n", what, (double)(clock_mono_us() - begun) / 1000, what,
           (server_cpu(b->server) - b->cpu_us) / (double)sessions);
}

/* What somebody else meets while it runs. */
static void measure(struct bench *b, struct probe *p, struct order *o, const char *what, long sessions)
{
    pthread_t thread;
    free(server_cli(b->server, "SLOWLOG", "RESET", NULL));
    p->over = false;
    p->count = 0;
    if (b->probed) {
        pthread_create(&thread, NULL, probe_run, p);
    }
    if (o) {
        run(b, o, what, sessions);
    } else {
        for (int64_t until = clock_mono_us() + US_PER_S; clock_mono_us() < until;) {}
    }
    p->over = true;
    if (b->probed) {
        pthread_join(thread, NULL);
        probe_tell(p, what);
    }
    slowest(b->server, what);
}

int main(int argc, char **argv)
{
    long sessions = argc > 1 ? atol(argv[1]) : 10000;
    size_t bytes = argc > 2 ? (size_t)atol(argv[2]) : 300;
    struct server *s = server_start(NULL);
    struct bin_limits limits = bin_limits_default;
    limits.bytes = (size_t)1 << 30;
    struct bin *bin = argc > 3 && strcmp(argv[3], "no-undo") == 0 ? NULL : bin_new(&limits);
    struct bench b = {
        .server = s, .probed = argc < 5 || strcmp(argv[4], "no-probe") != 0, .loop = ev_default_loop(0)};
    struct address address;
    struct order o;
    struct err err;
    struct probe p = {.server = s, .us = malloc(SAMPLES_MAX * sizeof(int64_t))};

    /* Else a busy machine is measured: who is told to wait by the system waits for no command. */
    setpriority(PRIO_PROCESS, (id_t)server_pid(s), -15);
    order_init(&o, VERB_REVOKE_SESSION);
    fill(s, sessions, bytes, &o);
    free(server_cli(s, "CONFIG", "SET", "slowlog-log-slower-than", "500", "slowlog-max-len", "1000", NULL));
    if (!address_parse(&address, server_url(s, 0), &err)) {
        return 1;
    }
    b.act = link_new(b.loop, &(struct link_options){.name = "act", .address = &address, .db = 0});
    link_start(b.act);
    b.runner = runner_new(&(struct runner_options){
        .loop = b.loop, .act = b.act, .bin = bin, .on_plan = on_plan, .on_finish = on_finish, .ctx = &b});
    measure(&b, &p, NULL, "idle", sessions);
    measure(&b, &p, &o, "revoke", sessions);
    if (bin) {
        order_init(&o, VERB_UNDO);
        measure(&b, &p, &o, "undo", sessions);
    }
    runner_free(b.runner);
    link_free(b.act);
    bin_free(bin);
    server_stop(s);
    return 0;
}
