#include "rule_story.h"

#include <stdio.h>

static void rules__hold__the_platforms_own_three(void **state)
{
    (void)state;
    struct rules r;
    rules_init(&r);
    const struct rule *memory = find(&r, "memory");
    assert_true(memory->value == 1.5 * 1024 * 1024 * 1024);
    assert_int_equal(memory->op, RULE_ABOVE);
    const struct rule *hits = find(&r, "hit-rate");
    assert_true(hits->value == 70);
    assert_int_equal(hits->op, RULE_BELOW);
    assert_int_equal(hits->min_lookups, 100);
    const struct rule *clients = find(&r, "clients");
    assert_true(clients->value == 80);
    assert_int_equal(clients->op, RULE_ABOVE);
    rules_release(&r);
}

static void rules__of_the_house__are_whole(void **state)
{
    (void)state;
    struct rules r;
    rules_init(&r);
    assert_in_range(rules_count(&r), 18, 100);
    assert_null(rules_at(&r, rules_count(&r)));
    for (size_t i = 0; i < rules_count(&r); i++) {
        const struct rule *row = rules_at(&r, i);
        assert_true(row->enabled);
        assert_true((size_t)row->metric < rule_metric_count);
        assert_non_null(row->message);
        assert_non_null(row->reason);
        assert_ptr_equal(find(&r, row->name), row); /* names are unique */
        bool up = row->op == RULE_ABOVE || row->op == RULE_AT_LEAST;
        assert_true(row->op == RULE_EQUAL || (up ? row->clear <= row->value : row->clear >= row->value));
    }
    assert_int_equal(find(&r, "redis-unreachable")->severity, SEVERITY_CRITICAL);
    assert_int_equal(find(&r, "notifications")->severity, SEVERITY_INFO);
    rules_release(&r);
}

static void metrics__have__known_units_and_unique_names(void **state)
{
    (void)state;
    static const char *const units[] = {"bytes", "percent", "count", "per_s", "s", "bool"};
    assert_true(rule_metric_count >= 20);
    for (size_t i = 0; i < rule_metric_count; i++) {
        size_t known = 0;
        for (size_t k = 0; k < COUNT_OF(units); k++) {
            known += strcmp(units[k], rule_metrics[i].unit) == 0;
        }
        assert_int_equal(known, 1);
        assert_true(rule_metrics[i].help[0] != '\0');
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(rule_metrics[i].name, rule_metrics[k].name);
        }
    }
}

static void rules_set__adds__a_whole_rule(void **state)
{
    (void)state;
    struct rules r;
    struct err err = {.code = ERR_NONE};
    rules_init(&r);
    assert_true(set(
        &r, "queue-deep when queue.depth > 500 for 30s clear 400 severity critical message \"%o is deep\"",
        &err));
    const struct rule *row = find(&r, "queue-deep");
    assert_string_equal(rule_metrics[row->metric].name, "queue.depth");
    assert_true(row->value == 500 && row->clear == 400);
    assert_int_equal(row->hold_us, 30000000);
    assert_int_equal(row->severity, SEVERITY_CRITICAL);
    assert_string_equal(row->message, "%o is deep");
    assert_true(row->enabled);
    assert_int_equal(err.code, ERR_NONE);
    rules_release(&r);
}

static void rules_set__reads__values_in_the_metrics_unit(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        double value;
    } lines[] = {
        {"x when server.used_memory >= 1.5gb", 1610612736},
        {"x when server.used_memory < 512", 512},
        {"x when cache.hit_rate < 70%", 70},
        {"x when cache.hit_rate <= 70.5", 70.5},
        {"x when server.evicted > 10/s", 10},
        {"x when server.round_trip > 250ms", 0.25},
        {"x when batch.stalled_s > 5m", 300},
        {"x when redis.unreachable == yes", 1},
        {"x when server.loading == 0", 0},
        {"x when server.clients == 3", 3},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct rules r;
        struct err err = {.code = ERR_NONE};
        rules_init(&r);
        if (!set(&r, lines[i].line, &err)) {
            fail_msg("%s: %s", lines[i].line, err.text);
        }
        assert_true(find(&r, "x")->value == lines[i].value);
        assert_true(find(&r, "x")->clear == lines[i].value);
        assert_int_equal(find(&r, "x")->severity, SEVERITY_WARNING);
        assert_non_null(find(&r, "x")->message);
        rules_release(&r);
    }
}

