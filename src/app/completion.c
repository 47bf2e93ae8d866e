/* completion: names that only the model knows, for the prompt and for fields of forms: tasks, queues,
 * workers, task ids. What commands themselves offer (methods, options) is in their rows. */
#include "console.h"

#include <stdio.h>

enum { OFFERS_MAX = 200 };

/* Behind the curtain a name is offered as it is shown, which is what a filter there compares with. */
static void offer(const struct console *c, enum veil_kind kind, const char *name, const char *typed,
                  const char *prefix, UT_array *out)
{
    UT_string whole;
    char shown[VEIL_MAX];
    utstring_init(&whole);
    if (c->curtain && kind != VEIL_PLAIN) {
        veil_text(&c->veil, kind, span_of(name), shown, sizeof shown);
        name = shown;
    }
    utstring_printf(&whole, "%s%s", prefix, name);
    if (*name && utarray_len(out) < OFFERS_MAX && span_starts(text_span(&whole), span_of(typed))) {
        char *text = utstring_body(&whole);
        utarray_push_back(out, &text);
    }
    utstring_done(&whole);
}

/* --- who knows names --- */

typedef void (*source_fn)(const struct console *c, const char *typed, const char *prefix, UT_array *out);

static void tasks(const struct console *c, const char *typed, const char *prefix, UT_array *out)
{
    const char *const *name;
    size_t count = model_registered(c->observer.model, &name);
    for (size_t i = 0; i < count; i++) {
        offer(c, VEIL_PLAIN, name[i], typed, prefix, out);
    }
    /* Without an answer of a worker at least those that were configured. */
    for (size_t i = 0; count == 0 && i < templates_count(&c->settings->templates); i++) {
        offer(c, VEIL_PLAIN, templates_at(&c->settings->templates, i)->task, typed, prefix, out);
    }
}

static void queues(const struct console *c, const char *typed, const char *prefix, UT_array *out)
{
    for (size_t i = 0; i < model_queue_count(c->observer.model); i++) {
        offer(c, VEIL_PLAIN, model_queue_at(c->observer.model, i)->name, typed, prefix, out);
    }
}

/* Families and prefixes: what a key's name, and a cached call, begins with. */
static void families(const struct console *c, const char *typed, const char *prefix, UT_array *out)
{
    for (size_t i = 0; i < model_family_count(c->observer.model); i++) {
        const char *name = model_family_at(c->observer.model, i)->name;
        if (name[0] != '(') {
            offer(c, VEIL_FAMILY, name, typed, prefix, out);
        }
    }
}

static void workers(const struct console *c, const char *typed, const char *prefix, UT_array *out)
{
    for (size_t i = 0; i < model_worker_count(c->observer.model); i++) {
        offer(c, VEIL_NODE, model_worker_at(c->observer.model, i)->name, typed, prefix, out);
    }
}

static bool is_any(const struct task *t)
{
    return t->id_len > 0;
}

static bool has_not_ended(const struct task *t)
{
    return t->state == TASK_STATE_WAITING || t->state == TASK_STATE_RESERVED ||
           t->state == TASK_STATE_SCHEDULED || t->state == TASK_STATE_RUNNING ||
           t->state == TASK_STATE_RETRY || t->state == TASK_STATE_UNKNOWN;
}

static bool waits(const struct task *t)
{
    return t->state == TASK_STATE_WAITING;
}

static void ids(const struct console *c, bool (*wanted)(const struct task *t), const char *typed,
                UT_array *out)
{
    for (size_t i = 0; i < model_task_count(c->observer.model) && utarray_len(out) < OFFERS_MAX; i++) {
        const struct task *t = model_task_at(c->observer.model, i);
        if (wanted(t)) {
            offer(c, VEIL_PLAIN, t->id, typed, "", out);
        }
    }
}

static void states(const struct console *c, const char *typed, const char *prefix, UT_array *out)
{
    for (int state = 0; state < TASK_STATE_COUNT; state++) {
        offer(c, VEIL_PLAIN, task_state_name[state], typed, prefix, out);
    }
}

static void rules(const struct console *c, const char *typed, const char *prefix, UT_array *out)
{
    for (size_t i = 0; i < model_alert_count(c->observer.model); i++) {
        const struct rule *rule = model_alert_at(c->observer.model, i)->rule;
        size_t first = 0;
        while (model_alert_at(c->observer.model, first)->rule != rule) {
            first++;
        }
        if (first == i) { /* a rule may have a row for each thing */
            offer(c, VEIL_PLAIN, rule->name, typed, prefix, out);
        }
    }
}

