/* attack: a table of what must never reach a terminal and a table of every place in Redis that strangers
 * write to; each attack is put into each place, with a mark before it, <A03F17: the fourth attack in the
 * eighteenth field. */
#ifndef REDAI_TESTS_APP_ATTACK_H
#define REDAI_TESTS_APP_ATTACK_H

#include "server/server.h"

#include "redai/base/container.h"

struct attack {
    const char *name;
    struct span bytes;
};
extern const struct attack attacks[];
extern const size_t attacks_count;

struct attack_field {
    const char *name;
    bool is_shown; /* its mark is expected on some screen of the walk; else it is no more than read */
    int db;
    bool is_event;       /* the last word is the body of a message of Celery's */
    const char *word[6]; /* % the attack, & the attack within JSON, # numbers of attack and field, ~ a body of
                            arguments made of it */
};
extern const struct attack_field attack_fields[];
extern const size_t attack_fields_count;

void attack_fill(struct server *s);   /* every attack into every field */
void attack_events(struct server *s); /* the fields that are told, not kept: heard by who listens now */

/* Notes which fields' marks are in a text; names the ones that are missing, NULL when none is. */
void attack_look(const char *screen, bool seen[]);
const char *attack_missing(const bool seen[]);
/* A mark with the very control character of its attack behind it; NULL when there is none. */
const char *attack_leak(struct span raw);

#endif
