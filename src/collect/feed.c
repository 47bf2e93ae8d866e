/* feed: what Redis and Celery say by themselves. Subscribed narrowly: keyevent channels by name (no pattern
 * over all keys), results as they are published, and worker events. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/num.h"

#include "redai/schema/control.h"

#define CONFIG_KEY "notify-keyspace-events"
#define CHANGES    "Eg$xe" /* the classes of which a change of a key is one */

bool feed_is_live(const struct collect *c)
{
    return c->feed.subscribed && c->feed.hears_changes && link_is_ready(c->feed_link) &&
           !narrow_is_deaf(c, SHED_WRITES) && !narrow_is_deaf(c, SHED_ENDS);
}

void feed_started(struct collect *c)
{
    c->feed.seen = 0; /* another server may stand behind the address now */
    if (c->feed.config_denied) {
        c->feed.state = NOTIFY_STATE_UNKNOWN;
        c->feed.hears_changes = false;
    }
    c->feed.subscribed = narrow_subscribe(&c->feed.narrow);
}

static void tell_feed(struct collect *c, enum fact_link_state state)
{
    struct fact f = {.kind = FACT_LINK,
                     .link = {.role = LINK_ROLE_FEED,
                              .state = state,
                              .error = span_of(c->feed.refused),
                              .retry_at_us = -1,
                              .heard_us = -1}};
    collect_emit(c, &f);
}

/* The connection stands and is silent: as good as none. */
void feed_refused(void *user, struct span error)
{
    struct collect *c = user;
    bool known = c->feed.refused[0] != '\0';
    c->feed.subscribed = false;
    c->feed.ask_again_us = clock_mono_us() + collect_pause_us(error);
    snprintf(c->feed.refused, sizeof c->feed.refused, "%.*s", (int)error.len, error.data);
    if (!known) {
        tell_feed(c, FACT_LINK_DOWN);
    }
}

void feed_catch_up(struct collect *c)
{
    census_restart(c);
    if (c->site[SITE_RESULTS].feed == c->feed_link) {
        results_restart(c);
    }
    c->inspect.next_us = c->inspect.denied ? c->inspect.next_us : 0;
}

void feed_step(struct collect *c, int64_t now_us)
{
    struct feed *f = &c->feed;
    if (!f->refused[0] || !link_is_ready(c->feed_link)) {
        return;
    }
    if (!f->asking_again && now_us >= f->ask_again_us) {
        f->asking_again = true;
        feed_started(c);
    } else if (f->asking_again && link_pending(c->feed_link) == 0) {
        f->asking_again = false;
        if (f->subscribed) {
            f->refused[0] = '\0';
            tell_feed(c, FACT_LINK_UP);
            feed_catch_up(c);
        }
    }
}

/* --- how far notifications are on --- */

static void tell_state(struct collect *c)
{
    UT_string missing;
    utstring_init(&missing);
    struct span present = span_of(c->feed.present);
    if (!c->feed.config_denied) {
        notify_missing(present, &missing);
        c->feed.state = !present.len             ? NOTIFY_STATE_OFF
                        : utstring_len(&missing) ? NOTIFY_STATE_PARTIAL
                                                 : NOTIFY_STATE_ON;
        if (c->feed.state == NOTIFY_STATE_PARTIAL && !memchr(present.data, 'E', present.len)) {
            c->feed.state = NOTIFY_STATE_OFF; /* classes without the E channel reach nobody here */
        }
        /* Misses change nothing: "KEA", all classes by its name, lacks them alone. */
        c->feed.hears_changes = present.len && !strpbrk(utstring_body(&missing), CHANGES);
    } else {
        /* Only what arrives tells. Sets and expires are seen wherever sessions are used. */
        bool some = c->feed.seen != 0;
        c->feed.state = some ? NOTIFY_STATE_PARTIAL : NOTIFY_STATE_UNKNOWN;
        if ((c->feed.seen & (1u << NOTIFY_SET)) && (c->feed.seen & (1u << NOTIFY_EXPIRE)) &&
            (c->feed.seen & ((1u << NOTIFY_EXPIRED) | (1u << NOTIFY_DEL)))) {
            c->feed.state = NOTIFY_STATE_ON;
        }
        c->feed.hears_changes = c->feed.state == NOTIFY_STATE_ON;
    }
    struct fact f = {.kind = FACT_NOTIFY,
                     .notify = {c->feed.state, present, text_span(&missing), span_of(c->feed.why)}};
    collect_emit(c, &f);
    utstring_done(&missing);
}

