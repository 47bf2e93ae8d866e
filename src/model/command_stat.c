#include "redai/model/command_stat.h"

#include "growth.h"
#include "model_priv.h"

#include <stdio.h>

enum { CALLS, USEC, REJECTED, FAILED };
enum { NAME_MOST = 64 };

static struct command_row *command_at(const struct command_all *all, size_t i)
{
    return ((struct command_row *const *)(void *)all->sorted.d)[i];
}

static struct error_row *error_at(const struct command_all *all, size_t i)
{
    return ((struct error_row *const *)(void *)all->errors.d)[i];
}

void command_init(struct model *m)
{
    static const UT_icd pointer = {sizeof(void *), NULL, NULL, NULL};
    utarray_init(&m->commands.sorted, &pointer);
    utarray_init(&m->commands.errors, &pointer);
    growth_init(&m->commands.times);
    growth_init(&m->commands.error_times);
}

static void drop_command(struct command_all *all, struct command_row *row)
{
    HASH_DEL(all->by_name, row);
    mem_free(row->view.name);
    mem_free(row);
}

static void drop_error(struct command_all *all, struct error_row *row)
{
    HASH_DEL(all->error_by_name, row);
    mem_free(row->view.name);
    mem_free(row);
}

static void drop_errors(struct command_all *all)
{
    struct error_row *row;
    struct error_row *next;
    hash_each (all->error_by_name, row, next) {
        drop_error(all, row);
    }
}

void command_release(struct model *m)
{
    struct command_row *row;
    struct command_row *next;
    hash_each (m->commands.by_name, row, next) {
        drop_command(&m->commands, row);
    }
    drop_errors(&m->commands);
    utarray_done(&m->commands.sorted);
    utarray_done(&m->commands.errors);
}

void command_anew(struct model *m)
{
    m->commands.times.anew = m->commands.error_times.anew = true;
}

/* --- commands --- */

static struct command_row *command_get(struct command_all *all, struct span name)
{
    struct command_row *row = NULL;
    HASH_FIND(hh, all->by_name, name.data, name.len, row);
    if (!row && HASH_COUNT(all->by_name) < COMMAND_STATS_MAX) {
        row = mem_zalloc(sizeof *row + name.len + 1);
        row->len = name.len;
        memcpy(row->key, name.data, name.len);
        model_show_replace(&row->view.name, name, NAME_MOST);
        HASH_ADD_KEYPTR(hh, all->by_name, row->key, row->len, row);
    }
    return row;
}

/* The costliest in the window first; of those that cost nothing in it, the costliest ever. */
static int by_cost(const void *a, const void *b)
{
    const struct command_row *x = *(const struct command_row *const *)a;
    const struct command_row *y = *(const struct command_row *const *)b;
    double cost_x = isnan(x->cost) ? -1 : x->cost;
    double cost_y = isnan(y->cost) ? -1 : y->cost;
    if (cost_x != cost_y) {
        return cost_x > cost_y ? -1 : 1;
    }
    if (x->view.usec != y->view.usec) {
        return x->view.usec > y->view.usec ? -1 : 1;
    }
    return strcmp(x->view.name, y->view.name);
}

static void measure(const struct growth_times *t, struct command_row *row, double all_us)
{
    struct command_stat *v = &row->view;
    int64_t calls = growth_of(t, &row->growth, CALLS);
    v->calls = row->growth.now[CALLS];
    v->usec = row->growth.now[USEC];
    v->rejected = row->growth.now[REJECTED];
    v->failed = row->growth.now[FAILED];
    v->calls_per_s = growth_rate(t, &row->growth, CALLS);
    v->us_per_call = calls > 0 && !isnan(row->cost) ? row->cost / (double)calls : UNKNOWN_REAL;
    v->share = all_us > 0 && !isnan(row->cost) ? 100 * row->cost / all_us : UNKNOWN_REAL;
    v->rejected_per_s = growth_rate(t, &row->growth, REJECTED);
    v->failed_per_s = growth_rate(t, &row->growth, FAILED);
    v->us_per_call_ever = v->calls > 0 && v->usec >= 0 ? (double)v->usec / (double)v->calls : UNKNOWN_REAL;
}

static void end_commands(struct model *m)
{
    struct command_all *all = &m->commands;
    struct command_row *row;
    struct command_row *next;
    double all_us = 0;
    hash_each (all->by_name, row, next) {
        if (row->pass != all->times.pass) {
            drop_command(all, row);
            all->times.anew = true; /* a command that was called once does not leave the list by itself */
        }
    }
    enum growth_move how = growth_end(&all->times, m->now_us);
    utarray_clear(&all->sorted);
    hash_each (all->by_name, row, next) {
        growth_move(&row->growth, how);
        int64_t cost = growth_of(&all->times, &row->growth, USEC);
        row->cost = cost < 0 ? UNKNOWN_REAL : (double)cost;
        all_us += cost < 0 ? 0 : row->cost;
        row->shown = true;
        utarray_push_back(&all->sorted, &row);
    }
    hash_each (all->by_name, row, next) {
        measure(&all->times, row, all_us);
    }
    if (utarray_len(&all->sorted)) {
        utarray_sort(&all->sorted, by_cost);
    }
    all->cut = all->cut_now;
    all->cut_now = 0;
    topic_read_ok(m, TOPIC_COMMANDS);
}

