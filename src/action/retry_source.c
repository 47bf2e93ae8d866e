#include "phrase.h"
#include "retry.h"

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

#include "redai/schema/message_copy.h"

/* What a task was made of, as far as one source tells. Borrowed. */
struct left {
    const char *source;
    const char *task, *args, *kwargs, *queue, *root_id;
    bool cut;
};

static const struct order_seen *seen_of(const struct runner *r, const char *id)
{
    for (size_t i = 0; i < utarray_len(&r->order.seen); i++) {
        const struct order_seen *seen = VERB_AT(&r->order.seen, const struct order_seen, i);
        if (seen->id && strcmp(seen->id, id) == 0) {
            return seen;
        }
    }
    return NULL;
}

/* JSON as it is, or Python's repr turned into it. */
static bool to_json(const char *text, char bracket, char **ret, struct err *err)
{
    bool json;
    UT_string out;

    utstring_init(&out);
    json = bracket == '[' ? message_args_repr(text, &out) : message_kwargs_repr(text, &out);
    utstring_clear(&out);
    if (json) {
        *ret = mem_strdup(text);
    } else if (python_repr_to_json(span_of(text), bracket, &out, err)) {
        *ret = mem_strdup(utstring_body(&out));
    }
    utstring_done(&out);
    return *ret != NULL;
}

static void refuse(struct retry_item *item, const char *source, const char *why)
{
    char *shown = utf8_sanitise_dup(span_of(why), 2 * PHRASE_COLUMNS);
    item->refusal = source ? phrase_make("%s: %s", source, shown) : mem_strdup(shown);
    mem_free(shown);
}

/* args or kwargs, from what was typed or else from what is left. */
static bool take_part(struct retry_item *item, const struct left *left, const char *typed, const char *found,
                      char bracket, char **slot)
{
    struct err err = {0};
    const char *what = bracket == '[' ? "arguments" : "named arguments";

    if (typed) {
        *slot = mem_strdup(typed);
        return true;
    }
    if (!found || !*found) {
        char *why = phrase_make("the %s are missing: give --%s", what, bracket == '[' ? "args" : "kwargs");
        refuse(item, left->source, why);
        mem_free(why);
        return false;
    }
    if (left->cut || !to_json(found, bracket, slot, &err)) {
        char *why = left->cut ? phrase_make("the %s are cut", what)
                              : phrase_make("the %s cannot be read back: %s", what, err.text);
        refuse(item, left->source, why);
        mem_free(why);
        return false;
    }
    return true;
}

static void choose_queue(struct runner *r, const struct sought *one, struct retry_item *item,
                         const char *found)
{
    const char *queue = r->order.queue              ? r->order.queue
                        : one->held && !one->routed ? one->queue
                        : found && *found           ? found
                        : r->options.routes         ? routes_queue(r->options.routes, item->task)
                                                    : "celery";
    item->queue = mem_strdup(queue);
    item->queue_shown = utf8_sanitise_dup(span_of(queue), PHRASE_COLUMNS);
}

/* The sources in the order in which they are trusted. */
static struct left what_is_left(const struct runner *r, const struct sought *one)
{
    const struct order_seen *seen = seen_of(r, one->key);
    const struct message *m = &one->message;
    const struct result *result = &one->result;

    if (one->held && m->task) {
        return (struct left){"its message in unacked",
                             m->task,
                             m->args_are_repr ? NULL : m->args,
                             m->args_are_repr ? NULL : m->kwargs,
                             m->queue,
                             m->root_id,
                             m->args_cut};
    }
    if (one->has_result && result->name) {
        return (struct left){"its result",    result->name,  result->args,
                             result->kwargs,  result->queue, seen ? seen->root_id : NULL,
                             result->args_cut};
    }
    if (seen && seen->task) {
        return (struct left){seen->are_repr ? "what its worker told" : "what was seen of it",
                             seen->task,
                             seen->args,
                             seen->kwargs,
                             seen->queue,
                             seen->root_id,
                             false};
    }
    return (struct left){.source = NULL};
}

void retry_choose(struct runner *r, const struct sought *one, struct retry_item *item)
{
    const struct order *o = &r->order;
    struct left left = what_is_left(r, one);
    struct err err = {0};

    item->whole = one->held && !o->task && !o->args && !o->kwargs;
    item->task = mem_strdup(o->task ? o->task : left.task);
    item->source = item->whole ? "its message in unacked" : left.source;
    item->priority = o->priority >= 0                         ? o->priority
                     : one->held && one->message.priority > 0 ? (int)one->message.priority
                                                              : 0;
    if (!item->task && !item->whole) {
        refuse(
            item, NULL,
            "its task name is not known: no message, no result that has one (result_extended), and no event "
            "was seen (--task NAME --args JSON tell them)");
        return;
    }
    if (!item->whole &&
        (!take_part(item, &left, o->args, left.args, '[', &item->args) || !take_part(item, &left, o->kwargs,
                                                                                     left.kwargs ? left.kwargs
                                                                                     : o->args   ? "{}"
                                                                                                 : NULL,
                                                                                     '{', &item->kwargs))) {
        return;
    }
    item->root_id = mem_strdup(left.root_id);
    choose_queue(r, one, item, left.queue);
    item->priority = item->priority > 9 ? 9 : item->priority;
    message_list_key(span_of(item->queue), item->priority, &item->key);
    if (!retry_build(r, one, item, &err)) {
        refuse(item, item->source, err.text);
    }
}

static bool copy(struct runner *r, const struct sought *one, struct retry_item *item, int64_t eta,
                 struct err *err)
{
    struct message_copy how = {.id = item->id,
                               .delivery_tag = item->tag,
                               .old_id = one->key,
                               .queue = item->queue,
                               .priority = item->priority,
                               .eta_wall_us = eta,
                               .origin = r->options.origin};
    return message_copy(&how, text_span(&one->entry), &item->element, &item->lone, err);
}

bool retry_build(struct runner *r, const struct sought *one, struct retry_item *item, struct err *err)
{
    int64_t eta = r->order.countdown_us > 0 ? clock_wall_us() + r->order.countdown_us : -1;

    utstring_clear(&item->element);
    if (item->whole) {
        return copy(r, one, item, eta, err);
    }
    struct task_spec spec = {.task = item->task,
                             .id = item->id,
                             .args = item->args,
                             .kwargs = item->kwargs,
                             .queue = item->queue,
                             .priority = item->priority,
                             .eta_wall_us = eta,
                             .expires_wall_us = -1,
                             .origin = r->options.origin,
                             .delivery_tag = item->tag,
                             .root_id = item->root_id ? item->root_id : one->key,
                             .parent_id = one->key};
    return message_encode(&spec, &item->element, err) && message_check(text_span(&item->element), err);
}
