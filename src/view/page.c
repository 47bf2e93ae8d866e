#include "page.h"

#include "texts.h"
#include "trouble.h"

#include <stdio.h>

#include "redai/base/utf8.h"

struct page *page_new(enum page_kind kind, struct page *below)
{
    struct page *p = mem_zalloc(sizeof *p);
    p->kind = kind;
    p->below = below;
    p->read_us = -1;
    document_init(&p->doc);
    return p;
}

void page_free(struct page *p)
{
    if (p) {
        document_release(&p->doc);
        target_release(&p->subject);
        mem_free(p);
    }
}

/* Values come as bare lines; what looks like JSON is coloured as such. */
static bool looks_like_json(const char *text)
{
    size_t blanks = strspn(text, " ");
    return text[blanks] && strchr("{}[]\"", text[blanks]);
}

static void fill_from_peek(struct page *p, const struct peek *peek)
{
    document_begin(&p->doc);
    text_copy(p->title, sizeof p->title, span_of(peek->title));
    text_copy(p->remark, sizeof p->remark, span_of(peek->remark));
    for (size_t i = 0; i < utarray_len(&peek->line); i++) {
        const struct peek_line *from = &((const struct peek_line *)(const void *)peek->line.d)[i];
        struct document_line *line = document_add(&p->doc, from->label, ROLE_VALUE, from->text);
        if (from->link.kind != TARGET_NONE) {
            target_set(&line->link, from->link.kind, target_id(&from->link));
        }
        line->json = !from->label[0] && looks_like_json(from->text);
        if (from->label[0] && !from->text[0] && from->link.kind == TARGET_NONE) {
            line->label_role = ROLE_TITLE;
        }
    }
    p->read_us = peek->at_us;
    p->filled = true;
    p->complete = peek->complete;
}

/* What it is about, until its own title has been read. A session's id is never written whole. */
static void title_of_subject(struct page *p, const struct look *look)
{
    struct span id = target_id(&p->subject);
    UT_string shown;
    utstring_init(&shown);
    if (p->subject.kind == TARGET_SESSION) {
        const struct session *s = model_session_find(look->m, id);
        text_add(&shown, s ? span_of(s->short_id) : S(""));
    } else {
        utf8_sanitise(id, 60, &shown);
    }
    snprintf(p->title, sizeof p->title, "%s %s", target_kind_name(p->subject.kind), utstring_body(&shown));
    utstring_done(&shown);
}

static void recalc_detail(struct page *p, const struct look *look, unsigned changes)
{
    const struct peek *peek = model_peek(look->m);
    bool news = !p->filled || (changes & (1u << TOPIC_PEEK));
    if (!p->title[0]) {
        title_of_subject(p, look);
    }
    if (p->subject.kind == TARGET_ALERT) {
        page_fill_alert(p, look);
    } else if (news && peek && target_equal(&peek->subject, &p->subject) &&
               (peek->complete || !p->complete)) {
        /* A document that is being read again keeps its old words until the new ones are whole. */
        fill_from_peek(p, peek);
    }
}

void page_recalc(struct page *p, const struct look *look, unsigned changes)
{
    if (p->kind == PAGE_DETAIL) {
        recalc_detail(p, look, changes);
    } else if (p->kind == PAGE_SERVER) {
        page_fill_server(p, look);
    } else if (p->kind == PAGE_RECEIPTS && (!p->filled || (changes & (1u << TOPIC_ACTIONS)))) {
        page_fill_receipts(p, look);
    }
}

static void draw_title(const struct page *p, const struct look *look, struct grid *g, struct rect r)
{
    struct segments line = {0};
    char text[TEXT_SMALL];
    char where[TEXT_SMALL];
    document_place(&p->doc, where, sizeof where);
    segments_add(&line, 0, ROLE_TITLE_FOCUS, "", "%.200s", p->title);
    if (p->read_us >= 0) {
        int64_t age = look->now_us - p->read_us;
        bool old = p->kind == PAGE_DETAIL && (age > 10 * 1000000 || !model_redis_reachable(look->m));
        segments_add(&line, 1, old ? ROLE_WARNING : ROLE_DIM, "", "%s%s", old ? "stale " : "",
                     text_data_age(age, text, sizeof text));
    }
    if (p->remark[0]) {
        segments_add(&line, 2, ROLE_INFO, "", "%.200s", p->remark);
    }
    if (p->doc.search[0]) {
        segments_add(&line, 1, ROLE_INFO, "", "/%.100s (n: next)", p->doc.search);
    }
    grid_box(g, (struct rect){r.x, r.y, r.w, 1}, ROLE_BORDER_FOCUS);
    int tail = where[0] ? (int)strlen(where) + 3 : 0;
    tail = tail + 20 < r.w ? tail : 0;
    int x = r.x + 1;
    x += grid_text(g, x, r.y, r.w - 1, S(" "), ROLE_TITLE);
    x += segments_draw(&line, g, x, r.y, r.x + r.w - x - 2 - tail,
                       &(struct segments_style){" | ", ROLE_BORDER, ROLE_LABEL, 0});
    grid_text(g, x, r.y, r.x + r.w - x, S(" "), ROLE_TITLE);
    if (tail) {
        grid_printf(g, r.x + r.w - tail, r.y, tail - 1, ROLE_DIM, " %s ", where);
    }
}

void page_draw(struct page *p, const struct look *look, struct grid *g, struct rect r)
{
    struct rect body = {r.x, r.y + 1, r.w, r.h - 1};
    if (r.h <= 0 || r.w <= 0) {
        return;
    }
    if (document_lines(&p->doc)) {
        document_draw(&p->doc, g, body);
    } else if (body.h > 0) {
        char line[200] = "reading ...";
        if (p->filled) {
            snprintf(line, sizeof line, "nothing to show");
        } else if (!model_redis_reachable(look->m)) {
            trouble_line(look, line, sizeof line);
        }
        grid_text(g, body.x + 2, body.y, body.w - 2, span_of(line), ROLE_DIM);
    }
    draw_title(p, look, g, r);
}
