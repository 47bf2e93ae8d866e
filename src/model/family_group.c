/* Groups of families: the first parts that several of them share, with sums. Made when they are asked for,
 * and again when something they sum up has changed. */
#include "model_priv.h"

#include <stdlib.h>

struct family_groups {
    struct family *row; /* groups first, then a copy of each family with the group it stands in */
    size_t count, groups, room;
};

static void groups_clear(struct family_groups *g)
{
    for (size_t i = 0; i < g->groups; i++) {
        mem_free(g->row[i].name);
        mem_free(g->row[i].hot_key);
    }
    g->count = g->groups = 0;
}

void family_groups_release(struct model *m)
{
    if (m->census.groups) {
        groups_clear(m->census.groups);
        mem_free(m->census.groups->row);
        mem_free(m->census.groups);
        m->census.groups = NULL;
    }
}

static struct span first_part(const struct family *f)
{
    struct span name = span_of(f->name);
    return f->name[0] == '(' ? name : span_head(name, span_find(name, ':'));
}

static int by_first_part(const void *left, const void *right)
{
    const struct family *a = *(const struct family *const *)left;
    const struct family *b = *(const struct family *const *)right;
    int order = span_compare(first_part(a), first_part(b));
    return order ? order : strcmp(a->name, b->name);
}

/* Sums of which one is not known are not known. */
static int64_t plus(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? -1 : model_count(a + b);
}

/* Both were sampled at the same seconds: the newest belong together. */
static void add_series(struct series *sum, const struct series *more, int64_t at_us)
{
    double a[SERIES_SAMPLES];
    double b[SERIES_SAMPLES];
    size_t have = series_tail(sum, a, SERIES_SAMPLES);
    size_t come = series_tail(more, b, SERIES_SAMPLES);
    size_t most = have > come ? have : come;
    struct series both = {0};
    for (size_t i = 0; i < most; i++) {
        double value = i + have >= most ? a[i + have - most] : 0;
        value += i + come >= most ? b[i + come - most] : 0;
        series_add(&both, at_us - (int64_t)(most - 1 - i) * US_PER_S, value);
    }
    *sum = both;
}

static void add_rates(struct family *sum, const struct family *f)
{
    sum->set_per_s += f->set_per_s;
    sum->miss_per_s += f->miss_per_s;
    sum->expired_per_s += f->expired_per_s;
    sum->evicted_per_s += f->evicted_per_s;
    sum->del_per_s += f->del_per_s;
    for (int e = 0; e < NOTIFY_EVENT_COUNT; e++) {
        sum->events[e] = model_count(sum->events[e] + f->events[e]);
    }
}

static void add_trace(struct family *sum, const struct family *f)
{
    if (f->traced_reads < 0) {
        return;
    }
    bool first = sum->traced_reads < 0;
    sum->traced_reads = first ? f->traced_reads : plus(sum->traced_reads, f->traced_reads);
    sum->traced_writes = first ? f->traced_writes : plus(sum->traced_writes, f->traced_writes);
    sum->traced_misses = first ? f->traced_misses : plus(sum->traced_misses, f->traced_misses);
    if (f->hot_reads > sum->hot_reads) {
        sum->hot_reads = f->hot_reads;
        mem_free(sum->hot_key);
        sum->hot_key = mem_strdup(f->hot_key);
    }
}

