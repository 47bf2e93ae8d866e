/* fact: one thing learned at one instant. model_apply(fact) is the only way the model changes, so a file of
 * facts is a recording, and reading it back is a replay, by the version that wrote it: members come and go,
 * and one that is not known is refused by name. Spans are borrowed for the call. Raw bytes are raw
 * here; the model makes its own display copies. Unknown numbers are -1 (INFO_UNKNOWN within struct info),
 * unknown reals NAN. */
#ifndef REDAI_MODEL_FACT_H
#define REDAI_MODEL_FACT_H

#include "redai/base/container.h"
#include "redai/base/err.h"
#include "redai/base/target.h"
#include "redai/base/veil.h"

#include "redai/schema/info.h"
#include "redai/schema/inspect.h"
#include "redai/schema/message.h"
#include "redai/schema/notify.h"
#include "redai/schema/session_value.h"
#include "redai/schema/site.h"
#include "redai/schema/task_event.h"

/* What can be fresh, stale or unreadable on its own. */
#define TOPIC_LIST(X)                                                                                        \
    X(SERVER, "server")                                                                                      \
    X(SESSIONS, "sessions")                                                                                  \
    X(CACHE, "cache")                                                                                        \
    X(QUEUES, "queues")                                                                                      \
    X(BATCHES, "batches")                                                                                    \
    X(TASKS, "tasks")                                                                                        \
    X(WORKERS, "workers")                                                                                    \
    X(ALERTS, "alerts")                                                                                      \
    X(PEEK, "detail")                                                                                        \
    X(ACTIONS, "actions")                                                                                    \
    X(LINKS, "links")                                                                                        \
    X(COMMANDS, "commands") /* what commands cost, and errors: INFO commandstats, errorstats */              \
    X(CLIENTS, "clients")   /* CLIENT LIST */                                                                \
    X(SLOWLOG, "slowlog")   /* SLOWLOG GET, LEN */                                                           \
    X(LATENCY, "latency")   /* LATENCY LATEST */

enum topic {
#define TOPIC_ENUM(id, name) TOPIC_##id,
    TOPIC_LIST(TOPIC_ENUM)
#undef TOPIC_ENUM
        TOPIC_COUNT
};
extern const char *const topic_name[TOPIC_COUNT];

/* The last three are of a broker or results that are not where the application is: else nothing is told of
 * them, and its own links stand for them. */
