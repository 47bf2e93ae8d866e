/* model_priv: the whole state, one struct a noun. Each noun's .c is the only one that writes its struct;
 * others read. Numbers from outside pass model_count() on their way in, times model_time(): after that no sum
 * or difference of two of them can overflow. */
#ifndef REDAI_MODEL_PRIV_H
#define REDAI_MODEL_PRIV_H

#include "alert_priv.h"
#include "doctor_priv.h"
#include "evidence.h"
#include "history.h"
#include "meter.h"
#include "metric.h"
#include "server_priv.h"
#include "sign.h"
#include "surge.h"
#include "task_priv.h"

#include <math.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

#include "redai/model/model.h"

#define UNKNOWN_REAL ((double)NAN)

/* Row caps: what an outsider can grow has a limit; model_rows_cut tells how many were left out. */
#define SESSIONS_MAX 200000
#define STRAYS_MAX   100000
#define FAMILIES_MAX 500
#define QUEUES_MAX   4000
#define BATCHES_MAX  10000
#define WORKERS_MAX  1000
#define RECEIPTS_MAX 500

/* Columns of display copies. */
#define NAME_COLS  200
#define ERROR_COLS 400
#define LINE_COLS  4000

/* Topics: freshness. */
struct topic_state {
    struct topic_view view;
    int64_t interval_us[2]; /* the last two intervals between good reads; 0 unknown */
    bool resync;            /* events were lost: stale until the next good read */
};

/* Server: the newest INFO and what grew since. */
struct server_state {
    struct server view;
    int64_t read_at_us;                     /* of the newest INFO; -1 never */
    int64_t usual_us;                       /* interval between INFOs */
    int64_t shared_us;                      /* another console was seen last; -1 never */
    unsigned lives;                         /* so often it was found to have started anew */
    int64_t own_hits, own_misses;           /* own totals as of the newest INFO */
    int64_t own_hits_base, own_misses_base; /* own totals that an earlier life of the server has counted */
    int64_t net[METER_VALUES]; /* look-ups as of the newest INFO that was of one time with our own count */
    int64_t net_at_us;
    bool net_known;
    int64_t celery, celery_base; /* the same of Celery's misses: those that were heard */
    struct meter lookups;        /* hits and misses, own ones and Celery's misses taken off */
    struct meter losses;         /* evicted, expired, rejected connections */
};

