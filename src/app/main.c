/* main: from argv to a subcommand. */
#include "app.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "redai/base/secret.h"
#include "redai/base/utf8.h"

#include "redai/schema/memory.h"

#include "redai/link/memory.h"

static int run_usage(struct settings *s, const UT_array *args)
{
    (void)s;
    (void)args;
    usage_markdown();
    return EXIT_OK;
}

const struct subcommand subcommands[] = {
    {NULL, "[OPTIONS] [URL]", "open the console", 0, 1, console_run},
    {"demo", "[OPTIONS]", "a private Redis with a live workload and a worker, and the console on it", 0, 0,
     demo_run},
    {"snapshot", "[URL] [--format text|json|nagios] [--watch TIME [--count N]]",
     "one look, printed; the exit code tells how bad it is; with --watch one each TIME, as lines of JSON", 0,
     1, snapshot_run},
    {"doctor", "[URL] [--format text|json]",
     "what is wrong with the set-up of the server, of Celery and of this user, and the way out; the exit "
     "code tells how bad it is",
     0, 1, doctor_run},
    {"workers", "[--format text|json]", "the Celery workers, what they consume and how they are made", 0, 0,
     listing_workers},
    {"queues", "[--format text|json]", "the queues: what waits, what is in flight, who consumes", 0, 0,
     listing_queues},
    {"tasks", "[FILTER...] [--format text|json]",
     "every task that is known; FILTER as in the tasks pane: state:failed name:generate* age>5m", 0, -1,
     listing_tasks},
    {"enqueue",
     "TASK-OR-TEMPLATE [NAME=VALUE...] [--args JSON] [--kwargs JSON] [--queue Q] [--priority N] "
     "[--countdown SEC | --eta WHEN] [--expires TIME]",
     "send a task to a Celery worker; prints the task id", 1, -1, NULL},
    {"revoke", "session SID | sessions FILTER|all | user UID | task ID [--terminate] [--remove]",
     "end a session, those that fit a filter of the sessions pane, all of a user's, or a task", 2, -1, NULL},
    {"repair", "sessions [FILTER|all] [--add|--drop]",
     "put orphan sessions into their users' indexes, take stale entries out; prints how many", 1, -1, NULL},
    {"invalidate", "PATTERN", "delete cached keys that match; prints how many", 1, -1, NULL},
    {"retry",
     "ID... [--task NAME] [--args JSON] [--kwargs JSON] [--queue Q] [--priority N] [--countdown SEC] [--rate "
     "N]",
     "send failed or lost tasks anew, under new ids; prints them", 1, -1, NULL},
    {"remove", "ID...", "take waiting messages out of their queues", 1, -1, NULL},
    {"move", "ID... --queue Q", "put waiting messages into another queue", 1, -1, NULL},
    {"purge", "QUEUE...", "drop every waiting message of a queue, all priorities", 1, -1, NULL},
    {"requeue", "[ID...]", "put back what dead workers hold; alone: all that surely no worker has", 0, -1,
     NULL},
    {"worker", "METHOD [ARGUMENT...] [--on NODE]...",
     "change how workers work (docs/usage.md lists the methods)", 1, -1, NULL},
    {"key", "NAME | PREFIX ARGUMENT...",
     "the name of a key, also of the one that the cache makes of a call (exam exam_id=7), and what it is; 1: "
     "there "
     "is none",
     1, -1, key_print},
    {"expire", "KEY TIME", "set how long a key stays", 2, 2, NULL},
    {"persist", "KEY", "remove a key's TTL", 1, 1, NULL},
    {"delete", "KEY", "delete one key", 1, 1, NULL},
    {"kill", "client NUMBER|ADDRESS... [--own] [--replica]",
     "end clients' connections to the server; prints how many", 2, -1, NULL},
    {"result", "TASK_ID", "what Celery stored of a task, as JSON", 1, 1, result_run},
    {"usage", "", "every option, key, command, column and rule as markdown", 0, 0, run_usage},
};
const size_t subcommands_count = sizeof subcommands / sizeof subcommands[0];

void complain(const struct err *err)
{
    /* A server's or a person's words may be within: one line, nothing that a terminal would obey. */
    UT_string text, shown;
    utstring_init(&text);
    utstring_init(&shown);
    utf8_sanitise(span_of(err->text), 0, &text);
    secret_mask(text_span(&text), &shown);
    fprintf(stderr, "redai-console: %s\n", utstring_body(&shown));
    utstring_done(&text);
    utstring_done(&shown);
}

bool args_take_url(struct settings *s, const UT_array *args, unsigned i)
{
    const char *url = args_at(args, i);
    struct err err;
    if (!url) {
        return true;
    }
    s->is_typed = true;
    if (settings_address(s, url, &err)) {
        return true;
    }
    complain(&err);
    return false;
}

