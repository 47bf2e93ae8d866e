/* kill client as a person does it: from the prompt of the console, and from the shell. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* The number of the first client whose line has this text. */
static void number_of(struct server *s, const char *text, char *number, size_t size)
{
    char *list = stage_ask(s, 0, "CLIENT LIST");
    const char *line = list;
    number[0] = '\0';
    while (line && *line) {
        const char *end = strchr(line, '\n');
        const char *found = strstr(line, text);
        if (found && (!end || found < end)) {
            snprintf(number, size, "%.*s", (int)strcspn(line + 3, " "), line + 3);
            break;
        }
        line = end ? end + 1 : NULL;
    }
    free(list);
    assert_true(number[0]);
}

static redisContext *join(struct server *s, const char *name)
{
    redisContext *c = server_connect(s);
    freeReplyObject(redisCommand(c, "CLIENT SETNAME %s", name));
    return c;
}

static bool is_listed(struct server *s, const char *number)
{
    char command[64];
    snprintf(command, sizeof command, "CLIENT LIST ID %s", number);
    char *line = stage_ask(s, 0, command);
    bool listed = strstr(line, "id=") != NULL;
    free(line);
    return listed;
}

static void a_client__is_killed_from_the_prompt__after_its_plan(void **state)
{
    struct server *s = *state;
    redisContext *c = join(s, "stuck-job");
    char number[24], keys[80], shown[80];
    number_of(s, "name=stuck-job", number, sizeof number);
    struct pty *p = seat_full(s, seat_large, NULL);
    snprintf(keys, sizeof keys, ":kill client %s\r", number);
    snprintf(shown, sizeof shown, "client %s (", number);
    seat_do(p, keys, "end the connection of 1 client");
    seat_see(p, shown);
    seat_see(p, "stuck-job");
    assert_true(is_listed(s, number));
    seat_do(p, "y", "its connection has ended");
    assert_false(is_listed(s, number));
    seat_quit(p);
    redisFree(c);
}

static void x_on_a_row_of_the_clients__kills_that_one(void **state)
{
    struct server *s = *state;
    redisContext *c = join(s, "stuck-job");
    char number[24];
    number_of(s, "name=stuck-job", number, sizeof number);
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":pane server\r", "8 server");
    seat_do(p, ":group clients\r", "server clients");
    seat_see(p, "x kill");
    seat_do(p, "/stuck-job\r", "stuck-job");
    seat_do(p, "g", "stuck-job");
    seat_do(p, "x", "end the connection of 1 client");
    seat_see(p, "normal, stuck-job, user default");
    seat_do(p, "y", "its connection has ended");
    assert_false(is_listed(s, number));
    seat_quit(p);
    redisFree(c);
}

struct wanted {
    struct server *server;
    const char *text;
};
static bool is_there(struct pty *p, void *ctx)
{
    const struct wanted *w = ctx;
    char *list = stage_ask(w->server, 0, "CLIENT LIST");
    bool there = strstr(list, w->text) != NULL;
    (void)p;
    free(list);
    return there;
}

static void the_consoles_own_connections__come_back(void **state)
{
    struct server *s = *state;
    static const char *const names[] = {"name=redai-console:poll ", "name=redai-console:feed ",
                                        "name=redai-console:act "};
    struct pty *p = seat_full(s, seat_large, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char number[24], keys[80];
        number_of(s, names[i], number, sizeof number);
        snprintf(keys, sizeof keys, ":kill client %s\r", number);
        seat_do(p, keys, "our own: needs --own");
        snprintf(keys, sizeof keys, ":kill client --own %s\r", number);
        seat_do(p, keys, "this console's own, which connects again");
        seat_do(p, "y", "its connection has ended");
        assert_false(is_listed(s, number));
        struct wanted back = {s, names[i]}; /* it is there again under another number */
        assert_true(pty_wait(p, is_there, &back, WAIT_MS));
    }
    seat_quit(p);
}

static void read_only_and_the_curtain__kill_nobody(void **state)
{
    struct server *s = *state;
    redisContext *c = join(s, "stuck-job");
    char number[24], keys[80];
    number_of(s, "name=stuck-job", number, sizeof number);
    snprintf(keys, sizeof keys, ":kill client %s\r", number);
    struct pty *p = seat_full(s, seat_small, ENV("--read-only"));
    seat_do(p, keys, "read-only");
    seat_quit(p);
    p = seat_full(s, seat_small, NULL);
    seat_do(p, "!", "CURTAIN");
    seat_do(p, keys, "'!' lifts it");
    seat_quit(p);
    assert_true(is_listed(s, number));
    redisFree(c);
}

static void the_shell__plans__refuses__and_kills(void **state)
{
    struct server *s = *state;
    redisContext *c = join(s, "stuck-job"), *worker = join(s, "w");
    char number[24], workers[24];
    int done = 0;
    number_of(s, "name=stuck-job", number, sizeof number);
    number_of(s, "name=w ", workers, sizeof workers);
    redisAppendCommand(worker, "BRPOP special 0");
    while (!done) {
        assert_int_equal(redisBufferWrite(worker, &done), REDIS_OK);
    }
    const char *url = server_url(s, 0);
    struct ran r = RUN("kill", "client", number, "--dry-run", "-u", url);
    assert_ran(&r, 0, "dry run: nothing was changed");
    assert_null(strstr(r.err, "only the console keeps"));
    ran_free(&r);
    assert_true(is_listed(s, number));
    r = RUN("kill", "client", workers, "--yes", "-u", url);
    assert_ran(&r, 1, "a worker's: :worker shutdown ends it in good order");
    ran_free(&r);
    r = RUN("kill", "client", number, "--yes", "-u", url);
    assert_ran(&r, 0, "its connection has ended");
    assert_string_equal(r.out, "1\n");
    ran_free(&r);
    r = RUN("kill", "client", number, "--yes", "-u", url);
    assert_ran(&r, 1, "not connected (any more)");
    ran_free(&r);
    assert_usage(RUN("kill", "client", "nobody", "--yes", "-u", url), "nobody", "a client's number");
    redisFree(c);
    redisFree(worker);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(a_client__is_killed_from_the_prompt__after_its_plan),
        LIVE(x_on_a_row_of_the_clients__kills_that_one),
        LIVE(the_consoles_own_connections__come_back),
        LIVE(read_only_and_the_curtain__kill_nobody),
        LIVE(the_shell__plans__refuses__and_kills),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
