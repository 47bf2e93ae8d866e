/* session_rate: how many sessions came and went in the last minute, and how many log-ins are usual. */
#include "model_priv.h"

static void turn(struct session_rates *r, int64_t second)
{
    int64_t steps = second - r->second;
    steps = steps > SESSION_SECONDS + 1 ? SESSION_SECONDS + 1 : steps;
    for (int64_t i = 0; i < steps; i++) {
        memset(r->by_second[(second - i) % (SESSION_SECONDS + 1)], 0, sizeof(r->by_second[0]));
    }
    r->second = steps > 0 ? second : r->second;
    int64_t minute = second / 60;
    steps = minute - r->minute;
    steps = steps > SESSION_MINUTES + 1 ? SESSION_MINUTES + 1 : steps;
    for (int64_t i = 0; i < steps; i++) {
        r->by_minute[(minute - i) % (SESSION_MINUTES + 1)] = 0;
    }
    r->minute = steps > 0 ? minute : r->minute;
}

/* What was before the clock began to run has its place too. */
static int64_t second_now(const struct model *m)
{
    return (m->now_us > 0 ? m->now_us / US_PER_S : 0) + (SESSION_MINUTES + 1) * 60;
}

/* So many seconds ago, as far as that is kept. */
static void count(struct model *m, enum session_count which, int64_t ago)
{
    struct session_rates *r = &m->session.rates;
    int64_t now = second_now(m);
    turn(r, now);
    int64_t second = ago > 0 ? now - ago : now;
    if (second < 0) {
        return;
    }
    if (now - second <= SESSION_SECONDS) {
        r->by_second[second % (SESSION_SECONDS + 1)][which]++;
    }
    if (which == SESSION_LOGINS && now / 60 - second / 60 <= SESSION_MINUTES) {
        r->by_minute[second / 60 % (SESSION_MINUTES + 1)]++;
    }
}

void session_rate_login(struct model *m, const struct session *s)
{
    if (s->created_us >= 0) {
        count(m, SESSION_LOGINS, (m->wall_us - s->created_us) / US_PER_S);
    } else if (m->census.view.complete && connection_hears_changes(m)) {
        count(m, SESSION_LOGINS, 0); /* it was heard when it came */
    }
}

void session_rate_end(struct model *m, enum session_count which, int64_t at_us)
{
    count(m, which, (m->now_us - at_us) / US_PER_S);
}

/* The last 60 s: the second at hand is not over, and the oldest one has begun to leave. */
int64_t session_rate_minute(const struct model *m, enum session_count which)
{
    const struct session_rates *r = &m->session.rates;
    int64_t now = second_now(m);
    int64_t sum = 0;
    for (int64_t i = 0; i <= SESSION_SECONDS; i++) {
        int64_t second = r->second - i;
        if (second >= 0 && now - second < SESSION_SECONDS) {
            sum += r->by_second[second % (SESSION_SECONDS + 1)][which];
        }
    }
    return sum;
}

double session_rate_usual(const struct model *m)
{
    const struct session_rates *r = &m->session.rates;
    int64_t now = second_now(m) / 60;
    int64_t sum = 0;
    for (int64_t i = 0; i <= SESSION_MINUTES; i++) {
        int64_t minute = r->minute - i;
        if (minute >= 0 && now - minute >= 2 && now - minute <= SESSION_MINUTES) {
            sum += r->by_minute[minute % (SESSION_MINUTES + 1)];
        }
    }
    return (double)sum / (SESSION_MINUTES - 1);
}

bool session_rate_watched(const struct model *m)
{
    int64_t since_us = m->session.rates.since_us;
    const struct link_view *poll = &m->connection.link[LINK_ROLE_POLL];
    since_us = since_us >= 0 && poll->since_us > since_us ? poll->since_us : since_us;
    return since_us >= 0 && connection_poll_up(m) && m->now_us - since_us >= SESSION_SECONDS * US_PER_S;
}
