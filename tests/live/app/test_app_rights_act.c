/* console-act of docs/users.acl.example, with the least rights for acting, in front of the console: every
 * verb by its keys, each to its receipt, and the server's list of refusals stays empty. The verbs of the
 * shell: tests/live/conf/test_users_console.c. */
#include "rights.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define QUESTION "leave everything as it is"

static char kill_line[64]; /* a client of the platform's own */

/* What is typed until the question stands there, each with what is on the screen then; and how it is answered
 * and what is told. */
static const struct act {
    const char *verb; /* of the table of commands in docs/usage.md */
    struct {
        const char *keys, *text;
    } step[4];
    const char *answer, *told;
    const char *before; /* what the operator does first */
} acts[] = {
    {"enqueue", {{":enqueue test message=hello\r", ": do it"}}, "y", "done: queued", NULL},
    {"enqueue", {{"E", "enqueue again"}, {"\4", ": do it"}}, "y", "done: queued", NULL}, /* C-d: as it is */
    {"move-message",
     {{"6", "6 tasks"},
      {":filter " TASK_ONE "\r", ": 1 shown"},
      {"M", "move 1 message"},
      {"questions\r", ": do it"}},
     "y",
     "done: ",
     NULL},
    {"remove", {{":remove " TASK_ONE "\r", ": do it"}}, "y", "done: ", NULL},
    {"revoke",
     {{":filter " TASK_TWO "\r", ": 1 shown"}, {"x", "revoke and remove"}, {"\r", ": do it"}},
     "y",
     "no worker heard this",
     NULL},
    {"retry",
     {{":retry " BATCH_FAIL " --task api.tasks.test_redis_task --args [1]\r", ": do it"}},
     "y",
     "done: ",
     NULL},
    {"requeue", {{":requeue " RIGHTS_FLIGHT "\r", "type 1 to do it: "}}, "1\r", "done: ", NULL},
    {"repair", {{":repair sessions all\r", ": do it"}}, "y", "done: ", NULL},
    {"revoke", {{"1", "1 sessions"}, {"G", ">9"}, {"x", ": do it"}}, "y", "done: revoked", NULL},
    {"undo", {{":undo last\r", ": do it"}}, "y", "done: put back", NULL},
    {"revoke", {{"g", ">7"}, {"X", ": do it"}}, "y", "done: revoked", NULL},
    {"worker", {{":worker ping\r", ": do it"}}, "y", "nobody heard it", NULL},
    {"events", {{":events on\r", ": do it"}}, "y", "nobody heard it", NULL},
    {"expire",
     {{":open key exam:1\r", "algebra"}, {"t", "how long the key stays"}, {"20m\r", ": do it"}},
     "y",
     "done: its TTL is set",
     NULL},
    {"persist", {{":persist\r", ": do it"}}, "y", "done: it has no TTL", NULL},
    {"delete", {{"x", ": do it"}}, "y", "done: deleted", NULL},
    {"invalidate",
     {{"2", "2 cache"}, {"g", "? help"}, {"i", "pattern"}, {"\r", "to do it: "}},
     "29\r",
     "done: deleted 29 of 29",
     NULL},
    {"kill", {{kill_line, ": do it"}}, "y", "done: ", NULL},
    {"purge", {{":purge celery\r", "type 5 to do it: "}}, "5\r", "done: ", NULL},
    {"notifications",
     {{":notifications on\r", ": do it"}},
     "y",
     "done: ",
     "CONFIG SET notify-keyspace-events A"},
};

static void show(struct rights *g, const char *what)
{
    if (getenv("SHOW")) {
        pty_settle(g->pty);
        fprintf(stderr, "== %s\n%s\n", what, pty_screen_text(g->pty));
    }
}

static void every_verb__is_allowed_to_console_act__by_its_keys(void **state)
{
    static const char *const nothing[] = {NULL};
    struct rights *g = *state;
    rights_fill(g->server);
    rights_do(g, "ACL LOG RESET");
    redisContext *victim = server_connect(g->server);
    redisReply *id = redisCommand(victim, "CLIENT ID");
    assert_non_null(id);
    snprintf(kill_line, sizeof kill_line, ":kill client %lld\r", id->integer);
    freeReplyObject(id);
    rights_sit_down(g, "console-act");
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        const struct act *a = &acts[i];
        if (a->before) {
            rights_do(g, a->before);
        }
        for (size_t k = 0; k < COUNT_OF(a->step) && a->step[k].keys; k++) {
            seat_do(g->pty, a->step[k].keys, a->step[k].text);
        }
        if (a->answer) {
            pty_settle(g->pty);
            seat_key(g->pty, a->answer);
            seat_see_gone(g->pty, QUESTION);
            seat_see(g->pty, a->told);
        }
        show(g, a->verb);
        rights_refused_only(g, nothing);
        if (strstr(pty_screen_text(g->pty), QUESTION)) {
            seat_leave(g->pty, QUESTION);
        }
        seat_key(g->pty, ":frob\r"); /* what was told goes */
        seat_see(g->pty, "unknown command");
    }
    seat_key(g->pty, RIGHTS_BACK RIGHTS_BACK);
    seat_quit(g->pty);
    assert_null(redisCommand(victim, "PING")); /* its connection was ended */
    redisFree(victim);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_verb__is_allowed_to_console_act__by_its_keys, rights_set_up,
                                        rights_tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
