/* index: reads users' sets of sessions, user:<id>:sessions. Each set once however often it was marked,
 * sessions before sets, within the budget. A set that leaves something unsure is read again a moment later.
 */
#include "index_priv.h"

enum { MARKED_MAX = 200000, READING_MAX = 200, ROUNDS_MAX = 3 };
enum { COMMANDS = 2, SESSIONS_FIRST = 200, FEW = 70, SHARE = 20 };
enum { AMISS_PER_WALK = 50 };
#define DRAIN_US   (100 * US_PER_MS)
#define CONFIRM_US (1100 * US_PER_MS)        /* above the model's own time of grace */
#define AMISS_US   (INT64_C(600) * US_PER_S) /* who takes entries off a set is not heard */

static struct index_read **list_of(struct indexes *all, enum place place)
{
    return place == PLACE_READY   ? &all->ready
           : place == PLACE_LATER ? &all->later
           : place == PLACE_MORE  ? &all->more
                                  : &all->reading;
}

static void take_out(struct index_read *x)
{
    struct index_read **head = list_of(&x->c->indexes, x->place);
    DL_DELETE(*head, x);
    x->c->indexes.in[x->place]--;
}

void index_move(struct index_read *x, enum place place)
{
    struct index_read **head = list_of(&x->c->indexes, place);
    take_out(x);
    x->place = place;
    DL_APPEND(*head, x);
    x->c->indexes.in[place]++;
}

void index_forget(struct index_read *x)
{
    struct indexes *all = &x->c->indexes;
    take_out(x);
    all->owed -= x->owed;
    HASH_DEL(all->marked, x);
    index_read_drop(x);
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
    } else if (x->place == PLACE_READING || x->place == PLACE_MORE) {
        x->again = true;
    } else if (x->place == PLACE_LATER && must) {
        index_move(x, PLACE_READY);
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
    bool must = k.read_us < 0 || (old && k.read_us < c->census.begun_us);
    if (c->indexes.walk_us != c->census.begun_us) {
        c->indexes.walk_us = c->census.begun_us;
        c->indexes.again = 0;
    }
    if (!must && k.amiss && c->census.begun_us - k.read_us > AMISS_US && c->indexes.again < AMISS_PER_WALK) {
        c->indexes.again++;
        must = true;
    }
    if (must) {
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

/* A session that was not known, or was another user's: its user's set is to name it. However often that set
 * was read of late, for want of certainty about others: */
static void appeared(struct collect *c, struct span user)
{
    struct index_read *x = NULL;
    index_mark(c, user, false);
    HASH_FIND(hh, c->indexes.marked, user.data, user.len, x);
    if (x) {
        x->rounds = 0;
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
        appeared(c, user);
        return;
    }
    collect_emit(c, f);
    bool old = c->census.reread || !feed_is_live(c);
    if (old && known(c, user).read_us < c->census.begun_us) {
        index_mark(c, user, true);
    }
}

/* Later, at once, or never again. */
void index_put_away(struct index_read *x)
{
    bool unsure = known(x->c, span_make(x->user, x->len)).unsure;
    index_read_drop(x);
    if (x->again) {
        x->again = false;
        index_move(x, PLACE_READY);
    } else if (unsure && ++x->rounds < ROUNDS_MAX) {
        x->must = true;
        x->due_us = clock_mono_us() + CONFIRM_US;
        index_move(x, PLACE_LATER);
    } else {
        index_forget(x);
    }
}

/* --- when --- */

/* Sets that are read in more than one go: they have begun, and go first. */
static void go_on(struct collect *c, int64_t now_us)
{
    struct indexes *all = &c->indexes;
    size_t tokens = all->more ? pace_take(&c->pace, all->in[PLACE_MORE], now_us) : 0;
    for (; all->more && tokens; tokens--) {
        struct index_read *x = all->more;
        index_move(x, PLACE_READING);
        index_read_go_on(x);
    }
    pace_give_back(&c->pace, tokens);
}

void index_step(struct collect *c, int64_t now_us)
{
    struct indexes *all = &c->indexes;
    for (struct index_read *x = all->later, *after; x && x->due_us <= now_us; x = after) {
        after = x->next;
        index_move(x, PLACE_READY);
    }
    go_on(c, now_us);
    /* At first sessions alone: what a set names is then known, and each set is read once. */
    bool first = !c->census.complete;
    bool wait = first && (!c->census.last_page || c->reader.count > 0);
    /* Later as well, but where more sessions are used than can be read it would wait for ever. */
    bool crowded = c->reader.count > SESSIONS_FIRST;
    if (!all->ready || wait || all->in[PLACE_READING] + all->in[PLACE_MORE] >= READING_MAX ||
        ((crowded || all->in[PLACE_READY] < FEW) && now_us - all->purse.spent_us < DRAIN_US)) {
        return;
    }
    size_t room = crowded ? SHARE : (READING_MAX - all->in[PLACE_READING] - all->in[PLACE_MORE]) * COMMANDS;
    size_t want = all->in[PLACE_READY] * COMMANDS;
    size_t tokens = pace_take_group(&c->pace, &all->purse, want < room ? want : room, now_us);
    while (all->ready && (tokens >= COMMANDS || !all->ready->must)) {
        struct index_read *x = all->ready;
        if (!x->must && !known(c, span_make(x->user, x->len)).unsure) {
            index_forget(x);
            continue;
        }
        if (tokens < COMMANDS) {
            break;
        }
        tokens -= COMMANDS;
        index_read_ask(x);
    }
    all->purse.tokens += tokens;
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
    return c->indexes.in[PLACE_READY] >= FEW || c->indexes.more;
}

void index_clear(struct collect *c)
{
    c->indexes.refused = false;
    struct index_read *x, *next;
    hash_each (c->indexes.marked, x, next) {
        if (x->place == PLACE_READING && x->answer->waiting) {
            x->answer->lost = true; /* freed with its last reply */
        } else {
            index_forget(x);
        }
    }
}
