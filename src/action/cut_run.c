#include "cut.h"
#include "keep.h"
#include "own_reads.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

/* Within a group each victim has up to seven commands, and two more for each further index that names it; the
 * tag says whose answer and which. What is kept is read before it is deleted, the index' TTL before its last
 * entry goes. */
enum { CUT_OTHER, CUT_UNLINK, CUT_SREM, CUT_EXEC, CUT_ALONE, CUT_PARTS };

static struct victim *victim_of(struct runner *r, const struct answer *a)
{
    return cut_at(r->work, a->tag / CUT_PARTS);
}

/* One SREM's reply; a session that several indexes name has as many. */
static void take_removed(struct victim *v, const struct reply *reply)
{
    int64_t n;
    if (reply_int(reply, &n)) {
        v->removed = n + (v->removed > 0 ? v->removed : 0);
    } else {
        verb_keep_error(&v->index_error, reply);
    }
}

static void take_unlinked(struct victim *v, const struct reply *unlinked)
{
    if (!reply_int(unlinked, &v->unlinked)) {
        v->unlinked = -1;
        verb_keep_error(&v->error, unlinked);
    }
}

/* The replies of a transaction: what is kept, then the key, then the indexes. */
static void take_replies(struct runner *r, struct victim *v, const struct reply *exec)
{
    size_t indexes = 0, at = 0;

    while (cut_user(v, indexes)) {
        indexes++;
    }
    if (v->kept) {
        at = KEEP_ASKS + indexes;
    }
    take_unlinked(v, reply_at(exec, at));
    for (size_t i = at + 1; i < reply_count(exec); i++) {
        take_removed(v, reply_at(exec, i));
    }
    if (!v->kept) {
        return;
    }
    UT_string key;
    utstring_init(&key);
    cut_session_key(victim_id(v), &key);
    struct kept *k = keep_take(r, text_span(&key), reply_at(exec, 0), reply_at(exec, 1));
    utstring_done(&key);
    for (size_t i = 0; i < indexes; i++) {
        const struct reply *pttl = reply_at(exec, KEEP_ASKS + i);
        int64_t n;
        own_reads_count(OWN_READ_TTL, 0, pttl, &r->own_hits, &r->own_misses);
        if (reply_int(reply_at(exec, at + 1 + i), &n) && n > 0) {
            keep_take_entry(r, k, cut_user(v, i), pttl);
        }
    }
}

static void on_cut(struct runner *r, const struct answer *a)
{
    struct victim *v = victim_of(r, a);
    size_t part = a->tag % CUT_PARTS;

    if (part == CUT_ALONE || part == CUT_EXEC) {
        v->unsent = !a->reply && a->unsent;
    }
    if (part == CUT_ALONE) {
        take_unlinked(v, a->reply);
    } else if (part == CUT_EXEC && reply_type(a->reply) == REPLY_ARRAY) {
        take_replies(r, v, a->reply);
    } else {
        /* A command that is refused while it is queued makes EXEC refuse all: the first reason is the true
         * one. */
        verb_keep_error(&v->error, a->reply);
    }
    if (part == CUT_UNLINK && v->kept && reply_type(a->reply) == REPLY_INTEGER) {
        keep_lose(r, 1); /* not in one transaction: what was read is not surely what was deleted */
    }
    /* Where MULTI itself is refused the others are carried out one by one (unbound), and say so. */
    if (part == CUT_UNLINK && reply_type(a->reply) == REPLY_INTEGER) {
        reply_int(a->reply, &v->unlinked);
    } else if (part == CUT_SREM && reply_type(a->reply) == REPLY_INTEGER) {
        take_removed(v, a->reply);
    }
}

/* To each index that names it, or would. */
static void ask_indexes(struct runner *r, const struct victim *v, size_t tag, UT_string *key)
{
    for (size_t i = 0; cut_user(v, i); i++) {
        cut_index_key(cut_user(v, i), key);
        step_act(r, on_cut, tag, S("PTTL"), text_span(key));
    }
}

static void leave_indexes(struct runner *r, const struct victim *v, size_t tag, UT_string *key)
{
    for (size_t i = 0; cut_user(v, i); i++) {
        cut_index_key(cut_user(v, i), key);
        step_act(r, on_cut, tag, S("SREM"), text_span(key), victim_id(v));
    }
}

static void send_cut(struct runner *r, const struct victim *v, size_t i, UT_string *key)
{
    size_t tag = i * CUT_PARTS;

    cut_session_key(victim_id(v), key);
    if (!v->user && !v->kept) {
        step_act(r, on_cut, tag + CUT_ALONE, S("UNLINK"), text_span(key));
        return;
    }
    r->unbound = true;
    step_act(r, on_cut, tag + CUT_OTHER, S("MULTI"));
    r->unbound = false;
    if (v->kept) {
        keep_ask(r, on_cut, tag + CUT_OTHER, text_span(key));
        ask_indexes(r, v, tag + CUT_OTHER, key);
        cut_session_key(victim_id(v), key);
    }
    step_act(r, on_cut, tag + CUT_UNLINK, S("UNLINK"), text_span(key));
    leave_indexes(r, v, tag + CUT_SREM, key);
    step_act(r, on_cut, tag + CUT_EXEC, S("EXEC"));
}

