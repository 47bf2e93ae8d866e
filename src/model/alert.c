/* alert: the state of each rule. Unknown values freeze it, a fall below the clear level ends it, and what has
 * been acknowledged says nothing more until it has cleared. */
#include "model_priv.h"

#include <stdio.h>
#include <stdlib.h>

#define RESOLVED_KEEP_US (600 * US_PER_S)

const char *const alert_state_name[ALERT_STATE_COUNT] = {
    [ALERT_OK] = "ok",
    [ALERT_UNKNOWN] = "unknown",
    [ALERT_PENDING] = "pending",
    [ALERT_FIRING] = "firing",
    [ALERT_ACKNOWLEDGED] = "acknowledged",
    [ALERT_MUTED] = "muted",
    [ALERT_RESOLVED] = "resolved",
};

/* The order on the screen. */
static const int state_rank[ALERT_STATE_COUNT] = {
    [ALERT_FIRING] = 0, [ALERT_ACKNOWLEDGED] = 1, [ALERT_RESOLVED] = 2, [ALERT_PENDING] = 3,
    [ALERT_MUTED] = 4,  [ALERT_UNKNOWN] = 5,      [ALERT_OK] = 6,
};

static struct alert_row *row_at(const UT_array *rows, size_t i)
{
    return ((struct alert_row **)(void *)rows->d)[i];
}

/* --- the list --- */

static int compare(const void *a, const void *b)
{
    const struct alert *left = &(*(struct alert_row *const *)a)->view;
    const struct alert *right = &(*(struct alert_row *const *)b)->view;
    int order = state_rank[left->state] - state_rank[right->state];
    if (order == 0) {
        order = (int)right->rule->severity - (int)left->rule->severity;
    }
    if (order == 0 && left->since_us != right->since_us) {
        order = left->since_us > right->since_us ? -1 : 1;
    }
    return order ? order : strcmp(left->rule->name, right->rule->name);
}

/* A row for each rule there is by now; rules are added and switched off, never taken away. */
static bool match_rules(struct model *m)
{
    bool changed = false;
    for (size_t i = utarray_len(&m->alert.row); i < rules_count(&m->rules); i++) {
        struct alert_row *row = mem_zalloc(sizeof(*row));
        row->view.rule = rules_at(&m->rules, i);
        row->view.state = ALERT_UNKNOWN;
        row->view.since_us = m->now_us;
        row->view.since_wall_us = m->wall_us;
        row->view.value = UNKNOWN_REAL;
        row->view.object = mem_strdup("");
        row->view.id = mem_strdup(row->view.rule->name);
        row->view.id_len = strlen(row->view.id);
        row->view.crossed_us = row->view.crossed_wall_us = row->view.muted_until_us = -1;
        row->view.worst = UNKNOWN_REAL;
        row->held_since_us = -1;
        row->resolved_us = -1;
        utarray_push_back(&m->alert.row, &row);
        changed = true;
    }
    size_t enabled = 0;
    for (size_t i = 0; i < rules_count(&m->rules); i++) {
        enabled += rules_at(&m->rules, i)->enabled;
    }
    return changed || enabled != utarray_len(&m->alert.order);
}

static void put_in_order(struct model *m)
{
    utarray_clear(&m->alert.order);
    for (size_t i = 0; i < utarray_len(&m->alert.row); i++) {
        struct alert_row *row = row_at(&m->alert.row, i);
        if (row->view.rule->enabled) {
            utarray_push_back(&m->alert.order, &row);
        }
    }
    if (utarray_len(&m->alert.order) > 1) { /* an array that never had any has no bytes to sort */
        utarray_sort(&m->alert.order, compare);
    }
    model_touch(m, TOPIC_ALERTS);
}

void alert_init(struct model *m)
{
    static const UT_icd row_icd = {sizeof(struct alert_row *), NULL, NULL, NULL};
    utarray_init(&m->alert.row, &row_icd);
    utarray_init(&m->alert.order, &row_icd);
    match_rules(m);
    put_in_order(m);
}

void alert_release(struct model *m)
{
    for (size_t i = 0; i < utarray_len(&m->alert.row); i++) {
        struct alert_row *row = row_at(&m->alert.row, i);
        mem_free(row->view.object);
        mem_free(row->view.id);
        mem_free(row);
    }
    utarray_done(&m->alert.row);
    utarray_done(&m->alert.order);
}

/* --- what it says --- */

static void fill_text(struct alert_row *row)
{
    struct alert *a = &row->view;
    char value[32];
    char threshold[32];
    UT_string text;
    metric_format((size_t)a->rule->metric, a->value, value, sizeof(value));
    metric_format((size_t)a->rule->metric, a->rule->value, threshold, sizeof(threshold));
    utstring_init(&text);
    for (const char *p = a->rule->message; *p; p++) {
        const char *insert = NULL;
        if (p[0] == '%') {
            insert = p[1] == 'v' ? value : p[1] == 't' ? threshold : p[1] == 'o' ? a->object : NULL;
        }
        text_add(&text, insert ? span_of(insert) : span_make(p, 1));
        p += insert ? 1 : 0;
    }
    while (text.i > 0 && text.d[text.i - 1] == ' ') {
        text.d[--text.i] = '\0';
    }
    model_show(a->text, sizeof(a->text), text_span(&text), (int)sizeof(a->text) - 1);
    utstring_done(&text);
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a >= b && a <= b);
}

