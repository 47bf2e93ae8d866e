/* A hostile server: answers of a wrong type or count, what is no protocol, promises of half a gigabyte,
 * floods. The screen stays, keys are answered, memory is bounded, what is wrong is named, it tries again with
 * pauses, and when the server is honest again all is well by itself. */
#include "lies.h"
#include "plight.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

enum { LAPSE = 10 / SLOW, MORE_KB = 6 * 1024, FLOOD_KB = 96 * 1024, SEEDS = 24, LOOK_MS = 120 };

/* A console before a liar, who is honest at first; its clock runs ten times faster, so that its pauses and
 * timeouts do not make the test long. */
struct bench {
    struct plight seat; /* without a proxy */
    struct liar *liar;
    int64_t resident_kb;
};

static void honest(struct bench *b)
{
    liar_tell(b->liar, &(struct lie){.manner = LIAR_HONEST});
}

static struct bench *bench_new(void)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->seat.server = stage_server(quiet);
    stage_fill(b->seat.server);
    b->liar = liar_start(server_socket(b->seat.server), &(struct lie){.manner = LIAR_HONEST});
    b->seat.pty = pty_start(CONSOLE(liar_url(b->liar)), plight_lapse(LAPSE), 40, 120);
    seat_see(b->seat.pty, "Zofia Zak");
    seat_see(b->seat.pty, "leaderboard");
    b->resident_kb = plight_resident_kb(pty_pid(b->seat.pty));
    return b;
}

static int64_t more_kb(const struct bench *b)
{
    return plight_resident_kb(pty_pid(b->seat.pty)) - b->resident_kb;
}

static bool is_well(struct pty *p, void *ctx)
{
    const char *text = pty_screen_text(p);
    (void)ctx;
    return !strstr(text, "UNREACHABLE") && !strstr(text, "connecting") && strstr(text, "Zofia Zak") &&
           strstr(text, "rtt ");
}

static void see_well(struct bench *b, const char *after)
{
    honest(b);
    int64_t begin_us = clock_mono_us();
    if (!pty_wait(b->seat.pty, is_well, NULL, 2 * WAIT_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(b->seat.pty));
        fail_msg("after %s it does not recover", after);
    }
    int64_t took_ms = (clock_mono_us() - begin_us) * LAPSE / US_PER_MS;
    if (took_ms > 5000) {
        printf("  after %s: well again after %" PRId64 " ms of its time\n", after, took_ms);
    }
}

static void bench_free(struct bench *b)
{
    honest(b);
    seat_quit(b->seat.pty);
    liar_stop(b->liar);
    server_stop(b->seat.server);
    free(b);
}

/* What a pane says of a lie that it reads. */
static const char *const told[][2] = {{"an error", "ERR no such thing"}, {"a status", "unexpected reply"}};

static void screen__stays__whatever_the_type_of_every_answer(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    int64_t longest_ms = 0;
    for (size_t i = 0; i < lies_odd_count; i++) {
        const struct lie_text *t = &lies_odd[i];
        liar_tell(b->liar, &(struct lie){.manner = LIAR_SAYS, .bytes = t->bytes, .len = t->len});
        seat_key(b->seat.pty, "\014"); /* asks anew */
        plight_never(&b->seat, "no such text", LOOK_MS * 2);
        for (size_t k = 0; k < COUNT_OF(told); k++) {
            if (strcmp(told[k][0], t->name) == 0) {
                seat_see(b->seat.pty, told[k][1]);
            }
        }
        if (i % 4 == 0) {
            int64_t ms = plight_answer_ms(&b->seat, t->name);
            longest_ms = ms > longest_ms ? ms : longest_ms;
        }
        see_well(b, t->name);
    }
    printf("  %zu kinds of answers, %" PRId64 " lies: keys within %" PRId64 " ms, %" PRId64 " kB more\n",
           lies_odd_count, liar_lies(b->liar), longest_ms, more_kb(b));
    assert_memory_below(more_kb(b), MORE_KB);
    bench_free(b);
}

static void connection__ends_with_the_reason__when_it_is_no_protocol(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (size_t i = 0; i < lies_broken_count; i++) {
        const struct lies_broken *one = &lies_broken[i];
        int64_t connections = liar_connections(b->liar);
        liar_tell(b->liar, &(struct lie){.manner = LIAR_SAYS,
                                         .command = "INFO",
                                         .bytes = one->text.bytes,
                                         .len = one->text.len});
        seat_see(b->seat.pty, "UNREACHABLE");
        if (!pty_wait_text(b->seat.pty, one->words, WAIT_MS)) {
            fail_msg("%s: \"%s\" is not said\n%s", one->text.name, one->words, pty_screen_text(b->seat.pty));
        }
        if (i == 0) {
            plight_answer_ms(&b->seat, one->text.name);
            /* Pauses that grow: within a second of ours, ten of its, some ten tries and no more. */
            plight_never(&b->seat, "no such text", 1000);
            connections = liar_connections(b->liar) - connections;
            printf("  %" PRId64 " connections within 10 s of its time\n", connections);
            assert_in_range(connections, 3, 30);
        }
        see_well(b, one->text.name);
    }
    printf("  %zu kinds of nonsense, each named: %" PRId64 " kB more\n", lies_broken_count, more_kb(b));
    assert_memory_below(more_kb(b), MORE_KB);
    bench_free(b);
}

