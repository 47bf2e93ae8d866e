/* orders_worker: the menu of what can be asked of workers, and a form for its words. */
#include "orders.h"

#include <stdio.h>

enum { METHODS_MAX = 32, WORDS_MAX = 4 };

/* A word of a method's usage: "TASK SOFT HARD". */
static const struct {
    const char *word, *hint;
    bool (*complete)(void *ctx, const char *text, UT_array *out);
} word_rows[] = {
    {"N", "how many processes", NULL},
    {"QUEUE", "the queue's name", completion_queue},
    {"TASK", "the task's registered name", completion_task},
    {"RATE", "10/s, 10/m, 10/h; 0: no limit", NULL},
    {"SOFT", "raises an exception in the task after this time, such as 30s; none: no limit", NULL},
    {"HARD", "kills it after this time; none: no limit", NULL},
};

static bool submit_method(void *ctx, const char *const *value, size_t count, struct err *err)
{
    struct console *c = ctx;
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "worker %s", c->form_method->word);
    for (size_t i = 0; i + 1 < count; i++) {
        orders_add_word(&line, "", value[i]);
    }
    if (*value[count - 1]) {
        orders_add_word(&line, "", "--on");
        orders_add_word(&line, "", value[count - 1]);
    }
    bool ok = orders_run_line(c, &line, err);
    utstring_done(&line);
    return ok;
}

/* The workers that are selected, joined by commas. */
static void add_selected_workers(struct console *c, UT_string *out)
{
    struct selection s;
    struct err nothing;
    if (selection_take(c, &s, &nothing)) {
        for (size_t i = 0; i < s.count; i++) {
            if (s.t[i].kind == TARGET_WORKER) {
                utstring_printf(out, "%s%s", utstring_len(out) ? "," : "", s.t[i].id);
            }
        }
    }
    selection_release(&s);
}

static struct ui_field field_for(struct span word, char *label, size_t size)
{
    struct ui_field f = {label, "", "", NULL};
    snprintf(label, size, "%.*s", (int)word.len, word.data);
    for (size_t i = 0; i < sizeof word_rows / sizeof word_rows[0]; i++) {
        if (span_equal(word, span_of(word_rows[i].word))) {
            f.hint = word_rows[i].hint;
            f.complete = word_rows[i].complete;
        }
    }
    return f;
}

static void choose_method(void *ctx, size_t index)
{
    struct console *c = ctx;
    const struct worker_method *m = &worker_methods[index];
    struct ui_field field[WORDS_MAX + 1];
    char label[WORDS_MAX][24];
    size_t n = 0;
    for (struct span rest = span_of(m->usage); rest.len && n < WORDS_MAX;) {
        size_t end = span_find(rest, ' ');
        field[n] = field_for(span_head(rest, end), label[n], sizeof label[n]);
        n++;
        rest = span_skip(rest, end + 1);
    }
    UT_string on;
    utstring_init(&on);
    add_selected_workers(c, &on);
    field[n++] = (struct ui_field){"on", utstring_body(&on),
                                   m->needs_target ? "which worker" : "which workers, by commas; empty: all",
                                   completion_worker};
    char title[200];
    snprintf(title, sizeof title, "%s: %s, %s", m->word, m->effect, m->lasts);
    c->form_method = m;
    ui_show_form(c->ui, &(struct ui_form){
                            .title = title, .count = n, .field = field, .submit = submit_method, .ctx = c});
    utstring_done(&on);
}

bool orders_worker_menu(struct console *c, struct err *err)
{
    const char *item[METHODS_MAX], *note[METHODS_MAX];
    char text[METHODS_MAX][48];
    size_t n = worker_methods_count < METHODS_MAX ? worker_methods_count : METHODS_MAX;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        const struct worker_method *m = &worker_methods[i];
        snprintf(text[i], sizeof text[i], "%s%s%s", m->word, *m->usage ? " " : "", m->usage);
        item[i] = text[i];
        note[i] = m->help;
    }
    ui_show_menu(c->ui, &(struct ui_menu){.title = "ask of workers",
                                          .count = n,
                                          .item = item,
                                          .note = note,
                                          .choose = choose_method,
                                          .ctx = c});
    return true;
}
