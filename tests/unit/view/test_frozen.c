/* A frozen screen stands still; its panes: test_modes.c. */
#include "scene.h"
#include "support/unit.h"

/* All but the lines that count how old it is. */
static void text_below(const struct scene *s, UT_string *out)
{
    UT_string all;
    utstring_init(&all);
    utstring_clear(out);
    grid_to_text(&s->g, &all);
    for (struct span rest = text_span(&all); rest.len;) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        if (span_search(line, S("FROZEN")) == line.len && span_search(line, S("─ server")) == line.len) {
            text_add(out, line);
        }
        rest = span_skip(rest, line.len + 1);
    }
    utstring_done(&all);
}

static void frozen_screen__keeps__the_page_of_the_server(void **state)
{
    (void)state;
    struct scene s;
    UT_string before, after;
    utstring_init(&before);
    utstring_init(&after);
    s = (struct scene){.m = model_new(), .now_us = 1000000};
    scene_tell(&s, "server used_memory=1234567 uptime_in_seconds=77 redis_version=7.0.15");
    scene_tell(&s, "link role=poll state=up");
    scene_open(&s, 80, 24);
    press(&s, "z 0");
    text_below(&s, &before);
    s.now_us += 8000000;
    scene_tell(&s, "server used_memory=7654321 uptime_in_seconds=7777 redis_version=7.0.15");
    scene_tell(&s, "link role=poll state=down error=gone");
    frame(&s);
    text_below(&s, &after);
    assert_string_equal(utstring_body(&after), utstring_body(&before));
    press(&s, "z");
    text_below(&s, &after);
    assert_string_not_equal(utstring_body(&after), utstring_body(&before));
    utstring_done(&before);
    utstring_done(&after);
    scene_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_screen__keeps__the_page_of_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
