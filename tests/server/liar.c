#include "server/liar.h"

#include "support/unit.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 4 * 1024 * 1024, NAME_MAX_BYTES = 48 };

/* Seen by the test and by all processes of the liar. */
struct shared {
    struct lie lie;
    _Atomic int64_t tellings; /* odd while the lie is being written */
    _Atomic int64_t connections, lies;
};

struct liar {
    pid_t pid;
    struct shared *shared;
    char url[64];
};

/* One connection: a process that does one thing after the other. */
struct visit {
    const struct liar *liar;
    struct lie lie; /* the one of this command: the test may tell another at any time */
    int client, server;
    char *in, *out; /* what came from the client, from the server */
    size_t in_len, out_len;
    uint64_t random;
};

static void say(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            _exit(0);
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static size_t hear(int fd, char *room, size_t used)
{
    ssize_t n = read(fd, room + used, ROOM - used);
    if (n <= 0) {
        _exit(0);
    }
    return used + (size_t)n;
}

/* How many bytes the first item takes; 0: it is not whole. */
static size_t extent(const char *b, size_t len)
{
    const char *end = memmem(b, len, "\r\n", 2);
    if (!end) {
        return 0;
    }
    size_t used = (size_t)(end - b) + 2;
    long n = strtol(b + 1, NULL, 10);
    if (b[0] == '$') {
        used += n >= 0 ? (size_t)n + 2 : 0;
    }
    for (long i = 0; b[0] == '*' && i < n; i++) {
        size_t one = used < len ? extent(b + used, len - used) : 0;
        if (one == 0) {
            return 0;
        }
        used += one;
    }
    return used <= len ? used : 0;
}

/* The i-th word of a command, upper case, cut. */
static void word(const char *b, int i, char *ret, size_t size)
{
    const char *at = strstr(b, "\r\n") + 2;
    for (; i > 0; i--) {
        at = strstr(at, "\r\n") + 2 + strtol(at + 1, NULL, 10) + 2;
    }
    size_t len = (size_t)strtol(at + 1, NULL, 10);
    at = strstr(at, "\r\n") + 2;
    size_t k = 0;
    for (; k < len && k + 1 < size; k++) {
        ret[k] = (char)toupper((unsigned char)at[k]);
    }
    ret[k] = '\0';
}

static void name_of(const char *command, char ret[NAME_MAX_BYTES])
{
    static const char *const families[] = {"CLIENT", "CONFIG", "SLOWLOG", "LATENCY",
                                           "MEMORY", "PUBSUB", "ACL",     "OBJECT"};
    char sub[20];
    word(command, 0, ret, 20);
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        if (strcmp(ret, families[i]) == 0 && strtol(command + 1, NULL, 10) > 1) {
            word(command, 1, sub, sizeof sub);
            strcat(strcat(ret, " "), sub);
        }
    }
}

static bool is_greeting(const char *name)
{
    static const char *const greeting[] = {"AUTH",           "SELECT",          "PING",
                                           "CLIENT SETNAME", "CLIENT NO-TOUCH", "CLIENT ID"};
    bool is = false;
    for (size_t i = 0; i < COUNT_OF(greeting); i++) {
        is = is || strcmp(name, greeting[i]) == 0;
    }
    return is;
}

static uint64_t next(struct visit *v)
{
    v->random = v->random * 6364136223846793005u + 1442695040888963407u;
    return v->random >> 33;
}

/* The lie of now, whole. */
static void take_lie(struct visit *v)
{
    struct shared *s = v->liar->shared;
    int64_t before;
    do {
        before = atomic_load(&s->tellings);
        v->lie = s->lie;
        atomic_thread_fence(memory_order_seq_cst);
    } while (before % 2 || before != atomic_load(&s->tellings));
}

