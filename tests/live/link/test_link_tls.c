/* Links over TLS on a real server: what is verified, what is refused in which words, and that all that works
 * on a plain socket works here too. */
#include "server/server.h"
#include "support/certificate.h"
#include "support/unit.h"

#include <assert.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

#include "redai/link/link.h"

enum { BOUND_S = 60, LARGE = 4 * 1024 * 1024, MESSAGES = 20000, ROUNDS = 40 };

static char folder[64];

struct secure {
    struct ev_loop *loop;
    struct ev_timer bound, tick;
    bool is_over;
    struct server *server;
    struct link *link;
    int port, replies, nones;
    size_t last_len;
    char last_first, last_last;
    int64_t messages;
};

static void on_bound(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    ((struct secure *)w->data)->is_over = true;
}

static void on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

static void wait_for(struct secure *s, bool (*holds)(struct secure *s), const char *what)
{
    s->is_over = false;
    ev_timer_set(&s->bound, BOUND_S, 0.);
    ev_timer_start(s->loop, &s->bound);
    while (!holds(s)) {
        ev_run(s->loop, EVRUN_ONCE);
        if (s->is_over) {
            fail_msg("%s: did not happen; the link says \"%s\"", what, link_status(s->link)->error);
        }
    }
    ev_timer_stop(s->loop, &s->bound);
}

static bool is_ready(struct secure *s)
{
    return link_is_ready(s->link);
}

static bool is_waiting(struct secure *s)
{
    return link_status(s->link)->state == LINK_WAITING;
}

static bool has_reply(struct secure *s)
{
    return s->replies > 0;
}

static bool has_all_messages(struct secure *s)
{
    return s->messages == MESSAGES;
}

static void on_reply(void *user, const struct reply *reply)
{
    struct secure *s = user;
    struct span text = reply_text(reply);
    s->replies++;
    s->nones += reply == NULL;
    s->last_len = text.len;
    s->last_first = text.len ? text.data[0] : 0;
    s->last_last = text.len ? text.data[text.len - 1] : 0;
}

static void on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct secure *s = user;
    (void)pattern;
    (void)channel;
    (void)payload;
    s->messages++;
}

static const char *path(char *out, size_t size, const char *name, const char *suffix)
{
    snprintf(out, size, "%s/%s.%s", folder, name, suffix);
    return out;
}

/* A server with the certificate of that name. */
static struct secure *secure_new(const char *name, const char *clients)
{
    struct secure *s = mem_zalloc(sizeof *s);
    static char port[8], cert[128], key[128], ca[128];
    s->port = server_free_port();
    snprintf(port, sizeof port, "%d", s->port);
    static const char *args[12]; /* it outlives the server */
    const char *const all[] = {"--tls-port",
                               port,
                               "--tls-cert-file",
                               path(cert, sizeof cert, name, "pem"),
                               "--tls-key-file",
                               path(key, sizeof key, name, "key"),
                               "--tls-ca-cert-file",
                               path(ca, sizeof ca, "authority", "pem"),
                               "--tls-auth-clients",
                               clients,
                               NULL};
    static_assert(COUNT_OF(all) <= COUNT_OF(args), "room for all");
    memcpy(args, all, sizeof all);
    s->server = server_start(&(struct server_options){.args = args});
    assert_non_null(s->server);
    s->loop = ev_loop_new(EVFLAG_AUTO);
    ev_timer_init(&s->bound, on_bound, BOUND_S, 0.);
    ev_timer_init(&s->tick, on_tick, 0.02, 0.02);
    s->bound.data = s;
    ev_timer_start(s->loop, &s->tick);
    return s;
}

struct trust {
    const char *ca, *cert, *sni; /* names of files; NULL none */
    bool insecure;
};

static void secure_link(struct secure *s, const char *place, const struct trust *t, bool is_feed)
{
    char url[128], ca[128], cert[128], key[128];
    struct address a;
    struct err err = {0};
    snprintf(url, sizeof url, "%s:%d", place, s->port);
    assert_true(address_parse(&a, url, &err));
    a.tls = (struct address_tls){
        .ca_file = t->ca ? mem_strdup(path(ca, sizeof ca, t->ca, "pem")) : NULL,
        .cert = t->cert ? mem_strdup(path(cert, sizeof cert, t->cert, "pem")) : NULL,
        .key = t->cert ? mem_strdup(path(key, sizeof key, t->cert, "key")) : NULL,
        .server_name = mem_strdup(t->sni),
        .insecure = t->insecure,
    };
    link_free(s->link);
    s->link = link_new(s->loop, &(struct link_options){
                                    .name = "act",
                                    .address = &a,
                                    .db = -1,
                                    .connect_timeout_us = 2 * US_PER_S,
                                    .on_message = is_feed ? on_message : NULL,
                                    .user = s,
                                });
    address_release(&a);
    link_start(s->link);
}

