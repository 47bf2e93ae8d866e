/* metric_batch: the numbers of batches that rules judge; metric.c has the table. */
#include "metric_priv.h"

#define RECENT_US (600 * US_PER_S)

struct metric_value metric_batch_running(const struct model *m)
{
    return metric_plain((double)m->batch.of_rank[BATCH_RANK_LIVE]);
}

struct metric_value metric_batch_queued(const struct model *m)
{
    return metric_plain((double)m->batch.of_rank[BATCH_RANK_QUEUED]);
}

struct metric_value metric_batch_stalled(const struct model *m)
{
    struct metric_value worst = metric_plain(connection_poll_up(m) ? 0 : UNKNOWN_REAL);
    for (size_t i = 0; i < m->batch.of_rank[BATCH_RANK_LIVE]; i++) {
        const struct batch *b = model_batch_at(m, i);
        double still = (double)(m->now_us - b->moved_us) / (double)US_PER_S;
        if (still > worst.value && batch_is_watched(m, batch_row_at(m, i))) {
            worst = (struct metric_value){.value = still, .object = b->display_id};
        }
    }
    return worst;
}

static struct metric_value count_recent(const struct model *m, enum batch_state state)
{
    struct metric_value count = metric_plain(0);
    for (size_t i = 0; i < m->batch.of_rank[BATCH_RANK_ENDED]; i++) {
        const struct batch *b =
            model_batch_at(m, model_batch_count(m) - m->batch.of_rank[BATCH_RANK_ENDED] + i);
        if (m->now_us - b->ended_us >= RECENT_US) {
            break; /* newest first */
        }
        if (b->state == state) {
            count.object = count.object ? count.object : b->display_id;
            count.value++;
        }
    }
    return count;
}

struct metric_value metric_batch_failed(const struct model *m)
{
    return count_recent(m, BATCH_FAILED);
}

struct metric_value metric_batch_lost(const struct model *m)
{
    return count_recent(m, BATCH_LOST);
}
