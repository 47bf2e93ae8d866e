/* A day of a healthy platform, with its noise, in fake time: no built-in rule fires. And a while in
 * which a number trembles between what fires and what clears: one alert, not many. */
#include "story.h"

#include <math.h>
#include <stdio.h>

#define DAY_S     86400
#define STEP_S    2
#define RULES_MAX 128
#define FLAP_S    600 /* fired again within ten minutes: it flaps */

/* --- noise, the same each time --- */

static uint64_t seed;

static double noise(double low, double high)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(seed >> 40) / (double)(1 << 24);
}

static bool chance(double of)
{
    return noise(0, 1) < of;
}

/* --- a day --- */

struct day {
    struct story s;
    struct info info;
    int second;
    double wave;        /* 0 at night, 1 at noon */
    int deploy_s;       /* seconds since the last deploy */
    int slow_s, fork_s; /* a pause of the machine, a snapshot under way: seconds left */
    int64_t cpu_us, saved_s, batch;
    double commands, errors, hits, misses, connections, expired;
    int waiting; /* messages in the queue celery */
};

static void apply(struct day *d, struct fact f)
{
    f.at_us = d->s.now_us;
    f.wall_us = STORY_WALL_US + d->s.now_us;
    model_apply(d->s.m, &f);
}

static void count_traffic(struct day *d)
{
    double per_s = noise(0.8, 1.2) * (60 + 1200 * d->wave);
    d->commands += per_s * STEP_S;
    d->errors += per_s * STEP_S * noise(0, 0.01);
    d->hits += per_s * STEP_S * 0.4 * noise(0.8, 0.95);
    d->misses += per_s * STEP_S * 0.4 * noise(0.05, 0.2);
    d->expired += noise(0, 4);
    /* A deploy: all pools are opened anew within seconds. */
    d->connections += noise(0, 2) + (d->deploy_s < 6 ? 80 : 0);
    double busy = d->fork_s > 0 ? 0.9 : 0.05 + 0.3 * d->wave * noise(0.7, 1.3);
    d->cpu_us += (int64_t)(busy * STEP_S * 1e6);
}

static void put_levels(struct day *d)
{
    struct info *i = &d->info;
    i->uptime_in_seconds = 1000000 + d->second;
    i->connected_clients = (int64_t)(40 + 20 * d->wave + noise(-4, 4)) + (d->deploy_s < 8 ? 30 : 0);
    i->maxclients = 10000;
    i->connected_slaves = 0;
    i->blocked_clients = 4 + (int64_t)noise(0, 3);
    i->maxmemory = INT64_C(1) << 30;
    i->used_memory = (int64_t)((350 + 90 * d->wave + noise(-8, 8)) * 1048576);
    i->mem_fragmentation_ratio = noise(1.02, 1.3);
    i->mem_clients_normal = (int64_t)(noise(2, chance(0.01) ? 140 : 10) * 1048576);
    i->loading = 0;
    i->db[0].keys = (int64_t)(20000 + 8000 * d->wave + noise(-200, 200));
    i->db[0].expires = i->db[0].keys - (int64_t)(40 + noise(-8, 8)) - (d->deploy_s < 900 ? 200 : 0);
    i->server_time_usec = STORY_WALL_US + d->s.now_us;
    i->rdb_last_save_time = d->saved_s;
    i->rdb_changes_since_last_save = (int64_t)noise(0, 5000);
    i->rdb_saves = 9;
}

static void put_counters(struct day *d)
{
    struct info *i = &d->info;
    i->total_commands_processed = (int64_t)d->commands;
    i->total_error_replies = (int64_t)d->errors;
    i->keyspace_hits = (int64_t)d->hits;
    i->keyspace_misses = (int64_t)d->misses;
    i->expired_keys = (int64_t)d->expired;
    i->evicted_keys = i->rejected_connections = 0;
    i->client_output_buffer_limit_disconnections = i->client_query_buffer_limit_disconnections = 0;
    i->total_connections_received = (int64_t)d->connections;
    i->used_cpu_sys_main_thread_us = d->cpu_us;
    i->used_cpu_user_main_thread_us = 0;
}