/* --- receipts --- */

struct verdict {
    enum action_outcome outcome;
    char *text;
};

static struct verdict judge_gone(const struct victim *v, const char *user)
{
    bool entry = v->removed > 0;
    if (v->index_error) {
        return (struct verdict){
            ACTION_FAILED,
            phrase_make("the session is gone, but the index of user %s is not: %s", user, v->index_error)};
    }
    if (v->still_indexed) {
        return (struct verdict){ACTION_CHANGED,
                                phrase_make("gone, but the index of user %s names it again", user)};
    }
    if (v->unlinked > 0) {
        const char *unread = v->read_back ? "" : "; it could not be read back";
        return (struct verdict){
            ACTION_DONE, entry ? phrase_make("revoked, and its entry in the index of user %s%s", user, unread)
                               : phrase_make("revoked; no index named it%s", unread)};
    }
    if (v->unlinked < 0) {
        return (struct verdict){ACTION_DONE, mem_strdup("gone (the reply was lost; read back)")};
    }
    if (entry && !v->exists) {
        return (struct verdict){ACTION_DONE,
                                phrase_make("stale entry removed from the index of user %s", user)};
    }
    return (struct verdict){ACTION_GONE,
                            mem_strdup(entry ? "already gone; its index entry was removed" : "already gone")};
}

static struct verdict judge(const struct victim *v, const char *user)
{
    if (v->error && v->unlinked < 0) {
        return (struct verdict){ACTION_FAILED, phrase_make("the server refused it: %s", v->error)};
    }
    if (v->unsent) {
        return (struct verdict){ACTION_FAILED, mem_strdup("not sent: the connection was lost")};
    }
    if (v->read_back && v->back) {
        return v->unlinked >= 0
                   ? (struct verdict){ACTION_BACK, mem_strdup("it came back: something wrote it again")}
                   : (struct verdict){ACTION_UNKNOWN,
                                      mem_strdup("the reply never came, and the session is there")};
    }
    if (v->unlinked < 0 && !v->read_back) {
        return (struct verdict){ACTION_UNKNOWN, mem_strdup("the reply never came")};
    }
    return judge_gone(v, user);
}

/* One that is gone by this order is watched from now on; a stale entry has nothing that could come back. */
static void watch(struct runner *r, const struct victim *v, enum action_outcome outcome)
{
    struct cut *c = r->work;
    const char *user = v->owner ? v->owner : v->user;
    bool gone = v->unlinked > 0 || (v->unlinked < 0 && v->read_back && !v->back);

    if (outcome == ACTION_BACK) {
        verb_came_back(r, victim_id(v), user);
    } else if (gone && outcome != ACTION_UNKNOWN) {
        c->unwatched += !verb_watch(r, victim_id(v), user);
    }
}

static void tell_group(struct runner *r)
{
    struct cut *c = r->work;
    for (size_t i = c->at; i < c->end; i++) {
        const struct victim *v = cut_at(c, i);
        if (v->skip) {
            continue;
        }
        char *shown = phrase_session(victim_id(v)), *tag = phrase_session_tag(victim_id(v));
        char *user = cut_users(v);
        struct verdict verdict = judge(v, user);
        verb_receipt(r, verdict.outcome, shown, tag, "%s", verdict.text);
        c->tally[verdict.outcome]++;
        c->done += verdict.outcome == ACTION_DONE && v->exists;
        watch(r, v, verdict.outcome);
        mem_free(verdict.text);
        mem_free(user);
        mem_free(tag);
        mem_free(shown);
    }
}

/* --- the end --- */

static void add_part(UT_string *text, int64_t n, const char *what)
{
    if (n > 0) {
        utstring_printf(text, "%s%" PRId64 " %s", utstring_len(text) ? ", " : "", n, what);
    }
}

static void finish(struct runner *r)
{
    struct cut *c = r->work;
    UT_string rest, users;

    utstring_init(&rest);
    utstring_init(&users);
    add_part(&rest, c->tally[ACTION_GONE], "already gone");
    add_part(&rest, c->tally[ACTION_BACK], "came back");
    add_part(&rest, c->tally[ACTION_CHANGED], "changed meanwhile");
    add_part(&rest, c->tally[ACTION_FAILED], "failed");
    add_part(&rest, c->tally[ACTION_UNKNOWN], "unknown");
    add_part(&rest, c->untouched,
             r->lost ? "not sent, the connection was lost" : "not touched, you stopped it");
    add_part(&rest, c->unwatched, "too many to be watched");
    for (size_t i = 0; i < utarray_len(&c->user); i++) {
        const struct cut_user *user = VERB_AT(&c->user, struct cut_user, i);
        if (user->left > 0) {
            utstring_printf(&users, "; the index of user %s names %" PRId64 " again: a new login",
                            user->shown, user->left);
        }
    }
    char *count = phrase_count(c->done, "session", NULL);
    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, c->done);
    if (cut_count(c) == 1 && utarray_len(&c->user) == 0) {
        verb_finish(r, "%s%s%s", r->last_text, utstring_body(&users), keep_lost(r));
    } else {
        verb_finish(r, "revoked %s%s%s%s%s", count, utstring_len(&rest) ? ": " : "", utstring_body(&rest),
                    utstring_body(&users), keep_lost(r));
    }
    mem_free(count);
    utstring_done(&rest);
    utstring_done(&users);
}

