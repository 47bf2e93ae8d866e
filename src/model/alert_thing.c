/* alert_thing: how one thing stands with one rule. Unknown values freeze it, a fall below the clear level
 * ends it, what has been acknowledged says nothing more until it has cleared, what is muted nothing at all.
 */
#include "model_priv.h"

#define RESOLVED_KEEP_US (600 * US_PER_S)

struct alert_thing *alert_thing_new(const struct model *m, struct span id, const char *display)
{
    struct alert_thing *t = mem_zalloc(sizeof(*t) + id.len + 1);
    t->state = ALERT_UNKNOWN;
    t->since_us = m->now_us;
    t->since_wall_us = m->wall_us;
    t->held_us = t->crossed_us = t->crossed_wall_us = t->resolved_us = t->muted_until_us = -1;
    t->value = t->worst = UNKNOWN_REAL;
    t->display = mem_strdup(display);
    t->len = id.len;
    if (id.len) {
        memcpy(t->id, id.data, id.len);
    }
    return t;
}

void alert_thing_free(struct alert_thing *t)
{
    mem_free(t->past);
    mem_free(t->display);
    mem_free(t->reason);
    mem_free(t);
}

bool alert_holds(const struct rule *r, double value)
{
    switch (r->op) {
    case RULE_ABOVE:
        return value > r->value;
    case RULE_AT_LEAST:
        return value >= r->value;
    case RULE_BELOW:
        return value < r->value;
    case RULE_AT_MOST:
        return value <= r->value;
    default:
        return value >= r->value && value <= r->value;
    }
}

static bool is_clear(const struct rule *r, double value)
{
    if (alert_holds(r, value)) {
        return false;
    }
    if (r->op == RULE_ABOVE || r->op == RULE_AT_LEAST) {
        return value <= r->clear;
    }
    return r->op == RULE_EQUAL || value >= r->clear;
}

double alert_badness(const struct rule *r, double value)
{
    bool down = r->op == RULE_BELOW || r->op == RULE_AT_MOST;
    return isnan(value) ? -(double)INFINITY : down ? -value : value;
}

static void clear(const struct model *m, const struct alert_watch *w, struct alert_thing *t)
{
    bool muted = t->muted_until_us >= 0 || w->muted_until_us >= 0;
    t->up = t->acknowledged = false;
    t->held_us = -1;
    if (!muted) { /* of what was muted nothing is said, not even that it is over */
        t->resolved_us = m->now_us;
        t->resolved_wall_us = m->wall_us;
    }
}

static void hold(const struct model *m, const struct rule *r, struct alert_thing *t)
{
    if (t->held_us < 0) {
        t->held_us = t->crossed_us = m->now_us;
        t->crossed_wall_us = m->wall_us;
        t->worst = t->value;
    }
    t->up = m->now_us - t->held_us >= r->hold_us;
}

void alert_thing_step(const struct model *m, const struct alert_watch *w, struct alert_thing *t, double value,
                      bool over)
{
    const struct rule *r = w->rule;
    t->value = value;
    t->known = over || !isnan(value);
    t->gone = t->gone && over;
    if (t->up) {
        if (over || (t->known && is_clear(r, value))) {
            clear(m, w, t);
        }
    } else if (t->known && !over && alert_holds(r, value)) {
        hold(m, r, t);
    } else {
        t->held_us = -1;
    }
    if (t->held_us >= 0 && alert_badness(r, value) > alert_badness(r, t->worst)) {
        t->worst = value;
    }
}

static bool is_resolved(const struct model *m, const struct alert_thing *t)
{
    return t->resolved_us >= 0 && m->now_us - t->resolved_us < RESOLVED_KEEP_US;
}

static enum alert_state state_of(const struct model *m, const struct alert_watch *w,
                                 const struct alert_thing *t)
{
    if (t->muted_until_us >= 0 || w->muted_until_us >= 0) {
        return ALERT_MUTED;
    }
    if (t->up) {
        return t->acknowledged ? ALERT_ACKNOWLEDGED : ALERT_FIRING;
    }
    if (t->held_us >= 0) {
        return ALERT_PENDING;
    }
    return is_resolved(m, t) ? ALERT_RESOLVED : t->known ? ALERT_OK : ALERT_UNKNOWN;
}

/* What a reader of the log wants to know: it fires, somebody has it, it is over. */
static bool is_news(enum alert_state from, enum alert_state to)
{
    return to == ALERT_FIRING || to == ALERT_ACKNOWLEDGED ||
           (to == ALERT_RESOLVED && (from == ALERT_FIRING || from == ALERT_ACKNOWLEDGED));
}

bool alert_thing_settle(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    enum alert_state from = t->state;
    enum alert_state to = state_of(m, w, t);
    if (from == to) {
        return false;
    }
    bool back = to == ALERT_RESOLVED;
    t->state = to;
    t->since_us = back ? t->resolved_us : m->now_us;
    t->since_wall_us = back ? t->resolved_wall_us : m->wall_us;
    if (t->row && is_news(from, to)) {
        alert_log_add(m, w, t, from, to, NULL);
    } else if (from == ALERT_MUTED && t->unmuted) {
        alert_log_add(m, w, t, from, to, "the mute is over");
    }
    t->unmuted = false;
    return true;
}

bool alert_thing_is_calm(const struct model *m, const struct alert_thing *t)
{
    return !t->up && t->held_us < 0 && t->muted_until_us < 0 && !is_resolved(m, t);
}

static bool family_exists(const struct model *m, struct span name)
{
    size_t i = 0;
    while (i < model_family_count(m) && !span_equal(span_of(model_family_at(m, i)->name), name)) {
        i++;
    }
    return i < model_family_count(m);
}

bool alert_thing_exists(const struct model *m, enum target_kind kind, struct span id)
{
    const struct user *u;
    switch (kind) {
    case TARGET_QUEUE:
        return queue_row_find(m, id) != NULL;
    case TARGET_TASK:
        return batch_row_find(m, id) != NULL;
    case TARGET_WORKER:
        return worker_row_find(m, id) != NULL;
    case TARGET_FAMILY:
        return family_exists(m, id);
    case TARGET_USER:
        u = user_find(m, id);
        return u && u->sessions > 0;
    default:
        return true; /* nobody says that it went */
    }
}
