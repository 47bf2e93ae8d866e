/* page_alert: the parts of an alert's page. */
#ifndef VIEW_PAGE_ALERT_H
#define VIEW_PAGE_ALERT_H

#include "document.h"
#include "look.h"

/* What else moved, what helps next, what happened: page_alert_why.c. */
void page_alert_why(struct document *d, const struct look *look, const struct alert *a);
void page_alert_next(struct document *d, const struct look *look, const struct alert *a);
void page_alert_log(struct document *d, const struct look *look, const char *rule, const char *object);

#endif
