/* golden: a fact file, a size and a key script give a screen, compared letter by letter with the one that was
 * looked at and found good. `GENERATE=1 golden` writes the screens anew: read the difference before
 * committing it.
 *
 * A line of `cases`: NAME FACTS WIDTHxHEIGHT [ascii] [roles] [keys KEY...]. Among the keys, @FILE applies
 * more facts. With `roles` a second plane follows the text: what each cell means, one letter a role. */
#include "golden.h"

#include "support/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/clock.h"

#include "redai/conf/key.h"
#include "redai/conf/words.h"

#include "redai/view/ui.h"

#define FOLDER REDAI_SOURCE_DIR "/tests/golden/"

struct golden {
    char *line; /* of cases */
    const char *name;
};

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    UT_string text;
    utstring_init(&text);
    if (!file) {
        utstring_done(&text);
        return NULL;
    }
    char block[4096];
    size_t n;
    while ((n = fread(block, 1, sizeof block, file)) > 0) {
        text_add(&text, span_make(block, n));
    }
    (void)fclose(file);
    return utstring_body(&text); /* freed by the caller */
}

static void apply_file(struct model *m, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s%s.facts", FOLDER, name);
    char *text = read_text(path);
    if (!text) {
        fail_msg("cannot read %s", path);
    }
    UT_string scratch;
    utstring_init(&scratch);
    struct span rest = span_of(text);
    while (rest.len) {
        struct fact fact;
        struct err err = {0};
        size_t end = span_find(rest, '\n');
        utstring_clear(&scratch);
        if (fact_read(&fact, span_head(rest, end), &scratch, &err)) {
            model_apply(m, &fact);
            model_judge(m);
        } else if (err.code != ERR_NONE) {
            fail_msg("%s: %s", path, err.text);
        }
        rest = span_skip(rest, end + 1);
    }
    utstring_done(&scratch);
    free(text);
}

/* The letters of the second plane; what a role means is told at the foot. */
static void add_roles(const struct grid *g, UT_string *out)
{
    static const char letters[] = ".dbBtThHSm~?klvgiwC_%&!ecESPDX@I\"'#0123456789";
    bool used[ROLE_COUNT] = {false};
    utstring_printf(out, "-- roles\n");
    for (int y = 0; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            const struct cell *c = grid_at(g, x, y);
            used[c->role] = true;
            utstring_printf(out, "%c", letters[c->role]);
        }
        utstring_printf(out, "\n");
    }
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (used[i]) {
            utstring_printf(out, "%c %s\n", letters[i], role_rows[i].name);
        }
    }
}

static bool word_is(const struct words *w, size_t i, const char *text)
{
    return words_at(w, i) && strcmp(words_at(w, i), text) == 0;
}

static void run_case(const struct words *w, UT_string *out)
{
    int width = 0;
    int height = 0;
    size_t at = 3;
    if (!words_at(w, 2) || sscanf(words_at(w, 2), "%dx%d", &width, &height) != 2) {
        fail_msg("a case needs a name, facts and a size");
    }
    bool ascii = word_is(w, at, "ascii");
    at += ascii;
    bool roles = word_is(w, at, "roles");
    at += roles;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, width, height);
    struct model *m = model_new();
    apply_file(m, words_at(w, 1));
    struct console *console = console_new(m, ascii);
    ui_draw(console_ui(console), &g, model_take_changes(m));
    for (at += word_is(w, at, "keys"); words_at(w, at); at++) {
        uint32_t key;
        const char *word = words_at(w, at);
        if (word[0] == '@' && word[1]) {
            apply_file(m, word + 1);
        } else if (key_parse(word, &key)) {
            ui_key(console_ui(console), key);
        } else {
            fail_msg("no such key: %s", word);
        }
        ui_draw(console_ui(console), &g, model_take_changes(m));
    }
    grid_to_text(&g, out);
    if (roles) {
        add_roles(&g, out);
    }
    if (g.cursor_x >= 0) {
        utstring_printf(out, "-- cursor %d,%d\n", g.cursor_x, g.cursor_y);
    }
    console_free(console);
    model_free(m);
    grid_release(&g);
}

static void write_screen(const char *path, const UT_string *screen)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(screen->d, 1, screen->i, file) != screen->i || fclose(file) != 0) {
        fail_msg("cannot write %s: %s", path, strerror(errno));
    }
}

/* Only the lines that differ: a screen is long. */
static void tell_difference(const char *name, const char *is, const char *expected)
{
    fprintf(stderr, "%s differs:\n", name);
    while (*is || *expected) {
        size_t a = strcspn(is, "\n");
        size_t b = strcspn(expected, "\n");
        if (a != b || memcmp(is, expected, a) != 0) {
            fprintf(stderr, "-%.*s\n+%.*s\n", (int)b, expected, (int)a, is);
        }
        is += a + (is[a] == '\n');
        expected += b + (expected[b] == '\n');
    }
}

static void screen__is_as_it_was_found_good(void **state)
{
    const struct golden *golden = *state;
    char path[300];
    struct words w;
    UT_string screen;
    words_init(&w);
    utstring_init(&screen);
    assert_true(words_parse(&w, golden->line, NULL));
    run_case(&w, &screen);
    snprintf(path, sizeof path, "%s%s.screen", FOLDER, golden->name);
    if (getenv("GENERATE")) {
        write_screen(path, &screen);
    } else {
        char *expected = read_text(path);
        if (!expected) {
            fail_msg("no %s: run with GENERATE=1 and read what it wrote", path);
        }
        if (strcmp(expected, utstring_body(&screen)) != 0) {
            tell_difference(golden->name, utstring_body(&screen), expected);
            fail();
        }
        free(expected);
    }
    utstring_done(&screen);
    words_release(&w);
}

int main(int argc, char **argv)
{
    enum { CASES_MAX = 200 };
    static struct golden golden[CASES_MAX];
    static struct CMUnitTest test[CASES_MAX];
    size_t count = 0;
    char *cases = read_text(FOLDER "cases");
    if (!cases) {
        return 1;
    }
    char *save = NULL;
    for (char *line = strtok_r(cases, "\n", &save); line && count < CASES_MAX;
         line = strtok_r(NULL, "\n", &save)) {
        char name[100] = "";
        if (line[0] == '#' || sscanf(line, "%99s", name) != 1 || (argc > 1 && strcmp(argv[1], name) != 0)) {
            continue;
        }
        golden[count] = (struct golden){line, strdup(name)};
        test[count] = (struct CMUnitTest){golden[count].name, screen__is_as_it_was_found_good, NULL, NULL,
                                          &golden[count]};
        count++;
    }
    int failed = _cmocka_run_group_tests("golden", test, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)golden[i].name);
    }
    free(cases);
    return failed;
}
