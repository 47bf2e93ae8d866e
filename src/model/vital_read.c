/* How the server's signs of life are read where that is more than a field of INFO, whether a server has them,
 * and what is known to be bad. */
#include "vital_priv.h"

#include <stdlib.h>

static double percent_of(int64_t part, int64_t whole)
{
    return part < 0 || whole <= 0 ? UNKNOWN_REAL : 100.0 * (double)part / (double)whole;
}

static double sum_of(int64_t a, int64_t b)
{
    return a < 0 && b < 0 ? UNKNOWN_REAL : (double)(a > 0 ? a : 0) + (double)(b > 0 ? b : 0);
}

/* --- readers --- */

double vital_read_of_limit(const struct model *m)
{
    return percent_of(vital_info(m)->used_memory, vital_info(m)->maxmemory);
}

/* Redis 7 tells backlog and buffers together, as they share their memory. */
double vital_read_replication_memory(const struct model *m)
{
    const struct info *i = vital_info(m);
    return i->mem_total_replication_buffers >= 0 ? (double)i->mem_total_replication_buffers
                                                 : sum_of(i->mem_replication_backlog, i->mem_clients_slaves);
}

double vital_read_scripts_memory(const struct model *m)
{
    const struct info *i = vital_info(m);
    return i->used_memory_vm_total >= 0 ? sum_of(i->used_memory_vm_total, i->used_memory_functions)
                                        : sum_of(i->used_memory_lua, i->used_memory_scripts);
}

double vital_read_fragmentation(const struct model *m)
{
    double ratio = vital_info(m)->mem_fragmentation_ratio;
    return ratio >= 0 && ratio < 1e6 ? ratio : UNKNOWN_REAL;
}

double vital_read_commands(const struct model *m)
{
    return m->server.view.ops_per_s;
}

double vital_read_hit_rate(const struct model *m)
{
    return m->server.view.hit_rate_window;
}

double vital_read_evicted(const struct model *m)
{
    return m->server.view.evicted_per_s;
}

double vital_read_expired(const struct model *m)
{
    return m->server.view.expired_per_s;
}

double vital_read_of_maxclients(const struct model *m)
{
    return percent_of(vital_info(m)->connected_clients, vital_info(m)->maxclients);
}

double vital_read_save_age(const struct model *m)
{
    int64_t saved_s = model_count(vital_info(m)->rdb_last_save_time);
    int64_t now_s = m->wall_us / US_PER_S;
    return saved_s <= 0 || m->wall_us <= 0 ? UNKNOWN_REAL : (double)(now_s > saved_s ? now_s - saved_s : 0);
}

double vital_read_append_only(const struct model *m)
{
    return vital_known(vital_info(m)->aof_enabled);
}

double vital_read_aof_since_base(const struct model *m)
{
    double all = percent_of(vital_info(m)->aof_current_size, vital_info(m)->aof_base_size);
    return all > 100 ? all - 100 : all >= 0 ? 0 : UNKNOWN_REAL;
}

double vital_read_is_master(const struct model *m)
{
    const char *role = vital_info(m)->role;
    return role[0] ? strcmp(role, "master") == 0 : UNKNOWN_REAL;
}

double vital_read_link_up(const struct model *m)
{
    const char *status = vital_info(m)->master_link_status;
    return status[0] ? strcmp(status, "up") == 0 : UNKNOWN_REAL;
}

double vital_read_replica_lag(const struct model *m)
{
    double most = UNKNOWN_REAL;
    for (size_t i = 0; i < model_replica_count(m); i++) {
        double lag = vital_known(model_replica_at(m, i)->lag_s);
        most = isnan(most) || lag > most ? lag : most;
    }
    return most;
}

double vital_read_replica_behind(const struct model *m)
{
    int64_t here = model_count(vital_info(m)->master_repl_offset);
    double most = UNKNOWN_REAL;
    for (size_t i = 0; here >= 0 && i < model_replica_count(m); i++) {
        int64_t there = model_replica_at(m, i)->offset;
        /* INFO was read a moment after or before: a replica is never ahead. */
        double behind = there < 0 ? UNKNOWN_REAL : (double)(here > there ? here - there : 0);
        most = isnan(most) || behind > most ? behind : most;
    }
    return most;
}

double vital_read_round_trip(const struct model *m)
{
    return vital_known(m->server.view.round_trip_us) / (double)US_PER_S;
}

static struct round_trips round_trips(const struct model *m)
{
    struct round_trips trips;
    model_round_trips(m, &trips);
    return trips;
}

