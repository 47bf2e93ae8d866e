/* reader: reads sessions and batch progress that a walk found or an event made stale. Each key once however
 * many events came; drained ten times a second (in groups, twenty times, while much is waiting), within the
 * budget. What is known but for its newest renewal, or was read a moment ago, waits for a second: a user's
 * requests renew the session again and again, and a batch moves faster than anybody reads. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/schema/progress.h"
#include "redai/schema/session_value.h"

enum { IN_FLIGHT_MAX = 1000, DIRTY_MAX = 200000, HURRY = 200 };
#define DRAIN_US (100 * US_PER_MS)
#define LATER_US (1 * US_PER_S)

struct read {
    struct collect *c;
    int64_t pttl; /* -2: gone; INT64_MIN: unreadable */
    bool value;
    bool first; /* of a session that nobody knows yet */
    enum target_kind kind;
    size_t len;
    char id[];
};

static void add_due(struct collect *c, struct dirty *d)
{
    HASH_ADD(hh, c->reader.set, id, d->len, d);
    if (c->reader.count++ == 0) {
        collect_soon(c, DRAIN_US / 2);
    }
}

/* When it is read; 0: with the next. While nobody tells of changes every read is a poll, and none waits. */
static int64_t due_of(struct collect *c, enum target_kind kind, struct span id, bool value)
{
    if (!feed_is_live(c) || !c->census.complete) {
        return 0;
    }
    if (kind == TARGET_SESSION) {
        bool renewal = !value && c->options.known(c->options.ctx, TARGET_SESSION, id);
        return renewal ? clock_mono_us() + LATER_US : 0;
    }
    const struct watched_batch *w = batches_find(c, id);
    int64_t due_us = w && w->asked_us ? w->asked_us + LATER_US : 0;
    return due_us > clock_mono_us() ? due_us : 0;
}

static struct dirty **waiting_of(struct collect *c, enum target_kind kind)
{
    return kind == TARGET_SESSION ? &c->reader.renewed : &c->reader.moving;
}

static struct dirty *add(struct collect *c, struct span name, bool value)
{
    enum target_kind kind = (enum target_kind)name.data[0];
    struct dirty *d = mem_zalloc(sizeof *d + name.len);
    memcpy(d->id, name.data, name.len);
    d->len = name.len;
    d->due_us = due_of(c, kind, span_skip(name, 1), value);
    if (d->due_us) {
        struct dirty **waiting = waiting_of(c, kind);
        HASH_ADD(hh, *waiting, id, d->len, d);
    } else {
        add_due(c, d);
    }
    return d;
}

static void come_due(struct collect *c, struct dirty *d)
{
    struct dirty **waiting = waiting_of(c, (enum target_kind)d->id[0]);
    if (*waiting) {
        HASH_DEL(*waiting, d);
    }
    d->due_us = 0;
    add_due(c, d);
}

/* Those whose time has come. Of renewals the first that has not ends it: all wait as long. */
static void take_due(struct collect *c, int64_t now_us)
{
    struct dirty *d, *next;
    while (c->reader.renewed && c->reader.renewed->due_us <= now_us) {
        come_due(c, c->reader.renewed);
    }
    hash_each (c->reader.moving, d, next) {
        if (d->due_us <= now_us) {
            come_due(c, d);
        }
    }
}

/* A key of the sets: the kind's byte, then the id. */
struct name {
    char small[300];
    char *text;
    size_t len;
};

static void name_make(struct name *n, enum target_kind kind, struct span id)
{
    n->len = id.len + 1;
    n->text = n->len <= sizeof n->small ? n->small : mem_zalloc(n->len);
    n->text[0] = (char)kind;
    memcpy(n->text + 1, id.data, id.len);
}

static void name_release(struct name *n)
{
    if (n->text != n->small) {
        mem_free(n->text);
    }
}

void reader_mark(struct collect *c, enum target_kind kind, struct span id, bool value)
{
    struct name n;
    struct dirty *d;
    name_make(&n, kind, id);
    HASH_FIND(hh, c->reader.set, n.text, n.len, d);
    if (!d) {
        HASH_FIND(hh, *waiting_of(c, kind), n.text, n.len, d);
    }
    if (!d && c->reader.count + HASH_COUNT(c->reader.renewed) + HASH_COUNT(c->reader.moving) >= DIRTY_MAX) {
        c->census.distrust = true; /* shed: the next walk reads it */
    } else if (!d) {
        d = add(c, span_make(n.text, n.len), value);
    } else if (d->due_us && !due_of(c, kind, id, value)) {
        come_due(c, d);
    }
    if (d) {
        d->value |= value;
    }
    name_release(&n);
}

