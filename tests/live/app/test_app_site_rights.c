/* A broker and results on servers of their own whose user loses a right: it is said as on the application's
 * server, and ends when the right is given back. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { BACK_MS = 8000 }; /* 4 s until it is asked again */

struct scene {
    struct server *app, *broker, *results;
    struct pty *pty;
};

static struct server *site(void)
{
    struct server *s = stage_server(NULL);
    stage_do(s, 0, "ACL SETUSER bob on >pw ~* &* +@all");
    return s;
}

static int set_up(void **state)
{
    char broker[200], results[200];
    struct scene *s = calloc(1, sizeof *s);
    s->app = stage_server(NULL);
    s->broker = site();
    s->results = site();
    stage_queue(s->broker, "celery");
    stage_message(s->broker, "celery", TASK_ONE);
    snprintf(broker, sizeof broker, "unix://bob:pw@%s?db=0", server_socket(s->broker));
    snprintf(results, sizeof results, "unix://bob:pw@%s?db=1", server_socket(s->results));
    s->pty = seat_open(s->app, (struct seat_size){50, 200},
                       (const char *const[]){"--broker-url", broker, "--result-url", results, NULL}, NULL);
    seat_see(s->pty, "celery");
    seat_see(s->pty, "3 queues 1");
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    seat_quit(s->pty);
    server_stop(s->app);
    server_stop(s->broker);
    server_stop(s->results);
    free(s);
    return 0;
}

static void gone_in_time(struct pty *p, const char *text)
{
    if (!pty_wait_text_gone(p, text, BACK_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(p));
        fail_msg("\"%s\" is still said %d ms after the right was given back", text, BACK_MS);
    }
}

static void feed_that_is_refused_there__is_said_to_be_down__and_comes_back(void **state)
{
    struct scene *s = *state;
    stage_do(s->broker, 0, "ACL SETUSER bob -psubscribe");
    stage_do(s->broker, 0, "CLIENT KILL TYPE pubsub");
    seat_see(s->pty, "! broker feed down: NOPERM this user has no permissions");
    seat_do(s->pty, "0", "broker feed");
    seat_see(s->pty, "'psubscribe'");
    seat_key(s->pty, "\033");
    stage_do(s->broker, 0, "ACL SETUSER bob +psubscribe");
    gone_in_time(s->pty, "broker feed down");
    stage_do(s->results, 0, "ACL SETUSER bob -subscribe");
    stage_do(s->results, 0, "CLIENT KILL TYPE pubsub");
    seat_see(s->pty, "! result feed down: NOPERM this user has no permissions");
    stage_do(s->results, 0, "ACL SETUSER bob +subscribe");
    gone_in_time(s->pty, "result feed down");
}

static void walk_that_is_refused_there__is_said_by_the_queues(void **state)
{
    struct scene *s = *state;
    stage_do(s->broker, 0, "ACL SETUSER bob -scan");
    stage_do(s->broker, 0, "CLIENT KILL USER bob"); /* with a new connection it walks at once */
    seat_see(s->pty, "'scan'");
    seat_see(s->pty, "celery");
    stage_do(s->broker, 0, "ACL SETUSER bob +scan");
    gone_in_time(s->pty, "'scan'");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(feed_that_is_refused_there__is_said_to_be_down__and_comes_back),
        cmocka_unit_test(walk_that_is_refused_there__is_said_by_the_queues),
    };
    server_require();
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
