#include "redai/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/isotime.h"

enum { LINE_MAX_BYTES = 2048 };

static int log_fd = -1;

bool log_open(const char *path, struct err *err)
{
    struct stat found;

    /* Without O_NONBLOCK a FIFO in the place of the file would hold the program up. */
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    if (fd < 0) {
        const char *why = errno == ELOOP ? "is a symbolic link" : strerror(errno);
        return err_set(err, ERR_IO, "cannot open log file '%s': %s", path, why);
    }
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
        close(fd);
        return err_set(err, ERR_IO, "cannot open log file '%s': not a regular file", path);
    }
    log_close();
    log_fd = fd;
    return true;
}

void log_line(const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;

    if (log_fd < 0) {
        return;
    }
    isotime_format_celery(clock_wall_us(), line, sizeof(line));
    size_t len = strlen(line);
    line[len++] = ' ';
    size_t start = len;
    va_start(args, format);
    int wanted = vsnprintf(line + len, sizeof(line) - len, format, args);
    va_end(args);
    len += strlen(line + len);
    for (size_t i = start; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7f) {
            line[i] = ' ';
        }
    }
    if (wanted >= (int)(sizeof(line) - start)) {
        line[len - 1] = '~';
    }
    line[len++] = '\n';
    /* One write a line, so that two consoles on one file do not mix theirs. A full disk must not stop us. */
    ssize_t written = write(log_fd, line, len);
    (void)written;
}

void log_close(void)
{
    if (log_fd >= 0) {
        close(log_fd);
        log_fd = -1;
    }
}
