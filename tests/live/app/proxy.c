#include "proxy.h"

#include "support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS_MAX = 16 };

struct proxy {
    pid_t pid;
    char path[104], url[120];
};

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    return at;
}

static int dial(const char *path)
{
    struct sockaddr_un at = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        _exit(1);
    }
    return fd;
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

/* One read from one side of a pair; false when that side has ended. Ends the process at the command. */
static bool relay(int from, int to, bool from_client, const char *command, bool deliver)
{
    char bytes[65536];
    ssize_t n = read(from, bytes, sizeof bytes);
    if (n <= 0) {
        return false;
    }
    if (from_client && memmem(bytes, (size_t)n, command, strlen(command))) {
        if (deliver) {
            send_all(to, bytes, (size_t)n);
            ssize_t reply = read(to, bytes, sizeof bytes); /* it has been done now */
            (void)reply;
        }
        _exit(0);
    }
    send_all(to, bytes, (size_t)n);
    return true;
}

_Noreturn static void serve(int listener, const char *path, const char *target, const char *command,
                            bool deliver)
{
    struct pollfd fd[1 + 2 * PAIRS_MAX] = {{.fd = listener, .events = POLLIN}};
    nfds_t count = 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        poll(fd, count, -1);
        if (fd[0].revents && count + 2 <= COUNT_OF(fd)) {
            fd[count] = (struct pollfd){.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), .events = POLLIN};
            fd[count + 1] = (struct pollfd){.fd = dial(target), .events = POLLIN};
            fd[count].revents = fd[count + 1].revents = 0;
            count += 2;
        }
        for (nfds_t i = 1; i < count; i++) {
            nfds_t other = (i & 1u) ? i + 1 : i - 1;
            if (!fd[i].revents || fd[i].fd < 0) {
                continue;
            }
            if ((i & 1u) && command) {
                /* the way to the end: the socket's name goes first, so that nobody comes back */
                char bytes[65536];
                ssize_t n = recv(fd[i].fd, bytes, sizeof bytes, MSG_PEEK);
                if (n > 0 && memmem(bytes, (size_t)n, command, strlen(command))) {
                    unlink(path);
                }
            }
            if (!relay(fd[i].fd, fd[other].fd, (i & 1u) != 0, command, deliver)) {
                close(fd[i].fd);
                close(fd[other].fd);
                fd[i].fd = fd[other].fd = -1;
            }
        }
    }
}

static int listen_in(struct proxy *p, const char *folder)
{
    snprintf(p->path, sizeof p->path, "%s/proxy", folder);
    snprintf(p->url, sizeof p->url, "unix://%s?db=0", p->path);
    struct sockaddr_un at = address_of(p->path);
    unlink(p->path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, PAIRS_MAX), 0);
    return listener;
}

struct proxy *proxy_start(struct server *server, const char *command, bool deliver)
{
    struct proxy *p = calloc(1, sizeof *p);
    assert_non_null(p);
    int listener = listen_in(p, server_folder(server));
    p->pid = fork();
    if (p->pid == 0) {
        serve(listener, p->path, server_socket(server), command, deliver);
    }
    close(listener);
    return p;
}

_Noreturn static void parrot(int listener, const char *line)
{
    struct pollfd fd[1 + PAIRS_MAX] = {{.fd = listener, .events = POLLIN}};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 1; i < COUNT_OF(fd); i++) {
        fd[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    }
    for (;;) {
        poll(fd, COUNT_OF(fd), -1);
        bool newcomer = fd[0].revents != 0;
        for (size_t i = 1; i < COUNT_OF(fd); i++) {
            char bytes[65536];
            if (fd[i].fd < 0 && newcomer) {
                fd[i].fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                newcomer = false;
            } else if (fd[i].fd >= 0 && fd[i].revents) {
                ssize_t n = read(fd[i].fd, bytes, sizeof bytes);
                for (ssize_t k = 0; k < n; k++) { /* an answer for each command of the pipeline */
                    if (bytes[k] == '*') {
                        send_all(fd[i].fd, line, strlen(line));
                    }
                }
                if (n <= 0) {
                    close(fd[i].fd);
                    fd[i].fd = -1;
                }
            }
        }
    }
}

struct proxy *proxy_parrot(const char *folder, const char *line)
{
    struct proxy *p = calloc(1, sizeof *p);
    assert_non_null(p);
    int listener = listen_in(p, folder);
    p->pid = fork();
    if (p->pid == 0) {
        parrot(listener, line);
    }
    close(listener);
    return p;
}

const char *proxy_url(const struct proxy *p)
{
    return p->url;
}

void proxy_stop(struct proxy *p)
{
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    unlink(p->path);
    free(p);
}
