#include "motion.h"

#include "history.h"
#include "metric_list.h"
#include "reals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

enum {
    BASE_LEAST = 20, /* seconds of the usual that have to be known */
    STAY_LEAST = 5,  /* ... and of what came then */
    SOON = 10,       /* a single leap that came to nothing is not when it began */
    HOLE_MOST = 3,   /* seconds unseen before it moved: after a longer gap it may have moved at any time */
};
#define MOVED      3.0 /* so many times its unrest is a movement */
#define WEIGHT_MAX 999.0
#define MAD_SIGMA  1.4826 /* of a normal distribution: its standard deviation is so many MADs */

/* What tells of the same thing is told once: by the one that moved most. */
enum twin {
    TWIN_NONE,
    TWIN_MEMORY,
    TWIN_EVICTED,
    TWIN_CLIENTS,
    TWIN_HITS,
    TWIN_SESSIONS,
    TWIN_LOGINS,
    TWIN_EXPIRED,
    TWIN_QUEUE,
    TWIN_UNACKED,
    TWIN_WORKERS,
    TWIN_TASKS,
    TWIN_BATCHES,
    TWIN_COST,
    TWIN_TRIP,
    TWIN_BLOCKED,
    TWIN_REJECTED,
    TWIN_FRAGMENTED,
};

/* Metrics that can be a cause, or a companion that says what kind of trouble it is. */
static const struct candidate {
    enum metric metric;
    enum twin twin;
    bool mute; /* explains nothing itself: here for its twins alone */
} candidates[] = {
    {METRIC_UNREACHABLE, TWIN_NONE, false},
    {METRIC_LOADING, TWIN_NONE, false},
    {METRIC_RESTARTED, TWIN_NONE, false},
    {METRIC_FAILED_OVER, TWIN_NONE, false},
    {METRIC_FLUSHED, TWIN_NONE, false},
    {METRIC_NOTIFY_LOST, TWIN_NONE, false},
    {METRIC_MASTER_DOWN, TWIN_NONE, false},
    {METRIC_SAVE_FAILED, TWIN_NONE, false},
    {METRIC_AOF_FAILED, TWIN_NONE, false},
    {METRIC_REPLICAS, TWIN_NONE, false},
    {METRIC_WORKERS, TWIN_WORKERS, false},
    {METRIC_WORKER_LOST, TWIN_WORKERS, false},
    {METRIC_EVICTED, TWIN_EVICTED, false},
    {METRIC_EXPIRED, TWIN_EXPIRED, false},
    {METRIC_USED_MEMORY, TWIN_MEMORY, false},
    {METRIC_MEMORY_PERCENT, TWIN_MEMORY, false},
    {METRIC_FRAGMENTATION, TWIN_FRAGMENTED, false},
    {METRIC_CLIENTS, TWIN_CLIENTS, false},
    {METRIC_BLOCKED, TWIN_BLOCKED, false},
    {METRIC_REJECTED, TWIN_REJECTED, false},
    {METRIC_OPS, TWIN_NONE, false},
    {METRIC_ROUND_TRIP, TWIN_TRIP, false},
    {METRIC_LATENCY, TWIN_TRIP, false},
    {METRIC_CPU, TWIN_NONE, false},
    {METRIC_CONNECTIONS, TWIN_NONE, false}, /* a deploy: all connect anew */
    {METRIC_CLIENT_MEMORY, TWIN_NONE, false},
    {METRIC_CLIENTS_CUT, TWIN_NONE, false},
    {METRIC_ERROR_SHARE, TWIN_NONE, false},
    {METRIC_MISS_SURGE, TWIN_NONE, false},
    {METRIC_HIT_RATE, TWIN_HITS, false},
    {METRIC_EVENTS, TWIN_NONE, false},
    {METRIC_KEYS, TWIN_NONE, false},
    {METRIC_SESSIONS, TWIN_SESSIONS, false},
    {METRIC_SESSIONS_LOGINS, TWIN_LOGINS, false},
    {METRIC_SESSIONS_SURGE, TWIN_LOGINS, false},
    {METRIC_SESSIONS_EXPIRED_SHARE, TWIN_EXPIRED, false},
    {METRIC_QUEUE_TOTAL, TWIN_QUEUE, false},
    {METRIC_QUEUE_DEPTH, TWIN_QUEUE, false},
    {METRIC_UNACKED, TWIN_UNACKED, false},
    {METRIC_BATCH_RUNNING, TWIN_BATCHES, false},
    {METRIC_BATCH_FAILED, TWIN_NONE, false},
    {METRIC_TASKS_FAILURE_RATE, TWIN_TASKS, false},
    {METRIC_TASKS_OVERDUE, TWIN_NONE, false},
    {METRIC_QUEUE_POISON, TWIN_NONE, false},
    {METRIC_COST_COMMANDS, TWIN_COST, false},
    {METRIC_COST_BYTES, TWIN_COST, false},
    {METRIC_MEMORY_RSS, TWIN_MEMORY, true},
    {METRIC_CLIENTS_PERCENT, TWIN_CLIENTS, true},
    {METRIC_QUEUE_GROWING, TWIN_QUEUE, true},
    {METRIC_QUEUE_DRAIN, TWIN_QUEUE, true},
    {METRIC_QUEUE_UNCONSUMED, TWIN_QUEUE, true},
    {METRIC_UNACKED_AGE, TWIN_UNACKED, true},
    {METRIC_USERS, TWIN_SESSIONS, true},
    {METRIC_WORKER_SILENT, TWIN_WORKERS, true},
    {METRIC_WORKER_ZOMBIES, TWIN_WORKERS, true},
    {METRIC_LOOKUPS, TWIN_HITS, true},
    {METRIC_FULL, TWIN_MEMORY, true},
    {METRIC_EVICTED_LATELY, TWIN_EVICTED, true},
    {METRIC_EVICTED_BROKER, TWIN_EVICTED, true},
    {METRIC_REJECTED_LATELY, TWIN_REJECTED, true},
    {METRIC_BLOCKED_OTHERS, TWIN_BLOCKED, true},
    {METRIC_FRAGMENTED, TWIN_FRAGMENTED, true},
    {METRIC_QUEUE_UNDRAINED, TWIN_QUEUE, true},
    {METRIC_CONSOLE_BUDGET, TWIN_COST, true},
};
enum { CANDIDATES = sizeof(candidates) / sizeof(candidates[0]) };

