/* metric: the numbers rules judge, read from the state. Of things there are many of, the worst is read, with
 * its name. */
#include "metric_list.h"
#include "model_priv.h"

#define RECENT_US  (600 * US_PER_S)
#define CONNECT_US (10 * US_PER_S)

static struct metric_value plain(double value)
{
    return (struct metric_value){.value = value, .object = NULL};
}

static struct metric_value number(int64_t value)
{
    return plain(value < 0 ? UNKNOWN_REAL : (double)value);
}

static struct metric_value seconds(int64_t us)
{
    return plain(us < 0 ? UNKNOWN_REAL : (double)us / (double)US_PER_S);
}

static struct metric_value yes_no(bool yes)
{
    return plain(yes ? 1 : 0);
}

static struct metric_value part(int64_t value, int64_t of)
{
    return plain(value < 0 || of <= 0 ? UNKNOWN_REAL : 100.0 * (double)value / (double)of);
}

/* --- server --- */

/* A field of INFO; -1 when it is unknown or too old to be judged. */
static int64_t info_field(const struct model *m, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)&m->server.view.info + offset, sizeof(value));
    return server_is_fresh(m) && value >= 0 ? value : -1;
}
#define INFO(member) info_field(m, offsetof(struct info, member))

/* A text field that should read "ok" or "up"; unknown when it is not told. */
static struct metric_value not_well(const struct model *m, const char *text, const char *well)
{
    return server_is_fresh(m) && text[0] ? yes_no(strcmp(text, well) != 0) : plain(UNKNOWN_REAL);
}

static struct metric_value read_memory_percent(const struct model *m)
{
    return part(INFO(used_memory), INFO(maxmemory));
}

static struct metric_value read_fragmentation(const struct model *m)
{
    return plain(server_is_fresh(m) ? m->server.view.info.mem_fragmentation_ratio : UNKNOWN_REAL);
}

static struct metric_value read_clients_percent(const struct model *m)
{
    return part(INFO(connected_clients), INFO(maxclients));
}

static struct metric_value read_rejected(const struct model *m)
{
    return number(server_is_fresh(m) ? server_rejected_minute(m) : -1);
}

static struct metric_value read_round_trip(const struct model *m)
{
    return seconds(server_is_fresh(m) ? m->server.view.round_trip_us : -1);
}

static struct metric_value read_evicted(const struct model *m)
{
    return plain(server_is_fresh(m) ? server_evicted_minute_per_s(m) : UNKNOWN_REAL);
}

static struct metric_value read_expired(const struct model *m)
{
    return plain(server_is_fresh(m) ? m->server.view.expired_per_s : UNKNOWN_REAL);
}

static struct metric_value read_master_down(const struct model *m)
{
    return not_well(m, m->server.view.info.master_link_status, "up");
}

static struct metric_value read_save_failed(const struct model *m)
{
    return not_well(m, m->server.view.info.rdb_last_bgsave_status, "ok");
}

static struct metric_value read_aof_failed(const struct model *m)
{
    return not_well(m, m->server.view.info.aof_last_write_status, "ok");
}

/* Not known while we are still finding out: at the start, and just after the link came up. */
static struct metric_value read_unreachable(const struct model *m)
{
    const struct link_view *poll = &m->connection.link[LINK_ROLE_POLL];
    if (model_redis_reachable(m)) {
        return yes_no(false);
    }
    bool trying = poll->state == FACT_LINK_UP || (poll->state == FACT_LINK_CONNECTING && !m->poll_was_down);
    bool early = trying && m->now_us - poll->since_us <= CONNECT_US &&
                 (poll->state == FACT_LINK_CONNECTING || m->server.read_at_us < poll->since_us);
    return poll->since_us < 0 || early ? plain(UNKNOWN_REAL) : yes_no(true);
}

/* --- cache --- */

static struct metric_value read_notify(const struct model *m)
{
    const struct connection_view *c = &m->connection;
    if (c->notify == NOTIFY_STATE_UNKNOWN) {
        return plain(UNKNOWN_REAL);
    }
    return (struct metric_value){
        .value = c->notify == NOTIFY_STATE_ON ? 0 : 1,
        .object = c->notify == NOTIFY_STATE_PARTIAL ? c->notify_missing : NULL,
    };
}

