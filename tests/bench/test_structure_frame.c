/* What a frame of the dashboard costs in allocations, from the changed model to the finished grid, and that
 * rows which are off the screen cost none. Counted by standing in for malloc. */
#include "bench/allocations.h"
#include "golden/golden.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

enum { WIDTH = 120, HEIGHT = 40, FRAMES = 20, CHANGES = 12, FEW = 200, MANY = 20000 };
enum { FRAME_MAX = 30 }; /* about twice what was measured */

struct house {
    struct model *model;
    struct console *console;
    struct grid grid;
    int64_t now_us;
};

static void apply(struct house *h, struct fact *f)
{
    f->at_us = h->now_us;
    f->wall_us = h->now_us + INT64_C(1767600000000000);
    model_apply(h->model, f);
}

static void add_session(struct house *h, int64_t i)
{
    char id[48], user[24], name[32];
    snprintf(id, sizeof id, "%016" PRIx64 "%027" PRId64, (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15), i);
    snprintf(user, sizeof user, "%" PRId64, i / 2 + 1);
    snprintf(name, sizeof name, "User %" PRId64, i / 2 + 1);
    struct fact f = {.kind = FACT_SESSION,
                     .session = {.id = span_of(id),
                                 .form = SESSION_FORM_OK,
                                 .user_id = span_of(user),
                                 .name = span_of(name),
                                 .role = S("student"),
                                 .created_us = h->now_us,
                                 .updated_us = -1,
                                 .pttl_ms = 86400000 - i % 80000 * 1000,
                                 .bytes = 120}};
    apply(h, &f);
}

static void add_queue(struct house *h, int64_t i)
{
    char name[32];
    snprintf(name, sizeof name, "queue%" PRId64, i);
    struct fact f = {.kind = FACT_QUEUE,
                     .queue = {.name = span_of(name),
                               .depth = {i % 100 + h->now_us / US_PER_S % 10, 0, 0, 0},
                               .sources = QUEUE_BOUND}};
    apply(h, &f);
}

static void add_batch(struct house *h, int64_t i)
{
    char id[40];
    int64_t current = (h->now_us / US_PER_S + i) % 200;
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
    apply(h, &f);
}

/* A tenth of a second passes, a dozen rows change, and the dashboard is drawn: allocations of the drawing. */
static int64_t frame(struct house *h, void (*add)(struct house *h, int64_t i), int64_t count, int n)
{
    h->now_us += US_PER_S / 10;
    for (int i = 0; i < CHANGES; i++) {
        add(h, (n * 31 + i * 7) % count);
    }
    struct fact clock = {.kind = FACT_CLOCK};
    apply(h, &clock);
    unsigned changes = model_take_changes(h->model);
    int64_t before = allocations;
    ui_draw(console_ui(h->console), &h->grid, changes);
    return allocations - before;
}

/* The most that one of the frames allocates, once all buffers have grown to their size. */
static int64_t most(void (*add)(struct house *h, int64_t i), int64_t count)
{
    struct house h = {.model = model_new(), .now_us = US_PER_S};
    int64_t ret = 0;
    for (int64_t i = 0; i < count; i++) {
        add(&h, i);
    }
    h.console = console_new(h.model, false);
    grid_init(&h.grid);
    grid_resize(&h.grid, WIDTH, HEIGHT);
    for (int n = 0; n < 2 * FRAMES; n++) {
        int64_t here = frame(&h, add, count, n);
        ret = n >= FRAMES && here > ret ? here : ret;
    }
    console_free(h.console);
    grid_release(&h.grid);
    model_free(h.model);
    return ret;
}

static void a_frame__allocates__little_and_nothing_for_rows_off_the_screen(void **state)
{
    static const struct {
        const char *what;
        void (*add)(struct house *h, int64_t i);
    } kinds[] = {{"sessions", add_session}, {"queues", add_queue}, {"batches", add_batch}};
    (void)state;
    if (!allocations_counted) {
        skip();
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int64_t few = most(kinds[i].add, FEW), many = most(kinds[i].add, MANY);
        print_message("  a frame with %d and with %d %s: %" PRId64 " and %" PRId64
                      " allocations, at most %d\n",
                      FEW, MANY, kinds[i].what, few, many, FRAME_MAX);
        assert_in_range(few, 0, FRAME_MAX);
        assert_in_range(many, 0, FRAME_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame__allocates__little_and_nothing_for_rows_off_the_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
