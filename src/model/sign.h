/* sign: what INFO says over a while that a single reading does not: how counters grew in the last minute,
 * where memory and keys without a TTL are going, how long a round trip takes in the middle. The built-in
 * rules stand on it. Unknown is NAN, or -1 of a count. */
#ifndef REDAI_MODEL_SIGN_H
#define REDAI_MODEL_SIGN_H

#include "meter.h"
#include "trend.h"

struct model;
struct info;

/* What should not happen at all is told until ten minutes have passed without it. */
enum sign_loss { SIGN_EVICTED, SIGN_REJECTED, SIGN_CUT };
#define SIGN_LATELY_US INT64_C(600000000)

struct sign_state {
    struct meter traffic; /* connections, commands, errors */
    struct meter strain;  /* CPU of the main thread */
    struct meter lately;  /* a sample every ten seconds: ten minutes */
    int64_t lately_us, lately_now[METER_VALUES], lately_last[METER_VALUES]; /* the newest sample; INFO's */
    struct trend memory, without_ttl;
    unsigned told;        /* which counters INFO tells: bits */
    int64_t broker_us;    /* waiting or taken messages were seen last, monotonic; -1 */
    int64_t restarted_us; /* another process answered that had just begun, monotonic; -1 */
    int64_t moved_us;     /* another one that had been there before: another server; -1 */
    int64_t flushed_us;   /* most keys went at once; -1 */
};

void sign_init(struct model *m);
/* Who answers now, beside who answered before. */
enum sign_process { SIGN_THE_SAME, SIGN_RESTARTED, SIGN_ANOTHER };
/* After an INFO; old: the one before, of which linked says that the counters go on from there. */
void sign_apply(struct model *m, const struct info *old, bool linked, enum sign_process process);

double sign_full_s(const struct model *m); /* until maxmemory is reached at this growth; endless: INFINITY */
double sign_without_ttl(
    const struct model *m); /* keys without a TTL that came in an hour, as they grow now */
double sign_connections_per_s(const struct model *m); /* new ones, in the last ten seconds */
double sign_error_share(const struct model *m);       /* percent of the commands of the last minute */
/* Keys evicted, connections refused at maxclients, clients cut off for their buffers in ten minutes. */
/* There is a broker, or was within these ten minutes: its lists may be what was evicted. */
bool sign_broker(const struct model *m);
int64_t sign_lately(const struct model *m, enum sign_loss loss);
double sign_cpu(const struct model *m);        /* percent of a core, main thread, last ten seconds */
double sign_latency_s(const struct model *m);  /* the middle round trip of the last 30 s */
double sign_save_age_s(const struct model *m); /* of the last save while there are changes since; else 0 */

#endif