static struct metric_value read_events(const struct model *m)
{
    struct event_totals totals;
    model_events(m, &totals);
    return plain(totals.per_s);
}

static struct metric_value read_hit_rate(const struct model *m)
{
    return plain(server_is_fresh(m) ? m->server.view.hit_rate_window : UNKNOWN_REAL);
}

static struct metric_value read_hit_rate_lifetime(const struct model *m)
{
    return plain(server_is_fresh(m) ? m->server.view.hit_rate_lifetime : UNKNOWN_REAL);
}

static struct metric_value read_lookups(const struct model *m)
{
    return number(server_is_fresh(m) ? m->server.view.window_lookups : -1);
}

static struct metric_value read_keys(const struct model *m)
{
    int db = m->connection.db;
    int64_t told = db >= 0 && db < INFO_DBS && server_is_fresh(m) ? m->server.view.info.db[db].keys : -1;
    return number(told >= 0 ? told : m->census.view.keys);
}

static struct metric_value read_without_ttl(const struct model *m)
{
    struct metric_value worst = plain(UNKNOWN_REAL);
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->without_ttl >= 0 && !((double)f->without_ttl <= worst.value)) {
            worst = (struct metric_value){.value = (double)f->without_ttl, .object = f->name};
        }
    }
    return worst;
}

/* --- sessions --- */

static struct metric_value read_sessions(const struct model *m)
{
    return m->census.view.complete ? plain((double)model_session_count(m)) : plain(UNKNOWN_REAL);
}

static struct metric_value read_users(const struct model *m)
{
    return m->census.view.complete ? plain((double)model_user_count(m)) : plain(UNKNOWN_REAL);
}

static struct metric_value read_user_sessions(const struct model *m)
{
    size_t users = model_user_count(m);
    return m->census.view.complete && users ? plain((double)model_session_count(m) / (double)users)
                                            : plain(UNKNOWN_REAL);
}

static struct metric_value read_came_back(const struct model *m)
{
    size_t count = model_returned_count(m);
    if (!m->session_watch.ever) {
        return plain(UNKNOWN_REAL); /* nothing was revoked here that could come back */
    }
    return (struct metric_value){.value = (double)count,
                                 .object = count ? model_returned_at(m, count - 1)->short_id : NULL};
}

/* --- queues --- */

static bool queues_known(const struct model *m)
{
    return model_queue_count(m) > 0 && !model_topic_stale(m, TOPIC_QUEUES);
}

static struct metric_value read_queue_depth(const struct model *m)
{
    struct metric_value worst = plain(UNKNOWN_REAL);
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (q->depth >= 0 && !((double)q->depth <= worst.value)) {
            worst = (struct metric_value){.value = (double)q->depth, .object = q->display};
        }
    }
    return worst;
}

static struct metric_value read_queue_total(const struct model *m)
{
    int64_t sum = -1;
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (q->depth >= 0) {
            sum = (sum > 0 ? sum : 0) + q->depth;
        }
    }
    return number(sum);
}

static struct metric_value read_queue_growing(const struct model *m)
{
    if (!queues_known(m)) {
        return plain(UNKNOWN_REAL);
    }
    struct metric_value worst = plain(0);
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue_row *row = queue_row_at(m, i);
        if ((double)row->backlog > worst.value) {
            worst = (struct metric_value){.value = (double)row->backlog, .object = row->view.display};
        }
    }
    return worst;
}

static struct metric_value read_queue_drain(const struct model *m)
{
    struct metric_value worst = plain(UNKNOWN_REAL);
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (!isnan(q->drain_s) && !(q->drain_s <= worst.value)) {
            worst = (struct metric_value){.value = q->drain_s, .object = q->display};
        }
    }
    return worst;
}

static struct metric_value read_unacked(const struct model *m)
{
    return number(model_unacked_total(m));
}

static struct metric_value read_unacked_age(const struct model *m)
{
    int64_t age_us = m->wall_us - model_unacked_oldest_us(m);
    if (model_unacked_total(m) == 0) {
        return plain(0);
    }
    return seconds(model_unacked_oldest_us(m) < 0 ? -1 : age_us > 0 ? age_us : 0);
}

