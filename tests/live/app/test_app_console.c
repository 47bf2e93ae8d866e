/* The console in a terminal: five panes of real data, and every key that looks. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/base64.h"

static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    *state = stage_server(quiet);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static void assert_panes(struct pty *p)
{
    static const char *const titles[] = {"1 sessions 4", "2 cache 53", "3 queues 1", "4 batches 2",
                                         "5 alerts"};
    static const char *const rows[] = {"Anna Nowak", "teacher",  "exam",     "leaderboard",
                                       "celery",     "7f3c9a12", "b81e44d0", "failed"};
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        seat_see(p, titles[i]);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        seat_see(p, rows[i]);
    }
    seat_see(p, "25%"); /* the bar of the batch that runs */
    seat_see(p, "batch b81e44d0-");
    seat_see(p, "mem ");
    seat_see(p, "hit ");
    seat_see(p, "? help");
}

static void dashboard__has_five_panes_of_real_data__at_80x24(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    assert_panes(p);
    assert_int_equal(seat_row(p, "? help"), 23);
    assert_true(pty_alternate_screen(p));
    seat_quit(p);
}

static void dashboard__has_all_columns_and_the_whole_strip__at_120x40(void **state)
{
    struct pty *p = seat_full(*state, seat_large, NULL);
    assert_panes(p);
    static const char *const columns[] = {"user",   "name", "role",  "seen",  "left", "age",
                                          "no ttl", "in/s", "out/s", "drain", "done", "3 users",
                                          "5/20",   "why",  "op/s",  "state"};
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        seat_see(p, columns[i]);
    }
    assert_int_equal(seat_row(p, "? help"), 39);
    seat_quit(p);
}

static void panes__move__when_redis_does(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    stage_session(s, "NNNN5555-norbert-token-kept", 11, "Norbert Nowy", "admin", true);
    seat_see(p, "Norbert Nowy");
    seat_see(p, "1 sessions 5");
    stage_do(s, 0, "DEL session:NNNN5555-norbert-token-kept");
    seat_see_gone(p, "Norbert Nowy");
    stage_do(s, 0, "RPOP celery");
    seat_see(p, "1 waiting");
    char *reply = server_cli(s, "SETEX", "batch:progress:" BATCH_RUNS, "600",
                             "{\"current\": 15, \"total\": 20, \"percentage\": 75.0, \"status\": "
                             "\"in_progress\"}",
                             NULL);
    free(reply);
    seat_see(p, "75%");
    seat_see(p, "15/20");
    seat_quit(p);
}

static bool focused(struct pty *p, void *ctx)
{
    /* The footer names the keys of the pane one is in. */
    return strstr(pty_screen_text(p), ctx) != NULL;
}

static void keys__move_the_focus(void **state)
{
    static const char *const footer[] = {"x revoke", "i invalidate", "e enqueue", "x revoke", "A ack"};
    struct pty *p = seat_full(*state, seat_small, NULL);
    for (size_t i = 0; i < COUNT_OF(footer); i++) { /* Tab goes round */
        assert_true(pty_wait(p, focused, (void *)(uintptr_t)footer[i], WAIT_MS));
        seat_key(p, "\t");
    }
    seat_see(p, "x revoke");
    seat_do(p, "\033[Z", "A ack"); /* and Shift-Tab back */
    char digit[2] = "1";
    for (size_t i = 0; i < COUNT_OF(footer); i++) {
        digit[0] = (char)('1' + i);
        seat_do(p, digit, footer[i]);
    }
    seat_do(p, "2", "i invalidate");
    seat_quit(p);
}

static void plus__zooms_the_pane_and_gives_it_back(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_do(p, "2", "i invalidate");
    seat_key(p, "+");
    seat_see(p, "set/s"); /* columns that have no room otherwise */
    seat_not(p, "1 sessions");
    seat_key(p, "+");
    seat_see(p, "1 sessions");
    seat_quit(p);
}

static void enter__opens_the_detail_of_every_pane_and_esc_comes_back(void **state)
{
    static const struct {
        const char *pane, *detail, *more;
    } table[] = {
        {"1", "\"email\": \"ann@example.com\"", "TTL left"},
        {"2", "exam:", "family exam"},
        {"3", "api.tasks.test_redis_task", "next one first"},
        {"4", "\"percentage\": 25", "key ends in"},
        {"5", "fires at ", "what helps next"},
    };
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_see(p, "batch b81e44d0-");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        seat_key(p, table[i].pane);
        seat_key(p, "g");
        seat_do(p, "\r", table[i].detail);
        seat_see(p, table[i].more);
        seat_see(p, "Esc back");
        seat_leave(p, "Esc back");
        seat_see(p, "1 sessions 4");
    }
    seat_quit(p);
}

