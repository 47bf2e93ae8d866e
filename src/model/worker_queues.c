/* Who consumes which queue, of the workers that live. */
#include "model_priv.h"

enum { NAMES_COLS = 200 };

struct consumer {
    UT_hash_handle hh;
    int64_t count;
    UT_string names; /* display, joined */
    char queue[];    /* raw */
};

void worker_consumers_release(struct model *m)
{
    struct consumer *c;
    struct consumer *next;
    hash_each (m->worker.consumers, c, next) {
        HASH_DEL(m->worker.consumers, c);
        utstring_done(&c->names);
        mem_free(c);
    }
}

static struct consumer *find(const struct model *m, struct span queue)
{
    struct consumer *c = NULL;
    HASH_FIND(hh, m->worker.consumers, queue.data, queue.len, c);
    return c;
}

static void add(struct model *m, const struct worker *w, const char *queue)
{
    struct consumer *c = find(m, span_of(queue));
    if (!c) {
        c = mem_zalloc(sizeof(*c) + strlen(queue) + 1);
        memcpy(c->queue, queue, strlen(queue));
        utstring_init(&c->names);
        HASH_ADD_KEYPTR(hh, m->worker.consumers, c->queue, strlen(queue), c);
    }
    c->count++;
    if (c->names.i < NAMES_COLS) {
        text_add(&c->names, c->names.i ? S(", ") : S(""));
        text_add(&c->names, span_of(w->display));
    }
}

void worker_consumers(struct model *m)
{
    if (!m->worker.queues_changed) {
        return;
    }
    m->worker.queues_changed = false;
    worker_consumers_release(m);
    for (size_t i = 0; i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        for (unsigned k = 0; w->state == WORKER_STATE_ONLINE && k < utarray_len(&w->queue); k++) {
            add(m, w, ((char **)(void *)w->queue.d)[k]);
        }
    }
    m->task.reconsider = true;
    queue_consumers(m);
}

bool worker_consumes(const struct model *m, struct span queue)
{
    return find(m, queue) != NULL;
}

int64_t worker_consumers_of(const struct model *m, struct span queue, const char **ret_names)
{
    const struct consumer *c = find(m, queue);
    *ret_names = c && c->names.d ? c->names.d : "";
    return c ? c->count : 0;
}

bool model_consumers_known(const struct model *m)
{
    size_t online = 0;
    for (size_t i = 0; i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        if (w->state == WORKER_STATE_ONLINE && !w->queues_known) {
            return false;
        }
        online += w->state == WORKER_STATE_ONLINE;
    }
    return online > 0;
}