/* --- batches --- */

static struct metric_value read_batch_running(const struct model *m)
{
    return plain((double)m->batch.of_rank[BATCH_RANK_LIVE]);
}

static struct metric_value read_batch_queued(const struct model *m)
{
    return plain((double)m->batch.of_rank[BATCH_RANK_QUEUED]);
}

static struct metric_value read_batch_stalled(const struct model *m)
{
    struct metric_value worst = plain(connection_poll_up(m) ? 0 : UNKNOWN_REAL);
    for (size_t i = 0; i < m->batch.of_rank[BATCH_RANK_LIVE]; i++) {
        const struct batch *b = model_batch_at(m, i);
        double still = (double)(m->now_us - b->moved_us) / (double)US_PER_S;
        if (still > worst.value && batch_is_watched(m, batch_row_at(m, i))) {
            worst = (struct metric_value){.value = still, .object = b->display_id};
        }
    }
    return worst;
}

static struct metric_value count_recent(const struct model *m, enum batch_state state)
{
    struct metric_value count = plain(0);
    for (size_t i = 0; i < m->batch.of_rank[BATCH_RANK_ENDED]; i++) {
        const struct batch *b =
            model_batch_at(m, model_batch_count(m) - m->batch.of_rank[BATCH_RANK_ENDED] + i);
        if (m->now_us - b->ended_us >= RECENT_US) {
            break; /* newest first */
        }
        if (b->state == state) {
            count.object = count.object ? count.object : b->display_id;
            count.value++;
        }
    }
    return count;
}

static struct metric_value read_batch_failed(const struct model *m)
{
    return count_recent(m, BATCH_FAILED);
}

static struct metric_value read_batch_lost(const struct model *m)
{
    return count_recent(m, BATCH_LOST);
}

static struct metric_value read_cost_commands(const struct model *m)
{
    return plain(m->connection.commands_per_s);
}

static struct metric_value read_cost_bytes(const struct model *m)
{
    return plain(m->connection.bytes_in_per_s);
}

/* --- the table --- */

#define INFO_FIELD(member)                                                                                   \
    {                                                                                                        \
        .info = offsetof(struct info, member)                                                                \
    }
