#include "unit/schema/fixture.h"

#include "redai/base/base64.h"

#include "redai/schema/inspect.h"

struct seen {
    int stats, queues, tasks, registered;
    struct inspect_stats s;
    struct inspect_task t; /* numbers of the first; spans are gone */
    char *pool, *id, *args, *task_queue, *first, *limit;
};

static void on_stats(void *ctx, const struct inspect_stats *s)
{
    struct seen *seen = ctx;
    seen->stats++;
    seen->s = *s;
    seen->pool = span_dup(s->pool);
}

static void on_queue(void *ctx, struct span name)
{
    struct seen *seen = ctx;
    if (seen->queues++ == 0) {
        seen->first = span_dup(name);
    }
}

static void on_task(void *ctx, const struct inspect_task *t)
{
    struct seen *seen = ctx;
    if (seen->tasks++ == 0) {
        seen->t = *t;
        seen->id = span_dup(t->id);
        seen->args = span_dup(t->args);
        seen->task_queue = span_dup(t->queue);
    }
}

static void on_registered(void *ctx, struct span name, struct span rate_limit)
{
    struct seen *seen = ctx;
    if (seen->registered++ == 0) {
        seen->first = span_dup(name);
        seen->limit = span_dup(rate_limit);
    }
}

static bool ask(struct span element, enum inspect_question q, struct seen *seen, struct inspect_answer *a)
{
    *seen = (struct seen){0};
    struct inspect_visitor v = {on_stats, on_queue, on_task, on_registered, seen};
    return inspect_decode(element, q, &v, a);
}

static void ask_file(const char *file, enum inspect_question q, struct seen *seen, struct inspect_answer *a)
{
    UT_string element;
    fixture_read(file, &element);
    assert_true(ask(text_span(&element), q, seen, a));
    assert_text(a->worker, "worker1@demo");
    assert_int_equal(strlen(a->ticket), 36);
    utstring_done(&element);
}

static bool ask_body(const char *body, enum inspect_question q, struct seen *seen, struct inspect_answer *a)
{
    UT_string element;
    utstring_init(&element);
    utstring_printf(&element, "{\"body\": \"");
    base64_encode(span_of(body), &element);
    utstring_printf(&element, "\", \"properties\": {\"body_encoding\": \"base64\"}}");
    bool good = ask(text_span(&element), q, seen, a);
    utstring_done(&element);
    return good;
}

static void done(struct seen *seen, struct inspect_answer *a)
{
    char *texts[] = {seen->pool, seen->id, seen->args, seen->task_queue, seen->first, seen->limit};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        mem_free(texts[i]);
    }
    inspect_answer_release(a);
}

static void inspect_decode__reads_stats(void **state)
{
    (void)state;
    struct seen seen;
    struct inspect_answer a;
    ask_file("ctl-stats.reply.json", INSPECT_STATS, &seen, &a);
    assert_int_equal(seen.stats, 1);
    assert_text(seen.pool, "prefork");
    assert_true(seen.s.concurrency == 2 && seen.s.processes == 2 && seen.s.prefetch == 13);
    assert_true(seen.s.uptime_s == 33 && seen.s.pid == 23506 && seen.s.processed == 212);
    assert_true(seen.s.visibility_s == -1 && a.rows == -1);
    done(&seen, &a);
}

static void inspect_decode__reads_stats_of_an_unknown_form(void **state)
{
    (void)state;
    struct seen seen;
    struct inspect_answer a;
    assert_true(ask_body("{\"w\": {\"pool\": {\"implementation\": \"celery.concurrency.gevent:TaskPool\", "
                         "\"processes\": 3}, \"total\": [], \"uptime\": -4, \"broker\": "
                         "{\"transport_options\": {\"visibility_timeout\": 7200.0}}}}",
                         INSPECT_STATS, &seen, &a));
    assert_text(seen.pool, "gevent");
    assert_true(seen.s.processes == -1 && seen.s.processed == -1 && seen.s.uptime_s == -1);
    assert_true(seen.s.concurrency == -1 && seen.s.pid == -1 && seen.s.visibility_s == 7200);
    done(&seen, &a);
}

static void inspect_decode__reads_queues_and_registered(void **state)
{
    (void)state;
    struct seen seen;
    struct inspect_answer a;
    ask_file("ctl-active_queues.reply.json", INSPECT_QUEUES, &seen, &a);
    assert_true(seen.queues == 4 && a.rows == 4 && !a.cut);
    assert_text(seen.first, "celery");
    done(&seen, &a);
    ask_file("ctl-registered.reply.json", INSPECT_REGISTERED, &seen, &a);
    assert_true(seen.registered == 12 && a.rows == 12);
    assert_text(seen.first, "api.tasks.analytics.add_scores");
    assert_text(seen.limit, "10/m");
    done(&seen, &a);
}

