/* metric_cache: the numbers of cache families that rules judge; metric.c has the table. */
#include "metric_priv.h"

static void tell_of(const struct family *f, double value, metric_tell *tell, void *ctx)
{
    tell(ctx, span_of(f->name), f->name, value);
}

/* What is known of a family before a whole walk is half the truth. */
static bool each_counted(const struct model *m, int64_t (*value)(const struct family *f), metric_tell *tell,
                         void *ctx)
{
    bool known = m->census.view.complete;
    for (size_t i = 0; known && i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->counted) {
            tell_of(f, (double)value(f), tell, ctx);
        }
    }
    return known;
}

static int64_t reprs(const struct family *f)
{
    return f->reprs;
}

bool metric_object_reprs(const struct model *m, metric_tell *tell, void *ctx)
{
    return each_counted(m, reprs, tell, ctx);
}

static int64_t misplaced(const struct family *f)
{
    return f->misplaced;
}

bool metric_without_ttl_misplaced(const struct model *m, metric_tell *tell, void *ctx)
{
    return each_counted(m, misplaced, tell, ctx);
}

bool metric_without_ttl(const struct model *m, metric_tell *tell, void *ctx)
{
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        tell_of(f, f->without_ttl < 0 ? UNKNOWN_REAL : (double)f->without_ttl, tell, ctx);
    }
    return true;
}

/* Of all families together; NAN while some were not measured. */
static double bytes_of_all(const struct model *m)
{
    double all = 0;
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->counted && f->keys > 0 && f->bytes_estimate < 0) {
            return UNKNOWN_REAL;
        }
        all += f->counted && f->bytes_estimate > 0 ? (double)f->bytes_estimate : 0;
    }
    return all;
}

bool metric_largest_share(const struct model *m, metric_tell *tell, void *ctx)
{
    double all = bytes_of_all(m);
    bool known = m->census.view.complete && all > 0;
    for (size_t i = 0; known && i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->counted) {
            tell_of(f, f->bytes_estimate > 0 ? 100 * (double)f->bytes_estimate / all : 0, tell, ctx);
        }
    }
    return known;
}

/* A family that has nearly all of a memory that is nearly empty crowds nobody out. */
bool metric_crowding(const struct model *m, metric_tell *tell, void *ctx)
{
    enum { TIGHT_PERCENT = 70 };
    const struct info *info = &m->server.view.info;
    if (!server_is_fresh(m) || info->used_memory < 0 || info->maxmemory < 0) {
        return false;
    }
    bool tight =
        info->maxmemory > 0 && (double)info->used_memory * 100 > (double)info->maxmemory * TIGHT_PERCENT;
    if (!tight && !(server_evicted_minute_per_s(m) > 0)) {
        return true; /* told of none: each has room */
    }
    return metric_largest_share(m, tell, ctx);
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

/* Without these events misses are not heard, or not what came of them. */
bool metric_miss_surge(const struct model *m, metric_tell *tell, void *ctx)
{
    bool known = connection_hears(m, 'm') && connection_hears(m, '$');
    for (size_t i = 0; known && i < model_family_count(m); i++) {
        tell_of(&m->census.row[i]->view, surge_factor(&m->census.row[i]->misses), tell, ctx);
    }
    return known;
}