static const struct subcommand *find_subcommand(const char *word)
{
    for (size_t i = 0; word && i < subcommands_count; i++) {
        if (subcommands[i].name && strcmp(subcommands[i].name, word) == 0) {
            return &subcommands[i];
        }
    }
    return NULL;
}

/* A word as a message may show it: in front of an '@' there may be a password. */
static const char *shown_word(const char *word)
{
    const char *at = strrchr(word, '@');
    return at ? at : word;
}

static const struct subcommand *no_such(const char *word, struct err *err)
{
    UT_string names;
    utstring_init(&names);
    for (size_t i = 0; i < subcommands_count; i++) {
        if (subcommands[i].name) {
            utstring_printf(&names, "%s%s", utstring_len(&names) ? ", " : "", subcommands[i].name);
        }
    }
    err_set(err, ERR_USAGE,
            "'%s' is neither a subcommand nor a URL: expected a URL like redis://host:6379/0, @NAME of a "
            "connection in "
            "the configuration, or %s (see --help)",
            shown_word(word), utstring_body(&names));
    utstring_done(&names);
    return NULL;
}

static const struct subcommand *choose(UT_array *args, struct err *err)
{
    const char *word = args_at(args, 0);
    const struct subcommand *found = find_subcommand(word);
    if (found) {
        utarray_erase(args, 0, 1);
    } else if (word && !strstr(word, "://") && *word != '@') {
        return no_such(word, err);
    } else {
        found = &subcommands[0];
    }
    int count = (int)utarray_len(args);
    if (count < found->min_args || (found->max_args >= 0 && count > found->max_args)) {
        const char *name = found->name ? found->name : "";
        if (count > found->max_args && found->max_args >= 0) {
            err_set(err, ERR_USAGE, "'%s' is one argument too many: expected redai-console %s%s%s",
                    shown_word(args_at(args, (unsigned)found->max_args)), name, *name ? " " : "",
                    found->usage);
        } else {
            err_set(err, ERR_USAGE, "%s: an argument is missing: expected redai-console %s %s", name, name,
                    found->usage);
        }
        return NULL;
    }
    return found;
}

static bool is_address(const char *word)
{
    static const char *const schemes[] = {"redis://", "rediss://", "unix://", "redis+sentinel://",
                                          "rediss+sentinel://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strncasecmp(word, schemes[i], strlen(schemes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* A verb takes no URL as an argument: taken for one more key or user, the verb would go to another server
 * than the one that is written behind it. */
static bool no_address_within(const struct subcommand *chosen, const UT_array *args, struct err *err)
{
    bool takes_one = strstr(chosen->usage, "[URL]") != NULL;
    for (unsigned i = 0; !takes_one && i < utarray_len(args); i++) {
        const char *word = args_at(args, i);
        if (is_address(word) || (i > 0 && *word == '@')) {
            return err_set(err, ERR_USAGE, "%s: '%.200s' is where to act: it is given with --url",
                           chosen->name, word);
        }
    }
    return true;
}

static int run(struct settings *s, int argc, char **argv)
{
    static const UT_icd borrowed = {sizeof(char *), NULL, NULL, NULL};
    struct err err = {.code = ERR_NONE};
    UT_array args;
    int code = EXIT_USAGE;
    utarray_init(&args, &borrowed);
    if (!options_from_argv(&s->options, argc, argv, &args, &err)) {
        complain(&err);
        goto out;
    }
    if (option_on(&s->options, OPTION_HELP)) {
        usage_print();
        code = EXIT_OK;
        goto out;
    }
    if (option_on(&s->options, OPTION_VERSION)) {
        puts("redai-console " REDAI_VERSION);
        code = EXIT_OK;
        goto out;
    }
    const struct subcommand *chosen = choose(&args, &err);
    if (chosen && chosen->run && strstr(chosen->usage, "[URL]")) {
        s->given_url = args_at(&args, 0);
    }
    bool loaded = chosen && no_address_within(chosen, &args, &err) && settings_load(s, &err);
    secrets_forget();
    if (loaded) {
        code = chosen->run ? chosen->run(s, &args) : shell_run(s, &args, chosen->name);
    } else {
        complain(&err);
    }
out:
    utarray_done(&args);
    return code;
}

/* One of the three that is closed would be the next descriptor to be opened, and what is meant for a person
 * would go into a connection or a file. Opened the wrong way round: to read or write them fails as it did. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            _exit(EXIT_FAILED);
        }
    }
}

int main(int argc, char **argv)
{
    struct settings settings;
    hold_standard_streams();
    schema_take_memory();
    link_take_memory();
    char **own = secrets_take(argc, argv);
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    settings_init(&settings);
    int code = run(&settings, argc, own);
    settings_release(&settings);
    secrets_release(argc, own);
    return code;
}
