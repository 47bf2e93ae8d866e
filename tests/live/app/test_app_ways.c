/* Every way to a server: both families, names that come and go, sockets, users; from one to the other and
 * back; and that what was given for one server is told to no other. */
#include "seat.h"
#include "server/sentinel.h"
#include "support/certificate.h"
#include "support/unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SESAME  "o:p/e@n %?#s"
#define ESCAPED "o%%3Ap%%2Fe%%40n%%20%%25%%3F%%23s" /* in a format */

struct scene {
    struct server *open, *users; /* both families; a socket and a port with users */
    char names[256];
};

static int set_up(void **state)
{
    static const char *const both[] = {"--bind", "127.0.0.1 ::1", NULL};
    struct scene *scene = calloc(1, sizeof *scene);
    scene->open = server_start(&(struct server_options){.args = both, .with_tcp = true});
    scene->users = server_start(&(struct server_options){.with_tcp = true});
    assert_non_null(scene->open);
    assert_non_null(scene->users);
    stage_do(scene->open, 0, "SET exam:1 {}");
    stage_do(scene->users, 3, "SET exam:1 {}");
    stage_do(scene->users, 3, "SET exam:2 {}");
    free(server_cli(scene->users, "ACL", "SETUSER", "ann@x", "on", ">" SESAME, "~*", "&*", "+@all", NULL));
    free(server_cli(scene->users, "ACL", "SETUSER", "free", "on", "nopass", "~*", "&*", "+@all", NULL));
    free(server_cli(scene->users, "ACL", "SETUSER", "default", "off", NULL));
    snprintf(scene->names, sizeof scene->names, "%s", stage_path("names"));
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    server_stop(scene->users);
    server_stop(scene->open);
    free(scene);
    return 0;
}

/* The snapshot there reads so many cached keys. */
static void expect_keys(const char *const argv[], const char *const env[], const char *keys)
{
    struct ran r = stage_run(argv, env, NULL);
    if (!strstr(r.out, keys)) {
        fail_msg("%s: no \"%s\" in %s%s", argv[1] ? argv[1] : "", keys, r.out, r.err);
    }
    ran_free(&r);
}

#define LOOK(url) ((const char *const[]){"snapshot", (url), NULL})
#define ONE_KEY   "cache     1 key"
#define TWO_KEYS  "cache     2 keys"

