#include "cut.h"
#include "phrase.h"
#include "repair.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

enum { TRIES = 10, ARGS_MAX = 2 * VERB_GROUP + 1 };

static void begin_group(struct runner *r);
static void try_group(struct runner *r);

static bool is_open(const struct repair *v, size_t i)
{
    return repair_at(v, i)->fate == REPAIR_OPEN;
}

/* --- receipts --- */

static void tell_left(struct runner *r, const struct repair_entry *e, enum action_outcome outcome,
                      const char *text)
{
    struct repair *v = r->work;
    char *shown = phrase_session(repair_id(e)), *tag = phrase_session_tag(repair_id(e));
    v->left_alone[e->fate]++;
    verb_receipt(r, outcome, shown, tag, "%s", text);
    mem_free(tag);
    mem_free(shown);
}

static void tell_entry(struct runner *r, const struct repair_entry *e)
{
    const struct repair *v = r->work;
    switch (e->fate) {
    case REPAIR_CHANGED:
        tell_left(r, e, ACTION_CHANGED, e->why ? e->why : "it changes too fast: nothing was done");
        break;
    case REPAIR_NEEDLESS:
        tell_left(r, e, ACTION_GONE, e->orphan ? "the index names it by now" : "no longer in the index");
        break;
    case REPAIR_FAILED:
        tell_left(r, e, ACTION_FAILED,
                  e->error    ? e->error
                  : v->error  ? v->error
                  : v->unsent ? "not sent: the connection was lost"
                  : e->orphan ? "the index does not name it"
                              : "the index still names it");
        break;
    case REPAIR_UNKNOWN:
        tell_left(r, e, ACTION_UNKNOWN, "the reply never came, and it could not be read back");
        break;
    default:
        break;
    }
}

/* One for a user, when all of its entries have had their turn: what was done; those left alone have their
 * own. */
static void tell_user(struct runner *r, struct repair_user *u)
{
    char *in = phrase_count(u->put, "orphan", NULL);
    char *out = phrase_count(u->taken, "stale entry", "stale entries");
    char *name = phrase_make("user %s", u->shown);
    char life[32] = "", *lives = NULL;

    u->told = true;
    if (u->put + u->taken > 0) {
        if (u->lives_ms >= 0) {
            /* To the nearest second, as TTL has it: what was set to a day a moment ago lives a day. */
            human_duration((u->lives_ms + 500) / 1000 * US_PER_S, life, sizeof life);
        }
        lives = u->lives_ms >= 0    ? phrase_make("; it lives %s", life)
                : u->lives_ms == -1 ? mem_strdup("; it never expires")
                : u->lives_ms == -2 ? mem_strdup("; nothing is left in it")
                                    : mem_strdup("");
        verb_receipt(r, ACTION_DONE, name, NULL, "%s%s%s%s%s%s", u->put ? in : "", u->put ? " put in" : "",
                     u->put && u->taken ? ", " : "", u->taken ? out : "", u->taken ? " taken out" : "",
                     lives);
    }
    mem_free(lives);
    mem_free(name);
    mem_free(out);
    mem_free(in);
}

static void tell_group(struct runner *r)
{
    struct repair *v = r->work;
    for (size_t i = v->at; i < v->end; i++) {
        struct repair_entry *e = repair_at(v, i);
        struct repair_user *u = repair_user_at(v, e->user);
        if (e->fate == REPAIR_DONE) {
            u->put += e->orphan;
            u->taken += !e->orphan;
        } else {
            tell_entry(r, e);
        }
        if (i + 1 == u->end) {
            tell_user(r, u);
        }
    }
}

/* --- the end --- */

static void add_part(UT_string *text, int64_t n, const char *what)
{
    if (n > 0) {
        utstring_printf(text, "%s%" PRId64 " %s", utstring_len(text) ? ", " : ": ", n, what);
    }
}

/* What no group took along: once for all of them. */
static int64_t tell_untouched(struct runner *r)
{
    struct repair *v = r->work;
    int64_t untouched = (int64_t)(repair_count(v) - v->end);
    if (untouched > 0) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL,
                     r->stopped ? "stopped: %" PRId64 " not touched"
                                : "%" PRId64 " not sent: the connection was lost",
                     untouched);
    }
    return untouched;
}

