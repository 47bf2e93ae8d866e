#include "fuzz/fuzz.h"

#include "redai/base/base64.h"

#include "redai/schema/message.h"

/* The input is the body of an otherwise sound message, which base64 would hide from the fuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    UT_string element;
    struct message m;

    utstring_init(&element);
    text_add(&element, S("{\"body\":\""));
    base64_encode(INPUT, &element);
    text_add(&element,
             S("\",\"content-type\":\"application/json\",\"headers\":{\"task\":\"t\",\"id\":\"i\"},"
               "\"properties\":{\"body_encoding\":\"base64\",\"delivery_tag\":\"d\",\"delivery_info\":"
               "{\"exchange\":\"\",\"routing_key\":\"q\"}}}"));
    message_decode(&m, text_span(&element));
    DEMAND(m.fate != MESSAGE_KILLS_LOST && m.task && m.id);
    DEMAND(!message_check(text_span(&element), NULL) || m.fate == MESSAGE_FINE);
    message_release(&m);
    utstring_done(&element);
    return 0;
}
