#include "fuzz/fuzz.h"

#include "redai/schema/monitor.h"

static void each(void *ctx, struct span key, enum monitor_use use)
{
    size_t *keys = ctx;
    size_t sum = 0;
    for (size_t i = 0; i < key.len; i++) {
        sum += (unsigned char)key.data[i]; /* all of it can be read */
    }
    DEMAND(sum <= key.len * 255 && use > 0 && use <= (MONITOR_READ | MONITOR_WRITE));
    ++*keys;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct monitor_line m;
    size_t keys = 0;
    if (monitor_decode(&m, INPUT)) {
        DEMAND(m.db >= 0 && m.at_us >= 0);
        DEMAND(m.args.len <= size && m.client.len <= size && m.command.len <= size);
        DEMAND(monitor_keys(&m, each, &keys) == keys);
        DEMAND(keys <= 2 * size);
        char room[8];
        struct span args = m.args, arg;
        while (monitor_next(&args, room, sizeof room, &arg)) {
            DEMAND(arg.len <= size && args.len < size);
        }
    }
    return 0;
}