enum link_role {
    LINK_ROLE_FEED,
    LINK_ROLE_POLL,
    LINK_ROLE_ACT,
    LINK_ROLE_RESULT,
    LINK_ROLE_BROKER,
    LINK_ROLE_BROKER_FEED,
    LINK_ROLE_RESULT_FEED,
    LINK_ROLE_COUNT
};
/* What is at stake where we are connected to, by somebody's word. */
enum environment {
    ENVIRONMENT_NONE,
    ENVIRONMENT_PRODUCTION,
    ENVIRONMENT_STAGING,
    ENVIRONMENT_DEV,
    ENVIRONMENT_COUNT
};
extern const char *const environment_name[ENVIRONMENT_COUNT]; /* "", "production", "staging", "dev" */
/* SILENT: it stands, and owes an answer for longer than one usually takes. */
enum fact_link_state { FACT_LINK_CONNECTING, FACT_LINK_UP, FACT_LINK_DOWN, FACT_LINK_SILENT };
enum notify_state { NOTIFY_STATE_UNKNOWN, NOTIFY_STATE_ON, NOTIFY_STATE_PARTIAL, NOTIFY_STATE_OFF };
enum gone_reason { GONE_UNKNOWN, GONE_DELETED, GONE_EXPIRED, GONE_EVICTED, GONE_RENAMED };
enum census_phase { CENSUS_BEGIN, CENSUS_PROGRESS, CENSUS_END, CENSUS_ABANDONED };
enum queue_source { QUEUE_BOUND = 1, QUEUE_CONFIGURED = 2, QUEUE_FOUND = 4, QUEUE_INFLIGHT = 8 }; /* bits */
enum batch_origin { BATCH_PROGRESS_KEY, BATCH_RESULT, BATCH_ENQUEUED };
enum fact_worker_event { FACT_WORKER_ONLINE, FACT_WORKER_HEARTBEAT, FACT_WORKER_OFFLINE };
enum task_place { TASK_PLACE_LIST, TASK_PLACE_UNACKED };
enum sweep_scope { SWEEP_LIST, SWEEP_UNACKED, SWEEP_WORKER };
enum peek_phase { PEEK_BEGIN, PEEK_LINE, PEEK_END };
enum peek_style { PEEK_STYLE_TEXT, PEEK_STYLE_JSON, PEEK_STYLE_HEX, PEEK_STYLE_HEADING, PEEK_STYLE_COUNT };
enum user_index_phase {
    USER_INDEX_BEGIN,
    USER_INDEX_MEMBER,
    USER_INDEX_END,
    USER_INDEX_GONE,
    USER_INDEX_SEEN,
    USER_INDEX_NAMED,
    USER_INDEX_UNNAMED
};
enum session_watch_phase { SESSION_WATCH_BEGIN, SESSION_WATCH_BACK, SESSION_WATCH_HELD, SESSION_WATCH_LOST };
enum trace_phase { TRACE_BEGIN, TRACE_PROGRESS, TRACE_FAMILY, TRACE_END };
/* Who uses the memory of a Redis that is shared. */
#define USAGE_LIST(X)                                                                                        \
    X(QUEUES, "queues")        /* lists, unacked, bindings: lost work when they go */                        \
    X(RESULTS, "results")      /* celery-task-meta-*, celery-taskset-meta-*, chord counters */               \
    X(SESSIONS, "sessions")    /* session:*, user:*:sessions */                                              \
    X(BATCHES, "batches")      /* batch:progress:* */                                                        \
    X(CACHE, "cache")          /* what can be computed again: the platform's cache families, task:test */    \
    X(LEFTOVERS, "left-overs") /* reply mailboxes and other things that nobody will read any more */         \
    X(OTHER, "other")          /* keys of no known owner */
/* Of things that are read as a list: ROW for each, then END: what was not told since the END before is gone.
 * A read that failed has no END: FACT_POLL tells why, of the topic COMMANDS, CLIENTS, SLOWLOG or LATENCY,
 * each of which may be denied on its own. The END is the good read: no FACT_POLL comes with it. */
enum list_phase { LIST_ROW, LIST_END };
enum permission { PERMISSION_UNKNOWN, PERMISSION_ALLOWED, PERMISSION_DENIED, PERMISSION_NO_COMMAND };
enum doctor_phase { DOCTOR_PHASE_BEGIN, DOCTOR_PHASE_END };
enum usage {
#define USAGE_ENUM(id, name) USAGE_##id,
    USAGE_LIST(USAGE_ENUM)
#undef USAGE_ENUM
        USAGE_COUNT
};
extern const char *const usage_name[USAGE_COUNT];
enum outcome {
    OUTCOME_DONE,
    OUTCOME_GONE,
    OUTCOME_CHANGED,
    OUTCOME_REFUSED,
    OUTCOME_FAILED,
    OUTCOME_UNKNOWN,
    OUTCOME_BACK, /* it was done, and undone again by somebody else */
    OUTCOME_COUNT
};
/* done, already gone, changed meanwhile, refused, failed, unknown, came back */
extern const char *const outcome_name[OUTCOME_COUNT];

