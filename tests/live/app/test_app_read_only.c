/* --read-only, proven: every command, every key in every pane and on every page, and every verb of the shell
 * is tried against a real server, whose MONITOR tells what arrived. Whatever is new in one of these tables
 * must have a row here, or the test fails.
 *
 *   test_app_read_only [K/N]   commands and verbs; or of N parts of all places the K-th, each with every key
 */
#include "heard.h"
#include "place.h"
#include "support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "redai/conf/key.h"
#include "redai/conf/keymap.h"

#define NODE     "w1@host"
#define BACK     PLACE_BACK
#define QUESTION "leave everything as it is" /* stands below every question, and nowhere else */

static struct {
    unsigned long number, of; /* from 0 */
} part = {0, 1};

struct stage {
    struct server *server;
    struct heard *heard;
    struct pty *pty; /* the console, once it is open */
    char url[64];
    int syncs;
};

/* --- the scene --- */

static int set_up(void **state)
{
    struct stage *g = mem_zalloc(sizeof *g);
    g->server = server_start(&(struct server_options){.with_tcp = true});
    assert_non_null(g->server);
    place_fill(g->server);
    snprintf(g->url, sizeof g->url, "redis://127.0.0.1:%d/0", server_port(g->server));
    g->heard = heard_begin(g->server);
    *state = g;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *g = *state;
    heard_end(g->heard);
    server_stop(g->server);
    mem_free(g);
    return 0;
}

static int64_t changes(struct stage *g)
{
    char *text = stage_ask(g->server, 0, "INFO persistence");
    const char *at = strstr(text, "rdb_changes_since_last_save:");
    assert_non_null(at);
    int64_t n = strtoll(strchr(at, ':') + 1, NULL, 10);
    free(text);
    return n;
}

static void sit_down(struct stage *g)
{
    stage_write(stage_path("back"), PLACE_KEYS "bind all F6 \"kill client\"\n");
    g->pty =
        pty_start(CONSOLE("--read-only", "--yes", "--config", stage_path("back"), g->url), NULL, 40, 120);
    assert_non_null(g->pty);
    seat_see(g->pty, "Zofia Zak");
    seat_see(g->pty, "leaderboard");
}

/* Everything typed so far has been taken: an unknown command comes back in words. */
static void sync_up(struct stage *g)
{
    char line[32];
    char word[24];
    snprintf(word, sizeof word, "sync-%d", ++g->syncs);
    snprintf(line, sizeof line, ":%s\r", word);
    seat_key(g->pty, line);
    seat_see(g->pty, word);
}

/* Another fresh start, whatever is open. */
static void go_home(struct stage *g)
{
    seat_key(g->pty, BACK BACK BACK BACK);
}

static void type_line(struct stage *g, const char *line)
{
    seat_key(g->pty, ":");
    seat_key(g->pty, line);
    seat_key(g->pty, "\r");
}

/* Nothing that acts is asked. A question that comes all the same gets its `y` as from a person, who has read
 * it: the server shall hear what it would have done. */
static void see_no_question(struct stage *g, const char *after)
{
    pty_settle(g->pty);
    if (strstr(pty_screen_text(g->pty), QUESTION)) {
        char *asked = mem_strdup(pty_screen_text(g->pty));
        seat_key(g->pty, "y");
        seat_see_gone(g->pty, QUESTION);
        pty_settle(g->pty);
        heard_only_looks(g->heard);
        fprintf(stderr, "%s\n", asked);
        fail_msg("%s asks a question", after);
    }
}

/* --- every command --- */

struct
try {
    const char *name;
    const char *line[8]; /* arguments, each tried; "" is none */
};

