#include "spelling.h"

#include "phrase.h"
#include "verb.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/conf/words.h"

#include "redai/schema/cache_key.h"

enum { ROWS_MAX = 32, ROWS_TOLD = 5 };

/* --- patterns as texts --- */

bool spelling_literal(struct span pattern, UT_string *out)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.data[i];
        if (c == '\\' && i + 1 < pattern.len) {
            c = pattern.data[++i];
        } else if (c == '*' || c == '?' || c == '[' || c == '\\') {
            return false;
        }
        text_add(out, span_make(&c, 1));
    }
    return true;
}

void spelling_escape(struct span text, UT_string *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] && strchr("*?[]\\", text.data[i])) {
            text_add(out, S("\\"));
        }
        text_add(out, span_make(text.data + i, 1));
    }
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(":._-@%+=,/", c));
}

/* In single quotes it is one word in the prompt and in every shell; what has a quote itself, or what cannot
 * be typed, is written as the prompt reads it. */
void spelling_word(struct span pattern, UT_string *out)
{
    bool plain = pattern.len > 0, typed = true;
    char *copy = span_dup(pattern);

    for (size_t i = 0; i < pattern.len; i++) {
        unsigned char c = (unsigned char)pattern.data[i];
        plain = plain && is_plain(pattern.data[i]);
        typed = typed && c >= ' ' && c != 0x7f && c != '\'';
    }
    text_add(out, S(" "));
    if (plain || !typed) {
        words_quote(copy, out);
    } else {
        utstring_printf(out, "'%s'", copy);
    }
    mem_free(copy);
}

/* --- coming and going --- */

static void argument_done(void *element)
{
    struct spelling_argument *a = element;
    mem_free(a->prefix);
    mem_free(a->name);
    mem_free(a->value);
}
static const UT_icd argument_icd = {sizeof(struct spelling_argument), NULL, NULL, argument_done};

static void row_done(void *element)
{
    struct spelling *row = element;
    mem_free(row->prefix);
    mem_free(row->name);
}
static const UT_icd row_icd = {sizeof(struct spelling), NULL, NULL, row_done};

void spellings_init(struct spellings *s, const struct families *families)
{
    *s = (struct spellings){.families = families};
    utarray_init(&s->argument, &argument_icd);
    utarray_init(&s->row, &row_icd);
    keyset_init(&s->seen);
}

void spellings_release(struct spellings *s)
{
    utarray_done(&s->argument);
    utarray_done(&s->row);
    keyset_release(&s->seen);
}

static struct spelling_argument *argument_at(const struct spellings *s, size_t i)
{
    return VERB_AT(&s->argument, struct spelling_argument, i);
}

size_t spellings_count(const struct spellings *s)
{
    return utarray_len(&s->argument);
}

static char *literal_dup(struct span pattern)
{
    UT_string text;
    utstring_init(&text);
    char *made = spelling_literal(pattern, &text) ? span_dup(text_span(&text)) : NULL;
    utstring_done(&text);
    return made;
}

void spellings_add(struct spellings *s, struct span pattern)
{
    struct cache_argument of;
    struct spelling_argument a;

    if (spellings_count(s) >= SPELLING_ARGUMENTS_MAX || !cache_argument_of(s->families, pattern, &of)) {
        return;
    }
    a = (struct spelling_argument){
        .prefix = literal_dup(of.prefix), .name = span_dup(of.name), .value = literal_dup(of.value)};
    bool known = !a.prefix || !a.value;
    for (size_t i = 0; !known && i < spellings_count(s); i++) {
        struct spelling_argument *b = argument_at(s, i);
        known = strcmp(a.prefix, b->prefix) == 0 && strcmp(a.value, b->value) == 0;
        if (known && strcmp(a.name, b->name) != 0) {
            b->name[0] = '\0'; /* of several names: any */
        }
    }
    if (known) {
        argument_done(&a);
    } else {
        utarray_push_back(&s->argument, &a);
    }
}

void spellings_scope(const struct spellings *s, size_t i, UT_string *out)
{
    spelling_escape(span_of(argument_at(s, i)->prefix), out);
    text_add(out, S(":*"));
}

/* --- finding --- */

static struct spelling *row_for(struct spellings *s, size_t i, const struct cache_place *p)
{
    struct span prefix =
        p->spelling == CACHE_SPELLING_PLACED ? p->prefix : span_of(argument_at(s, i)->prefix);

