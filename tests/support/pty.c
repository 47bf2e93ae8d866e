#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

enum { STOP_MS = 5000, POLL_MS = 20, QUIET_MS = 60, SETTLE_MS = 3000, LATE_MS = 10 };

struct pty {
    int master;
    int slave; /* kept open, so that modes can be read after the program has gone */
    pid_t pid;
    bool ended;
    int status;
    VTerm *vterm;
    VTermScreen *screen;
    VTermPos cursor;
    bool cursor_visible;
    bool alternate;
    UT_string raw;
    UT_string text;
    char *title;
};

/* --- the virtual terminal --- */

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    (void)old;
    (void)visible;
    ((struct pty *)user)->cursor = pos;
    return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct pty *p = user;
    if (property == VTERM_PROP_CURSORVISIBLE) {
        p->cursor_visible = value->boolean;
    } else if (property == VTERM_PROP_ALTSCREEN) {
        p->alternate = value->boolean;
    } else if (property == VTERM_PROP_TITLE) {
        mem_replace(&p->title, value->string);
    }
    return 1;
}

static const VTermScreenCallbacks callbacks = {.movecursor = on_cursor, .settermprop = on_property};

/* libvterm 0.1.4 writes a wide letter beyond a single column. */
static int virtual_columns(int cols)
{
    return cols < 2 ? 2 : cols;
}

static void take(struct pty *p, const char *bytes, size_t len)
{
    utstring_bincpy(&p->raw, bytes, len);
    vterm_input_write(p->vterm, bytes, len);
}

/* --- the program --- */

static void set_environment(const char *const env[])
{
    static const char *const foreign[] = {"LINES", "COLUMNS", "COLORTERM", "NO_COLOR", "TMUX"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        unsetenv(foreign[i]);
    }
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    for (; env && *env; env++) {
        size_t name = span_find(span_of(*env), '=');
        char *copy = mem_strdup(*env);
        if (copy[name] == '=') {
            copy[name] = '\0';
            setenv(copy, copy + name + 1, 1);
        } else {
            unsetenv(copy);
        }
        mem_free(copy);
    }
}

_Noreturn static void run(struct pty *p, const char *const argv[], const char *const env[],
                          const sigset_t *mask)
{
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, mask, NULL);
    close(p->master);
    login_tty(p->slave);
    set_environment(env);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "%s: %s\r\n", argv[0], strerror(errno));
    _exit(127);
}

struct pty *pty_start(const char *const argv[], const char *const env[], int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    struct pty *p = mem_zalloc(sizeof *p);
    if (openpty(&p->master, &p->slave, NULL, NULL, &size) != 0) {
        mem_free(p);
        return NULL;
    }
    fcntl(p->master, F_SETFD, FD_CLOEXEC);
    fcntl(p->master, F_SETFL, O_NONBLOCK);
    sigset_t all, mask; /* a signal for the program must not meet the handlers of the test */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    p->pid = fork();
    if (p->pid == 0) {
        run(p, argv, env, &mask);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    fcntl(p->slave, F_SETFD, FD_CLOEXEC);
    utstring_init(&p->raw);
    utstring_init(&p->text);
    p->cursor_visible = true;
    p->vterm = vterm_new(rows, virtual_columns(cols));
    vterm_set_utf8(p->vterm, 1);
    p->screen = vterm_obtain_screen(p->vterm);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_reset(p->screen, 1);
    return p;
}

static void look_for_end(struct pty *p)
{
    if (!p->ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid) {
        p->ended = true;
    }
}

void pty_hang_up(struct pty *p)
{
    if (p->master >= 0) {
        close(p->slave);
        close(p->master);
    }
    p->master = p->slave = -1;
}

int pty_stop(struct pty *p)
{
    look_for_end(p);
    if (!p->ended) {
        kill(p->pid, SIGHUP);
        if (!pty_wait_exit(p, STOP_MS)) {
            kill(p->pid, SIGKILL);
            waitpid(p->pid, &p->status, 0);
        }
    }
    int status = p->status;
    pty_hang_up(p);
    vterm_free(p->vterm);
    utstring_done(&p->raw);
    utstring_done(&p->text);
    mem_free(p->title);
    mem_free(p);
    return status;
}

void pty_send_bytes(struct pty *p, struct span bytes)
{
    while (bytes.len) {
        ssize_t n = write(p->master, bytes.data, bytes.len);
        if (n > 0) {
            bytes = span_skip(bytes, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            pty_read(p); /* the program may be waiting for us */
            poll(&(struct pollfd){.fd = p->master, .events = POLLOUT}, 1, POLL_MS);
            look_for_end(p);
            if (p->ended) {
                return;
            }
        } else if (errno != EINTR) {
            return;
        }
    }
}

void pty_send(struct pty *p, const char *keys)
{
    pty_send_bytes(p, span_of(keys));
}

void pty_resize(struct pty *p, int rows, int cols)
{
    vterm_set_size(p->vterm, rows, virtual_columns(cols));
    pty_resize_only(p, rows, cols);
}

void pty_resize_only(struct pty *p, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    ioctl(p->master, TIOCSWINSZ, &size);
}

void pty_scribble(struct pty *p, struct span bytes)
{
    while (bytes.len) {
        ssize_t n = write(p->slave, bytes.data, bytes.len);
        if (n <= 0) {
            return;
        }
        bytes = span_skip(bytes, (size_t)n);
        pty_read(p);
    }
}

void pty_set_modes(struct pty *p, const struct termios *modes)
{
    tcsetattr(p->slave, TCSANOW, modes);
}

void pty_signal(struct pty *p, int number)
{
    kill(p->pid, number);
}

/* --- waiting --- */

static bool read_some(struct pty *p)
{
    char bytes[16384];
    ssize_t n;
    bool any = false;
    while ((n = read(p->master, bytes, sizeof bytes)) > 0) {
        take(p, bytes, (size_t)n);
        any = true;
    }
    return any;
}

void pty_read(struct pty *p)
{
    read_some(p);
}

static bool more_comes(const struct pty *p, int timeout_ms)
{
    return poll(&(struct pollfd){.fd = p->master, .events = POLLIN}, 1, timeout_ms) == 1;
}

/* The letter of proc(5): S waits for something to happen, T is stopped; 0 when it has gone. */
static char run_state(const struct pty *p)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)p->pid);
    FILE *f = fopen(path, "r");
    if (f) {
        size_t n = fread(line, 1, sizeof line - 1, f);
        line[n] = '\0';
        fclose(f);
    }
    const char *name_end = strrchr(line, ')');
    return name_end && name_end[1] == ' ' ? name_end[2] : '\0';
}

