/* ptymeter: runs a program in a pseudo-terminal as a terminal would, reading everything at once, and tells
 * what it costs: time to the first byte and to the first whole screen, bytes a second, CPU seconds and memory
 * of that process, the time from a key press to the screen that answers it, the bytes and the CPU of a whole
 * repaint. See usage().
 *
 * Every figure is a line "name<TAB>value" on stdout; with several rounds it is the median of them (a longest
 * stays the longest of all). CPU comes from the process' own clock (nanoseconds, all its threads, not its
 * children). */
#include "terminal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/mem.h"
#include "redai/base/num.h"

enum { WANTED_MAX = 16, KEYS_MAX = 10000, ROUNDS_MAX = 99, RESIZE_MS = 150, AFTER_MS = 200 };

struct options {
    int64_t warm_us, window_us, limit_us, key_limit_us;
    const char *wanted[WANTED_MAX]; /* all of them make a whole screen */
    int wanted_count;
    const char *keys; /* pressed in turn */
    size_t keys_len;
    int64_t key_count, rounds, resizes;
    const char *before; /* keys pressed first, unmeasured */
    const char *echo;   /* a key is answered when this text appears or goes; NULL: when anything arrives */
    const char *pid_file, *after_file;
    bool show, start_only, plain;
};

struct meter {
    const struct options *o;
    struct terminal t;
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
          "  --after FILE      and until there is such a file, for --limit at the longest\n"
          "  --window TIME     over which bytes and CPU are counted [5s]\n"
          "  --rounds N        so many windows, and so many times N keys; medians are told [1]\n"
          "  --resizes N       after that the terminal changes its size N times, a row less or more: whole "
          "repaints\n"
          "  --keys KEYS,N     after that press N keys, in turn those of KEYS, 50 to 150 ms apart\n"
          "  --before KEYS     pressed before those, unmeasured\n"
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

/* --- many figures of one kind --- */

struct sample {
    double *value; /* of KEYS_MAX */
    size_t count;
};

static void note(struct sample *s, double value)
{
    if (!s->value) {
        s->value = mem_zalloc(KEYS_MAX * sizeof *s->value);
    }
    if (s->count < KEYS_MAX) {
        s->value[s->count++] = value;
    }
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The value that so many percent of them do not exceed. */
static double percentile(struct sample *s, size_t percent)
{
    qsort(s->value, s->count, sizeof *s->value, by_size);
    return s->value[(s->count - 1) * percent / 100];
}

static void tell(const char *name, int decimals, struct sample *s)
{
    if (s->count) {
        printf("%s\t%.*f\n", name, decimals, percentile(s, 50));
    }
}

static void forget(struct sample *s)
{
    mem_free(s->value);
    *s = (struct sample){0};
}

/* --- key presses --- */

/* How long the answer takes; -1 when there is none. */
static int64_t press(struct meter *m, char key)
{
    bool before = m->o->echo && terminal_shows(&m->t, m->o->echo);
    int64_t begun = clock_mono_us();
    if (write(m->t.fd, &key, 1) != 1) {
        return -1;
    }
    while (terminal_wait(&m->t, begun + m->o->key_limit_us)) {
        if (!m->o->echo || terminal_shows(&m->t, m->o->echo) != before) {
            return clock_mono_us() - begun;
        }
    }
    return -1;
}

struct presses {
    struct sample took_ms;        /* of this round */
    struct sample p50_ms, p99_ms; /* of each round */
    struct sample bytes, cpu_us;  /* of each key: until the next is pressed */
    double longest_ms;
    int64_t count, lost;
};

static void press_round(struct meter *m, struct presses *p)
{
    p->took_ms.count = 0;
    for (int64_t i = 0; i < m->o->key_count && !m->t.ended; i++) {
        double cpu = cpu_s(m->t.pid);
        int64_t bytes = m->t.bytes;
        int64_t us = press(m, m->o->keys[(size_t)i % m->o->keys_len]);
        terminal_run_until(&m->t, clock_mono_us() + (50 + random() % 100) * US_PER_MS);
        if (us < 0) {
            p->lost++;
            continue;
        }
        double ms = (double)us / 1e3;
        p->count++;
        p->longest_ms = ms > p->longest_ms ? ms : p->longest_ms;
        note(&p->took_ms, ms);
        note(&p->bytes, (double)(m->t.bytes - bytes));
        note(&p->cpu_us, (cpu_s(m->t.pid) - cpu) * 1e6);
    }
    if (p->took_ms.count) {
        note(&p->p50_ms, percentile(&p->took_ms, 50));
        note(&p->p99_ms, percentile(&p->took_ms, 99));
    }
}

static void press_all(struct meter *m)
{
    struct presses p = {0};
    if (m->o->before && write(m->t.fd, m->o->before, strlen(m->o->before)) > 0) {
        terminal_run_until(&m->t, clock_mono_us() + US_PER_S);
    }
    for (int64_t i = 0; i < m->o->rounds; i++) {
        press_round(m, &p);
    }
    printf("keys\t%" PRId64 "\nkeys_lost\t%" PRId64 "\n", p.count, p.lost);
    if (p.count) {
        tell("key_p50_ms", 2, &p.p50_ms);
        tell("key_p99_ms", 2, &p.p99_ms);
        printf("key_max_ms\t%.2f\n", p.longest_ms);
        tell("key_bytes", 0, &p.bytes);
        tell("key_cpu_us", 0, &p.cpu_us);
    }
    forget(&p.took_ms);
    forget(&p.p50_ms);
    forget(&p.p99_ms);
    forget(&p.bytes);
    forget(&p.cpu_us);
}

/* A terminal of another size is drawn whole by every program. */
static void resize_all(struct meter *m)
{
    struct sample bytes = {0}, cpu_us = {0};
    int rows = m->t.rows;
    for (int64_t i = 0; i < m->o->resizes && !m->t.ended; i++) {
        terminal_run_until(&m->t, clock_mono_us() + RESIZE_MS * US_PER_MS);
        double cpu = cpu_s(m->t.pid);
        int64_t before = m->t.bytes;
        terminal_resize(&m->t, i % 2 ? rows : rows - 1);
        terminal_run_until(&m->t, clock_mono_us() + RESIZE_MS * US_PER_MS);
        note(&bytes, (double)(m->t.bytes - before));
        note(&cpu_us, (cpu_s(m->t.pid) - cpu) * 1e6);
    }
    if (m->t.rows != rows) {
        terminal_resize(&m->t, rows);
    }
    terminal_run_until(&m->t, clock_mono_us() + RESIZE_MS * US_PER_MS);
    tell("repaint_bytes", 0, &bytes);
    tell("repaint_cpu_us", 0, &cpu_us);
    forget(&bytes);
    forget(&cpu_us);
}

/* --- the run --- */

static bool is_whole(const struct meter *m)
{
    if (m->t.first_us < 0) {
        return false;
    }
    for (int i = 0; i < m->o->wanted_count; i++) {
        if (!terminal_shows(&m->t, m->o->wanted[i])) {
            return false;
        }
    }
    return true;
}

static void write_pid(const struct meter *m)
{
    FILE *f = m->o->pid_file ? fopen(m->o->pid_file, "w") : NULL;
    if (f) {
        fprintf(f, "%d\n", (int)m->t.pid);
        fclose(f);
    }
}

/* What it does by itself. */
static void watch_all(struct meter *m)
{
    struct sample bytes_per_s = {0}, cpu_used_s = {0}, cpu_percent = {0};
    for (int64_t i = 0; i < m->o->rounds; i++) {
        int64_t bytes = m->t.bytes, begun_us = clock_mono_us();
        double cpu = cpu_s(m->t.pid);
        terminal_run_until(&m->t, begun_us + m->o->window_us);
        double past_s = (double)(clock_mono_us() - begun_us) / 1e6;
        cpu = cpu_s(m->t.pid) - cpu;
        note(&bytes_per_s, (double)(m->t.bytes - bytes) / past_s);
        note(&cpu_used_s, cpu);
        note(&cpu_percent, cpu / past_s * 100.);
    }
    tell("bytes_per_s", 0, &bytes_per_s);
    tell("cpu_s", 4, &cpu_used_s);
    tell("cpu_percent", 3, &cpu_percent);
    forget(&bytes_per_s);
    forget(&cpu_used_s);
    forget(&cpu_percent);
}

static void measure(struct meter *m)
{
    const struct options *o = m->o;
    while (!is_whole(m) && terminal_wait(&m->t, m->t.begun_us + o->limit_us)) {}
    int64_t whole_us = clock_mono_us();
    bool whole = is_whole(m);
    printf("first_byte_ms\t%.2f\n", m->t.first_us < 0 ? -1. : (double)(m->t.first_us - m->t.begun_us) / 1e3);
    printf("screen_ms\t%.2f\nscreen_bytes\t%" PRId64 "\n",
           whole ? (double)(whole_us - m->t.begun_us) / 1e3 : -1., m->t.bytes);
    fflush(stdout);
    if (o->start_only || m->t.ended) {
        return;
    }
    terminal_run_until(&m->t, clock_mono_us() + o->warm_us);
    int64_t limit_us = clock_mono_us() + o->limit_us;
    while (o->after_file && access(o->after_file, F_OK) != 0 && !m->t.ended && clock_mono_us() < limit_us) {
        terminal_run_until(&m->t, clock_mono_us() + AFTER_MS * US_PER_MS);
    }
    if (o->window_us) {
        watch_all(m);
    }
    print_memory(m->t.pid);
    fflush(stdout);
    if (o->resizes) {
        resize_all(m);
    }
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

static bool take_size(struct terminal *t, struct span text)
{
    size_t x = span_find(text, 'x');
    int64_t cols, rows;
    if (!num_i64_range(span_head(text, x), 1, 1000, &cols) ||
        !num_i64_range(span_skip(text, x + 1), 1, 1000, &rows)) {
        return false;
    }
    t->cols = (int)cols;
    t->rows = (int)rows;
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
static bool take_option(struct options *o, struct terminal *t, const char *name, const char *value)
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
    if (strcmp(name, "--before") == 0) {
        o->before = value;
        return true;
    }
    if (strcmp(name, "--after") == 0) {
        o->after_file = value;
        return true;
    }
    if (strcmp(name, "--pid-file") == 0) {
        o->pid_file = value;
        return true;
    }
    return strcmp(name, "--size") == 0      ? take_size(t, v)
           : strcmp(name, "--keys") == 0    ? take_keys(o, value)
           : strcmp(name, "--rounds") == 0  ? num_i64_range(v, 1, ROUNDS_MAX, &o->rounds)
           : strcmp(name, "--resizes") == 0 ? num_i64_range(v, 1, ROUNDS_MAX, &o->resizes)
           : strcmp(name, "--warm") == 0    ? num_duration_us(v, &o->warm_us)
           : strcmp(name, "--window") == 0  ? num_duration_us(v, &o->window_us)
           : strcmp(name, "--limit") == 0   ? num_duration_us(v, &o->limit_us)
           : strcmp(name, "--baud") == 0    ? num_i64_range(v, 1000, 1000000000, &t->baud)
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
    struct options o = {.warm_us = 2 * US_PER_S,
                        .window_us = 5 * US_PER_S,
                        .limit_us = 20 * US_PER_S,
                        .key_limit_us = 2 * US_PER_S,
                        .rounds = 1};
    struct meter m = {.o = &o, .t = {.cols = 120, .rows = 40}};
    int i = 1;
    if (argc == 3 && strcmp(argv[1], "--cpu") == 0) {
        return tell_cpu(argv[2]);
    }
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (take_flag(&o, argv[i])) {
            continue;
        }
        if (i + 1 >= argc || !take_option(&o, &m.t, argv[i], argv[i + 1])) {
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
    if (!terminal_start(&m.t, argv + i + 1)) {
        return EXIT_FAILURE;
    }
    write_pid(&m);
    measure(&m);
    if (o.show) {
        terminal_print(&m.t);
    }
    terminal_stop(&m.t);
    return EXIT_SUCCESS;
}
