#include "collect/shed.h"
#include "support/unit.h"

#include <string.h>

#include "redai/base/clock.h"

#include "redai/schema/notify.h"

#define TICK_US (50 * US_PER_MS)

/* A feed that is judged every 50 ms. */
struct story {
    struct shed shed;
    struct shed_signs signs;
    int64_t per_s[SHED_STEPS]; /* what the server publishes */
    enum shed_step last;
    int narrowed, widened;
};

static void begin(struct story *s)
{
    *s = (struct story){.last = SHED_STEPS};
    shed_init(&s->shed);
    s->signs = (struct shed_signs){.now_us = 1000 * US_PER_S,
                                   .hard = SHED_HARD_BYTES,
                                   .soft = SHED_SOFT_BYTES,
                                   .queued = -1,
                                   .ops = -1,
                                   .settled = true};
}

static enum shed_move tick(struct story *s)
{
    enum shed_step step = SHED_STEPS;
    s->signs.now_us += TICK_US;
    for (int i = 0; i < SHED_STEPS; i++) {
        bool heard = !(s->shed.given_up & 1u << i);
        s->signs.heard[i] += heard ? s->per_s[i] * TICK_US / US_PER_S : 0;
    }
    enum shed_move move = shed_judge(&s->shed, &s->signs, &step);
    s->last = move == SHED_STAY ? s->last : step;
    s->narrowed += move == SHED_NARROW;
    s->widened += move == SHED_WIDEN;
    return move;
}

/* Until a move, or for so long. Returns how long it took, -1 none. */
static int64_t until(struct story *s, enum shed_move wanted, int64_t most_us)
{
    int64_t begun_us = s->signs.now_us;
    while (s->signs.now_us - begun_us < most_us) {
        if (tick(s) == wanted) {
            return s->signs.now_us - begun_us;
        }
    }
    return -1;
}

static void shed__stays__while_the_socket_is_read_empty(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.per_s[SHED_WRITES] = 1000000;
    assert_int_equal(until(&s, SHED_NARROW, 600 * US_PER_S), -1);
    s.signs.behind_us = US_PER_S / 2; /* a moment */
    assert_int_equal(until(&s, SHED_NARROW, 600 * US_PER_S), -1);
}

static void shed__narrows__at_a_part_of_the_servers_limit(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.per_s[SHED_WRITES] = 100000;
    until(&s, SHED_NARROW, 2 * US_PER_S);
    s.signs.behind_us = US_PER_S / 5;
    s.signs.queued = SHED_SOFT_BYTES / 5;
    assert_int_equal(tick(&s), SHED_STAY);
    s.signs.queued = SHED_SOFT_BYTES / 4;
    assert_int_equal(tick(&s), SHED_NARROW);
    assert_int_equal(s.last, SHED_WRITES); /* no keymiss comes at all: nothing were gained by it */
    assert_int_equal(s.shed.times, 1);
    /* Without any limit only what is too late is given up. */
    begin(&s);
    s.signs.hard = s.signs.soft = 0;
    s.signs.queued = INT64_C(100) * SHED_HARD_BYTES;
    s.signs.behind_us = US_PER_S;
    assert_int_equal(until(&s, SHED_NARROW, 60 * US_PER_S), -1);
    s.signs.behind_us = 4 * US_PER_S;
    assert_int_equal(tick(&s), SHED_NARROW);
    /* A tighter limit than usual. */
    begin(&s);
    s.signs.hard = 1024 * 1024;
    s.signs.soft = 0;
    s.signs.queued = 128 * 1024;
    assert_int_equal(tick(&s), SHED_NARROW);
}

static void shed__narrows__after_a_second__when_the_server_does_not_tell(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.behind_us = US_PER_S - 1;
    assert_int_equal(tick(&s), SHED_STAY);
    s.signs.behind_us = US_PER_S;
    assert_int_equal(tick(&s), SHED_NARROW);
    begin(&s);
    s.signs.queued = 0; /* it holds nothing: late, but safe */
    s.signs.behind_us = US_PER_S;
    assert_int_equal(tick(&s), SHED_STAY);
    s.signs.behind_us = 3 * US_PER_S;
    assert_int_equal(tick(&s), SHED_NARROW);
}

