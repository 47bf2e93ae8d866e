#include "fuzz/fuzz.h"

#include "redai/schema/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message m;
    struct err err = {0};

    message_decode(&m, INPUT);
    DEMAND(m.fate < MESSAGE_FATE_COUNT && (m.fate == MESSAGE_FINE) == !m.reason);
    DEMAND(!m.args || strlen(m.args) <= 1000);
    bool good = message_check(INPUT, &err);
    DEMAND(good == (err.code == ERR_NONE));
    DEMAND(!good || (m.fate == MESSAGE_FINE && m.task && m.id && m.queue));
    message_release(&m);
    return 0;
}