static void on_config(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (!r) {
        return;
    }
    struct span value;
    bool heard_before = c->feed.hears_changes;
    c->feed.present[0] = c->feed.why[0] = '\0';
    if (reply_count(r) >= 2 && reply_string(reply_at(r, 1), &value)) {
        c->feed.config_denied = false;
        snprintf(c->feed.present, sizeof c->feed.present, "%.*s", (int)value.len, value.data);
    } else {
        struct span why = reply_is_error(r) ? reply_error(r) : S("CONFIG GET gave no value");
        c->feed.config_denied = true;
        snprintf(c->feed.why, sizeof c->feed.why, "%.*s", (int)why.len, why.data);
    }
    c->notify_known = true;
    tell_state(c);
    if (!heard_before && c->feed.hears_changes) {
        census_restart(c); /* what happened before they were on is known by a walk only */
        collect_soon(c, 0);
    }
}

void feed_ask_config(struct collect *c)
{
    c->feed.asked_us = clock_mono_us();
    link_command(c->poll, on_config, c, S("CONFIG"), S("GET"), S(CONFIG_KEY));
}

bool feed_hears_misses(const struct collect *c)
{
    UT_string missing;
    if (!c->feed.subscribed || !link_is_ready(c->feed_link) || narrow_is_deaf(c, SHED_MISSES)) {
        return false;
    }
    if (c->feed.config_denied) {
        return c->feed.seen & (1u << NOTIFY_KEYMISS);
    }
    utstring_init(&missing);
    notify_missing(span_of(c->feed.present), &missing);
    bool hears = c->feed.present[0] && !strpbrk(utstring_body(&missing), "Em");
    utstring_done(&missing);
    return hears;
}

/* --- events --- */

static bool is_celerys(const struct collect *c, enum key_kind kind, struct span key)
{
    return key_kind_is_celerys(kind) || queues_has_list(c, key) ||
           (kind == KEY_BARE ? span_equal(key, S(FAMILY_CELERY)) /* its default queue */
                             : span_starts(key, S("celery-taskset-meta-")));
}

bool feed_is_celerys(const struct collect *c, struct span key)
{
    struct span id;
    return is_celerys(c, keyname_kind(key, &id), key);
}

static void on_session_event(struct collect *c, enum notify_event event, struct span id)
{
    switch (event) {
    case NOTIFY_SET:
    case NOTIFY_RESTORE:
    case NOTIFY_RENAME_TO:
        reader_mark(c, TARGET_SESSION, id, true);
        break;
    case NOTIFY_EXPIRE:
    case NOTIFY_PERSIST:
        /* A session the model does not hold has a value to be read as well. */
        reader_mark(c, TARGET_SESSION, id, !c->options.known(c->options.ctx, TARGET_SESSION, id));
        break;
    case NOTIFY_DEL:
    case NOTIFY_EXPIRED:
    case NOTIFY_EVICTED:
    case NOTIFY_RENAME_FROM: {
        struct fact f = {.kind = FACT_SESSION_GONE, .session_gone = {.id = id}};
        f.session_gone.reason = event == NOTIFY_DEL       ? GONE_DELETED
                                : event == NOTIFY_EXPIRED ? GONE_EXPIRED
                                : event == NOTIFY_EVICTED ? GONE_EVICTED
                                                          : GONE_RENAMED;
        reader_forget(c, TARGET_SESSION, id);
        index_session_ends(c, id, event == NOTIFY_EXPIRED || event == NOTIFY_EVICTED);
        collect_emit(c, &f);
        break;
    }
    default:
        break;
    }
}

static void on_batch_event(struct collect *c, enum notify_event event, struct span id)
{
    switch (event) {
    case NOTIFY_SET:
    case NOTIFY_RESTORE:
    case NOTIFY_RENAME_TO:
        reader_mark(c, TARGET_TASK, id, true);
        break;
    case NOTIFY_DEL:
    case NOTIFY_RENAME_FROM:
        batches_gone(c, id, GONE_DELETED);
        break;
    case NOTIFY_EXPIRED:
        batches_gone(c, id, GONE_EXPIRED);
        break;
    case NOTIFY_EVICTED:
        batches_gone(c, id, GONE_EVICTED);
        break;
    default:
        break;
    }
}

