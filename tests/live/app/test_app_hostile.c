/* Foreign bytes in every place that can reach the screen: what the terminal receives holds no sequence that
 * is not ours, whatever stands in Redis. */
#include "scan.h"
#include "seat.h"
#include "server/liar.h"
#include "support/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* CSI with a number we never send, a title, the clipboard, DCS, C1, bidi, zero width, bad UTF-8, the rest of
 * C0, and the letters of a combining pile are added by hostile(). In JSON the C0 ones stand escaped. */
#define EVIL                                                                                                 \
    "\033[31337m\033]0;pwned\007\033]52;c;ZXZpbA==\007\033P1;1|x\033\\\xc2\x9b"                              \
    "31337m\xe2\x80\xae"                                                                                     \
    "live\xe2\x80\x8b\xff\xfe\x01\x08\x0e\r\n\t\x7f"
#define EVIL_JSON                                                                                            \
    "\\u001b[31337m\\u001b]0;pwned\\u0007\\u001b]52;c;ZXZpbA==\\u0007\\u009b31337m\xc2\x9b"                  \
    "31337m\xe2\x80\xae\\u202elive\xe2\x80\x8b\\u0000\\u0008\\r\\n\\t\\u007f"

static char *pile; /* a letter under ten thousand accents */

static void make_pile(void)
{
    enum { MARKS = 10000 };
    pile = mem_zalloc(2 * MARKS + 2);
    pile[0] = 'a';
    for (size_t i = 0; i < MARKS; i++) {
        memcpy(pile + 1 + 2 * i, "\xcc\x81", 2);
    }
}

static void send(struct server *s, int db, int argc, const char **argv)
{
    size_t lens[8];
    for (int i = 0; i < argc; i++) {
        lens[i] = strlen(argv[i]);
    }
    char *reply = server_cli_argv(s, db, argc, argv, lens);
    assert_true(strncmp(reply, "(error)", 7) != 0);
    free(reply);
}
#define SEND(s, db, ...)                                                                                     \
    send(s, db, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})

static char *text(const char *format, const char *a, const char *b)
{
    UT_string out;
    utstring_init(&out);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    utstring_printf(&out, format, a, b);
#pragma GCC diagnostic pop
    return out.d;
}

static void send_text(struct server *s, int db, const char *command, const char *key, char *value)
{
    SEND(s, db, command, key, value);
    free(value);
}

static void fill(struct server *s)
{
    /* sessions */
    SEND(s, 0, "SET", "session:AAAA" EVIL,
         "{\"user_id\": \"" EVIL_JSON "\", \"name\": \"Evil" EVIL_JSON "\", \"email\": \"" EVIL_JSON
         "\", \"role\": \"" EVIL_JSON "\", \"created_at\": \"" EVIL_JSON "\", \"" EVIL_JSON
         "\": [\"" EVIL_JSON "\"]}");
    send_text(s, 0, "SET", "session:CCCC-piled",
              text("{\"user_id\": 1, \"name\": \"Piled%s\", \"role\": \"%.1201s\"}", pile, pile));
    send_text(s, 0, "SET", "session:DDDD-piled",
              text("{\"user_id\": 1, \"name\": \"Pile%.1201s\", \"role\": \"%.1201s\"}", pile, pile));
    SEND(s, 0, "SET", "session:BBBBnotjson", "<" EVIL ">");
    SEND(s, 0, "SADD", "user:" EVIL ":sessions", "AAAA" EVIL);
    /* keys, families and values of every type */
    SEND(s, 0, "SET", "evil" EVIL ":1", EVIL);
    SEND(s, 0, "SET", pile, pile);
    SEND(s, 0, "HSET", "evilhash:" EVIL, "field" EVIL, EVIL);
    SEND(s, 0, "RPUSH", "evillist:" EVIL, EVIL, pile);
    SEND(s, 0, "ZADD", "evilzset:" EVIL, "1", EVIL);
    SEND(s, 0, "XADD", "evilstream:" EVIL, "*", "field" EVIL, EVIL);
    /* queues and their messages */
    SEND(s, 0, "SADD", "_kombu.binding.celery", "q" EVIL "\x06\x16\x06\x16q" EVIL);
    SEND(s, 0, "LPUSH", "q" EVIL, "not a message " EVIL);
    SEND(s, 0, "LPUSH", "q" EVIL,
         "{\"body\": \"" EVIL_JSON "\", \"content-type\": \"" EVIL_JSON
         "\", \"headers\": {\"task\": \"evil.task" EVIL_JSON "\", \"id\": \"" EVIL_JSON
         "\", \"argsrepr\": \"" EVIL_JSON "\"}, \"properties\": {\"delivery_tag\": \"" EVIL_JSON "\"}}");
    SEND(s, 0, "ZADD", "unacked_index", "1", EVIL);
    SEND(s, 0, "HSET", "unacked", EVIL, EVIL);
    /* batches */
    SEND(s, 0, "SET", "batch:progress:" EVIL,
         "{\"status\": \"failed\", \"error\": \"boom " EVIL_JSON "\", \"current\": 1, \"total\": 2}");
    SEND(s, 0, "SET", "batch:progress:evil-2", "{\"status\": \"" EVIL_JSON "\", \"percentage\": 3}");
    SEND(s, 1, "SET", "celery-task-meta-evil-2",
         "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"" EVIL_JSON
         "\", \"exc_message\": [\"" EVIL_JSON "\"]}, \"traceback\": \"" EVIL_JSON
         "\", \"task_id\": \"evil-2\"}");
}

