/* role: how many sessions each role has. Sessions share the text of their role. The totals stay sorted: a
 * count changes by one, so a row changes places with the end of its run of equals. */
#include "model_priv.h"

static struct role_total *total_at(const struct session_state *all, size_t i)
{
    return (struct role_total *)(void *)(all->totals.d + i * sizeof(struct role_total));
}

static struct role *role_of(struct session_state *all, const char *name)
{
    struct role *r = NULL;
    HASH_FIND(hh, all->by_role, name, strlen(name), r);
    return r;
}

/* The first place whose count is below `sessions` (or at most that, with `equal`). */
static size_t first_below(const struct session_state *all, size_t sessions, bool equal)
{
    size_t low = 0;
    size_t high = utarray_len(&all->totals);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t count = total_at(all, middle)->sessions;
        if (count < sessions || (equal && count == sessions)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void swap(struct session_state *all, size_t a, size_t b)
{
    if (a == b) {
        return;
    }
    struct role_total held = *total_at(all, a);
    *total_at(all, a) = *total_at(all, b);
    *total_at(all, b) = held;
    role_of(all, total_at(all, a)->role)->index = a;
    role_of(all, total_at(all, b)->role)->index = b;
}

static struct role *make(struct session_state *all, struct span name)
{
    struct role *r = mem_zalloc(sizeof(*r) + name.len + 1);
    memcpy(r->name, name.data, name.len);
    r->index = utarray_len(&all->totals);
    HASH_ADD_KEYPTR(hh, all->by_role, r->name, name.len, r);
    struct role_total total = {.role = r->name, .sessions = 0};
    utarray_push_back(&all->totals, &total);
    return r;
}

void role_add(struct model *m, struct session *s, struct span raw)
{
    struct session_state *all = &m->session;
    struct role *r = NULL;
    utstring_clear(&all->scratch);
    utf8_sanitise(raw, NAME_COLS, &all->scratch);
    HASH_FIND(hh, all->by_role, all->scratch.d, all->scratch.i, r);
    if (!r) {
        r = make(all, text_span(&all->scratch));
    }
    s->role = r->name;
    swap(all, r->index, first_below(all, total_at(all, r->index)->sessions, true));
    total_at(all, r->index)->sessions++;
}

void role_drop(struct model *m, struct session *s)
{
    struct session_state *all = &m->session;
    struct role *r = s->role ? role_of(all, s->role) : NULL;
    if (!r) {
        return;
    }
    s->role = NULL;
    swap(all, r->index, first_below(all, total_at(all, r->index)->sessions, false) - 1);
    if (--total_at(all, r->index)->sessions == 0) {
        /* The fewest, so it is the last. */
        utarray_pop_back(&all->totals);
        HASH_DELETE(hh, all->by_role, r);
        mem_free(r);
    }
}

void role_release(struct model *m)
{
    struct role *r;
    struct role *next;
    HASH_ITER(hh, m->session.by_role, r, next)
    {
        HASH_DELETE(hh, m->session.by_role, r);
        mem_free(r);
    }
}

size_t model_role_totals(const struct model *m, const struct role_total **ret_rows)
{
    *ret_rows = utarray_len(&m->session.totals) ? total_at(&m->session, 0) : NULL;
    return utarray_len(&m->session.totals);
}
