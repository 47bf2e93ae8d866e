/* Pages of what the server pane lists: a client, a command, the slow log, a sign of life. All of it is in the
 * model; nothing is read for them. */
#include "page.h"
#include "server_words.h"
#include "texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

static void add_count(struct document *d, const char *label, int64_t n)
{
    char text[TEXT_SMALL];
    document_own(d, label, n < 0 ? ROLE_UNKNOWN : ROLE_VALUE, human_count(n, text, sizeof text));
}

static void add_bytes(struct document *d, const char *label, int64_t n)
{
    char text[TEXT_SMALL];
    document_own(d, label, n < 0 ? ROLE_UNKNOWN : ROLE_VALUE, human_bytes(n, text, sizeof text));
}

static void add_us(struct document *d, const char *label, double us)
{
    char text[TEXT_SMALL];
    document_own(d, label, us >= 0 ? ROLE_VALUE : ROLE_UNKNOWN, server_us(us, text, sizeof text));
}

static void add_rate(struct document *d, const char *label, double per_s)
{
    char text[TEXT_SMALL];
    document_ownf(d, label, isnan(per_s) ? ROLE_UNKNOWN : ROLE_VALUE, "%s/s",
                  human_rate(per_s, text, sizeof text));
}

/* What is not ours, as what it is. */
static void add_foreign(struct document *d, const char *label, const char *text, enum veil_kind veil)
{
    if (text[0]) {
        document_add(d, label, ROLE_VALUE, text)->veil = veil;
    } else {
        document_own(d, label, ROLE_DIM, "-");
    }
}

static void add_since(struct document *d, const struct look *look, const char *label, int64_t wall_us)
{
    char instant[TEXT_SMALL];
    char age[TEXT_SMALL];
    int64_t age_us = look->wall_us - wall_us;
    if (wall_us < 0) {
        document_own(d, label, ROLE_UNKNOWN, "?");
    } else {
        document_ownf(d, label, ROLE_VALUE, "%s, %s ago", text_instant(wall_us, instant, sizeof instant),
                      text_age(age_us > 0 ? age_us : 0, age, sizeof age));
    }
}

/* --- a client --- */

static const char *kind_means(enum client_kind kind)
{
    static const char *const text[CLIENT_KIND_COUNT] = {
        [CLIENT_NORMAL] = "a client that gives commands",
        [CLIENT_OWN] = "this console itself",
        [CLIENT_CONSOLE] = "another redai-console",
        [CLIENT_WORKER] = "it waits for tasks or listens to Celery: to end it makes a worker connect anew",
        [CLIENT_PUBSUB] = "it listens to channels",
        [CLIENT_MONITOR] = "it is sent every command of everybody: that costs the server dearly",
        [CLIENT_BLOCKED] = "it waits in a blocking command",
        [CLIENT_REPLICA] = "a replica of this server: to end it makes it copy what it missed",
        [CLIENT_MASTER] = "the master of this server",
    };
    return text[kind];
}

static void add_seconds(struct document *d, const char *label, int64_t s)
{
    char text[TEXT_SMALL];
    document_own(d, label, s < 0 ? ROLE_UNKNOWN : ROLE_VALUE, human_seconds(s, text, sizeof text));
}

static bool fill_client(struct page *p, const struct look *look)
{
    struct document *d = &p->doc;
    const struct client *c = model_client_find(look->m, target_id(&p->subject));
    if (!c) {
        document_own(d, "", ROLE_DIM, "it is not connected any more, or CLIENT LIST was not read");
        return false;
    }
    document_ownf(d, "kind", c->kind == CLIENT_MONITOR ? ROLE_WARNING : ROLE_VALUE, "%s: %s",
                  client_kind_name[c->kind], kind_means(c->kind));
    add_foreign(d, "name", c->name, VEIL_PAYLOAD);
    add_foreign(d, "address", c->address, VEIL_ADDRESS);
    add_foreign(d, "user", c->user, VEIL_PERSON);
    add_seconds(d, "connected for", c->age_s);
    add_seconds(d, "idle for", c->idle_s);
    add_foreign(d, "last command", c->command, VEIL_PLAIN);
    add_count(d, "database", c->db);
    add_bytes(d, "memory", c->memory);
    document_ownf(d, "not read yet", c->output > 0 ? ROLE_WARNING : ROLE_VALUE, "%s%s",
                  human_bytes(c->output, (char[TEXT_SMALL]){0}, TEXT_SMALL),
                  c->output > 0 ? ": it reads too slowly" : "");
    add_count(d, "subscriptions", c->subscriptions);
    if (c->queued >= 0) {
        add_count(d, "in its transaction", c->queued);
    }
    add_foreign(d, "flags", c->flags, VEIL_PLAIN);
    return true;
}

