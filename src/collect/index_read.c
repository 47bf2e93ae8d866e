/* index_read: one set is read: its TTL and a page of entries in one go, then page by page, as far as is fair.
 * What it names and is not known is looked for. One that is too large is asked for those sessions of its user
 * that it was not seen to name.
 */
#include "index_priv.h"

#include <stdio.h>

/* An answer of 500 entries is small, and so many pages are read of the largest. */
enum { MEMBERS_MAX = 10000, MEMBER_BYTES_MAX = 1024, ASK_MAX = 100, ASK_BYTES_MAX = 65536 };
#define MEMBERS_PAGE "500"

struct ask {
    size_t count, len[ASK_MAX];
    bool full;
    UT_string ids; /* one behind the other */
};

static void ask_drop(struct answer *a)
{
    if (a->ask) {
        utstring_done(&a->ask->ids);
        mem_free(a->ask);
        a->ask = NULL;
    }
}

void index_read_drop(struct index_read *x)
{
    if (x->answer) {
        ask_drop(x->answer);
        mem_free(x->answer);
        x->answer = NULL;
    }
}

static void tell(struct index_read *x, enum user_index_phase phase, struct span id)
{
    struct answer *a = x->answer;
    struct fact f = {.kind = FACT_USER_INDEX,
                     .user_index = {.phase = phase,
                                    .user_id = {x->user, x->len},
                                    .id = id,
                                    .pttl_ms = a->pttl,
                                    .size = a->size,
                                    .skipped = a->skipped,
                                    .error = span_of(a->error)}};
    collect_emit(x->c, &f);
}

static void on_size(void *user, const struct reply *r);
static void on_page(void *user, const struct reply *r);

static bool ask_page(struct index_read *x, struct span key)
{
    struct answer *a = x->answer;
    bool sent = link_command(x->c->poll, on_page, x, S("SSCAN"), key, span_of(a->cursor), S("COUNT"),
                             S(MEMBERS_PAGE));
    a->waiting += sent;
    return sent;
}

static void key_of(const struct index_read *x, UT_string *out)
{
    utstring_init(out);
    text_add(out, S("user:"));
    text_add(out, span_make(x->user, x->len));
    text_add(out, S(":sessions"));
}

static void finish(struct index_read *x)
{
    struct answer *a = x->answer;
    bool whole = strcmp(a->cursor, "0") == 0;
    int64_t met = a->told + a->skipped;
    if (a->lost) {
        index_forget(x);
        return;
    }
    if (a->error[0]) {
        a->size = -1;
        tell(x, USER_INDEX_END, S(""));
    } else if (whole && met == 0) {
        tell(x, USER_INDEX_GONE, S(""));
    } else {
        /* It may have changed between the answers: a whole set is as large as what it named. */
        a->size = whole ? met : a->size > met ? a->size : met + 1;
        tell(x, USER_INDEX_END, S(""));
    }
    index_put_away(x);
}

/* The replies that were awaited are in: its next command waits for the budget. */
static void settle(struct index_read *x)
{
    const struct answer *a = x->answer;
    if (a->lost || a->error[0] || strcmp(a->cursor, "0") == 0) {
        finish(x);
    } else {
        index_move(x, PLACE_MORE);
        collect_soon(x->c, 0);
    }
}

/* What each reply has in common. False: there is nothing in it. */
static bool take(struct index_read *x, const struct reply *r)
{
    struct answer *a = x->answer;
    a->waiting--;
    if (!r) {
        a->lost = true;
    } else if (reply_is_error(r)) {
        struct span why = reply_error(r);
        if (span_starts(why, S("WRONGTYPE"))) {
            collect_tally(x->c, true);
        }
        snprintf(a->error, sizeof a->error, "%.*s", (int)why.len, why.data);
    }
    return r && !reply_is_error(r);
}

static void on_size(void *user, const struct reply *r)
{
    struct index_read *x = user;
    struct answer *a = x->answer;
    if (take(x, r) && reply_int(r, &a->size)) {
        collect_tally_key(x->c, OWN_USER_KEY, a->size > 0);
    }
    if (a->waiting == 0) {
        settle(x);
    }
}

static void on_ttl(void *user, const struct reply *r)
{
    struct index_read *x = user;
    struct answer *a = x->answer;
    if (take(x, r) && reply_int(r, &a->pttl)) {
        collect_tally_key(x->c, OWN_USER_KEY, a->pttl != -2);
    }
    if (a->waiting == 0) {
        settle(x);
    }
}

static void on_member(struct index_read *x, struct span id)
{
    struct answer *a = x->answer;
    struct collect *c = x->c;
    bool known = c->options.known(c->options.ctx, TARGET_SESSION, id);
    if (id.len > MEMBER_BYTES_MAX && !known) {
        a->skipped++; /* no session's id */
        return;
    }
    a->told++;
    tell(x, USER_INDEX_MEMBER, id);
    if (!known && !c->options.is_stale(c->options.ctx, id)) {
        reader_mark(c, TARGET_SESSION, id, false);
    }
}

