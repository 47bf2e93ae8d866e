/* model: the state, changed by facts alone. No clock and no I/O: "now" is the newest fact's time. Everything
 * below is read through const; pointers are valid until the next model_apply. */
#ifndef REDAI_MODEL_MODEL_H
#define REDAI_MODEL_MODEL_H

#include "redai/schema/keyname.h"

#include "redai/model/alert.h"
#include "redai/model/client.h"
#include "redai/model/command_stat.h"
#include "redai/model/doctor.h"
#include "redai/model/fact.h"
#include "redai/model/rule.h"
#include "redai/model/series.h"
#include "redai/model/slow.h"
#include "redai/model/task.h"
#include "redai/model/usage.h"
#include "redai/model/user.h"
#include "redai/model/vital.h"
#include "redai/model/worker.h"

struct model *model_new(void); /* the platform's families and the built-in rules */
void model_free(struct model *m);
/* For another server: an empty model with the families and rules of the old one, which is freed. */
struct model *model_anew(struct model *old);
/* For configuration, before facts: families to add to, rules to change. */
struct families *model_families(struct model *m);
struct rules *model_rules(struct model *m);

void model_apply(struct model *m, const struct fact *f);
/* Bits (1u << topic) of what changed since the last take. MODEL_RETITLED: how fresh something is, or how far
 * a walk has come, and no row. */
#define MODEL_RETITLED (1u << TOPIC_COUNT)
unsigned model_take_changes(struct model *m);
/* Judges all rules against the state as of now; transitions set TOPIC_ALERTS. Called once per turn by app,
 * and by replay. */
void model_judge(struct model *m);
/* Rows left out because their table is full (sessions, queues, batches); 0 when all are there. Families
 * beyond the cap are summed up in the row "(other)"; of workers the longest silent gives way. */
size_t model_rows_cut(const struct model *m, enum topic topic);

int64_t model_now_us(const struct model *m);
int64_t model_wall_us(const struct model *m);

/* --- connection and freshness --- */
struct link_view {
    enum fact_link_state state;
    int64_t since_us; /* -1: never heard of */
    int64_t retry_at_us;
    char error[256]; /* display */
    char where[80];  /* display: the server that sentinels named; "" the address says it */
};
struct topic_view {
    int64_t ok_at_us; /* last good read; -1 never */
    bool failed;      /* the last read failed */
    char error[200];  /* display; of the failure */
};
/* More comes than the feed takes: it listens to less, and polls tell the rest. */
struct shed_view {
    bool misses, writes, results, tasks, ends; /* what is not heard: see fact_shed */
    bool any;                                  /* one of these */
    int64_t since_us;                          /* -1: all is heard */
    int64_t times;                             /* how often so far */
    int64_t held_bytes, cut_bytes, behind_us;  /* why: see fact_shed */
};
struct connection_view {
    char address[200]; /* display */
    char name[48];     /* display: of a named connection; "" none */
    enum environment environment;
    bool read_only, insecure;
    char read_only_why[120]; /* display; "" unknown */
    int db, result_db;
    struct link_view link[LINK_ROLE_COUNT];
    int64_t commands, bytes_out, bytes_in; /* own cost, totals */
    int64_t budget;                        /* commands a second for walks; -1 unknown */
    double commands_per_s, bytes_out_per_s, bytes_in_per_s;
    enum notify_state notify;
    char notify_present[32], notify_missing[32], notify_why[160];
    struct shed_view shed;
};
const struct connection_view *model_connection(const struct model *m);
const struct topic_view *model_topic(const struct model *m, enum topic topic);
/* Age of the topic's data in us; -1 when never read. */
int64_t model_topic_age_us(const struct model *m, enum topic topic);
/* True when the pane should grey: never read, last read failed, older than three refresh times, or fed by
 * events of which some were lost. A second is the least refresh time of server, queues and batches, a minute
 * of what the census tells; longer ones are learned. Without a poll link everything older than 3 s is stale.
 */
