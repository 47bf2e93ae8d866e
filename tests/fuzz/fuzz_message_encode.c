#include "fuzz/fuzz.h"

#include "redai/schema/message.h"

/* The input, split at line ends: args, kwargs, task, queue, chain. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *parts[5];
    UT_string element;
    struct message m;
    struct err err = {0};

    struct span rest = INPUT;
    for (size_t i = 0; i < 5; i++) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        rest = span_skip(rest, line.len + 1);
        parts[i] = span_dup(line);
    }
    struct task_spec spec = {.args = parts[0],
                             .kwargs = parts[1],
                             .task = parts[2],
                             .queue = parts[3],
                             .chain = parts[4][0] ? parts[4] : NULL,
                             .id = "id",
                             .origin = "fuzz",
                             .delivery_tag = "tag",
                             .eta_wall_us = (int64_t)size - 1,
                             .expires_wall_us = -1,
                             .priority = (int)(size % 10)};
    utstring_init(&element);
    bool good = message_encode(&spec, &element, &err);
    DEMAND(good == (err.code == ERR_NONE));
    if (good) {
        message_decode(&m, text_span(&element));
        DEMAND(m.fate == MESSAGE_FINE && strcmp(m.task, spec.task) == 0 && strcmp(m.queue, spec.queue) == 0);
        message_release(&m);
    }
    utstring_done(&element);
    for (size_t i = 0; i < 5; i++) {
        mem_free(parts[i]);
    }
    return 0;
}
