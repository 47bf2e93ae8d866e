#include "redai/action/order.h"

#include "literal.h"

#include <assert.h>

#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/schema/message.h"

const char *const verb_name[VERB_COUNT] = {
#define VERB_NAME(id, name) [VERB_##id] = name,
    VERB_LIST(VERB_NAME)
#undef VERB_NAME
};

/* A word that begins with two dashes and is shorter than this is an option; session ids, which may begin so
 * as well, have 43 characters. */
enum { OPTION_LENGTH_MAX = 32, SHOWN_COLUMNS = 80 };
#define COUNTDOWN_MAX_US (INT64_C(366) * 86400 * 1000000)

static void target_done(void *element)
{
    target_release(element);
}
static const UT_icd target_icd = {sizeof(struct target), NULL, NULL, target_done};

static void seen_done(void *element)
{
    struct order_seen *seen = element;
    mem_free(seen->id);
    mem_free(seen->task);
    mem_free(seen->args);
    mem_free(seen->kwargs);
    mem_free(seen->queue);
    mem_free(seen->root_id);
}
static const UT_icd seen_icd = {sizeof(struct order_seen), NULL, NULL, seen_done};

static char *copy(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

void order_add_seen(struct order *o, const struct order_seen *seen)
{
    const struct order_seen own = {copy(seen->id),     copy(seen->task),  copy(seen->args),
                                   copy(seen->kwargs), copy(seen->queue), copy(seen->root_id),
                                   seen->are_repr};
    utarray_push_back(&o->seen, &own);
}

void order_init(struct order *o, enum verb verb)
{
    *o = (struct order){.verb = verb, .eta_wall_us = -1};
    utarray_init(&o->target, &target_icd);
    utarray_init(&o->known, &target_icd);
    utarray_init(&o->seen, &seen_icd);
    utarray_init(&o->word, &ut_str_icd);
}

void order_release(struct order *o)
{
    utarray_done(&o->target);
    utarray_done(&o->known);
    utarray_done(&o->seen);
    utarray_done(&o->word);
    mem_free(o->task);
    mem_free(o->args);
    mem_free(o->kwargs);
    mem_free(o->queue);
    order_init(o, o->verb); /* released twice, or filled again: both are fine */
}

void order_add(struct order *o, enum target_kind kind, struct span id)
{
    struct target t = {.kind = TARGET_NONE};
    target_set(&t, kind, id);
    utarray_push_back(&o->target, &t);
}

/* Quotes a foreign word in an error. */
static bool complain(struct err *err, const char *word, const char *what)
{
    char *shown = utf8_sanitise_dup(span_of(word), SHOWN_COLUMNS);
    err_set(err, ERR_USAGE, "\"%s\": %s", shown, what);
    mem_free(shown);
    return false;
}

static bool is_option(const char *word)
{
    return strncmp(word, "--", 2) == 0 && strlen(word) < OPTION_LENGTH_MAX;
}

/* --- revoke, invalidate, notifications --- */

/* A session as people have it at hand: its id, or the key it lies under. The short form of the screen and
 * patterns name no session and would end as "already gone" while the one that was meant lives on. */
static bool add_session(struct order *o, const char *word, struct err *err)
{
    static const struct span prefix = SPAN_LITERAL("session:");
    struct span id =
        span_starts(span_of(word), prefix) ? span_skip(span_of(word), prefix.len) : span_of(word);
    if (!id.len || id.data[id.len - 1] == '~' || strpbrk(word, "*?[] \t")) {
        return complain(err, word, "expected a whole session id, neither shortened nor a pattern");
    }
    order_add(o, TARGET_SESSION, id);
    return true;
}

/* The rest of the words are ids, with "--" in front of such that look like options. */
static bool parse_targets(struct order *o, const struct words *w, size_t first, enum target_kind kind,
                          struct err *err)
{
    bool options = true;
    for (size_t i = first; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && kind == TARGET_TASK && strcmp(word, "--terminate") == 0) {
            o->terminate = true;
        } else if (options && is_option(word)) {
            return complain(err, word,
                            "unknown option (write -- in front of a name that begins with dashes)");
        } else if (!*word) {
            return err_set(err, ERR_USAGE, "%s: an empty %s", verb_name[o->verb], target_kind_name(kind));
        } else if (kind == TARGET_SESSION) {
            if (!add_session(o, word, err)) {
                return false;
            }
        } else {
            order_add(o, kind, span_of(word));
        }
    }
    if (utarray_len(&o->target) == 0) {
        return err_set(err, ERR_USAGE, "%s: which %s?", verb_name[o->verb], target_kind_name(kind));
    }
    return true;
}