static void on_page(void *user, const struct reply *r)
{
    struct index_read *x = user;
    struct answer *a = x->answer;
    struct span cursor;
    bool first = !a->begun;
    a->begun = true;
    if (take(x, r)) {
        const struct reply *members = reply_at(r, 1);
        bool read = reply_string(reply_at(r, 0), &cursor) && cursor.len && cursor.len < sizeof a->cursor;
        snprintf(a->cursor, sizeof a->cursor, "%.*s", read ? (int)cursor.len : 1, read ? cursor.data : "0");
        collect_tally_key(x->c, OWN_USER_KEY,
                          !first || reply_count(members) > 0 || strcmp(a->cursor, "0") != 0);
        for (size_t i = 0; i < reply_count(members); i++) {
            on_member(x, reply_text(reply_at(members, i)));
        }
    }
    if (a->waiting == 0) {
        settle(x);
    }
}

/* --- single sessions --- */

static void on_asked(void *user, const struct reply *r)
{
    struct index_read *x = user;
    struct answer *a = x->answer;
    a->waiting--;
    if (!r) {
        a->lost = true;
    } else if (!reply_is_error(r) && reply_count(r) == a->ask->count) {
        struct span rest = text_span(&a->ask->ids);
        bool any = false;
        for (size_t i = 0; i < a->ask->count; i++) {
            int64_t named = 0;
            reply_int(reply_at(r, i), &named);
            any |= named != 0;
            tell(x, named ? USER_INDEX_NAMED : USER_INDEX_UNNAMED, span_head(rest, a->ask->len[i]));
            rest = span_skip(rest, a->ask->len[i]);
        }
        collect_tally_key(x->c, OWN_USER_KEY, any || a->size != 0);
    } else if (span_starts(collect_error(r), S("WRONGTYPE"))) {
        collect_tally(x->c, true);
        x->again = a->refused = true; /* it is no set any more */
    } else {
        x->c->indexes.refused = a->refused = true;
    }
    ask_drop(a);
    if (a->waiting == 0) {
        settle(x);
    }
}

static void on_unmet(void *ctx, struct span id)
{
    struct ask *ask = ctx;
    ask->full |= ask->count == ASK_MAX || (ask->count && text_span(&ask->ids).len + id.len > ASK_BYTES_MAX);
    if (!ask->full) {
        ask->len[ask->count++] = id.len;
        text_add(&ask->ids, id);
    }
}

/* Nothing is sent when there is none left to ask for, or it cannot be done. */
static void ask_sessions(struct index_read *x, struct span key)
{
    struct collect *c = x->c;
    struct answer *a = x->answer;
    struct span args[2 + ASK_MAX] = {S("SMISMEMBER"), key};
    if (a->refused || c->indexes.refused || !c->options.unmet) {
        return;
    }
    struct ask *ask = a->ask = mem_zalloc(sizeof *ask);
    utstring_init(&ask->ids);
    c->options.unmet(c->options.ctx, span_make(x->user, x->len), on_unmet, ask);
    struct span rest = text_span(&ask->ids);
    for (size_t i = 0; i < ask->count; i++) {
        args[2 + i] = span_head(rest, ask->len[i]);
        rest = span_skip(rest, ask->len[i]);
    }
    if (ask->count && link_send(c->poll, on_asked, x, 2 + ask->count, args)) {
        a->waiting++;
    } else {
        ask_drop(a);
    }
}

/* --- one command after the other --- */

void index_read_go_on(struct index_read *x)
{
    struct answer *a = x->answer;
    UT_string key;
    key_of(x, &key);
    if (a->told + a->skipped < MEMBERS_MAX) {
        if (a->size < 0) { /* a set of one page has the size of that page */
            a->waiting += link_command(x->c->poll, on_size, x, S("SCARD"), text_span(&key));
        }
        a->lost = !ask_page(x, text_span(&key));
    } else {
        ask_sessions(x, text_span(&key));
    }
    utstring_done(&key);
    if (a->waiting == 0) {
        finish(x);
    }
}

void index_read_ask(struct index_read *x)
{
    UT_string key;
    key_of(x, &key);
    struct span name = text_span(&key);
    index_move(x, PLACE_READING);
    x->must = false;
    struct answer *a = x->answer = mem_zalloc(sizeof *x->answer);
    a->size = -1;
    a->pttl = -2;
    a->cursor[0] = '0';
    tell(x, USER_INDEX_BEGIN, S(""));
    a->waiting += link_command(x->c->poll, on_ttl, x, S("PTTL"), name);
    ask_page(x, name);
    utstring_done(&key);
    if (a->waiting == 0) {
        index_forget(x); /* the link is down: all is read anew when it is up */
    }
}
