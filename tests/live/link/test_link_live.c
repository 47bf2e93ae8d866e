/* Links on a real server: logged in, turned away, cut off, stalled, flooded. */
#include "server/server.h"
#include "support/unit.h"

#include <dirent.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/num.h"

#include "redai/link/link.h"

enum { BOUND_S = 60, STORM_MESSAGES = 200000, STORM_BATCH = 1000, ROUNDS = 200 };

struct live {
    int64_t number; /* of the last reply; -1: it is none */
    struct ev_loop *loop;
    struct ev_timer bound, tick; /* the tick is for conditions that make no event */
    bool is_over;
    int descriptors;
    struct server *server;
    struct link *link;
    int replies, nones, unsent;
    UT_string last; /* text of the last reply */
    int64_t messages, in_order;
};

static void on_bound(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    ((struct live *)w->data)->is_over = true;
}

static void on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

static void live_wait(struct live *v, bool (*holds)(struct live *v), const char *what)
{
    v->is_over = false;
    ev_timer_set(&v->bound, BOUND_S, 0.);
    ev_timer_start(v->loop, &v->bound);
    while (!holds(v)) {
        ev_run(v->loop, EVRUN_ONCE);
        if (v->is_over) {
            fail_msg("%s: did not happen; the link says \"%s\"", what, link_status(v->link)->error);
        }
    }
    ev_timer_stop(v->loop, &v->bound);
}

static bool is_ready(struct live *v)
{
    return link_is_ready(v->link);
}

static bool is_waiting(struct live *v)
{
    return link_status(v->link)->state == LINK_WAITING;
}

static bool is_answered(struct live *v)
{
    return link_pending(v->link) == 0;
}

static struct live *live_new(const struct server_options *options)
{
    struct live *v = mem_zalloc(sizeof(*v));
    v->loop = ev_loop_new(EVFLAG_AUTO);
    ev_init(&v->bound, on_bound);
    v->bound.data = v;
    ev_timer_init(&v->tick, on_tick, .01, .01);
    ev_timer_start(v->loop, &v->tick);
    utstring_init(&v->last);
    v->server = server_start(options);
    assert_non_null(v->server);
    return v;
}

static void live_free(struct live *v)
{
    link_free(v->link);
    server_stop(v->server);
    utstring_done(&v->last);
    ev_loop_destroy(v->loop);
    mem_free(v);
}

static void live_link(struct live *v, const char *url, struct link_options options)
{
    struct address address;
    struct err err = {0};
    if (!address_parse(&address, url, &err)) {
        fail_msg("%s", err.text);
    }
    options.name = "poll";
    options.address = &address;
    options.db = -1;
    options.user = v;
    v->link = link_new(v->loop, &options);
    address_release(&address);
    link_start(v->link);
}

static void on_reply(void *user, const struct reply *reply)
{
    struct live *v = user;
    utstring_clear(&v->last);
    text_add(&v->last, reply_is_error(reply) ? reply_error(reply) : reply_text(reply));
    v->number = -1;
    reply_int(reply, &v->number);
    v->replies += reply != NULL;
    v->nones += reply == NULL;
    v->unsent += reply == NULL && link_unsent(v->link);
}

#define run_cli(v, expected, ...)                                                                            \
    do {                                                                                                     \
        char *cli_text = server_cli((v)->server, __VA_ARGS__, NULL);                                         \
        assert_string_equal(cli_text, expected);                                                             \
        free(cli_text);                                                                                      \
    } while (0)

static void assert_answer(struct live *v, struct span command, struct span key, const char *expected)
{
    assert_true(link_command(v->link, on_reply, v, command, key));
    live_wait(v, is_answered, "the answer");
    assert_string_equal(utstring_body(&v->last), expected);
}