static const struct try tries[] = {
    {"pane", {"sessions", "info", "next", "last"}},
    {"move", {"down", "end"}},
    {"open", {"", "session " SID_ANNA, "user 7", "key exam:1", "queue celery", "task " BATCH_FAIL}},
    {"back", {""}},
    {"zoom", {"", ""}},
    {"filter", {"name:Anna", ""}},
    {"command", {"revoke"}}, /* leaves the prompt open: Enter runs it */
    {"sort", {"next", "invert", "none"}},
    {"mark", {"all", "none", ""}},
    {"group", {"", "user", "none"}},
    {"fold", {"all", "none"}},
    {"freeze", {"", ""}},
    {"help", {""}},
    {"memory", {""}},
    {"receipts", {""}},
    {"enqueue",
     {"", "again", "test message=x", "batch exam_id=7 count=2", "api.tasks.test_redis_task --args []"}},
    {"revoke",
     {"", "session " SID_ANNA, "sessions all", "user", "user 7", "task " TASK_ONE " --terminate --remove",
      "again"}},
    {"repair", {"", "sessions all", "sessions --add", "sessions all --drop"}},
    {"retry", {"", BATCH_FAIL, BATCH_FAIL " --task api.tasks.test_redis_task --args []"}},
    {"remove", {"", TASK_ONE}},
    {"move-message", {"", TASK_ONE " --queue questions"}},
    {"purge", {"", "celery"}},
    {"requeue", {"", "33333333-3333-4333-8333-333333333333"}},
    {"worker", {"", "ping", "shutdown --on " NODE, "grow 1", "consume questions"}},
    {"events", {"on", "off --on " NODE}},
    {"invalidate", {"", "exam:*", "leaderboard:1"}},
    {"expire", {"", "exam:1 60s"}},
    {"persist", {"", "exam:1"}},
    {"delete", {"", "exam:1"}},
    {"kill", {"client", "client 1 --own --replica"}},
    {"undo", {"", "last", "1"}},
    {"notifications", {"on"}},
    {"plan", {""}},
    {"stop", {""}},
    {"connect", {"@nowhere", "http://x"}}, /* and to the same server, at the end */
    {"dismiss", {"", "all", BATCH_FAIL}},
    {"note", {"something was seen"}},
    {"copy", {"", "reveal"}},
    {"key", {"exam:1", "exam exam_id=7", "session:" SID_ANNA}},
    {"refresh", {""}},
    {"theme", {"mono", "dark"}},
    {"set", {"theme dark", "read-only off", "alert-bell all"}},
    {"repaint", {""}},
    {"suspend", {NULL}}, /* of its own, below */
    {"quit", {NULL}},
    {"acknowledge", {"", "batch-failed"}},
    {"mute", {"queue-depth 1h why"}},
    {"unmute", {"queue-depth"}},
    {"curtain", {NULL}}, /* hides the words that are waited for: below */
    {"trace", {"stop"}}, /* and a real one, below */
    {"doctor", {""}},
    {"bind", {"all F7 \"revoke user\" x"}},
    {"unbind", {"all F7"}},
    {"task", {"mine api.tasks.test_redis_task message:text"}},
    {"alert", {"deep when queue.depth > 0 do \"purge celery\""}},
    {"family", {"exam exams"}},
    {"queue", {"questions api.*"}},
};

static const struct try *try_of(struct span name)
{
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        if (span_equal(name, span_of(tries[i].name))) {
            return &tries[i];
        }
    }
    fail_msg("':%.*s' is new: say here how it is tried", (int)name.len, name.data);
    return NULL;
}

static void try_command(struct stage *g, const struct try *t, bool acts)
{
    for (size_t i = 0; i < COUNT_OF(t->line) && t->line[i]; i++) {
        char line[200];
        snprintf(line, sizeof line, "%s %s", t->name, t->line[i]);
        type_line(g, line);
        if (acts) {
            seat_see(g->pty, "read-only");
        }
        see_no_question(g, line);
        seat_key(g->pty, "\r"); /* takes what a menu or a form offers, or opens a row */
        see_no_question(g, line);
        go_home(g);
        sync_up(g);
    }
    heard_only_looks(g->heard);
}

