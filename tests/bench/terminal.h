/* terminal: a program in a pseudo-terminal and the screen it draws, for measuring: reads everything at once,
 * or as slowly as a line of so many bits a second. */
#ifndef REDAI_BENCH_TERMINAL_H
#define REDAI_BENCH_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <vterm.h>

struct terminal {
    int cols, rows;
    int64_t baud; /* 0: as fast as it comes */
    pid_t pid;
    int fd;
    VTerm *vterm;
    VTermScreen *screen;
    int64_t begun_us, first_us; /* of the start; of the first byte, -1 none yet */
    int64_t bytes;              /* so far */
    int64_t slice_us, slice_bytes;
    bool ended;
};

/* cols, rows and baud are set. False when there is no terminal to be had; the reason is on stderr. */
bool terminal_start(struct terminal *t, char **argv);
void terminal_stop(struct terminal *t); /* ends the program and waits for it */

/* Until something was read (true), or the time has come. */
bool terminal_wait(struct terminal *t, int64_t until_us);
void terminal_run_until(struct terminal *t, int64_t until_us);
/* The window has so many rows now; the program is told. */
void terminal_resize(struct terminal *t, int rows);
/* Letters beyond ASCII count as '?'. */
bool terminal_shows(const struct terminal *t, const char *text);
void terminal_print(const struct terminal *t); /* the screen, on stderr */

#endif
