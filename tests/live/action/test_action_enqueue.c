/* Enqueuing without a worker: one LPUSH of a checked message, found again where it lies. */
#include "stage.h"

#include <stdlib.h>

#include "redai/base/clock.h"

#include "redai/schema/message.h"

static int set_up(void **state)
{
    *state = stage_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static struct message pushed(struct stage *s, const char *key)
{
    struct message m;
    char *element = server_cli(s->server, "LINDEX", key, "0", NULL);
    assert_non_null(element);
    message_decode(&m, span_of(element));
    free(element);
    return m;
}

static void enqueue__pushes_one_message_where_the_route_says__when_it_is_confirmed(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SADD _kombu.binding.celery x");
    stage_watch(s);
    stage_order(s, "enqueue test message='grüß \"dich\"'");
    char *heard = stage_heard(s);
    const char *looked = "\"LLEN\" \"celery\"\n"
                         "\"LLEN\" \"celery\\x06\\x163\"\n"
                         "\"LLEN\" \"celery\\x06\\x166\"\n"
                         "\"LLEN\" \"celery\\x06\\x169\"\n"
                         "\"EXISTS\" \"_kombu.binding.celery\"\n"
                         "\"SCARD\" \"_kombu.binding.celery.pidbox\"\n"
                         "\"LPUSH\" \"celery\" \"{";
    assert_memory_equal(heard, looked, strlen(looked));
    assert_null(strstr(strstr(heard, "LPUSH") + 1, "LPUSH"));
    free(heard);
    stage_assert_end(s, ACTION_DONE, "queued in celery at position 1");
    struct message m = pushed(s, "celery");
    assert_int_equal(m.fate, MESSAGE_FINE);
    assert_string_equal(m.task, "api.tasks.test_redis_task");
    assert_string_equal(m.args, "[\"gr\xc3\xbc\xc3\x9f \\\"dich\\\"\"]");
    assert_string_equal(m.id, s->out);
    assert_string_equal(s->told[0].task_id, s->out);
    assert_int_equal(s->told[0].batch_total, -1);
    message_release(&m);
    stage_assert_plan(s, "plan     enqueue api.tasks.test_redis_task in celery\n");
    stage_assert_plan(s, "command  LPUSH celery <message of ");
    stage_assert_plan(s, "arguments ('gr\xc3\xbc\xc3\x9f \"dich\"',)\n");
    stage_assert_plan(s, "0 waiting in celery now\n");
    stage_assert_plan(s, "no worker has a mailbox");
    assert_null(strstr(utstring_body(&s->plan), "has no binding"));
    stage_order(s, "enqueue test");
    stage_assert_plan(s, "1 waiting in celery now\n");
    stage_assert_end(s, ACTION_DONE, "queued in celery at position 2");
}

static void enqueue__tells_the_batchs_size__when_it_is_one(void **state)
{
    static const struct {
        const char *line;
        int64_t total;
    } cases[] = {
        {"enqueue batch count=25", 25},
        {"enqueue batch", 10},
        {"enqueue api.tasks.batch_generate_questions --args '[1, 40]'", 40},
        {"enqueue api.tasks.batch_generate_questions --kwargs '{\"exam_id\": 1, \"count\": 50}'", 50},
        {"enqueue api.tasks.batch_generate_questions --args '[1]'", 10},
        {"enqueue api.tasks.batch_generate_questions exam_id=3 count=7", 7},
    };
    struct stage *s = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        stage_order(s, cases[i].line);
        assert_int_equal(s->told[0].batch_total, cases[i].total);
    }
}

static void enqueue__follows_routes_options_and_priority__when_they_are_given(void **state)
{
    struct stage *s = *state;
    stage_order(s, "enqueue api.tasks.analytics.add_scores --args '[2, 3]'");
    stage_assert_plan(s, "in analytics\n");
    stage_assert_plan(s, "no template names this task");
    stage_assert_plan(s, "the queue analytics has no binding: it seems that nobody consumes it");
    assert_int_equal(stage_int(s, "LLEN analytics"), 1);
    stage_order(s, "enqueue test --queue special --priority 7 --countdown 2h");
    assert_int_equal(stage_int(s, "LLEN special\x06\x16"
                                  "6"),
                     1);
    struct message m = pushed(s, "special\x06\x16"
                                 "6");
    assert_string_equal(m.queue, "special");
    assert_int_equal(m.priority, 7);
    assert_non_null(m.eta);
    message_release(&m);
    stage_assert_plan(s, "held longer than 1 h");
    stage_assert_plan(s, "priority 7");
}