static void inspect_decode__reads_tasks_of_each_kind(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum inspect_question question;
        enum inspect_hold hold;
        int tasks;
    } samples[] = {
        {"ctl-active.reply.json", INSPECT_ACTIVE, INSPECT_HOLD_ACTIVE, 2},
        {"ctl-reserved.reply.json", INSPECT_RESERVED, INSPECT_HOLD_RESERVED, 6},
        {"ctl-scheduled.reply.json", INSPECT_SCHEDULED, INSPECT_HOLD_SCHEDULED, 1},
        {"ctl-query_task.reply.json", INSPECT_QUERY, INSPECT_HOLD_ACTIVE, 2},
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct seen seen;
        struct inspect_answer a;
        ask_file(samples[i].file, samples[i].question, &seen, &a);
        assert_int_equal(seen.tasks, samples[i].tasks);
        assert_int_equal(a.rows, samples[i].tasks);
        assert_int_equal(seen.t.hold, samples[i].hold);
        assert_int_equal(strlen(seen.id), 36);
        assert_text(seen.task_queue, "analytics");
        assert_true((seen.t.eta_wall_us > 0) == (samples[i].hold == INSPECT_HOLD_SCHEDULED));
        assert_true((seen.t.started_wall_us > 0) == (samples[i].hold == INSPECT_HOLD_ACTIVE));
        assert_true((seen.t.pid > 0) == (samples[i].hold == INSPECT_HOLD_ACTIVE));
        done(&seen, &a);
    }
}

static void inspect_decode__tells_an_error_and_a_ping(void **state)
{
    (void)state;
    struct seen seen;
    struct inspect_answer a;
    ask_file("ctl-ping.reply.json", INSPECT_PING, &seen, &a);
    assert_true(!a.error && a.rows == -1);
    done(&seen, &a);
    assert_true(ask_body("{\"w\": {\"error\": \"KeyError('x')\"}}", INSPECT_QUERY, &seen, &a));
    assert_text(a.error, "KeyError('x')");
    assert_int_equal(seen.tasks, 0);
    done(&seen, &a);
}

static void inspect_decode__bounds_rows_and_arguments(void **state)
{
    (void)state;
    struct seen seen;
    struct inspect_answer a;
    UT_string body;
    utstring_init(&body);
    utstring_printf(&body, "{\"w\": [");
    for (int i = 0; i < INSPECT_ROWS_MAX + 1; i++) {
        utstring_printf(&body, "%s{\"id\": \"%d\", \"args\": \"%01200d\"}", i ? "," : "", i, 0);
    }
    utstring_printf(&body, "]}");
    assert_true(ask_body(body.d, INSPECT_ACTIVE, &seen, &a));
    assert_true(a.cut && a.rows == INSPECT_ROWS_MAX + 1);
    assert_int_equal(seen.tasks, INSPECT_ROWS_MAX);
    assert_int_equal(strlen(seen.args), 1000);
    assert_text(seen.args + 997, "...");
    done(&seen, &a);
    utstring_done(&body);
}

static void inspect_decode__survives_what_is_no_answer(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "7", "[]", "{}", "{\"a\": 1, \"b\": 2}", "{\"\\u0000", "\xff"};
    static const char *const odd[] = {
        "{\"w\": null}", "{\"w\": 7}", "{\"w\": [1, null, {}, [], {\"id\": 5}]}",
        "{\"w\": {\"x\": [], \"y\": [\"active\"], \"z\": [7, {\"id\": \"a\"}]}}",
        "{\"w\": [{\"request\": 7}]}"};
    struct seen seen;
    struct inspect_answer a;
    for (int q = 0; q < INSPECT_COUNT; q++) {
        for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
            assert_false(ask_body(bodies[i], (enum inspect_question)q, &seen, &a));
            assert_null(a.worker);
            done(&seen, &a);
        }
        for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
            assert_true(ask_body(odd[i], (enum inspect_question)q, &seen, &a));
            assert_int_equal(seen.tasks + seen.queues + seen.registered, 0);
            done(&seen, &a);
        }
    }
}

static void inspect_peek__tells_worker_and_ticket(void **state)
{
    (void)state;
    struct inspect_answer a;
    UT_string element;
    fixture_read("ctl-stats.reply.json", &element);
    assert_true(inspect_peek(text_span(&element), &a));
    assert_text(a.worker, "worker1@demo");
    assert_text(a.ticket, "e2da1608-fa9e-4c1e-949c-2578a7e8a8c1");
    inspect_answer_release(&a);
    assert_false(inspect_peek(S("[]"), &a));
    inspect_answer_release(&a);
    utstring_done(&element);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inspect_decode__reads_stats),
        cmocka_unit_test(inspect_decode__reads_stats_of_an_unknown_form),
        cmocka_unit_test(inspect_decode__reads_queues_and_registered),
        cmocka_unit_test(inspect_decode__reads_tasks_of_each_kind),
        cmocka_unit_test(inspect_decode__tells_an_error_and_a_ping),
        cmocka_unit_test(inspect_decode__bounds_rows_and_arguments),
        cmocka_unit_test(inspect_decode__survives_what_is_no_answer),
        cmocka_unit_test(inspect_peek__tells_worker_and_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