/* Events that came with one read were heard at one time: in a storm two clocks an event would be a sixth of
 * all that an event costs. */
void feed_emit_heard(struct collect *c, struct fact *f)
{
    int64_t bytes = link_cost(c->feed_link).bytes_in;
    if (bytes != c->feed.heard_bytes) {
        c->feed.heard_bytes = bytes;
        c->feed.heard_us = clock_mono_us();
        c->feed.heard_wall_us = clock_wall_us();
    }
    f->at_us = c->feed.heard_us;
    f->wall_us = c->feed.heard_wall_us;
    c->options.sink(c->options.ctx, f);
}

static bool is_end(enum notify_event event)
{
    return event == NOTIFY_DEL || event == NOTIFY_EXPIRED || event == NOTIFY_EVICTED;
}

static inline void note_seen(struct collect *c, enum notify_event event)
{
    if (!(c->feed.seen & (1u << event))) {
        c->feed.seen |= 1u << event;
        if (c->feed.config_denied) {
            tell_state(c);
        }
    }
}

static void on_key_event(struct collect *c, enum notify_event event, struct span key)
{
    note_seen(c, event);
    if (c->feed.burst.open && burst_take(c, event, key)) {
        return;
    }
    struct span id;
    enum key_kind kind = keyname_kind(key, &id);
    /* Looking for work in an empty queue is no cache miss, whoever does it; a result that is not there is a
     * miss of its family, but none of the cache either. */
    if (event == NOTIFY_KEYMISS) {
        tracer_miss(c, key);
    }
    if (event == NOTIFY_KEYMISS && is_celerys(c, kind, key)) {
        c->feed.celery_misses++;
        if (kind != KEY_TASK_META) {
            return;
        }
    }
    struct fact f;
    f.kind = FACT_KEY_EVENT; /* not zeroed whole: this path runs hundreds of thousands of times a second */
    f.key_event = (struct fact_key_event){event, key, 1};
    feed_emit_heard(c, &f);
    switch (kind) {
    case KEY_SESSION:
        on_session_event(c, event, id);
        break;
    case KEY_BATCH_PROGRESS:
        on_batch_event(c, event, id);
        break;
    case KEY_USER_SESSIONS:
        index_event(c, event, id);
        break;
    case KEY_TASK_META:
        if (is_end(event)) {
            results_gone(c, key);
        }
        break;
    default:
        break;
    }
}

static void on_result_event(struct collect *c, enum notify_event event, struct span key)
{
    if (is_end(event)) {
        results_gone(c, key);
    } else if (event == NOTIFY_KEYMISS) {
        note_seen(c, event);
        c->feed.celery_misses += feed_is_celerys(c, key);
    }
}

static void on_worker(struct collect *c, struct span payload)
{
    struct worker_beat b;
    if (!worker_beat_decode(&b, payload)) {
        return;
    }
    struct fact f = {.kind = FACT_WORKER,
                     .worker = {.name = span_of(b.hostname),
                                .event = b.event == WORKER_ONLINE    ? FACT_WORKER_ONLINE
                                         : b.event == WORKER_OFFLINE ? FACT_WORKER_OFFLINE
                                                                     : FACT_WORKER_HEARTBEAT,
                                .active = b.active,
                                .processed = b.processed,
                                .freq = b.freq,
                                .pid = b.pid,
                                .load1 = b.load[0],
                                .load5 = b.load[1],
                                .load15 = b.load[2],
                                .software = span_of(b.software),
                                .sent_wall_us = b.timestamp > 0. && b.timestamp < 1e11
                                                    ? (int64_t)(b.timestamp * 1e6)
                                                    : -1}};
    collect_emit(c, &f);
    inspect_heard_beat(c, f.worker.name, b.event == WORKER_OFFLINE);
    worker_beat_release(&b);
}

