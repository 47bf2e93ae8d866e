#include "unit/schema/fixture.h"

#include "redai/schema/binding.h"
#include "redai/schema/keyname.h"

#define SEP KOMBU_SEP

static void keyname_kind__tells_keys_by_their_names(void **state)
{
    (void)state;
    static const struct {
        struct span key;
        enum key_kind kind;
        const char *id;
    } cases[] = {
        {SPAN_LITERAL("session:HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"), KEY_SESSION,
         "HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"},
        {SPAN_LITERAL("session:a:b"), KEY_SESSION, "a:b"},
        {SPAN_LITERAL("session:"), KEY_OTHER, "session:"},
        {SPAN_LITERAL("session"), KEY_BARE, "session"},
        {SPAN_LITERAL("sessions:x"), KEY_OTHER, "sessions:x"},
        {SPAN_LITERAL("Session:x"), KEY_OTHER, "Session:x"},
        {SPAN_LITERAL("user:1:sessions"), KEY_USER_SESSIONS, "1"},
        {SPAN_LITERAL("user:a:b:sessions"), KEY_USER_SESSIONS, "a:b"},
        {SPAN_LITERAL("user::sessions"), KEY_OTHER, "user::sessions"},
        {SPAN_LITERAL("user:sessions"), KEY_OTHER, "user:sessions"},
        {SPAN_LITERAL("user:1:sessions2"), KEY_OTHER, "user:1:sessions2"},
        {SPAN_LITERAL("user:1"), KEY_OTHER, "user:1"},
        {SPAN_LITERAL("batch:progress:7"), KEY_BATCH_PROGRESS, "7"},
        {SPAN_LITERAL("batch:progress:"), KEY_OTHER, "batch:progress:"},
        {SPAN_LITERAL("celery-task-meta-7"), KEY_TASK_META, "7"},
        {SPAN_LITERAL("celery-task-meta-"), KEY_BARE, "celery-task-meta-"},
        {SPAN_LITERAL("celery-taskset-meta-7.j"), KEY_OTHER, "celery-taskset-meta-7.j"},
        {SPAN_LITERAL("_kombu.binding.celery"), KEY_BINDING, "celery"},
        {SPAN_LITERAL("_kombu.binding.celery.pidbox"), KEY_BINDING, "celery.pidbox"},
        {SPAN_LITERAL("_kombu.binding.reply.celery.pidbox"), KEY_BINDING, "reply.celery.pidbox"},
        {SPAN_LITERAL("4e95.reply.celery.pidbox"), KEY_REPLY_BOX, "4e95"},
        {SPAN_LITERAL(".reply.celery.pidbox"), KEY_BARE, ".reply.celery.pidbox"},
        {SPAN_LITERAL("redai-console.reply.9"), KEY_REPLY_BOX, "9"},
        {SPAN_LITERAL("redai-console.reply."), KEY_BARE, "redai-console.reply."},
        {SPAN_LITERAL("unacked"), KEY_UNACKED, "unacked"},
        {SPAN_LITERAL("unacked_index"), KEY_UNACKED, "unacked_index"},
        {SPAN_LITERAL("unacked_mutex"), KEY_UNACKED, "unacked_mutex"},
        {SPAN_LITERAL("unacked_other"), KEY_BARE, "unacked_other"},
        {SPAN_LITERAL("celery" SEP "3"), KEY_PRIORITY_LIST, "celery"},
        {SPAN_LITERAL("a:b" SEP "9"), KEY_PRIORITY_LIST, "a:b"},
        {SPAN_LITERAL("a" SEP "3" SEP "6"), KEY_PRIORITY_LIST, "a" SEP "3"},
        {SPAN_LITERAL(SEP "3"), KEY_BARE, SEP "3"},
        {SPAN_LITERAL("celery" SEP), KEY_BARE, "celery" SEP},
        {SPAN_LITERAL("celery" SEP "x"), KEY_BARE, "celery" SEP "x"},
        {SPAN_LITERAL("celery" SEP "1234"), KEY_BARE, "celery" SEP "1234"},
        {SPAN_LITERAL("celery\x06"), KEY_BARE, "celery\x06"},
        {SPAN_LITERAL("celery"), KEY_BARE, "celery"},
        {SPAN_LITERAL("pr\xc3\xbc"
                      "fung"),
         KEY_BARE,
         "pr\xc3\xbc"
         "fung"},
        {SPAN_LITERAL("exam:1"), KEY_OTHER, "exam:1"},
        {SPAN_LITERAL(":"), KEY_OTHER, ":"},
        {SPAN_LITERAL(""), KEY_BARE, ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span id;
        enum key_kind kind = keyname_kind(cases[i].key, &id);
        if (kind != cases[i].kind) {
            fail_msg("%s: kind %d", cases[i].key.data, (int)kind);
        }
        assert_span(id, cases[i].id);
    }
}

static void keyname_kind__points_into_a_key_with_any_bytes(void **state)
{
    (void)state;
    static const char key[] = "session:a\0b\xff";
    struct span id;

    assert_int_equal(keyname_kind(span_make(key, sizeof(key) - 1), &id), KEY_SESSION);
    assert_ptr_equal(id.data, key + 8);
    assert_int_equal(id.len, 4);
    for (int byte = 0; byte < 256; byte++) {
        char one = (char)byte;
        enum key_kind kind = keyname_kind(span_make(&one, 1), &id);
        assert_true(kind == (one == ':' ? KEY_OTHER : KEY_BARE));
        assert_int_equal(id.len, 1);
    }
}

static void families_name__groups_the_platforms_keys(void **state)
{
    (void)state;
    static const struct {
        const char *key, *name;
    } cases[] = {
        {"session:x", "session"},
        {"session:", "session"},
        {"user:1:sessions", "user:sessions"},
        {"user:1:other", "user"},
        {"batch:progress:1", "batch:progress"},
        {"batch:other", "batch"},
        {"task:test:1", "task:test"},
        {"task:1", "task"},
        {"exam:1", "exam"},
        {"exam:questions:1", "exam:questions"},
        {"exam:questions", "exam"},
        {"exams:1", "exams"},
        {"exam:db:<sqlalchemy.orm.session.Session object at 0x7f4bd975f9d0>:exam_id:1", "exam"},
        {"cache:api.routes.exams.list_exams:1:2", "cache:api.routes.exams.list_exams"},
        {"cache:api.routes.exams.list_exams", "cache:api.routes.exams.list_exams"},
        {"cache:m.<lambda>:1", "cache:m.<lambda>"},
        {"cache:<Thing object at 0x7f>:1", "cache"},
        {"cache:m.<Thing object at 0x7f>:1", "cache:m"},
        {"cache:", "cache"},
        {"cache::x", "cache"},
        {"<Thing object at 0x7f>:1", "(no prefix)"},
        {"a<Thing object at 0x7f>:1", "a"},
        {"<lambda>:1", "<lambda>"},
        {":1", "(no prefix)"},
        {":::", "(no prefix)"},
        {"", "(no prefix)"},
        {"celery", "celery"},
        {"celery" SEP "3", "celery"},
        {"questions" SEP "3", "celery"},
        {"questions", "(no prefix)"},
        {"_kombu.binding.celery", "celery"},
        {"_kombu.other", "celery"},
        {"unacked", "celery"},
        {"unacked_index", "celery"},
        {"unackedx", "(no prefix)"},
        {"celery-task-meta-1", "celery"},
        {"celery-taskset-meta-1.j", "celery"},
        {"1.reply.celery.pidbox", "celery"},
        {"redai-console.reply.1", "celery"},
    };
    struct families f;

    families_init(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_span(families_name(&f, span_of(cases[i].key)), cases[i].name);
    }
    families_release(&f);
    families_release(&f);
}

static void families_leaf__tells_second_levels_apart_when_they_are_words(void **state)
{
    (void)state;
    static const struct {
        const char *key, *name, *parent;
    } cases[] = {
        {"shop:basket:7", "shop:basket", "shop"},
        {"shop:basket:", "shop", ""},
        {"shop:basket", "shop", ""},
        {"shop::basket:7", "shop", ""},
        {"shop:7:basket", "shop", ""},
        {"shop:a7b:1", "shop", ""},
        {"shop:v2:1", "shop:v2", "shop"},
        {"shop:item123:1", "shop", ""},
        {"shop:big-basket_of.fruit:1", "shop:big-basket_of.fruit", "shop"},
        {"shop:basket.:1", "shop:basket", "shop"},
        {"shop:-:1", "shop", ""},
        {"shop:_:1", "shop", ""},
        {"shop:_private:1", "shop:_private", "shop"},
        {"shop:deadbeef:1", "shop", ""},
        {"shop:decade:1", "shop:decade", "shop"},
        {"shop:550e8400-e29b-41d4-a716-446655440000:1", "shop", ""},
        {"shop:d2ViLXRva2VuLW9mLXNvbWU:1", "shop", ""},
        {"shop:with blank:1", "shop", ""},
        {"shop:user{42}:1", "shop", ""},
        {"shop:db:<Session object at 0x7f4bd975f9d0>:id:1", "shop:db", "shop"},
        {"shop:<Session object at 0x7f4bd975f9d0>:1", "shop", ""},
        {"shop:ab\x1b:1", "shop", ""},
        {"shop:caf\xc3\xa9:1", "shop:caf\xc3\xa9", "shop"},
        {"shop:forty-letters-are-the-most-a-word-may-ha:1", "shop:forty-letters-are-the-most-a-word-may-ha",
         "shop"},
        {"shop:forty-letters-are-the-most-a-word-may-hav:1", "shop", ""},
        {"shop.:basket:7", "shop.:basket", "shop"},
        {":basket:7", "(no prefix)", ""},
        {".:basket:7", "(no prefix)", ""},
        {"user:profile:7", "user:profile", "user"},
        {"user:7:sessions", "user:sessions", ""},
        {"exam:words:7", "exam", ""},
        {"cache:api.exams.list:page:1", "cache:api.exams.list", ""},
        {"session:abc:def", "session", ""},
    };
    struct families f;
    families_init(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span parent;
        struct span key = span_of(cases[i].key);
        assert_span(families_leaf(&f, key, &parent), cases[i].name);
        assert_span(parent, cases[i].parent);
        assert_span(families_name(&f, key), cases[i].name);
        /* What the name alone says is the same. */
        assert_span(families_parent(&f, span_of(cases[i].name)), cases[i].parent);
    }
    assert_span(families_parent(&f, S("batch:progress")), "");
    assert_span(families_parent(&f, S("exam:questions")), "");
    families_release(&f);
}

static void families_is_cache__knows_what_can_be_computed_again(void **state)
{
    (void)state;
    struct families f;
    families_init(&f);
    families_add(&f, S("quiz:"), S("quiz"));
    static const char *const yes[] = {"exam", "exam:questions", "task:test", "cache", "cache:m.f", "quiz"};
    static const char *const no[] = {"session", "user:sessions", "batch:progress", "celery",
                                     "shop",    "(no prefix)",   "(other)",        ""};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        assert_true(families_is_cache(&f, span_of(yes[i])));
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        assert_false(families_is_cache(&f, span_of(no[i])));
    }
    families_release(&f);
}

