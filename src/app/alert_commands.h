/* alert_commands: acknowledge, mute, unmute. What is said of an alert goes into the model as a fact and into
 * the journal; nothing of it reaches Redis. ctx is struct console *. */
#ifndef REDAI_APP_ALERT_COMMANDS_H
#define REDAI_APP_ALERT_COMMANDS_H

#include "console.h"

extern const struct command alert_commands[];
extern const size_t alert_commands_count;

#endif
