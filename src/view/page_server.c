/* Everything the strip knows, in full: on 80 columns the strip is an excerpt. */
#include "page.h"
#include "server_words.h"
#include "texts.h"
#include "trouble.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"

static void add_links(struct document *d, const struct look *look)
{
    static const char *const roles[LINK_ROLE_COUNT] = {
        [LINK_ROLE_FEED] = "feed link",         [LINK_ROLE_POLL] = "poll link",
        [LINK_ROLE_ACT] = "action link",        [LINK_ROLE_RESULT] = "result link",
        [LINK_ROLE_BROKER] = "broker link",     [LINK_ROLE_BROKER_FEED] = "broker feed",
        [LINK_ROLE_RESULT_FEED] = "result feed"};
    static const char *const states[] = {[FACT_LINK_CONNECTING] = "connecting",
                                         [FACT_LINK_UP] = "up",
                                         [FACT_LINK_DOWN] = "down",
                                         [FACT_LINK_SILENT] = "silent"};
    const struct connection_view *c = model_connection(look->m);
    char text[TEXT_SMALL];
    char error[400];
    for (int i = 0; i < LINK_ROLE_COUNT; i++) {
        const struct link_view *link = &c->link[i];
        if (link->since_us < 0 && i >= LINK_ROLE_BROKER) {
            continue; /* the application's stand for it */
        }
        if (link->since_us < 0) {
            document_own(d, roles[i], ROLE_DIM, "not used yet");
            continue;
        }
        bool amiss = link->state == FACT_LINK_DOWN || link->state == FACT_LINK_SILENT;
        document_ownf(d, roles[i], amiss ? ROLE_WARNING : ROLE_VALUE, "%s for %s%s%s", states[link->state],
                      text_age(look->now_us - link->since_us, text, sizeof text), link->error[0] ? ": " : "",
                      look_prose(look, link->error, error, sizeof error));
    }
}

static const char *shed_reason(const struct shed_view *v, char *buf, size_t size)
{
    char most[TEXT_SMALL], limit[TEXT_SMALL];
    if (v->held_bytes >= 0) {
        snprintf(buf, size, "the server held %s of events for us; it cuts at %s",
                 human_bytes(v->held_bytes, most, sizeof most),
                 v->cut_bytes >= 0 ? human_bytes(v->cut_bytes, limit, sizeof limit) : "no limit");
    } else if (v->behind_us >= 0) {
        snprintf(buf, size, "for %s more came than was read",
                 human_duration(v->behind_us, most, sizeof most));
    } else {
        snprintf(buf, size, "the feed was lost while more came than was read");
    }
    return buf;
}

/* Which events are not heard for now, and what becomes of the numbers that stand on them. */
static void add_shed(struct document *d, const struct look *look)
{
    const struct shed_view *v = &model_connection(look->m)->shed;
    const struct {
        bool given_up;
        const char *what, *instead;
    } rows[] = {
        {v->misses, "keymiss", "misses by family are ?, Celery's misses are in the hit rate"},
        {v->writes, "set, expire, persist, restore, rename", "sessions and batches come from walks, later"},
        {v->results, "results as they are published", "stored results are walked every minute"},
        {v->tasks, "task events of workers", "tasks come from lists, results and what workers answer"},
        {v->ends, "del, expired, evicted", "what is gone is known by the next walk"},
    };
    struct event_totals totals;
    char text[TEXT_SMALL];
    model_events(look->m, &totals);
    if (v->any) {
        char line[160], prose[200];
        document_ownf(d, "feed", ROLE_WARNING, "! shed, polling for %s: more events come than are taken",
                      text_age(look->now_us - v->since_us, text, sizeof text));
        document_own(d, "", ROLE_DIM,
                     look_prose(look, shed_reason(v, line, sizeof line), prose, sizeof prose));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (rows[i].given_up) {
                document_ownf(d, "not heard", ROLE_WARNING, "%s: %s", rows[i].what, rows[i].instead);
            }
        }
    }
    if (v->times) {
        document_ownf(d, v->any ? "" : "feed", ROLE_DIM,
                      "shed %s so far; %s events came and were not looked at%s",
                      text_plural(v->times, "time", "times", (char[TEXT_SMALL]){0}, TEXT_SMALL),
                      human_count(totals.shed, text, sizeof text), v->any ? "" : "; all is heard again");
    }
}