static bool parse_revoke(struct order *o, const struct words *w, struct err *err)
{
    static const struct {
        const char *word;
        enum verb verb;
        enum target_kind kind;
    } rows[] = {{"session", VERB_REVOKE_SESSION, TARGET_SESSION},
                {"user", VERB_REVOKE_USER, TARGET_USER},
                {"task", VERB_REVOKE_TASK, TARGET_TASK}};
    const char *what = words_at(w, 1);
    for (size_t i = 0; what && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(what, rows[i].word) == 0) {
            o->verb = rows[i].verb;
            return parse_targets(o, w, 2, rows[i].kind, err);
        }
    }
    if (what) {
        return complain(err, what, "revoke what? expected session, user or task");
    }
    return err_set(err, ERR_USAGE, "revoke: expected session SID, user UID or task ID");
}

static bool parse_invalidate(struct order *o, const struct words *w, struct err *err)
{
    o->verb = VERB_INVALIDATE;
    return parse_targets(o, w, 1, TARGET_PATTERN, err);
}

static bool parse_notifications(struct order *o, const struct words *w, struct err *err)
{
    const char *what = words_at(w, 1);
    o->verb = VERB_NOTIFICATIONS;
    if (!what || strcmp(what, "on") != 0) {
        return what ? complain(err, what, "expected notifications on")
                    : err_set(err, ERR_USAGE, "notifications: expected on");
    }
    return !words_at(w, 2) || complain(err, words_at(w, 2), "nothing is expected behind notifications on");
}

/* --- enqueue --- */

static bool take_args(struct order *o, const char *value, struct err *err)
{
    UT_string repr;
    utstring_init(&repr);
    bool ok = message_args_repr(value, &repr) ||
              complain(err, value, "--args: expected a JSON array like [1, \"a\"]");
    utstring_done(&repr);
    mem_replace(&o->args, value);
    return ok;
}

static bool take_kwargs(struct order *o, const char *value, struct err *err)
{
    UT_string repr;
    utstring_init(&repr);
    bool ok = message_kwargs_repr(value, &repr) ||
              complain(err, value, "--kwargs: expected a JSON object like {\"exam_id\": 1}");
    utstring_done(&repr);
    mem_replace(&o->kwargs, value);
    return ok;
}

static bool take_queue(struct order *o, const char *value, struct err *err)
{
    /* The two bytes that part a queue from its priority would make another list of it. */
    if (!*value || strpbrk(value, "\x06\x16") || !literal_is_utf8(span_of(value))) {
        return complain(err, value, "--queue: expected the name of a queue");
    }
    mem_replace(&o->queue, value);
    return true;
}

static bool take_countdown(struct order *o, const char *value, struct err *err)
{
    int64_t us;
    if (!num_duration_us(span_of(value), &us) || us < 0 || us > COUNTDOWN_MAX_US) {
        return complain(err, value, "--countdown: expected a time like 30, 30s or 5m, up to a year");
    }
    o->countdown_us = us;
    return true;
}

static bool take_priority(struct order *o, const char *value, struct err *err)
{
    int64_t priority;
    if (!num_i64_range(span_of(value), 0, 9, &priority)) {
        return complain(err, value, "--priority: expected 0 to 9 (0 is served first)");
    }
    o->priority = (int)priority;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct order *o, const char *value, struct err *err);
} enqueue_options[] = {{"--args", take_args},
                       {"--kwargs", take_kwargs},
                       {"--queue", take_queue},
                       {"--countdown", take_countdown},
                       {"--priority", take_priority}};

/* "--name VALUE" or "--name=VALUE" at word *i, which is left at the last word used. */
static bool parse_option(struct order *o, const struct words *w, size_t *i, struct err *err)
{
    const char *word = words_at(w, *i);
    struct span name = span_head(span_of(word), span_find(span_of(word), '='));
    for (size_t k = 0; k < sizeof enqueue_options / sizeof enqueue_options[0]; k++) {
        if (!span_equal(name, span_of(enqueue_options[k].name))) {
            continue;
        }
        const char *value = word[name.len] == '=' ? word + name.len + 1 : words_at(w, ++*i);
        if (!value) {
            return complain(err, word, "a value is missing behind it");
        }
        return enqueue_options[k].take(o, value, err);
    }
    return complain(err, word, "unknown option, expected --args --kwargs --queue --countdown or --priority");
}

