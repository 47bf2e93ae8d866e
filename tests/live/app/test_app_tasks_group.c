/* Tasks that belong together, with a real worker: a chain, a group and a chord, in a queue that nobody
 * consumes as the platform's own worker command leaves it, and then run. */
#include "live/action/celery.h"
#include "rows.h"
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define NODE "worker1@group"

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

static void chain__is_linked__from_its_first_to_its_last(void **state)
{
    enum { FIRST, SECOND, THIRD };
    struct scene *scene = *state;
    struct server *s = scene->server;
    struct ids ids;
    ids_take(&ids, celery_python(s, "from celery_app import *\n"
                                    "from celery import chain\n"
                                    "c = chain(echo.si(1), wait_for_release.si('gate'), echo.si(3))"
                                    ".apply_async()\n"
                                    "print(c.parent.parent.id, c.parent.id, c.id)"));
    WAIT_TASKS(s, {.id = ids.id[FIRST], .state = "succeeded"},
               {.id = ids.id[SECOND], .state = "running", .member = "parent_id", ids.id[FIRST]});
    json_t *tasks = rows_read(s, "tasks", NULL);
    const json_t *second = rows_find(tasks, "tasks", ids.id[SECOND]);
    assert_string_equal(rows_text(second, "root_id"), ids.id[FIRST]);
    assert_int_equal(json_integer_value(json_object_get(second, "chain_rest")), 1);
    json_decref(tasks);
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    char line[96];
    seat_see(p, "1 worker");
    snprintf(line, sizeof line, ":open task %s\r", ids.id[FIRST]);
    seat_do(p, line, "Esc back");
    seat_see(p, ids.id[SECOND]); /* its child, on the page of its parent */
    stage_do(s, 0, "LPUSH gate go");
    WAIT_TASKS(s, {.id = ids.id[SECOND], .state = "succeeded"},
               {.id = ids.id[THIRD], .state = "succeeded", .member = "parent_id", ids.id[SECOND]});
    seat_leave(p, "Esc back");
    seat_quit(p);
    ids_free(&ids);
}

static bool has_rule(const json_t *snapshot, const char *rule, const char *state)
{
    size_t i;
    const json_t *one, *found = NULL;
    json_array_foreach(json_object_get(snapshot, "alerts"), i, one)
    {
        found = strcmp(rows_text(one, "rule"), rule) == 0 ? one : found;
    }
    return found && strcmp(rows_text(found, "state"), state) == 0;
}

/* Once the worker has answered in the time that a snapshot takes. */
static void wait_rule(struct server *s, const char *rule, const char *state)
{
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    for (bool is = false; !is;) {
        struct ran r = RUN("snapshot", server_url(s, 0), "--format", "json", "--inspect", "1s");
        json_t *root = json_loads(r.out, 0, NULL);
        assert_non_null(root);
        is = has_rule(root, rule, state);
        if (!is && clock_mono_us() > until) {
            fail_msg("%s is not %s: %s", rule, state, r.out);
        }
        json_decref(root);
        ran_free(&r);
    }
}

/* The worker serves the queue celery alone, as the platform's own command does: what is routed to the others
 * waits until somebody says so. */
