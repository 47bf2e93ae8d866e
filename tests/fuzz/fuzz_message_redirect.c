#include "fuzz/fuzz.h"

#include "redai/schema/message.h"
#include "redai/schema/message_redirect.h"
#include "redai/schema/message_ref.h"

static void check(struct span element, const char *queue)
{
    UT_string out;
    struct err err = {0};
    struct message before, after;
    utstring_init(&out);
    bool ok = queue ? message_redirect(element, queue, &out, &err) : message_put_back(element, &out, &err);
    if (ok) {
        message_decode(&before, element);
        message_decode(&after, text_span(&out));
        DEMAND(before.fate == after.fate);
        DEMAND(!before.id || (after.id && strcmp(before.id, after.id) == 0));
        DEMAND(!before.task || (after.task && strcmp(before.task, after.task) == 0));
        message_release(&after);
        message_release(&before);
    } else {
        DEMAND(err.text[0] && !strpbrk(err.text, "\033\n"));
    }
    utstring_done(&out);
}

/* A message of anything, sent another way and back; a name of it is the name of no other one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span key, list = span_head(INPUT, size / 2);
    uint64_t hash;
    UT_string ref;
    check(INPUT, "other");
    check(INPUT, NULL);
    (void)message_ref_split(INPUT, &key, &hash);
    utstring_init(&ref);
    message_ref_make(list, INPUT, &ref);
    DEMAND(message_ref_is(text_span(&ref), list, INPUT));
    DEMAND(message_ref_split(text_span(&ref), &key, &hash) && span_equal(key, list));
    DEMAND(!message_ref_is(text_span(&ref), list, span_skip(INPUT, 1)) || !size);
    utstring_clear(&ref);
    message_list_key(list, size ? data[0] % 10 : 0, &ref);
    DEMAND(span_starts(text_span(&ref), list));
    utstring_done(&ref);
    return 0;
}
