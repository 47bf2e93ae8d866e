/* look: what a cell, a title or a page is drawn from: the model as it stands and the time it knows. Handed
 * down by the ui for one frame. */
#ifndef VIEW_LOOK_H
#define VIEW_LOOK_H

#include "redai/base/target.h"
#include "redai/base/veil.h"

#include "redai/model/model.h"

struct runs;

struct look {
    const struct model *m;
    int64_t now_us;  /* monotonic, of the newest fact */
    int64_t wall_us; /* since 1970 UTC, of the newest fact */
    bool ascii;
    bool roomy;              /* the pane is high enough for what is nice to know */
    const struct runs *runs; /* what workers run; NULL: not gathered */
    const struct veil *veil; /* the curtain is drawn: nothing that is not plain is written; NULL: lifted */
};

/* What may be shown of a text: the text itself, or its pseudonym, written into out. */
const char *look_text(const struct look *look, enum veil_kind kind, const char *text, char out[VEIL_MAX]);
/* What a target's id is. */
enum veil_kind look_kind(enum target_kind kind);
/* What may be shown of a line that nobody took apart (a message, an error): words of it that could be a
 * name of something are replaced. The last resort; what is known by its kind goes through look_text. */
const char *look_prose(const struct look *look, const char *text, char *out, size_t size);

struct look look_at(const struct model *m, bool ascii, bool roomy);

#endif
