#include "redai/tty/screen.h"

#include "crash.h"
#include "keytable.h"
#include "screen_priv.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "redai/base/clock.h"

#include "redai/tty/palette.h"

enum {
    STOP_MS = 100,
    RESTORE_MS = 1000,
    READ_BYTES = 4096,
    READ_MAX = 64 * 1024,
    QUEUE_KEPT_BYTES = 256 * 1024
};

/* --- the way out: draft -> queue -> terminal --- */

void screen_queue(struct screen *s, struct span bytes)
{
    text_add(&s->queue, bytes);
    crash_mid_sequence(screen_busy(s));
}

/* Takes what curses has drawn since the last time. The draft's bytes are overwritten, never truncated: its
 * pages stay. */
static void collect(struct screen *s)
{
    int fd = fileno(s->draft);
    fflush(s->draft);
    off_t end = lseek(fd, 0, SEEK_CUR);
    off_t at = 0;
    while (at < end) {
        char part[8192];
        size_t want = (size_t)(end - at) < sizeof part ? (size_t)(end - at) : sizeof part;
        ssize_t n = pread(fd, part, want, at);
        if (n <= 0) {
            break;
        }
        sgr_pass(&s->sgr, span_make(part, (size_t)n), &s->queue);
        at += n;
    }
    sgr_settle(&s->sgr, &s->queue); /* whoever writes next finds what curses has left */
    crash_mid_sequence(screen_busy(s));
    lseek(fd, 0, SEEK_SET);
}

bool screen_busy(const struct screen *s)
{
    return s->sent < utstring_len(&s->queue);
}

static void drop_queue(struct screen *s)
{
    if (s->queue.n > QUEUE_KEPT_BYTES) { /* a huge repaint is rare: do not hold its room for days */
        utstring_done(&s->queue);
        utstring_init(&s->queue);
    }
    utstring_clear(&s->queue);
    s->sent = 0;
    crash_mid_sequence(false);
}

bool screen_pump(struct screen *s)
{
    if (!screen_busy(s)) {
        return !s->gone;
    }
    ssize_t n = terminal_write(&s->terminal, span_skip(text_span(&s->queue), s->sent));
    if (n < 0) {
        s->gone = true;
        drop_queue(s);
        return false;
    }
    s->sent += (size_t)n;
    s->bytes_out += (uint64_t)n;
    if (!screen_busy(s)) {
        drop_queue(s);
    }
    return true;
}

/* Only for the end and for suspending: waits a moment for the terminal. False when bytes are left. */
static bool drain(struct screen *s, int timeout_ms)
{
    int64_t until = clock_mono_us() + timeout_ms * US_PER_MS;
    while (screen_pump(s) && screen_busy(s)) {
        int64_t left_ms = (until - clock_mono_us()) / US_PER_MS;
        if (left_ms <= 0 || !terminal_wait_writable(&s->terminal, (int)left_ms)) {
            return false;
        }
    }
    return !screen_busy(s);
}

/* --- our own strings around those of curses --- */

/* For a terminal that others have written to. The alternate screen without the usual saving of the cursor:
 * the one saved at the start is the shell's. The scrolling region follows with each size. */
static void build_retake(struct screen *s, struct span smcup)
{
    static const char *const plain[] = {"sgr0", "rmacs", "rmir", "smam"};
    bool usual = span_search(smcup, S("\033[?1049h")) < smcup.len;
    text_add(&s->retake, S("\030")); /* CAN: half a sequence of theirs, or of ours */
    text_add(&s->retake, usual ? S("\033[?1047h") : smcup);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        terminfo_string(plain[i], &s->retake);
    }
}

