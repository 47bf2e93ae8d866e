/* stage: what every test of the whole program needs: a home of its own (no configuration, no journal of the
 * person who runs the tests), a private server with the platform's things in it, and the program itself, run
 * without a terminal and read to its end. With a terminal it is run by support/pty.h. */
#ifndef REDAI_TESTS_APP_STAGE_H
#define REDAI_TESTS_APP_STAGE_H

#include "server/server.h"
#include "support/slow.h"

#include "redai/base/container.h"

enum { WAIT_MS = 20000 * SLOW }; /* the most a condition is waited for; a busy machine is no failure */

/* First in main. HOME, XDG_* lie in a new folder, REDIS_* are unset, the locale is C.UTF-8. */
void stage_isolate(void);
void stage_leave(void); /* last in main: the folder goes */
const char *stage_home(void);
/* A path in that folder; borrowed for the next few calls. */
const char *stage_path(const char *name);
void stage_write(const char *path, const char *text);
char *stage_read(const char *path); /* whole; the caller frees; NULL when there is no such file */

/* --- the platform's Redis --- */

struct server *stage_server(const char *const *args); /* more arguments of redis-server, or NULL */
/* One blank-separated command, replies dropped; stage_ask gives the reply's text, which the caller frees. */
void stage_do(struct server *s, int db, const char *command);
char *stage_ask(struct server *s, int db, const char *command);
int64_t stage_number(struct server *s, int db, const char *command);
/* A number of INFO stats: "total_commands_processed"; -1 when it is not there. */
int64_t stage_stat(struct server *s, const char *field);
bool stage_is(struct server *s, int db, const char *command, const char *reply);
/* Waits until the command's reply is this text. */
bool stage_wait(struct server *s, int db, const char *command, const char *reply);
void stage_session(struct server *s, const char *id, int user, const char *name, const char *role,
                   bool indexed);
/* A worker has declared it. */
void stage_queue(struct server *s, const char *queue);
/* A message of api.tasks.test_redis_task('hello') that waits; one that a worker took so long ago. Its tag is
 * id. */
void stage_message(struct server *s, const char *queue, const char *id);
void stage_in_flight(struct server *s, const char *queue, const char *id, int age_s);
/* Nothing that changes anything has reached the server since the last CONFIG RESETSTAT. */
void stage_untouched(struct server *s);
/* Three users with four sessions (one missing from its user's index), cached keys of two families, a queue
 * with two messages, a batch that runs and one that failed. */
void stage_fill(struct server *s);
#define TASK_ONE   "11111111-1111-4111-8111-111111111111"
#define TASK_TWO   "22222222-2222-4222-8222-222222222222"
#define SID_ANNA   "AAAA1111-anna-token-kept-secret"
#define SID_ANNA_2 "AAAA2222-anna-token-of-no-index"
#define SID_MAREK  "MMMM3333-marek-token-kept-secret"
#define SID_ZOFIA  "ZZZZ4444-zofia-token-kept-secret"
#define BATCH_RUNS "7f3c9a12-0000-4000-8000-000000000001"
#define BATCH_FAIL "b81e44d0-0000-4000-8000-000000000002"

/* --- the program without a terminal --- */

struct ran {
    int code;        /* exit code; -1 when a signal or the time limit ended it */
    char *out, *err; /* whole */
};

/* argv without the program's name; env: "NAME=VALUE" set and "NAME" unset on top of this process'; input is
 * its stdin, NULL for none. */
struct ran stage_run(const char *const argv[], const char *const env[], const char *input);
void ran_free(struct ran *r);
#define RUN(...)     stage_run((const char *const[]){__VA_ARGS__, NULL}, NULL, NULL)
#define PROGRAM      REDAI_CONSOLE
#define ENV(...)     ((const char *const[]){__VA_ARGS__, NULL})
#define CONSOLE(...) ((const char *const[]){PROGRAM, __VA_ARGS__, NULL})
bool is_one_line(const char *text); /* exactly one, ended, not empty */
/* Fails the test, with all three shown, unless code and the text in stderr are these. */
void assert_ran(const struct ran *r, int code, const char *err_has);
/* One line on stderr that holds both texts, nothing on stdout, exit 2; frees r. */
void assert_usage(struct ran r, const char *word, const char *expected);

#endif
