/* glob: texts that fit a pattern of '*' (any letters) and '?' (one). A pattern begins at the beginning of a
 * word (the text's own, or behind a letter that is neither letter nor digit) and goes to the end of the text:
 * "generate*" fits "api.tasks.batch_generate_questions". ASCII letters compare without case. */
#ifndef VIEW_GLOB_H
#define VIEW_GLOB_H

#include "redai/base/container.h"

bool glob_fits(struct span text, struct span pattern);

#endif
