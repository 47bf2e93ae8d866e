/* What stands on a replica: it is read and said to be one, and nothing is done on it; one is found by
 * sentinels, and another one when it goes; and what an action is told when the master fails over under it. */
#include "seat.h"
#include "server/sentinel.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct scene {
    struct server *master, *one, *two;
    struct sentry *sentry;
};

static struct server *replica_of(const struct server *master)
{
    static char port[8];
    const char *args[] = {
        "--replicaof", "127.0.0.1", port, "--repl-diskless-sync-delay", "0", "--notify-keyspace-events",
        "Eg$xem",      NULL};
    snprintf(port, sizeof port, "%d", server_port(master));
    struct server *s = server_start(&(struct server_options){.args = args, .with_tcp = true});
    assert_non_null(s);
    return s;
}

static bool wait_info(struct server *s, const char *words)
{
    for (int i = 0; i < WAIT_MS / 50; i++) {
        char *text = stage_ask(s, 0, "INFO replication");
        bool has = strstr(text, words) != NULL;
        free(text);
        if (has) {
            return true;
        }
        poll(NULL, 0, 50);
    }
    return false;
}

static void wait_linked(struct server *s)
{
    assert_true(wait_info(s, "master_link_status:up"));
}

static int set_up(void **state)
{
    static const char *const args[] = {"--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes",
                                       NULL};
    struct scene *scene = calloc(1, sizeof *scene);
    scene->master = server_start(&(struct server_options){.args = args, .with_tcp = true});
    assert_non_null(scene->master);
    stage_do(scene->master, 0, "SET exam:7 {}");
    scene->one = replica_of(scene->master);
    wait_linked(scene->one);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    sentry_stop(scene->sentry);
    server_stop(scene->two);
    server_stop(scene->one);
    server_stop(scene->master);
    free(scene);
    return 0;
}

static struct ran delete_at(const char *url)
{
    return RUN("delete", "exam:7", "--yes", "-u", url);
}

static void expect_refused(const char *url, const char *why)
{
    struct ran r = delete_at(url);
    assert_ran(&r, 1, why);
    assert_string_equal(r.out, "");
    ran_free(&r);
}

static void replica__is_read_and_said_to_be_one__and_every_action_is_refused(void **state)
{
    struct scene *scene = *state;
    char why[160];
    struct pty *p = seat_open(scene->one, seat_small, NULL, NULL);
    seat_see(p, "! REPLICA");
    seat_see(p, "2 cache 1 key");
    /* What comes to the master is heard here: what is written, and what Celery publishes. */
    stage_do(scene->master, 0, "SET exam:8 {}");
    seat_see(p, "2 cache 2 keys");
    free(server_cli(
        scene->master, "PUBLISH", "celery-task-meta-" BATCH_RUNS,
        "{\"status\": \"PROGRESS\", \"result\": {\"current\": 3, \"total\": 9, \"percentage\": 33.3, "
        "\"status\": \"heard on a replica\"}, \"task_id\": \"" BATCH_RUNS "\"}",
        NULL));
    seat_see(p, "7f3c9a12");
    /* Nothing is sent to it but what looks. */
    stage_do(scene->one, 0, "CONFIG RESETSTAT");
    snprintf(why, sizeof why, ":connect redis://127.0.0.1:%d/0", server_port(scene->master));
    seat_do(p, ":delete exam:7\r", "refused: this is a replica, read-only");
    seat_see(p, why);
    stage_untouched(scene->one);
    assert_true(stage_is(scene->master, 0, "EXISTS exam:7", "1"));
    /* The same line leads there, and there it is done. */
    snprintf(why, sizeof why, ":connect redis://127.0.0.1:%d/0\r", server_port(scene->master));
    seat_do(p, why, "2 cache 2 keys");
    seat_see_gone(p, "REPLICA");
    seat_quit(p);
}

static void shell__is_refused_on_a_replica__also_when_it_can_be_written(void **state)
{
    struct scene *scene = *state;
    char why[160];
    snprintf(why, sizeof why, "this is a replica, read-only: -u redis://127.0.0.1:%d/0 is its master",
             server_port(scene->master));
    expect_refused(server_url(scene->one, 0), why);
    stage_do(scene->one, 0, "CONFIG SET replica-read-only no");
    stage_do(scene->one, 0, "CONFIG RESETSTAT");
    expect_refused(server_url(scene->one, 0), "this is a replica, what it is told is lost: -u redis://");
    stage_untouched(scene->one);
    assert_true(stage_is(scene->one, 0, "EXISTS exam:7", "1"));
    struct ran r = RUN("enqueue", "api.tasks.test_redis_task", "--args", "[\"x\"]", "--yes", "-u",
                       server_url(scene->one, 0));
    assert_ran(&r, 1, "this is a replica");
    ran_free(&r);
    stage_untouched(scene->one);
}

