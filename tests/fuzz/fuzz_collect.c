#include "app/observer.h"
#include "fuzz/fuzz.h"
#include "fuzz/script.h"
#include "golden/golden.h"

#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/conf/key.h"

enum { EVENTS_MAX = 60, TURNS_MAX = 80, TURNS_A_TRAIL = 8, KEYS_MAX = 40 };
#define TURN_US     INT64_C(100000)
#define WAIT_MAX_US INT64_C(120000000)

struct desk {
    struct observer o;
    struct console *console;
    struct grid grid;
    int turns;
};

/* Nothing but what has a place on a screen. */
static void draw(struct desk *d)
{
    ui_draw(console_ui(d->console), &d->grid, model_take_changes(d->o.model));
    for (int i = 0; i < d->grid.width * d->grid.height; i++) {
        uint32_t ch = d->grid.cell[i].ch;
        DEMAND(!ch || (ch >= ' ' && !utf8_is_hostile(ch)));
        DEMAND(d->grid.cell[i].role < ROLE_COUNT);
    }
}

static void turn(struct desk *d, int64_t us)
{
    if (d->turns++ < TURNS_MAX) {
        script_turn(us);
        observer_tick(&d->o);
    }
}

static void press(struct desk *d, struct span names)
{
    UT_string name;
    utstring_init(&name);
    for (int i = 0; names.len && i < KEYS_MAX; i++) {
        uint32_t key;
        size_t end = span_find(names, ' ');
        utstring_clear(&name);
        text_add(&name, span_head(names, end));
        names = span_skip(names, end + 1);
        if (key_parse(utstring_body(&name), &key)) {
            ui_key(console_ui(d->console), key);
        }
    }
    utstring_done(&name);
    draw(d);
}

static void want(struct desk *d, const struct script_event *e)
{
    struct target t = {0};
    for (int kind = 1; kind < TARGET_COUNT; kind++) {
        if (span_equal(text_span(&e->word[0]), span_of(target_kind_name((enum target_kind)kind)))) {
            target_set(&t, (enum target_kind)kind, text_span(&e->word[1]));
        }
    }
    collect_want(d->o.collect, &t);
    if (t.kind != TARGET_NONE) {
        ui_show(console_ui(d->console), &t);
        draw(d);
    }
    target_release(&t);
}

static void happen(struct desk *d, const struct script_event *e)
{
    struct err err = {0};
    struct collect *c = d->o.collect;
    int64_t ms = 0;
    if (span_equal(e->name, S("message"))) {
        script_message(text_span(&e->word[0]), text_span(&e->word[1]), text_span(&e->word[2]));
    } else if (span_equal(e->name, S("line"))) {
        script_line(text_span(&e->word[0]));
    } else if (span_equal(e->name, S("down"))) {
        script_down(text_span(&e->word[0]));
    } else if (span_equal(e->name, S("wait")) && num_i64_range(text_span(&e->word[0]), 0, INT32_MAX, &ms)) {
        turn(d, ms * 1000 < WAIT_MAX_US ? ms * 1000 : WAIT_MAX_US);
    } else if (span_equal(e->name, S("want"))) {
        want(d, e);
    } else if (span_equal(e->name, S("more"))) {
        collect_more(c);
    } else if (span_equal(e->name, S("doctor"))) {
        collect_doctor(c, &err);
    } else if (span_equal(e->name, S("trace"))) {
        collect_trace(c, 2000000, 100000, &err);
    } else if (span_equal(e->name, S("server"))) {
        collect_look_at(c, UINT32_MAX);
        collect_look_at_workers(c, true);
    } else if (span_equal(e->name, S("task"))) {
        collect_watch_task(c, text_span(&e->word[0]));
    } else if (span_equal(e->name, S("queue"))) {
        collect_add_queue(c, text_span(&e->word[0]));
    } else if (span_equal(e->name, S("keys"))) {
        press(d, e->rest);
    }
    DEMAND(!err.code || (err.text[0] && !strpbrk(err.text, "\033\n")));
}

/* A server that answers anything, from the bytes of its replies to the cells of the screen. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s;
    struct desk d = {.turns = 0};
    struct script_event e;
    struct err err = {0};
    script_open(INPUT);
    settings_init(&s);
    DEMAND(address_parse(&s.address, "redis://127.0.0.1:6379/0", &err));
    observer_init(&d.o, NULL, &s);
    d.console = console_new(s.model, false);
    grid_init(&d.grid);
    grid_resize(&d.grid, 80, 24);
    observer_start(&d.o);
    for (int i = 0; i < 3; i++) {
        turn(&d, TURN_US);
    }
    for (int i = 0; i < EVENTS_MAX && script_event(&e); i++) {
        happen(&d, &e);
        turn(&d, TURN_US);
    }
    for (int i = 0; i < TURNS_A_TRAIL; i++) {
        turn(&d, TURN_US);
    }
    draw(&d);
    console_free(d.console);
    grid_release(&d.grid);
    observer_release(&d.o);
    settings_release(&s);
    script_close();
    return 0;
}
