/* poll: the one pipelined round trip per refresh: INFO, queues, and what notifications do not tell. */
#include "collect_priv.h"

/* Longer than a feed's PING and its answer take when nothing is wrong. */
#define FEED_SILENT_US (7 * US_PER_S)
/* Whoever turns notifications off is noticed by nothing else: what is called heard is not for so long. */
#define CONFIG_US (10 * US_PER_S)

/* While notifications keep sessions and batches true, they are as fresh as the server's last answer; not when
 * it answers that it serves nobody. Families' keys are counted by the walk alone and have its age. */
static void tell_freshness(struct collect *c)
{
    bool heard = clock_mono_us() - link_heard_us(c->feed_link) < FEED_SILENT_US;
    if (c->balk[0]) {
        collect_poll_result(c, TOPIC_SESSIONS, false, span_of(c->balk));
        collect_poll_result(c, TOPIC_BATCHES, false, span_of(c->balk));
    } else if (c->census.complete && feed_is_live(c) && heard) {
        reader_tell_fresh(c, true, true);
    }
}

static int64_t own_celery_misses(const struct collect *c)
{
    return c->own_celery_misses + c->others.celery_misses;
}

/* Of others, as heard so far. Our own are heard, too, but for those of times when nobody listened: before
 * notifications were on, or the feed was up. */
static int64_t celery_misses(struct collect *c)
{
    struct feed *f = &c->feed;
    int64_t own = own_celery_misses(c);
    if (!feed_hears_misses(c)) {
        f->celery_unheard = f->celery_told + own - f->celery_misses;
        return -1;
    }
    int64_t unheard = c->info_celery_misses - f->celery_misses;
    f->celery_unheard = unheard > f->celery_unheard ? unheard : f->celery_unheard;
    int64_t told = f->celery_misses + f->celery_unheard - own;
    f->celery_told = told > 0 ? told : 0;
    return f->celery_told;
}

/* All that was missed before this INFO was read has been heard by the next turn of the loop: only then it is
 * told, so that hits and misses and what is to be taken off them are of one time. */
static void tell_info(struct collect *c)
{
    struct fact f = {.kind = FACT_SERVER, .server = c->info};
    f.server.celery_misses = celery_misses(c);
    c->info_waits = false;
    collect_emit(c, &f);
    collect_poll_result(c, TOPIC_SERVER, true, S(""));
    c->info_read = true;
}

/* True: none of their commands was under way while INFO was, so that their count is of the same time. */
static bool take_others(struct collect *c)
{
    struct other_reads now = {.sent = 0};
    if (c->other_reads) {
        c->other_reads(c->other_ctx, &now);
    }
    bool still = c->others.pending == 0 && now.pending == 0 && now.sent == c->others.sent;
    c->others = now;
    return still;
}

/* Whoever leaves out one answer is understood wrongly from then on, one question further each time, and no
 * timeout tells. INFO shows it: nothing else that is asked looks like it. */
enum { STRANGE_MAX = 3 };

static bool is_info(struct span text)
{
    return span_search(text, S("redis_version:")) < text.len ||
           span_search(text, S("uptime_in_seconds:")) < text.len;
}

static void no_info(struct collect *c, const struct reply *r)
{
    bool strange = !reply_is_error(r);
    collect_poll_result(c, TOPIC_SERVER, false, strange ? S("what came for INFO is none") : collect_error(r));
    tell_freshness(c);
    c->info_read = true;
    c->strange = strange ? c->strange + 1 : 0;
    if (c->strange >= STRANGE_MAX) {
        c->strange = 0;
        link_distrust(c->poll, "the answers do not fit the questions: no INFO came for INFO");
    }
}

static void on_info(void *user, const struct reply *r)
{
    struct collect *c = user;
    c->info_pending = false;
    struct span text;
    if (!reply_string(r, &text) || !is_info(text)) {
        if (r) { /* a NULL is the link's story, told by FACT_LINK */
            no_info(c, r);
        }
        return;
    }
    if (c->strange) { /* what else it said meanwhile may have been as wrong */
        c->strange = 0;
        feed_catch_up(c);
    }
    tell_freshness(c);
    int64_t round_trip = clock_mono_us() - c->info_asked_us;
    pace_round_trip(&c->pace, round_trip);
    bool still = take_others(c);
    struct info was = c->info.info;
    bool was_read = c->info_read;
    c->info = (struct fact_server){.own_hits = c->own_hits + c->others.hits,
                                   .own_misses = c->own_misses + c->others.misses,
                                   .own_unsure = !still,
                                   .consoles = c->lists.consoles,
                                   .round_trip_us = round_trip};
    c->info_celery_misses = own_celery_misses(c);
    info_clear(&c->info.info);
    info_decode(&c->info.info, text);
    if (was_read && info_most_keys_went(&was, &c->info.info, c->address.db)) {
        census_flushed(c); /* no notification tells of it: what is gone is known by a walk alone */
    }
    int result_db = sites_results_are_beside(c) ? c->options.result_db : -1;
    result_usage_count(c, result_db >= 0 && result_db < INFO_DBS ? c->info.info.db[result_db].keys : -1);
    replica_list_tell(c, text);
    c->info_waits = true;
    c->info_ready_us = clock_mono_us() + US_PER_MS;
    collect_soon(c, US_PER_MS);
}

static void ask_info(struct collect *c)
{
    if (!c->info_pending) {
        take_others(c);
    }
    if (!c->info_pending && link_command(c->poll, on_info, c, S("INFO"))) {
        c->info_pending = true;
        c->info_asked_us = clock_mono_us();
    }
}

void poll_step(struct collect *c, int64_t now_us)
{
    if (c->info_waits && now_us >= c->info_ready_us) {
        tell_info(c);
    }
    bool queues =
        link_is_ready(c->broker) && !c->queues.asking; /* a slow server is not asked twice at once */
    bool app = link_is_ready(c->poll);
    if (c->polled_us && now_us - c->polled_us < c->options.refresh_us) {
        if (c->queues.unread && queues) {
            queues_step(c);
        }
        return;
    }
    c->polled_us = now_us;
    if (app) {
        ask_info(c);
    }
    if (queues) {
        queues_step(c);
    }
    results_look(c, now_us);
    if (!app) {
        return;
    }
    int64_t pause_us = c->feed.config_denied ? collect_pause_us(span_of(c->feed.why)) : CONFIG_US;
    if (!c->feed.asked_us || now_us - c->feed.asked_us > pause_us) {
        feed_ask_config(c);
    }
}