/* What is announced and never sent takes no memory; what is sent without end takes a bounded amount. */
static void memory__is_bounded__whatever_is_promised_or_sent(void **state)
{
    static const char promise[] = "$536870912\r\nonly this";
    static const char nothing[] = "*4194304\r\n";
    static const char message[] = "*3\r\n$7\r\nmessage\r\n$5\r\nevery\r\n$5\r\nwhere\r\n";
    static const char pairs[] = "*2\r\n$1\r\na\r\n$1\r\nb\r\n";
    static char block[65536];
    memset(block, 'x', sizeof block);
    const struct {
        const char *name;
        struct lie lie;
        const char *words; /* on the screen; NULL: it bears it */
    } table[] = {
        {"512 MB announced and never sent",
         {LIAR_SAYS, .command = "INFO", .bytes = promise, .len = sizeof promise - 1},
         "no reply for 10 s"},
        {"4 Mi elements announced and never sent",
         {LIAR_SAYS, .command = "INFO", .bytes = nothing, .len = sizeof nothing - 1},
         "no reply for 10 s"},
        {"INFO left out, all else answered", {LIAR_SILENT, .command = "INFO"}, "the answers do not fit"},
        {"no answer, ever", {.manner = LIAR_SILENT}, "no reply for 10 s"},
        {"no answer even to the greeting", {LIAR_SILENT, .also_greeting = true}, "no reply for "},
        {"answered twice", {LIAR_TWICE, .command = "INFO"}, NULL},
        {"an answer nobody asked for",
         {LIAR_UNASKED, .command = "INFO", .bytes = pairs, .len = sizeof pairs - 1},
         NULL},
        {"messages without end on the poll link",
         {LIAR_FLOODS, .command = "INFO", .bytes = message, .len = sizeof message - 1},
         NULL},
        {"a line without end",
         {LIAR_FLOODS, .command = "INFO", .bytes = block, .len = sizeof block},
         "not the protocol"},
        {"hung up on", {LIAR_HANGS_UP, .command = "INFO"}, "closed by the server"},
        {"hung up on at once", {LIAR_HANGS_UP, .also_greeting = true}, "closed by the server"},
        {"messages without end on the feed",
         {LIAR_FLOODS, .command = "MESSAGE", .bytes = message, .len = sizeof message - 1},
         NULL},
    };
    (void)state;
    struct bench *b = bench_new();
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int64_t most_kb = 0;
        liar_tell(b->liar, &table[i].lie);
        if (table[i].words && !pty_wait_text(b->seat.pty, table[i].words, WAIT_MS)) {
            fail_msg("%s: \"%s\" is not said\n%s", table[i].name, table[i].words,
                     pty_screen_text(b->seat.pty));
        }
        int64_t until_us = clock_mono_us() + 500 * US_PER_MS;
        do {
            int64_t now_kb = more_kb(b);
            most_kb = now_kb > most_kb ? now_kb : most_kb;
        } while (plight_never(&b->seat, "no such text", LOOK_MS) && clock_mono_us() < until_us);
        plight_answer_ms(&b->seat, table[i].name);
        see_well(b, table[i].name);
        printf("  %s: at most %" PRId64 " kB more\n", table[i].name, most_kb);
        assert_memory_below(most_kb, FLOOD_KB);
    }
    bench_free(b);
}

/* Everything at once, differently each time: the console in a terminal, then each verb of the shell. */
static void nothing_falls__when_a_quarter_of_all_answers_are_wrong(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (uint64_t seed = 1; seed <= SEEDS / 2; seed++) {
        static const char *const keys[] = {"1\r", "2\r", "3\r", "4\r", "6\r", "7\r", "8\r"};
        liar_tell(b->liar,
                  &(struct lie){
                      .manner = LIAR_MAD, .table = lies_odd, .table_count = lies_odd_count, .seed = seed});
        seat_key(b->seat.pty, keys[seed % COUNT_OF(keys)]);
        plight_never(&b->seat, "no such text", LOOK_MS);
        seat_key(b->seat.pty, "\033");
        plight_never(&b->seat, "no such text", LOOK_MS);
    }
    plight_answer_ms(&b->seat, "a quarter of all answers are wrong");
    seat_key(b->seat.pty, "1");
    see_well(b, "madness");
    bench_free(b);
}

/* The largest and the smallest of every kind, and what is no longer a number that the console can hold. First
 * all numbers, which ends many a way early; then one in eight. */
