#include "keep.h"
#include "phrase.h"
#include "undo.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

/* Tries with the indexes watched; one that changes all the time then gets its entries without a TTL. */
enum { TRIES = 5 };

static struct undone *one_at(struct runner *r, size_t i)
{
    struct undo *v = r->work;
    return &v->one[i];
}

static struct undo_index *index_at(struct runner *r, size_t i)
{
    struct undo *v = r->work;
    return VERB_AT(&v->index, struct undo_index, i);
}

static void index_key(const char *user, UT_string *out)
{
    utstring_clear(out);
    utstring_printf(out, "user:%s:sessions", user);
}

/* --- receipts --- */

struct verdict {
    enum action_outcome outcome;
    char *text;
};

/* Its index was seen not to name it, or refused to. What nobody could look at is not known. */
static bool is_unlisted(const struct undone *u)
{
    return u->listed < u->looked || (u->index_error && u->listed < u->entries);
}

static struct verdict judge_done(const struct undone *u, int64_t now)
{
    const struct kept *k = u->kept;
    int64_t ms = kept_pttl_ms(k, now);
    char left[32];

    human_duration(ms * US_PER_MS, left, sizeof left);
    if (k->kind == KEPT_MESSAGE) {
        return (struct verdict){ACTION_DONE, mem_strdup("the message waits again")};
    }
    if (u->read_back && !u->there) {
        return (struct verdict){ACTION_CHANGED, mem_strdup("put back, and gone again")};
    }
    if (is_unlisted(u)) {
        return (struct verdict){ACTION_FAILED, phrase_make("put back, but its index does not name it: %s",
                                                           u->index_error ? u->index_error : "not written")};
    }
    if (u->listed < u->entries) {
        return (struct verdict){ACTION_UNKNOWN,
                                mem_strdup("put back; whether its index names it could not be read back")};
    }
    return (struct verdict){ACTION_DONE,
                            phrase_make("put back, %s%s%s%s", ms < 0 ? "without TTL" : "TTL ",
                                        ms < 0 ? "" : left, u->entries ? ", with its index entry" : "",
                                        u->read_back ? "" : "; it could not be read back")};
}

static struct verdict judge(const struct undone *u, int64_t now)
{
    if (u->poison) {
        return (struct verdict){ACTION_REFUSED, mem_strdup("a worker that takes it exits: not put back")};
    }
    if (u->expired) {
        return (struct verdict){ACTION_GONE, mem_strdup("it would have expired by now")};
    }
    if (u->exists || u->busy) {
        return (struct verdict){ACTION_CHANGED, mem_strdup("it exists again: not written over")};
    }
    if (u->error) {
        return (struct verdict){ACTION_FAILED, phrase_make("the server refused it: %s", u->error)};
    }
    if (u->unsent) {
        return (struct verdict){ACTION_FAILED, mem_strdup("not sent: the connection was lost")};
    }
    if (!u->unanswered) {
        return judge_done(u, now);
    }
    if (u->read_back && !u->there) {
        return (struct verdict){ACTION_FAILED, mem_strdup("the reply never came, and it is not there")};
    }
    if (u->read_back) {
        return (struct verdict){ACTION_UNKNOWN, mem_strdup("the reply never came; it is there")};
    }
    return (struct verdict){ACTION_UNKNOWN, mem_strdup("the reply never came")};
}

static void add_part(UT_string *text, int64_t n, const char *what)
{
    if (n > 0) {
        utstring_printf(text, "%s%" PRId64 " %s", utstring_len(text) ? ", " : ": ", n, what);
    }
}

/* What lives again without an entry in its index, or perhaps without: that is no failure to put it back. */
static void add_unlisted(const struct undo *v, UT_string *text)
{
    if (v->unlisted > 0) {
        char *user = v->unlisted_user ? utf8_sanitise_dup(span_of(v->unlisted_user), PHRASE_COLUMNS) : NULL;
        char count[32] = "none of them is";
        if (v->unlisted < v->back) {
            snprintf(count, sizeof count, "%" PRId64 " of them %s not", v->unlisted,
                     v->unlisted == 1 ? "is" : "are");
        }
        utstring_printf(text, "; %s in the index of %s%s: %s", count, user ? "user " : "its user",
                        user ? user : "", v->unlisted_error ? v->unlisted_error : "not written");
        mem_free(user);
    }
    if (v->unlooked > 0) {
        utstring_printf(text, "; whether their index names %" PRId64 " of them could not be read back",
                        v->unlooked);
    }
}

