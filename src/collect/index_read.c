/* index_read: one set is read: its TTL and a page of entries in one go, then page by page, as far as is fair.
 * What it names and is not known is looked for. */
#include "index_priv.h"

#include <stdio.h>

enum { MEMBERS_MAX = 2000, MEMBER_BYTES_MAX = 1024 };
#define MEMBERS_PAGE "1000"

static void tell(struct index_read *x, enum user_index_phase phase, struct span id)
{
    struct answer *a = x->answer;
    struct fact f = {.kind = FACT_USER_INDEX,
                     .user_index = {.phase = phase,
                                    .user_id = {x->user, x->len},
                                    .id = id,
                                    .pttl_ms = a->pttl,
                                    .size = a->size,
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

/* One set's replies are in, of this page or of all. */
static void settle(struct index_read *x)
{
    struct answer *a = x->answer;
    bool whole = strcmp(a->cursor, "0") == 0 && !a->cut;
    if (!a->lost && !a->error[0] && strcmp(a->cursor, "0") != 0 && a->told < MEMBERS_MAX) {
        UT_string key;
        key_of(x, &key);
        if (a->size < 0) { /* a set of one page has the size of that page */
            a->waiting += link_command(x->c->poll, on_size, x, S("SCARD"), text_span(&key));
        }
        bool sent = ask_page(x, text_span(&key));
        utstring_done(&key);
        a->lost = !sent;
        if (a->waiting) {
            return;
        }
    }
    if (a->lost) {
        index_forget(x);
        return;
    }
    if (a->error[0]) {
        a->size = -1;
        tell(x, USER_INDEX_END, S(""));
    } else if (whole && a->told == 0) {
        tell(x, USER_INDEX_GONE, S(""));
    } else {
        /* It may have changed between the answers: a whole set is as large as what it named. */
        a->size = whole ? a->told : a->size > a->told ? a->size : a->told + 1;
        tell(x, USER_INDEX_END, S(""));
    }
    index_put_away(x);
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
    if (id.len > MEMBER_BYTES_MAX) {
        a->cut = true; /* no session's id */
        return;
    }
    a->told++;
    tell(x, USER_INDEX_MEMBER, id);
    if (!c->options.known(c->options.ctx, TARGET_SESSION, id) && !c->options.is_stale(c->options.ctx, id)) {
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
