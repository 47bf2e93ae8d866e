/* metric_cache: the numbers of cache families that rules judge; metric.c has the table. */
#include "metric_priv.h"

static struct metric_value unknown(void)
{
    return (struct metric_value){.value = UNKNOWN_REAL, .object = NULL};
}

/* The family with the most of something; unknown before a whole walk. value is NAN for one that does not
 * count. */
static struct metric_value worst_of(const struct model *m,
                                    double (*value)(const struct model *m, const struct family *f))
{
    struct metric_value worst = {.value = 0, .object = NULL};
    if (!m->census.view.complete) {
        return unknown();
    }
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        double v = value(m, f);
        if (v > worst.value) {
            worst = (struct metric_value){.value = v, .object = f->name};
        }
    }
    return worst;
}

static double reprs(const struct model *m, const struct family *f)
{
    (void)m;
    return f->counted ? (double)f->reprs : UNKNOWN_REAL;
}

struct metric_value metric_object_reprs(const struct model *m)
{
    return worst_of(m, reprs);
}

static double misplaced(const struct model *m, const struct family *f)
{
    (void)m;
    return f->counted ? (double)f->misplaced : UNKNOWN_REAL;
}

struct metric_value metric_without_ttl_misplaced(const struct model *m)
{
    return worst_of(m, misplaced);
}

struct metric_value metric_largest_share(const struct model *m)
{
    double all = 0;
    double most = 0;
    const char *name = NULL;
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->counted && f->keys > 0 && f->bytes_estimate < 0) {
            return unknown();
        }
        double bytes = f->counted && f->bytes_estimate > 0 ? (double)f->bytes_estimate : 0;
        all += bytes;
        name = bytes > most ? f->name : name;
        most = bytes > most ? bytes : most;
    }
    if (!m->census.view.complete || all <= 0) {
        return unknown();
    }
    return (struct metric_value){.value = 100 * most / all, .object = name};
}

/* A family that has nearly all of a memory that is nearly empty crowds nobody out. */
struct metric_value metric_crowding(const struct model *m)
{
    enum { TIGHT_PERCENT = 70 };
    const struct info *info = &m->server.view.info;
    if (!server_is_fresh(m) || info->used_memory < 0 || info->maxmemory < 0) {
        return unknown();
    }
    bool tight =
        info->maxmemory > 0 && (double)info->used_memory * 100 > (double)info->maxmemory * TIGHT_PERCENT;
    if (!tight && !(server_evicted_minute_per_s(m) > 0)) {
        return (struct metric_value){.value = 0, .object = NULL};
    }
    return metric_largest_share(m);
}

struct metric_value metric_hit_rate(const struct model *m)
{
    return metric_plain(server_is_fresh(m) ? m->server.view.hit_rate_window : UNKNOWN_REAL);
}

struct metric_value metric_hit_rate_lifetime(const struct model *m)
{
    return metric_plain(server_is_fresh(m) ? m->server.view.hit_rate_lifetime : UNKNOWN_REAL);
}

struct metric_value metric_lookups(const struct model *m)
{
    return metric_number(server_is_fresh(m) ? m->server.view.window_lookups : -1);
}

struct metric_value metric_keys(const struct model *m)
{
    int db = m->connection.db;
    int64_t told = db >= 0 && db < INFO_DBS && server_is_fresh(m) ? m->server.view.info.db[db].keys : -1;
    return metric_number(told >= 0 ? told : m->census.view.keys);
}

struct metric_value metric_without_ttl(const struct model *m)
{
    struct metric_value worst = metric_plain(UNKNOWN_REAL);
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->without_ttl >= 0 && !((double)f->without_ttl <= worst.value)) {
            worst = (struct metric_value){.value = (double)f->without_ttl, .object = f->name};
        }
    }
    return worst;
}
