#include "terminfo.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

enum {
    COUNT_SIGNALS = 5,
    COUNT_VARIABLES = 3,
    CURSES_BYTES = 512 * 1024, /* more than it needs to start */
    EXIT_NO_MEMORY = 70        /* as of base/mem */
};

static bool add(char out[TERMINFO_CANDIDATES][TERMINFO_NAME_SIZE], size_t *count, const char *name,
                const char *more)
{
    size_t len = strlen(name) + strlen(more);
    if (*count == TERMINFO_CANDIDATES || len == 0 || len >= TERMINFO_NAME_SIZE || strchr(name, '/')) {
        return false;
    }
    snprintf(out[(*count)++], TERMINFO_NAME_SIZE, "%s%s", name, more);
    return true;
}

size_t terminfo_candidates(const char *term, bool many_colors,
                           char out[TERMINFO_CANDIDATES][TERMINFO_NAME_SIZE])
{
    size_t count = 0;
    struct span name = span_of(term);
    bool dumb = name.len == 0 || span_equal(name, S("dumb")) || span_equal(name, S("unknown"));
    if (!dumb) {
        if (span_search(name, S("-direct")) < name.len) {
            add(out, &count, "xterm-256color", ""); /* colours as numbers, which is what themes speak of */
        }
        if (many_colors && span_search(name, S("256color")) == name.len) {
            add(out, &count, term, "-256color");
        }
        add(out, &count, term, "");
        /* A name this machine does not know is nearly always a newer emulator that imitates xterm. */
        add(out, &count, "xterm-256color", "");
        add(out, &count, "xterm", "");
    }
    add(out, &count, "vt100", "");
    add(out, &count, "ansi", "");
    add(out, &count, terminfo_fallback_name, "");
    return count;
}

/* --- newterm, without its side effects --- */

struct variable {
    const char *name;
    char *before;
};

static struct variable set_variable(const char *name, const char *value)
{
    struct variable v = {name, mem_strdup(getenv(name))};
    if (setenv(name, value, 1) != 0) {
        mem_exhausted();
    }
    return v;
}

static void put_back(struct variable *v)
{
    if (v->before) {
        setenv(v->name, v->before, 1);
    } else {
        unsetenv(v->name);
    }
    mem_free(v->before);
}

/* Whether the machine knows the name: asked beforehand, since a newterm() that fails leaks. */
static bool is_known(const char *name, FILE *draft)
{
    int answer;
    if (setupterm(name, fileno(draft), &answer) != OK) {
        return false;
    }
    del_curterm(cur_term);
    return true;
}

static SCREEN *start(const char *name, FILE *draft)
{
    bool ours = strcmp(name, terminfo_fallback_name) == 0;
    struct variable description = {"TERMINFO", NULL};
    if (ours) {
        description = set_variable("TERMINFO", terminfo_fallback);
    }
    SCREEN *screen = is_known(name, draft) ? newterm(name, draft, draft) : NULL;
    if (ours) {
        put_back(&description);
    }
    return screen;
}

/* ncurses 6.4 copies the terminal's name without looking whether there was memory for it, and there is no
 * asking it to take its memory elsewhere. Nothing has been sent to the terminal yet. */
static void on_crash(int number)
{
    static const char message[] = "redai-console: curses crashed as it was started: out of memory?\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(EXIT_NO_MEMORY);
}

/* Running out of memory ends us here, with our own words, and not within curses. */
static void find_memory(void)
{
    mem_free(mem_zalloc(CURSES_BYTES));
}

SCREEN *terminfo_newterm(const char *term, bool many_colors, FILE *draft, int width, int height,
                         char ret_name[TERMINFO_NAME_SIZE])
{
    /* curses would catch these to restore a terminal it does not have. */
    static const int signals[COUNT_SIGNALS] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGSEGV};
    struct sigaction before[COUNT_SIGNALS];
    find_memory();
    for (size_t i = 0; i < COUNT_SIGNALS; i++) {
        sigaction(signals[i], NULL, &before[i]);
    }
    signal(SIGSEGV, on_crash);
    char high[16];
    char wide[16];
    snprintf(high, sizeof high, "%d", height);
    snprintf(wide, sizeof wide, "%d", width);
    struct variable variables[COUNT_VARIABLES] = {
        set_variable("LINES", high),
        set_variable("COLUMNS", wide),
        /* Padding may be a sleep; a terminal that needs it is in a museum. */
        set_variable("NCURSES_NO_PADDING", "1"),
    };
    char candidate[TERMINFO_CANDIDATES][TERMINFO_NAME_SIZE];
    size_t count = terminfo_candidates(term, many_colors, candidate);
    SCREEN *screen = NULL;
    for (size_t i = 0; i < count && !screen; i++) {
        screen = start(candidate[i], draft);
        if (screen) {
            snprintf(ret_name, TERMINFO_NAME_SIZE, "%s", candidate[i]);
        }
    }
    for (size_t i = 0; i < COUNT_VARIABLES; i++) {
        put_back(&variables[i]);
    }
    for (size_t i = 0; i < COUNT_SIGNALS; i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    return screen;
}

/* --- strings --- */

static const char *capability_text(const char *capability)
{
    const char *text = tigetstr(capability);
    return (intptr_t)text == -1 ? NULL : text; /* -1: no string capability has this name */
}

bool terminfo_has(const char *capability)
{
    return capability_text(capability) != NULL;
}

/* Padding stands within as $<5>, $<50*> or $<2/>. */
static void add_unpadded(const char *text, UT_string *out)
{
    while (text && *text) {
        const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;
        if (end) {
            text = end + 1;
        } else {
            utstring_bincpy(out, text, 1);
            text++;
        }
    }
}

void terminfo_string(const char *capability, UT_string *out)
{
    add_unpadded(capability_text(capability), out);
}

void terminfo_string2(const char *capability, int a, int b, UT_string *out)
{
    const char *text = capability_text(capability);
    add_unpadded(text ? tiparm(text, a, b) : NULL, out);
}

bool terminfo_speaks_osc(const char *term)
{
    static const struct span families[] = {
        SPAN_LITERAL("xterm"),   SPAN_LITERAL("rxvt"),   SPAN_LITERAL("screen"), SPAN_LITERAL("tmux"),
        SPAN_LITERAL("foot"),    SPAN_LITERAL("st-"),    SPAN_LITERAL("kitty"),  SPAN_LITERAL("alacritty"),
        SPAN_LITERAL("wezterm"), SPAN_LITERAL("vte"),    SPAN_LITERAL("gnome"),  SPAN_LITERAL("konsole"),
        SPAN_LITERAL("iterm"),   SPAN_LITERAL("putty"),  SPAN_LITERAL("mintty"), SPAN_LITERAL("ghostty"),
        SPAN_LITERAL("contour"), SPAN_LITERAL("mlterm"),
    };
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (span_starts(span_of(term), families[i])) {
            return true;
        }
    }
    return false;
}
