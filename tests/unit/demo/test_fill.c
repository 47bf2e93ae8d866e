#include "demo/fill.h"
#include "sink.h"
#include "support/unit.h"

#define NOW_US INT64_C(1795426402000000)

static const UT_icd login_icd = {sizeof(struct login), NULL, NULL, NULL};

static void fill(struct lines *l, UT_array *logins, uint64_t seed)
{
    struct prng p;
    lines_init(l);
    utarray_init(logins, &login_icd);
    prng_init(&p, seed);
    fill_run(&p, NOW_US, &l->sink, logins);
}

static void fill__is_the_same__with_the_same_seed(void **state)
{
    (void)state;
    struct lines a, b, c;
    UT_array logins[3];
    fill(&a, &logins[0], 7);
    fill(&b, &logins[1], 7);
    fill(&c, &logins[2], 8);
    assert_true(span_equal(text_span(&a.text), text_span(&b.text)));
    assert_false(span_equal(text_span(&a.text), text_span(&c.text)));
    assert_int_equal(utarray_len(&logins[0]), utarray_len(&logins[1]));
    struct lines *all[] = {&a, &b, &c};
    for (size_t i = 0; i < 3; i++) {
        lines_done(all[i]);
        utarray_done(&logins[i]);
    }
}

static void fill__makes_sessions_orphans_and_stale_members(void **state)
{
    (void)state;
    struct lines l;
    UT_array logins;
    size_t orphans = 0, stale = 0;
    char *line;

    fill(&l, &logins, 7);
    assert_int_equal(lines_count(&l, "SETEX session:"), FILL_SESSIONS);
    /* Each session without a member, each member without a session. */
    for (size_t i = 0; (line = lines_find(&l, "SETEX session:", i)) != NULL; i++) {
        char *token = span_dup(span_head(span_of(line + strlen("SETEX session:")), TOKEN_CHARS));
        orphans += span_search(text_span(&l.text), span_of(token)) != l.text.i &&
                   strstr(strstr(utstring_body(&l.text), token) + 1, token) == NULL;
        mem_free(token);
        mem_free(line);
    }
    for (size_t i = 0; (line = lines_find(&l, "SADD user:", i)) != NULL; i++) {
        UT_string session;
        utstring_init(&session);
        utstring_printf(&session, "SETEX session:%s ", strrchr(line, ' ') + 1);
        stale += strstr(utstring_body(&l.text), utstring_body(&session)) == NULL;
        utstring_done(&session);
        mem_free(line);
    }
    assert_int_equal(orphans, FILL_ORPHANS);
    assert_int_equal(stale, FILL_STALE);
    assert_in_range(utarray_len(&logins), 80, FILL_SESSIONS);
    lines_done(&l);
    utarray_done(&logins);
}

static void fill__has_some_sessions__that_run_out_soon(void **state)
{
    (void)state;
    struct lines l;
    UT_array logins;
    size_t soon = 0;
    char *line;

    fill(&l, &logins, 7);
    for (size_t i = 0; (line = lines_find(&l, "SETEX session:", i)) != NULL; i++) {
        long ttl = strtol(line + strlen("SETEX session:") + TOKEN_CHARS, NULL, 10);
        assert_in_range(ttl, 1, SESSION_TTL_S);
        soon += ttl <= 400;
        mem_free(line);
    }
    assert_in_range(soon, 1, 20);
    lines_done(&l);
    utarray_done(&logins);
}

static void fill__makes_three_hundred_cache_keys__three_of_them_without_ttl(void **state)
{
    (void)state;
    struct lines l;
    UT_array logins;
    fill(&l, &logins, 7);
    assert_int_equal(FILL_CACHE_KEYS, 300);
    assert_int_equal(lines_count(&l, "SETEX exam:") + lines_count(&l, "SETEX cache:"), 297);
    assert_int_equal(lines_count(&l, "SETEX exam:questions:"), FILL_QUESTIONS);
    assert_int_equal(lines_count(&l, "SETEX exam:db:<sqlalchemy.orm.session.Session object at 0x7f"),
                     FILL_REPRS);
    assert_int_equal(lines_count(&l, "SETEX cache:api.services.stats.daily:2026-11-23:"), FILL_STATS);
    assert_int_equal(lines_count(&l, "SET "), 3);
    lines_done(&l);
    utarray_done(&logins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill__is_the_same__with_the_same_seed),
        cmocka_unit_test(fill__makes_sessions_orphans_and_stale_members),
        cmocka_unit_test(fill__has_some_sessions__that_run_out_soon),
        cmocka_unit_test(fill__makes_three_hundred_cache_keys__three_of_them_without_ttl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
