/* Sessions by user: the faces of a pane, what their columns say when something is not known, and which rows
 * something is done to. */
#include "scene.h"
#include "view/filter.h"
#include "view/marks.h"
#include "view/pane.h"

#include <math.h>

#include "redai/conf/key.h"

#include "redai/view/listing.h"

static void index_of(struct scene *s, const char *user, const char *member, const char *end)
{
    scene_tell(s, "user_index phase=begin user_id=%s", user);
    if (member) {
        scene_tell(s, "user_index phase=member user_id=%s id=%s", user, member);
    }
    scene_tell(s, "user_index phase=end user_id=%s %s", user, end);
}

/* User 7 has a listed session and an orphan; 8 an unread index; 9 none; 17 is in order. */
static void scene_init(struct scene *s)
{
    static const char *const sessions[] = {"a1 user_id=7 role=student", "a2 user_id=7 role=student",
                                           "b1 user_id=8 role=teacher", "c1 user_id=9 role=student",
                                           "d1 user_id=17 role=admin"};
    *s = (struct scene){.m = model_new(), .now_us = 1000000};
    scene_tell(s, "connection address=127.0.0.1:6379");
    scene_tell(s, "link role=poll state=up");
    scene_tell(s, "server redis_version=7.0.15");
    scene_tell(s, "census phase=begin expected=5");
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        scene_tell(s, "session id=%s name=N%zu created_us=1795396200000000 pttl_ms=86000000", sessions[i], i);
    }
    scene_tell(s, "census phase=end walked=5 expected=5");
    scene_tell(s, "poll topic=sessions");
    s->now_us += 3000000;
    scene_tell(s, "clock");
    index_of(s, "7", "a1", "pttl_ms=7200000 size=1");
    scene_tell(s, "user_index phase=gone user_id=9");
    index_of(s, "17", "d1", "pttl_ms=-1 size=1");
    scene_open(s, 120, 40);
}

static void assert_cursor(const struct scene *s, enum target_kind kind, const char *id)
{
    struct target t = {.kind = TARGET_NONE};
    assert_int_equal(ui_selection(console_ui(s->console), &t, 1), 1);
    assert_int_equal(t.kind, kind);
    assert_string_equal(t.id, id);
    target_release(&t);
}

/* --- faces --- */

static void faces__follow_each_other__round_their_place(void **state)
{
    (void)state;
    assert_int_equal(pane_next_face(PANE_SESSIONS), FACE_SESSIONS_BY_USER);
    assert_int_equal(pane_next_face(FACE_SESSIONS_BY_USER), PANE_SESSIONS);
    assert_int_equal(pane_next_face(PANE_TASKS), FACE_TASKS_BY_NAME);
    assert_int_equal(pane_next_face(FACE_TASKS_BY_NAME), FACE_TASKS_BY_EXCEPTION);
    assert_int_equal(pane_next_face(FACE_TASKS_BY_EXCEPTION), PANE_TASKS);
    assert_int_equal(pane_next_face(PANE_QUEUES), PANE_QUEUES);
    for (int i = 0; i < FACE_COUNT; i++) {
        assert_non_null(pane_table[i]);
        assert_string_equal(pane_table[i]->name, pane_table[pane_place[i].place]->name);
    }
}

static void sessions__turn_to_users_and_back__by_u(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    press(&s, "u");
    assert_true(shows(&s, "sessions by user 4"));
    assert_cursor(&s, TARGET_USER, "7");
    press(&s, "u");
    assert_false(shows(&s, "sessions by user"));
    assert_true(shows(&s, "sessions 5"));
    press(&s, "u Esc");
    assert_false(shows(&s, "sessions by user"));
    scene_release(&s);
}

static void filter__goes_along_to_the_users__as_far_as_they_have_it(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    press(&s, "/ u s e r = 9 Enter u");
    assert_true(shows(&s, "/user=9"));
    assert_cursor(&s, TARGET_USER, "9");
    press(&s, "u");
    assert_true(shows(&s, "/user=9")); /* the sessions keep theirs */
    press(&s, "/ C-u i n d e x : l i s t e d Space u s e r = 7 Enter u");
    assert_true(shows(&s, "/user=7"));
    assert_true(shows(&s, "\"index:listed\" is of sessions: the users are shown without it"));
    press(&s, "u Esc u"); /* no filter any more */
    assert_false(shows(&s, "/user=7"));
    press(&s, "/ 9 Enter u u"); /* their own stays */
    assert_true(shows(&s, "/9"));
    scene_release(&s);
}

static void groups__go_to_their_pane__by_name(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    press(&s, "3 : g r o u p Space u s e r Enter");
    assert_cursor(&s, TARGET_USER, "7");
    press(&s, ": g r o u p Space n o n e Enter");
    assert_false(shows(&s, "sessions by user"));
    press(&s, "u : g r o u p Space n a m e Enter");
    assert_true(shows(&s, "tasks by name"));
    press(&s, "1");
    assert_true(shows(&s, "sessions by user")); /* each pane keeps its own face */
    press(&s, ": g r o u p Space x Enter");
    assert_true(shows(&s, "\"x\" is nothing to group by"));
    scene_release(&s);
}

static void a_user__opens__from_the_row(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    press(&s, "u Enter");
    assert_true(shows(&s, "1 session in no index: 'log out everywhere' misses it"));
    assert_true(shows(&s, ":repair sessions user=7"));
    assert_cursor(&s, TARGET_USER, "7");
    press(&s, "Esc");
    assert_true(shows(&s, "sessions by user"));
    scene_release(&s);
}

