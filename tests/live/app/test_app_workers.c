/* Workers as they really are: what the shell lists of them, what they are asked from shell and console, and
 * what Celery itself says of it afterwards. */
#include "live/action/celery.h"
#include "seat.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define NODE "worker1@app"

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

static struct ran run(struct server *s, const char *const words[])
{
    const char *argv[20];
    size_t n = 0;
    while (words[n]) {
        argv[n] = words[n];
        n++;
    }
    argv[n++] = "--yes";
    argv[n++] = "-u";
    argv[n++] = server_url(s, 0);
    argv[n] = NULL;
    return stage_run(argv, NULL, NULL);
}
#define VERB(s, ...) run(s, (const char *const[]){__VA_ARGS__, NULL})

/* A verb that is done; the first line of stdout, freed by the caller. */
static char *line_of(struct ran r)
{
    assert_ran(&r, 0, "done");
    char *line = span_dup(span_head(span_of(r.out), strcspn(r.out, "\n")));
    ran_free(&r);
    return line;
}

/* One row of a listing, and the object that holds it, decref'd by the caller. */
static const json_t *row(struct server *s, const char *noun, const char *member, const char *value,
                         json_t **ret_root)
{
    struct ran r = RUN(noun, "-u", server_url(s, 0), "--format", "json");
    assert_ran(&r, 0, "");
    *ret_root = json_loads(r.out, 0, NULL);
    assert_non_null(*ret_root);
    ran_free(&r);
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(*ret_root, noun), i, one)
    {
        const char *text = json_string_value(json_object_get(one, member));
        if (text && strcmp(text, value) == 0) {
            return one;
        }
    }
    return NULL;
}

struct looked {
    struct server *s;
    const char *noun, *name;
    const char *list; /* a member that is a list, and how long it is */
    size_t count;
    json_t *root;
    const json_t *row;
};

static bool is_whole(void *ctx)
{
    struct looked *l = ctx;
    json_decref(l->root);
    l->row = row(l->s, l->noun, "name", l->name, &l->root);
    return l->row && json_is_true(json_object_get(l->root, "complete")) &&
           json_array_size(json_object_get(l->row, l->list)) == l->count;
}

/* One row of a listing in whose time all workers answered, and that object, decref'd by the caller. */
static const json_t *whole_row(struct looked look, json_t **ret_root)
{
    if (!wait_for(is_whole, &look)) {
        fail_msg("%s has not %zu %s", look.name, look.count, look.list);
    }
    *ret_root = look.root;
    return look.row;
}

struct wish {
    struct server *s;
    const char *id, *state;
};

static bool task_is(void *ctx)
{
    const struct wish *w = ctx;
    json_t *root;
    const json_t *t = row(w->s, "tasks", "id", w->id, &root);
    const char *state = t ? json_string_value(json_object_get(t, "state")) : "";
    bool is = strcmp(state, w->state) == 0;
    json_decref(root);
    return is;
}

static void wait_task(struct server *s, const char *id, const char *state)
{
    struct wish w = {s, id, state};
    if (!wait_for(task_is, &w)) {
        fail_msg("%s does not become %s", id, state);
    }
}

/* --- looking --- */

static void workers__lists_what_each_answered(void **state)
{
    struct scene *scene = *state;
    json_t *root;
    const json_t *w =
        whole_row((struct looked){scene->server, "workers", NODE, "queues", 1, NULL, NULL}, &root);
    assert_string_equal(json_string_value(json_object_get(w, "state")), "online");
    assert_string_equal(json_string_value(json_object_get(w, "pool")), "prefork");
    assert_int_equal(json_integer_value(json_object_get(w, "concurrency")), 1);
    assert_int_equal(json_integer_value(json_object_get(w, "prefetch")), 4);
    assert_string_equal(json_string_value(json_array_get(json_object_get(w, "queues"), 0)), "celery");
    assert_true(json_array_size(json_object_get(w, "registered")) >= 4);
    json_decref(root);
    char *left = stage_ask(scene->server, 0, "KEYS redai-console*");
    assert_string_equal(left, ""); /* our mailbox went with us */
    free(left);
}

static void queues__names_who_consumes(void **state)
{
    struct scene *scene = *state;
    json_t *root;
    const json_t *q =
        whole_row((struct looked){scene->server, "queues", "celery", "consumer_names", 1, NULL, NULL}, &root);
    assert_int_equal(json_integer_value(json_object_get(q, "consumers")), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(q, "consumer_names"), 0)), NODE);
    json_decref(root);
}

static void tasks__tells_who_runs_what(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    char *id = line_of(VERB(s, "enqueue", "api.tasks.wait_for_release", "--args", "[\"gate\"]"));
    wait_task(s, id, "running");
    json_t *root;
    const json_t *t = row(s, "tasks", "id", id, &root);
    assert_string_equal(json_string_value(json_object_get(t, "worker")), NODE);
    assert_string_equal(json_string_value(json_object_get(t, "name")), "api.tasks.wait_for_release");
    assert_non_null(json_string_value(json_object_get(t, "started_at")));
    assert_true(json_is_null(json_object_get(t, "runtime_seconds")));
    json_decref(root);
    stage_do(s, 0, "LPUSH gate go");
    wait_task(s, id, "succeeded");
    mem_free(id);
}

