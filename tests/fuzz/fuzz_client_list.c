#include "fuzz/fuzz.h"

#include "redai/schema/client_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = INPUT;
    struct client_line c;
    if (client_line_read(&c, INPUT)) {
        DEMAND(c.id >= 0 && c.name.len < size);
    }
    int64_t hard, soft;
    if (client_output_limit(INPUT, S("pubsub"), &hard, &soft)) {
        DEMAND(hard >= 0 && soft >= 0);
    }
    while (client_list_next(&text, &c)) {
        DEMAND(c.id >= 0 && text.len < size);
        DEMAND(c.age_s >= -1 && c.memory >= -1 && c.output >= -1 && c.queued >= -1);
        DEMAND(c.name.len < size && c.address.len < size && c.flags.len < size && c.command.len < size);
        DEMAND(client_line_kind(&c) < CLIENT_KIND_COUNT);
    }
    return 0;
}
