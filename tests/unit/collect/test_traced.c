#include "collect/own_sent.h"
#include "collect/traced.h"
#include "support/unit.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/mem.h"

static const struct traced_family *family_of(const struct traced *t, const char *name)
{
    for (const struct traced_family *f = t->family; f; f = f->hh.next) {
        if (span_equal(f->name, span_of(name))) {
            return f;
        }
    }
    return NULL;
}

static void traced__counts__by_family(void **state)
{
    (void)state;
    struct families families;
    struct traced t;
    families_init(&families);
    traced_init(&t, &families);
    for (int i = 0; i < 10; i++) {
        traced_use(&t, S("exam:7"), MONITOR_READ);
        traced_use(&t, i % 2 ? S("exam:8") : S("exam:9"), MONITOR_READ);
    }
    traced_use(&t, S("exam:7"), MONITOR_WRITE);
    traced_use(&t, S("exam:7"), MONITOR_READ | MONITOR_WRITE);
    traced_use(&t, S("session:a"), MONITOR_WRITE);
    traced_use(&t, S(""), MONITOR_READ);
    traced_miss(&t, S("exam:8"), 1);
    traced_miss(&t, S("exam:8"), 1);
    traced_miss(&t, S("exam:9"), -1);
    const struct traced_family *exam = family_of(&t, "exam");
    assert_int_equal(exam->reads, 21);
    assert_int_equal(exam->writes, 2);
    assert_int_equal(exam->misses, 1);
    int64_t reads;
    const struct traced_key *hot = traced_hottest(exam, &reads);
    assert_int_equal(reads, 11);
    assert_true(span_equal(span_make(hot->key, hot->len), S("exam:7")));
    assert_null(traced_hottest(family_of(&t, "session"), &reads));
    assert_int_equal(HASH_COUNT(t.family), 2);
    traced_release(&t);
    families_release(&families);
}

/* One key in a flood of others that come once: it is found, and never said to be read more than it was. */
static void traced__finds_the_hottest_key__among_ten_thousand(void **state)
{
    (void)state;
    struct families families;
    struct traced t;
    char key[200];
    families_init(&families);
    traced_init(&t, &families);
    for (int i = 0; i < 40000; i++) {
        snprintf(key, sizeof key, "exam:%d%0150d", i % 10000, 0); /* longer than what is kept of a key */
        traced_use(&t, i % 8 ? span_of(key) : S("exam:hot"), MONITOR_READ);
    }
    int64_t reads;
    const struct traced_key *hot = traced_hottest(family_of(&t, "exam"), &reads);
    assert_true(span_equal(span_make(hot->key, hot->len), S("exam:hot")));
    assert_true(reads <= 5000 && reads > 4000);
    traced_release(&t);
    families_release(&families);
}

static void traced__has_a_bound__on_families(void **state)
{
    (void)state;
    struct families families;
    struct traced t;
    char key[64];
    families_init(&families);
    traced_init(&t, &families);
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "f%d:1", i);
        traced_use(&t, span_of(key), MONITOR_READ);
    }
    assert_int_equal(HASH_COUNT(t.family), TRACED_FAMILIES_MAX + 1);
    assert_int_equal(family_of(&t, "(other)")->reads, 5000 - TRACED_FAMILIES_MAX);
    traced_release(&t);
    families_release(&families);
}

static struct monitor_line line_of(const char *text)
{
    struct monitor_line m;
    assert_true(monitor_decode(&m, span_of(text)));
    return m;
}

#define HEAD "1700000000.000042 [0 unix:/tmp/r.sock] "

static void own_sent__is_met_once__whoever_says_the_same(void **state)
{
    (void)state;
    struct own_sent *o = mem_zalloc(sizeof *o);
    const struct span get[] = {S("GET"), S("exam:\x01")}, info[] = {S("INFO")};
    struct monitor_line line = line_of(HEAD "\"get\" \"exam:\\x01\"");
    struct monitor_line other_db = line;
    other_db.db = 1;
    assert_false(own_sent_take(o, &line, 0));
    own_sent_note(o, 0, 2, get, 0);
    own_sent_note(o, 0, 2, get, 0);
    own_sent_note(o, 0, 1, info, 0);
    assert_false(own_sent_take(o, &other_db, 0));
    struct monitor_line third = line_of(HEAD "\"GET\" \"exam:2\"");
    assert_false(own_sent_take(o, &third, 0));
    assert_true(own_sent_take(o, &line, 0));
    assert_true(own_sent_take(o, &line, 0));
    assert_false(own_sent_take(o, &line, 0)); /* the third such is somebody else's */
    struct monitor_line asked = line_of(HEAD "\"INFO\"");
    assert_true(own_sent_take(o, &asked, 0));
    assert_int_equal(o->count, 0);
    mem_free(o);
}

static void own_sent__forgets__what_is_not_shown_within_a_second(void **state)
{
    (void)state;
    struct own_sent *o = mem_zalloc(sizeof *o);
    const struct span get[] = {S("GET"), S("exam:1")};
    struct monitor_line line = line_of(HEAD "\"GET\" \"exam:1\"");
    own_sent_note(o, 0, 2, get, 0);
    assert_false(own_sent_take(o, &line, 2 * US_PER_S));
    assert_int_equal(o->count, 0);
    mem_free(o);
}

static void own_sent__has_a_bound__and_keeps_the_newest(void **state)
{
    (void)state;
    struct own_sent *o = mem_zalloc(sizeof *o);
    char key[32], text[80];
    for (int i = 0; i < 100000; i++) {
        snprintf(key, sizeof key, "exam:%d", i);
        own_sent_note(o, 0, 2, (const struct span[]){S("GET"), span_of(key)}, i);
        snprintf(text, sizeof text, HEAD "\"GET\" \"%s\"", key);
        struct monitor_line line = line_of(text);
        if (i % 3 == 0) {
            assert_true(own_sent_take(o, &line, i));
        }
    }
    assert_true(o->count <= OWN_SENT_SETS * OWN_SENT_WAYS);
    mem_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traced__counts__by_family),
        cmocka_unit_test(traced__finds_the_hottest_key__among_ten_thousand),
        cmocka_unit_test(traced__has_a_bound__on_families),
        cmocka_unit_test(own_sent__is_met_once__whoever_says_the_same),
        cmocka_unit_test(own_sent__forgets__what_is_not_shown_within_a_second),
        cmocka_unit_test(own_sent__has_a_bound__and_keeps_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
