#include "narrow.h"

#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/schema/client_list.h"

#define LOOK_US    (US_PER_S / 4) /* while we are behind */
#define WATCH_US   (1 * US_PER_S) /* while many events come */
#define TELL_US    (US_PER_S / 4)
#define BEHIND_US  (US_PER_S / 5)
#define TRIED_US   (5 * US_PER_S) /* just taken back: is it borne now? */
#define REFUSED_US (60 * US_PER_S)
enum { MANY_BYTES = 1024 * 1024 /* in a WATCH_US: no less can fill the server's buffer soon */ };

/* --- what is subscribed, step by step --- */

enum { CHANNELS_MOST = 2 * NOTIFY_OTHER, PATTERNS_MOST = 3, NAME_BYTES = 64 };
struct names {
    size_t channels, patterns;
    struct span channel[CHANNELS_MOST], pattern[PATTERNS_MOST];
    char text[CHANNELS_MOST + PATTERNS_MOST][NAME_BYTES];
};

static void add_channels(struct names *n, int db, unsigned events)
{
    for (int e = 0; e < NOTIFY_OTHER; e++) {
        if (events & 1u << e) {
            char *text = n->text[n->channels];
            snprintf(text, NAME_BYTES, "__keyevent@%d__:%s", db, notify_event_name[e]);
            n->channel[n->channels++] = span_of(text);
        }
    }
}

static void add_worker_events(struct names *n, int db, const char *which)
{
    char *text = n->text[CHANNELS_MOST + n->patterns];
    snprintf(text, NAME_BYTES, "/%d.celeryev/%s.*", db, which);
    n->pattern[n->patterns++] = span_of(text);
}

/* Stored results that go, or are looked for in vain: of their database these few channels alone; of the
 * broker's the misses: workers look for work in vain all the time, and that is no miss of the cache. What is
 * on another server has a feed of its own (site.c). */
static void add_step(const struct collect *c, struct names *n, enum shed_step step)
{
    const unsigned of_results = shed_events[SHED_ENDS] | shed_events[SHED_MISSES];
    add_channels(n, c->address.db, shed_events[step]);
    const struct site_place *b = &c->site[SITE_BROKER], *r = &c->site[SITE_RESULTS];
    bool results = r->feed == c->feed_link;
    bool beside = results && sites_results_are_beside(c);
    if (beside) {
        add_channels(n, r->address.db, shed_events[step] & of_results);
    }
    if (!b->apart && b->address.db != c->address.db && !(beside && b->address.db == r->address.db)) {
        add_channels(n, b->address.db, shed_events[step] & shed_events[SHED_MISSES]);
    }
    if (step == SHED_RESULTS && results) {
        n->pattern[n->patterns++] = S("celery-task-meta-*");
    } else if (step == SHED_TASKS && b->feed == c->feed_link) {
        add_worker_events(n, b->address.db, "task");
    }
}

bool narrow_subscribe(struct collect *c)
{
    struct narrow *w = &c->feed.narrow;
    struct names n = {.channels = 0};
    for (int i = 0; i < SHED_STEPS; i++) {
        if (!(w->shed.given_up & 1u << i)) {
            add_step(c, &n, (enum shed_step)i);
        }
    }
    if (c->site[SITE_BROKER].feed == c->feed_link) {
        add_worker_events(&n, c->site[SITE_BROKER].address.db, "worker");
    }
    return (!n.channels || link_subscribe(c->feed_link, n.channels, n.channel)) &&
           (!n.patterns || link_psubscribe(c->feed_link, n.patterns, n.pattern));
}

static void change(struct collect *c, enum shed_step step, bool listen)
{
    struct names n = {.channels = 0};
    add_step(c, &n, step);
    if (n.channels) {
        (listen ? link_subscribe : link_unsubscribe)(c->feed_link, n.channels, n.channel);
    }
    if (n.patterns) {
        (listen ? link_psubscribe : link_punsubscribe)(c->feed_link, n.patterns, n.pattern);
    }
}

/* --- what is said --- */

static unsigned not_heard(const struct narrow *w)
{
    return w->shed.given_up | w->widening;
}

bool narrow_is_deaf(const struct collect *c, enum shed_step step)
{
    return not_heard(&c->feed.narrow) & 1u << step;
}

static void tell(struct collect *c)
{
    struct narrow *w = &c->feed.narrow;
    unsigned steps = not_heard(w);
    w->deaf = 0;
    for (int i = 0; i < SHED_STEPS; i++) {
        w->deaf |= steps & 1u << i ? shed_events[i] : 0;
    }
    struct fact f = {.kind = FACT_SHED,
                     .shed = {.misses = steps & 1u << SHED_MISSES,
                              .writes = steps & 1u << SHED_WRITES,
                              .results = steps & 1u << SHED_RESULTS,
                              .tasks = steps & 1u << SHED_TASKS,
                              .ends = steps & 1u << SHED_ENDS,
                              .times = w->shed.times,
                              .why = span_of(steps ? w->why : "")}};
    collect_emit(c, &f);
}

/* Events that were queued before the server heard of it are not looked at any more, but counted. */
static void tell_unheeded(struct collect *c, int64_t now_us)
{
    struct narrow *w = &c->feed.narrow;
    if (now_us - w->told_us < TELL_US) {
        return;
    }
    w->told_us = now_us;
    for (int e = 0; e < NOTIFY_EVENT_COUNT; e++) {
        if (w->unheeded[e]) {
            struct fact f = {.kind = FACT_KEY_EVENT,
                             .key_event = {(enum notify_event)e, S(""), w->unheeded[e]}};
            w->unheeded[e] = 0;
            collect_emit(c, &f);
        }
    }
}

