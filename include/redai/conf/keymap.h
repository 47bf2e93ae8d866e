/* keymap: which key runs which command line, everywhere or in one pane. The defaults are lines of the command
 * language (keymap_defaults), so help, docs and `bind` all speak of the same rows. */
#ifndef REDAI_CONF_KEYMAP_H
#define REDAI_CONF_KEYMAP_H

#include "redai/conf/command.h"

struct keymap_row {
    char *pane; /* "all" or a pane's name */
    uint32_t key;
    char *line; /* command line */
    char *note; /* what the help says */
};

struct keymap {
    UT_array row; /* of struct keymap_row */
};

void keymap_init(struct keymap *map); /* empty */
void keymap_release(struct keymap *map);
/* Adds or replaces; an empty line removes the binding. False when the key or pane name is unknown. */
bool keymap_bind(struct keymap *map, const char *pane, const char *key, const char *line, const char *note,
                 struct err *err);
/* Whether it is the name of a pane; err says which there are. */
bool keymap_check_pane(const char *pane, struct err *err);
/* The row for a key in a pane: the pane's own first, then "all"; NULL when unbound. */
const struct keymap_row *keymap_find(const struct keymap *map, const char *pane, uint32_t key);
/* The first key bound to exactly this line in that pane or in all; 0 when none. */
uint32_t keymap_key_for(const struct keymap *map, const char *pane, const char *line);

extern const char keymap_defaults[];           /* text of `bind` lines */
extern const struct command keymap_commands[]; /* bind, unbind: ctx is struct keymap * */
extern const size_t keymap_commands_count;

#endif