/* --- a command --- */

static bool fill_command(struct page *p, const struct look *look)
{
    struct document *d = &p->doc;
    const struct command_stat *c = model_command_find(look->m, target_id(&p->subject));
    int64_t window_us = model_command_window_us(look->m);
    char text[TEXT_SMALL];
    if (!c) {
        document_own(d, "", ROLE_DIM, "it was not called since the server's counters began");
        return false;
    }
    document_heading(d, "lately");
    document_own(d, "window", window_us > 0 ? ROLE_VALUE : ROLE_UNKNOWN,
                 window_us > 0 ? human_duration(window_us, text, sizeof text) : "one reading so far");
    add_rate(d, "calls", c->calls_per_s);
    add_us(d, "per call", c->us_per_call);
    document_own(d, "share of the time", isnan(c->share) ? ROLE_UNKNOWN : ROLE_VALUE,
                 human_percent(c->share, text, sizeof text));
    add_rate(d, "failed", c->failed_per_s);
    add_rate(d, "refused", c->rejected_per_s);
    document_heading(d, "since the server's counters began");
    add_count(d, "calls", c->calls);
    add_us(d, "time", c->usec < 0 ? NAN : (double)c->usec);
    add_us(d, "per call", c->us_per_call_ever);
    add_count(d, "failed", c->failed);
    add_count(d, "refused", c->rejected);
    return true;
}

/* --- the slow log --- */

static void fill_entry(struct page *p, const struct look *look, const struct slow_entry *e)
{
    struct document *d = &p->doc;
    char text[240];
    document_own(d, "shape", ROLE_VALUE, shape_text(look, e->shape, text, sizeof text));
    add_us(d, "took", (double)e->duration_us);
    add_since(d, look, "at", e->wall_us);
    if (e->is_new) {
        document_own(d, "", ROLE_WARNING, "it came while you watch");
    }
    add_foreign(d, "client", e->client, VEIL_ADDRESS);
    add_foreign(d, "its name", e->client_name, VEIL_PAYLOAD);
    add_count(d, "arguments", e->argc);
    document_heading(d, "command, its arguments cut and masked");
    document_add(d, "", ROLE_VALUE, e->text);
}

static const struct slow_shape *find_shape(const struct look *look, struct span id)
{
    for (size_t i = 0; i < model_slow_shapes(look->m); i++) {
        if (span_equal(span_of(model_slow_shape_at(look->m, i)->shape), id)) {
            return model_slow_shape_at(look->m, i);
        }
    }
    return NULL;
}

static void fill_shape(struct page *p, const struct look *look, const struct slow_shape *s)
{
    enum { MOST = 200 };
    struct document *d = &p->doc;
    char text[240];
    char clock[TEXT_SMALL];
    char took[TEXT_SMALL];
    size_t shown = 0;
    document_own(d, "shape", ROLE_VALUE, shape_text(look, s->shape, text, sizeof text));
    document_ownf(d, "entries", ROLE_VALUE, "%zu, %zu of them new", s->count, s->fresh);
    add_us(d, "together", (double)s->total_us);
    add_us(d, "slowest", (double)s->max_us);
    add_since(d, look, "last", s->last_wall_us);
    document_heading(d, "entries, the newest first");
    for (size_t i = 0; i < model_slow_count(look->m) && shown < MOST; i++) {
        const struct slow_entry *e = model_slow_at(look->m, i);
        if (strcmp(e->shape, s->shape) == 0) {
            snprintf(text, sizeof text, "%s%s", text_clock(e->wall_us, clock, sizeof clock),
                     e->is_new ? " +" : "");
            struct document_line *line =
                document_addf(d, text, ROLE_VALUE, "%s  %.160s",
                              server_us((double)e->duration_us, took, sizeof took), e->text);
            line->plain = strlen(took) + 2;
            target_set(&line->link, TARGET_SLOW, span_of(e->number));
            line->veil = VEIL_PAYLOAD;
            shown++;
        }
    }
    if (s->count > shown) {
        document_ownf(d, "", ROLE_DIM, "the newest %zu of %zu", shown, s->count);
    }
}

