#include "filter.h"

#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/glob.h"
#include "redai/base/num.h"

/* What people call a column whose title is another word. */
static const struct {
    const char *said, *title;
} aliases[] = {{"name", "task"},     {"exception", "why"}, {"error", "why"},      {"result", "why"},
               {"name", "worker"},   {"name", "queue"},    {"heartbeat", "beat"}, {"active", "running"},
               {"depth", "waiting"}, {"idle", "seen"}};

/* Titles compare without case and without their blanks: "no ttl" is nottl. */
static bool title_is(const char *title, struct span word)
{
    size_t at = 0;
    for (; *title; title++) {
        if (*title == ' ') {
            continue;
        }
        if (at >= word.len || !text_contains(span_make(title, 1), span_make(word.data + at, 1))) {
            return false;
        }
        at++;
    }
    return at == word.len && at > 0;
}

static int column_by_title(struct span word, const struct column *column, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        if (title_is(column[i].title, word)) {
            return (int)i;
        }
    }
    return -1;
}

static int column_by_word(struct span word, const struct column *column, size_t columns)
{
    int at = column_by_title(word, column, columns);
    for (size_t i = 0; at < 0 && i < sizeof aliases / sizeof aliases[0]; i++) {
        if (title_is(aliases[i].said, word)) {
            at = column_by_title(span_of(aliases[i].title), column, columns);
        }
    }
    return at;
}

/* Numbers as people write them: 100, 2k, 90s, 5m. Durations compare in seconds, as the columns' keys do. */
static bool read_number(struct span s, double *ret)
{
    int64_t whole;
    if (num_f64(s, ret)) {
        return true;
    }
    if (num_duration_us(s, &whole)) {
        *ret = (double)whole / 1e6;
        return true;
    }
    if (num_bytes(s, &whole)) {
        *ret = (double)whole;
        return true;
    }
    return false;
}

/* Bytes up to the blank that ends the word; blanks between quotes are of the word. */
static size_t word_length(struct span s)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < s.len && (quoted || s.data[i] != ' '); i++) {
        if (s.data[i] == '\\' && quoted && i + 1 < s.len) {
            i++;
        } else if (s.data[i] == '"') {
            quoted = !quoted;
        }
    }
    return i < s.len ? i : s.len;
}

/* Copies a value without its quotes; returns whether it had any. */
static bool keep_value(struct filter *f, struct filter_term *t, struct span s)
{
    bool quoted = s.len > 0 && s.data[0] == '"';
    t->from = (uint16_t)f->used;
    for (size_t i = quoted; i < s.len; i++) {
        if (quoted && s.data[i] == '\\' && i + 1 < s.len) {
            i++;
        } else if (quoted && s.data[i] == '"') {
            continue;
        }
        f->value[f->used++] = s.data[i]; /* never longer than the text it comes from */
    }
    t->len = (uint16_t)(f->used - t->from);
    return quoted;
}

static struct span value_of(const struct filter *f, const struct filter_term *t)
{
    return span_make(f->value + t->from, t->len);
}

/* Where the field ends: at the first ':', '<', '>' or '=' behind a letter; s.len when there is none. */
static size_t field_length(struct span s)
{
    size_t i = 0;
    while (i < s.len && !strchr(":<>=\"", s.data[i])) {
        i++;
    }
    return i < s.len && i > 0 && s.data[i] != '"' ? i : s.len;
}

/* The sign in front of a value, and how long it is. */
static enum filter_kind read_sign(struct span s, size_t *ret_len)
{
    size_t colon = s.len && s.data[0] == ':';
    struct span sign = span_skip(s, colon);
    bool same = sign.len > 1 && sign.data[1] == '=';
    *ret_len = colon + 1 + same;
    if (sign.len && sign.data[0] == '<') {
        return same ? FILTER_LESS_OR_SAME : FILTER_LESS;
    }
    if (sign.len && sign.data[0] == '>') {
        return same ? FILTER_MORE_OR_SAME : FILTER_MORE;
    }
    *ret_len = colon + !colon;
    return colon ? FILTER_CONTAINS : FILTER_IS;
}

