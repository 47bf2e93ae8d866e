/* command_shape: of a command that a client gave, as SLOWLOG GET tells it: what kind of command it is, so
 * that like ones can be grouped, and a text of it that may be shown. Both hold the names of keys, never a
 * value: of it only the size is told. A session's id is shortened, since whoever has it is logged in; what
 * is given to AUTH, HELLO, ACL SETUSER, CONFIG SET and the like is not even measured; of a script nothing but
 * its size is shown. What the server itself cut ("... (172 more bytes)", "... (30 more arguments)") counts
 * with what is missing. Bytes of keys are raw: sanitise for display. */
#ifndef REDAI_SCHEMA_COMMAND_SHAPE_H
#define REDAI_SCHEMA_COMMAND_SHAPE_H

#include "redai/schema/keyname.h"

enum { COMMAND_TEXT_MAX = 200, COMMAND_TEXT_ARGS = 12 };

/* The command's word or words and what its first key belongs to: "GET exam:*", "EVALSHA session:*",
 * "BRPOP celery", "CONFIG GET". Appends. */
void command_shape(size_t count, const struct span *argv, const struct families *families, UT_string *out);
/* "SET session:3f2a9c~ <1.2 KiB> EX 3600", at most COMMAND_TEXT_MAX bytes and COMMAND_TEXT_ARGS arguments
 * behind the command; then "... 48 more". Appends. */
void command_text(size_t count, const struct span *argv, UT_string *out);
/* How many words the command had, with those that the server left out. */
int64_t command_argc(size_t count, const struct span *argv);

#endif
