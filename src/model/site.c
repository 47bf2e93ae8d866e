/* site: where the broker and the results are, and whether they answer. Those that share the application's
 * server have its links. */
#include "model_priv.h"

static const enum link_role own_link[SITE_COUNT] = {
    [SITE_APP] = LINK_ROLE_POLL,
    [SITE_BROKER] = LINK_ROLE_BROKER,
    [SITE_RESULTS] = LINK_ROLE_RESULT,
};
static const enum link_role own_feed[SITE_COUNT] = {
    [SITE_APP] = LINK_ROLE_FEED,
    [SITE_BROKER] = LINK_ROLE_BROKER_FEED,
    [SITE_RESULTS] = LINK_ROLE_RESULT_FEED,
};

void site_init(struct model *m)
{
    for (int i = 0; i < SITE_COUNT; i++) {
        m->site[i] = (struct site_view){.read_us = -1, .down_us = -1};
        info_clear(&m->site[i].info);
    }
}

void site_connection(struct model *m, const struct fact_connection *f)
{
    const struct span address[SITE_COUNT] = {f->address, f->broker, f->results};
    const int db[SITE_COUNT] = {f->db, f->broker_db, f->result_db};
    for (int i = 0; i < SITE_COUNT; i++) {
        struct site_view *s = &m->site[i];
        s->apart = i != SITE_APP && address[i].len > 0;
        s->db = db[i];
        model_show(s->address, sizeof s->address, address[i].len ? address[i] : f->address, NAME_COLS);
    }
}

void site_apply(struct model *m, const struct fact_site *f)
{
    if ((unsigned)f->site >= SITE_COUNT) {
        return;
    }
    struct site_view *s = &m->site[f->site];
    s->known = true;
    s->info = f->info;
    s->read_us = m->now_us;
    model_touch(m, TOPIC_LINKS);
}

/* A server that hangs has been away since it was heard last, not since that was noticed. */
static int64_t outage_began_us(const struct model *m, const struct fact_link *f)
{
    bool told = f->state == FACT_LINK_SILENT && f->heard_us >= 0 && f->heard_us < m->now_us;
    return told ? f->heard_us : m->now_us;
}

/* A link flips between connecting and down while its server is away: that is one outage. */
void site_link(struct model *m, const struct fact_link *f, bool was_up)
{
    for (int i = 0; i < SITE_COUNT; i++) {
        struct site_view *s = &m->site[i];
        if (own_link[i] != f->role) {
            continue;
        }
        if (f->state == FACT_LINK_UP) {
            s->down_us = -1;
        } else if (s->down_us < 0 && (was_up || f->state != FACT_LINK_CONNECTING)) {
            s->down_us = outage_began_us(m, f);
        }
    }
}

static const struct link_view *heard_or(const struct model *m, enum link_role own, enum link_role apps)
{
    const struct link_view *link = &m->connection.link[own];
    return link->since_us >= 0 ? link : &m->connection.link[apps];
}

const struct link_view *model_site_link(const struct model *m, enum site site)
{
    return heard_or(m, own_link[site], LINK_ROLE_POLL);
}

const struct link_view *model_site_feed(const struct model *m, enum site site)
{
    return heard_or(m, own_feed[site], LINK_ROLE_FEED);
}

const struct site_view *model_site(const struct model *m, enum site site)
{
    return &m->site[site];
}

enum site model_topic_site(enum topic topic)
{
    return topic == TOPIC_QUEUES || topic == TOPIC_WORKERS || topic == TOPIC_TASKS ? SITE_BROKER : SITE_APP;
}

bool site_answers(const struct model *m, enum site site)
{
    const struct link_view *link = model_site_link(m, site);
    return link->since_us < 0 || link->state == FACT_LINK_UP;
}

bool model_site_is_away(const struct model *m, enum site site)
{
    return m->site[site].apart && m->site[site].down_us >= 0;
}
