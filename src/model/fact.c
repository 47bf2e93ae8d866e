#include "redai/model/fact.h"

const char *const topic_name[TOPIC_COUNT] = {
#define TOPIC_TEXT(id, name) [TOPIC_##id] = name,
    TOPIC_LIST(TOPIC_TEXT)
#undef TOPIC_TEXT
};

const char *const fact_kind_name[FACT_KIND_COUNT] = {
#define FACT_TEXT(id, member) [FACT_##id] = #member,
    FACT_LIST(FACT_TEXT)
#undef FACT_TEXT
};

const char *const environment_name[ENVIRONMENT_COUNT] = {
    [ENVIRONMENT_NONE] = "",
    [ENVIRONMENT_PRODUCTION] = "production",
    [ENVIRONMENT_STAGING] = "staging",
    [ENVIRONMENT_DEV] = "dev",
};

const char *const outcome_name[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = "done",       [OUTCOME_GONE] = "already gone", [OUTCOME_CHANGED] = "changed meanwhile",
    [OUTCOME_REFUSED] = "refused", [OUTCOME_FAILED] = "failed",     [OUTCOME_UNKNOWN] = "unknown",
    [OUTCOME_BACK] = "came back",
};

const char *const usage_name[USAGE_COUNT] = {
#define USAGE_TEXT(id, name) [USAGE_##id] = name,
    USAGE_LIST(USAGE_TEXT)
#undef USAGE_TEXT
};
