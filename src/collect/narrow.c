#include "narrow.h"

#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

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

/* Stored results that go, or are looked for in vain: of their database these few channels alone (the misses
 * of another server are no misses of the application's); of the broker's the misses: workers look for work in
 * vain all the time, and that is no miss of the cache. */
static void add_step(const struct narrow *w, struct names *n, enum shed_step step)
{
    const struct collect *c = w->c;
    const struct site_place *b = &c->site[SITE_BROKER], *r = &c->site[SITE_RESULTS];
    bool apps = w->feed == c->feed_link, results = r->feed == w->feed;
    bool beside = results && (r->apart || sites_results_are_beside(c));
    if (apps) {
        add_channels(n, c->address.db, shed_events[step]);
    }
    if (beside) {
        add_channels(n, r->address.db,
                     shed_events[step] &
                         (shed_events[SHED_ENDS] | (r->apart ? 0 : shed_events[SHED_MISSES])));
    }
    if (apps && !b->apart && b->address.db != c->address.db && !(beside && b->address.db == r->address.db)) {
        add_channels(n, b->address.db, shed_events[step] & shed_events[SHED_MISSES]);
    }
    if (step == SHED_RESULTS && results) {
        n->pattern[n->patterns++] = S("celery-task-meta-*");
    } else if (step == SHED_TASKS && b->feed == w->feed) {
        add_worker_events(n, b->address.db, "task");
    }
}

bool narrow_subscribe(struct narrow *w)
{
    const struct site_place *b = &w->c->site[SITE_BROKER];
    struct names n = {.channels = 0};
    for (int i = 0; i < SHED_STEPS; i++) {
        if (!(w->shed.given_up & 1u << i)) {
            add_step(w, &n, (enum shed_step)i);
        }
    }
    if (b->feed == w->feed) {
        add_worker_events(&n, b->address.db, "worker");
    }
    return (!n.channels || link_subscribe(w->feed, n.channels, n.channel)) &&
           (!n.patterns || link_psubscribe(w->feed, n.patterns, n.pattern));
}

static void change(struct narrow *w, enum shed_step step, bool listen)
{
    struct names n = {.channels = 0};
    add_step(w, &n, step);
    if (n.channels) {
        (listen ? link_subscribe : link_unsubscribe)(w->feed, n.channels, n.channel);
    }
    if (n.patterns) {
        (listen ? link_psubscribe : link_punsubscribe)(w->feed, n.patterns, n.pattern);
    }
}

/* --- what is said --- */

static unsigned not_heard(const struct narrow *w)
{
    return w->shed.given_up | w->widening;
}

bool narrow_heeds(struct narrow *w, enum shed_step step)
{
    w->signs.heard[step]++;
    return !(not_heard(w) & 1u << step);
}

/* Of a feed beside the application's only what concerns stored results ends: they are results all the same.
 */
static unsigned deaf_steps(const struct collect *c)
{
    unsigned steps = not_heard(&c->feed.narrow);
    for (int i = 0; i < SITE_COUNT; i++) {
        unsigned there = c->site[i].own_feed ? not_heard(&c->site[i].narrow) : 0;
        steps |= there & (1u << SHED_ENDS) ? 1u << SHED_RESULTS : 0;
        steps |= there & ~(1u << SHED_ENDS);
    }
    return steps;
}

bool narrow_is_deaf(const struct collect *c, enum shed_step step)
{
    return deaf_steps(c) & 1u << step;
}

/* Why, of the first feed that is narrow; how often of all of them. */
static const struct narrow *reason_of(const struct collect *c, int64_t *ret_times)
{
    const struct narrow *of = &c->feed.narrow;
    *ret_times = of->shed.times;
    for (int i = 0; i < SITE_COUNT; i++) {
        const struct site_place *p = &c->site[i];
        if (p->own_feed) {
            *ret_times += p->narrow.shed.times;
            of = !not_heard(of) && not_heard(&p->narrow) ? &p->narrow : of;
        }
    }
    return of;
}

static void tell(struct narrow *w)
{
    struct collect *c = w->c;
    unsigned steps = not_heard(w);
    int64_t times;
    w->deaf = 0;
    for (int i = 0; i < SHED_STEPS; i++) {
        w->deaf |= steps & 1u << i ? shed_events[i] : 0;
    }
    const struct narrow *reason = reason_of(c, &times);
    steps = deaf_steps(c);
    struct fact f = {.kind = FACT_SHED,
                     .shed = {.misses = steps & 1u << SHED_MISSES,
                              .writes = steps & 1u << SHED_WRITES,
                              .results = steps & 1u << SHED_RESULTS,
                              .tasks = steps & 1u << SHED_TASKS,
                              .ends = steps & 1u << SHED_ENDS,
                              .times = times,
                              .held_bytes = reason->held_bytes,
                              .cut_bytes = reason->cut_bytes,
                              .behind_us = reason->behind_us}};
    collect_emit(c, &f);
}

/* Events that were queued before the server heard of it are not looked at any more, but counted. */
static void tell_unheeded(struct narrow *w, int64_t now_us)
{
    if (now_us - w->told_us < TELL_US) {
        return;
    }
    w->told_us = now_us;
    for (int e = 0; e < NOTIFY_EVENT_COUNT; e++) {
        if (w->unheeded[e]) {
            struct fact f = {.kind = FACT_KEY_EVENT,
                             .key_event = {(enum notify_event)e, S(""), w->unheeded[e]}};
            w->unheeded[e] = 0;
            collect_emit(w->c, &f);
        }
    }
}

