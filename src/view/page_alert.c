/* The detail of an alert: state, value, what else moved, what helps, the rule and its reason. All of it is in
 * the model; nothing is read for it. */
#include "page_alert.h"

#include "alert_words.h"
#include "page.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/model/user.h"

static const char *value(const struct alert *a, double v, char out[TEXT_SMALL])
{
    return alert_value(a->rule, v, out, TEXT_SMALL);
}

static void fill_mute(struct document *d, const struct look *look, const struct alert *a)
{
    char left[TEXT_SMALL * 2];
    char hidden[VEIL_MAX];
    alert_muted(look, a, left, sizeof left);
    if (left[0]) {
        document_ownf(d, "muted", ROLE_VALUE, "%s%s%s", left, a->reason[0] ? ": " : "",
                      look_text(look, VEIL_PAYLOAD, a->reason, hidden));
    }
}

static void fill_about(struct document *d, const struct look *look, const struct alert *a)
{
    if (!a->object[0]) {
        return;
    }
    struct document_line *line = document_add(d, "about", ROLE_VALUE, a->object);
    line->veil = rule_metric_about(a->rule->metric);
    if (a->about.kind != TARGET_NONE) {
        target_set(&line->link, a->about.kind, target_id(&a->about));
    } else if (line->veil == VEIL_FAMILY && model_family_find(look->m, span_of(a->object))) {
        target_set(&line->link, TARGET_FAMILY, span_of(a->object));
    }
}

static void fill_value(struct document *d, const struct alert *a)
{
    char now[TEXT_SMALL], worst[TEXT_SMALL], limit[TEXT_SMALL * 2];
    bool tell = !isnan(a->worst) && a->state != ALERT_OK && a->state != ALERT_UNKNOWN;
    document_ownf(d, "value now", isnan(a->value) ? ROLE_UNKNOWN : ROLE_VALUE, "%s%s%s%s; fires at %s",
                  value(a, a->value, now),
                  isnan(a->value) ? " (cannot be read: the rule neither fires nor clears)" : "",
                  tell ? ", at worst " : "", tell ? value(a, a->worst, worst) : "",
                  alert_limit(a->rule, limit, sizeof limit));
}

static void fill_state(struct document *d, const struct look *look, const struct alert *a)
{
    char age[TEXT_SMALL], clock[TEXT_SMALL];
    char message[sizeof a->text + VEIL_MAX];
    enum role role = a->state == ALERT_FIRING ? alert_role(a) : ROLE_VALUE;
    bool calm = a->state == ALERT_UNKNOWN || a->since_us < 0;
    document_ownf(d, "state", role, "%s %s%s%s%s%s%s", alert_mark(a), alert_state_name[a->state],
                  calm ? "" : " since ", calm ? "" : text_instant(a->since_wall_us, clock, sizeof clock),
                  calm ? "" : ", ", calm ? "" : text_age(look->now_us - a->since_us, age, sizeof age),
                  a->state == ALERT_MUTED && a->up ? "; it would fire" : "");
    document_own(d, "message", ROLE_VALUE, a->text[0] ? alert_text(look, a, message, sizeof message) : "-");
    fill_mute(d, look, a);
    fill_about(d, look, a);
    fill_value(d, a);
    if (a->crossed_us >= 0 && a->state != ALERT_OK && a->state != ALERT_UNKNOWN) {
        document_ownf(d, "crossed", ROLE_VALUE, "%s, %s ago",
                      text_instant(a->crossed_wall_us, clock, sizeof clock),
                      text_age(look->now_us - a->crossed_us, age, sizeof age));
    }
}

/* What a number of which the rule judges. */
static const char *form_of(const struct rule *r, char *out, size_t size)
{
    char window[TEXT_SMALL];
    out[0] = '\0';
    if (r->form != RULE_OF_VALUE) {
        snprintf(out, size, "%s over %s of ",
                 r->form == RULE_OF_RATE ? "growth a second" : "change in percent",
                 text_age(r->window_us, window, sizeof window));
    }
    return out;
}

static void fill_rule(struct document *d, const struct rule *r)
{
    char form[TEXT_SMALL * 2];
    const struct rule_metric *metric = &rule_metrics[r->metric];
    char text[TEXT_SMALL];
    document_heading(d, "rule");
    document_own(d, "name", ROLE_VALUE, r->name);
    document_own(d, "severity", ROLE_VALUE, severity_name[r->severity]);
    document_ownf(d, "watches", ROLE_VALUE, "%s%s: %s", form_of(r, form, sizeof form), metric->name,
                  metric->help);
    if (r->of) {
        document_add(d, "of", ROLE_VALUE, r->of)->veil = rule_metric_about(r->metric);
    }
    document_ownf(d, "fires at", ROLE_VALUE, "%s", alert_limit(r, text, sizeof text));
    document_ownf(d, "for at least", ROLE_VALUE, "%s", text_age(r->hold_us, text, sizeof text));
    document_ownf(d, "clears at", ROLE_VALUE, "%s", alert_value(r, r->clear, text, sizeof text));
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
    struct span id = target_id(&p->subject);
    const struct alert *a = model_alert_find(look->m, id);
    document_begin(&p->doc);
    p->filled = p->complete = p->own = true;
    p->read_us = look->now_us;
    text_copy(p->remark, sizeof p->remark, S(""));
    snprintf(p->title, sizeof p->title, "alert %.*s", (int)span_find(id, ALERT_ID_SEPARATOR), id.data);
    if (!a) {
        document_own(&p->doc, "", ROLE_WARNING, "nothing is amiss there any more: it is no alert");
        return;
    }
    fill_state(&p->doc, look, a);
    if (strcmp(a->rule->name, "session-came-back") == 0) {
        fill_returned(&p->doc, look);
    }
    page_alert_why(&p->doc, look, a);
    page_alert_next(&p->doc, look, a);
    page_alert_log(&p->doc, look, a->rule->name,
                   rule_metrics[a->rule->metric].of == TARGET_NONE ? NULL : a->object);
    fill_rule(&p->doc, a->rule);
}
