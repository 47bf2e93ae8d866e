#include "page.h"

#include "alert_graph.h"
#include "texts.h"
#include "trouble.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

struct page *page_new(enum page_kind kind, struct page *below)
{
    struct page *p = mem_zalloc(sizeof *p);
    p->kind = kind;
    p->below = below;
    p->read_us = p->head_us = -1;
    document_init(&p->doc);
    document_init(&p->head);
    return p;
}

void page_free(struct page *p)
{
    if (p) {
        document_release(&p->doc);
        document_release(&p->head);
        target_release(&p->subject);
        mem_free(p);
    }
}

/* What the model knows of a session besides its value. */
static void add_session(struct page *p, const struct look *look)
{
    const struct session *s = model_session_find(look->m, target_id(&p->subject));
    char instant[TEXT_SMALL];
    char age[TEXT_SMALL];
    const struct {
        const char *label;
        int64_t wall_us;
    } times[] = {{"last seen", s ? s->seen_us : -1}, {"created", s ? s->created_us : -1}};
    for (size_t i = 0; s && i < sizeof times / sizeof times[0]; i++) {
        if (times[i].wall_us >= 0) {
            int64_t age_us = look->wall_us - times[i].wall_us;
            document_ownf(&p->doc, times[i].label, ROLE_VALUE, "%s, %s ago",
                          text_instant(times[i].wall_us, instant, sizeof instant),
                          text_age(age_us > 0 ? age_us : 0, age, sizeof age));
        }
    }
    if (s && s->user_key[0]) {
        struct document_line *line = document_add(&p->doc, "user", ROLE_VALUE, s->user_id);
        line->veil = VEIL_USER;
        target_set(&line->link, TARGET_USER, span_of(s->user_key));
    }
    if (s && s->listing == SESSION_ORPHAN) {
        document_own(&p->doc, "orphan", ROLE_WARNING,
                     "! 'log out everywhere' misses it; :repair puts it into its user's index");
    }
}

/* What a user's index names is told by the head, once the model has all of it. */
static bool told_by_head(const struct page *p, const struct look *look, const struct peek_line *line)
{
    const struct user_view *u =
        p->subject.kind == TARGET_USER ? model_user_find(look->m, target_id(&p->subject)) : NULL;
    return u && (line->link.kind == TARGET_SESSION || strcmp(line->label, "user") == 0) &&
           (u->index == USER_INDEX_READ || u->index == USER_INDEX_ABSENT);
}

static void fill_from_peek(struct page *p, const struct look *look, const struct peek *peek)
{
    document_begin(&p->doc);
    p->doc.split = p->subject.kind == TARGET_FAMILY;
    p->doc.seeks = p->subject.kind == TARGET_FAMILY && (p->doc.seeks || !p->filled);
    text_copy(p->title, sizeof p->title, span_of(peek->title));
    text_copy(p->remark, sizeof p->remark, span_of(peek->remark));
    if (p->subject.kind == TARGET_SESSION) {
        add_session(p, look);
    }
    for (size_t i = 0; i < utarray_len(&peek->line); i++) {
        const struct peek_line *from = &((const struct peek_line *)(const void *)peek->line.d)[i];
        if (told_by_head(p, look, from)) {
            continue;
        }
        struct document_line *line = document_add(&p->doc, from->label, ROLE_VALUE, from->text);
        if (from->link.kind != TARGET_NONE) {
            target_set(&line->link, from->link.kind, target_id(&from->link));
        }
        line->veil = from->veil;
        if (p->subject.kind == TARGET_KEY && strcmp(from->label, "key") == 0 && from->veil == VEIL_KEY) {
            target_set(&line->named, TARGET_KEY, target_id(&p->subject));
        }
        line->plain = from->plain;
        if (from->foreign) {
            line->label_veil = from->link.kind != TARGET_NONE ? look_kind(from->link.kind) : VEIL_PAYLOAD;
        }
        line->json = from->style == PEEK_STYLE_JSON;
        line->hex = from->style == PEEK_STYLE_HEX;
        line->depth = from->depth;
        if (from->style == PEEK_STYLE_HEADING) {
            line->role = ROLE_TITLE;
        }
        if (from->label[0] && !from->text[0] && from->link.kind == TARGET_NONE) {
            line->label_role = ROLE_TITLE;
        }
    }
    p->read_us = peek->at_us;
    p->asked = false;
    p->filled = true;
    p->complete = peek->complete;
}

