/* console-act of docs/users.acl.example, with the least rights for acting, in front of the console: every
 * verb by its keys, each to its receipt, and the server's list of refusals stays empty. requeue, kill and
 * notifications find nothing to do here: that their commands are allowed is asked of the server by
 * tests/live/conf/test_users_acl.c. The verbs of the shell: tests/live/conf/test_users_console.c. */
#include "rights.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define QUESTION "leave everything as it is"

/* What is typed until the question stands there, each with what is on the screen then; and how it is answered
 * and what is told. */
static const struct act {
    const char *verb; /* of the table of commands in docs/usage.md */
    struct {
        const char *keys, *text;
    } step[4];
    const char *answer, *told;
} acts[] = {
    {"enqueue", {{":enqueue test message=hello\r", ": do it"}}, "y", "done: queued"},
    {"enqueue", {{"E", "enqueue again"}, {"\4", ": do it"}}, "y", "done: queued"}, /* C-d: as it is */
    {"move-message",
     {{"6", "6 tasks"},
      {":filter " TASK_ONE "\r", ": 1 shown"},
      {"M", "move 1 message"},
      {"questions\r", ": do it"}},
     "y",
     "done: "},
    {"remove", {{":remove " TASK_ONE "\r", ": do it"}}, "y", "done: "},
    {"revoke",
     {{":filter " TASK_TWO "\r", ": 1 shown"}, {"x", "revoke and remove"}, {"\r", ": do it"}},
     "y",
     "no worker heard this"},
    {"retry",
     {{":retry " BATCH_FAIL " --task api.tasks.test_redis_task --args [1]\r", ": do it"}},
     "y",
     "done: "},
    {"requeue", {{":requeue\r", "requeue: "}}, NULL, NULL},
    {"repair", {{":repair sessions all\r", ": do it"}}, "y", "done: "},
    {"revoke", {{"1", "1 sessions"}, {"G", ">9"}, {"x", ": do it"}}, "y", "done: revoked"},
    {"undo", {{":undo last\r", ": do it"}}, "y", "done: put back"},
    {"revoke", {{"g", ">7"}, {"X", ": do it"}}, "y", "done: revoked"},
    {"worker", {{":worker ping\r", ": do it"}}, "y", "nobody heard it"},
    {"events", {{":events on\r", ": do it"}}, "y", "nobody heard it"},
    {"expire",
     {{":open key exam:1\r", "algebra"}, {"t", "how long the key stays"}, {"20m\r", ": do it"}},
     "y",
     "done: its TTL is set"},
    {"persist", {{":persist\r", ": do it"}}, "y", "done: it has no TTL"},
    {"delete", {{"x", ": do it"}}, "y", "done: deleted"},
    {"invalidate",
     {{"2", "2 cache"}, {"g", "? help"}, {"i", "pattern"}, {"\r", "to do it: "}},
     "29\r",
     "done: deleted 29 of 29"},
    {"kill", {{":kill client 999999\r", "999999"}}, NULL, NULL},
    {"purge", {{":purge celery\r", "type 4 to do it: "}}, "4\r", "done: "},
    {"notifications", {{":notifications on\r", "already on"}}, NULL, NULL},
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
    rights_sit_down(g, "console-act");
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        const struct act *a = &acts[i];
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