static bool fill_slow(struct page *p, const struct look *look)
{
    struct span id = target_id(&p->subject);
    const struct slow_entry *e = model_slow_find(look->m, id);
    const struct slow_shape *s = e ? NULL : find_shape(look, id);
    if (e) {
        fill_entry(p, look, e);
    } else if (s) {
        fill_shape(p, look, s);
    } else {
        document_own(&p->doc, "", ROLE_DIM, "it is not known any more: the newest entries are kept");
    }
    return e || s;
}

/* --- a sign of life --- */

static void add_replicas(struct document *d, const struct look *look)
{
    document_heading(d, "replicas");
    for (size_t i = 0; i < model_replica_count(look->m); i++) {
        const struct replica *r = model_replica_at(look->m, i);
        char lag[TEXT_SMALL];
        document_add(d, "address", ROLE_VALUE, r->address)->veil = VEIL_ADDRESS;
        document_ownf(d, "state", strcmp(r->state, "online") == 0 ? ROLE_VALUE : ROLE_WARNING, "%s, lag %s",
                      r->state, human_seconds(r->lag_s, lag, sizeof lag));
    }
}

static bool fill_error(struct page *p, const struct look *look, struct span id)
{
    for (size_t i = 0; i < model_error_count(look->m); i++) {
        const struct error_stat *e = model_error_at(look->m, i);
        if (span_equal(span_of(e->id), id)) {
            document_own(&p->doc, "error", ROLE_VALUE, e->name);
            add_count(&p->doc, "count", e->count);
            add_rate(&p->doc, "now", e->per_s);
            document_own(&p->doc, "", ROLE_DIM,
                         ":group commands tells which commands failed or were refused");
            return true;
        }
    }
    return false;
}

static bool fill_vital(struct page *p, const struct look *look)
{
    struct document *d = &p->doc;
    struct span id = target_id(&p->subject);
    const struct vital *v = model_vital_find(look->m, id);
    char text[TEXT_SMALL];
    if (!v) {
        if (!fill_error(p, look, id)) {
            document_own(d, "", ROLE_DIM, "the server does not tell it any more");
        }
        return true;
    }
    document_own(d, "what", ROLE_VALUE, v->help);
    document_ownf(d, "now", isnan(v->now) ? ROLE_UNKNOWN : vital_role(v->tone), "%s%s%s", vital_mark(v->tone),
                  vital_mark(v->tone)[0] ? " " : "", vital_text(v, v->now, text, sizeof text));
    if (v->note[0]) {
        document_own(d, "", vital_role(v->tone), v->note);
    }
    if (v->series) {
        document_own(d, "lowest", ROLE_VALUE, vital_text(v, v->low, text, sizeof text));
        document_own(d, "highest", ROLE_VALUE, vital_text(v, v->high, text, sizeof text));
        document_own(d, "", ROLE_DIM, "of the last five minutes");
    } else if (!isnan(v->high)) {
        document_own(d, "highest ever", ROLE_VALUE, vital_text(v, v->high, text, sizeof text));
    }
    if (v->group == VITAL_GROUP_REPLICATION && model_replica_count(look->m)) {
        add_replicas(d, look);
    }
    return true;
}

/* --- all of them --- */

static const struct {
    enum target_kind kind;
    enum topic topic;
    bool (*fill)(struct page *p, const struct look *look);
} rows[] = {
    {TARGET_CLIENT, TOPIC_CLIENTS, fill_client},
    {TARGET_COMMAND, TOPIC_COMMANDS, fill_command},
    {TARGET_SLOW, TOPIC_SLOWLOG, fill_slow},
    {TARGET_VITAL, TOPIC_SERVER, fill_vital},
};

bool page_is_of_server(enum target_kind kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kind == kind) {
            return true;
        }
    }
    return false;
}

void page_fill_of_server(struct page *p, const struct look *look)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kind == p->subject.kind) {
            int64_t age_us = model_topic_age_us(look->m, rows[i].topic);
            document_begin(&p->doc);
            p->doc.seeks = p->doc.seeks || !p->filled;
            rows[i].fill(p, look);
            p->read_us = age_us < 0 ? -1 : look->now_us - age_us;
            p->filled = p->complete = true;
        }
    }
}
