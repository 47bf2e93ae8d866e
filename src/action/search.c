#include "literal.h"
#include "phrase.h"
#include "search_parts.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/schema/message_ref.h"
#include "redai/schema/unacked.h"

#define RESULT_LAST "1048575"

/* --- coming and going --- */

static void sought_free(struct sought *one)
{
    mem_free(one->key);
    mem_free(one->shown);
    mem_free(one->list);
    mem_free(one->list_shown);
    mem_free(one->tag);
    mem_free(one->queue);
    utstring_done(&one->element);
    utstring_done(&one->entry);
    message_release(&one->message);
    result_release(&one->result);
    mem_free(one);
}

void search_release(struct search *s)
{
    HASH_CLEAR(hh, s->by_key);
    for (size_t i = 0; i < s->count; i++) {
        sought_free(s->one[i]);
    }
    mem_free(s->one);
    utarray_done(&s->list);
    utstring_done(&s->cursor);
    mem_free(s->held_error);
}

static struct sought *add(struct search *s, enum target_kind kind, struct span key)
{
    struct sought *one = mem_zalloc(sizeof *one);

    one->kind = kind;
    one->key = span_dup(key);
    one->key_len = key.len;
    utstring_init(&one->element);
    utstring_init(&one->entry);
    message_decode(&one->message, S(""));
    result_decode(&one->result, S(""));
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 16;
        s->one = mem_realloc(s->one, s->room * sizeof(void *));
    }
    s->one[s->count++] = one;
    HASH_ADD_KEYPTR(hh, s->by_key, one->key, one->key_len, one);
    return one;
}

struct sought *search_find(const struct search *s, struct span key)
{
    struct sought *one = NULL;
    if (key.len) {
        HASH_FIND(hh, s->by_key, key.data, key.len, one);
    }
    return one;
}

static char *shown_of(enum target_kind kind, struct span key)
{
    struct span list;
    uint64_t hash;
    if (kind != TARGET_MESSAGE || !message_ref_split(key, &list, &hash)) {
        return utf8_sanitise_dup(key, PHRASE_COLUMNS);
    }
    char *name = phrase_key(list);
    char *shown = phrase_make("%s#%08x", name, (unsigned)(hash >> 32));
    mem_free(name);
    return shown;
}

bool search_init(struct runner *r, struct search *s)
{
    const UT_array *target = &r->order.target;

    utarray_init(&s->list, &search_list_icd);
    utstring_init(&s->cursor);
    text_add(&s->cursor, S("0"));
    s->held_entries = s->held_bytes = -1;
    if (utarray_len(target) > SEARCH_TARGETS_MAX) {
        verb_refuse(r, ACTION_REFUSED, "more than %d messages at once", SEARCH_TARGETS_MAX);
        return false;
    }
    for (size_t i = 0; i < utarray_len(target); i++) {
        const struct target *t = VERB_AT(target, struct target, i);
        struct span list;
        uint64_t hash;
        bool ref = t->kind == TARGET_MESSAGE;
        /* An id that JSON cannot carry names no task. */
        bool good = ref ? message_ref_split(target_id(t), &list, &hash)
                        : t->id_len && literal_is_utf8(target_id(t)) && !memchr(t->id, '\0', t->id_len);
        if (!good) {
            verb_refuse(r, ACTION_REFUSED,
                        ref ? "no reference of a message" : "a task id must be a text in UTF-8");
            return false;
        }
        if (!search_find(s, target_id(t))) {
            add(s, t->kind, target_id(t))->shown = shown_of(t->kind, target_id(t));
        }
    }
    return true;
}

/* --- what is found --- */

void search_take_message(struct sought *one, struct message *m)
{
    message_release(&one->message);
    one->message = *m;
    one->has_message = true;
    *m = (struct message){.retries = -1};
    if (one->kind == TARGET_MESSAGE && one->message.id) {
        mem_free(one->shown);
        one->shown = utf8_sanitise_dup(span_of(one->message.id), PHRASE_COLUMNS);
    }
}

/* [<element>, "<exchange>", "<routing key>"]: through the exchange "" (or one of the queue's own name) the
 * routing key is the queue. The value is known to be JSON. */
