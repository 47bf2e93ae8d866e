/* keyname: what a key of the application's database is, by its name alone, and which family it belongs to.
 * Source: the platform's code (session manager, cache decorator) and Celery's key names. */
#ifndef REDAI_SCHEMA_KEYNAME_H
#define REDAI_SCHEMA_KEYNAME_H

#include "redai/base/container.h"

enum key_kind {
    KEY_OTHER,          /* cache and everything else */
    KEY_SESSION,        /* session:<id> */
    KEY_USER_SESSIONS,  /* user:<uid>:sessions */
    KEY_BATCH_PROGRESS, /* batch:progress:<task id> */
    KEY_TASK_META,      /* celery-task-meta-<task id> */
    KEY_BINDING,        /* _kombu.binding.<exchange> */
    KEY_REPLY_BOX,      /* <oid>.reply.celery.pidbox, and our own redai-console.reply.* */
    KEY_UNACKED,        /* unacked, unacked_index, unacked_mutex */
    KEY_PRIORITY_LIST,  /* <queue> 06 16 <step> */
    KEY_BARE,           /* no ':' at all and none of the above: may be a queue's list */
    KEY_KIND_COUNT
};

/* The part that names the thing (session id, user id, task id, exchange, queue), within key; the whole key
 * for OTHER. */
enum key_kind keyname_kind(struct span key, struct span *ret_id);
/* The key of a task's result, "celery-task-meta-<id>"; the caller frees it with mem_free. */
char *keyname_of_result(const char *task_id);

/* Kinds of which the name alone tells that Celery keeps them. */
static inline bool key_kind_is_celerys(enum key_kind kind)
{
    return kind == KEY_UNACKED || kind == KEY_PRIORITY_LIST || kind == KEY_REPLY_BOX || kind == KEY_BINDING ||
           kind == KEY_TASK_META;
}

/* Families: a table of prefixes; the longest that fits wins; otherwise the text before the first ':'. */
#define FAMILY_BUCKETS 256
struct families {
    UT_array prefix;                    /* of struct family_prefix: by first byte, the longest first */
    unsigned first[FAMILY_BUCKETS + 1]; /* where the rows of each first byte begin */
};

struct family_prefix {
    char *prefix; /* "exam:questions:" */
    size_t len;
    char *name; /* "exam:questions" */
    size_t name_len;
};

void families_init(struct families *f); /* the platform's defaults: session, user:sessions, batch:progress,
                                           task:test, exam, exam:questions, celery (broker's own keys) */
void families_release(struct families *f);
/* Replaces the same prefix. An empty prefix or name is left out. */
void families_add(struct families *f, struct span prefix, struct span name);
/* The family's name, borrowed from f, static, or pointing into key; never empty. `cache:mod.func:...` gives
 * "cache:mod.func"; of prefixes that nobody has named, "shop:basket:7" gives "shop:basket" when the second
 * part is a word and something follows it, and "shop" otherwise; keys without ':' that are none of Celery's
 * give "(no prefix)". Object reprs never become part of a name. No allocation. */
struct span families_name(const struct families *f, struct span key);
/* The same; *ret_parent is the family that its keys fall to when its first part has too many second ones
 * ("shop"), or empty when it is never folded. Points into the name. */
struct span families_leaf(const struct families *f, struct span key, struct span *ret_parent);
/* That parent by a family's name alone. */
struct span families_parent(const struct families *f, struct span name);
/* Whether the family holds what can be computed again: those of a table row that are no sessions, batches or
 * Celery's, and what the cache decorator names by itself. */
bool families_is_cache(const struct families *f, struct span name);
/* Whether a key holds an object's address ("<Session object at 0x7f4bd975f9d0>"): every call makes another
 * such key, so nothing is ever found under it. */
bool keyname_has_address(struct span key);

#define FAMILY_BARE          "(no prefix)"
#define FAMILY_CELERY        "celery"
#define FAMILY_USER_SESSIONS "user:sessions"
#define FAMILY_NAME_MAX      80 /* bytes of a name that is taken from a key */
#define FAMILY_WORD_MAX      40 /* bytes of a second part that is a family of its own */
#define FAMILY_LEVELS_MAX    24 /* second parts of one first part that are told apart */

#endif
