/* pick: from a filter to what an order is about: the sessions that fit, or what does not agree between them
 * and the indexes of their users. The model knows the rows, the order gets them by their raw ids; how they
 * were chosen stands in its remarks. The console and the verbs of the shell share it. Private to app. */
#ifndef REDAI_APP_PICK_H
#define REDAI_APP_PICK_H

#include "redai/model/model.h"

#include "redai/action/order.h"

enum { PICK_MAX = 100000 }; /* into one order */

/* True when the order names its sessions by a filter. */
static inline bool pick_is_wanted(const struct order *o)
{
    return o->filter != NULL;
}
/* Whether the filter can be read at all. */
bool pick_check(const struct model *m, const struct order *o, struct err *err);
/* Fills targets or strays. unread: sessions that are known of and not read yet; the order says that it lacks
 * them. False with err: too many (ERR_RANGE), or none (ERR_NOT_FOUND). */
bool pick_fill(const struct model *m, size_t unread, struct order *o, struct err *err);
/* Walks the keyspace first, for callers that have nothing yet. False: told on stderr, the exit code in
 * *ret_code: EXIT_OK when nothing fits. */
struct settings;
struct ev_loop;
bool pick_look(struct settings *s, struct ev_loop *loop, struct order *o, int *ret_code);
/* What does not agree of one user or one session, for repair: adds nothing when all is in order. */
void pick_user(const struct model *m, struct order *o, struct span user_key);
/* "", or that there may be more to repair: what indexes say that were read in part is not all known. */
const char *pick_unread_parts(const struct model *m, char *out, size_t size);
void pick_session(const struct model *m, struct order *o, struct span id);

#endif