static void tell_server(struct day *d)
{
    if (d->second % 900 == 0) {
        d->fork_s = 6;
        d->saved_s = (STORY_WALL_US + d->s.now_us) / SECOND;
    }
    d->slow_s = d->slow_s > 0 ? d->slow_s - STEP_S : chance(0.002) ? (int)noise(2, 8) : 0;
    d->fork_s -= d->fork_s > 0 ? STEP_S : 0;
    count_traffic(d);
    put_levels(d);
    put_counters(d);
    apply(d, (struct fact){
                 .kind = FACT_SERVER,
                 .server = {.info = d->info,
                            .celery_misses = -1,
                            .round_trip_us = (int64_t)(d->slow_s > 0 ? noise(2e5, 9e5) : noise(200, 2000))}});
    /* Eight commands a second, and a walk every five minutes. */
    static int64_t sent;
    sent += 16 + (d->second % 300 < 10 ? 1500 : 0);
    apply(d, (struct fact){
                 .kind = FACT_COST,
                 .cost = {.commands = sent, .bytes_in = sent * 90, .bytes_out = sent * 30, .budget = 2000}});
}

/* A batch of messages comes at once every half hour and is worked off within two minutes. */
static void tell_queues(struct day *d)
{
    static const char *const names[] = {"celery", "questions", "validation"};
    if (d->second % 1800 == 600) {
        d->waiting = 400;
    }
    d->waiting -= d->waiting > 0 ? (int)noise(4, 10) : 0;
    d->waiting = d->waiting > 0 ? d->waiting : chance(0.3) ? (int)noise(0, 6) : 0;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct fact f = {.kind = FACT_QUEUE,
                         .queue = {.name = span_of(names[i]),
                                   .depth = {i ? (int64_t)noise(0, 4) : d->waiting, 0, 0, 0},
                                   .sources = QUEUE_BOUND,
                                   .unacked = 2}};
        apply(d, f);
    }
    apply(d, (struct fact){.kind = FACT_UNACKED, .unacked = {.total = 4, .oldest_wall_us = -1}});
    apply(d, (struct fact){.kind = FACT_POLL, .poll = {.topic = TOPIC_QUEUES, .ok = true}});
}

/* They restart one after another at a deploy, with a goodbye. */
static void tell_workers(struct day *d)
{
    for (int i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof(name), "w%d", i);
        int since = d->deploy_s - i * 20;
        struct fact f = {.kind = FACT_WORKER,
                         .worker = {.name = span_of(name),
                                    .event = since == 0 ? FACT_WORKER_OFFLINE : FACT_WORKER_HEARTBEAT,
                                    .freq = 2,
                                    .sent_wall_us = -1}};
        if (since < 0 || since == 0 || since > 12) {
            apply(d, f);
        }
        if (d->second % 20 == 0 && (since < 0 || since > 12)) {
            apply(d, (struct fact){
                         .kind = FACT_WORKER_ANSWER,
                         .worker_answer = {.name = span_of(name), .answered = true, .round_trip_us = 900}});
            story_tell(&d->s,
                       "worker_queues name=%s queues=\"celery\\x06\\x16questions\\x06\\x16validation\"",
                       name);
        }
    }
}

static void tell_work(struct day *d)
{
    bool still = d->second % 600 > 60 && d->second % 600 < 100; /* it takes its time now and then */
    if (d->second % 600 == 0) {
        d->batch++;
    }
    int at = still ? 30 : d->second % 600 / 2;
    story_tell(&d->s, "batch id=batch-%lld current=%d total=200 status=%s pttl_ms=600000",
               (long long)d->batch, at < 200 ? at : 200, at < 200 ? "in_progress" : "completed");
    story_tell(&d->s, "poll topic=batches");
    if (d->second % 10 == 0) {
        story_tell(&d->s, "task id=t%d state=%s date_done_us=%lld", d->second,
                   chance(0.04) ? "FAILURE" : "SUCCESS", (long long)(STORY_WALL_US + d->s.now_us));
        story_tell(&d->s, "poll topic=tasks");
        story_tell(&d->s, "slow phase=end total=0 threshold_us=10000");
        story_tell(&d->s, "session id=s%d user_id=u%d created_us=%lld pttl_ms=7200000", d->second,
                   d->second % 700, (long long)(STORY_WALL_US + d->s.now_us));
    }
    int misses = (int)(noise(0, 3) + 4 * d->wave);
    story_tell(&d->s, "key_event event=keymiss key=exam:1 count=%d", misses);
    story_tell(&d->s, "key_event event=set key=exam:1 count=%d", misses);
    if (d->second % 300 == 0) {
        story_tell(&d->s, "census phase=begin expected=20000");
        story_tell(&d->s, "family name=exam keys=12000 sampled=100 sampled_bytes=40000");
        story_tell(&d->s, "family name=session keys=700 sampled=100 sampled_bytes=20000");
        for (int i = d->second - d->second % 10; i > d->second - 7200 && i >= 0; i -= 10) {
            story_tell(&d->s, "session_ttl id=s%d pttl_ms=-2", i);
        }
        story_tell(&d->s, "census phase=end walked=20000");
        story_tell(&d->s, "poll topic=sessions");
        story_tell(&d->s, "poll topic=cache");
    }
}

