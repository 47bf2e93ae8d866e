/* offers: what the word at the cursor may become. The first Tab completes as far as all offers agree; the
 * next ones go through them. Shared by the command prompt and the fields of forms. */
#ifndef VIEW_OFFERS_H
#define VIEW_OFFERS_H

#include "edit.h"

struct offers {
    UT_array text; /* of char * */
    size_t at;     /* the one put in; their number: none */
    size_t word;   /* bytes of the line before the completed word */
};

void offers_init(struct offers *o);
void offers_release(struct offers *o);
void offers_clear(struct offers *o);
/* Goes on to the next one; false when there are none to go through: gather them. */
bool offers_next(struct offers *o, struct edit *e);
/* Takes what was gathered into text, for the word that begins at `word`; behind the only one comes `after`.
 */
void offers_take(struct offers *o, struct edit *e, size_t word, const char *after);
/* The offers in one row, the one put in marked. */
void offers_draw(const struct offers *o, struct grid *g, int x, int y, int cols);

#endif
