/* phrase: how things are named to a person: keys and sessions as display copies without secrets, counts with
 * the right noun. Every char * given back is the caller's (mem_free). Private to action. */
#ifndef REDAI_ACTION_PHRASE_H
#define REDAI_ACTION_PHRASE_H

#include <stdarg.h>
#include <stdint.h>

#include "redai/base/container.h"

#define PHRASE_COLUMNS 120 /* of one foreign text within a line */

/* A display copy, whatever stands in the arguments. */
char *phrase_make(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *phrase_make_va(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/* "1 session", "3 sessions", "2 keys"; plural NULL: noun with an s. */
char *phrase_count(int64_t n, const char *noun, const char *plural);
/* A session id as people may see it: its first six characters and "~". */
char *phrase_session(struct span id);
/* A session id as the journal has it: "#" and eight hex digits. */
char *phrase_session_tag(struct span id);
/* A key or pattern: session ids within it shortened, or as a tag for the journal; all else sanitised. */
char *phrase_key(struct span key);
char *phrase_key_tag(struct span key);

#endif
