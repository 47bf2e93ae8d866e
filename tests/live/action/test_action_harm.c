/* What the console removes, moves, purges and sends leaves real workers alive and serving, and what should
 * run runs. */
#include "await.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/schema/message_ref.h"

#define SEP "\x06\x16"

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_listen(s, STAGE_PATIENT_US);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static char *fixture(const char *name, size_t *ret_len)
{
    char path[512];
    char *data = calloc(1, 65536);
    snprintf(path, sizeof path, "%s/tests/fixtures/celery-5.2/handmade/%s", REDAI_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    *ret_len = fread(data, 1, 65535, file);
    fclose(file);
    return data;
}

static void remove__leaves_a_queue_that_harms_no_worker__when_it_was_full_of_poison(void **state)
{
    static const char *const poison[] = {
        "poison-loop-no-body.json",      "poison-loop-no-content-type.json",
        "poison-loop-no-id.json",        "poison-loop-two-element-body.json",
        "poison-lost-empty-object.json", "poison-lost-no-delivery-tag.json",
        "poison-lost-no-exchange.json",  "poison-lost-no-properties.json",
        "poison-lost-not-json.txt",      "discard-bad-eta.json",
        "discard-no-headers.json",
    };
    struct stage *s = *state;
    struct order o;
    char *id = await_order(s, "enqueue api.tasks.echo --args '[\"between\"]'");
    order_init(&o, VERB_REMOVE);
    redisContext *c = server_connect(s->server);
    for (size_t i = 0; i < COUNT_OF(poison); i++) {
        UT_string ref;
        size_t len;
        char *element = fixture(poison[i], &len);
        freeReplyObject(redisCommand(c, i % 2 ? "RPUSH celery %b" : "LPUSH celery %b", element, len));
        utstring_init(&ref);
        message_ref_make(S("celery"), span_make(element, len), &ref);
        order_add(&o, TARGET_MESSAGE, text_span(&ref));
        utstring_done(&ref);
        free(element);
    }
    redisFree(c);
    stage_give(s, &o);
    stage_assert_end(s, ACTION_DONE, "11 of 11 messages removed");
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    await_status(s, id, "SUCCESS");
    await_service(s, worker);
    celery_stop(worker);
    mem_free(id);
}

static void move__lets_the_other_queues_worker_run_it__when_its_own_has_none(void **state)
{
    struct stage *s = *state;
    struct celery *worker = celery_start_on(s->server, "special1@demo", "special");
    assert_non_null(worker);
    char *plain = await_order(s, "enqueue api.tasks.echo --args '[1]'");
    char *urgent = await_order(s, "enqueue api.tasks.echo --kwargs '{\"a\": \"\xc3\xbc\"}' --priority 7");
    char *chain =
        celery_python(s->server, "from celery import chain; from celery_app import echo; "
                                 "r = chain(echo.s(1), echo.s('rest').set(queue='special')).apply_async(); "
                                 "print(r.parent.id, r.id)");
    char *last = strchr(chain, ' ');
    assert_non_null(last);
    *last++ = '\0';
    char *moved = await_order(s, "move %s %s %s --queue special", plain, urgent, chain);
    assert_string_equal(moved, "3");
    await_status(s, plain, "SUCCESS");
    await_status(s, urgent, "SUCCESS");
    await_status(s, chain, "SUCCESS");
    await_status(s, last, "SUCCESS");
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
    assert_true(celery_is_alive(worker));
    celery_stop(worker);
    mem_free(plain);
    mem_free(urgent);
    mem_free(moved);
    free(chain);
}

static char *later;

static void produce(struct stage *s)
{
    later =
        celery_python(s->server, "from celery_app import echo; "
                                 "print(*[echo.apply_async((i,), priority=i % 10).id for i in range(20)])");
}

static void purge__lets_what_came_later_run__when_a_producer_pushes_and_a_worker_takes(void **state)
{
    struct stage *s = *state;
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    char *blocker = await_order(s, "enqueue api.tasks.wait_for_release --args '[\"release:p\"]'");
    await_status(s, blocker, "STARTED");
    char *early =
        celery_python(s->server, "from celery_app import echo; "
                                 "print(*[echo.apply_async((i,), priority=i % 10).id for i in range(50)])");
    s->at_plan = produce;
    char *removed = await_order(s, "purge celery");
    s->at_plan = NULL;
    assert_true(s->outcome == ACTION_DONE);
    assert_non_null(strstr(s->text, "20 came meanwhile and wait"));
    stage_do(s, "RPUSH release:p go");
    char *rest = later;
    for (char *id = strsep(&rest, " "); id; id = strsep(&rest, " ")) {
        await_status(s, id, "SUCCESS");
    }
    /* The worker had prefetched some of the early ones; all others have no result. */
    int64_t ran = 0;
    rest = early;
    for (char *id = strsep(&rest, " "); id; id = strsep(&rest, " ")) {
        char key[128];
        snprintf(key, sizeof key, "celery-task-meta-%s", id);
        const char *argv[] = {"EXISTS", key};
        char *exists = server_cli_argv(s->server, 1, 2, argv, NULL);
        ran += exists[0] == '1';
        free(exists);
    }
    assert_int_equal(ran + strtoll(removed, NULL, 10), 50);
    await_service(s, worker);
    celery_stop(worker);
    mem_free(blocker);
    mem_free(removed);
    free(early);
    free(later);
}

/* All that can be enqueued; each leaves the worker serving. */
static void enqueue__harms_no_worker__when_times_and_ends_are_given(void **state)
{
    static const struct {
        const char *options, *status;
    } cases[] = {
        {"--eta 2020-01-01T00:00:00", "SUCCESS"},
        {"--eta 2020-01-01T00:00:00.5+02:00 --expires 1h", "SUCCESS"},
        {"--expires 1ms --countdown 1", "REVOKED"},
        {"--expires 1d --priority 9", "SUCCESS"},
        {"--countdown 100ms --expires 30s --priority 4 --args '[[], {}, null]'", "SUCCESS"},
    };
    struct stage *s = *state;
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *id = await_order(s, "enqueue api.tasks.echo %s", cases[i].options);
        await_status(s, id, cases[i].status);
        await_service(s, worker);
        mem_free(id);
    }
    celery_stop(worker);
}

int main(void)
{
    server_require();
    celery_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(remove__leaves_a_queue_that_harms_no_worker__when_it_was_full_of_poison),
        TEST(move__lets_the_other_queues_worker_run_it__when_its_own_has_none),
        TEST(purge__lets_what_came_later_run__when_a_producer_pushes_and_a_worker_takes),
        TEST(enqueue__harms_no_worker__when_times_and_ends_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
