/* notify: keyspace notifications: the setting's letters and the channels. Source: facts, section 7; Redis
 * docs. */
#ifndef REDAI_SCHEMA_NOTIFY_H
#define REDAI_SCHEMA_NOTIFY_H

#include "redai/base/container.h"

/* What the console needs: keyevent channels for generic, string, expired, evicted, keymiss. */
#define NOTIFY_NEEDED "Eg$xem"

/* clang-format off */
#define NOTIFY_EVENT_LIST(X)      \
    X(SET, "set")                 \
    X(DEL, "del")                 \
    X(EXPIRE, "expire")           \
    X(EXPIRED, "expired")         \
    X(EVICTED, "evicted")         \
    X(KEYMISS, "keymiss")         \
    X(RENAME_FROM, "rename_from") \
    X(RENAME_TO, "rename_to")     \
    X(PERSIST, "persist")         \
    X(RESTORE, "restore")         \
    X(OTHER, "")
/* clang-format on */

enum notify_event {
#define NOTIFY_ENUM(id, name) NOTIFY_##id,
    NOTIFY_EVENT_LIST(NOTIFY_ENUM)
#undef NOTIFY_ENUM
        NOTIFY_EVENT_COUNT
};

extern const char *const notify_event_name[NOTIFY_EVENT_COUNT];

/* The needed letters that a notify-keyspace-events value lacks ('A' stands for g$lshzxetd). Appended; "" =
 * complete. */
void notify_missing(struct span present, UT_string *out);
/* present with the needed letters added, none removed: what CONFIG SET would send. Appended. */
void notify_merged(struct span present, UT_string *out);
/* One clause for a letter: 'x' -> "expired keys (x)". */
const char *notify_letter_meaning(char letter);
/* "__keyevent@0__:set" -> 0, NOTIFY_SET. False when it is no keyevent channel. */
bool notify_channel(struct span channel, int *ret_db, enum notify_event *ret_event);

#endif
