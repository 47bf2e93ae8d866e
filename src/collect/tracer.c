#include "tracer.h"

#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/human.h"

#define TELL_US      (250 * US_PER_MS)
#define BEHIND_US    US_PER_S /* lines that old wait in the server's memory for us */
#define CONNECT_US   (5 * US_PER_S)
#define KEEPALIVE_US (3600 * US_PER_S) /* a trace is over long before */
#define SLOW_LEAST_US                                                                                        \
    (20 * US_PER_MS) /* what a busy machine takes to let us run is no strain of the server */
enum { SLOW_MOST = 3, LINES_A_LOOK = 64 };

/* --- the end --- */

/* Of what goes to other servers nothing is traced. */
static void tap(struct collect *c, link_sent_fn fn_app, link_sent_fn fn_broker, link_sent_fn fn_result)
{
    link_tap(c->poll, fn_app, c);
    if (sites_broker_is_off(c) && !c->site[SITE_BROKER].apart) {
        link_tap(c->broker, fn_broker, c);
    }
    if (!c->site[SITE_RESULTS].apart) {
        link_tap(c->result, fn_result, c);
    }
}

void tracer_free(struct tracer *t)
{
    struct collect *c = t->c;
    struct link_cost cost = link_cost(t->link);
    c->traced_cost.commands += cost.commands;
    c->traced_cost.bytes_in += cost.bytes_in;
    c->traced_cost.bytes_out += cost.bytes_out;
    c->tracer = NULL;
    tap(c, NULL, NULL, NULL);
    link_free(t->link);
    timer_free(t->timer);
    traced_release(&t->traced);
    mem_free(t);
}

static void tell_families(struct tracer *t)
{
    struct traced_family *f, *next;
    hash_each (t->traced.family, f, next) {
        int64_t hot_reads;
        const struct traced_key *hot = traced_hottest(f, &hot_reads);
        struct fact fact = {.kind = FACT_TRACE,
                            .trace = {.phase = TRACE_FAMILY,
                                      .name = f->name,
                                      .reads = f->reads,
                                      .writes = f->writes,
                                      .misses = !t->hears_misses ? -1
                                                : f->misses > 0  ? f->misses
                                                                 : 0,
                                      .hot_key = hot ? span_make(hot->key, hot->len) : S(""),
                                      .hot_reads = hot_reads}};
        collect_emit(t->c, &fact);
    }
}

static void end(struct tracer *t, const char *why)
{
    struct collect *c = t->c;
    struct fact f = {.kind = FACT_TRACE,
                     .trace = {.phase = TRACE_END,
                               .commands = t->commands,
                               .bytes = t->bytes,
                               .bytes_max = t->bytes_max,
                               .misses = t->begun && t->hears_misses ? 0 : -1,
                               .text = span_of(why)}};
    tell_families(t);
    tracer_free(t);
    collect_emit(c, &f);
}

/* --- the lines --- */

static void on_key(void *ctx, struct span key, enum monitor_use use)
{
    struct tracer *t = ctx;
    traced_use(&t->traced, key, use);
}

/* The server keeps for us what we have not read: how much shows in how old the lines are that we read. */
static bool is_behind(struct tracer *t, const struct monitor_line *m)
{
    int64_t behind = clock_wall_us() - m->at_us;
    t->behind_us = behind < t->behind_us ? behind : t->behind_us;
    return behind - t->behind_us > BEHIND_US;
}

static void on_line(void *user, struct span line)
{
    struct tracer *t = user;
    struct monitor_line m;
    char most[32], text[64];

    t->bytes = link_cost(t->link).bytes_in - t->bytes_before;
    if (t->bytes > t->bytes_max) {
        snprintf(text, sizeof text, "stopped at %s, the most that is read",
                 human_bytes(t->bytes_max, most, sizeof most));
        end(t, text);
        return;
    }
    if (!line.len) {
        return; /* a long one goes on */
    }
    t->commands++;
    if (!monitor_decode(&m, line)) {
        return;
    }
    if (t->commands % LINES_A_LOOK == 1 && is_behind(t, &m)) {
        end(t, "stopped: more comes than is read, and the server would have to keep it");
        return;
    }
    if (t->own.count && own_sent_take(&t->own, &m, clock_mono_us())) {
        t->commands--;
    } else if (m.db == t->c->address.db) {
        monitor_keys(&m, on_key, t);
    }
}

static void sent_to_app(void *user, size_t argc, const struct span *args)
{
    struct collect *c = user;
    own_sent_note(&c->tracer->own, c->address.db, argc, args, clock_mono_us());
}

static void sent_to_broker(void *user, size_t argc, const struct span *args)
{
    struct collect *c = user;
    own_sent_note(&c->tracer->own, c->site[SITE_BROKER].address.db, argc, args, clock_mono_us());
}

static void sent_to_results(void *user, size_t argc, const struct span *args)
{
    struct collect *c = user;
    own_sent_note(&c->tracer->own, c->options.result_db, argc, args, clock_mono_us());
}

void tracer_miss(struct collect *c, struct span key)
{
    if (c->tracer && c->tracer->begun) {
        traced_miss(&c->tracer->traced, key, 1);
    }
}