/* --- states --- */

static bool holds(const struct rule *r, double value)
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
    if (holds(r, value)) {
        return false;
    }
    if (r->op == RULE_ABOVE || r->op == RULE_AT_LEAST) {
        return value <= r->clear;
    }
    return r->op == RULE_EQUAL || value >= r->clear;
}

static bool is_up(enum alert_state state)
{
    return state == ALERT_FIRING || state == ALERT_ACKNOWLEDGED;
}

/* What a rule that is not up shows when its condition does not hold. */
static enum alert_state at_rest(const struct model *m, const struct alert_row *row, bool known)
{
    if (row->resolved_us >= 0 && m->now_us - row->resolved_us < RESOLVED_KEEP_US) {
        return ALERT_RESOLVED;
    }
    return known ? ALERT_OK : ALERT_UNKNOWN;
}

static enum alert_state next_state(struct model *m, struct alert_row *row)
{
    const struct rule *r = row->view.rule;
    double value = row->view.value;
    if (isnan(value)) {
        row->held_since_us = -1;
        return is_up(row->view.state) ? row->view.state : at_rest(m, row, false);
    }
    if (is_up(row->view.state)) {
        if (!is_clear(r, value)) {
            return row->view.state;
        }
        row->resolved_us = m->now_us;
        row->resolved_wall_us = m->wall_us;
        row->held_since_us = -1;
        return ALERT_RESOLVED;
    }
    if (!holds(r, value)) {
        row->held_since_us = -1;
        return at_rest(m, row, true);
    }
    if (row->held_since_us < 0) {
        row->held_since_us = row->view.crossed_us = m->now_us;
        row->view.crossed_wall_us = m->wall_us;
    }
    return m->now_us - row->held_since_us >= r->hold_us ? ALERT_FIRING : ALERT_PENDING;
}

static struct metric_value value_of(const struct model *m, const struct rule *r)
{
    struct metric_value v = metric_read(m, (size_t)r->metric);
    if (r->min_lookups > 0 && m->server.view.window_lookups < r->min_lookups) {
        v.value = UNKNOWN_REAL;
    }
    return v;
}

/* True when the list has to be put in order anew. */
static bool judge(struct model *m, struct alert_row *row)
{
    struct alert *a = &row->view;
    struct metric_value v = value_of(m, a->rule);
    /* When nothing is wrong any more, it is still said of whom it was. */
    const char *object = v.object ? v.object : a->object;
    bool renamed = strcmp(a->object, object) != 0;
    bool changed = renamed || !same(a->value, v.value);

    if (renamed) {
        mem_replace(&a->object, object);
    }
    a->value = v.value;
    enum alert_state state = next_state(m, row);
    bool moved = state != a->state;
    if (moved) {
        bool back = state == ALERT_RESOLVED && row->resolved_us >= 0;
        a->state = state;
        a->since_us = back ? row->resolved_us : m->now_us;
        a->since_wall_us = back ? row->resolved_wall_us : m->wall_us;
    }
    /* Always: the rule's own words may have been changed. */
    fill_text(row);
    if (changed && is_up(state)) {
        model_touch(m, TOPIC_ALERTS);
    }
    return moved;
}

/* Switched off: switched on again it begins anew. */
static void forget(const struct model *m, struct alert_row *row)
{
    row->view.state = ALERT_UNKNOWN;
    row->view.since_us = m->now_us;
    row->view.since_wall_us = m->wall_us;
    row->held_since_us = -1;
    row->resolved_us = -1;
}

void alert_judge(struct model *m)
{
    bool moved = match_rules(m);
    for (size_t i = 0; i < utarray_len(&m->alert.row); i++) {
        struct alert_row *row = row_at(&m->alert.row, i);
        if (row->view.rule->enabled) {
            moved = judge(m, row) || moved;
        } else {
            forget(m, row);
        }
    }
    if (moved) {
        put_in_order(m);
    }
}

void alert_acknowledge(struct model *m, const struct fact_acknowledge *f)
{
    for (size_t i = 0; i < utarray_len(&m->alert.row); i++) {
        struct alert_row *row = row_at(&m->alert.row, i);
        if (row->view.state == ALERT_FIRING && span_equal(span_of(row->view.rule->name), f->rule)) {
            row->view.state = ALERT_ACKNOWLEDGED;
            row->view.since_us = m->now_us;
            row->view.since_wall_us = m->wall_us;
            put_in_order(m);
            return;
        }
    }
}

size_t model_alert_count(const struct model *m)
{
    return utarray_len(&m->alert.order);
}

const struct alert *model_alert_at(const struct model *m, size_t i)
{
    return i < model_alert_count(m) ? &row_at(&m->alert.order, i)->view : NULL;
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

size_t model_alerts_firing(const struct model *m, enum severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        count += a->state == ALERT_FIRING && a->rule->severity == severity;
    }
    return count;
}
