/* The plan of a repair, letter by letter, from what a look-up would have found. */
#include "action/repair.h"
#include "support/unit.h"

struct fixture {
    struct order o;
    struct plan p;
    struct repair *v;
    UT_string out;
};

static int set_up(void **state)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    order_init(&f->o, VERB_REPAIR);
    plan_init(&f->p);
    f->p.verb = VERB_REPAIR;
    utstring_init(&f->out);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    repair_release(f->v);
    order_release(&f->o);
    plan_release(&f->p);
    utstring_done(&f->out);
    mem_free(f);
    return 0;
}

static void add(struct fixture *f, const char *user, const char *id, bool orphan)
{
    order_add_stray(&f->o, span_of(user), span_of(id), orphan);
}

/* What the server would say of an entry. */
static void found(struct fixture *f, const char *id, int64_t pttl_ms, const char *owner, bool indexed)
{
    for (size_t i = 0; i < repair_count(f->v); i++) {
        struct repair_entry *e = repair_at(f->v, i);
        if (strcmp(e->id, id) == 0) {
            e->pttl_ms = pttl_ms;
            e->indexed = indexed;
            mem_replace(&e->owner, owner);
            return;
        }
    }
    fail_msg("no entry %s", id);
}

static void index_lives(struct fixture *f, const char *user, int64_t pttl_ms)
{
    for (size_t i = 0; i < utarray_len(&f->v->user); i++) {
        if (strcmp(repair_user_at(f->v, i)->id, user) == 0) {
            repair_user_at(f->v, i)->pttl_ms = pttl_ms;
        }
    }
}

static const char *planned(struct fixture *f)
{
    f->v->at = 0;
    f->v->end = repair_count(f->v);
    repair_judge(f->v);
    int64_t n = repair_plan(f->v, &f->p);
    if (n) {
        plan_ask(&f->p, n);
    }
    utstring_clear(&f->out);
    plan_write(&f->p, &f->out);
    return utstring_body(&f->out);
}

#define RENEWED                                                                                              \
    "the platform renews an index at log-in only: a session that is used for longer than its index lives "   \
    "will be missing again\n"

static void repair_plan__spells_out_the_commands__when_they_are_few(void **state)
{
    struct fixture *f = *state;
    add(f, "7", "stale-1", false);
    add(f, "7", "orphan-1", true);
    add(f, "7", "orphan-1", true); /* told twice */
    f->v = repair_new(&f->o);
    assert_int_equal(repair_count(f->v), 2);
    found(f, "orphan-1", 80000000, "7", false);
    found(f, "stale-1", -2, NULL, true);
    index_lives(f, "7", 7200000);
    assert_string_equal(planned(f),
                        "plan     repair the index of user 7: put 1 orphan in, take 1 stale entry out\n"
                        "count    2\n"
                        "command  WATCH user:7:sessions session:orphan~ session:stale-~; MULTI\n"
                        "         SADD user:7:sessions orphan~\n"
                        "         EXPIRE user:7:sessions 86400\n"
                        "         SREM user:7:sessions stale-~\n"
                        "         EXEC\n"
                        "what     orphan~  user 7, orphan: live, and its index does not name it\n"
                        "         stale-~  user 7, stale entry: its session has ended\n"
                        "note     " RENEWED "confirm  y\n");
}

static void repair_plan__counts_the_commands__when_they_are_many(void **state)
{
    struct fixture *f = *state;
    char id[16];
    for (int i = 0; i < 30; i++) {
        snprintf(id, sizeof id, "s%02d", i);
        add(f, i < 10 ? "7" : "8", id, i < 20);
    }
    f->v = repair_new(&f->o);
    for (int i = 0; i < 30; i++) {
        snprintf(id, sizeof id, "s%02d", i);
        found(f, id, i < 20 ? 1000 : -2, i < 10 ? "7" : "8", i >= 20);
    }
    index_lives(f, "7", -2);
    index_lives(f, "8", -1);
    const char *text = planned(f);
    assert_non_null(strstr(text,
                           "plan     repair 2 indexes: put 20 orphans in, take 10 stale entries "
                           "out\ncount    30\n"
                           "command  WATCH user:<user>:sessions session:<id> ...; MULTI, at most 100 at a "
                           "time\n"
                           "         SADD user:<user>:sessions <id>  x 20\n"
                           "         EXPIRE user:<user>:sessions 86400  x 1\n"
                           "         SREM user:<user>:sessions <id>  x 10\n"
                           "         EXEC\n"));
    assert_non_null(strstr(text, "confirm  type 30\n"));
}

