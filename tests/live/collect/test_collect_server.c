/* Lists that the server keeps about itself: commands, errors, clients, slow log, latency, replicas. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

enum { ALL = 1u << TARGET_COMMAND | 1u << TARGET_CLIENT | 1u << TARGET_SLOW | 1u << TARGET_VITAL };

/* What was told last, whole: the rows of a list as lines. */
struct seen {
    UT_string rows[FACT_KIND_COUNT], whole[FACT_KIND_COUNT];
    size_t ends[FACT_KIND_COUNT];
    struct fact_slow slow_end;
    char error[TOPIC_COUNT][160]; /* the newest of each topic */
    size_t errors[TOPIC_COUNT];
};

static void row(struct seen *s, const struct fact *f, enum list_phase phase)
{
    if (phase == LIST_ROW) {
        fact_write(f, &s->rows[f->kind]);
        return;
    }
    utstring_clear(&s->whole[f->kind]);
    text_add(&s->whole[f->kind], text_span(&s->rows[f->kind]));
    utstring_clear(&s->rows[f->kind]);
    s->ends[f->kind]++;
}

static void on_fact(struct watch *w, const struct fact *f)
{
    struct seen *s = w->user;
    switch (f->kind) {
    case FACT_COMMAND_STAT:
        row(s, f, f->command_stat.phase);
        break;
    case FACT_ERROR_STAT:
        row(s, f, f->error_stat.phase);
        break;
    case FACT_REPLICA:
        row(s, f, f->replica.phase);
        break;
    case FACT_CLIENT:
        row(s, f, f->client.phase);
        break;
    case FACT_LATENCY:
        row(s, f, f->latency.phase);
        break;
    case FACT_SLOW:
        row(s, f, f->slow.phase);
        s->slow_end = f->slow.phase == LIST_END ? f->slow : s->slow_end;
        break;
    case FACT_POLL:
        if (!f->poll.ok) {
            s->errors[f->poll.topic]++;
            snprintf(s->error[f->poll.topic], sizeof s->error[0], "%.*s", (int)f->poll.error.len,
                     f->poll.error.data);
        }
        break;
    default:
        break;
    }
}

struct scene {
    struct server *server;
    struct watch *watch;
    struct seen seen;
};

static struct scene *scene_new(const char *const *args, const char *credentials, unsigned looked)
{
    struct scene *s = mem_zalloc(sizeof *s);
    char url[300];
    for (size_t i = 0; i < FACT_KIND_COUNT; i++) {
        utstring_init(&s->seen.rows[i]);
        utstring_init(&s->seen.whole[i]);
    }
    s->server = server_start(&(struct server_options){.args = args, .with_tcp = true});
    assert_non_null(s->server);
    if (credentials) {
        free(server_cli(s->server, "ACL", "SETUSER", "bob", "on", ">pw", "~*", "&*", "+@all", "-client|list",
                        "-slowlog", "-latency", NULL));
    }
    snprintf(url, sizeof url, "redis://%s127.0.0.1:%d/0", credentials ? credentials : "",
             server_port(s->server));
    s->watch =
        watch_new(s->server, &(struct watch_options){.url = url, .on_fact = on_fact, .user = &s->seen});
    collect_look_at(s->watch->collect, looked);
    return s;
}

static void scene_free(struct scene *s)
{
    watch_free(s->watch);
    server_stop(s->server);
    for (size_t i = 0; i < FACT_KIND_COUNT; i++) {
        utstring_done(&s->seen.rows[i]);
        utstring_done(&s->seen.whole[i]);
    }
    mem_free(s);
}

/* The list as it was told whole holds this text. */
struct holds {
    enum fact_kind kind;
    const char *text;
};
static bool holds(struct watch *w, void *arg)
{
    const struct seen *s = w->user;
    const struct holds *h = arg;
    return s->ends[h->kind] && strstr(utstring_body(&s->whole[h->kind]), h->text);
}

static void expect(struct scene *s, enum fact_kind kind, const char *text)
{
    struct holds h = {kind, text};
    if (!watch_until(s->watch, holds, &h, WAIT_MS)) {
        fail_msg("%s: no \"%s\" in\n%s", fact_kind_name[kind], text, utstring_body(&s->seen.whole[kind]));
    }
}

