/* What is told of workers: their events, their mailboxes, their answers. */
#include "model_priv.h"

#define EVENT_DELAY_US (3 * US_PER_S) /* an event may come before the heartbeat whose count misses it */
enum { QUEUES_MAX_EACH = 1000, TASK_NAMES_MAX = 5000, JOINED_COLS = 400 };
static const char joint[] = {0x06, 0x16};

/* The next name of a joined list. */
static struct span take_name(struct span *names)
{
    size_t end = span_search(*names, span_make(joint, sizeof(joint)));
    struct span name = span_head(*names, end);
    *names = span_skip(*names, end + sizeof(joint));
    return name;
}

static void note_offset(struct worker_row *row, int64_t ahead_us)
{
    row->ahead_us[row->beats % WORKER_BEATS] = ahead_us;
    row->beats++;
    /* The news is late, never early: the most is the least delayed. */
    int64_t most = ahead_us;
    for (unsigned i = 0; i < WORKER_BEATS && i < row->beats; i++) {
        most = row->ahead_us[i] > most ? row->ahead_us[i] : most;
    }
    row->view.clock_offset_s = (double)most / (double)US_PER_S;
}

static int64_t keep(int64_t told, int64_t before)
{
    return told >= 0 ? model_count(told) : before;
}

/* Between this heartbeat and the one before, tasks began or ended, and of none was told. */
static bool worked_unheard(const struct model *m, const struct worker_row *row, const struct fact_worker *f)
{
    const struct worker *w = &row->view;
    bool worked =
        w->processed >= 0 && w->active >= 0 && (f->processed > w->processed || f->active > w->active);
    bool heard_all =
        w->beat_us >= 0 && m->now_us - w->beat_us < WORKER_SILENT_US && !m->topic[TOPIC_WORKERS].resync;
    return worked && heard_all && row->task_event_us < w->beat_us - EVENT_DELAY_US;
}

void worker_apply(struct model *m, const struct fact_worker *f)
{
    struct worker_row *row = worker_row_get(m, f->name);
    struct worker *w = &row->view;
    const double load[3] = {f->load1, f->load5, f->load15};
    if (f->event == FACT_WORKER_ONLINE) {
        w->unanswered = 0; /* it has just started */
        w->events = WORKER_EVENTS_UNKNOWN;
    } else if (worked_unheard(m, row, f)) {
        w->events = WORKER_EVENTS_OFF;
    }
    w->beat_us = m->now_us;
    w->offline = f->event == FACT_WORKER_OFFLINE;
    w->active = keep(f->active, w->active);
    w->processed = keep(f->processed, w->processed);
    w->pid = keep(f->pid, w->pid);
    w->freq = f->freq > 0 ? f->freq : w->freq;
    for (int i = 0; i < 3; i++) {
        w->load[i] = load[i] >= 0 ? load[i] : w->load[i];
    }
    if (f->software.len) {
        model_show_replace(&w->software, f->software, NAME_COLS);
    }
    if (f->sent_wall_us >= 0) {
        note_offset(row, model_time(f->sent_wall_us) - m->wall_us);
    }
    worker_judge(m, row);
    topic_heard(m, TOPIC_WORKERS);
}

void worker_bound(struct model *m, const struct fact_worker_bound *f)
{
    m->worker.bound_told = true;
    struct span names = f->names;
    for (size_t i = 0; i < model_worker_count(m); i++) {
        struct worker_row *row = worker_row_at(m, i);
        row->was_bound = row->view.bound;
        row->view.bound = false;
    }
    for (int i = 0; names.len && i < WORKERS_MAX; i++) {
        struct span name = take_name(&names);
        if (name.len) {
            struct worker *w = &worker_row_get(m, name)->view;
            w->bound = true;
        }
    }
    for (size_t i = 0; i < model_worker_count(m); i++) {
        struct worker_row *row = worker_row_at(m, i);
        if (row->view.bound) {
            row->unbound_us = -1;
        } else if (row->was_bound) {
            row->unbound_us = m->now_us;
        }
        worker_judge(m, row);
    }
    topic_heard(m, TOPIC_WORKERS);
}