static void on_left(struct runner *r, const struct answer *a)
{
    struct cut *c = r->work;
    struct cut_user *user = VERB_AT(&c->user, struct cut_user, a->tag);
    int64_t n;
    /* What was not taken out of it is no new login. */
    user->left = user->removed > 0 && reply_int(a->reply, &n) ? n - user->spared - user->kept : 0;
}

/* Of what the index of a user named: how much went, how much stayed. */
static void count_removed(struct cut *c, struct cut_user *user)
{
    for (size_t i = 0; i < cut_count(c); i++) {
        const struct victim *v = cut_at(c, i);
        if (!v->skip && cut_is_indexed_by(v, user->id)) {
            user->removed += v->removed > 0;
            user->kept += v->removed <= 0;
        }
    }
}

/* Who logged in again while this went on? An empty set goes by itself. */
static void look_at_users(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = 0; i < utarray_len(&c->user) && !r->stopped && !r->lost; i++) {
        struct cut_user *user = VERB_AT(&c->user, struct cut_user, i);
        count_removed(c, user);
        cut_index_key(user->id, &key);
        step_act(r, on_left, i, S("SCARD"), text_span(&key));
    }
    utstring_done(&key);
    step_then(r, finish);
}

/* What no group took along: once for all of them. */
static void tell_untouched(struct runner *r)
{
    struct cut *c = r->work;
    for (size_t i = c->end; i < cut_count(c); i++) {
        c->untouched += !cut_at(c, i)->skip;
    }
    if (c->untouched > 0 && r->lost) {
        verb_receipt(r, ACTION_FAILED, "", NULL, "%" PRId64 " not sent: the connection was lost",
                     c->untouched);
    } else if (c->untouched > 0) {
        verb_receipt(r, ACTION_REFUSED, "", NULL, "stopped: %" PRId64 " not touched", c->untouched);
    }
}

/* --- groups --- */

static void cut_group(struct runner *r);

static void told(struct runner *r)
{
    struct cut *c = r->work;

    tell_group(r);
    verb_progress(r, (int64_t)c->end, (int64_t)cut_count(c), "revoking sessions");
    if (c->end < cut_count(c) && !r->stopped && !r->lost) {
        c->at = c->end;
        cut_group(r);
        return;
    }
    tell_untouched(r);
    look_at_users(r);
}

static void on_back(struct runner *r, const struct answer *a)
{
    struct victim *v = cut_at(r->work, a->tag);
    int64_t n;
    if (reply_int(a->reply, &n)) {
        v->read_back = true;
        v->back = n > 0;
    }
}

static void on_still(struct runner *r, const struct answer *a)
{
    struct victim *v = cut_at(r->work, a->tag);
    int64_t n;
    v->still_indexed = v->still_indexed || (reply_int(a->reply, &n) && n > 0);
}

static void read_back(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = c->at; i < c->end && link_is_ready(r->home); i++) {
        const struct victim *v = cut_at(c, i);
        if (v->skip || v->unsent || (v->error && v->unlinked < 0)) {
            continue;
        }
        cut_session_key(victim_id(v), &key);
        step_act(r, on_back, i, S("EXISTS"), text_span(&key));
        for (size_t k = 0; cut_user(v, k); k++) {
            cut_index_key(cut_user(v, k), &key);
            step_act(r, on_still, i, S("SISMEMBER"), text_span(&key), victim_id(v));
        }
    }
    utstring_done(&key);
    step_then(r, told);
}

static void was_cut(struct runner *r)
{
    if (r->lost) {
        step_when_ready(r, read_back);
    } else {
        read_back(r);
    }
}

static void cut_group(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    utstring_init(&key);
    size_t bytes = 0, kept = 0;
    for (c->end = c->at; c->end < cut_count(c) && c->end - c->at < VERB_GROUP; c->end++) {
        struct victim *v = cut_at(c, c->end);
        bytes += keep_size(r, c->end);
        kept += keep_wants(r, c->end);
        if ((bytes > KEEP_GROUP_BYTES || kept > KEEP_GROUP) && c->end > c->at) {
            break;
        }
        v->kept = keep_wants(r, c->end);
        if (!v->skip) {
            send_cut(r, v, c->end, &key);
        }
    }
    utstring_done(&key);
    step_then(r, was_cut);
}

void cut_run(struct runner *r)
{
    struct cut *c = r->work;
    c->at = c->end = 0;
    c->done = 0;
    keep_begin(r);
    cut_group(r);
}