static void finish(struct runner *r)
{
    const struct undo *v = r->work;
    UT_string rest;

    if (v->count == 1) {
        r->plan.result = phrase_make("%" PRId64, v->back);
        verb_finish(r, "%s", r->last_text);
        return;
    }
    utstring_init(&rest);
    add_part(&rest, v->tally[ACTION_GONE], "expired meanwhile");
    add_part(&rest, v->tally[ACTION_CHANGED], "changed meanwhile");
    add_part(&rest, v->tally[ACTION_REFUSED], "refused");
    add_part(&rest, v->tally[ACTION_FAILED] - v->unlisted, "failed");
    add_part(&rest, v->tally[ACTION_UNKNOWN] - v->unlooked, "unknown");
    if (v->at < v->count) {
        add_part(&rest, (int64_t)(v->count - v->at),
                 r->stopped ? "left, you stopped it" : "left, the connection was lost");
    }
    add_unlisted(v, &rest);
    r->plan.result = phrase_make("%" PRId64, v->back);
    verb_finish(r, "put back %" PRId64 " of %zu%s", v->back, v->count, utstring_body(&rest));
    utstring_done(&rest);
}

static void begin_group(struct runner *r);

/* It is back, though its index may not name it. */
static void count_back(struct undo *v, const struct undone *u, enum action_outcome outcome)
{
    if (!u->done || outcome == ACTION_CHANGED) {
        return;
    }
    v->back++;
    v->unlooked += outcome == ACTION_UNKNOWN;
    if (outcome != ACTION_FAILED) {
        return;
    }
    const char *user = u->kept->entry->next ? NULL : u->kept->entry->user;
    if (v->unlisted++ == 0) {
        v->unlisted_user = mem_strdup(user);
        v->unlisted_error = mem_strdup(u->index_error);
    } else if (!user || !v->unlisted_user || strcmp(user, v->unlisted_user) != 0) {
        mem_replace(&v->unlisted_user, NULL); /* of several users */
    }
}

/* What is back, or can never be put back, leaves the bin; all else stays in it for another try. */
static void tell_group(struct runner *r)
{
    struct undo *v = r->work;
    int64_t now = clock_mono_us();

    for (size_t i = v->at; i < v->end; i++) {
        struct undone *u = one_at(r, i);
        char *shown = undo_shown(u->kept), *tag = undo_tag(u->kept);
        struct verdict verdict = judge(u, now);
        verb_receipt(r, verdict.outcome, shown, tag, "%s", verdict.text);
        v->tally[verdict.outcome]++;
        count_back(v, u, verdict.outcome);
        u->kept->unsure = u->kept->unsure || verdict.outcome == ACTION_UNKNOWN;
        if (u->done || u->expired) {
            lot_drop(v->bin, v->lot, u->kept);
            u->kept = NULL;
        }
        mem_free(verdict.text);
        mem_free(shown);
        mem_free(tag);
    }
    verb_progress(r, (int64_t)v->end, (int64_t)v->count, "putting back");
    v->at = v->end;
    if (v->at < v->count && !r->stopped && !r->lost) {
        begin_group(r);
        return;
    }
    if (v->at < v->count) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu left, still kept: %s",
                     v->count - v->at, r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

/* --- reading back --- */

static void on_there(struct runner *r, const struct answer *a)
{
    struct undone *u = one_at(r, a->tag);
    int64_t n;
    u->read_back = reply_int(a->reply, &n);
    u->there = u->read_back && n > 0;
}

static void on_member(struct runner *r, const struct answer *a)
{
    int64_t listed;
    struct undone *u = one_at(r, a->tag);
    bool read = reply_int(a->reply, &listed);
    u->listed += read && listed > 0;
    if (read || (reply_is_error(a->reply) && span_starts(reply_error(a->reply), S("WRONGTYPE")))) {
        u->looked++;
    }
}

static void read_back(struct runner *r)
{
    struct undo *v = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = v->at; i < v->end && link_is_ready(r->home); i++) {
        const struct undone *u = one_at(r, i);
        const struct kept_entry *e;
        if (u->kept->kind != KEPT_KEY || (!u->done && !u->unanswered)) {
            continue;
        }
        step_act(r, on_there, i, S("EXISTS"), kept_key(u->kept));
        LL_FOREACH(u->kept->entry, e)
        {
            if (u->done) {
                index_key(e->user, &key);
                step_act(r, on_member, i, S("SISMEMBER"), text_span(&key), undo_session(u->kept));
            }
        }
    }
    utstring_done(&key);
    step_then(r, tell_group);
}

