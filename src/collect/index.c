/* index: reads users' sets of sessions, user:<id>:sessions. Each set once however often it was marked,
 * sessions before sets, within the budget. A set that leaves something unsure is read again a moment later.
 */
#include "collect_priv.h"

#include <stdio.h>

enum { MARKED_MAX = 200000, READING_MAX = 200, MEMBERS_MAX = 2000, MEMBER_BYTES_MAX = 1024, ROUNDS_MAX = 3 };
enum { COMMANDS = 2, SESSIONS_FIRST = 200, FEW = 70 };
#define MEMBERS_PAGE "1000"
#define DRAIN_US     (100 * US_PER_MS)
#define CONFIRM_US   (1100 * US_PER_MS)        /* above the model's own time of grace */
#define AMISS_US     (INT64_C(600) * US_PER_S) /* who takes entries off a set is not heard */

enum place { PLACE_READY, PLACE_LATER, PLACE_READING };

struct index_read {
    struct collect *c;
    struct index_read *prev, *next; /* of the list it is in */
    UT_hash_handle hh;
    enum place place;
    bool must;        /* else only if something is unsure by then */
    bool again, owed; /* again: marked while it was read; owed: since the first walk */
    bool lost, cut;
    unsigned rounds;
    int64_t due_us;
    unsigned waiting; /* replies */
    bool begun;       /* a page of it is in */
    int64_t size, pttl, told;
    char cursor[24], error[160];
    size_t len;
    char user[];
};

static struct index_read **list_of(struct indexes *all, enum place place)
{
    return place == PLACE_READY ? &all->ready : place == PLACE_LATER ? &all->later : &all->reading;
}

static void move(struct index_read *x, enum place place)
{
    struct indexes *all = &x->c->indexes;
    DL_DELETE(*list_of(all, x->place), x);
    all->in[x->place]--;
    x->place = place;
    DL_APPEND(*list_of(all, place), x);
    all->in[place]++;
}

static void forget(struct index_read *x)
{
    struct indexes *all = &x->c->indexes;
    DL_DELETE(*list_of(all, x->place), x);
    all->in[x->place]--;
    all->owed -= x->owed;
    HASH_DEL(all->marked, x);
    mem_free(x);
}

static bool is_on(const struct collect *c)
{
    return c->options.index_known && c->options.user_of && c->options.is_stale;
}

static struct index_known known(const struct collect *c, struct span user)
{
    struct index_known k = {.read_us = -1};
    c->options.index_known(c->options.ctx, user, &k);
    return k;
}

void index_mark(struct collect *c, struct span user, bool must)
{
    struct indexes *all = &c->indexes;
    struct index_read *x = NULL;
    if (!is_on(c) || !user.len || memchr(user.data, '\0', user.len)) {
        return;
    }
    HASH_FIND(hh, all->marked, user.data, user.len, x);
    if (!x && HASH_COUNT(all->marked) >= MARKED_MAX) {
        c->census.distrust = true; /* shed: the next walk marks it */
        return;
    }
    if (!x) {
        x = mem_zalloc(sizeof *x + user.len);
        x->c = c;
        x->len = user.len;
        memcpy(x->user, user.data, user.len);
        HASH_ADD(hh, all->marked, user, x->len, x);
        DL_APPEND(all->ready, x);
        if (all->in[PLACE_READY]++ == 0) {
            collect_soon(c, DRAIN_US / 2);
        }
    } else if (x->place == PLACE_READING) {
        x->again = true;
    } else if (x->place == PLACE_LATER && must) {
        move(x, PLACE_READY);
    }
    x->must |= must;
}

static void mark_amiss(void *of, struct span user)
{
    index_mark(of, user, true);
}

void index_refresh(struct collect *c)
{
    if (is_on(c) && c->options.amiss) {
        c->options.amiss(c->options.ctx, mark_amiss, c);
    }
}

/* --- what gives cause --- */

void index_seen(struct collect *c, struct span user)
{
    if (!is_on(c)) {
        return;
    }
    struct fact f = {.kind = FACT_USER_INDEX, .user_index = {.phase = USER_INDEX_SEEN, .user_id = user}};
    collect_emit(c, &f);
    struct index_known k = known(c, user);
    bool old = c->census.reread || !feed_is_live(c);
    if (k.read_us < 0 || (old && k.read_us < c->census.begun_us) ||
        (k.amiss && c->census.begun_us - k.read_us > AMISS_US)) {
        index_mark(c, user, true);
    }
}

