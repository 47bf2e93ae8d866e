/* alert: each rule is judged: of the server as a whole, or for each of the things its metric tells of. */
#include "model_priv.h"

#include "redai/base/glob.h"

const char *const alert_state_name[ALERT_STATE_COUNT] = {
    [ALERT_OK] = "ok",
    [ALERT_UNKNOWN] = "unknown",
    [ALERT_PENDING] = "pending",
    [ALERT_FIRING] = "firing",
    [ALERT_ACKNOWLEDGED] = "acknowledged",
    [ALERT_MUTED] = "muted",
    [ALERT_RESOLVED] = "resolved",
};

struct alert_watch *alert_watch_at(const struct model *m, size_t i)
{
    return ((struct alert_watch **)(void *)m->alert.watch.d)[i];
}

/* --- watches --- */

/* A watch for each rule there is by now; rules are added and switched off, never taken away. */
static void match_rules(struct model *m)
{
    for (size_t i = utarray_len(&m->alert.watch); i < rules_count(&m->rules); i++) {
        struct alert_watch *w = mem_zalloc(sizeof(*w));
        w->rule = rules_at(&m->rules, i);
        w->revision = w->rule->revision;
        w->enabled = w->rule->enabled;
        w->muted_until_us = -1;
        w->whole = alert_thing_new(m, S(""), "");
        alert_row_show(m, w, w->whole);
        utarray_push_back(&m->alert.watch, &w);
        m->alert.moved = true;
    }
}

static void drop(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    alert_row_hide(m, w, t);
    HASH_DEL(w->things, t);
    w->count--;
    w->pasts -= t->past != NULL;
    alert_thing_free(t);
}

static void drop_things(struct model *m, struct alert_watch *w)
{
    struct alert_thing *t, *next;
    hash_each (w->things, t, next) {
        drop(m, w, t);
    }
}

static void tell_end(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    if (t->row && (t->state == ALERT_FIRING || t->state == ALERT_ACKNOWLEDGED)) {
        alert_log_add(m, w, t, t->state, ALERT_OK,
                      w->enabled ? "the rule is about something else now" : "the rule is switched off");
    }
}

/* Switched off or on, or about something else now, it begins anew. */
static void begin_anew(struct model *m, struct alert_watch *w)
{
    tell_end(m, w, w->whole);
    for (struct alert_thing *t = w->things; t; t = t->hh.next) {
        tell_end(m, w, t);
    }
    drop_things(m, w);
    w->muted_until_us = -1;
    mem_replace(&w->reason, NULL);
    alert_row_hide(m, w, w->whole);
    alert_thing_free(w->whole);
    w->whole = alert_thing_new(m, S(""), "");
    alert_row_show(m, w, w->whole);
    w->beyond = w->untracked = w->pasts = 0;
    m->alert.moved = true;
}

void alert_init(struct model *m)
{
    static const UT_icd watch_icd = {sizeof(struct alert_watch *), NULL, NULL, NULL};
    static const UT_icd row_icd = {sizeof(struct alert_row *), NULL, NULL, NULL};
    utarray_init(&m->alert.watch, &watch_icd);
    utarray_init(&m->alert.order, &row_icd);
    match_rules(m);
    alert_row_order(m);
}

void alert_release(struct model *m)
{
    for (size_t i = 0; i < utarray_len(&m->alert.watch); i++) {
        struct alert_watch *w = alert_watch_at(m, i);
        drop_things(m, w);
        alert_row_hide(m, w, w->whole);
        alert_thing_free(w->whole);
        mem_free(w->reason);
        mem_free(w);
    }
    utarray_done(&m->alert.watch);
    utarray_done(&m->alert.order);
    alert_log_release(&m->alert.log);
}

/* --- values --- */

/* The rule's own number of a thing whose metric has this value. */
static double in_form(const struct model *m, struct alert_watch *w, struct alert_thing *t, double value)
{
    const struct rule *r = w->rule;
    bool is_new = !t->past && r->form != RULE_OF_VALUE && w->pasts < ALERT_PASTS_MAX;
    if (r->form == RULE_OF_VALUE) {
        return value;
    }
    if (is_new) {
        t->past = mem_zalloc(sizeof(*t->past));
        w->pasts++;
    }
    if (!t->past) {
        return UNKNOWN_REAL;
    }
    alert_past_add(t->past, m->now_us, r->window_us, value, metric_source((size_t)r->metric)->of_counter);
    return r->form == RULE_OF_RATE ? alert_past_rate(t->past, m->now_us, r->window_us)
                                   : alert_past_change(t->past, m->now_us, r->window_us);
}

