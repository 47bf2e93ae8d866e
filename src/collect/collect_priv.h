/* collect_priv: what the files of this room share. One struct, one file a duty. */
#ifndef REDAI_COLLECT_PRIV_H
#define REDAI_COLLECT_PRIV_H

#include "doctor.h"
#include "narrow.h"
#include "server_list.h"
#include "site.h"
#include "tally.h"
#include "task_priv.h"
#include "tracer.h"

#include "redai/base/clock.h"
#include "redai/base/mem.h"

#include "redai/link/timer.h"

#include "redai/collect/collect.h"

enum {
    PEEK_PAGE = 100,
    PEEK_LINES_MOST = 1900
}; /* messages of a queue, at first and with each further page */
enum { WALK_PAGE = 1000, WALK_PAGE_MIN = 50, WALK_PAGE_AGAIN = 250, PACE_FREE = 4000 };

/* A token bucket of commands. Halves its rate when the round trip rises over four times its calm value. */
struct pace {
    double rate;   /* commands a second, as configured */
    double factor; /* 1 .. 1/64: how much of it is used */
    double tokens;
    int64_t last_us;
    double calm_us;    /* slow-moving minimum of the round trip */
    double way_us;     /* the least round trip of this connection: there and back, hardly any work */
    size_t page;       /* keys that a page of the first walk asks for */
    size_t page_again; /* and one of a later walk */
    double took_us[4]; /* of the last pages of later walks */
    unsigned took;
};

void pace_init(struct pace *p, int64_t rate, int64_t now_us);
bool pace_is_gentle(const struct pace *p); /* a budget below the usual one */
/* How many commands may be sent now, at most want. */
size_t pace_take(struct pace *p, size_t want, int64_t now_us);
/* Of the budget, what one who reads in groups has laid by. */
struct purse {
    size_t tokens;
    int64_t spent_us; /* when its last group went */
};
/* The same for many that need not go at once: all of them, or a group a twentieth of a second after the last
 * one; 0: not yet. What has come meanwhile is laid by, so that nobody else takes it. */
size_t pace_take_group(struct pace *p, struct purse *own, size_t want, int64_t now_us);
void pace_give_back(struct pace *p, size_t unused);
/* Commands that were sent without asking: what comes next waits for them, at most a quarter of a second. */
void pace_charge(struct pace *p, size_t sent);
void pace_round_trip(struct pace *p, int64_t us);
void pace_connected(struct pace *p, int64_t ping_us); /* what the greeting took */
/* After a page of a walk that took so long: how long to rest. While a page is read nobody else is served, so
 * pages get shorter until one is a fifth of a millisecond of the server's time, and a walk takes about a
 * share of it: half of it by a budget of 2000. From PACE_FREE on nothing is held back. */
int64_t pace_page(struct pace *p, int64_t took_us);
/* The same for a walk that only refreshes: so many pages a second, each of at most half a millisecond, fewer
 * while even the shortest takes longer. Four a second take some 0.2 % of the server, however large its table
 * is: seen were 0.2 us a key of a million, 2 to 10 us of ten million. */
int64_t pace_page_again(struct pace *p, int64_t took_us, int pages_per_s);

/* Keys that must be read: raw ids by kind, each once. */
struct dirty {
    UT_hash_handle hh;
    bool value;     /* else only the TTL */
    int64_t due_us; /* of one that waits a little */
    size_t len;
    char id[]; /* kind byte, then the id */
};

enum { UNASKED = -2 };

/* A list known or suspected to be a queue. */
struct qlist {
    char *name; /* queue, raw */
    size_t len;
    unsigned sources;
    int64_t depth[4]; /* -1 unreadable, UNASKED not asked for yet */
    struct window window[4];
    int64_t unacked;
    int64_t taken; /* of it, so far in the running read of what is in flight */
    UT_hash_handle hh;
};

enum { SAMPLE_KEYS = 48, CANDIDATES_MAX = 64, VALUE_CAP = 4096 };
#define RESAMPLE_US (INT64_C(1800) * US_PER_S)

struct census {
    bool walking, complete, wanted, last_page, fenced;
    bool distrust; /* events or reads were lost: what the model holds must be read again */
    bool reread;   /* this walk does so */
    bool clean;    /* the last walk came to its end, and with it all its samples */
    int64_t begun_us, ended_us, next_us;
    char cursor[24];
    bool in_flight;
    unsigned void_pages; /* asked for by a walk that was given up: their answers are dropped */
    int64_t asked_us, rest_until_us;
    int64_t walked, expected;
    int64_t changes; /* that the server had counted when it began; -1 unknown */
    int64_t told_us;
    size_t candidates;
};