static void read_value(struct filter *f, struct filter_term *t, struct span value)
{
    bool quoted = keep_value(f, t, value);
    struct span kept = value_of(f, t);
    if (t->kind == FILTER_IS) {
        t->kind = read_number(kept, &t->number) ? FILTER_SAME : FILTER_IS;
    } else if (!quoted && !span_equal(kept, S("?")) &&
               (span_find(kept, '*') < kept.len || (t->column >= 0 && span_find(kept, '?') < kept.len))) {
        t->kind = FILTER_GLOB;
    }
}

static unsigned kinds_that_may_hold(struct span value)
{
    unsigned kinds = 0;
    for (int kind = 0; kind < VEIL_KIND_COUNT; kind++) {
        kinds |= veil_may_hold((enum veil_kind)kind, value) ? 1u << kind : 0;
    }
    return kinds;
}

static void read_term(struct filter *f, struct span word, const struct column *column, size_t columns)
{
    struct filter_term *t = &f->term[f->count++];
    *t = (struct filter_term){.column = -1, .kind = FILTER_CONTAINS};
    if (word.len > 1 && word.data[0] == '!') {
        t->inverted = true;
        word = span_skip(word, 1);
    }
    size_t field = field_length(word);
    int at = field < word.len ? column_by_word(span_head(word, field), column, columns) : -1;
    if (at < 0) {
        read_value(f, t, word);
        return;
    }
    size_t sign;
    struct span rest = span_skip(word, field);
    t->column = at;
    t->kind = read_sign(rest, &sign);
    if (t->kind == FILTER_CONTAINS || t->kind == FILTER_IS) {
        read_value(f, t, span_skip(rest, sign));
    } else if (!read_number(span_skip(rest, sign), &t->number)) {
        t->kind = FILTER_CONTAINS; /* no number: looked for as it stands */
        keep_value(f, t, span_skip(rest, rest.data[0] == ':'));
    }
}

void filter_set(struct filter *f, const char *text, const struct column *column, size_t columns)
{
    char copy[FILTER_TEXT_MAX]; /* text may be our own */
    text_copy(copy, sizeof copy, span_of(text));
    memcpy(f->text, copy, sizeof copy);
    f->count = f->used = 0;
    struct span rest = span_of(f->text);
    while (rest.len && f->count < FILTER_TERMS_MAX) {
        struct span word = span_head(rest, word_length(rest));
        rest = span_skip(rest, word.len + 1);
        if (word.len && !span_equal(word, S("!"))) {
            read_term(f, word, column, columns);
            struct filter_term *t = &f->term[f->count - 1];
            t->kinds = kinds_that_may_hold(value_of(f, t));
        }
    }
}

/* A word that is no field and value, or of a column of words that both have. */
static bool means_the_same(struct span word, const struct column *from, size_t from_columns,
                           const struct column *to, size_t to_columns)
{
    word = span_skip(word, word.len > 1 && word.data[0] == '!');
    size_t field = field_length(word);
    int here = field < word.len ? column_by_word(span_head(word, field), from, from_columns) : -1;
    if (here < 0) {
        return true;
    }
    int there = column_by_word(span_head(word, field), to, to_columns);
    return there >= 0 && from[here].flags & COLUMN_MATCH && to[there].flags & COLUMN_MATCH;
}

struct span filter_keep(const char *text, const struct column *from, size_t from_columns,
                        const struct column *to, size_t to_columns, char out[FILTER_TEXT_MAX])
{
    struct span first = S("");
    struct span rest = span_of(text);
    UT_string kept;
    utstring_init(&kept);
    while (rest.len) {
        struct span word = span_head(rest, word_length(rest));
        rest = span_skip(rest, word.len + 1);
        if (word.len && means_the_same(word, from, from_columns, to, to_columns)) {
            text_add(&kept, utstring_len(&kept) ? S(" ") : S(""));
            text_add(&kept, word);
        } else if (word.len && !first.len) {
            first = word;
        }
    }
    text_copy(out, FILTER_TEXT_MAX, text_span(&kept));
    utstring_done(&kept);
    return first;
}

