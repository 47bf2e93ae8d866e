/* bench_frame: what one frame of the dashboard (120x40) costs, from the changed model to the finished grid,
 * by the number of rows behind it. No terminal and no server. Lines "what<TAB>count<TAB>microseconds" on
 * stdout. */
#include "golden/golden.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "redai/base/clock.h"

enum { WIDTH = 120, HEIGHT = 40, FRAMES = 40 };

struct bench {
    struct model *model;
    int64_t now_us;
};

static void apply(struct bench *b, struct fact *f)
{
    f->at_us = b->now_us;
    f->wall_us = b->now_us + INT64_C(1767600000000000);
    model_apply(b->model, f);
}

static void add_session(struct bench *b, int64_t i)
{
    char id[48], user[24], name[32], email[40];
    snprintf(id, sizeof id, "%016" PRIx64 "%027" PRId64, (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15), i);
    snprintf(user, sizeof user, "%" PRId64, i / 2 + 1);
    snprintf(name, sizeof name, "User %" PRId64, i / 2 + 1);
    snprintf(email, sizeof email, "user%" PRId64 "@example.com", i / 2 + 1);
    struct fact f = {.kind = FACT_SESSION,
                     .session = {.id = span_of(id),
                                 .form = SESSION_FORM_OK,
                                 .user_id = span_of(user),
                                 .name = span_of(name),
                                 .email = span_of(email),
                                 .role = i % 5 ? S("student") : S("teacher"),
                                 .created_us = b->now_us,
                                 .updated_us = -1,
                                 .pttl_ms = 86400000 - i % 80000 * 1000,
                                 .bytes = 120}};
    apply(b, &f);
}

static void add_queue(struct bench *b, int64_t i)
{
    char name[32];
    snprintf(name, sizeof name, "queue%" PRId64, i);
    struct fact f = {.kind = FACT_QUEUE,
                     .queue = {.name = span_of(name),
                               .depth = {i % 100 + b->now_us / US_PER_S % 10, 0, 0, 0},
                               .sources = QUEUE_BOUND,
                               .unacked = 0}};
    apply(b, &f);
}

static void add_batch(struct bench *b, int64_t i)
{
    char id[40];
    int64_t current = (b->now_us / US_PER_S + i) % 200;
    snprintf(id, sizeof id, "%08" PRIx64 "-0000-4000-a000-%012" PRId64,
             (uint64_t)i * 2654435761u & 0xffffffffu, i);
    struct fact f = {.kind = FACT_BATCH,
                     .batch = {.id = span_of(id),
                               .origin = BATCH_PROGRESS_KEY,
                               .valid = true,
                               .current = current,
                               .total = 200,
                               .percentage = (double)current / 2.,
                               .status = S("in_progress"),
                               .pttl_ms = 600000}};
    apply(b, &f);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

/* Rows of one kind; a dozen of them change before each frame. */
static void measure(const char *what, void (*add)(struct bench *b, int64_t i), int64_t count)
{
    struct bench b = {.model = model_new(), .now_us = US_PER_S};
    struct grid g;
    for (int64_t i = 0; i < count; i++) {
        add(&b, i);
    }
    struct console *console = console_new(b.model, false);
    grid_init(&g);
    grid_resize(&g, WIDTH, HEIGHT);
    ui_draw(console_ui(console), &g, model_take_changes(b.model));
    int64_t used_us = 0;
    for (int frame = 0; frame < FRAMES; frame++) {
        b.now_us += US_PER_S / 10;
        for (int i = 0; i < 12; i++) {
            add(&b, (frame * 31 + i * 7) % count);
        }
        struct fact clock = {.kind = FACT_CLOCK};
        apply(&b, &clock);
        unsigned changes = model_take_changes(b.model);
        int64_t begun_us = cpu_us();
        ui_draw(console_ui(console), &g, changes);
        used_us += cpu_us() - begun_us;
    }
    printf("%s\t%" PRId64 "\t%.0f\n", what, count, (double)used_us / FRAMES);
    (void)fflush(stdout);
    console_free(console);
    grid_release(&g);
    model_free(b.model);
}

int main(void)
{
    static const struct {
        const char *what;
        void (*add)(struct bench *b, int64_t i);
        int64_t counts[3];
    } rows[] = {{"sessions", add_session, {10, 1000, 100000}},
                {"queues", add_queue, {1, 100, 2000}},
                {"batches", add_batch, {10, 100, 10000}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t k = 0; k < 3; k++) {
            measure(rows[i].what, rows[i].add, rows[i].counts[k]);
        }
    }
    return 0;
}
