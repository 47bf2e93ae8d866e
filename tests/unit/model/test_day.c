/* A day of a noisy platform in fake time: alerts must not flap, and memory must not grow. */
#include "story.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>

#define DAY_S  86400
#define STEP_S 2

struct noise {
    uint64_t seed;
};

static unsigned roll(struct noise *n, unsigned below)
{
    n->seed = n->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(n->seed >> 33) % below;
}

/* Around the middle of value and clear level, now and then over the value for a while. */
static int clients_at(struct noise *n, int second)
{
    bool wave = second % 14400 < 1800; /* half an hour in four: six real alerts a day */
    return (wave ? 84 : 70) + (int)roll(n, 7) - 3;
}

struct counters {
    long hits, misses, evicted, expired, commands;
};

static void tell_server(struct story *s, struct noise *n, struct counters *c, int second)
{
    c->hits += 40 + roll(n, 20);
    c->misses += 12 + roll(n, 8); /* some 77 %, between clear level and better */
    c->expired += roll(n, 3);
    c->commands += 500;
    story_tell(
        s,
        "server run_id=a uptime_in_seconds=%d connected_clients=%d used_memory=%u maxmemory=2147483648 "
        "keyspace_hits=%ld keyspace_misses=%ld evicted_keys=0 expired_keys=%ld total_commands_processed=%ld "
        "instantaneous_ops_per_sec=%u round_trip_us=%u",
        second, clients_at(n, second), 1540000000 + roll(n, 60000000), c->hits, c->misses, c->expired,
        c->commands, 480 + roll(n, 40), 200 + roll(n, 300));
    story_tell(s, "cost commands=%d bytes_out=%d bytes_in=%d", second * 8, second * 300, second * 5000);
}

static void tell_queues(struct story *s, struct noise *n, int second)
{
    for (int i = 0; i < 5; i++) {
        /* sways around a hundred: full enough for the rule, yet it shrinks again within a minute */
        int depth = 100 + (int)(60 * sin(second / 10.0 + i)) + (int)roll(n, 20);
        story_tell(s, "queue name=q%d depth=%d,%u,0,0", i, depth, roll(n, 3));
    }
    story_tell(s, "unacked total=%u", roll(n, 40));
    story_tell(s, "poll topic=queues");
}

static void tell_work(struct story *s, struct noise *n, int second)
{
    int batch = second / 120;
    int step = second % 120;
    story_tell(s, "session id=session-%u user_id=%u name=n%u role=r%u pttl_ms=%u", roll(n, 100000),
               roll(n, 500), roll(n, 100), roll(n, 4), 1000000 + roll(n, 1000000));
    story_tell(s, "key_event event=%s key=exam%u:%u", roll(n, 2) ? "set" : "keymiss", roll(n, 700),
               roll(n, 1000));
    story_tell(s, "batch id=batch-%d current=%d total=100 status=%s pttl_ms=600000", batch,
               step < 100 ? step : 100,
               step < 100        ? "in_progress"
               : batch % 40 == 7 ? "failed"
                                 : "completed");
    if (step == 120 - STEP_S) {
        story_tell(s, "batch_gone id=batch-%d reason=expired", batch);
        story_tell(s, "receipt action=enqueue subject=batch-%d outcome=done text=x", batch);
        story_tell(s, "worker name=w%d event=heartbeat", batch);
    }
    if (second % 60 == 0) {
        story_tell(s, "census phase=begin expected=1000");
        story_tell(s, "family name=exam%u keys=%u sampled=1", roll(n, 700), roll(n, 1000));
        for (unsigned i = 0; i < 1000; i += 1 + roll(n, 3)) {
            story_tell(s, "session_ttl id=session-%u", i);
        }
        story_tell(s, "census phase=%s walked=1000", second / 60 % 5 == 4 ? "abandoned" : "end");
        story_tell(s, "poll topic=sessions");
        story_tell(s, "poll topic=cache");
    }
    story_tell(s, "poll topic=batches");
}

static void day__passes__without_flapping_or_growing(void **state)
{
    (void)state;
    struct story s;
    struct noise n = {2026};
    struct counters c = {0};
    size_t fired[128] = {0};
    bool firing[128] = {false};
    size_t most_early = 0, most_later = 0;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    story_tell(&s, "link role=feed state=up");
    story_tell(&s, "notify state=on");
    const struct rules *rules = model_rules(s.m);
    for (int second = 0; second < DAY_S; second += STEP_S) {
        tell_server(&s, &n, &c, second);
        tell_queues(&s, &n, second);
        tell_work(&s, &n, second);
        story_wait(&s, STEP_S);
        for (size_t i = 0; i < rules_count(rules); i++) {
            bool now = story_alert(&s, rules_at(rules, i)->name)->state == ALERT_FIRING;
            fired[i] += now && !firing[i];
            firing[i] = now;
        }
        size_t used = mallinfo2().uordblks;
        size_t *most = second < DAY_S / 4 ? &most_early : &most_later;
        *most = used > *most ? used : *most;
        assert_true(model_session_count(s.m) < 3000);
        assert_true(model_family_count(s.m) <= 501);
        assert_true(model_batch_count(s.m) <= 17);
        assert_true(model_worker_count(s.m) <= 31);
        assert_int_equal(model_queue_count(s.m), 5);
    }
    for (size_t i = 0; i < rules_count(rules); i++) {
        const char *name = rules_at(rules, i)->name;
        size_t expected = strcmp(name, "clients") == 0           ? 6
                          : strcmp(name, "batch-failed") == 0    ? 18
                          : strcmp(name, "queue-undrained") == 0 ? 1 /* some forty wait at any time */
                          : strcmp(name, "worker-lost") == 0     ? 1 /* they beat once and say no more */
                                                                 : 0;
        if (fired[i] != expected) {
            fail_msg("%s fired %zu times, not %zu", name, fired[i], expected);
        }
    }
    print_message("most in use: first six hours %zu KiB, rest of the day %zu KiB\n", most_early / 1024,
                  most_later / 1024);
    /* The log of transitions fills during the day: some 1500 of worker-lost alone. */
    assert_true(most_later <= most_early + most_early / 5 + (size_t)ALERT_LOG_MAX * 100);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(day__passes__without_flapping_or_growing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
