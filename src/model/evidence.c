#include "evidence.h"

#include "metric_list.h"
#include "model_priv.h"
#include "motion.h"

#define ROWS_MAX 500 /* things whose past is kept; the worst come first */
#define FIX_US   (60 * US_PER_S)

enum {
    TRAIL = 120,       /* samples of a thing's value; when they are full, two become one */
    LOOK_BACK = 15,    /* seconds a graph shows before the crossing, at least ... */
    LOOK_BACK_PART = 3 /* ... or a third of what came since */
};

/* The value of one thing since it pended. */
struct trail {
    int64_t first; /* of the oldest sample: second / step */
    int64_t step;  /* seconds in each */
    unsigned count;
    float sample[TRAIL];
};

struct evidence_row {
    int64_t crossed_us; /* of the episode told here */
    int64_t fired_us;   /* -1 not yet */
    bool fixed, seen;
    size_t movers;
    struct alert_mover mover[EVIDENCE_MOVERS];
    int64_t from_us, to_us;
    struct trail trail;
    UT_hash_handle hh;
    size_t len;
    char id[];
};

struct evidence {
    struct evidence_row *by_id;
    size_t count;
    int64_t second; /* of the last tick */
};

struct evidence *evidence_new(void)
{
    struct evidence *e = mem_zalloc(sizeof(*e));
    e->second = -1;
    return e;
}

static void drop(struct evidence *e, struct evidence_row *row)
{
    HASH_DEL(e->by_id, row);
    e->count--;
    mem_free(row);
}

void evidence_free(struct evidence *e)
{
    struct evidence_row *row, *next;
    if (e) {
        HASH_ITER(hh, e->by_id, row, next)
        {
            drop(e, row);
        }
        mem_free(e);
    }
}

/* --- the trail of a thing --- */

static void trail_halve(struct trail *t)
{
    unsigned kept = 0;
    int64_t first = t->first / 2;
    for (unsigned i = 0; i < t->count;) {
        int64_t place = (t->first + i) / 2;
        float a = t->sample[i++];
        bool pair = i < t->count && (t->first + i) / 2 == place;
        float b = pair ? t->sample[i++] : (float)NAN;
        t->sample[kept++] = isnan(a) ? b : isnan(b) ? a : (a + b) / 2;
    }
    t->first = first;
    t->step *= 2;
    t->count = kept;
}

static void trail_add(struct trail *t, int64_t second, double value)
{
    value = isinf(value) ? UNKNOWN_REAL : value;
    if (t->count == 0) {
        *t = (struct trail){.first = second, .step = 1};
    }
    while (second / t->step - t->first >= TRAIL) {
        if (t->first + t->count - 1 < second / t->step - TRAIL * 8) { /* a long gap: nothing to tell of */
            *t = (struct trail){.first = second, .step = 1};
            break;
        }
        trail_halve(t);
    }
    int64_t at = second / t->step - t->first;
    while (t->count <= at) {
        t->sample[t->count++] = (float)NAN;
    }
    if (!isnan(value)) {
        t->sample[at] = (float)value; /* the newest stands for its step */
    }
}

static double trail_value(const struct trail *t, int64_t second)
{
    int64_t at = t->step ? second / t->step - t->first : -1;
    return at >= 0 && at < t->count ? (double)t->sample[at] : UNKNOWN_REAL;
}

/* --- the past of a value --- */

struct past {
    const struct model *m;
    const struct alert *a;
    const struct evidence_row *row; /* NULL: nothing is kept of it */
    double tail[SERIES_SAMPLES];    /* of a thing that has a series of its own */
    size_t tails;
    int64_t tail_s; /* of the newest */
};

static const struct series *series_of(const struct model *m, const struct alert *a)
{
    const struct queue_row *queue = a->about.kind == TARGET_QUEUE && a->rule->form == RULE_OF_VALUE
                                        ? queue_row_find(m, target_id(&a->about))
                                        : NULL;
    bool depth = a->rule->metric == METRIC_QUEUE_DEPTH || a->rule->metric == METRIC_QUEUE_UNCONSUMED ||
                 a->rule->metric == METRIC_QUEUE_GROWING;
    return queue && depth ? &queue->view.depth_series : NULL;
}