/* --- fields of forms --- */

/* True when Tab has something to say: not in an empty field, where it moves on, nor behind a whole name. */
static bool has_more(const char *text, const UT_array *out)
{
    unsigned n = utarray_len(out);
    return *text && n > 0 && !(n == 1 && strcmp(*(char *const *)utarray_eltptr(out, 0), text) == 0);
}

bool completion_task(void *ctx, const char *text, UT_array *out)
{
    tasks(ctx, text, "", out);
    return has_more(text, out);
}

bool completion_queue(void *ctx, const char *text, UT_array *out)
{
    queues(ctx, text, "", out);
    return has_more(text, out);
}

/* A list with commas: the last name is completed. */
bool completion_worker(void *ctx, const char *text, UT_array *out)
{
    const char *comma = strrchr(text, ',');
    char *front = span_dup(span_make(text, comma ? (size_t)(comma - text) + 1 : 0));
    workers(ctx, text, front, out);
    mem_free(front);
    return has_more(text, out);
}

/* --- the prompt --- */

/* What stands behind a word: an option, or a field of the filter. */
static const struct {
    const char *word;
    bool is_prefix; /* the typed word begins with it */
    source_fn source;
} behind[] = {
    {"--on", false, workers},   {"--queue", false, queues}, {"state:", true, states},  {"name:", true, tasks},
    {"worker:", true, workers}, {"queue:", true, queues},   {"!state:", true, states},
};

/* What a command's words are: its first words (blank-separated), and what comes behind them. */
static const struct {
    const char *front;
    source_fn source;                     /* NULL: ids */
    bool (*wanted)(const struct task *t); /* of ids */
    bool many;                            /* of every further word too */
} commands[] = {
    {"enqueue", tasks, NULL, false},        {"purge", queues, NULL, true},
    {"acknowledge", rules, NULL, false},    {"mute", rules, NULL, false},
    {"unmute", rules, NULL, false},         {"key", families, NULL, false},
    {"expire", families, NULL, false},      {"persist", families, NULL, false},
    {"delete", families, NULL, false},      {"worker consume", queues, NULL, false},
    {"worker cancel", queues, NULL, false}, {"worker rate", tasks, NULL, false},
    {"worker limit", tasks, NULL, false},   {"revoke task", NULL, has_not_ended, true},
    {"retry", NULL, is_any, true},          {"remove", NULL, waits, true},
    {"move-message", NULL, waits, true},
};

/* How many words of w, from the first on, are those of front; 0 when they are not. */
static size_t begins_with(const struct words *w, const char *front)
{
    size_t n = 0;
    for (struct span rest = span_of(front); rest.len; n++) {
        size_t end = span_find(rest, ' ');
        if (!words_at(w, n) || !span_equal(span_of(words_at(w, n)), span_head(rest, end))) {
            return 0;
        }
        rest = span_skip(rest, end + 1);
    }
    return n;
}

static bool offer_behind(const struct console *c, const char *before, const char *typed, bool filtering,
                         UT_array *out)
{
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        bool fits = behind[i].is_prefix ? filtering && span_starts(span_of(typed), span_of(behind[i].word))
                                        : before && strcmp(before, behind[i].word) == 0;
        if (fits) {
            behind[i].source(c, typed, behind[i].is_prefix ? behind[i].word : "", out);
            return true;
        }
    }
    return false;
}

static void offer_words(const struct console *c, const struct words *w, size_t at, const char *typed,
                        UT_array *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        size_t n = begins_with(w, commands[i].front);
        if (!n || at < n || (at > n && !commands[i].many)) {
            continue;
        }
        if (commands[i].source) {
            commands[i].source(c, typed, "", out);
        } else {
            ids(c, commands[i].wanted, typed, out);
        }
    }
}

void completion_line(void *ctx, const char *line, UT_array *out)
{
    const struct console *c = ctx;
    struct words w;
    words_init(&w);
    if (words_parse(&w, line, NULL)) {
        size_t len = strlen(line), count = words_count(&w);
        bool fresh = len == 0 || line[len - 1] == ' ' || line[len - 1] == '\t';
        size_t at = fresh || count == 0 ? count : count - 1;
        const char *typed = at < count ? words_at(&w, at) : "";
        bool filtering = count && strcmp(words_at(&w, 0), "filter") == 0;
        if (at > 0 && !offer_behind(c, words_at(&w, at - 1), typed, filtering, out)) {
            offer_words(c, &w, at, typed, out);
        }
    }
    words_release(&w);
}
