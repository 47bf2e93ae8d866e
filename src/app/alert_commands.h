/* alert_commands: acknowledge, mute, unmute. What is said of an alert goes into the model as a fact and into
 * the journal; nothing of it reaches Redis. ctx is struct console *. */
#ifndef REDAI_APP_ALERT_COMMANDS_H
#define REDAI_APP_ALERT_COMMANDS_H

#include "console.h"

/* "queue-backlog questions": what an alert, or a change of the log, is called. */
const char *alert_subject(const struct console *c, const struct target *t, char *out, size_t size);

extern const struct command alert_commands[];
extern const size_t alert_commands_count;

#endif
