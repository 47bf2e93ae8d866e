/* veil: what a text would tell a stranger, and stable pseudonyms for it, for the curtain. The same text has
 * the same pseudonym as long as the veil lives; nobody can go back from it without the veil's salt, which
 * never leaves the process. Pure; no allocation. */
#ifndef REDAI_BASE_VEIL_H
#define REDAI_BASE_VEIL_H

#include <stdbool.h>
#include <stdint.h>

#include "redai/base/span.h"

/* A payload comes first: what nobody has classed stays hidden. */
#define VEIL_LIST(X)                                                                                         \
    X(PAYLOAD, "payload") /* values, arguments, results, errors' texts: only their length is shown */        \
    X(PLAIN, "plain")     /* nothing to hide */                                                              \
    X(SESSION, "session") /* a session id, whole or shortened */                                             \
    X(USER, "user")       /* a user's id */                                                                  \
    X(PERSON, "person")   /* a person's name */                                                              \
    X(MAIL, "mail")                                                                                          \
    X(ADDRESS, "address") /* host, port, socket path */                                                      \
    X(NODE, "node")       /* a worker: its host is hidden, what stands before the @ stays */                 \
    X(KEY, "key")         /* a key: its family stays where it tells nothing of a person */                   \
    X(FAMILY, "family")   /* a family's or a group's name: in the same way */

enum veil_kind {
#define VEIL_ENUM(id, name) VEIL_##id,
    VEIL_LIST(VEIL_ENUM)
#undef VEIL_ENUM
        VEIL_KIND_COUNT
};

struct veil {
    uint64_t salt[2];
};

void veil_init(struct veil *v); /* a salt of its own, from the system */
/* Of a key stays its first part when a colon ends it and it is a plain word of small letters, "-" and "_", as
 * a program gives them: "exam:" of "exam:7"; and what Celery calls its own. A key without a colon is as
 * secret as a name: nothing of it stays. A small word could be somebody's name all the same; nobody can tell.
 * A session is known by its first six letters, for often no more of it is there: two that begin alike have
 * one pseudonym. Writes the pseudonym (printable ASCII, NUL behind, at most VEIL_MAX bytes with it) and
 * returns its length. PLAIN: the text itself, cut to fit. An empty text stays empty. */
size_t veil_text(const struct veil *v, enum veil_kind kind, struct span raw, char *out, size_t size);
#define VEIL_MAX 96
/* A pseudonym without its kind's word, where there is little room: "k3f2a9" for "session-k3f2a9",
 * "celery@7f3ab" for "celery@host-7f3ab". Returns its length. */
size_t veil_brief(enum veil_kind kind, struct span pseudonym, char *out, size_t size);
/* Whether a pseudonym of that kind can hold these letters, large or small; true also where the text itself
 * decides (a key's family, a node's name, plain text). */
bool veil_may_hold(enum veil_kind kind, struct span needle);
/* A keyed hash of any bytes: an order that says nothing of the texts. */
uint64_t veil_hash(const struct veil *v, struct span text);

#endif