static bool is_lied_about(struct visit *v, const char *name)
{
    const struct lie *lie = &v->lie;
    take_lie(v);
    if (lie->manner == LIAR_HONEST || (lie->manner == LIAR_MAD && next(v) % 4)) {
        return false;
    }
    if (lie->command) {
        return strcmp(lie->command, name) == 0;
    }
    if (lie->manner == LIAR_COUNTS && (strstr(name, "SCAN") || strstr(name, "SUBSCRIBE"))) {
        return false;
    }
    return lie->also_greeting || !is_greeting(name);
}

/* Asks the true server; how many bytes of v->out its reply takes. */
static size_t ask(struct visit *v, const char *command, size_t len)
{
    size_t used;
    say(v->server, command, len);
    while ((used = extent(v->out, v->out_len)) == 0) {
        v->out_len = hear(v->server, v->out, v->out_len);
    }
    return used;
}

static void relay_true(struct visit *v, const char *command, size_t len, bool twice)
{
    size_t used = ask(v, command, len);
    for (int i = 0; i <= twice; i++) {
        say(v->client, v->out, used);
    }
    v->out_len -= used;
    memmove(v->out, v->out + used, v->out_len);
}

/* Text with numbers above 1 replaced: 0 and 1 are mostly flags, without which nobody reads on. */
static void say_counts(struct visit *v, FILE *to, const char *text, size_t len)
{
    const struct lie *lie = &v->lie;
    for (size_t at = 0; at < len;) {
        size_t digits = 0;
        while (at + digits < len && isdigit((unsigned char)text[at + digits])) {
            digits++;
        }
        if ((digits > 1 || (digits == 1 && text[at] > '1')) && (lie->seed == 0 || next(v) % 8 == 0)) {
            fputs(lie->bytes, to);
            atomic_fetch_add(&v->liar->shared->lies, 1);
        } else {
            fwrite(text + at, 1, digits ? digits : 1, to);
        }
        at += digits ? digits : 1;
    }
}

/* The first item, its numbers replaced; returns how many bytes it took. */
static size_t say_item(struct visit *v, FILE *to, const char *b, size_t len)
{
    size_t used = (size_t)((char *)memmem(b, len, "\r\n", 2) - b) + 2;
    long n = strtol(b + 1, NULL, 10);
    if (b[0] == ':') {
        say_counts(v, to, b, used);
    } else if (b[0] == '$' && n >= 0) {
        char *text = NULL;
        size_t size = 0;
        FILE *room = open_memstream(&text, &size);
        say_counts(v, room, b + used, (size_t)n);
        fclose(room);
        fprintf(to, "$%zu\r\n", size);
        fwrite(text, 1, size, to);
        fputs("\r\n", to);
        free(text);
        used += (size_t)n + 2;
    } else {
        fwrite(b, 1, used, to);
    }
    for (long i = 0; b[0] == '*' && i < n; i++) {
        used += say_item(v, to, b + used, len - used);
    }
    return used;
}

static void relay_counts(struct visit *v, const char *command, size_t len)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    size_t used = ask(v, command, len);
    say_item(v, to, v->out, used);
    fclose(to);
    say(v->client, text, size);
    free(text);
    v->out_len -= used;
    memmove(v->out, v->out + used, v->out_len);
}

_Noreturn static void flood(struct visit *v, const struct lie *lie)
{
    for (;;) {
        say(v->client, lie->bytes, lie->len);
    }
}

static void tell(struct visit *v, const char *command, size_t len)
{
    const struct lie *lie = &v->lie;
    atomic_fetch_add(&v->liar->shared->lies, lie->manner != LIAR_COUNTS); /* which counts what it replaces */
    switch (lie->manner) {
    case LIAR_HONEST:
    case LIAR_SILENT:
        break;
    case LIAR_SAYS:
        say(v->client, lie->bytes, lie->len);
        break;
    case LIAR_TWICE:
    case LIAR_UNASKED:
        relay_true(v, command, len, lie->manner == LIAR_TWICE);
        say(v->client, lie->bytes ? lie->bytes : "", lie->len);
        break;
    case LIAR_COUNTS:
        relay_counts(v, command, len);
        break;
    case LIAR_FLOODS:
        flood(v, lie);
    case LIAR_MAD: {
        const struct lie_text *one = &lie->table[next(v) % lie->table_count];
        say(v->client, one->bytes, one->len);
        break;
    }
    case LIAR_HANGS_UP:
        _exit(0);
    }
}