void reader_forget(struct collect *c, enum target_kind kind, struct span id)
{
    struct name n;
    struct dirty *d;
    name_make(&n, kind, id);
    HASH_FIND(hh, *waiting_of(c, kind), n.text, n.len, d);
    if (d) {
        HASH_DEL(*waiting_of(c, kind), d);
        mem_free(d);
    }
    name_release(&n);
}

static void drop_all(struct dirty **set)
{
    struct dirty *d, *next;
    hash_each (*set, d, next) {
        HASH_DEL(*set, d);
        mem_free(d);
    }
}

void reader_clear(struct collect *c)
{
    drop_all(&c->reader.set);
    drop_all(&c->reader.renewed);
    drop_all(&c->reader.moving);
    c->reader.count = 0;
}

static void tell_one(struct collect *c, enum topic topic, const char *denied)
{
    collect_poll_result(c, topic, !denied[0], span_of(denied));
}

void reader_tell_fresh(struct collect *c, bool sessions, bool batches)
{
    if (sessions) {
        tell_one(c, TOPIC_SESSIONS, c->denied.sessions);
    }
    if (batches) {
        tell_one(c, TOPIC_BATCHES, c->denied.batches);
    }
}

static void tell_session(struct read *rd, const struct reply *r)
{
    struct span json = S("");
    struct session_value v = {.created_us = -1, .updated_us = -1};
    if (reply_string(r, &json)) {
        session_value_decode(&v, json);
        if (json.len == VALUE_CAP && v.form != SESSION_FORM_OK) {
            v.form = SESSION_FORM_TRUNCATED;
        }
    } else if (span_starts(collect_error(r), S("WRONGTYPE"))) {
        v.form = SESSION_FORM_WRONG_TYPE;
    } else {
        collect_deny(rd->c->denied.sessions, collect_error(r));
        reader_tell_fresh(rd->c, true, false);
        return;
    }
    rd->c->denied.sessions[0] = '\0';
    struct fact f = {.kind = FACT_SESSION,
                     .session = {.id = {rd->id, rd->len},
                                 .form = v.form,
                                 .user_id = span_of(v.user_id),
                                 .name = span_of(v.name),
                                 .email = span_of(v.email),
                                 .role = span_of(v.role),
                                 .created_us = v.created_us,
                                 .updated_us = v.updated_us,
                                 .pttl_ms = rd->pttl == INT64_MIN ? -2 : rd->pttl,
                                 .bytes = json.len < VALUE_CAP ? (int64_t)json.len : -1}};
    index_session_read(rd->c, &f);
    session_value_release(&v);
}

static void tell_progress(struct read *rd, const struct reply *r)
{
    struct span json = S("");
    struct progress p = {.current = -1, .total = -1};
    if (reply_string(r, &json)) {
        progress_decode(&p, json);
    } else if (!span_starts(collect_error(r), S("WRONGTYPE"))) {
        collect_deny(rd->c->denied.batches, collect_error(r));
        reader_tell_fresh(rd->c, false, true);
        return;
    }
    rd->c->denied.batches[0] = '\0';
    struct fact f = {.kind = FACT_BATCH,
                     .batch = {.id = {rd->id, rd->len},
                               .origin = BATCH_PROGRESS_KEY,
                               .valid = p.valid,
                               .current = p.current,
                               .total = p.total,
                               .percentage = p.percentage,
                               .status = span_of(p.status),
                               .error = span_of(p.error),
                               .pttl_ms = rd->pttl == INT64_MIN ? -2 : rd->pttl}};
    batches_seen(rd->c, f.batch.id);
    struct watched_batch *w = batches_find(rd->c, f.batch.id);
    if (w) {
        w->key_seen = true;
        w->key_gone = false;
    }
    collect_emit(rd->c, &f);
    progress_release(&p);
}

static void tell_gone(struct read *rd)
{
    struct span id = {rd->id, rd->len};
    if (rd->kind == TARGET_TASK) {
        struct watched_batch *w = batches_find(rd->c, id);
        if (w && w->key_seen) {
            batches_gone(rd->c, id, GONE_UNKNOWN);
        }
        return;
    }
    struct fact f = {.kind = FACT_SESSION_GONE, .session_gone = {.id = id, .reason = GONE_UNKNOWN}};
    index_session_ends(rd->c, id, false);
    collect_emit(rd->c, &f);
}

static void answered(struct collect *c)
{
    if (c->reader.in_flight && --c->reader.in_flight == 0 && !c->census.complete) {
        collect_soon(c, 0); /* the first walk waits for what it found */
    }
}

