#include "server_list.h"

#include "collect_priv.h"

enum { SLOWEST = 8 };

void server_lists_restart(struct collect *c)
{
    struct server_lists *s = &c->lists;
    unsigned looked = s->looked;
    *s = (struct server_lists){.looked = looked, .replicas_told = true};
    s->consoles = s->emptied = -1;
    s->slowlog.total = s->slowlog.newest = s->slowlog.threshold_us = -1;
}

bool server_lists_look(const struct collect *c, enum target_kind kind)
{
    return c->lists.looked & 1u << kind;
}

static void look_anew(struct server_list *l)
{
    l->next_us = l->refused ? l->next_us : 0;
}

void collect_look_at(struct collect *c, unsigned kinds)
{
    struct server_lists *s = &c->lists;
    unsigned begun = kinds & ~s->looked;
    s->looked = kinds;
    if (begun & 1u << TARGET_COMMAND) {
        look_anew(&s->commands);
    }
    if (begun & 1u << TARGET_CLIENT) {
        look_anew(&s->clients);
    }
    if (begun & 1u << TARGET_SLOW) {
        look_anew(&s->slow);
    }
    if (begun & (1u << TARGET_SLOW | 1u << TARGET_VITAL)) {
        look_anew(&s->latency);
    }
    if (begun) {
        collect_soon(c, US_PER_MS);
    }
}

bool server_list_due(const struct server_list *l, int64_t now_us)
{
    return !l->pending && now_us >= l->next_us;
}

/* A server that has become slow is asked less often, up to eight times; what is asked is of the budget. */
void server_list_asked(struct collect *c, struct server_list *l, int64_t now_us, int64_t period_us)
{
    double factor = c->pace.factor > 1. / SLOWEST ? c->pace.factor : 1. / SLOWEST;
    l->pending = true;
    l->next_us = now_us + (int64_t)((double)period_us / factor);
    pace_charge(&c->pace, 1);
}

/* Whether asking again soon is in vain: it is not allowed, or there is no such command. */
static bool is_refusal(struct span error)
{
    return span_starts(error, S("NOPERM")) || span_search(error, S("unknown ")) < error.len ||
           span_search(error, S("Unknown ")) < error.len;
}

bool server_list_answered(struct collect *c, struct server_list *l, enum topic topic, const struct reply *r,
                          enum reply_type wanted)
{
    l->pending = false;
    if (reply_type(r) == wanted) {
        l->refused = false;
        return true;
    }
    if (r) { /* a NULL is the link's story, told by FACT_LINK */
        struct span error = collect_error(r);
        l->refused = is_refusal(error);
        l->next_us = l->refused ? clock_mono_us() + collect_pause_us(error) : l->next_us;
        collect_poll_result(c, topic, false, error);
    }
    return false;
}

void server_lists_step(struct collect *c, int64_t now_us)
{
    if (c->info_read) { /* it tells how many clients there are, and what the server understands */
        command_list_step(c, now_us);
        client_list_step(c, now_us);
        slow_list_step(c, now_us);
        latency_list_step(c, now_us);
    }
}

/* --- replicas --- */

void replica_list_tell(struct collect *c, struct span info)
{
    struct info_replica r;
    bool any = false;
    while (info_replica_next(&info, &r)) {
        UT_string address;
        utstring_init(&address);
        text_add(&address, r.ip);
        text_add(&address, S(":"));
        text_add(&address, r.port);
        struct fact f = {.kind = FACT_REPLICA,
                         .replica = {.phase = LIST_ROW,
                                     .address = text_span(&address),
                                     .state = r.state,
                                     .offset = r.offset == INFO_UNKNOWN ? -1 : r.offset,
                                     .lag_s = r.lag_s == INFO_UNKNOWN ? -1 : r.lag_s}};
        collect_emit(c, &f);
        utstring_done(&address);
        any = true;
    }
    if (any || c->lists.replicas_told) {
        struct fact end = {.kind = FACT_REPLICA, .replica = {.phase = LIST_END, .offset = -1, .lag_s = -1}};
        collect_emit(c, &end);
    }
    c->lists.replicas_told = any;
}
