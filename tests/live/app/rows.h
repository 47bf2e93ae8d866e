/* rows: what the shell's verbs do and its listings print, for tests beside real workers: a verb run with
 * --yes, and rows of `tasks`, `queues` and `workers`, waited for. A miss ends the test with what was
 * printed last. */
#ifndef REDAI_TESTS_APP_ROWS_H
#define REDAI_TESTS_APP_ROWS_H

#include "stage.h"

#include <jansson.h>

struct ran rows_verb(struct server *s, const char *const words[]);
#define VERB(s, ...) rows_verb(s, (const char *const[]){__VA_ARGS__, NULL})
/* A verb that is done (exit 0). */
void rows_done(struct ran r);

/* The whole object; decref it. filter may be NULL. */
json_t *rows_read(struct server *s, const char *noun, const char *filter);
/* The same, looked at until the row of that name holds. */
json_t *rows_read_when(struct server *s, const char *noun, const char *name,
                       bool (*holds)(const json_t *row, void *ctx), void *ctx);
/* Borrowed from root; NULL when there is none. noun: "tasks" (by id), "queues" and "workers" (by name). */
const json_t *rows_find(const json_t *root, const char *noun, const char *name);
const char *rows_text(const json_t *row, const char *member);           /* "" for null and for no row */
bool rows_has(const json_t *row, const char *member, const char *word); /* in an array of texts */

/* Ids that a producer printed, blank-separated. */
enum { IDS_MAX = 24 };
struct ids {
    char *text, *id[IDS_MAX];
    size_t count;
};
void ids_take(struct ids *ids, char *printed); /* owns printed, which came from malloc */
void ids_free(struct ids *ids);

struct wish {
    const char *id, *state;
    const char *member, *value; /* one more text that the row has; NULL for none */
    const char *flag;           /* one of its flags; NULL for any */
};
/* Until one look shows all of them so. */
void rows_wait(struct server *s, const struct wish *wish, size_t count);
#define WAIT_TASKS(s, ...)                                                                                   \
    rows_wait(s, (const struct wish[]){__VA_ARGS__},                                                         \
              sizeof((const struct wish[]){__VA_ARGS__}) / sizeof(struct wish))
/* The member of `workers` or `queues` is this text in the end. */
void rows_wait_text(struct server *s, const char *noun, const char *name, const char *member,
                    const char *value);

#endif
