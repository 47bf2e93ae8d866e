/* scan: reads what a terminal received as a terminal would, and finds anything that is not ours: a control
 * sequence that neither curses nor the console sends, a control character, a code point without a place on a
 * screen, bytes that are no UTF-8. */
#ifndef REDAI_TESTS_APP_SCAN_H
#define REDAI_TESTS_APP_SCAN_H

#include "redai/base/container.h"

/* NULL when all is ours, else what was found where, in a buffer that the next call writes anew. ascii:
 * nothing above 0x7e either. */
const char *scan_terminal(struct span raw, bool ascii);
/* What else that terminal's description has is ours as well, from here on; NULL: no more. */
void scan_learn(const char *term);
/* The same for plain text output (no sequences at all, line ends allowed). */
const char *scan_text(const char *text);

#endif
