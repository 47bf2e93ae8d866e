/* rule_table: the rules the console comes with, as rows; rule.c makes rules of them. */
#ifndef REDAI_MODEL_RULE_TABLE_H
#define REDAI_MODEL_RULE_TABLE_H

#include "metric_list.h"

#include "redai/model/rule.h"

/* The fields are those of struct rule. */
struct rule_seed {
    const char *name;
    enum metric metric;
    enum rule_form form;
    int64_t window_us; /* of rate and change only */
    const char *of;
    enum rule_op op;
    double value, clear;
    int64_t hold_us, min_lookups;
    enum severity severity;
    const char *message, *reason;
    const char *pane, *next; /* NULL: none of its own */
};
extern const struct rule_seed rule_table_server[], rule_table_work[];
extern const size_t rule_table_server_count, rule_table_work_count;
/* All of them in turn; NULL behind the last. */
static inline const struct rule_seed *rule_seed_at(size_t i)
{
    if (i < rule_table_server_count) {
        return &rule_table_server[i];
    }
    i -= rule_table_server_count;
    return i < rule_table_work_count ? &rule_table_work[i] : NULL;
}

#endif
