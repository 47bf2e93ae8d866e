/* Rights that are lost one after another while the console is open, and commands that were renamed away: each
 * loss is named where it is felt, nothing is hammered, and all comes back by itself. */
#include "fault.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

/* A walk each second or so and a busy minute included; who spins sends thousands. */
enum { MOST_PER_S = 150, BACK_MS = 5000, ASK_MS = 2500 };

/* What the screen says when a command of watching is lost. */
struct loss {
    const char *command; /* as INFO commandstats and ACL name it */
    const char *says;    /* NULL: a column is "?", or it is used at the connect or on a page only */
};

static const struct loss losses[] = {
    {"publish",
     "workers cannot be asked"}, /* first: who has not answered long enough is not asked any more */

    {"info", "'info'"},
    {"config|get", "notify ?"},
    {"scan", "'scan'"},
    {"getrange", "'getrange'"},
    {"llen", "'llen'"},
    {"hlen", "'hlen'"},
    {"lrange", "'lrange'"},
    {"hscan", "'hscan'"},
    {"zrange", "'zrange'"},
    {"sscan", "'sscan'"},
    {"expire", "'expire'"},
    {"multi", NULL},
    {"ltrim", NULL},
    {"del", NULL},
    {"rpush", NULL},
    {"exec", NULL},
    {"pttl", NULL},
    {"memory|usage", NULL},
    {"type", NULL},
    {"exists", NULL},
    {"lindex", NULL},
    {"smismember", NULL},
    {"dbsize", NULL},
    {"slowlog|get", NULL},
    {"slowlog|len", NULL},
    {"latency|latest", NULL},
    {"client|list", NULL},
    {"client|id", NULL},
    {"client|setname", NULL},
    {"ping", NULL},
    {"select", NULL},
    {"auth", NULL},
    {"subscribe", NULL},
    {"psubscribe", NULL},
};

static bool is_known(const char *command)
{
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        if (strcmp(losses[i].command, command) == 0) {
            return true;
        }
    }
    return strncmp(command, "config|resetstat", 16) == 0;
}

/* Every command that the console has sent since the last CONFIG RESETSTAT is one of the table. */
static void see_that_table_is_complete(struct stand *t)
{
    char *stats = stage_ask(t->server, 0, "INFO commandstats");
    for (const char *at = strstr(stats, "cmdstat_"); at; at = strstr(at, "cmdstat_")) {
        char name[64];
        at += strlen("cmdstat_");
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ":"), at);
        if (!is_known(name)) {
            fail_msg("no row says what is seen without %s", name);
        }
    }
    free(stats);
}

static struct stand *open_as(const char *user, const char *const *args, const char *const more[])
{
    struct stand *t = mem_zalloc(sizeof *t);
    const char *argv[16] = {PROGRAM};
    size_t n = 1;
    char url[200];
    t->server = stage_server(args);
    stage_fill(t->server);
    stage_in_flight(t->server, "celery", "33333333-3333-4333-8333-333333333333", 3);
    free(server_cli(t->server, "SADD", "_kombu.binding.celery.pidbox",
                    "\x06\x16\x06\x16"
                    "celery@w1.celery.pidbox",
                    NULL));
    t->held = server_connect(t->server);
    assert_non_null(t->held);
    stand_do(t, "ACL SETUSER watcher on >pw ~* &* +@all");
    stand_do(t, "CONFIG RESETSTAT");
    snprintf(url, sizeof url, "unix://%s@%s?db=0", user, server_socket(t->server));
    for (; more && *more; more++) {
        argv[n++] = *more;
    }
    argv[n] = url;
    t->pty = pty_start(argv, NULL, 50, 260);
    seat_see(t->pty, "Zofia Zak");
    seat_see(t->pty, "leaderboard");
    seat_see(t->pty, "celery@w1");
    return t;
}

static int64_t answered(struct stand *t)
{
    return stage_stat(t->server, "total_commands_processed") + stage_stat(t->server, "total_error_replies");
}

static double per_second(struct stand *t)
{
    int64_t begun_us = clock_mono_us(), before = answered(t);
    while (clock_mono_us() - begun_us < US_PER_S) {
        poll(NULL, 0, 50);
        pty_read(t->pty);
    }
    int64_t sent = answered(t) - before - 3; /* our own */
    return (double)sent * 1e6 / (double)(clock_mono_us() - begun_us);
}

static void rule(struct stand *t, const char *sign, const char *command)
{
    char line[128];
    snprintf(line, sizeof line, "ACL SETUSER watcher %s%s", sign, command);
    stand_do(t, line);
}

