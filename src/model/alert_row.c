/* alert_row: the things that are shown, and in which order. */
#include "model_priv.h"

#include <stdlib.h>

#define ID_MARK '\x1F'

/* The order on the screen. */
static const int state_rank[ALERT_STATE_COUNT] = {
    [ALERT_FIRING] = 0, [ALERT_ACKNOWLEDGED] = 1, [ALERT_RESOLVED] = 2, [ALERT_PENDING] = 3,
    [ALERT_MUTED] = 4,  [ALERT_UNKNOWN] = 5,      [ALERT_OK] = 6,
};

/* --- what it says --- */

static const char *kind_word(enum target_kind kind)
{
    return kind == TARGET_TASK ? "batch" : target_kind_name(kind);
}

static void add_message(const struct rule *r, const struct alert_thing *t, UT_string *text)
{
    char value[RULE_VALUE_SIZE];
    char threshold[RULE_VALUE_SIZE];
    rule_format(r, t->value, value, sizeof(value));
    rule_format(r, r->value, threshold, sizeof(threshold));
    for (const char *p = r->message; *p; p++) {
        const char *insert = NULL;
        if (p[0] == '%') {
            insert = p[1] == 'v' ? value : p[1] == 't' ? threshold : p[1] == 'o' ? t->display : NULL;
        }
        text_add(text, insert ? span_of(insert) : span_make(p, 1));
        p += insert ? 1 : 0;
    }
}

void alert_say(const struct model *m, const struct alert_watch *w, const struct alert_thing *t, char *out,
               size_t size)
{
    UT_string text;
    (void)m;
    utstring_init(&text);
    if (t->gone) {
        utstring_printf(&text, "%s %s is not there any more", kind_word(rule_metrics[w->rule->metric].of),
                        t->display);
    } else {
        add_message(w->rule, t, &text);
    }
    while (text.i > 0 && text.d[text.i - 1] == ' ') {
        text.d[--text.i] = '\0';
    }
    model_show(out, size, text_span(&text), (int)size - 1);
    utstring_done(&text);
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a >= b && a <= b);
}

/* Most rows say at each turn what they said before. */
static bool is_said(const struct model *m, const struct alert_row *row, const struct alert_thing *t,
                    bool renamed)
{
    return row->view.text[0] && !renamed && same(row->view.value, t->value) && row->said_gone == t->gone &&
           row->said_edition == m->rules.edition;
}

void alert_row_fill(struct model *m, const struct alert_watch *w, struct alert_thing *t)
{
    struct alert *a = &t->row->view;
    const char *reason = t->muted_until_us >= w->muted_until_us ? t->reason : w->reason;
    bool renamed = strcmp(a->object, t->display) != 0;
    bool loud = t->up && (renamed || !same(a->value, t->value));
    bool said = is_said(m, t->row, t, renamed);
    if (renamed) {
        mem_replace(&a->object, t->display);
    }
    a->state = t->state;
    a->since_us = t->since_us;
    a->since_wall_us = t->since_wall_us;
    a->crossed_us = t->crossed_us;
    a->crossed_wall_us = t->crossed_wall_us;
    a->value = t->value;
    a->worst = t->worst;
    a->muted_until_us = t->muted_until_us > w->muted_until_us ? t->muted_until_us : w->muted_until_us;
    a->up = t->up;
    const char *why = a->muted_until_us >= 0 && reason ? reason : "";
    if (*why || a->reason[0]) {
        model_show(a->reason, sizeof(a->reason), span_of(why), (int)sizeof(a->reason) - 1);
    }
    if (!said) {
        alert_say(m, w, t, a->text, sizeof(a->text));
        t->row->said_edition = m->rules.edition;
        t->row->said_gone = t->gone;
    }
    if (loud) {
        model_touch(m, TOPIC_ALERTS);
    }
}

/* --- rows come and go --- */

void alert_row_show(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    size_t name = strlen(w->rule->name);
    struct alert_row *row = mem_zalloc(sizeof(*row));
    struct alert *a = &row->view;
    row->watch = w;
    t->row = row;
    a->rule = w->rule;
    a->object = mem_strdup(t->display);
    a->id_len = t == w->whole ? name : name + 1 + t->len;
    a->id = mem_zalloc(a->id_len + 1);
    memcpy(a->id, w->rule->name, name);
    if (t != w->whole) {
        a->id[name] = ID_MARK;
        memcpy(a->id + name + 1, t->id, t->len);
        target_set(&a->about, rule_metrics[w->rule->metric].of, span_make(t->id, t->len));
        w->rows++;
        if (t->state == ALERT_FIRING) {
            alert_log_add(m, w, t, t->crossed_us < m->now_us ? ALERT_PENDING : ALERT_OK, t->state, NULL);
        }
    }
    alert_row_fill(m, w, t);
    m->alert.moved = true;
}

void alert_row_hide(struct model *m, struct alert_watch *w, struct alert_thing *t)
{
    if (!t->row) {
        return;
    }
    struct alert *a = &t->row->view;
    mem_free(a->id);
    mem_free(a->object);
    target_release(&a->about);
    mem_free(t->row);
    t->row = NULL;
    w->rows -= t != w->whole;
    m->alert.moved = true;
}

