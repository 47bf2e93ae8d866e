/* orders_enqueue: the menu of tasks and their forms. */
#include "orders.h"

#include <stdio.h>

#include "redai/base/isotime.h"

enum { FIELDS_MAX = 12, EXTRA_FIELDS = 2 };

static bool submit_template(void *ctx, const char *const *value, size_t count, struct err *err)
{
    struct console *c = ctx;
    const struct template *t = c->form_template;
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "enqueue");
    orders_add_word(&line, "", t->name);
    for (unsigned i = 0; i < utarray_len(&t->field) && i + EXTRA_FIELDS < count; i++) {
        const struct template_field *f = (const struct template_field *)utarray_eltptr(&t->field, i);
        char name[128];
        snprintf(name, sizeof name, "%s=", f->name);
        orders_add_word(&line, name, value[i]);
    }
    if (*value[count - 2]) {
        orders_add_word(&line, "", "--queue");
        orders_add_word(&line, "", value[count - 2]);
    }
    if (*value[count - 1]) {
        orders_add_word(&line, "", "--countdown");
        orders_add_word(&line, "", value[count - 1]);
    }
    bool ok = orders_run_line(c, &line, err);
    utstring_done(&line);
    return ok;
}

/* The form for any task, a field for each option of the line. */
static const struct {
    const char *flag; /* NULL: the task */
    const char *initial;
    struct ui_field field;
} any_rows[ENQUEUE_FIELDS] = {
    [ENQUEUE_TASK] =
        {NULL, "", {"task", NULL, "the registered name, such as api.tasks.test_redis_task", completion_task}},
    [ENQUEUE_ARGS] = {"--args", "[]", {"args", NULL, "a JSON array", NULL}},
    [ENQUEUE_KWARGS] = {"--kwargs", "{}", {"kwargs", NULL, "a JSON object", NULL}},
    [ENQUEUE_QUEUE] = {"--queue",
                       "",
                       {"queue", NULL, "empty: where the platform's routes send it", completion_queue}},
    [ENQUEUE_PRIORITY] = {"--priority", "", {"priority", NULL, "0 to 9; 0, or empty, is served first", NULL}},
    [ENQUEUE_COUNTDOWN] = {"--countdown",
                           "",
                           {"countdown", NULL, "not before this time, such as 30s; empty: now", NULL}},
    [ENQUEUE_ETA] = {"--eta",
                     "",
                     {"eta", NULL, "or not before this moment, such as 2026-11-25T18:30:00 (UTC)", NULL}},
    [ENQUEUE_EXPIRES] = {"--expires",
                         "",
                         {"expires", NULL, "workers drop it when it waits longer, such as 10m; empty: never",
                          NULL}},
};

static bool submit_any(void *ctx, const char *const *value, size_t count, struct err *err)
{
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "enqueue");
    for (size_t i = 0; i < count; i++) {
        if (*value[i]) {
            if (any_rows[i].flag) {
                orders_add_word(&line, "", any_rows[i].flag);
            }
            orders_add_word(&line, "", value[i]);
        }
    }
    bool ok = orders_run_line(ctx, &line, err);
    utstring_done(&line);
    return ok;
}

/* value: of each field; NULL ones, or no value at all: what it begins with. */
static void show_any(struct console *c, const char *title, char *const *value)
{
    struct ui_field field[ENQUEUE_FIELDS];
    for (size_t i = 0; i < ENQUEUE_FIELDS; i++) {
        field[i] = any_rows[i].field;
        field[i].initial = value && value[i] ? value[i] : any_rows[i].initial;
    }
    ui_show_form(
        c->ui, &(struct ui_form){
                   .title = title, .count = ENQUEUE_FIELDS, .field = field, .submit = submit_any, .ctx = c});
}

/* --- the last one again --- */

static void remember_time(char **value, int64_t us)
{
    char text[32];
    snprintf(text, sizeof text, "%.6gs", (double)us / 1e6);
    mem_replace(value, us > 0 ? text : NULL);
}

void orders_enqueue_remember(struct console *c, const struct order *o)
{
    char text[ISOTIME_SIZE];
    mem_replace(&c->enqueued[ENQUEUE_TASK], o->task);
    mem_replace(&c->enqueued[ENQUEUE_ARGS], o->args);
    mem_replace(&c->enqueued[ENQUEUE_KWARGS], o->kwargs);
    mem_replace(&c->enqueued[ENQUEUE_QUEUE], o->queue);
    snprintf(text, sizeof text, "%d", o->priority);
    mem_replace(&c->enqueued[ENQUEUE_PRIORITY], o->priority > 0 ? text : NULL);
    remember_time(&c->enqueued[ENQUEUE_COUNTDOWN], o->countdown_us);
    remember_time(&c->enqueued[ENQUEUE_EXPIRES], o->expires_us);
    isotime_format_celery(o->eta_wall_us, text, sizeof text);
    mem_replace(&c->enqueued[ENQUEUE_ETA], o->eta_wall_us >= 0 ? text : NULL);
}

bool orders_enqueue_again(struct console *c, struct err *err)
{
    if (!c->enqueued[ENQUEUE_TASK]) {
        return err_set(err, ERR_USAGE, "enqueue again: nothing was enqueued here yet");
    }
    show_any(c, "enqueue again", c->enqueued);
    return true;
}

void orders_enqueue_forget(struct console *c)
{
    for (size_t i = 0; i < ENQUEUE_FIELDS; i++) {
        mem_replace(&c->enqueued[i], NULL);
    }
}

/* --- the menu --- */

static void choose_template(void *ctx, size_t index)
{
    struct console *c = ctx;
    static const char *const type[TEMPLATE_TYPE_COUNT] = {"text", "a whole number", "a number",
                                                          "true or false", "JSON"};
    if (index >= templates_count(&c->settings->templates)) {
        show_any(c, "enqueue any task", NULL);
        return;
    }
    const struct template *t = templates_at(&c->settings->templates, index);
    struct ui_field field[FIELDS_MAX + EXTRA_FIELDS];
    size_t n = 0;
    for (unsigned i = 0; i < utarray_len(&t->field) && n < FIELDS_MAX - EXTRA_FIELDS; i++) {
        const struct template_field *f = (const struct template_field *)utarray_eltptr(&t->field, i);
        field[n++] = (struct ui_field){f->name, f->initial ? f->initial : "", type[f->type], NULL};
    }
    field[n++] =
        (struct ui_field){"queue", "", "empty: where the platform's routes send it", completion_queue};
    field[n++] = (struct ui_field){"countdown", "", "not before this time, such as 30s; empty: now", NULL};
    c->form_template = t;
    char title[160];
    snprintf(title, sizeof title, "enqueue %s (%s)", t->name, t->task);
    ui_show_form(c->ui, &(struct ui_form){
                            .title = title, .count = n, .field = field, .submit = submit_template, .ctx = c});
}

bool orders_enqueue_menu(struct console *c, struct err *err)
{
    enum { MOST = 32 };
    const char *item[MOST], *note[MOST];
    size_t n = 0;
    (void)err;
    for (; n < templates_count(&c->settings->templates) && n < MOST - 1; n++) {
        const struct template *t = templates_at(&c->settings->templates, n);
        item[n] = t->name;
        note[n] = t->task;
    }
    item[n] = "any task";
    note[n] = "by its registered name, with JSON arguments";
    ui_show_menu(c->ui, &(struct ui_menu){.title = "enqueue",
                                          .count = n + 1,
                                          .item = item,
                                          .note = note,
                                          .choose = choose_template,
                                          .ctx = c});
    return true;
}
