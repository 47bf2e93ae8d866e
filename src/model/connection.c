#include "model_priv.h"

#define COST_WINDOW_US      (10 * US_PER_S)
#define REACHABLE_WINDOW_US (10 * US_PER_S)

enum { COST_COMMANDS, COST_OUT, COST_IN };
_Static_assert(COST_IN < METER_VALUES, "a meter holds the three totals");

void connection_init(struct model *m)
{
    for (int i = 0; i < LINK_ROLE_COUNT; i++) {
        m->connection.link[i] =
            (struct link_view){.state = FACT_LINK_CONNECTING, .since_us = -1, .retry_at_us = -1};
    }
    m->connection.result_db = 1;
    m->connection.shed.since_us = -1;
    site_init(m);
    m->connection.budget = -1;
    m->connection.commands_per_s = UNKNOWN_REAL;
    m->connection.bytes_out_per_s = UNKNOWN_REAL;
    m->connection.bytes_in_per_s = UNKNOWN_REAL;
}

void connection_apply(struct model *m, const struct fact_connection *f)
{
    struct connection_view *c = &m->connection;
    model_show(c->address, sizeof(c->address), f->address, NAME_COLS);
    c->read_only = f->read_only;
    c->insecure = f->insecure;
    model_show(c->read_only_why, sizeof c->read_only_why, f->read_only_why, (int)sizeof c->read_only_why - 1);
    c->environment = (unsigned)f->environment < ENVIRONMENT_COUNT ? f->environment : ENVIRONMENT_NONE;
    model_show(c->name, sizeof(c->name), f->name, (int)sizeof(c->name) - 1);
    c->db = f->db;
    c->result_db = f->result_db;
    site_connection(m, f);
    model_touch(m, TOPIC_LINKS);
}

void connection_link(struct model *m, const struct fact_link *f)
{
    if ((unsigned)f->role >= LINK_ROLE_COUNT || (unsigned)f->state > FACT_LINK_SILENT) {
        return;
    }
    struct link_view *link = &m->connection.link[f->role];
    bool was_up = link->state == FACT_LINK_UP;
    for (int i = 0; was_up && f->state != FACT_LINK_UP && i < SITE_COUNT; i++) {
        if (model_site_feed(m, (enum site)i) == link) {
            topic_events_lost(m, (enum site)i);
        }
    }
    site_link(m, f, was_up);
    if (f->role == LINK_ROLE_FEED && f->state == FACT_LINK_UP && link->state != FACT_LINK_UP) {
        m->census.since_us = m->now_us;
    }
    if (f->role == LINK_ROLE_POLL && f->state != FACT_LINK_CONNECTING) {
        m->poll_was_down = f->state == FACT_LINK_DOWN;
    }
    if (link->since_us < 0 || link->state != f->state) {
        link->since_us = m->now_us;
    }
    link->state = f->state;
    link->retry_at_us = model_time(f->retry_at_us);
    model_show(link->error, sizeof(link->error), f->error, (int)sizeof(link->error) - 1);
    if (f->state == FACT_LINK_UP || f->where.len) { /* the place that was, while it is away */
        model_show(link->where, sizeof link->where, f->where, (int)sizeof link->where - 1);
    }
    topic_read_ok(m, TOPIC_LINKS);
}

void connection_cost(struct model *m, const struct fact_cost *f)
{
    struct connection_view *c = &m->connection;
    int64_t total[METER_VALUES] = {
        [COST_COMMANDS] = model_count(f->commands),
        [COST_OUT] = model_count(f->bytes_out),
        [COST_IN] = model_count(f->bytes_in),
    };
    if (total[COST_COMMANDS] < c->commands || total[COST_OUT] < c->bytes_out ||
        total[COST_IN] < c->bytes_in) {
        meter_clear(&m->cost);
    }
    meter_add(&m->cost, m->now_us, total);
    c->budget = model_count(f->budget);
    c->commands = total[COST_COMMANDS];
    c->bytes_out = total[COST_OUT];
    c->bytes_in = total[COST_IN];
    c->commands_per_s = meter_per_s(&m->cost, COST_WINDOW_US, COST_COMMANDS);
    c->bytes_out_per_s = meter_per_s(&m->cost, COST_WINDOW_US, COST_OUT);
    c->bytes_in_per_s = meter_per_s(&m->cost, COST_WINDOW_US, COST_IN);
    model_touch(m, TOPIC_LINKS);
}

