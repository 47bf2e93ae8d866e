/* The console's actions from the keyboard: each ends in Redis as its dialog said, or not at all. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define JOURNAL stage_path("state/redai-console/journal")

static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", "--enable-debug-command", "yes",
                                        NULL};
    *state = stage_server(quiet);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    remove(JOURNAL);
    return 0;
}

static void assert_all_there(struct server *s)
{
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 53);
}

/* --- revoking --- */

static void x_and_y__revoke_the_session_and_its_index_entry(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_key(p, "G"); /* Zofia */
    seat_see(p, ">9 ");
    seat_do(p, "x", "revoke session ZZZZ44~ of user 9");
    seat_see(p, "UNLINK session:ZZZZ44~");
    seat_see(p, "SREM user:9:sessions ZZZZ44~");
    seat_do(p, "y", "done: revoked");
    seat_see_gone(p, "Zofia Zak");
    seat_see(p, "1 sessions 3");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ZOFIA), 0);
    assert_int_equal(stage_number(s, 0, "SISMEMBER user:9:sessions " SID_ZOFIA), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_MAREK), 1);
    seat_quit(p);
}

static void enter__never_accepts_what_destroys(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "x", "revoke session AAAA");
    seat_do(p, "\r", "Enter does not accept");
    seat_key(p, "\r\r\177\r"); /* nor often, nor with Backspace */
    seat_leave(p, "revoke session AAAA");
    seat_do(p, "X", "revoke 2 sessions of user 7");
    seat_do(p, "\r", "Enter does not accept");
    seat_key(p, "n");
    seat_see_gone(p, "revoke 2 sessions of user 7");
    seat_do(p, ":invalidate exam:*\r", "type 30 to do it");
    seat_key(p, "\r\r"); /* an empty answer */
    seat_do(p, "y\r", "to confirm, type 30");
    seat_do(p,
            "\177"
            "31\r",
            "to confirm, type 30");
    seat_leave(p, "type 30 to do it");
    seat_key(p, "\177"); /* Backspace over a row deletes nothing */
    seat_see(p, "1 sessions 4");
    assert_all_there(s);
    seat_quit(p);
}

static void dialog__acts_on_what_it_named__whatever_the_list_does_meanwhile(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_key(p, "j");
    seat_key(p, "j");
    seat_see(p, ">8 ");
    seat_do(p, "x", "revoke session MMMM33~ of user 8");
    /* Newer ones push the list down under the open dialog. */
    stage_session(s, "BBBB0001-bernard-token-kept-a", 1, "Bernard Alt", "student", true);
    stage_session(s, "BBBB0002-bernard-token-kept-b", 1, "Bernard Alt", "student", true);
    seat_see(p, "1 sessions 6");
    seat_do(p, "y", "done: revoked");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_MAREK), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ZOFIA), 2);
    seat_see(p, "1 sessions 5");
    seat_quit(p);
}

static void marked_rows__are_revoked_together(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "G ", "1 marked");
    seat_key(p, "k");
    seat_do(p, " ", "2 marked");
    seat_do(p, "x", "revoke 2 sessions");
    seat_do(p, "y", "done: revoked 2 sessions");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_MAREK " session:" SID_ZOFIA), 0);
    seat_see(p, "1 sessions 2");
    seat_see_gone(p, "marked");
    seat_quit(p);
}

static void capital_x__revokes_also_what_the_index_misses(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_see(p, ">7 ");
    seat_do(p, "X", "revoke 2 sessions of user 7");
    seat_see(p, "missing from the index");
    seat_do(p, "y", "done: revoked 2 sessions");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS user:7:sessions"), 0);
    seat_see_gone(p, "Anna Nowak");
    seat_quit(p);
}

/* --- invalidating --- */

static void i__counts_first_and_wants_the_count_typed(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "2", "i invalidate");
    seat_key(p, "g");
    seat_do(p, "i", "pattern");
    seat_see(p, "exam:*"); /* the family one stands on */
    seat_do(p, "\r", "invalidate exam:*: 30 keys");
    seat_see(p, "family exam: 30 keys");
    assert_all_there(s);
    seat_do(p, "30\r", "done: deleted 30 of 30");
    seat_see(p, "2 cache 23 keys");
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 23);
    seat_quit(p);
}