static void enter__drills_from_family_to_key_to_value(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_do(p, "2", "i invalidate");
    seat_do(p, "\r", "family exam");
    seat_see(p, "TTL 3");
    seat_do(p, "\r", "encoding");
    seat_see(p, "\"title\": \"algebra\"");
    seat_leave(p, "encoding");
    seat_see(p, "family exam");
    seat_leave(p, "Esc back");
    seat_quit(p);
}

static void detail__lists_the_users_other_sessions(void **state)
{
    stage_session(*state, "AAAA9999-anna-token-of-her-phone", 7, "Anna Nowak", "teacher", true);
    struct pty *p = seat_full(*state, seat_large, NULL);
    seat_do(p, "\r", "ann@example.com");
    seat_see(p, "AAAA99~");
    seat_see(p, "lists this session");
    seat_leave(p, "Esc back");
    seat_quit(p);
}

static void filter__shows_what_fits__and_esc_shows_all(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_do(p, "/", "Enter keep");
    seat_key(p, "mar");
    seat_see_gone(p, "Zofia Zak"); /* while typing */
    seat_see(p, "Marek Lis");
    seat_key(p, "\r");
    seat_see(p, "/mar: 1 shown");
    seat_not(p, "Anna Nowak");
    seat_leave(p, "/mar");
    seat_see(p, "Zofia Zak");
    seat_do(p, ":filter role:teacher\r", "/role:teacher");
    seat_see_gone(p, "Marek Lis");
    seat_see(p, "Anna Nowak");
    seat_leave(p, "/role:teacher");
    seat_quit(p);
}

static void command_line__completes_runs_recalls_and_tells_what_is_wrong(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_do(p, ":", "Tab complete");
    seat_do(p, "pan\t", ":pane");
    seat_do(p, "que\t", ":pane queues");
    seat_key(p, "\r");
    seat_see(p, "e enqueue");
    seat_do(p, ":", "Tab complete");
    seat_do(p, "\033[A", ":pane queues"); /* Up: the line before */
    seat_leave(p, "Tab complete");
    seat_do(p, ":frobnicate\r", "unknown command \"frobnicate\"");
    seat_do(p, ":qiut\r", "did you mean \"quit\"?");
    seat_do(p, ":pane attic\r", "no pane \"attic\", expected sessions");
    seat_do(p, ":pane sessions\r", "x revoke");
    seat_do(p, ":", "Tab complete");
    seat_do(p, "revoke \t", "session"); /* what may follow is listed */
    seat_leave(p, "Tab complete");
    seat_key(p, ":quit\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    seat_assert_restored(p);
    assert_int_equal(pty_stop(p), 0);
}

static bool zofia_first(struct pty *p, void *ctx)
{
    const char *screen = pty_screen_text(p);
    const char *zofia = strstr(screen, "Zofia Zak"), *anna = strstr(screen, "Anna Nowak");
    return zofia && anna && (zofia < anna) == (ctx != NULL);
}

static void keys__sort_and_turn_the_order_round(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_see(p, "age\u25b2");
    seat_do(p, ">", "user\u25b2"); /* behind the last column comes the first */
    assert_true(pty_wait(p, zofia_first, NULL, WAIT_MS));
    seat_do(p, "I", "user\u25bc");
    assert_true(pty_wait(p, zofia_first, p, WAIT_MS));
    seat_do(p, ">", "name");
    seat_see_gone(p, "user\u25bc");
    seat_do(p, "<", "user");
    seat_do(p, ":sort name\r", "name\u25b2");
    assert_true(pty_wait(p, zofia_first, NULL, WAIT_MS));
    seat_quit(p);
}

static void space__marks_rows(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_do(p, " ", "1 marked");
    seat_do(p, " ", "2 marked");
    seat_leave(p, "marked");
    seat_do(p, ":mark all\r", "4 marked");
    seat_quit(p);
}

static void cursor__moves_by_letters_arrows_and_ends(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_see(p, ">7 ");
    int first = seat_row(p, ">7 ");
    seat_key(p, "j");
    seat_key(p, "\033[B");
    seat_see(p, ">8 ");
    seat_key(p, "G");
    seat_see(p, ">9 ");
    seat_key(p, "g");
    seat_see(p, ">7 ");
    assert_int_equal(seat_row(p, ">7 "), first);
    seat_key(p, "\033[F"); /* End */
    seat_see(p, ">9 ");
    seat_key(p, "k\033[H"); /* Home */
    seat_see(p, ">7 ");
    seat_quit(p);
}

static void z__freezes_the_screen_while_redis_goes_on(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "z", "FROZEN");
    stage_do(s, 0, "DEL session:" SID_ZOFIA);
    seat_see(p, "FROZEN for 2 s"); /* time enough for a poll and an event to arrive */
    seat_see(p, "Zofia Zak");
    seat_key(p, "z");
    seat_see_gone(p, "Zofia Zak");
    seat_quit(p);
}

