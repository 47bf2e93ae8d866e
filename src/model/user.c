/* user: the sessions of one user, as a chain through the sessions themselves. */
#include "model_priv.h"

static struct user *find(const struct model *m, const char *key, size_t len)
{
    struct user *u = NULL;
    HASH_FIND(hh, m->session.by_user, key, len, u);
    return u;
}

void user_link(struct model *m, struct session *s)
{
    size_t len = strlen(s->user_key);
    if (len == 0) {
        return;
    }
    struct user *u = find(m, s->user_key, len);
    if (!u) {
        u = mem_zalloc(sizeof(*u));
        HASH_ADD_KEYPTR(hh, m->session.by_user, s->user_key, len, u);
    }
    s->same_user_prev = NULL;
    s->same_user_next = u->first;
    if (u->first) {
        u->first->same_user_prev = s;
    }
    u->first = s;
    u->sessions++;
    /* The key is borrowed from the first of the chain: the same bytes in another place. */
    u->hh.key = s->user_key;
}

void user_unlink(struct model *m, struct session *s)
{
    struct user *u = s->user_key[0] ? find(m, s->user_key, strlen(s->user_key)) : NULL;
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
    u->sessions--;
    if (u->first) {
        u->hh.key = u->first->user_key;
    } else {
        HASH_DELETE(hh, m->session.by_user, u);
        mem_free(u);
    }
}

void user_release(struct model *m)
{
    struct user *u;
    struct user *next;
    HASH_ITER(hh, m->session.by_user, u, next)
    {
        HASH_DELETE(hh, m->session.by_user, u);
        mem_free(u);
    }
}

const struct session *model_user_sessions(const struct model *m, struct span user_key, size_t *ret_count)
{
    const struct user *u = user_key.len ? find(m, user_key.data, user_key.len) : NULL;
    if (ret_count) {
        *ret_count = u ? u->sessions : 0;
    }
    return u ? u->first : NULL;
}

size_t model_user_count(const struct model *m)
{
    return HASH_COUNT(m->session.by_user);
}