static bool is_stopped(struct pty *p, void *ctx)
{
    (void)ctx;
    return run_state(p) == 'T';
}

static bool rests(struct pty *p)
{
    return run_state(p) == 'S' || is_stopped(p, NULL);
}

void pty_settle(struct pty *p)
{
    int64_t until = clock_mono_us() + SETTLE_MS * US_PER_MS;
    int64_t came = clock_mono_us();
    for (;;) {
        look_for_end(p);
        if (read_some(p)) {
            came = clock_mono_us();
        }
        int64_t now = clock_mono_us();
        if (now >= until || (now - came >= QUIET_MS * US_PER_MS && (p->ended || rests(p)))) {
            return;
        }
        more_comes(p, POLL_MS);
        if (clock_mono_us() - now > (POLL_MS + LATE_MS) * US_PER_MS) {
            came =
                clock_mono_us(); /* a machine that lets us wait lets others wait, too: quiet says nothing */
        }
    }
}

bool pty_wait(struct pty *p, bool (*done)(struct pty *p, void *ctx), void *ctx, int timeout_ms)
{
    int64_t until = clock_mono_us() + timeout_ms * US_PER_MS;
    int64_t judged = 0;
    for (;;) {
        if (!p->ended) {
            look_for_end(p);
            if (p->ended) {
                pty_settle(p); /* what it wrote before its end may still be on its way */
            }
        }
        bool any = read_some(p);
        int64_t now = clock_mono_us();
        if (any && now - judged < POLL_MS * US_PER_MS && more_comes(p, 1)) {
            continue; /* looking at a large screen after every few bytes would take most of the time */
        }
        judged = now;
        if (done(p, ctx)) {
            return true;
        }
        if (p->ended || now >= until) {
            return false;
        }
        more_comes(p, POLL_MS);
    }
}

static bool has_text(struct pty *p, void *text)
{
    return strstr(pty_screen_text(p), text) != NULL;
}

static bool lacks_text(struct pty *p, void *text)
{
    return strstr(pty_screen_text(p), text) == NULL;
}

static bool has_raw(struct pty *p, void *bytes)
{
    return span_search(pty_raw_bytes(p), span_of(bytes)) < pty_raw_bytes(p).len;
}

static bool has_ended(struct pty *p, void *ctx)
{
    (void)ctx;
    return p->ended;
}

bool pty_wait_text(struct pty *p, const char *text, int timeout_ms)
{
    return pty_wait(p, has_text, (void *)(uintptr_t)text, timeout_ms);
}

