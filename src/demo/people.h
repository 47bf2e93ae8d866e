/* people: the demo's users. Every name is a placeholder of its country (the John Does of the world) or made
 * of placeholder families, every mail ends in @example.com: nobody real is on the projector. */
#ifndef REDAI_DEMO_PEOPLE_H
#define REDAI_DEMO_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "redai/base/container.h"

enum { PEOPLE_COUNT = 80 };

struct person {
    int64_t user_id; /* 1.. */
    char name[64];   /* UTF-8 */
    char email[64];
    const char *role; /* student, teacher, admin */
};

/* user_id 1..; beyond PEOPLE_COUNT names come again, mails do not. */
void person_of(int64_t user_id, struct person *ret);

enum { TOKEN_CHARS = 43, TOKEN_SIZE = TOKEN_CHARS + 1 };
struct prng;
/* As secrets.token_urlsafe(32) makes them, but repeatable. */
void people_token(struct prng *p, char out[TOKEN_SIZE]);

#endif
