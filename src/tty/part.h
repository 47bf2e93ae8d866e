/* part: which rows of a picture are sent first when a line takes only a part of it at once. First the row
 * with the cursor, where somebody types; then rows that changed with a key; then all others, in turn, so that
 * none waits for ever. Private to tty. */
#ifndef REDAI_TTY_PART_H
#define REDAI_TTY_PART_H

#include "redai/tty/screen.h"

struct part {
    int width, height;
    struct cell *seen; /* the picture that was looked at last, sent or not */
    bool *asked;       /* rows that changed with a key and were not sent since */
    int next;          /* where the turn of all others goes on */
};

void part_release(struct part *p);
/* The picture as it is now; by_key: it is drawn for a key. A new size begins anew. */
void part_look(struct part *p, const struct grid *g, bool by_key);
/* Calls send for one row after the other, as long as it returns true; sent rows are asked for no longer. Only
 * by_key: without the others' turn. */
enum screen_left part_each(struct part *p, const struct grid *g, bool by_key, bool (*send)(void *ctx, int y),
                           void *ctx);

#endif