static void snapshot__reads__over_both_families_and_a_socket_with_user_and_database(void **state)
{
    struct scene *scene = *state;
    char url[256];
    snprintf(url, sizeof url, "redis://[::1]:%d", server_port(scene->open));
    expect_keys(LOOK(url), NULL, ONE_KEY);
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", server_port(scene->open));
    expect_keys(LOOK(url), NULL, ONE_KEY);
    snprintf(url, sizeof url, "unix://ann%%40x:" ESCAPED "@%s?db=3", server_socket(scene->users));
    expect_keys(LOOK(url), NULL, TWO_KEYS);
    snprintf(url, sizeof url, "redis://ann%%40x:" ESCAPED "@127.0.0.1:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), NULL, TWO_KEYS);
    snprintf(url, sizeof url, "redis://free:@127.0.0.1:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), NULL, TWO_KEYS);
    snprintf(url, sizeof url, "redis://free2:wrong@127.0.0.1:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), NULL, "WRONGPASS");
    snprintf(url, sizeof url, "redis://127.0.0.1:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), NULL, "NOAUTH");
}

static void user_and_password__come_from_variables_and_from_an_env_file(void **state)
{
    struct scene *scene = *state;
    char port[32], url[256], text[512];
    snprintf(port, sizeof port, "REDIS_PORT=%d", server_port(scene->users));
    expect_keys(
        (const char *const[]){"snapshot", NULL},
        ENV("REDIS_HOST=127.0.0.1", port, "REDIS_DB=3", "REDIS_USERNAME=ann@x", "REDIS_PASSWORD=" SESAME),
        TWO_KEYS);
    snprintf(url, sizeof url, "REDIS_URL=redis://ann%%40x:" ESCAPED "@127.0.0.1:%d/3",
             server_port(scene->users));
    expect_keys((const char *const[]){"snapshot", NULL}, ENV(url), TWO_KEYS);
    snprintf(
        text, sizeof text,
        "export REDIS_HOST=127.0.0.1\n%s # the port\nREDIS_DB=3\nREDIS_USERNAME=ann@x\nREDIS_PASSWORD='%s'\n",
        port, SESAME);
    stage_write(stage_path("env"), text);
    expect_keys((const char *const[]){"snapshot", "--env-file", stage_path("env"), NULL}, NULL, TWO_KEYS);
}

static const char *const *with_names(const struct scene *scene)
{
    static char names[300];
    static const char *env[4];
    snprintf(names, sizeof names, "REDAI_TEST_NAMES=%s", scene->names);
    env[0] = "LD_PRELOAD=" REDAI_TEST_NAMES;
    env[1] = names;
    env[2] = "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0";
    return env;
}

static void name__is_reached_at_the_family_that_answers(void **state)
{
    struct scene *scene = *state;
    char url[128];
    /* users listens on 127.0.0.1 alone. */
    stage_write(scene->names, "both.test ::1 127.0.0.1\nback.test 127.0.0.1 ::1\nsix.test ::1\n");
    snprintf(url, sizeof url, "redis://free:@both.test:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), with_names(scene), TWO_KEYS);
    snprintf(url, sizeof url, "redis://free:@back.test:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), with_names(scene), TWO_KEYS);
    snprintf(url, sizeof url, "redis://free:@six.test:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), with_names(scene), "connection refused");
    snprintf(url, sizeof url, "redis://free:@none.test:%d/3", server_port(scene->users));
    expect_keys(LOOK(url), with_names(scene), "host \"none.test\": Name or service not known");
}

static void cut_all(struct server *s)
{
    stage_do(s, 0, "CLIENT KILL TYPE normal SKIPME yes");
    stage_do(s, 0, "CLIENT KILL TYPE pubsub");
}

static void name_service__may_go_and_come_back__while_running(void **state)
{
    struct scene *scene = *state;
    char url[128];
    stage_write(scene->names, "app.test 127.0.0.1\n");
    snprintf(url, sizeof url, "redis://app.test:%d", server_port(scene->open));
    struct pty *p = pty_start(CONSOLE(url), with_names(scene), seat_large.rows, seat_large.cols);
    seat_see(p, "2 cache 1 key");
    /* While the connection lives nobody asks. */
    unlink(scene->names);
    stage_do(scene->open, 0, "SET exam:2 {}");
    seat_see(p, "2 cache 2 keys");
    cut_all(scene->open);
    seat_see(p, "!! REDIS UNREACHABLE: host \"app.test\": Temporary failure in name resolution");
    seat_do(p, "?", "help");
    seat_key(p, "\033");
    seat_see(p, "since ");
    /* It is another address when it comes back. */
    stage_write(scene->names, "app.test ::1\n");
    seat_see_gone(p, "UNREACHABLE");
    seat_see(p, "2 cache 2 keys");
    char *clients = stage_ask(scene->open, 0, "CLIENT LIST TYPE normal");
    assert_non_null(strstr(clients, "addr=[::1]"));
    free(clients);
    stage_do(scene->open, 0, "DEL exam:2");
    seat_quit(p);
}

static void connect__leads_to_each_kind_and_back__and_a_dead_end_says_so(void **state)
{
    struct scene *scene = *state;
    char line[300], back[64];
    snprintf(back, sizeof back, ":connect redis://[::1]:%d\r", server_port(scene->open));
    snprintf(line, sizeof line, "redis://127.0.0.1:%d", server_port(scene->open));
    struct pty *p = pty_start(CONSOLE(line), NULL, seat_large.rows, seat_large.cols);
    seat_see(p, "2 cache 1 key");
    snprintf(line, sizeof line, ":connect unix://free:@%s?db=3\r", server_socket(scene->users));
    seat_do(p, line, "2 cache 2 keys");
    seat_do(p, back, "2 cache 1 key");
    snprintf(line, sizeof line, ":connect redis://ann%%40x:" ESCAPED "@127.0.0.1:%d/3\r",
             server_port(scene->users));
    seat_do(p, line, "2 cache 2 keys");
    assert_null(memmem(pty_screen_text(p), strlen(pty_screen_text(p)), "o%3Ap", 5));
    /* Nobody is there: it says so, and stays ready for the way back. */
    snprintf(line, sizeof line, ":connect redis://127.0.0.1:%d\r", server_free_port());
    seat_do(p, line, "!! REDIS UNREACHABLE: connection refused");
    seat_see(p, ":connect -");
    seat_do(p, ":connect -\r", "2 cache 2 keys");
    snprintf(line, sizeof line, ":connect redis+sentinel://127.0.0.1:%d/main\r", server_free_port());
    seat_do(p, line, "!! REDIS UNREACHABLE: sentinel: ");
    seat_do(p, back, "2 cache 1 key");
    /* What is no address leads nowhere. */
    seat_do(p, ":connect redis://[::1\r", "expected \"]\" behind an IPv6 address");
    seat_see(p, "2 cache 1 key");
    seat_quit(p);
}

static const char *file(const char *name)
{
    char suffixed[64];
    snprintf(suffixed, sizeof suffixed, "tls/%s", name);
    return stage_path(suffixed);
}

static void make_certificates(void)
{
    static const struct certificate_wish wishes[] = {
        {"authority", NULL, NULL, -1, 100},
        {"server", "authority", "DNS:localhost,IP:127.0.0.1", -1, 100},
        {"client", "authority", "DNS:console", -1, 100},
    };
    assert_int_equal(mkdir(stage_path("tls"), 0700), 0);
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        certificate_make(stage_path("tls"), &wishes[i]);
    }
}

/* more: further arguments, kept for as long as the server lives. */
static struct server *secure_server(const char *port, const char *clients, const char *const more[])
{
    enum { ROOM = 32 };
    static const char *kept[8][ROOM]; /* NULL behind the last */
    static size_t servers;
    assert_true(servers < COUNT_OF(kept));
    const char **args = kept[servers++];
    size_t n = 0;
    const char *const all[] = {"--tls-port",
                               port,
                               "--tls-cert-file",
                               file("server.pem"),
                               "--tls-key-file",
                               file("server.key"),
                               "--tls-ca-cert-file",
                               file("authority.pem"),
                               "--tls-auth-clients",
                               clients,
                               "--tls-replication",
                               "yes",
                               "--repl-diskless-sync-delay",
                               "0"};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        args[n++] = strdup(all[i]);
    }
    for (; more && *more && n < ROOM - 1; more++) {
        args[n++] = strdup(*more);
    }
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

/* --cert was given for the server that is opened: another one, that asks for one, gets none, unless its line
 * says so; and back there it is shown again. */
static void certificate__is_shown_to_the_server_it_was_given_for__and_to_no_other(void **state)
{
    char first[16], other[16], url[64], line[256], text[600];
    (void)state;
    snprintf(first, sizeof first, "%d", server_free_port());
    struct server *one = secure_server(first, "yes", NULL);
    snprintf(other, sizeof other, "%d", server_free_port());
    struct server *two = secure_server(other, "yes", NULL);
    stage_do(one, 0, "SET exam:1 {}");
    snprintf(url, sizeof url, "rediss://localhost:%s", first);
    snprintf(text, sizeof text,
             "connection bare rediss://localhost:%s\nconnection own rediss://localhost:%s cert %s key %s\n",
             other, other, file("client.pem"), file("client.key"));
    stage_write(stage_path("config-tls"), text);
    struct pty *p = pty_start(CONSOLE("--config", stage_path("config-tls"), "--cacert", file("authority.pem"),
                                      "--cert", file("client.pem"), "--key", file("client.key"), url),
                              NULL, seat_large.rows, seat_large.cols);
    seat_see(p, "2 cache 1 key");
    snprintf(line, sizeof line, ":connect rediss://localhost:%s\r", other);
    seat_do(p, line, "UNREACHABLE: TLS: the server wants a client certificate");
    seat_see(p, "certificate");
    seat_do(p, ":connect -\r", "2 cache 1 key");
    seat_do(p, ":connect @bare\r", "UNREACHABLE: TLS: the server wants a client certificate");
    seat_do(p, ":connect @own\r", "the database is empty");
    /* A place without TLS is no reason to end, whatever was given at first. */
    snprintf(line, sizeof line, ":connect redis://127.0.0.1:%d\r", server_free_port());
    seat_do(p, line, "!! REDIS UNREACHABLE: connection refused");
    seat_do(p, ":connect @bare\r", "certificate");
    seat_quit(p);
    server_stop(two);
    server_stop(one);
}

static void sentinels_and_servers_with_tls__lead_to_the_master_and_to_a_replica(void **state)
{
    char first[16], other[16], url[96], config[600], cli[200];
    (void)state;
    snprintf(first, sizeof first, "%d", server_free_port());
    struct server *master = secure_server(first, "no", NULL);
    snprintf(other, sizeof other, "%d", server_free_port());
    struct server *replica =
        secure_server(other, "no", (const char *const[]){"--replicaof", "127.0.0.1", first, NULL});
    stage_do(master, 0, "SET exam:1 {}");
    snprintf(
        config, sizeof config,
        "tls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\ntls-auth-clients no\ntls-replication yes\n",
        file("server.pem"), file("server.key"), file("authority.pem"));
    snprintf(cli, sizeof cli, "--tls --cacert %s", file("authority.pem"));
    struct sentry *sentry = sentry_start(&(struct sentry_options){
        .service = "main", .master_port = atoi(first), .config = config, .cli = cli, .no_port = true});
    assert_true(sentry_knows(sentry, 1));
    snprintf(url, sizeof url, "rediss+sentinel://127.0.0.1:%d/main", sentry_port(sentry));
    expect_keys((const char *const[]){"snapshot", "--cacert", file("authority.pem"), url, NULL}, NULL,
                " master, up");
    expect_keys((const char *const[]){"snapshot", "--cacert", file("authority.pem"), "--read-from", "replica",
                                      url, NULL},
                NULL, " slave, up");
    expect_keys(LOOK(url), NULL, "\"authority\"");
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/main", sentry_port(sentry));
    expect_keys(LOOK(url), NULL, "does this port want rediss");
    sentry_stop(sentry);
    server_stop(replica);
    server_stop(master);
}

/* TLS and a user of its own at each: the sentinels' by REDIS_SENTINEL_*, the servers' by the URL and by hand.
 */
static void sentinels_and_servers_with_tls__know_each_a_user_of_their_own(void **state)
{
    static const char *const user[] = {"--user", "ada",    "on",      ">data", "~*", "&*",
                                       "+@all",  "--user", "default", "off",   NULL};
    char port[16], url[96], config[900], cli[300];
    (void)state;
    snprintf(port, sizeof port, "%d", server_free_port());
    struct server *master = secure_server(port, "no", user);
    snprintf(
        config, sizeof config,
        "tls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\ntls-auth-clients no\ntls-replication yes\n"
        "sentinel auth-user main ada\nsentinel auth-pass main data\n"
        "user guard on >word ~* &* +@all\nuser default off\n",
        file("server.pem"), file("server.key"), file("authority.pem"));
    snprintf(cli, sizeof cli, "--tls --cacert %s --user guard --pass word", file("authority.pem"));
    struct sentry *sentry = sentry_start(&(struct sentry_options){
        .service = "main", .master_port = atoi(port), .config = config, .cli = cli, .no_port = true});
    assert_true(sentry_knows(sentry, 0));
    const char *const sentinels[] = {"REDIS_SENTINEL_USERNAME=guard", "REDIS_SENTINEL_PASSWORD=word",
                                     "REDIS_PASSWORD=data", NULL};
    const char *authority = file("authority.pem");
    snprintf(url, sizeof url, "rediss+sentinel://ada@127.0.0.1:%d/main", sentry_port(sentry));
    expect_keys((const char *const[]){"snapshot", "--cacert", authority, url, NULL}, sentinels,
                " master, up");
    struct ran r = stage_run((const char *const[]){"snapshot", "--cacert", authority, "--password-fd", "0",
                                                   "--sentinel-user", "guard", url, NULL},
                             NULL, "data\nword\n");
    assert_non_null(strstr(r.out, " master, up"));
    ran_free(&r);
    /* Each refusal is told of the one that refuses. */
    expect_keys((const char *const[]){"snapshot", "--cacert", authority, url, NULL},
                ENV("REDIS_SENTINEL_USERNAME=guard", "REDIS_SENTINEL_PASSWORD=no", "REDIS_PASSWORD=data"),
                "sentinel: 127.0.0.1:");
    expect_keys((const char *const[]){"snapshot", "--cacert", authority, url, NULL},
                ENV("REDIS_SENTINEL_USERNAME=guard", "REDIS_SENTINEL_PASSWORD=word", "REDIS_PASSWORD=no"),
                "WRONGPASS");
    sentry_stop(sentry);
    server_stop(master);
}

/* A port that takes connections and says nothing. */
static int deaf_port(int *ret_fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *ret_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*ret_fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(*ret_fd, 8), 0);
    assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

static void snapshot__says_that_nobody_answers_the_handshake(void **state)
{
    (void)state;
    char url[64];
    int fd = -1;
    snprintf(url, sizeof url, "rediss://127.0.0.1:%d/0", deaf_port(&fd));
    struct ran r = RUN("snapshot", "-u", url);
    assert_ran(&r, 3, NULL);
    assert_non_null(strstr(r.out, "TLS: no answer to the handshake (does this port speak TLS?)"));
    ran_free(&r);
    close(fd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot__reads__over_both_families_and_a_socket_with_user_and_database),
        cmocka_unit_test(user_and_password__come_from_variables_and_from_an_env_file),
        cmocka_unit_test(name__is_reached_at_the_family_that_answers),
        cmocka_unit_test(name_service__may_go_and_come_back__while_running),
        cmocka_unit_test(connect__leads_to_each_kind_and_back__and_a_dead_end_says_so),
        cmocka_unit_test(snapshot__says_that_nobody_answers_the_handshake),
        cmocka_unit_test(certificate__is_shown_to_the_server_it_was_given_for__and_to_no_other),
        cmocka_unit_test(sentinels_and_servers_with_tls__lead_to_the_master_and_to_a_replica),
        cmocka_unit_test(sentinels_and_servers_with_tls__know_each_a_user_of_their_own),
    };
    server_require();
    stage_isolate();
    make_certificates();
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
