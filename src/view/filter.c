#include "filter.h"

#include "texts.h"

#include <stdio.h>

#include "redai/base/num.h"

static int column_by_title(struct span title, const struct column *column, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        struct span own = span_of(column[i].title);
        if (title.len && own.len == title.len && text_contains(own, title)) {
            return (int)i;
        }
    }
    return -1;
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

static void read_term(struct filter_term *t, struct span word, const struct column *column, size_t columns)
{
    *t = (struct filter_term){.column = -1, .needle = word};
    if (word.len > 1 && word.data[0] == '!') {
        t->inverted = true;
        t->needle = span_skip(word, 1);
    }
    size_t colon = span_find(t->needle, ':');
    int at = column_by_title(span_head(t->needle, colon), column, columns);
    if (colon >= t->needle.len || at < 0) {
        return;
    }
    t->column = at;
    t->needle = span_skip(t->needle, colon + 1);
    if (t->needle.len > 1 && (t->needle.data[0] == '<' || t->needle.data[0] == '>') &&
        read_number(span_skip(t->needle, 1), &t->number)) {
        t->compare = t->needle.data[0];
    }
}

void filter_set(struct filter *f, const char *text, const struct column *column, size_t columns)
{
    char copy[FILTER_TEXT_MAX]; /* text may be our own */
    text_copy(copy, sizeof copy, span_of(text));
    memcpy(f->text, copy, sizeof copy);
    f->count = 0;
    struct span rest = span_of(f->text);
    while (rest.len && f->count < FILTER_TERMS_MAX) {
        size_t blank = span_find(rest, ' ');
        struct span word = span_head(rest, blank);
        rest = span_skip(rest, blank + 1);
        if (word.len && !span_equal(word, S("!"))) {
            read_term(&f->term[f->count++], word, column, columns);
        }
    }
}

static bool column_fits(const struct filter_term *t, const struct rows *r, const void *row, size_t column)
{
    struct field field;
    field.cols = 0;
    field.figure = FIELD_TEXT;
    if (t->compare) {
        struct sort_key key = {0, NULL};
        r->key(r->ctx, row, column, &key);
        return !key.text && (t->compare == '<' ? key.number < t->number : key.number > t->number);
    }
    r->field(r->ctx, row, column, &field);
    return text_contains(field.text, t->needle);
}

static bool term_fits(const struct filter_term *t, const struct rows *r, const void *row)
{
    if (t->column >= 0) {
        return column_fits(t, r, row, (size_t)t->column) != t->inverted;
    }
    for (size_t i = 0; i < r->columns; i++) {
        if ((r->column[i].flags & COLUMN_MATCH) && column_fits(t, r, row, i)) {
            return !t->inverted;
        }
    }
    return t->inverted;
}

bool filter_fits(const struct filter *f, const struct rows *rows, const void *row)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!term_fits(&f->term[i], rows, row)) {
            return false;
        }
    }
    return true;
}
