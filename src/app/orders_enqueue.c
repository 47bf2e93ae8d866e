/* orders_enqueue: the menu of tasks and their forms. */
#include "orders.h"

#include <stdio.h>

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

static bool submit_any(void *ctx, const char *const *value, size_t count, struct err *err)
{
    static const char *const flag[] = {"", "--args", "--kwargs", "--queue", "--countdown"};
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "enqueue");
    for (size_t i = 0; i < count; i++) {
        if (*value[i]) {
            if (i) {
                orders_add_word(&line, "", flag[i]);
            }
            orders_add_word(&line, "", value[i]);
        }
    }
    bool ok = orders_run_line(ctx, &line, err);
    utstring_done(&line);
    return ok;
}

static void show_any(struct console *c)
{
    static const struct ui_field field[] = {
        {"task", "", "the registered name, such as api.tasks.test_redis_task", NULL},
        {"args", "[]", "a JSON array", NULL},
        {"kwargs", "{}", "a JSON object", NULL},
        {"queue", "", "empty: where the platform's routes send it", NULL},
        {"countdown", "", "not before this time, such as 30s; empty: now", NULL},
    };
    ui_show_form(c->ui, &(struct ui_form){.title = "enqueue any task",
                                          .count = sizeof field / sizeof field[0],
                                          .field = field,
                                          .submit = submit_any,
                                          .ctx = c});
}

static void choose_template(void *ctx, size_t index)
{
    struct console *c = ctx;
    static const char *const type[TEMPLATE_TYPE_COUNT] = {"text", "a whole number", "a number",
                                                          "true or false", "JSON"};
    if (index >= templates_count(&c->settings->templates)) {
        show_any(c);
        return;
    }
    const struct template *t = templates_at(&c->settings->templates, index);
    struct ui_field field[FIELDS_MAX + EXTRA_FIELDS];
    size_t n = 0;
    for (unsigned i = 0; i < utarray_len(&t->field) && n < FIELDS_MAX - EXTRA_FIELDS; i++) {
        const struct template_field *f = (const struct template_field *)utarray_eltptr(&t->field, i);
        field[n++] = (struct ui_field){f->name, f->initial ? f->initial : "", type[f->type], NULL};
    }
    field[n++] = (struct ui_field){"queue", "", "empty: where the platform's routes send it", NULL};
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
