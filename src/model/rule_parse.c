/* The `alert` line: words in, a rule changed or added. All or nothing: the rule is built aside and then put
 * in place. */
#include "metric_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

#include "redai/model/rule.h"

enum { RULES_MAX = 200, NAME_MAX_LEN = 48, SHOWN_LEN = 48 };

/* The words, how far they are read, and the rule as it will be. */
struct reading {
    size_t count, at;
    const char *const *word; /* the first is the rule's name */
    struct rule rule;        /* its texts are not used */
    const char *message;     /* NULL: as it was */
    bool has_when, has_clear, new_metric;
    struct err *err;
};

static bool wrong(struct reading *in, const char *what, const char *word, const char *expected)
{
    char shown[SHOWN_LEN + 1];
    size_t len = strnlen(word, SHOWN_LEN);
    for (size_t i = 0; i < len; i++) {
        shown[i] = word[i] >= ' ' && word[i] < 0x7F ? word[i] : '?';
    }
    shown[len] = '\0';
    return err_set(in->err, ERR_PARSE, "%s \"%s\", expected %s", what, shown, expected);
}

/* The next word; NULL with err set when there is none. */
static const char *take(struct reading *in, const char *after, const char *expected)
{
    if (in->at >= in->count) {
        err_set(in->err, ERR_PARSE, "nothing behind \"%s\", expected %s", after, expected);
        return NULL;
    }
    return in->word[in->at++];
}

/* --- values --- */

