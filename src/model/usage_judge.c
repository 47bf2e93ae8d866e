/* usage_judge: the verdict on maxmemory and its policy, of what the model knows is stored. */
#include "metric_list.h"
#include "metric_priv.h"
#include "usage_verdict.h"

static int64_t known(int64_t value)
{
    return value < 0 ? -1 : value;
}

/* Queues of the broker, as far as they are there: those that are only configured hold nothing. */
static void add_queues(const struct model *m, struct usage_verdict_input *in)
{
    size_t busy = 0;
    in->queue = "";
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        in->broker = in->broker || (q->sources & ~(unsigned)QUEUE_CONFIGURED) || q->depth > 0;
        in->waiting = q->depth < 0 || in->waiting < 0 ? -1 : in->waiting + q->depth;
        if (q->depth > 0) {
            in->queue = busy++ ? "" : q->display;
        }
    }
    in->unacked = model_unacked_total(m);
}

static void add_sessions(const struct model *m, struct usage_verdict_input *in)
{
    int64_t count = (int64_t)model_session_count(m);
    in->sessions = count > 0 || m->census.view.complete ? count : -1;
    const struct usage_view *row;
    size_t rows = count > 0 ? model_usage(m, &row) : 0;
    for (size_t i = 0; i < rows; i++) {
        bool all = row[i].usage == USAGE_SESSIONS && row[i].keys > 0 && row[i].without_ttl >= row[i].keys;
        in->lasting = all ? count : in->lasting;
    }
}

static void input_of(const struct model *m, struct usage_verdict_input *in)
{
    const struct info *info = &m->server.view.info;
    *in = (struct usage_verdict_input){.policy = info->maxmemory_policy,
                                       .maxmemory = known(info->maxmemory),
                                       .used = known(info->used_memory),
                                       .system = known(info->total_system_memory),
                                       .evicted = known(info->evicted_keys)};
    add_queues(m, in);
    add_sessions(m, in);
}

const char *model_usage_verdict(const struct model *m, bool *ret_bad)
{
    struct usage_state *u = (struct usage_state *)&m->usage; /* a cache: what it says stays the same */
    struct usage_verdict_input in;

    *ret_bad = false;
    u->verdict[0] = '\0';
    if (m->server.view.known) {
        input_of(m, &in);
        usage_verdict(&in, u->verdict, sizeof u->verdict, ret_bad);
    }
    return u->verdict;
}

enum usage_danger usage_danger_of(const struct model *m)
{
    struct usage_verdict_input in;
    input_of(m, &in);
    return usage_danger(&in);
}

/* --- the same as numbers to be judged --- */

static struct metric_value endangered(const struct model *m, enum usage_danger danger)
{
    struct usage_verdict_input in;
    const char *policy = m->server.view.info.maxmemory_policy;

    if (!server_is_fresh(m) || !policy[0] || m->server.view.info.maxmemory < 0) {
        return (struct metric_value){.value = UNKNOWN_REAL};
    }
    input_of(m, &in);
    return (struct metric_value){.value = usage_danger(&in) == danger, .object = policy};
}

struct metric_value metric_vital_evictable(const struct model *m)
{
    return endangered(m, USAGE_DANGER_NOW);
}

struct metric_value metric_vital_unlimited(const struct model *m)
{
    return endangered(m, USAGE_DANGER_LATENT);
}
