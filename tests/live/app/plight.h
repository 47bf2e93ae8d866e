/* plight: the console in a network that fails: seated behind a proxy, with what is asked of it in every
 * fault. Each figure is printed, so that what was seen can be read in the test's output. */
#ifndef REDAI_TESTS_APP_PLIGHT_H
#define REDAI_TESTS_APP_PLIGHT_H

#include "seat.h"
#include "server/proxy.h"

enum {
    ANSWER_MS = 1000 * SLOW,  /* a key's answer: 100 ms are promised, a busy machine gets more */
    RECOVERY_MS = 5000 * SLOW /* a try in flight ends after 3 s, the pause behind it is 1.5 s at most */
};

struct plight {
    struct server *server; /* filled as by stage_fill, notifications on */
    struct proxy *proxy;
    struct pty *pty;
    int descriptors; /* of the console when all was well */
};

/* lapse: how many times faster the console's clock runs, 1: as ours. mode and number: what the proxy does
 * from the start. Returns when all panes are filled. */
struct plight *plight_new(enum proxy_mode mode, int64_t number, int lapse);
void plight_free(struct plight *t); /* q ends it, and the terminal is as it was */

/* The environment in which a program's clock runs so much faster and its descriptors can be counted. */
const char *const *plight_lapse(int times);

void plight_fault(struct plight *t, enum proxy_mode mode, int64_t number); /* and says so */
/* "?" and its answer, Esc and its answer: the longer of both in ms, with the bound checked. */
int64_t plight_answer_ms(struct plight *t, const char *when);
/* Ends the fault; until nothing is called old or unreachable any more. With the bound checked, and that no
 * descriptor more is open than at the start. */
int64_t plight_recover_ms(struct plight *t);
/* Until the server has all five connections of the console: poll, feed, result, act, act-result. */
void plight_wait_links(struct plight *t);
/* For so many ms: true when the text was on the screen at no look. */
bool plight_never(struct plight *t, const char *text, int ms);

int plight_descriptors(int pid);
int64_t plight_resident_kb(int pid);

#endif
