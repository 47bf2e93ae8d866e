/* The bytes that a terminal receives, whatever strangers have written into Redis: every attack of a table in
 * every field of a table, on every pane, page, dialog and message, and nothing but our own sequences comes
 * out. */
#include "attack.h"
#include "scan.h"
#include "seat.h"
#include "server/liar.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 100, PAGES_MAX = 14, DETAILS = 7 };

static const struct seat_size seat_huge = {56, 180};

struct walk {
    struct pty *p;
    const char *at; /* what was done last */
    bool seen[FIELDS_MAX];
};

static void check(struct walk *w)
{
    pty_settle(w->p);
    attack_look(pty_screen_text(w->p), w->seen);
    struct span raw = pty_raw_bytes(w->p);
    const char *why = scan_terminal(raw, false);
    const char *leak = attack_leak(raw);
    if (why || leak || strstr(pty_title(w->p), "pwned")) {
        fail_msg("at \"%s\" the terminal got %s\n%s", w->at,
                 why    ? why
                 : leak ? leak
                        : pty_title(w->p),
                 pty_screen_text(w->p));
    }
    pty_forget_raw(w->p);
}

static void key(struct walk *w, const char *keys)
{
    pty_settle(w->p);
    w->at = keys;
    seat_key(w->p, keys);
}

static void step(struct walk *w, const char *keys, const char *text)
{
    key(w, keys);
    seat_see(w->p, text);
    check(w);
}

/* What is open is read to its end. */
static void read_page(struct walk *w)
{
    seat_see(w->p, "Esc back");
    seat_see_gone(w->p, "reading ...");
    check(w);
    key(w, "G");
    check(w);
}

static void leave_pages(struct walk *w, const char *pane)
{
    key(w, pane);
    seat_see(w->p, "? help  Enter detail");
    check(w);
}

/* --- every row and every detail --- */

static void list_pane(struct walk *w, const char *pane)
{
    char *before = NULL;
    leave_pages(w, pane);
    step(w, "+", "? help");
    for (int i = 0; i < PAGES_MAX && !(before && strcmp(before, pty_screen_text(w->p)) == 0); i++) {
        mem_replace(&before, pty_screen_text(w->p));
        key(w, "\033[6~");
        check(w);
    }
    mem_free(before);
    key(w, "g");
    for (int i = 0; i < DETAILS; i++) {
        for (int enter = 0; enter < 2; enter++) { /* what is opened may have a link itself */
            key(w, "\r");
            pty_settle(w->p);
            if (strstr(pty_screen_text(w->p), "Esc back")) { /* else it was unfolded */
                read_page(w);
            }
        }
        leave_pages(w, pane);
        key(w, i % 2 ? "jjjjjjj" : "jjjjj");
    }
    key(w, "y");
    check(w);
    key(w, ">");
    check(w);
    step(w, "/live\r", "live");
    step(w, "/\r", "? help");
    step(w, "+", "? help");
}

#define TASK_ID "00000000-0000-4000-8000-00000000" /* and four digits: attack.c */

static void open_things(struct walk *w)
{
    static const struct {
        const char *kind, *name;
        size_t field;
    } things[] = {{"key", "evilvalue:", 12}, {"key", "eviljson:", 13}, {"key", "evilhash:", 14},
                  {"key", "evillist:", 15},  {"key", "evilzset:", 16}, {"key", "evilstream:", 17},
                  {"session", "b", 2},       {"session", "c", 3},      {"session", "f", 6},
                  {"session", "g", 7},       {"task", TASK_ID, 22},    {"task", TASK_ID, 24},
                  {"task", "l", 34},         {"task", "m", 37},        {"task", "n", 38},
                  {"worker", "w", 36}};
    char line[100];
    for (size_t i = 0; i < COUNT_OF(things); i++) {
        for (size_t attack = i % 5; attack < attacks_count; attack += 5) {
            snprintf(line, sizeof line, ":open %s %s%02zu%02zu%s\r", things[i].kind, things[i].name, attack,
                     things[i].field, strcmp(things[i].kind, "worker") == 0 ? "@h" : "");
            key(w, line);
            read_page(w);
            leave_pages(w, ":pane cache\r");
        }
    }
}

