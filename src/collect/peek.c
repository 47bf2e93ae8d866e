/* peek: the open detail view. Its document is gathered from the replies and told whole, so that nobody ever
 * sees half of it. Everything is bounded: no value is fetched whole beyond a cap. */
#include "peek_key.h"

#include <stdarg.h>
#include <stdio.h>

#include "redai/base/utf8.h"

#include "redai/schema/result.h"

enum { ROWS_MAX = 2000, TEXT_MAX = 4000 };
#define AGAIN_US (5 * US_PER_S)

static const UT_icd row_icd = {sizeof(struct peek_row), NULL, NULL, NULL};

void peek_clear(struct collect *c)
{
    if (!c->peek.row.icd.sz) {
        return;
    }
    for (unsigned i = 0; i < utarray_len(&c->peek.row); i++) {
        struct peek_row *row = (struct peek_row *)utarray_eltptr(&c->peek.row, i);
        mem_free(row->label);
        mem_free(row->text);
        target_release(&row->link);
    }
    utarray_done(&c->peek.row);
    memset(&c->peek.row, 0, sizeof c->peek.row);
}

/* A session id is a bearer token: wherever one is shown it is cut short. */
void peek_short_id(struct span id, UT_string *out)
{
    text_add(out, span_head(id, 6));
    text_add(out, S("~"));
}

void peek_shown_key(struct span key, UT_string *out)
{
    struct span id;
    if (keyname_kind(key, &id) == KEY_SESSION) {
        text_add(out, S("session:"));
        peek_short_id(id, out);
    } else {
        text_add(out, key);
    }
}

static void title_of(struct collect *c)
{
    UT_string raw, shown;
    utstring_init(&raw);
    utstring_init(&shown);
    struct span id = target_id(&c->peek.subject);
    if (c->peek.subject.kind == TARGET_SESSION) {
        peek_short_id(id, &raw);
    } else if (c->peek.subject.kind == TARGET_KEY) {
        peek_shown_key(id, &raw);
    } else if (c->peek.subject.kind == TARGET_MESSAGE) {
        text_add(&raw, S("in "));
        text_add(&raw, span_head(id, span_find(id, '\0')));
    } else {
        text_add(&raw, id);
    }
    utf8_sanitise(text_span(&raw), 120, &shown);
    utstring_done(&raw);
    snprintf(c->peek.title, sizeof c->peek.title, "%s %s", target_kind_name(c->peek.subject.kind),
             utstring_body(&shown));
    utstring_done(&shown);
}

void peek_start_rows(struct collect *c)
{
    peek_clear(c);
    utarray_init(&c->peek.row, &row_icd);
}

/* Who is asked first. */
static const struct link *link_of(const struct collect *c)
{
    switch (c->peek.subject.kind) {
    case TARGET_QUEUE:
    case TARGET_WORKER:
    case TARGET_MESSAGE:
    case TARGET_DELIVERY:
        return c->broker;
    default:
        return c->poll;
    }
}

void peek_begin(struct collect *c)
{
    struct span id = target_id(&c->peek.subject);
    peek_start_rows(c);
    c->peek.generation++;
    peek_worker_forget(c);
    c->peek.begun_us = clock_mono_us();
    c->peek.busy = false;
    c->peek.collect_keys = c->peek.collect_next = false;
    peek_family_forget(c);
    title_of(c);
    if (!link_is_ready(link_of(c))) {
        return;
    }
    c->peek.busy = true;
    switch (c->peek.subject.kind) {
    case TARGET_KEY:
        peek_key(c, id);
        break;
    case TARGET_SESSION:
        peek_session(c, id);
        break;
    case TARGET_USER:
        peek_user(c, id);
        break;
    case TARGET_QUEUE:
        peek_queue(c, id);
        break;
    case TARGET_TASK:
        peek_task(c, id);
        break;
    case TARGET_WORKER:
        peek_worker(c, id);
        break;
    case TARGET_MESSAGE:
        peek_message(c, id);
        break;
    case TARGET_DELIVERY:
        peek_delivery(c, id);
        break;
    case TARGET_FAMILY:
        peek_family(c);
        break;
    default:
        c->peek.busy = false; /* alerts, groups: the model knows all there is */
        break;
    }
}

void peek_step(struct collect *c, int64_t now_us)
{
    enum target_kind kind = c->peek.subject.kind;
    if (link_is_ready(c->poll)) {
        peek_key_absent_step(c, now_us);
        peek_family_step(c, now_us);
    }
    if (kind == TARGET_NONE || c->peek.busy || !link_is_ready(link_of(c)) || kind == TARGET_FAMILY ||
        kind == TARGET_ALERT || kind == TARGET_CHANGE || kind == TARGET_GROUP) {
        return;
    }
    /* The longer the document, the less often it is read anew. */
    int64_t pages = kind == TARGET_QUEUE || kind == TARGET_KEY ? (int64_t)(c->peek.wanted / PEEK_PAGE)
                    : kind == TARGET_WORKER                    ? 2
                                                               : 1;
    if (now_us - c->peek.begun_us >= AGAIN_US * (pages > 0 ? pages : 1)) {
        peek_begin(c);
    }
}

