/* How workers are, by what is heard of them and what they answer; and what queues owe to them. */
#include "story.h"

#include <math.h>

static const struct worker *worker(const struct story *s, const char *name)
{
    const struct worker *w = model_worker_find(s->m, span_of(name));
    assert_non_null(w);
    return w;
}

static void beat(struct story *s, int64_t seconds)
{
    for (int64_t i = 0; i < seconds; i += 2) {
        story_tell(
            s,
            "worker name=w1 event=heartbeat active=1 processed=7 freq=2 load1=0.5 software=\"py-celery 5\"");
        story_wait(s, 2);
    }
}

static void worker__is_unknown__until_it_was_asked(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker_bound names=\"w1\\x06\\x16w2\"");
    assert_int_equal(model_worker_count(s.m), 2);
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_UNKNOWN);
    assert_int_equal(worker(&s, "w1")->beat_us, -1);
    story_tell(&s, "worker_answer name=w1 answered=1 round_trip_us=800");
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ONLINE);
    story_tell(&s, "worker_answer name=w2 answered=0");
    assert_int_equal(worker(&s, "w2")->state, WORKER_STATE_UNKNOWN);
    story_tell(&s, "worker_answer name=w2 answered=0");
    assert_int_equal(worker(&s, "w2")->state, WORKER_STATE_LOST);
    story_end(&s);
}

static void worker__is_a_zombie__when_it_beats_and_does_not_answer(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    beat(&s, 4);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ONLINE);
        story_tell(&s, "worker_answer name=w1 answered=0");
    }
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ONLINE);
    story_wait(&s, 1);
    beat(&s, 2);
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ZOMBIE);
    assert_int_equal(story_alert(&s, "worker-zombie")->state, ALERT_FIRING);
    story_tell(&s, "worker_answer name=w1 answered=1");
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ONLINE);
    story_end(&s);
}

static void worker__is_never_a_zombie__when_it_was_killed(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    beat(&s, 4);
    for (int i = 0; i < 20; i++) {
        story_tell(&s, "worker_answer name=w1 answered=0");
        story_wait(&s, 1);
        assert_int_not_equal(worker(&s, "w1")->state, WORKER_STATE_ZOMBIE);
    }
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_LOST);
    story_end(&s);
}

static void worker__is_lost__when_it_falls_silent(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    beat(&s, 2);
    story_wait(&s, 13);
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ONLINE);
    story_wait(&s, 1);
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_LOST);
    story_wait(&s, 6);
    assert_int_equal(story_alert(&s, "worker-lost")->state, ALERT_FIRING);
    story_end(&s);
}

static void worker__is_not_lost__while_it_cannot_be_heard(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    beat(&s, 2);
    story_tell(&s, "link role=feed state=down");
    story_wait(&s, 40);
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_ONLINE);
    story_end(&s);
}

static void worker__is_offline__when_it_says_so_or_takes_its_mailbox_away(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    beat(&s, 2);
    story_tell(&s, "worker name=w1 event=offline");
    assert_int_equal(worker(&s, "w1")->state, WORKER_STATE_OFFLINE);
    story_tell(&s, "worker_bound names=w2");
    story_tell(&s, "worker_answer name=w2 answered=1");
    story_wait(&s, 1);
    story_tell(&s, "worker_bound names=\"\"");
    assert_int_equal(worker(&s, "w2")->state, WORKER_STATE_OFFLINE);
    story_end(&s);
}

static void worker__tells__how_it_is_made(void **state)
{
    (void)state;
    struct story s;
    const char *const *names = NULL;
    story_begin(&s);
    story_tell(&s, "worker name=w1 event=heartbeat sent_wall_us=%lld",
               (long long)(STORY_WALL_US + s.now_us + 5 * SECOND));
    assert_near(worker(&s, "w1")->clock_offset_s, 5);
    assert_int_equal(worker(&s, "w1")->visibility_s, 3600);
    story_tell(&s, "worker_stats name=w1 pool=prefork concurrency=2 prefetch=8 processed=90 visibility_s=60");
    assert_string_equal(worker(&s, "w1")->pool, "prefork");
    assert_int_equal(worker(&s, "w1")->concurrency, 2);
    assert_int_equal(worker(&s, "w1")->visibility_s, 60);
    story_tell(&s, "worker_names name=w1 tasks=\"b.task 10/m\\x06\\x16a.task\"");
    story_tell(&s, "worker_names name=w2 tasks=\"a.task\"");
    assert_int_equal(model_registered(s.m, &names), 2);
    assert_string_equal(names[0], "a.task");
    assert_string_equal(names[1], "b.task");
    story_end(&s);
}

