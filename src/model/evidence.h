/* evidence: what an alert stands on: the recent past of its value, and what else moved around the instant it
 * crossed. Read by model_alert_evidence (alert.h). While an alert is up, the value of each thing is kept
 * here; a minute after it fired, or when it has cleared before that, what moved is fixed, so that it can be
 * read when history has gone on. */
#ifndef REDAI_MODEL_EVIDENCE_H
#define REDAI_MODEL_EVIDENCE_H

#include "history.h"

struct evidence;

struct evidence *evidence_new(void);
void evidence_free(struct evidence *e);
/* After the rules were judged; does something once a second. */
void evidence_tick(struct evidence *e, const struct model *m);

#endif