struct span filter_unknown(const char *text, const struct column *column, size_t columns)
{
    struct span rest = span_of(text);
    while (rest.len) {
        struct span word = span_head(rest, word_length(rest));
        rest = span_skip(rest, word.len + 1);
        word = span_skip(word, word.len > 1 && word.data[0] == '!');
        size_t field = field_length(word);
        if (field < word.len && column_by_word(span_head(word, field), column, columns) < 0) {
            return span_head(word, field);
        }
    }
    return S("");
}

/* Compares with what is no number: no row would ever fit. Words may begin with a sign: name:<lambda>. */
static bool compares_wrongly(struct span word, size_t field, const struct column *column, size_t columns)
{
    size_t sign;
    double number;
    bool inverted = word.len > 1 && word.data[0] == '!';
    int at = column_by_word(span_skip(span_head(word, field), inverted), column, columns);
    struct span rest = span_skip(word, field);
    bool words = at >= 0 && column[at].flags & (COLUMN_MATCH | COLUMN_PLAIN);
    enum filter_kind kind = read_sign(rest, &sign);
    return kind >= FILTER_LESS && kind <= FILTER_MORE_OR_SAME && !(words && rest.data[0] == ':') &&
           !read_number(span_skip(rest, sign), &number);
}

struct span filter_numberless(const char *text, const struct column *column, size_t columns)
{
    struct span rest = span_of(text);
    while (rest.len) {
        struct span word = span_head(rest, word_length(rest));
        rest = span_skip(rest, word.len + 1);
        size_t field = field_length(word);
        if (field < word.len && compares_wrongly(word, field, column, columns)) {
            return word;
        }
    }
    return S("");
}

struct span filter_loose(const char *text)
{
    struct span rest = span_of(text);
    size_t words = 0;
    while (rest.len) {
        struct span word = span_head(rest, word_length(rest));
        rest = span_skip(rest, word.len + 1);
        size_t field = field_length(word);
        size_t sign = 0;
        struct span value = word;
        if (field < word.len) {
            read_sign(span_skip(word, field), &sign);
            value = span_skip(word, field + sign);
        }
        /* role= is a role that is empty; role: would be any. */
        bool exact = field < word.len && word.data[field] == '=';
        bool any = value.len == 0 || span_equal(value, S("\"\"")) || span_equal(value, S("*"));
        if (word.len && ((any && !exact) || ++words > FILTER_TERMS_MAX)) {
            return word;
        }
    }
    return S("");
}

/* --- rows --- */

static bool text_fits(enum filter_kind kind, struct span text, struct span value)
{
    if (kind == FILTER_GLOB) {
        return glob_fits(text, value);
    }
    if (kind == FILTER_IS || kind == FILTER_SAME) {
        return text.len == value.len && text_contains(text, value);
    }
    return text_contains(text, value);
}

static bool number_fits(const struct filter_term *t, double number)
{
    switch (t->kind) {
    case FILTER_LESS:
        return number < t->number;
    case FILTER_LESS_OR_SAME:
        return number <= t->number;
    case FILTER_MORE:
        return number > t->number;
    case FILTER_MORE_OR_SAME:
        return number >= t->number;
    default:
        return fabs(number - t->number) < 1e-9;
    }
}

static bool text_of_column_fits(const struct filter *f, const struct filter_term *t, const struct rows *r,
                                const void *row, size_t column)
{
    const struct column *c = &r->column[column];
    struct sort_key key;
    key.number = 0;
    key.text = NULL;
    bool compares = t->kind >= FILTER_LESS;
    if (c->key && (compares || t->kind == FILTER_IS || (c->flags & COLUMN_PLAIN))) {
        rows_key(r, row, column, &key);
        if (key.text && (t->kind == FILTER_SAME || !compares)) {
            return text_fits(t->kind, span_of(key.text), value_of(f, t));
        }
        if (compares) {
            return !key.text && number_fits(t, key.number);
        }
    } else if (compares && t->kind != FILTER_SAME) {
        return false;
    }
    struct field field;
    field.cols = 0;
    field.figure = FIELD_TEXT;
    if (t->kind == FILTER_CONTAINS) {
        rows_field_holding(r, row, column, t->kinds, &field);
    } else {
        rows_field(r, row, column, &field);
    }
    return text_fits(t->kind, field.text, value_of(f, t));
}

