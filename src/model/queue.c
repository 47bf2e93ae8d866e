#include "model_priv.h"

#define RATE_SECONDS 10
#define GAP_US       (10 * US_PER_S) /* depths further apart say nothing about the present rates */
#define GROWING_US   (60 * US_PER_S)
#define DRAINED      20              /* fewer messages are on their way, not waiting */
#define FORGET_US    (60 * US_PER_S) /* a queue not told for so long while others are is no more */

static const UT_icd row_icd = {sizeof(struct queue_row *), NULL, NULL, NULL};

void queue_init(struct model *m)
{
    utarray_init(&m->queue.sorted, &row_icd);
    m->queue.unacked = -1;
    m->queue.oldest_us = -1;
}

static struct queue_row *row_at(const struct model *m, size_t i)
{
    return ((struct queue_row **)(void *)m->queue.sorted.d)[i];
}

struct queue_row *queue_row_at(const struct model *m, size_t i)
{
    return row_at(m, i);
}

struct queue_row *queue_row_find(const struct model *m, struct span name)
{
    struct queue_row *row = NULL;
    HASH_FIND(hh, m->queue.by_name, name.data, name.len, row);
    return row;
}

static void row_free(struct queue_row *row)
{
    mem_free(row->view.name);
    mem_free(row->view.display);
    mem_free(row->view.consumer_names);
    mem_free(row->view.next_id);
    mem_free(row->view.next_name);
    target_release(&row->view.next);
    mem_free(row);
}

void queue_release(struct model *m)
{
    HASH_CLEAR(hh, m->queue.by_name);
    for (size_t i = 0; i < utarray_len(&m->queue.sorted); i++) {
        row_free(row_at(m, i));
    }
    utarray_done(&m->queue.sorted);
}