bool model_topic_stale(const struct model *m, enum topic topic);
bool model_redis_reachable(const struct model *m); /* the poll link is up and INFO was read within 10 s */

/* --- where the broker and the results are --- */
struct site_view {
    bool apart;        /* on another server than the application's */
    char address[200]; /* display */
    int db;
    bool known; /* INFO of that server was read; only when it is apart */
    struct info info;
    int64_t read_us; /* -1 */
    int64_t down_us; /* since when its link is down; -1: it is not, or was never up and is being made */
};
const struct site_view *model_site(const struct model *m, enum site site);
/* The links that ask and hear there: its own, or the application's. */
const struct link_view *model_site_link(const struct model *m, enum site site);
const struct link_view *model_site_feed(const struct model *m, enum site site);
bool model_site_is_away(const struct model *m, enum site site); /* apart, and it does not answer */
enum site model_topic_site(enum topic topic); /* whose server a topic's data comes from in the first place */

/* --- server --- */
struct server {
    bool known;
    struct info info; /* the newest */
    int64_t round_trip_us;
    double ops_per_s;         /* as Redis reports it */
    double hit_rate_lifetime; /* percent; own reads taken off; NAN without look-ups */
    double hit_rate_window;   /* of the last minute or what there is of it; NAN without look-ups */
    bool hits_shared; /* another console reads too, or did within the last minute: both are NAN then */
    int64_t consoles; /* its connections, and those of further ones; -1 unknown */
    double hit_rate_interval; /* between the last two INFOs; NAN without look-ups. The series hold this one */
    int64_t window_lookups;   /* how many look-ups that rate stands on */
    bool celery_told_apart;   /* Celery's own misses are taken off too */
    int64_t window_celery;    /* how many of those in the window; -1 unknown */
    double evicted_per_s, expired_per_s;
    struct series hit_rate, ops, memory, clients, round_trip, evicted, expired, lookups;
};
const struct server *model_server(const struct model *m);

/* --- sessions --- */
enum session_listing {
    SESSION_LISTING_UNKNOWN, /* the index was not read since the session was first seen */
    SESSION_LISTED,
    SESSION_ORPHAN, /* it is not: 'log out everywhere' misses it */
    SESSION_NOBODYS /* it names no user, so no index can */
};
struct session {
    char *id; /* raw, NUL behind; id_len bytes */
    size_t id_len;
    char *user_key;                      /* raw user id, for user:<id>:sessions and comparing; "" absent */
    char *user_id, *name, *email, *role; /* display copies; "" when absent */
    char short_id[12];                   /* display: first six characters and "~" */
    enum session_form form;
    int64_t created_us, updated_us; /* wall; -1 */
    int64_t expires_us;             /* monotonic; -1 no TTL; INT64_MAX unknown */
    int64_t seen_us;                /* wall: when it was last used, from TTL left; -1 unknown */
    int64_t bytes;
    enum session_listing listing;   /* whether its user's index names it */
    uint32_t index, walk;           /* place in the dense array, walk that saw it last; private */
    uint32_t pass;                  /* the read of its user's index that named it last; private */
    int64_t missed_us;              /* no index names it since, as far as is known; -1: one does; private */
    struct user *user;              /* NULL: it names none; private */
    struct session *same_user_next; /* other sessions of the same user; NULL ends */
    struct session *same_user_prev; /* private */
    UT_hash_handle hh;              /* private */
};
size_t model_session_count(const struct model *m);
const struct session *model_session_at(const struct model *m, size_t i); /* dense, in no order */
const struct session *model_session_find(const struct model *m, struct span id);
/* All sessions of a user (raw id): a list through same_user_next. */
const struct session *model_user_sessions(const struct model *m, struct span user_key, size_t *ret_count);
size_t model_user_count(const struct model *m); /* users with a session */
struct role_total {
    char *role; /* display; "" = no role */
    size_t sessions;
};
size_t model_role_totals(const struct model *m, const struct role_total **ret_rows); /* largest first */
/* Full TTL, learned: the largest seen, never below the platform's 86400 s. If the sessions' TTL was
 * shortened, "last seen" is too long ago until this knows better, but never before the session was made or
 * written. */
