#include "document.h"

#include "texts.h"

#include <stdarg.h>
#include <stdio.h>

#include "redai/base/utf8.h"

static void line_release(void *slot)
{
    struct document_line *line = slot;
    mem_free(line->label);
    mem_free(line->text);
    mem_free(line->shown);
    mem_free(line->label_shown);
    target_release(&line->link);
    target_release(&line->named);
}

static const UT_icd line_icd = {sizeof(struct document_line), NULL, NULL, line_release};
static const UT_icd row_icd = {sizeof(struct document_row), NULL, NULL, NULL};

void document_init(struct document *d)
{
    *d = (struct document){.width = -1};
    utarray_init(&d->line, &line_icd);
    utarray_init(&d->row, &row_icd);
}

void document_release(struct document *d)
{
    utarray_done(&d->line);
    utarray_done(&d->row);
    document_forget_folds(d);
}

static struct document_line *line_at(const struct document *d, size_t i)
{
    return &((struct document_line *)(void *)d->line.d)[i];
}

static const struct document_row *row_at(const struct document *d, size_t i)
{
    return &((const struct document_row *)(const void *)d->row.d)[i];
}

static size_t rows(const struct document *d)
{
    return utarray_len(&d->row);
}

size_t document_lines(const struct document *d)
{
    return utarray_len(&d->line);
}

void document_begin(struct document *d)
{
    document_keep_folds(d);
    utarray_clear(&d->line);
    d->head = 0;
    d->width = -1;
}

void document_set_head(struct document *d, struct document *head)
{
    size_t n = document_lines(head);
    utarray_erase(&d->line, 0, (unsigned)d->head);
    if (n) {
        utarray_inserta(&d->line, &head->line, 0);
        head->line.i = 0; /* they have moved */
    }
    d->head = n;
    d->width = -1;
}

struct document_line *document_add(struct document *d, const char *label, enum role role, const char *text)
{
    struct document_line line = {
        .label = mem_strdup(label),
        .text = mem_strdup(text),
        .label_role = ROLE_LABEL,
        .role = role,
        .label_veil = VEIL_PLAIN,
    };
    utarray_push_back(&d->line, &line);
    d->width = -1;
    d->folds_due = true;
    return line_at(d, document_lines(d) - 1);
}

static struct document_line *add_va(struct document *d, const char *label, enum role role, const char *format,
                                    va_list args)
{
    UT_string text;
    utstring_init(&text);
    utstring_printf_va(&text, format, args);
    struct document_line *line = document_add(d, label, role, utstring_body(&text));
    utstring_done(&text);
    return line;
}

struct document_line *document_addf(struct document *d, const char *label, enum role role, const char *format,
                                    ...)
{
    va_list args;
    va_start(args, format);
    struct document_line *line = add_va(d, label, role, format, args);
    va_end(args);
    return line;
}

struct document_line *document_own(struct document *d, const char *label, enum role role, const char *text)
{
    struct document_line *line = document_add(d, label, role, text);
    line->veil = VEIL_PLAIN;
    return line;
}

struct document_line *document_ownf(struct document *d, const char *label, enum role role, const char *format,
                                    ...)
{
    va_list args;
    va_start(args, format);
    struct document_line *line = add_va(d, label, role, format, args);
    va_end(args);
    line->veil = VEIL_PLAIN;
    return line;
}

void document_veil(struct document *d, const struct veil *veil)
{
    if (d->veil != veil) {
        d->veil = veil;
        d->width = -1;
    }
}

void document_heading(struct document *d, const char *text)
{
    if (document_lines(d)) {
        document_own(d, "", ROLE_TEXT, "");
    }
    document_own(d, "", ROLE_TITLE, text);
}

/* --- rows --- */

/* Labels get half of the width, and what the texts beside them leave. */
static int columns_of_labels(const struct document *d, size_t from, size_t to, int width)
{
    int label = 0;
    int text = 0;
    for (size_t i = from; i < to; i++) {
        const struct document_line *line = line_at(d, i);
        if (line->label[0]) {
            int l = utf8_text_width(span_of(document_label(line)));
            int t = utf8_text_width(span_of(document_text(line)));
            label = l > label ? l : label;
            text = t > text ? t : text;
        }
    }
    int most = width - DOCUMENT_LEFT - DOCUMENT_GAP - text;
    most = most > width / 2 ? most : width / 2;
    return label < most ? label : most;
}

int document_label_cols(const struct document *d, size_t line)
{
    return line < d->head ? d->head_cols : d->label_cols;
}

static void add_rows(struct document *d, size_t at)
{
    const struct document_line *line = line_at(d, at);
    int cols = d->width - DOCUMENT_LEFT - (line->label[0] ? document_label_cols(d, at) + DOCUMENT_GAP : 0);
    struct span rest = span_of(document_text(line));
    uint32_t from = 0;
    do {
        /* A line that leads somewhere is a row of a list: the rest of it is told there. */
        size_t n = line->link.kind == TARGET_NONE ? text_wrap(rest, cols > 1 ? cols : 1) : rest.len;
        struct document_row row = {(uint32_t)at, from, (uint32_t)n};
        utarray_push_back(&d->row, &row);
        from += (uint32_t)n;
        rest = span_skip(rest, n);
    } while (rest.len);
}

static void seek_link(struct document *d)
{
    for (size_t i = 0; i < rows(d); i++) {
        if (line_at(d, row_at(d, i)->line)->link.kind != TARGET_NONE) {
            d->cursor = i;
            d->top = 0;
            return;
        }
    }
}