static void i__on_a_key_deletes_that_key_alone(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    free(server_cli(s, "SET", "odd:*?[1]\\", "x", NULL)); /* every letter of a glob */
    free(server_cli(s, "SET", "odd:abcd", "x", NULL));
    seat_see(p, "odd");
    seat_do(p, "2", "i invalidate");
    seat_key(p, "G");
    seat_do(p, ":open family odd\r", "family odd");
    seat_see(p, "odd:abcd");
    seat_see(p, "in no order");
    seat_do(p, "/odd:*?[1]\r", "(n: next)");
    seat_do(p, "n", ">+odd:*?[1]"); /* the page names the largest key above the list */
    seat_do(p, "i", ": 1 key");
    seat_do(p, "y", "done: deleted 1 of 1");
    assert_int_equal(stage_number(s, 0, "EXISTS odd:abcd"), 1);
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 54);
    pty_stop(p);
}

static void invalidation__can_be_stopped_and_tells_how_far_it_came(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "DEBUG POPULATE 200000 many");
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":invalidate many:*\r", "type 200000 to do it");
    seat_key(p, "200000\r:stop\r");
    seat_see(p, " of 200000"); /* in the message: stopped, or done if it was quicker than the keys */
    int64_t left = stage_number(s, 0, "DBSIZE") - 53;
    assert_true(left >= 0 && left <= 200000);
    seat_quit(p);
}

/* Not a line of what is confirmed is left out: the question scrolls. */
static void invalidation_of_many_families__says_all_that_it_hits(void **state)
{
    struct server *s = *state;
    for (int i = 10; i < 24; i++) {
        char command[64];
        snprintf(command, sizeof command, "SET bulk%d:1 x", i);
        stage_do(s, 0, command);
    }
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":invalidate bulk*\r", "invalidate bulk*: 14 keys");
    seat_see(p, "and 6 more families");
    seat_leave(p, "invalidate bulk*: 14 keys");
    seat_quit(p);
}

/* The platform's own pattern for an exam whose key names its argument: nothing matches, and the way out is
 * shown. */
static void invalidation_of_nothing__leads_to_the_keys_that_are_meant(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "SET exam:exam_id:900 x");
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, ":invalidate exam:900*\r", "exam:900*: no key matches, nothing to delete");
    seat_see(p, "missed: 1 other key of exam with 900");
    seat_see(p, "1 key as exam_id:900: invalidate exam:exam_id:900");
    seat_leave(p, "1 key as exam_id:900");
    seat_do(p, ":invalidate exam:exam_id:900\r", ": do it");
    seat_do(p, "y", "done: deleted 1 of 1");
    assert_int_equal(stage_number(s, 0, "EXISTS exam:exam_id:900"), 0);
    seat_quit(p);
}

/* --- enqueueing --- */

static void e__pushes_the_message_and_the_batch_shows_as_queued_at_once(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "e", "api.tasks.batch_generate_questions");
    seat_do(p, "2", "enqueue batch");
    seat_key(p, "\1\v77\t\1\v12\t\t\r"); /* each field emptied, then filled */
    seat_see(p, "arguments (77, 12)");
    seat_see(p, "LPUSH celery");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    seat_do(p, "y", "done: queued in celery at position 3");
    seat_see(p, "4 batches 3");
    seat_see(p, "queued");
    seat_see(p, "/12");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 3);
    char *message = stage_ask(s, 0, "LINDEX celery 0");
    assert_non_null(strstr(message, "\"api.tasks.batch_generate_questions\""));
    assert_non_null(strstr(message, "(77, 12)"));
    free(message);
    seat_quit(p);
}

static void form__tells_what_is_wrong_and_stays(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "e", "api.tasks.batch_generate_questions");
    seat_do(p, "2", "enqueue batch");
    seat_key(p, "\1\vmany\4"); /* C-d: go on */
    seat_see(p, "! ");
    seat_see(p, "many");
    seat_leave(p, "enqueue batch");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    seat_do(p, ":enqueue batch count=x\r", "count");
    seat_do(p, ":enqueue test message=hi\r", "arguments ('hi',)");
    seat_leave(p, "arguments ('hi',)");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    seat_quit(p);
}

/* --- refusing --- */

static void read_only__refuses_every_action_with_a_clear_line(void **state)
{
    static const char *const lines[] = {
        ":revoke session " SID_ANNA "\r", ":revoke user 7\r",        ":revoke task 11111111\r",
        ":invalidate exam:*\r",           ":enqueue test\r",         ":notifications on\r",
        ":enqueue batch count=3\r",       ":enqueue a.b --args []\r"};
    struct server *s = *state;
    stage_do(s, 0, "CONFIG RESETSTAT");
    struct pty *p = seat_full(s, seat_small, ENV("--read-only"));
    seat_see(p, "[RO]");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        seat_do(p, lines[i], "read-only");
        seat_do(p, ":frob\r", "unknown command"); /* wipes the line, so that the next one is its own */
    }
    seat_do(p, "x", "read-only");
    seat_do(p, ":frob\r", "unknown command");
    seat_do(p, "X", "read-only");
    assert_all_there(s);
    char *stats = stage_ask(s, 0, "INFO commandstats");
    assert_null(strstr(stats, "cmdstat_unlink"));
    assert_null(strstr(stats, "cmdstat_lpush"));
    assert_null(strstr(stats, "cmdstat_config|set"));
    assert_null(strstr(stats, "cmdstat_publish"));
    free(stats);
    assert_null(stage_read(JOURNAL)); /* nothing is done, nothing is made */
    seat_quit(p);
}

