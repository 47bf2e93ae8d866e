/* The state of a task, derived from all that is known of it (facts, section 9): what is stored in its row,
 * where it was seen, what its worker does, and the time. */
#include "model_priv.h"

#define SETTLE_US                                                                                            \
    (2 * US_PER_S) /* the news of an end and the reading of a place are on their way that long */
#define GOODBYE_US   (60 * US_PER_S) /* a worker that stops finishes what runs, and puts the rest back */
#define VISIBILITY_S 3600

struct verdict {
    enum task_state state;
    enum task_source source;
    const struct task_seat *at; /* where its message is */
};

/* What of its places still counts. */
struct seen {
    const struct task_seat *listed, *taken, *held;
    size_t active; /* workers that say they run it */
};

static bool is_gone(const struct model *m, const struct worker *w)
{
    return w->state == WORKER_STATE_LOST ||
           (w->state == WORKER_STATE_OFFLINE && m->now_us - w->since_us >= GOODBYE_US);
}

static struct seen look(const struct model *m, const struct task_row *row)
{
    struct seen s = {0};
    for (const struct task_seat *seat = row->seat; seat; seat = seat->sibling) {
        if (seat->place->scope == SWEEP_LIST) {
            /* Taken since it was seen there: it is not there any more. */
            bool there = seat->seen_us >= row->claim_us && (!s.listed || seat->seen_us > s.listed->seen_us);
            s.listed = there ? seat : s.listed;
        } else if (seat->place->scope == SWEEP_UNACKED) {
            s.taken = seat;
        } else {
            const struct worker *w = model_worker_find(m, task_place_name(seat->place));
            if (w && is_gone(m, w)) {
                continue;
            }
            bool runs = seat->hold == INSPECT_HOLD_ACTIVE;
            s.active += runs;
            bool better = !s.held || (runs && s.held->hold != INSPECT_HOLD_ACTIVE);
            s.held = better ? seat : s.held;
        }
    }
    bool runs = s.held && s.held->hold == INSPECT_HOLD_ACTIVE;
    if (s.listed && (runs || (s.taken && s.taken->first_us >= s.listed->first_us) ||
                     (s.held && s.held->seen_us > s.listed->seen_us))) {
        s.listed = NULL;
    } else if (s.listed) {
        s.taken = NULL;
        s.held = NULL;
    }
    return s;
}

/* --- what has ended --- */

/* It was delivered anew after its end. */
static bool is_taken_after_end(const struct task_row *row, const struct seen *s)
{
    const struct task *t = &row->view;
    return s->taken && t->ended_us >= 0 && t->delivered_us - t->ended_us > TASK_SLACK_US;
}

static bool by_result(const struct task_row *row, const struct seen *s, struct verdict *v)
{
    static const enum task_state state[] = {
        [TASK_RESULT_SUCCESS] = TASK_STATE_SUCCEEDED,
        [TASK_RESULT_FAILURE] = TASK_STATE_FAILED,
        [TASK_RESULT_REVOKED] = TASK_STATE_REVOKED,
    };
    if (row->result < TASK_RESULT_SUCCESS) {
        return false;
    }
    bool newer = row->result_retries >= 0 && row->view.retries > row->result_retries;
    bool another = newer || row->rerun || is_taken_after_end(row, s);
    if (another && row->result != TASK_RESULT_SUCCESS) {
        return false;
    }
    *v = (struct verdict){state[row->result], TASK_FROM_RESULT, NULL};
    return true;
}

static bool by_last_word(const struct task_row *row, const struct seen *s, struct verdict *v)
{
    static const enum task_state state[] = {
        [TASK_WORD_SUCCEEDED] = TASK_STATE_SUCCEEDED,
        [TASK_WORD_FAILED] = TASK_STATE_FAILED,
        [TASK_WORD_REJECTED] = TASK_STATE_REJECTED,
        [TASK_WORD_REVOKED] = TASK_STATE_REVOKED,
    };
    if (row->word < TASK_WORD_SUCCEEDED || (row->word != TASK_WORD_SUCCEEDED && is_taken_after_end(row, s))) {
        return false;
    }
    *v = (struct verdict){state[row->word], TASK_FROM_EVENT, NULL};
    return true;
}

/* --- what has not --- */

static bool result_runs(const struct task_row *row)
{
    return row->result == TASK_RESULT_STARTED || row->result == TASK_RESULT_PROGRESS;
}

/* Nobody has it: all who could have told so since. */
static bool nobody_holds(const struct model *m, const struct task_row *row, int64_t since_us)
{
    const struct task_all *all = &m->task;
    const struct worker *owner = model_worker_find(m, intern_raw(row->view.worker));
    if (owner && is_gone(m, owner)) {
        return true;
    }
    return all->asked_us > since_us;
}

static bool is_orphan(const struct model *m, const struct task_row *row, const struct seen *s)
{
    int64_t since_us = s->taken->first_us > row->claim_us ? s->taken->first_us : row->claim_us;
    return !s->held && m->task.workers_known > 0 && nobody_holds(m, row, since_us);
}