static void repair_plan__gives_the_index_a_life_that_covers__when_a_session_lives_longer(void **state)
{
    struct fixture *f = *state;
    add(f, "7", "a", true);
    add(f, "7", "b", true);
    f->v = repair_new(&f->o);
    found(f, "a", 1000, "7", false);
    found(f, "b", 90000500, "7", false);
    index_lives(f, "7", 5000); /* long enough for a, not for b */
    assert_non_null(strstr(planned(f), "EXPIRE user:7:sessions 90001\n"));
}

static void repair_plan__says_how_long_indexes_live__when_many_sessions_live_longer(void **state)
{
    struct fixture *f = *state;
    char id[16];
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "s%02d", i);
        add(f, i < 5 ? "7" : "8", id, true);
    }
    f->v = repair_new(&f->o);
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "s%02d", i);
        found(f, id, i < 5 ? 1000 : 2592000000, i < 5 ? "7" : "8", false);
    }
    index_lives(f, "7", -2);
    index_lives(f, "8", -2);
    assert_non_null(strstr(planned(f), "EXPIRE user:<user>:sessions <86400 to 2592000>  x 2\n"));
}

static void repair_plan__leaves_the_life_of_the_index_alone__when_it_covers(void **state)
{
    struct fixture *f = *state;
    add(f, "7", "a", true);
    f->v = repair_new(&f->o);
    found(f, "a", 1000, "7", false);
    index_lives(f, "7", 5000);
    assert_null(strstr(planned(f), "EXPIRE"));
}

static void repair_plan__leaves_alone__when_it_is_not_as_it_was(void **state)
{
    struct fixture *f = *state;
    add(f, "7", "ended", true);
    add(f, "7", "others", true);
    add(f, "7", "listed", true);
    add(f, "7", "lives", false);
    add(f, "7", "out", false);
    f->v = repair_new(&f->o);
    found(f, "ended", -2, NULL, false);
    found(f, "others", 1000, "8", false);
    found(f, "listed", 1000, "7", true);
    found(f, "lives", 1000, "7", true);
    found(f, "out", -2, NULL, false);
    assert_string_equal(
        planned(f),
        "plan     repair sessions\n"
        "count    unknown\n"
        "note     3 left alone: not as seen before, since a session lives again, has ended or has "
        "another user\n"
        "         2 in order by now\n"
        "confirm  y\n");
    assert_int_equal(f->v->at, 0);
    repair_keep_open(f->v);
    assert_int_equal(repair_count(f->v), 0);
}

static void repair_plan__never_calls_what_was_not_read_stale__when_the_answer_is_missing(void **state)
{
    struct fixture *f = *state;
    add(f, "7", "a", false);
    add(f, "7", "b", true);
    f->v = repair_new(&f->o); /* nothing was found: no answer came */
    assert_non_null(strstr(planned(f), "the index of user 7 is left alone: it could not be read\n"));
    repair_keep_open(f->v);
    assert_int_equal(repair_count(f->v), 0);
}

static void repair_plan__says_that_the_index_goes_before__when_a_session_never_expires(void **state)
{
    struct fixture *f = *state;
    add(f, "7", "a", true);
    f->v = repair_new(&f->o);
    found(f, "a", -1, "7", false);
    index_lives(f, "7", -2);
    const char *text = planned(f);
    assert_non_null(strstr(text, "EXPIRE user:7:sessions 86400\n"));
    assert_non_null(strstr(text, "1 session never expires: the index will go before\n"));
}

static void repair_plan__shows_no_escapes__when_names_are_hostile(void **state)
{
    struct fixture *f = *state;
    add(f, "\x1b[2J", "\x1b]0;abc", true);
    f->v = repair_new(&f->o);
    found(f, "\x1b]0;abc", 1000, "\x1b[2J", false);
    assert_null(strchr(planned(f), '\x1b'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(repair_plan__spells_out_the_commands__when_they_are_few, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(repair_plan__counts_the_commands__when_they_are_many, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            repair_plan__gives_the_index_a_life_that_covers__when_a_session_lives_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            repair_plan__says_how_long_indexes_live__when_many_sessions_live_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair_plan__leaves_the_life_of_the_index_alone__when_it_covers,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair_plan__leaves_alone__when_it_is_not_as_it_was, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            repair_plan__never_calls_what_was_not_read_stale__when_the_answer_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            repair_plan__says_that_the_index_goes_before__when_a_session_never_expires, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair_plan__shows_no_escapes__when_names_are_hostile, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
