/* Rows of the model as JSON: what is not known is null, and nothing hostile leaves as it came. */
#include "app/rows_json.h"
#include "unit/model/story.h"

#include <jansson.h>

/* decref'd by the caller */
static json_t *object(const UT_string *text)
{
    json_t *root = json_loads(utstring_body(text), 0, NULL);
    if (!root) {
        fail_msg("no JSON: %s", utstring_body(text));
    }
    return root;
}

static json_t *queue(const struct story *s, const char *name)
{
    UT_string out;
    utstring_init(&out);
    rows_json_queue(s->m, story_queue(s, name), &out);
    json_t *root = object(&out);
    utstring_done(&out);
    return root;
}

static json_t *worker(const struct story *s, const char *name)
{
    UT_string out;
    utstring_init(&out);
    const struct worker *w = model_worker_find(s->m, span_of(name));
    assert_non_null(w);
    rows_json_worker(s->m, w, &out);
    json_t *root = object(&out);
    utstring_done(&out);
    return root;
}

static json_t *task(const struct story *s, const char *id)
{
    UT_string out;
    utstring_init(&out);
    const struct task *t = model_task_find(s->m, span_of(id));
    assert_non_null(t);
    rows_json_task(s->m, t, &out);
    json_t *root = object(&out);
    utstring_done(&out);
    return root;
}

static void assert_null_each(const json_t *row, const char *const members[])
{
    for (; *members; members++) {
        if (!json_is_null(json_object_get(row, *members))) {
            fail_msg("%s is not null", *members);
        }
    }
}

static const char *text(const json_t *row, const char *member)
{
    const char *found = json_string_value(json_object_get(row, member));
    return found ? found : "(none)";
}

static void queue__is_null__where_nothing_was_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=celery depth=-1,-1,-1,-1 sources=1 unacked=-1");
    json_t *q = queue(&s, "celery");
    static const char *const unknown[] = {"depth",
                                          "unacked",
                                          "in_per_second",
                                          "out_per_second",
                                          "drain_seconds",
                                          "consumers",
                                          "oldest_delivery_at",
                                          "next_id",
                                          "next_name",
                                          "consumer_names",
                                          NULL};
    assert_null_each(q, unknown);
    assert_true(json_is_null(json_object_get(json_object_get(q, "by_priority"), "3")));
    json_decref(q);
    story_end(&s);
}

static void worker__is_null__before_it_was_asked(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker_bound names=w1");
    json_t *w = worker(&s, "w1");
    static const char *const unknown[] = {"last_heartbeat_seconds",
                                          "last_answer_seconds",
                                          "active",
                                          "processed",
                                          "running",
                                          "reserved",
                                          "scheduled",
                                          "concurrency",
                                          "pool",
                                          "prefetch",
                                          "queues",
                                          "registered",
                                          "clock_offset_seconds",
                                          "round_trip_ms",
                                          "uptime_seconds",
                                          NULL};
    assert_null_each(w, unknown);
    assert_string_equal(text(w, "state"), "unknown");
    assert_true(json_is_true(json_object_get(w, "has_mailbox")));
    json_decref(w);
    story_tell(&s, "worker_answer name=w1 answered=1 round_trip_us=1500");
    story_tell(&s, "worker_queues name=w1 queues=\"\"");
    w = worker(&s, "w1");
    assert_string_equal(text(w, "state"), "online");
    assert_int_equal(json_array_size(json_object_get(w, "queues")), 0); /* it has told: none */
    assert_true(json_is_array(json_object_get(w, "queues")));
    assert_near(json_real_value(json_object_get(w, "round_trip_ms")), 1.5);
    json_decref(w);
    story_end(&s);
}

static void task__tells_what_its_message_told_and_no_more(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s,
               "task_message id=a place=list queue=celery step=0 position=0 ref=r1 name=api.t args=\"[1]\" "
               "kwargs={} retries=0 priority=-1 eta_wall_us=1763890000000000");
    json_t *t = task(&s, "a");
    static const char *const unknown[] = {"worker",       "started_at", "ended_at",  "runtime_seconds",
                                          "delivered_at", "priority",   "parent_id", "exception",
                                          "message",      "percentage", NULL};
    assert_null_each(t, unknown);
    assert_string_equal(text(t, "state"), "waiting");
    assert_string_equal(text(t, "source"), "list");
    assert_string_equal(text(t, "args"), "[1]");
    assert_string_equal(text(t, "eta"), "2025-11-23T09:26:40Z");
    assert_int_equal(json_array_size(json_object_get(t, "sources")), 1);
    assert_int_equal(json_integer_value(json_object_get(t, "retries")), 0);
    json_decref(t);
    story_end(&s);
}

static void task__keeps_its_id_for_acting__and_escapes_what_is_hostile(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s,
               "task_message id=\"a\\x1b[31m\" place=list queue=celery step=0 ref=r1 name=\"x\\x1b]0;t\" ");
    UT_string out;
    utstring_init(&out);
    rows_json_task(s.m, model_task_find(s.m, S("a\x1b[31m")), &out);
    assert_null(strchr(utstring_body(&out), '\x1b'));
    json_t *t = object(&out);
    assert_string_equal(text(t, "id"), "a\x1b[31m");
    json_decref(t);
    utstring_done(&out);
    story_end(&s);
}

static void counts__are_null__before_tasks_were_read(void **state)
{
    (void)state;
    struct story s;
    UT_string out;
    story_begin(&s);
    utstring_init(&out);
    rows_json_task_counts(s.m, &out);
    assert_string_equal(utstring_body(&out), "\"tasks\":null");
    story_tell(&s, "poll topic=tasks ok=1");
    utstring_clear(&out);
    rows_json_task_counts(s.m, &out);
    assert_non_null(strstr(utstring_body(&out), "\"running\":0"));
    utstring_done(&out);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue__is_null__where_nothing_was_read),
        cmocka_unit_test(worker__is_null__before_it_was_asked),
        cmocka_unit_test(task__tells_what_its_message_told_and_no_more),
        cmocka_unit_test(task__keeps_its_id_for_acting__and_escapes_what_is_hostile),
        cmocka_unit_test(counts__are_null__before_tasks_were_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
