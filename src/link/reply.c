#include "redai/link/reply.h"

#include <hiredis/hiredis.h>

#include "redai/base/num.h"

static const redisReply *raw(const struct reply *r)
{
    return (const redisReply *)r;
}

enum reply_type reply_type(const struct reply *r)
{
    if (!r) {
        return REPLY_NONE;
    }
    switch (raw(r)->type) {
    case REDIS_REPLY_STRING:
        return REPLY_STRING;
    case REDIS_REPLY_ARRAY:
        return REPLY_ARRAY;
    case REDIS_REPLY_INTEGER:
        return REPLY_INTEGER;
    case REDIS_REPLY_NIL:
        return REPLY_NIL;
    case REDIS_REPLY_STATUS:
        return REPLY_STATUS;
    case REDIS_REPLY_ERROR:
        return REPLY_ERROR;
    default:
        return REPLY_OTHER;
    }
}

bool reply_is_ok(const struct reply *r)
{
    return reply_type(r) == REPLY_STATUS && span_equal(reply_text(r), S("OK"));
}

bool reply_is_error(const struct reply *r)
{
    return reply_type(r) == REPLY_ERROR;
}

struct span reply_error(const struct reply *r)
{
    if (!reply_is_error(r)) {
        return S("");
    }
    /* "ERR unknown command 'AUTH', with args beginning with: 'the password'": arguments are nobody's to see.
     */
    struct span text = span_make(raw(r)->str, raw(r)->len);
    text = span_head(text, span_search(text, S(", with args beginning with")));
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != ' ') {
            return text;
        }
    }
    return S("an error without a word"); /* whoever keeps it must not take it for none */
}

struct span reply_text(const struct reply *r)
{
    struct span text = S("");
    reply_string(r, &text);
    return text;
}

bool reply_string(const struct reply *r, struct span *ret)
{
    enum reply_type type = reply_type(r);
    if (type != REPLY_STRING && type != REPLY_STATUS) {
        return false;
    }
    *ret = span_make(raw(r)->str, raw(r)->len);
    return true;
}

bool reply_int(const struct reply *r, int64_t *ret)
{
    struct span text;
    int64_t n;
    if (reply_type(r) == REPLY_INTEGER) {
        n = raw(r)->integer;
    } else if (reply_type(r) != REPLY_STRING || !reply_string(r, &text) || !num_i64(text, &n)) {
        return false;
    }
    *ret = n > REPLY_INT_MOST ? REPLY_INT_MOST : n < -REPLY_INT_MOST ? -REPLY_INT_MOST : n;
    return true;
}

size_t reply_count(const struct reply *r)
{
    return reply_type(r) == REPLY_ARRAY ? raw(r)->elements : 0;
}

const struct reply *reply_at(const struct reply *r, size_t i)
{
    return i < reply_count(r) ? (const struct reply *)raw(r)->element[i] : NULL;
}