void connection_notify(struct model *m, const struct fact_notify *f)
{
    struct connection_view *c = &m->connection;
    if ((unsigned)f->state > NOTIFY_STATE_OFF) {
        return;
    }
    c->notify = f->state;
    model_show(c->notify_present, sizeof(c->notify_present), f->present, (int)sizeof(c->notify_present) - 1);
    model_show(c->notify_missing, sizeof(c->notify_missing), f->missing, (int)sizeof(c->notify_missing) - 1);
    model_show(c->notify_why, sizeof(c->notify_why), f->why, (int)sizeof(c->notify_why) - 1);
    model_touch(m, TOPIC_LINKS);
    model_touch(m, TOPIC_CACHE);
}

void connection_shed(struct model *m, const struct fact_shed *f)
{
    struct shed_view *v = &m->connection.shed;
    struct shed_view was = *v;
    *v = (struct shed_view){.misses = f->misses,
                            .writes = f->writes,
                            .results = f->results,
                            .tasks = f->tasks,
                            .ends = f->ends,
                            .any = f->misses || f->writes || f->results || f->tasks || f->ends,
                            .times = model_count(f->times),
                            .held_bytes = f->held_bytes,
                            .cut_bytes = f->cut_bytes,
                            .behind_us = f->behind_us};
    v->since_us = !v->any ? -1 : was.any ? was.since_us : m->now_us;
    if (was.misses != v->misses || was.writes != v->writes || was.ends != v->ends) {
        family_hears_otherwise(m);
    }
    model_touch(m, TOPIC_LINKS);
    model_touch(m, TOPIC_CACHE);
}

/* Whether an event of that class of notifications comes, given that the class is on. */
static bool is_listened_to(const struct shed_view *v, char letter)
{
    return letter == 'm' ? !v->misses : letter == '$' ? !v->writes : !v->ends;
}

bool connection_hears_changes(const struct model *m)
{
    const struct connection_view *c = &m->connection;
    return c->notify == NOTIFY_STATE_ON && !c->shed.writes && !c->shed.ends;
}

bool connection_hears(const struct model *m, char letter)
{
    const struct connection_view *c = &m->connection;
    const struct link_view *feed = &c->link[LINK_ROLE_FEED];
    if ((feed->since_us >= 0 && feed->state != FACT_LINK_UP) || !is_listened_to(&c->shed, letter)) {
        return false;
    }
    switch (c->notify) {
    case NOTIFY_STATE_ON:
        return true;
    case NOTIFY_STATE_PARTIAL:
        return !strchr(c->notify_missing, 'E') && !strchr(c->notify_missing, letter);
    case NOTIFY_STATE_OFF:
        return false;
    default:
        /* The setting cannot be read: what has been heard tells. */
        for (int i = 0; i < NOTIFY_EVENT_COUNT; i++) {
            if (m->census.events[i] > 0) {
                return true;
            }
        }
        return false;
    }
}

bool connection_poll_up(const struct model *m)
{
    const struct link_view *poll = &m->connection.link[LINK_ROLE_POLL];
    return poll->since_us < 0 || poll->state == FACT_LINK_UP;
}

const struct connection_view *model_connection(const struct model *m)
{
    return &m->connection;
}

bool model_redis_reachable(const struct model *m)
{
    if (m->connection.link[LINK_ROLE_POLL].state != FACT_LINK_UP) {
        return false;
    }
    /* A server that denies INFO and answers the rest is there. */
    bool heard = m->server.read_at_us >= 0 && m->now_us - m->server.read_at_us <= REACHABLE_WINDOW_US;
    for (int i = 0; i < TOPIC_COUNT && !heard && m->topic[TOPIC_SERVER].view.failed; i++) {
        if (!topic_is_read((enum topic)i)) {
            continue; /* a receipt, a lost link */
        }
        int64_t ok_at_us = m->topic[i].view.ok_at_us;
        heard = ok_at_us >= m->connection.link[LINK_ROLE_POLL].since_us &&
                m->now_us - ok_at_us <= REACHABLE_WINDOW_US;
    }
    return heard;
}
