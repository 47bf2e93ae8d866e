/* peek: the document of the open detail view. */
#include "model_priv.h"

static void line_release(void *place)
{
    struct peek_line *line = place;
    mem_free(line->label);
    mem_free(line->text);
    target_release(&line->link);
}

void peek_init(struct model *m)
{
    static const UT_icd line_icd = {sizeof(struct peek_line), NULL, NULL, line_release};
    struct peek *p = &m->peek;
    utarray_init(&p->line, &line_icd);
    p->title = mem_strdup("");
    p->remark = mem_strdup("");
    p->at_us = -1;
}

void peek_release(struct model *m)
{
    struct peek *p = &m->peek;
    utarray_done(&p->line);
    target_release(&p->subject);
    mem_free(p->title);
    mem_free(p->remark);
}

static void begin(struct model *m, const struct fact_peek *f)
{
    struct peek *p = &m->peek;
    utarray_clear(&p->line);
    target_set(&p->subject, f->kind, f->id);
    model_show_replace(&p->title, f->label, NAME_COLS);
    mem_replace(&p->remark, "");
    p->complete = false;
}

/* The plain part and the rest, each made harmless for itself, so that the border between them is known. */
static char *text_of(const struct fact_peek *f, size_t *ret_plain)
{
    struct span front = span_head(f->text, f->plain > 0 ? (size_t)f->plain : 0);
    UT_string text;
    utstring_init(&text);
    utf8_sanitise(front, LINE_COLS, &text);
    *ret_plain = utstring_len(&text);
    utf8_sanitise(span_skip(f->text, front.len), LINE_COLS, &text);
    char *out = span_dup(text_span(&text));
    utstring_done(&text);
    return out;
}

static void add_line(struct model *m, const struct fact_peek *f)
{
    struct peek *p = &m->peek;
    if (utarray_len(&p->line) >= PEEK_LINES_MAX) {
        mem_replace(&p->remark, "more lines than are shown");
        return;
    }
    struct peek_line line = {
        .label = utf8_sanitise_dup(f->label, NAME_COLS),
        .veil = (unsigned)f->veil < VEIL_KIND_COUNT ? f->veil : VEIL_PAYLOAD,
        .style = (unsigned)f->style < PEEK_STYLE_COUNT ? f->style : PEEK_STYLE_TEXT,
        .depth = f->depth < 0                ? 0
                 : f->depth > PEEK_DEPTH_MAX ? PEEK_DEPTH_MAX
                                             : (int)f->depth,
    };
    line.text = text_of(f, &line.plain);
    line.foreign = f->foreign;
    if (f->link_kind != TARGET_NONE && (unsigned)f->link_kind < TARGET_COUNT) {
        target_set(&line.link, f->link_kind, f->link_id);
    }
    utarray_push_back(&p->line, &line);
}

void peek_apply(struct model *m, const struct fact_peek *f)
{
    struct peek *p = &m->peek;
    if ((unsigned)f->kind >= TARGET_COUNT) {
        return;
    }
    if (f->phase == PEEK_BEGIN) {
        begin(m, f);
    } else if (p->subject.kind != f->kind || !span_equal(target_id(&p->subject), f->id)) {
        return; /* the answer to a view that has been left */
    } else if (f->phase == PEEK_LINE) {
        add_line(m, f);
    } else if (f->phase == PEEK_END) {
        p->complete = true;
        if (f->text.len) {
            model_show_replace(&p->remark, f->text, NAME_COLS);
        }
    }
    p->at_us = m->now_us;
    model_touch(m, TOPIC_PEEK);
}

const struct peek *model_peek(const struct model *m)
{
    return &m->peek;
}
