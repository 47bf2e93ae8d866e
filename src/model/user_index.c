/* user_index: sessions joined with the set of their user, user:<id>:sessions, which only log-ins renew. A
 * read of a set is a pass: what it named bears its number when it ends. */
#include "model_priv.h"

#define SAME_TIME_US (5 * US_PER_S)

static struct user_set *set_get(struct model *m, struct user *u)
{
    if (!u->set) {
        u->set = mem_zalloc(sizeof(*u->set));
        u->set->asked_us = u->set->read_us = u->set->parted_us = -1;
        u->set->expires_us = INT64_MAX;
        u->set->size = -1;
        u->set->state = USER_INDEX_UNREAD;
        user_index_count(m, u);
    }
    return u->set;
}

/* --- what is known of a user as a whole --- */

static enum user_index_state state_of(const struct user *u)
{
    return u->set ? u->set->state : USER_INDEX_UNREAD;
}

/* A set that is none cannot name anything: that much is known of it. */
static bool is_failed(const struct user *u)
{
    return state_of(u) == USER_INDEX_FAILED && !u->set->wrong_type;
}

static bool is_joined(const struct user *u)
{
    bool read = state_of(u) != USER_INDEX_UNREAD && !is_failed(u);
    bool tells = read && !(state_of(u) == USER_INDEX_FAILED || u->set->blind);
    return read && u->set->pending == 0 && (!tells || u->unknown == 0);
}

/* Those who come and go all the time are owed no more than a read with time to spare. */
static bool is_paid(const struct model *m, const struct user *u)
{
    bool read = state_of(u) != USER_INDEX_UNREAD && !is_failed(u);
    return is_joined(u) || (read && u->set->read_us >= m->session.index.owing_us + ORPHAN_GRACE_US);
}

static void conclude(struct session_index_state *all)
{
    if (all->owing && all->owed == 0) {
        all->owing = false;
        all->complete = true;
    }
}

void user_index_count(struct model *m, struct user *u)
{
    struct session_index_state *all = &m->session.index;
    bool present = u->sessions || u->set;
    bool failed = present && is_failed(u);
    bool unread = present && (failed || state_of(u) == USER_INDEX_UNREAD);
    bool partly = present && state_of(u) == USER_INDEX_PARTLY;
    bool blind = partly && u->set->blind;
    all->view.unread = all->view.unread - u->unread + unread;
    all->view.partly = all->view.partly - u->partly + partly;
    bool unreadable = present && state_of(u) == USER_INDEX_FAILED && u->set->wrong_type;
    all->view.unreadable = all->view.unreadable - u->unreadable + unreadable;
    all->view.blind = all->view.blind - u->blind + blind;
    all->failed = all->failed - u->failed + failed;
    u->unread = unread;
    u->partly = partly;
    u->blind = blind;
    u->unreadable = unreadable;
    u->failed = failed;
    if (u->owed && (!present || is_paid(m, u))) {
        u->owed = false;
        all->owed--;
        conclude(all);
    }
}

bool user_index_unsure(const struct user *u)
{
    const struct user_set *set = u->set;
    if (!set || set->state == USER_INDEX_UNREAD) {
        return u->sessions || set;
    }
    if (set->state == USER_INDEX_FAILED) {
        return false;
    }
    /* Who deletes a session takes its entry off next, if not before. */
    bool parting = set->strays && set->parted_us >= 0 && set->parted_us > set->read_us - ORPHAN_GRACE_US;
    return parting || (!set->blind && u->unknown > 0);
}

bool model_user_index(const struct model *m, struct span user_key, struct user_index_view *ret)
{
    const struct user *u = user_find(m, user_key);
    if (u) {
        const struct user_set *set = u->set;
        *ret = (struct user_index_view){.state = state_of(u),
                                        .read_us = set ? set->read_us : -1,
                                        .unsure = user_index_unsure(u),
                                        .amiss = u->orphans || (set && set->stale + set->foreign > 0)};
    }
    return u != NULL;
}

/* --- sessions --- */

void user_index_listing(struct model *m, struct session *s, enum session_listing listing)
{
    struct user *u = s->user;
    if (listing == SESSION_LISTED) {
        s->missed_us = -1;
    }
    if (!u || s->listing == listing) {
        return;
    }
    bool was_orphan = s->listing == SESSION_ORPHAN;
    bool is_orphan = listing == SESSION_ORPHAN;
    u->orphans = u->orphans - was_orphan + is_orphan;
    m->session.index.view.orphans = m->session.index.view.orphans - was_orphan + is_orphan;
    u->unknown = u->unknown - (s->listing == SESSION_LISTING_UNKNOWN) + (listing == SESSION_LISTING_UNKNOWN);
    s->listing = listing;
    user_view_changed(u);
    model_touch(m, TOPIC_SESSIONS);
}

