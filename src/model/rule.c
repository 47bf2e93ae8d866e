#include "redai/model/rule.h"

#include "metric_list.h"
#include "rule_table.h"

#include <assert.h>

const char *const severity_name[SEVERITY_COUNT] = {
    [SEVERITY_INFO] = "info",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_CRITICAL] = "critical",
};

const struct rule_metric rule_metrics[] = {
#define METRIC_ROW(id, of, name, unit, help) [METRIC_##id] = {name, unit, help, TARGET_##of},
    METRIC_LIST(METRIC_ROW)
#undef METRIC_ROW
};
const size_t rule_metric_count = sizeof(rule_metrics) / sizeof(rule_metrics[0]);
static_assert(sizeof(rule_metrics) / sizeof(rule_metrics[0]) == METRIC_COUNT, "every metric has a row");

/* NULL stays NULL. */
static char *copy(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

void rules_init(struct rules *r)
{
    static const UT_icd row_icd = {sizeof(struct rule *), NULL, NULL, NULL};
    utarray_init(&r->row, &row_icd);
    r->check_pane = NULL;
    const struct rule_seed *seed;
    for (size_t i = 0; (seed = rule_seed_at(i)) != NULL; i++) {
        struct rule *row = mem_zalloc(sizeof(*row));
        *row = (struct rule){
            .name = mem_strdup(seed->name),
            .metric = (int)seed->metric,
            .form = seed->form,
            .window_us = seed->window_us,
            .of = copy(seed->of),
            .op = seed->op,
            .value = seed->value,
            .clear = seed->clear,
            .hold_us = seed->hold_us,
            .min_lookups = seed->min_lookups,
            .severity = seed->severity,
            .message = mem_strdup(seed->message),
            .reason = mem_strdup(seed->reason),
            .pane = copy(seed->pane),
            .next = copy(seed->next),
            .enabled = true,
        };
        utarray_push_back(&r->row, &row);
    }
}

void rules_release(struct rules *r)
{
    for (size_t i = 0; i < rules_count(r); i++) {
        struct rule *row = ((struct rule **)(void *)r->row.d)[i];
        mem_free(row->name);
        mem_free(row->of);
        mem_free(row->message);
        mem_free(row->reason);
        mem_free(row->pane);
        mem_free(row->next);
        mem_free(row);
    }
    utarray_done(&r->row);
}

size_t rules_count(const struct rules *r)
{
    return utarray_len(&r->row);
}

const struct rule *rules_at(const struct rules *r, size_t i)
{
    return i < rules_count(r) ? ((struct rule *const *)(const void *)r->row.d)[i] : NULL;
}
