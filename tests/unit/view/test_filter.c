#include "fake_rows.h"

#include "redai/base/glob.h"

static void assert_shown(const char *text, const char *expected)
{
    static struct fake_row row[] = {
        {"alpha", "Anna", 5}, {"beta", "Bernd", NAN}, {"gamma", "ANNE", 700}, {"delta", "Ørsted", 0.5}};
    struct fake fake = {COUNT_OF(row), row, 0, 0};
    struct rows rows = fake_rows(&fake);
    struct table t;
    char shown[8] = "";
    table_init(&t, -1, false);
    table_filter(&t, &rows, text);
    table_recalc(&t, &rows, true, 0);
    for (size_t i = 0; i < t.ranking.count; i++) {
        shown[i] = row[t.ranking.index[i]].id[0];
    }
    if (strcmp(shown, expected) != 0) {
        fail_msg("\"%s\" shows \"%s\", expected \"%s\"", text, shown, expected);
    }
    assert_int_equal(table_hidden(&t, &rows), COUNT_OF(row) - strlen(expected));
    table_release(&t);
}

static void filter__shows_rows_with_the_letters__in_any_column_of_words(void **state)
{
    (void)state;
    assert_shown("", "abgd");
    assert_shown("   ", "abgd");
    assert_shown("ann", "ag");
    assert_shown("ANNA", "a");
    assert_shown("ta", "bd");
    assert_shown("rsted", "d");
    assert_shown("Ørsted", "d");
    assert_shown("700", ""); /* numbers are no words */
    assert_shown("nothing", "");
}

static void filter__turns_round__with_an_exclamation_mark(void **state)
{
    (void)state;
    assert_shown("!ann", "bd");
    assert_shown("!", "abgd");
    assert_shown("!nothing", "abgd");
    assert_shown("ann !anna", "g");
}

static void filter__looks_in_one_column__with_its_title(void **state)
{
    (void)state;
    assert_shown("name:ann", "ag");
    assert_shown("id:ann", "");
    assert_shown("NAME:anna", "a");
    assert_shown("!name:ann", "bd");
    assert_shown("name:", "abgd");
    assert_shown("nosuch:ann", ""); /* no column: plain letters */
    assert_shown("size:700", "g");
}

static void filter__compares_numbers__with_less_and_greater(void **state)
{
    (void)state;
    assert_shown("size:>4", "ag");
    assert_shown("size:<4", "d");
    assert_shown("size:>1m", "g"); /* a minute, in seconds */
    assert_shown("size:>1k", "");
    assert_shown("!size:>4", "bd"); /* what is not known is not more */
    assert_shown("size:>x", "");
    assert_shown("name:>1", "");
    assert_shown("size:>4 name:anna", "a");
}

static void filter__compares_without_the_colon__and_with_equals(void **state)
{
    (void)state;
    assert_shown("size>4", "ag");
    assert_shown("size<4", "d");
    assert_shown("size>=5", "ag");
    assert_shown("size>5", "g");
    assert_shown("size<=5", "ad");
    assert_shown("size:<=5", "ad");
    assert_shown("size=5", "a");
    assert_shown("!size=5", "bgd");
    assert_shown("size>4 !name:anne", "a");
    assert_shown("nosuch>4", "");
}

static void filter__fits_the_whole_text__with_equals(void **state)
{
    (void)state;
    assert_shown("name=anna", "a");
    assert_shown("name=ann", "");
    assert_shown("name=\"anna\"", "a");
    assert_shown("name=\"\"", "");
    assert_shown("!name=\"\"", "abgd");
}

static void filter__knows_globs__from_the_beginning_of_a_word(void **state)
{
    (void)state;
    assert_shown("name:ann?", "ag");
    assert_shown("name:a*e", "g");
    assert_shown("name:*nd", "b");
    assert_shown("name:nn*", ""); /* within a word */
    assert_shown("an*", "ag");
    assert_shown("name:?rsted", "d"); /* one letter, of two bytes */
    assert_shown("!name:a*", "bd");
    assert_shown("name:*", "abgd");
}

