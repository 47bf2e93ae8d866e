/* peek_task: a task as the two databases know it: the platform's progress key and Celery's result. */
#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/isotime.h"

#include "redai/schema/result.h"

static void show_links(struct collect *c, const struct result *res)
{
    const char *worker = res->hostname ? res->hostname : res->worker;
    if (worker) {
        peek_line(c, S("worker"), span_of(worker), TARGET_WORKER, span_of(worker))->veil = VEIL_NODE;
    }
    if (res->queue) {
        peek_line(c, S("queue"), span_of(res->queue), TARGET_QUEUE, span_of(res->queue))->veil = VEIL_PLAIN;
    }
    if (res->parent_id) {
        peek_line(c, S("parent"), span_of(res->parent_id), TARGET_TASK, span_of(res->parent_id))->veil =
            VEIL_PLAIN;
    }
    if (res->group_id) {
        peek_name(c, "group", span_of(res->group_id), VEIL_PLAIN);
    }
    for (unsigned i = 0; i < utarray_len(&res->children); i++) {
        struct span child = span_of(*(char **)utarray_eltptr(&res->children, i));
        peek_line(c, S("child"), child, TARGET_TASK, child)->veil = VEIL_PLAIN;
    }
}

/* Only with result_extended. */
static void show_call(struct collect *c, const struct result *res)
{
    if (res->name) {
        peek_name(c, "name", span_of(res->name), VEIL_PLAIN);
    }
    if (res->retries > 0) {
        peek_say(c, "retries", "%" PRId64, res->retries);
    }
    const char *const text[] = {res->args, res->kwargs}, *const label[] = {"args", "kwargs"};
    for (int i = 0; i < 2; i++) {
        if (text[i]) {
            peek_say(c, label[i], "%s", res->args_cut ? "cut by the worker" : "");
            peek_json(c, span_of(text[i]));
        }
    }
}

static void show_result(struct collect *c, struct span json)
{
    struct result res;
    char when[40];
    result_decode(&res, json);
    peek_say(c, "stored", "%s", res.valid ? res.status : "a result that is no JSON");
    if (res.date_done_us >= 0) {
        isotime_format(res.date_done_us, when, sizeof when);
        peek_say(c, "ended", "%s", when);
    }
    show_links(c, &res);
    show_call(c, &res);
    if (res.error) {
        peek_line(c, S("error"), span_of(res.error), TARGET_NONE, S(""));
    } else if (res.value) {
        peek_say(c, "result", "%s", "");
        peek_json(c, span_of(res.value));
    }
    if (res.traceback) {
        peek_say(c, "traceback", "%s", "");
        peek_bytes(c, span_of(res.traceback));
    }
    result_release(&res);
}

static void on_message_shown(struct peek_ask *a)
{
    peek_end(a->c, a->remark);
    peek_ask_free(a);
}

/* The message itself, where the model knows it to be. Takes a over. */
static void ask_message(struct peek_ask *a)
{
    const struct collect_options *o = &a->c->options;
    const struct target *where = o->message_of ? o->message_of(o->ctx, (struct span){a->key, a->len}) : NULL;
    if (!where || (where->kind != TARGET_MESSAGE && where->kind != TARGET_DELIVERY)) {
        on_message_shown(a);
        return;
    }
    peek_line(a->c, S("message"),
              where->kind == TARGET_MESSAGE ? S("waits in a list") : S("taken, not acknowledged"),
              where->kind, target_id(where))
        ->veil = VEIL_PLAIN;
    peek_element_find(a, where, on_message_shown);
}

static void on_result(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct span json = S("");
    if (reply_string(r, &json)) {
        collect_tally_site(a->c, SITE_RESULTS, json.len > 0);
    }
    if (!peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    a->remark = "";
    if (!r || reply_is_error(r)) {
        peek_say(a->c, "result", "?");
        a->remark = "the result database could not be read";
    } else if (json.len) {
        show_result(a->c, json);
    } else {
        peek_say(a->c, "result", "no result is stored");
    }
    if (r) {
        ask_message(a);
    } else {
        on_message_shown(a);
    }
}

static void ask_result(struct peek_ask *a)
{
    UT_string key;
    utstring_init(&key);
    text_add(&key, S("celery-task-meta-"));
    text_add(&key, (struct span){a->key, a->len});
    if (!link_command(a->c->result, on_result, a, S("GETRANGE"), text_span(&key), S("0"), S("65535"))) {
        on_result(a, NULL);
    }
    utstring_done(&key);
}

static void on_ttl(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    a->number = -3;
    if (reply_int(r, &a->number)) {
        collect_tally_key(a->c, OWN_PROGRESS_KEY, a->number != -2);
    }
}

static void on_progress(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct span json;
    char shown[24];
    if (r) {
        collect_tally_key(a->c, OWN_PROGRESS_KEY, a->number != -2);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    if (a->number == -2) {
        peek_say(a->c, "progress", "no progress key");
    } else if (reply_string(r, &json)) {
        peek_say(a->c, "progress", "key ends in %s",
                 a->number < 0 ? "?" : human_duration(a->number * US_PER_MS, shown, sizeof shown));
        peek_json(a->c, json);
    } else {
        peek_line(a->c, S("progress"), collect_error(r), TARGET_NONE, S(""));
    }
    ask_result(a);
}

void peek_task(struct collect *c, struct span id)
{
    UT_string key;
    utstring_init(&key);
    text_add(&key, S("batch:progress:"));
    text_add(&key, id);
    peek_name(c, "task", id, VEIL_PLAIN);
    struct peek_ask *a = peek_ask_new(c, id);
    if (!link_command(c->poll, on_ttl, a, S("PTTL"), text_span(&key)) ||
        !link_command(c->poll, on_progress, a, S("GETRANGE"), text_span(&key), S("0"), S("65535"))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}