/* After SUBSCRIBE or MONITOR the server speaks by itself: both ways as they come. */
_Noreturn static void relay_all(struct visit *v, const char *command, size_t len)
{
    say(v->server, command, len);
    for (;;) {
        struct pollfd fd[2] = {{.fd = v->client, .events = POLLIN}, {.fd = v->server, .events = POLLIN}};
        if (is_lied_about(v, "MESSAGE")) {
            tell(v, "", 0);
        }
        poll(fd, 2, 100);
        if (fd[0].revents) {
            say(v->server, v->in, hear(v->client, v->in, 0));
        }
        if (fd[1].revents) {
            say(v->client, v->out, hear(v->server, v->out, 0));
        }
    }
}

static void answer(struct visit *v, const char *command, size_t len)
{
    char name[NAME_MAX_BYTES];
    name_of(command, name);
    if (is_lied_about(v, name) || v->server < 0) {
        tell(v, command, len);
    } else if (strstr(name, "SUBSCRIBE") || strcmp(name, "MONITOR") == 0) {
        relay_all(v, v->in, v->in_len); /* with all that came behind it */
    } else {
        relay_true(v, command, len, false);
    }
}

static int dial(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!path) {
        return -1;
    }
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        _exit(0);
    }
    return fd;
}

_Noreturn static void visit(const struct liar *l, int client, const char *upstream, int64_t number)
{
    struct visit v = {.liar = l,
                      .client = client,
                      .server = dial(upstream),
                      .in = malloc(ROOM + 1),
                      .out = malloc(ROOM + 1),
                      .random = l->shared->lie.seed * 1000 + (uint64_t)number};
    for (;;) {
        size_t used = v.in_len ? extent(v.in, v.in_len) : 0;
        if (used == 0) {
            v.in_len = hear(client, v.in, v.in_len);
            v.in[v.in_len] = '\0';
            continue;
        }
        answer(&v, v.in, used);
        v.in_len -= used;
        memmove(v.in, v.in + used, v.in_len + 1);
    }
}

_Noreturn static void serve(const struct liar *l, int listener, const char *upstream)
{
    pid_t self = getpid();
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int one = 1;
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            continue;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        int64_t number = atomic_fetch_add(&l->shared->connections, 1);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != self) {
                _exit(0);
            }
            visit(l, client, upstream, number);
        }
        close(client);
    }
}

struct liar *liar_start(const char *upstream, const struct lie *lie)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    struct liar *l = calloc(1, sizeof *l);
    assert_non_null(l);
    l->shared = mmap(NULL, sizeof *l->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(l->shared != MAP_FAILED);
    l->shared->lie = *lie;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    snprintf(l->url, sizeof l->url, "redis://127.0.0.1:%d/0", ntohs(at.sin_port));
    l->pid = fork();
    if (l->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(l, listener, upstream);
    }
    close(listener);
    return l;
}

void liar_tell(struct liar *l, const struct lie *lie)
{
    atomic_fetch_add(&l->shared->tellings, 1);
    l->shared->lie = *lie;
    atomic_fetch_add(&l->shared->tellings, 1);
}

const char *liar_url(const struct liar *l)
{
    return l->url;
}

int64_t liar_connections(const struct liar *l)
{
    return atomic_load(&l->shared->connections);
}

int64_t liar_lies(const struct liar *l)
{
    return atomic_load(&l->shared->lies);
}

void liar_stop(struct liar *l)
{
    kill(l->pid, SIGKILL); /* the visits end with it */
    waitpid(l->pid, NULL, 0);
    munmap(l->shared, sizeof *l->shared);
    free(l);
}