static void rules_set__changes__only_what_is_named(void **state)
{
    (void)state;
    struct rules r;
    struct err err;
    rules_init(&r);
    const struct rule *row = find(&r, "clients");
    size_t count = rules_count(&r);
    assert_true(set(&r, "clients when server.clients > 200", &err));
    assert_ptr_equal(find(&r, "clients"), row);
    assert_int_equal(rules_count(&r), count);
    assert_true(row->value == 200 && row->clear == 200);
    assert_int_equal(row->hold_us, 10000000);
    assert_string_equal(row->message, "%v clients, more than %t");
    assert_non_null(row->reason);
    assert_true(set(&r, "clients for 5m", &err));
    assert_int_equal(row->hold_us, 300000000);
    assert_true(set(&r, "clients clear 150 severity info", &err));
    assert_true(row->value == 200 && row->clear == 150);
    assert_int_equal(row->severity, SEVERITY_INFO);
    assert_true(set(&r, "clients off", &err));
    assert_false(row->enabled);
    assert_true(set(&r, "clients on", &err));
    assert_true(row->enabled);
    /* about something else now: its words and its reason no longer fit */
    assert_true(set(&r, "hit-rate when server.ops > 100", &err));
    assert_null(find(&r, "hit-rate")->reason);
    assert_int_equal(find(&r, "hit-rate")->min_lookups, 0);
    assert_non_null(strstr(find(&r, "hit-rate")->message, "server.ops"));
    rules_release(&r);
}

static void rules_set__names__the_wrong_word_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "alert NAME"},
        {"nosuch", "\"nosuch\""},
        {"nosuch off", "\"nosuch\""},
        {"clients", "nothing behind \"clients\""},
        {"clients when", "nothing behind \"when\""},
        {"clients when server.klients > 5", "\"server.klients\""},
        {"clients when server.klients > 5", "server.clients"},
        {"clients when whatever > 5", "queue.*"},
        {"clients when server.clients", "> >= < <= or =="},
        {"clients when server.clients => 5", "\"=>\""},
        {"clients when server.clients >", "a number"},
        {"clients when server.clients > many", "\"many\""},
        {"clients when server.clients > -5", "\"-5\""},
        {"clients when server.clients > 5 clear 9", "firing side"},
        {"clients clear 90", "firing side"},
        {"hit-rate clear 60", "firing side"},
        {"memory when server.used_memory > 5xb", "\"5xb\", expected bytes"},
        {"clients for ever", "\"ever\""},
        {"clients severity loud", "\"loud\", expected info, warning or critical"},
        {"clients min-lookups 5", "cache.hit_rate"},
        {"hit-rate min-lookups -5", "\"-5\""},
        {"clients message", "nothing behind \"message\""},
        {"clients unless 5", "\"unless\""},
        {"notifications when notifications.incomplete == maybe", "\"maybe\""},
        {"\"bad name\" when server.clients > 5", "\"bad name\""},
        {"\"\\x1b\" when server.clients > 5", "\"?\""},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct rules r;
        rules_init(&r);
        assert_refused(&r, bad[i][0], bad[i][1]);
        rules_release(&r);
    }
}

static void rules_set__takes__no_more_than_two_hundred(void **state)
{
    (void)state;
    struct rules r;
    struct err err;
    rules_init(&r);
    for (int i = 0; rules_count(&r) < 200; i++) {
        char line[64];
        snprintf(line, sizeof(line), "r%d when server.clients > %d", i, i);
        assert_true(set(&r, line, &err));
    }
    assert_false(set(&r, "more when server.clients > 1", &err));
    assert_non_null(strstr(err.text, "200"));
    assert_true(set(&r, "r5 off", &err));
    rules_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules__hold__the_platforms_own_three),
        cmocka_unit_test(rules__of_the_house__are_whole),
        cmocka_unit_test(metrics__have__known_units_and_unique_names),
        cmocka_unit_test(rules_set__adds__a_whole_rule),
        cmocka_unit_test(rules_set__reads__values_in_the_metrics_unit),
        cmocka_unit_test(rules_set__changes__only_what_is_named),
        cmocka_unit_test(rules_set__names__the_wrong_word_and_changes_nothing),
        cmocka_unit_test(rules_set__takes__no_more_than_two_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
