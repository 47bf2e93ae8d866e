/* Below an alert: what moved together with it, in words; where to look and what to do; what happened. */
#include "alert_words.h"
#include "page_alert.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

/* "12 s before", "3 s after", "at the same time". */
static const char *mover_when(const struct alert *a, const struct alert_mover *mover, char *out, size_t size)
{
    char age[TEXT_SMALL];
    int64_t us = a->crossed_us - mover->at_us;
    if (mover->at_us < 0) {
        snprintf(out, size, "well before");
    } else if (us > -US_PER_S && us < US_PER_S) {
        snprintf(out, size, "at the same time");
    } else {
        snprintf(out, size, "%s %s", text_age(us < 0 ? -us : us, age, sizeof age),
                 us < 0 ? "after" : "before");
    }
    return out;
}

static void add_mover(struct document *d, const struct look *look, const struct alert *a,
                      const struct alert_mover *mover)
{
    const struct rule_metric *metric = &rule_metrics[mover->metric];
    char before[TEXT_SMALL], after[TEXT_SMALL], when[TEXT_SMALL * 2], shown[VEIL_MAX];
    const char *object = look_text(look, rule_metric_about(mover->metric), mover->object, shown);
    const struct rule rule = {.metric = mover->metric};
    struct document_line *line =
        document_ownf(d, metric->name, ROLE_VALUE, "%s -> %s, %s%s%.60s",
                      text_value(mover->before, metric->unit, before, sizeof before),
                      text_value(mover->after, metric->unit, after, sizeof after),
                      mover_when(a, mover, when, sizeof when), object[0] ? ": " : "", object);
    char pane[TEXT_SMALL + 8];
    snprintf(pane, sizeof pane, "pane %s", alert_pane(&rule));
    target_set(&line->link, TARGET_LINE, span_of(pane));
}

void page_alert_why(struct document *d, const struct look *look, const struct alert *a)
{
    struct alert_evidence e;
    if (a->crossed_us < 0 || a->state == ALERT_OK || a->state == ALERT_UNKNOWN ||
        !model_alert_evidence(look->m, a, &e) || e.from_us < 0) {
        return;
    }
    document_heading(d, "what else moved, the most unusual first");
    for (size_t i = 0; i < e.movers; i++) {
        add_mover(d, look, a, &e.mover[i]);
    }
    if (e.movers == 0) {
        document_own(d, "", ROLE_DIM,
                     "nothing that stands out against the four minutes before, as far as they were watched");
    }
}

void page_alert_next(struct document *d, const struct look *look, const struct alert *a)
{
    char line[TEXT_SMALL + 8];
    char command[256];
    document_heading(d, "what helps next");
    snprintf(line, sizeof line, "pane %s", alert_pane(a->rule));
    struct document_line *look_at_pane = document_own(d, "look at", ROLE_VALUE, alert_pane(a->rule));
    target_set(&look_at_pane->link, TARGET_LINE, span_of(line));
    if (alert_next(look, a, command, sizeof command)[0]) {
        struct document_line *next = document_ownf(d, "do", ROLE_VALUE, ":%s", command);
        if (!look->veil) { /* a pseudonym is no name to do anything with */
            target_set(&next->link, TARGET_LINE, span_of(command));
        }
    }
}