static void look_back(struct runner *r)
{
    if (r->lost) {
        step_when_ready(r, read_back);
    } else {
        read_back(r);
    }
}

/* --- the indexes --- */

static void look_at_indexes(struct runner *r);

static void keep_index_error(struct runner *r, const struct reply *reply)
{
    struct undo *v = r->work;
    for (size_t i = v->at; reply_is_error(reply) && i < v->end; i++) {
        if (one_at(r, i)->kept->entry) {
            verb_keep_error(&one_at(r, i)->index_error, reply);
        }
    }
}

static void on_listed(struct runner *r, const struct answer *a)
{
    struct undo *v = r->work;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    keep_index_error(r, a->reply);
    for (size_t i = 0; i < reply_count(a->reply); i++) {
        keep_index_error(r, reply_at(a->reply, i));
    }
}

/* On the next connection: what was written already is written once more, which changes nothing. */
static void index_again(struct runner *r)
{
    if (link_is_ready(r->home)) {
        look_at_indexes(r);
    } else {
        look_back(r);
    }
}

static void listed(struct runner *r)
{
    struct undo *v = r->work;
    if (r->lost && !v->again) {
        v->again = true;
        step_when_ready(r, index_again);
    } else if (v->aborted && ++v->tries <= TRIES && link_is_ready(r->home)) {
        look_at_indexes(r);
    } else {
        look_back(r);
    }
}

/* The ids of one index that go back into it, in one command. */
static void add_members(struct runner *r, const struct undo_index *index, UT_string *key)
{
    const struct undo *v = r->work;
    struct span args[VERB_GROUP + 2] = {S("SADD"), text_span(key)};
    size_t n = 2;

    for (size_t i = v->at; i < v->end; i++) {
        const struct undone *u = one_at(r, i);
        const struct kept_entry *e;
        LL_FOREACH(u->done ? u->kept->entry : NULL, e)
        {
            if (strcmp(e->user, index->user) == 0 && n < VERB_GROUP + 2) {
                args[n++] = undo_session(u->kept);
            }
        }
    }
    step_send(r, r->home, NULL, 0, n, args);
}

static void write_indexes(struct runner *r)
{
    struct undo *v = r->work;
    UT_string key;
    char ttl[24];

    if (!link_is_ready(r->home)) {
        listed(r);
        return;
    }
    utstring_init(&key);
    v->aborted = false;
    step_act(r, NULL, 0, S("MULTI"));
    for (size_t i = 0; i < utarray_len(&v->index); i++) {
        const struct undo_index *index = index_at(r, i);
        index_key(index->user, &key);
        add_members(r, index, &key);
        if (index->absent && index->ttl_ms > 0 && v->tries < TRIES) {
            snprintf(ttl, sizeof ttl, "%" PRId64, index->ttl_ms);
            step_act(r, NULL, 0, S("PEXPIRE"), text_span(&key), span_of(ttl));
        }
    }
    step_act(r, on_listed, 0, S("EXEC"));
    utstring_done(&key);
    step_then(r, listed);
}

static void on_index_ttl(struct runner *r, const struct answer *a)
{
    int64_t left;
    index_at(r, a->tag)->absent = reply_int(a->reply, &left) && left == -2;
}

static void look_at_indexes(struct runner *r)
{
    struct undo *v = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = 0; i < utarray_len(&v->index); i++) {
        index_key(index_at(r, i)->user, &key);
        if (v->tries < TRIES) {
            step_act(r, NULL, 0, S("WATCH"), text_span(&key));
        }
        step_act(r, on_index_ttl, i, S("PTTL"), text_span(&key));
    }
    utstring_done(&key);
    step_then(r, write_indexes);
}