/* Sessions: hash by id; the dense array is a heap by expiry, so that the next to expire is at its front. */
/* An entry of a user's set that names none of the user's live sessions. */
enum stray_kind {
    STRAY_PENDING, /* no such session is known: it is being looked for */
    STRAY_STALE,   /* it is gone */
    STRAY_FOREIGN  /* it is another user's */
};
struct stray {
    struct user *user;
    struct stray *prev, *next;  /* of the user */
    struct stray *same_id_next; /* the same session in another user's set */
    uint32_t pass;              /* the read of the set that named it last */
    enum stray_kind kind;
    UT_hash_handle hh; /* of the first with this id */
    size_t len;
    char id[];
};
/* What is known of the set user:<id>:sessions. */
struct user_set {
    int64_t asked_us;  /* when the newest read was asked for; -1 never */
    int64_t read_us;   /* the same of the newest whose answer is in */
    int64_t parted_us; /* a session of the user was deleted; -1 */
    int64_t expires_us, size;
    int64_t told; /* members, in the running read */
    struct stray *strays;
    uint32_t stale, foreign, pending;
    uint32_t pass, walk; /* of its reads; of the census that met it last */
    enum user_index_state state;
    bool reading, cut, wrong_type;
    bool blind; /* read in part, and not asked for all sessions that were not met */
};
/* A user with sessions or a set. Small, since there may be as many as there are sessions. */
struct user {
    struct user *chain; /* of its bucket */
    struct session *first;
    struct user_set *set; /* NULL: nothing was heard of it */
    uint32_t hash, index; /* place in the dense array */
    uint32_t sessions, orphans, unknown;
    uint32_t len, shown;                                  /* of the key; where the display copy begins */
    uint32_t crowd_at;                                    /* user_crowd.c: its place on its level */
    bool unread, failed, partly, blind, unreadable, owed; /* as it is counted in session_index_state */
    bool view_ok, pinned; /* pinned: its only session is about to be replaced */
    char key[];
};
struct user_table {
    struct user **bucket, **row;
    size_t buckets, count, room;
    size_t with_sessions;
    struct user_views *views; /* made when they are looked at; user_view.c */
    struct user_crowd *crowd; /* user_crowd.c */
};
struct session_index_state {
    struct session_index_view view;
    size_t failed; /* users whose set could not be read, though it is one */
    size_t owed;   /* users that the first whole walk met and that are not joined yet */
    bool owing, complete;
    int64_t owing_us;      /* when that walk ended */
    int64_t walk_begun_us; /* of the running walk */
    struct stray *stray;   /* by id */
    size_t strays;
};
/* Log-ins and ends by second, log-ins by minute. */
enum session_count { SESSION_LOGINS, SESSION_EXPIRED, SESSION_ENDED, SESSION_COUNTS };
#define SESSION_SECONDS 60
#define SESSION_MINUTES 60
struct session_rates {
    int64_t second, minute; /* of the newest buckets */
    uint32_t by_second[SESSION_SECONDS + 1][SESSION_COUNTS];
    uint32_t by_minute[SESSION_MINUTES + 1];
    int64_t since_us; /* counted since; -1 */
};
struct role {
    size_t index; /* in totals */
    UT_hash_handle hh;
    char name[]; /* display */
};
struct session_state {
    struct session *by_id;
    struct session **heap;
    size_t count, room;
    struct user_table users;
    struct session_index_state index;
    struct session_rates rates;
    struct role *by_role;
    UT_array totals;        /* of struct role_total, largest first */
    UT_string scratch;      /* the strings of the session at hand */
    uint32_t walk;          /* the running or last walk; a row's mark is the walk that saw it last */
    int64_t ttl_us;         /* full TTL, learned */
    int64_t ttl_applied_us; /* the one the rows' seen_us stand on */
    size_t cut, cut_now;    /* left out for the cap: in the last whole walk, since it ended or in this one */
};

/* Revoked sessions that are watched, or came back. */
struct session_watch_state {
    struct watched_session *by_id;
    UT_array returned; /* of struct watched_session *: those that are there again, in the order they came */
    size_t watched;
    bool ever; /* one was revoked here */
};

/* Census and families. */
enum family_rate {
    FAMILY_RATE_SET,
    FAMILY_RATE_MISS,
    FAMILY_RATE_EXPIRED,
    FAMILY_RATE_EVICTED,
    FAMILY_RATE_DEL,
    FAMILY_RATE_ALL,
    FAMILY_RATE_COUNT
};
#define FAMILY_SECONDS 10
enum { FAMILY_RECENT = 16 };
struct buckets {
    int64_t second; /* of the newest bucket */
    uint32_t count[FAMILY_SECONDS + 1][FAMILY_RATE_COUNT];
};
struct family_row {
    struct family view;
    char *key; /* raw name, as the hash knows it */
    size_t key_len;
    size_t index;
    uint32_t walk;              /* the walk that told it last */
    struct fact_family pending; /* counts of the running walk; its texts unused */
    char *largest;              /* of the running walk; NULL none */
    size_t largest_len;
    bool crowded; /* by events alone: no more second levels get rows of their own before the next walk ends */
    int64_t event_us; /* of the last event; -1 */
    struct buckets buckets;
    struct surge misses; /* that were followed by a write, against the last hour */
    UT_hash_handle hh;
};
struct census_state {
    struct census_view view;
    uint32_t walk;
    bool begun;  /* BEGIN was seen: END may sweep */
    bool lumped; /* the running walk counts some families as one */
    struct family_row *by_name;
    struct family_row *other; /* "(other)", once the cap is reached; also in row[] */
    struct family_row *row[FAMILIES_MAX + 1];
    size_t count;
    int64_t events[NOTIFY_EVENT_COUNT]; /* of all families and the shed ones */
    int64_t shed, shed_us;              /* when some were shed last; -1 */
    int64_t since_us;                   /* events are heard since; -1 */
    struct buckets buckets;
    struct family_row *recent[FAMILY_RECENT]; /* of by_name; a memory of look-ups */
    bool groups_stale;
    struct family_groups *groups; /* what the families stand under; NULL: not asked for yet */
};