void tracer_own_miss(struct collect *c, struct span key)
{
    if (c->tracer && c->tracer->begun) {
        traced_miss(&c->tracer->traced, key, -1);
    }
}

void collect_sent(void *collect, size_t argc, const struct span *args)
{
    struct collect *c = collect;
    if (c->tracer) {
        sent_to_app(c, argc, args);
    }
}

/* --- the time --- */

/* The trace may have ended meanwhile. */
static void on_ping(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct tracer *t = c->tracer;
    char now[24], calm[24], text[120];
    if (!t || !t->asked_us) {
        return;
    }
    int64_t took_us = clock_mono_us() - t->asked_us;
    t->asked_us = 0;
    if (!r) {
        end(t, "stopped: the poll link is down");
        return;
    }
    t->slow = took_us > 4 * t->calm_us + SLOW_LEAST_US ? t->slow + 1 : 0;
    if (t->slow >= SLOW_MOST) {
        snprintf(text, sizeof text, "stopped: the server answers in %s, in %s when calm",
                 human_duration(took_us, now, sizeof now), human_duration(t->calm_us, calm, sizeof calm));
        end(t, text);
    }
}

static void on_time(void *user)
{
    struct tracer *t = user;
    struct collect *c = t->c;
    char text[48], time[24];
    int64_t now = clock_mono_us();
    if (!t->begun) {
        end(t, "no trace: no connection for it within 5 s");
        return;
    }
    if (now >= t->ends_at_us) {
        snprintf(text, sizeof text, "ran for %s", human_duration(t->duration_us, time, sizeof time));
        end(t, text);
        return;
    }
    struct fact f = {.kind = FACT_TRACE,
                     .trace = {.phase = TRACE_PROGRESS,
                               .ends_at_us = t->ends_at_us,
                               .commands = t->commands,
                               .bytes = t->bytes,
                               .bytes_max = t->bytes_max,
                               .misses = -1}};
    collect_emit(c, &f);
    if (!t->asked_us && link_command(c->poll, on_ping, c, S("PING"))) {
        t->asked_us = now;
    } else if (t->asked_us && now - t->asked_us > 4 * t->calm_us + US_PER_S) {
        end(t, "stopped: the server does not answer for a second");
        return;
    }
    timer_set(t->timer, t->ends_at_us - now < TELL_US ? t->ends_at_us - now : TELL_US);
}

/* --- the beginning --- */

static void on_monitor(void *user, const struct reply *r)
{
    struct tracer *t = user;
    struct collect *c = t->c;
    char text[160];
    if (!r) {
        return; /* the link tells why */
    }
    if (!reply_is_ok(r)) {
        struct span why = collect_error(r);
        snprintf(text, sizeof text, "no trace: %.*s", (int)span_head(why, 140).len, why.data);
        end(t, text);
        return;
    }
    int64_t now = clock_mono_us();
    t->begun = true;
    t->ends_at_us = now + t->duration_us;
    t->bytes_before = link_cost(t->link).bytes_in;
    t->hears_misses = feed_hears_misses(c);
    struct fact f = {
        .kind = FACT_TRACE,
        .trace = {
            .phase = TRACE_BEGIN, .ends_at_us = t->ends_at_us, .bytes_max = t->bytes_max, .misses = -1}};
    collect_emit(c, &f);
    timer_set(t->timer, TELL_US < t->duration_us ? TELL_US : t->duration_us);
}

static void on_state(void *user, const struct link_status *s)
{
    struct tracer *t = user;
    char text[200];
    if (s->state == LINK_READY) {
        tap(t->c, sent_to_app, sent_to_broker, sent_to_results);
        link_monitor(t->link, on_monitor, t);
    } else if (s->state == LINK_WAITING) {
        snprintf(text, sizeof text, "%s: %.160s", t->begun ? "stopped" : "no trace", s->error);
        end(t, text);
    }
}

bool collect_trace(struct collect *c, int64_t duration_us, int64_t bytes_max, struct err *err)
{
    if (c->tracer) {
        return err_set(err, ERR_REFUSED, "a trace runs already");
    }
    if (!link_is_ready(c->poll)) {
        return err_set(err, ERR_REFUSED, "no trace: the poll link is down");
    }
    struct tracer *t = mem_zalloc(sizeof *t);
    *t = (struct tracer){.c = c, .duration_us = duration_us, .bytes_max = bytes_max, .behind_us = INT64_MAX};
    t->calm_us = (int64_t)c->pace.calm_us;
    traced_init(&t->traced, c->options.families);
    t->timer = timer_new(c->options.loop, on_time, t);
    timer_set(t->timer, CONNECT_US);
    t->link = link_new(c->options.loop, &(struct link_options){.name = "trace",
                                                               .address = &c->address,
                                                               .db = -1,
                                                               .keepalive_us = KEEPALIVE_US,
                                                               .on_state = on_state,
                                                               .on_line = on_line,
                                                               .user = t});
    c->tracer = t;
    link_start(t->link);
    return true;
}

bool collect_is_tracing(const struct collect *c)
{
    return c->tracer != NULL;
}

void collect_trace_stop(struct collect *c)
{
    if (c->tracer) {
        end(c->tracer, "stopped by hand");
    }
}
