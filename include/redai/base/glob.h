/* glob: texts that fit a pattern of '*' (any letters) and '?' (one). A pattern begins at the beginning of a
 * word (the text's own, or behind a letter that is neither letter nor digit) and goes to the end of the text:
 * "generate*" fits "api.tasks.batch_generate_questions". ASCII letters compare without case. */
#ifndef REDAI_BASE_GLOB_H
#define REDAI_BASE_GLOB_H

#include "redai/base/span.h"

bool glob_fits(struct span text, struct span pattern);
/* The same, from the beginning of the text alone: "q*" does not fit "big q". */
bool glob_fits_whole(struct span text, struct span pattern);

#endif