static void finish(struct runner *r)
{
    struct repair *v = r->work;
    int64_t in = 0, out = 0, untouched = tell_untouched(r);
    UT_string rest;

    for (size_t i = 0; i < utarray_len(&v->user); i++) {
        struct repair_user *u = repair_user_at(v, i);
        in += u->put;
        out += u->taken;
        if (!u->told && u->put + u->taken > 0) {
            tell_user(r, u); /* it was stopped within this one */
        }
    }
    utstring_init(&rest);
    add_part(&rest, v->left_alone[REPAIR_CHANGED], "changed meanwhile");
    add_part(&rest, v->left_alone[REPAIR_NEEDLESS], "in order already");
    add_part(&rest, v->left_alone[REPAIR_FAILED], "failed");
    add_part(&rest, v->left_alone[REPAIR_UNKNOWN], "unknown");
    add_part(&rest, untouched,
             r->stopped ? "not touched, you stopped it" : "not sent, the connection was lost");
    char *orphans = phrase_count(in, "orphan", NULL);
    char *stale = phrase_count(out, "stale entry", "stale entries");
    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, in + out);
    verb_finish(r, "%s put in, %s taken out%s", orphans, stale, utstring_body(&rest));
    mem_free(stale);
    mem_free(orphans);
    utstring_done(&rest);
}

/* --- reading back --- */

static void told(struct runner *r)
{
    struct repair *v = r->work;

    tell_group(r);
    verb_progress(r, (int64_t)v->end, (int64_t)repair_count(v), "repairing indexes");
    v->at = v->end;
    if (v->end < repair_count(v) && !r->stopped && !r->lost) {
        begin_group(r);
    } else {
        finish(r);
    }
}

/* What the index says now decides; one that lost its answer is believed only where it was read back. */
static void was_read_back(struct runner *r)
{
    struct repair *v = r->work;
    for (size_t i = v->at; i < v->end; i++) {
        struct repair_entry *e = repair_at(v, i);
        if (!is_open(v, i)) {
            continue;
        }
        if (e->pttl_ms == -3) {
            e->fate = v->executed ? REPAIR_DONE : REPAIR_UNKNOWN;
        } else if (e->indexed == e->orphan) {
            e->fate = REPAIR_DONE;
        } else if (v->executed) {
            e->fate = REPAIR_CHANGED;
            e->why = e->orphan ? "put in, and taken out again by somebody" : "taken out, and put in again";
        } else {
            e->fate = REPAIR_FAILED;
        }
        repair_user_at(v, e->user)->lives_ms = repair_user_at(v, e->user)->pttl_ms;
    }
    told(r);
}

static void read_back(struct runner *r)
{
    struct repair *v = r->work;
    if (link_is_ready(r->home)) {
        repair_look(r, was_read_back);
        return;
    }
    for (size_t i = v->at; i < v->end; i++) {
        struct repair_entry *e = repair_at(v, i);
        e->pttl_ms = -3;
    }
    was_read_back(r);
}

/* --- one group --- */

static void give_up(struct runner *r, enum repair_fate fate)
{
    struct repair *v = r->work;
    for (size_t i = v->at; i < v->end; i++) {
        struct repair_entry *e = repair_at(v, i);
        if (is_open(v, i)) {
            e->fate = fate;
            e->why = NULL;
        }
    }
    told(r);
}

static void executed(struct runner *r)
{
    struct repair *v = r->work;

    if (v->aborted && v->end - v->at > 1 && !r->stopped) {
        v->end = v->at + (v->end - v->at) / 2; /* a busy session keeps only its own half waiting */
        try_group(r);
    } else if (v->aborted && ++v->tries < TRIES && !r->stopped) {
        try_group(r);
    } else if (v->aborted) {
        give_up(r, REPAIR_CHANGED);
    } else if (v->error || v->unsent) {
        give_up(r, REPAIR_FAILED);
    } else if (v->executed) {
        read_back(r);
    } else {
        step_when_ready(r, read_back);
    }
}

