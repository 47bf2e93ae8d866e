/* Two real Celery workers are asked: what each says, and what Celery itself says of it afterwards. */
#include "await.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/schema/control.h"

#define ONE "worker1@demo"
#define TWO "worker2@demo"

struct scene {
    struct stage *stage;
    struct celery *one, *two;
};

/* What Celery itself says. */
static char *says(struct server *server, const char *code)
{
    char whole[1024];
    snprintf(whole, sizeof whole, "from celery_app import app; %s", code);
    return celery_python(server, whole);
}

/* Which workers hear is seen only by their answers: both subscribe to the same pattern. */
static bool both_hear(struct scene *scene)
{
    char *said = says(scene->stage->server, "print(len(app.control.ping(timeout=20, limit=2)))");
    bool both = strcmp(said, "2") == 0;
    free(said);
    return both;
}

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->stage = stage_new(NULL);
    stage_listen(scene->stage, STAGE_PATIENT_US);
    scene->one = celery_start(scene->stage->server, ONE);
    scene->two = celery_start(scene->stage->server, TWO);
    *state = scene;
    return scene->one && scene->two && both_hear(scene) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    celery_stop(scene->one);
    celery_stop(scene->two);
    stage_free(scene->stage);
    mem_free(scene);
    return 0;
}

static void assert_says(struct scene *scene, const char *code, const char *expected)
{
    char *said = says(scene->stage->server, code);
    assert_string_equal(said, expected);
    free(said);
}

static void assert_told(struct stage *s, const char *node, enum action_outcome outcome, const char *text)
{
    assert_string_equal(stage_told(s, node)->text, text);
    assert_int_equal(stage_told(s, node)->outcome, outcome);
}

/* Both live, a task sent now is done, and no list for answers stays for ever. */
static void assert_serving(struct scene *scene)
{
    struct stage *s = scene->stage;
    assert_true(celery_is_alive(scene->one));
    assert_true(celery_is_alive(scene->two));
    stage_order(s, "enqueue test");
    char *id = mem_strdup(s->out);
    await_status(s, id, "SUCCESS");
    mem_free(id);
    char *boxes = server_cli(s->server, "KEYS", "redai-console.reply.*", NULL);
    for (char *box = strtok(boxes, "\n"); box; box = strtok(NULL, "\n")) {
        assert_true(stage_int(s, "TTL %s", box) > 0);
    }
    free(boxes);
}

static void worker_ping__gets_an_answer_of_each__when_all_are_asked(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "worker ping");
    stage_assert_plan(s, "plan     ping: all workers\n");
    stage_assert_plan(s, "command  PUBLISH /0.celery.pidbox ping({}) to all\n");
    stage_assert_plan(s, ONE "\n");
    stage_assert_plan(s, "it lasts once\n");
    assert_told(s, ONE, ACTION_DONE, "pong");
    assert_told(s, TWO, ACTION_DONE, "pong");
    stage_assert_end(s, ACTION_DONE, "ping: 2 of 2 workers");
    assert_string_equal(s->out, "2");
    /* Nobody is left who could answer. */
    char *boxes = server_cli(s->server, "KEYS", "redai-console.reply.*", NULL);
    assert_string_equal(boxes, "");
    free(boxes);
    assert_serving(scene);
}

static void worker_ping__fails__when_the_worker_is_none(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "worker ping --on nobody@demo");
    stage_assert_plan(s, "nobody@demo: it has no mailbox, and seems not to run\n");
    assert_told(s, "nobody@demo", ACTION_FAILED, "it has no mailbox and did not answer: it seems not to run");
    assert_int_equal(s->count, 1);
    assert_serving(scene);
}

static void worker_events__go_on_and_off__when_they_are_told(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "events on --on " ONE);
    stage_assert_plan(s, "about 1.8 kB a task");
    stage_assert_plan(s, "it lasts until the worker restarts\n");
    assert_told(s, ONE, ACTION_DONE, "task events enabled");
    assert_int_equal(s->count, 1);
    assert_says(scene,
                "print(app.control.broadcast('enable_events', reply=True, timeout=20, destination=['" ONE
                "']))",
                "[{'" ONE "': {'ok': 'task events already enabled'}}]");
    stage_order(s, "worker events off");
    assert_told(s, ONE, ACTION_DONE, "task events disabled");
    assert_told(s, TWO, ACTION_DONE,
                "task events already disabled; when it was started with -E it goes on sending them");
    assert_says(scene,
                "print(app.control.broadcast('disable_events', reply=True, timeout=20, destination=['" ONE
                "']))",
                "[{'" ONE "': {'ok': 'task events already disabled'}}]");
    assert_serving(scene);
}