static void on_task(void *ctx, const struct task_event *e)
{
    struct collect *c = ctx;
    struct fact f = {.kind = FACT_TASK_EVENT,
                     .task_event = {.id = e->id,
                                    .event = e->type,
                                    .worker = e->type == TASK_EVENT_SENT ? S("") : e->hostname,
                                    .name = e->name,
                                    .args = e->args,
                                    .kwargs = e->kwargs,
                                    .root_id = e->root_id,
                                    .parent_id = e->parent_id,
                                    .queue = e->queue,
                                    .retries = e->retries,
                                    .eta_wall_us = e->eta_wall_us,
                                    .expires_wall_us = e->expires_wall_us,
                                    .text = e->text,
                                    .exception = e->exception,
                                    .runtime_s = e->runtime_s,
                                    .terminated = e->terminated,
                                    .expired = e->expired,
                                    .requeue = e->requeue,
                                    .sent_wall_us = e->sent_wall_us}};
    feed_emit_heard(c, &f);
}

/* A storm comes on one channel or two: what such a one means is looked up once. */
static inline bool which_event(struct collect *c, struct span channel, int *ret_db,
                               enum notify_event *ret_event)
{
    if (channel.len < 3) {
        return false;
    }
    /* Letters that tell nearly all of them apart. */
    const unsigned char *end = (const unsigned char *)channel.data + channel.len;
    unsigned slot = ((unsigned)channel.len * 5 + end[-1] * 3u + end[-3]) % FEED_CHANNELS;
    struct feed_channel *known = &c->feed.channel[slot];
    if (known->len != channel.len || memcmp(known->name, channel.data, channel.len) != 0) {
        if (!notify_channel(channel, ret_db, ret_event)) {
            return false;
        }
        if (channel.len > sizeof known->name) {
            return true;
        }
        known->len = channel.len;
        memcpy(known->name, channel.data, channel.len);
        known->db = *ret_db;
        known->event = *ret_event;
    }
    *ret_db = known->db;
    *ret_event = known->event;
    return true;
}

static void on_celerys(struct collect *c, struct narrow *w, struct span pattern, struct span channel,
                       struct span payload)
{
    const struct span meta = SPAN_LITERAL("celery-task-meta-");
    if (span_starts(channel, meta)) {
        if (narrow_heeds(w, SHED_RESULTS)) {
            results_published(c, span_skip(channel, meta.len), payload);
        }
    } else if (span_ends(pattern, S("/task.*"))) {
        if (narrow_heeds(w, SHED_TASKS)) {
            task_events_decode(payload, on_task, c);
        }
    } else {
        on_worker(c, payload);
    }
}

void feed_burst(void *user, bool begins)
{
    struct collect *c = user;
    c->feed.burst.open = begins;
    if (!begins) {
        burst_tell(c);
    }
}

void feed_apart(struct collect *c, struct narrow *w, struct span pattern, struct span channel,
                struct span payload)
{
    int db;
    enum notify_event event;
    c->feed.heard_bytes = -1; /* these are another link's */
    if (pattern.len) {
        on_celerys(c, w, pattern, channel, payload);
    } else if (notify_channel(channel, &db, &event) &&
               narrow_heeds(w, event == NOTIFY_KEYMISS ? SHED_MISSES : SHED_ENDS)) {
        on_result_event(c, event, payload);
    }
}

void feed_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    static const unsigned char step_of[NOTIFY_EVENT_COUNT] = {
        [NOTIFY_SET] = SHED_WRITES,     [NOTIFY_DEL] = SHED_ENDS,           [NOTIFY_EXPIRE] = SHED_WRITES,
        [NOTIFY_EXPIRED] = SHED_ENDS,   [NOTIFY_EVICTED] = SHED_ENDS,       [NOTIFY_KEYMISS] = SHED_MISSES,
        [NOTIFY_PERSIST] = SHED_WRITES, [NOTIFY_RENAME_FROM] = SHED_WRITES, [NOTIFY_RENAME_TO] = SHED_WRITES,
        [NOTIFY_RESTORE] = SHED_WRITES, [NOTIFY_OTHER] = SHED_WRITES,
    };
    struct collect *c = user;
    struct narrow *w = &c->feed.narrow;
    int db;
    enum notify_event event;
    if (pattern.len) {
        on_celerys(c, w, pattern, channel, payload);
        return;
    }
    if (!which_event(c, channel, &db, &event)) {
        return;
    }
    w->signs.heard[step_of[event]]++;
    if (w->deaf & 1u << event) {
        w->unheeded[event] += db == c->address.db;
    } else if (db == c->address.db) {
        on_key_event(c, event, payload);
    } else if (sites_hear(c, db)) {
        on_result_event(c, event, payload);
    }
}