static void every_command__only_looks(void **state)
{
    struct stage *g = *state;
    int64_t before = changes(g);
    struct ran usage = RUN("usage");
    size_t acting = 0;
    size_t count = 0;
    sit_down(g);
    const char *at = strstr(usage.out, "## Commands");
    assert_non_null(at);
    const char *end = strstr(at, "\n## Configuration file");
    for (const char *row = strstr(at, "\n| ---"); (row = strstr(row + 1, "\n| ")) && row < end;) {
        struct span name = span_of(row + 3);
        struct span line = span_head(name, span_find(name, '\n'));
        name = span_head(name, span_find(name, ' '));
        bool acts = span_search(line, S("| acts")) < line.len;
        try_command(g, try_of(name), acts);
        acting += acts;
        count++;
    }
    assert_true(acting >= 15 && count > acting + 30);
    assert_int_equal(count, COUNT_OF(tries));
    ran_free(&usage);
    type_line(g, "curtain on");
    seat_see_gone(g->pty, "Zofia Zak");
    seat_do(g->pty, "!", "lift the curtain");
    seat_key(g->pty, "y");
    seat_see(g->pty, "Zofia Zak");
    type_line(g, "trace 1s"); /* which is a read */
    seat_see(g->pty, "it is allowed with --read-only");
    seat_key(g->pty, "y");
    seat_see(g->pty, "trace: ");
    heard_only_looks(g->heard);
    assert_int_equal(heard_count(g->heard, "monitor"), 1);
    type_line(g, "suspend");
    int status = 0;
    assert_int_equal(waitpid(pty_pid(g->pty), &status, WUNTRACED), pty_pid(g->pty));
    assert_true(WIFSTOPPED(status));
    pty_settle(g->pty);
    pty_forget_raw(g->pty);
    pty_signal(g->pty, SIGCONT);
    assert_true(pty_wait_raw(g->pty, "Zofia Zak", WAIT_MS));
    sync_up(g);
    char line[96];
    snprintf(line, sizeof line, "connect %s", g->url);
    pty_settle(g->pty);
    pty_forget_raw(g->pty);
    type_line(g, line);                                        /* there, --read-only goes on */
    assert_true(pty_wait_raw(g->pty, "\033[?1049h", WAIT_MS)); /* keys typed before are dropped */
    pty_forget_raw(g->pty);
    assert_true(pty_wait_raw(g->pty, "Zofia Zak", WAIT_MS));
    sync_up(g);
    try_command(g, try_of(S("revoke")), true);
    seat_quit(g->pty);
    heard_only_looks(g->heard); /* its polls went on while it was left */
    assert_true(heard_only_looks(g->heard) == 0);
    assert_int_equal(changes(g), before);
}

/* --- every key --- */

/* Keys that open something to type into or end it: one by one, with time for Esc. */
static bool opens_a_mode(const char *line)
{
    static const char *const words[] = {"filter", "command", "note",   "mute",
                                        "trace",  "curtain", "freeze", "suspend"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i], line) == 0) {
            return true;
        }
    }
    return false;
}

/* Those that act say that they are refused, by the name of their command. */
static bool acts(const char *line)
{
    static const char *const words[] = {"enqueue",    "revoke", "repair",       "retry",  "expire", "undo",
                                        "invalidate", "purge",  "move-message", "worker", "kill"};
    size_t len = strcspn(line, " ");
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strncmp(words[i], line, len) == 0 && words[i][len] == '\0') {
            return true;
        }
    }
    return false;
}

static const char *bytes_of(uint32_t key, char out[8])
{
    static const struct {
        uint32_t key;
        const char *bytes;
    } named[] = {
        {KEY_CODE_UP, "\033[A"},      {KEY_CODE_DOWN, "\033[B"},     {KEY_CODE_LEFT, "\033[D"},
        {KEY_CODE_RIGHT, "\033[C"},   {KEY_CODE_PAGE_UP, "\033[5~"}, {KEY_CODE_PAGE_DOWN, "\033[6~"},
        {KEY_CODE_HOME, "\033[H"},    {KEY_CODE_END, "\033[F"},      {KEY_CODE_BACK_TAB, "\033[Z"},
        {KEY_CODE_F1, "\033OP"},      {KEY_CODE_F1 + 4, "\033[15~"}, {KEY_CODE_F1 + 5, "\033[17~"},
        {KEY_CODE_BACKSPACE, "\x7f"}, {KEY_CODE_DELETE, "\033[3~"},
    };
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        if (named[i].key == key) {
            return named[i].bytes;
        }
    }
    if (key >= 0x7f) {
        fail_msg("key %x is new: say here what a terminal sends for it", (unsigned)key);
    }
    snprintf(out, 8, "%c", (int)key);
    return out;
}

static const char *const panes[] = {"sessions", "cache",   "queues", "batches", "alerts",
                                    "tasks",    "workers", "server", "info"};

static void go_to(struct stage *g, const struct place *at)
{
    place_go(g->pty, at);
}

static const struct keymap_row *row_at(const struct keymap *map, unsigned i)
{
    return (const struct keymap_row *)utarray_eltptr(&map->row, i);
}

