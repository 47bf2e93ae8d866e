/* Every state of a task as people see it, with a real worker: in the listing of the shell and on the screen,
 * with task events off and on. The worker is started as the platform does: it consumes the queue celery
 * alone.
 */
#include "live/action/celery.h"
#include "rows.h"
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define NODE "worker1@states"
/* What a producer does, once for all: p(task, arguments..., options...) sends and prints the id. */
#define PRODUCER                                                                                             \
    "from celery_app import *\n"                                                                             \
    "def p(t, *a, **o): print(app.tasks['api.tasks.' + t].apply_async(a, **o).id, flush=True)\n"

struct scene {
    struct server *server;
    struct celery *worker;
};

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->server = stage_server(NULL);
    scene->worker = celery_start(scene->server, NODE);
    *state = scene;
    return scene->worker ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    celery_stop(scene->worker);
    server_stop(scene->server);
    mem_free(scene);
    return 0;
}

static void produce(struct scene *scene, const char *code, struct ids *ids)
{
    ids_take(ids, celery_python(scene->server, code));
}

/* --- tasks that end, each in its way --- */

enum { ENDED_WELL, ENDED_BADLY, ENDED_LATE, ENDED_REJECTED, ENDED_AGAIN, ENDED_COUNT };

static void produce_ends(struct scene *scene, struct ids *ids)
{
    produce(scene,
            PRODUCER "p('echo', 1)\n"
                     "p('fail_until', 'no.such.key', 'zwei')\n"
                     "p('echo', 3, expires=-5)\n"
                     "p('reject')\n"
                     "p('retry_later')\n",
            ids);
    assert_int_equal(ids->count, ENDED_COUNT);
}

/* A rejection is told by an event alone, and its result stays STARTED: the screen tests that. */
static void wait_ends(struct scene *scene, const struct ids *ids)
{
    WAIT_TASKS(scene->server, {.id = ids->id[ENDED_WELL], .state = "succeeded", .member = "source", "result"},
               {.id = ids->id[ENDED_BADLY], .state = "failed", .member = "exception", "ValueError"},
               {.id = ids->id[ENDED_LATE], .state = "revoked"},
               {.id = ids->id[ENDED_AGAIN], .state = "scheduled", .member = "celery_state", "RETRY"});
}

/* --- tasks on their way --- */

enum { WAY_RUNS, WAY_ETA, WAY_HELD, WAY_LAST = WAY_HELD + 4, WAY_P3, WAY_P6, WAY_P9, WAY_DOOMED, WAY_COUNT };

/* The first runs until `gate` is pushed to; three of the others are prefetched by a worker with one process.
 */
static void produce_way(struct scene *scene, struct ids *ids)
{
    produce(scene,
            PRODUCER "p('wait_for_release', 'gate')\n"
                     "p('echo', 'late', countdown=3600)\n"
                     "for i in range(5): p('echo', i)\n"
                     "for i in (3, 6, 9): p('echo', priority=i)\n"
                     "p('echo', 'never', priority=9)\n",
            ids);
    assert_int_equal(ids->count, WAY_COUNT);
}

static void wait_way(struct scene *scene, const struct ids *ids)
{
    WAIT_TASKS(scene->server, {.id = ids->id[WAY_RUNS], .state = "running", .member = "worker", NODE},
               {.id = ids->id[WAY_ETA], .state = "scheduled", .member = "worker", NODE},
               {.id = ids->id[WAY_HELD], .state = "reserved", .member = "worker", NODE},
               {.id = ids->id[WAY_LAST], .state = "waiting", .member = "source", "list"},
               {.id = ids->id[WAY_P3], .state = "waiting", .member = "source", "list"},
               {.id = ids->id[WAY_P6], .state = "waiting", .member = "source", "list"},
               {.id = ids->id[WAY_P9], .state = "waiting", .member = "source", "list"});
}

static int64_t number(const json_t *row, const char *member)
{
    return json_integer_value(json_object_get(row, member));
}

static bool has_scheduled(const json_t *queue, void *ctx)
{
    (void)ctx;
    return number(queue, "scheduled") >= 1;
}

static void assert_priorities(struct scene *scene, const struct ids *ids)
{
    static const struct {
        int task, priority;
    } rows[] = {{WAY_LAST, 0}, {WAY_P3, 3}, {WAY_P6, 6}, {WAY_P9, 9}};
    json_t *tasks = rows_read(scene->server, "tasks", "state:waiting");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const json_t *t = rows_find(tasks, "tasks", ids->id[rows[i].task]);
        assert_int_equal(number(t, "priority"), rows[i].priority);
    }
    json_decref(tasks);
    /* That some are scheduled is known once the worker has answered. */
    json_t *queues = rows_read_when(scene->server, "queues", "celery", has_scheduled, NULL);
    const json_t *q = rows_find(queues, "queues", "celery");
    const json_t *by = json_object_get(q, "by_priority");
    assert_int_equal(number(by, "3"), 1);
    assert_int_equal(number(by, "6"), 1);
    assert_int_equal(number(by, "9"), 2);
    assert_int_equal(number(q, "depth"), number(by, "0") + 4);
    json_decref(queues);
}

static void release(struct scene *scene, const struct ids *ids)
{
    stage_do(scene->server, 0, "LPUSH gate go");
    WAIT_TASKS(scene->server, {.id = ids->id[WAY_RUNS], .state = "succeeded"},
               {.id = ids->id[WAY_HELD], .state = "succeeded"},
               {.id = ids->id[WAY_LAST], .state = "succeeded"}, {.id = ids->id[WAY_P3], .state = "succeeded"},
               {.id = ids->id[WAY_P9], .state = "succeeded"}, {.id = ids->id[WAY_DOOMED], .state = "revoked"},
               {.id = ids->id[WAY_ETA], .state = "scheduled"});
    char code[256];
    snprintf(code, sizeof code,
             "from celery_app import app\n"
             "print(app.AsyncResult('%s').state, app.AsyncResult('%s').state)",
             ids->id[WAY_P9], ids->id[WAY_DOOMED]);
    char *said = celery_python(scene->server, code);
    assert_string_equal(said, "SUCCESS REVOKED");
    free(said);
}