static void on_ttl(void *user, const struct reply *r)
{
    struct read *rd = user;
    struct collect *c = rd->c;
    if (r) {
        answered(c);
    }
    if (!reply_int(r, &rd->pttl)) {
        rd->pttl = INT64_MIN;
    } else {
        collect_tally_key(c, OWN_KEY_OF(rd->kind), rd->pttl != -2);
    }
    if (rd->value) {
        return; /* the value's reply ends it */
    }
    if (rd->pttl == -2) {
        tell_gone(rd);
    } else if (rd->pttl != INT64_MIN &&
               !c->options.known(c->options.ctx, TARGET_SESSION, (struct span){rd->id, rd->len})) {
        reader_mark(c, TARGET_SESSION, (struct span){rd->id, rd->len}, true); /* only a user's set named it */
    } else if (rd->pttl != INT64_MIN) {
        struct fact f = {.kind = FACT_SESSION_TTL, .session_ttl = {{rd->id, rd->len}, rd->pttl}};
        collect_emit(c, &f);
    }
    mem_free(rd);
}

static void on_value(void *user, const struct reply *r)
{
    struct read *rd = user;
    rd->c->reader.asked -= rd->first;
    if (r) {
        answered(rd->c);
        collect_tally_key(rd->c, OWN_KEY_OF(rd->kind), rd->pttl != -2);
        if (rd->pttl == -2) {
            tell_gone(rd);
        } else if (rd->kind == TARGET_SESSION) {
            tell_session(rd, r);
        } else {
            tell_progress(rd, r);
        }
    }
    mem_free(rd);
}

static bool is_first(const struct collect *c, const struct dirty *d)
{
    return d->id[0] == TARGET_SESSION && d->value &&
           !c->options.known(c->options.ctx, TARGET_SESSION, span_make(d->id + 1, d->len - 1));
}

size_t collect_unread_sessions(const struct collect *c)
{
    size_t n = c ? c->reader.asked : 0;
    for (const struct dirty *d = c ? c->reader.set : NULL; d; d = d->hh.next) {
        n += is_first(c, d);
    }
    return n;
}

/* Sends what reads one key; false when the link is down. */
static bool ask(struct collect *c, const struct dirty *d)
{
    struct read *rd = mem_zalloc(sizeof *rd + d->len);
    rd->c = c;
    rd->kind = (enum target_kind)d->id[0];
    rd->len = d->len - 1;
    rd->value = d->value || rd->kind == TARGET_TASK;
    memcpy(rd->id, d->id + 1, rd->len);
    UT_string key;
    utstring_init(&key);
    text_add(&key, rd->kind == TARGET_SESSION ? S("session:") : S("batch:progress:"));
    text_add(&key, (struct span){rd->id, rd->len});
    bool sent = link_command(c->poll, on_ttl, rd, S("PTTL"), text_span(&key));
    if (sent) {
        struct watched_batch *w =
            rd->kind == TARGET_TASK ? batches_find(c, span_make(rd->id, rd->len)) : NULL;
        if (w) {
            w->asked_us = clock_mono_us();
        }
        c->reader.in_flight++;
        if (rd->value &&
            link_command(c->poll, on_value, rd, S("GETRANGE"), text_span(&key), S("0"), S("4095"))) {
            c->reader.in_flight++;
            rd->first = is_first(c, d);
            c->reader.asked += rd->first;
        }
    } else {
        mem_free(rd);
    }
    utstring_done(&key);
    return sent;
}

int64_t reader_wait_us(const struct collect *c, int64_t now_us)
{
    bool hurries = c->reader.count >= HURRY || !c->census.complete;
    int64_t rest_us = c->reader.purse.spent_us + DRAIN_US - now_us;
    return !c->reader.count ? -1 : hurries || rest_us < 0 ? 0 : rest_us;
}

void reader_step(struct collect *c, int64_t now_us)
{
    take_due(c, now_us);
    size_t waiting = c->reader.count;
    if (!waiting || c->reader.in_flight >= IN_FLIGHT_MAX || reader_wait_us(c, now_us) > 0) {
        return;
    }
    size_t room = IN_FLIGHT_MAX - c->reader.in_flight;
    size_t tokens =
        pace_take_group(&c->pace, &c->reader.purse, waiting * 2 < room ? waiting * 2 : room, now_us);
    struct dirty *d, *next;
    hash_each (c->reader.set, d, next) {
        size_t cost = d->value ? 2 : 1;
        if (tokens < cost || !ask(c, d)) {
            break;
        }
        tokens -= cost;
        HASH_DEL(c->reader.set, d);
        c->reader.count--;
        mem_free(d);
    }
    c->reader.purse.tokens += tokens; /* one is too little for a value: it is laid by */
}