static bool leads_to_session(const struct document *d, struct span id)
{
    for (size_t i = 0; i < utarray_len(&d->line); i++) {
        const struct document_line *line = &((const struct document_line *)(const void *)d->line.d)[i];
        if (line->link.kind == TARGET_SESSION && span_equal(target_id(&line->link), id)) {
            return true;
        }
    }
    return false;
}

/* The user's other sessions that the index did not name: 'log out everywhere' would miss them. */
static void add_unlisted_sessions(struct page *p, const struct look *look)
{
    enum { MOST = 200 };
    const struct session *self = model_session_find(look->m, target_id(&p->subject));
    size_t shown = 0;
    if (!self || !self->user_key[0]) {
        return;
    }
    for (const struct session *s = model_user_sessions(look->m, span_of(self->user_key), NULL);
         s && shown < MOST; s = s->same_user_next) {
        struct span id = span_make(s->id, s->id_len);
        if (s != self && !leads_to_session(&p->doc, id)) {
            struct document_line *line = document_add(&p->doc, "not in the index", ROLE_WARNING, s->short_id);
            line->veil = VEIL_SESSION;
            target_set(&line->link, TARGET_SESSION, id);
            shown++;
        }
    }
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
    } else if (p->subject.kind == TARGET_KEY && span_starts(id, S("session:"))) {
        utf8_sanitise(span_head(id, 14), 60, &shown);
        text_add(&shown, S("~"));
    } else {
        utf8_sanitise(id, 60, &shown);
    }
    snprintf(p->title, sizeof p->title, "%s %s", target_kind_name(p->subject.kind), utstring_body(&shown));
    utstring_done(&shown);
}

/* The head tells times and counts: it is made anew each second, and when something it tells has changed. */
static void add_head(struct page *p, const struct look *look, unsigned changes, bool anew)
{
    static const struct {
        enum target_kind kind;
        void (*add)(struct document *d, const struct look *look, const struct target *subject);
    } rows[] = {
        {TARGET_TASK, page_head_task},     {TARGET_WORKER, page_head_worker}, {TARGET_QUEUE, page_head_queue},
        {TARGET_FAMILY, page_head_family}, {TARGET_USER, page_head_user},
    };
    unsigned topics = 1u << TOPIC_TASKS | 1u << TOPIC_WORKERS | 1u << TOPIC_QUEUES | 1u << TOPIC_SESSIONS;
    bool due =
        anew || p->anew || p->head_us < 0 || (changes & topics) || look->now_us - p->head_us >= US_PER_S;
    for (size_t i = 0; due && i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kind == p->subject.kind) {
            document_begin(&p->head);
            rows[i].add(&p->head, look, &p->subject);
            if (document_lines(&p->head) && document_lines(&p->doc) > p->doc.head) {
                document_own(&p->head, "", ROLE_TEXT, "");
            }
            document_set_head(&p->doc, &p->head);
            p->head_us = look->now_us;
        }
    }
}

bool page_wants_more(const struct page *p)
{
    return p->kind == PAGE_DETAIL && p->filled && p->complete && !p->asked && p->remark[0] &&
           text_contains(span_of(p->remark), S("more")) && document_at_end(&p->doc);
}