static void make_rows(struct document *d, int width)
{
    document_settle_folds(d);
    uint32_t line_of_cursor = d->cursor < rows(d) ? row_at(d, d->cursor)->line : UINT32_MAX;
    if (line_of_cursor != UINT32_MAX && line_of_cursor >= d->head_shown) {
        line_of_cursor += (uint32_t)d->head - (uint32_t)d->head_shown;
    }
    d->head_shown = d->head;
    size_t shift = d->cursor - d->top;
    utarray_clear(&d->row);
    d->width = d->cols = width;
    d->links = 0;
    document_put_up(d);
    d->label_cols = columns_of_labels(d, d->split ? d->head : 0, document_lines(d), width);
    d->head_cols = d->split ? columns_of_labels(d, 0, d->head, width) : d->label_cols;
    for (size_t i = 0; i < document_lines(d); i++) {
        const struct document_line *line = line_at(d, i);
        if (line->taken) {
            continue;
        }
        size_t hidden = line->closed ? document_below(d, i) : 0;
        d->links += line->link.kind != TARGET_NONE || document_folds(line);
        /* What was under the cursor may be folded away: then what it belongs to is. */
        if (line_of_cursor != UINT32_MAX && line_of_cursor >= i && line_of_cursor <= i + hidden) {
            d->cursor = rows(d);
            line_of_cursor = UINT32_MAX;
        }
        add_rows(d, i);
        i += hidden;
    }
    d->cursor = d->cursor < rows(d) ? d->cursor : rows(d) ? rows(d) - 1 : 0;
    d->top = d->cursor > shift ? d->cursor - shift : 0;
    if (d->seeks) {
        seek_link(d);
    }
}

static void clamp(struct document *d)
{
    size_t page = d->page > 0 ? (size_t)d->page : 1;
    size_t lowest = rows(d) > page ? rows(d) - page : 0;
    if (d->cursor < d->top) {
        d->top = d->cursor;
    }
    if (d->cursor >= d->top + page) {
        d->top = d->cursor - page + 1;
    }
    d->top = d->top < lowest ? d->top : lowest;
}

void document_fit(struct document *d, int width, int height)
{
    if (d->width != width) {
        make_rows(d, width);
    }
    d->page = height;
    clamp(d);
}

void document_move(struct document *d, enum table_move move)
{
    size_t page = d->page > 1 ? (size_t)d->page : 1;
    size_t half = page / 2 ? page / 2 : 1;
    size_t last = rows(d) ? rows(d) - 1 : 0;
    d->seeks = false;
    if (!d->links) {
        /* Nothing to choose: what moves is the text. */
        last = rows(d) > page ? rows(d) - page : 0;
        d->cursor = d->top;
    }
    size_t up = move == MOVE_UP ? 1 : move == MOVE_PAGE_UP ? page : move == MOVE_HALF_UP ? half : 0;
    size_t down = move == MOVE_DOWN ? 1 : move == MOVE_PAGE_DOWN ? page : move == MOVE_HALF_DOWN ? half : 0;
    size_t at = move == MOVE_HOME ? 0 : move == MOVE_END ? last : d->cursor > up ? d->cursor - up : 0;
    d->cursor = at + down < last ? at + down : last;
    if (!d->links) {
        d->top = d->cursor;
    }
    clamp(d);
}

const struct target *document_link(const struct document *d)
{
    if (d->cursor >= rows(d)) {
        return NULL;
    }
    const struct document_line *line = line_at(d, row_at(d, d->cursor)->line);
    return line->link.kind == TARGET_NONE ? NULL : &line->link;
}

/* --- search --- */

static bool matches(const struct document *d, size_t at)
{
    const struct document_line *line = line_at(d, at);
    struct span needle = span_of(d->search);
    return !line->taken && (text_contains(span_of(document_text(line)), needle) ||
                            text_contains(span_of(document_label(line)), needle));
}

bool document_cursor_line(const struct document *d, size_t *ret)
{
    bool known = d->cursor < rows(d) && row_at(d, d->cursor)->line < document_lines(d);
    *ret = known ? row_at(d, d->cursor)->line : 0;
    return known;
}

void document_go_to_line(struct document *d, size_t line)
{
    document_unfold(d, line);
    d->seeks = false;
    make_rows(d, d->cols > 0 ? d->cols : 80);
    for (size_t i = 0; i < rows(d); i++) {
        if (row_at(d, i)->line == line) {
            d->cursor = i;
            break;
        }
    }
    clamp(d);
}

static bool go_to_match(struct document *d, size_t from)
{
    size_t n = document_lines(d);
    document_settle_folds(d);
    for (size_t i = 0; d->search[0] && i < n; i++) {
        size_t at = (from + i) % n;
        if (matches(d, at)) {
            document_go_to_line(d, at);
            return true;
        }
    }
    return false;
}

bool document_search(struct document *d, const char *text)
{
    size_t from;
    text_copy(d->search, sizeof d->search, span_of(text));
    document_cursor_line(d, &from);
    return go_to_match(d, from);
}

bool document_search_next(struct document *d)
{
    size_t from;
    document_cursor_line(d, &from);
    return go_to_match(d, from + 1);
}

bool document_at_end(const struct document *d)
{
    return d->page > 0 && d->top + (size_t)d->page >= rows(d);
}

void document_place(const struct document *d, char *out, size_t size)
{
    size_t page = d->page > 0 ? (size_t)d->page : 0;
    out[0] = '\0';
    if (page && rows(d) > page) {
        size_t last = d->top + page < rows(d) ? d->top + page : rows(d);
        snprintf(out, size, "%zu-%zu/%zu", d->top + 1, last, rows(d));
    }
}