void user_index_lives(struct model *m, struct session *s, struct span id, struct span user_key)
{
    struct stray *next;
    for (struct stray *t = stray_find(m, id); t; t = next) {
        struct user *u = t->user;
        bool own = s ? u == s->user : span_equal(span_make(u->key, u->len), user_key);
        next = t->same_id_next;
        if (!own) {
            stray_set(m, t, STRAY_FOREIGN);
        } else {
            if (s) {
                s->pass = t->pass;
                user_index_listing(m, s, SESSION_LISTED);
            }
            stray_drop(m, t);
        }
        user_index_count(m, u);
    }
}

/* Who never came back after the log-in: session and set run out at one time. */
static bool goes_too(const struct model *m, const struct user_set *set)
{
    return set->expires_us >= 0 && set->expires_us <= m->now_us + SAME_TIME_US;
}

void user_index_gone(struct model *m, const struct session *s, struct span id, bool stays)
{
    for (struct stray *t = stray_find(m, id); t; t = t->same_id_next) {
        stray_set(m, t, STRAY_STALE);
        user_index_count(m, t->user);
    }
    if (s && s->user && s->listing == SESSION_LISTED && stays && !goes_too(m, s->user->set)) {
        struct stray *t = stray_add(m, s->user, id, STRAY_STALE);
        if (t) {
            t->pass = s->pass;
        }
    }
    if (s && s->user && s->user->set && !stays) {
        s->user->set->parted_us = m->now_us;
    }
}

void user_index_moved(struct model *m, struct session *s)
{
    if (s->user && s->listing == SESSION_LISTED) {
        struct stray *t = stray_add(m, s->user, span_make(s->id, s->id_len), STRAY_FOREIGN);
        if (t) {
            t->pass = s->pass;
        }
    }
}

/* --- a read --- */

static void begin(struct model *m, struct user *u)
{
    struct user_set *set = set_get(m, u);
    set->asked_us = m->now_us;
    set->pass = set->pass == UINT32_MAX ? 1 : set->pass + 1;
    set->walk = m->session.walk;
    set->told = 0;
    set->cut = false;
    set->reading = true;
}

static void member(struct model *m, struct user *u, struct span id)
{
    struct user_set *set = u->set;
    if (!set || !set->reading) {
        return;
    }
    set->told++;
    struct session *s = NULL;
    HASH_FIND(hh, m->session.by_id, id.data, id.len, s);
    if (s && s->user == u) {
        s->pass = set->pass;
        user_index_listing(m, s, SESSION_LISTED);
        return;
    }
    struct stray *t = stray_of(m, u, id);
    if (!t) {
        /* Known to be gone by another set that names it: nobody looks for it again. */
        bool gone = !s && model_stray_is_stale(m, id);
        t = stray_add(m, u, id, s ? STRAY_FOREIGN : gone ? STRAY_STALE : STRAY_PENDING);
    }
    if (t) {
        t->pass = set->pass;
    }
}

/* A session that the set does not name for sure. */
static void miss(struct model *m, struct session *s, int64_t asked_us)
{
    if (s->missed_us < 0) {
        s->missed_us = asked_us;
    }
    bool sure = s->listing == SESSION_ORPHAN || asked_us - s->missed_us >= ORPHAN_GRACE_US;
    user_index_listing(m, s, sure ? SESSION_ORPHAN : SESSION_LISTING_UNKNOWN);
}

/* The set was asked for one session. */
static void answered(struct model *m, struct user *u, struct span id, bool named)
{
    struct user_set *set = u->set;
    struct session *s = NULL;
    HASH_FIND(hh, m->session.by_id, id.data, id.len, s);
    if (!set || !set->reading || !s || s->user != u) {
        return;
    }
    s->pass = set->pass;
    if (named) {
        user_index_listing(m, s, SESSION_LISTED);
    } else {
        miss(m, s, set->asked_us);
    }
}

void model_user_unmet(const struct model *m, struct span user_key, void (*each)(void *ctx, struct span id),
                      void *ctx)
{
    const struct user *u = user_find(m, user_key);
    bool reading = u && u->set && u->set->reading;
    for (const struct session *s = reading ? u->first : NULL; s; s = s->same_user_next) {
        if (s->pass != u->set->pass) {
            each(ctx, span_make(s->id, s->id_len));
        }
    }
}

static void end(struct model *m, struct user *u, enum user_index_state state)
{
    struct user_set *set = u->set;
    bool whole = state == USER_INDEX_READ || state == USER_INDEX_ABSENT;
    struct stray *next;
    set->state = state;
    set->reading = false;
    set->read_us = set->asked_us;
    set->blind = false;
    for (struct session *s = u->first; s; s = s->same_user_next) {
        if (state != USER_INDEX_FAILED && s->pass == set->pass) {
            continue;
        }
        if (whole) {
            miss(m, s, set->asked_us);
        } else {
            s->missed_us = s->missed_us < 0 ? set->asked_us : s->missed_us;
            /* One that has come since it was begun is for the next read. */
            set->blind |= state == USER_INDEX_PARTLY && s->missed_us <= set->asked_us;
            user_index_listing(m, s, SESSION_LISTING_UNKNOWN);
        }
    }
    for (struct stray *t = set->strays; t; t = next) {
        next = t->next;
        if (t->pass != set->pass || state == USER_INDEX_FAILED) {
            stray_drop(m, t);
        }
    }
    user_view_changed(u);
    model_touch(m, TOPIC_SESSIONS);
}

