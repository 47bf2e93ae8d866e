/* census: the single walk of the keyspace. SCAN with COUNT, one page in flight; the first walk goes as fast
 * as the budget lets it, later ones are spread out. It counts keys by family for every pane, takes a small
 * sample of each family (TTL and size), and finds sessions, batches, bindings and lists that may be queues.
 */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/num.h"

enum { BACKLOG_MAX = 20000, FREE_KEYS = 10000 };
#define TELL_US (250 * US_PER_MS)
#define CALM_US (30 * US_PER_S) /* far from an age that is called stale */

static void on_page(void *user, const struct reply *r);

void census_restart(struct collect *c)
{
    c->census.distrust = true;
    c->census.clean = false;
    peek_family_restart(c);
    c->census.void_pages += c->census.in_flight;
    c->census.walking = false;
    c->census.complete = false;
    c->census.in_flight = false;
    c->census.rest_until_us = 0;
    c->census.next_us = 0;
}

void census_collect(struct collect *c)
{
    c->census.wanted = true;
    /* A first walk is in haste and needed by all; one that only refreshes may begin anew. */
    if (c->census.walking && c->census.complete) {
        c->census.walking = false;
        c->census.clean = false;
        struct fact f = {.kind = FACT_CENSUS,
                         .census = {CENSUS_ABANDONED, c->census.walked, c->census.expected}};
        collect_emit(c, &f);
    }
}

void census_flushed(struct collect *c)
{
    if (!c->census.complete) {
        census_restart(c); /* what it has counted is there no more */
    }
    census_collect(c);
}

static void tell_phase(struct collect *c, enum census_phase phase)
{
    struct fact f = {.kind = FACT_CENSUS, .census = {phase, c->census.walked, c->census.expected}};
    collect_emit(c, &f);
}

/* --- the walk --- */

static void on_size(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t n;
    if (reply_int(r, &n)) {
        c->census.expected = n;
    }
}

static void begin(struct collect *c, int64_t now_us)
{
    tally_begin(c, now_us);
    c->census.reread |= c->census.distrust;
    c->census.distrust = false;
    c->census.clean = false;
    peek_family_start(c);
    c->census.walking = true;
    c->census.last_page = false;
    c->census.fenced = false;
    c->census.begun_us = now_us;
    c->census.rest_until_us = 0;
    c->census.walked = 0;
    c->census.expected = -1;
    /* The newest INFO, also one that waits for its time to be told. */
    c->census.changes = c->info_read || c->info_waits ? c->info.info.rdb_changes_since_last_save : -1;
    c->census.candidates = 0;
    c->salt = c->salt * UINT64_C(6364136223846793005) + 1;
    snprintf(c->census.cursor, sizeof c->census.cursor, "0");
    tell_phase(c, CENSUS_BEGIN);
    link_command(c->poll, on_size, c, S("DBSIZE"));
}

/* Small keyspaces are walked again soon, large ones after the configured time. */
static int64_t pause_us(const struct collect *c)
{
    int64_t pause = c->census.walked / WALK_PAGE * US_PER_S / 2;
    pause = pause < 5 * US_PER_S ? 5 * US_PER_S : pause;
    return pause < c->options.census_us ? pause : c->options.census_us;
}

/* Since the last walk began the server has counted no write (also of those that no event tells: of hashes,
 * sets, lists), and there are as many keys as then, so none has expired: it would find the same. Redis counts
 * writes from its last snapshot on (INFO, rdb_changes_since_last_save); one that is made meanwhile changes
 * that number, too. */
static bool nothing_happened(const struct collect *c)
{
    const struct census *w = &c->census;
    const struct info *info = &c->info.info;
    int db = c->address.db;
    return w->clean && feed_is_live(c) && db >= 0 && db < INFO_DBS && info->db[db].keys == w->expected &&
           w->changes >= 0 && info->rdb_changes_since_last_save == w->changes;
}

static void end(struct collect *c, int64_t now_us)
{
    bool first = !c->census.complete;
    tally_end(c, now_us);
    c->census.walking = false;
    c->census.complete = true;
    c->census.reread = false;
    c->census.clean = true;
    c->census.ended_us = now_us;
    c->census.next_us = now_us + pause_us(c);
    tell_phase(c, CENSUS_END);
    if (first) {
        index_first_walk_ends(c);
    }
    reader_tell_fresh(c, true, true);
    collect_poll_result(c, TOPIC_CACHE, true, S(""));
    peek_family_end(c);
}

static void on_session_key(struct collect *c, struct span id)
{
    bool known = c->options.known(c->options.ctx, TARGET_SESSION, id);
    if (known) {
        struct fact f = {.kind = FACT_SESSION_TTL, .session_ttl = {.id = id, .pttl_ms = -2}};
        collect_emit(c, &f);
    }
    if (!known || c->census.reread || !feed_is_live(c)) {
        reader_mark(c, TARGET_SESSION, id, true);
    }
}

/* Celery's own things, when its broker is in this database. */
static void on_brokers_key(struct collect *c, struct span key, enum key_kind kind, struct span id)
{
    switch (kind) {
    case KEY_BINDING:
        queues_binding(c, key, id);
        break;
    case KEY_PRIORITY_LIST:
        queues_found(c, id, QUEUE_FOUND);
        break;
    case KEY_REPLY_BOX:
        inspect_box_leftover(c, key);
        break;
    default:
        queues_candidate(c, key);
        break;
    }
}

