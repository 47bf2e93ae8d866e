#include "support/unit.h"
#include "view/look.h"

#include <stdio.h>

#include "redai/model/rule.h"

/* What nobody took apart: what could be a name goes, what we say and count ourselves stays. */
static void look_prose__replaces__what_could_be_a_name(void **state)
{
    static const char *const stays[] = {"done: revoked 3 sessions in 250ms, 34.0K kept",
                                        "no worker answered; next try at 02:14:05",
                                        "the curtain is drawn: 'x' does nothing",
                                        "99.5% of 1.2k keys (12 left)",
                                        "it isn't there",
                                        ""};
    static const char *const goes[] = {
        "ada@example.com", "3f9ac2~", "3f9ac2d0", "session:ada", "127.0.0.1:6379",
        "/home/ada/x",     "'ada'",   "\"a b\"",  "Åse",         "1234567890123"};
    static const struct veil veil = {{1, 2}};
    const struct look look = {.veil = &veil};
    const struct look lifted = {.veil = NULL};
    char out[200];
    char line[200];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stays); i++) {
        assert_string_equal(look_prose(&look, stays[i], out, sizeof out), stays[i]);
    }
    for (size_t i = 0; i < COUNT_OF(goes); i++) {
        snprintf(line, sizeof line, "for %s, it is: %s.", goes[i], goes[i]);
        assert_null(strstr(look_prose(&look, line, out, sizeof out), goes[i]));
        assert_non_null(strstr(out, ", it is: "));
        assert_ptr_equal(look_prose(&lifted, line, out, sizeof out), line);
    }
}

static void rule_metric_about__says__what_an_alert_names(void **state)
{
    static const struct {
        const char *metric;
        enum veil_kind kind;
    } rows[] = {{"worker.silent", VEIL_NODE},         {"worker.zombies", VEIL_NODE},
                {"worker.lost", VEIL_NODE},           {"cache.without_ttl", VEIL_FAMILY},
                {"sessions.came_back", VEIL_SESSION}, {"sessions.most_of_one_user", VEIL_USER},
                {"cache.object_reprs", VEIL_FAMILY},  {"cache.crowding", VEIL_FAMILY},
                {"cache.largest_share", VEIL_FAMILY}, {"queue.depth", VEIL_PLAIN}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int metric = 0;
        while (strcmp(rule_metrics[metric].name, rows[i].metric) != 0) {
            metric++;
            assert_true((size_t)metric < rule_metric_count);
        }
        assert_int_equal(rule_metric_about(metric), rows[i].kind);
    }
    assert_int_equal(rule_metric_about(-1), VEIL_PAYLOAD);
    assert_int_equal(rule_metric_about((int)rule_metric_count), VEIL_PAYLOAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_prose__replaces__what_could_be_a_name),
        cmocka_unit_test(rule_metric_about__says__what_an_alert_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
