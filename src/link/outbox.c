#include "outbox.h"

#include <hiredis/hiredis.h>
#include <limits.h>
#include <stdlib.h>

#include "redai/base/mem.h"

enum {
    FIRST_SIZE = 4096,
    KEPT_SIZE = 256 * 1024, /* a larger buffer is given back once it is empty */
    ARGS_ON_STACK = 32
};

static void reserve(struct outbox *o, size_t more)
{
    size_t used = o->tail - o->head;
    size_t size = o->size ? o->size : FIRST_SIZE;

    if (o->size - o->tail >= more) {
        return;
    }
    while (size - used < more) {
        size *= 2;
    }
    /* Not realloc: it would leave a copy of a password behind. */
    char *data = mem_zalloc(size);
    if (used) {
        memcpy(data, o->data + o->head, used);
    }
    if (o->has_secret) {
        explicit_bzero(o->data, o->size);
    }
    mem_free(o->data);
    o->data = data;
    o->size = size;
    o->head = 0;
    o->tail = used;
}

void outbox_command(struct outbox *o, size_t argc, const struct span *args, bool is_secret)
{
    const char *texts_on_stack[ARGS_ON_STACK];
    size_t lens_on_stack[ARGS_ON_STACK];
    bool is_small = argc <= ARGS_ON_STACK;
    const char **texts = is_small ? texts_on_stack : mem_zalloc(argc * sizeof(*texts));
    size_t *lens = is_small ? lens_on_stack : mem_zalloc(argc * sizeof(*lens));
    char *command = NULL;

    for (size_t i = 0; i < argc; i++) {
        texts[i] = args[i].len ? args[i].data : "";
        lens[i] = args[i].len;
    }
    /* int in hiredis 0.14, long long in 1.x; negative when memory ran out. */
    long long len = argc <= INT_MAX ? redisFormatCommandArgv(&command, (int)argc, texts, lens) : -1;
    if (len < 0 || !command) {
        mem_exhausted();
    }
    reserve(o, (size_t)len);
    memcpy(o->data + o->tail, command, (size_t)len);
    o->tail += (size_t)len;
    o->queued += len;
    if (is_secret) {
        o->has_secret = true;
        explicit_bzero(command, (size_t)len);
    }
    redisFreeCommand(command);
    if (!is_small) {
        mem_free(texts);
        mem_free(lens);
    }
}

struct span outbox_waiting(const struct outbox *o)
{
    return span_make(o->data ? o->data + o->head : NULL, o->tail - o->head);
}

static void emptied(struct outbox *o)
{
    o->head = 0;
    o->tail = 0;
    if (o->has_secret) {
        explicit_bzero(o->data, o->size);
        o->has_secret = false;
    }
    if (o->size > KEPT_SIZE) {
        mem_free(o->data);
        o->data = NULL;
        o->size = 0;
    }
}

void outbox_sent(struct outbox *o, size_t bytes)
{
    o->head += bytes;
    o->sent += (int64_t)bytes;
    if (o->head == o->tail) {
        emptied(o);
    }
}

void outbox_clear(struct outbox *o)
{
    o->queued = o->sent;
    emptied(o);
}

void outbox_release(struct outbox *o)
{
    emptied(o);
    mem_free(o->data);
    *o = (struct outbox){0};
}
