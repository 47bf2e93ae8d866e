#include "fuzz/fuzz.h"
#include "golden/golden.h"

#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/conf/key.h"

enum { KEYS_MAX = 60, WIDTH_MAX = 200, HEIGHT_MAX = 60 };

static void draw(struct console *console, struct model *m, struct grid *g)
{
    ui_draw(console_ui(console), g, model_take_changes(m));
    for (int i = 0; i < g->width * g->height; i++) {
        uint32_t ch = g->cell[i].ch;
        DEMAND(!ch || (ch >= ' ' && !utf8_is_hostile(ch) && utf8_width(ch) > 0));
        DEMAND(g->cell[i].role < ROLE_COUNT);
    }
}

static struct span take_word(struct span *s)
{
    size_t end = span_find(*s, ' ');
    struct span word = span_head(*s, end);
    *s = span_skip(*s, end + 1);
    return word;
}

static void press(struct console *console, struct model *m, struct grid *g, struct span names)
{
    for (int i = 0; names.len && i < KEYS_MAX; i++) {
        uint32_t key;
        char *name = span_dup(take_word(&names));
        if (key_parse(name, &key)) {
            ui_key(console_ui(console), key);
            draw(console, m, g);
        }
        mem_free(name);
    }
}

static void resize(struct grid *g, struct span size)
{
    int64_t width, height;
    struct span first = take_word(&size);
    if (num_i64_range(first, 1, WIDTH_MAX, &width) && num_i64_range(size, 1, HEIGHT_MAX, &height)) {
        grid_resize(g, (int)width, (int)height);
    }
}

/* Facts of anything, and between them keys (@keys j Enter), pastes (@paste ...), sizes (@size 40 10) and the
 * curtain
 * (@curtain): all that is drawn has a place on a screen. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model *m = model_new();
    struct console *console = console_new(m, size % 2);
    struct grid g;
    UT_string scratch;
    struct span rest = INPUT;
    bool curtain = false;

    utstring_init(&scratch);
    grid_init(&g);
    grid_resize(&g, 80, 24);
    while (rest.len) {
        struct fact f;
        size_t end = span_find(rest, '\n');
        struct span line = span_head(rest, end);
        rest = span_skip(rest, end + 1);
        if (span_starts(line, S("@keys "))) {
            press(console, m, &g, span_skip(line, 6));
        } else if (span_starts(line, S("@paste "))) {
            ui_paste(console_ui(console), span_skip(line, 7));
        } else if (span_starts(line, S("@size "))) {
            resize(&g, span_skip(line, 6));
        } else if (span_equal(line, S("@curtain"))) {
            console_curtain(console, curtain = !curtain);
        } else if (fact_read(&f, line, &scratch, NULL)) {
            model_apply(m, &f);
            model_judge(m);
        }
    }
    draw(console, m, &g);
    press(console, m, &g, S("1 + Enter Escape 2 Enter Escape 3 Enter"));
    console_free(console);
    grid_release(&g);
    model_free(m);
    utstring_done(&scratch);
    return 0;
}
