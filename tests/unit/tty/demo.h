/* The demo program in a pseudo-terminal, for the tests of the screen. */
#ifndef REDAI_TESTS_TTY_DEMO_H
#define REDAI_TESTS_TTY_DEMO_H

#include "support/pty.h"

#include "redai/view/grid.h"

enum { WAIT_MS = 20000 };
#define DARK REDAI_SOURCE_DIR "/themes/dark.theme"

struct pty *demo_start(int rows, int cols, const char *const env[]);
void demo_quit(struct pty *p);
void wait_for(struct pty *p, const char *text);
/* Until the status row says that this picture is drawn at this size. */
void wait_seed(struct pty *p, unsigned seed, int rows, int cols);
struct grid expected_picture(int rows, int cols, unsigned seed, bool ascii);
/* Until every cell is as the picture has it; the status row is the first to arrive, so the rest is waited
 * for. */
void assert_picture(struct pty *p, int rows, int cols, unsigned seed, bool ascii);

#endif
