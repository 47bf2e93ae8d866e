#include "ranking.h"

#include "texts.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    union {
        double number;
        const char *text;
    } key;
    uint32_t index;
    bool unknown;
};

struct order {
    const struct rows *rows;
    bool text, descending;
};

void ranking_release(struct ranking *r)
{
    mem_free(r->index);
    *r = (struct ranking){0};
}

static struct span id_of(const struct rows *rows, uint32_t index)
{
    struct span id = {"", 0};
    rows->identify(rows->ctx, rows->row(rows->ctx, index), &id);
    return id;
}

static int compare(const void *left, const void *right, void *ctx)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    const struct order *o = ctx;
    int order = 0;
    if (a->unknown != b->unknown) {
        return a->unknown ? 1 : -1; /* what is not known comes last, whichever way round */
    }
    if (!a->unknown && o->text) {
        order = text_order(a->key.text, b->key.text);
    } else if (!a->unknown && a->key.number < b->key.number) {
        order = -1;
    } else if (!a->unknown && a->key.number > b->key.number) {
        order = 1;
    }
    if (order) {
        return o->descending ? -order : order;
    }
    /* Rows alike keep their places from one time to the next. */
    return span_compare(id_of(o->rows, a->index), id_of(o->rows, b->index));
}

static void swap(struct ranked *a, struct ranked *b)
{
    struct ranked kept = *a;
    *a = *b;
    *b = kept;
}

/* Moves the k first ones to the front, in no order (Hoare's selection). */
static void select_first(struct ranked *row, size_t count, size_t k, struct order *o)
{
    size_t low = 0;
    size_t high = count;
    while (high - low > 1 && k > low && k < high) {
        struct ranked pivot = row[low + (high - low - 1) / 2]; /* never the last, or it would not end */
        size_t i = low;
        size_t j = high - 1;
        for (;;) {
            while (compare(&row[i], &pivot, o) < 0) {
                i++;
            }
            while (compare(&pivot, &row[j], o) < 0) {
                j--;
            }
            if (i >= j) {
                break;
            }
            swap(&row[i++], &row[j--]);
        }
        size_t border = j + 1;
        if (k <= border) {
            high = border;
        } else {
            low = border;
        }
    }
}

static void reserve(struct ranking *r, size_t count)
{
    if (count > r->capacity || count < r->capacity / 4) {
        r->capacity = count + count / 8;
        r->index = mem_realloc(r->index, r->capacity * sizeof *r->index);
    }
}

static void collect(struct ranking *r, const struct rows *rows, const struct filter *filter)
{
    r->count = 0;
    for (size_t i = 0; i < r->source; i++) {
        const void *row = rows->row(rows->ctx, i);
        if ((!rows->shows || rows->shows(rows->ctx, row)) &&
            (!filter || !filter_is_set(filter) || filter_fits(filter, rows, row))) {
            r->index[r->count++] = (uint32_t)i;
        }
    }
}

static void put_in_order(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish)
{
    struct order order = {rows, false, wish->descending};
    struct ranked *ranked = mem_zalloc(r->count * sizeof *ranked);
    for (size_t i = 0; i < r->count; i++) {
        struct sort_key key = {NAN, NULL};
        rows->key(rows->ctx, rows->row(rows->ctx, r->index[i]), (size_t)wish->column, &key);
        ranked[i].index = r->index[i];
        if (key.text) {
            order.text = true;
            ranked[i].key.text = key.text;
            ranked[i].unknown = key.text[0] == '\0';
        } else {
            ranked[i].key.number = key.number;
            ranked[i].unknown = isnan(key.number);
        }
    }
    r->sorted = wish->need < r->count / 4 ? wish->need : r->count;
    if (r->sorted < r->count) {
        select_first(ranked, r->count, r->sorted, &order);
    }
    qsort_r(ranked, r->sorted, sizeof *ranked, compare, &order);
    for (size_t i = 0; i < r->count; i++) {
        r->index[i] = ranked[i].index;
    }
    mem_free(ranked);
}

void ranking_build(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish)
{
    r->source = rows->count(rows->ctx);
    if (r->source > RANKING_ROWS_MAX) {
        r->source = RANKING_ROWS_MAX;
    }
    reserve(r, r->source);
    collect(r, rows, wish->filter);
    r->sorted = r->count;
    if (wish->column >= 0 && r->count > 1) {
        put_in_order(r, rows, wish);
    }
}

size_t ranking_find(const struct ranking *r, const struct rows *rows, enum target_kind kind, struct span id)
{
    for (size_t i = 0; i < r->count; i++) {
        struct span own = {"", 0};
        const void *row = rows->row(rows->ctx, r->index[i]);
        if (rows->identify(rows->ctx, row, &own) == kind && span_equal(own, id)) {
            return i;
        }
    }
    return r->count;
}