struct fired {
    size_t times;
    bool now;
    int last_s;
};

/* Counts what fires; two times within ten minutes is a flap. */
static void watch(const struct story *s, struct fired *fired, int second)
{
    const struct rules *rules = model_rules(s->m);
    bool now[RULES_MAX] = {false};
    /* What fires stands first. */
    for (size_t k = 0; k < model_alert_count(s->m); k++) {
        const struct alert *a = model_alert_at(s->m, k);
        if (a->state != ALERT_FIRING) {
            break;
        }
        for (size_t i = 0; i < rules_count(rules); i++) {
            now[i] = now[i] || rules_at(rules, i) == a->rule;
        }
    }
    for (size_t i = 0; i < rules_count(rules); i++) {
        if (now[i] && !fired[i].now) {
            if (fired[i].times > 0 && second - fired[i].last_s < FLAP_S) {
                fail_msg("%s flaps: it fired %d s after it had fired", rules_at(rules, i)->name,
                         second - fired[i].last_s);
            }
            fired[i].times++;
            fired[i].last_s = second;
        }
        fired[i].now = now[i];
    }
}

/* A quiet rule that knows nothing proves nothing. This is no replica, nothing was revoked here, and the
 * users' sets are not read. */
#define UNKNOWN_MOST 4

static size_t count_unknown(const struct story *s)
{
    const struct rules *rules = model_rules(s->m);
    size_t unknown = 0;
    for (size_t i = 0; i < rules_count(rules); i++) {
        unknown += story_alert(s, rules_at(rules, i)->name)->state == ALERT_UNKNOWN;
    }
    return unknown;
}

static void healthy_day__makes_no_alert(void **state)
{
    (void)state;
    struct day d = {0};
    struct fired fired[RULES_MAX] = {0};
    seed = 2026;
    info_clear(&d.info);
    snprintf(d.info.run_id, sizeof(d.info.run_id), "a");
    snprintf(d.info.role, sizeof(d.info.role), "master");
    snprintf(d.info.maxmemory_policy, sizeof(d.info.maxmemory_policy), "noeviction");
    snprintf(d.info.rdb_last_bgsave_status, sizeof(d.info.rdb_last_bgsave_status), "ok");
    snprintf(d.info.aof_last_write_status, sizeof(d.info.aof_last_write_status), "ok");
    story_begin(&d.s);
    story_tell(&d.s, "link role=poll state=up");
    story_tell(&d.s, "link role=feed state=up");
    story_tell(&d.s, "notify state=on");
    assert_true(rules_count(model_rules(d.s.m)) <= RULES_MAX);
    for (d.second = 0; d.second < DAY_S; d.second += STEP_S) {
        d.wave = 0.5 - 0.5 * cos(d.second * 6.283185 / DAY_S);
        int since = d.second < 36000   ? d.second - 36000
                    : d.second < 54000 ? d.second - 36000
                                       : d.second - 54000;
        d.deploy_s = since >= 0 ? since : DAY_S;
        if (d.second == 4 * 3600 || d.second == 4 * 3600 + STEP_S) { /* a blink of the network */
            story_tell(&d.s, "link role=poll state=%s", d.second == 4 * 3600 ? "down" : "up");
        }
        tell_server(&d);
        tell_queues(&d);
        tell_workers(&d);
        tell_work(&d);
        story_wait(&d.s, STEP_S);
        watch(&d.s, fired, d.second);
    }
    assert_true(count_unknown(&d.s) <= UNKNOWN_MOST);
    const struct rules *rules = model_rules(d.s.m);
    for (size_t i = 0; i < rules_count(rules); i++) {
        if (fired[i].times > 0) {
            fail_msg("%s fired %zu times on a healthy day", rules_at(rules, i)->name, fired[i].times);
        }
    }
    story_end(&d.s);
}

