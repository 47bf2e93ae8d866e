#include "fuzz/fuzz.h"

#include "redai/base/base64.h"

#include "redai/schema/task_event.h"

static void each(void *ctx, const struct task_event *e)
{
    UT_string out;

    ++*(int *)ctx;
    DEMAND(e->id.len > 0 && e->type < TASK_EVENT_COUNT);
    DEMAND(e->text.len <= 1000 && e->traceback.len <= 8000);
    utstring_init(&out);
    task_event_encode(e, 1, 2, &out);
    DEMAND(utstring_len(&out) > 0);
    utstring_done(&out);
}

/* The input as a payload, and as the body of one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int count = 0;
    UT_string payload;
    int told = task_events_decode(INPUT, each, &count);
    DEMAND(told == count || (told == -1 && count == 0));

    utstring_init(&payload);
    text_add(&payload, S("{\"properties\": {\"body_encoding\": \"base64\"}, \"body\": \""));
    base64_encode(INPUT, &payload);
    text_add(&payload, S("\"}"));
    task_events_decode(text_span(&payload), each, &count);
    utstring_done(&payload);
    return 0;
}