static void dry_run__shows_the_plan_and_does_nothing(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, ENV("--dry-run"));
    seat_do(p, "x", "dry run: nothing was changed");
    seat_see(p, "UNLINK session:AAAA");
    seat_leave(p, "Esc back");
    assert_all_there(s);
    seat_quit(p);
}

/* --- notifications --- */

static void notifications__are_turned_on_from_the_prompt(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "CONFIG SET notify-keyspace-events Ex");
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_see(p, "g$em");                                                      /* exactly what is missing */
    free(server_cli(s, "CONFIG", "SET", "notify-keyspace-events", "", NULL)); /* and now none at all */
    seat_do(p, ":refresh\r", "notify off");
    seat_do(p, ":notifications on\r", "CONFIG SET notify-keyspace-events Eg$xem");
    assert_true(stage_is(s, 0, "CONFIG GET notify-keyspace-events", "notify-keyspace-events\n"));
    seat_do(p, "y", "done: notifications are on");
    seat_see_gone(p, "notify off");
    assert_true(stage_is(s, 0, "CONFIG GET notify-keyspace-events", "notify-keyspace-events\ng$xeEm"));
    /* What happens now is seen at once and not only by the next walk. */
    stage_session(s, "NNNN5555-norbert-token-kept", 11, "Norbert Nowy", "admin", true);
    seat_see(p, "Norbert Nowy");
    seat_quit(p);
}

static void console__works_from_polls__when_config_is_renamed_away(void **state)
{
    (void)state;
    static const char *const renamed[] = {"--rename-command", "CONFIG", "", NULL};
    struct server *s = stage_server(renamed);
    stage_fill(s);
    struct pty *p = seat_full(s, seat_large, NULL);
    stage_session(s, "NNNN5555-norbert-token-kept", 11, "Norbert Nowy", "admin", true);
    seat_do(p, ":refresh\r", "Norbert Nowy");
    seat_do(p, ":notifications on\r", "CONFIG");
    seat_quit(p);
    server_stop(s);
}

/* --- written down --- */

static void journal__has_what_was_done_by_whom(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "x", ": do it");
    seat_do(p, "y", "done: revoked");
    seat_do(p, "N", "written into the journal");
    seat_do(p, "the exam of \303\263smej starts late\r", "noted in ");
    seat_do(p, ":receipts\r", "revoke session");
    seat_leave(p, "Esc back");
    seat_quit(p);
    char *journal = stage_read(JOURNAL);
    assert_non_null(strstr(journal, "\"event\": \"receipt\""));
    assert_non_null(strstr(journal, "the exam of \303\263smej starts late"));
    assert_non_null(strstr(journal, server_socket(s)));
    assert_null(strstr(journal, SID_ANNA));
    assert_null(strstr(journal, SID_ANNA_2));
    free(journal);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(x_and_y__revoke_the_session_and_its_index_entry),
        LIVE(enter__never_accepts_what_destroys),
        LIVE(dialog__acts_on_what_it_named__whatever_the_list_does_meanwhile),
        LIVE(marked_rows__are_revoked_together),
        LIVE(capital_x__revokes_also_what_the_index_misses),
        LIVE(i__counts_first_and_wants_the_count_typed),
        LIVE(i__on_a_key_deletes_that_key_alone),
        LIVE(invalidation__can_be_stopped_and_tells_how_far_it_came),
        LIVE(invalidation_of_many_families__says_all_that_it_hits),
        LIVE(invalidation_of_nothing__leads_to_the_keys_that_are_meant),
        LIVE(e__pushes_the_message_and_the_batch_shows_as_queued_at_once),
        LIVE(form__tells_what_is_wrong_and_stays),
        LIVE(read_only__refuses_every_action_with_a_clear_line),
        LIVE(dry_run__shows_the_plan_and_does_nothing),
        LIVE(notifications__are_turned_on_from_the_prompt),
        cmocka_unit_test(console__works_from_polls__when_config_is_renamed_away),
        LIVE(journal__has_what_was_done_by_whom),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
