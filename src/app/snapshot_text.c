/* snapshot_text: the same look for people: the five panes as a page of text. */
#include "snapshot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/isotime.h"
#include "redai/base/utf8.h"

static const char *count(int64_t n, char *out, size_t size)
{
    return n < 0 ? "?" : human_count(n, out, size);
}

/* "" or why the topic is not to be trusted, as one clause behind a heading. */
static const char *doubt(const struct model *m, enum topic topic, char *out, size_t size)
{
    const struct topic_view *v = model_topic(m, topic);
    out[0] = '\0';
    if (v->failed || v->ok_at_us < 0) {
        snprintf(out, size, "  ? %s", v->error[0] ? v->error : "not read");
    }
    return out;
}

static void replica(const struct info *i, UT_string *out)
{
    bool up = strcmp(i->master_link_status, "up") == 0;
    char age[16];
    if (strcmp(i->role, "slave") != 0) {
        return;
    }
    utstring_printf(out, "! replica of ");
    utf8_sanitise(span_of(i->master_host), (int)sizeof i->master_host, out);
    utstring_printf(out, ":%" PRId64 ", %s %s%s\n", i->master_port > 0 ? i->master_port : 0,
                    up ? "master heard" : "CUT OFF from its master for",
                    human_seconds(up ? i->master_last_io_seconds_ago : i->master_link_down_since_seconds, age,
                                  sizeof age),
                    up ? " ago" : "");
}

static void server(const struct model *m, UT_string *out)
{
    static const char *const notify[] = {"unknown", "on", "partial", "off"};
    const struct server *v = model_server(m);
    const struct connection_view *c = model_connection(m);
    char at[ISOTIME_SIZE], a[16], b[16], d[16], e[16];
    isotime_format(model_wall_us(m), at, sizeof at);
    utstring_printf(out, "%s  %s%s\n", c->address, at, c->insecure ? "  ! TLS NOT VERIFIED" : "");
    if (!v->known) {
        const struct link_view *l = &c->link[LINK_ROLE_POLL];
        const char *why = l->error[0] ? l->error : model_topic(m, TOPIC_SERVER)->error;
        utstring_printf(out, "redis could not be read: %s\n", why[0] ? why : "it does not answer");
        return;
    }
    replica(&v->info, out);
    bool limit = v->info.maxmemory > 0;
    utstring_printf(out, "redis %s %s, up %s, clients %s/%s, memory %s%s%s (%s)\n", v->info.redis_version,
                    v->info.role, human_seconds(v->info.uptime_in_seconds, a, sizeof a),
                    count(v->info.connected_clients, b, sizeof b), count(v->info.maxclients, d, sizeof d),
                    human_bytes(v->info.used_memory, e, sizeof e), limit ? " of " : "",
                    limit ? human_bytes(v->info.maxmemory, (char[16]){0}, 16) : "", v->info.maxmemory_policy);
    utstring_printf(
        out,
        "%s ops/s, hit rate %s (since start %s), evicted %s/s, expired %s/s, round trip %s, notifications "
        "%s%s%s%s\n",
        human_rate(v->ops_per_s, a, sizeof a), human_percent(v->hit_rate_window, b, sizeof b),
        human_percent(v->hit_rate_lifetime, d, sizeof d), human_rate(v->evicted_per_s, e, sizeof e),
        human_rate(v->expired_per_s, (char[16]){0}, 16), human_duration(v->round_trip_us, (char[16]){0}, 16),
        notify[c->notify], c->notify_missing[0] ? ", missing " : "", c->notify_missing,
        c->shed.any ? " (feed shed, polling)" : "");
}

/* What logging out everywhere would miss, and what nobody tidies up. */
static void indexes(const struct model *m, UT_string *out)
{
    const struct session_index_view *v = model_session_index(m);
    bool failed = model_topic(m, TOPIC_SESSIONS)->failed;
    char a[16], b[16], d[16];
    if (!v->complete) {
        utstring_printf(out, "  ? orphans, ? stale entries (%s)\n",
                        failed ? "not read" : "the users' sets were not all read");
        return;
    }
    utstring_printf(out, "  %s%s orphan%s, %s%s stale entr%s", v->blind ? "at least " : "",
                    count((int64_t)v->orphans, a, sizeof a), v->orphans == 1 ? "" : "s",
                    v->partly ? "at least " : "", count((int64_t)v->stale, b, sizeof b),
                    v->stale == 1 ? "y" : "ies");
    if (v->foreign) {
        utstring_printf(out, ", %s of another user", count((int64_t)v->foreign, d, sizeof d));
    }
    if (v->partly) {
        utstring_printf(out, " (%zu set%s too large to be read whole)", v->partly,
                        v->partly == 1 ? " is" : "s are");
    }
    utstring_printf(out, "\n");
}

