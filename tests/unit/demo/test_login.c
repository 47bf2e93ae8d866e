#include "demo/exam.h"
#include "demo/login.h"
#include "sink.h"
#include "support/unit.h"

#define TOKEN "HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"
static const struct login someone = {.token = TOKEN, .user_id = 3};

static void assert_line(const struct lines *l, size_t n, const char *expected)
{
    char *line = lines_find(l, "", n);
    assert_non_null(line);
    assert_string_equal(line, expected);
    mem_free(line);
}

static void login_create__sends_what_the_session_manager_sends(void **state)
{
    (void)state;
    struct lines l;
    lines_init(&l);
    login_create(&someone, INT64_C(1795426402714134), 86400, 86400, &l.sink);
    assert_line(&l, 0,
                "SETEX session:" TOKEN
                " 86400 {\"user_id\": 3, \"created_at\": \"2026-11-23T09:33:22.714134\", "
                "\"email\": \"soren.beispiel@example.com\", \"role\": \"student\", \"name\": \"S\\u00f8ren "
                "Beispiel\"}");
    assert_line(&l, 1, "SADD user:3:sessions " TOKEN);
    assert_line(&l, 2, "EXPIRE user:3:sessions 86400");
    assert_int_equal(lines_count(&l, ""), 3);
    lines_done(&l);
}

static void login_create__has_the_members_of_a_real_session__in_their_order(void **state)
{
    (void)state;
    struct lines l;
    lines_init(&l);
    login_create(&someone, 1, 86400, 0, &l.sink);
    char *line = lines_find(&l, "SETEX", 0);
    char *real = fixture("app-session-value.json");
    char *ours = member_names(strchr(line, '{'));
    char *theirs = member_names(real);
    assert_string_equal(ours, theirs);
    mem_free(line);
    mem_free(real);
    mem_free(ours);
    mem_free(theirs);
    lines_done(&l);
}

static void login_create__leaves_out__what_has_run_out(void **state)
{
    (void)state;
    struct lines l;
    lines_init(&l);
    login_create(&someone, 1, 100, 0, &l.sink);
    assert_int_equal(lines_count(&l, "SETEX session:" TOKEN " 100 "), 1);
    assert_int_equal(lines_count(&l, ""), 1);
    login_create(&someone, 1, 0, 200, &l.sink);
    assert_line(&l, 1, "SADD user:3:sessions " TOKEN);
    assert_line(&l, 2, "EXPIRE user:3:sessions 200");
    lines_done(&l);
}

static void login_delete__takes_index_entry_and_session(void **state)
{
    (void)state;
    struct lines l;
    lines_init(&l);
    login_delete(&someone, &l.sink);
    assert_line(&l, 0, "SREM user:3:sessions " TOKEN);
    assert_line(&l, 1, "DEL session:" TOKEN);
    lines_done(&l);
}

static void login_update__adds_updated_at__to_the_value_it_read(void **state)
{
    (void)state;
    struct lines l;
    lines_init(&l);
    char *value = fixture("app-session-value.json");
    login_update(&someone, span_of(value), INT64_C(1795426404517328), &l.sink);
    assert_line(
        &l, 0,
        "SETEX session:" TOKEN " 86400 {\"user_id\": 1, \"created_at\": \"2026-11-23T09:33:22.714134\", "
        "\"email\": \"user1@example.com\", \"role\": \"student\", \"name\": \"User 1\", \"updated_at\": "
        "\"2026-11-23T09:33:24.517328\"}");
    mem_free(value);
    lines_done(&l);
}

static char *key_of(enum exam_kind kind, int64_t id)
{
    UT_string key;
    utstring_init(&key);
    exam_key(kind, id, INT64_C(1795426402714134), UINT64_C(0x4bd975f9d0), &key);
    char *text = span_dup(text_span(&key));
    utstring_done(&key);
    return text;
}

static void exam_key__is_the_decorators(void **state)
{
    (void)state;
    static const struct {
        enum exam_kind kind;
        const char *key;
    } rows[] = {{EXAM_DETAIL, "exam:1"},
                {EXAM_QUESTIONS, "exam:questions:1"},
                {EXAM_STATS, "cache:api.services.stats.daily:2026-11-23:exam_id:1"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *key = key_of(rows[i].kind, 1);
        assert_string_equal(key, rows[i].key);
        mem_free(key);
    }
    char *ours = key_of(EXAM_REPR, 1);
    char *real = fixture("app-cache-key-with-repr.txt");
    assert_string_equal(ours, real);
    mem_free(ours);
    mem_free(real);
}

static void exam_value__has_the_members_of_a_real_one(void **state)
{
    (void)state;
    UT_string value;
    utstring_init(&value);
    exam_value(EXAM_DETAIL, 1, &value);
    char *real = fixture("app-cache-exam-1.json");
    char *ours = member_names(utstring_body(&value));
    char *theirs = member_names(real);
    assert_string_equal(ours, theirs);
    mem_free(real);
    mem_free(ours);
    mem_free(theirs);
    utstring_done(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_create__sends_what_the_session_manager_sends),
        cmocka_unit_test(login_create__has_the_members_of_a_real_session__in_their_order),
        cmocka_unit_test(login_create__leaves_out__what_has_run_out),
        cmocka_unit_test(login_delete__takes_index_entry_and_session),
        cmocka_unit_test(login_update__adds_updated_at__to_the_value_it_read),
        cmocka_unit_test(exam_key__is_the_decorators),
        cmocka_unit_test(exam_value__has_the_members_of_a_real_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
