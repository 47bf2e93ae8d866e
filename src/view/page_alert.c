/* The detail of an alert: rule, reason, limit, value, since. All of it is in the model; nothing is read for
 * it. */
#include "alert_words.h"
#include "page.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/model/user.h"

static const struct alert *find(const struct look *look, const struct target *subject)
{
    for (size_t i = 0; i < model_alert_count(look->m); i++) {
        const struct alert *a = model_alert_at(look->m, i);
        if (span_equal(span_of(a->rule->name), target_id(subject))) {
            return a;
        }
    }
    return NULL;
}

static enum role role_of(const struct alert *a)
{
    return a->state != ALERT_FIRING                 ? ROLE_VALUE
           : a->rule->severity == SEVERITY_CRITICAL ? ROLE_CRITICAL
           : a->rule->severity == SEVERITY_WARNING  ? ROLE_WARNING
                                                    : ROLE_INFO;
}

static void fill_state(struct document *d, const struct look *look, const struct alert *a)
{
    char text[TEXT_SMALL];
    char clock[TEXT_SMALL];
    char message[sizeof a->text + VEIL_MAX];
    document_ownf(d, "state", role_of(a), "%s %s", alert_mark(a), alert_state_name[a->state]);
    document_own(d, "message", ROLE_VALUE, a->text[0] ? alert_text(look, a, message, sizeof message) : "-");
    if (a->since_us >= 0 && a->state != ALERT_UNKNOWN) {
        document_ownf(d, "since", ROLE_VALUE, "%s, %s ago",
                      text_instant(a->since_wall_us, clock, sizeof clock),
                      text_age(look->now_us - a->since_us, text, sizeof text));
    }
    if (a->object[0]) {
        struct document_line *line = document_add(d, "about", ROLE_VALUE, a->object);
        line->veil = rule_metric_about(a->rule->metric);
        if (line->veil == VEIL_FAMILY && model_family_find(look->m, span_of(a->object))) {
            target_set(&line->link, TARGET_FAMILY, span_of(a->object));
        }
    }
    text_value(a->value, rule_metrics[a->rule->metric].unit, text, sizeof text);
    document_ownf(d, "value now", isnan(a->value) ? ROLE_UNKNOWN : ROLE_VALUE, "%s%s", text,
                  isnan(a->value) ? " (cannot be read: the rule neither fires nor clears)" : "");
}

static void fill_rule(struct document *d, const struct rule *r)
{
    const struct rule_metric *metric = &rule_metrics[r->metric];
    char text[TEXT_SMALL];
    document_heading(d, "rule");
    document_own(d, "name", ROLE_VALUE, r->name);
    document_own(d, "severity", ROLE_VALUE, severity_name[r->severity]);
    document_ownf(d, "watches", ROLE_VALUE, "%s: %s", metric->name, metric->help);
    document_ownf(d, "fires at", ROLE_VALUE, "%s", alert_limit(r, text, sizeof text));
    document_ownf(d, "for at least", ROLE_VALUE, "%s", text_age(r->hold_us, text, sizeof text));
    document_ownf(d, "clears at", ROLE_VALUE, "%s", text_value(r->clear, metric->unit, text, sizeof text));
    if (r->min_lookups > 0) {
        document_ownf(d, "judged above", ROLE_VALUE, "%s look-ups a minute",
                      human_count(r->min_lookups, text, sizeof text));
    }
    if (r->reason && r->reason[0]) {
        document_own(d, "why", ROLE_VALUE, r->reason);
    }
}

/* The sessions that came back; each leads to its detail, and 'x' there revokes it again. */
static void fill_returned(struct document *d, const struct look *look)
{
    enum { SHOWN_MAX = 100 };
    size_t count = model_returned_count(look->m);
    char age[TEXT_SMALL];
    if (count == 0) {
        return;
    }
    document_heading(d, "came back (x on the alert, or :revoke again, takes all of them)");
    for (size_t i = count; i > 0 && count - i < SHOWN_MAX; i--) {
        const struct returned_session *r = model_returned_at(look->m, i - 1);
        char id[VEIL_MAX], user[VEIL_MAX];
        char *shown = utf8_sanitise_dup(span_of(r->user_key), TEXT_SMALL);
        struct document_line *line =
            document_ownf(d, look_text(look, VEIL_SESSION, r->short_id, id), ROLE_CRITICAL,
                          "%s%s, written again %s ago", look->veil || !*shown ? "" : "user ",
                          *shown ? look_text(look, VEIL_USER, shown, user) : "of no known user",
                          text_age(look->now_us - r->at_us, age, sizeof age));
        line->label_veil = VEIL_PLAIN;
        target_set(&line->link, TARGET_SESSION, span_make(r->id, r->id_len));
        mem_free(shown);
    }
    if (count > SHOWN_MAX) {
        document_ownf(d, "", ROLE_DIM, "and %zu more", count - SHOWN_MAX);
    }
}

void page_fill_alert(struct page *p, const struct look *look)
{
    const struct alert *a = find(look, &p->subject);
    document_begin(&p->doc);
    p->filled = p->complete = true;
    p->read_us = look->now_us;
    text_copy(p->remark, sizeof p->remark, S(""));
    if (!a) {
        snprintf(p->title, sizeof p->title, "alert");
        document_own(&p->doc, "", ROLE_WARNING, "this rule is not watched any more");
        return;
    }
    snprintf(p->title, sizeof p->title, "alert %.80s", a->rule->name);
    fill_state(&p->doc, look, a);
    if (strcmp(a->rule->name, "session-came-back") == 0) {
        fill_returned(&p->doc, look);
    }
    fill_rule(&p->doc, a->rule);
}