static void question_mark__lists_every_key(void **state)
{
    static const char *const told[] = {"next pane", "zoom this pane", "filter", "freeze the screen",
                                       "mark the row"};
    struct pty *p = seat_full(*state, (struct seat_size){70, 100}, NULL);
    seat_do(p, "?", "help: sessions");
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        seat_see(p, told[i]);
    }
    seat_see(p, "revoke or remove the selection");
    seat_leave(p, "help: sessions");
    seat_quit(p);
}

static void acknowledge__keeps_the_alert_and_says_so(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_see(p, "batch b81e44d0-");
    seat_do(p, "5", "A ack");
    seat_key(p, "g");
    seat_do(p, "A", "1 acknowledged");
    seat_see(p, "acked");
    seat_do(p, ":acknowledge memory\r", "'memory' does not fire");
    seat_do(p, ":acknowledge nonsense\r", "no rule is called 'nonsense'");
    seat_quit(p);
}

static void mute__takes_time_and_reason_and_is_undone_by_unmute(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_see(p, "batch b81e44d0-");
    seat_do(p, "5", "m mute");
    seat_do(p, ":mute batch-failed 30m load test\r", "batch-failed muted for 30m");
    seat_see(p, "left: batch b81e44d0-");
    seat_see(p, "1 muted");
    seat_do(p, ":mute nonsense\r", "'nonsense' is no rule and no time");
    seat_do(p, ":mute batch-failed 31d\r", "expected a time from 1s to 30d");
    seat_do(p, ":mute batch-failed nothing 1h\r", "no alert of batch-failed is about 'nothing'");
    seat_do(p, "u", "alerts log, ");
    seat_see(p, "load test");
    seat_do(p, "u", "1 muted");
    seat_do(p, ":unmute batch-failed\r", "batch-failed no longer muted");
    seat_do(p, ":unmute batch-failed\r", "is not muted");
    seat_do(p, ":unmute nonsense\r", "no rule is called 'nonsense'");
    seat_quit(p);
}

static void mute__alone__asks_and_acts_on_the_alert_it_was_asked_for(void **state)
{
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_see(p, "batch b81e44d0-");
    seat_do(p, "5", "m mute");
    seat_do(p, "/rule:batch-failed\r", "1 shown");
    seat_do(p, "m", "mute batch-failed b81e44d0-");
    seat_do(p, "\025never\t", "why, for whoever");
    seat_do(p, "\r", "expected a time from 1s to 30d");
    seat_do(p, "\033[A\0252h\t", "[2h ");
    seat_do(p, "known\r", "muted for 2h00m");
    seat_see(p, "left: batch b81e44d0-");
    seat_quit(p);
}

static void configuration__changes_keys_and_rules(void **state)
{
    stage_write(stage_path("keys"), "unbind all q\nbind all Q quit \"leave\"\nbind all F7 \"pane queues\"\n"
                                    "alert crowd when server.clients >= 1 severity critical message \"a "
                                    "crowd of %v\"\n");
    struct pty *p = seat_full(*state, seat_small, ENV("--config", stage_path("keys")));
    seat_see(p, "a crowd of ");
    seat_see(p, "1 critical");
    seat_key(p, "q");
    seat_do(p, "\033[18~", "e enqueue"); /* F7 */
    seat_key(p, "Q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_int_equal(pty_stop(p), 0);
}

static void hit_rate__stays_unknown__when_nobody_but_the_console_reads(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "DEL _kombu.binding.celery"); /* and nobody looks at this test's own commands */
    stage_do(s, 0, "CONFIG RESETSTAT");
    struct pty *p = seat_open(s, seat_small, NULL, NULL);
    seat_see(p, "Zofia Zak");
    seat_do(p, "\r", "ann@example.com");
    seat_leave(p, "Esc back");
    seat_do(p, "4\r", "no result is stored");
    seat_leave(p, "Esc back");
    seat_do(p, "3\r", "next one first");
    seat_leave(p, "Esc back");
    seat_do(p, "2\r", "family exam");
    seat_see(p, "TTL 3");
    seat_do(p, "\r", "encoding");
    seat_leave(p, "encoding");
    seat_leave(p, "Esc back");
    seat_do(p, ":invalidate exam:*\r", "type 30 to do it");
    seat_leave(p, "type 30 to do it");
    seat_do(p, ":revoke session " SID_ANNA "\r", ": do it");
    seat_leave(p, ": do it");
    seat_do(p, ":revoke user 8\r", ": do it");
    seat_leave(p, ": do it");
    seat_do(p, ":revoke task " BATCH_RUNS "\r", ": do it");
    seat_leave(p, ": do it");
    seat_do(p, ":enqueue test\r", ": do it");
    seat_leave(p, ": do it");
    seat_do(p, ":pane info\r", "notifications");
    seat_do(p, "\033[6~", "no look-ups in the last minute"); /* a page down */
    seat_leave(p, "Esc back");
    seat_do(p, "z", "FROZEN for 2 s"); /* two polls at least, with all that was read counted by then */
    seat_do(p, "z", "hit ?");
    seat_quit(p);
}