/* The next event of the replica's key space. */
static void expect_event(redisContext *c, const char *channel, const char *key)
{
    redisReply *reply = NULL;
    assert_int_equal(redisGetReply(c, (void **)&reply), REDIS_OK);
    assert_int_equal(reply->elements, 4);
    assert_string_equal(reply->element[2]->str, channel);
    assert_string_equal(reply->element[3]->str, key);
    freeReplyObject(reply);
}

/* What the documents say of replicas, on the server at hand: what expires is told as deleted, when the master
 * says so; until then nobody is shown it, though it is counted. */
static void expiry__is_told_as_deletion__and_what_has_expired_is_not_shown(void **state)
{
    struct scene *scene = *state;
    redisContext *c = server_connect(scene->one);
    freeReplyObject(redisCommand(c, "PSUBSCRIBE __keyevent@0__:del __keyevent@0__:expired"));
    redisReply *second = NULL;
    assert_int_equal(redisGetReply(c, (void **)&second), REDIS_OK);
    freeReplyObject(second);
    struct pty *p = seat_open(scene->one, seat_large, NULL, NULL);
    seat_see(p, "2 cache 1 key");
    stage_do(scene->master, 0, "SET exam:8 {} PX 1");
    expect_event(c, "__keyevent@0__:del", "exam:8");
    redisFree(c);
    stage_do(scene->master, 0, "DEBUG SET-ACTIVE-EXPIRE 0");
    stage_do(scene->master, 0, "SET exam:9 {} PX 1");
    assert_true(stage_wait(scene->one, 0, "DBSIZE", "2"));
    assert_true(stage_wait(scene->one, 0, "EXISTS exam:9", "0"));
    assert_true(stage_is(scene->one, 0, "SCAN 0 COUNT 100", "0\nexam:7"));
    assert_true(stage_is(scene->one, 0, "DBSIZE", "2"));
    seat_see(p, "2 cache 1 key");
    seat_do(p, ":pane info\r", "replica of");
    seat_see(p, "told here as deleted");
    seat_leave(p, "told here as deleted");
    seat_quit(p);
    struct ran r = RUN("snapshot", server_url(scene->one, 0));
    if (!strstr(r.out, "! replica of 127.0.0.1:") || !strstr(r.out, "cache     1 key")) {
        fail_msg("%s", r.out);
    }
    ran_free(&r);
    r = RUN("snapshot", "--format", "json", server_url(scene->one, 0));
    assert_non_null(strstr(r.out, "\"master_link\":\"up\""));
    ran_free(&r);
}

static void role__is_followed_while_connected__and_a_lost_master_is_said(void **state)
{
    struct scene *scene = *state;
    char line[64];
    struct pty *p = seat_open(scene->one, seat_large, NULL, NULL);
    seat_see(p, "! REPLICA, master heard");
    stage_do(scene->one, 0, "REPLICAOF NO ONE");
    seat_see_gone(p, "REPLICA");
    seat_do(p, ":delete exam:7\r", "y: do it");
    seat_key(p, "n");
    seat_see_gone(p, "y: do it");
    snprintf(line, sizeof line, "REPLICAOF 127.0.0.1 %d", server_port(scene->master));
    stage_do(scene->one, 0, line);
    seat_see(p, "! REPLICA, master heard");
    seat_do(p, ":delete exam:7\r", "refused: this is a replica");
    server_kill(scene->master);
    seat_see(p, "!! REPLICA CUT OFF from its master for");
    seat_see(p, "this replica has lost its master");
    seat_quit(p);
}

/* Between the question and the answer the server may have become one. */
static void answer__is_refused__when_the_master_became_a_replica_behind_the_question(void **state)
{
    struct scene *scene = *state;
    char line[64];
    stage_do(scene->one, 0, "REPLICAOF NO ONE");
    struct pty *p = seat_open(scene->one, seat_large, NULL, NULL);
    seat_see(p, "2 cache 1 key");
    seat_do(p, ":delete exam:7\r", "y: do it");
    stage_do(scene->one, 0, "CONFIG SET replica-read-only no");
    snprintf(line, sizeof line, "REPLICAOF 127.0.0.1 %d", server_port(scene->master));
    stage_do(scene->one, 0, line);
    wait_linked(scene->one);
    seat_do(p, "y", "refused: this is a replica, what it is told is lost");
    assert_true(stage_is(scene->one, 0, "EXISTS exam:7", "1"));
    seat_quit(p);
}

static void start_service(struct scene *scene, int replicas)
{
    scene->sentry =
        sentry_start(&(struct sentry_options){.service = "main", .master_port = server_port(scene->master)});
    assert_true(sentry_knows(scene->sentry, replicas));
}

/* Who of them has a connection of the console that polls. */
static bool is_watched(struct server *s)
{
    char *text = stage_ask(s, 0, "CLIENT LIST TYPE normal");
    bool is = strstr(text, "redai-console:poll") != NULL;
    free(text);
    return is;
}

static bool wait_watched(struct server *s, struct pty *p)
{
    for (int i = 0; i < WAIT_MS / 50; i++) {
        if (is_watched(s)) {
            return true;
        }
        pty_read(p);
        poll(NULL, 0, 50);
    }
    return false;
}

