#include "redai/action/order.h"

#include "order_parse.h"

#include "redai/base/utf8.h"

const char *const verb_name[VERB_COUNT] = {
#define VERB_NAME(id, name) [VERB_##id] = name,
    VERB_LIST(VERB_NAME)
#undef VERB_NAME
};

/* A word that begins with two dashes and is shorter than this is an option; session ids, which may begin so
 * as well, have 43 characters. */
enum { OPTION_LENGTH_MAX = 32, SHOWN_COLUMNS = 80 };

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
bool order_complain(struct err *err, const char *word, const char *what)
{
    char *shown = utf8_sanitise_dup(span_of(word), SHOWN_COLUMNS);
    err_set(err, ERR_USAGE, "\"%s\": %s", shown, what);
    mem_free(shown);
    return false;
}

bool order_is_option(const char *word)
{
    return strncmp(word, "--", 2) == 0 && strlen(word) < OPTION_LENGTH_MAX;
}

static bool parse(struct order *o, const struct words *w, const struct templates *templates, struct err *err)
{
    const char *verb = words_count(w) ? words_at(w, 0) : "";
    if (strcmp(verb, "enqueue") == 0) {
        return order_parse_enqueue(o, w, templates, err);
    }
    if (strcmp(verb, "revoke") == 0) {
        return order_parse_revoke(o, w, err);
    }
    if (strcmp(verb, "invalidate") == 0) {
        return order_parse_invalidate(o, w, err);
    }
    if (strcmp(verb, "notifications") == 0) {
        return order_parse_notifications(o, w, err);
    }
    return order_complain(err, verb, "no action, expected enqueue, revoke, invalidate or notifications");
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