static const struct lie counts[] = {
    {LIAR_COUNTS, .bytes = "9223372036854775807"},
    {LIAR_COUNTS, .bytes = "-9223372036854775808"},
    {LIAR_COUNTS, .bytes = "9007199254740993"},
    {LIAR_COUNTS, .bytes = "18446744073709551616"},
    {LIAR_COUNTS, .bytes = "4294967295"},
    {LIAR_COUNTS, .bytes = "9223372036854775807", .seed = 1},
    {LIAR_COUNTS, .bytes = "9223372036854775807", .seed = 2},
    {LIAR_COUNTS, .bytes = "-9223372036854775808", .seed = 3},
};

/* Sums and products of what a server counts are what is dangerous: each pane, and the first thing's detail.
 */
static void nothing_falls__whatever_a_number_is(void **state)
{
    static const char *const pages[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"};
    (void)state;
    struct bench *b = bench_new();
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        int64_t lies = liar_lies(b->liar);
        liar_tell(b->liar, &counts[i]);
        for (size_t k = 0; k < COUNT_OF(pages); k++) {
            seat_key(b->seat.pty, pages[k]);
            plight_never(&b->seat, "no such text", LOOK_MS);
            seat_key(b->seat.pty, "\r");
            plight_never(&b->seat, "no such text", LOOK_MS);
            seat_key(b->seat.pty, "\033");
        }
        plight_answer_ms(&b->seat, counts[i].bytes);
        lies = liar_lies(b->liar) - lies;
        printf("  %s number is %s: %" PRId64 " lies\n", counts[i].seed ? "one in eight" : "every",
               counts[i].bytes, lies);
        assert_in_range(lies, 20, INT64_MAX);
        seat_key(b->seat.pty, "1");
        see_well(b, counts[i].bytes);
    }
    bench_free(b);
}

/* Each verb of the shell ends by itself, with a code of its own; returns how many ran. */
static int64_t run_verbs(struct liar *l, struct lie lie)
{
    const char *url = liar_url(l);
    const char *const verbs[][7] = {
        {"snapshot", "-u", url, NULL},
        {"doctor", url, NULL},
        {"tasks", "-u", url, NULL},
        {"workers", "-u", url, NULL},
        {"enqueue", "test", "message=a", "--yes", "-u", url, NULL},
        {"revoke", "user", "7", "--yes", "-u", url, NULL},
        {"invalidate", "leaderboard:*", "--yes", "-u", url, NULL},
        {"requeue", "--yes", "-u", url, NULL},
    };
    uint64_t seed = lie.seed;
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        lie.seed = seed ? seed * 100 + i : 0; /* 0: every number */
        liar_tell(l, &lie);
        struct ran r = stage_run(verbs[i], plight_lapse(LAPSE), NULL);
        if (r.code < 0 || r.code > 4) {
            fail_msg("%s, seed %" PRIu64 ", %s: ended by %d: %s", verbs[i][0], lie.seed,
                     lie.bytes ? lie.bytes : "any lie", r.code, r.err);
        }
        ran_free(&r);
    }
    return COUNT_OF(verbs);
}

static void assert_shell_ends(const struct lie *lies, size_t count)
{
    struct server *s = stage_server(NULL);
    stage_fill(s);
    struct liar *l = liar_start(server_socket(s), &(struct lie){.manner = LIAR_HONEST});
    int64_t runs = 0;
    for (size_t i = 0; i < count; i++) {
        runs += run_verbs(l, lies[i]);
    }
    printf("  %" PRId64 " runs, %" PRId64 " lies\n", runs, liar_lies(l));
    assert_in_range(liar_lies(l), 100, INT64_MAX);
    liar_stop(l);
    server_stop(s);
}

static void shell__ends_by_itself__when_a_quarter_of_all_answers_are_wrong(void **state)
{
    struct lie mad[SEEDS / 4];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mad); i++) {
        mad[i] =
            (struct lie){.manner = LIAR_MAD, .table = lies_odd, .table_count = lies_odd_count, .seed = i + 1};
    }
    assert_shell_ends(mad, COUNT_OF(mad));
}

static void shell__ends_by_itself__whatever_a_number_is(void **state)
{
    (void)state;
    assert_shell_ends(counts, COUNT_OF(counts));
}

int main(void)
{
    server_require();
    stage_isolate();
    lies_prepare();
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen__stays__whatever_the_type_of_every_answer),
        cmocka_unit_test(connection__ends_with_the_reason__when_it_is_no_protocol),
        cmocka_unit_test(memory__is_bounded__whatever_is_promised_or_sent),
        cmocka_unit_test(nothing_falls__when_a_quarter_of_all_answers_are_wrong),
        cmocka_unit_test(nothing_falls__whatever_a_number_is),
        cmocka_unit_test(shell__ends_by_itself__when_a_quarter_of_all_answers_are_wrong),
        cmocka_unit_test(shell__ends_by_itself__whatever_a_number_is),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