static void on_key(struct collect *c, struct span key)
{
    struct span id;
    enum key_kind kind = keyname_kind(key, &id);
    const struct tally_family *t = tally_key(c, key, kind, id);
    if (c->peek.collect_keys) {
        peek_family_key(c, key, t);
    }
    switch (kind) {
    case KEY_SESSION:
        on_session_key(c, id);
        break;
    case KEY_USER_SESSIONS:
        index_seen(c, id);
        break;
    case KEY_BATCH_PROGRESS:
        if (c->census.reread || !feed_is_live(c) || !c->options.known(c->options.ctx, TARGET_TASK, id)) {
            reader_mark(c, TARGET_TASK, id, true);
        }
        break;
    case KEY_OTHER:
        if (!t->is_list) {
            break;
        }
        /* fallthrough */
    case KEY_BINDING:
    case KEY_PRIORITY_LIST:
    case KEY_BARE:
    case KEY_REPLY_BOX:
        if (!sites_broker_is_off(c)) {
            on_brokers_key(c, key, kind, id);
        }
        break;
    default:
        break;
    }
}

static void ask_page(struct collect *c)
{
    char count[24];
    snprintf(count, sizeof count, "%zu", c->census.complete ? c->pace.page_again : c->pace.page);
    c->census.asked_us = clock_mono_us();
    c->census.in_flight =
        link_command(c->poll, on_page, c, S("SCAN"), span_of(c->census.cursor), S("COUNT"), span_of(count));
}

static void fail(struct collect *c, const struct reply *r)
{
    collect_poll_result(c, TOPIC_SESSIONS, false, collect_error(r));
    collect_poll_result(c, TOPIC_CACHE, false, collect_error(r));
    collect_poll_result(c, TOPIC_BATCHES, false, collect_error(r));
    tell_phase(c, CENSUS_ABANDONED);
    c->census.walking = false;
    c->census.next_us = clock_mono_us() + 5 * US_PER_S;
    peek_family_end(c);
}

/* A small keyspace is seen at once, unless somebody asked for less than usual. */
static bool is_free(const struct collect *c)
{
    return c->census.walked < FREE_KEYS && !pace_is_gentle(&c->pace);
}

/* A walk that only refreshes is spread out: four pages a second while notifications keep the rest true, more
 * while they do not. A thousand keys are about 50 kB of names, so haste would cost more than it tells. */
static int64_t rest_us(struct collect *c, int64_t took_us)
{
    if (!c->census.complete) {
        int64_t rest = pace_page(&c->pace, took_us);
        return is_free(c) ? 0 : rest;
    }
    if (c->peek.collect_keys) {
        return 0; /* somebody waits for them */
    }
    return pace_page_again(&c->pace, took_us, feed_is_live(c) ? 4 : 40);
}

static void on_page(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (c->census.void_pages) {
        c->census.void_pages--;
        return;
    }
    c->census.in_flight = false;
    if (!r || !c->census.walking) {
        return; /* the connection's end is told elsewhere */
    }
    struct span cursor;
    if (reply_count(r) != 2 || !reply_string(reply_at(r, 0), &cursor) || !cursor.len ||
        cursor.len >= sizeof c->census.cursor) {
        fail(c, r);
        return;
    }
    const struct reply *keys = reply_at(r, 1);
    for (size_t i = 0; i < reply_count(keys); i++) {
        on_key(c, reply_text(reply_at(keys, i)));
    }
    c->census.walked += (int64_t)reply_count(keys);
    if (!is_free(c)) {
        pace_charge(&c->pace, c->tallies.sent);
    }
    c->tallies.sent = 0;
    snprintf(c->census.cursor, sizeof c->census.cursor, "%.*s", (int)cursor.len, cursor.data);
    c->census.last_page = span_equal(cursor, S("0"));
    int64_t now = clock_mono_us();
    c->census.rest_until_us = now + rest_us(c, now - c->census.asked_us);
    if (now - c->census.told_us >= TELL_US) {
        c->census.told_us = now;
        tell_phase(c, CENSUS_PROGRESS);
        if (!c->census.complete) {
            tally_tell(c);
        }
    }
    census_step(c, now);
    collect_soon(c, census_wait_us(c, now));
}

int64_t census_wait_us(const struct collect *c, int64_t now_us)
{
    int64_t wait_us = c->census.rest_until_us - now_us;
    return wait_us < 0 ? 0 : wait_us;
}

/* What was asked about the last keys is answered before this PING. */
static void on_fence(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (r && c->census.walking && c->census.fenced) {
        end(c, clock_mono_us());
    }
}

void census_step(struct collect *c, int64_t now_us)
{
    struct census *w = &c->census;
    if (w->in_flight) {
        return;
    }
    if (!w->walking) {
        int64_t calm_us = c->options.census_us < CALM_US ? c->options.census_us : CALM_US;
        bool is_due = now_us >= w->next_us && (now_us >= w->ended_us + calm_us || !nothing_happened(c));
        if (!is_due && !w->wanted) {
            return;
        }
        w->wanted = false;
        begin(c, now_us);
    } else if (w->last_page) {
        /* All pages are in. The first walk ends when what it found has been read. */
        if (!w->fenced && (w->complete || (!c->reader.count && !c->reader.in_flight))) {
            w->fenced = link_command(c->poll, on_fence, c, S("PING"));
        }
        return;
    }
    if (now_us < w->rest_until_us || c->reader.count > BACKLOG_MAX || peek_family_is_full(c)) {
        return;
    }
    if (pace_take(&c->pace, 1, now_us)) {
        ask_page(c);
    }
}