#define FACT_LIST(X)                                                                                         \
    X(CLOCK, clock)             /* time passes; rules with durations are judged */                           \
    X(CONNECTION, connection)   /* what is watched: once at start and when it changes */                     \
    X(LINK, link)               /* a connection's state */                                                   \
    X(POLL, poll)               /* a topic was read (ok) or could not be (error) */                          \
    X(SERVER, server)           /* INFO */                                                                   \
    X(SITE, site)               /* INFO of the broker's or the results' own server */                        \
    X(COST, cost)               /* our own totals over all links */                                          \
    X(NOTIFY, notify)           /* how far notifications are on */                                           \
    X(SHED, shed)               /* what the feed has given up, since more came than it took */               \
    X(KEY_EVENT, key_event)     /* a keyspace notification of the application's database */                  \
    X(SESSION, session)         /* session:<id> was read */                                                  \
    X(SESSION_TTL, session_ttl) /* its TTL was read */                                                       \
    X(SESSION_GONE, session_gone)                                                                            \
    X(USER_INDEX, user_index)       /* user:<id>:sessions was read */                                        \
    X(SESSION_WATCH, session_watch) /* a revoked session is watched: does it stay away? */                   \
    X(CENSUS, census)               /* the walk of the keyspace */                                           \
    X(FAMILY, family)               /* a family's counts so far in this walk; cumulative */                  \
    X(USAGE, usage)                 /* who uses the memory: counts so far in this walk; cumulative */        \
    X(TRACE, trace)                 /* commands listened to for a while (MONITOR) */                         \
    X(QUEUE, queue)                 /* a queue's lists were measured */                                      \
    X(UNACKED, unacked)             /* in flight over all queues */                                          \
    X(BATCH, batch)                 /* progress was read, or a batch was enqueued here */                    \
    X(BATCH_GONE, batch_gone)       /* its progress key is gone */                                           \
    X(TASK, task)                   /* its Celery state was read */                                          \
    X(TASK_MESSAGE, task_message)   /* its message was seen in a list or in unacked */                       \
    X(TASK_EVENT, task_event)       /* a worker or producer told something of it */                          \
    X(TASK_HELD, task_held)         /* a worker that was asked has it */                                     \
    X(TASK_SWEEP, task_sweep)       /* a place was read: what was not seen there has left it */              \
    X(TASK_GONE, task_gone)         /* its result is no longer stored */                                     \
    X(WORKER, worker)               /* a worker event */                                                     \
    X(WORKER_BOUND, worker_bound)   /* which workers have a mailbox */                                       \
    X(WORKER_ANSWER, worker_answer) /* a worker was asked: it answered or not */                             \
    X(WORKER_STATS, worker_stats)   /* how it is made */                                                     \
    X(WORKER_QUEUES, worker_queues) /* what it consumes */                                                   \
    X(WORKER_NAMES, worker_names)   /* the tasks it knows */                                                 \
    X(PEEK, peek)                   /* lines of the open detail view */                                      \
    X(RECEIPT, receipt)             /* what an action did to one target, or as a whole */                    \
    X(ACKNOWLEDGE, acknowledge)     /* an alert */                                                           \
    X(DISMISS, dismiss)             /* a finished batch */                                                   \
    X(MUTE, mute)                   /* an alert says nothing for a while */                                  \
    X(NOTE, note)                   /* a person's remark for the journal */                                  \
    X(COMMAND_STAT, command_stat)   /* what a command cost so far (INFO commandstats) */                     \
    X(ERROR_STAT, error_stat)       /* how often an error was given (INFO errorstats) */                     \
    X(REPLICA, replica)             /* a replica of this server (INFO replication) */                        \
    X(CLIENT, client)               /* a connection (CLIENT LIST) */                                         \
    X(SLOW, slow)                   /* an entry of the slow log */                                           \
    X(LATENCY, latency)             /* an event of the latency monitor (LATENCY LATEST) */                   \
    X(SETTING, setting)             /* what the doctor asked: a setting, or another thing with a value */    \
    X(PERMISSION, permission)       /* the same: may this user give that command? */                         \
    X(DOCTOR, doctor)               /* it begins and ends */