static bool was_told(struct watch *w, void *arg)
{
    const struct seen *s = w->user;
    return s->ends[*(enum fact_kind *)arg] > 0;
}

static void expect_told(struct scene *s, enum fact_kind kind)
{
    assert_true(watch_until(s->watch, was_told, &kind, WAIT_MS));
}

static bool is_empty(struct watch *w, void *arg)
{
    const struct seen *s = w->user;
    const struct holds *h = arg;
    return s->ends[h->kind] && s->whole[h->kind].i == 0;
}

static bool served(struct watch *w, void *arg)
{
    return w->servers >= *(int64_t *)arg;
}

static void wait_polls(struct scene *s, int64_t count) /* each takes a quarter of a second */
{
    int64_t until = s->watch->servers + count;
    assert_true(watch_until(s->watch, served, &until, WAIT_MS));
}

static void commands_and_errors__are_told__with_their_counts(void **state)
{
    (void)state;
    struct scene *s = scene_new(NULL, NULL, ALL);
    for (int i = 0; i < 5; i++) {
        free(server_cli(s->server, "SET", "exam:1", "x", NULL));
    }
    free(server_cli(s->server, "LPUSH", "exam:1", "x", NULL));
    expect(s, FACT_COMMAND_STAT, "name=set calls=5 usec=");
    expect(s, FACT_COMMAND_STAT, "name=lpush calls=1");
    expect(s, FACT_COMMAND_STAT, "rejected=0 failed=1");
    expect(s, FACT_ERROR_STAT, "name=WRONGTYPE count=1");

    free(server_cli(s->server, "CONFIG", "RESETSTAT", NULL));
    free(server_cli(s->server, "SET", "exam:1", "x", NULL));
    expect(s, FACT_COMMAND_STAT, "name=set calls=1 ");
    assert_null(strstr(utstring_body(&s->seen.whole[FACT_ERROR_STAT]), "WRONGTYPE"));
    scene_free(s);
}

static void clients__are_listed_while_looked_at__and_ours_are_known(void **state)
{
    (void)state;
    struct scene *s = scene_new(NULL, NULL, 1u << TARGET_COMMAND);
    redisContext *other = server_connect(s->server);
    freeReplyObject(redisCommand(other, "CLIENT SETNAME redai-console:poll"));
    expect_told(s, FACT_COMMAND_STAT);
    expect_told(s, FACT_SLOW);
    assert_int_equal(s->watch->facts[FACT_CLIENT], 0);
    assert_int_equal(s->watch->facts[FACT_LATENCY], 0);

    collect_look_at(s->watch->collect, ALL);
    expect_told(s, FACT_CLIENT);
    redisReply *id = redisCommand(other, "CLIENT ID");
    char text[64];
    snprintf(text, sizeof text, " id=%lld ", id->integer);
    expect(s, FACT_CLIENT, text);
    assert_false(collect_owns_client(s->watch->collect, id->integer));
    freeReplyObject(id);

    int own = 0, named = 0;
    char *at = utstring_body(&s->seen.whole[FACT_CLIENT]);
    for (char *line = strtok(at, "\n"); line; line = strtok(NULL, "\n")) {
        own += strstr(line, " own=1") != NULL;
        named += strstr(line, "name=redai-console:") != NULL;
        if (strstr(line, "name=redai-console:feed")) {
            assert_non_null(strstr(line, " own=1"));
            assert_non_null(strstr(line, " patterns=3"));
        }
    }
    assert_int_equal(own, 3);
    assert_int_equal(named, 4);
    redisFree(other);

    size_t before = s->seen.ends[FACT_CLIENT];
    collect_look_at(s->watch->collect, 0);
    wait_polls(s, 12);                                    /* three seconds */
    assert_true(s->seen.ends[FACT_CLIENT] <= before + 1); /* one may have been under way */
    scene_free(s);
}