/* --- asking --- */

static void worker_methods__are_answered_by_name(void **state)
{
    struct scene *scene = *state;
    static const char *const methods[][6] = {
        {"worker", "ping"},
        {"worker", "heartbeat", "--on", NODE},
        {"worker", "rate", "api.tasks.echo", "100/s"},
        {"worker", "limit", "api.tasks.echo", "30", "60"},
        {"worker", "consume", "questions"},
        {"worker", "events", "on"},
    };
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        const char *words[8] = {NULL};
        memcpy(words, methods[i], sizeof methods[i]);
        struct ran r = run(scene->server, words);
        assert_ran(&r, 0, "done");
        assert_non_null(strstr(r.err, NODE));
        ran_free(&r);
        assert_true(celery_is_alive(scene->worker));
    }
    json_t *root;
    whole_row((struct looked){scene->server, "workers", NODE, "queues", 2, NULL, NULL}, &root);
    json_decref(root);
    char *none = line_of(VERB(scene->server, "worker", "cancel", "questions"));
    mem_free(none);
}

static void worker__that_is_not_there__is_told(void **state)
{
    struct scene *scene = *state;
    struct ran r = VERB(scene->server, "worker", "ping", "--on", "nobody@nowhere");
    assert_true(r.code == 1 || r.code == 4);
    assert_non_null(strstr(r.err, "nobody@nowhere"));
    ran_free(&r);
}

/* --- tasks --- */

static void retry__runs_a_failed_task_again_under_a_new_id(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    mem_free(line_of(VERB(s, "worker", "events", "on"))); /* or nothing tells what it had */
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "1 worker");
    char *id = line_of(VERB(s, "enqueue", "api.tasks.batch_generate_questions", "--args", "[7, \"x\"]"));
    seat_do(p, "6", ">");
    seat_do(p, "+", "failed");
    seat_do(p, ":filter state:failed\r", "1 shown");
    seat_do(p, "r", ": do it");
    seat_see(p, "[7,\"x\"]");
    seat_do(p, "y", "done: ");
    seat_see(p, "2 failed"); /* it fails again, as it must */
    seat_quit(p);
    mem_free(id);
}

static void revoke__with_remove__leaves_no_message_behind(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    char *blocker = line_of(VERB(s, "enqueue", "api.tasks.wait_for_release", "--args", "[\"gate\"]"));
    wait_task(s, blocker, "running");
    char *waits = line_of(VERB(s, "enqueue", "api.tasks.analytics.count")); /* a queue that nobody consumes */
    struct ran r = VERB(s, "revoke", "task", waits, "--remove");
    assert_ran(&r, 0, "done");
    ran_free(&r);
    assert_int_equal(stage_number(s, 0, "LLEN analytics"), 0);
    stage_do(s, 0, "LPUSH gate go");
    wait_task(s, blocker, "succeeded");
    mem_free(blocker);
    mem_free(waits);
}

/* --- the console --- */

static void seven_and_m__ask_a_worker_from_a_menu(void **state)
{
    struct scene *scene = *state;
    struct pty *p = seat_open(scene->server, seat_large, NULL, NULL);
    seat_see(p, "1 worker");
    seat_key(p, "7");
    seat_do(p, "+", NODE);
    seat_see(p, "online");
    seat_do(p, "m", "ask of workers");
    seat_do(p, "\r", "ping: ");
    seat_see(p, NODE "  "); /* prefilled */
    seat_do(p, "\r", ": do it");
    seat_do(p, "y", "done: ");
    seat_do(p, "\r", "worker " NODE); /* its page */
    seat_leave(p, "Esc back");
    seat_quit(p);
}

static void events_on__shows_tasks_as_workers_tell_them(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "1 worker");
    seat_do(p, ":events off\r", ": do it");
    seat_do(p, "y", "done: ");
    seat_do(p, ":events on\r", ": do it");
    seat_do(p, "y", "done: ");
    char *id = line_of(VERB(s, "enqueue", "api.tasks.echo", "--args", "[42]"));
    seat_key(p, "6+");
    seat_do(p, ":filter name:echo state:succeeded\r", "1 shown");
    seat_do(p, "\r", "received  "); /* that only events tell */
    seat_leave(p, "Esc back");
    seat_quit(p);
    mem_free(id);
}

int main(void)
{
    server_require();
    celery_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers__lists_what_each_answered),
        cmocka_unit_test(queues__names_who_consumes),
        cmocka_unit_test(tasks__tells_who_runs_what),
        cmocka_unit_test(worker_methods__are_answered_by_name),
        cmocka_unit_test(worker__that_is_not_there__is_told),
        cmocka_unit_test(revoke__with_remove__leaves_no_message_behind),
        cmocka_unit_test(retry__runs_a_failed_task_again_under_a_new_id),
        cmocka_unit_test(seven_and_m__ask_a_worker_from_a_menu),
        cmocka_unit_test(events_on__shows_tasks_as_workers_tell_them),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