enum fact_kind {
#define FACT_ENUM(id, member) FACT_##id,
    FACT_LIST(FACT_ENUM)
#undef FACT_ENUM
        FACT_KIND_COUNT
};

struct fact_clock {
    int unused;
};
struct fact_connection {
    struct span address; /* without secrets */
    bool read_only;
    struct span read_only_why; /* by what: "--read-only"; empty unknown */
    bool insecure;             /* TLS that verifies nobody */
    enum environment environment;
    struct span name; /* of a named connection; empty none */
    int db, result_db;
    int broker_db;
    struct span broker, results; /* where they are, without secrets; empty: on the same server */
};
struct fact_link {
    enum link_role role;
    enum fact_link_state state;
    struct span error;   /* why it is down */
    int64_t retry_at_us; /* -1 none */
    int64_t heard_us;    /* SILENT: when something came by it last; -1 unknown */
    struct span where;   /* UP: the server that sentinels named; empty: the address says it */
};
struct fact_poll {
    enum topic topic;
    bool ok;
    struct span error;
};
struct fact_server {
    struct info info;
    int64_t own_hits, own_misses; /* our own reads so far that this INFO counts in keyspace_hits/misses */
    bool own_unsure;       /* some of ours were under way meanwhile: counted by one and not the other */
    int64_t celery_misses; /* keymiss events so far of Celery's own keys, in all databases listened to;
                              -1: they cannot be heard */
    int64_t round_trip_us; /* -1 unknown */
    int64_t consoles; /* connections of other redai-consoles, as last listed: what they read is in the hits
                         and misses; -1 unknown */
};
struct fact_site {
    enum site site;
    struct info info;
};
struct fact_cost {
    int64_t commands, bytes_out, bytes_in; /* totals */
    int64_t budget;                        /* commands a second for walks; -1 unknown */
};
struct fact_notify {
    enum notify_state state;
    struct span present; /* the setting's value; empty when unreadable */
    struct span missing; /* letters */
    struct span why;     /* when it cannot be read or set: the server's words */
};
/* Which events are not listened to at present; nothing: all is heard. */
struct fact_shed {
    bool misses;        /* keymiss */
    bool writes;        /* set, expire, persist, restore, rename_from, rename_to */
    bool results;       /* results as they are published */
    bool tasks;         /* task events of workers */
    bool ends;          /* del, expired, evicted */
    int64_t times;      /* how often it came to that so far */
    int64_t held_bytes; /* why: what the server held for us then (CLIENT LIST); -1 unknown */
    int64_t cut_bytes;  /* where client-output-buffer-limit ends the connection; -1 nowhere */
    int64_t behind_us;  /* how long more had come than was read; -1: so long that the feed was lost */
};
struct fact_key_event {
    enum notify_event event;
    struct span key;
    int64_t count; /* usually 1; shed events are told as a sum with an empty key */
};
struct fact_session {
    struct span id;
    enum session_form form;
    struct span user_id, name, email, role; /* empty when absent */
    int64_t created_us, updated_us;         /* wall; -1 */
    int64_t pttl_ms;                        /* -1 no TTL; -2 unknown */
    int64_t bytes;                          /* of the value; -1 */
};
struct fact_session_ttl {
    struct span id;
    int64_t pttl_ms; /* -1 no TTL; -2: the key was seen by a walk, its TTL was not read */
};
struct fact_session_gone {
    struct span id;
    enum gone_reason reason;
};
/* BEGIN (it is asked for), a MEMBER for each entry, END: the set as a whole. GONE: there is no such key. A
 * set that is too large, or could not be read, ends with fewer members than its size says: then nothing is
 * missing for sure. NAMED, UNNAMED (between BEGIN and END): the set was asked for that session by its id,
 * since it was not met among the members that were read. SEEN: a walk met the key; it was not read. */
