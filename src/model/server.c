#include "model_priv.h"

#define MINUTE_US      (60 * US_PER_S)
#define LOSS_WINDOW_US (10 * US_PER_S)
#define GAP_US         (10 * US_PER_S) /* INFOs further apart say nothing about the present rate */
#define RESTART_US     (5 * US_PER_S)  /* uptimes are whole seconds, of a clock that may be set */
#define USUAL_MAX_US   (60 * US_PER_S) /* the longest refresh time there is */

enum { LOOKUP_HITS, LOOKUP_MISSES, LOOKUP_CELERY };
enum { LOSS_EVICTED, LOSS_EXPIRED, LOSS_REJECTED };

void server_init(struct model *m)
{
    struct server_state *s = &m->server;
    info_clear(&s->view.info);
    s->read_at_us = -1;
    s->usual_us = US_PER_S;
    s->view.round_trip_us = -1;
    s->view.ops_per_s = UNKNOWN_REAL;
    s->view.hit_rate_lifetime = UNKNOWN_REAL;
    s->view.hit_rate_window = UNKNOWN_REAL;
    s->view.hit_rate_interval = UNKNOWN_REAL;
    s->view.evicted_per_s = UNKNOWN_REAL;
    s->view.expired_per_s = UNKNOWN_REAL;
    s->view.window_celery = -1;
    s->view.consoles = -1;
    s->shared_us = -1;
    sign_init(m);
}

static bool fell(int64_t before, int64_t now)
{
    return before != INFO_UNKNOWN && now != INFO_UNKNOWN && now < before;
}

/* Another process, or CONFIG RESETSTAT: counters do not go on from where they were. */
static bool started_anew(const struct info *a, const struct info *b)
{
    return (a->run_id[0] && b->run_id[0] && strcmp(a->run_id, b->run_id) != 0) ||
           fell(a->uptime_in_seconds, b->uptime_in_seconds) || fell(a->keyspace_hits, b->keyspace_hits) ||
           fell(a->keyspace_misses, b->keyspace_misses) || fell(a->evicted_keys, b->evicted_keys) ||
           fell(a->expired_keys, b->expired_keys) ||
           fell(a->total_commands_processed, b->total_commands_processed);
}

static double percent(int64_t hits, int64_t misses)
{
    hits = hits > 0 ? hits : 0;
    misses = misses > 0 ? misses : 0;
    return hits + misses > 0 ? 100.0 * (double)hits / (double)(hits + misses) : UNKNOWN_REAL;
}

static int64_t above_zero(int64_t value)
{
    return value > 0 ? value : 0;
}

/* Of a few of our own reads the reply does not tell whether they hit (SISMEMBER of a set that may be gone),
 * so that one that hit is taken off the misses. All of them together are right: what is too little of the one
 * is too much of the other. */
static void balance(int64_t *hits, int64_t *misses)
{
    int64_t sum = above_zero(*hits + *misses);
    *hits = above_zero(*hits < sum ? *hits : sum);
    *misses = sum - *hits;
}

/* Look-ups of the last minute, and of the last interval (since `before`; NULL: none). */
static void measure_lookups(struct model *m, const int64_t net[METER_VALUES], const int64_t *before)
{
    struct server_state *s = &m->server;
    int64_t hits = 0;
    int64_t misses = 0;
    int64_t span_us = 0;
    bool known = meter_growth(&s->lookups, MINUTE_US, LOOKUP_HITS, &hits, &span_us) &&
                 meter_growth(&s->lookups, MINUTE_US, LOOKUP_MISSES, &misses, &span_us);
    balance(&hits, &misses);
    s->view.window_lookups = known ? hits + misses : 0;
    s->view.hit_rate_window = known && !s->view.hits_shared ? percent(hits, misses) : UNKNOWN_REAL;
    s->view.window_celery = -1;
    if (known && s->view.celery_told_apart) {
        meter_growth(&s->lookups, MINUTE_US, LOOKUP_CELERY, &s->view.window_celery, &span_us);
    }

    double seconds = (double)(m->now_us - s->net_at_us) / (double)US_PER_S;
    double per_s = UNKNOWN_REAL;
    s->view.hit_rate_interval = UNKNOWN_REAL;
    if (before && seconds > 0) {
        hits = net[LOOKUP_HITS] - before[LOOKUP_HITS];
        misses = net[LOOKUP_MISSES] - before[LOOKUP_MISSES];
        balance(&hits, &misses);
        s->view.hit_rate_interval = s->view.hits_shared ? UNKNOWN_REAL : percent(hits, misses);
        per_s = (double)(hits + misses) / seconds;
    }
    series_add(&s->view.hit_rate, m->now_us, s->view.hit_rate_interval);
    series_add(&s->view.lookups, m->now_us, per_s);
}

