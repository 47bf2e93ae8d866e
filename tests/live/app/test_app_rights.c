/* console-watch of docs/users.acl.example in front of the console: pane by pane, page by page everything is
 * there, nothing is refused, nothing was granted that is not used; and each right that is taken away is
 * missed aloud. */
#include "rights.h"
#include "support/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define BACK   RIGHTS_BACK
#define NODE   RIGHTS_NODE
#define FLIGHT RIGHTS_FLIGHT

static void type_line(struct rights *g, const char *line)
{
    seat_key(g->pty, ":");
    seat_key(g->pty, line);
    seat_key(g->pty, "\r");
}

/* --- pane by pane, page by page --- */

static const struct look {
    const char *line[2];
    const char *text; /* what is there */
} looks[] = {
    {{"pane sessions", "group none"}, "Anna Nowak"},
    {{"pane sessions", "group user"}, "orphan"},
    {{"pane cache", "group none"}, "leaderboard"},
    {{"pane queues", NULL}, "celery"},
    {{"pane batches", NULL}, "7f3c9a12"},
    {{"pane alerts", "group none"}, "in no user's set"},
    {{"pane alerts", "group log"}, "firing"},
    {{"pane tasks", "group none"}, "waiting"},
    {{"pane tasks", "group name"}, "test_redis_task"},
    {{"pane workers", NULL}, NODE},
    {{"pane server", "group none"}, "traffic"},
    {{"pane server", "group commands"}, "getrange"},
    {{"pane server", "group slowlog"}, "slow"},
    {{"pane server", "group clients"}, "redai-console"},
    {{"pane server", "group errors"}, "error"},
    {{"pane info", NULL}, "when full"},
    {{"open session " SID_ANNA, NULL}, "example.com"},
    {{"open user 7", NULL}, "Anna Nowak"},
    {{"open family exam", NULL}, "exam"},
    {{"open key exam:1", NULL}, "algebra"},
    {{"open key kept:list", NULL}, "items     2"},
    {{"open key kept:hash", NULL}, "items     1"},
    {{"open key kept:set", NULL}, "items     2"},
    {{"open key kept:zset", NULL}, "items     1"},
    {{"open key kept:stream", NULL}, "a: b"},
    {{"open queue celery", NULL}, "test_redis_task"},
    {{"open task " TASK_ONE, NULL}, "waiting"},
    {{"open task " FLIGHT, NULL}, "sent by"},
    {{"open task " BATCH_FAIL, NULL}, "FAILURE"},
    {{"open worker " NODE, NULL}, "mailbox"},
    {{"memory", NULL}, "maxmemory"},
};

static bool has_no_denial(struct pty *p, void *ctx)
{
    (void)ctx;
    const char *text = pty_screen_text(p);
    return !strstr(text, "NOPERM") && !strstr(text, "no permissions");
}

static void go_home(struct rights *g)
{
    seat_key(g->pty, BACK BACK BACK BACK);
    pty_settle(g->pty);
}

static void look_around(struct rights *g)
{
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        seat_key(g->pty, BACK BACK);
        for (size_t k = 0; k < 2 && looks[i].line[k]; k++) {
            type_line(g, looks[i].line[k]);
        }
        seat_see(g->pty, looks[i].text);
        if (!has_no_denial(g->pty, NULL)) {
            fail_msg("%s\n:%s is refused something", pty_screen_text(g->pty), looks[i].line[0]);
        }
    }
    seat_key(g->pty, BACK BACK);
}

/* The commands granted to a user in the file, without the '+'. */
static void each_right(const char *user, void (*fn)(struct rights *g, struct span right, void *ctx),
                       struct rights *g, void *ctx)
{
    char start[64];
    char *users = rights_users();
    snprintf(start, sizeof start, "user %s ", user);
    char *line = strstr(users, start);
    assert_non_null(line);
    line[strcspn(line, "\n")] = '\0';
    for (char *at = line; (at = strstr(at, " +")) != NULL; at += 2) {
        struct span right = span_of(at + 2);
        fn(g, span_head(right, strcspn(at + 2, " )")), ctx);
    }
    free(users);
}

static void assert_used(struct rights *g, struct span right, void *stats)
{
    /* Only in a storm of events is a subscription taken back. */
    static const struct span in_storms[] = {SPAN_LITERAL("unsubscribe"), SPAN_LITERAL("punsubscribe")};
    char name[80];
    (void)g;
    snprintf(name, sizeof name, "cmdstat_%.*s:calls=", (int)right.len, right.data);
    const char *at = strstr(stats, name);
    bool used = at && at[strlen(name)] != '0';
    bool stormy = span_equal(right, in_storms[0]) || span_equal(right, in_storms[1]);
    if (!used && !stormy) {
        fail_msg("nothing needs +%.*s", (int)right.len, right.data);
    }
}

static void open_doctor(struct rights *g)
{
    type_line(g, "doctor");
    seat_see(g->pty, "remarks");
}