/* --- who is shown --- */

struct waiting {
    struct alert_thing *thing;
    double badness;
};

/* Those that are up come first, then the worst. */
static int compare_waiting(const void *a, const void *b)
{
    const struct waiting *left = a;
    const struct waiting *right = b;
    if (left->thing->up != right->thing->up) {
        return left->thing->up ? -1 : 1;
    }
    if (left->badness > right->badness || left->badness < right->badness) {
        return left->badness > right->badness ? -1 : 1;
    }
    return strcmp(left->thing->id, right->thing->id);
}

static bool wants_row(const struct model *m, const struct alert_thing *t)
{
    return !t->row && (t->up || t->held_us >= 0) && !alert_thing_is_calm(m, t);
}

/* How easily a row is given to another: those that are up, or muted while they are there, keep theirs. */
static int spare(const struct alert_thing *t)
{
    bool idle = t->muted_until_us >= 0 && t->gone;
    return t->up ? 0 : idle ? 3 : t->muted_until_us >= 0 ? 0 : t->held_us >= 0 ? 1 : 2;
}

static struct alert_thing *most_spare(const struct alert_watch *w, bool for_one_up)
{
    struct alert_thing *best = NULL;
    for (struct alert_thing *t = w->things; t; t = t->hh.next) {
        int least = for_one_up ? 1 : 2; /* a pending one does not push out another */
        if (t->row && spare(t) >= least && (!best || spare(t) > spare(best))) {
            best = t;
        }
    }
    return best;
}

static bool make_room(struct model *m, struct alert_watch *w, bool for_one_up)
{
    if (w->rows < ALERT_OBJECTS_MAX) {
        return true;
    }
    struct alert_thing *t = most_spare(w, for_one_up);
    if (t) {
        alert_row_hide(m, w, t);
    }
    return t != NULL;
}

void alert_row_allot(struct model *m, struct alert_watch *w)
{
    size_t count = 0;
    bool up = false;
    for (struct alert_thing *t = w->things; t; t = t->hh.next) {
        bool waits = wants_row(m, t);
        count += waits;
        up = up || (waits && t->up);
    }
    if (count == 0 || !make_room(m, w, up)) {
        return;
    }
    struct waiting *waiting = mem_zalloc(count * sizeof(*waiting));
    size_t i = 0;
    for (struct alert_thing *t = w->things; t && i < count; t = t->hh.next) {
        if (wants_row(m, t)) {
            waiting[i++] = (struct waiting){t, alert_badness(w->rule, t->value)};
        }
    }
    count = i;
    qsort(waiting, count, sizeof(*waiting), compare_waiting);
    for (i = 0; i < count && make_room(m, w, waiting[i].thing->up); i++) {
        alert_row_show(m, w, waiting[i].thing);
    }
    mem_free(waiting);
}

/* --- the order --- */

static int compare_rows(const void *a, const void *b)
{
    const struct alert_row *x = *(struct alert_row *const *)a;
    const struct alert_row *y = *(struct alert_row *const *)b;
    const struct alert *left = &x->view;
    const struct alert *right = &y->view;
    int order = state_rank[left->state] - state_rank[right->state];
    if (order == 0) {
        order = (int)right->rule->severity - (int)left->rule->severity;
    }
    if (order == 0 && left->since_us != right->since_us) {
        order = left->since_us > right->since_us ? -1 : 1;
    }
    if (order == 0) {
        order = strcmp(left->rule->name, right->rule->name);
    }
    return order ? order
                 : span_compare(span_make(left->id, left->id_len), span_make(right->id, right->id_len));
}

/* The first of a rule's rows tells how many more there are. */
static void tell_beyond(struct model *m)
{
    for (size_t i = 0; i < utarray_len(&m->alert.watch); i++) {
        alert_watch_at(m, i)->told = false;
    }
    for (unsigned i = 0; i < utarray_len(&m->alert.order); i++) {
        struct alert_row *row = *(struct alert_row **)utarray_eltptr(&m->alert.order, i);
        row->view.more = row->watch->told ? 0 : row->watch->beyond;
        row->watch->told = true;
    }
}

void alert_row_order(struct model *m)
{
    UT_array *order = &m->alert.order;
    utarray_clear(order);
    for (size_t i = 0; i < utarray_len(&m->alert.watch); i++) {
        struct alert_watch *w = alert_watch_at(m, i);
        if (w->enabled && w->rows == 0) {
            utarray_push_back(order, &w->whole->row);
        }
        for (struct alert_thing *t = w->things; w->enabled && t; t = t->hh.next) {
            if (t->row) {
                utarray_push_back(order, &t->row);
            }
        }
    }
    if (utarray_len(order) > 1) { /* an array that never had any has no bytes to sort */
        utarray_sort(order, compare_rows);
    }
    tell_beyond(m);
    m->alert.moved = false;
    model_touch(m, TOPIC_ALERTS);
}