static void link__reads_its_database_under_its_name__when_connected_by_every_kind_of_address(void **state)
{
    (void)state;
    struct live *v = live_new(&(struct server_options){.with_tcp = true});
    char urls[3][128];
    snprintf(urls[0], sizeof(urls[0]), "%s", server_url(v->server, 3));
    snprintf(urls[1], sizeof(urls[1]), "redis://127.0.0.1:%d/3", server_port(v->server));
    snprintf(urls[2], sizeof(urls[2]), "redis://localhost:%d/3", server_port(v->server));
    const char *set[] = {"SET", "key", "in three"};
    char *text = server_cli_argv(v->server, 3, 3, set, (const size_t[]){3, 3, 8});
    assert_string_equal(text, "OK");
    free(text);
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        live_link(v, urls[i], (struct link_options){.no_touch = true});
        live_wait(v, is_ready, urls[i]);
        assert_answer(v, S("GET"), S("key"), "in three");
        assert_answer(v, S("CLIENT"), S("GETNAME"), "redai-console:poll");
        assert_int_equal(link_status(v->link)->connects, 1);
        assert_true(link_command(v->link, on_reply, v, S("CLIENT"), S("ID")));
        live_wait(v, is_answered, "the id");
        assert_int_equal(link_client_id(v->link), v->number);
        link_stop(v->link);
        assert_int_equal(link_client_id(v->link), -1);
        link_free(v->link);
        v->link = NULL;
    }
    live_free(v);
}

static void link__logs_in__when_the_password_or_user_is_right(void **state)
{
    (void)state;
    struct live *v = live_new(NULL);
    run_cli(v, "OK", "ACL", "SETUSER", "bob", "on", ">p@ s", "+@all");
    run_cli(v, "OK", "CONFIG", "SET", "requirepass", "s:e/c");
    static const char *const credentials[] = {":s:e%2fc", "default:s%3Ae%2Fc", "bob:p%40%20s"};
    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        char url[256];
        snprintf(url, sizeof(url), "unix://%s@%s?db=1", credentials[i], server_socket(v->server));
        live_link(v, url, (struct link_options){0});
        live_wait(v, is_ready, credentials[i]);
        assert_answer(v, S("ACL"), S("WHOAMI"), i == 2 ? "bob" : "default");
        link_free(v->link);
        v->link = NULL;
    }
    live_free(v);
}

static void link__says_what_the_server_says_and_gets_in_later__when_the_password_is_wrong(void **state)
{
    (void)state;
    static const char *const args[] = {"--requirepass", "right", NULL};
    struct live *v = live_new(&(struct server_options){.args = args, .password = "right"});
    char url[256];
    snprintf(url, sizeof(url), "unix://:hunter2@%s", server_socket(v->server));
    live_link(v, url, (struct link_options){0});
    live_wait(v, is_waiting, "refusal");
    assert_string_equal(link_status(v->link)->error,
                        "WRONGPASS invalid username-password pair or user is disabled.");
    run_cli(v, "OK", "CONFIG", "SET", "requirepass", "hunter2");
    live_wait(v, is_ready, "log-in by itself");
    link_free(v->link);

    live_link(v, server_url(v->server, 0), (struct link_options){0});
    live_wait(v, is_waiting, "refusal");
    assert_string_equal(link_status(v->link)->error, "NOAUTH Authentication required.");
    live_free(v);
}

static void link__says_what_the_server_says__when_the_database_does_not_exist(void **state)
{
    (void)state;
    struct live *v = live_new(NULL);
    live_link(v, server_url(v->server, 99), (struct link_options){0});
    live_wait(v, is_waiting, "refusal");
    assert_string_equal(link_status(v->link)->error, "ERR DB index is out of range");
    live_free(v);
}

static void link__says_so_and_gets_in_later__when_the_server_is_full(void **state)
{
    (void)state;
    struct live *v = live_new(NULL);
    redisContext *other = server_connect(v->server);
    redisReply *reply = redisCommand(other, "CONFIG SET maxclients 1");
    freeReplyObject(reply);
    live_link(v, server_url(v->server, 0), (struct link_options){0});
    live_wait(v, is_waiting, "refusal");
    assert_string_equal(link_status(v->link)->error, "ERR max number of clients reached");
    redisFree(other);
    live_wait(v, is_ready, "a place by itself");
    live_free(v);
}