#define PROCESSES                                                                                            \
    "print(*[len(s['pool']['processes']) for s in [(app.control.inspect(['%s'], timeout=20)"                 \
    ".stats() or {}).get('%s')] if s])"

struct pool {
    struct scene *scene;
    const char *node;
    int wanted;
};

static bool has_processes(void *ctx)
{
    const struct pool *p = ctx;
    char code[256];
    snprintf(code, sizeof code, PROCESSES, p->node, p->node);
    char *said = says(p->scene->stage->server, code);
    bool is_so = *said && strtol(said, NULL, 10) == p->wanted;
    free(said);
    return is_so;
}

/* What Celery itself counts, in the end. */
static void await_processes(struct scene *scene, const char *node, int wanted)
{
    struct pool p = {.scene = scene, .node = node, .wanted = wanted};
    if (!wait_for(has_processes, &p)) {
        fail_msg("%s has not come to %d processes", node, wanted);
    }
}

/* Each with one process, whatever an earlier test has left. */
static void need_one_process(struct scene *scene)
{
    const char *const nodes[] = {ONE, TWO};
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        char code[256];
        snprintf(code, sizeof code,
                 "n = len(app.control.inspect(['%s'], timeout=20).stats()['%s']['pool']['processes']); "
                 "n > 1 and app.control.pool_shrink(n - 1, destination=['%s'])",
                 nodes[i], nodes[i], nodes[i]);
        free(says(scene->stage->server, code));
        await_processes(scene, nodes[i], 1);
    }
}

/* What was told of a pool that had `from` processes and shall have `to`: all of it, or that it has begun.
 * Celery starts processes when it next looks after its pool, which a busy machine delays as long as it likes.
 */
static void assert_pool_told(struct stage *s, const char *said, int from, int to)
{
    const struct told *receipt = stage_told(s, ONE);
    char whole[160], begun[160];
    const char *rest;

    snprintf(whole, sizeof whole, "%s; now %d process%s, and %d tasks are taken ahead", said, to,
             to == 1 ? "" : "es", to * 4);
    snprintf(begun, sizeof begun, "%s; it takes %d tasks ahead instead of %d, and has ", said, to * 4,
             from * 4);
    assert_int_equal(receipt->outcome, ACTION_DONE);
    if (strcmp(receipt->text, whole) != 0) {
        assert_memory_equal(receipt->text, begun, strlen(begun));
        rest = receipt->text + strlen(begun);
        int has = (int)strtol(rest, (char **)&rest, 10);
        assert_in_range(has, from < to ? from : to + 1, from < to ? to - 1 : from);
        assert_string_equal(rest, has == 1 ? " process so far" : " processes so far");
    }
}

static void worker_pool__grows_and_shrinks__when_it_is_told_to(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    need_one_process(scene);
    stage_order(s, "worker grow 2 --on " ONE);
    stage_assert_plan(s, ONE ": 1 process, then 3\n");
    assert_pool_told(s, "pool will grow", 1, 3);
    await_processes(scene, ONE, 3);
    assert_serving(scene);
    stage_order(s, "worker shrink 2 --on " ONE);
    stage_assert_plan(s, ONE ": 3 processes, then 1\n");
    assert_pool_told(s, "pool will shrink", 3, 1);
    await_processes(scene, ONE, 1);
    assert_serving(scene);
}

static void worker_shrink__is_refused__when_no_process_would_be_left(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    need_one_process(scene);
    stage_order(s, "worker shrink 1");
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, " has 1 process: none would be left to work"));
    await_processes(scene, ONE, 1);
    assert_serving(scene);
}

#define QUEUES                                                                                               \
    "print(sorted(q['name'] for q in app.control.inspect(['" ONE "'], timeout=20).active_queues()['" ONE     \
    "']))"