/* So that the entry is alone: only while it is written, everything is slow. */
static void be_slow(struct scene *s, const char *const *argv, int argc)
{
    redisContext *c = server_connect(s->server);
    freeReplyObject(redisCommand(c, "CLIENT SETNAME tester"));
    freeReplyObject(redisCommand(c, "CONFIG SET slowlog-log-slower-than 0"));
    freeReplyObject(redisCommandArgv(c, argc, (const char **)argv, NULL));
    freeReplyObject(redisCommand(c, "CONFIG SET slowlog-log-slower-than 900000"));
    redisFree(c);
}

static void slow_commands__are_told__masked(void **state)
{
    (void)state;
    static const char *const args[] = {"--slowlog-log-slower-than", "900000", NULL};
    struct scene *s = scene_new(args, NULL, ALL);
    char value[2000];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    expect_told(s, FACT_SLOW);
    assert_int_equal(s->seen.slow_end.total, 0);
    assert_int_equal(s->seen.slow_end.threshold_us, 900000);

    const char *set[] = {"SET", "session:3f2a9c0123456789", value, "EX", "60"};
    be_slow(s, set, 5);
    expect(s, FACT_SLOW, "shape=\"SET session:*\"");
    expect(s, FACT_SLOW, "text=\"SET session:3f2a9c~ <2.0 KiB> EX 60\"");
    expect(s, FACT_SLOW, "name=tester argc=5");
    assert_null(strstr(utstring_body(&s->seen.whole[FACT_SLOW]), "3f2a9c0123456789"));
    assert_true(s->seen.slow_end.total >= 2);

    const char *many[64] = {"DEL"};
    for (size_t i = 1; i < 64; i++) {
        many[i] = "exam:1";
    }
    be_slow(s, many, 64);
    expect(s, FACT_SLOW, "shape=\"DEL exam:*\"");
    expect(s, FACT_SLOW, "... 51 more");
    expect(s, FACT_SLOW, "argc=64");

    free(server_cli(s->server, "SLOWLOG", "RESET", NULL));
    struct holds none = {FACT_SLOW, ""};
    assert_true(watch_until(s->watch, is_empty, &none, WAIT_MS));
    scene_free(s);
}

static void slow_commands_of_before__are_told__once_when_nobody_looks(void **state)
{
    (void)state;
    static const char *const args[] = {"--slowlog-log-slower-than", "0", NULL};
    struct scene *s = scene_new(args, NULL, 0);
    expect(s, FACT_SLOW, " shape=");
    wait_polls(s, 12);
    assert_int_equal(s->seen.ends[FACT_SLOW], 1);
    scene_free(s);
}

static void latency_events__are_told(void **state)
{
    (void)state;
    static const char *const args[] = {"--latency-monitor-threshold", "10", "--enable-debug-command", "yes",
                                       NULL};
    struct scene *s = scene_new(args, NULL, 0);
    free(server_cli(s->server, "DEBUG", "SLEEP", "0.03", NULL));
    collect_look_at(s->watch->collect, 1u << TARGET_VITAL);
    expect(s, FACT_LATENCY, "name=command event_wall_us=");
    assert_non_null(strstr(utstring_body(&s->seen.whole[FACT_LATENCY]), "latest_ms=3"));
    scene_free(s);
}

static void what_is_not_allowed__is_asked_for_seldom__and_the_rest_goes_on(void **state)
{
    (void)state;
    enum { PAUSE_S = 4 }; /* so that a right that is given is seen within 5 s */
    int64_t begun_us = clock_mono_us();
    static const enum topic denied[] = {TOPIC_CLIENTS, TOPIC_SLOWLOG, TOPIC_LATENCY};
    struct scene *s = scene_new(NULL, "bob:pw@", ALL);
    expect_told(s, FACT_COMMAND_STAT);
    wait_polls(s, 12);
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) {
        assert_in_range(s->seen.errors[denied[i]], 1, 1 + (clock_mono_us() - begun_us) / US_PER_S / PAUSE_S);
        assert_non_null(strstr(s->seen.error[denied[i]], "NOPERM"));
    }
    assert_int_equal(s->seen.errors[TOPIC_SERVER], 0);
    assert_int_equal(s->seen.errors[TOPIC_COMMANDS], 0);
    assert_int_equal(s->seen.ends[FACT_CLIENT], 0);
    /* Looking again does not ask at once. */
    collect_look_at(s->watch->collect, 0);
    collect_look_at(s->watch->collect, ALL);
    wait_polls(s, 4);
    int64_t most = 1 + (clock_mono_us() - begun_us) / US_PER_S / PAUSE_S;
    assert_in_range(s->seen.errors[TOPIC_CLIENTS], 1, most);
    char *stats = server_cli(s->server, "INFO", "commandstats", NULL);
    const char *line = strstr(stats, "cmdstat_client|list:calls=0");
    assert_non_null(line);
    const char *refused = strstr(line, "rejected_calls=");
    assert_non_null(refused);
    assert_in_range(strtoll(refused + strlen("rejected_calls="), NULL, 10), 1, most + 1);
    free(stats);
    scene_free(s);
}