    for (size_t k = 0; k < utarray_len(&s->row); k++) {
        struct spelling *row = VERB_AT(&s->row, struct spelling, k);
        if (row->argument == i && span_equal(span_of(row->name), p->name) &&
            span_equal(span_of(row->prefix), prefix)) {
            return row;
        }
    }
    if (utarray_len(&s->row) >= ROWS_MAX) {
        s->cut = true;
        return NULL;
    }
    const struct spelling row = {.argument = i, .prefix = span_dup(prefix), .name = span_dup(p->name)};
    utarray_push_back(&s->row, &row);
    return VERB_AT(&s->row, struct spelling, utarray_len(&s->row) - 1);
}

/* False: it is there already, or there is no more room. */
static bool is_new(struct spellings *s, struct span key)
{
    if (s->seen.count >= SPELLING_KEYS_MAX || keyset_is_full(&s->seen, key)) {
        s->cut = true;
        return false;
    }
    return keyset_add(&s->seen, key);
}

void spellings_take(struct spellings *s, size_t i, struct span key, bool missed)
{
    struct spelling_argument *a = argument_at(s, i);
    struct cache_place p;
    struct span id;
    size_t at = 0;
    bool counted = false;

    if (keyname_kind(key, &id) != KEY_OTHER) {
        return;
    }
    while (cache_place_next(s->families, key, span_of(a->value), &at, &p)) {
        bool is_meant =
            p.spelling == CACHE_SPELLING_PLACED || !a->name[0] || span_equal(p.name, span_of(a->name));
        if (!is_meant || (!counted && !is_new(s, key))) {
            continue;
        }
        a->missed += missed && !counted;
        counted = true;
        struct spelling *row = row_for(s, i, &p);
        if (row) {
            row->keys++;
            row->missed += missed;
            row->form[p.inner][p.more].keys++;
            row->form[p.inner][p.more].missed += missed;
        }
    }
    if (missed && !counted && cache_key_is_hashed(key) && is_new(s, key)) {
        a->hashed++;
    }
}

/* --- telling --- */

/* Names of what has an id before others: exam_id:1 is meant sooner than page:1. */
static bool is_id(const struct spelling *row)
{
    return span_ends(span_of(row->name), S("id"));
}

static int likely_first(const void *left, const void *right)
{
    const struct spelling *a = left, *b = right;
    if (a->argument != b->argument) {
        return a->argument < b->argument ? -1 : 1;
    }
    if ((a->missed > 0) != (b->missed > 0)) {
        return a->missed > 0 ? 1 : -1; /* what the person has named */
    }
    if (is_id(a) != is_id(b)) {
        return is_id(a) ? -1 : 1;
    }
    return a->missed > b->missed ? -1 : a->missed < b->missed ? 1 : strcmp(a->name, b->name);
}

enum part { PART_MISSED, PART_MATCHED, PART_ALL };

static int64_t part_of(int64_t keys, int64_t missed, enum part part)
{
    return part == PART_ALL ? keys : part == PART_MISSED ? missed : keys - missed;
}

/* The patterns that take the keys of a row and no others: PREFIX:NAME:VALUE, with something before it, with
 * something behind it. */
static void add_words(const struct spellings *s, const struct spelling *row, enum part part, UT_string *out)
{
    UT_string pattern;
    utstring_init(&pattern);
    for (int inner = 0; inner < 2; inner++) {
        for (int more = 0; more < 2; more++) {
            if (part_of(row->form[inner][more].keys, row->form[inner][more].missed, part) == 0) {
                continue;
            }
            utstring_clear(&pattern);
            spelling_escape(span_of(row->prefix), &pattern);
            text_add(&pattern, !inner ? S(":") : row->name[0] ? S(":*:") : S(":<*>:"));
            if (row->name[0]) {
                utstring_printf(&pattern, "%s:", row->name);
            }
            spelling_escape(span_of(argument_at(s, row->argument)->value), &pattern);
            text_add(&pattern, more ? S(":*") : S(""));
            spelling_word(text_span(&pattern), out);
        }
    }
    utstring_done(&pattern);
}