/* A set that is gone gets the TTL that it had, or the session's where that is longer: it must not lose its
 * entry before the session goes. */
static void need_index(struct undo *v, const struct kept *k, const struct kept_entry *e, int64_t now,
                       bool add)
{
    int64_t left = kept_left_ms(e->pttl_ms, k->at_us, now), own = kept_pttl_ms(k, now);
    bool never = e->pttl_ms == -1 || own == -1;
    int64_t ttl = never ? -1 : left > own ? left : own;

    for (size_t i = 0; i < utarray_len(&v->index); i++) {
        struct undo_index *index = VERB_AT(&v->index, struct undo_index, i);
        if (strcmp(index->user, e->user) == 0) {
            index->ttl_ms = ttl < 0 || index->ttl_ms < 0 ? -1 : ttl > index->ttl_ms ? ttl : index->ttl_ms;
            return;
        }
    }
    const struct undo_index index = {.user = e->user, .ttl_ms = ttl};
    if (add) {
        utarray_push_back(&v->index, &index);
    }
}

/* Groups to come bring further sessions of these users back, and find the set there. */
static void need_longest(struct undo *v, int64_t now)
{
    for (size_t i = v->end; i < v->count; i++) {
        const struct kept_entry *e;
        LL_FOREACH(undo_can(&v->one[i]) ? v->one[i].kept->entry : NULL, e)
        {
            need_index(v, v->one[i].kept, e, now, false);
        }
    }
}

static void restored(struct runner *r)
{
    struct undo *v = r->work;
    int64_t now = clock_mono_us();

    utarray_clear(&v->index);
    v->tries = 0;
    for (size_t i = v->at; i < v->end; i++) {
        struct undone *u = one_at(r, i);
        const struct kept_entry *e;
        LL_FOREACH(u->done ? u->kept->entry : NULL, e)
        {
            u->entries++;
            need_index(v, u->kept, e, now, true);
        }
    }
    need_longest(v, now);
    if (utarray_len(&v->index) == 0) {
        look_back(r);
    } else if (r->lost) {
        listed(r);
    } else {
        look_at_indexes(r);
    }
}

/* --- values and messages --- */

static void on_restored(struct runner *r, const struct answer *a)
{
    struct undone *u = one_at(r, a->tag);
    int64_t length;

    u->unsent = !a->reply && a->unsent;
    u->unanswered = !a->reply && !a->unsent;
    u->done = reply_is_ok(a->reply) || reply_int(a->reply, &length);
    u->busy = reply_is_error(a->reply) && span_starts(reply_error(a->reply), S("BUSYKEY"));
    if (!u->busy) {
        u->error = verb_error(a->reply);
    }
}

static void put_back(struct runner *r, size_t i, int64_t now)
{
    const struct kept *k = one_at(r, i)->kept;
    int64_t ms = kept_pttl_ms(k, now);
    char ttl[24];

    if (k->kind == KEPT_MESSAGE) {
        step_act(r, on_restored, i, k->right ? S("RPUSH") : S("LPUSH"), kept_key(k), kept_bytes(k));
        return;
    }
    if (ms == 0) {
        one_at(r, i)->expired = true; /* since it was looked at */
        return;
    }
    if (undo_session(k).len > 0) {
        verb_unwatch(r, undo_session(k)); /* or it would be told as come back */
    }
    snprintf(ttl, sizeof ttl, "%" PRId64, ms < 0 ? 0 : ms);
    step_act(r, on_restored, i, S("RESTORE"), kept_key(k), span_of(ttl), kept_bytes(k));
}

static void begin_group(struct runner *r)
{
    struct undo *v = r->work;
    int64_t now = clock_mono_us();
    size_t bytes = 0;

    for (v->end = v->at; v->end < v->count && v->end - v->at < VERB_GROUP; v->end++) {
        bytes += one_at(r, v->end)->kept->len;
        if (bytes > KEEP_GROUP_BYTES && v->end > v->at) {
            break;
        }
        if (undo_can(one_at(r, v->end))) {
            put_back(r, v->end, now);
        }
    }
    step_then(r, restored);
}

void undo_run(struct runner *r)
{
    struct undo *v = r->work;
    v->at = v->end = 0;
    begin_group(r);
}
