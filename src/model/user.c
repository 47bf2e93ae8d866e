/* user: who has sessions, or a set of them. A table by raw id with the rows also in a dense array; the
 * sessions of one user are a chain through the sessions themselves. */
#include "model_priv.h"

#include "redai/base/hash.h"

enum { BUCKETS_FIRST = 64 };

static uint32_t hash_of(struct span key)
{
    uint64_t hash = hash_fnv1a(key);
    return (uint32_t)(hash ^ hash >> 32);
}

struct user *user_find(const struct model *m, struct span key)
{
    const struct user_table *t = &m->session.users;
    if (!t->buckets || !key.len) {
        return NULL;
    }
    uint32_t hash = hash_of(key);
    struct user *u = t->bucket[hash & (t->buckets - 1)];
    while (u && (u->hash != hash || !span_equal(span_make(u->key, u->len), key))) {
        u = u->chain;
    }
    return u;
}

static void grow(struct user_table *t)
{
    size_t buckets = t->buckets ? t->buckets * 2 : BUCKETS_FIRST;
    mem_free(t->bucket);
    t->bucket = mem_zalloc(buckets * sizeof(struct user *));
    t->buckets = buckets;
    t->row = mem_realloc(t->row, buckets * sizeof(struct user *));
    t->room = buckets;
    for (size_t i = 0; i < t->count; i++) {
        struct user *u = t->row[i];
        u->chain = t->bucket[u->hash & (buckets - 1)];
        t->bucket[u->hash & (buckets - 1)] = u;
    }
}

static struct user *make(struct model *m, struct span key)
{
    struct user_table *t = &m->session.users;
    UT_string shown;
    utstring_init(&shown);
    utf8_sanitise(key, NAME_COLS, &shown);
    bool same = span_equal(text_span(&shown), key);
    struct user *u = mem_zalloc(sizeof(*u) + key.len + 1 + (same ? 0 : shown.i + 1));
    memcpy(u->key, key.data, key.len);
    u->len = (uint32_t)key.len;
    u->shown = same ? 0 : u->len + 1;
    if (!same) {
        memcpy(u->key + u->shown, shown.d, shown.i);
    }
    utstring_done(&shown);
    u->hash = hash_of(key);
    if (t->count == t->room) {
        grow(t);
    }
    u->index = (uint32_t)t->count;
    t->row[t->count++] = u;
    model_touch(m, TOPIC_SESSIONS);
    u->chain = t->bucket[u->hash & (t->buckets - 1)];
    t->bucket[u->hash & (t->buckets - 1)] = u;
    user_index_count(m, u);
    return u;
}

struct user *user_get(struct model *m, struct span key)
{
    struct user *u = user_find(m, key);
    return u ? u : make(m, key);
}

void user_drop_idle(struct model *m, struct user *u)
{
    struct user_table *t = &m->session.users;
    if (u->sessions || u->pinned) {
        return;
    }
    if (u->set && u->set->state == USER_INDEX_ABSENT && !u->set->reading) {
        stray_drop_all(m, u);
        mem_free(u->set);
        u->set = NULL;
        user_index_count(m, u);
    }
    if (u->set) {
        return;
    }
    struct user **link = &t->bucket[u->hash & (t->buckets - 1)];
    while (*link != u) {
        link = &(*link)->chain;
    }
    *link = u->chain;
    model_touch(m, TOPIC_SESSIONS);
    struct user *last = t->row[--t->count];
    t->row[u->index] = last;
    last->index = u->index;
    last->view_ok = false; /* views have the rows' places */
    mem_free(u);
}

void user_link(struct model *m, struct session *s, struct span key)
{
    static char nobody[] = "";
    s->user = NULL;
    s->missed_us = m->now_us;
    s->pass = 0;
    s->user_key = s->user_id = nobody;
    if (!key.len) {
        s->listing = SESSION_NOBODYS;
        return;
    }
    struct user *u = user_get(m, key);
    s->user = u;
    s->user_key = u->key;
    s->user_id = u->key + u->shown;
    s->same_user_prev = NULL;
    s->same_user_next = u->first;
    if (u->first) {
        u->first->same_user_prev = s;
    }
    u->first = s;
    m->session.users.with_sessions += u->sessions == 0;
    u->sessions++;
    u->unknown++;
    s->listing = SESSION_LISTING_UNKNOWN;
    user_view_changed(u);
    user_crowd_counted(m, u, u->sessions - 1);
    user_index_count(m, u);
}

void user_unlink(struct model *m, struct session *s)
{
    struct user *u = s->user;
    if (!u) {
        return;
    }
    if (s->same_user_next) {
        s->same_user_next->same_user_prev = s->same_user_prev;
    }
    if (s->same_user_prev) {
        s->same_user_prev->same_user_next = s->same_user_next;
    } else {
        u->first = s->same_user_next;
    }
    s->same_user_prev = NULL;
    s->same_user_next = NULL;
    user_index_listing(m, s, SESSION_LISTED); /* it counts as nothing amiss any more */
    s->user = NULL;
    u->sessions--;
    m->session.users.with_sessions -= u->sessions == 0;
    user_view_changed(u);
    user_crowd_counted(m, u, u->sessions + 1);
    user_index_count(m, u);
    user_drop_idle(m, u);
}

void user_release(struct model *m)
{
    struct user_table *t = &m->session.users;
    for (size_t i = 0; i < t->count; i++) {
        struct user *u = t->row[i];
        if (u->set) {
            stray_drop_all(m, u);
            mem_free(u->set);
        }
        mem_free(u);
    }
    user_view_release(m);
    user_crowd_release(m);
    mem_free(t->row);
    mem_free(t->bucket);
}

const struct session *model_user_sessions(const struct model *m, struct span user_key, size_t *ret_count)
{
    const struct user *u = user_find(m, user_key);
    if (ret_count) {
        *ret_count = u ? u->sessions : 0;
    }
    return u ? u->first : NULL;
}

size_t model_user_count(const struct model *m)
{
    return m->session.users.with_sessions;
}