static void past_init(struct past *p, const struct model *m, const struct alert *a)
{
    p->m = m;
    p->a = a;
    p->tails = 0;
    HASH_FIND(hh, m->evidence->by_id, a->id, (unsigned)a->id_len, p->row);
    const struct series *series = series_of(m, a);
    if (series) {
        p->tails = series_tail(series, p->tail, SERIES_SAMPLES);
        p->tail_s = series->last_us / US_PER_S;
    }
}

/* Of the server as a whole. */
static double whole_value(const struct past *p, int64_t second)
{
    const struct rule *r = p->a->rule;
    double now = history_value(p->m->history, (size_t)r->metric, second);
    if (r->form == RULE_OF_VALUE) {
        return now;
    }
    double then = history_value(p->m->history, (size_t)r->metric, second - r->window_us / US_PER_S);
    if (r->form == RULE_OF_RATE) {
        return r->window_us > 0 ? (now - then) * (double)US_PER_S / (double)r->window_us : UNKNOWN_REAL;
    }
    return then > 0 || then < 0 ? (now - then) * 100 / fabs(then) : UNKNOWN_REAL;
}

static double past_value(const struct past *p, int64_t second)
{
    if (p->tails) {
        int64_t back = p->tail_s - second;
        if (back >= 0 && (size_t)back < p->tails) {
            return p->tail[p->tails - 1 - (size_t)back];
        }
    }
    if (p->a->about.kind == TARGET_NONE) {
        return whole_value(p, second);
    }
    return p->row ? trail_value(&p->row->trail, second) : UNKNOWN_REAL;
}

/* --- what it stands on --- */

static bool is_told(const struct alert *a)
{
    return a->crossed_us >= 0 && a->state != ALERT_OK && a->state != ALERT_UNKNOWN;
}

/* When the episode began that is told of; -1 none. */
static int64_t crossing_of(const struct past *p)
{
    bool fixed = p->row && p->row->fixed;
    return !is_told(p->a) ? -1 : fixed ? p->row->crossed_us : p->a->crossed_us;
}

static int64_t graph_step(const struct model *m, int64_t crossed_us)
{
    int64_t since = crossed_us < 0 ? -1 : (m->now_us - crossed_us) / US_PER_S;
    if (since < 0) {
        return HISTORY_FINE_S / EVIDENCE_SAMPLES;
    }
    int64_t back = since / LOOK_BACK_PART > LOOK_BACK ? since / LOOK_BACK_PART : LOOK_BACK;
    int64_t step = (since + back + EVIDENCE_SAMPLES - 1) / EVIDENCE_SAMPLES;
    if (step * EVIDENCE_SAMPLES > HISTORY_FINE_S) { /* the coarse past has no finer steps */
        step = (step + HISTORY_COARSE_S - 1) / HISTORY_COARSE_S * HISTORY_COARSE_S;
    }
    int64_t most = HISTORY_COARSE_S * HISTORY_COARSE / EVIDENCE_SAMPLES;
    return step < 1 ? 1 : step > most ? most : step;
}

static void fill_graph(const struct past *p, double ret[EVIDENCE_SAMPLES], int64_t *ret_step_us)
{
    int64_t step = graph_step(p->m, crossing_of(p));
    int64_t newest = p->m->now_us / US_PER_S / step;
    *ret_step_us = step * US_PER_S;
    for (int64_t i = 0; i < EVIDENCE_SAMPLES; i++) {
        int64_t from = (newest - EVIDENCE_SAMPLES + 1 + i) * step;
        double sum = 0;
        int known = 0;
        for (int64_t s = from; s < from + step; s++) {
            double v = past_value(p, s);
            sum += isnan(v) ? 0 : v;
            known += !isnan(v);
        }
        ret[i] = known ? sum / known : UNKNOWN_REAL;
    }
}

/* Whose it is, of a metric of things: the worst at present. */
static void name_movers(const struct model *m, struct alert_mover *mover, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t metric = (size_t)mover[i].metric;
        struct metric_value v = {.object = NULL};
        if (rule_metrics[metric].of != TARGET_NONE) {
            v = metric_read(m, metric);
        }
        model_show(mover[i].object, sizeof(mover[i].object), span_of(v.object ? v.object : ""),
                   (int)sizeof(mover[i].object) - 1);
    }
}

