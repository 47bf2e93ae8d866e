/* census: the walk over the keyspace. What a whole walk has not seen is not there. */
#include "model_priv.h"

void census_init(struct model *m)
{
    m->census.view.expected = -1;
    m->census.view.finished_at_us = -1;
    m->census.view.keys = -1;
    m->census.since_us = -1;
    m->census.shed_us = -1;
}

void census_release(struct model *m)
{
    HASH_CLEAR(hh, m->census.by_name);
    for (size_t i = 0; i < m->census.count; i++) {
        family_free(m->census.row[i]);
    }
    family_groups_release(m);
    usage_release(m);
}

void census_forget(struct model *m)
{
    m->census.view.complete = false;
    m->session.rates.since_us = -1;
    user_index_forget(m);
    model_touch(m, TOPIC_CACHE);
}

static void begin(struct model *m)
{
    m->census.begun = true;
    m->census.walk++;
    session_walk_begin(m);
    family_walk_begin(m);
}

static void end(struct model *m)
{
    struct census_state *c = &m->census;
    c->view.complete = true;
    c->view.finished_at_us = m->now_us;
    c->view.keys = c->view.walked;
    if (c->begun) {
        session_walk_end(m);
        family_walk_end(m);
        usage_walk_end(m);
    }
    c->begun = false;
}

void census_apply(struct model *m, const struct fact_census *f)
{
    struct census_state *c = &m->census;
    if ((unsigned)f->phase > CENSUS_ABANDONED) {
        return;
    }
    c->view.walking = f->phase == CENSUS_BEGIN || f->phase == CENSUS_PROGRESS;
    c->view.walked = model_count(f->walked) > 0 ? model_count(f->walked) : 0;
    c->view.expected = model_count(f->expected);
    switch (f->phase) {
    case CENSUS_BEGIN:
        begin(m);
        break;
    case CENSUS_PROGRESS:
        family_walk_progress(m);
        break;
    case CENSUS_END:
        end(m);
        break;
    default:
        c->begun = false;
    }
    model_touch(m, TOPIC_CACHE);
    model_retitle(m, TOPIC_SESSIONS);
}

const struct census_view *model_census(const struct model *m)
{
    return &m->census.view;
}