static void sentinel__leads_to_a_replica__and_to_another_one_when_it_goes(void **state)
{
    struct scene *scene = *state;
    char url[128];
    scene->two = replica_of(scene->master);
    wait_linked(scene->two);
    start_service(scene, 2);
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/main", sentry_port(scene->sentry));
    struct pty *p = pty_start(CONSOLE("--read-from", "replica", url), NULL, seat_large.rows, seat_large.cols);
    seat_see(p, "! REPLICA, master heard");
    seat_see(p, "2 cache 1 key");
    assert_false(is_watched(scene->master));
    bool first = is_watched(scene->one);
    struct server *here = first ? scene->one : scene->two, *there = first ? scene->two : scene->one;
    assert_true(is_watched(here));
    assert_false(is_watched(there));
    seat_do(p, ":delete exam:7\r", "refused: this is a replica, read-only: :connect redis+sentinel://");
    /* It hangs: neither an answer nor an end. */
    server_pause(here);
    assert_true(wait_watched(there, p));
    server_resume(here);
    seat_see(p, "! REPLICA, master heard");
    /* The one that is watched becomes the master: no console stays on a master that asked for a replica. */
    server_kill(scene->master);
    assert_true(wait_info(there, "role:master") || wait_info(here, "role:master"));
    bool moved = wait_info(there, "role:master");
    struct server *left = moved ? here : there, *now = moved ? there : here;
    assert_true(wait_watched(left, p));
    assert_false(is_watched(now));
    seat_see(p, "! REPLICA, master heard");
    seat_quit(p);
}

static void failover__under_an_action__is_unknown_and_never_done(void **state)
{
    struct scene *scene = *state;
    char url[128];
    for (int i = 0; i < 30; i++) {
        char line[64];
        snprintf(line, sizeof line, "SET cache:%d x", i);
        stage_do(scene->master, 0, line);
    }
    /* A replica that has just come is sent nothing until its first word, a second later: promoted before
     * that, it would lack the keys, and what was in flight would rightly be seen to be gone there. */
    assert_true(stage_wait(scene->one, 0, "DBSIZE", "31"));
    start_service(scene, 1);
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/main", sentry_port(scene->sentry));
    struct pty *p =
        pty_start(CONSOLE("invalidate", "cache:*", "-u", url), NULL, seat_large.rows, seat_large.cols);
    seat_see(p, "type 30 to go on");
    /* It takes what is sent to it, and never gets to it. */
    server_pause(scene->master);
    seat_key(p, "30\r");
    assert_true(wait_info(scene->one, "role:master"));
    assert_true(pty_wait_exit(p, WAIT_MS));
    seat_see(p, "unknown: ");
    seat_not(p, "done: ");
    assert_int_equal(WEXITSTATUS(pty_stop(p)), 4);
    assert_true(stage_is(scene->one, 0, "EXISTS cache:0 cache:29", "2"));
    server_resume(scene->master);
}

/* The new master never had the keys, or had lost them: that they are not there is no deed of ours. */
static void failover_to_one_without_the_keys__is_unknown__and_says_that_another_one_answers(void **state)
{
    struct scene *scene = *state;
    char url[128];
    for (int i = 0; i < 30; i++) {
        char line[64];
        snprintf(line, sizeof line, "SET cache:%d x", i);
        stage_do(scene->master, 0, line);
    }
    assert_true(stage_wait(scene->one, 0, "DBSIZE", "31"));
    start_service(scene, 1);
    stage_do(scene->one, 0, "CONFIG SET replica-read-only no");
    for (int i = 0; i < 30; i++) {
        char line[64];
        snprintf(line, sizeof line, "DEL cache:%d", i);
        stage_do(scene->one, 0, line);
    }
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/main", sentry_port(scene->sentry));
    struct pty *p = pty_start(CONSOLE("invalidate", "cache:*", "-u", url), NULL, seat_large.rows, 200);
    seat_see(p, "type 30 to go on");
    server_pause(scene->master);
    seat_key(p, "30\r");
    assert_true(wait_info(scene->one, "role:master"));
    assert_true(pty_wait_exit(p, WAIT_MS));
    seat_see(p, "unknown: deleted 0 of 30: 30 unknown (the reply never came; gone there); another server "
                "answers now");
    seat_not(p, "done: ");
    assert_int_equal(WEXITSTATUS(pty_stop(p)), 4);
    server_resume(scene->master);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replica__is_read_and_said_to_be_one__and_every_action_is_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(shell__is_refused_on_a_replica__also_when_it_can_be_written, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(expiry__is_told_as_deletion__and_what_has_expired_is_not_shown,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(role__is_followed_while_connected__and_a_lost_master_is_said, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            answer__is_refused__when_the_master_became_a_replica_behind_the_question, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sentinel__leads_to_a_replica__and_to_another_one_when_it_goes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(failover__under_an_action__is_unknown_and_never_done, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            failover_to_one_without_the_keys__is_unknown__and_says_that_another_one_answers, set_up,
            tear_down),
    };
    server_require();
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
