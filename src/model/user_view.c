/* user_view: what is shown of users, worked out when it is looked at. A row is worked out again only after
 * something of that user has changed. */
#include "model_priv.h"

#define RECENT_US (600 * US_PER_S)

struct slot {
    struct user_view view;
    int64_t until_us; /* wall: a log-in is recent no more from then on; INT64_MAX none */
};
struct user_views {
    struct slot *slot; /* by the user's place */
    size_t room;
    struct session_index_view index;
};

void user_view_changed(struct user *u)
{
    u->view_ok = false;
}

void user_view_all_changed(struct model *m)
{
    const struct user_table *t = &m->session.users;
    for (size_t i = 0; i < t->count; i++) {
        t->row[i]->view_ok = false;
    }
}

void user_view_init(struct model *m)
{
    m->session.users.views = mem_zalloc(sizeof(struct user_views));
}

void user_view_release(struct model *m)
{
    mem_free(m->session.users.views->slot);
    mem_free(m->session.users.views);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_session(struct slot *slot, const struct session *s, int64_t wall_us,
                        const struct session **newest)
{
    struct user_view *v = &slot->view;
    if (s->created_us >= 0) {
        v->oldest_us = v->oldest_us < 0 || s->created_us < v->oldest_us ? s->created_us : v->oldest_us;
        v->newest_us = later(v->newest_us, s->created_us);
        if (wall_us - s->created_us < RECENT_US) {
            int64_t until_us = s->created_us + RECENT_US;
            v->recent++;
            slot->until_us = until_us < slot->until_us ? until_us : slot->until_us;
        }
    }
    v->seen_us = later(v->seen_us, s->seen_us);
    if (!*newest || s->created_us > (*newest)->created_us) {
        *newest = s;
    }
}

static void add_set(struct user_view *v, const struct user_set *set)
{
    v->index = set->state;
    v->stale = set->stale;
    v->foreign = set->foreign;
    v->index_us = set->read_us;
    v->index_expires_us = set->expires_us;
    v->index_size = set->size;
    v->wrong_type = set->state == USER_INDEX_FAILED && set->wrong_type;
    v->blind = set->state == USER_INDEX_PARTLY && set->blind;
}

static void work_out(const struct model *m, struct user *u, struct slot *slot)
{
    const struct session *newest = NULL;
    *slot = (struct slot){.view = {.key = u->key,
                                   .user_id = u->key + u->shown,
                                   .name = "",
                                   .email = "",
                                   .role = "",
                                   .sessions = u->sessions,
                                   .orphans = u->orphans,
                                   .newest_us = -1,
                                   .oldest_us = -1,
                                   .seen_us = -1,
                                   .index = USER_INDEX_UNREAD,
                                   .index_us = -1,
                                   .index_expires_us = INT64_MAX,
                                   .index_size = -1},
                          .until_us = INT64_MAX};
    for (const struct session *s = u->first; s; s = s->same_user_next) {
        add_session(slot, s, m->wall_us, &newest);
    }
    if (newest) {
        slot->view.name = newest->name;
        slot->view.email = newest->email;
        slot->view.role = newest->role ? newest->role : "";
    }
    if (u->set) {
        add_set(&slot->view, u->set);
    }
    slot->view.unsure = user_index_unsure(u);
    u->view_ok = true;
}

static const struct user_view *view_of(const struct model *m, struct user *u)
{
    const struct user_table *t = &m->session.users;
    if (t->views->room < t->count) {
        t->views->room = t->room;
        t->views->slot = mem_realloc(t->views->slot, t->room * sizeof(struct slot));
    }
    struct slot *slot = &t->views->slot[u->index];
    if (!u->view_ok || m->wall_us >= slot->until_us) {
        work_out(m, u, slot);
    }
    return &slot->view;
}

size_t model_user_rows(const struct model *m)
{
    return m->session.users.count;
}

const struct user_view *model_user_at(const struct model *m, size_t i)
{
    return i < m->session.users.count ? view_of(m, m->session.users.row[i]) : NULL;
}

const struct user_view *model_user_find(const struct model *m, struct span user_key)
{
    struct user *u = user_find(m, user_key);
    return u ? view_of(m, u) : NULL;
}

static double per_min(const struct model *m, enum session_count which, bool known)
{
    return known ? (double)session_rate_minute(m, which) : UNKNOWN_REAL;
}

const struct session_index_view *model_session_index(const struct model *m)
{
    const struct session_index_state *all = &m->session.index;
    struct session_index_view *v = &m->session.users.views->index;
    bool watched = session_rate_watched(m);
    *v = all->view;
    v->complete = all->complete && all->failed == 0;
    if (all->failed == 0) {
        v->error[0] = '\0';
    }
    v->logins_per_min = per_min(m, SESSION_LOGINS, m->census.view.complete && connection_poll_up(m));
    v->expired_per_min = per_min(m, SESSION_EXPIRED, watched);
    v->ended_per_min = per_min(m, SESSION_ENDED, watched);
    return v;
}
