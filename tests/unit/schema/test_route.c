#include "unit/schema/fixture.h"

#include "redai/schema/route.h"

static void routes_queue__follows_the_platforms_routes(void **state)
{
    (void)state;
    static const struct {
        const char *task, *queue;
    } cases[] = {
        {"api.tasks.generate_questions.generate_one", "questions"},
        {"api.tasks.generate_questions.", "questions"},
        {"api.tasks.generate_questions", "celery"},
        {"api.tasks.validate_citations.validate_citation", "validation"},
        {"api.tasks.analytics.add_scores", "analytics"},
        {"api.tasks.analytics.a.b", "analytics"},
        {"api.tasks.batch_generate_questions", "celery"},
        {"api.tasks.test_redis_task", "celery"},
        {"xapi.tasks.analytics.add_scores", "celery"},
        {"API.tasks.analytics.add_scores", "celery"},
        {"", "celery"},
    };
    struct routes r;

    routes_init(&r);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(routes_queue(&r, cases[i].task), cases[i].queue);
    }
    routes_release(&r);
    routes_release(&r);
}

static void routes_add__goes_in_front_and_replaces_its_own_glob(void **state)
{
    (void)state;
    struct routes r;

    routes_init(&r);
    routes_add(&r, "api.tasks.*", "all");
    assert_string_equal(routes_queue(&r, "api.tasks.analytics.add_scores"), "all");
    assert_string_equal(routes_queue(&r, "api.tasks.test_redis_task"), "all");
    routes_add(&r, "api.tasks.*", "every");
    assert_string_equal(routes_queue(&r, "api.tasks.test_redis_task"), "every");
    routes_add(&r, "*.analytics.*", "numbers");
    assert_string_equal(routes_queue(&r, "api.tasks.analytics.add_scores"), "numbers");
    routes_release(&r);
}

static void routes_queue__takes_exact_names_before_globs(void **state)
{
    (void)state;
    struct routes r;

    routes_init(&r);
    routes_add(&r, "api.tasks.analytics.slow_report", "slow");
    routes_add(&r, "api.*", "all");
    assert_string_equal(routes_queue(&r, "api.tasks.analytics.slow_report"), "slow");
    assert_string_equal(routes_queue(&r, "api.tasks.analytics.slow_reports"), "all");
    /* Without a '*' Celery does not read it as a glob. */
    routes_add(&r, "a?c", "q");
    assert_string_equal(routes_queue(&r, "abc"), "celery");
    assert_string_equal(routes_queue(&r, "a?c"), "q");
    /* A backslash is no escape in Python's fnmatch. */
    routes_add(&r, "back\\*", "slash");
    assert_string_equal(routes_queue(&r, "back\\x"), "slash");
    routes_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_queue__follows_the_platforms_routes),
        cmocka_unit_test(routes_add__goes_in_front_and_replaces_its_own_glob),
        cmocka_unit_test(routes_queue__takes_exact_names_before_globs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
