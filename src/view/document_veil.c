/* What is shown of a document's lines when the curtain is drawn. */
#include "document.h"
#include "look.h"

#include <stdio.h>

static struct document_line *line_at(const struct document *d, size_t i)
{
    return &((struct document_line *)(void *)d->line.d)[i];
}

/* The raw bytes of what a line of this kind names: title and line are one pseudonym then. */
static bool raw_of(const struct document_line *line, enum veil_kind kind, struct span *ret)
{
    const struct target *of = line->named.kind != TARGET_NONE ? &line->named : &line->link;
    *ret = target_id(of);
    return of->kind != TARGET_NONE && look_kind(of->kind) == kind && ret->len > 0;
}

/* What stands in front of the rest of the text may be a line of its own making: "name id  args". */
static char *pseudonym(const struct veil *veil, const struct document_line *line)
{
    char shown[VEIL_MAX];
    struct span text = span_of(line->text);
    struct span raw;
    struct span front = span_head(text, line->plain);
    struct span rest = span_skip(text, front.len);
    struct span blanks = span_head(rest, front.len ? strspn(rest.data, " ") : 0);
    UT_string out;
    utstring_init(&out);
    text_add(&out, front);
    text_add(&out, blanks);
    rest = span_skip(rest, blanks.len);
    rest = !front.len && raw_of(line, line->veil, &raw) ? raw : rest;
    text_add(&out, span_make(shown, veil_text(veil, line->veil, rest, shown, sizeof shown)));
    char *made = span_dup(text_span(&out));
    utstring_done(&out);
    return made;
}

/* One of the lines of a value that is told line by line. */
static bool is_of_value(const struct document_line *line)
{
    return line->veil == VEIL_PAYLOAD && !line->label[0] && !line->plain && line->link.kind == TARGET_NONE;
}

/* A value's lines become one: how much of it there is says enough. Returns how many there were. */
static size_t take_value(struct document *d, size_t first)
{
    char shown[VEIL_MAX];
    UT_string whole;
    size_t lines = 0;
    utstring_init(&whole);
    for (; first + lines < document_lines(d) && is_of_value(line_at(d, first + lines)); lines++) {
        struct document_line *line = line_at(d, first + lines);
        text_add(&whole, span_of(line->text));
        line->taken = lines > 0;
    }
    veil_text(d->veil, VEIL_PAYLOAD, text_span(&whole), shown, sizeof shown);
    mem_replace(&line_at(d, first)->shown, shown);
    utstring_done(&whole);
    return lines;
}

void document_put_up(struct document *d)
{
    for (size_t i = 0; i < document_lines(d); i++) {
        struct document_line *line = line_at(d, i);
        mem_replace(&line->shown, NULL);
        mem_replace(&line->label_shown, NULL);
        line->taken = false;
    }
    for (size_t i = 0; d->veil && i < document_lines(d); i++) {
        struct document_line *line = line_at(d, i);
        if (is_of_value(line)) {
            i += take_value(d, i) - 1;
            continue;
        }
        if (line->veil != VEIL_PLAIN) {
            line->shown = pseudonym(d->veil, line);
        }
        if (line->label_veil != VEIL_PLAIN) {
            char shown[VEIL_MAX];
            struct span raw;
            bool linked = raw_of(line, line->label_veil, &raw);
            veil_text(d->veil, line->label_veil, linked ? raw : span_of(line->label), shown, sizeof shown);
            mem_replace(&line->label_shown, shown);
        }
    }
}
