#include "support/unit.h"
#include "tty/color.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/tty/palette.h"

static const char *const themes[] = {"dark", "light", "contrast", "safe", "mono"};

static struct palette theme_of(const char *name)
{
    char path[512];
    struct palette p;
    struct err err = {0};
    snprintf(path, sizeof path, "%s/themes/%s.theme", REDAI_SOURCE_DIR, name);
    palette_init(&p);
    if (!palette_load(&p, path, &err)) {
        fail_msg("%s", err.text);
    }
    return p;
}

static void color_parse__knows_names_numbers_and_hex__and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int color;
    } good[] = {
        {"default", -1}, {"black", 0},     {"white", 7},     {"bright-black", 8}, {"bright-white", 15},
        {"0", 0},        {"255", 255},     {"#000000", 16},  {"#ffffff", 231},    {"#FFFFFF", 231},
        {"#5f87af", 67}, {"#8a8a8a", 245}, {"#ff0101", 196}, {"#303030", 236},
    };
    static const char *const bad[] = {
        "", "256", "-1", "1x", "#12345", "#1234567", "#gggggg", "bright-", "bright-default", "Red", "grey"};
    short color;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(color_parse(span_of(good[i].word), &color));
        assert_int_equal(color, good[i].color);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(color_parse(span_of(bad[i]), &color));
    }
}

static void palette_look__inherits_from_the_parent__when_a_role_has_no_line(void **state)
{
    (void)state;
    struct palette p;
    struct command_set set = {0};
    struct err err = {0};
    palette_init(&p);
    command_join(&set, palette_commands, palette_commands_count, &p);
    struct palette_entry e = palette_look(&p, ROLE_CRITICAL, 256);
    assert_int_equal(e.fg, -1);
    assert_int_equal(e.attr, PALETTE_BOLD | PALETTE_REVERSE);
    assert_true(command_run_text(&set, "t", "role warning yellow black bu\nrole text 250", &err));
    e = palette_look(&p, ROLE_STRIP_WARNING, 256);
    assert_int_equal(e.fg, 3);
    assert_int_equal(e.bg, 0);
    assert_int_equal(e.attr, PALETTE_BOLD | PALETTE_UNDERLINE);
    e = palette_look(&p, ROLE_JSON_NUMBER, 256); /* value, then text */
    assert_int_equal(e.fg, 250);
    assert_int_equal(e.bg, -1);
    e = palette_look(&p, ROLE_STRIP_WARNING, 0);
    assert_int_equal(e.fg, -1);
    assert_int_equal(e.bg, -1);
    assert_int_equal(e.attr, PALETTE_BOLD);
}

static void palette_look__takes_colours_that_are_sure_to_be_seen__when_there_are_few(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int colors, fg, bg;
        unsigned attr;
    } cases[] = {
        {"role dim #8a8a8a", 8, -1, -1, PALETTE_DIM},
        {"role dim #8a8a8a", 16, 8, -1, 0},
        {"role dim #eeeeee", 8, -1, -1, 0},
        {"role dim bright-red", 8, 1, -1, PALETTE_BOLD},
        {"role dim bright-red", 16, 9, -1, 0},
        {"role dim #d70000", 8, 1, -1, 0},
        {"role dim #d7af5f", 8, 3, -1, 0},
        {"role dim #eeeeee #005f87", 8, 7, 4, 0},
        {"role dim #d0d0d0 #303030", 8, -1, -1, PALETTE_REVERSE},
        {"role dim #d0d0d0 #303030", 16, 7, 8, 0},
        {"role dim #ffffff white", 16, 15, 7, 0},
        {"role dim #000000 black", 8, 7, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct palette p;
        struct command_set set = {0};
        palette_init(&p);
        command_join(&set, palette_commands, palette_commands_count, &p);
        assert_true(command_run(&set, cases[i].line, 0, NULL));
        struct palette_entry e = palette_look(&p, ROLE_DIM, cases[i].colors);
        if (e.fg != cases[i].fg || e.bg != cases[i].bg || e.attr != cases[i].attr) {
            fail_msg("%s in %d colours: %d on %d, %u", cases[i].line, cases[i].colors, e.fg, e.bg, e.attr);
        }
    }
}

