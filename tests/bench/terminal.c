#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "redai/base/clock.h"

enum { SLICE_MS = 10, BITS_A_BYTE = 10 };

/* A row as text, a '?' for each letter beyond ASCII: enough to look for words in. */
static void read_row(const struct terminal *t, int row, char *out)
{
    for (int x = 0; x < t->cols; x++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = x}, &cell);
        uint32_t c = cell.chars[0];
        out[x] = c == 0 ? ' ' : c < 0x80 ? (char)c : '?';
    }
    out[t->cols] = '\0';
}

bool terminal_shows(const struct terminal *t, const char *text)
{
    char row[1024];
    for (int y = 0; y < t->rows; y++) {
        read_row(t, y, row);
        if (strstr(row, text)) {
            return true;
        }
    }
    return false;
}

void terminal_print(const struct terminal *t)
{
    char row[1024];
    for (int y = 0; y < t->rows; y++) {
        read_row(t, y, row);
        fprintf(stderr, "%s\n", row);
    }
}

/* How many bytes the line lets through now. */
static size_t line_room(struct terminal *t, int64_t now_us)
{
    if (!t->baud) {
        return SIZE_MAX;
    }
    if (now_us - t->slice_us >= SLICE_MS * US_PER_MS) {
        t->slice_us = now_us;
        t->slice_bytes = t->baud / BITS_A_BYTE * SLICE_MS / 1000;
    }
    return t->slice_bytes > 0 ? (size_t)t->slice_bytes : 0;
}

/* Reads what is there; true when something was. */
static bool take(struct terminal *t)
{
    char room[64 * 1024];
    size_t most = line_room(t, clock_mono_us());
    ssize_t got = most ? read(t->fd, room, most < sizeof room ? most : sizeof room) : 0;
    if (got > 0) {
        if (t->first_us < 0) {
            t->first_us = clock_mono_us();
        }
        t->bytes += got;
        t->slice_bytes -= got;
        vterm_input_write(t->vterm, room, (size_t)got);
        /* What a terminal answers when asked (its position, its kind). */
        char answer[256];
        size_t len = vterm_output_read(t->vterm, answer, sizeof answer);
        return !len || write(t->fd, answer, len) >= 0;
    }
    t->ended = t->ended || (got == 0 && most) || (got < 0 && errno != EAGAIN && errno != EINTR);
    return false;
}

/* Until something was read, or the time has come. */
bool terminal_wait(struct terminal *t, int64_t until_us)
{
    while (!t->ended) {
        int64_t now = clock_mono_us();
        if (now >= until_us) {
            return false;
        }
        int64_t left_us = until_us - now;
        if (!line_room(t, now)) {
            poll(NULL, 0, 1);
            continue;
        }
        struct pollfd p = {.fd = t->fd, .events = POLLIN};
        struct timespec left = {left_us / US_PER_S, left_us % US_PER_S * 1000};
        if (ppoll(&p, 1, &left, NULL) > 0 && take(t)) {
            return true;
        }
    }
    return false;
}

void terminal_run_until(struct terminal *t, int64_t until_us)
{
    while (terminal_wait(t, until_us)) {}
}

void terminal_resize(struct terminal *t, int rows)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)t->cols};
    t->rows = rows;
    vterm_set_size(t->vterm, rows, t->cols);
    ioctl(t->fd, TIOCSWINSZ, &size);
}

static void set_environment(void)
{
    static const char *const foreign[] = {"LINES", "COLUMNS", "NO_COLOR", "TMUX"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        unsetenv(foreign[i]);
    }
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
}

/* A line tells its speed; one that has no name stays as it is. */
static void tell_speed(int64_t baud)
{
    struct termios modes;
    if (baud && tcgetattr(STDIN_FILENO, &modes) == 0) {
        cfsetspeed(&modes, (speed_t)baud);
        tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    }
}

bool terminal_start(struct terminal *t, char **argv)
{
    set_environment();
    struct winsize size = {.ws_row = (unsigned short)t->rows, .ws_col = (unsigned short)t->cols};
    t->vterm = vterm_new(t->rows, t->cols);
    vterm_set_utf8(t->vterm, 1);
    t->screen = vterm_obtain_screen(t->vterm);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_reset(t->screen, 1);
    t->first_us = -1;
    t->begun_us = clock_mono_us();
    t->pid = forkpty(&t->fd, NULL, NULL, &size);
    if (t->pid == 0) {
        tell_speed(t->baud);
        execvp(argv[0], argv);
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    if (t->pid < 0) {
        perror("forkpty");
        return false;
    }
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
    return true;
}

/* Ends the program as a terminal that goes away does, and waits for it. */
void terminal_stop(struct terminal *t)
{
    kill(t->pid, SIGTERM);
    for (int i = 0; i < 200 && waitpid(t->pid, NULL, WNOHANG) == 0; i++) {
        if (i == 150) {
            kill(t->pid, SIGKILL);
        }
        terminal_run_until(t, clock_mono_us() + 20 * US_PER_MS);
        poll(NULL, 0, t->ended ? 20 : 0);
    }
    close(t->fd);
    vterm_free(t->vterm);
}
