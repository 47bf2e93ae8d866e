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

/* Reads pattern and channel; where the payload begins, or NULL. */
static const char *take_head(struct span bytes, struct span *pattern, struct span *channel)
{
    const struct span plain = SPAN_LITERAL("*3\r\n$7\r\nmessage\r\n");
    const struct span by_pattern = SPAN_LITERAL("*4\r\n$8\r\npmessage\r\n");
    const char *end = bytes.data + bytes.len;
    const char *at;
    *pattern = span_make(bytes.data, 0);
    if (span_starts(bytes, plain)) {
        at = bytes.data + plain.len;
    } else if (span_starts(bytes, by_pattern)) {
        at = take_next(bytes.data + by_pattern.len, end, pattern);
    } else {
        return NULL;
    }
    return take_next(at, end, channel);
}

/* Bytes in which the names of channels differ: their length, the first two letters of an event. */
static struct glance_head *head_of(struct glance *g, struct span bytes)
{
    enum { LENGTH_AT = 19, EVENT_AT = 37 };
    const unsigned char *b = (const unsigned char *)bytes.data;
    return bytes.len <= EVENT_AT + 1
               ? NULL
               : &g->head[(b[LENGTH_AT] + b[EVENT_AT] + 5U * b[EVENT_AT + 1]) % GLANCE_HEADS];
}

static void remember(struct glance_head *head, struct span bytes, size_t len, struct span pattern,
                     struct span channel)
{
    if (head && len <= sizeof head->bytes) {
        head->len = (uint16_t)len;
        head->pattern_at = (uint16_t)(pattern.data - bytes.data);
        head->pattern_len = (uint16_t)pattern.len;
        head->channel_at = (uint16_t)(channel.data - bytes.data);
        head->channel_len = (uint16_t)channel.len;
        memcpy(head->bytes, bytes.data, len);
    }
}

bool glance_message(struct glance *g, struct span *bytes, struct span *pattern, struct span *channel,
                    struct span *payload)
{
    const char *begun = bytes->data;
    const char *end = begun + bytes->len;
    const char *at;
    struct span through, name, text;
    struct glance_head *head = head_of(g, *bytes);

    if (head && head->len && bytes->len > head->len && memcmp(begun, head->bytes, head->len) == 0) {
        at = begun + head->len;
        through = span_make(begun + head->pattern_at, head->pattern_len);
        name = span_make(begun + head->channel_at, head->channel_len);
    } else {
        at = take_head(*bytes, &through, &name);
        if (at) {
            remember(head, *bytes, (size_t)(at - begun), through, name);
        }
    }
    at = take_next(at, end, &text);
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
