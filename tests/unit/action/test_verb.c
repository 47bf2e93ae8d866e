/* The table of verbs: the compiler counts its rows, but does not see one that was left out in the middle. */
#include "action/verb.h"
#include "support/unit.h"

static void verb__has_a_name_of_its_own_a_plan_a_run_and_a_release(void **state)
{
    (void)state;
    for (int i = 0; i < VERB_COUNT; i++) {
        const struct verb_ops *ops = verb_ops_of((enum verb)i);
        if (!verb_name[i] || !verb_name[i][0] || !ops || !ops->plan || !ops->run || !ops->release) {
            fail_msg("row %d (%s) is not filled", i, verb_name[i] ? verb_name[i] : "without a name");
        }
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(verb_name[k], verb_name[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verb__has_a_name_of_its_own_a_plan_a_run_and_a_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