struct reader {
    struct dirty *set; /* due */
    /* Due in a moment: what is known already and may change again before. Renewals of sessions, all of them
     * as long, so in order; batches that were read a moment ago. */
    struct dirty *renewed, *moving;
    size_t count;     /* of those that are due */
    size_t in_flight; /* commands */
    size_t asked;     /* values of sessions nobody knows yet, of these */
    struct purse purse;
};

/* Users' sets that must be read; index.c. */
struct index_read;
struct indexes {
    struct index_read *marked; /* all of them, by user */
    struct index_read *ready, *later, *reading, *more;
    size_t in[4]; /* how many are in each list */
    bool refused; /* sets cannot be asked for single members: an old server, or it is not allowed */
    size_t owed;  /* of what the first walk met: not through yet */
    struct purse purse;
    int64_t walk_us; /* when the walk began that counts: */
    size_t again;    /* sets that it reads only because they are old */
};

struct queues {
    struct qlist *list;
    size_t rotate_base, rotate_step;
    size_t reads;             /* of lists' messages, in flight */
    size_t read_from;         /* the list whose messages were read last */
    int64_t unacked;          /* -1 unknown; 0 known empty */
    int64_t unacked_asked_us; /* when that was asked for */
    bool memory_denied;       /* MEMORY USAGE is refused: EXISTS instead */
    bool polled;
    bool failed;         /* the last pass was */
    size_t looking;      /* questions in flight whether something is a queue */
    bool asking, unread; /* a pass is under way; a list was found that none has asked for yet */
    unsigned pass;
    int64_t moved_us;    /* when a length last changed; 0 never */
    bool has_priorities; /* a list of a higher priority was seen */
};

enum { FEED_CHANNELS = 16 };
struct feed_channel {
    size_t len; /* 0: none yet */
    int db;
    enum notify_event event;
    char name[40];
};

/* burst: key events of one read that differ in nothing but the key are told as one, with their count. The key
 * that is told is the first of them. Misses are told one by one, and so is what is more than a count:
 * sessions, batches, results, users' sets. */
enum { BURST_SLOTS = 32, BURST_KEY_MAX = 200 };
struct burst {
    bool open;
    struct burst_slot {
        int64_t count; /* 0: free */
        enum notify_event event;
        struct span name; /* the family's: within key, or not of this burst */
        size_t len;
        char key[BURST_KEY_MAX];
    } slot[BURST_SLOTS];
};

struct feed {
    struct burst burst;
    struct feed_channel channel[FEED_CHANNELS]; /* the last ones that were heard */
    bool subscribed;
    unsigned seen; /* bits of notify_event seen: evidence when CONFIG is refused */
    enum notify_state state;
    bool hears_changes; /* all that comes and goes is told, misses or not */
    bool config_denied;
    int64_t asked_us;
    int64_t celery_misses;  /* heard so far, our own among them */
    int64_t celery_unheard; /* our own that nobody heard, since misses were not listened to then */
    int64_t celery_told;    /* of others, so far */
    struct narrow narrow;
    int64_t heard_bytes, heard_us, heard_wall_us; /* up to which byte of the feed, and when it came */
    char present[40];
    char why[160];
    char refused[160]; /* a subscription was, in the server's words; "" when none was */
    bool asking_again;
    int64_t ask_again_us;
};

struct watched_batch {
    UT_hash_handle hh;
    int64_t read_us;  /* when its progress key was due for another look */
    int64_t asked_us; /* when it was asked for last */
    bool key_seen, key_gone, final;
    int64_t result_us; /* result was asked for */
    int64_t final_us;  /* when its end was told */
    size_t len;
    char id[];
};

struct peek_row {
    char *label, *text; /* raw bytes: a NUL may stand within */
    size_t label_len, text_len;
    struct target link;
    enum veil_kind veil; /* of the text; a payload unless it is said */
    size_t plain;        /* so many bytes in front of it are plain all the same */
    bool foreign;        /* the label is not ours: a key's name, a field */
    enum peek_style style;
    int depth;
};

