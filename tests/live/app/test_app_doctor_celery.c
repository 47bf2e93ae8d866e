/* The doctor beside a real Celery worker, started as the platform says: it consumes one queue of four. And
 * the page of the console. */
#include "live/action/celery.h"
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/mem.h"

struct scene {
    struct server *server;
    struct celery *worker;
};

static int set_up(void **state)
{
    static const char *const right[] = {"--notify-keyspace-events",
                                        "Eg$xem",
                                        "--maxmemory",
                                        "2gb",
                                        "--maxmemory-policy",
                                        "volatile-ttl",
                                        "--appendonly",
                                        "yes",
                                        "--latency-monitor-threshold",
                                        "100",
                                        NULL};
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->server = stage_server(right);
    scene->worker = celery_start(scene->server, "worker1@doctor");
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

static void a_queue_that_nobody_consumes__is_critical(void **state)
{
    struct scene *scene = *state;
    struct ran r = RUN("doctor", server_url(scene->server, 0));
    assert_true(r.code == 0 || r.code == 1);
    assert_null(strstr(r.out, "queue-unconsumed: questions"));
    ran_free(&r);
    stage_message(scene->server, "questions", TASK_ONE);
    r = RUN("doctor", server_url(scene->server, 0));
    assert_ran(&r, 2, "");
    assert_non_null(
        strstr(r.out, "critical  queue-unconsumed: questions: no worker consumes it, and 1 wait"));
    assert_null(strstr(r.out, "queue-unconsumed: celery"));
    assert_null(strstr(r.out, "critical  workers"));
    ran_free(&r);
}

static void the_page__shows_the_worst_first_and_leads_there(void **state)
{
    struct scene *scene = *state;
    stage_message(scene->server, "questions", TASK_TWO);
    struct pty *p = seat_open(scene->server, seat_large, NULL, NULL);
    seat_see(p, "worker1@doctor");
    seat_do(p, "D", "queue-unconsumed: questions");
    seat_see(p, "R asks again");
    seat_see(p, "why: what is sent there waits for ever");
    seat_see(p, "are as they should be");
    seat_see(p, "open: queue questions");
    seat_do(p, "jjjjj\r", "queue questions |");
    seat_key(p, "\x1b");
    seat_see(p, "R asks again");
    seat_do(p, "R", "asking the doctor");
    seat_leave(p, "R asks again");
    seat_quit(p);
}

int main(void)
{
    server_require();
    celery_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_that_nobody_consumes__is_critical),
        cmocka_unit_test(the_page__shows_the_worst_first_and_leads_there),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
