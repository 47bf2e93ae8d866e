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

/* Behind the curtain rows alike stand in an order that says nothing of their names: their first bytes, mixed
 * with the salt (the end of MurmurHash3; a hundred thousand of them are made between two keys). */
static uint64_t tie_of(const struct rows *rows, const void *row)
{
    struct span id = {"", 0};
    rows->identify(rows->ctx, row, &id);
    uint64_t tie = first_bytes(id);
    if (rows->veil) {
        tie ^= rows->veil->salt[0];
        tie = (tie ^ tie >> 33) * UINT64_C(0xff51afd7ed558ccd);
        tie = (tie ^ rows->veil->salt[1] ^ tie >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
        tie ^= tie >> 33;
    }
    return tie;
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

/* Whose first bytes are the same. */
static int compare_ids(const struct rows *rows, uint32_t a, uint32_t b)
{
    struct span one = id_of(rows, a);
    struct span other = id_of(rows, b);
    if (rows->veil) {
        uint64_t hash = veil_hash(rows->veil, one);
        uint64_t against = veil_hash(rows->veil, other);
        if (hash != against) {
            return hash < against ? -1 : 1;
        }
    }
    return span_compare(one, other);
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
    return a->index == b->index ? 0 : compare_ids(o->rows, a->index, b->index);
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
static void fetch_ahead(const struct rows *rows, const struct filter *filter, size_t i, size_t count)
{
    enum { AHEAD = 12, SOON = 5, LINE = 64, LINES = 4 };
    if (filter && filter->count && i + SOON < count) {
        filter_fetch(filter, rows, rows->row(rows->ctx, i + SOON)); /* the row is there: now its texts */
    }
    if (i + AHEAD < count) {
        const char *row = rows->row(rows->ctx, i + AHEAD);
        for (size_t at = 0; at < LINES; at++) {
            __builtin_prefetch(row + at * LINE);
        }
    }
}

static bool is_shown(const struct rows *rows, const struct filter *filter, const void *row,
                     struct filter_seen *seen)
{
    return (!rows->shows || rows->shows(rows->ctx, row)) &&
           (!filter || !filter_is_set(filter) || filter_fits(filter, rows, row, seen));
}

static void collect(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish,
                    const struct filter *filter)
{
    struct filter_seen seen = {0};
    r->count = 0;
    for (size_t i = 0; i < r->source; i++) {
        const void *row = rows->row(rows->ctx, i);
        fetch_ahead(rows, filter, i, r->source);
        if (is_shown(rows, filter, row, &seen)) {
            if (row == wish->around) {
                r->around = r->count;
            }
            r->index[r->count++] = (uint32_t)i;
        }
    }
    r->from = 0;
    r->to = r->count;
}

/* The key of one row. Returns whether it is a text. */
static bool read_key(const struct rows *rows, const void *row, size_t column, struct ranked *ret)
{
    struct sort_key key;
    key.number = NAN;
    key.text = NULL;
    rows_key(rows, row, column, &key);
    if (!key.text) {
        ret->key.number = key.number;
        ret->unknown = isnan(key.number);
        return false;
    }
    ret->kept = key.text == key.shown ? mem_strdup(key.text) : NULL;
    ret->text = ret->kept ? ret->kept : key.text;
    ret->key.letters = first_letters(key.text);
    ret->unknown = key.text[0] == '\0';
    return true;
}

/* What is shown, with its keys, in one walk: a row is in the cache once. */
static struct ranked *collect_keys(struct ranking *r, const struct rows *rows,
                                   const struct ranking_wish *wish, const struct filter *filter,
                                   struct order *order)
{
    struct ranked *ranked = mem_realloc(NULL, (r->source ? r->source : 1) * sizeof *ranked);
    struct filter_seen seen = {0};
    r->count = 0;
    for (size_t i = 0; i < r->source; i++) {
        const void *row = rows->row(rows->ctx, i);
        fetch_ahead(rows, filter, i, r->source);
        if (is_shown(rows, filter, row, &seen)) {
            struct ranked *one = &ranked[r->count];
            *one = (struct ranked){.index = (uint32_t)i, .id_letters = tie_of(rows, row)};
            order->text = read_key(rows, row, (size_t)wish->column, one) || order->text;
            if (row == wish->around) {
                r->around = r->count;
            }
            r->count++;
        }
    }
    return ranked;
}

/* What is put in order of count rows: as wished, or as many about the row that was wished. */
static void choose_range(struct ranking *r, const struct ranking_wish *wish, const struct ranked *ranked,
                         struct order *order)
{
    r->from = wish->from < r->count ? wish->from : r->count;
    r->to = wish->to < r->count ? wish->to : r->count;
    if (r->around < r->count) {
        const struct ranked *it = &ranked[r->around];
        size_t place = 0;
        for (size_t i = 0; i < r->count; i++) {
            place += compare(&ranked[i], it, order) < 0;
        }
        size_t margin = (wish->to - wish->from) / 2;
        if (place < r->from || place >= r->to) {
            r->from = place > margin ? place - margin : 0;
            r->to = r->count - place > margin ? place + margin + 1 : r->count;
        }
        r->around = place;
    }
    if (r->to - r->from >= r->count / 4) {
        r->from = 0;
        r->to = r->count;
    }
}

static void put_in_order(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish,
                         const struct filter *filter)
{
    struct order order = {rows, false, wish->descending};
    struct ranked *ranked = collect_keys(r, rows, wish, filter, &order);
    choose_range(r, wish, ranked, &order);
    if (r->to < r->count) {
        select_first(ranked, r->count, r->to, &order);
    }
    if (r->from > 0) {
        select_first(ranked, r->to, r->from, &order);
    }
    qsort_r(ranked + r->from, r->to - r->from, sizeof *ranked, compare, &order);
    for (size_t i = 0; i < r->count; i++) {
        r->index[i] = ranked[i].index;
        mem_free(ranked[i].kept);
    }
    mem_free(ranked);
}

static void put_together(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish,
                         const struct filter *filter)
{
    r->around = SIZE_MAX;
    if (wish->column >= 0) {
        put_in_order(r, rows, wish, filter);
    } else {
        collect(r, rows, wish, filter);
    }
}

/* All rows of a tree are put in order, also those that the filter hides: what stands under them may show. */
static void build_tree(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish)
{
    static const struct marks none;
    struct ranking_wish all = *wish;
    bool filtered = wish->filter && filter_is_set(wish->filter);
    bool *fits = filtered ? mem_zalloc(r->source + 1) : NULL;
    struct filter_seen seen = {0};
    for (size_t i = 0; filtered && i < r->source; i++) {
        fits[i] = filter_fits(wish->filter, rows, rows->row(rows->ctx, i), &seen);
    }
    all.from = 0;
    all.to = SIZE_MAX;
    all.around = NULL;
    put_together(r, rows, &all, NULL);
    r->shape = mem_realloc(r->shape, r->source + 1);
    struct tree_rows t = {.index = r->index, .count = r->count, .fits = fits, .shape = r->shape};
    tree_arrange(&t, rows, wish->folds ? wish->folds : &none);
    r->to = r->count = t.count;
    r->around = SIZE_MAX;
    if (!t.grown) {
        mem_free(r->shape);
        r->shape = NULL;
    }
    mem_free(fits);
}

size_t ranking_source(const struct rows *rows)
{
    size_t count = rows->count(rows->ctx);
    return count < RANKING_ROWS_MAX ? count : RANKING_ROWS_MAX;
}

void ranking_build(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish)
{
    r->source = ranking_source(rows);
    reserve(r, r->source);
    if (rows->under) {
        build_tree(r, rows, wish);
        return;
    }
    mem_free(r->shape);
    r->shape = NULL;
    put_together(r, rows, wish, wish->filter);
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