static void screen__is_ours_alone__on_every_pane_and_page(void **state)
{
    static const char *const panes[] = {":pane sessions\r", ":pane cache\r",  ":pane queues\r",
                                        ":pane batches\r",  ":pane alerts\r", ":pane tasks\r",
                                        ":pane workers\r",  ":pane server\r"};
    struct walk w = {.p =
                         seat_open(*state, seat_huge, ((const char *const[]){"--inspect", "0", NULL}), NULL)};
    seat_see(w.p, "ntf on");
    seat_see(w.p, "i0030 failed");
    attack_events(*state);
    check(&w);
    for (size_t i = 0; i < COUNT_OF(panes); i++) {
        list_pane(&w, panes[i]);
    }
    open_things(&w);
    leave_pages(&w, ":pane sessions\r");
    key(&w, ":group user\r");
    list_pane(&w, ":pane sessions\r");
    key(&w, ":open queue celery\r");
    read_page(&w);
    leave_pages(&w, ":pane sessions\r");
    const char *missing = attack_missing(w.seen);
    if (missing) {
        fail_msg("not seen on any screen: %s", missing);
    }
    seat_quit(w.p);
}

/* --- what is asked, done and told --- */

static void dialogs_and_pages__are_ours_alone(void **state)
{
    static const struct {
        const char *keys, *text;
    } asked[] = {
        {":pane sessions\r", "? help"},
        {":mark all\r", "marked"},
        {"x", "do it"},
        {":revoke user 1\r", "do it"},
        {":invalidate evil*\r", "do it"},
        {":invalidate <A*\r", "do it"},
        {":purge celery\r", "do it"},
        {":repair sessions all\r", "do it"},
        {":requeue\r", "requeue: "},
        {":delete evilvalue:0312\r", "do it"},
        {":enqueue test \"message=\\x1b]0;pwned\\x07\\x1b[31337m\"\r", "do it"},
        {":receipts\r", "Esc back"},
        {":memory\r", "Esc back"},
        {":doctor\r", "Esc back"},
        {"?", "Esc back"},
        {":kill client 99999999\r", "99999999"},
        {":frob\033[200~\033[31337m\033]0;pwned\007\xe2\x80\xae\033[201~\r", "unknown command"},
        {":key \"\\x1b[31337m\"\r", "Esc back"},
        {":note \"\\x1b[31337m\\x9b\"\r", "? help"},
    };
    struct walk w = {.p = seat_open(*state, seat_huge, NULL, NULL)};
    seat_see(w.p, "evil");
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        step(&w, asked[i].keys, asked[i].text);
        if (strcmp(asked[i].text, "do it") == 0 || strcmp(asked[i].text, "Esc back") == 0) {
            seat_leave(w.p, asked[i].text);
            check(&w);
        }
    }
    step(&w, ":delete evilvalue:0312\r", "do it");
    step(&w, "y", "done: ");
    step(&w, ":receipts\r", "delete");
    seat_leave(w.p, "Esc back");
    step(&w, "!", "curtain");
    for (char pane[] = "1"; *pane < '9'; ++*pane) {
        key(&w, pane);
        check(&w);
    }
    seat_quit(w.p);
}

/* --- what the server itself says --- */

#define EVIL "\033[31337m\033]0;pwned\007\302\23331337m\x9b\xe2\x80\xae\xff\r\x0e"
#define INFO_TEXT                                                                                            \
    "# Server\r\nredis_version:7" EVIL "\r\nredis_mode:" EVIL "\r\nos:" EVIL "\r\nrun_id:" EVIL              \
    "\r\nexecutable:" EVIL "\r\nconfig_file:" EVIL "\r\nrole:" EVIL "\r\nmaster_host:" EVIL                  \
    "\r\nmaxmemory_policy:" EVIL "\r\nmem_allocator:" EVIL "\r\nmaster_link_status:" EVIL                    \
    "\r\nrdb_last_bgsave_status:" EVIL "\r\naof_last_write_status:" EVIL "\r\nused_memory:1000000\r\n"       \
    "connected_clients:3\r\nuptime_in_seconds:5\r\nslave0:ip=" EVIL ",port=1,state=" EVIL                    \
    ",offset=1,lag=0\r\n"                                                                                    \
    "db0:keys=5,expires=0,avg_ttl=0\r\ncmdstat_get" EVIL ":calls=1,usec=1,usec_per_call=1.00\r\n"            \
    "errorstat_ERR" EVIL ":count=3\r\n"
