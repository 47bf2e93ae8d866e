#include "loaded.h"

#include "app/console.h"
#include "support/unit.h"

#include <stdio.h>

/* Whatever a key is bound to is a command here. */
void console_join_commands(struct command_set *set, struct console *c, struct settings *s)
{
    enum { MOST = 200 };
    static char name[MOST][32];
    static struct command all[MOST];
    size_t count = 0;
    (void)c;
    for (unsigned i = 0; i < utarray_len(&s->keymap.row); i++) {
        const struct keymap_row *row = (const struct keymap_row *)utarray_eltptr(&s->keymap.row, i);
        size_t len = strcspn(row->line, " "), k = 0;
        while (k < count && strncmp(name[k], row->line, len + 1) != 0 &&
               (strncmp(name[k], row->line, len) != 0 || name[k][len])) {
            k++;
        }
        assert_true(len < sizeof name[0] && count < MOST);
        if (k == count) {
            snprintf(name[k], sizeof name[k], "%.*s", (int)len, row->line);
            all[k] = (struct command){.name = name[k], .max_args = -1};
            count++;
        }
    }
    command_join(set, all, count, NULL);
}

struct settings loaded(const char *const argv[], const char *config)
{
    static const UT_icd borrowed = {sizeof(char *), NULL, NULL, NULL};
    struct settings s;
    struct err err = {.code = ERR_NONE};
    UT_array rest;
    int argc = 0;
    settings_init(&s);
    utarray_init(&rest, &borrowed);
    while (argv[argc]) {
        argc++;
    }
    assert_true(options_from_argv(&s.options, argc, (char **)argv, &rest, &err));
    if (utarray_len(&rest)) {
        s.given_url = *(char **)utarray_front(&rest);
    }
    utarray_done(&rest);
    struct command_set set = {.count = 0};
    settings_join_config(&set, &s);
    if (!command_run_text(&set, "config", config, &err)) {
        fail_msg("%s", err.text);
    }
    return s;
}
void loaded_expect(const struct address *a, const char *shown)
{
    UT_string text;
    utstring_init(&text);
    address_show(a, &text);
    assert_string_equal(utstring_body(&text), shown);
    utstring_done(&text);
}

void loaded_take(struct settings *s)
{
    struct err err = {.code = ERR_NONE};
    if (!settings_load(s, &err)) {
        fail_msg("%s", err.text);
    }
}

void loaded_refused(struct settings *s, const char *one, const char *two)
{
    struct err err = {.code = ERR_NONE};
    assert_false(settings_load(s, &err));
    if (!strstr(err.text, one) || !strstr(err.text, two)) {
        fail_msg("neither %s nor %s in: %s", one, two, err.text);
    }
    settings_release(s);
}