static void give_reason(struct narrow *w)
{
    char held[32];
    char limit[32];
    const struct shed_signs *g = &w->signs;
    if (g->queued > 0) {
        int64_t least = g->soft > 0 && (g->hard <= 0 || g->soft < g->hard) ? g->soft : g->hard;
        snprintf(w->why, sizeof w->why, "the server held %s of events for us; it cuts at %s",
                 human_bytes(g->queued, held, sizeof held),
                 least > 0 ? human_bytes(least, limit, sizeof limit) : "no limit");
    } else {
        snprintf(w->why, sizeof w->why, "for %s more came than was read",
                 human_duration(g->behind_us, held, sizeof held));
    }
}

/* --- what the server holds for us --- */

static void on_look(void *user, const struct reply *r)
{
    struct narrow *w = &((struct collect *)user)->feed.narrow;
    struct client_line line;
    struct span text;
    w->looking = false;
    w->queue_denied = r && !reply_string(r, &text);
    w->signs.queued = -1;
    if (r && !w->queue_denied && client_list_next(&text, &line)) {
        w->signs.queued = line.output;
    }
}

static void on_limit(void *user, const struct reply *r)
{
    struct narrow *w = &((struct collect *)user)->feed.narrow;
    struct span text;
    if (reply_count(r) >= 2 && reply_string(reply_at(r, 1), &text)) {
        client_output_limit(text, S("pubsub"), &w->signs.hard, &w->signs.soft);
    }
}

/* Asked only while much comes: a quiet feed costs nothing. */
static void look(struct collect *c, int64_t now_us)
{
    struct narrow *w = &c->feed.narrow;
    bool tried = w->shed.widened_us && now_us - w->shed.widened_us < TRIED_US;
    bool behind = w->signs.behind_us >= BEHIND_US || w->shed.settled_us < 0 || tried;
    int64_t id = link_client_id(c->feed_link);
    if (w->looking || id < 0 ||
        now_us - w->looked_us < (w->queue_denied ? REFUSED_US
                                 : behind        ? LOOK_US
                                                 : WATCH_US)) {
        return;
    }
    int64_t bytes = link_cost(c->feed_link).bytes_in;
    bool many = bytes - w->looked_bytes > MANY_BYTES;
    w->looked_us = now_us;
    w->looked_bytes = bytes;
    if (!many && !behind && !w->shed.given_up) {
        w->signs.queued = -1;
        return;
    }
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, id);
    w->looking = link_command(c->poll, on_look, c, S("CLIENT"), S("LIST"), S("ID"), span_of(number));
    if (!w->limit_asked) {
        w->limit_asked =
            link_command(c->poll, on_limit, c, S("CONFIG"), S("GET"), S("client-output-buffer-limit"));
        pace_charge(&c->pace, w->limit_asked);
    }
    pace_charge(&c->pace, w->looking);
}

/* --- step by step --- */

/* What happened while nobody listened is known by whole walks only. */
static void heard_again(struct collect *c)
{
    struct narrow *w = &c->feed.narrow;
    unsigned steps = w->widening;
    w->widening = 0;
    tell(c);
    if (steps & (1u << SHED_WRITES | 1u << SHED_ENDS)) {
        census_restart(c);
    }
    if (steps & (1u << SHED_RESULTS | 1u << SHED_TASKS | 1u << SHED_ENDS)) {
        results_restart(c);
        c->inspect.next_us = c->inspect.denied ? c->inspect.next_us : 0;
    }
}

void narrow_step(struct collect *c, int64_t now_us)
{
    struct narrow *w = &c->feed.narrow;
    enum shed_step step;
    tell_unheeded(c, now_us);
    if (!c->feed.subscribed || !link_is_ready(c->feed_link)) {
        return;
    }
    w->signs.now_us = now_us;
    w->signs.behind_us = link_behind_us(c->feed_link);
    w->signs.settled = link_pending(c->feed_link) == 0;
    w->signs.ops = c->info_read ? c->info.info.instantaneous_ops_per_sec : -1;
    look(c, now_us);
    if (w->widening && w->signs.settled) {
        heard_again(c);
    }
    switch (shed_judge(&w->shed, &w->signs, &step)) {
    case SHED_NARROW:
        w->widening &= ~(1u << step);
        change(c, step, false);
        give_reason(w);
        tell(c);
        break;
    case SHED_WIDEN:
        w->widening |= 1u << step;
        change(c, step, true);
        break;
    default:
        break;
    }
}

void narrow_init(struct collect *c)
{
    struct narrow *w = &c->feed.narrow;
    shed_init(&w->shed);
    w->signs.queued = w->signs.ops = -1;
    w->signs.hard = SHED_HARD_BYTES;
    w->signs.soft = SHED_SOFT_BYTES;
}

void narrow_lost(struct collect *c)
{
    struct narrow *w = &c->feed.narrow;
    bool said = not_heard(w) != 0;
    bool narrow = shed_lost(&w->shed, &w->signs);
    w->widening = 0;
    w->signs.queued = -1;
    w->signs.behind_us = 0;
    w->queue_denied = w->limit_asked = false;
    if (narrow) {
        snprintf(w->why, sizeof w->why, "the feed was lost while more came than was read");
    }
    if (narrow || said) {
        tell(c);
    }
}
