#include "redai/model/model.h"
__attribute__((weak)) size_t model_alert_log_count(const struct model *m);
__attribute__((weak)) size_t model_alert_log_count(const struct model *m)
{
    (void)m;
    return 0;
}
__attribute__((weak)) const struct alert_change *model_alert_log_at(const struct model *m, size_t i);
__attribute__((weak)) const struct alert_change *model_alert_log_at(const struct model *m, size_t i)
{
    (void)m;
    (void)i;
    return NULL;
}