static void worker_consume__serves_a_queue_more__until_it_is_cancelled(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "enqueue test --queue nightly --priority 9");
    char *id = mem_strdup(s->out);
    stage_order(s, "worker consume nightly --on " ONE);
    assert_told(s, ONE, ACTION_DONE, "add consumer nightly");
    await_status(s, id, "SUCCESS");
    mem_free(id);
    assert_says(scene, QUEUES, "['celery', 'nightly']");
    stage_order(s, "worker cancel nightly --on " ONE);
    assert_told(s, ONE, ACTION_DONE, "no longer consuming from nightly");
    assert_says(scene, QUEUES, "['celery']");
    assert_serving(scene);
}

static void worker_consume__is_refused__when_it_would_end_the_worker(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_do(s, "SET text x");
    stage_do(s, "LPUSH poisoned {}");
    stage_order(s, "worker consume text");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_REFUSED, "it is no list but a string: a worker would fail on it");
    stage_order(s, "worker consume poisoned");
    assert_false(s->planned);
    assert_non_null(strstr(s->text, "1 of the next 1 would make a worker exit ("));
    stage_order(s, "enqueue test --queue hidden"); /* a good one is next, poison stands behind it */
    stage_do(s, "LPUSH hidden {} {}");
    stage_order(s, "worker consume hidden --on " ONE);
    assert_false(s->planned);
    assert_non_null(strstr(s->text, "2 of the next 3 would make a worker exit ("));
    stage_do(s, "DEL hidden");
    assert_serving(scene);
}

#define LIMITS(item)                                                                                         \
    "print([t for t in app.control.inspect(['" ONE "'], timeout=20).registered('" item "')['" ONE            \
    "'] if 'echo' in t])"

static void worker_rate__limits_one_task__when_it_is_registered(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "worker rate api.tasks.echo 10/m");
    assert_told(s, ONE, ACTION_DONE, "new rate limit set successfully");
    assert_says(scene, LIMITS("rate_limit"), "['api.tasks.echo [rate_limit=10/m]']");
    stage_order(s, "worker rate api.tasks.echo 0");
    assert_told(s, TWO, ACTION_DONE, "new rate limit set successfully");
    assert_says(scene, LIMITS("rate_limit"), "['api.tasks.echo [rate_limit=0]']");
    stage_order(s, "worker rate no.such 5/s");
    assert_told(s, ONE, ACTION_FAILED, "it refused: unknown task");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_serving(scene);
}

/* The consumers' connections: the workers connect anew, as behind a broker that was away. */
static void cut_consumers(struct stage *s)
{
    char *clients = server_cli(s->server, "CLIENT", "LIST", NULL);
    for (char *line = strtok(clients, "\n"); line; line = strtok(NULL, "\n")) {
        if (strstr(line, "cmd=brpop")) {
            stage_do(s, "CLIENT KILL ID %ld", strtol(line + strlen("id="), NULL, 10));
        }
    }
    free(clients);
}

static void worker_limit__says_when_it_will_hold__when_it_is_set(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "worker limit api.tasks.wait_for_release none 1s");
    stage_assert_plan(s, "limit: it notes the limits; Celery 5 holds tasks to them only when");
    assert_told(
        s, ONE, ACTION_DONE,
        "time limits set successfully; Celery 5 holds tasks to them only when the worker has connected anew");
    cut_consumers(s);
    stage_order(s, "enqueue api.tasks.wait_for_release --args '[\"release:limit\"]'");
    char *id = mem_strdup(s->out);
    await_status(s, id, "FAILURE");
    char code[256];
    snprintf(code, sizeof code, "print(type(app.AsyncResult('%s').result).__name__)", id);
    assert_says(scene, code, "TimeLimitExceeded");
    mem_free(id);
    stage_order(s, "worker limit api.tasks.wait_for_release none none");
    assert_int_equal(stage_told(s, TWO)->outcome, ACTION_DONE);
    stage_order(s, "worker limit api.tasks.echo 30 60");
    assert_says(scene, LIMITS("time_limit"), "['api.tasks.echo [time_limit=60.0]']");
    stage_order(s, "worker limit api.tasks.echo none none");
    assert_says(scene, LIMITS("time_limit"), "['api.tasks.echo']");
    assert_serving(scene);
}

