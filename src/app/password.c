/* password: where it comes from when neither a URL nor a file holds it. */
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
static bool ask(char **ret, struct err *err)
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
    dprintf(fd, "password: ");
    bool ok = read_line(fd, "--askpass", ret, err);
    tcsetattr(fd, TCSAFLUSH, &before);
    sigprocmask(SIG_SETMASK, &old, NULL);
    close(fd);
    return ok;
}

bool password_take(struct settings *s, struct err *err)
{
    if (option_text(&s->options, OPTION_PASSWORD_FD)) {
        int fd = (int)option_number(&s->options, OPTION_PASSWORD_FD);
        bool ok = read_line(fd, "--password-fd", &s->password, err);
        if (fd > STDERR_FILENO) {
            close(fd);
        }
        return ok;
    }
    return !option_on(&s->options, OPTION_ASKPASS) || ask(&s->password, err);
}
