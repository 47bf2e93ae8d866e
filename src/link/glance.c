#include "glance.h"

enum { DIGITS_MOST = 7 };

/* "12\r\nabcdefghijkl\r\n", behind its "$". NULL: not whole, or no such thing. */
static const char *take_string(const char *at, const char *end, struct span *ret)
{
    size_t len = 0;
    const char *begun = at;
    while (at < end && (unsigned char)(*at - '0') < 10 && at - begun < DIGITS_MOST) {
        len = len * 10 + (size_t)(*at++ - '0');
    }
    bool is_odd = at == begun || (*begun == '0' && at - begun > 1); /* "007" is for the parser to judge */
    if (is_odd || end - at < 4 || at[0] != '\r' || at[1] != '\n') {
        return NULL;
    }
    at += 2;
    if ((size_t)(end - at) < len + 2 || at[len] != '\r' || at[len + 1] != '\n') {
        return NULL;
    }
    *ret = span_make(at, len);
    return at + len + 2;
}

static const char *take_next(const char *at, const char *end, struct span *ret)
{
    return at && at < end && *at == '$' ? take_string(at + 1, end, ret) : NULL;
}

bool glance_message(struct span *bytes, struct span *pattern, struct span *channel, struct span *payload)
{
    const struct span plain = SPAN_LITERAL("*3\r\n$7\r\nmessage\r\n");
    const struct span by_pattern = SPAN_LITERAL("*4\r\n$8\r\npmessage\r\n");
    const char *end = bytes->data + bytes->len;
    const char *at;
    struct span through = {"", 0};

    if (span_starts(*bytes, plain)) {
        at = bytes->data + plain.len;
    } else if (span_starts(*bytes, by_pattern)) {
        at = take_next(bytes->data + by_pattern.len, end, &through);
    } else {
        return false;
    }
    struct span name, text;
    at = take_next(take_next(at, end, &name), end, &text);
    if (!at) {
        return false;
    }
    *pattern = through;
    *channel = name;
    *payload = text;
    *bytes = span_make(at, (size_t)(end - at));
    return true;
}

size_t glance_other(struct span bytes)
{
    const char *next = bytes.len ? memmem(bytes.data, bytes.len, "\r\n*", 3) : NULL;
    return next ? (size_t)(next - bytes.data) + 2 : bytes.len;
}
