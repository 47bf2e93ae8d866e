#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/conf/key.h"

void scene_tell(struct scene *s, const char *format, ...)
{
    struct fact fact;
    struct err err = {0};
    UT_string line, scratch;
    va_list args;
    utstring_init(&line);
    utstring_init(&scratch);
    utstring_printf(&line, "%lld %lld ", (long long)s->now_us, (long long)(SCENE_WALL_US + s->now_us));
    va_start(args, format);
    utstring_printf_va(&line, format, args);
    va_end(args);
    if (!fact_read(&fact, text_span(&line), &scratch, &err)) {
        fail_msg("%s: %s", utstring_body(&line), err.text);
    }
    model_apply(s->m, &fact);
    model_judge(s->m);
    utstring_done(&scratch);
    utstring_done(&line);
}

void scene_open(struct scene *s, int width, int height)
{
    s->console = console_new(s->m, false);
    grid_init(&s->g);
    grid_resize(&s->g, width, height);
    frame(s);
}

void scene_release(struct scene *s)
{
    console_free(s->console);
    model_free(s->m);
    grid_release(&s->g);
}

void frame(struct scene *s)
{
    ui_draw(console_ui(s->console), &s->g, model_take_changes(s->m));
}

void press(struct scene *s, const char *names)
{
    char *copy = mem_strdup(names);
    char *save = NULL;
    for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
        uint32_t key;
        assert_true(key_parse(name, &key));
        ui_key(console_ui(s->console), key);
        frame(s);
    }
    mem_free(copy);
}

bool shows(const struct scene *s, const char *text)
{
    UT_string all;
    utstring_init(&all);
    grid_to_text(&s->g, &all);
    bool found = strstr(utstring_body(&all), text);
    utstring_done(&all);
    return found;
}
