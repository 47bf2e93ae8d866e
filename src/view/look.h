/* look: what a cell, a title or a page is drawn from: the model as it stands and the time it knows. Handed
 * down by the ui for one frame. */
#ifndef VIEW_LOOK_H
#define VIEW_LOOK_H

#include "redai/model/model.h"

struct runs;

struct look {
    const struct model *m;
    int64_t now_us;  /* monotonic, of the newest fact */
    int64_t wall_us; /* since 1970 UTC, of the newest fact */
    bool ascii;
    bool roomy;              /* the pane is high enough for what is nice to know */
    const struct runs *runs; /* what workers run; NULL: not gathered */
};

struct look look_at(const struct model *m, bool ascii, bool roomy);

#endif
