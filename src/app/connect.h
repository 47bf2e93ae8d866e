/* connect: the command that leaves this server for another one, and the password that it may have to ask for.
 * Private to app. */
#ifndef REDAI_APP_CONNECT_H
#define REDAI_APP_CONNECT_H

#include "redai/conf/command.h"

struct console;

/* Their ctx is struct console *. */
extern const struct command connect_commands[];
extern const size_t connect_commands_count;

/* The password that was typed; ctx is struct console *. Empty: nobody goes anywhere. */
void connect_password(void *ctx, const char *text);
void connect_forget(struct console *c);

#endif