static void on_exec(struct runner *r, const struct answer *a)
{
    struct repair *v = r->work;

    v->unsent = !a->reply && a->unsent;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    v->executed = reply_type(a->reply) == REPLY_ARRAY;
    verb_keep_error(&v->error, a->reply);
    for (size_t i = 0; i < reply_count(a->reply); i++) {
        verb_keep_error(&v->error, reply_at(a->reply, i));
    }
}

/* A command that is refused while it is queued makes EXEC refuse all: the first reason is the true one. */
static void on_queued(struct runner *r, const struct answer *a)
{
    struct repair *v = r->work;
    verb_keep_error(&v->error, a->reply);
}

static void send_changes(struct runner *r)
{
    struct repair *v = r->work;
    UT_string index;
    size_t renewed = SIZE_MAX;

    utstring_init(&index);
    step_act(r, on_queued, 0, S("MULTI"));
    for (size_t i = v->at; i < v->end; i++) {
        const struct repair_entry *e = repair_at(v, i);
        const struct repair_user *u = repair_user_at(v, e->user);
        if (!is_open(v, i)) {
            continue;
        }
        cut_index_key(u->id, &index);
        step_act(r, on_queued, 0, e->orphan ? S("SADD") : S("SREM"), text_span(&index), repair_id(e));
        if (e->orphan && u->expire_s && renewed != e->user) {
            char seconds[24];
            snprintf(seconds, sizeof seconds, "%" PRId64, u->expire_s);
            step_act(r, on_queued, 0, S("EXPIRE"), text_span(&index), span_of(seconds));
            renewed = e->user;
        }
    }
    step_act(r, on_exec, 0, S("EXEC"));
    utstring_done(&index);
    step_then(r, executed);
}

static void seen(struct runner *r)
{
    struct repair *v = r->work;
    bool any = false;

    if (r->lost || link_status(r->home)->connects != v->connects) {
        r->lost = v->unsent = true;
        give_up(r, REPAIR_FAILED);
        return;
    }
    if (v->error) {
        step_act(r, NULL, 0, S("UNWATCH"));
        give_up(r, REPAIR_FAILED);
        return;
    }
    repair_judge(v);
    for (size_t i = v->at; i < v->end; i++) {
        any = any || is_open(v, i);
    }
    if (any) {
        send_changes(r);
    } else {
        step_act(r, NULL, 0, S("UNWATCH"));
        step_then(r, told);
    }
}

static void watch_group(struct runner *r)
{
    struct repair *v = r->work;
    UT_string key[ARGS_MAX];
    struct span args[ARGS_MAX];
    size_t n = 0, user = SIZE_MAX;

    args[n++] = S("WATCH");
    for (size_t i = v->at; i < v->end; i++) {
        const struct repair_entry *e = repair_at(v, i);
        if (e->user != user) {
            user = e->user;
            utstring_init(&key[n]);
            cut_index_key(repair_user_at(v, user)->id, &key[n]);
            args[n] = text_span(&key[n]);
            n++;
        }
        utstring_init(&key[n]);
        cut_session_key(repair_id(e), &key[n]);
        args[n] = text_span(&key[n]);
        n++;
    }
    step_send(r, r->home, on_queued, 0, n, args);
    for (size_t i = 1; i < n; i++) {
        utstring_done(&key[i]);
    }
}

static void try_group(struct runner *r)
{
    struct repair *v = r->work;

    v->aborted = v->executed = v->unsent = false;
    mem_replace(&v->error, NULL);
    v->connects = link_status(r->home)->connects;
    for (size_t i = v->at; i < v->end; i++) {
        repair_user_at(v, repair_at(v, i)->user)->expire_s = 0;
    }
    watch_group(r);
    repair_look(r, seen);
}

static void begin_group(struct runner *r)
{
    struct repair *v = r->work;

    v->tries = 0;
    v->end = v->at + VERB_GROUP < repair_count(v) ? v->at + VERB_GROUP : repair_count(v);
    try_group(r);
}

void repair_run(struct runner *r)
{
    struct repair *v = r->work;
    repair_keep_open(v);
    v->at = v->end = 0;
    begin_group(r);
}
