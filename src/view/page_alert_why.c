/* Below an alert: what moved together with it, in words; where to look and what to do; what happened. */
#include "alert_words.h"
#include "page.h"
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

/* --- what happened --- */

static void add_change(struct document *d, const struct look *look, const struct alert_change *c)
{
    char clock[TEXT_SMALL], age[TEXT_SMALL], value[TEXT_SMALL], text[320];
    const char *words = alert_change_text(look, c, text, sizeof text);
    text_clock(c->wall_us, clock, sizeof clock);
    clock[strcspn(clock, " ")] = '\0'; /* all of these are UTC, as the rest of the page */
    document_ownf(d, clock, c->to == ALERT_FIRING ? ROLE_VALUE : ROLE_DIM, "%s ago, %s -> %s, %s%s%s",
                  text_age(look->now_us - c->at_us, age, sizeof age), alert_state_name[c->from],
                  alert_state_name[c->to], alert_change_value(c, value, sizeof value),
                  c->to == ALERT_MUTED && words[0] ? ": " : "", c->to == ALERT_MUTED ? words : "");
}

void page_alert_log(struct document *d, const struct look *look, const char *rule, const char *object)
{
    enum { SHOWN_MAX = 10 };
    size_t shown = 0;
    for (size_t i = model_alert_log_count(look->m); i > 0 && shown < SHOWN_MAX; i--) {
        const struct alert_change *c = model_alert_log_at(look->m, i - 1);
        if (strcmp(c->rule, rule) == 0 && (!object || strcmp(c->object, object) == 0)) {
            if (shown == 0) {
                document_heading(d, "what happened, the newest first (u on the pane: all of it)");
            }
            add_change(d, look, c);
            shown++;
        }
    }
}

void page_fill_change(struct page *p, const struct look *look)
{
    const struct alert_change *c = alert_change_of(look->m, &p->subject);
    struct document *d = &p->doc;
    char clock[TEXT_SMALL], text[320];
    document_begin(d);
    p->filled = p->complete = p->own = true;
    p->read_us = -1;
    if (!c) {
        snprintf(p->title, sizeof p->title, "change");
        document_own(d, "", ROLE_WARNING, "it is no longer in the log");
        return;
    }
    snprintf(p->title, sizeof p->title, "change of alert %.80s", c->rule);
    document_own(d, "time", ROLE_VALUE, text_instant(c->wall_us, clock, sizeof clock));
    document_ownf(d, "change", ROLE_VALUE, "%s -> %s", alert_state_name[c->from], alert_state_name[c->to]);
    document_own(d, "rule", ROLE_VALUE, c->rule);
    document_own(d, "severity", ROLE_VALUE, severity_name[c->severity]);
    if (c->object[0]) {
        document_add(d, "about", ROLE_VALUE, c->object)->veil = c->veil;
    }
    document_own(d, "value", ROLE_VALUE, alert_change_value(c, clock, sizeof clock));
    document_own(d, c->to == ALERT_MUTED ? "reason" : "message", ROLE_VALUE,
                 alert_change_text(look, c, text, sizeof text));
    document_ownf(d, "watches", ROLE_VALUE, "%s: %s", rule_metrics[c->metric].name,
                  rule_metrics[c->metric].help);
    document_own(d, "", ROLE_DIM, "the alert itself is there no more");
}
