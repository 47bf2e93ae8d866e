/* server: a private redis-server for a test, on a unix socket in a folder of its own (and on a loopback port
 * when asked). $REDIS_SERVER names the binary, else it is looked for in PATH. It dies with the test, whatever
 * happens.
 *
 *     int main(void)
 *     {
 *         server_require();
 *         ...cmocka...
 *     }
 *
 *     struct server *s = server_start(NULL);
 *     char *text = server_cli(s, "SET", "key", "value", NULL);
 *     free(text);
 *     server_stop(s);
 */
#ifndef REDAI_TESTS_SERVER_H
#define REDAI_TESTS_SERVER_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <sys/types.h>

enum { SERVER_SKIP_STATUS = 77 };

struct server;

struct server_options {
    const char *config;      /* a redis.conf, or NULL: then nothing is saved to disk */
    const char *const *args; /* further arguments up to a NULL: "--requirepass", "secret", NULL; or NULL */
    const char *password;    /* what server_cli and the readiness check log in with */
    bool with_tcp;           /* also on 127.0.0.1, a port that is free */
};

/* First thing in main: without redis-server the process ends, skipped; as a failure when $CI is set. */
void server_require(void);

/* Returns when PING is answered (with PONG or NOAUTH). options may be NULL. On failure the server's log is on
 * stderr and the result is NULL. Strings of options must outlive the server. */
struct server *server_start(const struct server_options *options);
void server_stop(struct server *s); /* SIGTERM (at last SIGKILL), and its folder is removed; NULL is fine */
void server_kill(struct server *s); /* SIGKILL; returns when it is gone; the folder stays */
bool server_restart(struct server *s); /* after server_kill: the same address again */
bool server_begin(
    struct server *s); /* the same, without waiting until it answers: it may have much to load */
void server_pause(struct server *s);  /* SIGSTOP */
void server_resume(struct server *s); /* SIGCONT */

pid_t server_pid(const struct server *s);
const char *server_folder(const struct server *s);
const char *server_socket(const struct server *s);
int server_port(const struct server *s); /* 0 without TCP */
int server_free_port(void);              /* a port of 127.0.0.1 that nobody listens on; 0: none */
/* "unix:///...?db=N", borrowed until the next call for this server. */
const char *server_url(struct server *s, int db);

/* A blocking connection, logged in, for what server_cli is too slow for; the caller redisFrees it. NULL when
 * there is none to be had. */
redisContext *server_connect(const struct server *s);
/* Runs one command and gives its reply as text that the caller frees: a string as it is, an integer in
 * decimal,
 * "(nil)", "(error) ...", the elements of an array on a line each. The arguments end in NULL. */
char *server_cli(const struct server *s, const char *command, ...) __attribute__((sentinel));
/* The same with binary arguments and into another database. */
char *server_cli_argv(const struct server *s, int db, int argc, const char **argv, const size_t *lens);

#endif
