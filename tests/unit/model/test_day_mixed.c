/* A day of everything at once in fake time: sessions, sets of users, batches, a quarter of a million tasks,
 * workers whose names never come back, clients, slow commands, traces, storms, hostile names. Each row is
 * new all the time and none stays: what is in use at its end is what was in use when all was full. */
#include "story.h"

#include <malloc.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

enum { DAY_S = 86400, HOUR_S = 3600, STEP_S = 10, FULL_S = 3 * HOUR_S, LIFE_S = HOUR_S };

static size_t heap_bytes(void)
{
#ifdef WATCHED
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

/* What a name can do to a screen; and long, and never the same. */
#define HOSTILE "\\x1b]0;%d\\x07\\xe2\\x80\\xae\\xff\\x00<%d object at 0x7f3a%08x>"

static void tell_levels(struct story *s, int second)
{
    story_tell(
        s,
        "server run_id=a uptime_in_seconds=%d connected_clients=%d used_memory=%d maxmemory=2147483648 "
        "keyspace_hits=%d keyspace_misses=%d total_commands_processed=%d round_trip_us=%d",
        second, 40 + second / 10 % 7, 1540000000 + second % 6000 * 10000, second * 40, second * 9,
        second * 500, 200 + second % 300);
    story_tell(s, "cost commands=%d bytes_out=%d bytes_in=%d", second * 8, second * 300, second * 5000);
    for (int i = 0; i < 3; i++) {
        story_tell(s, "queue name=q%d depth=%d,0,0,0 sources=1", i, second / 10 % (20 + i));
    }
    story_tell(s, "queue name=\"gone-" HOSTILE "\" depth=1,0,0,0 sources=4", second / 600, second / 600,
               (unsigned)(second / 600));
    story_tell(s, "unacked total=%d", second / 10 % 40);
    story_tell(s, "poll topic=queues");
    story_tell(s, "poll topic=batches");
}

static void tell_sessions(struct story *s, int second)
{
    for (int i = second * 2; i < second * 2 + 3; i++) {
        story_tell(s, "key_event event=set key=session:s%d", i);
        story_tell(s, "session id=s%d user_id=u%d name=\"" HOSTILE "\" role=r%d pttl_ms=3600000", i, i % 5000,
                   i, i, (unsigned)i, i % 4);
        int gone = i - LIFE_S * 2;
        story_tell(s, "key_event event=expired key=session:s%d", gone);
        story_tell(s, "session_gone id=s%d reason=%s", gone, gone % 3 ? "expired" : "deleted");
    }
    int user = second / STEP_S % 5000;
    story_tell(s, "user_index phase=begin user_id=u%d", user);
    for (int i = 0; i < 3; i++) {
        story_tell(s, "user_index phase=member user_id=u%d id=s%d", user, second * 2 - i * 700);
    }
    story_tell(s, "user_index phase=end user_id=u%d size=3 pttl_ms=1000", user);
}

static void tell_keys(struct story *s, int second)
{
    for (int i = 0; i < 4; i++) {
        story_tell(s, "key_event event=%s key=\"f%d" HOSTILE ":1\"", i % 2 ? "set" : "keymiss", second + i,
                   second, second, (unsigned)second);
    }
    if (second % 1800 == 0) { /* a storm: for a minute not all is heard */
        story_tell(s, "shed writes=1 misses=1 times=%d held_bytes=%d", second / 1800, second);
        story_tell(s, "key_event event=set count=100000");
    } else if (second % 1800 == 60) {
        story_tell(s, "shed times=%d", second / 1800);
    }
    if (second % 300 == 0) {
        story_tell(s, "census phase=begin expected=1000");
        for (int i = 0; i < 40; i++) {
            story_tell(s, "family name=\"w%d" HOSTILE "\" keys=%d sampled=3 sampled_bytes=900",
                       second / 300 + i, i, i, (unsigned)i, 1 + i);
        }
        for (int i = second * 2 - LIFE_S * 2; i < second * 2; i++) {
            if (i % 20 < 3) {
                story_tell(s, "session_ttl id=s%d", i);
            }
        }
        story_tell(s, "census phase=end walked=1000");
        story_tell(s, "poll topic=sessions");
        story_tell(s, "poll topic=cache");
    }
}

static void tell_batches(struct story *s, int second)
{
    int batch = second / 60;
    int done = second % 60 * 2;
    story_tell(s, "batch id=batch-%d current=%d total=100 status=%s pttl_ms=600000 error=\"" HOSTILE "\"",
               batch, done,
               done < 100        ? "in_progress"
               : batch % 40 == 7 ? "failed"
                                 : "completed",
               batch, batch, (unsigned)batch);
    if (second % 60 == 50) {
        story_tell(s, "batch_gone id=batch-%d reason=expired", batch);
        story_tell(s, "receipt action=enqueue subject=batch-%d outcome=done text=x", batch);
    }
}

/* Fast until there are as many as are kept, then at an even pace. */
static void tell_tasks(struct story *s, int second, int *made)
{
    int more = *made < TASKS_MAX + 5000 ? 14 * STEP_S : 2 * STEP_S;
    char id[40];
    char args[80];
    for (int i = 0; i < more; i++, (*made)++) {
        int len = snprintf(id, sizeof id, "%08x-0000-4000-8000-%012d", (unsigned)*made * 2654435761u, *made);
        int args_len = snprintf(args, sizeof args, "[%d, \"\x1b[2J %d\"]", *made, *made % 977);
        struct fact f = {.kind = FACT_TASK_EVENT,
                         .at_us = s->now_us,
                         .wall_us = STORY_WALL_US + s->now_us,
                         .task_event = {.id = span_make(id, (size_t)len),
                                        .event = TASK_EVENT_STARTED,
                                        .worker = S("celery@pod"),
                                        .name = *made % 50 ? S("api.tasks.grade") : S("api.tasks.other"),
                                        .args = span_make(args, (size_t)args_len),
                                        .retries = 0,
                                        .eta_wall_us = -1,
                                        .expires_wall_us = -1,
                                        .runtime_s = 0.5,
                                        .sent_wall_us = STORY_WALL_US + s->now_us}};
        model_apply(s->m, &f);
        f.task_event.event = *made % 97 ? TASK_EVENT_SUCCEEDED : TASK_EVENT_FAILED;
        f.task_event.text = *made % 97 ? S("'done'") : S("Traceback: ...");
        f.task_event.exception = *made % 97 ? S("") : S("ValueError");
        model_apply(s->m, &f);
    }
    story_tell(s, "poll topic=tasks");
    (void)second;
}

static void tell_workers(struct story *s, int second)
{
    int pod = second / 600;
    story_tell(s, "worker name=celery@pod-%d event=heartbeat active=1 processed=%d freq=2 pid=%d", pod,
               second, second);
    story_tell(s, "worker_bound names=celery@pod-%d", pod);
    if (second % 600 == 590) {
        story_tell(s, "worker name=celery@pod-%d event=%s", pod, pod % 2 ? "offline" : "heartbeat");
    }
    if (second % 60 == 0) {
        story_tell(s, "worker_answer name=celery@pod-%d answered=1 round_trip_us=900", pod);
        story_tell(s, "worker_queues name=celery@pod-%d queues=q0", pod);
        story_tell(s, "worker_names name=celery@pod-%d tasks=api.tasks.t%d", pod, pod);
    }
    story_tell(s, "poll topic=workers");
}

static void tell_lists(struct story *s, int second)
{
    if (second % 60 == 0) {
        for (int i = 0; i < 30; i++) {
            story_tell(
                s, "client phase=row id=%d address=10.0.%d.%d:%d name=\"" HOSTILE "\" command=get memory=%d",
                second + i, second / 60 % 250, i, second, second, i, (unsigned)second, 1000 + i);
        }
        story_tell(s, "client phase=end");
        story_tell(
            s,
            "slow phase=row id=%d wall_us=1763890000000000 duration_us=20000 shape=\"KEYS %d\" text=\"KEYS "
            "" HOSTILE "\" client=10.0.0.1:%d",
            second / 60, second / 60 % 700, second, second, (unsigned)second, second);
        story_tell(s, "slow phase=end total=%d threshold_us=10000", second / 60);
        story_tell(s, "command_stat phase=row name=c%d calls=%d usec=%d", second / 60 % 900, second,
                   second * 3);
        story_tell(s, "command_stat phase=end");
        story_tell(s, "error_stat phase=row name=E%d count=%d", second / 60 % 900, second);
        story_tell(s, "error_stat phase=end");
        story_tell(s, "latency phase=row name=e%d latest_ms=9 max_ms=99", second / 60 % 50);
        story_tell(s, "latency phase=end");
        story_tell(s, "note text=\"" HOSTILE "\"", second, second, (unsigned)second);
    }
    if (second % 300 == 0) {
        story_tell(s, "peek phase=begin kind=session id=s%d label=x", second);
        for (int i = 0; i < 50; i++) {
            story_tell(s, "peek phase=line kind=session id=s%d label=%d text=\"" HOSTILE "\"", second, i,
                       second, i, (unsigned)i);
        }
        story_tell(s, "peek phase=end kind=session id=s%d", second);
        story_tell(s, "mute id=clients reason=\"%d\" until_us=%lld", second,
                   (long long)s->now_us + 60 * SECOND);
    }
    if (second % HOUR_S == 0) {
        story_tell(s, "trace phase=begin ends_at_us=%lld bytes_max=1000", (long long)s->now_us + SECOND);
        for (int i = 0; i < 60; i++) {
            story_tell(s, "trace phase=family name=t%d reads=5 writes=%d hot_key=\"" HOSTILE "\"", second + i,
                       i, second, i, (unsigned)i);
        }
        story_tell(s, "trace phase=end commands=5 bytes=500 text=over");
    }
}

struct span_of_time {
    double sum;
    size_t count, most;
};

static void see(struct span_of_time *t)
{
    size_t bytes = heap_bytes();
    t->sum += (double)bytes;
    t->count++;
    t->most = bytes > t->most ? bytes : t->most;
}

static void a_mixed_day__ends__with_the_memory_that_it_had_when_all_was_full(void **state)
{
    (void)state;
    struct story s;
    struct span_of_time early = {0}, late = {0};
    int made = 0;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    story_tell(&s, "link role=feed state=up");
    story_tell(&s, "notify state=on present=KEAm");
    for (int second = 0; second < DAY_S; second += STEP_S) {
        tell_levels(&s, second);
        tell_sessions(&s, second);
        tell_keys(&s, second);
        tell_batches(&s, second);
        tell_tasks(&s, second, &made);
        tell_workers(&s, second);
        tell_lists(&s, second);
        story_wait(&s, STEP_S);
        if (second >= FULL_S && second < FULL_S + HOUR_S) {
            see(&early);
        } else if (second >= DAY_S - HOUR_S) {
            see(&late);
        }
    }
    double before = early.sum / (double)early.count, after = late.sum / (double)late.count;
    print_message(
        "%d tasks; in use in the fourth hour %.0f KiB (at most %zu), in the last %.0f KiB (at most %zu)\n",
        made, before / 1024, early.most / 1024, after / 1024, late.most / 1024);
    assert_true(made > 200000);
    assert_int_equal(model_task_count(s.m), TASKS_MAX);
    assert_in_range(model_session_count(s.m), 1000, 4000);
    assert_true(model_worker_count(s.m) < 200);
    assert_true(after <= before * 1.03 + 65536);
    assert_true((double)late.most <= (double)early.most * 1.05 + 65536);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mixed_day__ends__with_the_memory_that_it_had_when_all_was_full)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
