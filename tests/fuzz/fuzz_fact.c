#include "fuzz/fuzz.h"

#include "redai/model/model.h"

/* What was understood means the same when it is written and read again. */
static void check_round_trip(const struct fact *f)
{
    UT_string once, twice, scratch;
    struct fact back;

    utstring_init(&once);
    utstring_init(&twice);
    utstring_init(&scratch);
    fact_write(f, &once);
    DEMAND(fact_read(&back, span_head(text_span(&once), utstring_len(&once) - 1), &scratch, NULL));
    fact_write(&back, &twice);
    DEMAND(span_equal(text_span(&once), text_span(&twice)));
    utstring_done(&scratch);
    utstring_done(&twice);
    utstring_done(&once);
}

/* A recording of anything, replayed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model *m = model_new();
    struct span rest = INPUT;
    UT_string scratch;

    utstring_init(&scratch);
    while (rest.len) {
        size_t end = span_find(rest, '\n');
        struct fact f;
        struct err err = {0};
        if (fact_read(&f, span_head(rest, end), &scratch, &err)) {
            check_round_trip(&f);
            model_apply(m, &f);
            model_judge(m);
        } else {
            DEMAND(err.code == ERR_NONE || (err.text[0] && !strpbrk(err.text, "\033\n")));
        }
        rest = span_skip(rest, end + 1);
    }
    for (int i = 0; i < TOPIC_COUNT; i++) {
        model_topic_stale(m, (enum topic)i);
    }
    utstring_done(&scratch);
    model_free(m);
    return 0;
}
