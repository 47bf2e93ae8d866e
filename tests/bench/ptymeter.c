/* ptymeter: runs a program in a pseudo-terminal as a terminal would, reading everything at once, and tells
 * what it costs: time to the first byte and to the first whole screen, bytes a second, CPU seconds and memory
 * of that process, and the time from a key press to the screen that answers it. See usage().
 *
 * Every figure is a line "name<TAB>value" on stdout. CPU comes from the process' own clock (nanoseconds, all
 * its threads, not its children). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/num.h"

enum { WANTED_MAX = 16, KEYS_MAX = 10000, SLICE_MS = 10, BITS_A_BYTE = 10 };

struct options {
    int cols, rows;
    int64_t warm_us, window_us, limit_us, key_limit_us;
    const char *wanted[WANTED_MAX]; /* all of them make a whole screen */
    int wanted_count;
    const char *keys; /* pressed in turn */
    size_t keys_len;
    int64_t key_count;
    const char *echo; /* a key is answered when this text appears or goes; NULL: when anything arrives */
    const char *pid_file;
    int64_t baud; /* 0: as fast as it comes */
    bool show, start_only, plain;
};

struct meter {
    const struct options *o;
    pid_t pid;
    int fd;
    VTerm *vterm;
    VTermScreen *screen;
    int64_t begun_us, first_us; /* first_us: of the first byte; -1 none yet */
    int64_t bytes;
    int64_t slice_us, slice_bytes; /* for a slow line */
    bool ended;
};

static void usage(FILE *to)
{
    fputs("usage: ptymeter [OPTIONS] -- COMMAND [ARGUMENT...]   measures it in a pseudo-terminal\n"
          "       ptymeter --plain -- COMMAND...                its wall and CPU seconds without a terminal\n"
          "       ptymeter --cpu PID                            CPU seconds and memory of a process by now\n"
          "  --size COLSxROWS  of the terminal [120x40]\n"
          "  --until TEXT      part of the first whole screen; may be given several times\n"
          "  --start-only      end with the first whole screen\n"
          "  --warm TIME       from the first whole screen to the window [2s]\n"
          "  --window TIME     over which bytes and CPU are counted [5s]\n"
          "  --keys KEYS,N     after that press N keys, in turn those of KEYS, 50 to 150 ms apart\n"
          "  --echo TEXT       a key is answered when TEXT appears or goes [any output]\n"
          "  --baud N          a line of N bits a second\n"
          "  --limit TIME      for the first whole screen [20s]\n"
          "  --pid-file FILE   where the process id is written\n"
          "  --show            the last screen on stderr\n",
          to);
}

/* --- figures of a process --- */

static double cpu_s(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) {
        return -1.;
    }
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_memory(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        long kib;
        if (sscanf(line, "VmRSS: %ld", &kib) == 1) {
            printf("rss_kib\t%ld\n", kib);
        } else if (sscanf(line, "VmHWM: %ld", &kib) == 1) {
            printf("hwm_kib\t%ld\n", kib);
        }
    }
    if (f) {
        fclose(f);
    }
}

/* --- the terminal --- */

/* A row as text, a '?' for each letter beyond ASCII: enough to look for words in. */
static void read_row(const struct meter *m, int row, char *out)
{
    for (int x = 0; x < m->o->cols; x++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(m->screen, (VTermPos){.row = row, .col = x}, &cell);
        uint32_t c = cell.chars[0];
        out[x] = c == 0 ? ' ' : c < 0x80 ? (char)c : '?';
    }
    out[m->o->cols] = '\0';
}

static bool on_screen(const struct meter *m, const char *text)
{
    char row[1024];
    for (int y = 0; y < m->o->rows; y++) {
        read_row(m, y, row);
        if (strstr(row, text)) {
            return true;
        }
    }
    return false;
}

static bool is_whole(const struct meter *m)
{
    if (m->first_us < 0) {
        return false;
    }
    for (int i = 0; i < m->o->wanted_count; i++) {
        if (!on_screen(m, m->o->wanted[i])) {
            return false;
        }
    }
    return true;
}

static void show(const struct meter *m)
{
    char row[1024];
    for (int y = 0; y < m->o->rows; y++) {
        read_row(m, y, row);
        fprintf(stderr, "%s\n", row);
    }
}

/* How many bytes the line lets through now. */
static size_t line_room(struct meter *m, int64_t now_us)
{
    if (!m->o->baud) {
        return SIZE_MAX;
    }
    if (now_us - m->slice_us >= SLICE_MS * US_PER_MS) {
        m->slice_us = now_us;
        m->slice_bytes = m->o->baud / BITS_A_BYTE * SLICE_MS / 1000;
    }
    return m->slice_bytes > 0 ? (size_t)m->slice_bytes : 0;
}