static void commands_of_another_name__are_said__to_be_none(void **state)
{
    (void)state;
    static const char *const args[] = {
        "--rename-command", "SLOWLOG", "",  "--rename-command", "LATENCY", "", "--rename-command",
        "CONFIG",           "",        NULL};
    struct scene *s = scene_new(args, NULL, ALL);
    expect_told(s, FACT_CLIENT);
    wait_polls(s, 12);
    assert_int_equal(s->seen.errors[TOPIC_SLOWLOG], 1);
    assert_non_null(strstr(s->seen.error[TOPIC_SLOWLOG], "unknown command"));
    assert_int_equal(s->seen.errors[TOPIC_LATENCY], 1);
    assert_int_equal(s->seen.errors[TOPIC_CLIENTS], 0);
    scene_free(s);
}

static void all_lists__come_back__when_the_server_was_restarted(void **state)
{
    (void)state;
    static const enum fact_kind kinds[] = {FACT_COMMAND_STAT, FACT_CLIENT, FACT_SLOW, FACT_LATENCY,
                                           FACT_REPLICA};
    static const char *const args[] = {"--slowlog-log-slower-than", "0", NULL};
    struct scene *s = scene_new(args, NULL, ALL);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        expect_told(s, kinds[i]);
    }
    server_kill(s->server);
    assert_true(server_restart(s->server));
    memset(s->seen.ends, 0, sizeof s->seen.ends);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        expect_told(s, kinds[i]);
    }
    expect(s, FACT_SLOW, " id=0 "); /* its own numbers begin anew */
    scene_free(s);
}

static void replicas__are_told__and_when_they_are_gone(void **state)
{
    (void)state;
    struct scene *s = scene_new(NULL, NULL, ALL);
    expect_told(s, FACT_REPLICA);
    assert_int_equal(s->seen.whole[FACT_REPLICA].i, 0);
    char port[16], address[64];
    snprintf(port, sizeof port, "%d", server_port(s->server));
    const char *args[] = {"--replicaof", "127.0.0.1", port, "--repl-diskless-sync-delay", "0", NULL};
    struct server *replica = server_start(&(struct server_options){.args = args, .with_tcp = true});
    assert_non_null(replica);
    snprintf(address, sizeof address, "address=127.0.0.1:%d ", server_port(replica));
    expect(s, FACT_REPLICA, address);
    expect(s, FACT_REPLICA, "state=online offset=");
    expect(s, FACT_CLIENT, " flags=S ");
    server_stop(replica);
    struct holds none = {FACT_REPLICA, ""};
    assert_true(watch_until(s->watch, is_empty, &none, WAIT_MS));
    size_t ends = s->seen.ends[FACT_REPLICA];
    wait_polls(s, 4);
    assert_true(s->seen.ends[FACT_REPLICA] <= ends + 1); /* said once is enough */
    scene_free(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_errors__are_told__with_their_counts),
        cmocka_unit_test(clients__are_listed_while_looked_at__and_ours_are_known),
        cmocka_unit_test(slow_commands__are_told__masked),
        cmocka_unit_test(slow_commands_of_before__are_told__once_when_nobody_looks),
        cmocka_unit_test(latency_events__are_told),
        cmocka_unit_test(what_is_not_allowed__is_asked_for_seldom__and_the_rest_goes_on),
        cmocka_unit_test(commands_of_another_name__are_said__to_be_none),
        cmocka_unit_test(all_lists__come_back__when_the_server_was_restarted),
        cmocka_unit_test(replicas__are_told__and_when_they_are_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