static void keyname_has_address__finds_reprs_only(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "exam:db:<sqlalchemy.orm.session.Session object at 0x7f4bd975f9d0>:exam_id:1",
        "x:<function get_db at 0x7F00AA11>",
        "<A object at 0x1234",
        "x:<lambda>:<b at 0x>:<C object at 0xabcd>",
    };
    static const char *const no[] = {
        "",       "exam:1",           "a at 0x7f4bd975f9d0", "x:<lambda>:1",
        "<A at ", "<A object at 0x>", "<A object at 0x7f>",  "<A object at 0xzzzzzz>"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        assert_true(keyname_has_address(span_of(yes[i])));
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        assert_false(keyname_has_address(span_of(no[i])));
    }
    assert_false(keyname_has_address((struct span){NULL, 0}));
}

static void families_add__lets_the_longest_prefix_win(void **state)
{
    (void)state;
    struct families f;

    families_init(&f);
    families_add(&f, S("exam:questions:draft:"), S("drafts"));
    families_add(&f, S("exam:q"), S("q"));
    families_add(&f, S("questions"), S("work"));
    families_add(&f, S("celery-task-meta-"), S("results"));
    families_add(&f, S(""), S("nothing"));
    families_add(&f, S("x"), S(""));
    assert_span(families_name(&f, S("exam:questions:draft:1")), "drafts");
    assert_span(families_name(&f, S("exam:questions:1")), "exam:questions");
    assert_span(families_name(&f, S("exam:quiz:1")), "q");
    assert_span(families_name(&f, S("exam:1")), "exam");
    assert_span(families_name(&f, S("questions")), "work");
    assert_span(families_name(&f, S("celery-task-meta-1")), "results");
    assert_span(families_name(&f, S("x:1")), "x");

    families_add(&f, S("exam:"), S("tests"));
    assert_span(families_name(&f, S("exam:1")), "tests");
    families_release(&f);
}