static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    *state = stage_server(quiet);
    make_pile();
    fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    mem_free(pile);
    server_stop(*state);
    remove(stage_path("state/redai-console/journal"));
    return 0;
}

static void assert_clean(struct pty *p, bool ascii)
{
    const char *why = scan_terminal(pty_raw_bytes(p), ascii);
    if (why) {
        fail_msg("the terminal got %s\n%s", why, pty_screen_text(p));
    }
    assert_null(strstr(pty_title(p), "pwned"));
}

/* Through every pane, every row of it, its detail, and what that links to, each read to its end. */
static void walk(struct pty *p, bool ascii)
{
    static const struct {
        const char *name, *row;
    } panes[] = {{"sessions", "not JSON"},
                 {"cache", "evilhash"},
                 {"queues", "q^[["},
                 {"batches", "evil-2"},
                 {"alerts", "batch-failed"}};
    char line[64];
    for (size_t i = 0; i < COUNT_OF(panes); i++) {
        snprintf(line, sizeof line, ":pane %s\r", panes[i].name);
        seat_key(p, line);
        seat_do(p, "+", panes[i].row);
        seat_key(p, "g");
        for (int row = 0; row < 9; row++) {
            seat_do(p, "\r", "Esc back");
            seat_see_gone(p, "reading ...");
            seat_key(p, "\r"); /* the first link, where there is one */
            seat_see(p, "Esc back");
            seat_see_gone(p, "reading ...");
            seat_key(p, line); /* leaves the pages */
            seat_see(p, "? help  Enter detail");
            seat_key(p, "j");
        }
        seat_key(p, "+");
        assert_clean(p, ascii);
    }
}

static void screen__is_ours_alone__whatever_stands_in_redis(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "Evil");
    seat_see(p, "evilhash");
    seat_see(p, "boom");
    walk(p, false);
    seat_not(p, "pwned\007");
    seat_quit(p);
}

static void screen__is_plain_ascii__in_the_locale_c(void **state)
{
    struct server *s = *state;
    stage_session(s, "PPPP0001-polish-token-kept-a", 3, "\xc5\xbb\xc3\xb3\xc5\x82\xc4\x87 \xe5\xb1\xb1", "x",
                  true);
    struct pty *p = seat_open(s, seat_large, NULL, ENV("LC_ALL=C"));
    seat_see(p, "Evil");
    seat_see(p, "boom");
    walk(p, true);
    seat_key(p, "?");
    seat_see(p, "help");
    assert_clean(p, true);
    seat_leave(p, "help: ");
    pty_stop(p);
}

static void dialogs_and_messages__are_ours_alone(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "Evil");
    seat_do(p, ":mark all\r", "4 marked");
    seat_do(p, "x", ": do it");
    seat_do(p, "y", "done: ");
    seat_do(p, ":invalidate evil*\r", "do it");
    seat_leave(p, "do it");
    seat_do(p, ":receipts\r", "revoke session");
    seat_leave(p, "Esc back");
    seat_do(p, ":revoke task \"\\x1b[31337m\"\r", ": do it");
    seat_leave(p, ": do it");
    seat_do(p, ":enqueue test \"message=\\x1b]0;pwned\\x07\"\r", ": do it");
    seat_leave(p, ": do it");
    /* pasted by a person, into the prompt and past it */
    seat_key(p, "\033[200~:enqueue \033]0;pwned\007\033[31337m\033[201~");
    seat_do(p, ":\033[200~frob\033[31337m\033[201~\r", "unknown command");
    assert_clean(p, false);
    seat_quit(p);
}

