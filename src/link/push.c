#include "push.h"

#include "redai/base/mem.h"

enum {
    SCRATCH_FIRST = 4096,
    SCRATCH_KEPT = 1024 * 1024 /* one huge message must not hold its memory for ever */
};

void push_begin(struct push *p, bool is_array)
{
    if (p->size > SCRATCH_KEPT) {
        mem_free(p->scratch);
        p->scratch = NULL;
        p->size = 0;
    }
    p->used = 0;
    p->count = 0;
    p->is_array = is_array;
    p->is_too_big = false;
}

static void reserve(struct push *p, size_t more)
{
    size_t size = p->size ? p->size : SCRATCH_FIRST;
    while (size - p->used < more) {
        size *= 2;
    }
    p->scratch = mem_realloc(p->scratch, size);
    p->size = size;
}

void push_add(struct push *p, int type, struct span text, long long integer)
{
    if (p->count == PUSH_PARTS_MAX) {
        p->is_too_big = true;
        return;
    }
    p->parts[p->count++] = (struct push_part){type, p->used, text.len, integer};
    /* One byte more: hiredis ends its strings with a NUL, and so do we. */
    if (p->size - p->used < text.len + 1) {
        reserve(p, text.len + 1);
    }
    if (text.len) {
        memcpy(p->scratch + p->used, text.data, text.len);
    }
    p->scratch[p->used + text.len] = '\0';
    p->used += text.len + 1;
}

void push_refuse(struct push *p)
{
    p->is_too_big = true;
}

void push_release(struct push *p)
{
    mem_free(p->scratch);
    *p = (struct push){0};
}

struct span push_text(const struct push *p, size_t i)
{
    if (i >= p->count || p->parts[i].type != REDIS_REPLY_STRING) {
        return S("");
    }
    return span_make(p->scratch + p->parts[i].at, p->parts[i].len);
}

bool push_is_message(const struct push *p, struct span *pattern, struct span *channel, struct span *payload)
{
    if (!p->is_array || p->is_too_big) {
        return false;
    }
    bool is_by_pattern = p->count == 4 && span_equal(push_text(p, 0), S("pmessage"));
    if (!is_by_pattern && !(p->count == 3 && span_equal(push_text(p, 0), S("message")))) {
        return false;
    }
    *pattern = is_by_pattern ? push_text(p, 1) : S("");
    *channel = push_text(p, p->count - 2);
    *payload = push_text(p, p->count - 1);
    return true;
}

bool push_is_confirmation(const struct push *p)
{
    static const struct span heads[] = {
        SPAN_LITERAL("subscribe"),
        SPAN_LITERAL("psubscribe"),
        SPAN_LITERAL("unsubscribe"),
        SPAN_LITERAL("punsubscribe"),
    };
    if (!p->is_array || p->is_too_big || p->count != 3 || p->parts[2].type != REDIS_REPLY_INTEGER) {
        return false;
    }
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (span_equal(push_text(p, 0), heads[i])) {
            return true;
        }
    }
    return false;
}

static void lend(const struct push *p, size_t i, redisReply *ret)
{
    const struct push_part *part = &p->parts[i];
    *ret = (redisReply){
        .type = part->type, .integer = part->integer, .str = p->scratch + part->at, .len = part->len};
}

const struct reply *push_reply(struct push *p)
{
    if (p->is_too_big) {
        push_begin(p, false);
        push_add(p, REDIS_REPLY_ERROR, S("ERR reply too big for a feed link"), 0);
    }
    if (!p->is_array) {
        lend(p, 0, &p->whole);
    } else {
        for (size_t i = 0; i < p->count; i++) {
            lend(p, i, &p->elements[i]);
            p->element_list[i] = &p->elements[i];
        }
        p->whole = (redisReply){.type = REDIS_REPLY_ARRAY, .elements = p->count, .element = p->element_list};
    }
    return (const struct reply *)&p->whole;
}