static void build_strings(struct screen *s)
{
    UT_string *enter = &s->enter;
    UT_string *leave = &s->leave;
    UT_string smcup;
    utstring_init(&smcup);
    terminfo_string("smcup", &smcup);
    build_retake(s, text_span(&smcup));
    /* Many descriptions keep the window's title within smcup already. */
    bool keep_title = s->osc && span_search(text_span(&smcup), S("\033[22;")) == utstring_len(&smcup);
    utstring_done(&smcup);
    terminfo_string("smkx", enter);
    text_add(enter, s->dumb ? S("") : S("\033[?2004h"));
    text_add(enter, keep_title ? S("\033[22;2t") : S(""));
    text_add(leave, s->dumb ? S("") : S("\033[?2004l"));
    text_add(leave, keep_title ? S("\033[23;2t") : S(""));
    terminfo_string("rmkx", leave);
    /* Once more behind rmcup: terminals built on libvterm bring back the visibility of the last save, which
     * may be that of a cursor curses had hidden. */
    terminfo_string("cnorm", leave);
    /* Without a screen of our own, what we have shown would stay in front of whoever comes next. */
    if (!terminfo_has("rmcup")) {
        terminfo_string("clear", leave);
    }
}

/* Everything back at one stroke, from whatever state: for a crash, and for a terminal that took half a frame.
 */
static void build_restore(const struct screen *s, UT_string *out)
{
    text_add(out, text_span(&s->leave));
    terminfo_string("sgr0", out);
    if (s->blit.colors > 0) {
        terminfo_string("op", out);
    }
    terminfo_string2("csr", 0, s->blit.height - 1, out);
    terminfo_string2("cup", s->blit.height - 1, 0, out);
    terminfo_string(terminfo_has("rmcup") ? "rmcup" : "clear", out);
    terminfo_string("cnorm", out);
}

static void arm(struct screen *s)
{
    UT_string restore;
    utstring_init(&restore);
    build_restore(s, &restore);
    crash_arm(&s->terminal, text_span(&restore));
    utstring_done(&restore);
}

/* --- start and stop --- */

/* An SSH session often names a locale the other machine does not have; what it says about UTF-8 is true all
 * the same. */
