#include "search.h"

#include "literal.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/schema/binding.h"
#include "redai/schema/message_ref.h"
#include "redai/schema/unacked.h"

enum {
    DEPTH_MAX = 2000,      /* elements of one list, and entries of unacked, that are looked at */
    REF_DEPTH_MAX = 20000, /* of a list that a reference names */
    PAGE_MAX = 100,
    QUEUES_MAX = 200,
    LISTS_AT_ONCE = 8
};
#define PAGE_BYTES  INT64_C(4194304)  /* about as much is asked for at once; an element may hold megabytes */
#define BYTES_MAX   INT64_C(67108864) /* of one kind of place, then it is enough */
#define RESULT_LAST "1048575"

struct search_list {
    char *key, *queue;
    int64_t at; /* the next page ends here, from the right; 0: over */
    int64_t depth, bytes, length, memory;
    int64_t page; /* elements asked for at once */
    bool by_ref;  /* a reference names it */
};

static void list_done(void *element)
{
    struct search_list *list = element;
    mem_free(list->key);
    mem_free(list->queue);
}
static const UT_icd list_icd = {sizeof(struct search_list), NULL, NULL, list_done};

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
        s->one = mem_realloc(s->one, s->room * sizeof *s->one);
    }
    s->one[s->count++] = one;
    HASH_ADD_KEYPTR(hh, s->by_key, one->key, one->key_len, one);
    return one;
}

static struct sought *find(const struct search *s, struct span key)
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

    utarray_init(&s->list, &list_icd);
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
        if (!find(s, target_id(t))) {
            add(s, t->kind, target_id(t))->shown = shown_of(t->kind, target_id(t));
        }
    }
    return true;
}

/* --- what is found --- */

static void take_message(struct sought *one, struct message *m)
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

static void take_waiting(struct sought *one, const struct search_list *list, struct span element,
                         struct message *m)
{
    if (one->waiting) {
        return;
    }
    one->waiting = true;
    one->list = mem_strdup(list->key);
    one->list_shown = phrase_key(span_of(list->key));
    text_add(&one->element, element);
    take_message(one, m);
}

static void take_element(struct search *s, const struct search_list *list, struct span element)
{
    UT_string ref;
    struct message m;

    message_decode(&m, element);
    struct sought *one = find(s, span_of(m.id));
    if (one && one->kind == TARGET_TASK) {
        take_waiting(one, list, element, &m);
    }
    if (list->by_ref) {
        utstring_init(&ref);
        message_ref_make(span_of(list->key), element, &ref);
        one = find(s, text_span(&ref));
        if (one && one->kind == TARGET_MESSAGE) {
            if (!m.reason && !m.task && !m.id) {
                message_decode(&m, element); /* it went to a task of the same id */
            }
            take_waiting(one, list, element, &m);
        }
        utstring_done(&ref);
    }
    message_release(&m);
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

    utstring_init(&queue);
    utstring_init(&element);
    if (unacked_decode(value, &queue, &element)) {
        message_decode(&m, text_span(&element));
        struct sought *one = find(s, tag);
        one = one ? one : find(s, span_of(m.id));
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
                take_message(one, &m);
            }
        }
        message_release(&m);
    }
    utstring_done(&queue);
    utstring_done(&element);
}

/* --- the lists --- */

static int64_t page_of(int64_t memory, int64_t elements)
{
    int64_t average = elements > 0 && memory > 0 ? memory / elements : 0;
    int64_t page = average > 0 ? PAGE_BYTES / average : PAGE_MAX;
    return page < 1 ? 1 : page > PAGE_MAX ? PAGE_MAX : page;
}

static void on_elements(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    struct search_list *list = VERB_AT(&s->list, struct search_list, a->tag);
    size_t n = reply_count(a->reply);
    int64_t bytes = 0;

    if (reply_is_error(a->reply)) {
        s->unreadable = s->unreadable || !span_starts(reply_error(a->reply), S("WRONGTYPE"));
    }
    /* From the right: what is popped next comes first. */
    for (size_t i = n; i > 0; i--) {
        struct span element = reply_text(reply_at(a->reply, i - 1));
        bytes += (int64_t)element.len;
        take_element(s, list, element);
    }
    bool more = n == (size_t)list->page;
    list->at -= list->page;
    list->bytes += bytes;
    bool deep = list->at < -list->depth || list->bytes >= BYTES_MAX;
    s->cut_short = s->cut_short || (more && deep);
    if (!more || deep) {
        list->at = 0;
    } else {
        int64_t page = page_of(bytes, (int64_t)n);
        list->page = page < list->page ? page : list->page;
    }
}

static bool wants(const struct search *s, const struct search_list *list)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct sought *one = s->one[i];
        if (!one->waiting && (one->kind == TARGET_TASK || (one->kind == TARGET_MESSAGE && list->by_ref))) {
            return true;
        }
    }
    return false;
}