void index_event(struct collect *c, enum notify_event event, struct span user)
{
    if (event != NOTIFY_KEYMISS && event != NOTIFY_OTHER) {
        index_mark(c, user, true);
    }
}

void index_session_ends(struct collect *c, struct span id, bool entry_stays)
{
    if (is_on(c) && !entry_stays) {
        index_mark(c, c->options.user_of(c->options.ctx, id), true);
    }
}

void index_session_read(struct collect *c, struct fact *f)
{
    if (!is_on(c)) {
        collect_emit(c, f);
        return;
    }
    struct span before = c->options.user_of(c->options.ctx, f->session.id);
    struct span user = span_head(f->session.user_id, span_find(f->session.user_id, '\0'));
    if (!span_equal(before, user)) {
        index_mark(c, before, true);
        collect_emit(c, f);
        index_mark(c, user, false);
        return;
    }
    collect_emit(c, f);
    bool old = c->census.reread || !feed_is_live(c);
    if (old && known(c, user).read_us < c->census.begun_us) {
        index_mark(c, user, true);
    }
}

/* --- a read --- */

static void tell(struct index_read *x, enum user_index_phase phase, struct span id)
{
    struct fact f = {.kind = FACT_USER_INDEX,
                     .user_index = {.phase = phase,
                                    .user_id = {x->user, x->len},
                                    .id = id,
                                    .pttl_ms = x->pttl,
                                    .size = x->size,
                                    .error = span_of(x->error)}};
    collect_emit(x->c, &f);
}

/* Later, at once, or never again. */
static void put_away(struct index_read *x)
{
    bool unsure = known(x->c, span_make(x->user, x->len)).unsure;
    if (x->again) {
        x->again = false;
        move(x, PLACE_READY);
    } else if (unsure && ++x->rounds < ROUNDS_MAX) {
        x->must = true;
        x->due_us = clock_mono_us() + CONFIRM_US;
        move(x, PLACE_LATER);
    } else {
        forget(x);
    }
}

static void on_size(void *user, const struct reply *r);
static void on_page(void *user, const struct reply *r);

static bool ask_page(struct index_read *x, struct span key)
{
    bool sent = link_command(x->c->poll, on_page, x, S("SSCAN"), key, span_of(x->cursor), S("COUNT"),
                             S(MEMBERS_PAGE));
    x->waiting += sent;
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
    bool whole = strcmp(x->cursor, "0") == 0 && !x->cut;
    if (!x->lost && !x->error[0] && strcmp(x->cursor, "0") != 0 && x->told < MEMBERS_MAX) {
        UT_string key;
        key_of(x, &key);
        if (x->size < 0) { /* a set of one page has the size of that page */
            x->waiting += link_command(x->c->poll, on_size, x, S("SCARD"), text_span(&key));
        }
        bool sent = ask_page(x, text_span(&key));
        utstring_done(&key);
        x->lost = !sent;
        if (x->waiting) {
            return;
        }
    }
    if (x->lost) {
        forget(x);
        return;
    }
    if (x->error[0]) {
        x->size = -1;
        tell(x, USER_INDEX_END, S(""));
    } else if (whole && x->told == 0) {
        tell(x, USER_INDEX_GONE, S(""));
    } else {
        /* It may have changed between the answers: a whole set is as large as what it named. */
        x->size = whole ? x->told : x->size > x->told ? x->size : x->told + 1;
        tell(x, USER_INDEX_END, S(""));
    }
    put_away(x);
}

/* What each reply has in common. False: there is nothing in it. */
static bool take(struct index_read *x, const struct reply *r)
{
    x->waiting--;
    if (!r) {
        x->lost = true;
    } else if (reply_is_error(r)) {
        struct span why = reply_error(r);
        if (span_starts(why, S("WRONGTYPE"))) {
            collect_tally(x->c, true);
        }
        snprintf(x->error, sizeof x->error, "%.*s", (int)why.len, why.data);
    }
    return r && !reply_is_error(r);
}

static void on_size(void *user, const struct reply *r)
{
    struct index_read *x = user;
    if (take(x, r) && reply_int(r, &x->size)) {
        collect_tally(x->c, x->size > 0);
    }
    if (x->waiting == 0) {
        settle(x);
    }
}