bool pty_wait_text_gone(struct pty *p, const char *text, int timeout_ms)
{
    return pty_wait(p, lacks_text, (void *)(uintptr_t)text, timeout_ms);
}

bool pty_wait_raw(struct pty *p, const char *bytes, int timeout_ms)
{
    return pty_wait(p, has_raw, (void *)(uintptr_t)bytes, timeout_ms);
}

bool pty_wait_stopped(struct pty *p, int timeout_ms)
{
    bool stopped = pty_wait(p, is_stopped, NULL, timeout_ms);
    pty_read(p);
    return stopped;
}

bool pty_wait_exit(struct pty *p, int timeout_ms)
{
    return pty_wait(p, has_ended, NULL, timeout_ms);
}

/* --- looking --- */

static VTermScreenCell cell_at(const struct pty *p, int x, int y)
{
    VTermScreenCell cell = {0};
    vterm_screen_get_cell(p->screen, (VTermPos){.row = y, .col = x}, &cell);
    return cell;
}

static void size_of(const struct pty *p, int *rows, int *cols)
{
    vterm_get_size(p->vterm, rows, cols);
}

const char *pty_screen_text(struct pty *p)
{
    int rows;
    int cols;
    size_of(p, &rows, &cols);
    utstring_clear(&p->text);
    for (int y = 0; y < rows; y++) {
        size_t solid = utstring_len(&p->text);
        for (int x = 0; x < cols; x++) {
            VTermScreenCell cell = cell_at(p, x, y);
            char bytes[4] = " ";
            size_t n = 1;
            for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && (i == 0 || cell.chars[i]); i++) {
                n = cell.chars[i] ? utf8_encode(cell.chars[i], bytes) : 1;
                utstring_bincpy(&p->text, bytes, n);
            }
            solid = cell.chars[0] && cell.chars[0] != ' ' ? utstring_len(&p->text) : solid;
            x += cell.width == 2 ? 1 : 0;
        }
        p->text.i = solid;
        p->text.d[solid] = '\0';
        utstring_bincpy(&p->text, "\n", 1);
    }
    return utstring_body(&p->text);
}

struct span pty_raw_bytes(const struct pty *p)
{
    return text_span(&p->raw);
}

void pty_forget_raw(struct pty *p)
{
    utstring_clear(&p->raw);
}

static int color_number(const VTermColor *color)
{
    enum { OTHER = 256 };
    if (VTERM_COLOR_IS_DEFAULT_FG(color) || VTERM_COLOR_IS_DEFAULT_BG(color)) {
        return -1;
    }
    return VTERM_COLOR_IS_INDEXED(color) ? color->indexed.idx : OTHER;
}

struct pty_cell pty_cell(const struct pty *p, int x, int y)
{
    VTermScreenCell cell = cell_at(p, x, y);
    return (struct pty_cell){
        .ch = cell.chars[0],
        .width = cell.width,
        .fg = color_number(&cell.fg),
        .bg = color_number(&cell.bg),
        .bold = cell.attrs.bold,
        .underline = cell.attrs.underline != 0,
        .reverse = cell.attrs.reverse,
    };
}

bool pty_find(struct pty *p, const char *text, int *ret_x, int *ret_y)
{
    const char *screen = pty_screen_text(p);
    const char *at = strstr(screen, text);
    if (!at) {
        return false;
    }
    const char *row = screen;
    *ret_y = 0;
    for (const char *c = screen; c < at; c++) {
        if (*c == '\n') {
            (*ret_y)++;
            row = c + 1;
        }
    }
    *ret_x = utf8_text_width(span_make(row, (size_t)(at - row)));
    return true;
}

void pty_cursor(const struct pty *p, int *ret_x, int *ret_y, bool *ret_visible)
{
    *ret_x = p->cursor.col;
    *ret_y = p->cursor.row;
    *ret_visible = p->cursor_visible;
}

bool pty_alternate_screen(const struct pty *p)
{
    return p->alternate;
}

const char *pty_title(const struct pty *p)
{
    return p->title ? p->title : "";
}

struct termios pty_modes(const struct pty *p)
{
    struct termios modes = {0};
    tcgetattr(p->slave, &modes);
    return modes;
}

int pty_flags(const struct pty *p)
{
    return fcntl(p->slave, F_GETFL);
}

bool pty_is_full(const struct pty *p)
{
    struct pollfd out = {.fd = p->slave, .events = POLLOUT};
    return poll(&out, 1, 0) == 0;
}

int pty_pid(const struct pty *p)
{
    return p->pid;
}