static void stir(struct stand *t)
{
    static int number;
    char id[64];
    number++;
    snprintf(id, sizeof id, "LLLL%04d-lena-token-kept-secret", number);
    stage_session(t->server, id, 300 + number, "Lena Last", "admin", true);
    snprintf(id, sizeof id, "44444444-4444-4444-8444-%012d", number);
    stage_message(t->server, "celery", id);
    seat_key(t->pty, "R"); /* what is asked seldom is asked now */
}

static void lose(struct stand *t, const struct loss *l)
{
    rule(t, "-", l->command);
    stir(t);
    for (int i = 0; l->says && i < WAIT_MS / ASK_MS && !pty_wait_text(t->pty, l->says, ASK_MS); i++) {
        seat_key(t->pty, "R"); /* a round of questions to workers was open then */
    }
    if (l->says) {
        seat_see(t->pty, l->says);
    }
    int64_t key_ms = stand_key_ms(t);
    double rate = per_second(t);
    stand_show(t, l->command);
    if (rate > MOST_PER_S) {
        fail_msg("without %s %.0f commands a second are sent", l->command, rate);
    }
    seat_not(t->pty, "UNREACHABLE");
    rule(t, "+", l->command);
    int64_t begun_us = clock_mono_us();
    if (l->says && !pty_wait_text_gone(t->pty, l->says, BACK_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(t->pty));
        fail_msg("\"%s\" is still said %d ms after %s was given back", l->says, BACK_MS, l->command);
    }
    fprintf(stderr, "without %s: a key in %lld ms, %.0f commands/s, back after %lld ms\n", l->command,
            (long long)key_ms, rate, (long long)((clock_mono_us() - begun_us) / US_PER_MS));
}

static const char *const loud[] = {"--notify-keyspace-events", "KEAm", NULL};

static void each_right_that_is_lost__is_named_and_comes_back(void **state)
{
    (void)state;
    struct stand *t = open_as("watcher:pw", loud, ENV("--census", "2s"));
    see_that_table_is_complete(t);
    const char *only = getenv("FAULT_ONLY");
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        if (!only || strstr(losses[i].command, only)) {
            lose(t, &losses[i]);
        }
    }
    stand_close(t);
}

/* A user who may not listen: the connection stands, and nobody is told that what it brings is fresh. */
static void feed_that_is_refused__is_said_to_be_down_and_comes_back(void **state)
{
    (void)state;
    struct stand *t = open_as("watcher:pw", loud, NULL);
    rule(t, "-", "subscribe");
    stand_do(t, "CLIENT KILL TYPE pubsub");
    seat_see(t->pty, "feed down");
    seat_see(t->pty, "'subscribe'");
    stand_show(t, "subscribe refused");
    rule(t, "+", "subscribe");
    int64_t begun_us = clock_mono_us();
    seat_see_gone(t->pty, "feed down");
    assert_in_range((clock_mono_us() - begun_us) / US_PER_MS, 0, BACK_MS + 1000);
    stand_fresh_ms(t);
    stand_close(t);
}

/* --- renamed away --- */

static void commands_renamed_away__are_done_without(void **state)
{
    (void)state;
    static const struct {
        const char *command, *says;
    } table[] = {
        {"CONFIG", "notify ?"}, {"MONITOR", NULL},  {"CLIENT", NULL},   {"SCRIPT", NULL},
        {"EVAL", NULL},         {"INFO", "'INFO'"}, {"SCAN", "'SCAN'"}, {"OBJECT", NULL},
        {"MEMORY", NULL},       {"TYPE", NULL},     {"SLOWLOG", NULL},  {"LATENCY", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const char *const args[] = {"--rename-command", table[i].command, "", NULL};
        struct server *s = stage_server(args);
        stage_session(s, SID_ZOFIA, 9, "Zofia Zak", "student", true);
        stage_message(s, "celery", TASK_ONE);
        struct pty *p = seat_open(s, seat_large, NULL, NULL);
        struct stand t = {.server = s, .pty = p};
        if (table[i].says) {
            seat_see(p, table[i].says);
        }
        if (strcmp(table[i].command, "SCAN") != 0) { /* without it no session is found */
            seat_see(p, "Zofia Zak");
        }
        seat_see(p, "2 cache");
        int64_t key_ms = stand_key_ms(&t);
        stand_show(&t, table[i].command);
        seat_not(p, "UNREACHABLE");
        fprintf(stderr, "%s renamed away: a key in %lld ms\n", table[i].command, (long long)key_ms);
        seat_quit(p);
        server_stop(s);
    }
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_right_that_is_lost__is_named_and_comes_back),
        cmocka_unit_test(feed_that_is_refused__is_said_to_be_down_and_comes_back),
        cmocka_unit_test(commands_renamed_away__are_done_without),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
