/* bench_frame: what one frame of the dashboard (120x40) costs, from the changed model to the finished grid,
 * by the number of rows behind it; and what a key costs in the pane that has them, with rows changing all the
 * time: j at the top, k at the end, and letters of a filter that are typed and taken back, before the curtain
 * and behind it. No terminal and no server. Lines "what<TAB>count<TAB>microseconds" on
 * stdout: the mean of all frames, then the longest of each kind. */
#include "golden/golden.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "redai/base/clock.h"

#include "redai/conf/key.h"

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

static void add_task(struct bench *b, int64_t i)
{
    char id[40];
    snprintf(id, sizeof id, "%08" PRIx64 "-1111-4000-a000-%012" PRId64,
             (uint64_t)i * 2654435761u & 0xffffffffu, i);
    bool known = model_task_find(b->model, span_of(id)) != NULL;
    struct fact f = {.kind = FACT_TASK_EVENT,
                     .task_event = {.id = span_of(id),
                                    .event = known ? TASK_EVENT_STARTED : TASK_EVENT_RECEIVED,
                                    .worker = S("celery@worker1"),
                                    .name = S("api.tasks.validate_question"),
                                    .args = S("[7, 20]"),
                                    .kwargs = S("{}"),
                                    .retries = 0,
                                    .eta_wall_us = -1,
                                    .expires_wall_us = -1,
                                    .runtime_s = (double)NAN,
                                    .sent_wall_us = b->now_us + INT64_C(1767600000000000)}};
    apply(b, &f);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

struct scene {
    const char *what;
    void (*add)(struct bench *b, int64_t i);
    const char *pane; /* the key that leads to it */
    int64_t counts[3];
};

/* A tenth of a second passes, a dozen rows change, and the dashboard is drawn; a key before it when there is
 * one. Returns what key and frame took. */
static int64_t step(struct bench *b, const struct scene *scene, int64_t count, struct console *console,
                    struct grid *g, int frame, uint32_t key)
{
    b->now_us += US_PER_S / 10;
    for (int i = 0; i < 12; i++) {
        scene->add(b, (frame * 31 + i * 7) % count);
    }
    struct fact clock = {.kind = FACT_CLOCK};
    apply(b, &clock);
    unsigned changes = model_take_changes(b->model);
    int64_t begun_us = cpu_us();
    if (key) {
        ui_key(console_ui(console), key);
    }
    ui_draw(console_ui(console), g, changes);
    return cpu_us() - begun_us;
}

/* A kind of frame: which keys come first, and one with each frame, in turn; NULL: none. */
struct kind {
    const char *what, *first, *keys;
    bool curtain;
};

static void measure_kind(struct bench *b, const struct scene *scene, int64_t count, struct console *console,
                         struct grid *g, const struct kind *kind)
{
    int64_t used_us = 0;
    int64_t longest_us = 0;
    if (kind->first) {
        console_curtain(console, kind->curtain);
        ui_key(console_ui(console), KEY_CODE_ESCAPE);
        ui_key(console_ui(console), (uint32_t)scene->pane[0]);
        for (const char *key = kind->first; *key; key++) {
            ui_key(console_ui(console), (uint32_t)*key);
        }
        ui_draw(console_ui(console), g, 0);
    }
    size_t keys = kind->keys ? strlen(kind->keys) : 0;
    for (int frame = 0; frame < FRAMES; frame++) {
        uint32_t key = keys ? (unsigned char)kind->keys[(size_t)frame % keys] : 0;
        int64_t us = step(b, scene, count, console, g, frame, key == '<' ? KEY_CODE_BACKSPACE : key);
        used_us += us;
        longest_us = us > longest_us ? us : longest_us;
    }
    printf("%s%s\t%" PRId64 "\t%.0f\n", scene->what, kind->what, count, (double)used_us / FRAMES);
    printf("%s%s, longest\t%" PRId64 "\t%" PRId64 "\n", scene->what, kind->what, count, longest_us);
}

static void measure(const struct scene *scene, int64_t count)
{
    static const struct kind kinds[] = {{"", NULL, NULL, false},
                                        {" j", "g", "j", false},
                                        {" k", "G", "k", false},
                                        {" filter", "/", "a1e7<<<<", false},
                                        {" filter veiled", "/", "a1e7<<<<", true}};
    struct bench b = {.model = model_new(), .now_us = US_PER_S};
    struct grid g;
    for (int64_t i = 0; i < count; i++) {
        scene->add(&b, i);
    }
    struct console *console = console_new(b.model, false);
    grid_init(&g);
    grid_resize(&g, WIDTH, HEIGHT);
    ui_draw(console_ui(console), &g, model_take_changes(b.model));
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        measure_kind(&b, scene, count, console, &g, &kinds[k]);
    }
    (void)fflush(stdout);
    console_free(console);
    grid_release(&g);
    model_free(b.model);
}

int main(void)
{
    static const struct scene scenes[] = {{"sessions", add_session, "1", {10, 1000, 100000}},
                                          {"queues", add_queue, "3", {1, 100, 2000}},
                                          {"batches", add_batch, "4", {10, 100, 10000}},
                                          {"tasks", add_task, "6", {10, 1000, 100000}}};
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        for (size_t k = 0; k < 3; k++) {
            measure(&scenes[i], scenes[i].counts[k]);
        }
    }
    return 0;
}