static bool is_routed(struct span value, struct span queue)
{
    struct span key, member, exchange = S("");
    size_t at = 0;
    for (int i = 0; i < 2 && literal_next_member(value, &at, &key, &member); i++) {
        exchange = member;
    }
    bool anonymous = span_equal(exchange, S("\"\"")) || span_equal(exchange, S("null"));
    bool own =
        exchange.len == queue.len + 2 && span_equal(span_head(span_skip(exchange, 1), queue.len), queue);
    return !anonymous && !own;
}

static void take_held(struct search *s, struct span tag, struct span value)
{
    UT_string queue, element;
    struct message m;

    if (!s->collect && !search_find(s, tag) && !search_may_hold(s, value)) {
        return;
    }
    utstring_init(&queue);
    utstring_init(&element);
    if (unacked_decode(value, &queue, &element)) {
        message_decode(&m, text_span(&element));
        struct sought *one = search_find(s, tag);
        one = one ? one : search_find(s, span_of(m.id));
        if (!one && s->collect) {
            one = add(s, TARGET_DELIVERY, tag);
            one->shown = utf8_sanitise_dup(m.id ? span_of(m.id) : tag, PHRASE_COLUMNS);
        }
        if (one && !one->held) {
            one->held = true;
            one->tag = span_dup(tag);
            one->queue = span_dup(text_span(&queue));
            one->routed = is_routed(value, text_span(&queue));
            if (s->where & SEARCH_ENTRIES) {
                text_add(&one->entry, text_span(&element));
            }
            if (!one->waiting) {
                search_take_message(one, &m);
            }
        }
        message_release(&m);
    }
    utstring_done(&queue);
    utstring_done(&element);
}

/* --- unacked --- */

static void scan_unacked(struct runner *r);

static void after_unacked(struct runner *r)
{
    struct search *s = r->work;
    bool over = span_equal(text_span(&s->cursor), S("0"));
    bool enough = s->entries >= SEARCH_DEPTH_MAX || s->bytes >= SEARCH_BYTES_MAX;
    s->cut_short = s->cut_short || (!over && enough);
    if (over || enough || s->unreadable) {
        search_begin_lists(r);
    } else {
        scan_unacked(r);
    }
}

static void on_unacked(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    const struct reply *entries = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(a->reply, 0));

    s->unreadable = s->unreadable || reply_type(a->reply) != REPLY_ARRAY;
    verb_keep_error(&s->held_error, a->reply);
    utstring_clear(&s->cursor);
    text_add(&s->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 1; i < reply_count(entries); i += 2) {
        struct span value = reply_text(reply_at(entries, i));
        s->entries++;
        s->bytes += (int64_t)value.len;
        take_held(s, reply_text(reply_at(entries, i - 1)), value);
    }
}

static void scan_unacked(struct runner *r)
{
    struct search *s = r->work;
    char count[24];
    snprintf(count, sizeof count, "%" PRId64, search_page(s->held_bytes, s->held_entries));
    step_act(r, on_unacked, 0, S("HSCAN"), S("unacked"), text_span(&s->cursor), S("COUNT"), span_of(count));
    step_then(r, after_unacked);
}

static void on_held_entries(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    reply_int(a->reply, &s->held_entries);
}

static void on_held_bytes(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    reply_int(a->reply, &s->held_bytes);
}

/* --- results --- */

static void on_result(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    struct sought *one = s->one[a->tag];
    struct span value;

    if (!reply_string(a->reply, &value)) {
        s->results_unread = true;
    } else if (value.len) {
        result_release(&one->result);
        result_decode(&one->result, value);
        one->has_result = one->result.valid && one->result.status;
    }
}

static void ask_results(struct runner *r)
{
    struct search *s = r->work;
    if (!r->options.result || !link_is_ready(r->options.result)) {
        s->results_unread = true;
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->one[i]->kind == TARGET_TASK) {
            char *key = keyname_of_result(s->one[i]->key);
            step_result(r, on_result, i, S("GETRANGE"), span_of(key), S("0"), S(RESULT_LAST));
            mem_free(key);
        }
    }
}

void search_begin(struct runner *r, unsigned where, step_fn done)
{
    struct search *s = r->work;

    s->where = where;
    s->done = done;
    if (where & SEARCH_RESULTS) {
        ask_results(r);
    }
    if (where & SEARCH_UNACKED) {
        step_act(r, on_held_entries, 0, S("HLEN"), S("unacked"));
        step_act(r, on_held_bytes, 0, S("MEMORY"), S("USAGE"), S("unacked"));
        step_then(r, scan_unacked);
    } else {
        step_then(r, search_begin_lists);
    }
}
