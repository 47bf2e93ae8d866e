/* How a document looks: labels in a column, texts beside them, JSON in its colours, what was searched for
 * reversed. */
#include "document.h"
#include "texts.h"

#include "redai/base/utf8.h"

static const struct document_line *line_at(const struct document *d, size_t i)
{
    return &((const struct document_line *)(const void *)d->line.d)[i];
}

static const struct document_row *row_at(const struct document *d, size_t i)
{
    return &((const struct document_row *)(const void *)d->row.d)[i];
}

/* The role of each byte of a JSON line, in states so simple that any text comes out sane. */
static enum role json_role(struct span text, size_t at, bool *in_text, bool *is_key)
{
    char c = text.data[at];
    bool escaped = at > 0 && text.data[at - 1] == '\\' && !(at > 1 && text.data[at - 2] == '\\');
    if (c == '"' && !escaped) {
        *in_text = !*in_text;
        if (*in_text) {
            size_t end = at + 1;
            while (end < text.len && !(text.data[end] == '"' && text.data[end - 1] != '\\')) {
                end++;
            }
            *is_key = end + 1 < text.len && text.data[end + 1] == ':';
        }
        return *is_key ? ROLE_JSON_KEY : ROLE_JSON_TEXT;
    }
    if (*in_text) {
        return *is_key ? ROLE_JSON_KEY : ROLE_JSON_TEXT;
    }
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ? ROLE_JSON_NUMBER
                                                                                    : ROLE_DIM;
}

static void paint_json(const struct document_line *line, const struct document_row *row, struct grid *g,
                       int x, int y)
{
    struct span text = span_of(document_text(line));
    bool in_text = false;
    bool is_key = false;
    size_t at = 0;
    while (at < text.len && at < (size_t)row->from + row->len) {
        uint32_t cp;
        size_t n = utf8_decode(span_skip(text, at), &cp);
        enum role role = json_role(text, at, &in_text, &is_key);
        if (at >= row->from) {
            int w = utf8_width(cp);
            grid_paint(g, x, y, w, role);
            x += w;
        }
        at += n;
    }
}

/* "00000010  48 59 ..  HY": what is read are the bytes; the offset leads there. */
static void paint_hex(const struct document_row *row, struct grid *g, int x, int y)
{
    enum { OFFSET = 8, LETTERS = 59 };
    if (row->from == 0) {
        grid_paint(g, x, y, OFFSET, ROLE_DIM);
        if (row->len > LETTERS) {
            grid_paint(g, x + LETTERS, y, (int)row->len - LETTERS, ROLE_JSON_TEXT);
        }
    }
}

static void paint_matches(const struct document *d, struct span text, struct grid *g, int x, int y, int cols)
{
    struct span needle = span_of(d->search);
    for (size_t at = 0; needle.len && at + needle.len <= text.len; at++) {
        struct span here = span_head(span_skip(text, at), needle.len);
        if (text_contains(here, needle)) {
            int from = utf8_text_width(span_head(text, at));
            int len = utf8_text_width(here);
            if (from + len <= cols) {
                grid_flag(g, x + from, y, len, CELL_REVERSE);
            }
        }
    }
}

static void draw_row(const struct document *d, struct grid *g, struct rect r, size_t at)
{
    const struct document_row *row = row_at(d, at);
    const struct document_line *line = line_at(d, row->line);
    bool cursor = at == d->cursor && (d->links || d->search[0]);
    int labels = document_label_cols(d, row->line);
    int x = r.x + DOCUMENT_LEFT;
    if (line->label[0]) {
        if (row->from == 0) {
            struct span label = span_of(document_label(line));
            grid_text(g, x, r.y, labels, label, line->label_role);
            paint_matches(d, label, g, x, r.y, labels);
        }
        x += labels + DOCUMENT_GAP;
    }
    struct span text = span_head(span_skip(span_of(document_text(line)), row->from), row->len);
    int cols = r.x + r.w - x;
    grid_text(g, x, r.y, cols, text, line->role);
    if (line->json && !line->shown) {
        paint_json(line, row, g, x, r.y);
    } else if (line->hex && !line->shown) {
        paint_hex(row, g, x, r.y);
    }
    if (line->closed && document_folds(line) && row->from + row->len == strlen(document_text(line))) {
        int used = utf8_text_width(text);
        size_t n = document_below(d, row->line);
        grid_printf(g, x + used, r.y, cols - used, ROLE_DIM, " (+%zu line%s)", n, n == 1 ? "" : "s");
    }
    paint_matches(d, text, g, x, r.y, cols);
    if (cursor) {
        grid_paint(g, r.x, r.y, r.w, ROLE_SELECTED);
        grid_put(g, r.x, r.y, '>', ROLE_SELECTED);
    }
    bool folds = document_folds(line);
    if (row->from == 0 && (line->link.kind != TARGET_NONE || folds)) {
        bool open = folds && !line->closed;
        grid_put(g, r.x + 1, r.y, open ? '-' : '+', cursor ? ROLE_SELECTED : open ? ROLE_DIM : ROLE_KEY);
    }
}

void document_draw(struct document *d, struct grid *g, struct rect r)
{
    document_fit(d, r.w, r.h);
    for (int i = 0; i < r.h && d->top + (size_t)i < utarray_len(&d->row); i++) {
        draw_row(d, g, (struct rect){r.x, r.y + i, r.w, 1}, d->top + (size_t)i);
    }
}