static void worker__counts__what_it_has_in_hand(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker_answer name=w1 answered=1");
    assert_int_equal(worker(&s, "w1")->running, -1);
    story_tell(&s, "task_held id=a worker=w1 hold=active");
    story_tell(&s, "task_held id=b worker=w1 hold=reserved");
    story_tell(&s, "task_held id=c worker=w1 hold=reserved");
    story_tell(&s, "task_sweep scope=worker name=w1 begun_us=%lld", (long long)s.now_us);
    assert_int_equal(worker(&s, "w1")->running, 1);
    assert_int_equal(worker(&s, "w1")->reserved, 2);
    assert_int_equal(worker(&s, "w1")->scheduled, 0);
    story_end(&s);
}

static void events__are_off__when_work_was_done_and_nothing_told(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker name=w1 event=heartbeat active=2 processed=5 freq=2");
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_UNKNOWN);
    for (int i = 0; i < 60; i++) { /* two long tasks: nothing to tell */
        story_wait(&s, 2);
        story_tell(&s, "worker name=w1 event=heartbeat active=2 processed=5 freq=2");
    }
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_UNKNOWN);
    story_wait(&s, 2);
    story_tell(&s, "worker name=w1 event=heartbeat active=2 processed=6 freq=2");
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_OFF);
    story_tell(&s, "task_event id=a event=started worker=w1 sent_wall_us=1");
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_ON);
    story_tell(&s, "worker name=w1 event=heartbeat active=2 processed=7 freq=2");
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_ON);
    for (int i = 0; i < 60; i++) {
        story_wait(&s, 2);
        story_tell(&s, "worker name=w1 event=heartbeat active=2 processed=7 freq=2");
    }
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_ON);
    story_tell(&s, "worker name=w1 event=online active=0 processed=0 freq=2");
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_UNKNOWN);
    story_end(&s);
}

static void events__stay_unknown__over_a_gap_in_the_heartbeats(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker name=w1 event=heartbeat active=0 processed=5 freq=2");
    story_wait(&s, 60);
    story_tell(&s, "worker name=w1 event=heartbeat active=0 processed=9 freq=2");
    assert_int_equal(worker(&s, "w1")->events, WORKER_EVENTS_UNKNOWN);
    story_end(&s);
}

static void queue__knows__its_consumers_only_when_all_have_told(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=celery depth=1,0,0,0");
    story_tell(&s, "queue name=questions depth=4,0,0,0");
    story_tell(&s, "poll topic=queues");
    assert_int_equal(story_queue(&s, "celery")->consumers, -1);
    story_tell(&s, "worker_answer name=w1 answered=1");
    story_tell(&s, "worker_queues name=w1 queues=celery");
    story_tell(&s, "worker_answer name=w2 answered=1");
    story_wait(&s, 1);
    assert_false(model_consumers_known(s.m));
    assert_int_equal(story_queue(&s, "questions")->consumers, -1);
    story_tell(&s, "worker_queues name=w2 queues=celery");
    story_wait(&s, 1);
    assert_true(model_consumers_known(s.m));
    assert_int_equal(story_queue(&s, "celery")->consumers, 2);
    assert_string_equal(story_queue(&s, "celery")->consumer_names, "w1, w2");
    assert_int_equal(story_queue(&s, "questions")->consumers, 0);
    story_tell(&s, "poll topic=queues");
    story_wait(&s, 0);
    assert_near(story_alert(&s, "queue-unconsumed")->value, 4);
    assert_string_equal(story_alert(&s, "queue-unconsumed")->object, "questions");
    story_end(&s);
}

