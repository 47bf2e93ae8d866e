#include "fuzz/fuzz.h"

#include "redai/schema/message.h"
#include "redai/schema/message_copy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message_copy how = {.id = "new",
                               .delivery_tag = "tag",
                               .old_id = "old",
                               .priority = -1,
                               .eta_wall_us = -1,
                               .origin = "fuzz"};
    struct err err = {0};
    struct message m;
    UT_string out;

    utstring_init(&out);
    if (message_copy(&how, INPUT, &out, NULL, &err)) {
        message_decode(&m, text_span(&out));
        DEMAND(m.fate == MESSAGE_FINE || m.fate == MESSAGE_DROPPED);
        DEMAND(strcmp(m.id, "new") == 0 && m.retries == 0 && !m.group);
        message_release(&m);
    } else {
        DEMAND(utstring_len(&out) == 0 && err.code != ERR_NONE);
    }
    utstring_done(&out);
    return 0;
}
