/* script: stands in for the room link and for time: a server whose answers are lines of text, for targets
 * that run collect or action on them. Nothing is sent; time passes when script_turn is called. A line is one
 * of
 *
 *   GET "text"                  the answer to the next GET, and, when no other line has one, to those after
 * it CONFIG|GET ["a" "b"]        the same for the first two words of a command
 *   * -"ERR unknown command"    for what has no line of its own
 *   @name ...                   something that happens: script_event
 *
 * and an answer is "text" (with \xHH, \n, \r, \t, \" and \\), a bare word, :12, +OK or +"text", -"error", _
 * (nil) or [ answers ]. */
#ifndef REDAI_TESTS_FUZZ_SCRIPT_H
#define REDAI_TESTS_FUZZ_SCRIPT_H

#include <stdint.h>

#include "redai/link/link.h"

/* The lines are borrowed until script_close, by which all links and timers must be gone. */
void script_open(struct span lines);
void script_close(void);

struct script_event {
    struct span name;  /* what stands behind the @ */
    UT_string word[4]; /* its words as texts; missing ones are empty */
    struct span rest;  /* the line behind the name */
};
/* The next line that is an event; false at the end. Valid until the next call. */
bool script_event(struct script_event *ret);

/* Time passes, timers fire, all that is pending is answered. */
void script_turn(int64_t us);
/* Every link of that name ("" for all) loses its connection; it is back at the next turn. */
void script_down(struct span name);
/* To every feed link; to every monitor link. */
void script_message(struct span pattern, struct span channel, struct span payload);
void script_line(struct span line);

/* Fails unless a person may see it: one line of clean UTF-8. */
void script_check_text(const char *text);
/* The same for the text of a struct err, which may quote a server: one line; it is cleaned where it is shown.
 */
void script_check_err(const char *text);

#endif
