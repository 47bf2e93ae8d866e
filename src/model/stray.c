/* stray: entries of users' sets that name none of their live sessions. Only these are kept as texts: what a
 * set names beside them are rows of sessions. Found by the session's id, since that is what news are about.
 */
#include "model_priv.h"

struct stray *stray_find(const struct model *m, struct span id)
{
    struct stray *t = NULL;
    HASH_FIND(hh, m->session.index.stray, id.data, id.len, t);
    return t;
}

struct stray *stray_of(const struct model *m, const struct user *u, struct span id)
{
    struct stray *t = stray_find(m, id);
    while (t && t->user != u) {
        t = t->same_id_next;
    }
    return t;
}

static void count(struct model *m, const struct stray *t, bool more)
{
    struct user_set *set = t->user->set;
    struct session_index_view *v = &m->session.index.view;
    uint32_t one = more ? 1 : UINT32_MAX; /* adding the latter takes one off */
    switch (t->kind) {
    case STRAY_STALE:
        set->stale += one;
        v->stale += more ? 1 : SIZE_MAX;
        break;
    case STRAY_FOREIGN:
        set->foreign += one;
        v->foreign += more ? 1 : SIZE_MAX;
        break;
    default:
        set->pending += one;
    }
    user_view_changed(t->user);
    model_touch(m, TOPIC_SESSIONS);
}

struct stray *stray_add(struct model *m, struct user *u, struct span id, enum stray_kind kind)
{
    struct session_index_state *all = &m->session.index;
    if (all->strays >= STRAYS_MAX) {
        u->set->cut = true;
        return NULL;
    }
    struct stray *t = mem_zalloc(sizeof(*t) + id.len + 1);
    memcpy(t->id, id.data, id.len);
    t->len = id.len;
    t->user = u;
    t->kind = kind;
    struct stray *first = stray_find(m, id);
    if (first) {
        t->same_id_next = first->same_id_next;
        first->same_id_next = t;
    } else {
        HASH_ADD(hh, all->stray, id, t->len, t);
    }
    all->strays++;
    DL_APPEND(u->set->strays, t);
    count(m, t, true);
    return t;
}

void stray_set(struct model *m, struct stray *t, enum stray_kind kind)
{
    if (t->kind != kind) {
        count(m, t, false);
        t->kind = kind;
        count(m, t, true);
    }
}

void stray_drop(struct model *m, struct stray *t)
{
    struct session_index_state *all = &m->session.index;
    struct stray *first = stray_find(m, span_make(t->id, t->len));
    count(m, t, false);
    if (first == t) {
        HASH_DELETE(hh, all->stray, t);
        if (t->same_id_next) {
            struct stray *heir = t->same_id_next;
            HASH_ADD(hh, all->stray, id, heir->len, heir);
        }
    } else {
        while (first->same_id_next != t) {
            first = first->same_id_next;
        }
        first->same_id_next = t->same_id_next;
    }
    all->strays--;
    DL_DELETE(t->user->set->strays, t);
    mem_free(t);
}

void stray_drop_all(struct model *m, struct user *u)
{
    while (u->set->strays) {
        stray_drop(m, u->set->strays);
    }
}

bool model_stray_is_stale(const struct model *m, struct span id)
{
    const struct stray *t = stray_find(m, id);
    return t && t->kind == STRAY_STALE;
}

void model_user_strays(const struct model *m, struct span user_key,
                       void (*each)(void *ctx, struct span id, bool foreign), void *ctx)
{
    const struct user *u = user_find(m, user_key);
    for (const struct stray *t = u && u->set ? u->set->strays : NULL; t; t = t->next) {
        if (t->kind != STRAY_PENDING) {
            each(ctx, span_make(t->id, t->len), t->kind == STRAY_FOREIGN);
        }
    }
}
