#include "redai/schema/route.h"

#include <fnmatch.h>

static const struct {
    const char *glob, *queue;
} defaults[] = {
    {"api.tasks.generate_questions.*", "questions"},
    {"api.tasks.validate_citations.*", "validation"},
    {"api.tasks.analytics.*", "analytics"},
};

static void route_release(void *element)
{
    struct route *row = element;
    mem_free(row->glob);
    mem_free(row->queue);
}

static const UT_icd route_icd = {sizeof(struct route), NULL, NULL, route_release};

void routes_init(struct routes *r)
{
    *r = (struct routes){0};
    utarray_init(&r->row, &route_icd);
    for (size_t i = sizeof(defaults) / sizeof(defaults[0]); i-- > 0;) {
        routes_add(r, defaults[i].glob, defaults[i].queue);
    }
}

void routes_release(struct routes *r)
{
    if (r->row.icd.sz) {
        utarray_done(&r->row);
    }
    *r = (struct routes){0};
}

static struct route *route_at(const struct routes *r, unsigned i)
{
    return (struct route *)(void *)(r->row.d + (size_t)i * sizeof(struct route));
}

void routes_add(struct routes *r, const char *glob, const char *queue)
{
    for (unsigned i = 0; i < r->row.i; i++) {
        struct route *row = route_at(r, i);
        if (strcmp(row->glob, glob) == 0) {
            mem_replace(&row->queue, queue);
            return;
        }
    }
    struct route row = {mem_strdup(glob), mem_strdup(queue)};
    utarray_insert(&r->row, &row, 0);
}

/* Celery takes a route for a glob only when it holds a '*'; all others are exact names. */
static bool is_glob(const char *text)
{
    return strchr(text, '*') != NULL;
}

const char *routes_queue(const struct routes *r, const char *task)
{
    /* Exact names go before all globs, as in Celery's own map. */
    for (unsigned i = 0; i < r->row.i; i++) {
        const struct route *row = route_at(r, i);
        if (!is_glob(row->glob) && strcmp(row->glob, task) == 0) {
            return row->queue;
        }
    }
    for (unsigned i = 0; i < r->row.i; i++) {
        const struct route *row = route_at(r, i);
        if (is_glob(row->glob) && fnmatch(row->glob, task, FNM_NOESCAPE) == 0) {
            return row->queue;
        }
    }
    return "celery";
}
