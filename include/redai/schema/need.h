/* need: what each pane and each action asks of Redis, as commands on keys and channels like the platform's: a
 * table that a user's permissions are held against. Pure. Source: what collect and action send. */
#ifndef REDAI_SCHEMA_NEED_H
#define REDAI_SCHEMA_NEED_H

#include "redai/base/span.h"

enum need_kind { NEED_PANE, NEED_ACTION };

enum { NEED_COMMANDS_MAX = 9, NEED_ARGS_MAX = 8, NEED_TEXT_MAX = 120 };

/* Commands are written as a person reads them: "GET session:*". A '*' stands for some id, but in a
 * subscription to a pattern; {db} for the number of the application's database. */
struct need {
    const char *name; /* "pane sessions", "revoke session" */
    enum need_kind kind;
    const char *command[NEED_COMMANDS_MAX + 1]; /* NULL behind the last */
};
extern const struct need needs[];
extern const size_t needs_count;

/* Every command that is named, each once, in the table's order. */
size_t need_commands(const char *const **ret_command);

/* It changes nothing and tells nobody anything, whatever the keys: what --read-only sends, too. */
bool need_only_looks(const char *command);

/* The command as it would be sent: words into args, which point into text. Returns how many. */
size_t need_args(const char *command, int db, char text[NEED_TEXT_MAX], struct span args[NEED_ARGS_MAX]);

#endif