int64_t model_session_ttl_us(const struct model *m);

/* --- cache and census --- */
struct family {
    char *name;          /* raw = display (families are sanitised when made) */
    bool counted;        /* the walk has counted it (else known from events only) */
    int64_t keys;        /* of the last complete walk, or so far in the first */
    int64_t without_ttl; /* estimated from the sample; exact when sampled == keys; -1 unknown */
    bool without_ttl_exact;
    int64_t bytes_estimate; /* -1 unknown */
    int64_t sampled;
    double bytes_margin; /* half the width of the 95 % interval around bytes_estimate, in bytes; NAN unknown;
                            0 when all keys were measured */
    int64_t ttl[4];      /* of the sample: keys that live below a minute, an hour, a day; longer */
    char *largest;       /* raw key, largest_len bytes: the largest of the sample; NULL none */
    size_t largest_len;
    int64_t largest_bytes;
    int64_t misplaced; /* of without_ttl: those that should have one, by what the platform does; 0 unknown */
    int64_t reprs;     /* keys with an object's address in them: each call makes a new one */
    bool folded;       /* more second levels than are told apart */
    size_t below;      /* a group: how many families it sums up, named "exam:*"; 0: a family. A group's ttl is
                          reckoned for all keys, not of the sample. */
    const struct family *under; /* the group it stands in; NULL none. Only in model_family_row. */
    /* Of the last trace; -1 none. */
    int64_t traced_reads, traced_writes, traced_misses;
    char *hot_key;     /* display: the key that was read most often; "" none */
    int64_t hot_reads; /* how often at least */
    /* Of the last 10 s; NAN when notifications lack the class. */
    double set_per_s, miss_per_s, expired_per_s, evicted_per_s, del_per_s;
    int64_t events[NOTIFY_EVENT_COUNT]; /* totals since start */
    struct series activity;             /* events per second */
};
/* A trace: commands listened to for a while. */
struct trace_view {
    bool running;
    int64_t begun_us, ends_at_us, ended_us; /* monotonic; -1 never */
    int64_t commands, bytes, bytes_max;
    char text[160]; /* display: why it ended */
};
const struct trace_view *model_trace(const struct model *m);
struct census_view {
    bool complete; /* at least one whole walk since connecting */
    bool walking;
    int64_t walked, expected; /* of the running or last walk */
    int64_t finished_at_us;   /* -1 never */
    int64_t keys;             /* of the last complete walk; -1 */
    bool families_cut;        /* there are more families than are told apart: see "(other)" */
};
/* Key events of all families together. */
struct event_totals {
    int64_t events[NOTIFY_EVENT_COUNT]; /* since start */
    int64_t shed;                       /* of these: told only as a sum, of no known key */
    double per_s;                       /* over the last 10 s; NAN when none can be heard */
};
void model_events(const struct model *m, struct event_totals *ret);
#define FAMILY_OTHER "(other)"
size_t model_family_count(const struct model *m);
const struct family *model_family_at(const struct model *m, size_t i);
/* As a tree: the groups, which are first parts that several families share, and behind them the families. */
size_t model_family_rows(const struct model *m);
const struct family *model_family_row(const struct model *m, size_t i);
const struct family *model_family_find(const struct model *m, struct span name); /* also a group */
const struct census_view *model_census(const struct model *m);

/* --- queues --- */
/* in_per_s and out_per_s are lower bounds: what the depth rose and fell by from poll to poll; a message that
 * came and went between two polls is in neither. */
