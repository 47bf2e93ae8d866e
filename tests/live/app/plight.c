#include "plight.h"

#include "support/unit.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/clock.h"

enum { LINKS = 5 };

static const char *const mode_names[] = {
    [PROXY_PASS] = "all passes",
    [PROXY_HOLE] = "packets are dropped",
    [PROXY_SWALLOW] = "bytes are swallowed",
    [PROXY_RESET] = "reset within a reply",
    [PROXY_BYTES] = "one byte at a time",
    [PROXY_TRICKLE] = "replies trickle",
    [PROXY_DELAY] = "delayed",
    [PROXY_REFUSE] = "refused",
    [PROXY_ABANDON] = "half-open",
};

const char *const *plight_lapse(int times)
{
    static char text[64], options[256];
    static const char *env[] = {"LD_PRELOAD=" REDAI_LAPSE_LIBRARY, text, options, NULL};
    const char *more = getenv("ASAN_OPTIONS");
    snprintf(text, sizeof text, "REDAI_LAPSE=%d", times);
    snprintf(options, sizeof options, "ASAN_OPTIONS=%s%sverify_asan_link_order=0", more ? more : "",
             more ? ":" : "");
    return env;
}

int plight_descriptors(int pid)
{
    char path[64];
    int count = -3; /* ".", "..", and nothing else is ours: another's folder is read */
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    assert_non_null(d);
    while (readdir(d)) {
        count++;
    }
    closedir(d);
    return count + 1;
}

int64_t plight_resident_kb(int pid)
{
    char path[64];
    long long size = 0, resident = -1;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lld %lld", &size, &resident), 2);
    fclose(f);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static void seat_full_at(struct pty *p)
{
    seat_see(p, "Zofia Zak");
    seat_see(p, "leaderboard");
    seat_see(p, "7f3c9a12");
    seat_see(p, "3 queues 1");
    seat_see_gone(p, "stale");
}

struct plight *plight_new(enum proxy_mode mode, int64_t number, int lapse)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    struct plight *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->server = stage_server(quiet);
    stage_fill(t->server);
    t->proxy = proxy_start(t->server);
    proxy_set(t->proxy, mode, number);
    int64_t begin_us = clock_mono_us();
    t->pty = pty_start(CONSOLE(proxy_url(t->proxy)), plight_lapse(lapse), seat_large.rows, seat_large.cols);
    seat_full_at(t->pty);
    printf("%s: full screen after %" PRId64 " ms\n", mode_names[mode],
           (clock_mono_us() - begin_us) / US_PER_MS);
    t->descriptors = plight_descriptors(pty_pid(t->pty));
    return t;
}

void plight_free(struct plight *t)
{
    seat_quit(t->pty);
    proxy_stop(t->proxy);
    server_stop(t->server);
    remove(stage_path("state/redai-console/journal"));
    free(t);
}

void plight_fault(struct plight *t, enum proxy_mode mode, int64_t number)
{
    printf("%s\n", mode_names[mode]);
    fflush(stdout);
    proxy_set(t->proxy, mode, number);
}

int64_t plight_answer_ms(struct plight *t, const char *when)
{
    pty_settle(t->pty);
    int64_t begin_us = clock_mono_us();
    seat_key(t->pty, "?");
    seat_see(t->pty, "help: ");
    int64_t first_us = clock_mono_us() - begin_us;
    pty_settle(t->pty);
    begin_us = clock_mono_us();
    seat_key(t->pty, "\033");
    seat_see_gone(t->pty, "help: ");
    int64_t second_us = clock_mono_us() - begin_us;
    int64_t longer_ms = (first_us > second_us ? first_us : second_us) / US_PER_MS;
    printf("  %s: a key is answered within %" PRId64 " ms, Esc within %" PRId64 " ms\n", when,
           first_us / US_PER_MS, second_us / US_PER_MS);
    fflush(stdout);
    assert_true(longer_ms < ANSWER_MS);
    return longer_ms;
}

static bool is_well(struct pty *p, void *ctx)
{
    const char *text = pty_screen_text(p);
    (void)ctx;
    return !strstr(text, "stale") && !strstr(text, "UNREACHABLE") && !strstr(text, "connecting");
}

static bool has_links(struct pty *p, void *ctx)
{
    struct plight *t = ctx;
    (void)p;
    char *list = stage_ask(t->server, 0, "CLIENT LIST");
    int found = 0;
    for (const char *at = list; (at = strstr(at, "name=redai-console:")) != NULL; at++) {
        found++;
    }
    free(list);
    return found >= LINKS;
}

void plight_wait_links(struct plight *t)
{
    if (!pty_wait(t->pty, has_links, t, WAIT_MS)) {
        fail_msg("not all connections are there again");
    }
}

int64_t plight_recover_ms(struct plight *t)
{
    int64_t begin_us = clock_mono_us();
    proxy_set(t->proxy, PROXY_PASS, 0);
    if (!pty_wait(t->pty, is_well, NULL, 2 * WAIT_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(t->pty));
        fail_msg("it does not recover");
    }
    int64_t took_ms = (clock_mono_us() - begin_us) / US_PER_MS;
    printf("  recovered %" PRId64 " ms after the end of the cause\n", took_ms);
    fflush(stdout);
    assert_true(took_ms < RECOVERY_MS);
    int now = 0;
    int64_t until_us = clock_mono_us() + WAIT_MS * US_PER_MS;
    while ((now = plight_descriptors(pty_pid(t->pty))) > t->descriptors && clock_mono_us() < until_us) {
        pty_settle(t->pty); /* a link may still be on its way */
    }
    assert_true(now <= t->descriptors);
    return took_ms;
}

static bool has_text(struct pty *p, void *text)
{
    return strstr(pty_screen_text(p), text) != NULL;
}

bool plight_never(struct plight *t, const char *text, int ms)
{
    return !pty_wait(t->pty, has_text, (void *)(uintptr_t)text, ms);
}