static void settle(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    m->alert.moved = alert_thing_settle(m, w, t) || m->alert.moved;
    if (t->row) {
        alert_row_fill(m, w, t);
    }
}

/* --- of the server as a whole --- */

static void judge_whole(struct model *m, struct alert_watch *w)
{
    const struct rule *r = w->rule;
    struct metric_value v = metric_read(m, (size_t)r->metric);
    if (r->min_lookups > 0 && m->server.view.window_lookups < r->min_lookups) {
        v.value = UNKNOWN_REAL;
    }
    /* When nothing is wrong any more, it is still said of whom it was. */
    if (v.object && strcmp(v.object, w->whole->display) != 0) {
        mem_replace(&w->whole->display, v.object);
    }
    alert_thing_step(m, w, w->whole, in_form(m, w, w->whole, v.value), false);
    settle(m, w, w->whole);
}

/* --- of each thing --- */

struct hearing {
    struct model *m;
    struct alert_watch *w;
    double worst;
    const char *worst_display; /* NULL: of none it is known */
    bool told;                 /* of any, whether the rule is about it or not */
};

static struct alert_thing *find(const struct alert_watch *w, struct span id)
{
    struct alert_thing *t = NULL;
    HASH_FIND(hh, w->things, id.data, (unsigned)id.len, t);
    return t;
}

struct alert_thing *alert_thing_add(struct model *m, struct alert_watch *w, struct span id,
                                    const char *display)
{
    struct alert_thing *t = alert_thing_new(m, id, display);
    HASH_ADD_KEYPTR(hh, w->things, t->id, (unsigned)t->len, t);
    w->count++;
    return t;
}

static void keep_worst(struct hearing *h, const char *display, double value)
{
    const struct rule *r = h->w->rule;
    if (!isnan(value) && (!h->worst_display || alert_badness(r, value) > alert_badness(r, h->worst))) {
        h->worst = value;
        h->worst_display = display;
    }
}

static void hear(void *ctx, struct span id, const char *display, double value)
{
    struct hearing *h = ctx;
    struct alert_watch *w = h->w;
    const struct rule *r = w->rule;
    bool of_value = r->form == RULE_OF_VALUE;
    h->told = true;
    if (r->of && !glob_fits_whole(span_of(display), span_of(r->of))) {
        return;
    }
    struct alert_thing *t = w->things ? find(w, id) : NULL;
    if (!t && of_value && !alert_holds(r, value)) {
        keep_worst(h, display, value);
        return;
    }
    size_t most = of_value ? ALERT_THINGS_MAX : ALERT_PASTS_MAX;
    if (!t && w->count >= most) {
        w->untracked += of_value; /* of a rate or a change nothing is known */
        return;
    }
    if (!t) {
        t = alert_thing_add(h->m, w, id, display);
    } else if (strcmp(t->display, display) != 0) {
        mem_replace(&t->display, display);
    }
    t->pass = w->pass;
    double own = in_form(h->m, w, t, value);
    alert_thing_step(h->m, w, t, own, false);
    keep_worst(h, t->display, own);
}

/* Nothing is amiss with what is not told of, or it is not there any more; while nothing is known at all, what
 * is up stays up. */
static void step_untold(struct model *m, struct alert_watch *w, struct alert_thing *t, bool known)
{
    bool there = !known || alert_thing_exists(m, rule_metrics[w->rule->metric].of, span_make(t->id, t->len));
    t->gone = t->gone || !there;
    bool plain = there && known && w->rule->form == RULE_OF_VALUE;
    alert_thing_step(m, w, t, plain ? metric_source((size_t)w->rule->metric)->rest : UNKNOWN_REAL, known);
    if (t->past) {
        mem_free(t->past);
        t->past = NULL;
        w->pasts--;
    }
}