struct queue {
    char *name; /* raw, NUL behind; name_len bytes */
    size_t name_len;
    char *display; /* sanitised */
    int64_t depth; /* sum over priorities; -1 unknown */
    int64_t by_priority[4];
    int64_t unacked; /* -1 unknown */
    unsigned sources;
    double in_per_s, out_per_s; /* estimated from the depth over the last 10 s; NAN unknown */
    double drain_s;             /* time to drain as it went in the last 30 s; INFINITY: never; NAN unknown */
    int64_t grown_since_us; /* since when it has not gone down (dips below a fifth aside) while above 0; -1 */
    int64_t consumers;      /* workers alive that consume it; -1: no worker has told yet */
    char *consumer_names;   /* display: "worker1@demo, worker2@demo"; "" */
    int64_t scheduled;      /* messages that workers hold for their eta; -1 unknown */
    int64_t oldest_delivery_us; /* wall: oldest one in flight; -1 */
    int64_t poison;             /* elements among those read that a worker would exit on */
    char *next_id, *next_name;  /* display: of the message that is popped next; "" unknown */
    struct target next;         /* TARGET_TASK, or TARGET_MESSAGE when it has no id; TARGET_NONE */
    int64_t next_since_us;      /* monotonic: it is seen in front since; -1 */
    struct series depth_series;
};
size_t model_queue_count(const struct model *m);
const struct queue *model_queue_at(const struct model *m, size_t i); /* sorted by name */
int64_t model_unacked_total(const struct model *m);                  /* -1 unknown */
int64_t model_unacked_oldest_us(const struct model *m);              /* wall; -1 */

/* --- batches --- */
enum batch_state {
    BATCH_QUEUED,
    BATCH_RUNNING,
    BATCH_STALLED,
    BATCH_DONE,
    BATCH_FAILED,
    BATCH_REVOKED,
    BATCH_LOST, /* key gone, no result */
    BATCH_STATE_COUNT
};
extern const char *const batch_state_name[BATCH_STATE_COUNT];
struct batch {
    char *id; /* raw task id, NUL behind; id_len bytes */
    size_t id_len;
    char *display_id; /* sanitised */
    enum batch_state state;
    bool valid;
    int64_t current, total;                                     /* -1 */
    double part;                                                /* 0..1; NAN unknown */
    char *status, *error, *task_name, *celery_state, *hostname; /* display; "" absent */
    double rate_per_s;                    /* own measurement over the last movements; NAN unknown */
    double left_s;                        /* NAN unknown */
    int64_t first_us, moved_us, ended_us; /* monotonic; ended_us -1 while it lives */
    int64_t expires_us;                   /* of the progress key; -1 none or gone */
    bool key_gone;
};
size_t model_batch_count(const struct model *m);
const struct batch *model_batch_at(const struct model *m, size_t i); /* running first, then newest */
const struct batch *model_batch_find(const struct model *m, struct span id);
#define BATCH_STALL_US (INT64_C(60) * 1000000)   /* no movement for so long is a stall */
#define BATCH_KEEP_US  (INT64_C(1800) * 1000000) /* ended ones age out after this */

/* --- the open detail view --- */
struct peek_line {
    char *label, *text;  /* display */
    struct target link;  /* TARGET_NONE when Enter does nothing */
    enum veil_kind veil; /* what text is behind the curtain, but for its first bytes */
    size_t plain;        /* so many of them */
    bool foreign;        /* the label is not ours either */
    enum peek_style style;
    int depth; /* what is deeper below it folds away under it */
};
struct peek {
    struct target subject;
    char *title, *remark; /* display; "" */
    bool complete;
    int64_t at_us;
    UT_array line; /* of struct peek_line */
};
const struct peek *model_peek(const struct model *m);
#define PEEK_LINES_MAX 2000
#define PEEK_DEPTH_MAX 32

/* --- receipts: newest last, the last 500 --- */
struct receipt {
    char *action, *subject, *text; /* display */
    enum outcome outcome;
    int64_t at_us, wall_us;
};
size_t model_receipt_count(const struct model *m);
/* A person's note is one with the action "note". */
const struct receipt *model_receipt_at(const struct model *m, size_t i);

#endif