/* What is to be taken off, as totals. True when it does not go on from where it was: another process of ours
 * counts, or Celery's misses began or ceased to be heard; then no window may span it. */
static bool take_totals(struct server_state *s, const struct fact_server *f, bool first)
{
    int64_t own_hits = above_zero(model_count(f->own_hits));
    int64_t own_misses = above_zero(model_count(f->own_misses));
    bool heard = f->celery_misses >= 0;
    bool broken = !first && heard != s->view.celery_told_apart;

    if (own_hits < s->own_hits || own_misses < s->own_misses) {
        s->own_hits_base = s->own_misses_base = s->celery = s->celery_base = 0;
        broken = true;
    }
    s->own_hits = own_hits;
    s->own_misses = own_misses;
    /* It may fall by a few: our own look at such a key was heard before it was answered and taken off. */
    if (heard) {
        s->celery = model_count(f->celery_misses);
    }
    s->view.celery_told_apart = heard;
    return broken;
}

/* What another console reads cannot be told from what the platform reads: then there is no rate, as long as
 * that is in the window. */
static void note_consoles(struct model *m, const struct fact_server *f)
{
    struct server_state *s = &m->server;
    s->view.consoles = f->consoles < 0 ? -1 : model_count(f->consoles);
    if (s->view.consoles > 0) {
        s->shared_us = m->now_us;
    }
    s->view.hits_shared = s->shared_us >= 0 && m->now_us - s->shared_us <= MINUTE_US;
}

static void apply_lookups(struct model *m, const struct fact_server *f, bool linked)
{
    struct server_state *s = &m->server;
    const struct info *now = &s->view.info;
    int64_t before[METER_VALUES];

    note_consoles(m, f);

    memcpy(before, s->net, sizeof before);
    linked = linked && s->net_known;
    /* It waits for the next one, or our own reads would pass for others'. Not for ever: in a long row of them
     * what is under way weighs less than not knowing at all. */
    if (f->own_unsure && linked && m->now_us - s->net_at_us < GAP_US) {
        s->view.hit_rate_interval = UNKNOWN_REAL;
        series_add(&s->view.hit_rate, m->now_us, UNKNOWN_REAL);
        series_add(&s->view.lookups, m->now_us, UNKNOWN_REAL);
        return;
    }
    if (take_totals(s, f, s->read_at_us < 0)) {
        meter_clear(&s->lookups);
        linked = false;
    }
    if (now->keyspace_hits == INFO_UNKNOWN || now->keyspace_misses == INFO_UNKNOWN) {
        meter_clear(&s->lookups);
        measure_lookups(m, before, NULL);
        s->net_known = false;
        s->view.hit_rate_lifetime = UNKNOWN_REAL;
        return;
    }
    int64_t net[METER_VALUES] = {
        [LOOKUP_HITS] = model_count(now->keyspace_hits) - s->own_hits,
        [LOOKUP_MISSES] = model_count(now->keyspace_misses) - s->own_misses - s->celery,
        [LOOKUP_CELERY] = s->celery,
    };
    meter_add(&s->lookups, m->now_us, net);
    measure_lookups(m, net, linked ? before : NULL);
    memcpy(s->net, net, sizeof net);
    s->net_at_us = m->now_us;
    s->net_known = true;
    s->view.hit_rate_lifetime = percent(net[LOOKUP_HITS] + s->own_hits_base,
                                        net[LOOKUP_MISSES] + s->own_misses_base + s->celery_base);
}

static double growth_per_s(int64_t before, int64_t now, double seconds, bool linked)
{
    if (!linked || seconds <= 0 || before == INFO_UNKNOWN || now == INFO_UNKNOWN) {
        return UNKNOWN_REAL;
    }
    return (double)above_zero(model_count(now) - model_count(before)) / seconds;
}

static void apply_losses(struct model *m, const struct info *old, bool linked)
{
    struct server_state *s = &m->server;
    const struct info *now = &s->view.info;
    double seconds = (double)(m->now_us - s->read_at_us) / (double)US_PER_S;

    if (now->evicted_keys == INFO_UNKNOWN || now->expired_keys == INFO_UNKNOWN) {
        meter_clear(&s->losses);
    } else {
        int64_t lost[METER_VALUES] = {
            [LOSS_EVICTED] = model_count(now->evicted_keys),
            [LOSS_EXPIRED] = model_count(now->expired_keys),
            [LOSS_REJECTED] = model_count(now->rejected_connections),
        };
        meter_add(&s->losses, m->now_us, lost);
    }
    s->view.evicted_per_s = meter_per_s(&s->losses, LOSS_WINDOW_US, LOSS_EVICTED);
    s->view.expired_per_s = meter_per_s(&s->losses, LOSS_WINDOW_US, LOSS_EXPIRED);
    series_add(&s->view.evicted, m->now_us,
               growth_per_s(old->evicted_keys, now->evicted_keys, seconds, linked));
    series_add(&s->view.expired, m->now_us,
               growth_per_s(old->expired_keys, now->expired_keys, seconds, linked));
}

