/* The alerts pane: what is wrong, since when, how badly. */
#include "alert_words.h"
#include "pane.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"

enum { TREND_COLS = 12 };

static const struct alert *of(const void *row)
{
    return row;
}

static bool is_loud(const struct alert *a)
{
    return a->state == ALERT_FIRING;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, alert_role(of(row)), span_of(alert_mark(of(row))));
}

static void write_severity(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, alert_role(of(row)), span_of(severity_name[of(row)->rule->severity]));
}
static void key_severity(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->rule->severity;
}

static void write_since(const struct look *look, const void *row, struct field *out)
{
    const struct alert *a = of(row);
    bool calm = a->state == ALERT_OK || a->state == ALERT_UNKNOWN || a->since_us < 0;
    if (calm) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_duration(out, is_loud(a) ? ROLE_TEXT : ROLE_DIM, look->now_us - a->since_us);
    }
}
static void key_since(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = of(row)->since_us < 0 ? NAN : (double)(look->now_us - of(row)->since_us) / (double)US_PER_S;
}

static void write_state(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, alert_role(of(row)), span_of(alert_state_word(of(row)->state)));
}
static void key_state(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = alert_state_word(of(row)->state);
}

/* The message of a rule that does not fire would say what is not so. */
static bool is_quiet(const struct alert *a)
{
    return a->state == ALERT_OK || a->state == ALERT_UNKNOWN || (a->state == ALERT_MUTED && !a->up) ||
           !a->text[0];
}
static const char *message(const struct alert *a)
{
    return is_quiet(a) ? rule_metrics[a->rule->metric].help : a->text;
}

/* Of a muted one first for how long, and behind it why. */
static void write_message(const struct look *look, const void *row, struct field *out)
{
    const struct alert *a = of(row);
    char muted[TEXT_SMALL * 2];
    char text[sizeof a->text + VEIL_MAX];
    char reason[VEIL_MAX];
    const char *words = is_quiet(a) ? message(a) : alert_text(look, a, text, sizeof text);
    if (a->state == ALERT_MUTED && alert_muted(look, a, muted, sizeof muted)[0]) {
        bool why = a->reason[0] && !look->veil; /* a pseudonym has brackets of its own */
        field_printf(out, ROLE_DIM, "%s: %s %s%s%s", muted, words, why ? "(" : "",
                     look_text(look, VEIL_PAYLOAD, a->reason, reason), why ? ")" : "");
    } else {
        field_printf(out, is_loud(a) ? ROLE_TEXT : alert_role(a), "%s", words);
    }
    field_own(out);
}
static void key_message(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = message(of(row));
}

static void write_value(const struct look *look, const void *row, struct field *out)
{
    const struct alert *a = of(row);
    (void)look;
    alert_value(a->rule, a->value, out->buffer, sizeof out->buffer);
    field_text(out,
               isnan(a->value) ? ROLE_UNKNOWN
               : is_loud(a)    ? ROLE_VALUE
                               : ROLE_DIM,
               span_of(out->buffer));
}
static void key_value(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->value;
}

static void write_limit(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    alert_limit(of(row)->rule, out->buffer, sizeof out->buffer);
    field_text(out, ROLE_DIM, span_of(out->buffer));
}

static void write_rule(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(of(row)->rule->name));
}
static void key_rule(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->rule->name;
}

static void write_object(const struct look *look, const void *row, struct field *out)
{
    char shown[VEIL_MAX];
    text_copy(out->buffer, sizeof out->buffer, span_of(alert_object(look, of(row), shown)));
    field_text(out, ROLE_DIM, span_of(out->buffer[0] ? out->buffer : "-"));
    field_own(out);
}
static void key_object(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->object;
}

/* What it is about was nothing yet when it was calm. */
static void write_trend(const struct look *look, const void *row, struct field *out)
{
    double sample[EVIDENCE_SAMPLES];
    int64_t step_us;
    size_t cols = out->cols > 0 && out->cols < TREND_COLS ? (size_t)out->cols : TREND_COLS;
    model_alert_graph(look->m, of(row), sample, &step_us);
    out->figure = FIELD_SPARK;
    out->role = ROLE_SPARK;
    out->text = S("");
    out->sparks = cols;
    for (size_t i = 0; i < cols; i++) {
        double sum = 0;
        int known = 0;
        for (size_t k = i * EVIDENCE_SAMPLES / cols; k < (i + 1) * EVIDENCE_SAMPLES / cols; k++) {
            known += !isnan(sample[k]);
            sum += isnan(sample[k]) ? 0 : sample[k];
        }
        out->spark[i] = known ? sum / known : NAN;
    }
}

