/* metric_sessions: the numbers of sessions and their users that rules judge; metric.c has the table. */
#include "metric_priv.h"

enum {
    STALE_OF = 133,    /* at least: below 100 stale ones are not worth a word, whatever their share */
    EXPIRED_MANY = 20, /* percent: enough, whatever else there was */
    EXPIRED_OF = 250,  /* at least: the end of a few sessions is no mass */
    USUAL_LEAST = 30,  /* an exam begins: 300 in a minute are no storm where fewer are usual */
};

static bool joined(const struct model *m)
{
    return m->session.index.complete && m->session.index.failed == 0;
}

struct metric_value metric_sessions_orphans(const struct model *m)
{
    return metric_plain(joined(m) ? (double)m->session.index.view.orphans : UNKNOWN_REAL);
}

struct metric_value metric_sessions_stale(const struct model *m)
{
    return metric_plain(joined(m) ? (double)m->session.index.view.stale : UNKNOWN_REAL);
}

/* What is no orphan is named by an entry. */
struct metric_value metric_sessions_stale_share(const struct model *m)
{
    size_t stale = m->session.index.view.stale;
    size_t live = model_session_count(m) - m->session.index.view.orphans;
    if (!joined(m)) {
        return metric_plain(UNKNOWN_REAL);
    }
    size_t entries = stale + live > STALE_OF ? stale + live : STALE_OF;
    return metric_plain(100.0 * (double)stale / (double)entries);
}

bool metric_sessions_crowd(const struct model *m, metric_tell *tell, void *ctx)
{
    enum { TOLD_MAX = 2000 }; /* those with most sessions come first */
    if (m->census.view.complete) {
        user_crowd_each(m, TOLD_MAX, tell, ctx);
    }
    return m->census.view.complete;
}

static double logins(const struct model *m)
{
    bool known = m->census.view.complete && connection_poll_up(m);
    return known ? (double)session_rate_minute(m, SESSION_LOGINS) : UNKNOWN_REAL;
}

struct metric_value metric_sessions_logins(const struct model *m)
{
    return metric_plain(logins(m));
}

struct metric_value metric_sessions_surge(const struct model *m)
{
    double now = logins(m);
    double usual = session_rate_usual(m);
    return metric_plain(now / (usual > USUAL_LEAST ? usual : USUAL_LEAST));
}

struct metric_value metric_sessions_expired_share(const struct model *m)
{
    int64_t expired = session_rate_minute(m, SESSION_EXPIRED);
    int64_t of = expired + (int64_t)model_session_count(m);
    double share = 100.0 * (double)expired / (double)(of > EXPIRED_OF ? of : EXPIRED_OF);
    /* What was watched for less than a minute may have more. */
    bool known = session_rate_watched(m) || (share >= EXPIRED_MANY && connection_poll_up(m));
    return metric_plain(known ? share : UNKNOWN_REAL);
}

struct metric_value metric_sessions(const struct model *m)
{
    return m->census.view.complete ? metric_plain((double)model_session_count(m))
                                   : metric_plain(UNKNOWN_REAL);
}

struct metric_value metric_users(const struct model *m)
{
    return m->census.view.complete ? metric_plain((double)model_user_count(m)) : metric_plain(UNKNOWN_REAL);
}

struct metric_value metric_user_sessions(const struct model *m)
{
    size_t users = model_user_count(m);
    return m->census.view.complete && users ? metric_plain((double)model_session_count(m) / (double)users)
                                            : metric_plain(UNKNOWN_REAL);
}

struct metric_value metric_sessions_came_back(const struct model *m)
{
    size_t count = model_returned_count(m);
    if (!m->session_watch.ever) {
        return metric_plain(UNKNOWN_REAL); /* nothing was revoked here that could come back */
    }
    return (struct metric_value){.value = (double)count,
                                 .object = count ? model_returned_at(m, count - 1)->short_id : NULL};
}