static bool read_bool(struct span word, double *ret)
{
    static const struct {
        struct span word;
        double value;
    } words[] = {
        {SPAN_LITERAL("1"), 1},  {SPAN_LITERAL("0"), 0},    {SPAN_LITERAL("yes"), 1},
        {SPAN_LITERAL("no"), 0}, {SPAN_LITERAL("true"), 1}, {SPAN_LITERAL("false"), 0},
        {SPAN_LITERAL("on"), 1}, {SPAN_LITERAL("off"), 0},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_equal(word, words[i].word)) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

static bool read_bytes(struct span word, double *ret)
{
    int64_t bytes;
    bool ok = num_bytes(word, &bytes);
    *ret = ok ? (double)bytes : *ret;
    return ok;
}

static bool read_seconds(struct span word, double *ret)
{
    int64_t us;
    bool ok = num_duration_us(word, &us);
    *ret = ok ? (double)us / (double)US_PER_S : *ret;
    return ok;
}

static bool read_count(struct span word, double *ret)
{
    return num_f64(word, ret) && *ret >= 0;
}

static bool read_rate(struct span word, double *ret)
{
    return read_count(span_ends(word, S("/s")) ? span_head(word, word.len - 2) : word, ret);
}

static bool read_percent(struct span word, double *ret)
{
    return read_count(span_ends(word, S("%")) ? span_head(word, word.len - 1) : word, ret);
}

static const struct {
    const char *unit;
    bool (*read)(struct span word, double *ret);
    const char *expected;
} by_unit[] = {
    {"bytes", read_bytes, "bytes such as 512mb or 1.5gb"},
    {"percent", read_percent, "a percentage such as 70"},
    {"count", read_count, "a number"},
    {"per_s", read_rate, "a number a second such as 100"},
    {"s", read_seconds, "a time such as 30s or 5m"},
    {"bool", read_bool, "yes or no"},
};

static bool read_value(struct reading *in, const char *after, double *ret)
{
    const char *unit = rule_metrics[in->rule.metric].unit;
    for (size_t i = 0; i < sizeof(by_unit) / sizeof(by_unit[0]); i++) {
        if (strcmp(by_unit[i].unit, unit) == 0) {
            double value = 0;
            const char *word = take(in, after, by_unit[i].expected);
            if (!word) {
                return false;
            }
            if (!by_unit[i].read(span_of(word), &value)) {
                return wrong(in, "value", word, by_unit[i].expected);
            }
            *ret = value;
            return true;
        }
    }
    return err_set(in->err, ERR_INTERNAL, "unit \"%s\" has no reader", unit);
}

/* --- clauses --- */

/* The names that share a group with what was asked for, or the groups. */
static bool unknown_metric(struct reading *in, const char *word)
{
    char list[200] = "";
    size_t used = 0;
    size_t group = span_find(span_of(word), '.');
    for (size_t i = 0; i < rule_metric_count; i++) {
        struct span name = span_of(rule_metrics[i].name);
        bool near = word[group] && span_starts(name, span_make(word, group + 1));
        if (near && used + name.len + 3 < sizeof(list)) {
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", name.data);
        }
    }
    return wrong(in, "unknown metric", word,
                 used ? list
                      : "one of server.*, redis.*, notifications.*, cache.*, sessions.*, queue.*, batch.*, "
                        "worker.*, console.*");
}

static bool read_metric(struct reading *in)
{
    const char *word = take(in, "when", "a metric such as server.used_memory");
    if (!word) {
        return false;
    }
    for (size_t i = 0; i < rule_metric_count; i++) {
        if (strcmp(rule_metrics[i].name, word) == 0) {
            in->new_metric = in->rule.metric != (int)i;
            in->rule.metric = (int)i;
            return true;
        }
    }
    return unknown_metric(in, word);
}

static bool read_op(struct reading *in)
{
    static const char *const ops[RULE_OP_COUNT] = {
        [RULE_ABOVE] = ">",    [RULE_AT_LEAST] = ">=", [RULE_BELOW] = "<",
        [RULE_AT_MOST] = "<=", [RULE_EQUAL] = "==",
    };
    const char *word = take(in, rule_metrics[in->rule.metric].name, "> >= < <= or ==");
    if (!word) {
        return false;
    }
    for (int i = 0; i < RULE_OP_COUNT; i++) {
        if (strcmp(ops[i], word) == 0) {
            in->rule.op = (enum rule_op)i;
            return true;
        }
    }
    return wrong(in, "comparison", word, "> >= < <= or ==");
}

static bool clause_when(struct reading *in)
{
    in->has_when = true;
    return read_metric(in) && read_op(in) && read_value(in, "the comparison", &in->rule.value);
}

static bool clause_for(struct reading *in)
{
    const char *word = take(in, "for", "a time such as 30s");
    if (!word) {
        return false;
    }
    return num_duration_us(span_of(word), &in->rule.hold_us) ||
           wrong(in, "time", word, "one such as 30s or 5m");
}

static bool clause_clear(struct reading *in)
{
    in->has_clear = true;
    return read_value(in, "clear", &in->rule.clear);
}

static bool clause_severity(struct reading *in)
{
    const char *word = take(in, "severity", "info, warning or critical");
    if (!word) {
        return false;
    }
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (strcmp(severity_name[i], word) == 0) {
            in->rule.severity = (enum severity)i;
            return true;
        }
    }
    return wrong(in, "severity", word, "info, warning or critical");
}

static bool clause_min_lookups(struct reading *in)
{
    const char *word = take(in, "min-lookups", "a whole number");
    if (!word) {
        return false;
    }
    return num_i64_range(span_of(word), 0, INT64_C(1000000000000), &in->rule.min_lookups) ||
           wrong(in, "min-lookups", word, "a whole number");
}

static bool clause_message(struct reading *in)
{
    in->message = take(in, "message", "a text");
    return in->message != NULL;
}

static bool clause_on(struct reading *in)
{
    in->rule.enabled = true;
    return true;
}

static bool clause_off(struct reading *in)
{
    in->rule.enabled = false;
    return true;
}

static const struct {
    const char *word;
    bool (*read)(struct reading *in);
} clauses[] = {
    {"when", clause_when},       {"for", clause_for},
    {"clear", clause_clear},     {"severity", clause_severity},
    {"message", clause_message}, {"min-lookups", clause_min_lookups},
    {"on", clause_on},           {"off", clause_off},
};

static bool read_clauses(struct reading *in)
{
    while (in->at < in->count) {
        const char *word = in->word[in->at++];
        size_t i = 0;
        while (i < sizeof(clauses) / sizeof(clauses[0]) && strcmp(clauses[i].word, word) != 0) {
            i++;
        }
        if (i == sizeof(clauses) / sizeof(clauses[0])) {
            return wrong(in, "unknown word", word,
                         "when, for, clear, severity, min-lookups, message, on or off");
        }
        if (!clauses[i].read(in)) {
            return false;
        }
    }
    return true;
}