void worker_answer(struct model *m, const struct fact_worker_answer *f)
{
    struct worker_row *row = worker_row_get(m, f->name);
    struct worker *w = &row->view;
    if (f->answered) {
        w->answered_us = m->now_us;
        w->unanswered = 0;
        w->offline = false;
        w->round_trip_us = model_count(f->round_trip_us);
    } else {
        row->silent_us = w->unanswered == 0 ? m->now_us : row->silent_us;
        w->unanswered++;
    }
    worker_judge(m, row);
    topic_heard(m, TOPIC_WORKERS);
}

void worker_stats(struct model *m, const struct fact_worker_stats *f)
{
    struct worker_row *row = worker_row_get(m, f->name);
    struct worker *w = &row->view;
    if (f->pool.len) {
        model_show_replace(&w->pool, f->pool, NAME_COLS);
    }
    w->concurrency = keep(f->concurrency, w->concurrency);
    w->processes = keep(f->processes, w->processes);
    w->prefetch = keep(f->prefetch, w->prefetch);
    w->uptime_s = keep(f->uptime_s, w->uptime_s);
    w->pid = keep(f->pid, w->pid);
    w->processed = keep(f->processed, w->processed);
    w->visibility_s = f->visibility_s <= 0                  ? VISIBILITY_DEFAULT_S
                      : f->visibility_s < VISIBILITY_MOST_S ? f->visibility_s
                                                            : VISIBILITY_MOST_S;
    model_touch(m, TOPIC_WORKERS);
}

/* Puts the names of a joined list in place of the ones there. */
static void set_names(UT_array *texts, struct span names, unsigned most)
{
    for (unsigned i = 0; i < utarray_len(texts); i++) {
        mem_free(((char **)(void *)texts->d)[i]);
    }
    utarray_clear(texts);
    while (names.len && utarray_len(texts) < most) {
        struct span name = take_name(&names);
        if (name.len) {
            char *copy = span_dup(name);
            utarray_push_back(texts, &copy);
        }
    }
}

void worker_queues(struct model *m, const struct fact_worker_queues *f)
{
    struct worker_row *row = worker_row_get(m, f->name);
    struct worker *w = &row->view;
    UT_string joined;
    utstring_init(&joined);
    set_names(&w->queue, f->queues, QUEUES_MAX_EACH);
    for (unsigned i = 0; i < utarray_len(&w->queue); i++) {
        text_add(&joined, i ? S(", ") : S(""));
        text_add(&joined, span_of(((char **)(void *)w->queue.d)[i]));
    }
    model_show_replace(&w->queues, text_span(&joined), JOINED_COLS);
    utstring_done(&joined);
    w->queue_count = utarray_len(&w->queue);
    w->queues_known = true;
    m->worker.queues_changed = true;
    worker_consumers(m);
    model_touch(m, TOPIC_WORKERS);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void gather_registered(struct model *m)
{
    UT_array *all = &m->worker.registered;
    set_names(all, S(""), 0);
    for (size_t i = 0; i < model_worker_count(m); i++) {
        const UT_array *names = &worker_row_at(m, i)->view.task_name;
        for (unsigned k = 0; k < utarray_len(names); k++) {
            struct span told = span_of(((char **)(void *)names->d)[k]);
            char *name = span_dup(span_head(told, span_find(told, ' ')));
            utarray_push_back(all, &name);
        }
    }
    if (utarray_len(all) == 0) {
        return;
    }
    utarray_sort(all, compare_texts);
    char **text = (char **)(void *)all->d;
    unsigned kept = 0;
    for (unsigned i = 0; i < utarray_len(all); i++) {
        if (kept > 0 && strcmp(text[kept - 1], text[i]) == 0) {
            mem_free(text[i]);
        } else {
            text[kept++] = text[i];
        }
    }
    all->i = kept;
}

void worker_names(struct model *m, const struct fact_worker_names *f)
{
    struct worker_row *row = worker_row_get(m, f->name);
    set_names(&row->view.task_name, f->tasks, TASK_NAMES_MAX);
    gather_registered(m);
    model_touch(m, TOPIC_WORKERS);
}

size_t model_registered(const struct model *m, const char *const **ret_name)
{
    *ret_name = (const char *const *)(const void *)m->worker.registered.d;
    return utarray_len(&m->worker.registered);
}
