/* curtain: what a person may see and do while strangers look on. Drawn, names, ids, addresses and values
 * stand behind pseudonyms, and nothing can be done but to send tasks: what would be asked could not be read.
 * It falls at once; it is lifted on a question only, since a slip shows everything. ctx is struct console *.
 * Private to app. */
#ifndef REDAI_APP_CURTAIN_H
#define REDAI_APP_CURTAIN_H

#include "console.h"

void curtain_draw(struct console *c, bool drawn);
/* False with err: not while it is drawn. */
bool curtain_allows_verb(const struct console *c, enum verb verb, struct err *err);
/* The same for a line before it opens a menu or a form. */
bool curtain_allows_line(const struct console *c, const char *line, struct err *err);
/* What the window is called. */
void curtain_title(struct console *c);
/* The curtain's own way to copy: appends what t is called behind it. False: it is lifted, copy as ever. */
bool curtain_copies(const struct console *c, const struct target *t, UT_string *out);

extern const struct command curtain_commands[];
extern const size_t curtain_commands_count;

#endif