static void glob__begins_at_words_and_ends_at_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pattern;
        bool fits;
    } cases[] = {
        {"api.tasks.batch_generate_questions", "generate*", true},
        {"api.tasks.batch_generate_questions", "api.*.batch*", true},
        {"api.tasks.batch_generate_questions", "generate", false},
        {"api.tasks.batch_generate_questions", "enerate*", false},
        {"api.tasks.batch_generate_questions", "QUEST*", true},
        {"celery@worker-1", "worker-?", true},
        {"celery@worker-11", "worker-?", false},
        {"", "*", true},
        {"", "?", false},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a*a*a*a*a*a*a*a*b", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (glob_fits(span_of(cases[i].text), span_of(cases[i].pattern)) != cases[i].fits) {
            fail_msg("\"%s\" and \"%s\"", cases[i].text, cases[i].pattern);
        }
    }
}

static void filter__keeps_blanks__between_quotes(void **state)
{
    (void)state;
    assert_shown("name:\"ann\" size>4", "ag");
    assert_shown("name:\"an na\"", "");
    assert_shown("\"ann\"", "ag");
    assert_shown("name:\"a\\\"b\"", "");
    assert_shown("name:\"ann", "ag"); /* not closed yet: it is being typed */
}

static void filter_unknown__names_the_field_that_is_no_column(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } cases[] = {{"name:ann size>4", ""},      {"name:ann nosuch:x", "nosuch"},
                 {"!nosuch=1", "nosuch"},      {"plain words", ""},
                 {"size>=4 sizes>4", "sizes"}, {"\"a:b\"", ""},
                 {"name:\"a nosuch:b\"", ""},  {"", ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span word = filter_unknown(cases[i].text, fake_columns, COUNT_OF(fake_columns));
        if (!span_equal(word, span_of(cases[i].word))) {
            fail_msg("%s: \"%.*s\"", cases[i].text, (int)word.len, word.data);
        }
    }
}

static void filter_numberless__names_the_word_that_compares_with_no_number(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } cases[] = {{"size>4 size<=2k size:>90s", ""},
                 {"name:ann size>banana", "size>banana"},
                 {"size>", "size>"},
                 {"!size:<=x", "!size:<=x"},
                 {"size=big name:a>b name:<lambda>", ""},
                 {"plain words", ""},
                 {"\"size>x\"", ""},
                 {"", ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span word = filter_numberless(cases[i].text, fake_columns, COUNT_OF(fake_columns));
        if (!span_equal(word, span_of(cases[i].word))) {
            fail_msg("%s: \"%.*s\"", cases[i].text, (int)word.len, word.data);
        }
    }
}

