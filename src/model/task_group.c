/* Tasks by name or by exception: how many, how they went, how long they took. Computed when asked for; of a
 * large table that changes all the time at most once a second. */
#include "model_priv.h"
#include "reals.h"

#include <stdlib.h>

enum { SMALL_TABLE = 2000 };

struct group {
    struct task_group view;
    size_t runtimes, first; /* their number, and where they begin */
    UT_hash_handle hh;      /* by the address of the shared name */
};
struct task_groups {
    bool made[TASK_BY_COUNT];
    uint64_t version[TASK_BY_COUNT], removed[TASK_BY_COUNT];
    int64_t at_us[TASK_BY_COUNT];
    struct task_group *row[TASK_BY_COUNT];
    size_t count[TASK_BY_COUNT];
};

void task_groups_release(struct task_groups *g)
{
    for (int by = 0; g && by < TASK_BY_COUNT; by++) {
        mem_free(g->row[by]);
    }
    mem_free(g);
}

static const char *name_of(const struct task *t, enum task_group_by by)
{
    return by == TASK_BY_NAME ? t->name : t->exception;
}

static struct group *group_of(struct group **all, const char *name)
{
    struct group *g = NULL;
    HASH_FIND_PTR(*all, &name, g);
    if (!g) {
        g = mem_zalloc(sizeof(*g));
        g->view.name = name;
        HASH_ADD_PTR(*all, view.name, g);
    }
    return g;
}

static bool has_runtime(const struct task *t)
{
    return t->state == TASK_STATE_SUCCEEDED && t->runtime_s >= 0;
}

static void add_row(struct group *g, const struct task *t)
{
    g->view.total++;
    g->view.state[t->state]++;
    g->runtimes += has_runtime(t);
    if (!g->view.example || t->told_us > g->view.last_us) {
        g->view.example = t;
        g->view.last_us = t->told_us;
    }
}

/* The value below or at which that part lies (nearest rank). */
static double rank_of(const double *sorted, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void finish(struct group *g, double *runtime)
{
    struct task_group *view = &g->view;
    size_t failed = view->state[TASK_STATE_FAILED];
    size_t ended = view->state[TASK_STATE_SUCCEEDED] + failed;
    view->p50_s = view->p95_s = UNKNOWN_REAL;
    if (g->runtimes) {
        reals_sort(runtime, g->runtimes);
        view->p50_s = rank_of(runtime, g->runtimes, 50);
        view->p95_s = rank_of(runtime, g->runtimes, 95);
    }
    view->failure_rate = ended ? 100.0 * (double)failed / (double)ended : UNKNOWN_REAL;
    view->name = view->name[0] ? view->name : "(unknown)";
}

static int compare_group(const void *a, const void *b)
{
    const struct task_group *left = a;
    const struct task_group *right = b;
    if (left->total != right->total) {
        return left->total > right->total ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

/* Only what failed has an exception that matters; the others are in no group of it. */
static bool belongs(const struct task *t, enum task_group_by by)
{
    return by == TASK_BY_NAME || t->exception[0];
}

static void gather_runtimes(const struct model *m, struct group **all, enum task_group_by by, double *runtime)
{
    struct group *g;
    struct group *next;
    size_t first = 0;
    hash_each (*all, g, next) {
        g->first = first;
        first += g->runtimes;
        g->runtimes = 0;
    }
    for (size_t i = 0; i < m->task.count; i++) {
        const struct task *t = &m->task.row[i]->view;
        if (belongs(t, by) && has_runtime(t)) {
            g = group_of(all, name_of(t, by));
            runtime[g->first + g->runtimes++] = t->runtime_s;
        }
    }
}

static void make(const struct model *m, struct task_groups *groups, enum task_group_by by)
{
    struct group *all = NULL;
    size_t runtimes = 0;
    for (size_t i = 0; i < m->task.count; i++) {
        const struct task *t = &m->task.row[i]->view;
        if (belongs(t, by)) {
            add_row(group_of(&all, name_of(t, by)), t);
            runtimes += has_runtime(t);
        }
    }
    double *runtime = mem_zalloc((runtimes + 1) * sizeof(*runtime));
    gather_runtimes(m, &all, by, runtime);

    size_t count = 0;
    groups->row[by] = mem_realloc(groups->row[by], (HASH_COUNT(all) + 1) * sizeof(struct task_group));
    struct group *g;
    struct group *next;
    for (g = all; g; g = next) {
        next = g->hh.next;
        finish(g, runtime + g->first);
        groups->row[by][count++] = g->view;
    }
    while (all) {
        g = all;
        HASH_DEL(all, g);
        mem_free(g);
    }
    mem_free(runtime);
    qsort(groups->row[by], count, sizeof(struct task_group), compare_group);
    groups->count[by] = count;
}

size_t model_task_groups(const struct model *m, enum task_group_by by, const struct task_group **ret_row)
{
    struct task_groups *g = m->task.groups;
    bool same = g->made[by] && g->version[by] == m->task.version;
    bool soon = g->made[by] && g->removed[by] == m->task.removed && m->task.count > SMALL_TABLE &&
                m->now_us - g->at_us[by] < US_PER_S;
    if (!same && !soon) {
        make(m, g, by);
        g->made[by] = true;
        g->version[by] = m->task.version;
        g->removed[by] = m->task.removed;
        g->at_us[by] = m->now_us;
    }
    *ret_row = g->row[by];
    return g->count[by];
}

struct task_groups *task_groups_new(void)
{
    return mem_zalloc(sizeof(struct task_groups));
}