static void families_add__leaves_the_session_sets_to_themselves__when_user_is_a_family(void **state)
{
    (void)state;
    struct families f;

    families_init(&f);
    families_add(&f, S("user:"), S("profiles"));
    assert_span(families_name(&f, S("user:1")), "profiles");
    assert_span(families_name(&f, S("user:1:sessions")), "user:sessions");
    families_add(&f, S("user:9"), S("nine"));
    assert_span(families_name(&f, S("user:9:sessions")), "nine");
    families_release(&f);
}

static void families_name__is_bounded_and_needs_no_nul(void **state)
{
    (void)state;
    struct families f;
    char key[300];

    families_init(&f);
    memset(key, 'k', sizeof(key));
    key[200] = ':';
    struct span name = families_name(&f, span_make(key, sizeof(key)));
    assert_int_equal(name.len, FAMILY_NAME_MAX);
    assert_ptr_equal(name.data, key);
    families_release(&f);
}

static void families_name__finds_each_of_many_prefixes(void **state)
{
    (void)state;
    struct families f;

    families_init(&f);
    for (int byte = 1; byte < 256; byte++) {
        for (int length = 1; length < 4; length++) {
            char prefix[4];
            char name[24];
            memset(prefix, byte, sizeof(prefix));
            int len = snprintf(name, sizeof(name), "%d-%d", byte, length);
            families_add(&f, span_make(prefix, (size_t)length), span_make(name, (size_t)len));
        }
    }
    for (int byte = 1; byte < 256; byte++) {
        for (size_t length = 1; length < 4; length++) {
            char key[5];
            char name[24];
            memset(key, byte, length);
            key[length] = (char)(byte == 255 ? 1 : byte + 1);
            snprintf(name, sizeof(name), "%d-%d", byte, (int)length);
            assert_span(families_name(&f, span_make(key, length + 1)), name);
        }
    }
    families_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyname_kind__tells_keys_by_their_names),
        cmocka_unit_test(keyname_kind__points_into_a_key_with_any_bytes),
        cmocka_unit_test(families_name__groups_the_platforms_keys),
        cmocka_unit_test(families_add__lets_the_longest_prefix_win),
        cmocka_unit_test(families_add__leaves_the_session_sets_to_themselves__when_user_is_a_family),
        cmocka_unit_test(families_leaf__tells_second_levels_apart_when_they_are_words),
        cmocka_unit_test(families_is_cache__knows_what_can_be_computed_again),
        cmocka_unit_test(keyname_has_address__finds_reprs_only),
        cmocka_unit_test(families_name__is_bounded_and_needs_no_nul),
        cmocka_unit_test(families_name__finds_each_of_many_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
