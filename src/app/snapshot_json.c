/* snapshot_json: the object of the contract (schema 1). Unknown is null, never 0. */
#include "rows_json.h"
#include "snapshot.h"

#include <math.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/isotime.h"
#include "redai/base/json_out.h"

static int64_t known(bool read, int64_t value)
{
    return read ? value : INT64_MIN;
}

/* What was read before the connection was lost is not what is there now. */
static bool is_live(const struct model *m)
{
    return model_redis_reachable(m);
}

/* Where Celery's things are; of a server of their own also how it is. */
static void site(const struct model *m, enum site which, UT_string *out)
{
    const struct site_view *s = model_site(m, which);
    bool read = s->apart && s->known && !model_site_is_away(m, which);
    const struct link_view *link = model_site_link(m, which);
    json_open(out, site_name[which], '{');
    json_text(out, "address", s->address);
    json_int(out, "database", s->db, 0);
    json_bool(out, "apart", s->apart);
    bool tried = link->since_us >= 0 && (link->state != FACT_LINK_CONNECTING || link->error[0]);
    if (tried) {
        json_bool(out, "reachable", link->state == FACT_LINK_UP);
    } else {
        json_null(out, "reachable"); /* nothing has answered or failed yet */
    }
    json_text(out, "error", link->state != FACT_LINK_UP && link->error[0] ? link->error : NULL);
    json_text(out, "version", read && s->info.redis_version[0] ? s->info.redis_version : NULL);
    json_text(out, "role", read && s->info.role[0] ? s->info.role : NULL);
    json_int(out, "used_memory_bytes", known(read, s->info.used_memory), 0);
    json_int(out, "max_memory_bytes", known(read, s->info.maxmemory), 0);
    json_text(out, "eviction_policy", read && s->info.maxmemory_policy[0] ? s->info.maxmemory_policy : NULL);
    json_close(out, '}');
}

static void server(const struct model *m, UT_string *out)
{
    static const char *const notify[] = {"unknown", "on", "partial", "off"};
    const struct server *v = model_server(m);
    const struct connection_view *c = model_connection(m);
    char memory[16];
    bool read = v->known && snapshot_has(m, TOPIC_SERVER);
    json_open(out, "server", '{');
    json_text(out, "address", c->address);
    json_text(out, "version", read && v->info.redis_version[0] ? v->info.redis_version : NULL);
    json_text(out, "role", read && v->info.role[0] ? v->info.role : NULL);
    json_text(out, "master_link", read && v->info.master_link_status[0] ? v->info.master_link_status : NULL);
    json_int(out, "master_last_io_seconds", known(read, v->info.master_last_io_seconds_ago), 0);
    json_int(out, "uptime_seconds", known(read, v->info.uptime_in_seconds), 0);
    json_int(out, "connected_clients", known(read, v->info.connected_clients), 0);
    json_int(out, "max_clients", known(read, v->info.maxclients), 0);
    json_int(out, "used_memory_bytes", known(read, v->info.used_memory), 0);
    bool memory_known = read && v->info.used_memory >= 0;
    json_text(out, "used_memory_human",
              memory_known ? human_bytes(v->info.used_memory, memory, sizeof memory) : NULL);
    json_int(out, "max_memory_bytes", known(read, v->info.maxmemory), 0);
    json_text(out, "eviction_policy", read && v->info.maxmemory_policy[0] ? v->info.maxmemory_policy : NULL);
    json_real(out, "ops_per_second", read ? v->ops_per_s : NAN, 0);
    json_real(out, "hit_rate_lifetime", read ? v->hit_rate_lifetime : NAN, 2);
    json_real(out, "hit_rate_window", read ? v->hit_rate_window : NAN, 2);
    json_int(out, "evicted_keys", known(read, v->info.evicted_keys), 0);
    json_int(out, "expired_keys", known(read, v->info.expired_keys), 0);
    json_real(out, "latency_ms", read && v->round_trip_us >= 0 ? (double)v->round_trip_us / 1000. : NAN, 3);
    bool part = c->shed.any && c->notify == NOTIFY_STATE_ON;
    json_text(out, "notifications", notify[!is_live(m) ? 0 : part ? NOTIFY_STATE_PARTIAL : c->notify]);
    json_bool(out, "notifications_shed", c->shed.any);
    site(m, SITE_BROKER, out);
    site(m, SITE_RESULTS, out);
    json_close(out, '}');
}

