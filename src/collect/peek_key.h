/* peek_key: what the parts of an open key's view share: its head, its content page by page, and what is there
 * in place of a key that is not. Private to collect. */
#ifndef REDAI_COLLECT_PEEK_KEY_H
#define REDAI_COLLECT_PEEK_KEY_H

#include "collect_priv.h"

#include "redai/schema/value_form.h"

struct key_ask;

/* One row a type of Redis; what has none is a module's. */
struct key_type {
    const char *name, *count; /* the command that counts its items */
    bool nested;              /* MEMORY USAGE samples its items */
    void (*read)(struct key_ask *a);
};

/* What was learned of the key in this reading; handed from reply to reply. */
struct key_ask {
    struct collect *c;
    unsigned generation;
    char *key;
    size_t len;
    int step;
    const struct key_type *type; /* NULL: a module's, or none */
    char type_name[64], encoding[40];
    int64_t pttl_ms;      /* -1 none, -2 gone, -3 unknown */
    int64_t idle_s, uses; /* -1 unknown */
    char untold[120];     /* why neither is known; display */
    int64_t count, bytes; /* -1 unknown */
    int64_t cardinality;  /* of a HyperLogLog; -1 out of date */
    enum value_form form; /* of a string */
    /* pages of items */
    UT_string cursor; /* where the next page begins */
    int64_t page, shown, fetched;
    int looks;
};

static inline struct span key_ask_key(const struct key_ask *a)
{
    return span_make(a->key, a->len);
}
/* The answer is for a view that is still open. */
static inline bool key_ask_live(const struct key_ask *a)
{
    return a->generation == a->c->peek.generation;
}
void key_ask_free(struct key_ask *a);
void peek_key_head(const struct key_ask *a); /* its lines */
void peek_key_end(struct key_ask *a, const char *remark);

/* peek_key_pages.c: rows of key_type.read */
void peek_key_string(struct key_ask *a);
void peek_key_items(struct key_ask *a);
void peek_key_stream(struct key_ask *a);

/* peek_key_absent.c: shows what else holds the value of its last argument; looks for it once. */
void peek_key_absent(struct key_ask *a);
void peek_key_absent_step(struct collect *c, int64_t now_us);

/* peek_value.c: the lines of a value, from `depth` on. whole: these are all of its bytes. hex_max: bytes of a
 * hex dump. */
enum value_form peek_value(struct collect *c, struct span bytes, bool whole, int depth, size_t hex_max);
void peek_value_text(struct collect *c, struct span text, int depth);
/* One item: a line, and where that says not all of it, the whole below it, folded away. foreign: so is its
 * label.
 */
void peek_value_item(struct collect *c, struct span label, bool foreign, struct span bytes);

#endif