static void secure_free(struct secure *s)
{
    link_free(s->link);
    server_stop(s->server);
    ev_loop_destroy(s->loop);
    mem_free(s);
}

#define HOST "rediss://localhost"

static void expect_refusal(struct secure *s, const char *url, struct trust t, const char *words)
{
    secure_link(s, url, &t, false);
    wait_for(s, is_waiting, words);
    if (!strstr(link_status(s->link)->error, words)) {
        fail_msg("the link says \"%s\", wanted \"%s\"", link_status(s->link)->error, words);
    }
}

static void expect_welcome(struct secure *s, const char *url, struct trust t)
{
    secure_link(s, url, &t, false);
    wait_for(s, is_ready, "a welcome");
}

static void chain_and_name__are_verified(void **state)
{
    (void)state;
    struct secure *s = secure_new("good", "no");
    expect_welcome(s, HOST, (struct trust){.ca = "authority"});
    expect_welcome(s, "rediss://127.0.0.1", (struct trust){.ca = "authority"});
    expect_welcome(s, "rediss://127.0.0.1", (struct trust){.ca = "authority", .sni = "localhost"});
    expect_refusal(s, HOST, (struct trust){0}, "\"authority\"");
    expect_refusal(s, HOST, (struct trust){.ca = "stranger"}, "not trusted here: --cacert FILE");
    expect_refusal(s, HOST, (struct trust){.ca = "authority", .sni = "b.example"},
                   "certificate is for localhost, 127.0.0.1, not for b.example");
    expect_welcome(s, HOST, (struct trust){.insecure = true});
    secure_free(s);
}

static void copy_file(const char *from, const char *to)
{
    char command[300];
    snprintf(command, sizeof command, "cp %s/%s.pem %s/%s.pem", folder, from, folder, to);
    assert_int_equal(system(command), 0);
}

/* What was read of a file serves until the file is another one. */
static void authorities__are_read_again__when_their_file_changes(void **state)
{
    (void)state;
    char late[128];
    struct secure *s = secure_new("good", "no");
    copy_file("stranger", "late");
    expect_refusal(s, HOST, (struct trust){.ca = "late"}, "not trusted here");
    expect_welcome(s, HOST, (struct trust){.ca = "authority"});
    expect_refusal(s, HOST, (struct trust){.ca = "late"}, "not trusted here");
    copy_file("authority", "late");
    expect_welcome(s, HOST, (struct trust){.ca = "late"});
    copy_file("stranger", "late");
    expect_refusal(s, HOST, (struct trust){.ca = "late"}, "not trusted here");
    unlink(path(late, sizeof late, "late", "pem"));
    expect_refusal(s, HOST, (struct trust){.ca = "late"}, "--cacert");
    secure_free(s);
}

