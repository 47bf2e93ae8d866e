/* snapshot_nagios: one line as Nagios, Icinga and their like read it:
 *     REDAI WARNING - 2 alerts: queue is deep; memory is 1.6 GB | memory=1717986918B;1610612736;;0;2147483648
 * ... Limits in it are those of the rules on the figure's metric. */
#include "app.h"
#include "snapshot.h"

#include <math.h>
#include <stdio.h>

enum { ALERTS_MAX = 5, TEXT_BYTES = 1500 };

/* --- figures --- */

static double of_count(int64_t n)
{
    return n < 0 ? NAN : (double)n;
}

static double memory(const struct model *m)
{
    return of_count(model_server(m)->info.used_memory);
}

static double memory_most(const struct model *m)
{
    int64_t most = model_server(m)->info.maxmemory;
    return most > 0 ? (double)most : NAN;
}

static double clients(const struct model *m)
{
    return of_count(model_server(m)->info.connected_clients);
}

static double clients_most(const struct model *m)
{
    return of_count(model_server(m)->info.maxclients);
}

static double ops(const struct model *m)
{
    return model_server(m)->ops_per_s;
}

static double hit_rate(const struct model *m)
{
    return model_server(m)->hit_rate_window;
}

static double hundred(const struct model *m)
{
    (void)m;
    return 100.;
}

static double round_trip(const struct model *m)
{
    int64_t us = model_server(m)->round_trip_us;
    return us < 0 ? NAN : (double)us / 1e6;
}

static double sessions(const struct model *m)
{
    bool read = model_census(m)->complete && !model_topic(m, TOPIC_SESSIONS)->failed;
    return read ? (double)(model_session_count(m) + model_rows_cut(m, TOPIC_SESSIONS)) : NAN;
}

static double waiting(const struct model *m)
{
    double sum = snapshot_has(m, TOPIC_QUEUES) ? 0. : NAN;
    for (size_t i = 0; i < model_queue_count(m); i++) {
        sum += of_count(model_queue_at(m, i)->depth);
    }
    return sum;
}

static double in_flight(const struct model *m)
{
    return snapshot_has(m, TOPIC_QUEUES) ? of_count(model_unacked_total(m)) : NAN;
}

static const struct figure {
    const char *label, *unit, *metric; /* metric: whose rules give the limits; NULL none */
    int decimals;
    double (*value)(const struct model *m);
    double (*most)(const struct model *m); /* NULL: there is none */
} figures[] = {
    {"memory", "B", "server.used_memory", 0, memory, memory_most},
    {"clients", "", "server.clients", 0, clients, clients_most},
    {"ops_per_second", "", NULL, 1, ops, NULL},
    {"hit_rate", "%", "cache.hit_rate", 1, hit_rate, hundred},
    {"round_trip", "s", NULL, 6, round_trip, NULL},
    {"sessions", "", "sessions.total", 0, sessions, NULL},
    {"waiting", "", NULL, 0, waiting, NULL},
    {"in_flight", "", NULL, 0, in_flight, NULL},
};

/* The limit of the first rule on the metric as it is (no rate, no single thing), as a range: "80" alerts
 * above, "80:" below. */
static void add_limit(const struct model *m, const struct figure *f, enum severity severity, UT_string *out)
{
    text_add(out, S(";"));
    for (size_t i = 0; f->metric && i < model_alert_count(m); i++) {
        const struct rule *r = model_alert_at(m, i)->rule;
        bool plain = r->form == RULE_OF_VALUE && !r->of && r->op != RULE_EQUAL;
        if (plain && r->severity == severity && strcmp(rule_metrics[r->metric].name, f->metric) == 0) {
            utstring_printf(out, "%.*f%s", f->decimals, r->value,
                            r->op == RULE_BELOW || r->op == RULE_AT_MOST ? ":" : "");
            return;
        }
    }
}

static void add_figure(const struct model *m, const struct figure *f, bool known, UT_string *out)
{
    double value = known ? f->value(m) : NAN;
    double most = known && f->most ? f->most(m) : NAN;
    if (isnan(value)) {
        utstring_printf(out, " %s=U", f->label);
    } else {
        utstring_printf(out, " %s=%.*f%s", f->label, f->decimals, value, f->unit);
    }
    add_limit(m, f, SEVERITY_WARNING, out);
    add_limit(m, f, SEVERITY_CRITICAL, out);
    text_add(out, S(";0;"));
    if (!isnan(most)) {
        utstring_printf(out, "%.0f", most);
    }
}

/* --- words --- */

/* '|' begins the figures, and what follows a shell's or a page's own letters is not ours to decide. */
static void add_plain(const char *text, UT_string *out)
{
    for (; *text; text++) {
        char c = *text == '|' ? '/' : strchr("`$<>&\"\n", *text) ? '?' : *text;
        text_add(out, span_make(&c, 1));
    }
}

static const char *unread(const struct model *m)
{
    static const enum topic topics[] = {TOPIC_SERVER, TOPIC_SESSIONS, TOPIC_CACHE, TOPIC_QUEUES,
                                        TOPIC_BATCHES};
    const char *link = model_connection(m)->link[LINK_ROLE_POLL].error;
    for (size_t i = 0; !*link && i < sizeof topics / sizeof topics[0]; i++) {
        link = model_topic(m, topics[i])->error;
    }
    return *link ? link : "it does not answer";
}

static bool fires(const struct alert *a)
{
    return a->state == ALERT_FIRING && a->rule->severity >= SEVERITY_WARNING;
}

static void add_alerts(const struct model *m, UT_string *out)
{
    size_t count = 0, shown = 0, begin = utstring_len(out);
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        count += fires(a) ? 1 + a->more : 0; /* more: up as well, without a row */
    }
    utstring_printf(out, "%zu alert%s: ", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        if (fires(a) && shown < ALERTS_MAX && utstring_len(out) - begin < TEXT_BYTES) {
            text_add(out, shown++ ? S("; ") : S(""));
            add_plain(a->text, out);
        }
    }
    if (shown < count) {
        utstring_printf(out, "; %zu more", count - shown);
    }
}

void snapshot_nagios(const struct model *m, int code, UT_string *out)
{
    static const char *const word[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    utstring_printf(out, "REDAI %s - ", word[code]);
    if (code == EXIT_UNREAD) {
        text_add(out, S("Redis could not be read: "));
        add_plain(unread(m), out);
    } else if (code == EXIT_OK) {
        size_t all = snapshot_rules(m), unknown = snapshot_unknown(m);
        if (unknown) {
            utstring_printf(out, "all clear: %zu of %zu rules could be judged", all - unknown, all);
        } else {
            utstring_printf(out, "all clear: %zu rules watched", all);
        }
    } else {
        add_alerts(m, out);
    }
    text_add(out, S(" |"));
    bool known = snapshot_has(m, TOPIC_SERVER) && model_server(m)->known;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        add_figure(m, &figures[i], known, out);
    }
    text_add(out, S("\n"));
}