struct fact_user_index {
    enum user_index_phase phase;
    struct span user_id; /* raw, as in the key */
    struct span id;      /* MEMBER, NAMED, UNNAMED: session id */
    int64_t pttl_ms;     /* END: -1 no TTL, -2 unknown */
    int64_t size;        /* END: SCARD; -1: it could not be read */
    int64_t skipped;     /* END: of these, how many are too long to be told, and no known session's */
    struct span error;   /* END: why, in the server's words */
};
struct fact_session_watch {
    enum session_watch_phase phase;
    struct span id;
    struct span user_id; /* BEGIN; empty unknown */
    int64_t until_us;    /* BEGIN: monotonic */
};
struct fact_census {
    enum census_phase phase;
    int64_t walked, expected; /* keys; expected from DBSIZE, -1 unknown */
};
struct fact_family {
    struct span name;
    int64_t keys;
    /* Of `sampled` keys whose TTL and MEMORY USAGE were read: */
    int64_t sampled, sampled_no_ttl, sampled_bytes;
    double sampled_squares; /* sum of the squares of these bytes, for the margin of error */
    int64_t ttl[4];         /* of the sampled ones with a TTL: below a minute, an hour, a day; longer */
    struct span largest;    /* raw key: the largest of the sample */
    int64_t largest_bytes;  /* -1 none */
    int64_t reprs;          /* of `keys`: how many hold an object's address ("... object at 0x7f...") */
    bool folded;            /* its second level is too varied to be told apart: all of it is counted here */
};
/* Cumulative over the walk, as families are. An owner's keys are told in parts (by family, as a rule), for
 * each is sampled in its own share; an owner's memory is the sum of what its parts are reckoned to use. */
struct fact_usage {
    enum usage usage;
    int db;
    struct span part;
    int64_t keys; /* -1 unknown */
    int64_t sampled, sampled_no_ttl, sampled_bytes;
    double sampled_squares;
};
/* BEGIN and PROGRESS tell how far it is, FAMILY what was counted (once for each, before END), END why it
 * ended; its misses are 0 when they were heard. An END without a BEGIN: it could not begin. */
struct fact_trace {
    enum trace_phase phase;
    int64_t ends_at_us; /* monotonic */
    int64_t commands, bytes, bytes_max;
    struct span name;              /* FAMILY */
    int64_t reads, writes, misses; /* FAMILY; misses: keymiss events in the same time, -1 not heard */
    struct span hot_key;           /* FAMILY: the key that was read most often */
    int64_t hot_reads;
    struct span text; /* END: "3 s are over", "16 MiB were read", an error */
};
struct fact_queue {
    struct span name;
    int64_t depth[4]; /* lists of priority step 0 3 6 9; -1 unreadable */
    unsigned sources; /* enum queue_source bits */
    int64_t unacked;  /* of this queue; -1 unknown */
};
struct fact_unacked {
    int64_t total;          /* HLEN; -1 unknown */
    int64_t oldest_wall_us; /* score of the oldest delivery; -1 none or unknown */
};
struct fact_batch {
    struct span id;
    enum batch_origin origin;
    bool valid;             /* false: the value is no JSON object */
    int64_t current, total; /* -1 */
    double percentage;      /* NAN */
    struct span status, error;
    int64_t pttl_ms;       /* -1 none, -2 unknown */
    struct span task_name; /* of enqueued ones */
};
struct fact_batch_gone {
    struct span id;
    enum gone_reason reason;
};
struct fact_task {
    struct span id;
    struct span state;     /* Celery's; empty: no result is stored (never called pending when unknown) */
    struct span error;     /* "ExcType: first, second" */
    struct span exception; /* "ExcType" */
    int64_t date_done_us;
    int64_t current, total; /* of a PROGRESS meta; -1 */
    double percentage;
    struct span hostname; /* of STARTED; with result_extended the worker */
    struct span parent_id, group;
    struct span name, args, kwargs, queue; /* with result_extended */
    bool args_cut;
    int64_t retries; /* -1 */
};
/* Told for each element that was read. One without an id (poison) is told with an empty one. */
struct fact_task_message {
    struct span id;
    enum task_place place;
    struct span queue;
    int64_t step;                   /* LIST: 0 3 6 9 */
    int64_t position;               /* LIST: 0 is popped next; -1 unknown */
    struct span tag;                /* delivery tag */
    struct span ref;                /* LIST: schema/message_ref.h */
    struct span name, args, kwargs; /* JSON, or Python reprs */
    bool args_are_repr, args_cut;
    struct span root_id, parent_id, group, origin;
    bool has_chord;
    int64_t chain_rest;
    int64_t retries, priority;            /* -1 */
    int64_t eta_wall_us, expires_wall_us; /* -1 none */
    int64_t delivered_wall_us;            /* UNACKED: its score in unacked_index; -1 unknown */
    bool redelivered;
    enum message_fate fate;
    struct span reason;  /* of a fate that is not fine */
    struct span content; /* content type and compression when the body is no plain JSON:
                            "application/x-python-serialize" */
    int64_t bytes;
};
struct fact_task_event {
    struct span id;
    enum task_event_type event;
    struct span worker; /* empty for SENT */
    struct span name, args, kwargs, root_id, parent_id, queue;
    int64_t retries, eta_wall_us, expires_wall_us;
    struct span text, exception; /* of an end */
    double runtime_s;
    bool terminated, expired, requeue;
    int64_t sent_wall_us; /* the sender's clock */
};
struct fact_task_held {
    struct span id, worker;
    enum inspect_hold hold;
    struct span name, args, kwargs, queue;
    bool args_cut;
    int64_t started_wall_us, eta_wall_us, pid;
    bool redelivered;
};
/* What was told (TASK_MESSAGE, TASK_HELD) of this place since begun_us is there; what was told of it before
 * and not again has left it. */
