/* metric_about: what the object is that a metric names, for the curtain. A metric that is not here names
 * something to be hidden. */
#include "metric_list.h"

#include "redai/model/rule.h"

enum veil_kind rule_metric_about(int metric)
{
    static const enum veil_kind about[METRIC_COUNT] = {
        [METRIC_NOTIFY] = VEIL_PLAIN,
        [METRIC_WITHOUT_TTL] = VEIL_FAMILY,
        [METRIC_SESSIONS_CAME_BACK] = VEIL_SESSION,
        [METRIC_SESSIONS_CROWD] = VEIL_USER,
        [METRIC_QUEUE_DEPTH] = VEIL_PLAIN,
        [METRIC_QUEUE_GROWING] = VEIL_PLAIN,
        [METRIC_QUEUE_DRAIN] = VEIL_PLAIN,
        [METRIC_QUEUE_UNCONSUMED] = VEIL_PLAIN,
        [METRIC_QUEUE_POISON] = VEIL_PLAIN,
        [METRIC_BATCH_STALLED] = VEIL_PLAIN,
        [METRIC_BATCH_FAILED] = VEIL_PLAIN,
        [METRIC_BATCH_LOST] = VEIL_PLAIN,
        [METRIC_WORKER_SILENT] = VEIL_NODE,
        [METRIC_WORKER_ZOMBIES] = VEIL_NODE,
        [METRIC_OBJECT_REPRS] = VEIL_FAMILY,
        [METRIC_WITHOUT_TTL_MISPLACED] = VEIL_FAMILY,
        [METRIC_LARGEST_SHARE] = VEIL_FAMILY,
        [METRIC_CROWDING] = VEIL_FAMILY,
        [METRIC_VITAL_EVICTABLE] = VEIL_PLAIN,
        [METRIC_VITAL_UNLIMITED] = VEIL_PLAIN,
        [METRIC_WORKER_LOST] = VEIL_NODE,
        [METRIC_MISS_SURGE] = VEIL_FAMILY,
        [METRIC_QUEUE_UNDRAINED] = VEIL_PLAIN,
    };
    return metric >= 0 && metric < METRIC_COUNT ? about[metric] : VEIL_PAYLOAD;
}
