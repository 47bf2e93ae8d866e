/* user_crowd: users by how many sessions they have, kept as these come and go, so that those with most are
 * found without a look at all users. */
#include "model_priv.h"

/* From so many sessions on a user stands on the last level, among others with more or less. */
#define LEVELS 64

struct user_crowd {
    UT_array level[LEVELS]; /* of struct user *; by sessions - 1 */
};

void user_crowd_init(struct model *m)
{
    static const UT_icd icd = {sizeof(struct user *), NULL, NULL, NULL};
    m->session.users.crowd = mem_zalloc(sizeof(struct user_crowd));
    for (int i = 0; i < LEVELS; i++) {
        utarray_init(&m->session.users.crowd->level[i], &icd);
    }
}

void user_crowd_release(struct model *m)
{
    for (int i = 0; i < LEVELS; i++) {
        utarray_done(&m->session.users.crowd->level[i]);
    }
    mem_free(m->session.users.crowd);
}

static UT_array *level_of(const struct model *m, uint32_t sessions)
{
    return &m->session.users.crowd->level[sessions < LEVELS ? sessions - 1 : LEVELS - 1];
}

static struct user **place(const UT_array *level, size_t i)
{
    return &((struct user **)(void *)level->d)[i];
}

void user_crowd_counted(struct model *m, struct user *u, uint32_t before)
{
    UT_array *from = before ? level_of(m, before) : NULL;
    UT_array *to = u->sessions ? level_of(m, u->sessions) : NULL;
    if (from == to) {
        return;
    }
    if (from) {
        struct user *last = *place(from, utarray_len(from) - 1);
        *place(from, u->crowd_at) = last;
        last->crowd_at = u->crowd_at;
        utarray_pop_back(from);
    }
    if (to) {
        u->crowd_at = utarray_len(to);
        utarray_push_back(to, &u);
    }
}

/* On the level of single sessions one stands for all. */
void user_crowd_each(const struct model *m, size_t most, metric_tell *tell, void *ctx)
{
    size_t told = 0;
    for (int i = LEVELS; i > 0; i--) {
        const UT_array *level = &m->session.users.crowd->level[i - 1];
        size_t count = i > 1 ? utarray_len(level) : utarray_len(level) > 0;
        for (size_t k = 0; k < count && told < most; k++) {
            const struct user *u = *place(level, k);
            tell(ctx, span_make(u->key, u->len), u->key + u->shown, u->sessions);
            told++;
        }
    }
}