static void mark_all__says_so__when_there_are_too_many(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    for (int i = 0; i < MARKS_MAX; i++) {
        scene_tell(&s, "session id=m%d user_id=%d", i, 1000 + i);
    }
    scene_tell(&s, "clock");
    frame(&s);
    press(&s, ": m a r k Space a l l Enter");
    assert_true(shows(&s, "10000 of 10005 are marked: more is done by a filter, :revoke sessions FILTER"));
    scene_release(&s);
}

/* --- columns --- */

static const struct column *column(const struct pane_ops *ops, const char *title)
{
    for (size_t i = 0; i < ops->columns; i++) {
        if (strcmp(ops->column[i].title, title) == 0) {
            return &ops->column[i];
        }
    }
    fail_msg("no column %s", title);
    return NULL;
}

static void assert_cell(const struct scene *s, const char *user, const char *title, const char *text)
{
    struct look look = look_at(s->m, false, true);
    struct field f = {.cols = 0};
    const struct user_view *u = model_user_find(s->m, span_of(user));
    assert_non_null(u);
    column(&pane_sessions_by_user, title)->write(&look, u, &f);
    char *shown = span_dup(f.text);
    assert_string_equal(shown, text);
    mem_free(shown);
}

static void users__say_what_is_not_known__when_the_index_was_not_read(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    assert_cell(&s, "7", "orphans", "1");
    assert_cell(&s, "7", "stale", "0");
    assert_cell(&s, "7", "index", "2h");
    assert_cell(&s, "8", "orphans", "?");
    assert_cell(&s, "8", "stale", "?");
    assert_cell(&s, "8", "foreign", "?");
    assert_cell(&s, "8", "index", "?");
    assert_cell(&s, "9", "orphans", "1");
    assert_cell(&s, "9", "index", "!absent");
    assert_cell(&s, "17", "orphans", "0");
    assert_cell(&s, "17", "index", "!none");
    index_of(&s, "8", NULL, "size=-1 error=NOPERM");
    assert_cell(&s, "8", "orphans", "?");
    assert_cell(&s, "8", "index", "?");
    index_of(&s, "8", NULL, "pttl_ms=1000 size=20000");
    assert_cell(&s, "8", "orphans", "?");
    assert_cell(&s, "8", "index", "partly");
    scene_release(&s);
}

/* --- which rows fit --- */

static void add_id(void *ctx, const void *row)
{
    UT_string *out = ctx;
    utstring_printf(out, "%s ", ((const struct session *)row)->id);
}

static void add_key(void *ctx, const void *row)
{
    UT_string *out = ctx;
    utstring_printf(out, "%s ", ((const struct user_view *)row)->key);
}

static void assert_fit(const struct scene *s, const char *pane, const char *filter, size_t count)
{
    UT_string out;
    struct err err = {0};
    size_t n = 0;
    utstring_init(&out);
    bool users = strcmp(pane, "sessions") != 0;
    if (!listing_fit(s->m, pane, filter, users ? add_key : add_id, &out, &err)) {
        fail_msg("%s: %s", filter, err.text);
    }
    for (const char *p = utstring_body(&out); *p; p++) {
        n += *p == ' ';
    }
    if (n != count) {
        fail_msg("%s of %s: %s", filter, pane, utstring_body(&out));
    }
    utstring_done(&out);
}

static void listing_fit__finds_sessions_and_users__by_the_filters_of_their_panes(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    assert_fit(&s, "sessions", "", 5);
    assert_fit(&s, "sessions", "index:orphan", 2);
    assert_fit(&s, "sessions", "index:orphan role:student user=7", 1);
    assert_fit(&s, "sessions", "index:listed", 2);
    assert_fit(&s, "sessions", "index:?", 1);
    assert_fit(&s, "sessions", "user:7", 3); /* 17, too */
    assert_fit(&s, "sessions", "user=7", 2);
    assert_fit(&s, "sessions", "idle>5m", 5);
    assert_fit(&s, "sessions", "idle>1h", 0);
    assert_fit(&s, "sessions", "age>1m idle<1h", 5);
    assert_fit(&s, "sessions by user", "", 4);
    assert_fit(&s, "sessions by user", "orphans>0", 2);
    assert_fit(&s, "sessions by user", "index<3h", 2); /* absent is none at all */
    assert_fit(&s, "sessions by user", "index:absent", 1);
    scene_release(&s);
}

static void listing_fit__refuses__what_narrows_less_than_it_seems_to(void **state)
{
    (void)state;
    static const char *const wrong[] = {"rol:student", "idle>soon", "user:",  "role:\"\"",
                                        "user:*",      "*",         "!role:", "a b c d e f g h i",
                                        "user=7 role:"};
    static const char *const right[] = {"role=", "role=\"\"", "a b c d e f g h", "user:7", "name:A*"};
    struct model *m = model_new();
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (listing_fit(m, "sessions", wrong[i], add_id, NULL, &err)) {
            fail_msg("taken: %s", wrong[i]);
        }
        assert_int_equal(err.code, ERR_USAGE);
    }
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        if (!listing_fit(m, "sessions", right[i], add_id, NULL, &err)) {
            fail_msg("%s: %s", right[i], err.text);
        }
    }
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faces__follow_each_other__round_their_place),
        cmocka_unit_test(sessions__turn_to_users_and_back__by_u),
        cmocka_unit_test(filter__goes_along_to_the_users__as_far_as_they_have_it),
        cmocka_unit_test(groups__go_to_their_pane__by_name),
        cmocka_unit_test(a_user__opens__from_the_row),
        cmocka_unit_test(mark_all__says_so__when_there_are_too_many),
        cmocka_unit_test(users__say_what_is_not_known__when_the_index_was_not_read),
        cmocka_unit_test(listing_fit__finds_sessions_and_users__by_the_filters_of_their_panes),
        cmocka_unit_test(listing_fit__refuses__what_narrows_less_than_it_seems_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
