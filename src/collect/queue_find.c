/* queue_find: which lists are queues: bindings, configured names, lists that a walk met and whose next
 * elements have a message among them, and the routing keys of what is in flight. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/schema/binding.h"
#include "redai/schema/message.h"

enum { QUEUES_MAX = 2000 };

void queues_found(struct collect *c, struct span name, unsigned source)
{
    struct qlist *q;
    HASH_FIND(hh, c->queues.list, name.data, name.len, q);
    if (!q) {
        if (!name.len || HASH_COUNT(c->queues.list) >= QUEUES_MAX) {
            return;
        }
        q = mem_zalloc(sizeof *q);
        q->name = span_dup(name);
        q->len = name.len;
        q->unacked = -1;
        for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
            q->depth[i] = UNASKED;
        }
        HASH_ADD_KEYPTR(hh, c->queues.list, q->name, q->len, q);
        c->queues.unread = true; /* measured at once, not with the next poll */
        collect_soon(c, 0);
    }
    q->sources |= source;
}

bool queues_has_list(const struct collect *c, struct span key)
{
    int step;
    struct span name = binding_split_list_key(key, &step);
    struct qlist *q;
    HASH_FIND(hh, c->queues.list, name.data, name.len, q);
    return q != NULL || span_starts(key, S("unacked"));
}

void queues_clear(struct collect *c)
{
    struct qlist *q, *next;
    hash_each (c->queues.list, q, next) {
        HASH_DEL(c->queues.list, q);
        mem_free(q->name);
        mem_free(q);
    }
}

static void on_bound(void *user, const struct reply *r)
{
    struct collect *c = user;
    const struct reply *members = reply_at(r, 1);
    c->queues.looking--;
    if (r) {
        collect_tally_site(c, SITE_BROKER, reply_count(members) > 0);
    }
    for (size_t i = 0; i < reply_count(members); i++) {
        struct span queue;
        if (binding_queue(reply_text(reply_at(members, i)), &queue)) {
            queues_found(c, queue, QUEUE_BOUND);
        }
    }
}

void queues_binding(struct collect *c, struct span key, struct span exchange)
{
    if (binding_is_task_exchange(exchange)) {
        if (link_command(c->broker, on_bound, c, S("SSCAN"), key, S("0"), S("COUNT"), S("500"))) {
            c->queues.looking++;
        }
    }
}

enum { LOOKED_AT = 5, LOOKED_BYTES = 256 * 1024 };

struct candidate {
    struct collect *c;
    int looked;   /* how many of its elements, from the end that workers pop from */
    size_t bytes; /* of these */
    size_t len;
    char key[];
};

static void candidate_done(struct candidate *k)
{
    k->c->queues.looking--;
    mem_free(k);
}

static bool is_message(struct span element)
{
    struct message m;
    message_decode(&m, element);
    bool is = m.task || m.id || m.delivery_tag;
    message_release(&m);
    return is;
}

static void on_element(void *user, const struct reply *r);

static void look_at_next(struct candidate *k)
{
    char index[16];
    snprintf(index, sizeof index, "-%d", ++k->looked);
    if (!link_command(k->c->broker, on_element, k, S("LINDEX"), span_make(k->key, k->len), span_of(index))) {
        candidate_done(k);
    }
}

/* What a worker would pop next may be poison: then those behind it tell. */
static void on_element(void *user, const struct reply *r)
{
    struct candidate *k = user;
    struct span element;
    if (r) {
        collect_tally(k->c, true);
    }
    if (!reply_string(r, &element)) {
        candidate_done(k);
        return;
    }
    k->bytes += element.len;
    if (is_message(element)) {
        int step;
        queues_found(k->c, binding_split_list_key((struct span){k->key, k->len}, &step), QUEUE_FOUND);
        candidate_done(k);
    } else if (k->looked < LOOKED_AT && k->bytes < LOOKED_BYTES) {
        look_at_next(k);
    } else {
        candidate_done(k);
    }
}

static void on_candidate_type(void *user, const struct reply *r)
{
    struct candidate *k = user;
    if (r) {
        collect_tally_key(k->c, span_make(k->key, k->len), !span_equal(reply_text(r), S("none")));
    }
    if (span_equal(reply_text(r), S("list"))) {
        look_at_next(k);
    } else {
        candidate_done(k);
    }
}

void queues_candidate(struct collect *c, struct span key)
{
    int step;
    struct span name = binding_split_list_key(key, &step);
    struct qlist *q;
    HASH_FIND(hh, c->queues.list, name.data, name.len, q);
    if (q || c->census.candidates >= CANDIDATES_MAX) {
        return;
    }
    c->census.candidates++;
    struct candidate *k = mem_zalloc(sizeof *k + key.len + 1);
    k->c = c;
    k->len = key.len;
    memcpy(k->key, key.data, key.len);
    c->queues.looking++;
    if (!link_command(c->broker, on_candidate_type, k, S("TYPE"), key)) {
        candidate_done(k);
    }
}
