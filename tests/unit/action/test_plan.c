#include "action/verb.h"
#include "support/unit.h"

static void plan_write__shows_all_it_holds__when_it_is_full(void **state)
{
    (void)state;
    struct plan p;
    UT_string out;
    plan_init(&p);
    utstring_init(&out);
    p.verb = VERB_REVOKE_USER;
    p.destructive = true;
    plan_title(&p, "revoke %d sessions of user %s", 312, "7");
    plan_command(&p, "MULTI; ...; EXEC  x %d", 312);
    plan_sample(&p, "a~");
    plan_sample(&p, "b~");
    plan_remark(&p, "2 stale index entries removed too");
    plan_ask(&p, 312);
    plan_write(&p, &out);
    assert_string_equal(utstring_body(&out), "plan     revoke 312 sessions of user 7\n"
                                             "count    312 (cannot be undone)\n"
                                             "command  MULTI; ...; EXEC  x 312\n"
                                             "what     a~\n"
                                             "         b~\n"
                                             "note     2 stale index entries removed too\n"
                                             "confirm  type 312\n");
    plan_release(&p);
    utstring_done(&out);
}

static void plan_write__is_honest__when_nothing_is_known(void **state)
{
    (void)state;
    struct plan p;
    UT_string out;
    plan_init(&p);
    utstring_init(&out);
    p.verb = VERB_INVALIDATE;
    plan_write(&p, &out);
    assert_string_equal(utstring_body(&out), "plan     invalidate\ncount    unknown\nconfirm  y\n");
    plan_release(&p);
    utstring_done(&out);
}

static void plan_ask__wants_the_count_typed__when_more_than_twenty_are_hit(void **state)
{
    (void)state;
    struct plan p;
    plan_init(&p);
    plan_ask(&p, 20);
    assert_int_equal(p.confirm, PLAN_CONFIRM_KEY);
    assert_null(p.typed);
    plan_ask(&p, 21);
    assert_int_equal(p.confirm, PLAN_CONFIRM_TYPED);
    assert_string_equal(p.typed, "21");
    plan_release(&p);
}

static void plan_ask_typed__wants_the_count_typed__when_it_is_one(void **state)
{
    (void)state;
    struct plan p;
    plan_init(&p);
    plan_ask_typed(&p, 1);
    assert_int_equal(p.confirm, PLAN_CONFIRM_TYPED);
    assert_string_equal(p.typed, "1");
    plan_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_write__shows_all_it_holds__when_it_is_full),
        cmocka_unit_test(plan_write__is_honest__when_nothing_is_known),
        cmocka_unit_test(plan_ask_typed__wants_the_count_typed__when_it_is_one),
        cmocka_unit_test(plan_ask__wants_the_count_typed__when_more_than_twenty_are_hit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
