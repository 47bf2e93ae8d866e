#include "action/search_parts.h"
#include "support/unit.h"

static void search_page__asks_for_about_four_megabytes__when_elements_are_large(void **state)
{
    (void)state;
    static const struct {
        int64_t memory, elements, page;
    } cases[] = {
        {-1, 10, 100},                  /* not known */
        {1000, 0, 100},                 /* none */
        {100000, 100, 100},             /* 1 kB each */
        {INT64_C(100) << 20, 100, 4},   /* 1 MiB each */
        {INT64_C(6) << 20, 1, 1},       /* larger than a page */
        {INT64_C(1) << 40, 1000000, 3}, /* a million of 1 MiB */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t page = search_page(cases[i].memory, cases[i].elements);
        if (page != cases[i].page) {
            fail_msg("case %zu: %d", i, (int)page);
        }
    }
}

static void search_harm__names_what_a_worker_would_do__when_the_element_is_bad(void **state)
{
    (void)state;
    struct message m;
    message_decode(&m, S("not json"));
    assert_non_null(strstr(search_harm(&m), "POISON: a worker that takes it exits, and it is lost"));
    message_release(&m);
    m = (struct message){.fate = MESSAGE_FINE};
    assert_null(search_harm(&m));
    m.fate = MESSAGE_KILLS_AGAIN;
    assert_non_null(strstr(search_harm(&m), "puts it back for the next"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_page__asks_for_about_four_megabytes__when_elements_are_large),
        cmocka_unit_test(search_harm__names_what_a_worker_would_do__when_the_element_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
