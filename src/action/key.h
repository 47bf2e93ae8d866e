/* key: what the halves of the verbs about one key share (expire, persist, delete): looking at it, with the
 * plan, and doing it. Private to action. */
#ifndef REDAI_ACTION_KEY_H
#define REDAI_ACTION_KEY_H

#include "verb.h"

struct key_work {
    char *shown, *tag; /* for people, for the journal */
    /* when it was planned */
    char *type;
    int64_t pttl_ms, bytes, items; /* bytes, items: -1 unknown */
    int64_t looked_us;
    /* running */
    char *now_type;
    int64_t now_pttl_ms;   /* -3: not known */
    int64_t connects, hit; /* hit: what the command answered; -1: nothing */
    bool watched, unsent, aborted, silent;
    char *error;
};

struct span key_subject(const struct runner *r);
/* "TTL 3m20s", "no TTL"; mem_free. */
char *key_ttl(int64_t pttl_ms);
void key_release(void *work);
void key_run(struct runner *r);

#endif