static void ended(struct model *m, struct user *u, const struct fact_user_index *f)
{
    struct user_set *set = u->set;
    if (!set || !set->reading) {
        return;
    }
    int64_t size = model_count(f->size);
    set->size = size;
    set->expires_us = f->pttl_ms < -1    ? INT64_MAX
                      : f->pttl_ms == -1 ? -1
                                         : m->now_us + model_ttl_us(f->pttl_ms);
    set->wrong_type = size < 0 && span_starts(f->error, S("WRONGTYPE"));
    if (size < 0 && !set->wrong_type) {
        struct session_index_view *view = &m->session.index.view;
        model_show(view->error, sizeof view->error, f->error, (int)sizeof view->error);
    }
    end(m, u,
        size < 0                                                 ? USER_INDEX_FAILED
        : set->told < size - model_count(f->skipped) || set->cut ? USER_INDEX_PARTLY
                                                                 : USER_INDEX_READ);
    user_index_count(m, u);
}

static void absent(struct model *m, struct user *u, int64_t asked_us)
{
    struct user_set *set = set_get(m, u);
    if (!set->reading) {
        begin(m, u);
        set->asked_us = asked_us;
    }
    set->pass = set->pass == UINT32_MAX ? 1 : set->pass + 1; /* whatever it named meanwhile went with it */
    set->size = 0;
    set->expires_us = INT64_MAX;
    set->wrong_type = false;
    end(m, u, USER_INDEX_ABSENT);
    user_index_count(m, u);
    user_drop_idle(m, u);
}

void user_index_apply(struct model *m, const struct fact_user_index *f)
{
    if (f->user_id.len == 0 || span_find(f->user_id, '\0') < f->user_id.len) {
        return; /* no session could name that user */
    }
    struct user *u = user_find(m, f->user_id);
    switch (f->phase) {
    case USER_INDEX_BEGIN:
        begin(m, user_get(m, f->user_id));
        break;
    case USER_INDEX_MEMBER:
        if (u) {
            member(m, u, f->id);
        }
        break;
    case USER_INDEX_NAMED:
    case USER_INDEX_UNNAMED:
        if (u) {
            answered(m, u, f->id, f->phase == USER_INDEX_NAMED);
        }
        break;
    case USER_INDEX_END:
        if (u) {
            ended(m, u, f);
        }
        break;
    case USER_INDEX_GONE:
        if (u) {
            absent(m, u, m->now_us);
        }
        break;
    case USER_INDEX_SEEN:
        set_get(m, user_get(m, f->user_id))->walk = m->session.walk;
        break;
    default:
        break;
    }
}

/* --- the walk --- */

void user_index_walk_begin(struct model *m)
{
    m->session.index.walk_begun_us = m->now_us;
}

/* What was there all the time a walk has met. */
void user_index_walk_end(struct model *m)
{
    struct session_index_state *all = &m->session.index;
    const struct user_table *t = &m->session.users;
    for (size_t i = t->count; i > 0; i--) {
        struct user *u = t->row[i - 1];
        if (u->set && u->set->walk != m->session.walk && u->set->state != USER_INDEX_ABSENT) {
            u->set->reading = false;
            absent(m, u, all->walk_begun_us);
        }
    }
    if (all->owing || all->complete) {
        return;
    }
    all->owing = true;
    all->owing_us = m->now_us;
    all->owed = 0;
    for (size_t i = 0; i < t->count; i++) {
        t->row[i]->owed = !is_joined(t->row[i]);
        all->owed += t->row[i]->owed;
    }
    conclude(all);
}

void user_index_forget(struct model *m)
{
    struct session_index_state *all = &m->session.index;
    const struct user_table *t = &m->session.users;
    all->owing = all->complete = false;
    all->owed = 0;
    for (size_t i = t->count; i > 0; i--) {
        struct user *u = t->row[i - 1];
        u->owed = false;
        for (struct session *s = u->first; s; s = s->same_user_next) {
            s->pass = 0;
            user_index_listing(m, s, SESSION_LISTING_UNKNOWN);
            s->missed_us = m->now_us;
        }
        if (u->set) {
            stray_drop_all(m, u);
            mem_free(u->set);
            u->set = NULL;
        }
        user_view_changed(u);
        user_index_count(m, u);
        user_drop_idle(m, u);
    }
}