static void console_watch__sees_everything__with_the_least_rights(void **state)
{
    /* Of MONITOR the doctor only asks; whose hash it is, is nobody's business. */
    static const char *const known[] = {"acl|getuser", NULL};
    struct rights *g = *state;
    rights_fill(g->server);
    rights_do(g, "ACL LOG RESET");
    rights_do(g, "CONFIG RESETSTAT");
    rights_sit_down(g, "console-watch");
    look_around(g);
    rights_do(g, "CONFIG SET maxmemory-policy volatile-lfu"); /* the idle time is not kept then */
    type_line(g, "open key exam:2");
    seat_see(g->pty, "the policy counts use");
    open_doctor(g);
    go_home(g);
    seat_quit(g->pty);
    struct ran r = RUN("result", BATCH_FAIL, "--url", g->url);
    assert_ran(&r, 0, "");
    ran_free(&r);
    rights_refused_only(g, known);
    char *stats = rights_ask(g, "INFO commandstats");
    each_right("console-watch", assert_used, g, stats);
    mem_free(stats);
}

/* --- one right less --- */

/* Where it is missed: a line there whose value is unknown. The doctor says the rest. */
static const struct missed {
    const char *right, *line, *label;
} missed[] = {
    {"strlen", "open key exam:1", "length"},
    {"hget", "open task " FLIGHT, "message"},
    {"hstrlen", "open task " FLIGHT, "message"},
    {"zscore", "open task " FLIGHT, "taken"},
    {"scard", "open key kept:set", "items"},
    {"zcard", "open key kept:zset", "items"},
    {"xlen", "open key kept:stream", "items"},
    {"xrevrange", "open key kept:stream", "entries"},
    {"xinfo|groups", "open key kept:stream", "groups"},
    {"object|encoding", "open key exam:1", "encoding"},
    {"object|idletime", "open key exam:1", "idle"},
    {"object|freq", "open key exam:2", "idle"}, /* by a policy that counts use */
};

/* What is looked for; a remark about another right is of the round before. */
struct wanted {
    const char *label;           /* of a line; NULL: the doctor's findings */
    char quoted[64], spoken[64]; /* "'config|get'" as the server says it, "CONFIG GET" as the doctor does */
};

static void want(struct wanted *w, struct span right, const char *label)
{
    w->label = label;
    /* A line of a page has room for its beginning. */
    snprintf(w->quoted, label ? 12 : sizeof w->quoted, "'%.*s'", (int)right.len, right.data);
    snprintf(w->spoken, sizeof w->spoken, "%.*s", (int)right.len, right.data);
    for (char *c = w->spoken; *c; c++) {
        *c = *c == '|' ? ' ' : (char)toupper((unsigned char)*c);
    }
}

static bool says_unknown(const char *line, const struct wanted *w)
{
    size_t len = strlen(w->label);
    const char *at = line + strspn(line, " >+");
    if (strncmp(at, w->label, len) != 0 || at[len] != ' ') {
        return false;
    }
    at += len + strspn(at + len, " ");
    return *at == '?' && (!strstr(at, "NOPERM") || strstr(at, w->quoted));
}

static bool is_missed(struct pty *p, void *ctx)
{
    const struct wanted *w = ctx;
    const char *text = pty_screen_text(p);
    bool said = false;
    while (*text && !said) {
        size_t len = strcspn(text, "\n");
        char *line = span_dup(span_make(text, len));
        said = w->label
                   ? says_unknown(line, w)
                   : strstr(line, w->quoted) || (strstr(line, "it will lack") && strstr(line, w->spoken));
        mem_free(line);
        text += len + (text[len] == '\n');
    }
    return said;
}

/* A doctor that is still asking, or a server that is slow just now, is asked again; who loses a channel is
 * cut off, and there is no doctor until the connection is back. */
static bool await_missing(struct rights *g, const char *line, struct wanted *wanted)
{
    int64_t until_us = clock_mono_us() + 2 * WAIT_MS * US_PER_MS;
    bool said = false;
    while (!said && clock_mono_us() < until_us) {
        go_home(g);
        type_line(g, line);
        said = pty_wait(g->pty, is_missed, wanted, 3000);
    }
    return said;
}

static void take_away(struct rights *g, struct span right, void *ctx)
{
    char line[160];
    const struct missed *where = NULL;
    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(missed); i++) {
        where = span_equal(right, span_of(missed[i].right)) ? &missed[i] : where;
    }
    if (span_equal(right, S("get"))) { /* the shell's `result` */
        return;
    }
    bool freq = span_equal(right, S("object|freq"));
    go_home(g);
    snprintf(line, sizeof line, "ACL SETUSER console-watch -%.*s", (int)right.len, right.data);
    rights_do(g, line);
    rights_do(g,
              freq ? "CONFIG SET maxmemory-policy volatile-lfu" : "CONFIG SET maxmemory-policy volatile-ttl");
    struct wanted wanted;
    want(&wanted, right, where ? where->label : NULL);
    if (span_starts(right,
                    S("acl|"))) { /* without it the doctor would queue: another right, and it says which */
        snprintf(wanted.quoted, sizeof wanted.quoted, "'multi'");
    }
    if (!await_missing(g, where ? where->line : "doctor", &wanted)) {
        fprintf(stderr, "%s\n", pty_screen_text(g->pty));
        fail_msg("nobody misses +%.*s", (int)right.len, right.data);
    }
    snprintf(line, sizeof line, "ACL SETUSER console-watch +%.*s", (int)right.len, right.data);
    rights_do(g, line);
}