double vital_read_round_trip_p50(const struct model *m)
{
    return round_trips(m).p50 / (double)US_PER_S;
}

double vital_read_round_trip_p99(const struct model *m)
{
    return round_trips(m).p99 / (double)US_PER_S;
}

double vital_read_round_trip_max(const struct model *m)
{
    return round_trips(m).max / (double)US_PER_S;
}

/* --- what this server has --- */

bool vital_has_lookups(const struct model *m)
{
    return vital_info(m)->keyspace_hits >= 0;
}

bool vital_has_limit(const struct model *m)
{
    return vital_info(m)->maxmemory > 0;
}

bool vital_has_replicas(const struct model *m)
{
    return vital_info(m)->connected_slaves > 0;
}

bool vital_has_replication(const struct model *m)
{
    return vital_has_replicas(m) || vital_info(m)->repl_backlog_active > 0;
}

bool vital_has_aof(const struct model *m)
{
    return vital_info(m)->aof_enabled > 0;
}

bool vital_has_saves(const struct model *m)
{
    return vital_info(m)->rdb_last_save_time >= 0;
}

bool vital_has_master(const struct model *m)
{
    return vital_info(m)->master_link_status[0] != '\0';
}

#define HAS_DB(n)                                                                                            \
    bool vital_has_db##n(const struct model *m)                                                              \
    {                                                                                                        \
        return vital_info(m)->db[n].keys > 0;                                                                \
    }
HAS_DB(0)
HAS_DB(1)
HAS_DB(2)
HAS_DB(3)

/* --- tones --- */

static enum vital_tone above(double now, double warning, double critical)
{
    return now >= critical ? VITAL_CRITICAL : now >= warning ? VITAL_WARNING : VITAL_PLAIN;
}

enum vital_tone vital_tone_full(const struct model *m, double now)
{
    (void)m;
    return above(now, 80, 90);
}

/* A small server has a large ratio by nature; below 1 a part of it is swapped out. */
enum vital_tone vital_tone_fragmentation(const struct model *m, double now)
{
    const int64_t much = INT64_C(100) << 20;
    const struct info *i = vital_info(m);
    bool known = i->used_memory_rss >= 0 && i->used_memory >= 0;
    bool lost = now > 1.5 && known && i->used_memory_rss - i->used_memory > much;
    bool swapped = now > 0 && now < 0.9 && i->used_memory > much;
    return lost || swapped ? VITAL_WARNING : VITAL_PLAIN;
}

enum vital_tone vital_tone_core(const struct model *m, double now)
{
    (void)m;
    return above(now, 80, 95);
}

enum vital_tone vital_tone_any(const struct model *m, double now)
{
    (void)m;
    return now > 0 ? VITAL_WARNING : VITAL_PLAIN;
}

enum vital_tone vital_tone_connected(const struct model *m, double now)
{
    return vital_tone_full(m, now);
}

enum vital_tone vital_tone_rejected(const struct model *m, double now)
{
    (void)now;
    return server_rejected_minute(m) > 0 ? VITAL_CRITICAL : VITAL_PLAIN;
}

enum vital_tone vital_tone_save(const struct model *m, double now)
{
    const char *status = vital_info(m)->rdb_last_bgsave_status;
    (void)now;
    return status[0] && strcmp(status, "ok") != 0 ? VITAL_CRITICAL : VITAL_PLAIN;
}

enum vital_tone vital_tone_fork(const struct model *m, double now)
{
    (void)m;
    return above(now, 0.5, 2);
}

enum vital_tone vital_tone_aof(const struct model *m, double now)
{
    const char *status = vital_info(m)->aof_last_write_status;
    return now > 0 && status[0] && strcmp(status, "ok") != 0 ? VITAL_CRITICAL : VITAL_PLAIN;
}

enum vital_tone vital_tone_delayed(const struct model *m, double now)
{
    (void)now;
    return vital_grew(m, "persistence.delayed fsyncs") > 0 ? VITAL_WARNING : VITAL_PLAIN;
}

enum vital_tone vital_tone_link(const struct model *m, double now)
{
    (void)m;
    return now > 0 ? VITAL_PLAIN : VITAL_CRITICAL;
}

enum vital_tone vital_tone_lag(const struct model *m, double now)
{
    (void)m;
    return above(now, 10, 60);
}

enum vital_tone vital_tone_slow_trip(const struct model *m, double now)
{
    (void)m;
    return above(now, 0.1, 1);
}