static void look_lists(struct runner *r)
{
    struct search *s = r->work;
    int open = 0;

    for (size_t i = 0; i < utarray_len(&s->list) && open < LISTS_AT_ONCE; i++) {
        const struct search_list *list = VERB_AT(&s->list, struct search_list, i);
        char first[24], last[24];
        if (list->at == 0 || !wants(s, list)) {
            continue;
        }
        open++;
        snprintf(first, sizeof first, "%" PRId64, list->at - list->page + 1);
        snprintf(last, sizeof last, "%" PRId64, list->at);
        step_act(r, on_elements, i, S("LRANGE"), span_of(list->key), span_of(first), span_of(last));
    }
    step_then(r, open ? look_lists : s->done);
}

static void on_length(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    struct search_list *list = VERB_AT(&s->list, struct search_list, a->tag);
    if (!reply_int(a->reply, &list->length)) {
        list->length = 0; /* no list: there is nothing to page through */
    }
    list->at = list->length > 0 ? -1 : 0;
}

static void on_memory(struct runner *r, const struct answer *a)
{
    struct search *s = r->work;
    struct search_list *list = VERB_AT(&s->list, struct search_list, a->tag);
    list->memory = -1;
    reply_int(a->reply, &list->memory);
}

static void lists_known(struct runner *r)
{
    struct search *s = r->work;
    for (size_t i = 0; i < utarray_len(&s->list); i++) {
        struct search_list *list = VERB_AT(&s->list, struct search_list, i);
        list->page = page_of(list->memory, list->length);
    }
    look_lists(r);
}

static void add_list(struct search *s, struct span key, bool by_ref)
{
    for (size_t i = 0; i < utarray_len(&s->list); i++) {
        struct search_list *list = VERB_AT(&s->list, struct search_list, i);
        if (span_equal(span_of(list->key), key)) {
            list->by_ref = list->by_ref || by_ref;
            list->depth = by_ref ? REF_DEPTH_MAX : list->depth;
            return;
        }
    }
    struct search_list list = {.key = span_dup(key), .by_ref = by_ref, .memory = -1, .length = -1};
    list.depth = by_ref ? REF_DEPTH_MAX : DEPTH_MAX;
    utarray_push_back(&s->list, &list);
}

static void add_queue(void *search, const char *queue)
{
    struct search *s = search;
    UT_string key;

    if (utarray_len(&s->list) >= (size_t)QUEUES_MAX * MESSAGE_PRIORITY_STEPS || !*queue) {
        return;
    }
    utstring_init(&key);
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        utstring_clear(&key);
        message_list_key(span_of(queue), message_priority_step[i], &key);
        add_list(s, text_span(&key), false);
    }
    utstring_done(&key);
}

static void add_lists(struct runner *r)
{
    struct search *s = r->work;
    bool by_id = false;

    for (size_t i = 0; i < s->count; i++) {
        struct span list;
        uint64_t hash;
        if (s->one[i]->kind != TARGET_MESSAGE) {
            by_id = true;
        } else if (message_ref_split(span_make(s->one[i]->key, s->one[i]->key_len), &list, &hash)) {
            add_list(s, list, true);
        }
    }
    if (!by_id) {
        return;
    }
    add_queue(s, "celery");
    for (size_t i = 0; r->options.routes && i < utarray_len(&r->options.routes->row); i++) {
        add_queue(s, VERB_AT(&r->options.routes->row, const struct route, i)->queue);
    }
    if (r->order.queue) {
        add_queue(s, r->order.queue);
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->one[i]->queue) {
            add_queue(s, s->one[i]->queue);
        }
    }
    if (r->options.each_queue) {
        r->options.each_queue(r->options.ctx, add_queue, s);
    }
}

static void begin_lists(struct runner *r)
{
    struct search *s = r->work;

    if (!(s->where & SEARCH_LISTS)) {
        s->done(r);
        return;
    }
    add_lists(r);
    for (size_t i = 0; i < utarray_len(&s->list); i++) {
        struct span key = span_of(VERB_AT(&s->list, struct search_list, i)->key);
        step_act(r, on_length, i, S("LLEN"), key);
        step_act(r, on_memory, i, S("MEMORY"), S("USAGE"), key);
    }
    step_then(r, lists_known);
}

/* --- unacked --- */

static void scan_unacked(struct runner *r);

static void after_unacked(struct runner *r)
{
    struct search *s = r->work;
    bool over = span_equal(text_span(&s->cursor), S("0"));
    bool enough = s->entries >= DEPTH_MAX || s->bytes >= BYTES_MAX;
    s->cut_short = s->cut_short || (!over && enough);
    if (over || enough || s->unreadable) {
        begin_lists(r);
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
    snprintf(count, sizeof count, "%" PRId64, page_of(s->held_bytes, s->held_entries));
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
            char *key = phrase_make("celery-task-meta-%s", s->one[i]->key);
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
        step_then(r, begin_lists);
    }
}