/* Channels and keys: all but one of what the file grants. */
static void take_channels_and_keys_away(struct rights *g)
{
    static const struct {
        const char *left, *lacks;
    } rows[] = {
        {"resetchannels &celery-task-meta-* &/0.celeryev/worker.* &/0.celeryev/task.*", "__keyevent"},
        {"resetchannels &__keyevent@*__:* &/0.celeryev/worker.* &/0.celeryev/task.*", "celery-task-meta"},
        {"resetchannels &__keyevent@*__:* &celery-task-meta-* &/0.celeryev/task.*", "celeryev/worker"},
        {"resetchannels &__keyevent@*__:* &celery-task-meta-* &/0.celeryev/worker.*", "celeryev/task"},
        {"allchannels resetkeys %R~exam* %R~celery* %R~unacked* %R~_kombu* %R~batch*", "GETRANGE session"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[200];
        struct wanted wanted = {.quoted = "no such"};
        go_home(g);
        snprintf(line, sizeof line, "ACL SETUSER console-watch %s", rows[i].left);
        rights_do(g, line);
        snprintf(wanted.spoken, sizeof wanted.spoken, "%s", rows[i].lacks);
        if (!await_missing(g, "doctor", &wanted)) {
            fail_msg("nobody misses %s", rows[i].lacks);
        }
    }
    rights_do(g, "ACL SETUSER console-watch allchannels resetkeys %R~*");
}

static void each_right__is_missed__when_it_is_taken_away(void **state)
{
    struct rights *g = *state;
    rights_fill(g->server);
    rights_do(g, "ACL SETUSER console-watch +monitor"); /* or the doctor always lacks something */
    rights_sit_down(g, "console-watch");
    each_right("console-watch", take_away, g, NULL);
    take_channels_and_keys_away(g);
    struct ran r = RUN("result", BATCH_FAIL, "--url", g->url);
    assert_ran(&r, 0, "");
    ran_free(&r);
    rights_do(g, "ACL SETUSER console-watch -get");
    r = RUN("result", BATCH_FAIL, "--url", g->url);
    assert_ran(&r, 1, "NOPERM");
    ran_free(&r);
    go_home(g);
    seat_quit(g->pty);
}

/* Rights that only a new connection uses. What the screen says without them; NULL: it does without. */
static const struct {
    const char *right, *says;
} at_connect[] = {
    {"client|setname", NULL},
    {"client|id", NULL},
    {"ping", NULL},
    {"subscribe", "! feed down: NOPERM"},
    {"select", NULL}, /* of the results' database alone */
    {"psubscribe", "! feed down: NOPERM"},
};

static bool was_refused(struct rights *g, const char *right)
{
    char line[80];
    bool seen = false;
    int64_t until_us = clock_mono_us() + WAIT_MS * US_PER_MS;
    snprintf(line, sizeof line, "%s\n", right);
    while (!seen && clock_mono_us() < until_us) {
        char *log = rights_ask(g, "ACL LOG");
        seen = strstr(log, line) != NULL;
        mem_free(log);
        pty_wait_text(g->pty, "never on the screen", 50);
    }
    return seen;
}

static void each_right_of_a_new_connection__is_used__and_what_is_lost_without_it_is_said(void **state)
{
    struct rights *g = *state;
    rights_fill(g->server);
    rights_sit_down(g, "console-watch");
    for (size_t i = 0; i < COUNT_OF(at_connect); i++) {
        char line[160];
        rights_do(g, "ACL LOG RESET");
        snprintf(line, sizeof line, "ACL SETUSER console-watch -%s", at_connect[i].right);
        rights_do(g, line);
        rights_do(g, "CLIENT KILL USER console-watch");
        if (!was_refused(g, at_connect[i].right)) {
            fail_msg("no connection needs +%s", at_connect[i].right);
        }
        if (at_connect[i].says) {
            seat_see(g->pty, at_connect[i].says);
        }
        seat_see_gone(g->pty, "UNREACHABLE");
        seat_see(g->pty, "Zofia Zak");
        snprintf(line, sizeof line, "ACL SETUSER console-watch +%s", at_connect[i].right);
        rights_do(g, line);
        if (at_connect[i].says) {
            seat_see_gone(g->pty, at_connect[i].says);
        }
    }
    seat_quit(g->pty);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, rights_set_up, rights_tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(console_watch__sees_everything__with_the_least_rights),
        LIVE(each_right__is_missed__when_it_is_taken_away),
        LIVE(each_right_of_a_new_connection__is_used__and_what_is_lost_without_it_is_said),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