struct fact_task_sweep {
    enum sweep_scope scope;
    struct span name; /* LIST: queue; WORKER: node */
    int64_t step;     /* LIST */
    int64_t begun_us; /* monotonic */
    int64_t seen;     /* LIST: so many elements from the end that is popped next were read; -1: all of it.
                         UNACKED: -1 all; otherwise it was too large and nothing has left */
};
struct fact_task_gone {
    struct span id;
};
struct fact_worker {
    struct span name;
    enum fact_worker_event event;
    int64_t active, processed;
    double freq;
    int64_t pid;
    double load1, load5, load15;
    struct span software;
    int64_t sent_wall_us; /* the worker's clock; -1 */
};
/* Lists of names are joined by the bytes 06 16, which no queue, node or task name holds. */
struct fact_worker_bound {
    struct span names; /* all that have a mailbox now */
};
/* Once for each worker that was expected to answer a ping, or did. */
struct fact_worker_answer {
    struct span name;
    bool answered;
    int64_t round_trip_us; /* -1 */
};
struct fact_worker_stats {
    struct span name, pool;
    int64_t concurrency, processes, prefetch, uptime_s, pid, processed, visibility_s;
};
struct fact_worker_queues {
    struct span name, queues;
};
struct fact_worker_names {
    struct span name;
    struct span tasks; /* registered names; a rate limit behind a blank: "api.tasks.x 10/m" */
};
/* A detail view is a document of lines. BEGIN empties it, LINE appends, END completes it. */
struct fact_peek {
    enum peek_phase phase;
    enum target_kind kind; /* the document's subject */
    struct span id;
    struct span label;          /* LINE: left column; BEGIN: the title */
    struct span text;           /* LINE: right column; END: a remark ("first 100 of 12345", an error) */
    enum target_kind link_kind; /* LINE: what Enter opens; TARGET_NONE */
    struct span link_id;
    enum veil_kind veil;   /* LINE: what text is behind the curtain; a payload unless it is said */
    int64_t plain;         /* LINE: so many bytes in front of text are plain, whatever veil says */
    bool foreign;          /* LINE: the label is not ours either: a key's name, a field */
    enum peek_style style; /* LINE */
    int64_t depth;         /* LINE: how deep it stands; what is deeper below it folds away under it */
};
struct fact_receipt {
    struct span action;  /* "revoke session" */
    struct span subject; /* display name of the target or "" for the whole action */
    enum outcome outcome;
    struct span text; /* one line */
};
struct fact_acknowledge {
    struct span rule; /* the id of an alert: alert.h */
};
/* Of one alert, or (the id is a rule's name) of the rule with all it is about. */
struct fact_mute {
    struct span id;
    int64_t until_us;   /* monotonic; INT64_MAX: until it is told otherwise; 0 or past: no longer */
    struct span reason; /* somebody's words */
};
struct fact_dismiss {
    struct span id; /* empty: all that have ended */
};
struct fact_note {
    struct span text;
};
struct fact_command_stat {
    enum list_phase phase;
    struct span name;                      /* "config|get" */
    int64_t calls, usec, rejected, failed; /* totals; -1 */
};
struct fact_error_stat {
    enum list_phase phase;
    struct span name;
    int64_t count;
};
struct fact_replica {
    enum list_phase phase;
    struct span address;   /* ip:port */
    struct span state;     /* "online" */
    int64_t offset, lag_s; /* -1 */
};
struct fact_client {
    enum list_phase phase;
    int64_t id;
    struct span address, name, user, command, flags; /* empty absent */
    bool own;                                        /* a connection of this program */
    int64_t db, age_s, idle_s, channels, patterns, shard_channels, queued, memory, output; /* -1 */
    int64_t left_out; /* END: so many more there are */
};
/* What is told again is the same entry. END: total is SLOWLOG LEN. */
struct fact_slow {
    enum list_phase phase;
    int64_t id, wall_us, duration_us;
    struct span shape,
        text; /* schema/command_shape.h: what kind of command; the command, masked and bounded */
    struct span client, name;    /* address; CLIENT SETNAME's */
    int64_t argc;                /* -1 */
    int64_t total, threshold_us; /* END; -1 unknown. threshold_us -1: off */
};
struct fact_latency {
    enum list_phase phase;
    struct span name;
    int64_t event_wall_us, latest_ms, max_ms;
};
/* Names are Redis' own of CONFIG GET ("maxmemory-policy"), or the doctor's: "clock.ahead_us", "acl.user". */
struct fact_setting {
    struct span name, value;
    bool known;      /* false: it could not be read */
    struct span why; /* then: the server's words */
};
struct fact_permission {
    struct span what; /* what is asked, as the doctor's table calls it: "SET session:*" */
    enum permission permission;
    struct span why; /* the server's words */
};
struct fact_doctor {
    enum doctor_phase phase;
    struct span error; /* END: why it could not be finished; empty: it was */
};

struct fact {
    enum fact_kind kind;
    int64_t at_us;   /* monotonic */
    int64_t wall_us; /* since 1970 UTC */
    union {
#define FACT_MEMBER(id, member) struct fact_##member member;
        FACT_LIST(FACT_MEMBER)
#undef FACT_MEMBER
    };
};

extern const char *const fact_kind_name[FACT_KIND_COUNT]; /* "session_ttl" */

/* Text form, one fact a line: `AT_US WALL_US kind name=value ...`; values that need it are quoted with \xHH
 * escapes. One table of members drives both ways; struct info is written as its known fields. */
void fact_write(const struct fact *f, UT_string *out); /* appends with a line end */
/* Reads one line (without its end). Spans point into scratch (initialised; emptied first), which must outlive
 * the use. Members a line does not name are unknown. Lines that are empty or begin with '#' give false with
 * err->code ERR_NONE. */
bool fact_read(struct fact *f, struct span line, UT_string *scratch, struct err *err);

#endif
