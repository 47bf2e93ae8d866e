#include "fuzz/fuzz.h"

#include "redai/conf/keymap.h"
#include "redai/conf/option.h"

/* A configuration of anything; what it has bound, quoted and read again, is bound again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct command_set set = {0};
    struct keymap map;
    struct options options;
    struct err err = {0};
    char *text = span_dup(INPUT);
    keymap_init(&map);
    options_init(&options);
    command_join(&set, keymap_commands, keymap_commands_count, &map);
    command_join(&set, option_commands, option_commands_count, &options);
    if (!command_run_text(&set, "fuzz", text, &err)) {
        DEMAND(err.text[0] && !strchr(err.text, '\033') && !strchr(err.text, '\n'));
    }
    for (size_t i = 0; i < utarray_len(&map.row); i++) {
        const struct keymap_row *row =
            (const struct keymap_row *)(void *)utarray_eltptr(&map.row, (unsigned)i);
        UT_string line;
        struct words w;
        utstring_init(&line);
        words_quote(row->line, &line);
        words_init(&w);
        DEMAND(words_parse(&w, utstring_body(&line), NULL) && words_count(&w) == 1);
        DEMAND(strcmp(words_at(&w, 0), row->line) == 0);
        words_release(&w);
        utstring_done(&line);
        DEMAND(keymap_find(&map, row->pane, row->key) == row);
    }
    UT_array *out;
    utarray_new(out, &ut_str_icd);
    command_complete(&set, text, out);
    utarray_free(out);
    options_release(&options);
    keymap_release(&map);
    mem_free(text);
    return 0;
}
