/* settings: what a run is told by flags, environment, env file and config file, put together by precedence
 * flag > environment > env file > config file > default. Private to app. */
#ifndef REDAI_APP_SETTINGS_H
#define REDAI_APP_SETTINGS_H

#include "redai/conf/keymap.h"
#include "redai/conf/option.h"

#include "redai/schema/route.h"
#include "redai/schema/site.h"

#include "redai/model/model.h"

#include "redai/link/address.h"

#include "redai/action/template.h"
#include "redai/collect/collect.h"
#include "redai/tty/palette.h"

/* What the variables say of who logs in; NULL what they do not. */
struct told_login {
    char *user, *password;
    char *broker_password, *results_password;
    char *place; /* settings_server of REDIS_URL, or of REDIS_HOST, _PORT, _DB; NULL: they say none */
    bool by_url; /* it came from REDIS_URL, which could have said who */
};

struct settings {
    struct options options;
    struct keymap keymap;
    struct palette palette;
    struct templates templates;
    struct routes routes;
    struct model *model;    /* owned; holds the configured families and rules */
    UT_array queues;        /* of char *: configured queue names */
    UT_array history;       /* of char *: commands that were typed, for the console behind a :connect */
    const char *given_url;  /* the URL that stands on the command line by itself; borrowed; NULL: none */
    struct address address; /* the application's */
    struct address broker, results;            /* with their databases */
    bool is_typed;                             /* the address was given by hand, not by what is set up */
    bool is_named;                             /* ... as @NAME */
    UT_array connections;                      /* of struct named_connection */
    const struct named_connection *connection; /* the one that address is of; NULL: none of these */
    enum environment environment;              /* of address */
    char *sentinel_password;                   /* NULL none */
    struct told_login told;
    unsigned sites_warned; /* bits 1u << enum site: its variable names no Redis, and that was said */
    UT_array logins;       /* of login.c: what was given for a server beside its URL */
    bool logins_taken;
    char *begun_at; /* the server that flags and environment were given for, once :connect leaves it:
                       passwords and certificates go to no other; NULL: not left */
    char *next_url; /* :connect: where to go on when the console has ended; NULL: nowhere */
    char *here_url,
        *back_url;      /* as they were given: of address, and of where :connect came from; NULL: nowhere */
    struct err refused; /* why :connect led back here; its code ERR_NONE: it did not */
    bool is_read_only_there; /* --read-only comes of the named connection */
    char read_only_why[120]; /* of is_read_only_there: which connection, whose line */
    UT_string origin;        /* "redai-console@host" */
    bool demo;               /* the Redis is made up */
    bool reserved; /* workers are asked only when --inspect says so: something that runs again and again */
    struct collect *live; /* the running collector, NULL before: queues named later are watched at once */
};

/* A server by a name of its own: a line of the configuration. */
struct named_connection {
    char *name, *url;       /* a URL may hold a password */
    char *broker, *results; /* URLs; NULL: where the application is */
    enum environment environment;
    char *sentinel_user, *sentinel_password; /* what its sentinels want themselves */
    enum address_read_from read_from;
    struct address_tls tls; /* what its line says of it; NULL what it does not */
    bool read_only;
};
/* connection.c: those of the configuration; ctx of the command is struct settings *. */
void connections_init(struct settings *s);
void connections_release(struct settings *s);
extern const struct command connection_commands[];
extern const size_t connection_commands_count;
/* "@NAME" becomes the URL of that connection, and what else its line says; anything else stays as it is. NULL
 * with err naming it when there is none. */
const char *connections_resolve(struct settings *s, const char *url, struct err *err);
const struct named_connection *connections_find(const struct settings *s, const char *name); /* NULL: none */
bool connections_has(const struct settings *s, const char *name, struct err *err);           /* "@NAME" */
/* What is said of another server that is used besides: it makes this place no safer. */
void connections_heed(struct settings *s, const struct address *a);
/* What makes it read-only: "--read-only", a line of the configuration; "" nothing does. */
const char *settings_read_only_why(const struct settings *s);
/* What must be typed there: the connection's name, else "production". */
const char *settings_place(const struct settings *s);

void settings_init(struct settings *s);
void settings_release(struct settings *s);
/* Reads environment, env file and config file, the flags being set already, then the address. err names file,
 * line, word. */
