/* lot: what one action left in the bin. Private to action; what a plan and a run keep goes through keep.h. */
#ifndef REDAI_ACTION_LOT_H
#define REDAI_ACTION_LOT_H

#include "redai/base/container.h"

#include "redai/action/bin.h"
#include "redai/action/order.h"

enum kept_kind { KEPT_KEY, KEPT_MESSAGE };

/* An index (user:<user>:sessions) that named a session. */
struct kept_entry {
    struct kept_entry *next;
    int64_t pttl_ms; /* of the set, when the entry was taken out of it; -1 none, -2 unknown */
    char user[];
};

/* One key, or one message of a list: a block of memory, wiped as a whole. */
struct kept {
    struct kept *prev, *next;
    enum kept_kind kind;
    int64_t at_us;   /* monotonic: when it was deleted */
    int64_t pttl_ms; /* KEY: what was left then; -1 no TTL */
    bool right;      /* MESSAGE: it lay at the end that is popped next */
    bool unsure;     /* MESSAGE: it was put back once, and the reply never came */
    size_t key_len, len, size;
    struct kept_entry *entry;
    char data[]; /* key (of the list), NUL, bytes (DUMP, or the element), NUL */
};
static inline struct span kept_key(const struct kept *k)
{
    return (struct span){k->data, k->key_len};
}
static inline struct span kept_bytes(const struct kept *k)
{
    return (struct span){k->data + k->key_len + 1, k->len};
}
/* What is left now of its TTL: -1 it has none, 0 it has run out. */
int64_t kept_pttl_ms(const struct kept *k, int64_t now_us);
int64_t kept_left_ms(int64_t pttl_ms, int64_t at_us, int64_t now_us);

struct lot {
    struct lot *prev, *next;
    uint64_t number;
    enum verb verb;
    char *what, *tag; /* display; the journal's name for it */
    struct kept *kept;
    size_t count, bytes;
    int64_t of; /* so many were to be deleted; 0: not known */
    int64_t at_us, at_wall_us;
    bool held; /* a run fills it or puts it back: it is not dropped meanwhile */
};

/* A new lot, held until lot_close; tag NULL: as what. */
struct lot *lot_open(struct bin *b, enum verb verb, const char *what, const char *tag);
/* Ends the filling or putting back; an empty lot goes. */
void lot_close(struct bin *b, struct lot *l);
struct lot *lot_find(struct bin *b, uint64_t number); /* 0: the newest */
/* NULL: it did not fit, even with all older lots dropped. */
struct kept *lot_add(struct bin *b, struct lot *l, const struct kept *head, struct span key,
                     struct span bytes);
void lot_add_entry(struct bin *b, struct lot *l, struct kept *k, struct span user, int64_t pttl_ms);
void lot_drop(struct bin *b, struct lot *l, struct kept *k); /* wipes it */
/* Bytes that are free, or would be with all lots dropped that no run holds. */
size_t bin_room(const struct bin *b, bool with_all);

#endif
