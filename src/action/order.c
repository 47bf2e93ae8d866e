#include "redai/action/order.h"

#include "order_parse.h"

const char *const verb_name[VERB_COUNT] = {
#define VERB_NAME(id, name) [VERB_##id] = name,
    VERB_LIST(VERB_NAME)
#undef VERB_NAME
};

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

static void stray_done(void *element)
{
    struct order_stray *stray = element;
    mem_free(stray->user);
    mem_free(stray->id);
}
static const UT_icd stray_icd = {sizeof(struct order_stray), NULL, NULL, stray_done};

void order_add_stray(struct order *o, struct span user, struct span id, bool orphan)
{
    const struct order_stray own = {span_dup(user), span_dup(id), id.len, orphan};
    utarray_push_back(&o->stray, &own);
}

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
    *o = (struct order){.verb = verb, .priority = verb == VERB_RETRY ? -1 : 0, .eta_wall_us = -1};
    utarray_init(&o->target, &target_icd);
    utarray_init(&o->known, &target_icd);
    utarray_init(&o->seen, &seen_icd);
    utarray_init(&o->word, &ut_str_icd);
    utarray_init(&o->stray, &stray_icd);
    utarray_init(&o->remark, &ut_str_icd);
}

void order_release(struct order *o)
{
    utarray_done(&o->target);
    utarray_done(&o->known);
    utarray_done(&o->seen);
    utarray_done(&o->word);
    utarray_done(&o->stray);
    utarray_done(&o->remark);
    mem_free(o->filter);
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

static const struct {
    const char *word;
    enum verb verb;
    order_parse_fn parse;
} rows[] = {
    {"enqueue", VERB_ENQUEUE, order_parse_enqueue},
    {"revoke", VERB_REVOKE_TASK, order_parse_revoke},
    {"invalidate", VERB_INVALIDATE, order_parse_invalidate},
    {"notifications", VERB_NOTIFICATIONS, order_parse_notifications},
    {"retry", VERB_RETRY, order_parse_retry},
    {"remove", VERB_REMOVE, order_parse_remove},
    {"move", VERB_MOVE, order_parse_move},
    {"purge", VERB_PURGE, order_parse_purge},
    {"requeue", VERB_REQUEUE, order_parse_requeue},
    {"worker", VERB_WORKER, order_parse_worker},
    {"events", VERB_WORKER, order_parse_worker},
    {"expire", VERB_EXPIRE, order_parse_expire},
    {"persist", VERB_PERSIST, order_parse_persist},
    {"delete", VERB_DELETE, order_parse_delete},
    {"kill", VERB_KILL, order_parse_kill},
    {"undo", VERB_UNDO, order_parse_undo},
    {"repair", VERB_REPAIR, order_parse_repair},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool no_action(const char *word, struct err *err)
{
    UT_string what;
    utstring_init(&what);
    text_add(&what, S("no action, expected"));
    for (size_t i = 0; i < ROWS; i++) {
        utstring_printf(&what, "%s %s", i == 0 ? "" : i == ROWS - 1 ? " or" : ",", rows[i].word);
    }
    order_complain(err, word, utstring_body(&what));
    utstring_done(&what);
    return false;
}

bool order_parse(struct order *o, const struct words *w, const struct templates *templates,
                 const struct routes *routes, struct err *err)
{
    const char *word = words_count(w) ? words_at(w, 0) : "";
    (void)routes; /* the route is looked up when the plan is made, so that a later `queue` line counts */
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(word, rows[i].word) == 0) {
            order_init(o, rows[i].verb);
            if (rows[i].parse(o, w, templates, err)) {
                return true;
            }
            order_release(o);
            return false;
        }
    }
    order_init(o, VERB_ENQUEUE);
    return no_action(word, err);
}