static void add_family(const struct model *m, struct family *sum, const struct family *f)
{
    double scale = f->sampled > 0 ? (double)f->keys / (double)f->sampled : 0;
    sum->counted |= f->counted;
    sum->keys = model_count(sum->keys + f->keys);
    sum->without_ttl = plus(sum->without_ttl, f->without_ttl);
    sum->without_ttl_exact &= f->without_ttl_exact;
    sum->bytes_estimate = plus(sum->bytes_estimate, f->bytes_estimate);
    sum->bytes_margin = hypot(sum->bytes_margin, f->bytes_margin);
    sum->sampled = model_count(sum->sampled + f->sampled);
    for (int i = 0; i < 4; i++) {
        sum->ttl[i] = model_count(sum->ttl[i] + (int64_t)((double)f->ttl[i] * scale + 0.5));
    }
    if (f->largest_bytes > sum->largest_bytes) {
        sum->largest = f->largest; /* borrowed */
        sum->largest_len = f->largest_len;
        sum->largest_bytes = f->largest_bytes;
    }
    sum->misplaced = model_count(sum->misplaced + f->misplaced);
    sum->reprs = model_count(sum->reprs + f->reprs);
    sum->folded |= f->folded;
    sum->below++;
    add_rates(sum, f);
    add_trace(sum, f);
    add_series(&sum->activity, &f->activity, m->now_us);
}

static void make_group(const struct model *m, struct family *sum, const struct family *const *row,
                       size_t count)
{
    struct span first = first_part(row[0]);
    char *name = mem_zalloc(first.len + sizeof ":*");
    memcpy(name, first.data, first.len);
    memcpy(name + first.len, ":*", sizeof ":*");
    *sum = (struct family){.name = name, .without_ttl_exact = true};
    family_blank(sum);
    sum->without_ttl = sum->bytes_estimate = 0;
    sum->bytes_margin = 0;
    sum->set_per_s = sum->miss_per_s = sum->expired_per_s = sum->evicted_per_s = sum->del_per_s = 0;
    for (size_t i = 0; i < count; i++) {
        add_family(m, sum, row[i]);
    }
}

static void reserve(struct family_groups *g, size_t count)
{
    if (!g->row || count > g->room) {
        g->room = count + count / 4 + 1;
        g->row = mem_realloc(g->row, g->room * sizeof *g->row);
    }
}

/* Runs of the sorted families with the same first part; a run of one is no group. */
static size_t run_length(const struct family *const *row, size_t count)
{
    size_t n = 1;
    while (n < count && span_equal(first_part(row[0]), first_part(row[n]))) {
        n++;
    }
    return n;
}

static void make_all(const struct model *m, struct family_groups *g)
{
    const struct census_state *c = &m->census;
    const struct family **sorted = mem_zalloc((c->count + 1) * sizeof(struct family *)); /* NOLINT */
    size_t groups = 0;
    for (size_t i = 0; i < c->count; i++) {
        sorted[i] = &c->row[i]->view;
    }
    qsort(sorted, c->count, sizeof sorted[0], by_first_part); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0, n; i < c->count; i += n) {
        n = run_length(sorted + i, c->count - i);
        groups += n > 1;
    }
    groups_clear(g);
    reserve(g, groups + c->count);
    g->count = groups;
    for (size_t i = 0, n; i < c->count; i += n) {
        n = run_length(sorted + i, c->count - i);
        struct family *group = NULL;
        if (n > 1) {
            group = &g->row[g->groups++];
            make_group(m, group, sorted + i, n);
        }
        for (size_t k = 0; k < n; k++) {
            g->row[g->count] = *sorted[i + k];
            g->row[g->count++].under = group;
        }
    }
    mem_free(sorted);
}

static const struct family_groups *groups_of(const struct model *m)
{
    struct census_state *c = (struct census_state *)&m->census; /* a cache: what it says stays the same */
    if (!c->groups) {
        c->groups = mem_zalloc(sizeof *c->groups);
        c->groups_stale = true;
    }
    if (c->groups_stale) {
        make_all(m, c->groups);
        c->groups_stale = false;
    }
    return c->groups;
}

size_t model_family_rows(const struct model *m)
{
    return groups_of(m)->count;
}

const struct family *model_family_row(const struct model *m, size_t i)
{
    const struct family_groups *g = groups_of(m);
    return i < g->count ? &g->row[i] : NULL;
}

const struct family *model_family_find(const struct model *m, struct span name)
{
    const struct family_groups *g = groups_of(m);
    for (size_t i = 0; i < g->count; i++) {
        if (span_equal(span_of(g->row[i].name), name)) {
            return &g->row[i];
        }
    }
    return NULL;
}
