/* The last trace: how far it is, and by family what it has counted. */
#include "model_priv.h"

#include "redai/schema/keyname.h"

#define TOKEN_SHOWN 6 /* characters of a session id that are shown */

void trace_init(struct model *m)
{
    struct trace_view *v = &m->trace;
    *v = (struct trace_view){.begun_us = -1, .ends_at_us = -1, .ended_us = -1};
}

static void blank(struct family *v)
{
    v->traced_reads = v->traced_writes = v->traced_misses = -1;
    v->hot_reads = 0;
    mem_free(v->hot_key);
    v->hot_key = mem_strdup("");
}

static void begin(struct model *m, const struct fact_trace *f)
{
    struct trace_view *v = &m->trace;
    *v = (struct trace_view){.running = true,
                             .begun_us = m->now_us,
                             .ends_at_us = model_time(f->ends_at_us),
                             .ended_us = -1,
                             .bytes_max = model_count(f->bytes_max)};
    for (size_t i = 0; i < m->census.count; i++) {
        blank(&m->census.row[i]->view);
    }
}

/* A session id is a bearer token: its front stands for it. */
static char *shown_key(struct span key)
{
    struct span id;
    if (keyname_kind(key, &id) != KEY_SESSION || id.len <= TOKEN_SHOWN) {
        return utf8_sanitise_dup(key, NAME_COLS);
    }
    UT_string text;
    utstring_init(&text);
    utf8_sanitise(span_head(key, key.len - id.len + TOKEN_SHOWN), NAME_COLS, &text);
    text_add(&text, S("~"));
    char *shown = span_dup(text_span(&text));
    utstring_done(&text);
    return shown;
}

static int64_t sum(int64_t before, int64_t more)
{
    return more < 0 ? before : model_count((before > 0 ? before : 0) + model_count(more));
}

/* Several families of the trace may be one row here: those beyond the rows, those of a folded one. */
static void add_family(struct model *m, const struct fact_trace *f)
{
    if (!f->name.len) {
        return;
    }
    struct family *v = &family_row_of_name(m, f->name)->view;
    v->traced_reads = sum(v->traced_reads, f->reads);
    v->traced_writes = sum(v->traced_writes, f->writes);
    v->traced_misses = sum(v->traced_misses, f->misses);
    if (f->hot_key.len && f->hot_reads > v->hot_reads) {
        mem_free(v->hot_key);
        v->hot_key = shown_key(f->hot_key);
        v->hot_reads = model_count(f->hot_reads);
    }
}

static void end(struct model *m, const struct fact_trace *f)
{
    struct trace_view *v = &m->trace;
    if (!v->running) { /* it never began: what the one before has counted is of another time */
        begin(m, f);
        v->ends_at_us = m->now_us;
    }
    bool counted = v->ends_at_us > v->begun_us;
    v->running = false;
    v->ended_us = m->now_us;
    v->commands = model_count(f->commands);
    v->bytes = model_count(f->bytes);
    model_show(v->text, sizeof v->text, f->text, LINE_COLS);
    for (size_t i = 0; counted && i < m->census.count; i++) {
        struct family *row = &m->census.row[i]->view;
        if (row->traced_reads < 0) { /* nothing was heard of it: that is known, too */
            row->traced_reads = row->traced_writes = 0;
            row->traced_misses = f->misses < 0 ? -1 : 0;
        }
    }
}

void trace_apply(struct model *m, const struct fact_trace *f)
{
    switch (f->phase) {
    case TRACE_BEGIN:
        begin(m, f);
        break;
    case TRACE_PROGRESS:
        m->trace.commands = model_count(f->commands);
        m->trace.bytes = model_count(f->bytes);
        break;
    case TRACE_FAMILY:
        add_family(m, f);
        break;
    case TRACE_END:
        end(m, f);
        break;
    }
    model_touch(m, TOPIC_CACHE);
}

const struct trace_view *model_trace(const struct model *m)
{
    return &m->trace;
}