static void group_and_chord__wait_unconsumed__and_run_once_a_worker_consumes(void **state)
{
    enum { MEMBER, LAST = 2, GROUP, PART, OTHER, BODY, CHORD, QUESTION, COUNT };
    struct scene *scene = *state;
    struct server *s = scene->server;
    struct ids ids;
    ids_take(&ids, celery_python(s, "from celery_app import *\n"
                                    "from celery import group, chord\n"
                                    "g = group(echo.si(i).set(queue='analytics') for i in range(3))"
                                    ".apply_async()\n"
                                    "c = chord([echo.si(i).set(queue='analytics') for i in range(2)],"
                                    " echo.s('body').set(queue='analytics')).apply_async()\n"
                                    "q = app.send_task('api.tasks.generate_questions.one', queue=None)\n"
                                    "print(*[r.id for r in g], g.id, *[r.id for r in c.parent], c.id,"
                                    " c.parent.id, q.id)"));
    assert_int_equal(ids.count, COUNT);
    const struct wish waiting[] = {
        {.id = ids.id[MEMBER], .state = "waiting", .member = "group", ids.id[GROUP], "unconsumed"},
        {.id = ids.id[LAST], .state = "waiting", .member = "group", ids.id[GROUP], "unconsumed"},
        {.id = ids.id[PART], .state = "waiting", .member = "group", ids.id[CHORD], "unconsumed"},
        {.id = ids.id[OTHER], .state = "waiting", .member = "group", ids.id[CHORD], "unconsumed"},
        {.id = ids.id[QUESTION], .state = "waiting", .member = "queue", "questions", "unconsumed"},
    };
    rows_wait(s, waiting, COUNT_OF(waiting));
    json_t *tasks = rows_read(s, "tasks", NULL);
    assert_true(json_is_true(json_object_get(rows_find(tasks, "tasks", ids.id[PART]), "has_chord")));
    assert_false(json_is_true(json_object_get(rows_find(tasks, "tasks", ids.id[MEMBER]), "has_chord")));
    json_decref(tasks);
    wait_rule(s, "queue-unconsumed", "firing");
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "6", "6 waiting");
    seat_key(p, "+");
    seat_see(p, "nobody consumes");
    rows_done(VERB(s, "worker", "consume", "analytics"));
    WAIT_TASKS(s, {.id = ids.id[MEMBER], .state = "succeeded"}, {.id = ids.id[LAST], .state = "succeeded"},
               {.id = ids.id[PART], .state = "succeeded"}, {.id = ids.id[OTHER], .state = "succeeded"},
               {.id = ids.id[BODY], .state = "succeeded"});
    char code[160];
    snprintf(code, sizeof code, "from celery_app import app\nprint(app.AsyncResult('%s').get(timeout=20))",
             ids.id[BODY]);
    char *said = celery_python(s, code);
    assert_non_null(strstr(said, "'body'"));
    free(said);
    seat_see(p, "1 waiting"); /* nobody consumes questions still */
    seat_quit(p);
    rows_done(VERB(s, "worker", "consume", "questions"));
    WAIT_TASKS(s, {.id = ids.id[QUESTION], .state = "failed", .member = "exception", "NotRegistered"});
    rows_done(VERB(s, "worker", "cancel", "analytics"));
    rows_done(VERB(s, "worker", "cancel", "questions"));
    assert_true(celery_is_alive(scene->worker));
    ids_free(&ids);
}

/* --- what may be in a list --- */

static void push_fixture(struct server *s, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fixtures/celery-5.2/handmade/%s", REDAI_SOURCE_DIR, name);
    char *element = stage_read(path);
    assert_non_null(element);
    free(server_cli(s, "RPUSH", "odd", element, NULL));
    mem_free(element);
}