bool settings_load(struct settings *s, struct err *err);
/* Takes an address that this version can connect to; err names what is wrong with it. */
bool settings_address(struct settings *s, const char *url, struct err *err);
/* Certificates, what sentinels want: what no URL says; then who logs in, as far as that is known. */
void settings_finish_address(const struct settings *s, struct address *a);
/* sites.c: sets broker and results from all that is said of them; the address is known. */
bool sites_take(struct settings *s, struct err *err);
bool sites_check(const struct settings *s, struct err *err); /* whoever is named there has a password */
void sites_are_here(struct settings *s); /* all is on the address' server, as the options' defaults are */
/* Of the address, which was this one: what shares its server and logged in alike follows. */
void sites_login_changed(struct settings *s, const struct address *was);
bool site_is_apart(const struct settings *s, const struct address *a); /* another server */
bool site_parse(struct address *a, const char *url, struct err *err);  /* also as Celery writes them */
/* The address is on the server that flags and environment were given for. */
bool settings_is_here(const struct settings *s);
/* How often workers are asked; 0 never, as with --read-only. */
int64_t settings_inspect_us(const struct settings *s);
/* How long revoked sessions are watched; otherwise when no option says so. */
int64_t settings_watch_us(const struct settings *s, int64_t otherwise);
/* The commands that config files add to the model and the routes; ctx is struct settings *. */
extern const struct command settings_commands[];
extern const size_t settings_commands_count;

/* Joins every command that a configuration file may hold. */
void settings_join_config(struct command_set *set, struct settings *s);

/* envfile.c: REDIS_* from a file of KEY=VALUE lines. */
bool envfile_read(struct settings *s, const char *path, struct err *err);
/* All that variables say: REDIS_URL, or REDIS_HOST, _PORT, _DB put together; Celery's; into s->told who logs
 * in, as far as no stronger source has said it. get gives a variable's text or NULL. */
bool envfile_take(struct settings *s, const char *(*get)(void *ctx, const char *name), void *ctx,
                  enum option_source source, struct err *err);
void envfile_forget(struct told_login *told);

/* password.c: what --password-fd and --askpass ask for. */
bool password_is_given(const struct settings *s); /* one of them was said */
/* The next one; of: whose, for the prompt: "", "broker ". False with err when there is none to be had. */
bool password_read(const struct settings *s, const char *of, char **ret, struct err *err);
void password_done(const struct settings *s); /* the descriptor is closed */

/* login.c */
void logins_init(struct settings *s);
void logins_release(struct settings *s);
/* Once, the addresses being known: asks for what is missing, and keeps it. They are to be taken again then.
 */
bool logins_take(struct settings *s, struct err *err);
/* Gives an address the user and password that are kept for its server; one that has a password stays as it
 * is.
 */
void login_fill(const struct settings *s, struct address *a);
/* Who logs in to the application's server logs in alike for the other databases there, unless told so. */
void login_as_there(struct address *a, const struct address *app);
/* A user without a password would be nobody; variable: which one could have held it. */
bool login_check(const struct settings *s, const struct address *a, const char *variable, struct err *err);
/* The user that :connect to this URL or @NAME would log in as there, and who has no password yet. */
struct login_lack {
    const char *of;     /* "", "broker ", "results " */
    char *user, *place; /* owned; place: as address_server has it, "redis://host:6379/0" */
};
/* Whether there is one: of the application, of a named connection's broker or results, in this order.
 * login_lack_release in any case. */
bool login_lacks(const struct settings *s, const char *url, struct login_lack *ret);
void login_lack_release(struct login_lack *lack);
/* Keeps the password for that user there, until logins_settle says whether it stays. */
void login_give(struct settings *s, const struct login_lack *lack, const char *password);
/* The last one that was lacking has come, and all stay; or somebody gave up before, and they go. */
void logins_settle(struct settings *s, bool kept);
/* What was typed for that user there, and let nobody in as far as is known, is asked for again. */
void login_doubt(struct settings *s, const struct address *a);
/* Whether nothing contradicts going to this URL or @NAME, as far as can be seen from here. */
bool settings_could_move(struct settings *s, const char *url, struct err *err);
/* Goes to s->next_url, with an empty model. Fails where what is set up besides contradicts the address. */
bool settings_move(struct settings *s, struct err *err);
/* The same; where that is not possible it goes back to where it was, and refused says why. */
bool settings_move_or_stay(struct settings *s, struct err *err);

/* secrets.c, before anything else: no cores; argv and the environment's block lose their passwords and
 * session ids. The copies to work with, given to secrets_release. */
char **secrets_take(int argc, char **argv);
void secrets_release(int argc, char **own);
/* Once they have been read, secret variables are gone from our environment, and thus from that of children.
 */
void secrets_forget(void);

#endif