/* Letters in the colour of their ground would be a lie of omission. */
static void themes__show_every_role_in_every_depth__when_loaded(void **state)
{
    (void)state;
    static const int depths[] = {256, 16, 8, 0};
    for (size_t t = 0; t < COUNT_OF(themes); t++) {
        struct palette p = theme_of(themes[t]);
        for (int role = 0; role < ROLE_COUNT; role++) {
            assert_true(p.entry[role].set);
            for (size_t d = 0; d < COUNT_OF(depths); d++) {
                struct palette_entry e = palette_look(&p, (enum role)role, depths[d]);
                int limit = depths[d] ? depths[d] : 1;
                assert_in_range(e.fg + 1, 0, limit);
                assert_in_range(e.bg + 1, 0, limit);
                assert_true(e.fg == -1 || e.fg != e.bg);
            }
        }
    }
}

static void mono_theme__is_what_a_terminal_without_colours_shows_anyway(void **state)
{
    (void)state;
    struct palette mono = theme_of("mono");
    struct palette none;
    palette_init(&none);
    for (int role = 0; role < ROLE_COUNT; role++) {
        assert_int_equal(palette_look(&mono, (enum role)role, 256).attr,
                         palette_look(&none, (enum role)role, 0).attr);
        assert_int_equal(mono.entry[role].fg, -1);
        assert_int_equal(mono.entry[role].bg, -1);
    }
}

static bool looks_same(struct palette_entry a, struct palette_entry b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attr == b.attr;
}

static void themes__tell_levels_apart__in_every_depth(void **state)
{
    (void)state;
    static const enum role levels[] = {ROLE_GOOD, ROLE_WARNING, ROLE_CRITICAL};
    static const int depths[] = {256, 16, 8, 0};
    for (size_t t = 0; t < COUNT_OF(themes); t++) {
        struct palette p = theme_of(themes[t]);
        for (size_t d = 0; d < COUNT_OF(depths); d++) {
            for (size_t i = 0; i < COUNT_OF(levels); i++) {
                for (size_t j = 0; j < i; j++) {
                    if (looks_same(palette_look(&p, levels[i], depths[d]),
                                   palette_look(&p, levels[j], depths[d]))) {
                        fail_msg("%s: %s looks like %s in %d colours", themes[t], role_rows[levels[i]].name,
                                 role_rows[levels[j]].name, depths[d]);
                    }
                }
            }
            assert_false(looks_same(palette_look(&p, ROLE_SELECTED, depths[d]),
                                    palette_look(&p, ROLE_TEXT, depths[d])));
        }
    }
}

/* What red and green have in common for who cannot tell them: judge good and critical by lightness and blue
 * alone. */
static void safe_theme__differs_without_red_and_green__between_levels(void **state)
{
    (void)state;
    struct palette p = theme_of("safe");
    struct palette_entry good = palette_look(&p, ROLE_GOOD, 256);
    struct palette_entry warning = palette_look(&p, ROLE_WARNING, 256);
    struct palette_entry critical = palette_look(&p, ROLE_CRITICAL, 256);
    assert_true(color_rgb(good.fg).b > color_rgb(warning.fg).b + 80);
    assert_true(critical.bg != -1 && good.bg == -1);
    for (int role = 0; role < ROLE_COUNT; role++) {
        short colors[] = {p.entry[role].fg, p.entry[role].bg};
        for (size_t i = 0; i < COUNT_OF(colors); i++) {
            struct rgb c = color_rgb(colors[i]);
            bool pure_green = c.g > 120 && c.r < c.g - 60 && c.b < c.g - 60;
            assert_false(colors[i] >= 0 && pure_green);
        }
    }
}

