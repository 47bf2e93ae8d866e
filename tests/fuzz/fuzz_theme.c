#include "fuzz/fuzz.h"

#include "redai/tty/palette.h"

/* A theme of anything: every role has a look that a terminal of any number of colours can show. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int colors[] = {0, 8, 16, 88, 256};
    struct command_set set = {0};
    struct palette p;
    struct err err = {0};
    char *text = span_dup(INPUT);
    palette_init(&p);
    command_join(&set, palette_commands, palette_commands_count, &p);
    if (!command_run_text(&set, "theme", text, &err)) {
        DEMAND(err.text[0] && !strpbrk(err.text, "\033\n"));
    }
    for (size_t c = 0; c < sizeof colors / sizeof colors[0]; c++) {
        for (int role = 0; role < ROLE_COUNT; role++) {
            struct palette_entry e = palette_look(&p, (enum role)role, colors[c]);
            DEMAND(e.fg >= -1 && e.bg >= -1 && e.fg < 256 && e.bg < 256);
            DEMAND(colors[c] || (e.fg == -1 && e.bg == -1));
            DEMAND(colors[c] >= 256 || (e.fg < 16 && e.bg < 16));
            DEMAND(colors[c] != 8 || (e.fg < 8 && e.bg < 8));
        }
    }
    mem_free(text);
    return 0;
}