/* Reads what is there; true when something was. */
static bool take(struct meter *m)
{
    char room[64 * 1024];
    size_t most = line_room(m, clock_mono_us());
    ssize_t got = most ? read(m->fd, room, most < sizeof room ? most : sizeof room) : 0;
    if (got > 0) {
        if (m->first_us < 0) {
            m->first_us = clock_mono_us();
        }
        m->bytes += got;
        m->slice_bytes -= got;
        vterm_input_write(m->vterm, room, (size_t)got);
        /* What a terminal answers when asked (its position, its kind). */
        char answer[256];
        size_t len = vterm_output_read(m->vterm, answer, sizeof answer);
        return !len || write(m->fd, answer, len) >= 0;
    }
    m->ended = m->ended || (got == 0 && most) || (got < 0 && errno != EAGAIN && errno != EINTR);
    return false;
}

/* Until something was read, or the time has come. */
static bool wait_output(struct meter *m, int64_t until_us)
{
    while (!m->ended) {
        int64_t now = clock_mono_us();
        if (now >= until_us) {
            return false;
        }
        int64_t left_us = until_us - now;
        if (!line_room(m, now)) {
            poll(NULL, 0, 1);
            continue;
        }
        struct pollfd p = {.fd = m->fd, .events = POLLIN};
        struct timespec t = {left_us / US_PER_S, left_us % US_PER_S * 1000};
        if (ppoll(&p, 1, &t, NULL) > 0 && take(m)) {
            return true;
        }
    }
    return false;
}

static void run_until(struct meter *m, int64_t until_us)
{
    while (wait_output(m, until_us)) {}
}

/* --- key presses --- */

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* How long the answer takes; -1 when there is none. */
static int64_t press(struct meter *m, char key)
{
    bool before = m->o->echo && on_screen(m, m->o->echo);
    int64_t begun = clock_mono_us();
    if (write(m->fd, &key, 1) != 1) {
        return -1;
    }
    while (wait_output(m, begun + m->o->key_limit_us)) {
        if (!m->o->echo || on_screen(m, m->o->echo) != before) {
            return clock_mono_us() - begun;
        }
    }
    return -1;
}

static void press_all(struct meter *m)
{
    static int64_t took_us[KEYS_MAX];
    size_t count = 0;
    int64_t lost = 0;
    for (int64_t i = 0; i < m->o->key_count && !m->ended; i++) {
        run_until(m, clock_mono_us() + (50 + random() % 100) * US_PER_MS);
        int64_t us = press(m, m->o->keys[(size_t)i % m->o->keys_len]);
        if (us < 0) {
            lost++;
        } else {
            took_us[count++] = us;
        }
    }
    qsort(took_us, count, sizeof took_us[0], by_size);
    printf("keys\t%zu\nkeys_lost\t%" PRId64 "\n", count, lost);
    if (count) {
        printf("key_p50_ms\t%.2f\nkey_p99_ms\t%.2f\nkey_max_ms\t%.2f\n", (double)took_us[count / 2] / 1e3,
               (double)took_us[(count - 1) * 99 / 100] / 1e3, (double)took_us[count - 1] / 1e3);
    }
}

/* --- the run --- */

static void set_environment(void)
{
    static const char *const foreign[] = {"LINES", "COLUMNS", "NO_COLOR", "TMUX"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        unsetenv(foreign[i]);
    }
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
}

