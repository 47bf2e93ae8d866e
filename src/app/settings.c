#include "settings.h"

#include "console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "redai/base/secret.h"

#include "redai/conf/key.h"

#include "redai/model/rule.h"

enum { FROM_MASTER, FROM_REPLICA }; /* choices of --read-from */

#define DEFAULT_URL "redis://127.0.0.1:6379/0"

static const UT_icd text_icd = {sizeof(char *), NULL, NULL, NULL};

void settings_init(struct settings *s)
{
    memset(s, 0, sizeof *s);
    options_init(&s->options);
    keymap_init(&s->keymap);
    palette_init(&s->palette);
    templates_init(&s->templates);
    routes_init(&s->routes);
    utarray_init(&s->queues, &text_icd);
    utarray_init(&s->history, &ut_str_icd);
    connections_init(s);
    logins_init(s);
    utstring_init(&s->origin);
    s->model = model_new();
    model_rules(s->model)->check_pane = keymap_check_pane;
}

void settings_release(struct settings *s)
{
    options_release(&s->options);
    keymap_release(&s->keymap);
    templates_release(&s->templates);
    routes_release(&s->routes);
    for (unsigned i = 0; i < utarray_len(&s->queues); i++) {
        mem_free(*(char **)utarray_eltptr(&s->queues, i));
    }
    utarray_done(&s->queues);
    utarray_done(&s->history);
    connections_release(s);
    logins_release(s);
    mem_free(s->begun_at);
    secret_forget(&s->next_url);
    secret_forget(&s->here_url);
    secret_forget(&s->back_url);
    utstring_done(&s->origin);
    address_release(&s->address);
    address_release(&s->broker);
    address_release(&s->results);
    model_free(s->model);
}

/* --- commands of config files --- */

static bool do_alert(void *ctx, const struct words *w, struct err *err)
{
    struct settings *s = ctx;
    size_t count = words_count(w) - 1;
    const char **word = mem_zalloc((count + 1) * sizeof *word);
    for (size_t i = 0; i < count; i++) {
        word[i] = words_at(w, i + 1);
    }
    bool ok = rules_set(model_rules(s->model), count, word, err);
    mem_free(word);
    return ok;
}

static bool do_family(void *ctx, const struct words *w, struct err *err)
{
    struct settings *s = ctx;
    const char *prefix = words_at(w, 1), *name = words_at(w, 2);
    if (!*prefix || !*name) {
        return err_set(err, ERR_PARSE, "family: expected a prefix and a name, got an empty word");
    }
    families_add(model_families(s->model), span_of(prefix), span_of(name));
    return true;
}

static bool do_queue(void *ctx, const struct words *w, struct err *err)
{
    struct settings *s = ctx;
    const char *name = words_at(w, 1);
    if (!*name) {
        return err_set(err, ERR_PARSE, "queue: expected a name, got an empty word");
    }
    char *copy = mem_strdup(name);
    utarray_push_back(&s->queues, &copy);
    if (s->live) {
        collect_add_queue(s->live, span_of(name));
    }
    for (size_t i = 2; i < words_count(w); i++) {
        routes_add(&s->routes, words_at(w, i), name);
    }
    return true;
}

const struct command settings_commands[] = {
    {"alert",
     "NAME when [rate|change] METRIC [of GLOB] [over TIME] OP VALUE [for TIME] [clear VALUE] [severity "
     "LEVEL] [min-lookups N] [message TEXT] [pane NAME] [do COMMAND] | NAME on|off",
     "add or change an alert rule", 2, -1, COMMAND_WATCH | COMMAND_CONFIG, do_alert, NULL},
    {"family", "PREFIX NAME", "count keys that begin with PREFIX as family NAME", 2, 2,
     COMMAND_WATCH | COMMAND_CONFIG, do_family, NULL},
    {"queue", "NAME [TASK-GLOB...]", "watch this queue; tasks that match are sent to it", 1, -1,
     COMMAND_WATCH | COMMAND_CONFIG, do_queue, NULL},
};
const size_t settings_commands_count = sizeof settings_commands / sizeof settings_commands[0];

