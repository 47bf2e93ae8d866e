/* usage: who uses the memory: the parts that were told, summed up by owner. */
#include "model_priv.h"
#include "sample.h"

#include <stdlib.h>

static const struct {
    bool vital;
    const char *loss;
} losses[USAGE_COUNT] = {
    [USAGE_QUEUES] = {true, "waiting tasks, and what workers have in hand"},
    [USAGE_RESULTS] = {false, "what tasks have returned: who asks is told they are pending"},
    [USAGE_SESSIONS] = {true, "people are logged out"},
    [USAGE_BATCHES] = {false, "the progress of batches"},
    [USAGE_CACHE] = {false, "nothing: it is computed again"},
    [USAGE_LEFTOVERS] = {false, "nothing"},
    [USAGE_OTHER] = {false, "nobody here knows"},
};

void usage_release(struct model *m)
{
    struct usage_part *p, *next;
    hash_each (m->usage.part, p, next) {
        HASH_DEL(m->usage.part, p);
        mem_free(p);
    }
}

static int64_t count_of(int64_t value)
{
    return value > 0 ? model_count(value) : 0;
}

static struct usage_part *part_of(struct model *m, const struct fact_usage *f)
{
    enum { PART_MOST = 200 };
    char key[PART_MOST + 2 * sizeof(int)];
    struct span part = span_head(f->part, PART_MOST);
    int head[2] = {(int)f->usage, f->db};
    size_t len = sizeof head + part.len;
    struct usage_part *p;
    memcpy(key, head, sizeof head);
    memcpy(key + sizeof head, part.data, part.len);
    HASH_FIND(hh, m->usage.part, key, len, p);
    if (!p && HASH_COUNT(m->usage.part) < USAGE_PARTS_MAX) {
        p = mem_zalloc(sizeof *p + len);
        p->usage = f->usage;
        p->db = f->db;
        p->len = len;
        memcpy(p->key, key, len);
        HASH_ADD(hh, m->usage.part, key, p->len, p);
    }
    return p;
}

/* The database that is walked; others are told as a whole, whenever that is. */
static bool is_walked(const struct model *m, int db)
{
    return db == m->connection.db;
}

static void show(struct model *m, struct usage_part *p)
{
    p->shown = p->pending;
    p->has_shown = true;
    model_touch(m, TOPIC_CACHE);
}

void usage_apply(struct model *m, const struct fact_usage *f)
{
    struct usage_part *p = (unsigned)f->usage < USAGE_COUNT ? part_of(m, f) : NULL;
    if (!p) {
        return;
    }
    p->walk = m->census.walk;
    p->pending = (struct fact_usage){.usage = f->usage,
                                     .db = f->db,
                                     .part = S(""),
                                     .keys = model_count(f->keys),
                                     .sampled = count_of(f->sampled),
                                     .sampled_no_ttl = count_of(f->sampled_no_ttl),
                                     .sampled_bytes = count_of(f->sampled_bytes),
                                     .sampled_squares = f->sampled_squares};
    if (!m->census.view.complete || !is_walked(m, f->db)) {
        show(m, p);
    }
}

void usage_walk_end(struct model *m)
{
    struct usage_part *p, *next;
    hash_each (m->usage.part, p, next) {
        if (!is_walked(m, p->db)) {
            continue;
        }
        if (p->walk == m->census.walk) {
            show(m, p);
        } else {
            HASH_DEL(m->usage.part, p);
            mem_free(p);
        }
    }
}

static void add_part(struct usage_view *v, const struct fact_usage *f)
{
    struct sample s = {f->keys, f->sampled, (double)f->sampled_bytes, f->sampled_squares};
    double bytes = sample_total(&s);
    int64_t without = sample_count(&s, f->sampled_no_ttl);
    bool known = f->keys >= 0 && !isnan(bytes);
    v->keys = f->keys < 0 || v->keys < 0 ? -1 : model_count(v->keys + f->keys);
    v->bytes = !known || v->bytes < 0 ? -1 : model_count(v->bytes + (int64_t)(bytes + 0.5));
    v->margin = known ? hypot(v->margin, sample_margin(&s)) : UNKNOWN_REAL;
    v->without_ttl = without < 0 || v->without_ttl < 0 ? -1 : model_count(v->without_ttl + without);
}

static bool can_be_evicted(const struct model *m, const struct usage_view *v)
{
    const struct info *info = &m->server.view.info;
    if (!m->server.view.known || info->maxmemory <= 0 || v->keys == 0) {
        return false;
    }
    if (strncmp(info->maxmemory_policy, "allkeys-", 8) == 0) {
        return true;
    }
    return strncmp(info->maxmemory_policy, "volatile-", 9) == 0 && (v->keys < 0 || v->without_ttl < v->keys);
}

/* What is not known comes last. */
static int by_size(const void *left, const void *right)
{
    const struct usage_view *a = left;
    const struct usage_view *b = right;
    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? -1 : 1;
    }
    return (int)a->usage - (int)b->usage;
}

size_t model_usage(const struct model *m, const struct usage_view **ret_rows)
{
    struct usage_state *u = (struct usage_state *)&m->usage; /* a cache: what it says stays the same */
    bool told = u->part != NULL;
    struct usage_part *p, *next;
    for (int i = 0; i < USAGE_COUNT; i++) {
        u->row[i] = (struct usage_view){.usage = (enum usage)i,
                                        .keys = told ? 0 : -1,
                                        .bytes = told ? 0 : -1,
                                        .margin = told ? 0 : UNKNOWN_REAL,
                                        .without_ttl = told ? 0 : -1,
                                        .vital = losses[i].vital,
                                        .loss = losses[i].loss};
    }
    hash_each (u->part, p, next) {
        if (p->has_shown) {
            add_part(&u->row[p->usage], &p->shown);
        }
    }
    for (int i = 0; i < USAGE_COUNT; i++) {
        u->row[i].evictable = can_be_evicted(m, &u->row[i]);
    }
    qsort(u->row, USAGE_COUNT, sizeof u->row[0], by_size);
    *ret_rows = u->row;
    return USAGE_COUNT;
}
