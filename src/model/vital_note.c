/* What a sign of life means here, in a few words. */
#include "vital_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

enum { SMALL = 32 };

static const char *duration_of(double seconds, char *out)
{
    const double most = 1e9;
    bool known = seconds >= 0 && seconds < most;
    return human_duration(known ? (int64_t)(seconds * (double)US_PER_S) : -1, out, SMALL);
}

static void share_of(int64_t part, int64_t whole, const char *of, char *out, size_t size)
{
    char text[SMALL];
    if (part >= 0 && whole > 0) {
        snprintf(out, size, "%s of %s",
                 human_percent(100.0 * (double)part / (double)whole, text, sizeof text), of);
    }
}

void vital_note_used(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    char text[SMALL];
    (void)v;
    if (i->maxmemory == 0) {
        snprintf(out, size, "no limit: maxmemory is 0");
    } else if (i->maxmemory > 0) {
        snprintf(out, size, "of %s, when full: %s", human_bytes(i->maxmemory, text, sizeof text),
                 i->maxmemory_policy);
    }
}

void vital_note_of_limit(const struct model *m, const struct vital *v, char *out, size_t size)
{
    double left_s = model_memory_full_s(m);
    char text[SMALL];
    if (v->now >= 100) {
        snprintf(out, size, "full");
    } else if (!isnan(left_s)) {
        snprintf(out, size, "full in %s at this growth", duration_of(left_s, text));
    } else {
        snprintf(out, size, "not growing steadily");
    }
}

void vital_note_of_used(const struct model *m, const struct vital *v, char *out, size_t size)
{
    share_of(isnan(v->now) ? -1 : (int64_t)v->now, vital_info(m)->used_memory, "used", out, size);
}

void vital_note_resident(const struct model *m, const struct vital *v, char *out, size_t size)
{
    share_of(isnan(v->now) ? -1 : (int64_t)v->now, vital_info(m)->total_system_memory, "the machine's", out,
             size);
}

void vital_note_fragmentation(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    int64_t over = i->used_memory_rss >= 0 && i->used_memory >= 0 ? i->used_memory_rss - i->used_memory : 0;
    char text[SMALL];
    if (over > 0) {
        snprintf(out, size, "%s more than used", human_bytes(over, text, sizeof text));
    } else if (v->tone == VITAL_WARNING) {
        snprintf(out, size, "less than used: a part of it is swapped out");
    }
}

void vital_note_peak(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    char text[SMALL];
    (void)v;
    if (i->used_memory >= 0 && i->used_memory_peak > 0) {
        snprintf(
            out, size, "%s of it now",
            human_percent(100.0 * (double)i->used_memory / (double)i->used_memory_peak, text, sizeof text));
    }
}

void vital_note_system(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    (void)v;
    if (i->maxmemory > 0 && i->total_system_memory > 0 && i->maxmemory > i->total_system_memory) {
        snprintf(out, size, "less than maxmemory: the limit is never reached");
    }
}

void vital_note_main_thread(const struct model *m, const struct vital *v, char *out, size_t size)
{
    (void)m;
    if (v->tone != VITAL_PLAIN) {
        snprintf(out, size, "commands queue up behind each other: see :group commands");
    }
}

void vital_note_commands(const struct model *m, const struct vital *v, char *out, size_t size)
{
    char text[SMALL];
    (void)v;
    if (m->connection.commands_per_s >= 0) {
        snprintf(out, size, "%s/s of them are ours",
                 human_rate(m->connection.commands_per_s, text, sizeof text));
    }
}

void vital_note_hit_rate(const struct model *m, const struct vital *v, char *out, size_t size)
{
    char text[SMALL];
    if (isnan(v->now)) {
        snprintf(out, size, "no look-ups in the last minute");
    } else {
        snprintf(out, size, "of %s look-ups%s", human_count(m->server.view.window_lookups, text, sizeof text),
                 m->server.view.celery_told_apart ? ", Celery's misses taken off" : "");
    }
}

void vital_note_evicted(const struct model *m, const struct vital *v, char *out, size_t size)
{
    char text[SMALL];
    (void)v;
    if (vital_info(m)->evicted_keys > 0) {
        snprintf(out, size, "%s since it was started",
                 human_count(vital_info(m)->evicted_keys, text, sizeof text));
    }
}

void vital_note_errors(const struct model *m, const struct vital *v, char *out, size_t size)
{
    (void)m;
    if (v->now > 0) {
        snprintf(out, size, ":group errors tells which");
    }
}

void vital_note_of_maxclients(const struct model *m, const struct vital *v, char *out, size_t size)
{
    char text[SMALL];
    (void)v;
    snprintf(out, size, "of %s", human_count(model_count(vital_info(m)->maxclients), text, sizeof text));
}

void vital_note_blocked(const struct model *m, const struct vital *v, char *out, size_t size)
{
    (void)m;
    if (v->now > 0) {
        snprintf(out, size, "idle Celery workers wait so");
    }
}

void vital_note_rejected(const struct model *m, const struct vital *v, char *out, size_t size)
{
    int64_t minute = server_rejected_minute(m);
    (void)v;
    if (minute > 0) {
        snprintf(out, size, "%" PRId64 " in the last minute", minute);
    }
}

