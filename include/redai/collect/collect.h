/* collect: who asks Redis what and when. Owns the feed, poll and result links, and those of a broker that is
 * elsewhere (site.c); turns replies into facts and hands them to the sink at once. It never draws, judges or
 * acts. It keeps to a budget of commands and halves its pace when the round trip rises; a quiet system costs
 * at most 8 commands a second. */
#ifndef REDAI_COLLECT_COLLECT_H
#define REDAI_COLLECT_COLLECT_H

#include "redai/schema/keyname.h"

#include "redai/model/fact.h"

#include "redai/link/link.h"

struct collect;

/* What the model knows of the set user:<id>:sessions. */
struct index_known {
    int64_t read_us; /* monotonic: when it was last read whole or in part; -1: it has to be */
    bool unsure;     /* another read will tell more */
    bool amiss;      /* sessions are missing in it, or it names some that are gone or another user's */
};

struct collect_options {
    struct ev_loop *loop;
    const struct address *address; /* the application's */
    /* Where Celery has its queues and its results, with their databases; copied. NULL: the application's
     * server: the broker in its database, the results in result_db. */
    const struct address *broker, *results;
    int result_db;
    int64_t refresh_us;              /* polls */
    int64_t census_us;               /* pause between walks */
    int64_t budget;                  /* commands a second for walks and reads of keys */
    const struct families *families; /* borrowed */
    const UT_array *queues;          /* configured names: array of char *; may be NULL */
    bool read_only;                  /* the doctor does not even ask whether it might write */
    int64_t inspect_us;              /* how often workers are asked (ping and what they have); 0: never */
    void (*sink)(void *ctx, const struct fact *fact);
    /* Whether the model holds that session or batch already, so that a walk need not read it again. */
    bool (*known)(void *ctx, enum target_kind kind, struct span id);
    /* Whether the model holds the end of that task already, so that its result need not be read. May be NULL.
     */
    bool (*settled)(void *ctx, struct span task_id);
    /* Calls each for every task that may have ended unheard: running by all that is known, or vanished from
     * where it was. told_us: when anything was last heard of it. Ids are good for the call. May be NULL. */
    void (*unsettled)(void *ctx, void (*each)(void *of, struct span task_id, int64_t told_us), void *of);
    /* Where that task's message is now (TARGET_MESSAGE or TARGET_DELIVERY), borrowed; NULL: nowhere known.
     * May be NULL itself. */
    const struct target *(*message_of)(void *ctx, struct span task_id);
    /* Users' sets of sessions: they are read when all of these are set (the last may be NULL). */
    void (*index_known)(void *ctx, struct span user_id, struct index_known *ret);
    struct span (*user_of)(void *ctx,
                           struct span session_id);      /* raw, borrowed; empty: not known, or nobody */
    bool (*is_stale)(void *ctx, struct span session_id); /* a set names it, and it is known to be gone */
    /* Calls each for every session of that user that the read of its set under way has not told of. May be
     * NULL: sets that are too large to be read whole are not asked for single sessions. */
    void (*unmet)(void *ctx, struct span user_id, void (*each)(void *of, struct span session_id), void *of);
    void (*amiss)(void *ctx, void (*each)(void *of, struct span user_id), void *of);
    void *ctx;
};

struct collect *collect_new(const struct collect_options *options);
void collect_start(struct collect *c);
void collect_free(struct collect *c);
/* What the open detail view is about (TARGET_NONE: nothing); it is read now and again while it stays open. */
void collect_want(struct collect *c, const struct target *subject);
/* The open detail view was scrolled to its end: a queue shows its next page. */
void collect_more(struct collect *c);
void collect_refresh(struct collect *c); /* poll and walk now (a person asked, or an action changed things) */
void collect_watch_task(struct collect *c, struct span task_id); /* follow a task that was enqueued here */
void collect_add_queue(struct collect *c, struct span name); /* watched from now on, also while it is empty */
/* What other links of this program have added to the server's keyspace_hits and keyspace_misses, in total,
 * and how many of these misses were of Celery's own keys. An INFO that went by while such a link had commands
 * under way may count them or not: sent and pending tell. */
struct other_reads {
    int64_t hits, misses, celery_misses;
    int64_t sent;    /* commands of these links so far */
    int64_t pending; /* those whose reply has not come */
};
typedef void (*other_reads_fn)(void *ctx, struct other_reads *ret);
/* fn is called with each INFO, when it is asked and when it has come; NULL: there are no such links. */
void collect_other_reads(struct collect *c, other_reads_fn fn, void *ctx);
/* Which connections of this program that are not collect's a CLIENT ID is one of; NULL: there are none. */
typedef bool (*owns_client_fn)(void *ctx, int64_t id);
void collect_other_clients(struct collect *c, owns_client_fn fn, void *ctx);
bool collect_owns_client(const struct collect *c, int64_t id); /* these or collect's own */
/* Listens to every command of every client (MONITOR) for so long, until so many bytes were read, or until the
 * server suffers, whichever comes first, and tells FACT_TRACE. False: one runs already, or there is no
 * connection. Whether the server can bear it is for the caller to judge before. */
bool collect_trace(struct collect *c, int64_t duration_us, int64_t bytes_max, struct err *err);
void collect_trace_stop(struct collect *c); /* what was counted so far is told */
bool collect_is_tracing(const struct collect *c);
/* A link of this program that is not collect's was given that to send (link_tap): a trace leaves it out. */
void collect_sent(void *collect, size_t argc, const struct span *args);
/* Tasks or workers are on the screen: workers are asked for what they have more often. */
void collect_look_at_workers(struct collect *c, bool wanted);
/* What of the server is on the screen, bits 1u << TARGET_COMMAND, TARGET_CLIENT, TARGET_SLOW, TARGET_VITAL:
 * it is read often while it is, and seldom or not at all otherwise. */
void collect_look_at(struct collect *c, unsigned kinds);
/* Asks what the doctor wants to know, once, and tells FACT_SETTING, FACT_PERMISSION, FACT_DOCTOR. False: it
 * runs already, or there is no connection. */
bool collect_doctor(struct collect *c, struct err *err);
/* True once each topic was read (or failed), the first walk has ended, and the users' sets that it met were
 * read: a snapshot can be taken. */
bool collect_settled(const struct collect *c);
/* The same, and all that is stored, waits or is in flight was read once, and the workers were asked (if they
 * are). */
bool collect_tasks_settled(const struct collect *c);

/* Sessions that were found and wait to be read for the first time: the model does not know them yet. Walks
 * all that waits. c may be NULL. */
size_t collect_unread_sessions(const struct collect *c);

#endif
