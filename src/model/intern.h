/* intern: names that many rows have in common, each stored once: raw for comparing, display for showing. A
 * row holds the display text and gives it back; when nobody holds it, it goes. "" stands for none and costs
 * nothing. */
#ifndef REDAI_MODEL_INTERN_H
#define REDAI_MODEL_INTERN_H

#include "redai/base/container.h"

struct interned;
struct interns {
    struct interned *by_raw;
};

void interns_release(struct interns *all);
/* Takes hold of a name: the display text. An empty one gives "". */
const char *intern_hold(struct interns *all, struct span raw);
void intern_drop(struct interns *all, const char *text);
/* Puts another name in place of the one held; true when it changed. */
bool intern_swap(struct interns *all, const char **slot, struct span raw);
/* The raw name behind a display text that is held. */
struct span intern_raw(const char *text);

#endif
