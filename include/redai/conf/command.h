/* command: a verb of the command language as a table row. Rooms export static tables of these; app
 * joins them into one set; the prompt, key bindings, config files, completion, help and docs all read
 * the same rows. */
#ifndef REDAI_CONF_COMMAND_H
#define REDAI_CONF_COMMAND_H

#include "redai/base/err.h"

#include "redai/conf/words.h"

enum command_flag {
    COMMAND_WATCH = 1 << 0,  /* changes nothing in Redis: allowed with --read-only. Unflagged = refused. */
    COMMAND_CONFIG = 1 << 1, /* allowed in config files */
    COMMAND_SCREEN = 1 << 2, /* makes sense with a screen only (moving, zooming, ...) */
    COMMAND_HIDDEN = 1 << 3, /* not listed in help and completion */
    COMMAND_CURTAIN = 1 << 4 /* acts, and is possible behind the curtain all the same: shows nothing hidden */
};

/* ctx is what the table was joined with (struct ui *, struct console *, ...). word 0 is the name. */
typedef bool (*command_fn)(void *ctx, const struct words *w, struct err *err);

struct command {
    const char *name;
    const char *usage; /* arguments, "" when none: "session SID | user UID | task ID [--terminate]" */
    const char *help;  /* one line */
    int min_args;      /* without the name */
    int max_args;      /* -1: any number */
    unsigned flags;    /* enum command_flag */
    command_fn exec;
    const char *choices; /* blank-separated completions of the first argument, or NULL */
};

#define COMMAND_TABLES_MAX 16
struct command_set {
    struct {
        const struct command *rows;
        size_t count;
        void *ctx;
    } table[COMMAND_TABLES_MAX];
    size_t count;
};

void command_join(struct command_set *set, const struct command *rows, size_t count, void *ctx);
const struct command *command_find(const struct command_set *set, const char *name, void **ret_ctx);
/* Splits and runs a line. Only rows with all bits of required are run (0: any). Errors name the word: an
 * unknown command with the nearest name, too few or too many arguments with the usage. An empty line or
 * comment is fine. */
bool command_run(const struct command_set *set, const char *line, unsigned required, struct err *err);
/* Appends to out (array of char *, owned by it) the completions of the line's last word. */
void command_complete(const struct command_set *set, const char *line, UT_array *out);

/* Runs each line of a config or theme file (COMMAND_CONFIG rows only). Errors: "FILE:LINE: ...". The first
 * error stops; lines before it have taken effect. */
bool command_run_file(const struct command_set *set, const char *path, struct err *err);
/* The same over text in memory; name stands for the file in errors. */
bool command_run_text(const struct command_set *set, const char *name, const char *text, struct err *err);

#endif