/* The first place whose name is not below. */
static size_t place_of(const struct model *m, struct span name)
{
    size_t low = 0;
    size_t high = utarray_len(&m->queue.sorted);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct queue *q = &row_at(m, middle)->view;
        if (span_compare(span_make(q->name, q->name_len), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct queue_row *row_of(struct model *m, struct span name)
{
    struct queue_state *all = &m->queue;
    struct queue_row *row = queue_row_find(m, name);
    if (row) {
        return row;
    }
    if (utarray_len(&all->sorted) >= QUEUES_MAX) {
        all->cut_now++;
        return NULL;
    }
    row = mem_zalloc(sizeof(*row));
    row->view.name = span_dup(name);
    row->view.name_len = name.len;
    row->view.display = utf8_sanitise_dup(name, NAME_COLS);
    row->view.depth = -1;
    row->view.in_per_s = UNKNOWN_REAL;
    row->view.out_per_s = UNKNOWN_REAL;
    row->view.drain_s = UNKNOWN_REAL;
    row->view.grown_since_us = -1;
    row->view.consumers = -1;
    row->view.consumer_names = mem_strdup("");
    row->view.scheduled = -1;
    row->view.oldest_delivery_us = -1;
    row->view.next_id = mem_strdup("");
    row->view.next_name = mem_strdup("");
    row->view.next_since_us = -1;
    row->full_us = -1;
    HASH_ADD_KEYPTR(hh, all->by_name, row->view.name, name.len, row);
    utarray_insert(&all->sorted, &row, (unsigned)place_of(m, name));
    return row;
}

/* --- rates --- */

static void turn(struct queue_row *row, int64_t second)
{
    int64_t steps = second - row->second;
    row->second = second;
    steps = steps > QUEUE_SECONDS + 1 ? QUEUE_SECONDS + 1 : steps;
    for (int64_t i = 0; i < steps; i++) {
        row->bucket[(second - i) % (QUEUE_SECONDS + 1)] = (struct queue_bucket){0};
    }
}

static void forget_rates(struct queue_row *row)
{
    memset(row->bucket, 0, sizeof(row->bucket));
    row->usual_us = 0;
    row->backlog = 0;
    row->view.in_per_s = UNKNOWN_REAL;
    row->view.out_per_s = UNKNOWN_REAL;
    row->view.drain_s = UNKNOWN_REAL;
}

/* Up, down and time over the newest `seconds` and the one at hand. */
static struct queue_bucket sum_of(const struct queue_row *row, int seconds)
{
    struct queue_bucket sum = {0};
    for (int64_t i = 0; i <= seconds && row->second >= i; i++) {
        const struct queue_bucket *b = &row->bucket[(row->second - i) % (QUEUE_SECONDS + 1)];
        sum.up += b->up;
        sum.down += b->down;
        sum.seconds += b->seconds;
    }
    return sum;
}

static double per_s(double messages, double seconds)
{
    return seconds >= 1 ? messages / seconds : UNKNOWN_REAL;
}

static double net_per_s(const struct queue_row *row)
{
    struct queue_bucket sum = sum_of(row, QUEUE_SECONDS);
    return per_s((double)sum.up - (double)sum.down, (double)sum.seconds);
}

static void measure(struct queue_row *row)
{
    struct queue *q = &row->view;
    struct queue_bucket sum = sum_of(row, RATE_SECONDS);
    double net = net_per_s(row);
    q->in_per_s = per_s((double)sum.up, (double)sum.seconds);
    q->out_per_s = per_s((double)sum.down, (double)sum.seconds);
    if (q->depth == 0) {
        q->drain_s = 0;
    } else if (isnan(net)) {
        q->drain_s = UNKNOWN_REAL;
    } else {
        q->drain_s = net < 0 ? (double)q->depth / -net : (double)INFINITY;
    }
}

/* A backlog is a queue that has not shrunk for a minute. It takes a fall by a fifth to say that it shrinks:
 * workers take messages while others come, so the depth of a growing queue dips all the time. */
static void follow_growth(struct queue_row *row, int64_t now_us)
{
    struct queue *q = &row->view;
    row->full_us = q->depth < DRAINED ? -1 : row->full_us < 0 ? now_us : row->full_us;
    if (q->depth == 0) {
        q->grown_since_us = -1;
        row->backlog = 0;
        row->peak = 0;
        return;
    }
    if (q->grown_since_us < 0 || q->depth * 5 < row->peak * 4) {
        q->grown_since_us = now_us;
        row->peak = q->depth;
        row->backlog = 0;
    }
    row->peak = q->depth > row->peak ? q->depth : row->peak;
    bool shrinks = net_per_s(row) < 0;
    if (row->backlog > 0 || (now_us - q->grown_since_us >= GROWING_US && !shrinks)) {
        row->backlog = q->depth;
    }
}

static void note_depth(struct queue_row *row, int64_t depth, int64_t now_us)
{
    int64_t before = row->view.depth;
    int64_t interval = now_us - row->told_us;
    bool gap = interval > GAP_US && interval > 3 * row->usual_us;

    row->view.depth = depth;
    if (depth < 0 || before < 0 || gap) {
        forget_rates(row);
        row->second = now_us / US_PER_S;
    } else {
        turn(row, now_us / US_PER_S);
        struct queue_bucket *b = &row->bucket[row->second % (QUEUE_SECONDS + 1)];
        b->up += depth > before ? (float)(depth - before) : 0;
        b->down += depth < before ? (float)(before - depth) : 0;
        b->seconds += (float)interval / (float)US_PER_S;
    }
    if (depth >= 0) {
        /* The first long interval is a gap, after the second that is the pace. */
        row->usual_us = before < 0 ? 0 : interval;
        measure(row);
        follow_growth(row, now_us);
    }
}

/* --- facts --- */

void queue_apply(struct model *m, const struct fact_queue *f)
{
    struct queue_row *row = row_of(m, f->name);
    if (!row) {
        return;
    }
    int64_t sum = 0; /* one unreadable list may hold anything: the sum is then unknown */
    for (int i = 0; i < 4; i++) {
        int64_t depth = model_count(f->depth[i]);
        row->view.by_priority[i] = depth;
        sum = sum < 0 || depth < 0 ? -1 : sum + depth;
    }
    row->view.unacked = model_count(f->unacked);
    row->view.sources = f->sources;
    note_depth(row, sum, m->now_us);
    row->told_us = m->now_us;
    series_add(&row->view.depth_series, m->now_us, sum < 0 ? UNKNOWN_REAL : (double)sum);
    model_touch(m, TOPIC_QUEUES);
}

void queue_unacked(struct model *m, const struct fact_unacked *f)
{
    m->queue.unacked = model_count(f->total);
    m->queue.oldest_us = model_time(f->oldest_wall_us);
    model_touch(m, TOPIC_QUEUES);
}

void queue_read_ok(struct model *m)
{
    m->queue.cut = m->queue.cut_now;
    m->queue.cut_now = 0;
}

/* Drops the rows that are no longer told while the others are, and the rates of those whose polls have
 * stopped. */
void queue_tick(struct model *m)
{
    struct queue_state *all = &m->queue;
    int64_t usual = 3 * topic_usual_us(m, TOPIC_QUEUES);
    int64_t most = usual > FORGET_US ? usual : FORGET_US;
    int64_t read_us = m->topic[TOPIC_QUEUES].view.ok_at_us;
    for (size_t i = utarray_len(&all->sorted); i > 0 && all->by_name; i--) {
        struct queue_row *row = row_at(m, i - 1);
        if (read_us - row->told_us > most) {
            HASH_DELETE(hh, all->by_name, row);
            utarray_erase(&all->sorted, (unsigned)(i - 1), 1);
            row_free(row);
            model_touch(m, TOPIC_QUEUES);
        } else if (!isnan(row->view.drain_s) &&
                   m->now_us - row->told_us > (usual > GAP_US ? usual : GAP_US)) {
            forget_rates(row);
            model_touch(m, TOPIC_QUEUES);
        }
    }
}

size_t model_queue_count(const struct model *m)
{
    return utarray_len(&m->queue.sorted);
}

const struct queue *model_queue_at(const struct model *m, size_t i)
{
    return i < utarray_len(&m->queue.sorted) ? &row_at(m, i)->view : NULL;
}

int64_t model_unacked_total(const struct model *m)
{
    return m->queue.unacked;
}

int64_t model_unacked_oldest_us(const struct model *m)
{
    return m->queue.oldest_us;
}