static void poison__is_shown_and_removed__before_a_worker_takes_it(void **state)
{
    static const struct {
        const char *fixture, *said;
        bool has_id;
    } rows[] = {
        {"poison-loop-no-body.json", "every worker exits", true},
        {"poison-loop-no-content-type.json", "every worker exits", true},
        {"poison-loop-no-id.json", "every worker exits", false},
        {"poison-loop-two-element-body.json", "every worker exits", true},
        {"poison-lost-empty-object.json", "a worker exits", false},
        {"poison-lost-no-delivery-tag.json", "a worker exits", true},
        {"poison-lost-no-exchange.json", "a worker exits", true},
        {"poison-lost-no-properties.json", "a worker exits", true},
        {"poison-lost-not-json.txt", "a worker exits", false},
        {"discard-bad-eta.json", "discard", true},
        {"discard-no-headers.json", "discard", false},
    };
    struct scene *scene = *state;
    struct server *s = scene->server;
    /* As a producer leaves it. */
    free(server_cli(s, "SADD", "_kombu.binding.odd",
                    "odd\x06\x16\x06\x16"
                    "odd",
                    NULL));
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "1 worker");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        push_fixture(s, rows[i].fixture);
        seat_do(p, ":open queue odd\r", "Esc back");
        seat_see(p, rows[i].has_id ? "  a  " : "no id");
        seat_see(p, rows[i].said);
        if (rows[i].has_id) {
            rows_done(VERB(s, "remove", "a"));
        } else {
            seat_do(p, "G", ">+1"); /* the message, and not the head above it */
            seat_do(p, "x", ": do it");
            seat_key(p, "y");
        }
        assert_true(stage_wait(s, 0, "LLEN odd", "0"));
        seat_leave(p, "Esc back");
    }
    seat_quit(p);
    rows_done(VERB(s, "worker", "consume", "odd"));
    struct ran r = VERB(s, "enqueue", "api.tasks.echo", "--args", "[1]", "--queue", "odd");
    assert_ran(&r, 0, "done");
    r.out[strcspn(r.out, "\n")] = '\0';
    WAIT_TASKS(s, {.id = r.out, .state = "succeeded"});
    ran_free(&r);
    assert_true(celery_is_alive(scene->worker));
}

/* --- many --- */

enum { MANY = 50000, RESIDENT_KIB = 64 * 1024, LIST_BYTES = MANY * 700 };

#define SENT "total_net_output_bytes" /* to all clients */

static int64_t resident_kib(int pid)
{
    char path[64], line[256];
    long long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "VmRSS: %lld", &kib) != 1) {}
    if (f) {
        fclose(f);
    }
    return kib;
}

static void fifty_thousand_messages__are_listed_at_once__with_those_that_are_not(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    stage_message(s, "deep", "many-0");
    char *first = stage_ask(s, 0, "LINDEX deep 0");
    char *pushed = server_cli(s, "EVAL",
                              "for i = 1, tonumber(ARGV[2]) - 1 do "
                              "redis.call('LPUSH', 'deep', (ARGV[1]:gsub('many%-0', 'many-' .. i))) end "
                              "return redis.call('LLEN', 'deep')",
                              "0", first, "50000", NULL);
    assert_string_equal(pushed, "50000");
    free(pushed);
    free(first);
    int64_t begun_us = clock_mono_us();
    json_t *root = rows_read(s, "tasks", "queue:deep");
    int64_t took_ms = (clock_mono_us() - begun_us) / US_PER_MS;
    size_t listed = json_array_size(json_object_get(root, "tasks"));
    assert_true(listed > 0);
    assert_int_equal(json_integer_value(json_object_get(root, "unlisted")) + (int64_t)listed, MANY);
    assert_string_equal(rows_text(rows_find(root, "tasks", "many-0"), "state"), "waiting");
    assert_false(json_is_true(json_object_get(root, "complete")));
    json_decref(root);
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "1 worker");
    int64_t sent = stage_stat(s, SENT);
    seat_do(p, ":open queue deep\r", "Esc back");
    seat_see(p, "many-1");
    sent = stage_stat(s, SENT) - sent;
    int64_t kib = resident_kib(pty_pid(p));
    print_message("50 k messages: tasks printed in %d ms, page open with %d bytes sent, %d KiB\n",
                  (int)took_ms, (int)sent, (int)kib);
    assert_in_range(sent, 1, LIST_BYTES / 4); /* it does not read the list */
#ifndef __SANITIZE_ADDRESS__
    assert_in_range(kib, 1, RESIDENT_KIB);
#endif
    seat_leave(p, "Esc back");
    seat_quit(p);
    stage_do(s, 0, "DEL deep");
}

int main(void)
{
    server_require();
    celery_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain__is_linked__from_its_first_to_its_last),
        cmocka_unit_test(group_and_chord__wait_unconsumed__and_run_once_a_worker_consumes),
        cmocka_unit_test(poison__is_shown_and_removed__before_a_worker_takes_it),
        cmocka_unit_test(fifty_thousand_messages__are_listed_at_once__with_those_that_are_not),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