static void palette_load__leaves_the_palette_alone_and_says_where__when_a_theme_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"role text red\nrole texst red\n", ":2: role \"texst\" is not known"},
        {"role text rde\n", ":1: colour \"rde\" is not known"},
        {"role text red #12345g\n", "bold"}, /* a comment: fine */
        {"role text red blue x\n", ":1: attribute \"x\" is not known"},
        {"role text\n", ":1: \"role\" needs more words"},
        {"rol text red\n", ":1: unknown command \"rol\", did you mean \"role\"?"},
        {"role text \033[31m\n", ":1: colour \"^[[31m\" is not known"},
    };
    char path[] = "/tmp/redai-theme-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct palette p = theme_of("dark");
        struct palette before = p;
        struct err err = {0};
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, cases[i].text, strlen(cases[i].text), 0), strlen(cases[i].text));
        bool fine = strcmp(cases[i].message, "bold") == 0;
        assert_int_equal(palette_load(&p, path, &err), fine);
        if (!fine) {
            assert_non_null(strstr(err.text, cases[i].message));
            assert_memory_equal(&p, &before, sizeof p);
        }
    }
    close(fd);
    unlink(path);
}

static void palette_load__finds_a_theme_by_name__in_the_users_folder_first(void **state)
{
    (void)state;
    char folder[] = "/tmp/redai-config-XXXXXX";
    char path[512];
    assert_non_null(mkdtemp(folder));
    static const char *const parts[] = {"/redai-console", "/redai-console/themes", NULL};
    for (size_t i = 0; parts[i]; i++) {
        snprintf(path, sizeof path, "%s%s", folder, parts[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof path, "%s/redai-console/themes/mine.theme", folder);
    FILE *file = fopen(path, "w");
    fprintf(file, "role text 42\n");
    fclose(file);
    setenv("XDG_CONFIG_HOME", folder, 1);
    struct palette p;
    struct err err = {0};
    palette_init(&p);
    assert_true(palette_load(&p, "mine", &err));
    assert_int_equal(p.entry[ROLE_TEXT].fg, 42);
    for (size_t i = 0; i < COUNT_OF(themes); i++) { /* the binary's: there are no such files */
        struct palette of_file = theme_of(themes[i]);
        assert_true(palette_load(&p, themes[i], &err));
        assert_memory_equal(&p, &of_file, sizeof p);
    }
    snprintf(path, sizeof path, "%s/redai-console/themes/dark.theme", folder);
    file = fopen(path, "w");
    fprintf(file, "role text 43\n");
    fclose(file);
    assert_true(palette_load(&p, "dark", &err));
    assert_int_equal(p.entry[ROLE_TEXT].fg, 43);
    unlink(path);
    snprintf(path, sizeof path, "%s/redai-console/themes/mine.theme", folder);
    assert_false(palette_load(&p, "no\033such", &err));
    assert_non_null(
        strstr(err.text, "theme \"no^[such\" is not found, expected a file or one of: contrast dark light "));
    assert_false(palette_load(&p, "", &err));
    unlink(path);
    for (size_t i = 2; i-- > 0;) {
        snprintf(path, sizeof path, "%s%s", folder, parts[i]);
        rmdir(path);
    }
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(color_parse__knows_names_numbers_and_hex__and_nothing_else),
        cmocka_unit_test(palette_look__inherits_from_the_parent__when_a_role_has_no_line),
        cmocka_unit_test(palette_look__takes_colours_that_are_sure_to_be_seen__when_there_are_few),
        cmocka_unit_test(themes__show_every_role_in_every_depth__when_loaded),
        cmocka_unit_test(mono_theme__is_what_a_terminal_without_colours_shows_anyway),
        cmocka_unit_test(themes__tell_levels_apart__in_every_depth),
        cmocka_unit_test(safe_theme__differs_without_red_and_green__between_levels),
        cmocka_unit_test(palette_load__leaves_the_palette_alone_and_says_where__when_a_theme_is_wrong),
        cmocka_unit_test(palette_load__finds_a_theme_by_name__in_the_users_folder_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
