/* Replicas of the server that is watched, as it tells of them itself. */
#include "model_priv.h"

void replica_apply(struct model *m, const struct fact_replica *f)
{
    struct replica_all *all = &m->replicas;
    if (f->phase == LIST_END) {
        memcpy(all->row, all->told, all->telling * sizeof all->row[0]);
        all->count = all->telling;
        all->telling = 0;
        model_touch(m, TOPIC_SERVER);
        return;
    }
    size_t at = 0;
    char address[sizeof all->row[0].address];
    model_show(address, sizeof address, f->address, NAME_COLS);
    while (at < all->telling && strcmp(all->told[at].address, address) != 0) {
        at++;
    }
    if (at == REPLICAS_MAX) {
        return;
    }
    struct replica *r = &all->told[at];
    memcpy(r->address, address, sizeof address);
    model_show(r->state, sizeof r->state, f->state, NAME_COLS);
    r->offset = model_count(f->offset);
    r->lag_s = model_count(f->lag_s);
    all->telling += at == all->telling;
}

size_t model_replica_count(const struct model *m)
{
    return m->replicas.count;
}

const struct replica *model_replica_at(const struct model *m, size_t i)
{
    return i < m->replicas.count ? &m->replicas.row[i] : NULL;
}
