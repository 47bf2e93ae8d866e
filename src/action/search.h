/* search: where the messages of some tasks lie: in a waiting list, in `unacked`, or what is left of them as a
 * result. Remove, move, requeue and retry look so for what they are about. A verb that searches keeps a
 * struct search as the first member of its work. Everything is read in pages that are bounded in elements and
 * bytes; what lies deeper is not found, and search_say tells so. Source: facts, sections 1, 3 and 4. Private
 * to action. */
#ifndef REDAI_ACTION_SEARCH_H
#define REDAI_ACTION_SEARCH_H

#include "verb.h"

#include "redai/schema/message.h"
#include "redai/schema/result.h"

enum { SEARCH_TARGETS_MAX = 2000 };

/* What is looked for, and what was found of it. */
struct sought {
    enum target_kind kind; /* TARGET_TASK, TARGET_MESSAGE or TARGET_DELIVERY */
    char *key;             /* task id, reference of a message, or delivery tag; with a NUL behind it */
    size_t key_len;
    char *shown;
    /* in a list: the first one that would be popped */
    bool waiting;
    char *list, *list_shown; /* its key */
    UT_string element;       /* exact bytes */
    bool another;            /* a further message with this id was seen waiting */
    /* in unacked */
    bool held;
    char *tag, *queue; /* the field, and the queue it would go back to; raw */
    bool routed;       /* it came through an exchange: queue is a routing key, and not the list's name */
    UT_string entry;   /* the message in it, without the envelope of `unacked`; when SEARCH_ENTRIES */
    /* either's message; task, id and fate */
    struct message message;
    bool has_message;
    /* its result */
    struct result result;
    bool has_result;
    UT_hash_handle hh;
};

struct search_list;

struct search {
    struct sought **one; /* in the order of the targets */
    size_t count, room;
    struct sought *by_key;
    bool collect;     /* set before search_begin: everything in `unacked` is sought, whatever the targets */
    char *held_error; /* display: why `unacked` could not be read, in the server's words; NULL */
    /* private */
    unsigned where;
    step_fn done;
    UT_array list; /* of struct search_list */
    UT_string cursor;
    int64_t held_entries, held_bytes; /* HLEN and MEMORY USAGE of unacked; -1 */
    int64_t entries, bytes;           /* looked at so far */
    bool cut_short, unreadable;
    bool results_unread;
};

enum {
    SEARCH_LISTS = 1 << 0,
    SEARCH_UNACKED = 1 << 1,
    SEARCH_RESULTS = 1 << 2,
    SEARCH_ENTRIES = 1 << 3 /* keep the messages that lie in unacked */
};

/* The targets of the order. False: the order has been refused. */
bool search_init(struct runner *r, struct search *s);
void search_release(struct search *s);
void search_begin(struct runner *r, unsigned where, step_fn done);
/* --- telling (search_tell.c) --- */

/* What was not looked at, as remarks of the plan. */
void search_say(struct runner *r);
/* The message as one line for a plan, with what is odd about it. mem_free. */
char *search_describe(const struct sought *one);
/* What the element would do to a worker; NULL: nothing bad. */
const char *search_harm(const struct message *m);
/* Why a task that waits in no list does not, as its receipt. */
void search_tell_absent(struct runner *r, const struct sought *one);
/* Of the targets of which `waiting` is false, one remark with their count. */
void search_say_absent(struct runner *r);
/* How many wait. With none, all are told as absent, and the order has ended: 0. */
size_t search_waiting(struct runner *r);

#endif