static void press_acting(struct stage *g, const struct keymap_row *row)
{
    char text[8];
    char refusal[64];
    snprintf(refusal, sizeof refusal, "\"%.*s\" is refused: read-only", (int)strcspn(row->line, " "),
             row->line);
    seat_key(g->pty, ":x\r"); /* the refusal of the key before goes */
    seat_see_gone(g->pty, "is refused: read-only");
    seat_key(g->pty, bytes_of(row->key, text));
    seat_see(g->pty, refusal);
}

/* Pages are left and panes are left by some keys: each begins at the place again. */
static void press_all(struct stage *g, const struct keymap *map, const struct place *at, bool marked)
{
    char text[8];
    for (unsigned i = 0; i < utarray_len(&map->row); i++) {
        const struct keymap_row *row = row_at(map, i);
        bool here = strcmp(row->pane, "all") == 0 || strcmp(row->pane, at->pane) == 0;
        if (!here || opens_a_mode(row->line) || strcmp(row->line, "quit") == 0 ||
            row->key == KEY_CODE_ESCAPE) {
            continue;
        }
        if (!marked || acts(row->line)) {
            go_to(g, at);
        }
        if (marked && acts(row->line)) {
            type_line(g, "mark all");
        }
        if (acts(row->line)) {
            press_acting(g, row);
        } else if (!marked) {
            seat_key(g->pty, bytes_of(row->key, text));
            see_no_question(g, row->line);
        }
    }
    go_to(g, at);
    for (int i = 0; i < 12; i++) { /* lines that lead further, or offer a command */
        seat_key(g->pty, "j\r");
        see_no_question(g, "Enter");
        seat_key(g->pty, BACK);
    }
    sync_up(g);
    if (heard_only_looks(g->heard) == 0) {
        pty_settle(g->pty);
    }
}

static void press_modes(struct stage *g, const struct keymap *map, const char *pane)
{
    char text[8];
    for (unsigned i = 0; i < utarray_len(&map->row); i++) {
        const struct keymap_row *row = row_at(map, i);
        bool here = strcmp(row->pane, "all") == 0 || strcmp(row->pane, pane) == 0;
        bool elsewhere = strcmp(row->line, "suspend") == 0 || strcmp(row->line, "curtain") == 0;
        if (!here || !opens_a_mode(row->line) || elsewhere) {
            continue;
        }
        bool twice = strcmp(row->line, "freeze") == 0;
        seat_key(g->pty, bytes_of(row->key, text));
        if (strcmp(row->line, "trace") == 0) { /* asks, and reads */
            seat_see(g->pty, "it is allowed with --read-only");
            seat_key(g->pty, "y");
            seat_see(g->pty, "trace: ");
        }
        if (twice) {
            seat_key(g->pty, text);
        }
        see_no_question(g, row->line);
        seat_key(g->pty, "y\r");
        see_no_question(g, row->line);
        seat_key(g->pty, "\033");
        pty_settle(g->pty);
        go_home(g);
        sync_up(g);
    }
}

static void every_key__only_looks__in_every_pane_and_on_every_page(void **state)
{
    struct stage *g = *state;
    int64_t before = changes(g);
    struct keymap map;
    struct command_set set = {.count = 0};
    struct err err;
    keymap_init(&map);
    command_join(&set, keymap_commands, keymap_commands_count, &map);
    assert_true(command_run_text(&set, "keys", keymap_defaults, &err));
    assert_true(keymap_bind(&map, "all", "F6", "kill client", "", &err)); /* an act on a key of one's own */
    for (unsigned i = 0; i < utarray_len(&map.row); i++) {                /* a new pane needs a place */
        bool known = strcmp(row_at(&map, i)->pane, "all") == 0;
        for (size_t k = 0; k < COUNT_OF(panes); k++) {
            known = known || strcmp(row_at(&map, i)->pane, panes[k]) == 0;
        }
        assert_true(known);
    }
    sit_down(g);
    for (size_t i = part.number; i < places_count; i += part.of) {
        press_all(g, &map, &places[i], false);
        if (!places[i].is_page) {
            press_all(g, &map, &places[i], true);
        }
    }
    for (size_t i = part.number; i < COUNT_OF(panes); i += part.of) {
        go_to(g, &(struct place){panes[i], {""}, false});
        press_modes(g, &map, panes[i]);
        heard_only_looks(g->heard);
    }
    go_home(g);
    sync_up(g);
    seat_quit(g->pty);
    heard_only_looks(g->heard);
    keymap_release(&map);
    assert_int_equal(changes(g), before);
}