static void filter_impossible__names_the_word__that_no_row_will_ever_fit(void **state)
{
    (void)state;
    static const char *const states[] = {"waiting", "running", "failed"};
    const struct column columns[] = {
        fake_columns[0],
        fake_columns[2],
        {.title = "state", .flags = COLUMN_MATCH},
    };
    const struct column_words words = {"state", states, COUNT_OF(states)}, none = {NULL, NULL, 0};
    static const struct {
        const char *text, *word;
    } cases[] = {{"state:failed", ""},
                 {"state:FAIL state:ing", ""},
                 {"state:r*", ""},
                 {"state:x*", "state:x*"},
                 {"state=failed", ""},
                 {"id:x state=fail", "state=fail"},
                 {"!state:bogus", "!state:bogus"},
                 {"state:\"bog us\" id:a", "state:\"bog us\""},
                 {"id:bogus bogus size>7", ""},
                 {"state:", ""},
                 {"state=7", "state=7"},
                 {"", ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span word = filter_impossible(cases[i].text, columns, COUNT_OF(columns), &words);
        if (!span_equal(word, span_of(cases[i].word))) {
            fail_msg("%s: \"%.*s\"", cases[i].text, (int)word.len, word.data);
        }
        assert_int_equal(filter_impossible(cases[i].text, columns, COUNT_OF(columns), &none).len, 0);
    }
    char why[200], small[20];
    filter_impossible_why(S("state:bogus"), &words, why, sizeof why);
    assert_string_equal(why, "state:bogus fits no row ever, state is one of waiting, running, failed");
    filter_impossible_why(S("state:bogus"), &words, small, sizeof small);
    assert_string_equal(small, "state:bogus fits no");
}

static void filter__survives__what_is_too_long(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_shown(text, "");
    for (size_t i = 1; i < sizeof text - 1; i += 2) {
        text[i] = ' ';
    }
    assert_shown(text, "");
}

/* --- shared texts --- */

enum { SHARED_NAMES = 150, SHARED_ROWS = 2000 }; /* more names than are remembered, few of them often */

static char shared_name[SHARED_NAMES][32];

/* Both columns of words hold the same text at the same address. */
static void shared_key(const void *ctx, const void *row, size_t column, struct sort_key *out)
{
    size_t i = (size_t)((const struct fake_row *)row - ((const struct fake *)ctx)->row);
    out->number = 0;
    out->text = column == 2 ? NULL : shared_name[i * i % (i % 16 ? 12 : SHARED_NAMES)];
}

static void shared_field(const void *ctx, const void *row, size_t column, struct field *out)
{
    struct sort_key key;
    ((struct fake *)(uintptr_t)ctx)->fields++;
    shared_key(ctx, row, column, &key);
    field_text(out, ROLE_TEXT, key.text ? span_of(key.text) : S(""));
}

/* The rows a filter shows, as bits; ret_fields: how often a text was written for it. */
static void shown_of(const char *text, const struct column columns[3], const struct veil *veil,
                     bool out[SHARED_ROWS], size_t *ret_fields)
{
    struct fake fake;
    struct table t;
    fake_fill(&fake, SHARED_ROWS);
    struct rows rows = fake_rows(&fake);
    rows.column = columns;
    rows.raw_key = shared_key;
    rows.raw_field = shared_field;
    rows.veil = veil;
    table_init(&t, -1, false);
    table_filter(&t, &rows, text);
    table_recalc(&t, &rows, true, 0);
    memset(out, 0, SHARED_ROWS * sizeof *out);
    for (size_t i = 0; i < t.ranking.count; i++) {
        out[t.ranking.index[i]] = true;
    }
    *ret_fields = fake.fields;
    table_release(&t);
    mem_free(fake.row);
}

static void filter__finds_the_same__when_texts_are_shared(void **state)
{
    static const char *const texts[] = {"7",
                                        "!7",
                                        "node1",
                                        "name:7 !id:1",
                                        "node host",
                                        "h",
                                        "id:node1?@*",
                                        "name=node7@host-7",
                                        "!name:host-b",
                                        "id:1 name:h !id:9",
                                        "9 !99 8"};
    static const struct veil veil = {{3, 4}};
    static bool apart[SHARED_ROWS], together[SHARED_ROWS];
    struct column plain[3], shared[3];
    (void)state;
    for (int i = 0; i < SHARED_NAMES; i++) {
        snprintf(shared_name[i], sizeof shared_name[i], "node%d@host-%d", i, i * 7 % 100);
    }
    memcpy(plain, fake_columns, sizeof plain);
    plain[1].veil = VEIL_NODE;
    memcpy(shared, plain, sizeof shared);
    shared[0].flags |= COLUMN_SHARED;
    shared[1].flags |= COLUMN_SHARED;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (int drawn = 0; drawn < 2; drawn++) {
            size_t asked_apart, asked;
            shown_of(texts[i], plain, drawn ? &veil : NULL, apart, &asked_apart);
            shown_of(texts[i], shared, drawn ? &veil : NULL, together, &asked);
            if (memcmp(apart, together, sizeof apart) != 0) {
                fail_msg("\"%s\" finds others when texts are shared%s", texts[i], drawn ? ", veiled" : "");
            }
            assert_true(asked <= asked_apart / 2); /* 0 when it looks at what is sorted by */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter__shows_rows_with_the_letters__in_any_column_of_words),
        cmocka_unit_test(filter__turns_round__with_an_exclamation_mark),
        cmocka_unit_test(filter__looks_in_one_column__with_its_title),
        cmocka_unit_test(filter__compares_numbers__with_less_and_greater),
        cmocka_unit_test(filter__compares_without_the_colon__and_with_equals),
        cmocka_unit_test(filter__fits_the_whole_text__with_equals),
        cmocka_unit_test(filter__knows_globs__from_the_beginning_of_a_word),
        cmocka_unit_test(glob__begins_at_words_and_ends_at_the_end),
        cmocka_unit_test(filter__keeps_blanks__between_quotes),
        cmocka_unit_test(filter_unknown__names_the_field_that_is_no_column),
        cmocka_unit_test(filter_numberless__names_the_word_that_compares_with_no_number),
        cmocka_unit_test(filter_impossible__names_the_word__that_no_row_will_ever_fit),
        cmocka_unit_test(filter__survives__what_is_too_long),
        cmocka_unit_test(filter__finds_the_same__when_texts_are_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
