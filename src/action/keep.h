/* keep: what a verb that deletes does so that it can be undone. With the plan it finds out which keys can be
 * kept and says so (keep_look, keep_say); in the run it reads each of them in the transaction that deletes
 * it, so that what is kept is exactly what was deleted (keep_begin, keep_ask, keep_take). Without a bin
 * (runner_options.bin) all of it does nothing and nothing more is sent. For an example see cut_run.c.
 * Private to action. */
#ifndef REDAI_ACTION_KEEP_H
#define REDAI_ACTION_KEEP_H

#include "lot.h"
#include "verb.h"

enum {
    KEEP_UNKNOWN = -1, /* a size that is to be looked up */
    KEEP_NOTHING = -2, /* there is nothing to keep of this one */
    KEEP_ASKS = 2      /* replies that keep_ask adds to a transaction */
};
/* Bytes of values, and keys, that are read in one group: the server may work on all of it before anybody else
 * has a turn. Fifty sessions take it about half a millisecond, index entries and read back included, and so
 * do 64 KiB of values. */
#define KEEP_GROUP_BYTES ((size_t)64 << 10)
enum { KEEP_GROUP = VERB_GROUP / 2 };

/* Key i of those that the order is about, borrowed until the next call; and how large it is, when that is
 * known already. */
typedef struct span (*keep_key_fn)(struct runner *r, size_t i);
typedef int64_t (*keep_size_fn)(struct runner *r, size_t i);

/* --- with the plan --- */

/* Looks up what is not known (MEMORY USAGE, which counts as no read), and whether DUMP is allowed, then goes
 * on. size_at NULL: all sizes are unknown. key_at NULL: they are messages, whose bytes the verb has. */
void keep_look(struct runner *r, size_t count, keep_key_fn key_at, keep_size_fn size_at, step_fn then);
/* So many messages, of so many bytes together, that are read when they are taken out of their lists. */
void keep_plan_messages(struct runner *r, int64_t count, int64_t bytes);
/* Remarks of the plan: what is kept and what cannot be. noun: "key"; many NULL: with an s. */
void keep_say(struct runner *r, const char *noun, const char *many);

bool keep_any(const struct runner *r); /* something is kept */

/* --- in the run --- */

void keep_begin(struct runner *r); /* names it as the plan is named */
/* Whether key i is to be kept. */
bool keep_wants(const struct runner *r, size_t i);
/* How large it was when it was looked at; 0 when it is not kept. */
size_t keep_size(const struct runner *r, size_t i);
/* Two commands, PTTL and DUMP, to be sent behind MULTI and before what deletes. fn hears that they are
 * queued, or why not. */
void keep_ask(struct runner *r, answer_fn fn, size_t tag, struct span key);
/* Their replies, as EXEC brought them; own reads are counted here. The kept key, for its index entries; NULL:
 * there was none, or it is not kept (keep_lost). */
struct kept *keep_take(struct runner *r, struct span key, const struct reply *pttl, const struct reply *dump);
void keep_take_entry(struct runner *r, struct kept *k, const char *user, const struct reply *pttl);
/* A message that was taken out of a list. */
void keep_message(struct runner *r, struct span list, struct span element, bool right);
bool keep_more(const struct runner *r); /* not all messages that the plan promised are kept yet */
/* Counts those that were deleted and could not be kept, against what the plan said. */
void keep_lose(struct runner *r, int64_t n);
/* "" or "; 3 could not be kept": for the end of the order. */
const char *keep_lost(struct runner *r);

/* The runner's: the journal's name for what is kept (NULL: the plan's title); the order is over. */
void keep_tag(struct runner *r, const char *tag);
void keep_release(struct runner *r);

#endif
