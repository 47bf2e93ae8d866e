/* The waiting lists of search: paged from the end that is popped. */
#include "phrase.h"
#include "search_parts.h"

#include <inttypes.h>

#include "redai/schema/message_ref.h"

enum {
    REF_DEPTH_MAX = 20000, /* of a list that a reference names */
    PAGE_MAX = 100,
    QUEUES_MAX = 200,
    LISTS_AT_ONCE = 8,
    LOOKED_FOR_MAX = 16 /* ids that are looked for in the bytes before these are decoded */
};
#define PAGE_BYTES INT64_C(4194304) /* about as much is asked for at once; an element may hold megabytes */

static void list_done(void *element)
{
    struct search_list *list = element;
    mem_free(list->key);
}
const UT_icd search_list_icd = {sizeof(struct search_list), NULL, NULL, list_done};

int64_t search_page(int64_t memory, int64_t elements)
{
    int64_t average = elements > 0 && memory > 0 ? memory / elements : 0;
    int64_t page = average > 0 ? PAGE_BYTES / average : PAGE_MAX;
    return page < 1 ? 1 : page > PAGE_MAX ? PAGE_MAX : page;
}

/* Ids of other characters may stand in JSON in more than one way. */
static bool is_plain(struct span key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] <= ' ' || key.data[i] > '~' || strchr("\"\\/", key.data[i])) {
            return false;
        }
    }
    return true;
}

bool search_may_hold(const struct search *s, struct span bytes)
{
    if (s->count > LOOKED_FOR_MAX) {
        return true;
    }
    for (size_t i = 0; i < s->count; i++) {
        struct span key = span_make(s->one[i]->key, s->one[i]->key_len);
        if (s->one[i]->kind == TARGET_TASK && (!is_plain(key) || span_search(bytes, key) < bytes.len)) {
            return true;
        }
    }
    return false;
}

static void take_waiting(struct sought *one, const struct search_list *list, struct span element,
                         struct message *m)
{
    if (one->waiting) {
        /* What is read twice is the same in list and bytes. */
        one->another = one->another || strcmp(one->list, list->key) != 0 ||
                       !span_equal(text_span(&one->element), element);
        return;
    }
    one->waiting = true;
    one->list = mem_strdup(list->key);
    one->list_shown = phrase_key(span_of(list->key));
    text_add(&one->element, element);
    search_take_message(one, m);
}

static void take_by_ref(struct search *s, const struct search_list *list, struct span element)
{
    UT_string ref;
    struct message m;

    utstring_init(&ref);
    message_ref_make(span_of(list->key), element, &ref);
    struct sought *one = search_find(s, text_span(&ref));
    if (one && one->kind == TARGET_MESSAGE) {
        message_decode(&m, element);
        take_waiting(one, list, element, &m);
        message_release(&m);
    }
    utstring_done(&ref);
}

static void take_element(struct search *s, const struct search_list *list, struct span element)
{
    struct message m;

    if (list->by_ref) {
        take_by_ref(s, list, element);
    }
    if (search_may_hold(s, element)) {
        message_decode(&m, element);
        struct sought *one = search_find(s, span_of(m.id));
        if (one && one->kind == TARGET_TASK) {
            take_waiting(one, list, element, &m);
        }
        message_release(&m);
    }
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
    /* Half a page is read twice: what workers pop meanwhile moves the rest to the right. */
    list->at -= list->page - list->page / 2;
    list->bytes += bytes;
    bool deep = list->at < -list->depth || list->bytes >= SEARCH_BYTES_MAX;
    s->cut_short = s->cut_short || (more && deep);
    if (!more || deep) {
        list->at = 0;
    } else {
        int64_t page = search_page(bytes, (int64_t)n);
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
        list->page = search_page(list->memory, list->length);
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
    list.depth = by_ref ? REF_DEPTH_MAX : SEARCH_DEPTH_MAX;
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

void search_begin_lists(struct runner *r)
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