/* --- putting it together --- */

/* $XDG_CONFIG_HOME/redai-console/config, when it exists. */
static bool default_config(UT_string *out)
{
    const char *home = getenv("XDG_CONFIG_HOME");
    if (home && *home) {
        utstring_printf(out, "%s/redai-console/config", home);
    } else if ((home = getenv("HOME")) && *home) {
        utstring_printf(out, "%s/.config/redai-console/config", home);
    }
    return utstring_len(out) && access(utstring_body(out), R_OK) == 0;
}

void settings_join_config(struct command_set *set, struct settings *s)
{
    command_join(set, option_commands, option_commands_count, &s->options);
    command_join(set, keymap_commands, keymap_commands_count, &s->keymap);
    command_join(set, palette_commands, palette_commands_count, &s->palette);
    command_join(set, template_commands, template_commands_count, &s->templates);
    command_join(set, settings_commands, settings_commands_count, s);
    command_join(set, connection_commands, connection_commands_count, s);
}

static bool load_config(struct settings *s, struct err *err)
{
    struct command_set set = {.count = 0};
    settings_join_config(&set, s);
    if (!command_run_text(&set, "built-in keys", keymap_defaults, err)) {
        return false;
    }
    const char *named = option_text(&s->options, OPTION_CONFIG);
    UT_string path;
    utstring_init(&path);
    bool ok = true;
    if (named) {
        ok = command_run_file(&set, named, err);
    } else if (default_config(&path)) {
        ok = command_run_file(&set, utstring_body(&path), err);
    }
    utstring_done(&path);
    return ok;
}

/* A key whose command does not exist is found now, not at night when it is pressed. */
static bool check_bindings(struct settings *s, struct err *err)
{
    struct command_set set = {.count = 0};
    struct words w;
    bool ok = true;
    console_join_commands(&set, NULL, s);
    words_init(&w);
    for (unsigned i = 0; ok && i < utarray_len(&s->keymap.row); i++) {
        const struct keymap_row *row = (const struct keymap_row *)utarray_eltptr(&s->keymap.row, i);
        char key[16];
        key_name(row->key, key);
        ok = words_parse(&w, row->line, err);
        if (ok && words_count(&w) && !command_find(&set, words_at(&w, 0), NULL)) {
            ok = err_set(err, ERR_USAGE, "unknown command \"%.60s\", expected one that the help lists",
                         words_at(&w, 0));
        }
        if (!ok) {
            err_prefix(err, "bind %s %s", row->pane, key);
        }
    }
    words_release(&w);
    return ok;
}

