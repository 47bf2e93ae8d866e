/* What fails around tasks, as people see it: a worker killed in the middle of one, one that never answers,
 * one that a broken message has stopped, a feed that is cut, a console that dies. The workers are real ones.
 */
#include "live/action/celery.h"
#include "rows.h"
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define ONE       "worker1@faults"
#define TWO       "worker2@faults"
#define THREE     "worker3@faults"
#define TOO_YOUNG "refused: it stays: a worker has taken it just now: ask again in some seconds"
enum {
    SILENCE_MS = 60000
}; /* until a worker's silence is believed: 15 s without a heartbeat, and its answers */

struct scene {
    struct server *server;
    struct celery *two; /* lives through all but the last test; it takes over from the first */
};

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->server = stage_server(NULL);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    celery_stop(scene->two);
    server_stop(scene->server);
    mem_free(scene);
    return 0;
}

static struct pty *open_tasks(struct server *s)
{
    static const char *const more[] = {"--inspect", "1s", NULL};
    struct pty *p = seat_open(s, seat_large, more, NULL);
    seat_do(p, "6", "6 tasks ");
    seat_key(p, "+");
    return p;
}

static void see_late(struct pty *p, const char *text)
{
    if (!pty_wait_text(p, text, SILENCE_MS)) {
        seat_see(p, text); /* says what is there instead */
    }
}

/* Sends one that runs until the list is pushed to. Its id: mem_free. */
static char *enqueue(struct server *s, const char *task, const char *args, const char *queue)
{
    struct ran r = VERB(s, "enqueue", task, "--args", args, "--queue", queue);
    assert_ran(&r, 0, "done");
    char *id = span_dup(span_head(span_of(r.out), strcspn(r.out, "\n")));
    ran_free(&r);
    return id;
}

static void show_only(struct pty *p, const char *id)
{
    char line[96];
    snprintf(line, sizeof line, ":filter %s\r", id);
    seat_do(p, line, ": 1 shown");
}

/* What was taken less than five seconds ago stays, whoever is known to be dead: the refusal says that it is
 * asked again, and so it is. Of any other answer nothing is forgiven. */
static void requeue_in_time(struct server *s, const char *id)
{
    int64_t until = clock_mono_us() + SILENCE_MS * US_PER_MS;
    struct ran r = VERB(s, "requeue", id);
    while (r.code == 1 && strstr(r.err, TOO_YOUNG) && clock_mono_us() < until) {
        ran_free(&r);
        poll(NULL, 0, 100);
        r = VERB(s, "requeue", id);
    }
    rows_done(r);
}

static void killed_worker__leaves_an_orphan__which_another_one_finishes(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    struct celery *one = celery_start(s, ONE);
    assert_non_null(one);
    char *id = enqueue(s, "api.tasks.wait_for_release", "[\"gate\"]", "celery");
    struct pty *p = open_tasks(s);
    show_only(p, id);
    seat_see(p, "> running");
    celery_kill(one);
    see_late(p, "o orphaned");
    seat_see(p, "its worker is gone");
    scene->two = celery_start(s, TWO);
    assert_non_null(scene->two);
    requeue_in_time(s, id);
    seat_see(p, "> running");
    seat_see(p, TWO);
    WAIT_TASKS(s, {.id = id, .state = "running", .member = "worker", TWO});
    stage_do(s, 0, "LPUSH gate go");
    seat_see(p, "+ succeeded");
    for (int i = 0; i < 3; i++) { /* and that stays so, whoever looks */
        WAIT_TASKS(s, {.id = id, .state = "succeeded"});
        seat_not(p, "> running");
    }
    seat_quit(p);
    celery_stop(one);
    assert_true(stage_wait(s, 0, "HLEN unacked", "0")); /* it is acknowledged after its result is stored */
    mem_free(id);
}

/* The mailbox of the one that was killed goes, or it would be one more that does not hear. */
static void bury(struct server *s, const char *node)
{
    char member[128];
    snprintf(member, sizeof member, "\x06\x16\x06\x16%s.celery.pidbox", node);
    free(server_cli(s, "SREM", "_kombu.binding.celery.pidbox", member, NULL));
}

static void worker_that_never_answers__is_named__and_revoke_says_who_heard(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    bury(s, ONE);
    struct celery *three = celery_start(s, THREE);
    assert_non_null(three);
    char *id = enqueue(s, "api.tasks.echo", "[1]", "nobody");
    static const char *const more[] = {"--inspect", "1s", NULL};
    struct pty *p = seat_open(s, seat_large, more, NULL);
    seat_do(p, "7", "7 workers");
    seat_key(p, "+");
    seat_do(p, ":filter " THREE "\r", "+ " THREE);
    celery_pause(three);
    struct ran r = VERB(s, "revoke", "task", id);
    assert_ran(&r, 4, "1 of 2 workers heard it");
    assert_ran(&r, 4, "waits for " THREE);
    ran_free(&r);
    see_late(p, "! " THREE);
    seat_see(p, "lost");
    rows_wait_text(s, "workers", TWO, "state", "online");
    json_t *workers = rows_read(s, "workers", NULL);
    assert_string_not_equal(rows_text(rows_find(workers, "workers", THREE), "state"), "online");
    json_decref(workers);
    celery_resume(three);
    seat_see(p, "+ " THREE);
    seat_quit(p);
    celery_stop(three);
    mem_free(id);
}