/* One that was asked for has freq 5, not the two seconds of the others. */
static void worker_heartbeat__is_published_at_once__when_it_is_asked_for(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    redisContext *c = server_connect(s->server);
    redisReply *reply = redisCommand(c, "SUBSCRIBE /0.celeryev/worker.heartbeat");
    freeReplyObject(reply);
    stage_order(s, "worker heartbeat --on " TWO);
    assert_told(s, TWO, ACTION_DONE, "it answered");
    bool there = false;
    for (int i = 0; i < 100 && !there; i++) {
        struct worker_beat b;
        assert_int_equal(redisGetReply(c, (void **)&reply), REDIS_OK);
        if (worker_beat_decode(&b, span_make(reply->element[2]->str, reply->element[2]->len))) {
            there = b.freq == 5 && strcmp(b.hostname, TWO) == 0;
        }
        worker_beat_release(&b);
        freeReplyObject(reply);
    }
    assert_true(there);
    redisFree(c);
    assert_serving(scene);
}

static void worker__is_named__when_it_does_not_answer(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_listen(s, INT64_C(5500000));
    celery_pause(scene->two);
    stage_order(s, "worker ping");
    assert_told(s, ONE, ACTION_DONE, "pong");
    assert_told(s, TWO, ACTION_UNKNOWN, "no answer within 5.5 s: whether it heard it is not known");
    stage_assert_end(s, ACTION_UNKNOWN, "ping: 1 of 2 workers");
    stage_order(s, "revoke task some-task");
    const char *text = stage_told(s, "some-task")->text;
    assert_non_null(strstr(text, "1 of 2 workers heard it: " ONE
                                 " (tasks some-task flagged as revoked); it waits for " TWO
                                 ": whether that one heard it is not known"));
    assert_int_equal(s->outcome, ACTION_UNKNOWN);
    stage_order(s, "worker shrink 1");
    assert_int_equal(s->outcome, ACTION_REFUSED);
    celery_resume(scene->two);
    stage_listen(s, STAGE_PATIENT_US);
    assert_true(both_hear(scene));
    assert_serving(scene);
}

static bool is_left(void *ctx)
{
    return !celery_is_alive(ctx);
}

static void worker_shutdown__stops_that_one__when_its_name_is_typed(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "worker shutdown --on " TWO);
    stage_assert_plan(s, "confirm  type " TWO "\n");
    stage_assert_plan(s, "PUBLISH /0.celery.pidbox shutdown({}) to " TWO "\n");
    assert_told(s, TWO, ACTION_DONE,
                "its mailbox is gone: it takes no more tasks, and exits when those that run have ended");
    assert_true(wait_for(is_left, scene->two));
    assert_true(celery_is_alive(scene->one));
    assert_says(scene, "print([list(a) for a in app.control.ping(timeout=5)])", "[['" ONE "']]");
    stage_order(s, "worker shutdown --on " TWO);
    assert_told(s, TWO, ACTION_FAILED, "it has no mailbox and did not answer: it seems not to run");
    assert_true(celery_is_alive(scene->one));
    celery_stop(scene->two);
    scene->two = celery_start(s->server, TWO);
    assert_non_null(scene->two);
    assert_true(both_hear(scene));
    assert_serving(scene);
}

int main(void)
{
    server_require();
    celery_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_ping__gets_an_answer_of_each__when_all_are_asked),
        cmocka_unit_test(worker_ping__fails__when_the_worker_is_none),
        cmocka_unit_test(worker_events__go_on_and_off__when_they_are_told),
        cmocka_unit_test(worker_pool__grows_and_shrinks__when_it_is_told_to),
        cmocka_unit_test(worker_shrink__is_refused__when_no_process_would_be_left),
        cmocka_unit_test(worker_consume__serves_a_queue_more__until_it_is_cancelled),
        cmocka_unit_test(worker_consume__is_refused__when_it_would_end_the_worker),
        cmocka_unit_test(worker_rate__limits_one_task__when_it_is_registered),
        cmocka_unit_test(worker_limit__says_when_it_will_hold__when_it_is_set),
        cmocka_unit_test(worker_heartbeat__is_published_at_once__when_it_is_asked_for),
        cmocka_unit_test(worker__is_named__when_it_does_not_answer),
        cmocka_unit_test(worker_shutdown__stops_that_one__when_its_name_is_typed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