static void link__comes_back_with_unknown_outcomes_told__when_the_server_is_killed_and_started_again(
    void **state)
{
    (void)state;
    struct live *v = live_new(NULL);
    live_link(v, server_url(v->server, 2), (struct link_options){0});
    live_wait(v, is_ready, "ready");
    for (int i = 1; i <= 3; i++) {
        /* Stopped, so that the command is sent and surely not answered before the end. */
        server_pause(v->server);
        link_command(v->link, on_reply, v, S("INCR"), S("k"));
        ev_run(v->loop, EVRUN_NOWAIT);
        ev_run(v->loop, EVRUN_NOWAIT);
        server_kill(v->server);
        live_wait(v, is_waiting, "notice of the end");
        assert_int_equal(v->nones, i);
        assert_int_equal(v->unsent, 0);
        assert_false(link_command(v->link, on_reply, v, S("INCR"), S("k")));
        assert_true(server_restart(v->server));
        live_wait(v, is_ready, "return by itself");
        assert_int_equal(link_status(v->link)->connects, i + 1);
        assert_answer(v, S("GET"), S("k"), "");
    }
    live_free(v);
}

static void link__gives_none_and_comes_back__when_the_server_is_stopped_for_a_while(void **state)
{
    (void)state;
    struct live *v = live_new(NULL);
    live_link(
        v, server_url(v->server, 0),
        (struct link_options){.reply_timeout_us = 200 * US_PER_MS, .connect_timeout_us = 200 * US_PER_MS});
    live_wait(v, is_ready, "ready");
    server_pause(v->server);
    link_command(v->link, on_reply, v, S("INCR"), S("k"));
    live_wait(v, is_waiting, "notice of the silence");
    assert_string_equal(link_status(v->link)->error, "no reply for 200 ms");
    assert_int_equal(v->nones, 1);
    assert_int_equal(v->unsent, 0);
    server_resume(v->server);
    live_wait(v, is_ready, "return by itself");
    /* It was unknown, and it has happened. */
    assert_answer(v, S("GET"), S("k"), "1");
    live_free(v);
}

static void link__stays_connected__when_the_server_cuts_idle_clients(void **state)
{
    (void)state;
    static const char *const args[] = {"--timeout", "1", NULL};
    struct live *v = live_new(&(struct server_options){.args = args});
    live_link(v, server_url(v->server, 0), (struct link_options){.keepalive_us = 150 * US_PER_MS});
    struct link *kept = v->link;
    live_link(v, server_url(v->server, 0), (struct link_options){0});
    live_wait(v, is_ready, "ready");
    live_wait(v, is_waiting, "the cut of the idle one");
    assert_string_equal(link_status(kept)->error, "");
    assert_true(link_is_ready(kept));
    assert_int_equal(link_status(kept)->connects, 1);
    link_free(kept);
    live_free(v);
}

static void on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct live *v = user;
    int64_t number = -1;
    v->in_order += span_equal(pattern, S("st*")) && span_equal(channel, S("storm")) &&
                   num_i64(span_head(payload, span_find(payload, ' ')), &number) && number == v->messages;
    v->messages++;
}

static void on_state_subscribe(void *user, const struct link_status *status)
{
    struct live *v = user;
    if (status->state == LINK_READY) {
        assert_true(link_psubscribe(v->link, 1, (const struct span[]){S("st*")}));
    }
}

static bool has_all_messages(struct live *v)
{
    return v->messages >= STORM_MESSAGES;
}

static bool is_subscribed(struct live *v)
{
    return link_is_ready(v->link) && link_pending(v->link) == 0;
}

