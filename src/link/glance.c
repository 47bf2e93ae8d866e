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
    ret->data = at;
    ret->len = len;
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

static inline uint64_t word_at(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Word by word, the last one overlapping: no head is shorter than one. A call of memcmp would cost a quarter
 * of a message. */
static inline bool begins_with(struct span bytes, const struct glance_head *head)
{
    size_t len = head->len;
    if (!len || bytes.len <= len) {
        return false;
    }
    uint64_t differ = word_at(bytes.data + len - sizeof differ) ^ word_at(head->bytes + len - sizeof differ);
    for (size_t i = 0; i + sizeof differ < len; i += sizeof differ) {
        differ |= word_at(bytes.data + i) ^ word_at(head->bytes + i);
    }
    return differ == 0;
}

/* Mostly the last one again, which is known without waiting for these bytes. */
static const struct glance_head *known_head(struct glance *g, struct span bytes)
{
    const struct glance_head *head = g->last;
    if (!head || !begins_with(bytes, head)) {
        head = head_of(g, bytes);
        if (!head || !begins_with(bytes, head)) {
            return NULL;
        }
        g->last = head;
    }
    return head;
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

/* Spans are written where they are wanted, half by half: a copy of one that was just made waits for its
 * halves, which is a third of what a message costs. */
bool glance_message(struct glance *g, struct span *bytes, struct span *pattern, struct span *channel,
                    struct span *payload)
{
    const char *begun = bytes->data;
    const char *end = begun + bytes->len;
    const char *at;
    const struct glance_head *head = known_head(g, *bytes);

    if (head) {
        at = begun + head->len;
        pattern->data = begun + head->pattern_at;
        pattern->len = head->pattern_len;
        channel->data = begun + head->channel_at;
        channel->len = head->channel_len;
    } else {
        at = take_head(*bytes, pattern, channel);
        if (at) {
            remember(head_of(g, *bytes), *bytes, (size_t)(at - begun), *pattern, *channel);
        }
    }
    at = take_next(at, end, payload);
    if (!at) {
        return false;
    }
    bytes->data = at;
    bytes->len = (size_t)(end - at);
    return true;
}

size_t glance_other(struct span bytes)
{
    const char *next = bytes.len ? memmem(bytes.data, bytes.len, "\r\n*", 3) : NULL;
    return next ? (size_t)(next - bytes.data) + 2 : bytes.len;
}
