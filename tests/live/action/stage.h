/* stage: one runner on a private server, with everything it says written down. */
#ifndef REDAI_TESTS_ACTION_STAGE_H
#define REDAI_TESTS_ACTION_STAGE_H

#include "server/server.h"
#include "support/unit.h"

#include <ev.h>
#include <string.h>

#include "redai/action/runner.h"

struct told {
    char *subject, *text, *task_id;
    enum action_outcome outcome;
    int64_t batch_total;
};

struct stage {
    struct server *server;
    struct ev_loop *loop;
    struct address address;
    struct link *act, *result;
    struct runner *runner;
    struct runner_options options;
    int64_t listen_us; /* of the options; 0: as people have it */
    struct routes routes;
    struct templates templates;
    struct journal *journal;
    char journal_path[128];
    redisContext *monitor;
    int gate_asked; /* of stage_heard */
    /* what to do with a plan */
    bool ask_only;                    /* leave the question standing */
    bool quiet;                       /* receipts are not written down: there are many */
    void (*at_plan)(struct stage *s); /* before it is confirmed */
    void (*at_progress)(struct stage *s, int64_t done);
    /* what was said */
    UT_string plan;
    char *typed;
    struct told told[400];
    size_t count;
    size_t watched[RUNNER_WATCH_LOST + 1]; /* news of each phase; not forgotten with an order */
    char *came_back;                       /* the id of the last that did */
    bool planned, finished, passed;
    enum action_outcome outcome;
    char *text, *out;
};

struct stage *stage_new(const struct server_options *server);
/* The same with links that give a silent server up after this time. */
struct stage *stage_new_impatient(int64_t reply_timeout_us);
void stage_free(struct stage *s);
/* A runner that keeps what it deletes (limits NULL: the default). */
void stage_keep(struct stage *s, const struct bin_limits *limits);
/* From now on workers' answers are waited for so long. Where a real worker must be heard, as long as a busy
 * machine may take; else as people have it, 0. */
#define STAGE_PATIENT_US INT64_C(20000000)
void stage_listen(struct stage *s, int64_t us);
/* A runner that watches revoked sessions for so long. */
void stage_watch_sessions(struct stage *s, int64_t watch_us);
/* Lets time pass, and the loop turn. */
void stage_pass(struct stage *s, double seconds);
/* A runner with other options; what was said is forgotten. */
void stage_options(struct stage *s, bool read_only, bool dry_run);
/* Gives an order and runs the loop until it has ended (or the question stands, with ask_only). */
void stage_order(struct stage *s, const char *line);
void stage_give(struct stage *s, struct order *o);
/* Gives an order that is refused at once. */
void stage_refused(struct stage *s, const char *line, const char *why);
void stage_wait(struct stage *s, bool (*holds)(struct stage *s));
bool stage_has_finished(struct stage *s);
bool stage_is_ready(struct stage *s);
/* Runs one command of the test on db 0, without looking at its reply but for errors. */
void stage_do(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
long long stage_int(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* From now on every command that the server hears is kept... */
void stage_watch(struct stage *s);
/* ...until here: the commands, one a line as MONITOR writes them, without time and client, and without the
 * gate's question for the role, which is counted in gate_asked. free() it. */
char *stage_heard(struct stage *s);

void stage_assert_plan(struct stage *s, const char *part); /* the plan's text has this part */
void stage_assert_end(struct stage *s, enum action_outcome outcome, const char *text);
const struct told *stage_told(struct stage *s, const char *subject);

#endif
