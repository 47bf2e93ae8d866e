/* Where the tasks are that shall be revoked: their results, unacked, and the lists of all known queues. */
#include "chase.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/schema/binding.h"
#include "redai/schema/message.h"
#include "redai/schema/message_ref.h"
#include "redai/schema/unacked.h"

enum { PAGE = 100 };
#define PARCELS_MAX_BYTES ((size_t)64 << 20)
#define HSCAN_COUNT       "50" /* an entry may hold megabytes of arguments */

struct quarry *chase_task(struct chase *c, const char *id)
{
    struct quarry *q = NULL;
    if (id) {
        HASH_FIND_STR(c->by_id, id, q);
    }
    return q;
}

/* Keeps what has to be taken out, byte for byte. */
static void keep_parcel(struct chase *c, struct quarry *q, const struct message *m, struct span element,
                        const struct chase_list *list)
{
    for (size_t i = 0; i < utarray_len(&c->parcel); i++) {
        const struct parcel *p = VERB_AT(&c->parcel, struct parcel, i);
        if (span_equal(span_make(p->bytes, p->len), element) && strcmp(p->key, list->key) == 0) {
            return; /* pages overlap */
        }
    }
    if (element.len > PARCELS_MAX_BYTES - c->parcel_bytes) {
        c->too_large = true;
        return;
    }
    const struct parcel p = {.task = (size_t)(q - c->task),
                             .key = mem_strdup(list->key),
                             .list = mem_strdup(list->queue),
                             .bytes = mem_dup(element.data, element.len),
                             .tag = mem_strdup(m->delivery_tag),
                             .len = element.len,
                             .removed = -1};
    utarray_push_back(&c->parcel, &p);
    q->parcels++;
    c->parcel_bytes += element.len;
}

/* list NULL: the entry of unacked is held by a worker. */
static void take_element(struct runner *r, struct span element, struct span queue,
                         const struct chase_list *list)
{
    struct chase *c = r->work;
    struct message m;

    message_decode(&m, element);
    struct quarry *q = chase_task(c, m.id);
    if (q) {
        q->held = q->held || !list;
        q->waiting = q->waiting || list;
        q->has_chord = q->has_chord || m.has_chord;
        mem_free(q->queue);
        q->queue = utf8_sanitise_dup(queue, PHRASE_COLUMNS);
        if (list && r->order.remove) {
            keep_parcel(c, q, &m, element, list);
        }
    }
    message_release(&m);
}

static void look_lists(struct runner *r);

static void on_elements(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    struct chase_list *list = VERB_AT(&c->list, struct chase_list, a->tag);
    size_t n = reply_count(a->reply);

    for (size_t i = 0; i < n; i++) {
        take_element(r, reply_text(reply_at(a->reply, i)), span_of(list->queue), list);
    }
    /* From the right: what is taken next comes first. Half of a page is read twice: what workers take
     * meanwhile moves the rest to the right, and would hide as much of it. */
    list->at -= PAGE / 2;
    bool deep = list->at < -CHASE_DEPTH_MAX;
    c->cut_short = c->cut_short || (n == PAGE && deep);
    if (n < PAGE || deep) {
        list->at = 0;
    }
}

static void look_lists(struct runner *r)
{
    struct chase *c = r->work;
    bool open = false;

    for (size_t i = 0; i < utarray_len(&c->list); i++) {
        const struct chase_list *list = VERB_AT(&c->list, struct chase_list, i);
        char first[24], last[24];
        if (list->at == 0) {
            continue;
        }
        open = true;
        snprintf(first, sizeof first, "%" PRId64, list->at - PAGE + 1);
        snprintf(last, sizeof last, "%" PRId64, list->at);
        step_act(r, on_elements, i, S("LRANGE"), span_of(list->key), span_of(first), span_of(last));
    }
    step_then(r, open ? look_lists : c->then);
}

static void add_queue(void *chase, const char *queue)
{
    struct chase *c = chase;
    UT_string key;
    for (size_t i = 0; i < utarray_len(&c->list); i++) {
        if (strcmp(VERB_AT(&c->list, struct chase_list, i)->queue, queue) == 0) {
            return;
        }
    }
    utstring_init(&key);
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        utstring_clear(&key);
        message_list_key(span_of(queue), message_priority_step[i], &key);
        struct chase_list list = {
            .key = mem_strdup(utstring_body(&key)), .queue = mem_strdup(queue), .at = -1};
        utarray_push_back(&c->list, &list);
    }
    utstring_done(&key);
}

/* Messages that the console has seen: their lists. */
static void add_known(struct runner *r)
{
    const UT_array *known = &r->order.known;
    for (size_t i = 0; i < utarray_len(known); i++) {
        const struct target *t = VERB_AT(known, struct target, i);
        struct span key;
        uint64_t hash;
        int step;
        if (t->kind == TARGET_MESSAGE && message_ref_split(target_id(t), &key, &hash)) {
            char *queue = span_dup(binding_split_list_key(key, &step));
            add_queue(r->work, queue);
            mem_free(queue);
        }
    }
}

static void begin_lists(struct runner *r)
{
    struct chase *c = r->work;
    add_queue(c, "celery");
    for (size_t i = 0; r->options.routes && i < utarray_len(&r->options.routes->row); i++) {
        add_queue(c, VERB_AT(&r->options.routes->row, const struct route, i)->queue);
    }
    if (r->options.each_queue) {
        r->options.each_queue(r->options.ctx, add_queue, c);
    }
    add_known(r);
    look_lists(r);
}

static void scan_unacked(struct runner *r);

static void after_unacked(struct runner *r)
{
    struct chase *c = r->work;
    bool over = span_equal(text_span(&c->cursor), S("0"));
    c->cut_short = c->cut_short || (!over && c->entries >= CHASE_DEPTH_MAX);
    if (over || c->entries >= CHASE_DEPTH_MAX) {
        begin_lists(r);
    } else {
        scan_unacked(r);
    }
}

static void on_unacked(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    const struct reply *entries = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(a->reply, 0));
    UT_string queue, element;

    utstring_init(&queue);
    utstring_init(&element);
    utstring_clear(&c->cursor);
    text_add(&c->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 1; i < reply_count(entries); i += 2) {
        utstring_clear(&queue);
        utstring_clear(&element);
        c->entries++;
        if (unacked_decode(reply_text(reply_at(entries, i)), &queue, &element)) {
            take_element(r, text_span(&element), text_span(&queue), NULL);
        }
    }
    utstring_done(&queue);
    utstring_done(&element);
}

static void scan_unacked(struct runner *r)
{
    struct chase *c = r->work;
    step_act(r, on_unacked, 0, S("HSCAN"), S("unacked"), text_span(&c->cursor), S("COUNT"), S(HSCAN_COUNT));
    step_then(r, after_unacked);
}

static void on_meta(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    struct quarry *q = &c->task[a->tag];
    verb_take_status(a->reply, &q->status, &q->final);
}

void chase_ask_meta(struct runner *r, size_t i)
{
    const struct chase *c = r->work;
    if (r->options.result && link_is_ready(r->options.result)) {
        char *key = keyname_of_result(c->task[i].id);
        step_result(r, on_meta, i, S("GETRANGE"), span_of(key), S("0"), S(VERB_VALUE_LAST));
        mem_free(key);
    }
}

void chase_find(struct runner *r, size_t results, step_fn then)
{
    struct chase *c = r->work;
    c->then = then;
    for (size_t i = 0; i < c->count && i < results; i++) {
        chase_ask_meta(r, i);
    }
    step_then(r, scan_unacked);
}