/* Who uses the memory: parts as they are told. */
#define USAGE_PARTS_MAX 2000
struct usage_part {
    enum usage usage;
    int db;
    uint32_t walk;                    /* the walk that told it last */
    struct fact_usage pending, shown; /* texts unused */
    bool has_shown;
    UT_hash_handle hh;
    size_t len;
    char key[]; /* owner, database, part */
};
struct usage_state {
    struct usage_part *part;
    struct usage_view row[USAGE_COUNT];
    char verdict[400];
};

/* Queues. */
#define QUEUE_SECONDS 30
struct queue_row {
    struct queue view;
    int64_t told_us;
    int64_t usual_us; /* between the last two measurements; 0: there are no two */
    int64_t second;   /* of the newest bucket */
    struct queue_bucket {
        float up, down, seconds; /* what the depth rose and fell by, in how much time */
    } bucket[QUEUE_SECONDS + 1];
    int64_t full_us; /* it holds messages enough to be called waiting since; -1 */
    int64_t peak;    /* since grown_since_us */
    int64_t backlog; /* depth when the queue has not shrunk for a minute, else 0 */
    UT_hash_handle hh;
};
struct queue_state {
    struct queue_row *by_name;
    UT_array sorted; /* of struct queue_row * */
    int64_t unacked, oldest_us;
    size_t cut, cut_now; /* left out for the cap: in the last whole poll, in this one */
};

/* Batches: live ones first, then queued, ended, and those put away (kept so that they do not come back). */
enum batch_rank { BATCH_RANK_LIVE, BATCH_RANK_QUEUED, BATCH_RANK_ENDED, BATCH_RANK_HIDDEN, BATCH_RANK_COUNT };
struct batch_row {
    struct batch view;
    enum batch_rank rank; /* with sort_us: its place in the list */
    int64_t sort_us;
    int64_t told_us;
    int64_t gone_us; /* when the progress key went; -1 */
    bool task_known; /* the result database was asked since */
    bool hidden;
    int64_t base_current, base_us; /* the rate is measured from here */
    UT_hash_handle hh;
};
struct batch_state_all {
    struct batch_row *by_id;
    UT_array sorted; /* of struct batch_row * */
    size_t of_rank[BATCH_RANK_COUNT];
    size_t cut, cut_now;
};

#define VISIBILITY_DEFAULT_S 3600                /* Celery's own */
#define VISIBILITY_MOST_S    INT64_C(3155760000) /* 100 years: some set it so high that it never comes */
enum { WORKER_BEATS = 8 };
struct worker_row {
    struct worker view;
    int64_t first_us;
    int64_t unbound_us;    /* its mailbox went; -1 */
    int64_t task_event_us; /* it told of a task; -1 */
    int64_t swept_us;      /* all it has was told by a question asked then; -1 */
    int64_t silent_us;     /* when the first question went unanswered that is not answered since; -1 */
    int64_t ahead_us[WORKER_BEATS]; /* its clock, by its last beats */
    unsigned beats;
    bool was_bound;
    UT_hash_handle hh;
};
struct consumer; /* worker_queues.c */
struct worker_state_all {
    struct worker_row *by_name;
    UT_array sorted;     /* of struct worker_row * */
    UT_array registered; /* of char *: the names of all, each once, sorted */
    struct consumer *consumers;
    bool queues_changed; /* consumers is behind */
    bool bound_told;     /* which workers have a mailbox; with no row at all there is none */
};

struct receipt_state {
    struct receipt row[RECEIPTS_MAX];
    size_t count, first;
};

