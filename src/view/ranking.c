#include "ranking.h"

#include "texts.h"

#include <math.h>
#include <stdlib.h>

/* Most comparisons are settled by the first letters of key and identity, without touching the rows. */
struct ranked {
    union {
        double number;
        uint64_t letters; /* of the text, as text_order has them */
    } key;
    const char *text;
    char *kept; /* the text, when it is nobody else's */
    uint64_t id_letters;
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
    mem_free(r->shape);
    *r = (struct ranking){0};
}

static struct span id_of(const struct rows *rows, uint32_t index)
{
    struct span id = {"", 0};
    rows->identify(rows->ctx, rows->row(rows->ctx, index), &id);
    return id;
}

/* Texts by their first letters; 0 when those are alike. All digits count as one: behind them numbers begin,
 * which text_order compares by value. */
static uint64_t first_letters(const char *text)
{
    uint64_t letters = 0;
    size_t i = 0;
    bool digit = false;
    for (; i < sizeof letters && text[i] && !digit; i++) {
        unsigned char c = (unsigned char)text[i];
        digit = c >= '0' && c <= '9';
        c = digit ? '0' : c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
        letters = letters << 8 | c;
    }
    return letters << (8 * (sizeof letters - i)) % 64;
}

static uint64_t first_bytes(struct span id)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes = bytes << 8 | (i < id.len ? (unsigned char)id.data[i] : 0);
    }
    return bytes;
}

/* Behind the curtain rows alike stand in an order that says nothing of their names. */
static uint64_t tie_of(const struct rows *rows, uint32_t index)
{
    struct span id = id_of(rows, index);
    return rows->veil ? veil_hash(rows->veil, id) : first_bytes(id);
}

static int compare_keys(const struct ranked *a, const struct ranked *b, const struct order *o)
{
    if (o->text) {
        if (a->key.letters != b->key.letters) {
            return a->key.letters < b->key.letters ? -1 : 1;
        }
        return text_order(a->text, b->text);
    }
    return a->key.number < b->key.number ? -1 : a->key.number > b->key.number;
}

static int compare(const void *left, const void *right, void *ctx)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    const struct order *o = ctx;
    if (a->unknown != b->unknown) {
        return a->unknown ? 1 : -1; /* what is not known comes last, whichever way round */
    }
    int order = a->unknown ? 0 : compare_keys(a, b, o);
    if (order) {
        return o->descending ? -order : order;
    }
    /* Rows alike keep their places from one time to the next. */
    if (a->id_letters != b->id_letters) {
        return a->id_letters < b->id_letters ? -1 : 1;
    }
    return a->index == b->index ? 0 : span_compare(id_of(o->rows, a->index), id_of(o->rows, b->index));
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

/* Rows lie about in memory: the one that is looked at soon is fetched while this one is, or a hundred
 * thousand wait for it one after the other. */
static void fetch_ahead(const struct rows *rows, size_t i, size_t count)
{
    enum { AHEAD = 12, LINE = 64, LINES = 4 };
    if (i + AHEAD < count) {
        const char *row = rows->row(rows->ctx, i + AHEAD);
        for (size_t at = 0; at < LINES; at++) {
            __builtin_prefetch(row + at * LINE);
        }
    }
}

static void collect(struct ranking *r, const struct rows *rows, const struct filter *filter)
{
    r->count = 0;
    for (size_t i = 0; i < r->source; i++) {
        const void *row = rows->row(rows->ctx, i);
        fetch_ahead(rows, i, r->source);
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
        struct sort_key key;
        key.number = NAN;
        key.text = NULL;
        rows_key(rows, rows->row(rows->ctx, r->index[i]), (size_t)wish->column, &key);
        ranked[i].index = r->index[i];
        ranked[i].id_letters = tie_of(rows, r->index[i]);
        if (key.text) {
            order.text = true;
            ranked[i].kept = key.text == key.shown ? mem_strdup(key.text) : NULL;
            ranked[i].text = ranked[i].kept ? ranked[i].kept : key.text;
            ranked[i].key.letters = first_letters(key.text);
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
        mem_free(ranked[i].kept);
    }
    mem_free(ranked);
}

/* All rows of a tree are put in order, also those that the filter hides: what stands under them may show. */
static void build_tree(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish)
{
    static const struct marks none;
    struct ranking_wish all = *wish;
    bool filtered = wish->filter && filter_is_set(wish->filter);
    bool *fits = filtered ? mem_zalloc(r->source + 1) : NULL;
    for (size_t i = 0; filtered && i < r->source; i++) {
        fits[i] = filter_fits(wish->filter, rows, rows->row(rows->ctx, i));
    }
    all.need = SIZE_MAX;
    collect(r, rows, NULL);
    if (wish->column >= 0 && r->count > 1) {
        put_in_order(r, rows, &all);
    }
    r->shape = mem_realloc(r->shape, r->source + 1);
    struct tree_rows t = {.index = r->index, .count = r->count, .fits = fits, .shape = r->shape};
    tree_arrange(&t, rows, wish->folds ? wish->folds : &none);
    r->sorted = r->count = t.count;
    if (!t.grown) {
        mem_free(r->shape);
        r->shape = NULL;
    }
    mem_free(fits);
}

void ranking_build(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish)
{
    r->source = rows->count(rows->ctx);
    if (r->source > RANKING_ROWS_MAX) {
        r->source = RANKING_ROWS_MAX;
    }
    reserve(r, r->source);
    if (rows->under) {
        build_tree(r, rows, wish);
        return;
    }
    mem_free(r->shape);
    r->shape = NULL;
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
