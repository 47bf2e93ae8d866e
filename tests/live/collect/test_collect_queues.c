/* Queues, what is in flight, and batches. */
#include "support/unit.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEP "\x06\x16"

static char *fixture(const char *name, size_t *ret_len)
{
    char path[512];
    snprintf(path, sizeof path, REDAI_SOURCE_DIR "/tests/fixtures/celery-5.2/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = calloc(1, 65536);
    *ret_len = fread(text, 1, 65535, f);
    fclose(f);
    return text;
}

static void push(struct server *s, const char *list, const char *name)
{
    size_t len;
    char *element = fixture(name, &len);
    free(
        server_cli_argv(s, 0, 3, (const char *[]){"LPUSH", list, element}, (size_t[]){5, strlen(list), len}));
    free(element);
}

static struct server *start(void)
{
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

struct want {
    const char *name;
    int64_t depth, unacked;
};

static const struct queue *queue(struct watch *w, const char *name)
{
    for (size_t i = 0; i < model_queue_count(w->model); i++) {
        if (strcmp(model_queue_at(w->model, i)->name, name) == 0) {
            return model_queue_at(w->model, i);
        }
    }
    return NULL;
}

static bool queue_is(struct watch *w, void *arg)
{
    const struct want *want = arg;
    const struct queue *q = queue(w, want->name);
    return q && q->depth == want->depth && q->unacked == want->unacked;
}

static void expect_queue(struct watch *w, const char *name, int64_t depth, int64_t unacked)
{
    struct want want = {name, depth, unacked};
    if (!watch_until(w, queue_is, &want, WAIT_MS)) {
        const struct queue *q = queue(w, name);
        fail_msg("queue %s: depth %lld, unacked %lld", name, q ? (long long)q->depth : -9,
                 q ? (long long)q->unacked : -9);
    }
}

static void a_queue__is_the_sum__of_its_priority_lists(void **state)
{
    (void)state;
    struct server *s = start();
    push(s, "celery", "msg-test_redis_task.json");
    push(s, "celery", "msg-batch_generate_questions.json");
    push(s, "celery" SEP "3", "msg-priority-5.json");
    push(s, "celery" SEP "9", "msg-test_redis_task.json");
    struct watch *w = watch_new(s, NULL);
    expect_queue(w, "celery", 4, 0);
    assert_int_equal(queue(w, "celery")->by_priority[0], 2);
    assert_int_equal(queue(w, "celery")->by_priority[1], 1);
    assert_int_equal(queue(w, "celery")->by_priority[2], 0);
    assert_int_equal(queue(w, "celery")->by_priority[3], 1);
    free(server_cli(s, "RPOP", "celery", NULL));
    expect_queue(w, "celery", 3, 0);
    watch_free(w);
    server_stop(s);
}

static void queues__are_found__by_binding_and_by_their_messages(void **state)
{
    (void)state;
    struct server *s = start();
    size_t len;
    char *member = fixture("binding-other-routing-key.bin", &len);
    free(server_cli_argv(s, 0, 3, (const char *[]){"SADD", "_kombu.binding.default2", member},
                         (size_t[]){4, strlen("_kombu.binding.default2"), len}));
    free(member);
    member = fixture("binding-celery.pidbox.bin", &len);
    free(server_cli_argv(s, 0, 3, (const char *[]){"SADD", "_kombu.binding.celery.pidbox", member},
                         (size_t[]){4, strlen("_kombu.binding.celery.pidbox"), len}));
    free(member);
    push(s, "nightly", "msg-test_redis_task.json");
    push(s, "poisoned", "msg-test_redis_task.json");
    free(server_cli(s, "RPUSH", "poisoned", "{}", NULL)); /* it is next */
    free(server_cli(s, "LPUSH", "shopping", "milk", NULL));
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_non_null(queue(w, "nightly")); /* settled: what may be a queue was looked at, and measured */
    assert_int_equal(queue(w, "nightly")->depth, 1);
    expect_queue(w, "default2", 0, 0);
    expect_queue(w, "nightly", 1, 0);
    expect_queue(w, "poisoned", 2, 0); /* by what stands behind the element that is next */
    assert_null(queue(w, "shopping")); /* a list, but no messages in it */
    assert_int_equal(model_queue_count(w->model), 3);
    watch_free(w);
    server_stop(s);
}

static void what_is_in_flight__counts__for_its_queue(void **state)
{
    (void)state;
    struct server *s = start();
    size_t len;
    char *entry = fixture("unacked-entry.json", &len);
    push(s, "celery", "msg-test_redis_task.json");
    free(server_cli_argv(s, 0, 4, (const char *[]){"HSET", "unacked", "tag-1", entry},
                         (size_t[]){4, 7, 5, len}));
    free(server_cli(s, "ZADD", "unacked_index", "1795426374.5", "tag-1", NULL));
    free(entry);
    struct watch *w = watch_new(s, NULL);
    expect_queue(w, "celery", 1, 0);
    expect_queue(w, "analytics", 0, 1); /* known from what is in flight alone */
    assert_int_equal(model_unacked_total(w->model), 1);
    assert_int_equal(model_unacked_oldest_us(w->model), INT64_C(1795426374500000));
    free(server_cli(s, "DEL", "unacked", "unacked_index", NULL));
    expect_queue(w, "analytics", 0, 0);
    watch_free(w);
    server_stop(s);
}

struct state_want {
    const char *id;
    enum batch_state state;
};

static bool batch_is(struct watch *w, void *arg)
{
    const struct state_want *want = arg;
    const struct batch *b = model_batch_find(w->model, span_of(want->id));
    return b && b->state == want->state;
}

static void expect_batch(struct watch *w, const char *id, enum batch_state state)
{
    struct state_want want = {id, state};
    if (!watch_until(w, batch_is, &want, WAIT_MS)) {
        const struct batch *b = model_batch_find(w->model, span_of(id));
        fail_msg("batch %s is %s, not %s", id, b ? batch_state_name[b->state] : "absent",
                 batch_state_name[state]);
    }
}

static void set_result(struct server *s, const char *id, const char *json)
{
    char key[128];
    snprintf(key, sizeof key, "celery-task-meta-%s", id);
    free(server_cli_argv(s, 1, 4, (const char *[]){"SETEX", key, "3600", json},
                         (size_t[]){5, strlen(key), 4, strlen(json)}));
}

static void a_batch__is_followed__to_its_end_in_the_result_database(void **state)
{
    (void)state;
    struct server *s = start();
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    free(server_cli(s, "SETEX", "batch:progress:t1", "600",
                    "{\"current\": 1, \"total\": 4, \"percentage\": 25.0, \"status\": \"in_progress\"}",
                    NULL));
    expect_batch(w, "t1", BATCH_RUNNING);
    assert_int_equal(model_batch_find(w->model, S("t1"))->current, 1);
    /* the key goes: Celery's state answers, as the platform's endpoint does */
    set_result(s, "t1",
               "{\"status\": \"SUCCESS\", \"result\": {\"status\": \"completed\", \"count\": 4}, "
               "\"traceback\": null, "
               "\"children\": [], \"date_done\": \"2026-11-23T09:32:52.502930\", \"task_id\": \"t1\"}");
    free(server_cli(s, "DEL", "batch:progress:t1", NULL));
    expect_batch(w, "t1", BATCH_DONE);

    free(server_cli(s, "SETEX", "batch:progress:t2", "600",
                    "{\"status\": \"failed\", \"error\": \"no luck\"}", NULL));
    expect_batch(w, "t2", BATCH_FAILED);
    assert_string_equal(model_batch_find(w->model, S("t2"))->error, "no luck");

    free(server_cli(s, "SETEX", "batch:progress:t3", "600",
                    "{\"current\": 1, \"total\": 4, \"percentage\": 25.0, \"status\": \"in_progress\"}",
                    NULL));
    expect_batch(w, "t3", BATCH_RUNNING);
    free(server_cli(s, "DEL", "batch:progress:t3", NULL));
    expect_batch(w, "t3", BATCH_LOST); /* no key and no result: said, never called pending */
    watch_free(w);
    server_stop(s);
}

static void a_published_result__moves_a_batch__without_notifications(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    assert_non_null(s);
    free(server_cli(s, "SETEX", "batch:progress:t4", "600",
                    "{\"current\": 1, \"total\": 4, \"percentage\": 25.0, \"status\": \"in_progress\"}",
                    NULL));
    struct watch *w = watch_new(s, NULL);
    expect_batch(w, "t4", BATCH_RUNNING);
    free(server_cli(
        s, "PUBLISH", "celery-task-meta-t4",
        "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"ValueError\", \"exc_message\": [\"bad\"], "
        "\"exc_module\": \"builtins\"}, \"traceback\": null, \"children\": [], \"date_done\": null, "
        "\"task_id\": \"t4\"}",
        NULL));
    expect_batch(w, "t4", BATCH_FAILED);
    watch_free(w);
    server_stop(s);
}

static bool worker_seen(struct watch *w, void *arg)
{
    (void)arg;
    return model_worker_count(w->model) == 1 &&
           strcmp(model_worker_at(w->model, 0)->name, "worker1@demo") == 0;
}

static void a_heartbeat__makes_a_worker_known(void **state)
{
    (void)state;
    struct server *s = start();
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    size_t len;
    char *beat = fixture("event-worker-heartbeat.json", &len);
    free(server_cli_argv(s, 0, 3, (const char *[]){"PUBLISH", "/0.celeryev/worker.heartbeat", beat},
                         (size_t[]){7, strlen("/0.celeryev/worker.heartbeat"), len}));
    free(beat);
    assert_true(watch_until(w, worker_seen, NULL, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue__is_the_sum__of_its_priority_lists),
        cmocka_unit_test(queues__are_found__by_binding_and_by_their_messages),
        cmocka_unit_test(what_is_in_flight__counts__for_its_queue),
        cmocka_unit_test(a_batch__is_followed__to_its_end_in_the_result_database),
        cmocka_unit_test(a_published_result__moves_a_batch__without_notifications),
        cmocka_unit_test(a_heartbeat__makes_a_worker_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
