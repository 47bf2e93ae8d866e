/* fault: what holds whatever breaks. A row says how a fault is made and ended and what the screen says
 * meanwhile; fault_prove makes it under an open console and looks whether keys are answered, the words and
 * the time are there, an action ends as it is said, all is fresh again in time and no descriptor is left. */
#ifndef REDAI_TESTS_APP_FAULT_H
#define REDAI_TESTS_APP_FAULT_H

#include "seat.h"

struct stand {
    struct server *server;
    struct pty *pty;
    redisContext *held;   /* a connection of ours from before the fault; outlives it */
    redisContext *busy;   /* NULL, or one that a fault keeps waiting */
    const char *args[24]; /* of the server; may be changed between its end and its restart */
};

struct fault {
    const char *name;
    const char *const *args; /* further arguments of the server, or NULL */
    void (*make)(struct stand *t);
    void (*unmake)(struct stand *t);
    const char *says[5]; /* on the screen while it lasts, up to a NULL */
    bool away;           /* no answer comes: since when is said, and the panes are stale */
    /* What is said of a task that is sent meanwhile; the task is in the list afterwards when it begins with
     * "done", may be when with "unknown", else surely not. NULL: none is sent. */
    const char *action;
    int lasts_s;       /* it is not ended sooner */
    bool asked_before; /* its question stands open when the fault comes, and is answered then */
    const char *gone;  /* what was shown before and must not be in the end, or NULL */
};

/* The console on a server of its own with the platform's things in it, all panes filled. */
struct stand *stand_open(const char *const *args, const char *const more[]);
/* q, and all is released. */
void stand_close(struct stand *t);
/* Blank-separated words on the held connection; an error reply fails the test. */
void stand_do(struct stand *t, const char *command);
int stand_descriptors(const struct stand *t); /* of the console */
int64_t stand_rss_kib(const struct stand *t);
/* How long until the screen answers a key, in ms; help is opened and left. */
int64_t stand_key_ms(struct stand *t);
/* Within the promised 5 s (a sanitizer is given more) the screen is fresh: a new session is shown, nothing
 * is stale, unreachable or unread. Returns the ms it took. */
int64_t stand_fresh_ms(struct stand *t);
/* Shows the screen on stderr when $FAULT_SHOW is set: for docs/reliability.md. */
void stand_show(struct stand *t, const char *name);

void fault_prove(const struct fault *f);

#endif