static void recalc_detail(struct page *p, const struct look *look, unsigned changes)
{
    const struct peek *peek = model_peek(look->m);
    bool news = !p->filled || (changes & (1u << TOPIC_PEEK));
    if (!p->title[0]) {
        title_of_subject(p, look);
    }
    bool anew = false;
    if (p->subject.kind == TARGET_ALERT) {
        page_fill_alert(p, look);
    } else if (p->subject.kind == TARGET_CHANGE) {
        page_fill_change(p, look);
    } else if (page_is_of_server(p->subject.kind)) {
        page_fill_of_server(p, look);
    } else if (news && peek && target_equal(&peek->subject, &p->subject) &&
               (peek->complete || !p->complete)) {
        /* A document that is being read again keeps its old words until the new ones are whole. */
        fill_from_peek(p, look, peek);
        anew = true;
        if (p->subject.kind == TARGET_SESSION && peek->complete) {
            add_unlisted_sessions(p, look);
        }
    }
    add_head(p, look, changes, anew);
    p->anew = false;
}

void page_veil(struct page *p, const struct veil *veil)
{
    for (; p; p = p->below) {
        document_veil(&p->doc, veil);
        document_search(&p->doc, "");
        p->anew = true;
    }
}

void page_recalc(struct page *p, const struct look *look, unsigned changes)
{
    if (p->kind == PAGE_DETAIL) {
        recalc_detail(p, look, changes);
    } else if (p->kind == PAGE_SERVER) {
        page_fill_server(p, look);
        p->complete = true; /* a frozen screen needs no more of it */
    } else if (p->kind == PAGE_MEMORY) {
        page_fill_memory(p, look);
        p->complete = true;
    } else if (p->kind == PAGE_DOCTOR) {
        page_fill_doctor(p, look);
    } else if (p->kind == PAGE_RECEIPTS && (!p->filled || p->anew || (changes & (1u << TOPIC_ACTIONS)))) {
        page_fill_receipts(p, look);
        p->anew = false;
    }
}

/* A batch's bar stands above what was read of its task. Returns the rows it took. */
static int draw_batch(const struct page *p, const struct look *look, struct grid *g, struct rect r)
{
    const struct batch *b = p->kind == PAGE_DETAIL && p->subject.kind == TARGET_TASK
                                ? model_batch_find(look->m, target_id(&p->subject))
                                : NULL;
    char share[TEXT_SMALL];
    char text[3][TEXT_SMALL];
    if (!b || r.h < 6 || r.w < 30) {
        return 0;
    }
    bool failed = b->state == BATCH_FAILED || b->state == BATCH_LOST || b->state == BATCH_REVOKED;
    text_share(b->part, share, sizeof share);
    grid_bar(g, r.x + 2, r.y, r.w - 9, b->part, failed ? ROLE_BAR_FAILED : ROLE_BAR, ROLE_BAR_EMPTY);
    grid_text(g, r.x + r.w - 6, r.y, 6, span_of(share), ROLE_VALUE);
    struct segments line = {0};
    segments_add(&line, 0, b->state == BATCH_STALLED || failed ? ROLE_WARNING : ROLE_INFO, "", "%s%s",
                 b->state == BATCH_STALLED || failed ? "! " : "", batch_state_name[b->state]);
    segments_add(&line, 1, ROLE_TEXT, "", "%s of %s", human_count(b->current, text[0], TEXT_SMALL),
                 human_count(b->total, text[1], TEXT_SMALL));
    if (b->ended_us < 0) {
        segments_add(&line, 2, ROLE_TEXT, "", "%s/s", human_rate(b->rate_per_s, text[0], TEXT_SMALL));
        if (b->left_s >= 0 && b->left_s < 1e9) {
            segments_add(&line, 2, ROLE_TEXT, "", "~%s left",
                         human_duration((int64_t)b->left_s * 1000000, text[1], TEXT_SMALL));
        }
    }
    segments_add(&line, 3, b->state == BATCH_STALLED ? ROLE_WARNING : ROLE_DIM, "", "moved %s ago",
                 text_age(b->moved_us < 0 ? -1 : look->now_us - b->moved_us, text[2], TEXT_SMALL));
    segments_draw(&line, g, r.x + 2, r.y + 1, r.w - 4,
                  &(struct segments_style){" | ", ROLE_DIM, ROLE_LABEL, 0});
    return 3;
}