/* What is kept of an open key between two readings. */
enum key_walk { KEY_WALK_NONE, KEY_WALK_ON, KEY_WALK_OVER, KEY_WALK_CUT };
struct key_document {
    int64_t idle_us, idle_at_us; /* how long nobody but us had used it, and when that was so */
    int64_t used_us;             /* when we read it last; 0 never */
    int lost;                    /* readings in a row whose content never came */
    int64_t bytes, bytes_at_us;  /* MEMORY USAGE of a large key, and when that was asked for; 0 never */
    /* of a key that is not there: the walk that looks for other spellings */
    enum key_walk walk;
    unsigned walk_number;
    bool in_flight;
    int64_t walked, asked_us, rest_until_us;
    char cursor[24];
    UT_array found; /* of struct target */
};

struct peeking {
    struct target subject;
    unsigned generation; /* replies of an older one are dropped */
    int64_t begun_us, told_us;
    bool busy;         /* not all answers are in */
    bool collect_next; /* a family's keys come from the next walk */
    bool collect_keys; /* they come from this one */
    size_t wanted;     /* messages of a queue: so many are shown */
    bool more;         /* there are more */
    struct worker_document worker;
    struct key_document key;
    struct family_document *family; /* NULL: none is open */
    char title[200];
    UT_array row; /* of struct peek_row: the document is told whole, so that a reader never sees half of it */
    struct peek_row spare; /* what is said of a line that found no place */
};

/* What of the keys could not be read, in the server's words; "" when all could. */
struct denied {
    char sessions[160], batches[160], waiting[160], in_flight[160], dates[160], bound[160];
};

struct collect {
    struct collect_options options;
    struct address address;
    struct link *feed_link, *poll; /* the application's */
    struct link *broker;           /* poll, unless the broker is elsewhere */
    struct link *result;
    struct site_place site[SITE_COUNT];
    struct queue_walk queue_walk;
    struct timer *timer;
    struct pace pace;
    struct census census;
    struct tallies tallies;
    struct reader reader;
    struct indexes indexes;
    struct denied denied;
    struct queues queues;
    struct deliveries deliveries;
    struct results results;
    struct inspect inspect;
    struct feed feed;
    struct peeking peek;
    struct server_lists lists;
    struct watched_batch *batches;
    struct tracer *tracer;        /* NULL: none runs */
    struct link_cost traced_cost; /* of the traces that were, and of the doctor's own link */
    struct doctor doctor;
    int64_t own_hits, own_misses; /* of these links */
    int64_t own_celery_misses;    /* of own_misses: those of Celery's keys */
    other_reads_fn other_reads;   /* of the acting links; NULL: there are none */
    void *other_ctx;
    owns_client_fn other_clients; /* the acting links; NULL: there are none */
    void *other_clients_ctx;
    struct other_reads others;  /* when INFO was asked, then when it came */
    struct fact_server info;    /* read and not yet told */
    int64_t info_celery_misses; /* our own of Celery's keys when it was read */
    bool info_waits;
    int64_t polled_us, info_asked_us;
    bool info_pending, info_read, notify_known;
    int strange; /* answers to INFO, one after the other, that are neither INFO nor an error */
    int64_t cost_us;
    /* What the server answers to whatever it is asked ("BUSY ...", "MASTERDOWN ..."); "" when it serves. */
    char balk[160];
    uint64_t salt;
    int64_t info_ready_us; /* when an INFO that waits may be told */
    bool stepping;
    int64_t due_us; /* when the next step is */
};

/* collect.c */
void collect_emit(struct collect *c, struct fact *f); /* stamps the time */
void collect_poll_result(struct collect *c, enum topic topic, bool ok, struct span error);
void collect_soon(struct collect *c, int64_t us); /* step again within us, earlier if one is due */
void collect_tell_link(struct collect *c, enum link_role role, const struct link_status *s);
void collect_broker_up(struct collect *c); /* queues and workers are asked for at once */
static inline void collect_tally(struct collect *c, bool hit)
{
    if (hit) {
        c->own_hits++;
    } else {
        c->own_misses++;
    }
}
/* The same for a look at a key of Celery's own (a list, unacked, a binding, a stored result): its misses are
 * heard as keymiss, too, and must not be taken off twice. */
static inline void collect_tally_celery(struct collect *c, bool hit)
{
    collect_tally(c, hit);
    c->own_celery_misses += !hit;
    if (!hit) {
        tracer_own_miss(c, S(FAMILY_CELERY)); /* its default queue stands for all of the family */
    }
}
/* The same for what is asked where the broker or the results are: on another server it moves no count of the
 * application's. */