/* --- every verb of the shell --- */

static const struct verb_try {
    const char *name;
    int code; /* -1: any */
    const char *argv[8];
} verbs[] = {
    {"[OPTIONS]", -1, {NULL}}, /* the console itself */
    {"demo", -1, {NULL}},      /* has a server of its own */
    {"usage", -1, {NULL}},     /* has none */
    {"snapshot", -1, {"snapshot", "--format", "json", "--inspect", "1s"}},
    {"doctor", -1, {"doctor"}},
    {"workers", 0, {"workers", "--inspect", "1s"}},
    {"queues", 0, {"queues"}},
    {"tasks", 0, {"tasks", "state:failed"}},
    {"enqueue", 1, {"enqueue", "test", "message=x"}},
    {"revoke", 1, {"revoke", "session", SID_ANNA}},
    {"revoke", 1, {"revoke", "sessions", "all"}},
    {"revoke", 1, {"revoke", "user", "7"}},
    {"revoke", 1, {"revoke", "task", TASK_ONE, "--terminate", "--remove"}},
    {"repair", 1, {"repair", "sessions", "all"}},
    {"invalidate", 1, {"invalidate", "exam:*"}},
    {"retry", 1, {"retry", BATCH_FAIL}},
    {"remove", 1, {"remove", TASK_ONE}},
    {"move", 1, {"move", TASK_ONE, "--queue", "questions"}},
    {"purge", 1, {"purge", "celery"}},
    {"requeue", 1, {"requeue"}},
    {"worker", 1, {"worker", "ping"}},
    {"worker", 1, {"worker", "shutdown", "--on", NODE}},
    {"key", 0, {"key", "exam:1"}},
    {"expire", 1, {"expire", "exam:1", "60s"}},
    {"persist", 1, {"persist", "exam:1"}},
    {"delete", 1, {"delete", "exam:1"}},
    {"kill", 1, {"kill", "client", "1", "--own"}},
    {"result", 0, {"result", BATCH_FAIL}},
};

static void assert_every_verb_is_tried(void)
{
    struct ran help = RUN("--help");
    const char *end = strstr(help.out, "\noptions:");
    for (const char *at = help.out; (at = strstr(at, "\n  redai-console ")) && at < end; at++) {
        struct span name = span_of(at + strlen("\n  redai-console "));
        name = span_head(name, span_find(name, '\n'));
        name = span_head(name, span_find(name, ' '));
        bool found = false;
        for (size_t i = 0; i < COUNT_OF(verbs); i++) {
            found = found || span_equal(name, span_of(verbs[i].name));
        }
        if (!found) {
            fail_msg("'%.*s' is new: say here how it is tried", (int)name.len, name.data);
        }
    }
    ran_free(&help);
}

static void every_verb_of_the_shell__only_looks(void **state)
{
    struct stage *g = *state;
    int64_t before = changes(g);
    assert_every_verb_is_tried();
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        const char *argv[16] = {"--read-only", "--yes", "--url", g->url};
        size_t n = 4;
        for (size_t k = 0; k < COUNT_OF(verbs[i].argv) && verbs[i].argv[k]; k++) {
            argv[n++] = verbs[i].argv[k];
        }
        if (n == 4) {
            continue;
        }
        struct ran r = stage_run(argv, NULL, NULL);
        if (verbs[i].code >= 0) {
            assert_ran(&r, verbs[i].code, verbs[i].code ? "read-only" : "");
        }
        ran_free(&r);
        size_t heard = heard_only_looks(g->heard);
        assert_true(heard > 0 || verbs[i].code == 1);
    }
    assert_int_equal(changes(g), before);
}

int main(int argc, char **argv)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(every_verb_of_the_shell__only_looks),
        LIVE(every_command__only_looks),
    };
    const struct CMUnitTest keys[] = {
        LIVE(every_key__only_looks__in_every_pane_and_on_every_page),
    };
    bool of_keys = argc > 1 && sscanf(argv[1], "%lu/%lu", &part.number, &part.of) == 2 && part.number > 0;
    part.number -= of_keys;
    int failed =
        of_keys ? cmocka_run_group_tests(keys, NULL, NULL) : cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
