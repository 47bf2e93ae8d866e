#include "fuzz/fuzz.h"

#include "redai/schema/command_stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = INPUT;
    struct command_stats_line c;
    while (command_stats_next(&text, &c)) {
        DEMAND(c.name.len && c.name.len < size && text.len < size);
        DEMAND(c.calls >= -1 && c.usec >= -1 && c.rejected >= -1 && c.failed >= -1);
    }
    struct error_stats_line e;
    for (text = INPUT; error_stats_next(&text, &e);) {
        DEMAND(e.name.len && e.count >= -1);
    }
    return 0;
}
