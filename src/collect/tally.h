/* tally: what a walk counts of each family and of each owner of memory, and the sample it takes of them. Part
 * of collect_priv.h. */
#ifndef REDAI_COLLECT_TALLY_H
#define REDAI_COLLECT_TALLY_H

#include "redai/base/container.h"

#include "redai/schema/keyname.h"

#include "redai/model/fact.h"

struct collect;

/* Keys that are counted together, and the sample of them that is shown: the newest whole one, or the one that
 * grows. */
struct tally {
    int64_t keys;        /* this walk */
    int64_t keys_before; /* last whole walk; -1 never */
    int64_t asked;       /* samples asked for in this walk */
    int64_t sampled, no_ttl, bytes;
    double squares;        /* sum of the squares of these bytes */
    int64_t ttl[4];        /* below a minute, an hour, a day; longer */
    int64_t sampled_at_us; /* -1 never */
    int64_t sampled_keys;  /* how many keys there were then */
    bool sampling;         /* this walk takes a new sample */
};

struct tally_family {
    char *name;
    size_t len;
    struct tally all;
    enum usage usage;                 /* whose memory it is, when it is one's alone */
    bool mixed;                       /* its keys have several owners: owner[] counts each by itself */
    struct tally *owner[USAGE_COUNT]; /* made when a key is met */
    int64_t reprs;                    /* keys that hold an object's address */
    char *largest;                    /* of the sample */
    size_t largest_len;
    int64_t largest_bytes;
    bool is_list; /* its first key is a list: its keys may be queues */
    /* "shop:basket" stands under "shop", which takes its keys when there are too many such. */
    struct tally_family *under;
    size_t levels;             /* how many stand under it */
    bool folded;               /* they are counted in it */
    uint64_t seen;             /* while folded: bits by hash, to tell when there are few again */
    struct tally_family *into; /* folded into that one; kept until no reply can mean it any more */
    UT_hash_handle hh;
};

/* Keys without a prefix that may be queues: whose they are is known when they have been looked into. */
enum { BARE_MAX = 64 };
struct tally_bare {
    char *key;
    size_t len;
    int64_t bytes; /* -1 not measured yet */
    int64_t pttl;
};

struct tallies {
    struct tally_family *family;
    struct tally_bare bare[BARE_MAX];
    size_t bares;
    unsigned walk; /* replies of an earlier one do not mean this one's bare keys */
    size_t sent;   /* commands since the last charge */
};

/* The walk met a key: counts it, and asks for its TTL and size when it is one of the sample. */
struct tally_family *tally_key(struct collect *c, struct span key, enum key_kind kind, struct span id);
/* The family that key is counted in; NULL when none is. */
const struct tally_family *tally_find(struct collect *c, struct span key);
void tally_begin(struct collect *c, int64_t now_us); /* a walk begins: what is to be sampled anew? */
void tally_end(struct collect *c, int64_t now_us);   /* it came to its end */
void tally_tell(struct collect *c);                  /* facts of families and of owners */
void tally_clear(struct collect *c);

#endif
