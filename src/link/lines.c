#include "lines.h"

#include "redai/base/mem.h"

static void keep(struct lines *l, struct span part)
{
    if (!l->kept) {
        l->kept = mem_zalloc(LINES_KEPT);
    }
    part = span_head(part, LINES_KEPT - l->len);
    if (part.len && part.data) {
        memcpy(l->kept + l->len, part.data, part.len);
        l->len += part.len;
    }
}

static struct span without_return(struct span line)
{
    return span_ends(line, S("\r")) ? span_head(line, line.len - 1) : line;
}

bool lines_next(struct lines *l, struct span *bytes, struct span *ret)
{
    if (l->is_lent) {
        l->len = 0;
        l->is_lent = false;
    }
    size_t end = span_find(*bytes, '\n');
    struct span part = span_head(*bytes, end);
    bool is_whole = end < bytes->len;
    *bytes = span_skip(*bytes, end + 1);
    if (!is_whole) {
        keep(l, part);
        return false;
    }
    if (l->len == 0) {
        *ret = span_head(without_return(part), LINES_KEPT);
        return true;
    }
    keep(l, part);
    l->is_lent = true;
    *ret = without_return(span_make(l->kept, l->len));
    return true;
}

bool lines_is_long(const struct lines *l)
{
    return l->len == LINES_KEPT && !l->is_lent;
}

const struct reply *lines_reply(struct lines *l, struct span line)
{
    bool is_status = span_starts(line, S("+"));
    if (!is_status && !span_starts(line, S("-"))) {
        return NULL;
    }
    push_begin(&l->push, false);
    push_add(&l->push, is_status ? REDIS_REPLY_STATUS : REDIS_REPLY_ERROR, span_skip(line, 1), 0);
    return push_reply(&l->push);
}

void lines_release(struct lines *l)
{
    mem_free(l->kept);
    push_release(&l->push);
    *l = (struct lines){0};
}
