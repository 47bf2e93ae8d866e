/* usage_verdict: what a server does when its memory is full, said in one sentence for what is stored on it.
 * Pure: numbers in, words out. Private to model. */
#ifndef REDAI_MODEL_USAGE_VERDICT_H
#define REDAI_MODEL_USAGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -1: unknown. */
struct usage_verdict_input {
    const char *policy;              /* maxmemory-policy; "": the server does not tell */
    int64_t maxmemory, used, system; /* bytes; maxmemory 0: no limit */
    int64_t evicted;                 /* keys, since the server started */
    bool broker;                     /* queues of the broker are kept here, be they empty */
    const char *queue;               /* display: the one queue in which tasks wait; "": none, or several */
    int64_t waiting, unacked;        /* tasks */
    int64_t sessions, lasting;       /* lasting: sessions without a TTL */
};

enum usage_danger {
    USAGE_DANGER_NONE,
    USAGE_DANGER_LATENT, /* would be there with a limit */
    USAGE_DANGER_NOW     /* waiting tasks or sessions can be evicted whatever their TTL */
};
enum usage_danger usage_danger(const struct usage_verdict_input *in);
/* The same of what the model knows now; usage_judge.c. */
struct model;
enum usage_danger usage_danger_of(const struct model *m);

/* Writes the sentence and returns out. *ret_bad: something vital can be evicted, or writes are refused now or
 * soon. */
const char *usage_verdict(const struct usage_verdict_input *in, char *out, size_t size, bool *ret_bad);

#endif
