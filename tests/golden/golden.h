/* console: a ui with the default keys and commands that stand in for what app adds: enough to see every mode.
 */
#ifndef REDAI_TESTS_GOLDEN_H
#define REDAI_TESTS_GOLDEN_H

#include "redai/view/ui.h"

struct console;

struct console *console_new(const struct model *m, bool ascii);
void console_free(struct console *c);
struct ui *console_ui(struct console *c);
/* With pseudonyms that are the same in every run. */
void console_curtain(struct console *c, bool drawn);
/* How often a question was accepted and dismissed. */
int console_accepted(const struct console *c);
int console_dismissed(const struct console *c);
/* How often the rest of a document was asked for. */
int console_more(const struct console *c);
bool console_has_quit(const struct console *c);

#endif