static void on_ttl(void *user, const struct reply *r)
{
    struct index_read *x = user;
    if (take(x, r) && reply_int(r, &x->pttl)) {
        collect_tally(x->c, x->pttl != -2);
    }
    if (x->waiting == 0) {
        settle(x);
    }
}

static void on_member(struct index_read *x, struct span id)
{
    struct collect *c = x->c;
    if (id.len > MEMBER_BYTES_MAX) {
        x->cut = true; /* no session's id */
        return;
    }
    x->told++;
    tell(x, USER_INDEX_MEMBER, id);
    if (!c->options.known(c->options.ctx, TARGET_SESSION, id) && !c->options.is_stale(c->options.ctx, id)) {
        reader_mark(c, TARGET_SESSION, id, false);
    }
}

static void on_page(void *user, const struct reply *r)
{
    struct index_read *x = user;
    struct span cursor;
    bool first = !x->begun;
    x->begun = true;
    if (take(x, r)) {
        const struct reply *members = reply_at(r, 1);
        bool read = reply_string(reply_at(r, 0), &cursor) && cursor.len && cursor.len < sizeof x->cursor;
        snprintf(x->cursor, sizeof x->cursor, "%.*s", read ? (int)cursor.len : 1, read ? cursor.data : "0");
        collect_tally(x->c, !first || reply_count(members) > 0 || strcmp(x->cursor, "0") != 0);
        for (size_t i = 0; i < reply_count(members); i++) {
            on_member(x, reply_text(reply_at(members, i)));
        }
    }
    if (x->waiting == 0) {
        settle(x);
    }
}

static void ask(struct index_read *x)
{
    UT_string key;
    key_of(x, &key);
    struct span name = text_span(&key);
    move(x, PLACE_READING);
    x->must = x->lost = x->cut = x->begun = false;
    x->told = 0;
    x->size = -1;
    x->pttl = -2;
    x->error[0] = '\0';
    snprintf(x->cursor, sizeof x->cursor, "0");
    tell(x, USER_INDEX_BEGIN, S(""));
    x->waiting += link_command(x->c->poll, on_ttl, x, S("PTTL"), name);
    ask_page(x, name);
    utstring_done(&key);
    if (x->waiting == 0) {
        forget(x); /* the link is down: all is read anew when it is up */
    }
}

/* --- when --- */

void index_step(struct collect *c, int64_t now_us)
{
    struct indexes *all = &c->indexes;
    while (all->later && all->later->due_us <= now_us) {
        move(all->later, PLACE_READY);
    }
    /* At first sessions alone: what a set names is then known, and each set is read once. */
    bool first = !c->census.complete;
    bool wait = first ? !c->census.last_page || c->reader.count > 0 : c->reader.count > SESSIONS_FIRST;
    if (!all->ready || wait || all->in[PLACE_READING] >= READING_MAX ||
        (all->in[PLACE_READY] < FEW && now_us - all->drained_us < DRAIN_US)) {
        return;
    }
    all->drained_us = now_us;
    size_t room = (READING_MAX - all->in[PLACE_READING]) * COMMANDS;
    size_t want = all->in[PLACE_READY] * COMMANDS;
    size_t tokens = pace_take(&c->pace, want < room ? want : room, now_us);
    while (all->ready && (tokens >= COMMANDS || !all->ready->must)) {
        struct index_read *x = all->ready;
        if (!x->must && !known(c, span_make(x->user, x->len)).unsure) {
            forget(x);
            continue;
        }
        if (tokens < COMMANDS) {
            break;
        }
        tokens -= COMMANDS;
        ask(x);
    }
    pace_give_back(&c->pace, tokens);
}

void index_first_walk_ends(struct collect *c)
{
    struct index_read *x, *next;
    hash_each (c->indexes.marked, x, next) {
        c->indexes.owed += !x->owed;
        x->owed = true;
    }
}

bool index_settled(const struct collect *c)
{
    return c->indexes.owed == 0;
}

bool index_is_hasty(const struct collect *c)
{
    return c->indexes.in[PLACE_READY] >= FEW;
}

void index_clear(struct collect *c)
{
    struct index_read *x, *next;
    hash_each (c->indexes.marked, x, next) {
        if (x->place == PLACE_READING && x->waiting) {
            x->lost = true; /* freed with its last reply */
        } else {
            forget(x);
        }
    }
}
