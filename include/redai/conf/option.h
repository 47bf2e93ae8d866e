/* option: every setting as a table row: command line flags, `set NAME VALUE` of config files, environment,
 * docs and
 * --help are generated from the same rows. */
#ifndef REDAI_CONF_OPTION_H
#define REDAI_CONF_OPTION_H

#include <stdint.h>

#include "redai/conf/command.h"

enum option_type {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_TEXTS /* may be given more than once: the texts joined by line ends */,
    OPTION_INT,
    OPTION_DURATION /* stored as us */,
    OPTION_BYTES,
    OPTION_CHOICE
};

/* clang-format off */
#define OPTION_LIST(X)                                                                                        \
    /* id, name, short, type, default, min, max, choices, environment, argument, help */                      \
    X(URL, "url", 'u', OPTION_TEXT, NULL, 0, 0, NULL, "REDIS_URL", "URL", "address of Redis")                 \
    X(BROKER_URL, "broker-url", 0, OPTION_TEXT, NULL, 0, 0, NULL, "CELERY_BROKER_URL", "URL", "where Celery's queues are, when not in the application's database: another database, or a server of its own") \
    X(RESULT_URL, "result-url", 0, OPTION_TEXT, NULL, 0, 0, NULL, "CELERY_RESULT_BACKEND", "URL", "where Celery's results are, when not on the application's server") \
    X(ASKPASS, "askpass", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "ask for the password on the terminal, without echo; also for those of broker, results and sentinels whose user has none") \
    X(PASSWORD_FD, "password-fd", 0, OPTION_INT, NULL, 0, 1023, NULL, NULL, "N", "read the password from this descriptor: its first line; then a line for each of broker, results and sentinels whose user has none") \
    X(SENTINEL_USER, "sentinel-user", 0, OPTION_TEXT, NULL, 0, 0, NULL, "REDIS_SENTINEL_USERNAME", "NAME", "redis+sentinel://: who logs in to the sentinels themselves; the password: REDIS_SENTINEL_PASSWORD, --askpass or --password-fd") \
    X(CACERT, "cacert", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "FILE", "rediss://: PEM of the authorities to trust instead of the system's") \
    X(CACERTDIR, "cacertdir", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "DIR", "rediss://: folder of such files (hashed names)") \
    X(CERT, "cert", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "FILE", "rediss://: PEM of our own certificate and its chain") \
    X(KEY, "key", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "FILE", "rediss://: PEM of its key; the certificate's file when not given") \
    X(SNI, "sni", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "NAME", "rediss://: the name to ask for and expect instead of the host") \
    X(INSECURE, "insecure", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "rediss://: verify neither chain nor name: anybody can listen") \
    X(READ_FROM, "read-from", 0, OPTION_CHOICE, "master", 0, 0, "master replica", NULL, "WHICH", "redis+sentinel://: watch the master, or one of its replicas (no action then)") \
    X(CONFIG, "config", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "FILE", "configuration file")                 \
    X(ENVIRONMENT, "environment", 0, OPTION_CHOICE, NULL, 0, 0, "production staging dev", NULL, "WHERE", "what is at stake there: shown in the strip; on production every action is confirmed by typing") \
    X(ENV_FILE, "env-file", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "FILE", "read REDIS_* and CELERY_* variables from FILE") \
    X(THEME, "theme", 0, OPTION_TEXT, "dark", 0, 0, NULL, NULL, "NAME", "colours: a theme by name, or a file") \
    X(READ_ONLY, "read-only", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "refuse every action")           \
    X(YES, "yes", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "do not ask (shell verbs); on production what harms needs --confirm") \
    X(CONFIRM, "confirm", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "NAME", "shell verbs: the answer that would be typed, the connection's name (else production) or the count; a wrong one is refused") \
    X(DRY_RUN, "dry-run", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "show the plan, do nothing")         \
    X(JOURNAL, "journal", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "FILE", "where actions are written down")   \
    X(REFRESH, "refresh", 0, OPTION_DURATION, "1s", 250000, 60000000, NULL, NULL, "TIME", "time between polls") \
    X(ASCII, "ascii", 0, OPTION_CHOICE, "auto", 0, 0, "auto on off", NULL, "WHEN", "plain ASCII lines and bars") \
    X(COLOR, "color", 0, OPTION_CHOICE, "auto", 0, 0, "auto 256 16 8 mono", NULL, "DEPTH", "number of colours") \
    X(BUDGET, "budget", 0, OPTION_INT, "2000", 8, 1000000, NULL, NULL, "N", "most commands a second for walks; of the server a first walk takes about N/4000") \
    X(CENSUS, "census", 0, OPTION_DURATION, "60s", 1000000, 86400000000, NULL, NULL, "TIME", "longest pause between walks of the keyspace") \
    X(INSPECT, "inspect", 0, OPTION_DURATION, "10s", 0, 86400000000, NULL, NULL, "TIME", "how often workers are asked; 0: never") \
    X(RESULT_DB, "result-db", 0, OPTION_INT, "1", 0, 1000000, NULL, NULL, "N", "database of Celery's results on the application's server") \
    X(FORMAT, "format", 0, OPTION_CHOICE, "text", 0, 0, "text json nagios", NULL, "FORMAT", "snapshot, workers, queues, tasks: text or json; snapshot: nagios") \
    X(TASK, "task", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "NAME", "retry: the task's registered name, when only its id is left") \
    X(ARGS, "args", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "JSON", "enqueue, retry: positional arguments, a JSON array") \
    X(KWARGS, "kwargs", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "JSON", "enqueue, retry: named arguments, a JSON object") \
    X(QUEUE, "queue", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "NAME", "enqueue, retry: this queue instead of the route's; move: where to") \
    X(PRIORITY, "priority", 0, OPTION_INT, NULL, 0, 9, NULL, NULL, "N", "enqueue, retry: 0 to 9; 0 is served first") \
    X(COUNTDOWN, "countdown", 0, OPTION_DURATION, NULL, 0, 31536000000000, NULL, NULL, "SEC", "enqueue, retry: not before this time") \
    X(ETA, "eta", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "WHEN", "enqueue: not before this moment, as 2026-11-25T18:00:00Z") \
    X(EXPIRES, "expires", 0, OPTION_DURATION, NULL, 0, 31536000000000, NULL, NULL, "TIME", "enqueue: workers drop it when it still waits by then") \
    X(TERMINATE, "terminate", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "revoke task: end it when it runs") \
    X(REMOVE, "remove", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "revoke task: take its message out of the queue too") \
    X(ADD, "add", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "repair sessions: put orphans in, leave stale entries") \
    X(DROP, "drop", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "repair sessions: take stale entries out, leave orphans") \
    X(OWN, "own", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "kill client: also connections of this console") \
    X(REPLICA, "replica", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "kill client: also those of replicas and of the master") \
    X(ON, "on", 0, OPTION_TEXTS, NULL, 0, 0, NULL, NULL, "NODE", "worker: this one alone; may be given more than once") \
    X(WATCH, "watch", 0, OPTION_DURATION, NULL, 0, 600000000, NULL, NULL, "TIME", "how long revoked sessions are watched, whether they come back; 0: not (60s; from the shell 3s); snapshot: a reading each TIME") \
    X(READINGS, "count", 0, OPTION_INT, NULL, 1, 1000000000, NULL, NULL, "N", "snapshot --watch: end after N readings") \
    X(WITHIN, "within", 0, OPTION_DURATION, "10s", 1000000, 86400000000, NULL, NULL, "TIME", "snapshot, workers, queues, tasks: printed by then at the latest, with what is known") \
    X(UNDO_BYTES, "undo-bytes", 0, OPTION_BYTES, "64mb", 0, 4294967296, NULL, NULL, "SIZE", "console: memory for what was deleted and can be put back; 0: none") \
    X(UNDO_TIME, "undo-time", 0, OPTION_DURATION, "15m", 1000000, 86400000000, NULL, NULL, "TIME", "console: how long it is kept") \
    X(SEED, "seed", 0, OPTION_INT, "1", 0, 2147483647, NULL, NULL, "N", "demo: seed of the random workload")  \
    X(RATE, "rate", 0, OPTION_INT, "20", 0, 100000, NULL, NULL, "N", "demo: requests a second; retry: at most so many tasks a second") \
    X(CURTAIN, "curtain", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "begin behind the curtain: ids, names, addresses and values hidden; the demo does") \
    X(ALERT_BELL, "alert-bell", 0, OPTION_CHOICE, "off", 0, 0, "off warning critical all", NULL, "FROM", "console: ring the terminal's bell when an alert fires: from this severity, or all") \
    X(ALERT_TITLE, "alert-title", 0, OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "console: the window's title tells how many alerts fire") \
    X(ALERT_COMMAND, "alert-command", 0, OPTION_TEXT, NULL, 0, 0, NULL, NULL, "LINE", "console: \"PROG ARG...\" is given each alert that fires or clears, as JSON on its stdin (docs/hooks.md)") \
    X(ALERT_COMMAND_ON, "alert-command-on", 0, OPTION_CHOICE, "warning", 0, 0, "warning critical info all", NULL, "FROM", "console, alert-command: from which severity; all: every change of every alert") \
    X(HELP, "help", 'h', OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "this help")                             \
    X(VERSION, "version", 'V', OPTION_FLAG, "off", 0, 0, NULL, NULL, NULL, "name and version")