static void clipboard__gets_one_sequence_with_clean_text(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "Evil");
    seat_do(p, ":pane cache\r", "i invalidate");
    seat_do(p, "y", "copied");
    struct span raw = pty_raw_bytes(p);
    size_t at = span_search(raw, S("\033]52;c;"));
    if (at < raw.len) {
        struct span rest = span_skip(raw, at + 7);
        size_t end = 0;
        while (end < rest.len && (isalnum((unsigned char)rest.data[end]) || strchr("+/=", rest.data[end]))) {
            end++;
        }
        assert_true(end > 0 && (rest.data[end] == '\007' || rest.data[end] == '\033'));
        assert_int_equal(span_search(rest, S("\033]")), rest.len);
    }
    seat_quit(p);
}

static void error_text__is_ours_alone__when_the_server_is_hostile(void **state)
{
    (void)state;
    static const char line[] = "-ERR boom \033[31337m\033]0;pwned\007\xc2\x9b"
                               "31337m\xe2\x80\xae\xff\x07 end\r\n";
    struct liar *evil =
        liar_start(NULL, &(struct lie){.manner = LIAR_SAYS, .bytes = line, .len = sizeof line - 1});
    struct pty *p = pty_start(CONSOLE(liar_url(evil)), NULL, 30, 120);
    seat_see(p, "boom ");
    assert_clean(p, false);
    seat_quit(p);
    const char *const verbs[][6] = {{"snapshot", "-u", liar_url(evil)},
                                    {"snapshot", "-u", liar_url(evil), "--format=json"},
                                    {"result", "x", "-u", liar_url(evil)},
                                    {"enqueue", "test", "--yes", "-u", liar_url(evil)}};
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct ran r = stage_run(verbs[i], NULL, NULL);
        assert_int_not_equal(r.code, 0);
        assert_null(scan_text(r.out));
        assert_null(scan_text(r.err));
        ran_free(&r);
    }
    liar_stop(evil);
}

static void shell__prints_nothing_that_a_terminal_obeys(void **state)
{
    struct server *s = *state;
    const char *url = server_url(s, 0);
    const char *const verbs[][8] = {{"snapshot", "-u", url},
                                    {"snapshot", "-u", url, "--format", "json"},
                                    {"revoke", "user", EVIL, "--dry-run", "-u", url},
                                    {"revoke", "session", "AAAA" EVIL, "--yes", "-u", url},
                                    {"invalidate", "evil*", "--yes", "-u", url},
                                    {"enqueue", "test", "message=" EVIL, "--yes", "-u", url},
                                    {"enqueue", "evil" EVIL, "--yes", "-u", url},
                                    {"revoke", "task", EVIL, "--dry-run", "-u", url},
                                    {"result", "evil-2", "-u", url},
                                    {"frob" EVIL},
                                    {"--frob" EVIL},
                                    {"snapshot", "--format", EVIL}};
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct ran r = stage_run(verbs[i], NULL, NULL);
        const char *why = scan_text(r.out) ? scan_text(r.out) : scan_text(r.err);
        if (why) {
            fail_msg("%s %.8s prints %s", verbs[i][0], verbs[i][1] ? verbs[i][1] : "", why);
        }
        ran_free(&r);
    }
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    assert_non_null(journal);
    assert_null(scan_text(journal));
    free(journal);
}

static void big_and_odd_values__are_shown_bounded(void **state)
{
    struct server *s = *state;
    SEND(s, 0, "SET", "huge:1", "begin");
    stage_do(s, 0, "SETRANGE huge:1 52428800 end"); /* 50 MB */
    stage_do(s, 0, "LPUSH session:WRONGTYPE x");
    stage_do(s, 0, "SADD batch:progress:wrongtype x");
    char *sparse = server_cli(s, "SET", "bin:\x80\x81", "\x01\x02", NULL);
    free(sparse);
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "2+", "huge");
    seat_do(p, ":open key huge:1\r", "begin");
    seat_leave(p, "Esc back");
    seat_do(p, ":open key session:WRONGTYPE\r", "list");
    seat_key(p, ":pane sessions\r");
    seat_see(p, "1 sessions");
    seat_see_gone(p, "Esc back");
    assert_clean(p, false);
    seat_quit(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(screen__is_ours_alone__whatever_stands_in_redis),
        LIVE(screen__is_plain_ascii__in_the_locale_c),
        LIVE(dialogs_and_messages__are_ours_alone),
        LIVE(clipboard__gets_one_sequence_with_clean_text),
        cmocka_unit_test(error_text__is_ours_alone__when_the_server_is_hostile),
        LIVE(shell__prints_nothing_that_a_terminal_obeys),
        LIVE(big_and_odd_values__are_shown_bounded),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
