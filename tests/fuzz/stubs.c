/* What settings.c and its like call that has no part in reading files or in watching a server. */
#include "app/console.h"

void console_join_commands(struct command_set *set, struct console *c, struct settings *s)
{
    (void)set;
    (void)c;
    (void)s;
}

bool password_is_given(const struct settings *s)
{
    (void)s;
    return false;
}

bool password_read(const struct settings *s, const char *of, char **ret, struct err *err)
{
    (void)s;
    (void)of;
    (void)ret;
    return err_set(err, ERR_USAGE, "nobody is asked");
}

void password_done(const struct settings *s)
{
    (void)s;
}