/* y copies a name; a session's name is a bearer token, copied whole only when that is said. */
static void copy__gives_a_session_id_whole_only_when_told_to_reveal_it(void **state)
{
    UT_string whole;
    utstring_init(&whole);
    utstring_printf(&whole, "\033]52;c;");
    base64_encode(span_of(SID_ANNA), &whole);
    UT_string other;
    utstring_init(&other);
    utstring_printf(&other, "\033]52;c;");
    base64_encode(span_of(SID_ANNA_2), &other);
    struct pty *p = seat_full(*state, seat_small, NULL);
    seat_do(p, "y", "copied, shortened");
    struct span raw = pty_raw_bytes(p);
    assert_true(span_search(raw, S("\033]52;c;")) < raw.len);
    assert_int_equal(span_search(raw, text_span(&whole)), raw.len);
    assert_int_equal(span_search(raw, text_span(&other)), raw.len);
    seat_key(p, ":copy reveal\r");
    seat_see_gone(p, "shortened");
    seat_see(p, "copied");
    raw = pty_raw_bytes(p);
    assert_true(span_search(raw, text_span(&whole)) < raw.len ||
                span_search(raw, text_span(&other)) < raw.len);
    seat_quit(p);
    utstring_done(&whole);
    utstring_done(&other);
}

static void dismiss__takes_an_ended_batch_off_the_list_and_its_alert_with_it(void **state)
{
    struct pty *p = seat_full(*state, seat_large, NULL);
    seat_see(p, "batch b81e44d0-");
    seat_do(p, "4", "d dismiss");
    seat_key(p, "G");
    seat_key(p, "d");
    seat_see_gone(p, "b81e44d0 ");
    seat_see(p, "4 batches 1");
    seat_see(p, "7f3c9a12");
    seat_see(p, "resolved");
    seat_quit(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(dashboard__has_five_panes_of_real_data__at_80x24),
        LIVE(dashboard__has_all_columns_and_the_whole_strip__at_120x40),
        LIVE(panes__move__when_redis_does),
        LIVE(keys__move_the_focus),
        LIVE(plus__zooms_the_pane_and_gives_it_back),
        LIVE(enter__opens_the_detail_of_every_pane_and_esc_comes_back),
        LIVE(enter__drills_from_family_to_key_to_value),
        LIVE(detail__lists_the_users_other_sessions),
        LIVE(filter__shows_what_fits__and_esc_shows_all),
        LIVE(command_line__completes_runs_recalls_and_tells_what_is_wrong),
        LIVE(keys__sort_and_turn_the_order_round),
        LIVE(space__marks_rows),
        LIVE(cursor__moves_by_letters_arrows_and_ends),
        LIVE(z__freezes_the_screen_while_redis_goes_on),
        LIVE(question_mark__lists_every_key),
        LIVE(acknowledge__keeps_the_alert_and_says_so),
        LIVE(mute__takes_time_and_reason_and_is_undone_by_unmute),
        LIVE(mute__alone__asks_and_acts_on_the_alert_it_was_asked_for),
        LIVE(configuration__changes_keys_and_rules),
        LIVE(hit_rate__stays_unknown__when_nobody_but_the_console_reads),
        LIVE(copy__gives_a_session_id_whole_only_when_told_to_reveal_it),
        LIVE(dismiss__takes_an_ended_batch_off_the_list_and_its_alert_with_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