void vital_note_db(const struct model *m, const struct vital *v, char *out, size_t size)
{
    int n = v->name[2] - '0';
    const struct info *i = vital_info(m);
    char share[SMALL];
    char average[SMALL];
    if (n < 0 || n >= INFO_DBS || i->db[n].keys <= 0 || i->db[n].expires < 0) {
        return;
    }
    int64_t keys = model_count(i->db[n].keys);
    int64_t expires = model_count(i->db[n].expires);
    int64_t ttl_ms = model_count(i->db[n].avg_ttl_ms);
    int used = snprintf(
        out, size, "%s with TTL",
        human_percent(expires >= keys ? 100 : 100.0 * (double)expires / (double)keys, share, sizeof share));
    if (ttl_ms > 0 && used > 0 && (size_t)used < size) {
        snprintf(out + used, size - (size_t)used, ", %s on average",
                 duration_of((double)ttl_ms / (double)US_PER_MS, average));
    }
}

void vital_note_save(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    char text[SMALL];
    const char *status = i->rdb_last_bgsave_status;
    if (i->rdb_bgsave_in_progress > 0) {
        snprintf(out, size, "saving for %s",
                 duration_of((double)model_count(i->rdb_current_bgsave_time_sec), text));
    } else if (v->tone == VITAL_CRITICAL) {
        snprintf(out, size, "the last one failed");
    } else if (i->rdb_last_bgsave_time_sec > 0) {
        snprintf(out, size, "took %s", duration_of((double)model_count(i->rdb_last_bgsave_time_sec), text));
    } else if (i->rdb_saves == 0) {
        snprintf(out, size, "none since it was started");
    } else {
        snprintf(out, size, "%s", status);
    }
}

void vital_note_changes(const struct model *m, const struct vital *v, char *out, size_t size)
{
    if (v->now > 0) {
        snprintf(out, size, "%s",
                 vital_info(m)->aof_enabled > 0 ? "the append-only file has them" : "lost if it dies now");
    }
}

void vital_note_fork(const struct model *m, const struct vital *v, char *out, size_t size)
{
    if (vital_info(m)->total_forks > 0 || v->now > 0) {
        snprintf(out, size, "it stood still meanwhile");
    } else {
        snprintf(out, size, "none yet");
    }
}

void vital_note_cow(const struct model *m, const struct vital *v, char *out, size_t size)
{
    if (v->now > 0) {
        vital_note_of_used(m, v, out, size);
    }
}

void vital_note_append_only(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    if (!(v->now > 0)) {
        return;
    }
    if (v->tone == VITAL_CRITICAL) {
        snprintf(out, size, "the last write failed: writes are refused or lost");
    } else {
        snprintf(out, size, "last write %.8s%s", i->aof_last_write_status,
                 i->aof_rewrite_in_progress > 0                     ? ", rewriting"
                 : strcmp(i->aof_last_bgrewrite_status, "err") == 0 ? ", the last rewrite failed"
                                                                    : "");
    }
}

void vital_note_aof_size(const struct model *m, const struct vital *v, char *out, size_t size)
{
    char text[SMALL];
    (void)v;
    if (vital_info(m)->aof_base_size > 0) {
        snprintf(out, size, "%s after its last rewrite",
                 human_bytes(model_count(vital_info(m)->aof_base_size), text, sizeof text));
    }
}

void vital_note_delayed(const struct model *m, const struct vital *v, char *out, size_t size)
{
    double grew = vital_grew(m, v->id);
    if (grew > 0) {
        snprintf(out, size, "%.0f in the last minutes: the disk is slow", grew);
    }
}

void vital_note_role(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    if (v->now > 0) {
        snprintf(out, size, "%s", i->connected_slaves == 0 ? "it has no replicas" : "it takes the writes");
    } else if (!isnan(v->now)) {
        snprintf(out, size, "a replica%s",
                 i->slave_read_only == 0 ? " that takes writes: they are not replicated" : "");
    }
}

void vital_note_replicas(const struct model *m, const struct vital *v, char *out, size_t size)
{
    size_t online = 0;
    (void)v;
    for (size_t i = 0; i < model_replica_count(m); i++) {
        online += strcmp(model_replica_at(m, i)->state, "online") == 0;
    }
    if (model_replica_count(m)) {
        snprintf(out, size, "%zu online", online);
    }
}

void vital_note_link(const struct model *m, const struct vital *v, char *out, size_t size)
{
    const struct info *i = vital_info(m);
    char text[SMALL];
    if (i->master_sync_in_progress > 0) {
        snprintf(out, size, "it copies its master: it answers with old data, or not at all");
    } else if (!(v->now > 0) && i->master_link_down_since_seconds >= 0) {
        snprintf(out, size, "down for %s: it answers with old data",
                 duration_of((double)model_count(i->master_link_down_since_seconds), text));
    }
}

void vital_note_behind(const struct model *m, const struct vital *v, char *out, size_t size)
{
    (void)v;
    share_of(isnan(v->now) ? -1 : (int64_t)v->now, model_count(vital_info(m)->repl_backlog_size),
             "the backlog; beyond it all is copied anew", out, size);
}

void vital_note_round_trips(const struct model *m, const struct vital *v, char *out, size_t size)
{
    struct round_trips trips;
    (void)v;
    model_round_trips(m, &trips);
    snprintf(out, size, "of %zu", trips.samples);
}
