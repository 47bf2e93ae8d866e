#include "unit/schema/fixture.h"

#include "redai/schema/session_value.h"

static void session_value_decode__reads_the_captured_values(void **state)
{
    (void)state;
    UT_string text;
    struct session_value v;

    fixture_read("app-session-value.json", &text);
    session_value_decode(&v, text_span(&text));
    assert_int_equal(v.form, SESSION_FORM_OK);
    assert_string_equal(v.user_id, "1");
    assert_string_equal(v.name, "User 1");
    assert_string_equal(v.email, "user1@example.com");
    assert_string_equal(v.role, "student");
    assert_true(v.created_us == INT64_C(1795426402714134));
    assert_true(v.updated_us == -1);
    char *again = session_value_encode(&v);
    assert_string_equal(again, text.d);
    mem_free(again);
    session_value_release(&v);
    session_value_release(&v);
    utstring_done(&text);

    fixture_read("app-session-value-updated.json", &text);
    session_value_decode(&v, text_span(&text));
    assert_true(v.updated_us == INT64_C(1795426404517328));
    session_value_release(&v);
    utstring_done(&text);
}

static void session_value_decode__says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        struct span json;
        enum session_form form;
        const char *user_id, *name;
    } cases[] = {
        {SPAN_LITERAL(""), SESSION_FORM_NOT_JSON, NULL, NULL},
        {SPAN_LITERAL("hello"), SESSION_FORM_NOT_JSON, NULL, NULL},
        {SPAN_LITERAL("\xff\xfe\x00"), SESSION_FORM_NOT_JSON, NULL, NULL},
        {SPAN_LITERAL("{\"user_id\": 1, nonsense}"), SESSION_FORM_NOT_JSON, NULL, NULL},
        {SPAN_LITERAL("{\"user_id\": 1} x"), SESSION_FORM_NOT_JSON, NULL, NULL},
        {SPAN_LITERAL("[1, 2"), SESSION_FORM_NOT_JSON, NULL, NULL},
        {SPAN_LITERAL("[1, 2]"), SESSION_FORM_NOT_OBJECT, NULL, NULL},
        {SPAN_LITERAL("null"), SESSION_FORM_NOT_OBJECT, NULL, NULL},
        {SPAN_LITERAL("\"text\""), SESSION_FORM_NOT_OBJECT, NULL, NULL},
        {SPAN_LITERAL("{}"), SESSION_FORM_OK, NULL, NULL},
        {SPAN_LITERAL("{"), SESSION_FORM_TRUNCATED, NULL, NULL},
        {SPAN_LITERAL("{\"user_id\": 7"), SESSION_FORM_TRUNCATED, NULL, NULL},
        {SPAN_LITERAL("{\"user_id\": 7, "), SESSION_FORM_TRUNCATED, "7", NULL},
        {SPAN_LITERAL("{\"user_id\": 7, \"name\": \"a, b\", \"x\": [1, {\"y\": \"}"), SESSION_FORM_TRUNCATED,
         "7", "a, b"},
        {SPAN_LITERAL("{\"user_id\": \"u-7\", \"name\": [1, 2.50]}"), SESSION_FORM_OK, "u-7", "[1,2.5]"},
        {SPAN_LITERAL("{\"user_id\": 1.5, \"name\": true}"), SESSION_FORM_OK, "1.5", "true"},
        {SPAN_LITERAL("{\"user_id\": null, \"name\": null}"), SESSION_FORM_OK, "None", NULL},
        {SPAN_LITERAL("{\"user_id\": true}"), SESSION_FORM_OK, "True", NULL},
        {SPAN_LITERAL("{\"user_id\": 123456789012345678901234567890}"), SESSION_FORM_OK,
         "123456789012345678901234567890", NULL},
        {SPAN_LITERAL("{\"user_id\": \"1\\u0000x\", \"name\": \"\\ud83d\\ude00\\udc00\"}"), SESSION_FORM_OK,
         "1\\u0000x", "\xf0\x9f\x98\x80\\udc00"},
        {SPAN_LITERAL("{\"user_id\": 1, \"user_id\": 2}"), SESSION_FORM_OK, "2", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct session_value v;
        session_value_decode(&v, cases[i].json);
        if (v.form != cases[i].form) {
            fail_msg("%s: form %d", cases[i].json.data, (int)v.form);
        }
        assert_text(v.user_id, cases[i].user_id);
        assert_text(v.name, cases[i].name);
        assert_true(v.created_us == -1);
        session_value_release(&v);
    }
}

static void session_value_decode__bounds_what_it_keeps(void **state)
{
    (void)state;
    UT_string json;
    struct session_value v;

    utstring_init(&json);
    text_add(&json, S("{\"user_id\": \""));
    for (int i = 0; i < 100000; i++) {
        text_add(&json, S("7"));
    }
    text_add(&json, S("\"}"));
    session_value_decode(&v, text_span(&json));
    /* Cut, and by its end no other user's id. */
    assert_int_equal(strlen(v.user_id), 256);
    assert_true(span_ends(span_of(v.user_id), S("7...")));
    session_value_release(&v);
    utstring_done(&json);
}

static void session_value_decode__survives_every_cut(void **state)
{
    (void)state;
    UT_string text;

    fixture_read("app-session-value-updated.json", &text);
    for (size_t len = 1; len < utstring_len(&text); len++) {
        struct session_value v;
        char *copy = span_dup(span_make(text.d, len));
        session_value_decode(&v, span_make(copy, len));
        assert_int_equal(v.form, SESSION_FORM_TRUNCATED);
        assert_true(!v.user_id || strcmp(v.user_id, "1") == 0);
        session_value_release(&v);
        mem_free(copy);
    }
    utstring_done(&text);
}

static void session_value_encode__writes_what_the_platform_would(void **state)
{
    (void)state;
    char id[] = "u-7";
    char name[] = "J\xc3\xb6rg \"x\"\n";
    struct session_value v = {
        .user_id = id, .name = name, .created_us = INT64_C(1795426402000000), .updated_us = 1};
    char *text = session_value_encode(&v);
    assert_string_equal(text, "{\"user_id\": \"u-7\", \"created_at\": \"2026-11-23T09:33:22\", \"name\": "
                              "\"J\\u00f6rg \\\"x\\\"\\n\", \"updated_at\": \"1970-01-01T00:00:00.000001\"}");
    struct session_value again;
    session_value_decode(&again, span_of(text));
    assert_string_equal(again.name, name);
    assert_true(again.created_us == v.created_us && again.updated_us == 1);
    session_value_release(&again);
    mem_free(text);

    struct session_value empty = {.created_us = -1, .updated_us = -1};
    text = session_value_encode(&empty);
    assert_string_equal(text, "{\"user_id\": null}");
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_value_decode__reads_the_captured_values),
        cmocka_unit_test(session_value_decode__says_what_is_wrong),
        cmocka_unit_test(session_value_decode__bounds_what_it_keeps),
        cmocka_unit_test(session_value_decode__survives_every_cut),
        cmocka_unit_test(session_value_encode__writes_what_the_platform_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
