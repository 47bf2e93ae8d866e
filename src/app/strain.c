#include "strain.h"

#include <math.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

/* What is too much for a server to be listened to as well. */
#define OPS_MOST           50000.
#define ROUND_TRIP_MOST_US (100 * US_PER_MS)
#define CALM_TIMES         4
#define MEMORY_MOST        0.95
#define CLIENTS_MOST       0.9

/* The least round trip of the last minutes; NAN unknown. */
static double calm_us(const struct server *s)
{
    double value[SERIES_SAMPLES], least = (double)NAN;
    size_t n = series_tail(&s->round_trip, value, SERIES_SAMPLES);
    for (size_t i = 0; i < n; i++) {
        least = isnan(least) || value[i] < least ? value[i] : least;
    }
    return least;
}

static bool is_answering(const struct server *s, struct err *err)
{
    char now[24], calm[24];
    double usual = calm_us(s);
    if (s->round_trip_us > ROUND_TRIP_MOST_US && (double)s->round_trip_us > CALM_TIMES * usual) {
        return err_set(err, ERR_REFUSED, "no trace: the server answers in %s, in %s when calm",
                       human_duration(s->round_trip_us, now, sizeof now),
                       human_duration((int64_t)usual, calm, sizeof calm));
    }
    return true;
}

static bool has_room(const struct info *i, struct err *err)
{
    char used[24], most[24];
    if (i->maxmemory > 0 && (double)i->used_memory > MEMORY_MOST * (double)i->maxmemory) {
        return err_set(err, ERR_REFUSED, "no trace: %s of %s of memory are used, over 95 %%",
                       human_bytes(i->used_memory, used, sizeof used),
                       human_bytes(i->maxmemory, most, sizeof most));
    }
    if (i->maxclients > 0 && (double)i->connected_clients >= CLIENTS_MOST * (double)i->maxclients) {
        return err_set(err, ERR_REFUSED, "no trace: %lld of %lld clients are connected, over 90 %%",
                       (long long)i->connected_clients, (long long)i->maxclients);
    }
    return true;
}

bool strain_allows_trace(const struct model *m, struct err *err)
{
    const struct server *s = model_server(m);
    char ops[24];
    if (!model_redis_reachable(m) || !s->known) {
        return err_set(err, ERR_REFUSED, "no trace: the server does not answer");
    }
    if (model_topic_stale(m, TOPIC_SERVER)) {
        return err_set(err, ERR_REFUSED, "no trace: how the server is was read %lld s ago",
                       (long long)(model_topic_age_us(m, TOPIC_SERVER) / US_PER_S));
    }
    if (s->info.loading > 0) {
        return err_set(err, ERR_REFUSED, "no trace: the server loads its data");
    }
    if (s->ops_per_s > OPS_MOST) {
        return err_set(err, ERR_REFUSED, "no trace: %s commands a second, over 50k",
                       human_rate(s->ops_per_s, ops, sizeof ops));
    }
    return is_answering(s, err) && has_room(&s->info, err);
}
