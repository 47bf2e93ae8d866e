/* What the console watches is pulled away under it: flushed, swapped; and what it writes down cannot be. */
#include "fault.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/clock.h"

static void flushed__leaves_no_ghosts(void **state)
{
    (void)state;
    static const char *const commands[] = {"FLUSHDB", "FLUSHALL", "SWAPDB 0 9"};
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        struct stand *t = stand_open(NULL, NULL);
        stand_fresh_ms(t);
        stand_do(t, commands[i]);
        seat_key(t->pty, "R"); /* Redis tells nobody of it: a walk finds out, at the latest after a minute */
        int64_t begun_us = clock_mono_us();
        seat_see(t->pty, "1 sessions 0");
        seat_see_gone(t->pty, "Zofia Zak");
        seat_see_gone(t->pty, "leaderboard");
        int64_t took_us = clock_mono_us() - begun_us;
        seat_see(t->pty, "? 7f3c9a12"); /* what was begun is not forgotten, but said to be nowhere */
        seat_see(t->pty, "in no list");
        fprintf(stderr, "%s: empty after %lld ms\n", commands[i], (long long)(took_us / US_PER_MS));
        stand_show(t, commands[i]);
        stand_fresh_ms(t);
        seat_see(t->pty, "1 sessions 1");
        stand_close(t);
    }
}

/* The question says it before, the receipt after; and what was ordered is done all the same. */
static void journal_on_a_full_disk__is_said_before_and_after(void **state)
{
    (void)state;
    struct stand *t = stand_open(NULL, ENV("--journal", "/dev/full"));
    seat_do(t->pty, ":enqueue test message=unwritten\r", ": do it");
    seat_see(t->pty, "this cannot be written down");
    seat_see(t->pty, "No space left on device");
    stand_show(t, "journal full, asked");
    seat_do(t->pty, "y", "done: queued");
    seat_see(t->pty, "not in the journal");
    stand_show(t, "journal full, done");
    assert_int_equal(stage_number(t->server, 0, "LLEN celery"), 3);
    stand_close(t);
}

static void journal_that_is_removed__is_made_anew_or_missed(void **state)
{
    (void)state;
    const char *folder = stage_path("kept");
    char file[300];
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(file, sizeof file, "%s/journal", folder);
    struct stand *t = stand_open(NULL, ENV("--journal", file));
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
    seat_do(t->pty, ":enqueue test message=again\r", ": do it");
    seat_do(t->pty, "y", "done: queued");
    char *text = stage_read(file);
    assert_non_null(text); /* made anew */
    assert_non_null(strstr(text, "\"event\": \"finish\""));
    free(text);
    /* And where it cannot be made: */
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
    stage_write(folder, "no folder");
    seat_do(t->pty, ":enqueue test message=unwritten\r", ": do it");
    seat_see(t->pty, "this cannot be written down");
    stand_show(t, "journal gone, asked");
    seat_do(t->pty, "y", "not in the journal");
    stand_close(t);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flushed__leaves_no_ghosts),
        cmocka_unit_test(journal_on_a_full_disk__is_said_before_and_after),
        cmocka_unit_test(journal_that_is_removed__is_made_anew_or_missed),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
