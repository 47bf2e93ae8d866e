/* From a filter to what an order is about, and what the plan then says of it. */
#include "app/pick.h"
#include "unit/model/story.h"

static void index_of(struct story *s, const char *user, const char *member, const char *other)
{
    story_tell(s, "user_index phase=begin user_id=%s", user);
    story_tell(s, "user_index phase=member user_id=%s id=%s", user, member);
    if (other) {
        story_tell(s, "user_index phase=member user_id=%s id=%s", user, other);
    }
    story_tell(s, "user_index phase=end user_id=%s pttl_ms=7200000 size=%d", user, other ? 2 : 1);
}

/* User 7: one listed, one orphan, one stale entry. User 17: one listed. User 9: an entry that names another
 * user's session. */
static int set_up(void **state)
{
    struct story *s = mem_zalloc(sizeof *s);
    story_begin(s);
    story_tell(s, "link role=poll state=up");
    story_tell(s, "census phase=begin expected=4");
    story_tell(s, "session id=a1 user_id=7 role=student pttl_ms=86000000");
    story_tell(s, "session id=a2 user_id=7 role=student pttl_ms=80000000");
    story_tell(s, "session id=d1 user_id=17 role=student pttl_ms=86000000");
    story_tell(s, "session id=c1 user_id=9 role=admin pttl_ms=86000000");
    story_tell(s, "census phase=end walked=4 expected=4");
    story_tell(s, "poll topic=sessions");
    story_wait(s, 3);
    index_of(s, "7", "a1", "gone1");
    index_of(s, "17", "d1", NULL);
    index_of(s, "9", "c1", "d1");
    story_tell(s, "session_gone id=gone1 reason=unknown");
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    story_end(*state);
    mem_free(*state);
    return 0;
}

static struct order order_of(enum verb verb, const char *filter)
{
    struct order o;
    order_init(&o, verb);
    mem_replace(&o.filter, filter);
    return o;
}

static bool says(const struct order *o, const char *line)
{
    for (unsigned i = 0; i < utarray_len(&o->remark); i++) {
        if (strcmp(*(char *const *)utarray_eltptr(&o->remark, i), line) == 0) {
            return true;
        }
    }
    return false;
}

static bool has(const struct order *o, const char *user, const char *id, bool orphan)
{
    for (unsigned i = 0; i < utarray_len(&o->stray); i++) {
        const struct order_stray *stray = (const struct order_stray *)utarray_eltptr(&o->stray, i);
        if (strcmp(stray->user, user) == 0 && strcmp(stray->id, id) == 0 && stray->orphan == orphan) {
            return true;
        }
    }
    return false;
}

static void pick__takes_the_sessions__when_they_fit(void **state)
{
    struct story *s = *state;
    struct err err = {0};
    struct order o = order_of(VERB_REVOKE_SESSION, "role:student idle>1h");
    assert_true(pick_fill(s->m, 0, &o, &err));
    assert_int_equal(utarray_len(&o.target), 1);
    assert_string_equal(((const struct target *)utarray_eltptr(&o.target, 0))->id, "a2");
    assert_true(says(&o, "chosen by role:student idle>1h"));
    order_release(&o);
    o = order_of(VERB_REVOKE_SESSION, "");
    assert_true(pick_fill(s->m, 0, &o, &err));
    assert_int_equal(utarray_len(&o.target), 4);
    assert_true(says(&o, "every session there is"));
    order_release(&o);
}

static void pick__counts__what_is_not_read_yet(void **state)
{
    struct story *s = *state;
    struct err err = {0};
    struct order o = order_of(VERB_REVOKE_SESSION, "");
    assert_true(pick_fill(s->m, 12, &o, &err));
    assert_false(says(&o, "every session there is"));
    assert_true(says(&o, "every session that is read"));
    assert_true(says(&o, "12 sessions are not read yet: they are not in this plan"));
    order_release(&o);
    o = order_of(VERB_REVOKE_SESSION, "name:nobody");
    assert_false(pick_fill(s->m, 12, &o, &err));
    assert_string_equal(err.text, "no session that is read fits: 12 are not read yet");
    order_release(&o);
}

static void pick__warns__when_a_user_id_is_only_within_another(void **state)
{
    struct story *s = *state;
    struct err err = {0};
    struct order o = order_of(VERB_REVOKE_SESSION, "user:7");
    assert_true(pick_fill(s->m, 0, &o, &err));
    assert_int_equal(utarray_len(&o.target), 3);
    assert_true(
        says(&o, "user:7 fits ids that only have it within, of 1 of these sessions: user=7 is that one"));
    order_release(&o);
    o = order_of(VERB_REVOKE_SESSION, "user=7");
    assert_true(pick_fill(s->m, 0, &o, &err));
    assert_int_equal(utarray_len(&o.target), 2);
    assert_int_equal(utarray_len(&o.remark), 1);
    order_release(&o);
}

