/* tracing: `trace`: the question before it, and its end. ctx
 * is struct console *. Private to app. */
#ifndef REDAI_APP_TRACING_H
#define REDAI_APP_TRACING_H

#include "console.h"

/* Once per turn: tells how a trace has ended. */
void tracing_turn(struct console *c);
/* Esc while one runs ends it, and does nothing else. True: it did. */
bool tracing_takes_line(struct console *c, const char *line);

extern const struct command tracing_commands[];
extern const size_t tracing_commands_count;

#endif