void command_apply(struct model *m, const struct fact_command_stat *f)
{
    struct command_all *all = &m->commands;
    if (f->phase == LIST_END) {
        end_commands(m);
        return;
    }
    struct command_row *row = f->name.len ? command_get(all, span_head(f->name, NAME_MOST)) : NULL;
    if (!row) {
        all->cut_now += f->name.len > 0;
        return;
    }
    int64_t value[GROWTH_VALUES] = {
        [CALLS] = f->calls, [USEC] = f->usec, [REJECTED] = f->rejected, [FAILED] = f->failed};
    growth_take(&all->times, &row->growth, row->pass == 0, value);
    row->pass = all->times.pass;
}

/* --- errors --- */

static struct error_row *error_get(struct command_all *all, struct span name)
{
    struct error_row *row = NULL;
    HASH_FIND(hh, all->error_by_name, name.data, name.len, row);
    if (!row && HASH_COUNT(all->error_by_name) < ERROR_STATS_MAX) {
        row = mem_zalloc(sizeof *row + name.len + 1);
        row->len = name.len;
        row->view.grew_us = -1;
        memcpy(row->key, name.data, name.len);
        model_show_replace(&row->view.name, name, NAME_MOST);
        snprintf(row->view.id, sizeof row->view.id, "error.%.80s", row->view.name);
        HASH_ADD_KEYPTR(hh, all->error_by_name, row->key, row->len, row);
    }
    return row;
}

/* What grew last first, then what was given most often. */
static int by_news(const void *a, const void *b)
{
    const struct error_stat *x = &(*(const struct error_row *const *)a)->view;
    const struct error_stat *y = &(*(const struct error_row *const *)b)->view;
    if (x->grew_us != y->grew_us) {
        return x->grew_us > y->grew_us ? -1 : 1;
    }
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static void end_errors(struct model *m)
{
    struct command_all *all = &m->commands;
    struct error_row *row;
    struct error_row *next;
    bool first = all->error_times.now_us < 0;
    hash_each (all->error_by_name, row, next) {
        if (row->pass != all->error_times.pass) {
            drop_error(all, row);
            all->error_times.anew = true;
        }
    }
    bool anew = first || all->error_times.anew;
    enum growth_move how = growth_end(&all->error_times, m->now_us);
    utarray_clear(&all->errors);
    hash_each (all->error_by_name, row, next) {
        bool grew = !anew && row->growth.told[0] > row->growth.now[0];
        growth_move(&row->growth, how);
        row->view.count = row->growth.now[0];
        row->view.per_s = growth_rate(&all->error_times, &row->growth, 0);
        row->view.grew_us = grew ? m->now_us : row->view.grew_us;
        utarray_push_back(&all->errors, &row);
    }
    if (utarray_len(&all->errors)) {
        utarray_sort(&all->errors, by_news);
    }
    topic_read_ok(m, TOPIC_COMMANDS);
}

void error_apply(struct model *m, const struct fact_error_stat *f)
{
    struct command_all *all = &m->commands;
    if (f->phase == LIST_END) {
        end_errors(m);
        return;
    }
    struct error_row *row = f->name.len ? error_get(all, span_head(f->name, NAME_MOST)) : NULL;
    if (row) {
        int64_t value[GROWTH_VALUES] = {f->count, -1, -1, -1};
        growth_take(&all->error_times, &row->growth, row->pass == 0, value);
        row->pass = all->error_times.pass;
    }
}

/* --- views --- */

size_t model_command_count(const struct model *m)
{
    return utarray_len(&m->commands.sorted);
}

const struct command_stat *model_command_at(const struct model *m, size_t i)
{
    return i < model_command_count(m) ? &command_at(&m->commands, i)->view : NULL;
}

const struct command_stat *model_command_find(const struct model *m, struct span name)
{
    const struct command_row *row = NULL;
    HASH_FIND(hh, m->commands.by_name, name.data, name.len, row);
    return row && row->shown ? &row->view : NULL;
}

size_t model_error_count(const struct model *m)
{
    return utarray_len(&m->commands.errors);
}

const struct error_stat *model_error_at(const struct model *m, size_t i)
{
    return i < model_error_count(m) ? &error_at(&m->commands, i)->view : NULL;
}

int64_t model_command_window_us(const struct model *m)
{
    return growth_window_us(&m->commands.times);
}
