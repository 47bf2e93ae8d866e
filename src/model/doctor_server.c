/* doctor_server: checks on how the server is set up and who may reach it. */
#include "model_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/human.h"
#include "redai/base/num.h"

#include "redai/schema/client_list.h"
#include "redai/schema/notify.h"

enum { SMALL = 32 };

bool doctor_has_info(struct judging *j)
{
    bool known = j->m->server.view.known;
    if (!known) {
        doctor_unknown(j, "INFO was not read");
    }
    return known;
}

/* --- commands --- */

static const struct {
    const char *name;
    enum severity severity;
    const char *who;
} needed[] = {
    {"BRPOP", SEVERITY_CRITICAL, "no worker can take a task"},
    {"LPUSH", SEVERITY_CRITICAL, "no task can be sent"},
    {"RPUSH", SEVERITY_CRITICAL, "workers cannot put tasks back"},
    {"MULTI", SEVERITY_CRITICAL, "workers cannot take and acknowledge tasks"},
    {"EXEC", SEVERITY_CRITICAL, "workers cannot take and acknowledge tasks"},
    {"WATCH", SEVERITY_CRITICAL, "workers cannot redeliver tasks"},
    {"HSET", SEVERITY_CRITICAL, "workers cannot keep what they took"},
    {"HDEL", SEVERITY_CRITICAL, "workers cannot acknowledge tasks"},
    {"ZADD", SEVERITY_CRITICAL, "workers cannot keep what they took"},
    {"ZREM", SEVERITY_CRITICAL, "workers cannot acknowledge tasks"},
    {"SADD", SEVERITY_CRITICAL, "log-ins and bindings fail"},
    {"SREM", SEVERITY_CRITICAL, "log-outs fail"},
    {"SMEMBERS", SEVERITY_CRITICAL, "logging out everywhere fails"},
    {"SETEX", SEVERITY_CRITICAL, "results, sessions and cache cannot be written"},
    {"PUBLISH", SEVERITY_CRITICAL, "results and control reach nobody"},
    {"SUBSCRIBE", SEVERITY_CRITICAL, "nobody hears of results"},
    {"PSUBSCRIBE", SEVERITY_CRITICAL, "workers hear no control, this console no events"},
    {"EVALSHA", SEVERITY_WARNING, "workers cannot free their lock (unacked_mutex)"},
    {"INFO", SEVERITY_CRITICAL, "the platform's health check and this console read nothing"},
    {"SCAN", SEVERITY_CRITICAL, "invalidation and this console find no keys"},
    {"TYPE", SEVERITY_WARNING, "this console cannot look into keys"},
    {"LRANGE", SEVERITY_WARNING, "this console cannot read what waits"},
    {"HSCAN", SEVERITY_WARNING, "this console cannot read what is in flight"},
    {"MEMORY", SEVERITY_INFO, "sizes are not known"},
    {"CLIENT", SEVERITY_WARNING, "connections have no names, and cannot be listed"},
    {"CONFIG", SEVERITY_INFO, "settings cannot be read or changed; notifications must be in redis.conf"},
    {"SLOWLOG", SEVERITY_INFO, "the slow log cannot be read"},
    {"LATENCY", SEVERITY_INFO, "latency events cannot be read"},
    {"MONITOR", SEVERITY_INFO, "no trace is possible"},
    {"DUMP", SEVERITY_INFO, "what is deleted here cannot be kept for undo"},
    {"RESTORE", SEVERITY_INFO, "what was deleted here cannot be put back"},
};

/* A probe of a permission knows it, too: "CONFIG GET maxmemory". */
static bool probe_says_gone(const struct model *m, const char *name)
{
    const struct doctor_told *t, *next;
    size_t len = strlen(name);
    hash_each (m->doctor.permission, t, next) {
        if (t->permission == PERMISSION_NO_COMMAND && strncmp(t->name, name, len) == 0 &&
            (t->name[len] == ' ' || t->name[len] == '\0')) {
            return true;
        }
    }
    return false;
}