static void listing__has_every_state__with_events_off(void **state)
{
    struct scene *scene = *state;
    struct ids ends, way;
    produce_ends(scene, &ends);
    wait_ends(scene, &ends);
    produce_way(scene, &way);
    wait_way(scene, &way);
    assert_priorities(scene, &way);
    rows_done(VERB(scene->server, "revoke", "task", way.id[WAY_DOOMED]));
    release(scene, &way);
    json_t *workers = rows_read(scene->server, "workers", NULL);
    assert_string_not_equal(rows_text(rows_find(workers, "workers", NODE), "task_events"), "on");
    json_decref(workers);
    ids_free(&ends);
    ids_free(&way);
}

/* The row of one task, alone on the screen, in this state. */
static void see_state(struct pty *p, const char *id, const char *state, const char *why)
{
    char line[128];
    snprintf(line, sizeof line, ":filter %s\r", id);
    seat_do(p, line, ": 1 shown");
    seat_see(p, state);
    seat_see(p, why);
}

static void screen__has_every_state__with_events_on(void **state)
{
    struct scene *scene = *state;
    struct ids ends, way;
    rows_done(VERB(scene->server, "worker", "events", "on"));
    struct pty *p = seat_open(scene->server, seat_large, NULL, NULL);
    seat_see(p, "1 worker");
    seat_do(p, "6", "6 tasks ");
    seat_key(p, "+");
    produce_ends(scene, &ends);
    see_state(p, ends.id[ENDED_WELL], "+ succeeded", "echo");
    see_state(p, ends.id[ENDED_BADLY], "x failed", "ValueError");
    see_state(p, ends.id[ENDED_LATE], "- revoked", "TaskRevokedError");
    see_state(p, ends.id[ENDED_REJECTED], "/ rejected", "its worker rejected it");
    see_state(p, ends.id[ENDED_AGAIN], "retry_later", "runs in ");
    wait_ends(scene, &ends); /* to those who heard nothing it looks as without events */
    produce_way(scene, &way);
    see_state(p, way.id[WAY_RUNS], "> running", NODE);
    see_state(p, way.id[WAY_ETA], "@ scheduled", "runs in ");
    see_state(p, way.id[WAY_HELD], ": reserved", NODE);
    see_state(p, way.id[WAY_P9], ". waiting", "celery");
    wait_way(scene, &way);
    rows_done(VERB(scene->server, "revoke", "task", way.id[WAY_DOOMED]));
    release(scene, &way);
    see_state(p, way.id[WAY_RUNS], "+ succeeded", NODE);
    see_state(p, way.id[WAY_P9], "+ succeeded", NODE);
    see_state(p, way.id[WAY_DOOMED], "- revoked", "echo");
    seat_quit(p);
    ids_free(&ends);
    ids_free(&way);
}

/* --- messages of every make --- */

/* Nobody consumes odd; then the worker is asked to. What it drops leaves nothing, and is not called pending.
 */
static void messages__are_told_by_their_make__before_and_after_a_worker_took_them(void **state)
{
    enum { PICKLED, YAML, ZIPPED, OLD };
    struct scene *scene = *state;
    struct server *s = scene->server;
    struct ids ids;
    produce(scene,
            PRODUCER "app.conf.accept_content = ['json', 'pickle', 'yaml']\n"
                     "p('echo', 'pickled', queue='odd', serializer='pickle')\n"
                     "p('echo', 'yaml', queue='odd', serializer='yaml')\n"
                     "p('echo', 'zipped', queue='odd', compression='zlib')\n"
                     "from celery.app.amqp import AMQP\n"
                     "app.conf.task_protocol = 1\n"
                     "app.amqp = AMQP(app)\n"
                     "p('echo', 'old', queue='odd')\n",
            &ids);
    WAIT_TASKS(s, {.id = ids.id[PICKLED], .state = "waiting", .flag = "dropped"},
               {.id = ids.id[YAML], .state = "waiting", .flag = "dropped"},
               {.id = ids.id[ZIPPED], .state = "waiting", .member = "name", "api.tasks.echo", "unconsumed"},
               {.id = ids.id[OLD], .state = "waiting", .member = "name", "api.tasks.echo", "unconsumed"});
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "6", "4 waiting");
    seat_key(p, "+");
    see_state(p, ids.id[PICKLED], ". waiting", "! a worker will discard");
    see_state(p, ids.id[ZIPPED], ". waiting", "nobody consumes odd");
    rows_done(VERB(s, "worker", "consume", "odd"));
    WAIT_TASKS(s, {.id = ids.id[ZIPPED], .state = "succeeded"}, {.id = ids.id[OLD], .state = "succeeded"});
    see_state(p, ids.id[ZIPPED], "+ succeeded", "zipped");
    see_state(p, ids.id[PICKLED], "? unknown", "in no list");
    seat_quit(p);
    rows_done(VERB(s, "worker", "cancel", "odd"));
    assert_true(celery_is_alive(scene->worker));
    ids_free(&ids);
}

int main(void)
{
    server_require();
    celery_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listing__has_every_state__with_events_off),
        cmocka_unit_test(screen__has_every_state__with_events_on),
        cmocka_unit_test(messages__are_told_by_their_make__before_and_after_a_worker_took_them),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
