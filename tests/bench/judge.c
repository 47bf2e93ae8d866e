/* bench_judge: all rules judged, with as many things as the model keeps: 2 000 queues, 10 000 batches, 1 000
 * workers, 500 families, 100 000 sessions; at rest, and with all rows taken. No server. Lines
 * "what<TAB>figure<TAB>unit" on stdout. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "redai/base/clock.h"

#include "redai/model/model.h"

enum { QUEUES = 2000, BATCHES = 10000, WORKERS = 1000, FAMILIES = 500, SESSIONS = 100000, ROUNDS = 200 };
#define WALL_US INT64_C(1767600000000000)

static struct model *model;
static int64_t now_us = 1000 * US_PER_S;
static UT_string scratch;

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    char line[600];
    struct fact f;
    struct err err;
    va_list args;
    int head = snprintf(line, sizeof(line), "%lld %lld ", (long long)now_us, (long long)(now_us + WALL_US));
    va_start(args, format);
    vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
    va_end(args);
    if (fact_read(&f, span_of(line), &scratch, &err)) {
        model_apply(model, &f);
    } else {
        fprintf(stderr, "%s: %s\n", line, err.text);
    }
}

static void tell_queues(int depth)
{
    for (int i = 0; i < QUEUES; i++) {
        tell("queue name=q%04d depth=%d,0,0,0", i, depth + i % 7);
    }
    tell("poll topic=queues");
}

static void tell_server(void)
{
    tell("server run_id=a used_memory=1000000 maxmemory=9000000 connected_clients=5 maxclients=100 "
         "evicted_keys=0 expired_keys=0 rejected_connections=0 keyspace_hits=1 keyspace_misses=1");
}

static void fill(void)
{
    tell("link role=poll state=up");
    tell_server();
    tell("census phase=begin");
    for (int i = 0; i < FAMILIES; i++) {
        tell("family name=f%d keys=100 sampled=100 sampled_no_ttl=%d sampled_bytes=1000 reprs=%d", i, i % 3,
             i % 5);
    }
    for (int i = 0; i < SESSIONS; i++) {
        tell("session id=s%d user_id=%d pttl_ms=86400000", i, i / 5);
    }
    tell("census phase=end walked=%d", SESSIONS);
    for (int i = 0; i < WORKERS; i++) {
        tell("worker name=celery@w%d event=heartbeat", i);
    }
    for (int i = 0; i < BATCHES; i++) {
        tell("batch id=b%d current=1 total=4 status=in_progress pttl_ms=600000", i);
    }
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void measure(const char *what)
{
    model_judge(model);
    double from = cpu_ms();
    for (int i = 0; i < ROUNDS; i++) {
        now_us += US_PER_MS; /* within one second: what is sampled once a second is not in it */
        model_judge(model);
    }
    printf("%s\t%.3f\tms\n", what, (cpu_ms() - from) / ROUNDS);
}

static void set(const char *name, const char *metric, const char *value)
{
    const char *const word[] = {name, "when", "rate", metric, "over", "1m", ">", value};
    struct err err;
    if (!rules_set(model_rules(model), sizeof(word) / sizeof(word[0]), word, &err)) {
        fprintf(stderr, "%s\n", err.text);
    }
}

int main(void)
{
    model = model_new();
    utstring_init(&scratch);
    fill();
    tell_queues(0);
    measure("judging, nothing amiss");
    for (int i = 0; i <= 70; i++) { /* queues that only grow, batches that stand still, workers gone silent */
        now_us += US_PER_S;
        tell_server();
        tell_queues(200 + i);
        tell("batch id=x current=%d total=100 status=in_progress", i);
        tell("clock");
    }
    measure("judging, every queue, batch and worker amiss");
    printf("rows\t%zu\t\n", model_alert_count(model));
    set("grows", "queue.depth", "5");
    set("ttl", "cache.without_ttl", "5");
    measure("the same with rates of 500 queues and 500 families");
    model_free(model);
    utstring_done(&scratch);
    return 0;
}
