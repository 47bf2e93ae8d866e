/* latency_list: events of the server's latency monitor (LATENCY LATEST), while somebody looks. It keeps none
 * while latency-monitor-threshold is 0, as it is from the start. */
#include "collect_priv.h"

#define PERIOD_US (INT64_C(10) * US_PER_S)

static void tell_event(struct collect *c, const struct reply *r)
{
    struct fact f = {.kind = FACT_LATENCY, .latency = {.phase = LIST_ROW}};
    int64_t at_s;
    if (reply_count(r) < 4 || !reply_string(reply_at(r, 0), &f.latency.name) ||
        !reply_int(reply_at(r, 1), &at_s) || !reply_int(reply_at(r, 2), &f.latency.latest_ms) ||
        !reply_int(reply_at(r, 3), &f.latency.max_ms) || at_s < 0 || at_s > INT64_MAX / US_PER_S) {
        return;
    }
    f.latency.event_wall_us = at_s * US_PER_S;
    collect_emit(c, &f);
}

static void on_latest(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (!server_list_answered(c, &c->lists.latency, TOPIC_LATENCY, r, REPLY_ARRAY)) {
        return;
    }
    for (size_t i = 0; i < reply_count(r); i++) {
        tell_event(c, reply_at(r, i));
    }
    struct fact end = {.kind = FACT_LATENCY,
                       .latency = {.phase = LIST_END, .event_wall_us = -1, .latest_ms = -1, .max_ms = -1}};
    collect_emit(c, &end);
}

void latency_list_step(struct collect *c, int64_t now_us)
{
    struct server_list *l = &c->lists.latency;
    bool looked = server_lists_look(c, TARGET_SLOW) || server_lists_look(c, TARGET_VITAL);
    if (looked && server_list_due(l, now_us) &&
        link_command(c->poll, on_latest, c, S("LATENCY"), S("LATEST"))) {
        server_list_asked(c, l, now_us, PERIOD_US);
    }
}
