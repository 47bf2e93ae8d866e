/* session: rows by id. A row and its texts are one block of memory, since there may be a hundred thousand;
 * the dense array is a heap by expiry, so that what expires next is found at once. */
#include "model_priv.h"

#define EXPIRY_GRACE_US (2 * US_PER_S)
#define TTL_DEFAULT_US  (INT64_C(86400) * US_PER_S)
#define NEVER           INT64_MAX

enum { SHORT_ID_COLS = 7 };

/* --- the heap --- */

static int64_t deadline(const struct session *s)
{
    return s->expires_us < 0 ? NEVER : s->expires_us;
}

static void heap_put(struct session_state *all, size_t i, struct session *s)
{
    all->heap[i] = s;
    s->index = (uint32_t)i;
}

static void sift_up(struct session_state *all, struct session *s)
{
    size_t i = s->index;
    while (i > 0 && deadline(all->heap[(i - 1) / 2]) > deadline(s)) {
        heap_put(all, i, all->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    heap_put(all, i, s);
}

static void sift_down(struct session_state *all, struct session *s)
{
    size_t i = s->index;
    for (size_t child = 2 * i + 1; child < all->count; child = 2 * i + 1) {
        if (child + 1 < all->count && deadline(all->heap[child + 1]) < deadline(all->heap[child])) {
            child++;
        }
        if (deadline(all->heap[child]) >= deadline(s)) {
            break;
        }
        heap_put(all, i, all->heap[child]);
        i = child;
    }
    heap_put(all, i, s);
}

static void heap_settle(struct session_state *all, struct session *s)
{
    sift_up(all, s);
    sift_down(all, s);
}

static void heap_add(struct session_state *all, struct session *s)
{
    if (all->count == all->room) {
        all->room = all->room ? all->room * 2 : 64;
        all->heap = mem_realloc(all->heap, all->room * sizeof(struct session *));
    }
    heap_put(all, all->count++, s);
    heap_settle(all, s);
}

static void heap_drop(struct session_state *all, size_t i)
{
    struct session *last = all->heap[--all->count];
    if (i < all->count) {
        heap_put(all, i, last);
        heap_settle(all, last);
    }
}

/* --- rows --- */

void session_init(struct model *m)
{
    static const UT_icd total_icd = {sizeof(struct role_total), NULL, NULL, NULL};
    utarray_init(&m->session.totals, &total_icd);
    utstring_init(&m->session.scratch);
    m->session.ttl_us = TTL_DEFAULT_US;
    m->session.ttl_applied_us = TTL_DEFAULT_US;
    m->session.rates.since_us = -1;
    user_view_init(m);
    user_crowd_init(m);
}

static struct session *find(const struct model *m, struct span id)
{
    struct session *s = NULL;
    HASH_FIND(hh, m->session.by_id, id.data, id.len, s);
    return s;
}

static void detach(struct model *m, struct session *s)
{
    user_unlink(m, s);
    role_drop(m, s);
    HASH_DELETE(hh, m->session.by_id, s);
}

static void drop(struct model *m, struct session *s)
{
    detach(m, s);
    heap_drop(&m->session, s->index);
    mem_free(s);
    model_touch(m, TOPIC_SESSIONS);
}

void session_release(struct model *m)
{
    struct session_state *all = &m->session;
    HASH_CLEAR(hh, all->by_id);
    for (size_t i = 0; i < all->count; i++) {
        mem_free(all->heap[i]);
    }
    mem_free(all->heap);
    user_release(m);
    role_release(m);
    utarray_done(&all->totals);
    utstring_done(&all->scratch);
}

/* --- texts --- */

/* Where the texts of a row begin, within its block; behind them the key of its user, who has it already. */
struct places {
    size_t name, email, user_key;
};

static size_t add_display(UT_string *out, struct span raw)
{
    size_t at = out->i;
    utf8_sanitise(raw, NAME_COLS, out);
    utstring_bincpy(out, "", 1);
    return at;
}

static struct places write_texts(UT_string *out, const struct fact_session *f)
{
    struct places at;
    utstring_clear(out);
    text_add(out, f->id);
    utstring_bincpy(out, "", 1);
    at.name = add_display(out, f->name);
    at.email = add_display(out, f->email);
    at.user_key = out->i;
    /* A user id is a text without zero bytes; what is behind one could not be looked up. */
    text_add(out, span_head(f->user_id, span_find(f->user_id, '\0')));
    utstring_bincpy(out, "", 1);
    return at;
}

static size_t texts_size(const struct session *s)
{
    return (size_t)(s->email - s->id) + strlen(s->email) + 1;
}

static struct session *make(struct model *m, const struct fact_session *f, const struct places *at)
{
    const UT_string *text = &m->session.scratch;
    struct session *s = mem_realloc(NULL, sizeof(*s) + at->user_key);
    memset(s, 0, sizeof(*s));
    s->id = (char *)(s + 1);
    memcpy(s->id, text->d, at->user_key);
    s->id_len = f->id.len;
    s->name = s->id + at->name;
    s->email = s->id + at->email;
    model_show(s->short_id, sizeof(s->short_id), f->id, SHORT_ID_COLS);
    HASH_ADD_KEYPTR(hh, m->session.by_id, s->id, s->id_len, s);
    return s;
}

/* --- times --- */

static int64_t not_before(const struct session *s, int64_t seen_us)
{
    int64_t floor_us = s->updated_us > s->created_us ? s->updated_us : s->created_us;
    return seen_us > floor_us ? seen_us : floor_us;
}

/* Each use sets the full TTL anew: what is missing of it is how long ago that was. */
static void set_ttl(struct model *m, struct session *s, int64_t pttl_ms)
{
    struct session_state *all = &m->session;
    if (pttl_ms < -1) {
        return; /* not read: what was known stands */
    }
    if (pttl_ms == -1) {
        s->expires_us = -1;
        s->seen_us = -1;
        return;
    }
    int64_t left_us = model_ttl_us(pttl_ms);
    s->expires_us = m->now_us + left_us;
    if (left_us > all->ttl_us) {
        /* Read a moment after it was set: the TTL is a whole second. */
        all->ttl_us = (left_us + US_PER_S - 1) / US_PER_S * US_PER_S;
    }
    s->seen_us = not_before(s, m->wall_us - all->ttl_applied_us + left_us);
}

/* --- facts --- */

/* Other texts of a session: a new row in the old one's place. */
static struct session *replace(struct model *m, struct session *old, const struct fact_session *f,
                               const struct places *at)
{
    struct session_state *all = &m->session;
    const struct session was = *old;
    bool moved = strcmp(old->user_key, all->scratch.d + at->user_key) != 0;
    struct user *kept = moved ? NULL : old->user;
    if (moved) {
        user_index_moved(m, old);
    }
    if (kept) {
        kept->pinned = true;
    }
    detach(m, old);
    mem_free(old);
    struct session *s = make(m, f, at);
    s->expires_us = was.expires_us;
    s->seen_us = was.seen_us;
    heap_put(all, was.index, s);
    user_link(m, s, span_of(all->scratch.d + at->user_key));
    if (kept) {
        kept->pinned = false;
        s->pass = was.pass;
        s->missed_us = was.missed_us;
        user_index_listing(m, s, was.listing);
    }
    return s;
}

/* A row whose texts are as the scratch has them: the present one, a new one in its place, or a new one. */
static struct session *row_for(struct model *m, struct session *old, const struct fact_session *f,
                               const struct places *at)
{
    struct session_state *all = &m->session;
    bool same = old && texts_size(old) == at->user_key &&
                memcmp(old->id, all->scratch.d, at->user_key) == 0 &&
                strcmp(old->user_key, all->scratch.d + at->user_key) == 0;

    if (!old && all->count >= SESSIONS_MAX) {
        all->cut_now++;
        return NULL;
    }
    if (same) {
        role_drop(m, old);
        return old;
    }
    if (old) {
        return replace(m, old, f, at);
    }
    struct session *s = make(m, f, at);
    s->expires_us = NEVER;
    s->seen_us = -1;
    user_link(m, s, span_of(all->scratch.d + at->user_key));
    heap_add(all, s);
    return s;
}

static void renewed(struct model *m, struct session *s)
{
    heap_settle(&m->session, s);
    if (s->user) {
        user_view_changed(s->user);
    }
    model_touch(m, TOPIC_SESSIONS);
}

void session_apply(struct model *m, const struct fact_session *f)
{
    struct places at = write_texts(&m->session.scratch, f);
    struct session *old = find(m, f->id);
    struct session *s = row_for(m, old, f, &at);
    if (!s) {
        user_index_lives(m, NULL, f->id, span_of(m->session.scratch.d + at.user_key));
        return;
    }
    bool is_new = !old;
    role_add(m, s, f->role);
    s->form = f->form;
    s->created_us = model_time(f->created_us);
    s->updated_us = model_time(f->updated_us);
    s->bytes = model_count(f->bytes);
    s->walk = m->session.walk;
    set_ttl(m, s, f->pttl_ms);
    if (is_new) {
        session_rate_login(m, s);
    }
    user_index_lives(m, s, f->id, S(""));
    if (s->user) {
        user_index_count(m, s->user);
    }
    renewed(m, s);
}

void session_ttl(struct model *m, const struct fact_session_ttl *f)
{
    struct session *s = find(m, f->id);
    if (!s) {
        return;
    }
    s->walk = m->session.walk;
    if (f->pttl_ms >= -1) { /* else the walk has met it, and that is all */
        set_ttl(m, s, f->pttl_ms);
        renewed(m, s);
    }
}

/* Its own entry outlives a session that runs out; who deletes one takes the entry off as well. */
void session_gone(struct model *m, const struct fact_session_gone *f)
{
    struct session *s = find(m, f->id);
    bool expired = f->reason == GONE_EXPIRED;
    user_index_gone(m, s, f->id, expired || f->reason == GONE_EVICTED);
    if (s) {
        session_rate_end(m, expired ? SESSION_EXPIRED : SESSION_ENDED, m->now_us);
        drop(m, s);
    }
}

void session_walk_begin(struct model *m)
{
    m->session.walk++;
    m->session.cut_now = 0;
    user_index_walk_begin(m);
}

void session_walk_end(struct model *m)
{
    struct session_state *all = &m->session;
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct session *s = all->heap[i];
        if (s->walk == all->walk) {
            heap_put(all, kept++, s);
        } else {
            if (!connection_hears_changes(m)) {
                session_rate_end(m, SESSION_ENDED,
                                 m->now_us); /* else the news of it were lost: it may be old */
            }
            detach(m, s);
            mem_free(s);
        }
    }
    bool swept = kept < all->count;
    all->count = kept;
    for (size_t i = swept ? kept / 2 : 0; i > 0; i--) {
        sift_down(all, all->heap[i - 1]);
    }
    all->cut = all->cut_now;
    all->cut_now = 0;
    all->rates.since_us = all->rates.since_us < 0 ? m->now_us : all->rates.since_us;
    user_index_walk_end(m);
    model_touch(m, TOPIC_SESSIONS);
}

static void expire(struct model *m, struct session *s)
{
    user_index_gone(m, s, span_make(s->id, s->id_len), true);
    session_rate_end(m, SESSION_EXPIRED, s->expires_us);
    drop(m, s);
}

void session_clock(struct model *m)
{
    struct session_state *all = &m->session;
    if (all->ttl_us != all->ttl_applied_us) {
        /* A longer TTL than thought: everybody was seen longer ago. */
        int64_t earlier = all->ttl_us - all->ttl_applied_us;
        for (size_t i = 0; i < all->count; i++) {
            struct session *s = all->heap[i];
            if (s->expires_us >= 0 && s->expires_us != NEVER) {
                s->seen_us = not_before(s, s->seen_us - earlier);
            }
        }
        all->ttl_applied_us = all->ttl_us;
        user_view_all_changed(m);
        model_touch(m, TOPIC_SESSIONS);
    }
    /* While Redis cannot be asked a TTL may have been renewed unseen. */
    while (connection_poll_up(m) && all->count > 0 && deadline(all->heap[0]) != NEVER &&
           m->now_us > deadline(all->heap[0]) + EXPIRY_GRACE_US) {
        expire(m, all->heap[0]);
    }
}

size_t model_session_count(const struct model *m)
{
    return m->session.count;
}

const struct session *model_session_at(const struct model *m, size_t i)
{
    return i < m->session.count ? m->session.heap[i] : NULL;
}

const struct session *model_session_find(const struct model *m, struct span id)
{
    return find(m, id);
}

int64_t model_session_ttl_us(const struct model *m)
{
    return m->session.ttl_us;
}