static size_t find_movers(const struct model *m, int metric, int64_t crossed_us,
                          struct alert_mover mover[EVIDENCE_MOVERS], int64_t *ret_from_us, int64_t *ret_to_us)
{
    int64_t crossed_s = crossed_us / US_PER_S;
    int64_t now_s = m->now_us / US_PER_S;
    int64_t to_s = crossed_s + MOTION_AFTER_S < now_s ? crossed_s + MOTION_AFTER_S : now_s;
    size_t count = motion_rank(m->history, metric, crossed_s, now_s, mover);
    *ret_from_us = (crossed_s - MOTION_LEAD_S) * US_PER_S;
    *ret_to_us = to_s * US_PER_S;
    name_movers(m, mover, count);
    return count;
}

void model_alert_graph(const struct model *m, const struct alert *a, double ret[EVIDENCE_SAMPLES],
                       int64_t *ret_step_us)
{
    struct past past;
    past_init(&past, m, a);
    fill_graph(&past, ret, ret_step_us);
}

bool model_alert_evidence(const struct model *m, const struct alert *a, struct alert_evidence *ret)
{
    struct past past;
    if (!a || !a->rule) {
        return false;
    }
    past_init(&past, m, a);
    const struct evidence_row *row = is_told(a) ? past.row : NULL;
    int64_t crossed_us = crossing_of(&past);
    memset(ret, 0, sizeof(*ret));
    ret->limit = a->rule->value;
    ret->clear = a->rule->clear;
    ret->from_us = ret->to_us = -1;
    ret->samples = EVIDENCE_SAMPLES;
    fill_graph(&past, ret->sample, &ret->step_us);
    if (row && row->fixed) {
        ret->movers = row->movers;
        memcpy(ret->mover, row->mover, sizeof(ret->mover));
        ret->from_us = row->from_us;
        ret->to_us = row->to_us;
    } else if (crossed_us >= 0) {
        ret->movers = find_movers(m, a->rule->metric, crossed_us, ret->mover, &ret->from_us, &ret->to_us);
    }
    return true;
}

/* --- keeping it --- */

static struct evidence_row *row_of(struct evidence *e, const struct alert *a)
{
    struct evidence_row *row;
    HASH_FIND(hh, e->by_id, a->id, (unsigned)a->id_len, row);
    if (!row && e->count < ROWS_MAX) {
        row = mem_zalloc(sizeof(*row) + a->id_len + 1);
        row->crossed_us = row->fired_us = -1;
        row->len = a->id_len;
        memcpy(row->id, a->id, a->id_len);
        HASH_ADD_KEYPTR(hh, e->by_id, row->id, (unsigned)row->len, row);
        e->count++;
    }
    return row;
}

static void keep(struct evidence_row *row, const struct model *m, const struct alert *a)
{
    bool up =
        a->state == ALERT_FIRING || a->state == ALERT_ACKNOWLEDGED || (a->state == ALERT_MUTED && a->up);
    bool over = a->state == ALERT_RESOLVED;
    row->seen = true;
    /* One that has cleared keeps what it stood on until it fires anew. */
    if (a->crossed_us != row->crossed_us && (up || !row->fixed)) {
        row->crossed_us = a->crossed_us;
        row->fired_us = -1;
        row->fixed = false;
        row->trail.count = 0;
    }
    if (a->about.kind != TARGET_NONE) {
        trail_add(&row->trail, m->now_us / US_PER_S, a->value);
    }
    if (up && row->fired_us < 0) {
        row->fired_us = a->state == ALERT_FIRING ? a->since_us : m->now_us;
    }
    if (!row->fixed && row->fired_us >= 0 && (over || m->now_us - row->fired_us >= FIX_US)) {
        row->movers =
            find_movers(m, a->rule->metric, row->crossed_us, row->mover, &row->from_us, &row->to_us);
        row->fixed = true;
    }
}

void evidence_tick(struct evidence *e, const struct model *m)
{
    struct evidence_row *row, *next;
    int64_t second = m->now_us / US_PER_S;
    if (second <= e->second) {
        return;
    }
    e->second = second;
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        struct evidence_row *mine = is_told(a) ? row_of(e, a) : NULL;
        if (mine) {
            keep(mine, m, a);
        }
    }
    HASH_ITER(hh, e->by_id, row, next)
    {
        if (!row->seen) {
            drop(e, row);
        } else {
            row->seen = false;
        }
    }
}
