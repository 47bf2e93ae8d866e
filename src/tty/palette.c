#include "redai/tty/palette.h"

#include "color.h"

#include <stdio.h>

#include "redai/base/utf8.h"

enum { SHOWN_COLUMNS = 40 };

static const struct {
    char letter;
    struct span word;
    unsigned attr;
} attributes[] = {
    {'b', SPAN_LITERAL("bold"), PALETTE_BOLD},
    {'d', SPAN_LITERAL("dim"), PALETTE_DIM},
    {'r', SPAN_LITERAL("reverse"), PALETTE_REVERSE},
    {'u', SPAN_LITERAL("underline"), PALETTE_UNDERLINE},
};
enum { ATTRIBUTE_COUNT = sizeof attributes / sizeof attributes[0] };

/* "-", letters run together ("bu") or one whole word ("bold"). */
static bool parse_attributes(const char *text, unsigned *ret)
{
    unsigned attr = 0;
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (span_equal(span_of(text), attributes[i].word)) {
            *ret = attributes[i].attr;
            return true;
        }
    }
    for (const char *p = text; *p; p++) {
        size_t i = 0;
        while (i < ATTRIBUTE_COUNT && attributes[i].letter != *p) {
            i++;
        }
        if (i == ATTRIBUTE_COUNT && *p != '-') {
            return false;
        }
        attr |= i < ATTRIBUTE_COUNT ? attributes[i].attr : 0;
    }
    *ret = attr;
    return *text != '\0';
}

void palette_init(struct palette *p)
{
    *p = (struct palette){0};
}

/* --- fitting a look to the terminal --- */

enum { DARK_GREY = 0x90, BASE_BLACK = 0, BASE_COUNT = 8, BRIGHT_BLACK = 8 };

/* A grey letter on the terminal's own ground: the ground may be black or white, so with few colours only the
 * default is sure to be seen; dark greys mean "less important", which dim says too. */
static void fit_grey(struct palette_entry *e, int colors)
{
    bool dark = color_rgb(e->fg).g < DARK_GREY;
    if (dark && colors > BASE_COUNT) {
        e->fg = BRIGHT_BLACK;
        return;
    }
    e->fg = COLOR_DEFAULT;
    e->attr |= dark ? (unsigned)PALETTE_DIM : 0;
}

static void fit(struct palette_entry *e, int colors)
{
    if (e->fg >= colors && e->bg == COLOR_DEFAULT && color_is_grey(e->fg) && !(e->attr & PALETTE_REVERSE)) {
        fit_grey(e, colors);
    } else if (e->fg >= BASE_COUNT && e->fg < 2 * BASE_COUNT && colors == BASE_COUNT) {
        /* Terminals of eight colours show the bright ones by bold letters. */
        e->fg = (short)(e->fg - BASE_COUNT);
        e->attr |= PALETTE_BOLD;
    } else if (e->fg >= colors) {
        e->fg = color_nearest(e->fg, colors);
    }
    if (e->bg >= BASE_COUNT && colors == BASE_COUNT && color_is_grey(e->bg)) {
        /* A quiet grey ground would end as the terminal's own black: turned round it still stands out. */
        e->bg = COLOR_DEFAULT;
        e->fg = color_is_grey(e->fg) ? (short)COLOR_DEFAULT : e->fg;
        e->attr ^= PALETTE_REVERSE;
    } else if (e->bg >= colors && color_is_grey(e->bg)) {
        e->bg = color_rgb(e->bg).g < DARK_GREY ? BRIGHT_BLACK : BASE_COUNT - 1;
    } else if (e->bg >= colors) {
        e->bg = color_nearest(e->bg, colors);
    }
    if (e->fg != COLOR_DEFAULT && e->fg == e->bg) {
        e->fg = e->bg == BASE_BLACK ? (short)(BASE_COUNT - 1) : BASE_BLACK;
    }
}

struct palette_entry palette_look(const struct palette *p, enum role role, int colors)
{
    struct palette_entry mono = {.fg = COLOR_DEFAULT, .bg = COLOR_DEFAULT};
    parse_attributes(role_rows[role].mono, &mono.attr);
    enum role at = role;
    while (!p->entry[at].set && role_rows[at].parent != at) {
        at = role_rows[at].parent;
    }
    if (colors <= 0 || !p->entry[at].set) {
        return mono;
    }
    struct palette_entry e = p->entry[at];
    if (colors < 256) {
        fit(&e, colors < 16 ? BASE_COUNT : 16);
    }
    return e;
}

/* --- theme files --- */

static bool complain(struct err *err, const char *what, const char *word, const char *expected)
{
    char *shown = utf8_sanitise_dup(span_of(word), SHOWN_COLUMNS);
    err_set(err, ERR_USAGE, "%s \"%s\" is not known, expected %s", what, shown, expected);
    mem_free(shown);
    return false;
}

static bool exec_role(void *ctx, const struct words *w, struct err *err)
{
    struct palette *p = ctx;
    struct palette_entry e = {.fg = COLOR_DEFAULT, .bg = COLOR_DEFAULT, .set = true};
    const char *color_words = "default, black ... white, bright-black ..., 0 to 255 or #rrggbb";
    int role = 0;
    while (role < ROLE_COUNT && strcmp(role_rows[role].name, words_at(w, 1)) != 0) {
        role++;
    }
    if (role == ROLE_COUNT) {
        return complain(err, "role", words_at(w, 1), "one of those in themes/dark.theme");
    }
    if (!color_parse(span_of(words_at(w, 2)), &e.fg)) {
        return complain(err, "colour", words_at(w, 2), color_words);
    }
    if (words_at(w, 3) && !color_parse(span_of(words_at(w, 3)), &e.bg)) {
        return complain(err, "colour", words_at(w, 3), color_words);
    }
    if (words_at(w, 4) && !parse_attributes(words_at(w, 4), &e.attr)) {
        return complain(err, "attribute", words_at(w, 4),
                        "- or letters of b bold, d dim, r reverse, u underline");
    }
    p->entry[role] = e;
    return true;
}

const struct command palette_commands[] = {
    {
        .name = "role",
        .usage = "NAME FOREGROUND [BACKGROUND [ATTRIBUTES]]",
        .help = "how one kind of thing looks",
        .min_args = 2,
        .max_args = 4,
        .flags = COMMAND_WATCH | COMMAND_CONFIG,
        .exec = exec_role,
    },
};
const size_t palette_commands_count = sizeof palette_commands / sizeof palette_commands[0];