static bool start(struct meter *m, char **argv)
{
    struct winsize size = {.ws_row = (unsigned short)m->o->rows, .ws_col = (unsigned short)m->o->cols};
    m->vterm = vterm_new(m->o->rows, m->o->cols);
    vterm_set_utf8(m->vterm, 1);
    m->screen = vterm_obtain_screen(m->vterm);
    vterm_screen_enable_altscreen(m->screen, 1);
    vterm_screen_reset(m->screen, 1);
    m->first_us = -1;
    m->begun_us = clock_mono_us();
    m->pid = forkpty(&m->fd, NULL, NULL, &size);
    if (m->pid == 0) {
        execvp(argv[0], argv);
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    if (m->pid < 0) {
        perror("ptymeter: forkpty");
        return false;
    }
    fcntl(m->fd, F_SETFL, O_NONBLOCK);
    FILE *f = m->o->pid_file ? fopen(m->o->pid_file, "w") : NULL;
    if (f) {
        fprintf(f, "%d\n", (int)m->pid);
        fclose(f);
    }
    return true;
}

/* Ends the program as a terminal that goes away does, and waits for it. */
static void stop(struct meter *m)
{
    kill(m->pid, SIGTERM);
    for (int i = 0; i < 200 && waitpid(m->pid, NULL, WNOHANG) == 0; i++) {
        if (i == 150) {
            kill(m->pid, SIGKILL);
        }
        run_until(m, clock_mono_us() + 20 * US_PER_MS);
        poll(NULL, 0, m->ended ? 20 : 0);
    }
    close(m->fd);
    vterm_free(m->vterm);
}

static void measure(struct meter *m)
{
    const struct options *o = m->o;
    while (!is_whole(m) && wait_output(m, m->begun_us + o->limit_us)) {}
    int64_t whole_us = clock_mono_us();
    bool whole = is_whole(m);
    printf("first_byte_ms\t%.2f\n", m->first_us < 0 ? -1. : (double)(m->first_us - m->begun_us) / 1e3);
    printf("screen_ms\t%.2f\nscreen_bytes\t%" PRId64 "\n",
           whole ? (double)(whole_us - m->begun_us) / 1e3 : -1., m->bytes);
    fflush(stdout);
    if (o->start_only || m->ended) {
        return;
    }
    run_until(m, clock_mono_us() + o->warm_us);
    int64_t bytes = m->bytes, begun_us = clock_mono_us();
    double cpu = cpu_s(m->pid);
    run_until(m, begun_us + o->window_us);
    double past_s = (double)(clock_mono_us() - begun_us) / 1e6;
    cpu = cpu_s(m->pid) - cpu;
    if (o->window_us) {
        printf("bytes_per_s\t%.0f\ncpu_s\t%.4f\ncpu_percent\t%.3f\n", (double)(m->bytes - bytes) / past_s,
               cpu, cpu / past_s * 100.);
    }
    print_memory(m->pid);
    fflush(stdout);
    if (o->key_count) {
        press_all(m);
    }
}

static int run_plain(char **argv)
{
    int64_t begun_us = clock_mono_us();
    struct rusage used;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
        perror("ptymeter");
        return EXIT_FAILURE;
    }
    printf("wall_s\t%.3f\ncpu_s\t%.3f\nhwm_kib\t%ld\nstatus\t%d\n",
           (double)(clock_mono_us() - begun_us) / 1e6,
           (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
           used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return EXIT_SUCCESS;
}

static int tell_cpu(const char *pid_text)
{
    int64_t pid;
    double s = num_i64_range(span_of(pid_text), 1, INT32_MAX, &pid) ? cpu_s((pid_t)pid) : -1.;
    if (s < 0) {
        fprintf(stderr, "ptymeter: no process '%s'\n", pid_text);
        return EXIT_FAILURE;
    }
    printf("cpu_s\t%.4f\n", s);
    print_memory((pid_t)pid);
    return EXIT_SUCCESS;
}

static bool take_size(struct options *o, struct span text)
{
    size_t x = span_find(text, 'x');
    int64_t cols, rows;
    if (!num_i64_range(span_head(text, x), 1, 1000, &cols) ||
        !num_i64_range(span_skip(text, x + 1), 1, 1000, &rows)) {
        return false;
    }
    o->cols = (int)cols;
    o->rows = (int)rows;
    return true;
}

static bool take_keys(struct options *o, const char *text)
{
    const char *comma = strrchr(text, ',');
    o->keys = text;
    o->keys_len = comma ? (size_t)(comma - text) : 0;
    return o->keys_len > 0 && num_i64_range(span_of(comma + 1), 1, KEYS_MAX, &o->key_count);
}

/* One option with its value. */
static bool take_option(struct options *o, const char *name, const char *value)
{
    struct span v = span_of(value);
    if (strcmp(name, "--until") == 0 && o->wanted_count < WANTED_MAX) {
        o->wanted[o->wanted_count++] = value;
        return true;
    }
    if (strcmp(name, "--echo") == 0) {
        o->echo = value;
        return true;
    }
    if (strcmp(name, "--pid-file") == 0) {
        o->pid_file = value;
        return true;
    }
    return strcmp(name, "--size") == 0     ? take_size(o, v)
           : strcmp(name, "--keys") == 0   ? take_keys(o, value)
           : strcmp(name, "--warm") == 0   ? num_duration_us(v, &o->warm_us)
           : strcmp(name, "--window") == 0 ? num_duration_us(v, &o->window_us)
           : strcmp(name, "--limit") == 0  ? num_duration_us(v, &o->limit_us)
           : strcmp(name, "--baud") == 0   ? num_i64_range(v, 1000, 1000000000, &o->baud)
                                           : false;
}

static bool take_flag(struct options *o, const char *name)
{
    bool *flag = strcmp(name, "--show") == 0         ? &o->show
                 : strcmp(name, "--start-only") == 0 ? &o->start_only
                 : strcmp(name, "--plain") == 0      ? &o->plain
                                                     : NULL;
    if (flag) {
        *flag = true;
    }
    return flag != NULL;
}

int main(int argc, char **argv)
{
    struct options o = {.cols = 120,
                        .rows = 40,
                        .warm_us = 2 * US_PER_S,
                        .window_us = 5 * US_PER_S,
                        .limit_us = 20 * US_PER_S,
                        .key_limit_us = 2 * US_PER_S};
    struct meter m = {.o = &o};
    int i = 1;
    if (argc == 3 && strcmp(argv[1], "--cpu") == 0) {
        return tell_cpu(argv[2]);
    }
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (take_flag(&o, argv[i])) {
            continue;
        }
        if (i + 1 >= argc || !take_option(&o, argv[i], argv[i + 1])) {
            fprintf(stderr, "ptymeter: '%s' is no option, or its value is none\n", argv[i]);
            usage(stderr);
            return 2;
        }
        i++;
    }
    if (i + 1 >= argc) {
        usage(stderr);
        return 2;
    }
    if (o.plain) {
        return run_plain(argv + i + 1);
    }
    set_environment();
    if (!start(&m, argv + i + 1)) {
        return EXIT_FAILURE;
    }
    measure(&m);
    if (o.show) {
        show(&m);
    }
    stop(&m);
    return EXIT_SUCCESS;
}
