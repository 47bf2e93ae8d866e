/* strip: the health of Redis in one line: on a narrow screen the most vital items. When Redis cannot be
 * reached the line says so and nothing else. */
#ifndef VIEW_STRIP_H
#define VIEW_STRIP_H

#include "look.h"
#include "segments.h"

struct strip {
    struct segments line;
    char why[400]; /* of an outage; "" there is none */
    enum role ground;
};

/* Takes the items from the model. */
void strip_recalc(struct strip *s, const struct look *look);
/* Says that the curtain is drawn, wherever the strip's line is taken by something else. */
void strip_add_curtain(struct segments *line, const struct look *look);
void strip_draw(const struct strip *s, struct grid *g, int y);

#endif