void doctor_judge_commands(struct judging *j)
{
    const char *why = "", *asked = model_setting(j->m, "commands", &why);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        char name[SMALL];
        snprintf(name, sizeof name, "command.%s", needed[i].name);
        const char *gone = model_setting(j->m, name, NULL);
        if (gone || probe_says_gone(j->m, needed[i].name)) {
            doctor_bad(j, needed[i].severity, "this command is gone (renamed, or an old server): %s",
                       needed[i].who);
            doctor_about(j, needed[i].name, VEIL_PLAIN, TARGET_NONE, S(""));
        }
    }
    if (!j->said && asked) {
        doctor_good(j, "every command that is needed is there");
    } else if (!j->said) {
        doctor_unknown(j, "the commands could not be asked for: %s", why);
    }
}

void doctor_judge_role(struct judging *j)
{
    const struct info *i = &j->m->server.view.info;
    if (!doctor_has_info(j)) {
        return;
    }
    if (strcmp(i->role, "slave") != 0) {
        doctor_good(j, "role %s", i->role[0] ? i->role : "unknown");
    } else if (strcmp(i->master_link_status, "up") == 0) {
        doctor_bad(j, SEVERITY_WARNING, "this is a replica");
    } else {
        doctor_bad(j, SEVERITY_CRITICAL, "this is a replica, and its link to the master is %s",
                   i->master_link_status[0] ? i->master_link_status : "unknown");
    }
}

/* --- clocks --- */

#define SKEW_US     (2 * US_PER_S)
#define SKEW_BAD_US (60 * US_PER_S)
#define WORKER_S    5.

static void judge_workers_clocks(struct judging *j)
{
    for (size_t i = 0; i < model_worker_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct worker *w = model_worker_at(j->m, i);
        double off = w->clock_offset_s;
        char by[SMALL];
        if (!isnan(off) && fabs(off) > WORKER_S && fabs(off) < 1e9) {
            doctor_bad(j, SEVERITY_WARNING, "this worker's clock is %s %s",
                       human_duration((int64_t)(fabs(off) * 1e6), by, sizeof by),
                       off > 0 ? "ahead" : "behind");
            doctor_about(j, w->display, VEIL_NODE, TARGET_WORKER, span_make(w->name, w->name_len));
        }
    }
}

void doctor_judge_clock(struct judging *j)
{
    int64_t ahead, unsure = 0;
    const char *why = "";
    char by[SMALL];
    if (doctor_peek_number(j->m, "clock.ahead_us", &ahead)) {
        doctor_peek_number(j->m, "clock.unsure_us", &unsure);
        int64_t far = ahead == INT64_MIN ? INT64_MAX : ahead < 0 ? -ahead : ahead;
        if (far - (unsure > 0 ? unsure : 0) > SKEW_US) {
            doctor_bad(j, far > SKEW_BAD_US ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                       "the server's clock is %s %s of ours", human_duration(far, by, sizeof by),
                       ahead > 0 ? "ahead" : "behind");
        }
        judge_workers_clocks(j);
        if (!j->said) {
            doctor_good(j, "the clocks agree");
        }
    } else {
        model_setting(j->m, "clock.ahead_us", &why);
        doctor_unknown(j, "TIME could not be read: %s", why);
        judge_workers_clocks(j);
    }
}

/* --- notifications --- */

void doctor_judge_notifications(struct judging *j)
{
    const struct connection_view *c = &j->m->connection;
    switch (c->notify) {
    case NOTIFY_STATE_ON:
        doctor_good(j, "all classes that are needed are on%s%s%s", c->notify_present[0] ? " (" : "",
                    c->notify_present, c->notify_present[0] ? ")" : "");
        break;
    case NOTIFY_STATE_OFF:
        doctor_bad(j, SEVERITY_WARNING, "key notifications are off");
        break;
    case NOTIFY_STATE_PARTIAL:
        if (c->notify_why[0]) { /* what was not heard so far may be on all the same */
            doctor_unknown(j, "some are on, by what is heard; it cannot be read: %s", c->notify_why);
            break;
        }
        doctor_bad(j, SEVERITY_WARNING, "key notifications are on in part (%s)%s%s", c->notify_present,
                   c->notify_missing[0] ? ": missing " : "", c->notify_missing);
        break;
    default:
        doctor_unknown(j, "it cannot be read, and nothing was heard so far: %s", c->notify_why);
        break;
    }
}

/* --- connections --- */

