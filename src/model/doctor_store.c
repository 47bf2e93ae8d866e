/* doctor_store: checks on memory, eviction and what is on disk. */
#include "model_priv.h"
#include "usage_verdict.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/model/usage.h"

enum { SMALL = 32 };
#define ALERT_BYTES (INT64_C(3) << 29) /* the platform's 1.5 G */

bool doctor_has_broker(const struct model *m)
{
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if ((q->sources & ~(unsigned)QUEUE_CONFIGURED) || q->depth > 0 || q->unacked > 0) {
            return true;
        }
    }
    return model_unacked_total(m) > 0 || model_worker_count(m) > 0;
}

void doctor_judge_eviction(struct judging *j)
{
    bool bad;
    const char *policy = j->m->server.view.info.maxmemory_policy;
    const char *verdict = model_usage_verdict(j->m, &bad);
    if (!doctor_has_info(j)) {
        return;
    }
    enum usage_danger danger = usage_danger_of(j->m);
    if (!policy[0]) {
        doctor_unknown(j, "INFO does not tell maxmemory-policy");
    } else if (danger == USAGE_DANGER_NOW) {
        doctor_bad(j, SEVERITY_CRITICAL, "%s", verdict);
    } else if (danger == USAGE_DANGER_LATENT) {
        doctor_bad(j, SEVERITY_WARNING, "%s", verdict);
    } else if (strncmp(policy, "allkeys", 7) == 0 && !j->m->census.view.complete) {
        doctor_unknown(j, "%s: what is stored was not counted yet", policy);
    } else {
        doctor_good(j, "%s", verdict);
    }
}

void doctor_judge_evicted(struct judging *j)
{
    const struct info *i = &j->m->server.view.info;
    if (!doctor_has_info(j)) {
        return;
    }
    if (i->evicted_keys < 0) {
        doctor_unknown(j, "INFO does not tell evicted_keys");
    } else if (i->evicted_keys > 0) {
        doctor_bad(j, strncmp(i->maxmemory_policy, "allkeys", 7) == 0 ? SEVERITY_WARNING : SEVERITY_INFO,
                   "%" PRId64 " keys were evicted since the server started (%s)", i->evicted_keys,
                   i->maxmemory_policy);
    } else {
        doctor_good(j, "nothing was evicted since the server started");
    }
}

void doctor_judge_unlimited(struct judging *j)
{
    const struct info *i = &j->m->server.view.info;
    char most[SMALL], half[SMALL];
    if (!doctor_has_info(j)) {
        return;
    }
    if (i->maxmemory < 0) {
        doctor_unknown(j, "INFO does not tell maxmemory");
    } else if (i->maxmemory > 0) {
        doctor_good(j, "maxmemory %s", human_bytes(i->maxmemory, most, sizeof most));
    } else {
        bool known = i->total_system_memory > 0;
        doctor_bad(j, SEVERITY_WARNING, "maxmemory 0: no limit%s%s", known ? " but the system's " : "",
                   known ? human_bytes(i->total_system_memory, most, sizeof most) : "");
        if (known) {
            doctor_fix(j, "maxmemory %s, say: half of the machine's memory",
                       human_bytes(i->total_system_memory / 2, half, sizeof half));
        }
    }
}

void doctor_judge_headroom(struct judging *j)
{
    enum { NEAR = 90, FULL = 98 };
    const struct info *i = &j->m->server.view.info;
    char used[SMALL], most[SMALL];
    if (!doctor_has_info(j)) {
        return;
    }
    if (i->maxmemory == 0) {
        doctor_good(j, "there is no maxmemory");
    } else if (i->maxmemory < 0 || i->used_memory < 0) {
        doctor_unknown(j, "INFO does not tell used_memory or maxmemory");
    } else {
        double percent = (double)i->used_memory * 100. / (double)i->maxmemory;
        human_bytes(i->used_memory, used, sizeof used);
        human_bytes(i->maxmemory, most, sizeof most);
        if (percent >= NEAR) {
            doctor_bad(j, percent >= FULL ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                       "%s of %s are used (%.0f %%), %s", used, most, percent, i->maxmemory_policy);
        } else {
            doctor_good(j, "%s of %s are used", used, most);
        }
    }
}

void doctor_judge_dead_alert(struct judging *j)
{
    const struct info *i = &j->m->server.view.info;
    char most[SMALL];
    if (!doctor_has_info(j)) {
        return;
    }
    if (i->maxmemory < 0) {
        doctor_unknown(j, "INFO does not tell maxmemory");
    } else if (i->maxmemory > 0 && i->maxmemory < ALERT_BYTES) {
        human_bytes(i->maxmemory, most, sizeof most);
        doctor_bad(j, SEVERITY_INFO, "the platform's alert above 1.5G can never fire with maxmemory %s",
                   most);
    } else {
        doctor_good(j, "the platform's alert above 1.5G can fire");
    }
}

