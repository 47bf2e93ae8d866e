#include "hold.h"

#include "redai/base/mem.h"

void held_take(struct held *h, size_t argc, const struct span *args)
{
    size_t bytes = argc * sizeof *args;
    for (size_t i = 0; i < argc; i++) {
        bytes += args[i].len;
    }
    h->argc = argc;
    h->args = mem_zalloc(bytes);
    char *at = (char *)(h->args + argc);
    for (size_t i = 0; i < argc; i++) {
        if (args[i].len) {
            memcpy(at, args[i].data, args[i].len);
        }
        h->args[i] = span_make(at, args[i].len);
        at += args[i].len;
    }
}

void held_release(struct held *h)
{
    mem_free(h->args);
    *h = (struct held){.args = NULL};
}

bool hold_is_open(const struct reply *exec)
{
    struct span error = reply_error(exec);
    return reply_is_error(exec) && !span_starts(error, S("EXECABORT")) && !span_starts(error, S("ERR EXEC"));
}

static void on_discard(void *user, const struct reply *reply)
{
    struct link *l = user;
    struct span error = reply_error(reply);
    if (reply_is_error(reply) && !span_starts(error, S("ERR DISCARD"))) { /* "without MULTI" is fine */
        link_stop(l);
        link_start(l);
    }
}

void hold_leave(struct link *l)
{
    link_command(l, on_discard, l, S("DISCARD"));
}

void hold_unwatch(struct link *l)
{
    link_command(l, NULL, NULL, S("UNWATCH"));
}