void doctor_judge_timeout(struct judging *j)
{
    int64_t seconds;
    if (!doctor_number(j, "timeout", &seconds)) {
        return;
    }
    if (seconds > 0) {
        doctor_bad(j, SEVERITY_WARNING,
                   "timeout %" PRId64 ": an idle connection is closed after %" PRId64 " s", seconds, seconds);
    } else {
        doctor_good(j, "timeout 0: idle connections stay");
    }
}

void doctor_judge_keepalive(struct judging *j)
{
    enum { LONG_S = 900 };
    int64_t seconds;
    if (!doctor_number(j, "tcp-keepalive", &seconds)) {
        return;
    }
    if (seconds <= 0 || seconds > LONG_S) {
        doctor_bad(j, SEVERITY_WARNING, "tcp-keepalive %" PRId64, seconds);
    } else {
        doctor_good(j, "tcp-keepalive %" PRId64, seconds);
    }
}

void doctor_judge_maxclients(struct judging *j)
{
    enum { POOL = 100, OF_WORKER = 16, OWN = 8, FULL = 80 };
    const struct info *i = &j->m->server.view.info;
    if (!doctor_has_info(j)) {
        return;
    }
    int64_t least = POOL + OWN + OF_WORKER * (int64_t)model_worker_count(j->m);
    if (i->maxclients <= 0 || i->connected_clients < 0) {
        doctor_unknown(j, "INFO does not tell maxclients");
    } else if ((double)i->connected_clients * 100 >= (double)i->maxclients * FULL) {
        doctor_bad(j, SEVERITY_WARNING, "%" PRId64 " of %" PRId64 " clients are connected",
                   i->connected_clients, i->maxclients);
    } else if (i->maxclients < least) {
        doctor_bad(j, SEVERITY_WARNING,
                   "maxclients %" PRId64 ": one backend may open 100 connections, a worker about 16",
                   i->maxclients);
        doctor_fix(j, "maxclients %" PRId64 " at least, and ulimit -n above it", least * 4);
    } else {
        doctor_good(j, "%" PRId64 " of %" PRId64 " clients", i->connected_clients, i->maxclients);
    }
}

void doctor_judge_output_buffer(struct judging *j)
{
    const int64_t hard_least = INT64_C(8) << 20, soft_least = INT64_C(1) << 20;
    int64_t hard, soft;
    char a[SMALL], b[SMALL];
    const char *text = doctor_text(j, "client-output-buffer-limit");
    if (!text) {
        return;
    }
    if (!client_output_limit(span_of(text), S("pubsub"), &hard, &soft)) {
        doctor_unknown(j, "client-output-buffer-limit tells no limits of pubsub");
        return;
    }
    human_bytes(hard, a, sizeof a);
    human_bytes(soft, b, sizeof b);
    if ((hard > 0 && hard < hard_least) || (soft > 0 && soft < soft_least)) {
        doctor_bad(j, SEVERITY_WARNING, "a subscriber is cut off when %s (or %s for a while) wait for it", a,
                   b);
    } else {
        doctor_good(j, "subscribers may fall behind by %s", hard ? a : "any amount");
    }
}

void doctor_judge_slowlog(struct judging *j)
{
    const int64_t late_us = 100000;
    int64_t slower, len;
    char text[SMALL];
    if (!doctor_number(j, "slowlog-log-slower-than", &slower) || !doctor_number(j, "slowlog-max-len", &len)) {
        return;
    }
    if (slower < 0 || len == 0) {
        doctor_bad(j, SEVERITY_WARNING, "the slow log is off (%s)",
                   slower < 0 ? "slower-than -1" : "max-len 0");
    } else if (slower > late_us) {
        doctor_bad(j, SEVERITY_INFO, "only commands above %s get into the slow log",
                   human_duration(slower, text, sizeof text));
    } else {
        doctor_good(j, "commands above %s get into it", human_duration(slower, text, sizeof text));
    }
}

void doctor_judge_latency_monitor(struct judging *j)
{
    int64_t ms;
    if (!doctor_number(j, "latency-monitor-threshold", &ms)) {
        return;
    }
    if (ms <= 0) {
        doctor_bad(j, SEVERITY_INFO, "the latency monitor is off");
    } else {
        doctor_good(j, "events above %" PRId64 " ms are kept", ms);
    }
}
