/* kill client against a real worker: what it lives on is spared, and it goes on working. */
#include "await.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static int set_up(void **state)
{
    *state = stage_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static char *clients(struct stage *s)
{
    return server_cli(s->server, "CLIENT", "LIST", NULL);
}

/* A worker between two looks may have none waiting for a moment. */
static char *clients_when_it_waits(struct stage *s)
{
    for (int i = 0; i < 2000; i++) {
        char *list = clients(s);
        if (strstr(list, "cmd=brpop") && strstr(list, "cmd=psubscribe")) {
            return list;
        }
        free(list);
        poll(NULL, 0, 10);
    }
    fail_msg("no worker waits");
    return NULL;
}

static void a_real_worker__is_refused__and_goes_on(void **state)
{
    struct stage *s = *state;
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    char *list = clients_when_it_waits(s);
    int waiting = 0, listening = 0;
    for (char *line = strtok(list, "\n"); line; line = strtok(NULL, "\n")) {
        bool waits = strstr(line, "cmd=brpop") != NULL, hears = strstr(line, "cmd=psubscribe") != NULL;
        print_message("%.*s ... %s\n", (int)strcspn(line, " "), line, strstr(line, "cmd="));
        if (waits || hears) {
            char order[64];
            snprintf(order, sizeof order, "kill client %.*s", (int)strcspn(line + 3, " "), line + 3);
            stage_order(s, order);
            assert_false(s->planned);
            assert_int_equal(s->outcome, ACTION_REFUSED);
            assert_non_null(strstr(s->text, "a worker's"));
            waiting += waits;
            listening += hears;
        }
    }
    free(list);
    assert_true(waiting > 0 && listening > 0);
    await_service(s, worker);
    celery_stop(worker);
}

int main(void)
{
    server_require();
    celery_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_real_worker__is_refused__and_goes_on, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
