#include "support/unit.h"

#include <string.h>

#include "redai/base/uuid.h"

static void uuid_v4__has_the_usual_form__with_version_and_variant(void **state)
{
    (void)state;
    char out[UUID_TEXT_SIZE + 1];
    for (int i = 0; i < 200; i++) {
        memset(out, '#', sizeof(out));
        uuid_v4(out);
        assert_int_equal(strlen(out), 36);
        assert_int_equal(out[UUID_TEXT_SIZE], '#');
        assert_int_equal(strspn(out, "0123456789abcdef-"), 36);
        for (int at = 0; at < 36; at++) {
            assert_int_equal(out[at] == '-', at == 8 || at == 13 || at == 18 || at == 23);
        }
        assert_int_equal(out[14], '4');
        assert_non_null(strchr("89ab", out[19]));
    }
}

static void uuid_v4__differs__from_call_to_call(void **state)
{
    (void)state;
    static char seen[200][UUID_TEXT_SIZE];
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        uuid_v4(seen[i]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(seen[i], seen[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid_v4__has_the_usual_form__with_version_and_variant),
        cmocka_unit_test(uuid_v4__differs__from_call_to_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