struct model {
    int64_t now_us, wall_us;
    int64_t tick_us; /* last housekeeping */
    unsigned changes;
    struct families families;
    struct rules rules;
    struct connection_view connection;
    struct site_view site[SITE_COUNT];
    struct meter cost;
    bool poll_was_down; /* since it was last up */
    struct topic_state topic[TOPIC_COUNT];
    struct server_state server;
    struct sign_state sign;
    struct vital_all *vitals;
    struct command_all commands;
    struct client_all clients;
    struct slow_all slow;
    struct round_trip_all round_trips;
    struct replica_all replicas;
    struct session_state session;
    struct session_watch_state session_watch;
    struct census_state census;
    struct trace_view trace;
    struct usage_state usage;
    struct queue_state queue;
    struct batch_state_all batch;
    struct worker_state_all worker;
    struct task_all task;
    struct peek peek;
    struct receipt_state receipt;
    struct alert_state_all alert;
    struct doctor_state_all doctor;
    struct history *history;
    struct evidence *evidence;
};

static inline void model_touch(struct model *m, enum topic topic)
{
    m->changes |= 1u << topic;
}

/* Of sessions that have not changed: a hundred thousand rows are not put in order again for a title. */
static inline void model_retitle(struct model *m, enum topic topic)
{
    m->changes |= topic == TOPIC_SESSIONS ? MODEL_RETITLED : 1u << topic;
}

/* A count from outside: -1 when negative, at most 10^15. */
static inline int64_t model_count(int64_t value)
{
    const int64_t most = INT64_C(1000000000000000);
    return value < 0 ? -1 : value > most ? most : value;
}

/* A time from outside, in us: within some 36 thousand years. */
static inline int64_t model_time(int64_t us)
{
    const int64_t most = INT64_C(1) << 60;
    return us < -1 ? -1 : us > most ? most : us;
}

/* A TTL left, as us; a hundred years stand for whatever is longer. */
static inline int64_t model_ttl_us(int64_t pttl_ms)
{
    const int64_t most_ms = INT64_C(36525) * 86400 * 1000;
    return (pttl_ms > most_ms ? most_ms : pttl_ms) * US_PER_MS;
}

/* Display copies: into a fixed field, and in place of a heap string (true when it changed). */
void model_show(char *out, size_t size, struct span raw, int cols);
bool model_show_replace(char **slot, struct span raw, int cols);

void topic_init(struct model *m);
void topic_poll(struct model *m, const struct fact_poll *f);
void topic_read_ok(struct model *m, enum topic topic);
void topic_heard(struct model *m,
                 enum topic topic); /* a part was read: all is fresh unless another part failed */
void topic_events_lost(struct model *m, enum site site); /* its feed is away */
/* site.c */
void site_init(struct model *m);
void site_connection(struct model *m, const struct fact_connection *f);
void site_apply(struct model *m, const struct fact_site *f);
void site_link(struct model *m, const struct fact_link *f, bool was_up);
bool site_answers(const struct model *m, enum site site); /* its link is up */
int64_t topic_usual_us(const struct model *m, enum topic topic);
bool topic_is_read(
    enum topic topic); /* asked of the server again and again, not told when something happens */

void connection_init(struct model *m);
void connection_apply(struct model *m, const struct fact_connection *f);
void connection_link(struct model *m, const struct fact_link *f);
void connection_cost(struct model *m, const struct fact_cost *f);
void connection_shed(struct model *m, const struct fact_shed *f);
/* All that comes and goes is told by events. */
bool connection_hears_changes(const struct model *m);
void connection_notify(struct model *m, const struct fact_notify *f);
/* Whether events of the class behind a letter ('x', '$'...) reach us now. */
bool connection_hears(const struct model *m, char letter);
/* False while the poll link is known to be away: then absence of news means nothing. */
bool connection_poll_up(const struct model *m);

void server_init(struct model *m);
void server_apply(struct model *m, const struct fact_server *f);
bool server_is_fresh(const struct model *m);               /* numbers of INFO may be judged */
double server_evicted_minute_per_s(const struct model *m); /* NAN unknown */
int64_t server_rejected_minute(const struct model *m);     /* -1 unknown */