static double known(int64_t value)
{
    return value == INFO_UNKNOWN || value < 0 ? UNKNOWN_REAL : (double)value;
}

static void apply_levels(struct model *m, const struct fact_server *f)
{
    struct server *v = &m->server.view;
    v->round_trip_us = model_count(f->round_trip_us);
    v->ops_per_s = known(v->info.instantaneous_ops_per_sec);
    series_add(&v->ops, m->now_us, v->ops_per_s);
    series_add(&v->memory, m->now_us, known(v->info.used_memory));
    series_add(&v->clients, m->now_us, known(v->info.connected_clients));
    series_add(&v->round_trip, m->now_us, known(v->round_trip_us));
}

/* INFO's texts are shown as they stand: all of them are plain ASCII, or not what a Redis says. */
static void clean_texts(struct info *info)
{
    for (size_t i = 0; i < info_text_count; i++) {
        char *text = (char *)info + info_text_rows[i].offset;
        text[info_text_rows[i].size - 1] = '\0';
        for (; *text; text++) {
            *text = *text >= ' ' && *text < 0x7F ? *text : '?';
        }
    }
}

/* Behind sentinels, or a name that leads elsewhere, another server may answer that has been running all the
 * time. */
static enum sign_process process_of(const struct info *old, const struct info *now, int64_t interval_us)
{
    int64_t up_us = now->uptime_in_seconds < 0 ? 0 : model_count(now->uptime_in_seconds);
    up_us = up_us < INT64_MAX / US_PER_S ? up_us * US_PER_S : INT64_MAX;
    return strcmp(old->run_id, now->run_id) == 0 ? SIGN_THE_SAME
           : up_us > interval_us + RESTART_US    ? SIGN_ANOTHER
                                                 : SIGN_RESTARTED;
}

void server_apply(struct model *m, const struct fact_server *f)
{
    struct server_state *s = &m->server;
    struct info old = s->view.info;
    struct info info = f->info;
    int64_t interval = s->read_at_us < 0 ? 0 : m->now_us - s->read_at_us;
    int64_t gap = 3 * s->usual_us > GAP_US ? 3 * s->usual_us : GAP_US;
    bool first = !s->view.known;
    clean_texts(&info);
    bool anew = !first && started_anew(&old, &info);

    s->lives += anew;
    if (anew) {
        /* What we read before is not in the new counters. */
        s->own_hits_base = s->own_hits;
        s->own_misses_base = s->own_misses;
        s->celery_base = s->celery;
        command_anew(m);
        if (strcmp(old.run_id, info.run_id) != 0) {
            census_forget(m);
        }
    }
    if (anew || interval > gap) {
        meter_clear(&s->lookups);
        meter_clear(&s->losses);
    }
    bool linked = !first && !anew && interval <= gap;
    s->view.known = true;
    s->view.info = info;
    apply_lookups(m, f, linked);
    apply_losses(m, &old, linked);
    apply_levels(m, f);
    round_trip_add(m, s->view.round_trip_us);
    vital_apply(m, linked ? &old : NULL, (double)interval / (double)US_PER_S);
    if (interval > 0) {
        s->usual_us = interval < USUAL_MAX_US ? interval : USUAL_MAX_US;
    }
    s->read_at_us = m->now_us;
    sign_apply(m, &old, linked, anew ? process_of(&old, &info, interval) : SIGN_THE_SAME);
    topic_read_ok(m, TOPIC_SERVER);
}

bool server_is_fresh(const struct model *m)
{
    const struct server_state *s = &m->server;
    int64_t most = 3 * topic_usual_us(m, TOPIC_SERVER);
    return s->view.known && m->now_us - s->read_at_us <= (most > GAP_US ? most : GAP_US);
}

double server_evicted_minute_per_s(const struct model *m)
{
    return meter_per_s(&m->server.losses, MINUTE_US, LOSS_EVICTED);
}

int64_t server_rejected_minute(const struct model *m)
{
    int64_t growth;
    int64_t span_us;
    bool known_growth = meter_growth(&m->server.losses, MINUTE_US, LOSS_REJECTED, &growth, &span_us);
    return known_growth ? above_zero(growth) : -1;
}

const struct server *model_server(const struct model *m)
{
    return &m->server.view;
}
