#include "frozen.h"

#include "redai/base/mem.h"

struct frozen_cell {
    char *text;     /* as it stood on the screen */
    char *whole;    /* as it is with all the room; NULL: the same */
    char *key_text; /* NULL: by number */
    double number;
    float part;
    float *spark;
    uint16_t sparks;
    uint8_t role, bar_role, figure;
    bool own;
};

struct frozen_row {
    enum target_kind kind;
    bool shown;
    size_t under; /* SIZE_MAX none */
    char *id;     /* raw */
    size_t id_len;
    struct frozen_cell cell[];
};

struct frozen {
    const struct column *column;
    size_t columns, count;
    bool tree;
    int width[COLUMNS_MAX];
    struct frozen_row **row;
};

static void keep_cell(struct frozen_cell *cell, const struct rows *rows, const void *row, size_t column,
                      int width)
{
    struct field field;
    struct sort_key key = {.number = 0};
    field.cols = 0;
    field.figure = FIELD_TEXT;
    rows->raw_field(rows->ctx, row, column, &field);
    cell->text = span_dup(field.text);
    if (width > 0 && field.figure == FIELD_TEXT) {
        field.cols = width;
        rows->raw_field(rows->ctx, row, column, &field);
        if (!span_equal(field.text, span_of(cell->text))) {
            cell->whole = cell->text;
            cell->text = span_dup(field.text);
        }
    }
    cell->role = (uint8_t)field.role;
    cell->figure = (uint8_t)field.figure;
    cell->own = field.own;
    if (field.figure == FIELD_BAR) {
        cell->part = (float)field.part;
        cell->bar_role = (uint8_t)field.bar_role;
    } else if (field.figure == FIELD_SPARK && field.sparks) {
        cell->spark = mem_zalloc(field.sparks * sizeof *cell->spark);
        cell->sparks = (uint16_t)field.sparks;
        for (size_t i = 0; i < field.sparks; i++) {
            cell->spark[i] = (float)field.spark[i];
        }
    }
    if (rows->column[column].key) {
        rows->raw_key(rows->ctx, row, column, &key);
        cell->key_text = mem_strdup(key.text);
        cell->number = key.number;
    }
}

static struct frozen_row *keep_row(const struct rows *rows, const void *row, const int *width)
{
    struct frozen_row *kept = mem_zalloc(sizeof *kept + rows->columns * sizeof kept->cell[0]);
    struct span id = {"", 0};
    kept->kind = rows->identify(rows->ctx, row, &id);
    kept->id = span_dup(id);
    kept->id_len = id.len;
    kept->under = rows->under ? rows->under(rows->ctx, row) : SIZE_MAX;
    kept->shown = !rows->shows || rows->shows(rows->ctx, row);
    for (size_t i = 0; i < rows->columns; i++) {
        keep_cell(&kept->cell[i], rows, row, i, width[i]);
    }
    return kept;
}

struct frozen *frozen_take(const struct rows *rows, const int *width, const uint32_t *order, size_t count,
                           size_t *ret_left_out)
{
    size_t all = rows->count(rows->ctx);
    bool whole = all <= FROZEN_ROWS_MAX;
    struct frozen *f = mem_zalloc(sizeof *f);
    f->column = rows->column;
    f->columns = rows->columns;
    f->tree = rows->under && whole;
    memcpy(f->width, width, sizeof f->width);
    f->count = whole ? all : count < FROZEN_ROWS_MAX ? count : FROZEN_ROWS_MAX;
    f->row = mem_zalloc(f->count * sizeof(struct frozen_row *)); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0; i < f->count; i++) {
        f->row[i] = keep_row(rows, rows->row(rows->ctx, whole ? i : order[i]), width);
    }
    *ret_left_out = all - f->count;
    return f;
}

void frozen_free(struct frozen *f)
{
    if (!f) {
        return;
    }
    for (size_t i = 0; i < f->count; i++) {
        for (size_t k = 0; k < f->columns; k++) {
            mem_free(f->row[i]->cell[k].text);
            mem_free(f->row[i]->cell[k].whole);
            mem_free(f->row[i]->cell[k].key_text);
            mem_free(f->row[i]->cell[k].spark);
        }
        mem_free(f->row[i]->id);
        mem_free(f->row[i]);
    }
    mem_free(f->row);
    mem_free(f);
}

static size_t count_of(const void *ctx)
{
    return ((const struct frozen *)ctx)->count;
}

static const void *row_of(const void *ctx, size_t i)
{
    return ((const struct frozen *)ctx)->row[i];
}

static bool shows(const void *ctx, const void *row)
{
    (void)ctx;
    return ((const struct frozen_row *)row)->shown;
}

static size_t under(const void *ctx, const void *row)
{
    (void)ctx;
    return ((const struct frozen_row *)row)->under;
}

static enum target_kind identify(const void *ctx, const void *row, struct span *ret_id)
{
    const struct frozen_row *r = row;
    (void)ctx;
    *ret_id = span_make(r->id, r->id_len);
    return r->kind;
}

static void field_of(const void *ctx, const void *row, size_t column, struct field *out)
{
    const struct frozen_cell *cell = &((const struct frozen_row *)row)->cell[column];
    const struct frozen *f = ctx;
    bool room = out->cols <= 0 || out->cols > f->width[column];
    out->text = span_of(cell->whole && room ? cell->whole : cell->text);
    out->role = cell->role;
    out->figure = cell->figure;
    out->own = cell->own;
    out->part = (double)cell->part;
    out->bar_role = cell->bar_role;
    out->sparks = cell->sparks;
    for (size_t i = 0; i < cell->sparks; i++) {
        out->spark[i] = (double)cell->spark[i];
    }
}

static void key_of(const void *ctx, const void *row, size_t column, struct sort_key *out)
{
    const struct frozen_cell *cell = &((const struct frozen_row *)row)->cell[column];
    (void)ctx;
    out->number = cell->number;
    out->text = cell->key_text;
}

struct rows frozen_rows(const struct frozen *f, const struct veil *veil)
{
    return (struct rows){.ctx = f,
                         .column = f->column,
                         .columns = f->columns,
                         .count = count_of,
                         .row = row_of,
                         .shows = shows,
                         .under = f->tree ? under : NULL,
                         .identify = identify,
                         .raw_field = field_of,
                         .raw_key = key_of,
                         .veil = veil};
}