static const struct column columns[] = {
    {"", 2, 2, 2, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL,
     "!! critical, ! warning, i info; a acknowledged, m muted", VEIL_PLAIN},
    {"since", 6, 6, 6, ALIGN_RIGHT, 1, 0, write_since, key_since, "for how long it has been in this state",
     VEIL_PLAIN},
    {"state", 8, 8, 12, ALIGN_LEFT, 2, COLUMN_MATCH, write_state, key_state,
     "firing, acked, resolved, pending (not long enough yet), muted, unknown, ok", VEIL_PLAIN},
    {"message", 20, 46, 120, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, write_message, key_message,
     "what is wrong", VEIL_PAYLOAD},
    {"value", 7, 8, 10, ALIGN_RIGHT, 3, COLUMN_DESCENDING, write_value, key_value, "what was measured",
     VEIL_PLAIN},
    {"limit", 8, 9, 12, ALIGN_RIGHT, 4, 0, write_limit, NULL, "when it fires", VEIL_PLAIN},
    {"trend", TREND_COLS, TREND_COLS, TREND_COLS, ALIGN_LEFT, 7, 0, write_trend, NULL,
     "the value over the last while, from before it crossed", VEIL_PLAIN},
    {"severity", 9, 9, 9, ALIGN_LEFT, 6, COLUMN_MATCH | COLUMN_DESCENDING, write_severity, key_severity,
     "info, warning or critical", VEIL_PLAIN},
    {"rule", 14, 20, 26, ALIGN_LEFT, 5, COLUMN_MATCH, write_rule, key_rule,
     "the rule's name, as config has it", VEIL_PLAIN},
    {"object", 8, 12, 24, ALIGN_LEFT, 8, COLUMN_MATCH, write_object, key_object,
     "the queue, batch, worker, family, user it is about", VEIL_PAYLOAD},
};

static size_t count(const struct model *m)
{
    return model_alert_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_alert_at(m, i);
}

/* What is fine needs no line of its own where lines are dear. */
static bool shows(const struct look *look, const void *row)
{
    enum alert_state s = of(row)->state;
    return look->roomy || (s != ALERT_OK && s != ALERT_UNKNOWN);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_make(of(row)->id, of(row)->id_len);
    return TARGET_ALERT;
}

static const void *find(const struct model *m, struct span id)
{
    return model_alert_find(m, id);
}

/* Rules that are watched: some have a row for each thing that is amiss. */
static size_t rules_watched(const struct look *look)
{
    enum { RULES_MAX = 500 };
    const struct rule *seen[RULES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < model_alert_count(look->m); i++) {
        const struct rule *rule = model_alert_at(look->m, i)->rule;
        size_t k = 0;
        while (k < count && seen[k] != rule) {
            k++;
        }
        if (k == count && count < RULES_MAX) {
            seen[count++] = rule;
        }
    }
    return count;
}

static size_t in_state(const struct look *look, enum alert_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < model_alert_count(look->m); i++) {
        n += model_alert_at(look->m, i)->state == state;
    }
    return n;
}

static void headline(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "%zu firing", in_state(look, ALERT_FIRING));
}

static void title(const struct look *look, struct segments *out)
{
    static const struct {
        enum alert_state state;
        const char *word;
        int priority;
    } rest[] = {
        {ALERT_ACKNOWLEDGED, "acknowledged", 2}, {ALERT_PENDING, "pending", 3}, {ALERT_MUTED, "muted", 3},
        {ALERT_RESOLVED, "resolved", 4},         {ALERT_UNKNOWN, "unknown", 5},
    };
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        size_t n = in_state(look, rest[i].state);
        if (n) {
            segments_add(out, rest[i].priority, ROLE_DIM, "", "%zu %s", n, rest[i].word);
        }
    }
    size_t more = 0;
    for (size_t i = 0; i < model_alert_count(look->m); i++) {
        more += model_alert_at(look->m, i)->more;
    }
    if (more) {
        segments_add(out, 1, ROLE_WARNING, "", "! %zu more left out", more);
    }
    segments_add(out, 6, ROLE_DIM, "", "%zu rules", rules_watched(look));
}

static void empty(const struct look *look, struct field *out)
{
    size_t rows = model_alert_count(look->m);
    size_t rules = rules_watched(look);
    size_t unknown = in_state(look, ALERT_UNKNOWN);
    size_t quiet = in_state(look, ALERT_OK) + unknown;
    if (rules == 0) {
        field_text(out, ROLE_DIM, S("no rules: every one is switched off"));
    } else if (quiet < rows) {
        field_text(out, ROLE_TEXT, S(""));
    } else if (unknown == rules) {
        field_printf(out, ROLE_DIM, "nothing judged yet: %zu rules wait for data", rules);
    } else if (unknown) {
        field_printf(out, ROLE_GOOD, "all clear: %zu rules watched, %zu without data", rules - unknown,
                     unknown);
    } else {
        field_printf(out, ROLE_GOOD, "all clear: %zu rules watched", rules);
    }
}

const struct pane_ops pane_alerts = {
    .name = "alerts",
    .one = "alert",
    .many = "alerts",
    .topic = TOPIC_SERVER,
    .topics = 1u << TOPIC_ALERTS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .words = {"severity", severity_name, SEVERITY_COUNT},
    .sort = -1,
    .headless = true,
    .count = count,
    .row = row_at,
    .find = find,
    .shows = shows,
    .identify = identify,
    .headline = headline,
    .title = title,
    .empty = empty,
};