static const struct template *find_template(const struct templates *templates, const char *word,
                                            bool has_values)
{
    const struct template *t = templates ? templates_find(templates, word) : NULL;
    /* A full task name with NAME=VALUE words means the template that is about that task. */
    for (size_t i = 0; templates && !t && has_values && i < templates_count(templates); i++) {
        const struct template *row = templates_at(templates, i);
        t = strcmp(row->task, word) == 0 ? row : NULL;
    }
    return t;
}

static bool unknown_task(const struct templates *templates, const char *word, struct err *err)
{
    UT_string what;
    utstring_init(&what);
    text_add(&what, S("no task name (those have a dot) and no template, expected one of:"));
    for (size_t i = 0; templates && i < templates_count(templates); i++) {
        utstring_printf(&what, " %s", templates_at(templates, i)->name);
    }
    complain(err, word, utstring_body(&what));
    utstring_done(&what);
    return false;
}

/* values: the NAME=VALUE words, from index 1 on. */
static bool fill_enqueue(struct order *o, const struct words *values, const struct templates *templates,
                         const char *word, struct err *err)
{
    bool has_values = words_count(values) > 1;
    const struct template *t = find_template(templates, word, has_values);

    if (!t && !strchr(word, '.')) {
        return unknown_task(templates, word, err);
    }
    mem_replace(&o->task, t ? t->task : word);
    if (!t) {
        return !has_values ||
               complain(err, words_at(values, 1), "no template for this task: use --args or --kwargs");
    }
    if (o->args || o->kwargs) {
        return !has_values ||
               complain(err, words_at(values, 1), "give either NAME=VALUE or --args and --kwargs, not both");
    }
    UT_string args;
    utstring_init(&args);
    bool ok = template_arguments(t, values, 1, &args, err);
    mem_replace(&o->args, utstring_body(&args));
    utstring_done(&args);
    return ok;
}

static bool parse_enqueue(struct order *o, const struct words *w, const struct templates *templates,
                          struct err *err)
{
    struct words values;
    const char *word = NULL;
    bool ok = true;

    o->verb = VERB_ENQUEUE;
    words_init(&values);
    for (size_t i = 1; ok && i < words_count(w); i++) {
        const char *at = words_at(w, i);
        if (strncmp(at, "--", 2) == 0) {
            ok = parse_option(o, w, &i, err);
        } else if (!word) {
            word = at;
            utarray_push_back(&values.word, &at);
        } else if (!strchr(at, '=')) {
            ok = complain(err, at, "expected NAME=VALUE");
        } else {
            utarray_push_back(&values.word, &at);
        }
    }
    if (ok && (!word || !*word)) {
        ok = err_set(err, ERR_USAGE, "enqueue: which task or template?");
    }
    ok = ok && word && fill_enqueue(o, &values, templates, word, err);
    words_release(&values);
    return ok;
}

static bool parse(struct order *o, const struct words *w, const struct templates *templates, struct err *err)
{
    const char *verb = words_count(w) ? words_at(w, 0) : "";
    if (strcmp(verb, "enqueue") == 0) {
        return parse_enqueue(o, w, templates, err);
    }
    if (strcmp(verb, "revoke") == 0) {
        return parse_revoke(o, w, err);
    }
    if (strcmp(verb, "invalidate") == 0) {
        return parse_invalidate(o, w, err);
    }
    if (strcmp(verb, "notifications") == 0) {
        return parse_notifications(o, w, err);
    }
    return complain(err, verb, "no action, expected enqueue, revoke, invalidate or notifications");
}

bool order_parse(struct order *o, const struct words *w, const struct templates *templates,
                 const struct routes *routes, struct err *err)
{
    (void)routes; /* the route is looked up when the plan is made, so that a later `queue` line counts */
    order_init(o, VERB_ENQUEUE);
    if (parse(o, w, templates, err)) {
        return true;
    }
    order_release(o);
    return false;
}
