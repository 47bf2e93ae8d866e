/* command_manners: how the arguments of the usual commands may be shown, beside their keys: which are plain,
 * which are secrets, which are scripts. Whatever no row names is a value. Part of schema. */
#ifndef REDAI_SCHEMA_COMMAND_MANNERS_H
#define REDAI_SCHEMA_COMMAND_MANNERS_H

#include "redai/base/span.h"

enum command_manner_flag {
    MANNER_SECRET = 1, /* nothing of it is shown */
    MANNER_NAMES = 2,  /* but the names that stand at even places ("CONFIG SET requirepass <hidden>") */
    MANNER_MATCH = 4,  /* a pattern of keys may stand behind the word MATCH */
    MANNER_LIST = 8,   /* its keys are lists: a key without a colon is a queue's name */
    MANNER_ALIKE = 16  /* its keys do not tell one kind of it from another */
};
struct command_manner {
    const char *name; /* upper case */
    const char *sub;  /* its second word, upper case; NULL: none, or any that has no row of its own */
    unsigned flags;
    int plain_from, plain_to; /* numbers and words there are shown as they are; 0: none are */
    int script, sha;          /* where a script's text, its hash stand; 0: none does */
    int first, last, step;    /* keys beside those of command_rows, in the same way; 0: none */
};
/* Never NULL: a row that allows nothing stands for what has none. */
const struct command_manner *command_manner_find(struct span name, struct span second);

/* Whether it is that word, in whatever case. */
bool command_word_is(struct span word, const char *upper);

#endif