/* The broker or the results, on a server of their own. */
static void add_site(struct document *d, const struct look *look, enum site site)
{
    const struct site_view *s = model_site(look->m, site);
    char line[400], used[TEXT_SMALL], most[TEXT_SMALL];
    const char *there = site == SITE_BROKER ? "broker server" : "results server";
    document_add(d, site_name[site], ROLE_VALUE, s->address)->veil = VEIL_ADDRESS;
    if (trouble_site_line(look, site, line, sizeof line)) {
        document_own(d, there, ROLE_CRITICAL, line);
        return;
    }
    if (!s->known) {
        document_own(d, there, ROLE_UNKNOWN, "its INFO was not read yet");
        return;
    }
    const struct info *i = &s->info;
    document_ownf(d, there, ROLE_VALUE, "redis %s %s, %s of %s, %s",
                  i->redis_version[0] ? i->redis_version : "?", i->role[0] ? i->role : "?",
                  human_bytes(i->used_memory, used, sizeof used),
                  i->maxmemory > 0 ? human_bytes(i->maxmemory, most, sizeof most) : "no limit",
                  i->maxmemory_policy[0] ? i->maxmemory_policy : "policy ?");
    if (i->role[0] && strcmp(i->role, "master") != 0) {
        document_own(d, "", ROLE_WARNING, "! this is a replica: nothing can be written there");
    }
    if (site == SITE_BROKER && strncmp(i->maxmemory_policy, "allkeys", 7) == 0) {
        document_own(d, "", ROLE_WARNING, "! this policy can throw out queues: noeviction keeps them");
    }
}

static void add_databases(struct document *d, const struct look *look)
{
    const struct site_view *b = model_site(look->m, SITE_BROKER), *r = model_site(look->m, SITE_RESULTS);
    const struct connection_view *c = model_connection(look->m);
    char broker[TEXT_SMALL] = "", results[TEXT_SMALL] = "";
    if (!b->apart && b->db != c->db) {
        snprintf(broker, sizeof broker, ", broker in %d", b->db);
    }
    if (!r->apart) {
        snprintf(results, sizeof results, ", results in %d", r->db);
    }
    document_ownf(d, "databases", ROLE_VALUE, "%d%s%s", c->db, broker, results);
    for (int i = SITE_BROKER; i < SITE_COUNT; i++) {
        if (model_site(look->m, (enum site)i)->apart) {
            add_site(d, look, (enum site)i);
        }
    }
}

static void add_notify(struct document *d, const struct look *look)
{
    const struct connection_view *c = model_connection(look->m);
    switch (c->notify) {
    case NOTIFY_STATE_ON:
        document_ownf(d, "notifications", ROLE_GOOD, "on (%s)", c->notify_present);
        break;
    case NOTIFY_STATE_PARTIAL:
        document_ownf(d, "notifications", ROLE_WARNING,
                      "! partial: \"%s\" lacks \"%s\"; :notifications on adds it", c->notify_present,
                      c->notify_missing);
        break;
    case NOTIFY_STATE_OFF:
        document_own(d, "notifications", ROLE_WARNING,
                     "! off: everything comes from polls; :notifications on");
        break;
    default:
        document_own(d, "notifications", ROLE_UNKNOWN, "?");
        break;
    }
    if (c->notify_why[0]) {
        document_add(d, "", ROLE_DIM, c->notify_why); /* the server's words */
    }
}

