/* The other face of the alerts pane: every transition, the newest first. */
#include "alert_words.h"
#include "pane.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"

static const struct alert_change *of(const void *row)
{
    return row;
}

static enum role role_of(const struct alert_change *c)
{
    if (c->to != ALERT_FIRING) {
        return c->to == ALERT_RESOLVED ? ROLE_GOOD : ROLE_DIM;
    }
    return c->severity == SEVERITY_CRITICAL  ? ROLE_CRITICAL
           : c->severity == SEVERITY_WARNING ? ROLE_WARNING
                                             : ROLE_INFO;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, role_of(of(row)), span_of(alert_change_mark(of(row))));
}

static void write_time(const struct look *look, const void *row, struct field *out)
{
    char text[TEXT_SMALL];
    bool today = look->wall_us / (86400 * US_PER_S) == of(row)->wall_us / (86400 * US_PER_S);
    text_instant(of(row)->wall_us, text, sizeof text); /* "2026-11-23 09:33:22 UTC" */
    struct span whole = span_of(text);
    struct span clock = whole.len > 19 ? span_head(span_skip(whole, 11), 8) : whole;
    struct span date = whole.len > 19 ? span_head(span_skip(whole, 5), 11) : whole; /* "11-23 09:33" */
    text_copy(out->buffer, sizeof out->buffer, today ? clock : date);
    field_text(out, ROLE_TEXT, span_of(out->buffer));
}
static void key_time(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)of(row)->number;
}

static void write_ago(const struct look *look, const void *row, struct field *out)
{
    field_duration(out, ROLE_DIM, look->now_us - of(row)->at_us);
}
static void key_ago(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = (double)(look->now_us - of(row)->at_us) / (double)US_PER_S;
}

static void write_rule(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->rule));
}
static void key_rule(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->rule;
}

static void write_object(const struct look *look, const void *row, struct field *out)
{
    char shown[VEIL_MAX];
    const char *object = look_text(look, of(row)->veil, of(row)->object, shown);
    text_copy(out->buffer, sizeof out->buffer, span_of(object[0] ? object : "-"));
    field_text(out, ROLE_DIM, span_of(out->buffer));
    field_own(out);
}
static void key_object(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->object;
}

static void write_from(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(alert_state_word(of(row)->from)));
}
static void key_from(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = alert_state_word(of(row)->from);
}

static void write_to(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, role_of(of(row)), span_of(alert_state_word(of(row)->to)));
}
static void key_to(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = alert_state_word(of(row)->to);
}

static void write_value(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    alert_change_value(of(row), out->buffer, sizeof out->buffer);
    field_text(out, isnan(of(row)->value) ? ROLE_UNKNOWN : ROLE_TEXT, span_of(out->buffer));
}
static void key_value(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->value;
}

static void write_message(const struct look *look, const void *row, struct field *out)
{
    char text[320];
    field_printf(out, ROLE_TEXT, "%s", alert_change_text(look, of(row), text, sizeof text));
    field_own(out);
}
static void key_message(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->text;
}

static void write_severity(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(severity_name[of(row)->severity]));
}
static void key_severity(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->severity;
}

static const struct column columns[] = {
    {"", 2, 2, 2, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL,
     "!! critical, ! warning, i info: it fires since then; a acknowledged, m muted", VEIL_PLAIN},
    {"time", 8, 8, 11, ALIGN_LEFT, 1, COLUMN_DESCENDING, write_time, key_time,
     "when, UTC; with the date when it was not today", VEIL_PLAIN},
    {"ago", 6, 6, 6, ALIGN_RIGHT, 8, 0, write_ago, key_ago, "since then", VEIL_PLAIN},
    {"rule", 14, 20, 26, ALIGN_LEFT, 2, COLUMN_MATCH, write_rule, key_rule, "the rule's name", VEIL_PLAIN},
    {"object", 9, 14, 24, ALIGN_LEFT, 3, COLUMN_MATCH, write_object, key_object,
     "the queue, batch, worker, family, user it is about", VEIL_PAYLOAD},
    {"from", 8, 8, 8, ALIGN_LEFT, 6, COLUMN_MATCH, write_from, key_from, "its state until then", VEIL_PLAIN},
    {"to", 8, 8, 8, ALIGN_LEFT, 1, COLUMN_MATCH, write_to, key_to,
     "and since then: firing, resolved, acked, muted, pending, unknown, ok", VEIL_PLAIN},
    {"value", 7, 7, 10, ALIGN_RIGHT, 3, COLUMN_DESCENDING, write_value, key_value, "what was measured then",
     VEIL_PLAIN},
    {"message", 20, 40, 120, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_GROWS, write_message, key_message,
     "what was wrong, or why it was muted", VEIL_PAYLOAD},
    {"severity", 9, 9, 9, ALIGN_LEFT, 7, COLUMN_MATCH | COLUMN_DESCENDING, write_severity, key_severity,
     "info, warning or critical", VEIL_PLAIN},
};

static const void *row_at(const struct model *m, size_t i)
{
    size_t count = model_alert_log_count(m);
    return i < count ? model_alert_log_at(m, count - 1 - i) : NULL;
}

static const void *find(const struct model *m, struct span id)
{
    uint64_t number;
    if (id.len != sizeof number) {
        return NULL;
    }
    memcpy(&number, id.data, sizeof number);
    return model_alert_change(m, number);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_make((const char *)&of(row)->number, sizeof of(row)->number);
    return TARGET_CHANGE;
}

static void headline(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "log, %zu changes", model_alert_log_count(look->m));
}

static void title(const struct look *look, struct segments *out)
{
    size_t count = model_alert_log_count(look->m);
    size_t fired = 0;
    for (size_t i = count; i > 0; i--) {
        const struct alert_change *c = model_alert_log_at(look->m, i - 1);
        if (look->now_us - c->at_us > 3600 * US_PER_S) {
            break;
        }
        fired += c->to == ALERT_FIRING;
    }
    segments_add(out, 3, ROLE_DIM, "", "%zu fired in the last hour", fired);
    if (count >= ALERT_LOG_MAX) {
        segments_add(out, 2, ROLE_DIM, "", "the last %d are kept", ALERT_LOG_MAX);
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("nothing has happened since the console was started"));
}

const struct pane_ops pane_alerts_log = {
    .name = "alerts",
    .one = "change",
    .many = "changes",
    .topic = TOPIC_SERVER,
    .topics = 1u << TOPIC_ALERTS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .words = {"severity", severity_name, SEVERITY_COUNT},
    .sort = -1,
    .count = model_alert_log_count,
    .row = row_at,
    .find = find,
    .identify = identify,
    .headline = headline,
    .title = title,
    .empty = empty,
};
