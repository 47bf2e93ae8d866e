/* Every mode at every size: nothing may crash, leave the grid or let a control character through. */
#include "golden/golden.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

static struct model *model_of(const char *name)
{
    char path[300];
    struct model *m = model_new();
    snprintf(path, sizeof path, REDAI_SOURCE_DIR "/tests/golden/%s.facts", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    UT_string scratch;
    utstring_init(&scratch);
    while ((n = getline(&line, &size, file)) > 0) {
        struct fact fact;
        utstring_clear(&scratch);
        if (fact_read(&fact, span_make(line, (size_t)n - 1), &scratch, NULL)) {
            model_apply(m, &fact);
            model_judge(m);
        }
    }
    utstring_done(&scratch);
    free(line);
    (void)fclose(file);
    return m;
}

static bool cell_is_clean(const struct grid *g, int x, int y)
{
    const struct cell *c = grid_at(g, x, y);
    const struct cell *next = grid_at(g, x + 1, y);
    bool wide = c->ch > 0x7E && utf8_width(c->ch) == 2;
    return wide == (next && next->ch == 0) &&
           (c->ch == 0 || (c->ch >= ' ' && c->ch <= 0x7E) || !utf8_is_hostile(c->ch)) &&
           (!g->ascii || c->ch <= 0x7E) && c->role < ROLE_COUNT;
}

static void assert_clean(const struct grid *g)
{
    bool clean = g->cursor_x < g->width && g->cursor_y < g->height;
    for (int y = 0; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            clean = clean && cell_is_clean(g, x, y);
        }
    }
    assert_true(clean);
}

static const int widths[] = {1, 2, 3, 5, 10, 15, 20, 39, 40, 60, 71, 72, 73, 80, 100, 120, 200, 500};
static const int heights[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 15, 16, 22, 24, 25, 40, 60, 200};

static void at_all_sizes(struct console *console, const struct model *m, struct grid *g)
{
    (void)m;
    for (size_t w = 0; w < COUNT_OF(widths); w++) {
        for (size_t h = 0; h < COUNT_OF(heights); h++) {
            if ((w + h) % 5 && widths[w] * heights[h] > 3000) {
                continue; /* a fifth of the large ones will do */
            }
            grid_resize(g, widths[w], heights[h]);
            ui_draw(console_ui(console), g, ~0u);
            assert_clean(g);
        }
    }
    grid_resize(g, 80, 24);
    ui_draw(console_ui(console), g, 0);
}

/* Key scripts; names separated by blanks. */
static const char *const scripts[] = {
    "",
    "+",
    "2",
    "2 +",
    "3",
    "3 +",
    "4",
    "4 + > I",
    "5",
    "5 +",
    "Enter",
    "3 Enter",
    "5 Enter",
    "5 Enter / a Enter n",
    "?",
    "? G",
    "? / p a n e Enter n PgDn",
    ": p a Tab Tab",
    ": p a n e Space s e r v e r Enter",
    ": r e c e i p t s Enter",
    "/ a n",
    "/ z z z Enter",
    "x",
    "X 2",
    "e",
    "e 2",
    "e 2 C-u C-d",
    "z",
    "z > j /",
    "Space Space",
    "G k PgUp C-u C-d",
    "4 G x",
    ": n o s u c h Enter",
};

/* step: every how manieth script, where one set of data has been through all of them. */
static void modes__survive_all_sizes(const char *facts, bool ascii, size_t step)
{
    struct model *m = model_of(facts);
    struct grid g;
    grid_init(&g);
    for (size_t i = 0; i < COUNT_OF(scripts); i += step) {
        struct console *console = console_new(m, ascii);
        grid_resize(&g, 80, 24);
        ui_draw(console_ui(console), &g, ~0u);
        char *copy = mem_strdup(scripts[i]);
        char *save = NULL;
        for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
            uint32_t key;
            assert_true(key_parse(name, &key));
            ui_key(console_ui(console), key);
            ui_draw(console_ui(console), &g, 0);
        }
        mem_free(copy);
        at_all_sizes(console, m, &g);
        console_free(console);
    }
    grid_release(&g);
    model_free(m);
}

static void every_mode__survives_every_size__with_hostile_data(void **state)
{
    (void)state;
    modes__survive_all_sizes("hostile", false, 1);
    modes__survive_all_sizes("hostile", true, 4);
}

static void every_mode__survives_every_size__in_trouble(void **state)
{
    (void)state;
    modes__survive_all_sizes("trouble", false, 3);
}

static void every_mode__survives_every_size__before_anything_was_read(void **state)
{
    (void)state;
    modes__survive_all_sizes("refused", false, 3);
    struct model *m = model_new();
    struct console *console = console_new(m, false);
    struct grid g;
    grid_init(&g);
    at_all_sizes(console, m, &g);
    grid_resize(&g, 0, 0);
    ui_draw(console_ui(console), &g, 0);
    console_free(console);
    model_free(m);
    grid_release(&g);
}

static void random_keys__at_random_sizes__never_crash(void **state)
{
    (void)state;
    struct model *m = model_of("trouble");
    struct console *console = console_new(m, false);
    struct grid g;
    uint64_t random = 88172645463325252u;
    grid_init(&g);
    for (int i = 0; i < 6000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        static const uint32_t named[] = {KEY_CODE_UP,
                                         KEY_CODE_DOWN,
                                         KEY_CODE_PAGE_UP,
                                         KEY_CODE_PAGE_DOWN,
                                         KEY_CODE_HOME,
                                         KEY_CODE_END,
                                         KEY_CODE_ENTER,
                                         KEY_CODE_ESCAPE,
                                         KEY_CODE_TAB,
                                         KEY_CODE_BACK_TAB,
                                         KEY_CODE_BACKSPACE,
                                         KEY_CODE_LEFT,
                                         KEY_CODE_RIGHT,
                                         0x142,
                                         0x1F600};
        uint32_t key =
            random % 2 ? named[(random >> 8) % COUNT_OF(named)] : (uint32_t)(1 + (random >> 8) % 126);
        if (random % 37 == 0) {
            grid_resize(&g, (int)((random >> 20) % 130), (int)((random >> 30) % 50));
        }
        ui_key(console_ui(console), key);
        if (random % 3) {
            ui_draw(console_ui(console), &g, random % 5 ? 0 : ~0u);
        }
    }
    assert_clean(&g);
    console_free(console);
    model_free(m);
    grid_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode__survives_every_size__with_hostile_data),
        cmocka_unit_test(every_mode__survives_every_size__in_trouble),
        cmocka_unit_test(every_mode__survives_every_size__before_anything_was_read),
        cmocka_unit_test(random_keys__at_random_sizes__never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