static void add_text(struct document *d, const char *label, const char *text)
{
    document_own(d, label, text[0] ? ROLE_VALUE : ROLE_UNKNOWN, text[0] ? text : "?");
}

static void add_vital(struct document *d, const struct vital *v)
{
    char text[TEXT_SMALL];
    document_ownf(d, v->name, isnan(v->now) ? ROLE_UNKNOWN : vital_role(v->tone), "%s%s%s%s%s",
                  vital_mark(v->tone), vital_mark(v->tone)[0] ? " " : "",
                  vital_text(v, v->now, text, sizeof text), v->note[0] ? ", " : "", v->note);
}

/* What the rows of a group do not say. */
static void add_more(struct document *d, const struct look *look, enum vital_group group)
{
    const struct server *s = model_server(look->m);
    char text[TEXT_SMALL];
    if (group == VITAL_GROUP_MEMORY) {
        add_text(d, "when full", s->info.maxmemory_policy);
        if (strncmp(s->info.maxmemory_policy, "allkeys", 7) == 0) {
            document_own(d, "", ROLE_WARNING, "! this policy can throw out queues and sessions, too");
        }
    } else if (group == VITAL_GROUP_TRAFFIC) {
        document_ownf(d, "since start", ROLE_VALUE, "%s of all look-ups hit",
                      human_percent(s->hit_rate_lifetime, text, sizeof text));
        if (s->hits_shared) {
            document_own(
                d, "hit rate", ROLE_WARNING,
                "? another redai-console reads too: its look-ups cannot be told from the platform's");
        }
        if (!s->celery_told_apart) {
            document_own(d, "taken off", ROLE_VALUE,
                         "our own reads; Celery's are in: key misses cannot be heard");
        } else {
            document_ownf(d, "taken off", ROLE_VALUE, "our own reads; Celery's misses, %s in the last minute",
                          human_count(s->window_celery, text, sizeof text));
            document_own(d, "", ROLE_DIM,
                         "Celery's hits are in: the server counts hits of all keys together");
        }
    }
}

static void add_vitals(struct document *d, const struct look *look)
{
    for (int group = 0; group < VITAL_GROUP_COUNT; group++) {
        bool any = false;
        for (size_t i = 0; i < model_vital_count(look->m); i++) {
            const struct vital *v = model_vital_at(look->m, i);
            if (v->group == (enum vital_group)group) {
                if (!any) {
                    document_heading(d, vital_group_name[group]);
                }
                add_vital(d, v);
                any = true;
            }
        }
        add_more(d, look, (enum vital_group)group);
    }
}

static bool is_replica(const struct look *look)
{
    const struct server *s = model_server(look->m);
    return s->known && strcmp(s->info.role, "slave") == 0;
}

/* Where what is read here comes from, how old it is, and what is told here in another way than there. */
static void add_replica(struct document *d, const struct look *look)
{
    const struct info *i = &model_server(look->m)->info;
    char age[TEXT_SMALL];
    char master[TEXT_SMALL + sizeof i->master_host];
    if (!is_replica(look)) {
        return;
    }
    bool up = strcmp(i->master_link_status, "up") == 0;
    bool known = i->master_link_status[0] != '\0';
    if (i->master_host[0] && i->master_port > 0) {
        snprintf(master, sizeof master, "%s:%lld", i->master_host, (long long)i->master_port);
    } else {
        snprintf(master, sizeof master, "%s", i->master_host[0] ? i->master_host : "?");
    }
    document_add(d, "replica of", ROLE_WARNING, master)->veil = VEIL_ADDRESS;
    if (up) {
        document_ownf(d, "last word", ROLE_VALUE,
                      "%s ago; how much is still on its way only the master knows",
                      human_seconds(i->master_last_io_seconds_ago, age, sizeof age));
    } else if (!known) {
        document_own(d, "last word", ROLE_UNKNOWN, "?: the server does not say whether its master is heard");
    } else {
        document_ownf(d, "last word", ROLE_CRITICAL, "cut off for %s: all of this is from before",
                      human_seconds(i->master_link_down_since_seconds, age, sizeof age));
    }
    document_own(d, "expiry", ROLE_VALUE, "what expires or is evicted is told here as deleted");
    document_own(d, "hits", ROLE_VALUE, "of this server's own readers, not of its master's");
    if (!model_site(look->m, SITE_BROKER)->apart) { /* else the broker is no part of this replica */
        document_own(d, "workers", ROLE_VALUE, "heard, but not asked: no question would reach them");
    }
}

