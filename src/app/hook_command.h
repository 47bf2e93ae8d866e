/* hook_command: the alert command: a program of the person's own that is given each alert on its standard
 * input. At most two run at a time; what may not start yet (hook_gate) waits its turn, and of one rule and
 * object only the newest word waits. What is dropped is counted, told, and stands in the next object. Private
 * to app. */
#ifndef REDAI_APP_HOOK_COMMAND_H
#define REDAI_APP_HOOK_COMMAND_H

#include "hook_child.h"
#include "hook_gate.h"

#include "redai/conf/words.h"

enum { HOOK_CHILDREN = 2, HOOK_WAITING_MAX = 32 };

struct hook_command_options {
    struct ev_loop *loop; /* the default one */
    /* For the journal: one run that has ended or could not be started. */
    void (*ran)(void *ctx, const char *subject, const char *outcome, const char *text);
    /* For the message line; detail (raw bytes of the program) is "" when there is none. */
    void (*tell)(void *ctx, const char *text, const char *detail);
    void *ctx;
};

struct hook_waiting {
    uint64_t key;
    char *subject;  /* rule, and its object */
    UT_string json; /* without its last bracket */
};

struct hook_command {
    struct hook_command_options options;
    struct words words;
    const char **argv; /* NULL: off */
    char **env;
    struct hook_child child[HOOK_CHILDREN];
    char *subject[HOOK_CHILDREN];
    struct hook_waiting waiting[HOOK_WAITING_MAX];
    size_t count;
    struct hook_gate gate;
    ev_timer next;
    uint64_t dropped, dropped_told, dropped_sent; /* in all; as last told; as the last object said */
    int64_t told_us;                              /* when a drop was told last */
    char trouble[120];                            /* the failure told last; "" it works */
};

void hook_command_init(struct hook_command *h, const struct hook_command_options *options);
/* Ends what still runs, within half a second. */
void hook_command_release(struct hook_command *h);
/* Takes the line apart with the command language's own rules; NULL or empty switches it off. False with err:
 * not understood, and off. The program need not exist: see hook_command_check. */
bool hook_command_set(struct hook_command *h, const char *line, struct err *err);
static inline bool hook_command_on(const struct hook_command *h)
{
    return h->argv != NULL;
}
/* False with err, by name: the program is not there, or may not be executed. */
bool hook_command_check(const struct hook_command *h, struct err *err);
/* json: an object without its last bracket. subject: what the journal calls it. key: of rule and object. */
void hook_command_send(struct hook_command *h, uint64_t key, const char *subject, struct span json);
/* Changes that never came here count as dropped, too. */
void hook_command_missed(struct hook_command *h, uint64_t count);

/* Without REDIS_*: the caller frees each and the array. */
char **hook_environment(const char *const *all);

#endif