/* In a process of its own: it blocks while the test reads. */
static pid_t publish_storm(const struct live *v)
{
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    redisContext *c = server_connect(v->server);
    for (int i = 0; c && i < STORM_MESSAGES; i += STORM_BATCH) {
        redisReply *reply = NULL;
        for (int k = i; k < i + STORM_BATCH; k++) {
            redisAppendCommand(c, "PUBLISH storm %d%s", k, k % 3 ? " exam:17:question:4\r\n" : "");
        }
        for (int k = 0; k < STORM_BATCH; k++) {
            if (redisGetReply(c, (void **)&reply) != REDIS_OK) {
                _exit(EXIT_FAILURE);
            }
            freeReplyObject(reply);
        }
    }
    _exit(c ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void link__counts_every_message_in_order__when_a_storm_of_200000_comes(void **state)
{
    (void)state;
    struct live *v = live_new(NULL);
    int status = -1;
    live_link(v, server_url(v->server, 0),
              (struct link_options){.on_message = on_message, .on_state = on_state_subscribe});
    live_wait(v, is_subscribed, "subscription");
    pid_t publisher = publish_storm(v);
    assert_true(publisher > 0);
    live_wait(v, has_all_messages, "all messages");
    assert_int_equal(waitpid(publisher, &status, 0), publisher);
    assert_int_equal(status, 0);
    assert_int_equal(v->messages, STORM_MESSAGES);
    assert_int_equal(v->in_order, STORM_MESSAGES);
    assert_int_equal(link_cost(v->link).messages, STORM_MESSAGES);
    /* Subscribed again by its owner after a loss. */
    run_cli(v, "1", "CLIENT", "KILL", "TYPE", "pubsub");
    live_wait(v, is_waiting, "notice of the loss");
    live_wait(v, is_subscribed, "subscription");
    run_cli(v, "1", "PUBLISH", "storm", "200000");
    live_free(v);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count;
}

static bool is_out(struct live *v)
{
    return !link_is_ready(v->link);
}

/* A thread that has looked up a name closes its end a moment after its answer. */
static bool has_descriptors_of_first_round(struct live *v)
{
    return open_descriptors() == v->descriptors;
}

static void link__leaks_no_descriptor__when_it_is_killed_200_times(void **state)
{
    (void)state;
    struct live *v = live_new(&(struct server_options){.with_tcp = true});
    char url[128];
    snprintf(url, sizeof(url), "redis://localhost:%d", server_port(v->server));
    v->descriptors = open_descriptors() + 1; /* the connection */
    live_link(v, url, (struct link_options){0});
    for (int i = 0; i < ROUNDS; i++) {
        live_wait(v, is_ready, "ready");
        link_command(v->link, on_reply, v, S("PING"));
        live_wait(v, is_answered, "the answer");
        live_wait(v, has_descriptors_of_first_round, "as few descriptors as before");
        run_cli(v, "1", "CLIENT", "KILL", "TYPE", "normal");
        live_wait(v, is_out, "notice of the end");
        link_retry_now(v->link);
    }
    live_wait(v, is_ready, "ready");
    assert_int_equal(link_status(v->link)->connects, ROUNDS + 1);
    assert_int_equal(v->replies, ROUNDS);
    live_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link__reads_its_database_under_its_name__when_connected_by_every_kind_of_address),
        cmocka_unit_test(link__logs_in__when_the_password_or_user_is_right),
        cmocka_unit_test(link__says_what_the_server_says_and_gets_in_later__when_the_password_is_wrong),
        cmocka_unit_test(link__says_what_the_server_says__when_the_database_does_not_exist),
        cmocka_unit_test(link__says_so_and_gets_in_later__when_the_server_is_full),
        cmocka_unit_test(
            link__comes_back_with_unknown_outcomes_told__when_the_server_is_killed_and_started_again),
        cmocka_unit_test(link__gives_none_and_comes_back__when_the_server_is_stopped_for_a_while),
        cmocka_unit_test(link__stays_connected__when_the_server_cuts_idle_clients),
        cmocka_unit_test(link__counts_every_message_in_order__when_a_storm_of_200000_comes),
        cmocka_unit_test(link__leaks_no_descriptor__when_it_is_killed_200_times),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
