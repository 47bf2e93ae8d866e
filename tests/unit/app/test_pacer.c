#include "app/pacer.h"
#include "support/unit.h"

#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include "redai/base/clock.h"

#define LATER_US (10 * US_PER_S) /* long after the opening */

static void with_speed(struct pacer *p, speed_t speed)
{
    int master, slave;
    struct termios modes;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(slave, &modes), 0);
    assert_int_equal(cfsetospeed(&modes, speed), 0);
    assert_int_equal(tcsetattr(slave, TCSANOW, &modes), 0);
    pacer_init(p, slave, 0);
    close(slave);
    close(master);
}

static void a_frame__waits__for_the_quiet_time(void **state)
{
    (void)state;
    struct pacer p;
    pacer_init(&p, -1, 0);
    assert_int_equal(pacer_due_us(&p, LATER_US, 0), LATER_US + 20 * US_PER_MS);
}

static void small_frames__come__ten_times_a_second(void **state)
{
    (void)state;
    struct pacer p;
    pacer_init(&p, -1, 0);
    pacer_drawn(&p, 1000, LATER_US, false);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1010), LATER_US + 100 * US_PER_MS);
}

static void large_frames__rest__by_their_bytes__a_second_at_most(void **state)
{
    (void)state;
    struct pacer p;
    pacer_init(&p, -1, 0);
    pacer_drawn(&p, 1000, LATER_US, false);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1000 + 350), LATER_US + US_PER_S / 2);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1000 + 9000), LATER_US + US_PER_S);
}

static void window_that_is_dragged__is_followed__twenty_times_and_a_megabyte_a_second(void **state)
{
    (void)state;
    struct pacer p;
    pacer_init(&p, -1, 0);
    pacer_drawn(&p, 1000, LATER_US, false);
    pacer_resized(&p);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_S, 2000), LATER_US + 50 * US_PER_MS);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1000 + 200000), LATER_US + 200 * US_PER_MS);
    pacer_drawn(&p, 201000, LATER_US + US_PER_S, false); /* and then as ever */
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_S + 1, 201000), LATER_US + 1100 * US_PER_MS);
}

static void what_follows_a_key__is_not_held_back(void **state)
{
    (void)state;
    struct pacer p;
    pacer_init(&p, -1, 0);
    pacer_key(&p, LATER_US - US_PER_MS);
    pacer_drawn(&p, 1000, LATER_US, false);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1000 + 9000), LATER_US + 100 * US_PER_MS);
    assert_int_equal(pacer_due_us(&p, LATER_US + 2 * US_PER_S, 1000 + 9000), LATER_US + 2020 * US_PER_MS);
}

/* 960 bytes a second, an eighth of them not believed in: half of 840 is left to the answers, whatever is
 * typed or new. */
static void a_slow_line__keeps__room_for_answers(void **state)
{
    (void)state;
    struct pacer p;
    with_speed(&p, B9600);
    pacer_drawn(&p, 0, 3 * US_PER_MS, false);
    assert_int_equal(pacer_due_us(&p, 4 * US_PER_MS, 840), 2003 * US_PER_MS);
    with_speed(&p, B9600);
    pacer_key(&p, LATER_US);
    pacer_drawn(&p, 1000, LATER_US, false);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1000 + 420), LATER_US + US_PER_S);
    with_speed(&p, B38400); /* what every pseudo-terminal says */
    pacer_drawn(&p, 1000, LATER_US, false);
    assert_int_equal(pacer_due_us(&p, LATER_US + US_PER_MS, 1000 + 350), LATER_US + US_PER_S / 2);
}

/* What somebody waits for takes the whole line, part by part; and what a key adds while the line is full is
 * not forgotten. */
static void a_slow_line__takes_an_answer_in_parts__as_fast_as_it_can(void **state)
{
    (void)state;
    struct pacer p;
    with_speed(&p, B9600);
    assert_int_equal(pacer_most(&p), 84);
    pacer_drawn(&p, 0, LATER_US, true);
    assert_int_equal(pacer_due_us(&p, LATER_US, 168), LATER_US + US_PER_S / 5);
    pacer_key(&p, LATER_US + US_PER_MS);
    pacer_drawn(&p, 168, LATER_US + US_PER_MS, true);
    assert_int_equal(pacer_due_us(&p, LATER_US, 168 + 84), LATER_US + 3 * US_PER_S / 10);
    pacer_drawn(&p, 252, LATER_US + US_PER_S, false);
    assert_int_equal(pacer_due_us(&p, LATER_US, 252 + 84), LATER_US + US_PER_S + US_PER_S / 5);
    pacer_init(&p, -1, 0);
    assert_true(pacer_most(&p) == SIZE_MAX);
}

static void the_opening__follows_the_data__by_a_share_of_the_time_since_the_start(void **state)
{
    (void)state;
    struct pacer p;
    pacer_init(&p, -1, 0);
    pacer_drawn(&p, 0, 15 * US_PER_MS, false);
    assert_int_equal(pacer_due_us(&p, 16 * US_PER_MS, 5000), 17 * US_PER_MS);
    assert_int_equal(pacer_due_us(&p, 30 * US_PER_MS, 5000), 30 * US_PER_MS);
    pacer_drawn(&p, 5000, 390 * US_PER_MS, false);
    assert_int_equal(pacer_due_us(&p, 400 * US_PER_MS, 5200), 440 * US_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_opening__follows_the_data__by_a_share_of_the_time_since_the_start),
        cmocka_unit_test(a_frame__waits__for_the_quiet_time),
        cmocka_unit_test(small_frames__come__ten_times_a_second),
        cmocka_unit_test(large_frames__rest__by_their_bytes__a_second_at_most),
        cmocka_unit_test(window_that_is_dragged__is_followed__twenty_times_and_a_megabyte_a_second),
        cmocka_unit_test(what_follows_a_key__is_not_held_back),
        cmocka_unit_test(a_slow_line__keeps__room_for_answers),
        cmocka_unit_test(a_slow_line__takes_an_answer_in_parts__as_fast_as_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