static const char *walked(const struct model *m, enum topic topic)
{
    return model_census(m)->complete ? ""
           : model_topic(m, topic)->failed
               ? " (the walk was not complete)"
               : " (the walk was not complete: a longer --within, or a larger --budget)";
}

static void sessions(const struct model *m, UT_string *out)
{
    const struct role_total *role;
    size_t roles = model_role_totals(m, &role);
    char why[240];
    doubt(m, TOPIC_SESSIONS, why, sizeof why);
    if (*why && !model_session_count(m)) {
        utstring_printf(out, "\nsessions%s\n", why);
        return;
    }
    utstring_printf(out, "\nsessions  %zu of %zu users%s%s\n", model_session_count(m), model_user_count(m),
                    walked(m, TOPIC_SESSIONS), why);
    indexes(m, out);
    for (size_t i = 0; i < roles && i < 8; i++) {
        utstring_printf(out, "  %-24s %zu\n", role[i].role[0] ? role[i].role : "(no role)", role[i].sessions);
    }
}

static void cache(const struct model *m, UT_string *out)
{
    char a[16], b[16], d[16];
    char why[240];
    doubt(m, TOPIC_CACHE, why, sizeof why);
    utstring_printf(out, "\ncache     %s keys%s%s\n", count(model_census(m)->keys, a, sizeof a),
                    walked(m, TOPIC_CACHE), why);
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *f = model_family_at(m, i);
        if (f->counted && f->keys) {
            utstring_printf(out, "  %-24s %6s keys  %s%s without TTL  %s%s\n", f->name,
                            count(f->keys, a, sizeof a), f->without_ttl_exact ? "" : "~",
                            count(f->without_ttl, b, sizeof b), f->bytes_estimate < 0 ? "" : "~",
                            f->bytes_estimate < 0 ? "?" : human_bytes(f->bytes_estimate, d, sizeof d));
        }
    }
}

static void queues(const struct model *m, UT_string *out)
{
    char a[16], b[16];
    char why[240];
    utstring_printf(out, "\nqueues    %s in flight, %zu worker%s heard%s\n",
                    count(model_unacked_total(m), a, sizeof a), model_worker_count(m),
                    model_worker_count(m) == 1 ? "" : "s", doubt(m, TOPIC_QUEUES, why, sizeof why));
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        utstring_printf(out, "  %-24s %6s waiting  %s in flight\n", q->display, count(q->depth, a, sizeof a),
                        count(q->unacked, b, sizeof b));
    }
}

static void batches(const struct model *m, UT_string *out)
{
    char a[16];
    char why[240];
    doubt(m, TOPIC_BATCHES, why, sizeof why);
    if (*why && !model_batch_count(m)) {
        utstring_printf(out, "\nbatches%s\n", why);
        return;
    }
    utstring_printf(out, "\nbatches   %zu%s\n", model_batch_count(m), why);
    for (size_t i = 0; i < model_batch_count(m) && i < 20; i++) {
        const struct batch *b = model_batch_at(m, i);
        utstring_printf(out, "  %-36s  %-8s %s", b->display_id, batch_state_name[b->state],
                        human_percent(b->part * 100., a, sizeof a));
        if (b->current >= 0 && b->total >= 0) {
            utstring_printf(out, "  %lld/%lld", (long long)b->current, (long long)b->total);
        }
        utstring_printf(out, "%s%s\n", b->error[0] ? "  " : "", b->error);
    }
}

size_t snapshot_unknown(const struct model *m)
{
    size_t unknown = 0;
    for (size_t i = 0; i < model_alert_count(m); i++) {
        unknown += model_alert_at(m, i)->state == ALERT_UNKNOWN;
    }
    return unknown;
}

size_t snapshot_rules(const struct model *m)
{
    size_t count = 0;
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        count += model_alert_of(m, a->rule, 0) == a;
    }
    return count;
}

static void alerts(const struct model *m, UT_string *out)
{
    size_t shown = 0;
    utstring_printf(out, "\nalerts\n");
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        if (a->state == ALERT_FIRING || a->state == ALERT_ACKNOWLEDGED) {
            utstring_printf(out, "  %-8s %s\n", severity_name[a->rule->severity], a->text);
            shown++;
        }
        if (a->more) {
            utstring_printf(out, "  %-8s %s: and %zu more\n", severity_name[a->rule->severity], a->rule->name,
                            a->more);
        }
    }
    size_t all = snapshot_rules(m), unknown = snapshot_unknown(m);
    if (unknown) {
        utstring_printf(out, "  %s%zu of %zu rules could be judged\n", shown ? "" : "none fires, but only ",
                        all - unknown, all);
    } else if (!shown) {
        utstring_printf(out, "  all clear: %zu rules watched\n", all);
    }
}

void snapshot_text(const struct model *m, UT_string *out)
{
    server(m, out);
    if (model_redis_reachable(m)) {
        sessions(m, out);
        cache(m, out);
        queues(m, out);
        batches(m, out);
    }
    alerts(m, out);
}
