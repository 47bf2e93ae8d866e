/* secret: where a text holds what opens a door: the password within a URL, a session id. Whoever shows or
 * keeps words that a person typed, or that an error quotes, asks here first. */
#ifndef REDAI_BASE_SECRET_H
#define REDAI_BASE_SECRET_H

#include "redai/base/container.h"

enum secret_kind {
    /* Of "scheme://user:PASSWORD@host", up to the last '@' of the word. */
    SECRET_PASSWORD,
    /* What follows "session:", or a run of letters, digits, '-' and '_' as long as a session id (43), in
     * which both cases occur: no UUID, no hash, no name. */
    SECRET_TOKEN
};

struct secret {
    enum secret_kind kind;
    size_t at, len; /* bytes */
};

/* The first one that begins at from or behind it; false: there is none. */
bool secret_next(struct span text, size_t from, struct secret *ret);
/* Appends the text with every letter of a password as '*', and of a session id all but the first six that are
 * shown everywhere. As many letters as before. */
void secret_mask(struct span text, UT_string *out);
/* The same for a person's eyes, as utf8_sanitise_dup has it: an owned copy of at most max_cols columns; 0:
 * all of it. */
char *secret_show_dup(struct span raw, int max_cols);
/* The same of a line that is being typed: what follows "scheme://user:" is taken for a password before its
 * '@' has come, unless it can be a port. */
void secret_mask_typed(struct span text, UT_string *out);
/* Appends the text with its passwords taken out: "redis://ada@host", still a URL. */
void secret_drop_passwords(struct span text, UT_string *out);
/* Overwrites a text of mem.h, frees it, and leaves NULL; NULL is fine. */
void secret_forget(char **text);
/* Bytes of a session id. */
bool secret_is_token_byte(char byte);

#endif
