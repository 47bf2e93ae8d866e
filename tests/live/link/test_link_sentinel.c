/* Links by way of sentinels: the master is found, followed through a failover, and what was in flight is
 * unknown. */
#include "server/sentinel.h"
#include "server/server.h"
#include "support/unit.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

#include "redai/link/link.h"

enum { BOUND_S = 60 };

struct watch {
    struct ev_loop *loop;
    struct ev_timer bound, tick;
    bool is_over;
    struct server *first, *second;
    struct sentry *sentry;
    struct link *link;
    int replies, nones, unsent;
    char text[64];
};

static void on_bound(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    ((struct watch *)w->data)->is_over = true;
}

static void on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

static void wait_for(struct watch *w, bool (*holds)(struct watch *w), const char *what)
{
    w->is_over = false;
    ev_timer_set(&w->bound, BOUND_S, 0.);
    ev_timer_start(w->loop, &w->bound);
    while (!holds(w)) {
        ev_run(w->loop, EVRUN_ONCE);
        if (w->is_over) {
            fail_msg("%s: did not happen; the link says \"%s\"", what, link_status(w->link)->error);
        }
    }
    ev_timer_stop(w->loop, &w->bound);
}

static bool is_ready(struct watch *w)
{
    return link_is_ready(w->link);
}

static bool is_waiting(struct watch *w)
{
    return link_status(w->link)->state == LINK_WAITING;
}

static bool has_reply(struct watch *w)
{
    return w->replies > 0;
}

static void on_reply(void *user, const struct reply *reply)
{
    struct watch *w = user;
    struct span text = reply_text(reply);
    w->replies++;
    w->nones += reply == NULL;
    w->unsent += reply == NULL && link_unsent(w->link);
    snprintf(w->text, sizeof w->text, "%.*s", (int)span_head(text, sizeof w->text - 1).len,
             text.len ? text.data : "");
}

static struct watch *watch_new(void)
{
    static const char *first[] = {"--requirepass", "data", "--masterauth", "data", NULL};
    static const char *second[] = {"--requirepass", "data",      "--masterauth", "data",
                                   "--replicaof",   "127.0.0.1", NULL,           NULL};
    static char port[8];
    struct watch *w = mem_zalloc(sizeof *w);
    w->loop = ev_loop_new(EVFLAG_AUTO);
    ev_timer_init(&w->bound, on_bound, BOUND_S, 0.);
    ev_timer_init(&w->tick, on_tick, 0.02, 0.02);
    w->bound.data = w;
    ev_timer_start(w->loop, &w->tick);
    w->first = server_start(&(struct server_options){.args = first, .password = "data", .with_tcp = true});
    assert_non_null(w->first);
    snprintf(port, sizeof port, "%d", server_port(w->first));
    second[6] = port;
    w->second = server_start(&(struct server_options){.args = second, .password = "data", .with_tcp = true});
    assert_non_null(w->second);
    w->sentry = sentry_start(&(struct sentry_options){.service = "main",
                                                      .master_port = server_port(w->first),
                                                      .password = "guard",
                                                      .config = "sentinel auth-pass main data\n"});
    return w;
}

static void watch_free(struct watch *w)
{
    link_free(w->link);
    sentry_stop(w->sentry);
    server_stop(w->second);
    server_stop(w->first);
    ev_loop_destroy(w->loop);
    mem_free(w);
}

static void watch_link(struct watch *w, const char *hosts, const char *service, const char *password)
{
    char url[160];
    struct address a;
    struct err err = {0};
    snprintf(url, sizeof url, "redis+sentinel://:data@%s/%s", hosts, service);
    assert_true(address_parse(&a, url, &err));
    a.sentinel_password = mem_strdup(password);
    link_free(w->link);
    w->link = link_new(w->loop, &(struct link_options){.name = "act", .address = &a, .db = -1, .user = w});
    address_release(&a);
    link_start(w->link);
}

static void expect_refusal(struct watch *w, const char *words)
{
    wait_for(w, is_waiting, words);
    if (!strstr(link_status(w->link)->error, words)) {
        fail_msg("the link says \"%s\", wanted \"%s\"", link_status(w->link)->error, words);
    }
}

static void master__is_found_by_any_sentinel__and_what_is_wrong_is_said(void **state)
{
    struct watch *w = *state;
    char hosts[96];
    snprintf(hosts, sizeof hosts, "127.0.0.1:%d,127.0.0.1:%d", server_free_port(), sentry_port(w->sentry));
    watch_link(w, hosts, "main", "guard");
    wait_for(w, is_ready, "the master behind a sentinel that is gone");

    snprintf(hosts, sizeof hosts, "127.0.0.1:%d", sentry_port(w->sentry));
    watch_link(w, hosts, "other", "guard");
    expect_refusal(w, "knows no service \"other\"");
    watch_link(w, hosts, "main", NULL);
    expect_refusal(w, "NOAUTH");
    snprintf(hosts, sizeof hosts, "127.0.0.1:%d", server_free_port());
    watch_link(w, hosts, "main", "guard");
    expect_refusal(w, "connection refused");
}

static void failover__is_followed__and_what_was_in_flight_is_unknown(void **state)
{
    struct watch *w = *state;
    char hosts[96], text[4096], wanted[32];
    assert_true(sentry_knows(w->sentry, 1)); /* only then can it fail over */
    snprintf(hosts, sizeof hosts, "127.0.0.1:%d", sentry_port(w->sentry));
    watch_link(w, hosts, "main", "guard");
    wait_for(w, is_ready, "the master");
    int64_t connects = link_status(w->link)->connects;

    server_pause(w->first); /* it neither answers nor hangs up: only the sentinel can tell */
    w->replies = w->nones = 0;
    assert_true(link_command(w->link, on_reply, w, S("SET"), S("key"), S("value")));
    link_flush(w->link);
    wait_for(w, has_reply, "the end of what was in flight");
    assert_int_equal(w->nones, 1);
    assert_int_equal(w->unsent, 0);
    wait_for(w, is_ready, "the new master");
    assert_true(link_status(w->link)->connects > connects);
    sentry_ask(w->sentry, "SENTINEL get-master-addr-by-name main", text, sizeof text);
    snprintf(wanted, sizeof wanted, "\n%d\n", server_port(w->second));
    assert_non_null(strstr(text, wanted));

    w->replies = w->nones = 0;
    assert_true(link_command(w->link, on_reply, w, S("CONFIG"), S("GET"), S("port")));
    wait_for(w, has_reply, "its answer");
    w->replies = 0;
    assert_true(link_command(w->link, on_reply, w, S("SET"), S("key"), S("value")));
    wait_for(w, has_reply, "a write");
    assert_string_equal(w->text, "OK");
    server_resume(w->first);
}

static int set_up(void **state)
{
    *state = watch_new();
    return 0;
}

static int tear_down(void **state)
{
    watch_free(*state);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(master__is_found_by_any_sentinel__and_what_is_wrong_is_said),
        cmocka_unit_test(failover__is_followed__and_what_was_in_flight_is_unknown),
    };
    server_require();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