static const struct {
    struct metric_value (*read)(const struct model *); /* NULL: a field of INFO as it stands */
    size_t info;
} reader[METRIC_COUNT] = {
    [METRIC_USED_MEMORY] = INFO_FIELD(used_memory),
    [METRIC_MEMORY_PERCENT] = {.read = read_memory_percent},
    [METRIC_MEMORY_RSS] = INFO_FIELD(used_memory_rss),
    [METRIC_FRAGMENTATION] = {.read = read_fragmentation},
    [METRIC_VITAL_EVICTABLE] = {.read = metric_vital_evictable},
    [METRIC_VITAL_UNLIMITED] = {.read = metric_vital_unlimited},
    [METRIC_CLIENTS] = INFO_FIELD(connected_clients),
    [METRIC_CLIENTS_PERCENT] = {.read = read_clients_percent},
    [METRIC_BLOCKED] = INFO_FIELD(blocked_clients),
    [METRIC_REJECTED] = {.read = read_rejected},
    [METRIC_OPS] = INFO_FIELD(instantaneous_ops_per_sec),
    [METRIC_ROUND_TRIP] = {.read = read_round_trip},
    [METRIC_EVICTED] = {.read = read_evicted},
    [METRIC_EXPIRED] = {.read = read_expired},
    [METRIC_UPTIME] = INFO_FIELD(uptime_in_seconds),
    [METRIC_LOADING] = INFO_FIELD(loading),
    [METRIC_REPLICAS] = INFO_FIELD(connected_slaves),
    [METRIC_MASTER_DOWN] = {.read = read_master_down},
    [METRIC_SAVE_FAILED] = {.read = read_save_failed},
    [METRIC_AOF_FAILED] = {.read = read_aof_failed},
    [METRIC_UNSAVED] = INFO_FIELD(rdb_changes_since_last_save),
    [METRIC_UNREACHABLE] = {.read = read_unreachable},
    [METRIC_NOTIFY] = {.read = read_notify},
    [METRIC_EVENTS] = {.read = read_events},
    [METRIC_HIT_RATE] = {.read = read_hit_rate},
    [METRIC_HIT_RATE_LIFETIME] = {.read = read_hit_rate_lifetime},
    [METRIC_LOOKUPS] = {.read = read_lookups},
    [METRIC_KEYS] = {.read = read_keys},
    [METRIC_WITHOUT_TTL] = {.read = read_without_ttl},
    [METRIC_OBJECT_REPRS] = {.read = metric_object_reprs},
    [METRIC_WITHOUT_TTL_MISPLACED] = {.read = metric_without_ttl_misplaced},
    [METRIC_LARGEST_SHARE] = {.read = metric_largest_share},
    [METRIC_CROWDING] = {.read = metric_crowding},
    [METRIC_SESSIONS] = {.read = read_sessions},
    [METRIC_USERS] = {.read = read_users},
    [METRIC_USER_SESSIONS] = {.read = read_user_sessions},
    [METRIC_SESSIONS_CAME_BACK] = {.read = read_came_back},
    [METRIC_SESSIONS_ORPHANS] = {.read = metric_sessions_orphans},
    [METRIC_SESSIONS_STALE] = {.read = metric_sessions_stale},
    [METRIC_SESSIONS_STALE_SHARE] = {.read = metric_sessions_stale_share},
    [METRIC_SESSIONS_CROWD] = {.read = metric_sessions_crowd},
    [METRIC_SESSIONS_LOGINS] = {.read = metric_sessions_logins},
    [METRIC_SESSIONS_SURGE] = {.read = metric_sessions_surge},
    [METRIC_SESSIONS_EXPIRED_SHARE] = {.read = metric_sessions_expired_share},
    [METRIC_QUEUE_DEPTH] = {.read = read_queue_depth},
    [METRIC_QUEUE_TOTAL] = {.read = read_queue_total},
    [METRIC_QUEUE_GROWING] = {.read = read_queue_growing},
    [METRIC_QUEUE_DRAIN] = {.read = read_queue_drain},
    [METRIC_UNACKED] = {.read = read_unacked},
    [METRIC_UNACKED_AGE] = {.read = read_unacked_age},
    [METRIC_BATCH_RUNNING] = {.read = read_batch_running},
    [METRIC_BATCH_QUEUED] = {.read = read_batch_queued},
    [METRIC_BATCH_STALLED] = {.read = read_batch_stalled},
    [METRIC_BATCH_FAILED] = {.read = read_batch_failed},
    [METRIC_BATCH_LOST] = {.read = read_batch_lost},
    [METRIC_WORKERS] = {.read = metric_workers},
    [METRIC_WORKER_SILENT] = {.read = metric_worker_silent},
    [METRIC_WORKER_ZOMBIES] = {.read = metric_worker_zombies},
    [METRIC_WORKER_LOST] = {.read = metric_worker_lost},
    [METRIC_QUEUE_UNCONSUMED] = {.read = metric_queue_unconsumed},
    [METRIC_QUEUE_POISON] = {.read = metric_queue_poison},
    [METRIC_TASKS_FAILURE_RATE] = {.read = metric_tasks_failure_rate},
    [METRIC_TASKS_OVERDUE] = {.read = metric_tasks_overdue},
    [METRIC_TASKS_ORPHANED] = {.read = metric_tasks_orphaned},
    [METRIC_TASKS_LOST] = {.read = metric_tasks_lost},
    [METRIC_COST_COMMANDS] = {.read = read_cost_commands},
    [METRIC_COST_BYTES] = {.read = read_cost_bytes},
};

struct metric_value metric_read(const struct model *m, size_t metric)
{
    if (metric < METRIC_COUNT && reader[metric].read) {
        return reader[metric].read(m);
    }
    /* Place 0 is a text of INFO: no number has it. */
    bool is_field = metric < METRIC_COUNT && reader[metric].info;
    return is_field ? number(info_field(m, reader[metric].info)) : plain(UNKNOWN_REAL);
}
