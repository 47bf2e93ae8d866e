/* keys: what becomes of a key before the ui has it. Whether a person typed it: keys of a paste that is not
 * marked as one, and those that were on their way when something changed on the screen, answer no question
 * and do not leave. Private to app. */
#ifndef REDAI_APP_KEYS_H
#define REDAI_APP_KEYS_H

#include "console.h"

void keys_init(struct console *c);
void keys_take(void *console, uint32_t key);
/* Leaves (c->quitting) when the key that says so stands alone; otherwise says why not. */
void keys_leave(struct console *c);

#endif
