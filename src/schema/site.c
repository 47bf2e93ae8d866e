#include "redai/schema/site.h"

const char *const site_name[SITE_COUNT] = {
    [SITE_APP] = "application",
    [SITE_BROKER] = "broker",
    [SITE_RESULTS] = "results",
};
