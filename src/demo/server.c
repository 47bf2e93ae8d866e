#include "redai/demo/server.h"

#include "demo/folder.h"
#include "demo/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

#define START_US (10 * US_PER_S)
enum { STEP_MS = 2, PING_MS = 1000, PATH_SIZE = FOLDER_SIZE + 12 };

struct demo_server {
    struct guard guard;
    bool ended;
    char folder[FOLDER_SIZE];
    char socket[PATH_SIZE];
    char log[PATH_SIZE];
    char address[PATH_SIZE + 16];
};

static bool is_executable_in(const char *path, const char *name)
{
    while (path && *path) {
        char full[512];
        size_t len = strcspn(path, ":");
        int n = snprintf(full, sizeof(full), "%.*s/%s", (int)len, path, name);
        if (n > 0 && (size_t)n < sizeof(full) && access(full, X_OK) == 0) {
            return true;
        }
        path += path[len] ? len + 1 : len;
    }
    return false;
}

static const char *binary(struct err *err)
{
    const char *named = getenv("REDIS_SERVER");
    const char *name = named && *named ? named : "redis-server";

    if (strchr(name, '/') ? access(name, X_OK) == 0 : is_executable_in(getenv("PATH"), name)) {
        return name;
    }
    err_set(err, ERR_NOT_FOUND,
            "cannot run '%s': the demo needs a redis-server in PATH or named by REDIS_SERVER", name);
    return NULL;
}

/* PING over a connection of its own: the socket's file exists before the server listens, and a server that
 * loads answers, but with -LOADING. */
static bool answers(const struct demo_server *s)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char reply[8] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof(at.sun_path), "%s", s->socket);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
        send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, PING_MS) > 0) {
            (void)!recv(fd, reply, sizeof(reply) - 1, 0);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return strncmp(reply, "+PONG", 5) == 0;
}

/* The last line that is not empty, with the line of the file it is about: what the server said before it
 * ended. */
static void log_tail(const struct demo_server *s, char *out, size_t size)
{
    char line[256];
    char about[256] = "";
    FILE *log = fopen(s->log, "re");

    snprintf(out, size, "it said nothing");
    while (log && fgets(line, sizeof(line), log)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, ">>> ", 4) == 0) {
            snprintf(about, sizeof(about), "%s: ", line + 4);
        } else if (line[0]) {
            snprintf(out, size, "%s%s", about, line);
        }
    }
    if (log) {
        fclose(log);
    }
}

static bool wait_until_up(struct demo_server *s, struct err *err)
{
    int64_t until_us = clock_mono_us() + START_US;
    char said[512];

    while (!guard_server_ended(&s->guard, STEP_MS)) {
        if (answers(s)) {
            return true;
        }
        if (clock_mono_us() > until_us) {
            return err_set(err, ERR_NETWORK, "the demo's redis-server does not answer");
        }
    }
    log_tail(s, said, sizeof(said));
    return err_set(err, ERR_IO, "the demo's redis-server ended at once: %s", said);
}

struct demo_server *demo_server_start(const char *conf_path, struct err *err)
{
    const char *program = binary(err);
    if (!program) {
        return NULL;
    }
    if (!conf_path || access(conf_path, R_OK) != 0) {
        err_set(err, ERR_NOT_FOUND, "cannot read '%s': %s", conf_path ? conf_path : "redis.conf",
                strerror(errno));
        return NULL;
    }
    struct demo_server *s = mem_zalloc(sizeof(*s));
    s->guard.fd = -1;
    if (!folder_make(s->folder, err)) {
        mem_free(s);
        return NULL;
    }
    snprintf(s->socket, sizeof(s->socket), "%s/redis.sock", s->folder);
    snprintf(s->log, sizeof(s->log), "%s/redis.log", s->folder);
    snprintf(s->address, sizeof(s->address), "unix://%s?db=0", s->socket);
    const char *const argv[] = {
        program,
        conf_path,
        "--port",
        "0",
        "--unixsocket",
        s->socket,
        "--unixsocketperm",
        "700",
        "--dir",
        s->folder,
        "--logfile",
        s->log,
        "--pidfile",
        "",
        "--daemonize",
        "no",
        "--appendonly",
        "no",
        "--save",
        "",
        "--requirepass",
        "",
        NULL,
    };
    snprintf(s->guard.folder, sizeof(s->guard.folder), "%s", s->folder);
    if (!guard_start(&s->guard, s->folder, s->log, argv, err) || !wait_until_up(s, err)) {
        demo_server_stop(s);
        return NULL;
    }
    return s;
}

void demo_server_stop(struct demo_server *s)
{
    if (s) {
        guard_stop(&s->guard);
        mem_free(s);
    }
}

const char *demo_server_address(const struct demo_server *s)
{
    return s->address;
}

const char *demo_server_folder(const struct demo_server *s)
{
    return s->folder;
}

pid_t demo_server_pid(const struct demo_server *s)
{
    return s->guard.server_pid;
}

bool demo_server_is_alive(struct demo_server *s)
{
    s->ended = s->ended || guard_server_ended(&s->guard, 0);
    return !s->ended;
}
