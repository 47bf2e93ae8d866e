#include "unit/schema/fixture.h"

#include "redai/schema/command_stats.h"

/* From a real server (7.0.15), shortened. */
static const char reply[] =
    "# Commandstats\r\n"
    "cmdstat_client|list:calls=1,usec=31,usec_per_call=31.00,rejected_calls=0,failed_calls=2\r\n"
    "cmdstat_get:calls=9,usec=18,usec_per_call=2.00\r\n"
    "\r\n"
    "# Errorstats\r\n"
    "errorstat_NOAUTH:count=4\r\n"
    "errorstat_WRONGTYPE:count=1\r\n";

static void command_stats_next__tells_each_command(void **state)
{
    (void)state;
    struct span text = S(reply);
    struct command_stats_line c;

    assert_true(command_stats_next(&text, &c));
    assert_span(c.name, "client|list");
    assert_int_equal(c.calls, 1);
    assert_int_equal(c.usec, 31);
    assert_int_equal(c.rejected, 0);
    assert_int_equal(c.failed, 2);
    assert_true(command_stats_next(&text, &c));
    assert_span(c.name, "get");
    assert_int_equal(c.calls, 9);
    assert_int_equal(c.rejected, -1);
    assert_int_equal(c.failed, -1);
    assert_false(command_stats_next(&text, &c));
}

static void error_stats_next__tells_each_error(void **state)
{
    (void)state;
    struct span text = S(reply);
    struct error_stats_line e;

    assert_true(error_stats_next(&text, &e));
    assert_span(e.name, "NOAUTH");
    assert_int_equal(e.count, 4);
    assert_true(error_stats_next(&text, &e));
    assert_span(e.name, "WRONGTYPE");
    assert_false(error_stats_next(&text, &e));
}

static void stats__pass_over_nonsense(void **state)
{
    (void)state;
    struct span text =
        S("cmdstat_\ncmdstat_:calls=1\ncmdstat_a\n:calls=1\ncmdstat_b:calls=x,usec=-1,,=,failed_calls\n"
          "errorstat_E:count=99999999999999999999\nerrorstat_F:");
    struct span again = text;
    struct command_stats_line c;
    struct error_stats_line e;

    assert_true(command_stats_next(&text, &c));
    assert_span(c.name, "b");
    assert_int_equal(c.calls, -1);
    assert_int_equal(c.usec, -1);
    assert_int_equal(c.failed, -1);
    assert_false(command_stats_next(&text, &c));
    assert_true(error_stats_next(&again, &e));
    assert_int_equal(e.count, -1);
    assert_true(error_stats_next(&again, &e)); /* cut off behind its colon: unknown, not 0 */
    assert_span(e.name, "F");
    assert_int_equal(e.count, -1);
    assert_false(error_stats_next(&again, &e));
    text = S("");
    assert_false(command_stats_next(&text, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_stats_next__tells_each_command),
        cmocka_unit_test(error_stats_next__tells_each_error),
        cmocka_unit_test(stats__pass_over_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