static void shed__takes__the_cheapest_step_that_helps(void **state)
{
    static const struct {
        int64_t per_s[SHED_STEPS];
        enum shed_step step;
    } rows[] = {
        {{1000, 1000, 0, 0, 0}, SHED_MISSES}, {{100, 1000, 1000, 0, 0}, SHED_WRITES},
        {{0, 10, 1000, 0, 10}, SHED_RESULTS}, {{5, 5, 5, 5000, 5}, SHED_TASKS},
        {{1, 1, 1, 1, 1000}, SHED_ENDS},      {{0, 0, 0, 0, 0}, SHED_MISSES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct story s;
        begin(&s);
        memcpy(s.per_s, rows[i].per_s, sizeof s.per_s);
        until(&s, SHED_NARROW, 3 * US_PER_S);
        s.signs.queued = SHED_SOFT_BYTES;
        assert_int_equal(tick(&s), SHED_NARROW);
        assert_int_equal(s.last, rows[i].step);
    }
}

/* What was queued before the server heard of it still comes: no reason to give up more. */
static void shed__waits__until_a_step_has_had_its_effect(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.queued = SHED_SOFT_BYTES;
    s.signs.behind_us = US_PER_S;
    assert_int_equal(tick(&s), SHED_NARROW);
    s.signs.settled = false;
    for (int i = 0; i < 200; i++) { /* ten seconds of reading what is there */
        s.signs.behind_us += TICK_US;
        s.signs.queued -= s.signs.queued / 50;
        assert_int_equal(tick(&s), SHED_STAY);
    }
    s.signs.settled = true; /* late, but of what was there before */
    s.signs.queued = 0;
    assert_int_equal(until(&s, SHED_NARROW, 2 * US_PER_S), -1);
    assert_true(until(&s, SHED_NARROW, 2 * US_PER_S) >= 0); /* and still so three seconds after */
    assert_int_equal(s.narrowed, 2);
}

static void shed__goes_on__when_it_did_not_help(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.queued = SHED_SOFT_BYTES / 4;
    assert_int_equal(tick(&s), SHED_NARROW);
    s.signs.settled = false;
    s.signs.queued *= 2;
    int64_t took_us = until(&s, SHED_NARROW, US_PER_S);
    assert_in_range(took_us, US_PER_S / 4, US_PER_S / 2);
    for (int i = 0; i < SHED_STEPS - 2; i++) {
        s.signs.queued *= 2;
        assert_true(until(&s, SHED_NARROW, US_PER_S) >= 0);
    }
    s.signs.queued *= 2; /* there is no more to give up */
    assert_int_equal(until(&s, SHED_NARROW, 60 * US_PER_S), -1);
    assert_int_equal(s.shed.given_up, (1u << SHED_STEPS) - 1);
    assert_int_equal(s.shed.times, 1); /* one storm */
}

/* Nobody tells what the server holds, and the answer to UNSUBSCRIBE does not come. */
static void shed__goes_on__in_the_dark__after_a_while(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.behind_us = US_PER_S;
    assert_int_equal(tick(&s), SHED_NARROW);
    s.signs.settled = false;
    s.signs.behind_us = 60 * US_PER_S;
    assert_int_equal(until(&s, SHED_NARROW, 2900 * US_PER_MS), -1);
    assert_true(until(&s, SHED_NARROW, 3 * US_PER_S) >= 0);
}

static void shed__widens__step_by_step__what_matters_most_first(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.queued = SHED_SOFT_BYTES;
    tick(&s);
    s.signs.queued *= 2;
    until(&s, SHED_NARROW, US_PER_S);
    assert_int_equal(s.shed.given_up, 1u << SHED_MISSES | 1u << SHED_WRITES);
    int64_t since_us = s.shed.since_us;
    s.signs.queued = 0;
    int64_t took_us = until(&s, SHED_WIDEN, 60 * US_PER_S);
    assert_in_range(took_us, 2 * US_PER_S, 3 * US_PER_S);
    assert_int_equal(s.last, SHED_WRITES);
    assert_int_equal(s.shed.since_us, since_us);
    took_us = until(&s, SHED_WIDEN, 60 * US_PER_S);
    assert_in_range(took_us, 2 * US_PER_S, 3 * US_PER_S);
    assert_int_equal(s.last, SHED_MISSES);
    assert_int_equal(s.shed.since_us, -1);
    assert_int_equal(until(&s, SHED_WIDEN, 60 * US_PER_S), -1);
}

static void shed__does_not_widen__while_it_is_behind_or_unconfirmed(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.queued = SHED_SOFT_BYTES;
    tick(&s);
    s.signs.queued = 0;
    s.signs.settled = false;
    assert_int_equal(until(&s, SHED_WIDEN, 60 * US_PER_S), -1);
    s.signs.settled = true;
    s.signs.behind_us = 1;
    assert_int_equal(until(&s, SHED_WIDEN, 2 * US_PER_S), -1);
    s.signs.behind_us = 0;
    assert_true(until(&s, SHED_WIDEN, 60 * US_PER_S) >= 2 * US_PER_S);
}

/* A storm that goes on: each time it is taken back too early, the pause grows. Then the storm ends. */
static void shed__does_not_flap(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    int64_t before_us = 0;
    s.signs.ops = 200000;
    for (int i = 0; i < 8; i++) {
        s.signs.queued = SHED_SOFT_BYTES;
        assert_true(until(&s, SHED_NARROW, 2 * US_PER_S) >= 0);
        s.signs.queued = 0;
        int64_t took_us = until(&s, SHED_WIDEN, 120 * US_PER_S);
        assert_true(took_us >= before_us && took_us <= 61 * US_PER_S);
        before_us = took_us;
    }
    assert_in_range(before_us, 59 * US_PER_S, 61 * US_PER_S);
    /* An hour of this storm moves the feed some two times a minute at the most. */
    s.signs.queued = SHED_SOFT_BYTES;
    until(&s, SHED_NARROW, 2 * US_PER_S);
    s.signs.queued = 0;
    s.signs.ops = 100; /* it is over */
    int64_t took_us = until(&s, SHED_WIDEN, 120 * US_PER_S);
    assert_in_range(took_us, 2 * US_PER_S, 3 * US_PER_S);
}

static void shed__forgets__after_a_calm_minute(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    for (int i = 0; i < 4; i++) {
        s.signs.queued = SHED_SOFT_BYTES;
        until(&s, SHED_NARROW, 2 * US_PER_S);
        s.signs.queued = 0;
        until(&s, SHED_WIDEN, 120 * US_PER_S);
    }
    until(&s, SHED_NARROW, 61 * US_PER_S);
    s.signs.queued = SHED_SOFT_BYTES;
    until(&s, SHED_NARROW, 2 * US_PER_S);
    s.signs.queued = 0;
    assert_in_range(until(&s, SHED_WIDEN, 120 * US_PER_S), 2 * US_PER_S, 3 * US_PER_S);
}

static void shed__comes_back_narrow__when_it_was_cut_in_a_storm(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    assert_false(shed_lost(&s.shed, &s.signs)); /* a cable was pulled on a quiet day */
    s.signs.queued = SHED_SOFT_BYTES;
    tick(&s);
    s.signs.settled = false;
    assert_true(shed_lost(&s.shed, &s.signs));
    assert_int_equal(s.shed.given_up, (1u << SHED_STEPS) - 1);
    s.signs.queued = 0;
    s.signs.settled = true;
    for (int i = SHED_STEPS; i-- > 0;) {
        assert_true(until(&s, SHED_WIDEN, 5 * US_PER_S) >= 0);
        assert_int_equal(s.last, i);
    }
    assert_int_equal(s.shed.times, 1);
}

/* A broker's feed: the events of tasks are all that it can do without. */
static void shed__gives_up__nothing_that_the_feed_never_brings(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    s.signs.absent = ((1u << SHED_STEPS) - 1) & ~(1u << SHED_TASKS);
    s.signs.queued = SHED_SOFT_BYTES;
    assert_true(until(&s, SHED_NARROW, 5 * US_PER_S) >= 0); /* though none was heard yet */
    assert_int_equal(s.last, SHED_TASKS);
    assert_int_equal(until(&s, SHED_NARROW, 20 * US_PER_S), -1);
    assert_true(shed_lost(&s.shed, &s.signs));
    assert_int_equal(s.shed.given_up, 1u << SHED_TASKS);
}

static void shed__gives_up__each_event_once__and_keeps_the_rest(void **state)
{
    (void)state;
    unsigned all = 0;
    for (int i = 0; i < SHED_STEPS; i++) {
        assert_int_equal(all & shed_events[i], 0);
        all |= shed_events[i];
    }
    assert_int_equal(all, (1u << NOTIFY_OTHER) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shed__stays__while_the_socket_is_read_empty),
        cmocka_unit_test(shed__narrows__at_a_part_of_the_servers_limit),
        cmocka_unit_test(shed__narrows__after_a_second__when_the_server_does_not_tell),
        cmocka_unit_test(shed__takes__the_cheapest_step_that_helps),
        cmocka_unit_test(shed__waits__until_a_step_has_had_its_effect),
        cmocka_unit_test(shed__goes_on__when_it_did_not_help),
        cmocka_unit_test(shed__goes_on__in_the_dark__after_a_while),
        cmocka_unit_test(shed__widens__step_by_step__what_matters_most_first),
        cmocka_unit_test(shed__does_not_widen__while_it_is_behind_or_unconfirmed),
        cmocka_unit_test(shed__does_not_flap),
        cmocka_unit_test(shed__forgets__after_a_calm_minute),
        cmocka_unit_test(shed__comes_back_narrow__when_it_was_cut_in_a_storm),
        cmocka_unit_test(shed__gives_up__nothing_that_the_feed_never_brings),
        cmocka_unit_test(shed__gives_up__each_event_once__and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
