#include "celery.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"
enum { LOOK_MS = 50, START_LOOKS = 1200, STOP_LOOKS = 400 };

struct celery {
    pid_t pid;
    char log[256];
};

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
}

static void to_null(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, fd);
    }
}

void celery_require(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        to_null(STDOUT_FILENO);
        to_null(STDERR_FILENO);
        execl(PYTHON, PYTHON, "-c", "import celery, redis", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return;
    }
    fprintf(stderr, "Celery is not there (Debian: apt-get install celery)\n");
    exit(getenv("CI") ? 1 : SERVER_SKIP_STATUS);
}

static void become_worker(struct server *server, const char *name, const char *log)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* Its pool processes go with it: one group, ended together. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == 1 || fd < 0) {
        _exit(127);
    }
    to_null(STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("REDAI_SOCKET", server_socket(server), 1);
    setenv("PYTHONPATH", REDAI_SOURCE_DIR "/tests/live", 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    /* A container runs tests as root; the JSON serialiser makes that harmless. */
    setenv("C_FORCE_ROOT", "1", 1);
    execl(PYTHON, PYTHON, "-m", "celery", "-A", "celery_app", "worker", "-n", name, "-c", "1", "--loglevel",
          "info", (char *)NULL);
    _exit(127);
}

static bool is_up(struct server *server, const char *name)
{
    char *boxes = server_cli(server, "SMEMBERS", "_kombu.binding.celery.pidbox", NULL);
    char *clients = server_cli(server, "CLIENT", "LIST", NULL);
    char *channels = server_cli(server, "PUBSUB", "NUMPAT", NULL);
    bool up = boxes && strstr(boxes, name) && clients && strstr(clients, "cmd=brpop") && channels &&
              strtol(channels, NULL, 10) > 0;
    free(boxes);
    free(clients);
    free(channels);
    return up;
}

static void show_log(const struct celery *c)
{
    char line[1024];
    FILE *f = fopen(c->log, "r");
    while (f && fgets(line, sizeof line, f)) {
        fputs(line, stderr);
    }
    if (f) {
        fclose(f);
    }
}

bool celery_is_alive(struct celery *c)
{
    int status;
    return c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == 0;
}

struct celery *celery_start(struct server *server, const char *name)
{
    struct celery *c = calloc(1, sizeof *c);
    snprintf(c->log, sizeof c->log, "%s/%s.log", server_folder(server), name);
    c->pid = fork();
    if (c->pid == 0) {
        become_worker(server, name, c->log);
    }
    for (int i = 0; i < START_LOOKS && celery_is_alive(c); i++) {
        if (is_up(server, name)) {
            return c;
        }
        rest();
    }
    show_log(c);
    celery_stop(c);
    return NULL;
}

void celery_stop(struct celery *c)
{
    int status;
    if (!c) {
        return;
    }
    if (c->pid > 0) {
        kill(c->pid, SIGTERM);
        bool gone = false;
        for (int i = 0; i < STOP_LOOKS && !gone; i++) {
            gone = waitpid(c->pid, &status, WNOHANG) != 0;
            if (!gone) {
                rest();
            }
        }
        kill(-c->pid, SIGKILL);
        if (!gone) {
            waitpid(c->pid, &status, 0);
        }
    }
    remove(c->log);
    free(c);
}
