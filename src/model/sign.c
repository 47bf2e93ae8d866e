#include "sign.h"

#include "model_priv.h"
#include "reals.h"

#define MINUTE_US      (60 * US_PER_S)
#define TEN_S_US       (10 * US_PER_S)
#define MEMORY_STEP_US (10 * US_PER_S) /* ten minutes are looked at */
#define KEYS_STEP_US   (60 * US_PER_S) /* an hour */

enum { TRAFFIC_CONNECTIONS, TRAFFIC_COMMANDS, TRAFFIC_ERRORS };
enum { STRAIN_CPU };
enum {
    ERRORS_LEAST = 1000, /* commands a minute; of fewer, single errors are no share worth a word */
    LATENCY_SAMPLES = 30,
    LATENCY_LEAST = 5,
};
_Static_assert(TRAFFIC_ERRORS < METER_VALUES && SIGN_CUT < METER_VALUES, "a meter holds them");

void sign_init(struct model *m)
{
    trend_clear(&m->sign.memory);
    trend_clear(&m->sign.without_ttl);
    m->sign.restarted_us = m->sign.moved_us = m->sign.flushed_us = -1;
    m->sign.broker_us = -1;
}

static int64_t known(int64_t value)
{
    return value < 0 ? -1 : model_count(value);
}

/* -1 when one of them is not told. */
static int64_t sum(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? -1 : model_count(a) + model_count(b);
}

/* Before Redis 7 only that of all threads is told. */
static int64_t cpu_us(const struct info *info)
{
    int64_t main_thread = sum(info->used_cpu_sys_main_thread_us, info->used_cpu_user_main_thread_us);
    return main_thread >= 0 ? main_thread : sum(info->used_cpu_sys_us, info->used_cpu_user_us);
}

static int64_t cut(const struct info *info)
{
    return sum(info->client_output_buffer_limit_disconnections,
               info->client_query_buffer_limit_disconnections);
}

/* Of the application's database: INFO counts both exactly. */
static double keys_without_ttl(const struct model *m)
{
    const struct info *info = &m->server.view.info;
    int db = m->connection.db;
    bool told = db >= 0 && db < INFO_DBS && info->db[db].keys >= 0 && info->db[db].expires >= 0;
    return told ? (double)(model_count(info->db[db].keys) - model_count(info->db[db].expires)) : UNKNOWN_REAL;
}

static void follow_losses(struct model *m, bool linked)
{
    struct sign_state *s = &m->sign;
    const struct info *info = &m->server.view.info;
    int64_t now[METER_VALUES] = {[SIGN_EVICTED] = known(info->evicted_keys),
                                 [SIGN_REJECTED] = known(info->rejected_connections),
                                 [SIGN_CUT] = cut(info)};
    memcpy(s->lately_now, now, sizeof(now));
    /* Half a second of grace: polls do not come on the dot. */
    if (linked && s->lately.count > 0 && m->now_us - s->lately_us + US_PER_S / 2 < TEN_S_US) {
        return;
    }
    if (!linked) {
        meter_clear(&s->lately);
    }
    meter_add(&s->lately, m->now_us, now);
    memcpy(s->lately_last, now, sizeof(now));
    s->lately_us = m->now_us;
}

/* Counters of a reading that is the first have no past: what they grew by is 0. */
int64_t sign_lately(const struct model *m, enum sign_loss loss)
{
    const struct sign_state *s = &m->sign;
    int64_t growth = 0;
    int64_t span_us;
    if (!server_is_fresh(m) || s->lately_now[loss] < 0) {
        return -1;
    }
    meter_growth(&s->lately, SIGN_LATELY_US, loss, &growth, &span_us);
    growth += s->lately_now[loss] - s->lately_last[loss];
    return growth > 0 ? growth : 0;
}

static bool has_broker(const struct model *m)
{
    bool broker = model_unacked_total(m) > 0;
    for (size_t i = 0; i < model_queue_count(m) && !broker; i++) {
        const struct queue *q = model_queue_at(m, i);
        broker = (q->sources & ~(unsigned)QUEUE_CONFIGURED) || q->depth > 0;
    }
    return broker;
}

bool sign_broker(const struct model *m)
{
    int64_t seen_us = m->sign.broker_us;
    return has_broker(m) || (seen_us >= 0 && m->now_us - seen_us < SIGN_LATELY_US);
}

