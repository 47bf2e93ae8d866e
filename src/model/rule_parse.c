/* The `alert` line: words in, a rule changed or added. All or nothing: the rule is built aside and then put
 * in place. */
#include "metric_list.h"
#include "rule_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

#include "redai/model/rule.h"

enum { RULES_MAX = 200, NAME_MAX_LEN = 48, SHOWN_LEN = 48, GLOB_MAX_LEN = 200, LINE_MAX_LEN = 200 };
#define WINDOW_LEAST_US (5 * US_PER_S)
#define WINDOW_MOST_US  (3600 * US_PER_S)
#define WINDOW_EXPECTED "a time from 5s to 1h"
#define CLAUSES         "when, for, clear, severity, min-lookups, message, pane, do, on or off"

/* The words, how far they are read, and the rule as it will be. */
struct reading {
    size_t count, at;
    const char *const *word;           /* the first is the rule's name */
    struct rule rule;                  /* its texts are not used */
    const char *message, *pane, *next; /* NULL: as it was; empty: none */
    const char *of;                    /* of a `when` */
    bool has_when, has_clear, new_metric;
    const struct rules *rules;
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

static bool read_value(struct reading *in, const char *after, double *ret)
{
    const char *expected;
    rule_value(&in->rule, NULL, ret, &expected);
    const char *word = take(in, after, expected);
    return word && (rule_value(&in->rule, word, ret, &expected) || wrong(in, "value", word, expected));
}

/* --- clauses --- */

/* Adds to the choices, unless there is no room or it is among them. */
static void add_choice(char *list, size_t size, struct span name, const char *more)
{
    char choice[64];
    size_t used = strlen(list);
    snprintf(choice, sizeof(choice), "%s%.*s%s", used ? ", " : "", (int)name.len, name.data, more);
    if (used + strlen(choice) < size && !strstr(list, choice + (used ? 2 : 0))) {
        memcpy(list + used, choice, strlen(choice) + 1);
    }
}

static struct span group_of(const char *name)
{
    struct span whole = span_of(name);
    size_t dot = span_find(whole, '.');
    return span_head(whole, dot < whole.len ? dot + 1 : 0);
}

/* The names that share a group with what was asked for, or the groups. */
static bool unknown_metric(struct reading *in, const char *word)
{
    char list[220] = "";
    struct span group = group_of(word);
    for (size_t i = 0; group.len && i < rule_metric_count; i++) {
        if (span_equal(group_of(rule_metrics[i].name), group)) {
            add_choice(list, sizeof(list), span_of(rule_metrics[i].name), "");
        }
    }
    if (list[0]) {
        return wrong(in, "unknown metric", word, list);
    }
    for (size_t i = 0; i < rule_metric_count; i++) {
        add_choice(list, sizeof(list), group_of(rule_metrics[i].name), "*");
    }
    return wrong(in, "unknown metric", word, list);
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

/* `rate`, `change`, or the metric itself. */
static void read_form(struct reading *in)
{
    static const char *const forms[RULE_FORM_COUNT] = {
        [RULE_OF_VALUE] = "", [RULE_OF_RATE] = "rate", [RULE_OF_CHANGE] = "change"};
    in->rule.form = RULE_OF_VALUE;
    for (int i = RULE_OF_RATE; in->at < in->count && i < RULE_FORM_COUNT; i++) {
        if (strcmp(in->word[in->at], forms[i]) == 0) {
            in->rule.form = (enum rule_form)i;
            in->at++;
            return;
        }
    }
}

static bool check_form(struct reading *in)
{
    const struct rule_metric *metric = &rule_metrics[in->rule.metric];
    if (in->rule.form != RULE_OF_VALUE && strcmp(metric->unit, "bool") == 0) {
        return err_set(in->err, ERR_USAGE, "\"%s\" of \"%s\": it is yes or no, expected a metric that counts",
                       in->rule.form == RULE_OF_RATE ? "rate" : "change", metric->name);
    }
    return true;
}

static bool read_of(struct reading *in)
{
    const struct rule_metric *metric = &rule_metrics[in->rule.metric];
    const char *word = take(in, "of", "a name or a glob such as exam*");
    if (!word) {
        return false;
    }
    if (metric->of == TARGET_NONE) {
        char what[96];
        snprintf(what, sizeof(what), "nothing behind \"%s\": it is of the server as a whole", metric->name);
        return wrong(in, "of", word, what);
    }
    if (!*word || strlen(word) > GLOB_MAX_LEN) {
        return wrong(in, "of", word, "a name or a glob of at most 200 bytes");
    }
    in->of = word;
    return true;
}

static bool read_over(struct reading *in)
{
    const char *word = take(in, "over", WINDOW_EXPECTED);
    if (!word) {
        return false;
    }
    if (in->rule.form == RULE_OF_VALUE) {
        return wrong(in, "over", word, "\"rate\" or \"change\" in front of the metric");
    }
    int64_t us;
    if (!num_duration_us(span_of(word), &us) || us < WINDOW_LEAST_US || us > WINDOW_MOST_US) {
        return wrong(in, "over", word, WINDOW_EXPECTED);
    }
    in->rule.window_us = us;
    return true;
}

static bool next_is(const struct reading *in, const char *word)
{
    return in->at < in->count && strcmp(in->word[in->at], word) == 0;
}

static bool clause_when(struct reading *in)
{
    in->has_when = true;
    in->of = NULL;
    in->rule.window_us = 0;
    read_form(in);
    if (!read_metric(in) || !check_form(in)) {
        return false;
    }
    while (next_is(in, "of") || next_is(in, "over")) {
        const char *which = in->word[in->at++];
        if (!(strcmp(which, "of") == 0 ? read_of(in) : read_over(in))) {
            return false;
        }
    }
    if (in->rule.form != RULE_OF_VALUE && in->rule.window_us == 0) {
        return wrong(in, "behind the metric stands", in->at < in->count ? in->word[in->at] : "",
                     "over and " WINDOW_EXPECTED);
    }
    return read_op(in) && read_value(in, "the comparison", &in->rule.value);
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

/* An empty word: none of its own. */
static bool clause_pane(struct reading *in)
{
    in->pane = take(in, "pane", "the name of a pane");
    if (!in->pane) {
        return false;
    }
    if (*in->pane && in->rules->check_pane) {
        return in->rules->check_pane(in->pane, in->err);
    }
    return true;
}

static bool clause_do(struct reading *in)
{
    in->next = take(in, "do", "a command");
    if (in->next && strlen(in->next) > LINE_MAX_LEN) {
        return wrong(in, "do", in->next, "a command of at most 200 bytes");
    }
    return in->next != NULL;
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
    {"when", clause_when},         {"for", clause_for},         {"clear", clause_clear},
    {"severity", clause_severity}, {"message", clause_message}, {"min-lookups", clause_min_lookups},
    {"pane", clause_pane},         {"do", clause_do},           {"on", clause_on},
    {"off", clause_off},
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
            return wrong(in, "unknown word", word, CLAUSES);
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

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* NULL: as it was; empty: none. */
static void put_text(char **slot, const char *text)
{
    if (text) {
        mem_replace(slot, *text ? text : NULL);
    }
}

static void write_message(struct rule *row)
{
    UT_string text;
    utstring_init(&text);
    text_add(&text, row->form == RULE_OF_RATE     ? S("rate of ")
                    : row->form == RULE_OF_CHANGE ? S("change of ")
                                                  : S(""));
    text_add(&text, span_of(rule_metrics[row->metric].name));
    text_add(&text, S(" is %v (limit %t) %o"));
    row->message = span_dup(text_span(&text));
    utstring_done(&text);
}

static void commit(struct rules *r, struct rule *known, const struct reading *in)
{
    struct rule *row = known ? known : mem_zalloc(sizeof(*row));
    struct rule was = *row;
    bool other_form = in->rule.form != was.form || in->rule.window_us != was.window_us;
    bool other = in->new_metric || other_form || (in->has_when && !is_same(in->of, was.of));
    *row = in->rule;
    row->name = known ? was.name : mem_strdup(in->word[0]);
    row->of = was.of;
    row->message = was.message;
    row->reason = was.reason;
    row->pane = was.pane;
    row->next = was.next;
    row->revision = was.revision + (known && other);
    if (in->has_when) {
        mem_replace(&row->of, in->of);
    }
    if (in->has_when && (in->new_metric || in->rule.form != was.form)) {
        mem_replace(&row->reason, NULL);
        mem_replace(&row->message, NULL);
        mem_replace(&row->pane, NULL);
        mem_replace(&row->next, NULL);
    }
    put_text(&row->message, in->message);
    put_text(&row->pane, in->pane);
    put_text(&row->next, in->next);
    if (!row->message) {
        write_message(row);
    }
    if (!known) {
        utarray_push_back(&r->row, &row);
    }
}

bool rules_set(struct rules *r, size_t count, const char *const *word, struct err *err)
{
    if (count == 0) {
        return err_set(err, ERR_USAGE,
                       "no name, usage: alert NAME when [rate|change] METRIC [of GLOB] [over TIME] OP VALUE "
                       "[for TIME] [clear VALUE] [severity WORD] [message TEXT]");
    }
    struct reading in = {.count = count, .at = 1, .word = word, .err = err, .rules = r};
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
        return err_set(err, ERR_PARSE, "nothing behind \"%s\", expected " CLAUSES, word[0]);
    }
    if (!known && rules_count(r) >= RULES_MAX) {
        return err_set(err, ERR_RANGE, "alert \"%s\" is one too many, there may be %d", word[0],
                       (int)RULES_MAX);
    }
    if (!read_clauses(&in) || !check(&in)) {
        return false;
    }
    commit(r, known, &in);
    r->edition++;
    return true;
}