static void pick__says_so__when_nothing_fits(void **state)
{
    struct story *s = *state;
    struct err err = {0};
    struct order o = order_of(VERB_REVOKE_SESSION, "role:nobody");
    assert_false(pick_fill(s->m, 0, &o, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.text, "no session fits \"role:nobody\"");
    assert_true(pick_check(s->m, &o, &err)); /* it can be read */
    order_release(&o);
    o = order_of(VERB_REPAIR, "user=17");
    assert_false(pick_fill(s->m, 0, &o, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    order_release(&o);
    o = order_of(VERB_REPAIR, "rol:x");
    assert_false(pick_check(s->m, &o, &err));
    assert_int_equal(err.code, ERR_USAGE);
    order_release(&o);
}

static void pick__takes_what_does_not_agree__when_it_is_to_be_repaired(void **state)
{
    struct story *s = *state;
    static const struct {
        const char *filter;
        bool add, drop;
        unsigned orphan, stale;
    } cases[] = {
        {"", false, false, 1, 1},        {"", true, true, 1, 1},
        {"", true, false, 1, 0},         {"", false, true, 0, 1},
        {"user=7", false, false, 1, 1},  {"index:orphan", false, false, 1, 0},
        {"stale>0", false, false, 1, 1}, {"orphans>0 role:student", true, false, 1, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = {0};
        struct order o = order_of(VERB_REPAIR, cases[i].filter);
        o.add = cases[i].add;
        o.drop = cases[i].drop;
        if (!pick_fill(s->m, 0, &o, &err)) {
            fail_msg("%s: %s", cases[i].filter, err.text);
        }
        assert_int_equal(has(&o, "7", "a2", true), cases[i].orphan);
        assert_int_equal(has(&o, "7", "gone1", false), cases[i].stale);
        /* each once, though its user and its session both fit: what an order takes is counted */
        assert_int_equal(utarray_len(&o.stray), cases[i].orphan + cases[i].stale);
        assert_false(has(&o, "9", "d1", false)); /* another user's: who knows whose it should be */
        assert_int_equal(says(&o, "1 more entries name another user's session: they stay, whose it should be "
                                  "is not known"),
                         !*cases[i].filter);
        order_release(&o);
    }
}

static void pick__adds_nothing__when_one_is_in_order(void **state)
{
    struct story *s = *state;
    struct order o = order_of(VERB_REPAIR, NULL);
    pick_user(s->m, &o, S("17"));
    pick_user(s->m, &o, S("nobody"));
    pick_session(s->m, &o, S("a1"));
    pick_session(s->m, &o, S("nothing"));
    assert_int_equal(utarray_len(&o.stray), 0);
    pick_session(s->m, &o, S("a2"));
    assert_int_equal(utarray_len(&o.stray), 1);
    pick_user(s->m, &o, S("7"));
    assert_int_equal(utarray_len(&o.stray), 3);
    order_release(&o);
}

static void pick__says_that_there_may_be_more__when_the_walk_is_not_over(void **state)
{
    (void)state;
    struct story s;
    struct err err = {0};
    struct order o = order_of(VERB_REVOKE_SESSION, "");
    story_begin(&s);
    story_tell(&s, "session id=a1 user_id=7 pttl_ms=86000000");
    assert_true(pick_fill(s.m, 0, &o, &err));
    assert_true(says(&o, "the keys are not walked through yet: more may fit than are known"));
    order_release(&o);
    story_end(&s);
}

static void what_was_read_in_part__is_said(void **state)
{
    (void)state;
    struct story s;
    struct order o;
    struct err err;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=90000");
    story_tell(&s, "census phase=end");
    order_init(&o, VERB_REPAIR);
    o.filter = mem_strdup("");
    assert_false(pick_fill(s.m, 0, &o, &err));
    assert_non_null(
        strstr(err.text, "1 index is too large to be read whole: stale entries there are not all"));
    order_release(&o);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_in_part__is_said),
        cmocka_unit_test_setup_teardown(pick__takes_the_sessions__when_they_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pick__counts__what_is_not_read_yet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pick__warns__when_a_user_id_is_only_within_another, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(pick__says_so__when_nothing_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pick__takes_what_does_not_agree__when_it_is_to_be_repaired, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(pick__adds_nothing__when_one_is_in_order, set_up, tear_down),
        cmocka_unit_test(pick__says_that_there_may_be_more__when_the_walk_is_not_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
