#include "fuzz/fuzz.h"

#include "redai/base/base64.h"

#include "redai/schema/inspect.h"

static void on_stats(void *ctx, const struct inspect_stats *s)
{
    ++*(int64_t *)ctx;
    DEMAND(s->processed >= -1 && s->visibility_s >= -1);
}

static void on_queue(void *ctx, struct span name)
{
    ++*(int64_t *)ctx;
    DEMAND(name.len > 0);
}

static void on_task(void *ctx, const struct inspect_task *t)
{
    ++*(int64_t *)ctx;
    DEMAND(t->id.len > 0 && t->args.len <= 1000 && t->kwargs.len <= 1000);
}

static void on_registered(void *ctx, struct span name, struct span rate_limit)
{
    ++*(int64_t *)ctx;
    DEMAND(name.len > 0 && rate_limit.len <= 512);
}

static void ask_all(struct span element)
{
    for (int question = 0; question < INSPECT_COUNT; question++) {
        int64_t told = 0;
        struct inspect_visitor visitor = {on_stats, on_queue, on_task, on_registered, &told};
        struct inspect_answer a;
        struct inspect_answer peeked;
        bool good = inspect_decode(element, (enum inspect_question)question, &visitor, &a);
        DEMAND(good == (a.worker != NULL));
        DEMAND(question == INSPECT_STATS || told <= a.rows || told == 0);
        DEMAND(inspect_peek(element, &peeked) == good);
        inspect_answer_release(&peeked);
        inspect_answer_release(&a);
    }
}

/* The input as an element, and as the body of one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    UT_string element;

    ask_all(INPUT);
    utstring_init(&element);
    text_add(&element, S("{\"properties\": {\"body_encoding\": \"base64\"}, \"body\": \""));
    base64_encode(INPUT, &element);
    text_add(&element, S("\"}"));
    ask_all(text_span(&element));
    utstring_done(&element);
    return 0;
}
