/* spelling: the same argument in keys that a pattern does not match. The platform's cache writes one argument
 * in several ways (exam:1, exam:exam_id:1, behind an object's address, within exam:questions), and its own
 * invalidation takes one of them; so what a pattern misses is looked for before anything is deleted, and the
 * patterns that take exactly that are offered. Private to action. */
#ifndef REDAI_ACTION_SPELLING_H
#define REDAI_ACTION_SPELLING_H

#include "keyset.h"

#include "redai/schema/cache_call.h"

enum { SPELLING_ARGUMENTS_MAX = 4, SPELLING_KEYS_MAX = 100000 };
#define SPELLING_COLUMNS 480 /* of the patterns that are offered */

/* What one or more patterns are about: raw bytes. */
struct spelling_argument {
    char *prefix, *name, *value; /* name: "" positional, or not told */
    int64_t missed, hashed;      /* keys: not matched; they do not tell what they hold */
};

/* One way of writing it. */
struct spelling {
    size_t argument;
    char *prefix;         /* positional: of the keys' own family; else the argument's */
    char *name;           /* "" positional */
    int64_t keys, missed; /* all that are so; those that no pattern matched */
    struct {
        int64_t keys, missed;
    } form[2][2]; /* [something stands before it][something follows] */
};

struct spellings {
    const struct families *families;
    UT_array argument; /* of struct spelling_argument */
    UT_array row;      /* of struct spelling */
    struct keyset seen;
    bool cut; /* not all was looked at */
};

void spellings_init(struct spellings *s, const struct families *families);
void spellings_release(struct spellings *s);
/* What the pattern is about; nothing is added when it names no argument, or one that is known already. */
void spellings_add(struct spellings *s, struct span pattern);
size_t spellings_count(const struct spellings *s); /* arguments */
/* The pattern of the keys that argument i is looked for in. */
void spellings_scope(const struct spellings *s, size_t i, UT_string *out);
/* One of these keys; missed: no pattern matched it. A key that comes again is counted once. */
void spellings_take(struct spellings *s, size_t i, struct span key, bool missed);
/* Tells what was missed, each line ready to be shown; the lines are borrowed for the call. */
void spellings_tell(struct spellings *s, void (*line)(void *ctx, const char *text), void *ctx);
/* The patterns that take all of argument i, or what was matched of it, and nothing else: appends them as
 * words, and returns how many keys that is. 0: there are none, or which are meant is not clear. */
int64_t spellings_exact(const struct spellings *s, size_t i, bool matched_only, UT_string *out);

/* A pattern without a wildcard as the key it means; false when it has one. Appends to out. */
bool spelling_literal(struct span pattern, UT_string *out);
/* Appends a text with what is a wildcard escaped. */
void spelling_escape(struct span text, UT_string *out);
/* Appends a blank and the pattern as a word for the prompt and for a shell. */
void spelling_word(struct span pattern, UT_string *out);

#endif