void sign_apply(struct model *m, const struct info *old, bool linked, enum sign_process process)
{
    struct sign_state *s = &m->sign;
    const struct info *info = &m->server.view.info;

    const bool numbers[] = {info->total_connections_received >= 0,
                            info->total_commands_processed >= 0,
                            info->total_error_replies >= 0,
                            cpu_us(info) >= 0,
                            cut(info) >= 0,
                            info->evicted_keys >= 0,
                            info->rejected_connections >= 0};
    unsigned told = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        told |= numbers[i] ? 1u << i : 0;
    }
    linked = linked && told == s->told;
    if (!linked) {
        meter_clear(&s->traffic);
        meter_clear(&s->strain);
    }
    s->told = told;
    if (process != SIGN_THE_SAME) {
        trend_clear(&s->memory);
        trend_clear(&s->without_ttl);
        *(process == SIGN_RESTARTED ? &s->restarted_us : &s->moved_us) = m->now_us;
    }
    if (linked && info_most_keys_went(old, info, m->connection.db)) {
        s->flushed_us = m->now_us;
    }
    meter_add(&s->traffic, m->now_us,
              (int64_t[METER_VALUES]){[TRAFFIC_CONNECTIONS] = known(info->total_connections_received),
                                      [TRAFFIC_COMMANDS] = known(info->total_commands_processed),
                                      [TRAFFIC_ERRORS] = known(info->total_error_replies)});
    meter_add(&s->strain, m->now_us, (int64_t[METER_VALUES]){[STRAIN_CPU] = cpu_us(info)});
    follow_losses(m, linked);
    s->broker_us = has_broker(m) ? m->now_us : s->broker_us;
    trend_add(&s->memory, m->now_us, MEMORY_STEP_US,
              info->used_memory < 0 ? UNKNOWN_REAL : (double)model_count(info->used_memory));
    trend_add(&s->without_ttl, m->now_us, KEYS_STEP_US, keys_without_ttl(m));
}

double sign_full_s(const struct model *m)
{
    const struct info *info = &m->server.view.info;
    double per_s = trend_per_s(&m->sign.memory, MEMORY_STEP_US);
    if (!server_is_fresh(m) || info->used_memory < 0 || info->maxmemory <= 0 || isnan(per_s)) {
        return UNKNOWN_REAL;
    }
    double left = (double)info->maxmemory - (double)info->used_memory;
    return per_s <= 0 ? (double)INFINITY : left > 0 ? left / per_s : 0;
}

double sign_without_ttl(const struct model *m)
{
    double per_s = trend_per_s(&m->sign.without_ttl, KEYS_STEP_US);
    return server_is_fresh(m) ? per_s * 3600 : UNKNOWN_REAL;
}

double sign_connections_per_s(const struct model *m)
{
    bool told = server_is_fresh(m) && m->server.view.info.total_connections_received >= 0;
    return told ? meter_per_s(&m->sign.traffic, TEN_S_US, TRAFFIC_CONNECTIONS) : UNKNOWN_REAL;
}

double sign_error_share(const struct model *m)
{
    const struct info *info = &m->server.view.info;
    int64_t commands;
    int64_t errors;
    int64_t span_us;
    if (!server_is_fresh(m) || info->total_commands_processed < 0 || info->total_error_replies < 0 ||
        !meter_growth(&m->sign.traffic, MINUTE_US, TRAFFIC_COMMANDS, &commands, &span_us) ||
        !meter_growth(&m->sign.traffic, MINUTE_US, TRAFFIC_ERRORS, &errors, &span_us)) {
        return UNKNOWN_REAL;
    }
    double of = (double)(commands > ERRORS_LEAST ? commands : ERRORS_LEAST);
    double share = errors > 0 ? 100.0 * (double)errors / of : 0;
    return share < 100 ? share : 100; /* a command that is refused is not always counted as processed */
}

double sign_cpu(const struct model *m)
{
    if (!server_is_fresh(m) || cpu_us(&m->server.view.info) < 0) {
        return UNKNOWN_REAL;
    }
    return 100.0 * meter_per_s(&m->sign.strain, TEN_S_US, STRAIN_CPU) / (double)US_PER_S;
}

double sign_latency_s(const struct model *m)
{
    double tail[LATENCY_SAMPLES];
    size_t count = series_tail(&m->server.view.round_trip, tail, LATENCY_SAMPLES);
    size_t have = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(tail[i])) {
            tail[have++] = tail[i];
        }
    }
    if (!server_is_fresh(m) || have < LATENCY_LEAST) {
        return UNKNOWN_REAL;
    }
    reals_sort(tail, have);
    return tail[have / 2] / (double)US_PER_S;
}

/* Whether snapshots are wanted at all INFO does not tell; that one was taken since the server started does.
 * Without that it is the doctor's business. */
double sign_save_age_s(const struct model *m)
{
    const struct info *info = &m->server.view.info;
    int64_t now = info->server_time_usec > 0 ? info->server_time_usec / US_PER_S : m->wall_us / US_PER_S;
    if (!server_is_fresh(m) || info->rdb_last_save_time <= 0 || info->rdb_changes_since_last_save < 0 ||
        info->uptime_in_seconds < 0) {
        return UNKNOWN_REAL;
    }
    int64_t age = now - model_count(info->rdb_last_save_time);
    int64_t saved_after = model_count(info->uptime_in_seconds) - age; /* the start counts as a save */
    bool saves = info->rdb_saves >= 0 ? info->rdb_saves > 0 : saved_after > 5;
    if (!saves) {
        return UNKNOWN_REAL;
    }
    return info->rdb_changes_since_last_save > 0 && age > 0 ? (double)age : 0;
}
