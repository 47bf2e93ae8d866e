#include "holders.h"

#include "phrase.h"
#include "pidbox.h"

#include "redai/base/json_out.h"
#include "redai/base/utf8.h"

#include "redai/schema/inspect.h"

enum { IDS_ASKED = 50 /* by one question */ };

struct holder {
    char *id, *text;
    UT_hash_handle hh;
};

struct limited {
    char *task;
    UT_hash_handle hh;
};

static void forget_limited(struct holders *h)
{
    struct limited *one, *next;
    hash_each (h->limited, one, next) {
        HASH_DEL(h->limited, one);
        mem_free(one->task);
        mem_free(one);
    }
}

void holders_release(struct holders *h)
{
    struct holder *one, *next;
    hash_each (h->by_id, one, next) {
        HASH_DEL(h->by_id, one);
        mem_free(one->id);
        mem_free(one->text);
        mem_free(one);
    }
    forget_limited(h);
    mem_free(h->silent);
    mem_free(h->worker);
    h->silent = h->worker = NULL;
}

const char *holders_find(const struct holders *h, const char *id)
{
    struct holder *one = NULL;
    if (id) {
        HASH_FIND_STR(h->by_id, id, one);
    }
    return one ? one->text : NULL;
}

bool holders_may_hide(const struct holders *h, const char *task)
{
    struct limited *one = NULL;
    if (task) {
        HASH_FIND_STR(h->limited, task, one);
    }
    return one != NULL;
}

bool holders_are_sure(const struct holders *h)
{
    return h->nodes >= 0 && !h->silent && !h->partial;
}

/* --- answers --- */

static void on_task(void *ctx, const struct inspect_task *t)
{
    static const char *const has[] = {
        [INSPECT_HOLD_ACTIVE] = "runs it",
        [INSPECT_HOLD_RESERVED] = "has it reserved",
        [INSPECT_HOLD_SCHEDULED] = "holds it until its time",
        [INSPECT_HOLD_READY] = "has it",
    };
    struct holders *h = ctx;
    struct holder *one = NULL;
    char *id = span_dup(t->id);

    HASH_FIND_STR(h->by_id, id, one);
    if (one) {
        mem_free(id);
        return;
    }
    one = mem_zalloc(sizeof *one);
    one->id = id;
    one->text = phrase_make("%s %s", h->worker, has[t->hold]);
    HASH_ADD_KEYPTR(hh, h->by_id, one->id, strlen(one->id), one);
}

static void on_registered(void *ctx, struct span name, struct span rate_limit)
{
    struct holders *h = ctx;
    if (rate_limit.len) {
        struct limited *one = mem_zalloc(sizeof *one), *old = NULL;
        one->task = span_dup(name);
        HASH_FIND_STR(h->limited, one->task, old);
        if (old) {
            mem_free(one->task);
            mem_free(one);
        } else {
            HASH_ADD_KEYPTR(hh, h->limited, one->task, strlen(one->task), one);
        }
    }
}

static struct holders *of(struct runner *r)
{
    return r->holders;
}

static void on_element(struct runner *r, size_t request, struct span element)
{
    static const enum inspect_question asked[] = {INSPECT_SCHEDULED, INSPECT_REGISTERED, INSPECT_QUERY};
    struct holders *h = of(r);
    struct inspect_visitor visitor = {.task = on_task, .registered = on_registered, .ctx = h};
    struct inspect_answer answer;
    const char *method = pidbox_at(r, request)->method;

    if (inspect_peek(element, &answer)) {
        mem_free(h->worker);
        h->worker = utf8_sanitise_dup(span_of(answer.worker), PHRASE_COLUMNS);
    }
    inspect_answer_release(&answer);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        if (strcmp(method, inspect_method[asked[i]]) == 0) {
            bool read = inspect_decode(element, asked[i], &visitor, &answer);
            h->partial = h->partial || !read || answer.error || answer.cut;
            inspect_answer_release(&answer);
        }
    }
}

/* --- questions --- */

static void ask_round(struct runner *r);

static void heard(struct runner *r)
{
    struct holders *h = of(r);
    bool broken = pidbox_of(r)->broken;

    for (size_t i = 0; i < pidbox_count(r); i++) {
        const struct pidbox_request *q = pidbox_at(r, i);
        char *silent = pidbox_silent(r, q);
        h->partial = h->partial || q->unsent || q->error || q->receivers < 0 || q->refused > 0;
        /* Mailboxes are forgotten with the keys they stand in, while their workers go on listening. */
        h->partial = h->partial || (h->nodes == 0 && q->receivers > (int64_t)(q->heard + q->refused));
        if (silent && (!h->silent || strlen(silent) > strlen(h->silent))) {
            mem_replace(&h->silent, silent);
        }
        mem_free(silent);
    }
    if (h->asked < h->ids && !broken && !r->lost) {
        ask_round(r);
        return;
    }
    h->partial = h->partial || h->asked < h->ids;
    r->holders = NULL;
    h->done(r);
}

static void ask_ids(struct runner *r)
{
    struct holders *h = of(r);
    UT_string arguments;

    utstring_init(&arguments);
    text_add(&arguments, S("{\"ids\": ["));
    for (int i = 0; i < IDS_ASKED && h->asked < h->ids; i++, h->asked++) {
        text_add(&arguments, i ? S(", ") : S(""));
        json_quote(span_of(h->id[h->asked]), &arguments);
    }
    text_add(&arguments, S("]}"));
    pidbox_ask(r, inspect_method[INSPECT_QUERY], utstring_body(&arguments), NULL, 0);
    utstring_done(&arguments);
}

static void ask_round(struct runner *r)
{
    struct holders *h = of(r);

    pidbox_begin(r, on_element);
    pidbox_ask(r, inspect_method[INSPECT_REGISTERED], NULL, NULL, 0);
    pidbox_ask(r, inspect_method[INSPECT_SCHEDULED], NULL, NULL, 0);
    while (h->asked < h->ids && pidbox_count(r) < PIDBOX_ROUND) {
        ask_ids(r);
    }
    pidbox_send(r, heard);
}

void holders_ask(struct runner *r, struct holders *h, const char *const *id, size_t ids, step_fn done)
{
    holders_release(h);
    *h = (struct holders){
        .id = id, .ids = ids, .done = done, .nodes = pidbox_of(r)->nodes, .partial = pidbox_of(r)->cut};
    r->holders = h;
    if (ids == 0) {
        r->holders = NULL;
        done(r);
        return;
    }
    ask_round(r);
}