static bool take_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *wanted = NULL;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0] && !(wanted && *wanted); i++) {
        wanted = getenv(variables[i]);
    }
    if (!setlocale(LC_CTYPE, "") && wanted) {
        bool utf8 = strstr(wanted, "UTF-8") || strstr(wanted, "utf8") || strstr(wanted, "UTF8") ||
                    strstr(wanted, "utf-8");
        setlocale(LC_CTYPE, utf8 ? "C.UTF-8" : "C");
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* A file that is nowhere but in memory; anonymous in /tmp where the kernel has no such thing. */
static FILE *open_draft(void)
{
    int fd = memfd_create("redai-screen", MFD_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r+") : tmpfile();
    if (!file && fd >= 0) {
        close(fd);
    }
    return file;
}

static int choose_colors(int wanted)
{
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: any value but the empty one */
    if (wanted == 0 || (wanted < 0 && no_color && *no_color) || !has_colors() || start_color() == ERR) {
        return 0;
    }
    int have = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
    return wanted > 0 && wanted < have ? wanted : have;
}

static bool many_colors(int wanted)
{
    const char *told = getenv("COLORTERM");
    return wanted >= 256 ||
           (wanted < 0 && told && (strcmp(told, "truecolor") == 0 || strcmp(told, "24bit") == 0));
}

static bool start_curses(struct screen *s, const struct screen_options *options, struct err *err)
{
    const char *term = options->term ? options->term : getenv("TERM");
    char name[TERMINFO_NAME_SIZE];
    int width;
    int height;
    term = term ? term : "";
    terminal_size(&s->terminal, &width, &height);
    s->draft = open_draft();
    if (!s->draft) {
        return err_set(err, ERR_IO, "no memory file for the screen: %m");
    }
    s->curses = terminfo_newterm(term, many_colors(options->colors), s->draft, width, height, name);
    if (!s->curses) {
        return err_set(err, ERR_INTERNAL, "curses cannot be started for the terminal \"%.40s\"", term);
    }
    s->dumb = span_equal(span_of(term), S("dumb"));
    s->osc = terminfo_speaks_osc(term) && strcmp(name, "vt100") != 0;
    s->multiplexer = getenv("TMUX")                    ? SCREEN_IN_TMUX
                     : strncmp(term, "screen", 6) == 0 ? SCREEN_IN_SCREEN
                                                       : SCREEN_BARE;
    nonl();        /* the terminal translates nothing: modes are raw */
    typeahead(-1); /* curses has no input to look at */
    s->blit.console = strncmp(term, "linux", 5) == 0;
    s->blit.colors = choose_colors(options->colors);
    s->blit.defaults = s->blit.colors > 0 && use_default_colors() == OK;
    blit_resize(&s->blit, width, height);
    resize_term(height, width);
    blit_palette(&s->blit, s->palette);
    for (size_t i = 0; i < keytable_capabilities_count; i++) {
        UT_string text;
        utstring_init(&text);
        terminfo_string(keytable_capabilities[i].name, &text);
        input_learn(&s->input, utstring_body(&text), keytable_capabilities[i].key);
        utstring_done(&text);
    }
    sgr_init(&s->sgr);
    build_strings(s);
    return true;
}

static void screen_free(struct screen *s)
{
    if (s->curses) {
        delscreen(s->curses);
    }
    if (s->draft) {
        fclose(s->draft);
    }
    input_release(&s->input);
    blit_release(&s->blit);
    part_release(&s->part);
    terminal_close(&s->terminal);
    utstring_done(&s->queue);
    utstring_done(&s->enter);
    utstring_done(&s->leave);
    utstring_done(&s->retake);
    mem_free(s->title);
    mem_free(s);
}

static const struct palette no_palette; /* every role as the terminal shows plain text */

struct screen *screen_start(const struct screen_options *options, struct err *err)
{
    if (crash_armed()) {
        err_set(err, ERR_INTERNAL, "a screen is already up");
        return NULL;
    }
    struct screen *s = mem_zalloc(sizeof *s);
    s->terminal = (struct terminal){.in_fd = -1, .out_fd = -1};
    s->palette = options->palette ? options->palette : &no_palette;
    utstring_init(&s->queue);
    utstring_init(&s->enter);
    utstring_init(&s->leave);
    utstring_init(&s->retake);
    input_init(&s->input);
    s->blit.utf8 = take_locale();
    bool ok =
        terminal_open(&s->terminal, options->in_fd, options->out_fd, err) &&
        (terminal_await_front(&s->terminal) || err_set(err, ERR_IO, "another program has the terminal")) &&
        start_curses(s, options, err);
    if (ok) {
        arm(s);
        ok = terminal_raw(&s->terminal) || err_set(err, ERR_IO, "the terminal's modes cannot be set: %m");
    }
    if (!ok) {
        crash_disarm();
        screen_free(s);
        return NULL;
    }
    screen_queue(s, text_span(&s->enter));
    screen_pump(s);
    return s;
}

/* Gives the terminal back, within a bounded time. */
static void leave(struct screen *s)
{
    if (s->suspended) {
        return;
    }
    bool whole = drain(s, STOP_MS);
    endwin();
    if (whole) {
        collect(s);
        screen_queue(s, text_span(&s->leave));
    } else {
        /* Half a frame is with the terminal and the rest will never be: cancel, and everything back. */
        drop_queue(s);
        collect(s);
        drop_queue(s);
        screen_queue(s, S("\030"));
        build_restore(s, &s->queue);
    }
    drain(s, RESTORE_MS);
    drop_queue(s);
    terminal_restore(&s->terminal);
    crash_disarm();
    s->suspended = true;
}

void screen_stop(struct screen *s)
{
    if (s) {
        leave(s);
        screen_free(s);
    }
}

void screen_suspend(struct screen *s)
{
    leave(s);
}

bool screen_resume(struct screen *s)
{
    if (!terminal_await_front(&s->terminal)) {
        return false;
    }
    bool own = s->suspended; /* else stopped from outside, and curses believes that all is as it left it */
    screen_resize(s);        /* the window may have changed meanwhile; and all is repainted */
    arm(s);
    terminal_raw(&s->terminal);
    terminal_drop_input(&s->terminal);
    input_forget(&s->input);
    s->suspended = false;
    sgr_forget(&s->sgr);
    if (own) {
        screen_queue(s, text_span(&s->enter));
        screen_send_title(s); /* the shell's came back meanwhile */
        screen_pump(s);
    } else {
        screen_retake(s);
    }
    return true;
}

/* --- size and drawing --- */

bool screen_utf8(const struct screen *s)
{
    return s->blit.utf8;
}

int screen_colors(const struct screen *s)
{
    return s->blit.colors;
}

void screen_size(const struct screen *s, int *ret_width, int *ret_height)
{
    terminal_size(&s->terminal, ret_width, ret_height);
}

/* curses sets the scrolling region once, for the first size. It moves the cursor: a repaint follows. */
static void queue_region(struct screen *s)
{
    terminfo_string2("csr", 0, s->blit.height - 1, &s->queue);
}

void screen_resize(struct screen *s)
{
    int width;
    int height;
    terminal_size(&s->terminal, &width, &height);
    if (width != s->blit.width || height != s->blit.height) {
        resize_term(height, width);
        blit_resize(&s->blit, width, height);
        if (!s->suspended) {
            queue_region(s);
            arm(s);
            screen_pump(s);
        }
    }
    screen_repaint(s);
}

void screen_repaint(struct screen *s)
{
    s->repaint = true;
}

void screen_retake(struct screen *s)
{
    if (s->suspended || s->gone) {
        return;
    }
    drop_queue(s);
    sgr_forget(&s->sgr);
    screen_queue(s, text_span(&s->retake));
    queue_region(s);
    screen_queue(s, text_span(&s->enter));
    screen_send_title(s);
    s->retaken = true; /* whether the cursor is seen is told behind the picture */
    screen_repaint(s);
    screen_pump(s);
}

bool screen_draw(struct screen *s, const struct grid *g)
{
    if (s->suspended || s->gone || screen_busy(s)) {
        return false;
    }
    if (s->repaint) {
        s->repaint = false;
        s->blit.whole = true;
        clearok(curscr, TRUE);
    }
    blit_draw(&s->blit, g);
    wnoutrefresh(stdscr);
    doupdate();
    collect(s);
    if (s->retaken) {
        s->retaken = false;
        terminfo_string(g->cursor_x >= 0 && g->cursor_y >= 0 ? "cnorm" : "civis", &s->queue);
    }
    screen_pump(s);
    return true;
}

struct parting {
    struct screen *screen;
    const struct grid *grid;
    size_t most;
};

static void refresh_row(struct screen *s, const struct grid *g)
{
    blit_cursor(&s->blit, g);
    wnoutrefresh(stdscr);
    doupdate();
    collect(s);
}

static bool send_row(void *ctx, int y)
{
    struct parting *p = ctx;
    struct screen *s = p->screen;
    if (blit_row(&s->blit, p->grid, y)) {
        refresh_row(s, p->grid);
    }
    return utstring_len(&s->queue) < p->most;
}

bool screen_draw_part(struct screen *s, const struct grid *g, size_t most, bool by_key,
                      enum screen_left *ret_left)
{
    if (s->suspended || s->gone || screen_busy(s)) {
        return false;
    }
    bool same_size = g->width == s->blit.width && g->height == s->blit.height;
    part_look(&s->part, g, by_key);
    if (s->repaint || s->blit.whole || !same_size || most == SIZE_MAX) {
        *ret_left = SCREEN_LEFT_NOTHING;
        return screen_draw(s, g);
    }
    *ret_left = part_each(&s->part, g, by_key, send_row, &(struct parting){s, g, most});
    refresh_row(s, g); /* the cursor may have moved and nothing else */
    screen_pump(s);
    return true;
}

void screen_palette_changed(struct screen *s)
{
    blit_palette(&s->blit, s->palette);
}

int screen_out_fd(const struct screen *s)
{
    return s->terminal.out_fd;
}

uint64_t screen_bytes_out(const struct screen *s)
{
    return s->bytes_out;
}

/* --- input --- */

int screen_in_fd(const struct screen *s)
{
    return s->terminal.in_fd;
}

bool screen_read(struct screen *s, const struct screen_input *input, int *ret_again_ms)
{
    size_t total = 0; /* bounded, so that a pasted megabyte does not keep the loop from its other duties */
    ssize_t n;
    do {
        char bytes[READ_BYTES];
        n = terminal_read(&s->terminal, bytes, sizeof bytes);
        if (n > 0) {
            total += (size_t)n;
            input_feed(&s->input, span_make(bytes, (size_t)n), input);
        }
    } while (n > 0 && total < READ_MAX);
    if (ret_again_ms) {
        *ret_again_ms = input_wait_ms(&s->input);
    }
    return n >= 0;
}

void screen_flush_keys(struct screen *s, const struct screen_input *input)
{
    input_flush(&s->input, input);
}