/* --- trembling --- */

#define UP_S      400 /* first it is beyond the limit, for longer than most rules ask */
#define TREMBLE_S 1200

struct tremble {
    const char *rule;
    const char *told; /* the fact, up to the number */
    int digits;       /* of it, behind the point */
    const char *rest; /* behind it */
    double low, high; /* then it is between these; low is just beyond the clear level */
    bool adds_up;     /* it counts: the number is what it grows by in a second */
    int up_s;         /* 0: UP_S */
    const char *also; /* counts as well, by 100 a second */
};
static const struct tremble trembles[] = {
    {"memory", "server run_id=a used_memory=", 0, "", 1455. * 1048576, 1620. * 1048576, false, 0, NULL},
    {"memory-high", "server run_id=a maxmemory=1000 used_memory=", 0, "", 751, 850, false, 0, NULL},
    {"memory-full", "server run_id=a maxmemory=1000 used_memory=", 0, "", 851, 960, false, 0, NULL},
    {"fragmentation", "server run_id=a used_memory=209715200 mem_fragmentation_ratio=", 3, "", 1.31, 1.7,
     false, 0, NULL},
    {"clients", "server run_id=a connected_clients=", 0, "", 76, 90, false, 0, NULL},
    {"clients-max", "server run_id=a maxclients=1000 connected_clients=", 0, "", 760, 950, false, 0, NULL},
    {"blocked-clients", "server run_id=a blocked_clients=", 0, "", 6, 16, false, 0, NULL},
    {"client-buffers", "server run_id=a mem_clients_normal=", 0, "", 53e6, 150e6, false, 0, NULL},
    {"latency", "server run_id=a round_trip_us=", 0, "", 60000, 150000, false, 0, NULL},
    {"connection-storm", "server run_id=a total_connections_received=", 0, "", 25, 80, true, 0, NULL},
    {"errors", "server run_id=a total_error_replies=", 0, "", 2.5, 8, true, 0, "total_commands_processed"},
    {"hit-rate", "server run_id=a keyspace_misses=", 0, "", 26, 60, true, 0, "keyspace_hits"},
    {"console-budget", "cost budget=100 commands=", 0, "", 110, 130, true, 0, NULL},
    {"evictions", "server run_id=a evicted_keys=", 0, "", 0, 0.02, true, 0, NULL},
    {"connections-rejected", "server run_id=a rejected_connections=", 0, "", 0, 0.02, true, 0, NULL},
    {"queue-backlog", "queue name=celery depth=", 0, ",0,0,0", 90, 112, false, 0, NULL},
    {"queue-undrained", "queue name=celery depth=", 0, ",0,0,0", 15, 40, false, 1900, NULL},
};

static void tremble(const struct tremble *t)
{
    struct story s;
    struct fired fired[RULES_MAX] = {0};
    double sum = 0;
    size_t times = 0;
    seed = 7;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    story_tell(&s, "worker_answer name=w1 answered=1");
    story_tell(&s, "worker_answer name=w1 answered=0"); /* known, and gone */
    int up_s = t->up_s ? t->up_s : UP_S;
    for (int second = 0; second < up_s + TREMBLE_S; second++) {
        char line[300];
        double value = second < up_s ? t->high : noise(t->low, t->high);
        sum += value;
        int len =
            snprintf(line, sizeof(line), "%s%.*f%s", t->told, t->digits, t->adds_up ? sum : value, t->rest);
        if (t->also) {
            snprintf(line + len, sizeof(line) - (size_t)len, " %s=%d", t->also, second * 100);
        }
        story_tell(&s, "%s", line);
        story_tell(&s, "poll topic=queues");
        story_wait(&s, 1);
        watch(&s, fired, second);
    }
    const struct rules *rules = model_rules(s.m);
    for (size_t i = 0; i < rules_count(rules); i++) {
        times += strcmp(rules_at(rules, i)->name, t->rule) == 0 ? fired[i].times : 0;
    }
    if (times != 1) {
        fail_msg("%s fired %zu times while its number trembled", t->rule, times);
    }
    story_end(&s);
}

static void trembling_number__makes_one_alert(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trembles); i++) {
        tremble(&trembles[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_day__makes_no_alert),
        cmocka_unit_test(trembling_number__makes_one_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
