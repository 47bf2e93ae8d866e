/* theme: a palette by its name: the user's own file, or one of the binary's. */
#include "themes.h"

#include <stdlib.h>
#include <unistd.h>

#include "redai/base/utf8.h"

#include "redai/tty/palette.h"

enum { SHOWN_COLUMNS = 40 };

/* Writes the path a theme of the user's own would have; false when there is no such place. */
static bool theme_path(const char *theme, UT_string *out)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    utstring_clear(out);
    if (config && *config == '/') {
        utstring_printf(out, "%s/redai-console/themes/%s.theme", config, theme);
    } else if (home && *home == '/') {
        utstring_printf(out, "%s/.config/redai-console/themes/%s.theme", home, theme);
    }
    return utstring_len(out) > 0;
}

static const struct theme *find_builtin(const char *name)
{
    const struct theme *t = themes;
    while (t->name && strcmp(t->name, name) != 0) {
        t++;
    }
    return t->name ? t : NULL;
}

static bool no_such(const char *theme, struct err *err)
{
    char *shown = utf8_sanitise_dup(span_of(theme), SHOWN_COLUMNS);
    UT_string names;
    utstring_init(&names);
    for (const struct theme *t = themes; t->name; t++) {
        utstring_printf(&names, " %s", t->name);
    }
    err_set(err, ERR_NOT_FOUND, "theme \"%s\" is not found, expected a file or one of:%s", shown,
            utstring_body(&names));
    utstring_done(&names);
    mem_free(shown);
    return false;
}

bool palette_load(struct palette *p, const char *theme, struct err *err)
{
    struct palette loaded;
    struct command_set set = {0};
    UT_string path;
    bool ok;
    palette_init(&loaded);
    command_join(&set, palette_commands, palette_commands_count, &loaded);
    utstring_init(&path);
    bool is_path = strchr(theme, '/') || span_ends(span_of(theme), S(".theme"));
    const struct theme *builtin = find_builtin(theme);
    if (is_path) {
        ok = command_run_file(&set, theme, err);
    } else if (*theme && theme_path(theme, &path) && access(utstring_body(&path), R_OK) == 0) {
        ok = command_run_file(&set, utstring_body(&path), err);
    } else {
        ok = builtin ? command_run_text(&set, builtin->name, builtin->text, err) : no_such(theme, err);
    }
    if (ok) {
        *p = loaded;
    }
    utstring_done(&path);
    return ok;
}
