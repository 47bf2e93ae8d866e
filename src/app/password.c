/* password: where it comes from when neither a URL nor a file holds it: the terminal, or a descriptor, a line
 * for each. */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_MAX = 4096, CTRL_C = 3 };

/* The first line, or all there is. */
static bool read_line(int fd, const char *from, char **ret, struct err *err)
{
    char text[PASSWORD_MAX + 1];
    size_t len = 0;
    bool is_over = false;
    while (!is_over && len < sizeof text) {
        ssize_t got = read(fd, text + len, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            explicit_bzero(text, sizeof text);
            return err_set(err, ERR_IO, "%s: %s", from, strerror(errno));
        }
        is_over = got == 0 || text[len] == '\n';
        len += !is_over;
    }
    if (len && memchr(text, CTRL_C, len)) {
        explicit_bzero(text, sizeof text);
        return err_set(err, ERR_USAGE, "%s: given up", from);
    }
    bool fits = is_over && !memchr(text, '\0', len);
    bool ok = len > 0 && fits;
    if (ok) {
        *ret = span_dup(span_make(text, len));
    }
    explicit_bzero(text, sizeof text);
    return ok || err_set(err, ERR_USAGE, "%s: %s", from,
                         fits ? "no password came" : "no password of at most 4096 bytes came");
}

/* Signals that would leave a terminal without echo wait until it has it again. */
static bool ask(const char *of, char **ret, struct err *err)
{
    struct termios before, quiet;
    sigset_t held, old;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return err_set(err, ERR_USAGE,
                       "--askpass: there is no terminal to ask on: --password-fd N reads it elsewhere");
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    quiet.c_lflag |= ECHONL | ICANON;
    sigemptyset(&held);
    sigaddset(&held, SIGTSTP);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &old);
    tcsetattr(fd, TCSAFLUSH, &quiet);
    dprintf(fd, "%spassword: ", of);
    bool ok = read_line(fd, "--askpass", ret, err);
    tcsetattr(fd, TCSAFLUSH, &before);
    sigprocmask(SIG_SETMASK, &old, NULL);
    close(fd);
    return ok;
}

bool password_is_given(const struct settings *s)
{
    return option_text(&s->options, OPTION_PASSWORD_FD) || option_on(&s->options, OPTION_ASKPASS);
}

bool password_read(const struct settings *s, const char *of, char **ret, struct err *err)
{
    char from[64];
    if (!option_text(&s->options, OPTION_PASSWORD_FD)) {
        return ask(of, ret, err);
    }
    snprintf(from, sizeof from, "--password-fd%s%.*s", *of ? ": " : "", (int)strcspn(of, " "), of);
    return read_line((int)option_number(&s->options, OPTION_PASSWORD_FD), from, ret, err);
}

void password_done(const struct settings *s)
{
    int fd = option_text(&s->options, OPTION_PASSWORD_FD)
                 ? (int)option_number(&s->options, OPTION_PASSWORD_FD)
                 : -1;
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}
