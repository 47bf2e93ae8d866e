/* metric_sign: the numbers of the server that stand on more than one reading; metric.c has the table. */
#include "metric_priv.h"

#define SLOW_US (300 * US_PER_S)
#define FLOOR_BYTES                                                                                          \
    (100.0 * 1024 * 1024) /* a small server's ratio says nothing: the process itself weighs                  \
                           */

struct metric_value metric_full(const struct model *m)
{
    return metric_plain(sign_full_s(m));
}

struct metric_value metric_fragmented(const struct model *m)
{
    int64_t used = METRIC_INFO(m, used_memory);
    double ratio = m->server.view.info.mem_fragmentation_ratio;
    if (used < 0 || isnan(ratio)) {
        return metric_plain(UNKNOWN_REAL);
    }
    return metric_plain((double)used < FLOOR_BYTES ? 1 : ratio);
}

struct metric_value metric_connections(const struct model *m)
{
    return metric_plain(sign_connections_per_s(m));
}

struct metric_value metric_error_share(const struct model *m)
{
    return metric_plain(sign_error_share(m));
}

struct metric_value metric_cpu(const struct model *m)
{
    return metric_plain(sign_cpu(m));
}

struct metric_value metric_latency(const struct model *m)
{
    return metric_plain(sign_latency_s(m));
}

struct metric_value metric_save_age(const struct model *m)
{
    return metric_plain(sign_save_age_s(m));
}

struct metric_value metric_without_ttl_growth(const struct model *m)
{
    return metric_plain(sign_without_ttl(m));
}

struct metric_value metric_rejected_lately(const struct model *m)
{
    return metric_number(sign_lately(m, SIGN_REJECTED));
}

struct metric_value metric_clients_cut(const struct model *m)
{
    return metric_number(sign_lately(m, SIGN_CUT));
}

/* The broker's lists have no TTL: only a policy of all keys takes them. */
static bool broker_at_stake(const struct model *m)
{
    return sign_broker(m) && strncmp(m->server.view.info.maxmemory_policy, "allkeys", strlen("allkeys")) == 0;
}

static struct metric_value evicted(const struct model *m, bool broker)
{
    int64_t keys = sign_lately(m, SIGN_EVICTED);
    return metric_number(keys > 0 && broker_at_stake(m) != broker ? 0 : keys);
}

struct metric_value metric_evicted_lately(const struct model *m)
{
    return evicted(m, false);
}

struct metric_value metric_evicted_broker(const struct model *m)
{
    return evicted(m, true);
}

static struct metric_value lately(const struct model *m, int64_t at_us)
{
    return server_is_fresh(m) ? metric_yes_no(at_us >= 0 && m->now_us - at_us < SIGN_LATELY_US)
                              : metric_plain(UNKNOWN_REAL);
}

struct metric_value metric_restarted(const struct model *m)
{
    return lately(m, m->sign.restarted_us);
}

struct metric_value metric_failed_over(const struct model *m)
{
    return lately(m, m->sign.moved_us);
}

struct metric_value metric_flushed(const struct model *m)
{
    return lately(m, m->sign.flushed_us);
}

/* Each worker waits for its next message in a BRPOP of its own: that is its work. With workers that were
 * never heard of, who waits cannot be told. */
struct metric_value metric_blocked_others(const struct model *m)
{
    int64_t blocked = METRIC_INFO(m, blocked_clients);
    int64_t workers = 0;
    for (size_t i = 0; i < model_worker_count(m); i++) {
        workers += !model_worker_at(m, i)->offline;
    }
    if (blocked < 0 || (blocked > 0 && workers == 0 && model_topic_age_us(m, TOPIC_WORKERS) < 0)) {
        return metric_plain(UNKNOWN_REAL);
    }
    return metric_plain(blocked > workers ? (double)(blocked - workers) : 0);
}

/* A master hears from its replicas each second. */
static struct metric_value worst_replica(const struct model *m)
{
    struct metric_value worst = metric_plain(UNKNOWN_REAL);
    for (size_t i = 0; i < model_replica_count(m); i++) {
        const struct replica *r = model_replica_at(m, i);
        if (r->lag_s >= 0 && !((double)r->lag_s <= worst.value)) {
            worst = metric_plain((double)r->lag_s);
        }
    }
    return METRIC_INFO(m, connected_slaves) == 0 ? metric_plain(0) : worst;
}

struct metric_value metric_replica_lag(const struct model *m)
{
    bool master = strcmp(m->server.view.info.role, "master") == 0;
    if (!server_is_fresh(m)) {
        return metric_plain(UNKNOWN_REAL);
    }
    return master ? worst_replica(m) : metric_number(METRIC_INFO(m, master_last_io_seconds_ago));
}

/* By the server's own clock, which wrote the entries; what was there at the first look counts as well. */
struct metric_value metric_slow(const struct model *m)
{
    int64_t told_us = m->server.view.info.server_time_usec;
    int64_t now_us = server_is_fresh(m) && told_us > 0 ? model_time(told_us) : m->wall_us;
    int64_t slow = 0;
    for (size_t i = 0; i < model_slow_count(m); i++) {
        slow += now_us - model_slow_at(m, i)->wall_us < SLOW_US;
    }
    return model_topic_stale(m, TOPIC_SLOWLOG) ? metric_plain(UNKNOWN_REAL) : metric_plain((double)slow);
}
