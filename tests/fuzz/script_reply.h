/* script_reply: the answers of a script (script.h), from their text to what hiredis would have made of the
 * server's bytes. */
#ifndef REDAI_TESTS_FUZZ_SCRIPT_REPLY_H
#define REDAI_TESTS_FUZZ_SCRIPT_REPLY_H

#include <hiredis/hiredis.h>

#include "redai/base/container.h"

/* Whatever the text is, an answer comes of it: nil for an empty one. The caller frees it by
 * script_reply_free. */
redisReply *script_reply_take(struct span text);
redisReply *script_reply_nil(void);
void script_reply_free(redisReply *r);

struct span script_skip_blanks(struct span s);
/* "text" or a bare word: from the front of s, which begins behind it afterwards, to the end of out. */
void script_take_text(struct span *s, UT_string *out);

#endif