static bool column_fits(const struct filter *f, const struct filter_term *t, const struct rows *r,
                        const void *row, size_t column, struct filter_seen *seen)
{
    struct sort_key key;
    if (!(r->column[column].flags & COLUMN_SHARED)) {
        return text_of_column_fits(f, t, r, row, column);
    }
    key.text = NULL;
    r->raw_key(r->ctx, row, column, &key);
    size_t term = (size_t)(t - f->term);
    uint64_t hash =
        ((uint64_t)(uintptr_t)key.text + term * r->columns + column) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = hash >> 58;
    if (!key.text || seen->slot[at].text != key.text || seen->slot[at].term != term ||
        seen->slot[at].column != column) {
        seen->slot[at].text = key.text;
        seen->slot[at].term = (uint8_t)term;
        seen->slot[at].column = (uint8_t)column;
        seen->slot[at].fits = text_of_column_fits(f, t, r, row, column);
    }
    return seen->slot[at].fits;
}

static bool term_fits(const struct filter *f, const struct filter_term *t, const struct rows *r,
                      const void *row, struct filter_seen *seen)
{
    if (t->column >= 0) {
        return column_fits(f, t, r, row, (size_t)t->column, seen) != t->inverted;
    }
    for (size_t i = 0; i < r->columns; i++) {
        if ((r->column[i].flags & COLUMN_MATCH) && column_fits(f, t, r, row, i, seen)) {
            return !t->inverted;
        }
    }
    return t->inverted;
}

static bool fits_a_word(const struct filter *f, const struct filter_term *t, const struct column_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (text_fits(t->kind, span_of(words->word[i]), value_of(f, t))) {
            return true;
        }
    }
    return t->kind >= FILTER_LESS && t->kind != FILTER_SAME;
}

struct span filter_impossible(const char *text, const struct column *column, size_t columns,
                              const struct column_words *words)
{
    int at = words->title ? column_by_title(span_of(words->title), column, columns) : -1;
    struct span rest = at < 0 ? S("") : span_of(text);
    while (rest.len) {
        struct filter f = {.count = 0};
        struct span word = span_head(rest, word_length(rest));
        rest = span_skip(rest, word.len + 1);
        if (word.len == 0 || word.len >= sizeof f.value) {
            continue;
        }
        read_term(&f, word, column, columns);
        if (f.term[0].column == at && !fits_a_word(&f, &f.term[0], words)) {
            return word;
        }
    }
    return S("");
}

void filter_impossible_why(struct span word, const struct column_words *words, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "%.*s fits no row ever, %s is one of",
                                   (int)(word.len < 60 ? word.len : 60), word.data, words->title);
    for (size_t i = 0; i < words->count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s %s", i ? "," : "", words->word[i]);
    }
}

static void fetch(const struct rows *rows, const void *row, size_t column)
{
    struct sort_key key;
    key.text = NULL;
    if (rows->column[column].key && !(rows->column[column].flags & COLUMN_SHARED)) {
        rows->raw_key(rows->ctx, row, column, &key);
        __builtin_prefetch(key.text);
    }
}

void filter_fetch(const struct filter *f, const struct rows *rows, const void *row)
{
    for (size_t t = 0; t < f->count; t++) {
        if (f->term[t].column >= 0) {
            fetch(rows, row, (size_t)f->term[t].column);
            continue;
        }
        for (size_t i = 0; i < rows->columns; i++) {
            if (rows->column[i].flags & COLUMN_MATCH) {
                fetch(rows, row, i);
            }
        }
    }
}

bool filter_fits(const struct filter *f, const struct rows *rows, const void *row, struct filter_seen *seen)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!term_fits(f, &f->term[i], rows, row, seen)) {
            return false;
        }
    }
    return true;
}
