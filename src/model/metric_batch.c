/* metric_batch: the numbers of batches that rules judge; metric.c has the table. */
#include "metric_priv.h"

#define RECENT_US (600 * US_PER_S)

static void tell_of(const struct batch *b, double value, metric_tell *tell, void *ctx)
{
    tell(ctx, span_make(b->id, b->id_len), b->display_id, value);
}

struct metric_value metric_batch_running(const struct model *m)
{
    return metric_plain((double)m->batch.of_rank[BATCH_RANK_LIVE]);
}

struct metric_value metric_batch_queued(const struct model *m)
{
    return metric_plain((double)m->batch.of_rank[BATCH_RANK_QUEUED]);
}

/* What was not told since the link came up may have moved meanwhile. */
bool metric_batch_stalled(const struct model *m, metric_tell *tell, void *ctx)
{
    bool known = connection_poll_up(m);
    for (size_t i = 0; known && i < m->batch.of_rank[BATCH_RANK_LIVE]; i++) {
        const struct batch_row *row = batch_row_at(m, i);
        double still = (double)(m->now_us - row->view.moved_us) / (double)US_PER_S;
        tell_of(&row->view, batch_is_watched(m, row) ? still : UNKNOWN_REAL, tell, ctx);
    }
    return known;
}

/* Those of a state that ended within ten minutes; those put away are no longer among them. */
static bool each_recent(const struct model *m, enum batch_state state, metric_tell *tell, void *ctx)
{
    size_t ended = m->batch.of_rank[BATCH_RANK_ENDED];
    for (size_t i = 0; i < ended; i++) {
        const struct batch *b = model_batch_at(m, model_batch_count(m) - ended + i);
        if (m->now_us - b->ended_us >= RECENT_US) {
            break; /* newest first */
        }
        if (b->state == state) {
            tell_of(b, 1, tell, ctx);
        }
    }
    return true;
}

bool metric_batch_failed(const struct model *m, metric_tell *tell, void *ctx)
{
    return each_recent(m, BATCH_FAILED, tell, ctx);
}

bool metric_batch_lost(const struct model *m, metric_tell *tell, void *ctx)
{
    return each_recent(m, BATCH_LOST, tell, ctx);
}
