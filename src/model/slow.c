#include "redai/model/slow.h"

#include "model_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/num.h"

enum { SHAPE_MOST = 80, COMMAND_MOST = 600, ADDRESS_MOST = 64, CLIENT_MOST = 60 };

static struct slow_entry *entry_at(const struct slow_all *all, size_t i)
{
    return ((struct slow_entry *const *)(void *)all->entry.d)[i];
}

static void free_entry(struct slow_entry *e)
{
    mem_free(e->shape);
    mem_free(e->text);
    mem_free(e->client);
    mem_free(e->client_name);
    mem_free(e);
}

static void free_latency(void *event)
{
    mem_free(((struct latency_event *)event)->name);
}

void slow_init(struct model *m)
{
    static const UT_icd pointer = {sizeof(void *), NULL, NULL, NULL};
    static const UT_icd shape = {sizeof(struct slow_shape), NULL, NULL, NULL};
    static const UT_icd latency = {sizeof(struct latency_event), NULL, NULL, free_latency};
    utarray_init(&m->slow.entry, &pointer);
    utarray_init(&m->slow.shape, &shape);
    utarray_init(&m->slow.latency, &latency);
    utarray_init(&m->slow.latency_told, &latency);
    m->slow.total = m->slow.threshold_us = -1;
}

static void forget(struct slow_all *all)
{
    for (size_t i = 0; i < utarray_len(&all->entry); i++) {
        free_entry(entry_at(all, i));
    }
    utarray_clear(&all->entry);
    utarray_clear(&all->shape);
}

void slow_release(struct model *m)
{
    forget(&m->slow);
    utarray_done(&m->slow.entry);
    utarray_done(&m->slow.shape);
    utarray_done(&m->slow.latency);
    utarray_done(&m->slow.latency_told);
}

/* --- shapes --- */

struct shaped {
    UT_hash_handle hh;
    struct slow_shape view;
};

static int by_total(const void *a, const void *b)
{
    const struct slow_shape *x = a;
    const struct slow_shape *y = b;
    if (x->total_us != y->total_us) {
        return x->total_us > y->total_us ? -1 : 1;
    }
    return strcmp(x->shape, y->shape);
}

static void add_to_shape(struct slow_shape *s, const struct slow_entry *e)
{
    s->count++;
    s->fresh += e->is_new;
    s->total_us += e->duration_us > 0 ? e->duration_us : 0;
    s->last_wall_us = e->wall_us > s->last_wall_us ? e->wall_us : s->last_wall_us;
    if (!s->slowest || e->duration_us > s->max_us) {
        s->max_us = e->duration_us;
        s->slowest = e;
        s->shape = e->shape; /* of an entry that is there */
    }
}

static void make_shapes(struct slow_all *all)
{
    struct shaped *by_shape = NULL;
    struct shaped *s;
    struct shaped *next;
    for (size_t i = 0; i < utarray_len(&all->entry); i++) {
        const struct slow_entry *e = entry_at(all, i);
        HASH_FIND(hh, by_shape, e->shape, strlen(e->shape), s);
        if (!s) {
            s = mem_zalloc(sizeof *s);
            s->view.last_wall_us = -1;
            HASH_ADD_KEYPTR(hh, by_shape, e->shape, strlen(e->shape), s);
        }
        add_to_shape(&s->view, e);
    }
    utarray_clear(&all->shape);
    hash_each (by_shape, s, next) {
        HASH_DEL(by_shape, s);
        utarray_push_back(&all->shape, &s->view);
        mem_free(s);
    }
    if (utarray_len(&all->shape)) {
        utarray_sort(&all->shape, by_total);
    }
}

/* --- entries --- */

