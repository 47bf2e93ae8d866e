/* alert_priv: the state of the alerts; alert*.c alone write it. */
#ifndef REDAI_MODEL_ALERT_PRIV_H
#define REDAI_MODEL_ALERT_PRIV_H

#include "redai/base/container.h"

#include "redai/model/alert.h"
#include "redai/model/fact.h"

struct alert_row {
    struct alert view;
    int64_t held_since_us; /* the condition holds since; -1 */
    int64_t resolved_us;   /* when it last cleared; -1 */
    int64_t resolved_wall_us;
};
struct alert_state_all {
    UT_array row;   /* of struct alert_row *, one a rule, in the rules' order */
    UT_array order; /* of struct alert_row *: enabled ones as they are shown */
};

void alert_init(struct model *m);
void alert_release(struct model *m);
void alert_acknowledge(struct model *m, const struct fact_acknowledge *f);
void alert_judge(struct model *m);

#endif
