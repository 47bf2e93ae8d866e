#include "redai/view/listing.h"

#include "pane.h"
#include "runs.h"
#include "texts.h"

#include <stdio.h>

enum { CHUNK = 50, WIDEST = 400 };

/* A pane that nobody looks at: its rows, filtered and in order. */
struct listing {
    const struct column *column;
    size_t columns;
    struct pane pane;
    struct runs runs;
    struct look look;
    struct pane_source source;
    struct rows rows;
};

static const struct pane_ops *ops_by_name(const char *name)
{
    for (int i = 0; i < FACE_COUNT; i++) {
        char face[TEXT_SMALL];
        if (strcmp(pane_face_name(i, face, sizeof face), name) == 0) {
            return pane_table[i];
        }
    }
    return NULL;
}

static bool check_filter(const struct pane_ops *ops, const char *filter, struct err *err)
{
    if (strlen(filter) >= FILTER_TEXT_MAX) {
        return err_set(err, ERR_USAGE, "the filter is longer than %d bytes", FILTER_TEXT_MAX - 1);
    }
    struct span unknown = filter_unknown(filter, ops->column, ops->columns);
    if (unknown.len) {
        return err_set(err, ERR_USAGE, "%s have no column \"%.*s\" to filter by", ops->many,
                       (int)(unknown.len < 60 ? unknown.len : 60), unknown.data);
    }
    struct span wrong = filter_numberless(filter, ops->column, ops->columns);
    if (wrong.len) {
        return err_set(err, ERR_USAGE, "%.*s: that compares with no number or time, as in age>5m",
                       (int)(wrong.len < 60 ? wrong.len : 60), wrong.data);
    }
    wrong = filter_impossible(filter, ops->column, ops->columns, &ops->words);
    if (wrong.len) {
        char why[400];
        filter_impossible_why(wrong, &ops->words, why, sizeof why);
        return err_set(err, ERR_USAGE, "%s", why);
    }
    return true;
}

static bool begin(struct listing *l, const struct model *m, const char *pane, const char *filter,
                  struct err *err)
{
    const struct pane_ops *ops = ops_by_name(pane);
    *l = (struct listing){0};
    if (!ops) {
        return err_set(err, ERR_USAGE, "no pane \"%.60s\"", pane);
    }
    filter = filter ? filter : "";
    if (!check_filter(ops, filter, err)) {
        return false;
    }
    l->column = ops->column;
    l->columns = ops->columns;
    pane_init(&l->pane, ops);
    l->look = look_at(m, false, true);
    runs_gather(&l->runs, &l->look);
    l->look.runs = &l->runs;
    l->rows = pane_rows(&l->pane, &l->source, &l->look);
    table_filter(&l->pane.table, &l->rows, filter);
    table_settle(&l->pane.table, &l->rows);
    table_need(&l->pane.table, &l->rows, 0, SIZE_MAX);
    return true;
}

static void end(struct listing *l)
{
    pane_release(&l->pane);
    runs_release(&l->runs);
}

/* Lines of the grid without the column of marks. */
static void add_lines(const struct grid *g, int lines, UT_string *out)
{
    UT_string text;
    utstring_init(&text);
    grid_to_text(g, &text);
    struct span rest = text_span(&text);
    for (int i = 0; i < lines && rest.len; i++) {
        size_t n = span_find(rest, '\n');
        struct span line = span_head(rest, n);
        text_add(out, line.len && line.data[0] == ' ' ? span_skip(line, 1) : line);
        text_add(out, S("\n"));
        rest = span_skip(rest, n + 1);
    }
    utstring_done(&text);
}

static int width_of(const struct listing *l, int width)
{
    int all = 1;
    for (size_t i = 0; i < l->columns; i++) {
        all += l->column[i].width + 1;
    }
    width = width > 0 ? width + 1 : all; /* the column of marks is not shown */
    return width < WIDEST ? width : WIDEST;
}

bool listing_text(const struct model *m, const char *pane, const char *filter, int width, UT_string *out,
                  struct err *err)
{
    struct listing l;
    struct grid g;
    if (!begin(&l, m, pane, filter, err)) {
        return false;
    }
    struct table *t = &l.pane.table;
    struct table_style style = {false, false, true, &l.look};
    width = width_of(&l, width);
    grid_init(&g);
    grid_resize(&g, width, CHUNK + 1);
    t->page = CHUNK; /* or the table would take the last chunk for a screen that is half empty */
    for (size_t at = 0; at < t->ranking.count; at += CHUNK) {
        size_t left = t->ranking.count - at;
        int rows = left < CHUNK ? (int)left : CHUNK;
        style.header = at == 0;
        t->top = at;
        grid_clear(&g, (struct rect){0, 0, width, CHUNK + 1}, ROLE_TEXT);
        table_draw(t, &l.rows, &g, (struct rect){0, 0, width, CHUNK + style.header}, &style);
        add_lines(&g, rows + style.header, out);
    }
    grid_release(&g);
    end(&l);
    return true;
}

bool listing_each(const struct model *m, const char *pane, const char *filter,
                  void (*each)(void *ctx, const void *row), void *ctx, struct err *err)
{
    struct listing l;
    if (!begin(&l, m, pane, filter, err)) {
        return false;
    }
    for (size_t i = 0; i < l.pane.table.ranking.count; i++) {
        each(ctx, l.rows.row(l.rows.ctx, l.pane.table.ranking.index[i]));
    }
    end(&l);
    return true;
}

bool listing_fit(const struct model *m, const char *pane, const char *filter,
                 void (*each)(void *ctx, const void *row), void *ctx, struct err *err)
{
    const struct pane_ops *ops = ops_by_name(pane);
    struct filter wanted;
    struct pane_source source;
    struct look look = look_at(m, false, true);
    struct pane p;
    if (!ops) {
        return err_set(err, ERR_USAGE, "no pane \"%.60s\"", pane);
    }
    if (!check_filter(ops, filter, err)) {
        return false;
    }
    struct span loose = filter_loose(filter);
    if (loose.len) {
        return err_set(err, ERR_USAGE, "%.*s: %s", (int)(loose.len < 60 ? loose.len : 60), loose.data,
                       "a filter that something is done by takes at most 8 words, each with a value");
    }
    pane_init(&p, ops);
    filter_set(&wanted, filter, ops->column, ops->columns);
    struct rows rows = pane_rows(&p, &source, &look);
    struct filter_seen seen = {0};
    size_t count = ops->count(m);
    for (size_t i = 0; i < count; i++) {
        const void *row = ops->row(m, i);
        if ((!ops->shows || ops->shows(&look, row)) && filter_fits(&wanted, &rows, row, &seen)) {
            each(ctx, row);
        }
    }
    pane_release(&p);
    return true;
}
