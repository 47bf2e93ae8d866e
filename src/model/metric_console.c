/* metric_console: the numbers of our own connection, what it hears and what it costs; metric.c has the table.
 */
#include "metric_priv.h"

#define CONNECT_US (10 * US_PER_S)
#define SHED_US    (60 * US_PER_S)

enum { IDLE_PER_S = 8 }; /* what is sent with nothing to walk through */

/* Not known while we are still finding out: at the start, and just after the link came up. */
struct metric_value metric_unreachable(const struct model *m)
{
    const struct link_view *poll = &m->connection.link[LINK_ROLE_POLL];
    if (model_redis_reachable(m)) {
        return metric_yes_no(false);
    }
    bool trying = poll->state == FACT_LINK_UP || (poll->state == FACT_LINK_CONNECTING && !m->poll_was_down);
    bool early = trying && m->now_us - poll->since_us <= CONNECT_US &&
                 (poll->state == FACT_LINK_CONNECTING || m->server.read_at_us < poll->since_us);
    return poll->since_us < 0 || early ? metric_plain(UNKNOWN_REAL) : metric_yes_no(true);
}

static struct metric_value away(const struct model *m, enum site site)
{
    const struct link_view *link = model_site_link(m, site);
    bool away = model_site_is_away(m, site);
    return away || link->state == FACT_LINK_UP ? metric_yes_no(away) : metric_plain(UNKNOWN_REAL);
}

struct metric_value metric_broker_away(const struct model *m)
{
    return away(m, SITE_BROKER);
}

struct metric_value metric_results_away(const struct model *m)
{
    return away(m, SITE_RESULTS);
}

struct metric_value metric_notify(const struct model *m)
{
    const struct connection_view *c = &m->connection;
    if (c->notify == NOTIFY_STATE_UNKNOWN || c->link[LINK_ROLE_POLL].state == FACT_LINK_DOWN) {
        return metric_plain(UNKNOWN_REAL);
    }
    return (struct metric_value){
        .value = c->notify == NOTIFY_STATE_ON ? 0 : 1,
        .object = c->notify == NOTIFY_STATE_PARTIAL ? c->notify_missing : NULL,
    };
}

struct metric_value metric_events(const struct model *m)
{
    struct event_totals totals;
    model_events(m, &totals);
    return metric_plain(totals.per_s);
}

struct metric_value metric_cost_commands(const struct model *m)
{
    return metric_plain(m->connection.commands_per_s);
}

struct metric_value metric_cost_bytes(const struct model *m)
{
    return metric_plain(m->connection.bytes_in_per_s);
}

/* The feed brings the events of keys and workers. While nothing answers at all another rule says so. */
struct metric_value metric_notify_lost(const struct model *m)
{
    const struct link_view *feed = &m->connection.link[LINK_ROLE_FEED];
    const struct census_state *c = &m->census;
    bool early = feed->state == FACT_LINK_CONNECTING && m->now_us - feed->since_us <= CONNECT_US;
    bool shed = m->connection.shed.any || (c->shed_us >= 0 && m->now_us - c->shed_us < SHED_US);
    if (feed->since_us < 0 || !connection_poll_up(m) || (early && !shed)) {
        return metric_plain(UNKNOWN_REAL);
    }
    return metric_yes_no(feed->state != FACT_LINK_UP || shed);
}

struct metric_value metric_console_budget(const struct model *m)
{
    const struct connection_view *c = &m->connection;
    return metric_plain(c->budget <= 0 ? UNKNOWN_REAL
                                       : 100 * c->commands_per_s / ((double)c->budget + IDLE_PER_S));
}
