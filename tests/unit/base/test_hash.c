#include "support/unit.h"

#include "redai/base/hash.h"

static void hash_fnv1a__gives__the_published_values(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        uint64_t hash;
    } rows[] = {
        {{NULL, 0}, UINT64_C(0xcbf29ce484222325)},
        {SPAN_LITERAL("a"), UINT64_C(0xaf63dc4c8601ec8c)},
        {SPAN_LITERAL("foobar"), UINT64_C(0x85944171f73967e8)},
        {SPAN_LITERAL("chongo was here!\n"), UINT64_C(0x46810940eff5f915)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(hash_fnv1a(rows[i].text) == rows[i].hash);
    }
}

static void hash_fnv1a__minds__nul_and_high_bytes(void **state)
{
    (void)state;
    assert_true(hash_fnv1a(S("a\0")) != hash_fnv1a(S("a")));
    assert_true(hash_fnv1a(S("\xff")) != hash_fnv1a(S("\x7f")));
}

static void hash_tag__is_the_folded_hash__in_eight_hex_digits(void **state)
{
    (void)state;
    char tag[9];
    hash_tag(S("foobar"), tag);
    assert_string_equal(tag, "72ad2699"); /* 85944171 ^ f73967e8 */
    hash_tag(S("a"), tag);
    assert_string_equal(tag, "296230c0");
    hash_tag((struct span){NULL, 0}, tag);
    assert_string_equal(tag, "4fd0bfc1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_fnv1a__gives__the_published_values),
        cmocka_unit_test(hash_fnv1a__minds__nul_and_high_bytes),
        cmocka_unit_test(hash_tag__is_the_folded_hash__in_eight_hex_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