static bool check(struct reading *in)
{
    struct rule *r = &in->rule;
    bool up = r->op == RULE_ABOVE || r->op == RULE_AT_LEAST;
    bool down = r->op == RULE_BELOW || r->op == RULE_AT_MOST;
    if (in->has_when && !in->has_clear) {
        r->clear = r->value;
    }
    if ((up && r->clear > r->value) || (down && r->clear < r->value)) {
        return err_set(in->err, ERR_RANGE, "alert \"%s\": the clear level is on the firing side of the value",
                       in->word[0]);
    }
    bool looks_up = r->metric == METRIC_HIT_RATE || r->metric == METRIC_HIT_RATE_LIFETIME;
    if (in->has_when && in->new_metric && !looks_up) {
        r->min_lookups = 0;
    }
    if (r->min_lookups > 0 && !looks_up) {
        return err_set(in->err, ERR_USAGE, "alert \"%s\": min-lookups goes with cache.hit_rate only",
                       in->word[0]);
    }
    return true;
}

/* --- putting it in place --- */

static struct rule *find(const struct rules *r, const char *name)
{
    for (size_t i = 0; i < rules_count(r); i++) {
        if (strcmp(rules_at(r, i)->name, name) == 0) {
            return ((struct rule **)(void *)r->row.d)[i];
        }
    }
    return NULL;
}

static bool is_name(const char *word)
{
    size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return len > 0 && len <= NAME_MAX_LEN && word[len] == '\0';
}

static void commit(struct rules *r, struct rule *known, const struct reading *in)
{
    struct rule *row = known ? known : mem_zalloc(sizeof(*row));
    char *name = known ? known->name : mem_strdup(in->word[0]);
    char *message = known ? known->message : NULL;
    char *reason = known ? known->reason : NULL;
    *row = in->rule;
    row->name = name;
    row->message = message;
    row->reason = reason;
    if (in->has_when && in->new_metric) {
        mem_replace(&row->reason, NULL);
        mem_replace(&row->message, NULL);
    }
    if (in->message) {
        mem_replace(&row->message, in->message);
    }
    if (!row->message) {
        UT_string text;
        utstring_init(&text);
        text_add(&text, span_of(rule_metrics[row->metric].name));
        text_add(&text, S(" is %v (limit %t) %o"));
        row->message = span_dup(text_span(&text));
        utstring_done(&text);
    }
    if (!known) {
        utarray_push_back(&r->row, &row);
    }
}

bool rules_set(struct rules *r, size_t count, const char *const *word, struct err *err)
{
    if (count == 0) {
        return err_set(err, ERR_USAGE,
                       "no name, usage: alert NAME when METRIC OP VALUE [for TIME] [clear VALUE] "
                       "[severity WORD] [min-lookups N] [message TEXT]");
    }
    struct reading in = {.count = count, .at = 1, .word = word, .err = err};
    struct rule *known = find(r, word[0]);
    if (known) {
        in.rule = *known;
    } else {
        in.rule = (struct rule){.severity = SEVERITY_WARNING, .enabled = true, .metric = -1};
    }
    if (!is_name(word[0])) {
        return wrong(&in, "alert name", word[0], "letters, digits, '-', '_' and '.', 48 at most");
    }
    if (!known && (count < 2 || strcmp(word[1], "when") != 0)) {
        return wrong(&in, "no alert has the name", word[0],
                     "a known one, or \"when METRIC OP VALUE\" behind it");
    }
    if (count < 2) {
        return err_set(err, ERR_PARSE,
                       "nothing behind \"%s\", expected when, for, clear, severity, min-lookups, "
                       "message, on or off",
                       word[0]);
    }
    if (!known && rules_count(r) >= RULES_MAX) {
        return err_set(err, ERR_RANGE, "alert \"%s\" is one too many, there may be %d", word[0],
                       (int)RULES_MAX);
    }
    if (!read_clauses(&in) || !check(&in)) {
        return false;
    }
    commit(r, known, &in);
    return true;
}