void peek_more(struct collect *c)
{
    c->peek.wanted += PEEK_PAGE;
    peek_begin(c);
}

/* A line that leads to a key and is called after it: then its label is the key's name, whole or shortened. */
static bool is_called_after(struct span label, enum target_kind kind, struct span id)
{
    bool cut = label.len > 1 && label.data[label.len - 1] == '~';
    return kind == TARGET_KEY && label.len && span_starts(id, span_head(label, label.len - cut));
}

struct peek_row *peek_line(struct collect *c, struct span label, struct span text, enum target_kind kind,
                           struct span id)
{
    if (peek_is_full(c)) {
        return &c->peek.spare;
    }
    text = span_head(text, TEXT_MAX);
    struct peek_row row = {
        .label = span_dup(label), .label_len = label.len, .text = span_dup(text), .text_len = text.len};
    if (kind != TARGET_NONE) {
        target_set(&row.link, kind, id);
        row.foreign = is_called_after(label, kind, id);
    }
    utarray_push_back(&c->peek.row, &row);
    return (struct peek_row *)utarray_back(&c->peek.row);
}

void peek_name(struct collect *c, const char *label, struct span text, enum veil_kind veil)
{
    peek_line(c, span_of(label), text, TARGET_NONE, S(""))->veil = veil;
}

void peek_key_line(struct collect *c, struct span label, struct span key, struct span text)
{
    UT_string shown;
    utstring_init(&shown);
    peek_shown_key(key, &shown);
    if (label.len) {
        peek_line(c, label, text_span(&shown), TARGET_NONE, S(""))->veil = VEIL_KEY;
    } else {
        peek_line(c, text_span(&shown), text, TARGET_KEY, key)->veil = VEIL_PLAIN; /* sizes and times */
    }
    utstring_done(&shown);
}

bool peek_is_full(const struct collect *c)
{
    return utarray_len(&c->peek.row) >= ROWS_MAX;
}

static struct peek_row *print_line(struct collect *c, const char *label, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static struct peek_row *print_line(struct collect *c, const char *label, const char *format, va_list args)
{
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    return peek_line(c, span_of(label), span_of(text), TARGET_NONE, S(""));
}

struct peek_row *peek_printf(struct collect *c, const char *label, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct peek_row *row = print_line(c, label, format, args);
    va_end(args);
    return row;
}

void peek_refused(struct collect *c, const char *label, const struct reply *r)
{
    struct span why = span_head(collect_error(r), 120);
    peek_say(c, label, "? %.*s", (int)why.len, why.data);
}

void peek_say(struct collect *c, const char *label, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(c, label, format, args)->veil = VEIL_PLAIN;
    va_end(args);
}

void peek_tell(struct collect *c, const char *remark)
{
    struct span id = target_id(&c->peek.subject);
    struct fact f = {
        .kind = FACT_PEEK,
        .peek = {
            .phase = PEEK_BEGIN, .kind = c->peek.subject.kind, .id = id, .label = span_of(c->peek.title)}};
    collect_emit(c, &f);
    for (unsigned i = 0; i < utarray_len(&c->peek.row); i++) {
        const struct peek_row *row = (struct peek_row *)utarray_eltptr(&c->peek.row, i);
        f.peek.phase = PEEK_LINE;
        f.peek.label = span_make(row->label, row->label_len);
        f.peek.text = span_make(row->text, row->text_len);
        f.peek.link_kind = row->link.kind;
        f.peek.link_id = target_id(&row->link);
        f.peek.veil = row->veil;
        f.peek.plain = (int64_t)row->plain;
        f.peek.foreign = row->foreign;
        f.peek.style = row->style;
        f.peek.depth = row->depth;
        collect_emit(c, &f);
    }
    f.peek = (struct fact_peek){
        .phase = PEEK_END, .kind = c->peek.subject.kind, .id = id, .text = span_of(remark)};
    collect_emit(c, &f);
}

void peek_end(struct collect *c, const char *remark)
{
    c->peek.busy = false;
    peek_tell(c, remark);
    collect_poll_result(c, TOPIC_PEEK, true, S(""));
}

void peek_bytes(struct collect *c, struct span bytes)
{
    peek_value_text(c, bytes, 0);
}

void peek_json(struct collect *c, struct span json)
{
    peek_value(c, json, true, 0, json.len);
}

struct peek_ask *peek_ask_new(struct collect *c, struct span key)
{
    struct peek_ask *a = mem_zalloc(sizeof *a);
    a->c = c;
    a->generation = c->peek.generation;
    a->key = span_dup(key);
    a->len = key.len;
    return a;
}

void peek_ask_free(struct peek_ask *a)
{
    target_release(&a->where);
    mem_free(a->key);
    mem_free(a);
}

bool peek_ask_live(const struct peek_ask *a)
{
    return a->generation == a->c->peek.generation;
}