/* --- on disk --- */

/* 1 yes, 0 no, -1 unknown. */
static int saves(const struct model *m)
{
    const char *save = model_setting(m, "save", NULL);
    return save ? save[0] != '\0' : -1;
}

void doctor_judge_persistence(struct judging *j)
{
    const struct info *i = &j->m->server.view.info;
    const char *why = "";
    int rdb = saves(j->m);
    if (!doctor_has_info(j)) {
        return;
    }
    model_setting(j->m, "save", &why);
    if (i->aof_enabled > 0) {
        doctor_good(j, "appendonly yes");
    } else if (rdb > 0) {
        doctor_good(j, "it is saved at times (no AOF: what came since is lost in a crash)");
    } else if (rdb < 0) {
        doctor_unknown(j, "appendonly no; save could not be read: %s", why);
    } else {
        doctor_bad(j, SEVERITY_WARNING, "nothing is on disk: save \"\" and appendonly no");
    }
}

void doctor_judge_save_failed(struct judging *j)
{
    const struct info *i = &j->m->server.view.info;
    const char *stop = model_setting(j->m, "stop-writes-on-bgsave-error", NULL);
    if (!doctor_has_info(j)) {
        return;
    }
    if (strcmp(i->rdb_last_bgsave_status, "err") == 0) {
        bool refuses = stop && strcmp(stop, "yes") == 0 && saves(j->m) != 0;
        doctor_bad(j, SEVERITY_CRITICAL, "the last save failed%s",
                   refuses ? ", and writes are refused (MISCONF)" : "");
    }
    if (i->aof_enabled > 0 && strcmp(i->aof_last_write_status, "err") == 0) {
        doctor_bad(j, SEVERITY_CRITICAL, "the last write to the AOF failed");
    }
    if (!j->said && !i->rdb_last_bgsave_status[0]) {
        doctor_unknown(j, "INFO does not tell how the last save went");
    } else if (!j->said) {
        doctor_good(j, "the last save went well");
    }
}

void doctor_judge_save_age(struct judging *j)
{
    const int64_t old_s = 86400;
    const struct info *i = &j->m->server.view.info;
    char age[SMALL];
    if (!doctor_has_info(j)) {
        return;
    }
    if (i->aof_enabled > 0) {
        doctor_good(j, "there is an AOF");
    } else if (saves(j->m) == 0) {
        doctor_good(j, "no saves are wanted");
    } else if (i->rdb_last_save_time < 0 || i->rdb_changes_since_last_save < 0) {
        doctor_unknown(j, "INFO does not tell when it was saved");
    } else {
        int64_t s = j->m->wall_us / US_PER_S - model_count(i->rdb_last_save_time);
        human_seconds(s > 0 ? s : 0, age, sizeof age);
        if (s > old_s && i->rdb_changes_since_last_save > 0) {
            doctor_bad(j, SEVERITY_WARNING, "%" PRId64 " changes are not saved; the last save was %s ago",
                       i->rdb_changes_since_last_save, age);
        } else {
            doctor_good(j, "saved %s ago", age);
        }
    }
}

void doctor_judge_stop_writes(struct judging *j)
{
    const char *stop = doctor_text(j, "stop-writes-on-bgsave-error");
    if (!stop) {
        return;
    }
    if (strcmp(stop, "no") == 0 && saves(j->m) != 0) {
        doctor_bad(j, SEVERITY_INFO, "writes go on while saves fail");
    } else {
        doctor_good(j, "stop-writes-on-bgsave-error %s", stop);
    }
}

void doctor_judge_appendfsync(struct judging *j)
{
    if (!doctor_has_info(j)) {
        return;
    }
    if (j->m->server.view.info.aof_enabled <= 0) {
        doctor_good(j, "there is no AOF");
        return;
    }
    const char *sync = doctor_text(j, "appendfsync");
    if (!sync) {
        return;
    }
    if (strcmp(sync, "no") == 0) {
        doctor_bad(j, SEVERITY_WARNING, "appendfsync no");
    } else if (strcmp(sync, "always") == 0) {
        doctor_bad(j, SEVERITY_INFO, "appendfsync always: each write waits for the disk");
    } else {
        doctor_good(j, "appendfsync %s", sync);
    }
}
