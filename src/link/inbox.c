#include "inbox.h"

#include "glance.h"
#include "push.h"

#include <hiredis/hiredis.h>

#include "redai/base/mem.h"

enum {
    BITE_BYTES = 4 * 1024,
    DEPTH_MAX = 7, /* what hiredis 0.14 can do; 1.x differs from release to release */
    ELEMENTS_MAX = 4 * 1024 * 1024,
    LINE_MAX_BYTES = 64 * 1024,
    REPLY_MAX_BYTES = 64 * 1024 * 1024
};

/* The count of elements changed its type in hiredis 1.0. */
#if HIREDIS_MAJOR >= 1
typedef size_t element_count;
#else
typedef int element_count;
#endif

struct inbox {
    redisReader *reader;
    redisReplyObjectFunctions functions;
    void *(*create_array)(const redisReadTask *, element_count); /* hiredis' own */
    const char *refused;                                         /* why a function of ours said no */
    size_t unanswered_bytes;                                     /* fed since the last whole item */
    bool is_feed, expects_messages;
    struct push push;
    struct glance glance;
};

static bool refuses_array(struct inbox *in, const redisReadTask *task, element_count count)
{
    int depth = 1;
    for (const redisReadTask *up = task->parent; up; up = up->parent) {
        depth++;
    }
    if (depth > DEPTH_MAX) {
        in->refused = "reply nested too deep";
    } else if (count > ELEMENTS_MAX) {
        in->refused = "reply with too many elements";
    }
    return in->refused != NULL;
}

static void *bounded_array(const redisReadTask *task, element_count count)
{
    struct inbox *in = task->privdata;
    return refuses_array(in, task, count) ? NULL : in->create_array(task, count);
}

/* The functions of a feed: each keeps what it is given in the push and returns something that is not NULL. */

static void *keep(const redisReadTask *task, struct span text, long long integer)
{
    struct inbox *in = task->privdata;
    if (!task->parent) {
        push_begin(&in->push, false);
    }
    if (!task->parent || !task->parent->parent) {
        push_add(&in->push, task->type, text, integer);
    }
    return in;
}

static void *keep_string(const redisReadTask *task, char *text, size_t len)
{
    return keep(task, span_make(text, len), 0);
}

static void *keep_integer(const redisReadTask *task, long long value)
{
    return keep(task, S(""), value);
}

static void *keep_nil(const redisReadTask *task)
{
    /* "$-1" and "*-1" come with the type of a string or an array. */
    redisReadTask nil = *task;
    nil.type = REDIS_REPLY_NIL;
    return keep(&nil, S(""), 0);
}

static void *keep_array(const redisReadTask *task, element_count count)
{
    struct inbox *in = task->privdata;
    if (refuses_array(in, task, count)) {
        return NULL;
    }
    if (task->parent) {
        push_refuse(&in->push);
    } else {
        push_begin(&in->push, true);
    }
    return in;
}

static void keep_nothing(void *object)
{
    (void)object;
}

struct inbox *inbox_new(bool is_feed)
{
    struct inbox *in = mem_zalloc(sizeof(*in));
    in->is_feed = is_feed;
    in->reader = redisReaderCreate();
    if (!in->reader) {
        mem_exhausted();
    }
    in->functions = *in->reader->fn;
    in->create_array = in->functions.createArray;
    if (is_feed) {
        in->functions = (redisReplyObjectFunctions){
            .createString = keep_string,
            .createArray = keep_array,
            .createInteger = keep_integer,
            .createNil = keep_nil,
            .freeObject = keep_nothing,
        };
    } else {
        in->functions.createArray = bounded_array;
    }
    in->reader->fn = &in->functions;
    in->reader->privdata = in;
    return in;
}

void inbox_free(struct inbox *in)
{
    if (in) {
        redisReaderFree(in->reader);
        push_release(&in->push);
        mem_free(in);
    }
}

bool inbox_message(struct inbox *in, struct span *bytes, struct inbox_item *ret)
{
    return in->expects_messages && !in->unanswered_bytes && !in->refused &&
           glance_message(&in->glance, bytes, &ret->pattern, &ret->channel, &ret->payload);
}

size_t inbox_bite(const struct inbox *in, struct span bytes)
{
    if (in->expects_messages && in->unanswered_bytes < BITE_BYTES) {
        bytes = span_head(bytes, glance_other(bytes));
    }
    size_t most = in->unanswered_bytes > BITE_BYTES ? in->unanswered_bytes : BITE_BYTES;
    return bytes.len < most ? bytes.len : most;
}

/* hiredis goes on without the memory, and says so. A function of ours that refuses looks the same to it. */
static void end_when_exhausted(const struct inbox *in)
{
    if (in->reader->err == REDIS_ERR_OOM && !in->refused) {
        mem_exhausted();
    }
}

void inbox_feed(struct inbox *in, struct span bytes)
{
    in->unanswered_bytes += bytes.len;
    redisReaderFeed(in->reader, bytes.data, bytes.len);
    end_when_exhausted(in);
}

void inbox_expect_messages(struct inbox *in)
{
    in->expects_messages = in->is_feed;
}

/* hiredis waits for ever for the end of what will never be a reply, and looks at all of it with every bite.
 */
static const char *waits_for_too_much(const struct inbox *in)
{
    const redisReader *r = in->reader;
    size_t rest = r->len - r->pos;

    if (in->unanswered_bytes > REPLY_MAX_BYTES) {
        return "reply over 64 MiB";
    }
    /* The length of a string stands in a short line before it: within so many bytes any item has its end of
     * line. */
    if (rest > LINE_MAX_BYTES && !memmem(r->buf + r->pos, LINE_MAX_BYTES, "\r\n", 2)) {
        return "line over 64 KiB";
    }
    return NULL;
}

enum inbox_kind inbox_next(struct inbox *in, struct inbox_item *ret)
{
    void *object = NULL;

    if (in->refused || redisReaderGetReply(in->reader, &object) != REDIS_OK) {
        end_when_exhausted(in);
        return INBOX_BROKEN;
    }
    if (!object) {
        in->refused = waits_for_too_much(in);
        return in->refused ? INBOX_BROKEN : INBOX_MORE;
    }
    in->unanswered_bytes = in->reader->len - in->reader->pos;
    if (!in->is_feed) {
        ret->reply = object;
        return INBOX_REPLY;
    }
    if (in->expects_messages) {
        if (push_is_message(&in->push, &ret->pattern, &ret->channel, &ret->payload)) {
            return INBOX_MESSAGE;
        }
        if (push_is_confirmation(&in->push)) {
            return INBOX_CONFIRMATION;
        }
    }
    ret->reply = push_reply(&in->push);
    return INBOX_REPLY;
}

void inbox_drop(struct inbox_item *item, const struct inbox *in)
{
    if (!in->is_feed && item->reply) {
        /* The const is for readers; hiredis gave us this object to free. */
        freeReplyObject((void *)(uintptr_t)item->reply); /* NOLINT(performance-no-int-to-ptr) */
    }
    *item = (struct inbox_item){0};
}

const char *inbox_error(const struct inbox *in)
{
    return in->refused ? in->refused : in->reader->errstr;
}