/* Where an entry of this number stands, or would. */
static size_t place_of(const struct slow_all *all, int64_t id)
{
    size_t low = 0;
    size_t high = utarray_len(&all->entry);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entry_at(all, middle)->id > id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct slow_entry *find(const struct slow_all *all, int64_t id)
{
    size_t at = place_of(all, id);
    const struct slow_entry *e = at < utarray_len(&all->entry) ? entry_at(all, at) : NULL;
    return e && e->id == id ? e : NULL;
}

/* A server that was restarted counts from 0: its entry is later than ours of that number or of a higher one.
 */
static bool counts_anew(const struct slow_all *all, const struct fact_slow *f)
{
    const struct slow_entry *same = find(all, model_count(f->id));
    if (same) {
        return same->wall_us != model_time(f->wall_us) || same->duration_us != model_count(f->duration_us);
    }
    const struct slow_entry *newest = utarray_len(&all->entry) ? entry_at(all, 0) : NULL;
    return newest && newest->id > f->id && newest->wall_us >= 0 && model_time(f->wall_us) > newest->wall_us;
}

static void add(struct slow_all *all, const struct fact_slow *f)
{
    struct slow_entry *e = mem_zalloc(sizeof *e);
    e->id = model_count(f->id);
    snprintf(e->number, sizeof e->number, "%" PRId64, e->id);
    e->wall_us = model_time(f->wall_us);
    e->duration_us = model_count(f->duration_us);
    e->argc = model_count(f->argc);
    e->is_new = all->watched;
    model_show_replace(&e->shape, f->shape.len ? f->shape : S("?"), SHAPE_MOST);
    model_show_replace(&e->text, f->text, COMMAND_MOST);
    model_show_replace(&e->client, f->client, ADDRESS_MOST);
    model_show_replace(&e->client_name, f->name, CLIENT_MOST);
    utarray_insert(&all->entry, &e, (unsigned)place_of(all, e->id));
    if (utarray_len(&all->entry) > SLOW_MAX) {
        free_entry(entry_at(all, SLOW_MAX));
        utarray_pop_back(&all->entry);
        make_shapes(all); /* they point to entries */
    }
}

void slow_apply(struct model *m, const struct fact_slow *f)
{
    struct slow_all *all = &m->slow;
    if (f->phase == LIST_END) {
        all->total = model_count(f->total);
        all->threshold_us = model_count(f->threshold_us);
        all->watched = true;
        make_shapes(all);
        topic_read_ok(m, TOPIC_SLOWLOG);
        return;
    }
    if (f->id < 0) {
        return;
    }
    if (counts_anew(all, f)) {
        forget(all);
    }
    if (!find(all, model_count(f->id))) {
        add(all, f);
    }
}

/* --- latency --- */

static struct latency_event *event_at(const UT_array *events, size_t i)
{
    return (struct latency_event *)(void *)(events->d + i * sizeof(struct latency_event));
}

static void add_event(UT_array *told, const struct fact_latency *f)
{
    struct latency_event event = {NULL, model_time(f->event_wall_us), model_count(f->latest_ms),
                                  model_count(f->max_ms)};
    model_show_replace(&event.name, f->name, CLIENT_MOST);
    for (size_t i = 0; i < utarray_len(told); i++) {
        if (strcmp(event_at(told, i)->name, event.name) == 0) { /* of a reading that came to no end */
            mem_free(event_at(told, i)->name);
            *event_at(told, i) = event;
            return;
        }
    }
    if (utarray_len(told) < LATENCY_MAX) {
        utarray_push_back(told, &event);
    } else {
        mem_free(event.name);
    }
}

void latency_apply(struct model *m, const struct fact_latency *f)
{
    struct slow_all *all = &m->slow;
    if (f->phase == LIST_END) {
        UT_array told = all->latency_told;
        all->latency_told = all->latency;
        all->latency = told;
        utarray_clear(&all->latency_told);
        topic_read_ok(m, TOPIC_LATENCY);
    } else if (f->name.len) {
        add_event(&all->latency_told, f);
    }
}

/* --- views --- */

size_t model_slow_count(const struct model *m)
{
    return utarray_len(&m->slow.entry);
}

const struct slow_entry *model_slow_at(const struct model *m, size_t i)
{
    return i < model_slow_count(m) ? entry_at(&m->slow, i) : NULL;
}

const struct slow_entry *model_slow_find(const struct model *m, struct span number)
{
    int64_t id;
    return num_i64(number, &id) ? find(&m->slow, id) : NULL;
}

size_t model_slow_shapes(const struct model *m)
{
    return utarray_len(&m->slow.shape);
}

const struct slow_shape *model_slow_shape_at(const struct model *m, size_t i)
{
    return i < model_slow_shapes(m) ? &((const struct slow_shape *)(const void *)m->slow.shape.d)[i] : NULL;
}

int64_t model_slow_total(const struct model *m)
{
    return m->slow.total;
}

int64_t model_slow_threshold_us(const struct model *m)
{
    return m->slow.threshold_us;
}

size_t model_latency_count(const struct model *m)
{
    return utarray_len(&m->slow.latency);
}

const struct latency_event *model_latency_at(const struct model *m, size_t i)
{
    return i < model_latency_count(m) ? event_at(&m->slow.latency, i) : NULL;
}
