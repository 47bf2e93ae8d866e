/* Two passwords within URLs and every session id, driven through all panes, faces, pages and dialogs: nothing
 * that came to the terminal, no window title and no file holds one whole. A password that stands alone is not
 * tried: docs/reliability.md. */
#include "place.h"
#include "support/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define QUESTION "leave everything as it is"
#define PASSWORD "marker-tapir-lantern"
#define TYPED    "marker-otter-ladder"
#define SID_ONE  "HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc" /* as long as those of the platform */
#define SID_TWO  "Qb-v7yTtM0zYkP3nLw9dRs5uXe1fGh2jKc8aVo4iBm6"
#define SID_LOST "Zx4cVb6nMq8wEr2tYu1iOp3aSd5fGh7jKl9zXc0vBn_" /* in an index, and no more */

static const char *const secrets[] = {PASSWORD, TYPED, SID_ONE, SID_TWO, SID_LOST};

static void assert_none(struct span text, const char *where)
{
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (span_search(text, span_of(secrets[i])) < text.len) {
            fail_msg("%s holds %s", where, secrets[i]);
        }
    }
}

/* The window's title is among the bytes, too; what is asked for explicitly (copy reveal) is not asked for. */
static void look(struct pty *p, const char *where)
{
    pty_settle(p);
    assert_none(pty_raw_bytes(p), where);
    assert_none(span_of(pty_title(p)), "the window's title");
    pty_forget_raw(p);
}

static int look_in_file(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)where;
    if (type == FTW_F && S_ISREG(info->st_mode)) {
        char *text = stage_read(path);
        assert_non_null(text);
        assert_none(span_make(text, (size_t)info->st_size), path);
        free(text);
    }
    return 0;
}

/* Every list of the server itself holds them: its slow log (all commands are slow), its clients' names. */
static struct server *stage(void)
{
    static const char *const locked[] = {"--requirepass",
                                         PASSWORD,
                                         "--notify-keyspace-events",
                                         "KEAm",
                                         "--slowlog-log-slower-than",
                                         "0",
                                         NULL};
    struct server *s =
        server_start(&(struct server_options){.args = locked, .password = PASSWORD, .with_tcp = true});
    assert_non_null(s);
    place_fill(s);
    stage_session(s, SID_ONE, 1, "Marta Marker", "admin", true); /* the first user: these rows are seen */
    stage_session(s, SID_TWO, 1, "Marta Marker", "admin", false);
    free(server_cli(s, "SADD", "user:1:sessions", SID_LOST, NULL));
    return s;
}

/* What is typed until the screen says so; then it is left. */
static const struct {
    const char *keys, *text;
} dialogs[] = {
    {":pane sessions\r", "? help"},
    {"x", ": do it"},
    {"X", ": do it"},
    {":revoke session " SID_ONE " " SID_TWO "\r", ": do it"},
    {":revoke sessions all\r", ": do it"},
    {":mark all\r", "marked"},
    {"x", ": do it"},
    {":repair sessions all\r", ": do it"},
    {":delete session:" SID_ONE "\r", "session"},
    {":expire session:" SID_ONE " 60s\r", "session"},
    {":invalidate session:" SID_ONE "\r", "session"},
    {":key session:" SID_ONE "\r", "Esc back"},
    {":open key session:" SID_TWO "\r", "Esc back"},
    {":open key user:1:sessions\r", "Esc back"},
    {":open session " SID_TWO "\r", "Esc back"},
    {":filter " SID_ONE "\r", "? help"},
    {"/\025\r", "6 | "},
    {":note " SID_ONE " was seen at redis://:" PASSWORD "@h and redis://ada:" TYPED "@h\r", "noted in"},
    {":enqueue test message=" SID_TWO "\r", ": do it"},
    {":frob " SID_ONE " redis://:" TYPED "@h\r", "unknown command"},
    {":connect redis://ada:" TYPED "@127.0.0.1:x/0\r", "port"},
    {":set url redis://:" TYPED "@h\r", "url"},
    {":doctor\r", "doctor"},
    {":receipts\r", "Esc back"},
    {"?", "Esc back"},
};

static void open_dialogs(struct pty *p)
{
    for (size_t i = 0; i < COUNT_OF(dialogs); i++) {
        pty_settle(p);
        seat_key(p, dialogs[i].keys);
        if (getenv("SHOW")) {
            pty_settle(p);
            fprintf(stderr, "== %s\n%s\n", dialogs[i].keys, pty_screen_text(p));
        }
        seat_see(p, dialogs[i].text);
        look(p, dialogs[i].keys);
        if (strstr(pty_screen_text(p), QUESTION)) {
            seat_leave(p, QUESTION);
        }
        seat_key(p, PLACE_BACK PLACE_BACK);
    }
}

/* What is done, is told and is written down. */
static void act(struct pty *p)
{
    static const char *const orders[] = {":revoke session " SID_ONE "\r", ":revoke user 1\r",
                                         ":repair sessions all\r"};
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        pty_settle(p);
        seat_do(p, orders[i], ": do it");
        seat_do(p, "y", "done: ");
        look(p, orders[i]);
    }
    seat_do(p, ":undo last\r", ": do it");
    look(p, "undo");
    seat_leave(p, QUESTION);
    seat_do(p, ":receipts\r", "revoke session");
    look(p, "receipts");
    seat_key(p, PLACE_BACK);
    seat_do(p, ":trace 1s\r", ": do it");
    seat_do(p, "y", "trace: ");
    look(p, "a trace");
}

static void secrets__are_whole__in_nothing_that_leaves_the_console(void **state)
{
    (void)state;
    struct server *s = stage();
    char url[200];
    snprintf(url, sizeof url, "redis://:%s@127.0.0.1:%d/0", PASSWORD, server_port(s));
    stage_write(stage_path("keys"), PLACE_KEYS);
    struct pty *p = pty_start(CONSOLE("--config", stage_path("keys"), url), NULL, 50, 160);
    assert_non_null(p);
    seat_see(p, "Zofia Zak");
    seat_see(p, "leaderboard");
    for (size_t i = 0; i < places_count; i++) {
        place_go(p, &places[i]);
        look(p, places[i].line[0]);
        seat_key(p, "\033[6~"); /* and further down */
        look(p, places[i].line[0]);
    }
    seat_key(p, PLACE_BACK PLACE_BACK);
    open_dialogs(p);
    act(p);
    seat_key(p, PLACE_BACK PLACE_BACK);
    seat_key(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    look(p, "the end");
    pty_stop(p);
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    assert_non_null(journal);
    assert_non_null(strstr(journal, "revoke"));
    free(journal);
    assert_int_equal(nftw(stage_home(), look_in_file, 8, FTW_PHYS), 0);
    server_stop(s);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets__are_whole__in_nothing_that_leaves_the_console),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