void session_init(struct model *m);
void session_release(struct model *m);
void session_apply(struct model *m, const struct fact_session *f);
void session_ttl(struct model *m, const struct fact_session_ttl *f);
void session_gone(struct model *m, const struct fact_session_gone *f);
/* Those that were revoked here: told of each session that was read, or is gone. */
void session_watch_init(struct model *m);
void session_watch_release(struct model *m);
void session_watch_apply(struct model *m, const struct fact_session_watch *f);
void session_watch_seen(struct model *m, struct span id);
void session_watch_gone(struct model *m, struct span id);
void session_watch_tick(struct model *m);
void session_walk_begin(struct model *m);
void session_walk_end(struct model *m); /* sweeps what the walk did not see */
void session_clock(struct model *m);

void role_add(struct model *m, struct session *s, struct span raw); /* sets s->role */
void role_drop(struct model *m, struct session *s);
void role_release(struct model *m);
/* Users; user.c. */
struct user *user_find(const struct model *m, struct span key);
struct user *user_get(struct model *m, struct span key); /* finds or makes it */
void user_drop_idle(struct model *m, struct user *u);    /* frees one with neither sessions nor a set */
void user_link(struct model *m, struct session *s, struct span key); /* key may be empty */
void user_unlink(struct model *m, struct session *s);
void user_release(struct model *m);

/* Their views; user_view.c. */
void user_view_init(struct model *m);
void user_view_changed(struct user *u);
void user_view_all_changed(struct model *m);
void user_view_release(struct model *m);

/* By how many sessions they have; user_crowd.c. */
void user_crowd_init(struct model *m);
void user_crowd_release(struct model *m);
void user_crowd_counted(struct model *m, struct user *u, uint32_t before); /* it had so many sessions */
/* Tells of those with most sessions, so many at most; of users with a single session it tells of one. */
void user_crowd_each(const struct model *m, size_t most, metric_tell *tell, void *ctx);

/* The join of sessions with the users' sets; user_index.c. */
void user_index_apply(struct model *m, const struct fact_user_index *f);
void user_index_walk_begin(struct model *m);
void user_index_walk_end(struct model *m);
void user_index_forget(struct model *m);
/* A session was read: its user's entry for it, if there is one, is a stray no more. s is NULL when there is
 * no room for its row. */
void user_index_lives(struct model *m, struct session *s, struct span id, struct span user_key);
/* A session is about to go; s is NULL when it is not known. stays: its entry is still in the set. */
void user_index_gone(struct model *m, const struct session *s, struct span id, bool stays);
void user_index_moved(struct model *m, struct session *s); /* it is about to change its user */
void user_index_listing(struct model *m, struct session *s, enum session_listing listing);
void user_index_count(struct model *m, struct user *u); /* after its set or sessions changed */
bool user_index_unsure(const struct user *u);

/* Entries without a session; stray.c. */
struct stray *stray_find(const struct model *m, struct span id); /* the first with this id */
struct stray *stray_of(const struct model *m, const struct user *u, struct span id);
/* NULL: there is no room. */
struct stray *stray_add(struct model *m, struct user *u, struct span id, enum stray_kind kind);
void stray_set(struct model *m, struct stray *t, enum stray_kind kind);
void stray_drop(struct model *m, struct stray *t);
void stray_drop_all(struct model *m, struct user *u);

/* How many came and went; session_rate.c. */
void session_rate_login(struct model *m, const struct session *s);
void session_rate_end(struct model *m, enum session_count which, int64_t at_us);
int64_t session_rate_minute(const struct model *m, enum session_count which);
/* Log-ins a minute, on average over the hour before the last minute. */
double session_rate_usual(const struct model *m);
bool session_rate_watched(const struct model *m); /* for a whole minute */

void census_init(struct model *m);
void census_release(struct model *m);
void census_apply(struct model *m, const struct fact_census *f);
void census_forget(struct model *m); /* another server, or its data may be others */

void family_apply(struct model *m, const struct fact_family *f);
void family_hears_otherwise(struct model *m);
void family_event(struct model *m, const struct fact_key_event *f);
void family_walk_begin(struct model *m);
void family_walk_progress(struct model *m);
void family_walk_end(struct model *m);
void family_tick(struct model *m);
void family_free(struct family_row *row);
struct family_row *family_row_of_name(struct model *m, struct span name); /* made when there is none */