static void sessions(const struct model *m, UT_string *out)
{
    bool denied = model_topic(m, TOPIC_SESSIONS)->failed;
    const struct session_index_view *index = model_session_index(m);
    bool read = is_live(m) && !denied && (model_census(m)->complete || model_session_count(m) > 0);
    bool joined = is_live(m) && !denied && index->complete;
    json_open(out, "sessions", '{');
    int64_t cut = (int64_t)model_rows_cut(m, TOPIC_SESSIONS);
    json_int(out, "total", known(read, (int64_t)model_session_count(m) + cut), 0);
    json_int(out, "users", known(read, (int64_t)model_user_count(m)), 0);
    json_int(out, "orphans", known(joined && !index->blind, (int64_t)index->orphans), 0);
    json_int(out, "stale_members", known(joined, (int64_t)index->stale), 0);
    json_int(out, "foreign_members", known(joined, (int64_t)index->foreign), 0);
    json_int(out, "indexes_partly_read", known(joined, (int64_t)index->partly), 0);
    json_bool(out, "complete",
              is_live(m) && model_census(m)->complete && cut == 0 && !denied && !index->partly);
    json_close(out, '}');
}

static void cache(const struct model *m, UT_string *out)
{
    const struct census_view *census = model_census(m);
    json_open(out, "cache", '{');
    bool complete = is_live(m) && census->complete && !model_topic(m, TOPIC_CACHE)->failed;
    json_int(out, "keys", complete ? census->keys : INT64_MIN, 0);
    json_open(out, "families", '[');
    for (size_t i = 0; is_live(m) && i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (!f->counted) {
            continue;
        }
        json_open(out, NULL, '{');
        json_text(out, "name", f->name);
        json_int(out, "keys", f->keys, 0);
        json_int(out, "without_ttl", f->without_ttl, 0);
        json_int(out, "bytes_estimate", f->bytes_estimate, 0);
        json_int(out, "bytes_margin", isnan(f->bytes_margin) ? -1 : (int64_t)(f->bytes_margin + 0.5), 0);
        json_int(out, "object_reprs", f->reprs, 0);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_bool(out, "complete", complete);
    json_close(out, '}');
}

static void queues(const struct model *m, UT_string *out)
{
    json_open(out, "queues", '[');
    for (size_t i = 0; snapshot_has(m, TOPIC_QUEUES) && i < model_queue_count(m); i++) {
        rows_json_queue(m, model_queue_at(m, i), out);
    }
    json_close(out, ']');
}

static void workers(const struct model *m, UT_string *out)
{
    json_open(out, "workers", '[');
    for (size_t i = 0; is_live(m) && i < model_worker_count(m); i++) {
        rows_json_worker(m, model_worker_at(m, i), out);
    }
    json_close(out, ']');
}

static void batches(const struct model *m, UT_string *out)
{
    json_open(out, "batches", '[');
    for (size_t i = 0; snapshot_has(m, TOPIC_BATCHES) && i < model_batch_count(m); i++) {
        const struct batch *b = model_batch_at(m, i);
        json_open(out, NULL, '{');
        json_text(out, "task_id", b->display_id);
        json_int(out, "current", b->current, 0);
        json_int(out, "total", b->total, 0);
        json_real(out, "percentage", b->part * 100., 1);
        json_text(out, "status", b->status[0] ? b->status : NULL);
        json_text(out, "error", b->error[0] ? b->error : NULL);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void alerts(const struct model *m, UT_string *out)
{
    json_open(out, "alerts", '[');
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        json_open(out, NULL, '{');
        json_text(out, "rule", a->rule->name);
        json_text(out, "severity", severity_name[a->rule->severity]);
        json_text(out, "state", alert_state_name[a->state]);
        json_real(out, "value", a->value, 2);
        json_real(out, "threshold", a->rule->value, 2);
        json_text(out, "message", a->text);
        json_text(out, "object", a->object[0] ? a->object : NULL);
        json_close(out, '}');
    }
    json_close(out, ']');
}

void snapshot_json(const struct model *m, int64_t skipped, UT_string *out)
{
    char at[ISOTIME_SIZE];
    isotime_format(model_wall_us(m), at, sizeof at);
    json_open(out, NULL, '{');
    json_int(out, "schema", 1, 0);
    json_text(out, "at", at);
    json_text(out, "status", model_redis_reachable(m) ? "healthy" : "unhealthy");
    server(m, out);
    sessions(m, out);
    cache(m, out);
    queues(m, out);
    workers(m, out);
    if (is_live(m)) {
        rows_json_task_counts(m, out);
    } else {
        json_null(out, "tasks");
    }
    batches(m, out);
    alerts(m, out);
    if (skipped >= 0) {
        json_int(out, "skipped", skipped, 0);
    }
    json_close(out, '}');
    text_add(out, S("\n"));
}