static void add_own(struct document *d, const struct look *look)
{
    const struct connection_view *c = model_connection(look->m);
    bool replica = is_replica(look);
    char a[TEXT_SMALL];
    char b[TEXT_SMALL];
    document_heading(d, "this console");
    char why[160];
    snprintf(why, sizeof why, "no: [RO] read-only%s%s", c->read_only_why[0] ? ": " : "", c->read_only_why);
    document_own(d, "may act", c->read_only || replica ? ROLE_WARNING : ROLE_VALUE,
                 c->read_only ? why
                 : replica    ? "no: this is a replica"
                              : "yes");
    document_ownf(d, "commands", ROLE_VALUE, "%s/s, %s in all", human_rate(c->commands_per_s, a, sizeof a),
                  human_count(c->commands, b, sizeof b));
    document_ownf(d, "received", ROLE_VALUE, "%s/s",
                  human_bytes(isnan(c->bytes_in_per_s) ? -1 : (int64_t)c->bytes_in_per_s, a, sizeof a));
    document_ownf(d, "sent", ROLE_VALUE, "%s/s",
                  human_bytes(isnan(c->bytes_out_per_s) ? -1 : (int64_t)c->bytes_out_per_s, a, sizeof a));
    add_links(d, look);
}

void page_fill_server(struct page *p, const struct look *look)
{
    const struct server *s = model_server(look->m);
    const struct connection_view *c = model_connection(look->m);
    struct document *d = &p->doc;
    char text[TEXT_SMALL];
    int64_t age = model_topic_age_us(look->m, TOPIC_SERVER);
    document_begin(d);
    snprintf(p->title, sizeof p->title, "server %.120s", c->address);
    p->read_us = age < 0 ? -1 : look->now_us - age;
    p->filled = true;
    if (!model_redis_reachable(look->m)) {
        char line[400];
        document_own(d, "", ROLE_CRITICAL, trouble_line(look, line, sizeof line));
    }
    document_add(d, "address", ROLE_VALUE, c->address)->veil = VEIL_ADDRESS;
    if (c->link[LINK_ROLE_POLL].where[0]) { /* of all that sentinels may name, the one we are at */
        document_add(d, "server there", ROLE_VALUE, c->link[LINK_ROLE_POLL].where)->veil = VEIL_ADDRESS;
    }
    if (c->environment != ENVIRONMENT_NONE) {
        document_own(d, "environment", c->environment == ENVIRONMENT_PRODUCTION ? ROLE_WARNING : ROLE_VALUE,
                     environment_name[c->environment]);
    }
    if (c->name[0]) {
        document_own(d, "connection", ROLE_VALUE, c->name);
    }
    if (c->insecure) {
        document_own(d, "", ROLE_CRITICAL,
                     "! --insecure: neither the certificate nor its name is verified; anybody between can "
                     "read and answer");
    }
    add_replica(d, look);
    add_databases(d, look);
    if (!s->known) {
        document_own(d, "server", ROLE_UNKNOWN, "not read yet");
    } else {
        add_text(d, "role", s->info.role);
        add_text(d, "version", s->info.redis_version);
        document_ownf(d, "up", ROLE_VALUE, "%s", human_seconds(s->info.uptime_in_seconds, text, sizeof text));
    }
    add_notify(d, look);
    add_shed(d, look);
    if (s->known) {
        add_vitals(d, look);
    }
    add_own(d, look);
}