static void certificates_that_are_wrong__are_refused_in_words(void **state)
{
    static const struct {
        const char *name, *words;
    } wrong[] = {
        {"expired", "TLS: the server's certificate expired on "},
        {"early", "TLS: the server's certificate is not valid before "},
        {"other", "TLS: the server's certificate is for other.example, not for localhost"},
        {"self", "TLS: the server's certificate is self-signed: --cacert FILE"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct secure *s = secure_new(wrong[i].name, "no");
        expect_refusal(s, HOST, (struct trust){.ca = "authority"}, wrong[i].words);
        expect_welcome(s, HOST, (struct trust){.insecure = true});
        secure_free(s);
    }
}

static void client_certificate__is_shown_when_the_server_asks(void **state)
{
    (void)state;
    struct secure *s = secure_new("good", "yes");
    expect_refusal(s, HOST, (struct trust){.ca = "authority"}, "wants a client certificate: --cert FILE");
    expect_refusal(s, HOST, (struct trust){.ca = "authority", .cert = "self"}, "(--cert)");
    expect_refusal(s, HOST, (struct trust){.ca = "authority", .cert = "nobody"}, "nobody.pem: ");
    expect_welcome(s, HOST, (struct trust){.ca = "authority", .cert = "client"});
    secure_free(s);
}

static void wrong_kind_of_port__is_guessed(void **state)
{
    (void)state;
    struct secure *s = secure_new("good", "no");
    expect_refusal(s, "redis://localhost", (struct trust){0}, "does this port want rediss://?");
    secure_free(s);

    s = mem_zalloc(sizeof *s);
    s->server = server_start(&(struct server_options){.with_tcp = true});
    s->port = server_port(s->server);
    s->loop = ev_loop_new(EVFLAG_AUTO);
    ev_timer_init(&s->bound, on_bound, BOUND_S, 0.);
    s->bound.data = s;
    expect_refusal(s, HOST, (struct trust){.ca = "authority"}, "does this port speak TLS?");
    secure_free(s);
}

static void large_values_and_many_messages__come_whole(void **state)
{
    (void)state;
    struct secure *s = secure_new("good", "no");
    expect_welcome(s, HOST, (struct trust){.ca = "authority"});
    char *large = mem_zalloc(LARGE);
    memset(large, 'm', LARGE);
    large[0] = 'a';
    large[LARGE - 1] = 'z';
    assert_true(link_command(s->link, NULL, NULL, S("SET"), S("large"), span_make(large, LARGE)));
    assert_true(link_command(s->link, on_reply, s, S("GET"), S("large")));
    wait_for(s, has_reply, "4 MiB there and back");
    assert_int_equal(s->last_len, LARGE);
    assert_int_equal(s->last_first, 'a');
    assert_int_equal(s->last_last, 'z');
    mem_free(large);

    secure_link(s, HOST, &(struct trust){.ca = "authority"}, true);
    wait_for(s, is_ready, "a welcome");
    assert_true(link_subscribe(s->link, 1, &(struct span)SPAN_LITERAL("news")));
    redisContext *other = server_connect(s->server);
    for (;;) { /* until it is subscribed */
        redisReply *reply = redisCommand(other, "PUBSUB NUMSUB news");
        bool there = reply && reply->elements == 2 && reply->element[1]->integer == 1;
        freeReplyObject(reply);
        if (there) {
            break;
        }
        ev_run(s->loop, EVRUN_ONCE);
    }
    for (int i = 0; i < MESSAGES; i++) {
        redisAppendCommand(other, "PUBLISH news %d-and-some-more-bytes-so-that-records-are-filled", i);
    }
    for (int i = 0; i < MESSAGES; i++) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(other, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    wait_for(s, has_all_messages, "every message");
    redisFree(other);
    secure_free(s);
}

static size_t descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        count += fcntl(fd, F_GETFD) != -1;
    }
    return count;
}

static void killed_servers__are_found_again__and_nothing_leaks(void **state)
{
    (void)state;
    struct secure *s = secure_new("good", "no");
    expect_welcome(s, HOST, (struct trust){.ca = "authority"});
    size_t before = descriptors();
    for (int i = 0; i < ROUNDS; i++) {
        if (i < 3) {
            s->replies = s->nones = 0;
            server_pause(s->server);
            assert_true(link_command(s->link, on_reply, s, S("GET"), S("key")));
            link_flush(s->link);
            server_kill(s->server);
            wait_for(s, has_reply, "the end of what is pending");
            assert_int_equal(s->nones, 1);
            wait_for(s, is_waiting, "the loss");
            assert_true(server_restart(s->server));
        } else {
            free(server_cli(s->server, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes", NULL));
            wait_for(s, is_waiting, "the loss");
        }
        link_retry_now(s->link);
        wait_for(s, is_ready, "another welcome");
    }
    assert_int_equal(descriptors(), before);
    secure_free(s);
}

int main(void)
{
    static const struct certificate_wish wishes[] = {
        {"authority", NULL, NULL, -1, 30},
        {"stranger", NULL, NULL, -1, 30},
        {"good", "authority", "DNS:localhost,IP:127.0.0.1", -1, 30},
        {"expired", "authority", "DNS:localhost", -9, -1},
        {"early", "authority", "DNS:localhost", 2, 30},
        {"other", "authority", "DNS:other.example", -1, 30},
        {"self", NULL, "DNS:localhost", -1, 30},
        {"client", "authority", "DNS:client", -1, 30},
    };
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_and_name__are_verified),
        cmocka_unit_test(authorities__are_read_again__when_their_file_changes),
        cmocka_unit_test(certificates_that_are_wrong__are_refused_in_words),
        cmocka_unit_test(client_certificate__is_shown_when_the_server_asks),
        cmocka_unit_test(wrong_kind_of_port__is_guessed),
        cmocka_unit_test(large_values_and_many_messages__come_whole),
        cmocka_unit_test(killed_servers__are_found_again__and_nothing_leaks),
    };
    server_require();
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    snprintf(folder, sizeof folder, "/tmp/redai-tls-XXXXXX");
    if (!mkdtemp(folder)) {
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        certificate_make(folder, &wishes[i]);
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        char name[128];
        unlink(path(name, sizeof name, wishes[i].name, "pem"));
        unlink(path(name, sizeof name, wishes[i].name, "key"));
    }
    rmdir(folder);
    return failed;
}