/* The least unrest by unit: what a person would call nothing, whatever the arithmetic says of tiny values. */
static const struct {
    const char *unit;
    double least, part; /* of the usual value */
} floors[] = {
    {"bytes", 1024 * 1024, 0.02},
    {"percent", 2, 0},
    {"count", 1, 0.05},
    {"per_s", 1, 0.1},
    {"s", 0.002, 0.3},
    {"bool", 0.1, 0},
};

static double floor_of(size_t metric, double usual)
{
    const char *unit = rule_metrics[metric].unit;
    for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]); i++) {
        if (strcmp(floors[i].unit, unit) == 0) {
            return fmax(floors[i].least, floors[i].part * fabs(usual));
        }
    }
    return 1;
}

/* Of n > 0 values, which are put in order for it. */
static double median(double *value, size_t n)
{
    reals_sort(value, n);
    return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

/* What is usual, and by how much it usually differs from that. */
static bool learn(const struct history *h, size_t metric, int64_t to_s, double *ret_usual, double *ret_unrest)
{
    double value[MOTION_BASE_S];
    size_t n = 0;
    for (int64_t s = to_s - MOTION_BASE_S; s < to_s; s++) {
        double v = history_value(h, metric, s);
        if (!isnan(v)) {
            value[n++] = v;
        }
    }
    if (n < BASE_LEAST) {
        return false;
    }
    *ret_usual = median(value, n);
    for (size_t i = 0; i < n; i++) {
        value[i] = fabs(value[i] - *ret_usual);
    }
    *ret_unrest = fmax(MAD_SIGMA * median(value, n), floor_of(metric, *ret_usual));
    return true;
}

static bool seen_before(const struct history *h, size_t metric, int64_t second)
{
    for (int64_t s = second - HOLE_MOST; s < second; s++) {
        if (!isnan(history_value(h, metric, s))) {
            return true;
        }
    }
    return false;
}

/* The mean of so many seconds from one on; false when too little of it is known. */
static bool stay(const struct history *h, size_t metric, int64_t from_s, int64_t to_s, int64_t seconds,
                 double *ret)
{
    size_t known = 0;
    double sum = 0;
    to_s = to_s < from_s + seconds ? to_s : from_s + seconds;
    for (int64_t s = from_s; s <= to_s; s++) {
        double v = history_value(h, metric, s);
        if (!isnan(v)) {
            sum += v;
            known++;
        }
    }
    *ret = known ? sum / (double)known : 0;
    return known >= STAY_LEAST;
}

static bool moved(const struct history *h, size_t metric, int64_t crossed_s, int64_t end_s,
                  struct alert_mover *ret)
{
    double usual, unrest, mean, soon;
    if (!learn(h, metric, crossed_s - MOTION_LEAD_S, &usual, &unrest)) {
        return false;
    }
    for (int64_t s = crossed_s - MOTION_LEAD_S; s <= end_s; s++) {
        double away = history_value(h, metric, s) - usual;
        if (isnan(away) || fabs(away) < MOVED * unrest) {
            continue;
        }
        if (!seen_before(h, metric, s) || !stay(h, metric, s, end_s, SOON, &soon) ||
            !stay(h, metric, s, end_s, MOTION_AFTER_S, &mean)) {
            return false;
        }
        double scale = away > 0 ? unrest : -unrest;
        double weight = (mean - usual) / scale;
        if (weight >= MOVED && (soon - usual) / scale >= MOVED) {
            weight = weight < WEIGHT_MAX ? weight : WEIGHT_MAX;
            *ret = (struct alert_mover){
                .metric = (int)metric,
                .before = usual,
                .after = mean,
                .weight = s > crossed_s ? weight / 2 : weight, /* what came later is rather a consequence */
                .at_us = s > crossed_s - MOTION_LEAD_S ? s * US_PER_S : -1, /* -1: it had before */
            };
            return true;
        }
    }
    return false;
}

static int by_weight(const void *a, const void *b)
{
    const struct alert_mover *left = a;
    const struct alert_mover *right = b;
    int order = (left->weight < right->weight) - (left->weight > right->weight);
    if (order == 0) {
        order = (left->at_us > right->at_us) - (left->at_us < right->at_us);
    }
    return order ? order : left->metric - right->metric;
}

static enum twin twin_of(int metric)
{
    for (size_t i = 0; i < CANDIDATES; i++) {
        if ((int)candidates[i].metric == metric) {
            return candidates[i].twin;
        }
    }
    return TWIN_NONE;
}

/* True when one that moved more tells the same. */
static bool told(const struct alert_mover *mover, size_t count, int metric)
{
    for (size_t i = 0; i < count; i++) {
        if (twin_of(mover[i].metric) != TWIN_NONE && twin_of(mover[i].metric) == twin_of(metric)) {
            return true;
        }
    }
    return false;
}

size_t motion_rank(const struct history *h, int metric, int64_t crossed_s, int64_t now_s,
                   struct alert_mover ret[EVIDENCE_MOVERS])
{
    struct alert_mover all[CANDIDATES];
    size_t count = 0;
    size_t shown = 0;
    int64_t end_s = now_s < crossed_s + MOTION_AFTER_S ? now_s : crossed_s + MOTION_AFTER_S;
    for (size_t i = 0; i < CANDIDATES; i++) {
        bool own = candidates[i].mute || (int)candidates[i].metric == metric ||
                   (candidates[i].twin != TWIN_NONE && candidates[i].twin == twin_of(metric));
        count += !own && moved(h, candidates[i].metric, crossed_s, end_s, &all[count]);
    }
    qsort(all, count, sizeof(all[0]), by_weight);
    for (size_t i = 0; i < count && shown < EVIDENCE_MOVERS; i++) {
        if (!told(ret, shown, all[i].metric)) {
            ret[shown++] = all[i];
        }
    }
    return shown;
}