#define CLIENT_TEXT                                                                                          \
    "id=3 addr=" EVIL " laddr=x fd=8 name=" EVIL " age=1 idle=0 flags=N" EVIL " db=0 cmd=" EVIL              \
    " user=" EVIL "\n"

static void screen__is_ours_alone__whatever_the_server_says_of_itself(void **state)
{
    static const struct {
        const char *command, *kind, *text;
    } said[] = {
        {"INFO", "bulk", INFO_TEXT},
        {"CLIENT LIST", "bulk", CLIENT_TEXT},
        {"CONFIG GET", "pair", EVIL},
        {"SLOWLOG GET", "slow", EVIL},
        {"LATENCY LATEST", "event", EVIL},
        {"ACL WHOAMI", "bulk", EVIL},
        {NULL, "error", "-ERR boom \033[31337m\033]0;pwned\007\302\23331337m\x9b\xe2\x80\xae\xff end\r\n"},
    };
    static const char *const keys[] = {"8",
                                       "+",
                                       "\033[6~",
                                       ":group commands\r",
                                       ":group slowlog\r",
                                       ":group clients\r",
                                       ":group errors\r",
                                       ":group none\r",
                                       "+",
                                       "0",
                                       "1"};
    UT_string bytes;
    utstring_init(&bytes);
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        size_t len = strlen(said[i].text);
        const char *kind = said[i].kind, *text = said[i].text;
        utstring_clear(&bytes);
        if (strcmp(kind, "bulk") == 0) {
            utstring_printf(&bytes, "$%zu\r\n%s\r\n", len, text);
        } else if (strcmp(kind, "pair") == 0) {
            utstring_printf(&bytes, "*2\r\n$9\r\nmaxmemory\r\n$%zu\r\n%s\r\n", len, text);
        } else if (strcmp(kind, "slow") == 0) {
            utstring_printf(&bytes,
                            "*1\r\n*6\r\n:1\r\n:1795399800\r\n:50\r\n*2\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n$%"
                            "zu\r\n%s\r\n$0\r\n\r\n",
                            len, text, len, text, len, text);
        } else if (strcmp(kind, "event") == 0) {
            utstring_printf(&bytes, "*1\r\n*4\r\n$%zu\r\n%s\r\n:1795399800\r\n:5\r\n:9\r\n", len, text);
        } else {
            utstring_printf(&bytes, "%s", text);
        }
        const struct lie lie = {
            .manner = LIAR_SAYS, .command = said[i].command, .bytes = bytes.d, .len = bytes.i};
        struct liar *liar = liar_start(server_socket(*state), &lie);
        struct walk w = {.p = pty_start(CONSOLE(liar_url(liar)), NULL, seat_huge.rows, seat_huge.cols)};
        seat_see(w.p, "? help");
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            key(&w, keys[k]);
            check(&w);
        }
        step(&w, ":doctor\r", "Esc back");
        check(&w);
        assert_true(liar_lies(liar) > 0);
        seat_leave(w.p, "Esc back");
        seat_quit(w.p);
        const char *const verbs[][7] = {{"snapshot", "-u", liar_url(liar)},
                                        {"doctor", "-u", liar_url(liar)},
                                        {"revoke", "user", "1", "--dry-run", "-u", liar_url(liar)}};
        for (size_t k = 0; k < COUNT_OF(verbs); k++) {
            struct ran r = stage_run(verbs[k], NULL, NULL);
            const char *why = scan_text(r.out) ? scan_text(r.out) : scan_text(r.err);
            if (why) {
                fail_msg("%s, lied to about %s, prints %s", verbs[k][0],
                         said[i].command ? said[i].command : "all", why);
            }
            ran_free(&r);
        }
        liar_stop(liar);
    }
    utstring_done(&bytes);
}

/* --- every terminal --- */

