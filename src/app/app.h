/* app: the subcommands, each a row of one table. Private to app. */
#ifndef REDAI_APP_APP_H
#define REDAI_APP_APP_H

#include "settings.h"

/* Exit codes: the contract with scripts. */
enum exit_code {
    EXIT_OK = 0,       /* all clear; done and confirmed */
    EXIT_WARNING = 1,  /* snapshot: a warning fires */
    EXIT_CRITICAL = 2, /* snapshot: a critical fires */
    EXIT_UNREAD = 3,   /* snapshot, listings: Redis could not be read */
    EXIT_FAILED = 1,   /* actions: refused, failed, or it came back */
    EXIT_USAGE = 2,    /* wrong option, URL, config line */
    EXIT_UNKNOWN = 4,  /* actions: the outcome is unknown */
    /* 70: out of memory; base/mem ends the program so, wherever it is. */
};

struct subcommand {
    const char *name;  /* NULL: the console itself */
    const char *usage; /* arguments */
    const char *help;
    int min_args, max_args; /* -1: any number */
    /* args: the words behind the name, array of char *. NULL: an action, the name being the first word of an
     * order. */
    int (*run)(struct settings *s, const UT_array *args);
};

extern const struct subcommand subcommands[];
extern const size_t subcommands_count;

static inline const char *args_at(const UT_array *args, unsigned i)
{
    return i < utarray_len(args) ? *(char *const *)utarray_eltptr(args, i) : NULL;
}
/* Takes a URL given as positional argument i, when there is one. False: told on stderr, exit EXIT_USAGE. */
bool args_take_url(struct settings *s, const UT_array *args, unsigned i);

/* One line on stderr: "redai-console: text". */
void complain(const struct err *err);

int console_run(struct settings *s, const UT_array *args);
int snapshot_run(struct settings *s, const UT_array *args);
int shell_run(struct settings *s, const UT_array *args, const char *verb);
int listing_workers(struct settings *s, const UT_array *args);
int listing_queues(struct settings *s, const UT_array *args);
int listing_tasks(struct settings *s, const UT_array *args);
int key_print(struct settings *s, const UT_array *args);
int doctor_run(struct settings *s, const UT_array *args);
int result_run(struct settings *s, const UT_array *args);
int demo_run(struct settings *s, const UT_array *args);

/* usage.c */
void usage_print(void);    /* --help */
void usage_markdown(void); /* docs/usage.md: every generated table */

/* Parts that demo_run joins with its own loop. */
struct ev_loop;
int console_on(struct settings *s, struct ev_loop *loop);
/* Watches until settled or limit_us, prints, and gives the exit code. */
int snapshot_on(struct settings *s, struct ev_loop *loop, int64_t least_us, int64_t limit_us);

#endif
