/* invalidate: what the two halves of that verb share: finding the keys (with the plan) and deleting them.
 * Private to action. */
#ifndef REDAI_ACTION_INVALIDATE_H
#define REDAI_ACTION_INVALIDATE_H

#include "keyset.h"
#include "spelling.h"
#include "verb.h"

enum { INVALIDATE_KEYS_MAX = 1000000 };

/* Keys that match and are never deleted here. */
enum spared { SPARED_SESSION, SPARED_BATCH, SPARED_BROKER, SPARED_COUNT };

enum { INVALIDATE_FAMILY_SAMPLE = 10 };

struct family_count {
    char *name;
    int64_t keys;
    size_t sample[INVALIDATE_FAMILY_SAMPLE]; /* the first of its victims */
    UT_hash_handle hh;
};

struct invalidate {
    struct keyset victim;
    struct keyset seen;   /* spared ones, so that each counts once */
    struct keyset list;   /* of the page: keys that are lists */
    struct keyset unsure; /* of the page: names that could be a queue's */
    struct families families;
    struct family_count *family;
    int64_t spared[SPARED_COUNT];
    bool more;         /* there are more keys than are kept */
    bool no_type_scan; /* servers before 6.0 */
    /* the walk */
    size_t pattern, at, end;
    UT_string cursor;
    int64_t walked, expected, page_us, pages;
    struct spellings spellings; /* what the patterns miss */
    int64_t addresses;          /* victims that hold an object's address */
    char *subject, *subject_tag;
    /* what became of it */
    int64_t deleted, gone, unknown, unsent;
    int64_t absent;       /* of batches whose reply never came: gone from another server, which answers now */
    int64_t looked, back; /* the sample that was read back; -1: it could not be */
    bool batch_lost;
    char *error;
};

/* Finds out what can be kept of the victims (keep.h), then plans. */
void invalidate_keep(struct runner *r);
/* Looks for what the patterns miss; goes on with invalidate_keep. */
void invalidate_look_further(struct runner *r);
/* How long to rest behind a page of a walk. */
int64_t invalidate_rest_us(const struct invalidate *v);
/* Plans into r->plan from what was found; ends the planning. */
void invalidate_plan_end(struct runner *r);
void invalidate_run(struct runner *r);
void invalidate_release(void *work);

#endif