static void screen__is_ours_alone__on_every_terminal(void **state)
{
    static const char *const terms[] = {"xterm",           "vt100",         "linux",
                                        "screen-256color", "tmux-256color", "ansi"};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        char term[40];
        snprintf(term, sizeof term, "TERM=%s", terms[i]);
        scan_learn(terms[i]);
        struct walk w = {.p = seat_open(*state, seat_large, NULL, ENV(term)), .at = terms[i]};
        seat_see(w.p, "evil");
        check(&w);
        for (char pane[] = "1"; *pane < '9'; ++*pane) {
            seat_key(w.p, pane);
            check(&w);
            seat_key(w.p, "\r");
            check(&w);
            seat_key(w.p, "y");
            check(&w);
            seat_key(w.p, ":pane sessions\r");
            check(&w);
        }
        seat_key(w.p, "q");
        assert_true(pty_wait_exit(w.p, WAIT_MS));
        check(&w);
        pty_stop(w.p);
    }
    scan_learn(NULL);
}

/* --- without a terminal --- */

static void shell__prints_nothing_that_a_terminal_obeys(void **state)
{
    const char *url = server_url(*state, 0);
    const char *const verbs[][9] = {
        {"snapshot", "-u", url},
        {"snapshot", "-u", url, "--format", "json"},
        {"snapshot", "-u", url, "--format", "nagios"},
        {"workers", "-u", url},
        {"queues", "-u", url},
        {"queues", "-u", url, "--format", "json"},
        {"tasks", "-u", url},
        {"tasks", "-u", url, "--format", "json"},
        {"doctor", "-u", url},
        {"doctor", "-u", url, "--format", "json"},
        {"key", "evilhash:0914", "-u", url},
        {"key", "session:b0902", "-u", url},
        {"result", "l0934", "-u", url},
        {"result", "k0933", "-u", url},
        {"revoke", "sessions", "all", "--dry-run", "-u", url},
        {"repair", "sessions", "all", "--dry-run", "-u", url},
        {"invalidate", "*", "--dry-run", "-u", url},
        {"purge", "celery", "--dry-run", "-u", url},
        {"requeue", "--dry-run", "-u", url},
        {"purge", "celery", "--yes", "-u", url},
    };
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct ran r = stage_run(verbs[i], NULL, NULL);
        const char *why = scan_text(r.out) ? scan_text(r.out) : scan_text(r.err);
        if (why) {
            fail_msg("%s %s prints %s", verbs[i][0], verbs[i][1], why);
        }
        ran_free(&r);
    }
    for (size_t i = 0; i < attacks_count; i++) {
        static const char *const lines[] = {"%s",
                                            "set theme \"%s\"",
                                            "bind all %s quit",
                                            "role %s red",
                                            "alert %s on",
                                            "connection %s redis://h",
                                            "connection a %s",
                                            "family \"%s\"",
                                            "queue a b",
                                            "set url %s"};
        UT_string text;
        char *attack = span_dup(attacks[i].bytes); /* up to a NUL */
        utstring_init(&text);
        for (size_t k = 0; k < COUNT_OF(lines); k++) {
            utstring_clear(&text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            utstring_printf(&text, lines[k], attack);
#pragma GCC diagnostic pop
            stage_write(stage_path("evil.conf"), utstring_body(&text));
            struct ran r =
                RUN("snapshot", "-u", url, "--config", stage_path("evil.conf"), "--census", attack);
            if (scan_text(r.err) || scan_text(r.out)) {
                fail_msg("a configuration with %s prints %s", attacks[i].name, scan_text(r.err));
            }
            ran_free(&r);
        }
        utstring_done(&text);
        mem_free(attack);
    }
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    assert_non_null(journal);
    assert_null(scan_text(journal));
    free(journal);
}

static int set_up(void **state)
{
    static const char *const options[] = {"--notify-keyspace-events", "KEAm", "--slowlog-log-slower-than",
                                          "0", NULL};
    *state = stage_server(options);
    attack_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

int main(void)
{
    server_require();
    stage_isolate();
    assert_true(attack_fields_count <= FIELDS_MAX);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen__is_ours_alone__on_every_pane_and_page),
        cmocka_unit_test(screen__is_ours_alone__on_every_terminal),
        cmocka_unit_test(screen__is_ours_alone__whatever_the_server_says_of_itself),
        cmocka_unit_test(dialogs_and_pages__are_ours_alone),
        cmocka_unit_test(shell__prints_nothing_that_a_terminal_obeys),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