/* Behind the curtain a title is made of what the page is about: words that others put together may name it.
 */
static const char *title_of(const struct page *p, const struct look *look, char *out, size_t size)
{
    char shown[VEIL_MAX];
    if (!look->veil || p->kind == PAGE_RECEIPTS || p->own) {
        return p->title;
    }
    if (p->kind != PAGE_DETAIL) {
        return p->kind == PAGE_SERVER ? "server" : "";
    }
    veil_text(look->veil, look_kind(p->subject.kind), target_id(&p->subject), shown, sizeof shown);
    UT_string clean;
    utstring_init(&clean);
    utf8_sanitise(span_of(shown), 60, &clean);
    snprintf(out, size, "%s %s", target_kind_name(p->subject.kind), utstring_body(&clean));
    utstring_done(&clean);
    return out;
}

/* Whose server the page's data come from. */
static enum topic topic_of(const struct page *p)
{
    switch (p->kind == PAGE_DETAIL ? p->subject.kind : TARGET_NONE) {
    case TARGET_QUEUE:
    case TARGET_MESSAGE:
    case TARGET_DELIVERY:
        return TOPIC_QUEUES;
    case TARGET_WORKER:
        return TOPIC_WORKERS;
    case TARGET_TASK:
        return TOPIC_TASKS;
    default:
        return TOPIC_SERVER;
    }
}

static void draw_title(const struct page *p, const struct look *look, struct grid *g, struct rect r)
{
    struct segments line = {0};
    char text[TEXT_SMALL];
    char where[TEXT_SMALL];
    document_place(&p->doc, where, sizeof where);
    char title[200];
    char remark[300];
    char away[400];
    const char *trouble = trouble_topic_line(look, topic_of(p), away, sizeof away);
    segments_add(&line, 0, ROLE_TITLE_FOCUS, "", "%.200s", title_of(p, look, title, sizeof title));
    if (p->read_us >= 0) {
        int64_t age = look->now_us - p->read_us;
        bool old = p->kind == PAGE_DETAIL && (age > 10 * 1000000 || trouble);
        segments_add(&line, 1, old ? ROLE_WARNING : ROLE_DIM, "", "%s%s", old ? "stale " : "",
                     text_data_age(age, text, sizeof text));
    }
    if (trouble && model_redis_reachable(look->m)) {
        segments_add(&line, 1, ROLE_WARNING, "", "! %.200s", trouble);
    }
    if (p->remark[0]) {
        segments_add(&line, 2, ROLE_INFO, "", "%.200s",
                     p->own ? p->remark : look_prose(look, p->remark, remark, sizeof remark));
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
    document_veil(&p->doc, look->veil);
    int head = draw_batch(p, look, g, body);
    const struct alert *alert = p->kind == PAGE_DETAIL && p->subject.kind == TARGET_ALERT
                                    ? model_alert_find(look->m, target_id(&p->subject))
                                    : NULL;
    head += alert ? alert_graph_draw(look, alert, g, body) : 0;
    body.y += head;
    body.h -= head;
    if (document_lines(&p->doc)) {
        document_draw(&p->doc, g, body);
    } else if (body.h > 0) {
        char line[200] = "reading ...";
        if (p->filled) {
            snprintf(line, sizeof line, "nothing to show");
        } else {
            trouble_topic_line(look, topic_of(p), line, sizeof line);
        }
        grid_text(g, body.x + 2, body.y, body.w - 2, span_of(line), ROLE_DIM);
    }
    draw_title(p, look, g, r);
}
