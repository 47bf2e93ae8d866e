/* alert_hush: what somebody says of alerts: I work on it; be quiet until then. */
#include "model_priv.h"

/* --- whom it is about --- */

/* The rule a name or an alert's id begins with; *ret_thing is the rest of the id behind the mark. */
static struct alert_watch *watch_of(const struct model *m, struct span id, struct span *ret_thing)
{
    size_t mark = span_find(id, '\x1F');
    struct span name = span_head(id, mark);
    *ret_thing = mark < id.len ? span_skip(id, mark + 1) : S("");
    for (size_t i = 0; i < utarray_len(&m->alert.watch); i++) {
        struct alert_watch *w = alert_watch_at(m, i);
        bool of_things = metric_source((size_t)w->rule->metric)->each != NULL;
        if (w->enabled && span_equal(span_of(w->rule->name), name)) {
            return of_things || !ret_thing->len ? w : NULL;
        }
    }
    return NULL;
}

static struct alert_thing *thing_of(const struct alert_watch *w, struct span id)
{
    struct alert_thing *t = NULL;
    HASH_FIND(hh, w->things, id.data, (unsigned)id.len, t);
    return t;
}

/* Its row follows at once, not with the next judging. */
static void settle(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    if (alert_thing_settle(m, w, t) && t->row) {
        alert_row_fill(m, w, t);
        m->alert.moved = true;
    }
}

/* --- I work on it --- */

static void acknowledge(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    if (t->state == ALERT_FIRING) {
        t->acknowledged = true;
        settle(m, w, t);
    }
}

void alert_acknowledge(struct model *m, const struct fact_acknowledge *f)
{
    struct span id;
    struct alert_watch *w = watch_of(m, f->rule, &id);
    if (!w) {
        return;
    }
    if (id.len) {
        struct alert_thing *t = thing_of(w, id);
        if (t) {
            acknowledge(m, w, t);
        }
    } else {
        acknowledge(m, w, w->whole);
        for (struct alert_thing *t = w->things; t; t = t->hh.next) {
            acknowledge(m, w, t);
        }
    }
    if (m->alert.moved) {
        alert_row_order(m);
    }
}

/* --- be quiet --- */

/* What has been acknowledged fires anew when the mute is over. */
static void hush(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    t->acknowledged = false;
    t->resolved_us = -1;
    settle(m, w, t);
}

static void end_rule_mute(struct alert_watch *w)
{
    w->muted_until_us = -1;
    mem_replace(&w->reason, NULL);
    w->whole->unmuted = true;
}

static void end_mute(struct alert_thing *t)
{
    t->muted_until_us = -1;
    mem_replace(&t->reason, NULL);
    t->unmuted = true;
}

void alert_mute_over(struct model *m, struct alert_watch *w)
{
    if (w->muted_until_us >= 0 && w->muted_until_us <= m->now_us) {
        end_rule_mute(w);
    }
    for (struct alert_thing *t = w->things; t; t = t->hh.next) {
        if (t->muted_until_us >= 0 && t->muted_until_us <= m->now_us) {
            end_mute(t);
        }
    }
}

static void set_reason(char **slot, struct span reason)
{
    char text[ALERT_REASON_MAX];
    model_show(text, sizeof(text), reason, (int)sizeof(text) - 1);
    mem_replace(slot, text);
}

static void settle_all(struct model *m, struct alert_watch *w,
                       void (*one)(struct model *m, struct alert_watch *w, struct alert_thing *t))
{
    one(m, w, w->whole);
    for (struct alert_thing *t = w->things; t; t = t->hh.next) {
        one(m, w, t);
    }
}

static void mute_rule(struct model *m, struct alert_watch *w, int64_t until_us, struct span reason)
{
    enum alert_state from = w->whole->state;
    w->muted_until_us = until_us;
    set_reason(&w->reason, reason);
    settle_all(m, w, hush);
    alert_log_add(m, w, w->whole, from, ALERT_MUTED, w->reason);
}

/* Of a thing nobody heard of there is nothing to mute; of one nothing is amiss with there may be later. */
static struct alert_thing *thing_to_mute(struct model *m, struct alert_watch *w, struct span id)
{
    struct alert_thing *t = thing_of(w, id);
    if (!t && w->rows < ALERT_OBJECTS_MAX && alert_thing_exists(m, rule_metrics[w->rule->metric].of, id)) {
        char *display = utf8_sanitise_dup(id, NAME_COLS);
        t = alert_thing_add(m, w, id, display);
        mem_free(display);
    }
    return t;
}

static void mute_thing(struct model *m, struct alert_watch *w, struct span id, int64_t until_us,
                       struct span reason)
{
    struct alert_thing *t = thing_to_mute(m, w, id);
    if (!t) {
        return;
    }
    enum alert_state from = t->state;
    t->muted_until_us = until_us;
    set_reason(&t->reason, reason);
    hush(m, w, t);
    if (!t->row && w->rows < ALERT_OBJECTS_MAX) {
        alert_row_show(m, w, t);
    }
    alert_log_add(m, w, t, from, ALERT_MUTED, t->reason);
}

static void mute(struct model *m, struct alert_watch *w, struct span thing, int64_t until_us,
                 struct span reason)
{
    if (thing.len) {
        mute_thing(m, w, thing, until_us, reason);
    } else {
        mute_rule(m, w, until_us, reason);
    }
}

static void unmute(struct model *m, struct alert_watch *w, struct span thing)
{
    struct alert_thing *t = thing.len ? thing_of(w, thing) : NULL;
    if (t && t->muted_until_us >= 0) {
        end_mute(t);
        settle(m, w, t);
    } else if (!thing.len && w->muted_until_us >= 0) {
        end_rule_mute(w);
        settle_all(m, w, settle);
    }
}

void alert_mute(struct model *m, const struct fact_mute *f)
{
    struct span thing;
    struct alert_watch *w = watch_of(m, f->id, &thing);
    int64_t until_us = f->until_us == INT64_MAX ? INT64_MAX : model_time(f->until_us);
    if (!w) {
        return;
    }
    if (until_us > m->now_us) {
        mute(m, w, thing, until_us, f->reason);
    } else {
        unmute(m, w, thing);
    }
    if (m->alert.moved) {
        alert_row_order(m);
    }
}