static struct verdict in_hands(const struct model *m, const struct task_row *row, const struct seen *s)
{
    const struct task_seat *at = s->taken;
    enum task_source seen_by = s->held ? TASK_FROM_WORKER : TASK_FROM_UNACKED;
    if (s->held && s->held->hold == INSPECT_HOLD_ACTIVE) {
        return (struct verdict){TASK_STATE_RUNNING, TASK_FROM_WORKER, at};
    }
    if (s->taken && is_orphan(m, row, s)) {
        return (struct verdict){TASK_STATE_ORPHANED, TASK_FROM_UNACKED, at};
    }
    /* A worker's own answer is better than what was said before it. */
    bool told = s->held && s->held->seen_us > row->claim_us;
    if (!told && (row->word == TASK_WORD_STARTED || result_runs(row))) {
        return (struct verdict){TASK_STATE_RUNNING, result_runs(row) ? TASK_FROM_RESULT : TASK_FROM_EVENT,
                                at};
    }
    bool waits = row->view.eta_us > m->wall_us || (s->held && s->held->hold == INSPECT_HOLD_SCHEDULED);
    return (struct verdict){waits ? TASK_STATE_SCHEDULED : TASK_STATE_RESERVED, seen_by, at};
}

/* Said to be taken or to run, and seen nowhere. */
static bool has_vanished(const struct model *m, const struct task_row *row)
{
    const struct task_all *all = &m->task;
    int64_t since_us = row->claim_us > row->left_us ? row->claim_us : row->left_us;
    bool read = all->unacked->swept_us > row->claim_us && m->now_us - since_us >= SETTLE_US;
    /* Where nobody can be asked, that workers acknowledge late is enough: what runs is in unacked then. */
    return read && (nobody_holds(m, row, row->claim_us) || (all->asked_us < 0 && all->late_acks_us >= 0));
}

static struct verdict by_claim(const struct model *m, const struct task_row *row)
{
    const struct verdict unknown = {TASK_STATE_UNKNOWN, (enum task_source)0, NULL};
    bool runs = row->word == TASK_WORD_STARTED || result_runs(row);
    enum task_source source = result_runs(row) ? TASK_FROM_RESULT : TASK_FROM_EVENT;
    if (runs || row->word == TASK_WORD_RECEIVED) {
        if (has_vanished(m, row)) {
            return result_runs(row) ? (struct verdict){TASK_STATE_LOST, source, NULL} : unknown;
        }
        bool waits = row->view.eta_us > m->wall_us;
        enum task_state state = runs    ? TASK_STATE_RUNNING
                                : waits ? TASK_STATE_SCHEDULED
                                        : TASK_STATE_RESERVED;
        return (struct verdict){state, source, NULL};
    }
    if (row->result == TASK_RESULT_RETRY || row->word == TASK_WORD_AGAIN) {
        return (struct verdict){TASK_STATE_RETRY,
                                row->result == TASK_RESULT_RETRY ? TASK_FROM_RESULT : TASK_FROM_EVENT, NULL};
    }
    return unknown;
}

static struct verdict judge(const struct model *m, const struct task_row *row, const struct seen *s)
{
    struct verdict v;
    if (by_result(row, s, &v) || by_last_word(row, s, &v)) {
        return v;
    }
    if (s->listed) {
        bool seen = !s->listed->promised;
        return (struct verdict){TASK_STATE_WAITING, seen ? TASK_FROM_LIST : TASK_FROM_EVENT, s->listed};
    }
    return s->taken || s->held ? in_hands(m, row, s) : by_claim(m, row);
}

static bool is_ended(enum task_state state)
{
    return state == TASK_STATE_SUCCEEDED || state == TASK_STATE_FAILED || state == TASK_STATE_REVOKED;
}

/* --- flags --- */

static unsigned flags_of(const struct model *m, struct task_row *row, const struct seen *s,
                         enum task_state state)
{
    const struct task *t = &row->view;
    bool ended = is_ended(state);
    if (s->active > 1 || (state == TASK_STATE_SUCCEEDED && is_taken_after_end(row, s))) {
        row->kept |= TASK_FLAG_SECOND_RUN;
    }
    unsigned flags = row->kept;
    if (t->deliveries >= TASK_POISON_DELIVERIES) {
        flags |= TASK_FLAG_POISON;
    }
    if (state == TASK_STATE_WAITING && s->listed && m->task.consumers_known &&
        !worker_consumes(m, task_place_name(s->listed->place))) {
        flags |= TASK_FLAG_UNCONSUMED;
    }
    if (s->taken && !ended && t->delivered_us >= 0) {
        const struct worker *w = model_worker_find(m, intern_raw(t->worker));
        int64_t most_s = w && w->visibility_s > 0 ? w->visibility_s : VISIBILITY_S;
        int64_t age_s = (m->wall_us - t->delivered_us) / US_PER_S;
        flags |= age_s > most_s                ? TASK_FLAG_OVERDUE
                 : age_s > most_s - most_s / 4 ? TASK_FLAG_NEAR_TIMEOUT
                                               : 0;
    }
    return flags;
}