static void queue__shows__what_is_next_and_what_kills(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=celery depth=2,1,0,0");
    story_tell(&s, "task_message place=list queue=celery step=3 position=0 id=late ref=r3 name=api.late");
    story_tell(&s,
               "task_message place=list queue=celery position=0 ref=r1 fate=kills_lost reason=\"no JSON\"");
    const struct queue *q = story_queue(&s, "celery");
    assert_int_equal(q->next.kind, TARGET_MESSAGE);
    assert_int_equal(q->next_since_us, STORY_START);
    assert_int_equal(q->poison, 1);
    story_wait(&s, 1);
    story_tell(&s, "task_sweep scope=list name=celery begun_us=%lld", (long long)s.now_us);
    q = story_queue(&s, "celery");
    assert_int_equal(q->next.kind, TARGET_TASK);
    assert_string_equal(q->next_id, "late");
    assert_string_equal(q->next_name, "api.late");
    assert_int_equal(model_tasks_unlisted(s.m), 2);
    story_end(&s);
}

static void tasks__are_grouped__with_runtimes_and_failures(void **state)
{
    (void)state;
    struct story s;
    const struct task_group *g = NULL;
    story_begin(&s);
    for (int i = 1; i <= 19; i++) {
        story_tell(&s, "task_event id=t%d event=received worker=w1 name=api.a retries=0 sent_wall_us=1", i);
        story_tell(&s, "task_event id=t%d event=succeeded worker=w1 runtime_s=%d sent_wall_us=%lld", i, i,
                   (long long)(STORY_WALL_US + s.now_us));
    }
    model_judge(s.m);
    assert_near(story_alert(&s, "tasks-failing")->value, 0);
    story_tell(&s, "task_event id=f event=failed worker=w1 exception=KeyError sent_wall_us=%lld",
               (long long)(STORY_WALL_US + s.now_us));
    assert_int_equal(model_task_groups(s.m, TASK_BY_NAME, &g), 2);
    assert_string_equal(g[0].name, "api.a");
    assert_int_equal(g[0].total, 19);
    assert_near(g[0].p50_s, 10);
    assert_near(g[0].p95_s, 19);
    assert_near(g[0].failure_rate, 0);
    assert_string_equal(g[1].name, "(unknown)");
    assert_int_equal(model_task_groups(s.m, TASK_BY_EXCEPTION, &g), 1);
    assert_string_equal(g[0].example->id, "f");
    int64_t ended = 0;
    assert_near(model_task_failure_rate(s.m, &ended), 5);
    assert_int_equal(ended, 20);
    story_wait(&s, 300);
    assert_true(isnan(model_task_failure_rate(s.m, &ended)));
    story_end(&s);
}

static void tasks__are_capped__and_the_oldest_ended_gives_way(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task_event id=waits event=sent queue=celery");
    story_tell(&s, "task id=first state=SUCCESS");
    for (int i = 0; i < TASKS_MAX - 1; i++) {
        story_tell(&s, "task id=x%d state=FAILURE", i);
    }
    assert_int_equal(model_task_count(s.m), TASKS_MAX);
    assert_null(model_task_find(s.m, S("first")));
    assert_non_null(model_task_find(s.m, S("x0")));
    assert_non_null(model_task_find(s.m, S("waits")));
    assert_int_equal(model_rows_cut(s.m, TOPIC_TASKS), 1);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker__is_unknown__until_it_was_asked),
        cmocka_unit_test(worker__is_a_zombie__when_it_beats_and_does_not_answer),
        cmocka_unit_test(worker__is_never_a_zombie__when_it_was_killed),
        cmocka_unit_test(worker__is_lost__when_it_falls_silent),
        cmocka_unit_test(worker__is_not_lost__while_it_cannot_be_heard),
        cmocka_unit_test(worker__is_offline__when_it_says_so_or_takes_its_mailbox_away),
        cmocka_unit_test(worker__tells__how_it_is_made),
        cmocka_unit_test(worker__counts__what_it_has_in_hand),
        cmocka_unit_test(events__are_off__when_work_was_done_and_nothing_told),
        cmocka_unit_test(events__stay_unknown__over_a_gap_in_the_heartbeats),
        cmocka_unit_test(queue__knows__its_consumers_only_when_all_have_told),
        cmocka_unit_test(queue__shows__what_is_next_and_what_kills),
        cmocka_unit_test(tasks__are_grouped__with_runtimes_and_failures),
        cmocka_unit_test(tasks__are_capped__and_the_oldest_ended_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