static void enqueue__carries_time_and_end__when_they_are_given(void **state)
{
    struct stage *s = *state;
    stage_order(s, "enqueue test --eta 2031-02-03T04:05:06 --expires 2h --priority 5");
    stage_assert_plan(s, "not before 2031-02-03T04:05:06Z\n");
    stage_assert_plan(s, "ends as REVOKED when no worker takes it within 7200 s\n");
    stage_assert_plan(s, "it expires before its time comes: it will not run\n");
    stage_assert_plan(s, "held longer than 1 h");
    stage_assert_plan(s, "priority 5: in the list celery^F^V3 (0 is served first)\n");
    struct message m = pushed(s, "celery\x06\x16"
                                 "3");
    assert_string_equal(m.eta, "2031-02-03T04:05:06.000000+00:00");
    assert_true(m.expires_wall_us > clock_wall_us() + INT64_C(7100000000));
    assert_true(m.expires_wall_us <= clock_wall_us() + INT64_C(7200000000));
    message_release(&m);
    stage_order(s, "enqueue test --eta 2020-01-01T00:00:00+01:00");
    stage_assert_plan(s, "not before 2019-12-31T23:00:00Z, which is past: it runs at once\n");
}

static bool is_registered(void *ctx, const char *task, bool *ret_known)
{
    (void)ctx;
    *ret_known = true;
    return strcmp(task, "api.tasks.echo") == 0;
}

static void enqueue__says_that_no_worker_knows_it__when_workers_have_told_their_names(void **state)
{
    struct stage *s = *state;
    runner_free(s->runner);
    s->options.is_registered = is_registered;
    s->runner = runner_new(&s->options);
    stage_order(s, "enqueue api.tasks.nope");
    stage_assert_plan(
        s, "no worker that was asked knows api.tasks.nope: there it ends as FAILURE NotRegistered\n");
    stage_order(s, "enqueue api.tasks.echo");
    assert_null(strstr(utstring_body(&s->plan), "NotRegistered"));
}

/* A worker that takes the message between the push and the look: the test pops it at the start of each turn.
 */
static void take(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop;
    (void)events;
    struct stage *s = watcher->data;
    char *element = server_cli(s->server, "RPOP", "celery", NULL);
    struct message m;
    message_decode(&m, span_of(element));
    if (m.delivery_tag) {
        stage_do(s, "HSET unacked %s x", m.delivery_tag);
    }
    message_release(&m);
    free(element);
}

static void enqueue__says_that_a_worker_has_it__when_it_lies_in_unacked(void **state)
{
    struct stage *s = *state;
    ev_prepare watcher;
    ev_prepare_init(&watcher, take);
    watcher.data = s;
    ev_prepare_start(s->loop, &watcher);
    stage_order(s, "enqueue test");
    ev_prepare_stop(s->loop, &watcher);
    stage_assert_end(s, ACTION_DONE, "a worker has taken it");
}

static void enqueue__fails_with_the_servers_words__when_it_is_refused(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET celery oops");
    stage_order(s, "enqueue test");
    stage_assert_plan(s, "how many wait in celery could not be read");
    stage_assert_end(
        s, ACTION_FAILED,
        "the server refused it: WRONGTYPE Operation against a key holding the wrong kind of value");
    assert_null(s->out);
    stage_do(s, "DEL celery");
    stage_do(s, "CONFIG SET maxmemory 1");
    stage_order(s, "enqueue test");
    stage_do(s, "CONFIG SET maxmemory 0");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the server refused it: OOM"));
}

static void enqueue__sends_nothing__when_the_message_cannot_be_built(void **state)
{
    struct stage *s = *state;
    struct order o;
    order_init(&o, VERB_ENQUEUE);
    o.task = mem_strdup("api.tasks.test_redis_task");
    o.args = mem_strdup("{\"no\": \"array\"}");
    stage_watch(s);
    stage_give(s, &o);
    char *heard = stage_heard(s);
    assert_string_equal(heard, "");
    free(heard);
    assert_int_equal(s->outcome, ACTION_REFUSED);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(enqueue__pushes_one_message_where_the_route_says__when_it_is_confirmed),
        TEST(enqueue__tells_the_batchs_size__when_it_is_one),
        TEST(enqueue__follows_routes_options_and_priority__when_they_are_given),
        TEST(enqueue__carries_time_and_end__when_they_are_given),
        TEST(enqueue__says_that_no_worker_knows_it__when_workers_have_told_their_names),
        TEST(enqueue__says_that_a_worker_has_it__when_it_lies_in_unacked),
        TEST(enqueue__fails_with_the_servers_words__when_it_is_refused),
        TEST(enqueue__sends_nothing__when_the_message_cannot_be_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
