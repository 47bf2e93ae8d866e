#include "vital_priv.h"

#include <stdio.h>

const char *const vital_group_name[VITAL_GROUP_COUNT] = {
#define VITAL_GROUP_TEXT(id, name) [VITAL_GROUP_##id] = name,
    VITAL_GROUP_LIST(VITAL_GROUP_TEXT)
#undef VITAL_GROUP_TEXT
};

void vital_init(struct model *m)
{
    static const UT_icd pointer = {sizeof(void *), NULL, NULL, NULL};
    struct vital_all *all = m->vitals = mem_zalloc(sizeof *all);
    all->rows = vital_kind_count;
    all->row = mem_zalloc(all->rows * sizeof *all->row);
    for (size_t i = 0; i < all->rows; i++) {
        const struct vital_kind *kind = &vital_kinds[i];
        struct vital *v = &all->row[i].view;
        v->group = kind->group;
        v->name = kind->name;
        v->id = kind->id;
        v->unit = kind->unit;
        v->help = kind->help;
        v->series = kind->no_past ? NULL : &all->row[i].series;
        v->now = v->low = v->high = UNKNOWN_REAL;
    }
    utarray_init(&all->shown, &pointer);
}

void vital_release(struct model *m)
{
    utarray_done(&m->vitals->shown);
    mem_free(m->vitals->row);
    mem_free(m->vitals);
}

const struct info *vital_info(const struct model *m)
{
    return &m->server.view.info;
}

static int64_t field_of(const struct info *info, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)info + offset, sizeof value);
    return model_count(value);
}

static double growth(size_t field, const struct info *before, const struct info *now, double seconds)
{
    int64_t from = before ? field_of(before, field) : -1;
    int64_t to = field_of(now, field);
    return from < 0 || to < from || !(seconds > 0) ? UNKNOWN_REAL : (double)(to - from) / seconds;
}

static double read_row(const struct model *m, const struct vital_kind *kind, const struct info *before,
                       double seconds)
{
    const double core = 100.0 / (double)US_PER_S;
    double value;
    switch (kind->how) {
    case VITAL_RATE:
        return growth(kind->field, before, vital_info(m), seconds);
    case VITAL_CORE:
        value = growth(kind->field, before, vital_info(m), seconds);
        return core * (kind->also ? value + growth(kind->also, before, vital_info(m), seconds) : value);
    case VITAL_LEVEL:
        value = vital_known(field_of(vital_info(m), kind->field));
        return kind->scale > 0 ? value * kind->scale : value;
    default:
        return kind->read(m);
    }
}

static void measure_past(struct vital *v)
{
    v->low = v->high = UNKNOWN_REAL;
    for (size_t i = 0; v->series && i < v->series->count; i++) {
        double value = (double)v->series->sample[i];
        if (!isnan(value)) {
            v->low = isnan(v->low) || value < v->low ? value : v->low;
            v->high = isnan(v->high) || value > v->high ? value : v->high;
        }
    }
}

/* Known now. What was known once stays on the screen: rows do not come and go. */
static bool is_told(const struct model *m, const struct vital_kind *kind, double now)
{
    return kind->how == VITAL_READ ? !isnan(now) : field_of(vital_info(m), kind->field) >= 0;
}

static void finish(const struct model *m, struct vital *v, const struct vital_kind *kind)
{
    measure_past(v);
    v->tone = kind->tone && !isnan(v->now) ? kind->tone(m, v->now) : VITAL_PLAIN;
    v->note[0] = '\0';
    if (kind->note) {
        kind->note(m, v, v->note, sizeof v->note);
    }
}

void vital_apply(struct model *m, const struct info *before, double seconds)
{
    struct vital_all *all = m->vitals;
    for (size_t i = 0; i < all->rows; i++) {
        struct vital_row *row = &all->row[i];
        const struct vital_kind *kind = &vital_kinds[i];
        row->view.now = read_row(m, kind, before, seconds);
        row->seen = row->seen || is_told(m, kind, row->view.now);
        if (!kind->no_past) {
            series_add(&row->series, m->now_us, row->view.now);
        }
    }
    vital_changed(m);
}

void vital_changed(struct model *m)
{
    m->vitals->stale = true;
}

/* "02:14:05", UTC. */
static const char *clock_of(int64_t wall_us, char out[16])
{
    int64_t s = wall_us < 0 ? -1 : wall_us / US_PER_S % 86400;
    if (s < 0) {
        snprintf(out, 16, "?");
    } else {
        snprintf(out, 16, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    }
    return out;
}

/* Events of the latency monitor: the last rows of their group. */
static void show_events(const struct model *m)
{
    struct vital_all *all = m->vitals;
    const double ms = 1e-3;
    char clock[16];
    for (size_t i = 0; i < model_latency_count(m); i++) {
        const struct latency_event *e = model_latency_at(m, i);
        struct vital_event *row = &all->event[i];
        struct vital *v = &row->view;
        snprintf(row->id, sizeof row->id, "latency.event.%.60s", e->name);
        *v = (struct vital){
            .group = VITAL_GROUP_LATENCY,
            .name = e->name,
            .id = row->id,
            .unit = "s",
            .help = "an event of the server's latency monitor: how long it took when it last came",
            .now = vital_known(e->latest_ms) * ms,
            .low = UNKNOWN_REAL,
            .high = vital_known(e->max_ms) * ms};
        snprintf(v->note, sizeof v->note, "latency monitor: last at %s UTC", clock_of(e->wall_us, clock));
        utarray_push_back(&all->shown, &v);
    }
}

/* What is shown, low and high, notes: with an INFO a second nobody looks at most of them. Notes look at other
 * rows, too: all are in their place by then. */
static const UT_array *shown_of(const struct model *m)
{
    struct vital_all *all = m->vitals;
    if (!all->stale || !m->server.view.known) {
        return &all->shown;
    }
    all->stale = false;
    utarray_clear(&all->shown);
    for (size_t i = 0; i < all->rows; i++) {
        struct vital *v = &all->row[i].view;
        const struct vital_kind *kind = &vital_kinds[i];
        if (kind->has ? kind->has(m) : all->row[i].seen) {
            utarray_push_back(&all->shown, &v);
        }
        if (v->group == VITAL_GROUP_LATENCY && vital_kinds[i + 1].group != VITAL_GROUP_LATENCY) {
            show_events(m);
        }
    }
    for (size_t i = 0; i < all->rows; i++) {
        finish(m, &all->row[i].view, &vital_kinds[i]);
    }
    return &all->shown;
}

double vital_grew(const struct model *m, const char *id)
{
    const struct vital *v = model_vital_find(m, span_of(id));
    double sample[SERIES_SAMPLES];
    size_t n = v && v->series ? series_tail(v->series, sample, SERIES_SAMPLES) : 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(sample[i])) {
            return v->now - sample[i];
        }
    }
    return UNKNOWN_REAL;
}

size_t model_vital_count(const struct model *m)
{
    return utarray_len(shown_of(m));
}

const struct vital *model_vital_at(const struct model *m, size_t i)
{
    const UT_array *shown = shown_of(m);
    return i < utarray_len(shown) ? ((const struct vital *const *)(const void *)shown->d)[i] : NULL;
}

const struct vital *model_vital_find(const struct model *m, struct span id)
{
    for (size_t i = 0; i < model_vital_count(m); i++) {
        if (span_equal(span_of(model_vital_at(m, i)->id), id)) {
            return model_vital_at(m, i);
        }
    }
    return NULL;
}