static void give_reason(struct narrow *w)
{
    const struct shed_signs *g = &w->signs;
    int64_t least = g->soft > 0 && (g->hard <= 0 || g->soft < g->hard) ? g->soft : g->hard;
    w->held_bytes = g->queued > 0 ? g->queued : -1;
    w->cut_bytes = least > 0 ? least : -1;
    w->behind_us = g->behind_us;
}

/* --- what the server holds for us --- */

static void on_look(void *user, const struct reply *r)
{
    struct narrow *w = user;
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
    struct narrow *w = user;
    struct span text;
    if (reply_count(r) >= 2 && reply_string(reply_at(r, 1), &text)) {
        client_output_limit(text, S("pubsub"), &w->signs.hard, &w->signs.soft);
    }
}

/* A number names a client of one server: behind a name, or sentinels, each connection may have found another.
 */
static struct link *asker(const struct narrow *w)
{
    struct link *l = w->c->site[w->site].apart ? sites_link(w->c, w->site) : w->c->poll;
    return link_is_ready(l) && link_same_peer(l, w->feed) ? l : NULL;
}

/* Asked only while much comes: a quiet feed costs nothing. */
static void look(struct narrow *w, int64_t now_us)
{
    struct collect *c = w->c;
    bool tried = w->shed.widened_us && now_us - w->shed.widened_us < TRIED_US;
    bool behind = w->signs.behind_us >= BEHIND_US || w->shed.settled_us < 0 || tried;
    int64_t id = link_client_id(w->feed);
    if (w->looking || id < 0 ||
        now_us - w->looked_us < (w->queue_denied ? REFUSED_US
                                 : behind        ? LOOK_US
                                                 : WATCH_US)) {
        return;
    }
    int64_t bytes = link_cost(w->feed).bytes_in;
    bool many = bytes - w->looked_bytes > MANY_BYTES;
    w->looked_us = now_us;
    w->looked_bytes = bytes;
    if (!many && !behind && !w->shed.given_up) {
        w->signs.queued = -1;
        return;
    }
    char number[24];
    struct link *from = asker(w);
    if (!from) {
        w->signs.queued = -1;
        return;
    }
    snprintf(number, sizeof number, "%" PRId64, id);
    w->looking = link_command(from, on_look, w, S("CLIENT"), S("LIST"), S("ID"), span_of(number));
    if (!w->limit_asked) {
        w->limit_asked =
            link_command(from, on_limit, w, S("CONFIG"), S("GET"), S("client-output-buffer-limit"));
        pace_charge(&c->pace, w->limit_asked);
    }
    pace_charge(&c->pace, w->looking);
}

/* --- step by step --- */

/* What happened while nobody listened is known by whole walks only. */
static void heard_again(struct narrow *w)
{
    struct collect *c = w->c;
    unsigned steps = w->widening;
    w->widening = 0;
    tell(w);
    if (w->feed == c->feed_link && steps & (1u << SHED_WRITES | 1u << SHED_ENDS)) {
        census_restart(c);
    }
    if (steps & (1u << SHED_RESULTS | 1u << SHED_TASKS | 1u << SHED_ENDS)) {
        results_restart(c);
        c->inspect.next_us = c->inspect.denied ? c->inspect.next_us : 0;
    }
}

void narrow_step(struct narrow *w, bool subscribed, int64_t now_us)
{
    const struct collect *c = w->c;
    enum shed_step step;
    tell_unheeded(w, now_us);
    if (!subscribed || !link_is_ready(w->feed)) {
        return;
    }
    bool known = c->info_read && !c->site[w->site].apart; /* whose INFO it is */
    w->signs.now_us = now_us;
    w->signs.behind_us = link_behind_us(w->feed);
    w->signs.settled = link_pending(w->feed) == 0;
    w->signs.ops = known ? c->info.info.instantaneous_ops_per_sec : -1;
    look(w, now_us);
    if (w->widening && w->signs.settled) {
        heard_again(w);
    }
    switch (shed_judge(&w->shed, &w->signs, &step)) {
    case SHED_NARROW:
        w->widening &= ~(1u << step);
        change(w, step, false);
        give_reason(w);
        tell(w);
        break;
    case SHED_WIDEN:
        w->widening |= 1u << step;
        change(w, step, true);
        break;
    default:
        break;
    }
}

static bool is_watchful(const struct narrow *w)
{
    return link_behind_us(w->feed) > 0 || w->looking || not_heard(w) || w->signs.queued > 0;
}

bool narrow_any_is_watchful(const struct collect *c)
{
    bool any = is_watchful(&c->feed.narrow);
    for (int i = 0; i < SITE_COUNT; i++) {
        any = any || (c->site[i].own_feed && is_watchful(&c->site[i].narrow));
    }
    return any;
}

void narrow_init(struct narrow *w, struct collect *c, enum site site)
{
    *w = (struct narrow){
        .c = c, .feed = c->site[site].feed, .site = site, .held_bytes = -1, .cut_bytes = -1, .behind_us = -1};
    shed_init(&w->shed);
    w->signs.queued = w->signs.ops = -1;
    w->signs.hard = SHED_HARD_BYTES;
    w->signs.soft = SHED_SOFT_BYTES;
    for (int i = 0; i < SHED_STEPS; i++) {
        struct names n = {.channels = 0};
        add_step(w, &n, (enum shed_step)i);
        w->signs.absent |= n.channels || n.patterns ? 0 : 1u << i;
    }
}

void narrow_lost(struct narrow *w)
{
    bool said = not_heard(w) != 0;
    bool narrow = shed_lost(&w->shed, &w->signs);
    w->widening = 0;
    w->signs.queued = -1;
    w->signs.behind_us = 0;
    w->looking = w->queue_denied = w->limit_asked = false;
    if (narrow) {
        w->held_bytes = w->behind_us = -1;
    }
    if (narrow || said) {
        tell(w);
    }
}
