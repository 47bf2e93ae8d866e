/* fake_rows: a source of rows that counts what is asked of it. */
#ifndef REDAI_TESTS_FAKE_ROWS_H
#define REDAI_TESTS_FAKE_ROWS_H

#include "support/unit.h"
#include "view/table.h"

#include <math.h>
#include <stdio.h>

struct fake_row {
    char id[24];
    char name[24];
    double size; /* NAN unknown */
};

struct fake {
    size_t count;
    struct fake_row *row;
    size_t fields, keys; /* how often they were asked for */
};

static size_t fake_count(const void *ctx)
{
    return ((const struct fake *)ctx)->count;
}

static const void *fake_row(const void *ctx, size_t i)
{
    assert_true(i < fake_count(ctx));
    return &((const struct fake *)ctx)->row[i];
}

static const void *fake_find(const void *ctx, struct span id)
{
    const struct fake *f = ctx;
    for (size_t i = 0; i < f->count; i++) {
        if (span_equal(span_of(f->row[i].id), id)) {
            return &f->row[i];
        }
    }
    return NULL;
}

static enum target_kind fake_identify(const void *ctx, const void *row, struct span *ret_id)
{
    (void)ctx;
    *ret_id = span_of(((const struct fake_row *)row)->id);
    return TARGET_KEY;
}

static void fake_write(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    (void)row;
    (void)out;
}

static void fake_sort(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    (void)row;
    (void)out;
}

static const struct column fake_columns[] = {
    {"id", 4, 6, 8, ALIGN_LEFT, 1, COLUMN_MATCH, fake_write, fake_sort, "identity", VEIL_PLAIN},
    {"name", 5, 8, 20, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, fake_write, fake_sort, "name", VEIL_PLAIN},
    {"size", 6, 6, 6, ALIGN_RIGHT, 2, COLUMN_DESCENDING, fake_write, fake_sort, "size", VEIL_PLAIN},
};

static void fake_field(const void *ctx, const void *row, size_t column, struct field *out)
{
    const struct fake_row *r = row;
    ((struct fake *)(uintptr_t)ctx)->fields++;
    if (column == 2) {
        field_rate(out, ROLE_TEXT, r->size);
    } else {
        field_text(out, ROLE_TEXT, span_of(column ? r->name : r->id));
    }
}

static void fake_key(const void *ctx, const void *row, size_t column, struct sort_key *out)
{
    const struct fake_row *r = row;
    ((struct fake *)(uintptr_t)ctx)->keys++;
    out->number = r->size;
    out->text = column == 2 ? NULL : column ? r->name : r->id;
}

static inline struct rows fake_rows(struct fake *f)
{
    return (struct rows){.ctx = f,
                         .column = fake_columns,
                         .columns = 3,
                         .count = fake_count,
                         .row = fake_row,
                         .find = fake_find,
                         .identify = fake_identify,
                         .raw_field = fake_field,
                         .raw_key = fake_key};
}

static inline void fake_fill(struct fake *f, size_t count)
{
    *f = (struct fake){.count = count, .row = mem_zalloc(count * sizeof(struct fake_row))};
    for (size_t i = 0; i < count; i++) {
        snprintf(f->row[i].id, sizeof f->row[i].id, "k%06zu", i);
        snprintf(f->row[i].name, sizeof f->row[i].name, "n%zu", i * 7919 % count);
        f->row[i].size = (double)(i * 104729 % count);
    }
}

/* As the model does it: the last one takes the place of the one that goes. */
static inline void fake_remove(struct fake *f, size_t i)
{
    f->row[i] = f->row[--f->count];
}

#endif
