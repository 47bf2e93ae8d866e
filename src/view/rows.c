#include "rows.h"

#include "texts.h"

#include "redai/base/utf8.h"

/* A dash or a question mark says that there is nothing. */
static bool says_nothing(struct span text)
{
    return text.len == 0 || span_equal(text, S("-")) || span_equal(text, S("?"));
}

static void put_up(const struct veil *veil, enum veil_kind kind, int cols, struct field *f)
{
    char shown[VEIL_MAX];
    struct span text = {shown, veil_text(veil, kind, f->text, shown, sizeof shown)};
    char brief[VEIL_MAX];
    if (cols > 0 && utf8_text_width(text) > cols) {
        text = span_make(brief, veil_brief(kind, text, brief, sizeof brief));
    }
    text_copy(f->buffer, sizeof f->buffer, text);
    f->text = span_of(f->buffer);
}

void rows_field(const struct rows *rows, const void *row, size_t column, struct field *out)
{
    enum veil_kind kind = rows->column[column].veil;
    int cols = out->cols; /* cppcheck-suppress ctuuninitvar ; the one member that whoever asks has set */
    if (!rows->veil || kind == VEIL_PLAIN) {
        rows->raw_field(rows->ctx, row, column, out);
        return;
    }
    /* The whole text has the pseudonym, not what is left of it in a narrow column. */
    out->cols = 0;
    rows->raw_field(rows->ctx, row, column, out);
    out->cols = cols;
    if (out->own) {
        rows->raw_field(rows->ctx, row, column, out);
    } else if (!says_nothing(out->text)) {
        put_up(rows->veil, kind, cols, out);
    }
}

void rows_field_holding(const struct rows *rows, const void *row, size_t column, unsigned kinds,
                        struct field *out)
{
    enum veil_kind kind = rows->column[column].veil;
    if (!rows->veil || kinds & 1u << kind) {
        rows_field(rows, row, column, out);
        return;
    }
    rows->raw_field(rows->ctx, row, column, out);
    if (!out->own && !says_nothing(out->text)) {
        out->text = S("");
    }
}

void rows_key(const struct rows *rows, const void *row, size_t column, struct sort_key *out)
{
    struct field field;
    if (!rows->veil || rows->column[column].veil == VEIL_PLAIN) {
        rows->raw_key(rows->ctx, row, column, out);
        return;
    }
    field.cols = 0;
    field.figure = FIELD_TEXT;
    rows_field(rows, row, column, &field);
    text_copy(out->shown, sizeof out->shown, field.text);
    out->text = out->shown;
}