static void settle_things(struct model *m, struct alert_watch *w, bool known)
{
    struct alert_thing *t, *next;
    size_t beyond = w->beyond;
    hash_each (w->things, t, next) {
        if (t->pass != w->pass) {
            step_untold(m, w, t, known);
        }
        settle(m, w, t);
        bool calm = alert_thing_is_calm(m, t);
        if (calm && !t->past) {
            drop(m, w, t);
        } else if (calm) {
            alert_row_hide(m, w, t);
        }
    }
    alert_row_allot(m, w);
    w->beyond = w->untracked;
    hash_each (w->things, t, next) {
        w->beyond += t->up && !t->row;
    }
    m->alert.moved = m->alert.moved || beyond != w->beyond;
}

/* What is shown while nothing is amiss with any of them: the worst. */
static void settle_rest(struct model *m, struct alert_watch *w, const struct hearing *h, bool known)
{
    double rest =
        w->rule->form == RULE_OF_VALUE ? metric_source((size_t)w->rule->metric)->rest : UNKNOWN_REAL;
    w->whole->value = !known ? UNKNOWN_REAL : h->worst_display ? h->worst : rest;
    /* That no name fits is known, too. */
    w->whole->known = !isnan(w->whole->value) || (known && w->rule->of && h->told && w->count == 0);
    const char *display = known && h->worst_display ? h->worst_display : "";
    if (strcmp(w->whole->display, display) != 0) {
        mem_replace(&w->whole->display, display);
    }
    settle(m, w, w->whole);
}

static void judge_each(struct model *m, struct alert_watch *w)
{
    struct hearing h = {.m = m, .w = w, .worst = UNKNOWN_REAL};
    w->pass++;
    w->untracked = 0;
    bool known = metric_source((size_t)w->rule->metric)->each(m, hear, &h);
    settle_rest(m, w, &h, known);
    settle_things(m, w, known);
}

/* --- the whole --- */

static void judge(struct model *m, struct alert_watch *w)
{
    bool anew = w->enabled != w->rule->enabled || w->revision != w->rule->revision;
    if (anew) {
        w->enabled = w->rule->enabled;
        w->revision = w->rule->revision;
        begin_anew(m, w);
    }
    if (w->enabled) {
        alert_mute_over(m, w);
        if (metric_source((size_t)w->rule->metric)->each) {
            judge_each(m, w);
        } else {
            judge_whole(m, w);
        }
    }
}

/* A server that started anew counts from 0 and has forgotten: growth over that says nothing. */
static void forget_pasts(struct model *m)
{
    for (size_t i = 0; i < utarray_len(&m->alert.watch); i++) {
        struct alert_watch *w = alert_watch_at(m, i);
        if (w->whole->past) {
            w->whole->past->count = 0;
        }
        for (struct alert_thing *t = w->things; t; t = t->hh.next) {
            if (t->past) {
                t->past->count = 0;
            }
        }
    }
}

void alert_judge(struct model *m)
{
    match_rules(m);
    if (m->alert.life != m->server.lives) {
        m->alert.life = m->server.lives;
        forget_pasts(m);
    }
    for (size_t i = 0; i < utarray_len(&m->alert.watch); i++) {
        judge(m, alert_watch_at(m, i));
    }
    if (m->alert.moved) {
        alert_row_order(m);
    }
}

/* --- views --- */

size_t model_alert_count(const struct model *m)
{
    return utarray_len(&m->alert.order);
}

const struct alert *model_alert_at(const struct model *m, size_t i)
{
    return i < model_alert_count(m) ? &((struct alert_row **)(void *)m->alert.order.d)[i]->view : NULL;
}

const struct alert *model_alert_find(const struct model *m, struct span id)
{
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        if (span_equal(span_make(a->id, a->id_len), id)) {
            return a;
        }
    }
    return NULL;
}

const struct alert *model_alert_of(const struct model *m, const struct rule *rule, size_t i)
{
    for (size_t k = 0; k < model_alert_count(m); k++) {
        const struct alert *a = model_alert_at(m, k);
        if (a->rule == rule && i-- == 0) {
            return a;
        }
    }
    return NULL;
}

size_t model_alerts_of(const struct model *m, const struct rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < model_alert_count(m); i++) {
        count += model_alert_at(m, i)->rule == rule;
    }
    return count;
}

size_t model_alerts_firing(const struct model *m, enum severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        count += a->state == ALERT_FIRING && a->rule->severity == severity;
    }
    return count;
}