/* clang-format on */

enum option_id {
#define OPTION_ENUM(id, ...) OPTION_##id,
    OPTION_LIST(OPTION_ENUM)
#undef OPTION_ENUM
        OPTION_COUNT
};

struct option_row {
    const char *name;
    char short_name; /* 0: none */
    enum option_type type;
    const char *initial; /* text of the default; NULL: unset */
    int64_t min, max;    /* of numbers; durations in us */
    const char *choices; /* blank-separated */
    const char *environment;
    const char *argument; /* in --help; NULL for flags */
    const char *help;
};

/* Where a value came from; a later source never overrides an earlier one in this order. */
enum option_source {
    OPTION_UNSET,
    OPTION_DEFAULT,
    OPTION_FROM_FILE,
    OPTION_FROM_ENV_FILE,
    OPTION_FROM_ENV,
    OPTION_FROM_FLAG
};

struct options {
    struct {
        char *text;     /* as given; NULL when unset */
        int64_t number; /* parsed: flag 0/1, int, us, bytes, index of the choice */
        enum option_source source;
    } value[OPTION_COUNT];
};

extern const struct option_row option_rows[OPTION_COUNT];

void options_init(struct options *o); /* the defaults */
void options_release(struct options *o);
/* Sets from a text; err names option, value and what was expected. Weaker sources than the present one are
 * ignored. */
bool options_set(struct options *o, enum option_id id, const char *text, enum option_source source,
                 struct err *err);
/* Back to its default, whatever has set it. */
void options_forget(struct options *o, enum option_id id);
bool options_find(const char *name, enum option_id *ret_id);
/* Reads the environment (through getenv) for rows that name a variable. */
bool options_from_environment(struct options *o, struct err *err);
/* Parses flags out of argv ("--name=value", "--name value", "-u value", "--" ends flags, "--no-NAME" clears a
 * flag); what is no flag is collected, in order, into rest (array of char *, borrowed from argv). */
bool options_from_argv(struct options *o, int argc, char **argv, UT_array *rest, struct err *err);

/* Appends the lines of --help, one for each option. */
void options_help(UT_string *out);

static inline const char *option_text(const struct options *o, enum option_id id)
{
    return o->value[id].text;
}
static inline int64_t option_number(const struct options *o, enum option_id id)
{
    return o->value[id].number;
}
static inline bool option_on(const struct options *o, enum option_id id)
{
    return o->value[id].number != 0;
}

extern const struct command option_commands[]; /* set NAME VALUE: ctx is struct options * */
extern const size_t option_commands_count;

#endif
