#include "support/unit.h"

#include <stdio.h>

#include "redai/base/veil.h"

static const struct veil fixed = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

static const char *veiled(enum veil_kind kind, struct span raw)
{
    static char out[4][VEIL_MAX];
    static int at;
    at = (at + 1) % 4;
    size_t n = veil_text(&fixed, kind, raw, out[at], sizeof out[at]);
    assert_int_equal(n, strlen(out[at]));
    return out[at];
}

static const char *veiled_text(enum veil_kind kind, const char *raw)
{
    return veiled(kind, span_of(raw));
}

/* The reference implementation's vectors: key 00..0f, messages 00, 00 01, ... */
static void veil_hash__is__siphash(void **state)
{
    static const char bytes[] = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e";
    (void)state;
    assert_true(veil_hash(&fixed, S("")) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(veil_hash(&fixed, span_make(bytes, 1)) == UINT64_C(0x74f839c593dc67fd));
    assert_true(veil_hash(&fixed, span_make(bytes, 8)) == UINT64_C(0x93f5f5799a932462));
    assert_true(veil_hash(&fixed, span_make(bytes, 15)) == UINT64_C(0xa129ca6149be45e5));
}

static void veil_text__is_the_same__for_the_same_text(void **state)
{
    (void)state;
    for (int kind = 0; kind < VEIL_KIND_COUNT; kind++) {
        assert_string_equal(veiled_text((enum veil_kind)kind, "ada"),
                            veiled_text((enum veil_kind)kind, "ada"));
    }
    assert_string_not_equal(veiled_text(VEIL_USER, "ada"), veiled_text(VEIL_USER, "bob"));
}

static void veil_text__differs__with_the_salt(void **state)
{
    struct veil a;
    struct veil b;
    char one[VEIL_MAX];
    char other[VEIL_MAX];
    (void)state;
    a = b = (struct veil){{0, 0}};
    veil_init(&a);
    veil_init(&b);
    veil_text(&a, VEIL_USER, S("ada"), one, sizeof one);
    veil_text(&b, VEIL_USER, S("ada"), other, sizeof other);
    assert_string_not_equal(one, other);
}

static void veil_text__says__what_kind_it_hides(void **state)
{
    static const struct {
        enum veil_kind kind;
        const char *front;
        size_t len;
    } rows[] = {
        {VEIL_SESSION, "session-", 14}, {VEIL_USER, "user-", 11},    {VEIL_PERSON, "person-", 12},
        {VEIL_MAIL, "mail-", 10},       {VEIL_ADDRESS, "host-", 10}, {VEIL_PAYLOAD, "(9 B ", 10},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *shown = veiled_text(rows[i].kind, "topsecret");
        assert_memory_equal(shown, rows[i].front, strlen(rows[i].front));
        assert_int_equal(strlen(shown), rows[i].len);
        assert_null(strstr(shown, "topsecret"));
    }
}

static void veil_text__knows__a_session_by_its_short_form(void **state)
{
    (void)state;
    const char *whole = veiled_text(VEIL_SESSION, "3f9ac2d0-1111-4222-8333-444455556666");
    assert_string_equal(veiled_text(VEIL_SESSION, "3f9ac2~"), whole);
    assert_string_equal(veiled_text(VEIL_SESSION, "abc~"), veiled_text(VEIL_SESSION, "abc"));
}

static void veil_text__leaves__plain_and_empty_texts(void **state)
{
    char small[4];
    (void)state;
    assert_string_equal(veiled_text(VEIL_PLAIN, "queue 7"), "queue 7");
    for (int kind = 0; kind < VEIL_KIND_COUNT; kind++) {
        assert_string_equal(veiled_text((enum veil_kind)kind, ""), "");
    }
    assert_int_equal(veil_text(&fixed, VEIL_PLAIN, S("long text"), small, sizeof small), 3);
    assert_string_equal(small, "lon");
    assert_int_equal(veil_text(&fixed, VEIL_PLAIN, S("lo\xc3\xa9"), small, sizeof small), 2);
}

static void veil_text__hides__what_has_no_kind(void **state)
{
    (void)state;
    assert_string_equal(veiled_text((enum veil_kind)99, "ada"), veiled_text(VEIL_PAYLOAD, "ada"));
}

static void veil_text__keeps__the_name_of_a_node(void **state)
{
    (void)state;
    const char *shown = veiled_text(VEIL_NODE, "celery@web7.example");
    assert_memory_equal(shown, "celery@host-", 12);
    assert_null(strstr(shown, "web7"));
    assert_memory_equal(veiled_text(VEIL_NODE, "web7.example"), "host-", 5);
    assert_memory_equal(veiled(VEIL_NODE, S("a\0b@web7")), "host-", 5);
}

static void veil_text__keeps__a_keys_family(void **state)
{
    static const struct {
        const char *key, *front; /* NULL: the whole of it stays */
    } rows[] = {
        {"session:3f9ac2d0", "session:key-"},
        {"user:ada:sessions", "user:key-"},
        {"exam:7", "exam:key-"},
        {"exam:algebra", "exam:key-"},
        {"exam:exam_id:7", "exam:exam_id:key-"},
        {"exam:questions:7", "exam:questions:key-"},
        {"exam:db:<sqlalchemy.orm.session.Session object at 0x7f>:exam_id:1", "exam:db:key-"},
        {"batch:progress:0ea6", "batch:progress:key-"},
        {"cache:api.exams.get_exam:7", "cache:api.exams.get_exam:key-"},
        {"celery-task-meta-0ea6", "celery-task-meta-key-"},
        {"_kombu.binding.ada", "_kombu.binding.key-"},
        {"kowalska", "key-"},
        {"anna-kowalska", "key-"},
        {"celery-ada", "key-"},
        {"Anna:notes", "key-"},
        {"anna7:notes", "key-"},
        {"anna.k:notes", "key-"},
        {"my_notes:anna", "my_notes:key-"},
        {"ada@example.com:x", "key-"},
        {"7", "key-"},
        {"exam", "key-"},
        {"exam:questions", NULL},
        {"unacked_index", NULL},
        {"exam:*", NULL},
        {"(other)", NULL},
        {"(no prefix)", NULL},
        {"(ada)", "key-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *shown = veiled_text(VEIL_KEY, rows[i].key);
        if (rows[i].front) {
            assert_memory_equal(shown, rows[i].front, strlen(rows[i].front));
            assert_int_equal(strlen(shown), strlen(rows[i].front) + 5);
        } else {
            assert_string_equal(shown, rows[i].key);
        }
    }
}

static void veil_text__keeps__a_familys_name(void **state)
{
    static const char *const kept[] = {"exam",    "exam:*",         "exam:questions",   "cache:api.exams.get",
                                       "(other)", "(no prefix)",    "celery-task-meta", "_kombu.binding",
                                       "unacked", "batch:progress", "user:sessions",    "celery"};
    static const char *const hidden[] = {"Anna", "anna@example.com", "7", "anna7", "Anna:*"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        assert_string_equal(veiled_text(VEIL_FAMILY, kept[i]), kept[i]);
    }
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        assert_memory_equal(veiled_text(VEIL_FAMILY, hidden[i]), "key-", 4);
    }
    /* A group's key and a family are one and the same when they are called alike. */
    assert_string_equal(veiled_text(VEIL_FAMILY, "exam:ada"), veiled_text(VEIL_KEY, "exam:ada"));
}

static void veil_text__fits__any_size(void **state)
{
    char long_key[400];
    char out[VEIL_MAX];
    (void)state;
    memset(long_key, 'a', sizeof long_key);
    for (size_t i = 10; i < sizeof long_key; i += 11) {
        long_key[i] = '.';
    }
    for (size_t size = 1; size <= sizeof out; size++) {
        assert_true(veil_text(&fixed, VEIL_KEY, span_make(long_key, sizeof long_key), out, size) < size);
        assert_true(veil_text(&fixed, VEIL_SESSION, span_make(long_key, sizeof long_key), out, size) < size);
    }
    assert_int_equal(veil_text(&fixed, VEIL_SESSION, S("x"), out, 0), 0);
}

static void veil_brief__leaves__the_word_out(void **state)
{
    static const struct {
        enum veil_kind kind;
        const char *whole, *brief;
    } rows[] = {
        {VEIL_SESSION, "session-k3f2a9", "k3f2a9"},
        {VEIL_NODE, "celery@host-7f3ab", "celery@7f3ab"},
        {VEIL_KEY, "exam:key-7f3ab", "exam:7f3ab"},
        {VEIL_KEY, "exam:questions", "exam:questions"},
        {VEIL_KEY, "exam", "exam"},
        {VEIL_PAYLOAD, "(9 B abcd)", "(9 B abcd)"},
        {VEIL_PLAIN, "x", "x"},
    };
    char out[VEIL_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = veil_brief(rows[i].kind, span_of(rows[i].whole), out, sizeof out);
        assert_string_equal(out, rows[i].brief);
        assert_int_equal(n, strlen(out));
        for (size_t size = 1; size < sizeof out; size++) {
            assert_true(veil_brief(rows[i].kind, span_of(rows[i].whole), out, size) < size);
        }
    }
}

static void veil_may_hold__agrees__with_what_is_shown(void **state)
{
    (void)state;
    struct veil v = {{1, 2}};
    for (int kind = 0; kind < VEIL_KIND_COUNT; kind++) {
        for (int i = 0; i < 200; i++) {
            char raw[24], out[VEIL_MAX];
            snprintf(raw, sizeof raw, "ada%d@redai", i * 7919);
            size_t n = veil_text(&v, (enum veil_kind)kind, span_of(raw), out, sizeof out);
            for (size_t from = 0; from < n; from++) {
                for (size_t len = 1; from + len <= n; len++) {
                    assert_true(veil_may_hold((enum veil_kind)kind, span_make(out + from, len)));
                }
            }
        }
    }
    const struct {
        enum veil_kind kind;
        const char *needle;
        bool holds;
    } rows[] = {
        {VEIL_USER, "ada", false},    {VEIL_USER, "USER-", true},
        {VEIL_USER, "r-7k", true},    {VEIL_USER, "7kx2m9b", false},
        {VEIL_SESSION, "a", false},   {VEIL_MAIL, "a", true},
        {VEIL_PERSON, "n-a", false},  {VEIL_SESSION, "session_", false},
        {VEIL_KEY, "ada", true},      {VEIL_NODE, "ada", true},
        {VEIL_PAYLOAD, "ada", false}, {VEIL_PAYLOAD, "(12 b 7k", true},
        {VEIL_PLAIN, "ada", true},    {VEIL_USER, "", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("%s\n", rows[i].needle);
        assert_int_equal(veil_may_hold(rows[i].kind, span_of(rows[i].needle)), rows[i].holds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(veil_hash__is__siphash),
        cmocka_unit_test(veil_text__is_the_same__for_the_same_text),
        cmocka_unit_test(veil_text__differs__with_the_salt),
        cmocka_unit_test(veil_text__says__what_kind_it_hides),
        cmocka_unit_test(veil_text__knows__a_session_by_its_short_form),
        cmocka_unit_test(veil_text__leaves__plain_and_empty_texts),
        cmocka_unit_test(veil_text__hides__what_has_no_kind),
        cmocka_unit_test(veil_text__keeps__the_name_of_a_node),
        cmocka_unit_test(veil_text__keeps__a_keys_family),
        cmocka_unit_test(veil_text__keeps__a_familys_name),
        cmocka_unit_test(veil_text__fits__any_size),
        cmocka_unit_test(veil_brief__leaves__the_word_out),
        cmocka_unit_test(veil_may_hold__agrees__with_what_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