static inline void collect_tally_site(struct collect *c, enum site site, bool hit)
{
    if (!c->site[site].apart) {
        collect_tally_celery(c, hit);
    }
}
/* The same for a key of the application's database that may be anything. */
void collect_tally_key(struct collect *c, struct span key, bool hit);
/* Keys that stand for all of their families there. */
#define OWN_SESSION_KEY  S("session:-")
#define OWN_USER_KEY     S("user:-:sessions")
#define OWN_PROGRESS_KEY S("batch:progress:-")
#define OWN_KEY_OF(kind) ((kind) == TARGET_SESSION ? OWN_SESSION_KEY : OWN_PROGRESS_KEY)
/* How long to leave alone what was refused with this error: a command that does not exist comes back with
 * another server only, a right or room may be given at any time and is noticed within 5 s. */
int64_t collect_pause_us(struct span error);
/* Keeps the server's words in a member of struct denied. */
void collect_deny(char denied[160], struct span why);
/* A reply's error text for the screen, or "no reply". */
struct span collect_error(const struct reply *r);

/* poll.c */
void poll_step(struct collect *c, int64_t now_us);
/* queues.c */
void queues_step(struct collect *c);
void queues_found(struct collect *c, struct span name, unsigned source);
void queues_binding(struct collect *c, struct span key, struct span exchange);
void queues_candidate(struct collect *c, struct span key);
void queues_clear(struct collect *c);
bool queues_has_list(const struct collect *c, struct span key);
bool queues_are_known(const struct collect *c);  /* what may be a queue was looked at, and measured */
bool queues_are_lively(const struct collect *c); /* lengths have changed of late */
/* feed.c */
void feed_started(struct collect *c);
/* As link_burst_fn: what the burst holds is told at its end. */
void feed_burst(void *user, bool begins);
void feed_emit_heard(struct collect *c, struct fact *f); /* at the time when the last bytes came */
/* Takes an event that a burst is to count; false: it is to be told by itself. */
bool burst_take(struct collect *c, enum notify_event event, struct span key);
void burst_tell(struct collect *c);
void feed_message(void *user, struct span pattern, struct span channel, struct span payload);
/* What happened while nobody listened is known by whole walks, and by workers' answers, only. */
void feed_catch_up(struct collect *c);
void feed_refused(void *user, struct span error);
void feed_step(struct collect *c, int64_t now_us); /* asks again for what was refused */
/* The same of a feed that is not the application's. */
void feed_apart(struct collect *c, struct narrow *w, struct span pattern, struct span channel,
                struct span payload);
void feed_ask_config(struct collect *c);
bool feed_hears_misses(const struct collect *c);
/* Whether it is one of Celery's own keys: who looks there for work, or for a result, uses no cache. */
bool feed_is_celerys(const struct collect *c, struct span key);
bool feed_is_live(const struct collect *c); /* the feed is up and tells of all changes */
/* census.c */
void census_step(struct collect *c, int64_t now_us);
void census_restart(struct collect *c);
void census_flushed(struct collect *c); /* most keys have gone at once */
void census_collect(
    struct collect *c); /* walk from the start now: the open detail view wants the keys of a family */
int64_t census_wait_us(const struct collect *c, int64_t now_us); /* until the walk goes on */
/* reader.c */
void reader_mark(struct collect *c, enum target_kind kind, struct span id, bool value);
void reader_step(struct collect *c, int64_t now_us);
void reader_forget(struct collect *c, enum target_kind kind, struct span id); /* it has ended */
int64_t reader_wait_us(const struct collect *c, int64_t now_us);              /* -1: nothing is due */
void reader_clear(struct collect *c);
/* Tells that sessions and batches are as fresh as can be, or why they could not be read. */
void reader_tell_fresh(struct collect *c, bool sessions, bool batches);
/* index.c */
/* must: read it in any case; else only while the model is unsure about that user. */
void index_mark(struct collect *c, struct span user, bool must);
void index_seen(struct collect *c, struct span user); /* a walk met the key */
void index_event(struct collect *c, enum notify_event event, struct span user);
void index_session_ends(struct collect *c, struct span id, bool entry_stays); /* before it is told */
void index_session_read(struct collect *c, struct fact *f);                   /* tells it */
void index_refresh(struct collect *c); /* reads again where something is amiss */
void index_step(struct collect *c, int64_t now_us);
void index_first_walk_ends(struct collect *c);
bool index_settled(const struct collect *c);
bool index_is_hasty(const struct collect *c); /* much is waiting */
void index_clear(struct collect *c);
/* result_usage.c */
void result_usage_step(struct collect *c, int64_t now_us);
void result_usage_count(struct collect *c, int64_t keys); /* as INFO tells it; -1 unknown */
void result_usage_restart(struct collect *c);
/* batches.c */
void batches_seen(struct collect *c, struct span id);
void batches_gone(struct collect *c, struct span id, enum gone_reason reason);
void batches_step(struct collect *c, int64_t now_us);
void batches_result(struct collect *c, struct span id, const struct result *res); /* it was told */
void batches_clear(struct collect *c);
struct watched_batch *batches_find(struct collect *c, struct span id);
/* peek.c */
void peek_begin(struct collect *c);
void peek_step(struct collect *c, int64_t now_us);
void peek_more(struct collect *c); /* the next page of a queue */
/* The row may be changed until the next line; beyond the most lines it is a spare one. */
struct peek_row *peek_line(struct collect *c, struct span label, struct span text, enum target_kind kind,
                           struct span id);