static enum task_order order_of(enum task_state state)
{
    static const uint8_t order[TASK_STATE_COUNT] = {
        [TASK_STATE_UNKNOWN] = TASK_ORDER_REST,    [TASK_STATE_WAITING] = TASK_ORDER_REST,
        [TASK_STATE_RESERVED] = TASK_ORDER_LIVE,   [TASK_STATE_SCHEDULED] = TASK_ORDER_LIVE,
        [TASK_STATE_RUNNING] = TASK_ORDER_LIVE,    [TASK_STATE_RETRY] = TASK_ORDER_REST,
        [TASK_STATE_SUCCEEDED] = TASK_ORDER_ENDED, [TASK_STATE_FAILED] = TASK_ORDER_ENDED,
        [TASK_STATE_REVOKED] = TASK_ORDER_ENDED,   [TASK_STATE_REJECTED] = TASK_ORDER_ENDED,
        [TASK_STATE_LOST] = TASK_ORDER_ENDED,      [TASK_STATE_ORPHANED] = TASK_ORDER_LIVE,
    };
    return (enum task_order)order[state];
}

static void show_message(struct task *t, const struct task_seat *at)
{
    bool named = at && at->ref_len > 0;
    enum target_kind kind = !named                           ? TARGET_NONE
                            : at->place->scope == SWEEP_LIST ? TARGET_MESSAGE
                                                             : TARGET_DELIVERY;
    /* Borrowed from the seat, which takes it back when it goes. */
    char *id = named ? (char *)(uintptr_t)at->ref : NULL; /* NOLINT(performance-no-int-to-ptr) */
    t->message = (struct target){.kind = kind, .id = id, .id_len = named ? at->ref_len : 0};
}

/* An end that is read now may be of long ago: it changed then. */
static int64_t ended_ago_us(const struct model *m, const struct task_row *row)
{
    int64_t ago_us = m->wall_us - row->view.ended_us;
    return is_ended((enum task_state)row->view.state) && row->view.ended_us >= 0 && ago_us > 0 ? ago_us : 0;
}

void task_decide(struct model *m, struct task_row *row)
{
    struct task *t = &row->view;
    struct seen s = look(m, row);
    struct verdict v = judge(m, row, &s);
    unsigned flags = flags_of(m, row, &s, v.state);
    show_message(t, v.at);
    if (flags != t->flags || v.source != t->source) {
        t->flags = (uint8_t)flags;
        t->source = v.source;
        m->task.version++;
        model_touch(m, TOPIC_TASKS);
    }
    if (v.state == t->state) {
        return;
    }
    m->task.in_state[t->state]--;
    m->task.in_state[v.state]++;
    t->state = v.state;
    t->changed_us = m->now_us - ended_ago_us(m, row);
    task_row_order(m, row, order_of(v.state));
    if (!row->counted && (v.state == TASK_STATE_SUCCEEDED || v.state == TASK_STATE_FAILED)) {
        row->counted = true;
        task_rate_end(m, row);
    }
    m->task.version++;
    model_touch(m, TOPIC_TASKS);
}

/* --- all that may change by itself --- */

void task_look_at_workers(struct model *m)
{
    struct task_all *all = &m->task;
    /* That there is no worker is known once it was looked for them. */
    int64_t asked_us = m->topic[TOPIC_WORKERS].view.ok_at_us < 0 ? -1 : INT64_MAX;
    size_t known = model_worker_count(m);
    for (size_t i = 0; i < known; i++) {
        const struct worker *w = model_worker_at(m, i);
        int64_t swept_us = is_gone(m, w) ? INT64_MAX : worker_swept_us(m, i);
        bool dumb = w->state == WORKER_STATE_ZOMBIE || w->state == WORKER_STATE_UNKNOWN ||
                    w->state == WORKER_STATE_OFFLINE;
        swept_us = dumb && !is_gone(m, w) ? -1 : swept_us;
        asked_us = swept_us < asked_us ? swept_us : asked_us;
    }
    all->asked_us = asked_us;
    all->workers_known = known;
    bool consumers_known = model_consumers_known(m);
    all->reconsider = all->reconsider || consumers_known != all->consumers_known;
    all->consumers_known = consumers_known;
}

void task_decide_live(struct model *m)
{
    task_look_at_workers(m);
    for (struct task_row *row = m->task.order[TASK_ORDER_LIVE].first; row;) {
        struct task_row *next = row->next;
        task_decide(m, row);
        row = next;
    }
    if (m->task.reconsider) {
        m->task.reconsider = false;
        for (struct task_row *row = m->task.order[TASK_ORDER_REST].first; row;) {
            struct task_row *next = row->next;
            task_decide(m, row);
            row = next;
        }
    }
}
