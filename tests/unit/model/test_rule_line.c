/* The alert line: what is judged, of what, over which time, and what helps next. */
#include "rule_story.h"

#include <stdio.h>

static void set_ok(struct rules *r, const char *line)
{
    struct err err = {.code = ERR_NONE};
    if (!set(r, line, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
}

static bool only_batches(const char *word, struct err *err)
{
    return strcmp(word, "batches") == 0 ||
           err_set(err, ERR_USAGE, "unknown pane \"%s\", expected one of: batches", word);
}

static void line__says__all_there_is(void **state)
{
    (void)state;
    struct rules r;
    rules_init(&r);
    set_ok(&r, "x when rate queue.depth of exam* over 2m > 5/s for 30s clear 1 severity critical "
               "message \"%o grows by %v\" pane queues do \"workers add-consumer %o\"");
    const struct rule *x = find(&r, "x");
    assert_string_equal(rule_metrics[x->metric].name, "queue.depth");
    assert_int_equal(x->form, RULE_OF_RATE);
    assert_int_equal(x->window_us, 120000000);
    assert_string_equal(x->of, "exam*");
    assert_int_equal(x->op, RULE_ABOVE);
    assert_true(x->value == 5 && x->clear == 1);
    assert_int_equal(x->hold_us, 30000000);
    assert_int_equal(x->severity, SEVERITY_CRITICAL);
    assert_string_equal(x->message, "%o grows by %v");
    assert_string_equal(x->pane, "queues");
    assert_string_equal(x->next, "workers add-consumer %o");
    rules_release(&r);
}

static void line__reads__the_window_and_the_glob_in_any_order(void **state)
{
    (void)state;
    struct rules r;
    rules_init(&r);
    set_ok(&r, "x when change queue.depth over 5m of q >= 20");
    assert_int_equal(find(&r, "x")->form, RULE_OF_CHANGE);
    assert_string_equal(find(&r, "x")->of, "q");
    set_ok(&r, "x when queue.depth > 20"); /* a new `when` replaces all of the old one */
    assert_int_equal(find(&r, "x")->form, RULE_OF_VALUE);
    assert_int_equal(find(&r, "x")->window_us, 0);
    assert_null(find(&r, "x")->of);
    rules_release(&r);
}

static void values__of_rates_and_changes__may_be_negative(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        double value;
    } lines[] = {
        {"x when change server.clients over 1m < -50%", -50},
        {"x when change server.clients over 1m > 20", 20},
        {"x when change server.used_memory over 1h >= +12.5", 12.5},
        {"x when rate server.used_memory over 5s > 5mb/s", 5 * 1024 * 1024},
        {"x when rate server.used_memory over 5s < -5mb", -5 * 1024 * 1024},
        {"x when rate queue.depth over 1m > 5/s", 5},
        {"x when rate server.round_trip over 1m > 10ms/s", 0.01},
        {"x when rate server.ops over 1m < -100", -100},
        {"x when rate cache.hit_rate over 1m < -0.5%", -0.5},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct rules r;
        rules_init(&r);
        set_ok(&r, lines[i].line);
        if (find(&r, "x")->value > lines[i].value || find(&r, "x")->value < lines[i].value) {
            fail_msg("%s: %g", lines[i].line, find(&r, "x")->value);
        }
        rules_release(&r);
    }
}

static void line__wrong__names_the_word_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"x when rate", "nothing behind \"when\""},
        {"x when rate server.clients > 5", "over and a time from 5s to 1h"},
        {"x when change server.clients over 4s > 5", "\"4s\", expected a time from 5s to 1h"},
        {"x when change server.clients over 61m > 5", "\"61m\""},
        {"x when change server.clients over soon > 5", "\"soon\""},
        {"x when change server.clients over", "nothing behind \"over\""},
        {"x when server.clients over 1m > 5", "\"rate\" or \"change\" in front of the metric"},
        {"x when change redis.unreachable over 1m > 5", "yes or no"},
        {"x when rate worker.lost over 1m > 5", "\"rate\" of \"worker.lost\""},
        {"x when server.clients of web* > 5", "\"web*\", expected nothing behind \"server.clients\""},
        {"x when queue.depth of", "nothing behind \"of\""},
        {"x when queue.depth of \"\" > 5", "expected a name or a glob"},
        {"x when queue.depth of q", "> >= < <= or =="},
        {"x when change queue.depth over 1m > 5x", "\"5x\", expected a percentage such as 20 or -20"},
        {"x when rate server.used_memory over 1m > much", "bytes a second such as 5mb or -5mb"},
        {"x when change queue.depth over 1m > --5", "\"--5\""},
        {"x when queue.depth > -5", "\"-5\""},
        {"x when change queue.depth over 1m > 5 clear 9", "firing side"},
        {"x when worker.lost >= 3", "\"3\", expected yes or no"},
        {"x when speed queue.depth > 3", "unknown metric \"speed\""},
        {"x when queue.dept > 3", "queue.depth"},
        {"x when nothing.such > 3", "queue.*"},
        {"clients pane nowhere", "\"nowhere\", expected one of: batches"},
        {"clients pane", "nothing behind \"pane\""},
        {"clients do", "nothing behind \"do\""},
        {"clients unless 5", "pane, do, on or off"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct rules r;
        rules_init(&r);
        r.check_pane = only_batches;
        assert_refused(&r, bad[i][0], bad[i][1]);
        rules_release(&r);
    }
}

static void a_long_command__is_refused(void **state)
{
    (void)state;
    struct rules r;
    struct err err = {.code = ERR_NONE};
    char line[300];
    rules_init(&r);
    snprintf(line, sizeof(line), "clients do %0200d", 1);
    assert_true(set(&r, line, &err));
    snprintf(line, sizeof(line), "clients do %0201d", 1);
    assert_false(set(&r, line, &err));
    assert_non_null(strstr(err.text, "at most 200 bytes"));
    rules_release(&r);
}

static void pane_and_command__stay__until_they_are_named_or_it_is_about_something_else(void **state)
{
    (void)state;
    struct rules r;
    rules_init(&r);
    r.check_pane = only_batches;
    set_ok(&r, "clients pane batches do \"pane batches\"");
    const struct rule *row = find(&r, "clients");
    unsigned revision = row->revision;
    set_ok(&r, "clients for 1m");
    set_ok(&r, "clients when server.clients > 7");
    assert_string_equal(row->pane, "batches");
    assert_int_equal(row->revision, revision);
    set_ok(&r, "clients pane \"\" do \"\"");
    assert_null(row->pane);
    assert_null(row->next);
    set_ok(&r, "clients pane batches");
    set_ok(&r, "clients when change server.clients over 1m > 7");
    assert_null(row->pane);
    assert_null(row->reason);
    assert_int_equal(row->revision, revision + 1);
    assert_string_equal(row->message, "change of server.clients is %v (limit %t) %o");
    rules_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__says__all_there_is),
        cmocka_unit_test(line__reads__the_window_and_the_glob_in_any_order),
        cmocka_unit_test(values__of_rates_and_changes__may_be_negative),
        cmocka_unit_test(line__wrong__names_the_word_and_changes_nothing),
        cmocka_unit_test(a_long_command__is_refused),
        cmocka_unit_test(pane_and_command__stay__until_they_are_named_or_it_is_about_something_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