static char *describe(const struct spellings *s, const struct spelling *row)
{
    const struct spelling_argument *a = argument_at(s, row->argument);
    UT_string where;
    char *made;

    utstring_init(&where);
    if (row->name[0]) {
        utstring_printf(&where, "%s:%s", row->name, a->value);
    } else {
        utstring_printf(&where, "%s:%s", row->prefix, a->value);
    }
    char *shown = utf8_sanitise_dup(text_span(&where), PHRASE_COLUMNS);
    char *count = phrase_count(row->missed, "key", NULL);
    bool is_behind = !row->name[0] && row->form[1][0].missed + row->form[1][1].missed > 0;
    made = phrase_make("%s as %s%s", count, shown, is_behind ? " behind an object's address" : "");
    mem_free(count);
    mem_free(shown);
    utstring_done(&where);
    return made;
}

static void tell_row(const struct spellings *s, const struct spelling *row,
                     void (*line)(void *ctx, const char *text), void *ctx)
{
    UT_string words;
    utstring_init(&words);
    add_words(s, row, PART_MISSED, &words);
    char *shown = utf8_sanitise_dup(text_span(&words), SPELLING_COLUMNS), *what = describe(s, row);
    char *text = phrase_make("  %s: invalidate%s", what, shown);
    line(ctx, text);
    mem_free(text);
    mem_free(what);
    mem_free(shown);
    utstring_done(&words);
}

static void tell_argument(const struct spellings *s, size_t i, void (*line)(void *ctx, const char *text),
                          void *ctx)
{
    const struct spelling_argument *a = argument_at(s, i);
    size_t told = 0, rows = 0;
    char *text, *value = utf8_sanitise_dup(span_of(a->value), PHRASE_COLUMNS / 2);
    char *prefix = utf8_sanitise_dup(span_of(a->prefix), PHRASE_COLUMNS / 2);

    for (size_t k = 0; k < utarray_len(&s->row); k++) {
        const struct spelling *row = VERB_AT(&s->row, const struct spelling, k);
        rows += row->argument == i && row->missed > 0;
    }
    if (a->missed > 0) {
        char *count = phrase_count(a->missed, "other key", NULL);
        text = phrase_make("missed: %s%s of %s with %s, as the cache spells it otherwise; to take them:",
                           s->cut ? "at least " : "", count, prefix, value);
        line(ctx, text);
        mem_free(text);
        mem_free(count);
    }
    for (size_t k = 0; k < utarray_len(&s->row) && told < ROWS_TOLD; k++) {
        const struct spelling *row = VERB_AT(&s->row, const struct spelling, k);
        if (row->argument == i && row->missed > 0) {
            tell_row(s, row, line, ctx);
            told++;
        }
    }
    if (rows > told) {
        text = phrase_make("  and %zu more spellings", rows - told);
        line(ctx, text);
        mem_free(text);
    }
    if (a->hashed > 0) {
        char *count = phrase_count(a->hashed, "key", NULL);
        text =
            phrase_make("%s of %s: hashes of longer calls, which do not tell what they hold", count, prefix);
        line(ctx, text);
        mem_free(text);
        mem_free(count);
    }
    mem_free(value);
    mem_free(prefix);
}

void spellings_tell(struct spellings *s, void (*line)(void *ctx, const char *text), void *ctx)
{
    if (utarray_len(&s->row) > 1) { /* an array that never had any has no bytes to sort */
        utarray_sort(&s->row, likely_first);
    }
    for (size_t i = 0; i < spellings_count(s); i++) {
        tell_argument(s, i, line, ctx);
    }
    if (s->cut) {
        line(ctx, "not all keys were looked at for other spellings: there may be more");
    }
}

int64_t spellings_exact(const struct spellings *s, size_t i, bool matched_only, UT_string *out)
{
    enum part part = matched_only ? PART_MATCHED : PART_ALL;
    const char *name = argument_at(s, i)->name;
    int64_t keys = 0;
    bool clear = !s->cut;

    for (size_t k = 0; clear && k < utarray_len(&s->row); k++) {
        const struct spelling *row = VERB_AT(&s->row, const struct spelling, k);
        int64_t n = row->argument == i ? part_of(row->keys, row->missed, part) : 0;
        /* Two names for one value: which one is meant? */
        clear = n == 0 || !row->name[0] || !name[0] || strcmp(name, row->name) == 0;
        name = n > 0 && row->name[0] ? row->name : name;
        keys += n;
    }
    for (size_t k = 0; clear && k < utarray_len(&s->row); k++) {
        const struct spelling *row = VERB_AT(&s->row, const struct spelling, k);
        if (row->argument == i) {
            add_words(s, row, part, out);
        }
    }
    return clear ? keys : 0;
}