static const char *from_environment(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

bool settings_load(struct settings *s, struct err *err)
{
    char host[128] = "localhost";
    gethostname(host, sizeof host - 1);
    utstring_printf(&s->origin, "redai-console@%s", host);
    if (!envfile_take(s, from_environment, NULL, OPTION_FROM_ENV, err)) {
        return false;
    }
    const char *env_file = option_text(&s->options, OPTION_ENV_FILE);
    if ((env_file && !envfile_read(s, env_file, err)) || !load_config(s, err) || !check_bindings(s, err)) {
        return false;
    }
    s->is_typed = s->given_url || s->options.value[OPTION_URL].source == OPTION_FROM_FLAG;
    if (s->given_url) {
        return settings_address(s, s->given_url, err);
    }
    const char *url = option_text(&s->options, OPTION_URL);
    static const char *const source[] = {
        [OPTION_DEFAULT] = DEFAULT_URL,    [OPTION_UNSET] = DEFAULT_URL,
        [OPTION_FROM_FILE] = "set url",    [OPTION_FROM_ENV_FILE] = "env file",
        [OPTION_FROM_ENV] = "environment", [OPTION_FROM_FLAG] = "--url",
    };
    return settings_address(s, url ? url : DEFAULT_URL, err) ||
           err_prefix(err, "%s", source[s->options.value[OPTION_URL].source]);
}

/* Who asks for a replica on the command line and would get whatever there is learns it at once. */
static bool check_replica(const struct settings *s, struct err *err)
{
    bool asked = s->options.value[OPTION_READ_FROM].source == OPTION_FROM_FLAG &&
                 option_number(&s->options, OPTION_READ_FROM) == FROM_REPLICA;
    bool any = s->address.kind == ADDRESS_SENTINEL || s->broker.kind == ADDRESS_SENTINEL ||
               s->results.kind == ADDRESS_SENTINEL;
    return !asked || any ||
           err_set(err, ERR_USAGE,
                   "--read-from replica is of sentinels, which know the replicas: expected "
                   "redis+sentinel://, or the address of the replica itself");
}

/* Who asks for TLS on the command line and would get none learns it before a password has left. */
static bool check_tls(const struct settings *s, struct err *err)
{
    static const enum option_id of_tls[] = {OPTION_CACERT, OPTION_CACERTDIR, OPTION_CERT,
                                            OPTION_KEY,    OPTION_SNI,       OPTION_INSECURE};
    bool any = s->address.secure || s->broker.secure || s->results.secure;
    for (size_t i = 0; !any && i < sizeof of_tls / sizeof of_tls[0]; i++) {
        if (s->options.value[of_tls[i]].source == OPTION_FROM_FLAG) {
            return err_set(err, ERR_USAGE, "--%s is of TLS, and this address is not: expected rediss://",
                           option_rows[of_tls[i]].name);
        }
    }
    return true;
}

/* Whom one trusts is so everywhere. Who one is, by what name the server goes and that it is not verified was
 * said of one server; a configuration says it of all. */
static void take_tls(struct address_tls *tls, const struct settings *s, bool here)
{
    const struct options *o = &s->options;
    const struct address_tls *own = s->connection ? &s->connection->tls : &(struct address_tls){.cert = NULL};
    bool cert = here || o->value[OPTION_CERT].source <= OPTION_FROM_FILE;
    bool sni = here || o->value[OPTION_SNI].source <= OPTION_FROM_FILE;
    bool insecure = here || o->value[OPTION_INSECURE].source <= OPTION_FROM_FILE;
    *tls = (struct address_tls){
        .ca_file = mem_strdup(own->ca_file ? own->ca_file : option_text(o, OPTION_CACERT)),
        .ca_dir = mem_strdup(own->ca_file ? NULL : option_text(o, OPTION_CACERTDIR)),
        .cert = mem_strdup(own->cert ? own->cert
                           : cert    ? option_text(o, OPTION_CERT)
                                     : NULL),
        .key = mem_strdup(own->cert ? own->key
                          : cert    ? option_text(o, OPTION_KEY)
                                    : NULL),
        .server_name = mem_strdup(own->server_name ? own->server_name
                                  : sni            ? option_text(o, OPTION_SNI)
                                                   : NULL),
        .insecure = insecure && option_on(o, OPTION_INSECURE),
    };
}

/* What was given for one server is told to no other. */
bool settings_is_here(const struct settings *s)
{
    char *here = address_server(&s->address);
    bool same = !s->begun_at || strcmp(here, s->begun_at) == 0;
    mem_free(here);
    return same;
}

/* The URL itself goes first, then the line of its connection. */
static void take_read_from(const struct settings *s, struct address *a)
{
    a->spread = (unsigned)getpid();
    if (a->read_from == READ_FROM_UNSAID && s->connection) {
        a->read_from = s->connection->read_from;
    }
    if (a->read_from == READ_FROM_UNSAID) {
        bool replica = option_number(&s->options, OPTION_READ_FROM) == FROM_REPLICA;
        a->read_from = replica ? READ_FROM_REPLICA : READ_FROM_MASTER;
    }
}

/* Its own line says it of a connection; what else was said of one server is told to no other. */
static void take_sentinel_login(const struct settings *s, struct address *a, bool here)
{
    const struct named_connection *own = s->connection;
    if (own && (own->sentinel_user || own->sentinel_password)) {
        a->sentinel_user = mem_strdup(own->sentinel_user);
        a->sentinel_password = mem_strdup(own->sentinel_password);
    } else if (here) {
        a->sentinel_user = mem_strdup(option_text(&s->options, OPTION_SENTINEL_USER));
        a->sentinel_password = mem_strdup(s->sentinel_password);
    }
}

void settings_finish_address(const struct settings *s, struct address *a)
{
    bool here = settings_is_here(s);
    take_read_from(s, a);
    take_tls(&a->tls, s, here);
    take_sentinel_login(s, a, here);
    login_fill(s, a);
}

static bool take_address(struct settings *s, const char *url, struct err *err)
{
    char *given = mem_strdup(url);
    secret_forget(&s->here_url);
    s->here_url = given;
    address_release(&s->address);
    url = connections_resolve(s, url, err);
    if (!url || !address_parse(&s->address, url, err)) {
        return false;
    }
    settings_finish_address(s, &s->address);
    return sites_take(s, err);
}

bool settings_address(struct settings *s, const char *url, struct err *err)
{
    if (!take_address(s, url, err) || (!s->begun_at && (!check_tls(s, err) || !check_replica(s, err)))) {
        return false;
    }
    if (!s->logins_taken) {
        s->logins_taken = true;
        if (!logins_take(s, err) || !take_address(s, url, err)) {
            return false;
        }
    }
    return login_check(s, &s->address, "REDIS_PASSWORD", err) && sites_check(s, err);
}

/* From now on it matters which server flags and environment were given for. */
static void note_begin(struct settings *s)
{
    if (!s->begun_at) {
        s->begun_at = address_server(&s->address);
    }
}

bool settings_could_move(struct settings *s, const char *url, struct err *err)
{
    struct err ignored = {.code = ERR_NONE};
    char *here = s->here_url ? mem_strdup(s->here_url) : NULL;
    note_begin(s);
    bool ok = !here || take_address(s, url, err);
    if (here) {
        take_address(s, here, &ignored);
    }
    secret_forget(&here);
    return ok;
}

bool settings_move(struct settings *s, struct err *err)
{
    char *url = s->next_url;
    s->next_url = NULL;
    note_begin(s);
    if (s->here_url &&
        strcmp(s->here_url, url) != 0) { /* once more to the same place: back is where it was */
        secret_forget(&s->back_url);
        s->back_url = s->here_url;
        s->here_url = NULL;
    }
    s->model = model_anew(s->model);
    bool ok = settings_address(s, url, err);
    secret_forget(&url);
    return ok;
}

bool settings_move_or_stay(struct settings *s, struct err *err)
{
    char *here = s->here_url ? mem_strdup(s->here_url) : NULL;
    char *back = s->back_url ? mem_strdup(s->back_url) : NULL;
    bool ok = settings_move(s, err);
    if (!ok && here) {
        struct err ignored;
        s->refused = *err;
        s->next_url = mem_strdup(here);
        ok = settings_move(s, &ignored);
        secret_forget(&s->back_url);
        s->back_url = back;
        back = NULL;
    }
    secret_forget(&here);
    secret_forget(&back);
    return ok;
}

int64_t settings_watch_us(const struct settings *s, int64_t otherwise)
{
    return option_text(&s->options, OPTION_WATCH) ? option_number(&s->options, OPTION_WATCH) : otherwise;
}

int64_t settings_inspect_us(const struct settings *s)
{
    bool said = s->options.value[OPTION_INSPECT].source > OPTION_DEFAULT;
    bool never = option_on(&s->options, OPTION_READ_ONLY) || (s->reserved && !said);
    return never ? 0 : option_number(&s->options, OPTION_INSPECT);
}