void trace_init(struct model *m);
void trace_apply(struct model *m, const struct fact_trace *f);
void family_blank(struct family *v);
struct family_row *family_row_of_key(struct model *m, struct span key);
void family_groups_release(struct model *m);

void usage_apply(struct model *m, const struct fact_usage *f);
void usage_walk_end(struct model *m);
void usage_release(struct model *m);

void queue_init(struct model *m);
void queue_release(struct model *m);
void queue_apply(struct model *m, const struct fact_queue *f);
void queue_unacked(struct model *m, const struct fact_unacked *f);
void queue_read_ok(struct model *m); /* a whole poll of all queues is through */
void queue_tick(struct model *m);
struct queue_row *queue_row_at(const struct model *m, size_t i);
struct queue_row *queue_row_find(const struct model *m, struct span name);

/* What tasks and workers say of queues; queue_tasks.c. */
void queue_tasks(struct model *m, struct span name);
void queue_tasks_tick(struct model *m);
void queue_consumers(struct model *m);

void batch_init(struct model *m);
void batch_release(struct model *m);
void batch_apply(struct model *m, const struct fact_batch *f);
void batch_gone(struct model *m, const struct fact_batch_gone *f);
void batch_task(struct model *m, const struct fact_task *f);
void batch_dismiss(struct model *m, const struct fact_dismiss *f);
void batch_read_ok(struct model *m);
void batch_clock(struct model *m);
void batch_tick(struct model *m);

/* The ordered list of batches; batch_list.c. */
struct batch_row *batch_row_find(const struct model *m, struct span id);
struct batch_row *batch_row_add(struct model *m,
                                struct span id); /* NULL: the cap, and nothing may be dropped */
void batch_row_remove(struct model *m, struct batch_row *row);
void batch_row_place(struct model *m, struct batch_row *row); /* after its state or times changed */
struct batch_row *batch_row_at(const struct model *m, size_t i);
bool batch_has_ended(const struct batch *b);
/* Told since the poll link is up: only then its standing still is more than our not looking. */
bool batch_is_watched(const struct model *m, const struct batch_row *row);

/* Movement, rate and time left; batch_rate.c. */
bool batch_move(struct model *m, struct batch_row *row, int64_t current, int64_t total, double percentage);
void batch_left(struct model *m, struct batch_row *row);

void worker_init(struct model *m);
void worker_release(struct model *m);
void worker_tick(struct model *m);
struct worker_row *worker_row_at(const struct model *m, size_t i);
struct worker_row *worker_row_find(const struct model *m, struct span name);
struct worker_row *worker_row_get(struct model *m, struct span name);
int64_t worker_heard_us(const struct worker_row *row); /* the last sign of life, or of it being known */

void worker_apply(struct model *m, const struct fact_worker *f);
void worker_bound(struct model *m, const struct fact_worker_bound *f);
void worker_answer(struct model *m, const struct fact_worker_answer *f);
void worker_stats(struct model *m, const struct fact_worker_stats *f);
void worker_queues(struct model *m, const struct fact_worker_queues *f);
void worker_names(struct model *m, const struct fact_worker_names *f);

void worker_judge(struct model *m, struct worker_row *row);
void worker_count_tasks(struct model *m);
void worker_swept(struct model *m, const struct task_spot *place);
int64_t worker_swept_us(const struct model *m, size_t i);
void worker_told_of_task(struct model *m, struct span name);

/* Who consumes what; worker_queues.c. */
void worker_consumers(struct model *m); /* brings it up to date */
void worker_consumers_release(struct model *m);
bool worker_consumes(const struct model *m, struct span queue);
int64_t worker_consumers_of(const struct model *m, struct span queue, const char **ret_names);

void peek_init(struct model *m);
void peek_release(struct model *m);
void peek_apply(struct model *m, const struct fact_peek *f);

void receipt_release(struct model *m);
void receipt_apply(struct model *m, const struct fact_receipt *f);
void receipt_note(struct model *m, const struct fact_note *f);

#endif