static void cut_feed(struct server *s)
{
    char *clients = stage_ask(s, 0, "CLIENT LIST"), *rest = NULL;
    bool cut = false;
    for (char *line = strtok_r(clients, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        long long number;
        if (strstr(line, "name=redai-console:feed") && sscanf(line, "id=%lld", &number) == 1) {
            char command[64];
            snprintf(command, sizeof command, "CLIENT KILL ID %lld", number);
            stage_do(s, 0, command);
            cut = true;
        }
    }
    free(clients);
    assert_true(cut);
}

static void cut_feed__loses_no_end(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    assert_non_null(scene->two);
    rows_done(VERB(s, "worker", "events", "on", "--on", TWO));
    char *id = enqueue(s, "api.tasks.wait_for_release", "[\"gate\"]", "celery");
    struct pty *p = open_tasks(s);
    show_only(p, id);
    seat_see(p, "> running");
    cut_feed(s);
    stage_do(s, 0, "LPUSH gate go"); /* it ends while nobody listens */
    seat_see(p, "+ succeeded");
    seat_quit(p);
    mem_free(id);
}

/* How many of the lists for answers stay for ever, if nobody comes. */
static bool boxes_without_end(struct server *s, const char *wanted)
{
    char *n = server_cli(s, "EVAL",
                         "local n = 0 for _, k in ipairs(redis.call('KEYS', 'redai-console.*')) do "
                         "if redis.call('TTL', k) == -1 then n = n + 1 end end return n",
                         "0", NULL);
    bool is = strcmp(n, wanted) == 0;
    free(n);
    return is;
}

struct boxes {
    struct server *server;
    const char *count;
};

static bool has_boxes(void *ctx)
{
    const struct boxes *b = ctx;
    return boxes_without_end(b->server, b->count);
}

static bool has_asked(void *ctx)
{
    char *stats = stage_ask(ctx, 0, "INFO commandstats");
    bool asked = strstr(stats, "cmdstat_publish:") != NULL;
    free(stats);
    return asked;
}

/* The answer comes when the console is dead and its list has run out: the worker makes it anew, without an
 * end. */
static void killed_console__leaves_a_list__which_the_next_one_ends(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    assert_non_null(scene->two);
    celery_pause(scene->two);
    stage_do(s, 0, "CONFIG RESETSTAT");
    struct pty *p = open_tasks(s);
    assert_true(wait_for(has_asked, s)); /* nobody else is awake who could publish */
    pty_signal(p, SIGKILL);
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_stop(p);
    free(server_cli(s, "EVAL",
                    "for _, k in ipairs(redis.call('KEYS', 'redai-console.*')) do redis.call('DEL', k) end",
                    "0", NULL));
    celery_resume(scene->two);
    assert_true(wait_for(has_boxes, &(struct boxes){s, "1"}));
    p = open_tasks(s);
    assert_true(wait_for(has_boxes, &(struct boxes){s, "0"}));
    seat_quit(p);
}

static void zombie__is_named__and_the_alert_says_what_to_do(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    assert_non_null(scene->two);
    static const char *const more[] = {"--inspect", "1s", NULL};
    struct pty *p = seat_open(s, seat_large, more, NULL);
    seat_do(p, "7", "7 workers");
    seat_key(p, "+");
    seat_see(p, "+ " TWO);
    char *broken =
        stage_read(REDAI_SOURCE_DIR "/tests/fixtures/celery-5.2/handmade/zombie-control-no-method.json");
    assert_non_null(broken);
    free(server_cli(s, "PUBLISH", "/0.celery.pidbox", broken, NULL));
    mem_free(broken);
    see_late(p, "z " TWO);
    seat_see(p, "zombie");
    struct ran r = VERB(s, "worker", "ping");
    assert_true(r.code == 1 || r.code == 4); /* nobody heard it */
    ran_free(&r);
    seat_do(p, ":pane alerts\r", "worker-zombie");
    seat_quit(p);
    assert_true(celery_is_alive(scene->two)); /* that is what makes it a zombie */
}

int main(void)
{
    server_require();
    celery_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_worker__leaves_an_orphan__which_another_one_finishes),
        cmocka_unit_test(worker_that_never_answers__is_named__and_revoke_says_who_heard),
        cmocka_unit_test(cut_feed__loses_no_end),
        cmocka_unit_test(killed_console__leaves_a_list__which_the_next_one_ends),
        cmocka_unit_test(zombie__is_named__and_the_alert_says_what_to_do),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