struct peek_row *peek_printf(struct collect *c, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool peek_is_full(const struct collect *c); /* no further line finds a place */
void peek_start_rows(struct collect *c);    /* the document begins anew */
/* A line in our own words and numbers: the curtain leaves it. */
void peek_say(struct collect *c, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What could not be read is unknown, with the server's reason; it is not absent. */
void peek_refused(struct collect *c, const char *label, const struct reply *r);
/* A line about one thing: what it is tells the curtain what its text is. */
void peek_name(struct collect *c, const char *label, struct span text, enum veil_kind veil);
void peek_tell(struct collect *c, const char *remark); /* what there is so far */
void peek_end(struct collect *c, const char *remark);
void peek_short_id(struct span id, UT_string *out);
void peek_shown_key(struct span key, UT_string *out);
/* With a label: the key as text behind it; without: a line of its own that Enter opens. */
void peek_key_line(struct collect *c, struct span label, struct span key, struct span text);
void peek_clear(struct collect *c);
void peek_rows_begin(struct collect *c);             /* none there are, room for new ones */
void peek_json(struct collect *c, struct span json); /* pretty lines, or what it is when it is no JSON */
void peek_bytes(struct collect *c, struct span bytes);
/* peek_*.c: ask for one kind of subject */
void peek_key(struct collect *c, struct span key);
void peek_key_forget(struct collect *c); /* another subject is open */
void peek_session(struct collect *c, struct span id);
void peek_user(struct collect *c, struct span id);
void peek_queue(struct collect *c, struct span name);
void peek_task(struct collect *c, struct span id);
void peek_worker(struct collect *c, struct span name);
void peek_message(struct collect *c, struct span ref);
void peek_delivery(struct collect *c, struct span tag);
/* peek_family.c: keys of a family are met by the walk */
void peek_family(struct collect *c);
void peek_family_key(struct collect *c, struct span key, const struct tally_family *family);
void peek_family_start(struct collect *c);   /* a walk begins */
void peek_family_restart(struct collect *c); /* it was given up: what was met counts no more */
void peek_family_end(struct collect *c);
void peek_family_step(struct collect *c, int64_t now_us);
bool peek_family_is_full(const struct collect *c); /* the walk waits until what it found is measured */
void peek_family_forget(struct collect *c);

/* A pending question of the open detail view: dropped when the view has moved on. */
struct peek_ask {
    struct collect *c;
    unsigned generation;
    char *key; /* owned */
    size_t len;
    int step;
    int64_t number;
    int64_t bytes;
    int64_t shown, place, page; /* messages: of all lists, of this one, asked for */
    char text[32];
    const char *remark;                 /* of the document's end; static */
    struct target where;                /* of a message that is looked for */
    void (*done)(struct peek_ask *ask); /* what comes then */
};
struct peek_ask *peek_ask_new(struct collect *c, struct span key);
void peek_ask_free(struct peek_ask *a);
bool peek_ask_live(const struct peek_ask *a);
/* peek_element.c: one message. */
void peek_element_fate(const struct message *m, UT_string *out); /* what a worker does with it; "" runs it */
void peek_element_show(struct collect *c, struct span element);
/* Shows the message that stands for a task or was asked for itself; fn is called in the end, also when it
 * was not there any more, unless the view has moved on: then nothing is. Takes a over. */
void peek_element_find(struct peek_ask *a, const struct target *where, void (*fn)(struct peek_ask *a));

#endif
