/* connection: named servers of the configuration: `connection NAME URL [broker URL] [results URL]
 * [environment production|staging|dev] [read-from master|replica] [read-only] [cacert FILE] [cert FILE]
 * [key FILE] [sni NAME] [sentinel-user NAME] [sentinel-password WORD]`, opened as @NAME. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "redai/base/secret.h"

enum { CONNECTIONS_MAX = 200, NAME_LEN_MAX = 40 };

static const UT_icd connection_icd = {sizeof(struct named_connection), NULL, NULL, NULL};

static struct named_connection *at(const struct settings *s, unsigned i)
{
    return (struct named_connection *)utarray_eltptr(&s->connections, i);
}

void connections_init(struct settings *s)
{
    utarray_init(&s->connections, &connection_icd);
    utarray_reserve(&s->connections, CONNECTIONS_MAX); /* they never move: one of them is pointed to */
}

static void wipe_all(struct named_connection *c)
{
    secret_forget(&c->url);
    secret_forget(&c->broker);
    secret_forget(&c->results);
    mem_free(c->sentinel_user);
    secret_forget(&c->sentinel_password);
    address_release_tls(&c->tls);
}

void connections_release(struct settings *s)
{
    for (unsigned i = 0; i < utarray_len(&s->connections); i++) {
        wipe_all(at(s, i));
        mem_free(at(s, i)->name);
    }
    utarray_done(&s->connections);
}

static struct named_connection *find(const struct settings *s, const char *name)
{
    for (unsigned i = 0; i < utarray_len(&s->connections); i++) {
        if (strcmp(at(s, i)->name, name) == 0) {
            return at(s, i);
        }
    }
    return NULL;
}

const struct named_connection *connections_find(const struct settings *s, const char *name)
{
    return find(s, name);
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= NAME_LEN_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static bool read_environment(const char *word, enum environment *ret, struct err *err)
{
    for (int i = ENVIRONMENT_NONE + 1; word && i < ENVIRONMENT_COUNT; i++) {
        if (strcmp(word, environment_name[i]) == 0) {
            *ret = (enum environment)i;
            return true;
        }
    }
    return err_set(err, ERR_PARSE, "connection: environment '%.40s', expected production, staging or dev",
                   word ? word : "");
}

static bool read_from(const char *word, enum address_read_from *ret, struct err *err)
{
    bool replica = word && strcmp(word, "replica") == 0;
    *ret = replica ? READ_FROM_REPLICA : READ_FROM_MASTER;
    return replica || (word && strcmp(word, "master") == 0) ||
           err_set(err, ERR_PARSE, "connection: read-from '%.40s', expected master or replica",
                   word ? word : "");
}

/* Where the text behind one of these words goes; NULL: it is none. */
static char **text_of(struct named_connection *c, const char *word)
{
    const struct {
        const char *word;
        char **text;
    } rows[] = {{"cacert", &c->tls.ca_file},
                {"cert", &c->tls.cert},
                {"key", &c->tls.key},
                {"sni", &c->tls.server_name},
                {"sentinel-user", &c->sentinel_user},
                {"sentinel-password", &c->sentinel_password}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(word, rows[i].word) == 0) {
            return rows[i].text;
        }
    }
    return NULL;
}

static bool read_url(const char *what, const char *word, char **ret, struct err *err)
{
    struct address address;
    if (!word) {
        return err_set(err, ERR_PARSE, "connection: %s: expected a URL behind it", what);
    }
    if (!site_parse(&address, word, err)) {
        return err_prefix(err, "connection: %s", what);
    }
    address_release(&address);
    secret_forget(ret);
    *ret = mem_strdup(word);
    return true;
}

/* The words behind name and URL. */
static bool read_rest(const struct words *w, struct named_connection *c, struct err *err)
{
    for (size_t i = 3; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        if (strcmp(word, "environment") == 0) {
            if (!read_environment(words_at(w, ++i), &c->environment, err)) {
                return false;
            }
        } else if (strcmp(word, "broker") == 0 || strcmp(word, "results") == 0) {
            if (!read_url(word, words_at(w, ++i), *word == 'b' ? &c->broker : &c->results, err)) {
                return false;
            }
        } else if (strcmp(word, "read-only") == 0) {
            c->read_only = true;
        } else if (strcmp(word, "read-from") == 0) {
            if (!read_from(words_at(w, ++i), &c->read_from, err)) {
                return false;
            }
        } else if (text_of(c, word)) {
            if (!words_at(w, i + 1)) {
                return err_set(err, ERR_PARSE, "connection: %s: expected a %s behind it", word,
                               word[0] == 's' ? "word" : "file");
            }
            mem_replace(text_of(c, word), words_at(w, ++i));
        } else {
            return err_set(
                err, ERR_PARSE,
                "connection: '%.40s', expected broker, results, environment, read-from, read-only, "
                "cacert, cert, key, sni, sentinel-user or sentinel-password",
                word);
        }
    }
    return true;
}

static bool do_connection(void *ctx, const struct words *w, struct err *err)
{
    struct settings *s = ctx;
    struct named_connection c = {.environment = ENVIRONMENT_NONE};
    struct address address;
    if (!is_name(words_at(w, 1))) {
        return err_set(err, ERR_PARSE,
                       "connection: '%.60s' is no name: expected up to %d letters, digits, - _ and .",
                       words_at(w, 1), NAME_LEN_MAX);
    }
    if (!address_parse(&address, words_at(w, 2), err)) {
        return err_prefix(err, "connection %s", words_at(w, 1));
    }
    address_release(&address);
    if (!read_rest(w, &c, err)) {
        wipe_all(&c);
        return false;
    }
    struct named_connection *known = find(s, words_at(w, 1));
    if (!known && utarray_len(&s->connections) >= CONNECTIONS_MAX) {
        wipe_all(&c);
        return err_set(err, ERR_RANGE, "connection: more than %d of them", CONNECTIONS_MAX);
    }
    c.url = mem_strdup(words_at(w, 2));
    if (known) {
        wipe_all(known);
        c.name = known->name;
        *known = c;
    } else {
        c.name = mem_strdup(words_at(w, 1));
        utarray_push_back(&s->connections, &c);
    }
    return true;
}

const struct command connection_commands[] = {
    {"connection",
     "NAME URL [broker URL] [results URL] [environment production|staging|dev] [read-from master|replica] "
     "[read-only] [cacert FILE] [cert FILE] [key FILE] [sni NAME] [sentinel-user NAME] [sentinel-password "
     "WORD]",
     "a server by a name: redai-console @NAME opens it", 2, -1, COMMAND_WATCH | COMMAND_CONFIG, do_connection,
     NULL},
};
const size_t connection_commands_count = sizeof connection_commands / sizeof connection_commands[0];

/* What is said for this run as a whole goes before what the configuration says of the connection. */
static enum environment environment_of(const struct settings *s)
{
    const char *said = option_text(&s->options, OPTION_ENVIRONMENT);
    for (int i = ENVIRONMENT_NONE + 1; said && i < ENVIRONMENT_COUNT; i++) {
        if (strcmp(said, environment_name[i]) == 0) {
            return (enum environment)i;
        }
    }
    return s->connection ? s->connection->environment : ENVIRONMENT_NONE;
}

/* "redis://host:6379/0", without who logs in, whatever the database. */
static char *place_of(const char *url)
{
    struct address a;
    struct err ignored;
    if (!address_parse(&a, url, &ignored)) {
        return NULL;
    }
    char *text = address_server(&a);
    address_release(&a);
    return text;
}

/* The connection that leads to the same server. What is at stake most comes first. */
static struct named_connection *find_same(const struct settings *s, const char *url)
{
    char *here = place_of(url);
    struct named_connection *found = NULL;
    for (unsigned i = 0; here && i < utarray_len(&s->connections); i++) {
        char *there = place_of(at(s, i)->url);
        bool same = there && strcmp(here, there) == 0;
        if (same && (!found || at(s, i)->environment == ENVIRONMENT_PRODUCTION)) {
            found = at(s, i);
        }
        mem_free(there);
    }
    mem_free(here);
    return found;
}

bool connections_has(const struct settings *s, const char *name, struct err *err)
{
    UT_string names;
    if (find(s, name + 1)) {
        return true;
    }
    utstring_init(&names);
    for (unsigned i = 0; i < utarray_len(&s->connections); i++) {
        utstring_printf(&names, "%s@%s", i ? ", " : "", at(s, i)->name);
    }
    err_set(err, ERR_USAGE, "no connection is called '%.60s', expected %.200s", name + 1,
            utstring_len(&names) ? utstring_body(&names)
                                 : "a line `connection NAME URL` in the configuration");
    utstring_done(&names);
    return false;
}

static void become_read_only(struct settings *s, const struct named_connection *c)
{
    if (s->options.value[OPTION_READ_ONLY].source <= OPTION_DEFAULT) {
        s->is_read_only_there = true;
        snprintf(s->read_only_why, sizeof s->read_only_why, "connection %.60s of the configuration says so",
                 c->name);
        options_set(&s->options, OPTION_READ_ONLY, "on", OPTION_FROM_FILE, NULL);
    }
}

const char *connections_resolve(struct settings *s, const char *url, struct err *err)
{
    if (s->is_read_only_there) {
        options_forget(&s->options, OPTION_READ_ONLY);
        s->is_read_only_there = false;
    }
    s->connection = NULL;
    s->is_named = false;
    if (*url == '@') {
        if (!connections_has(s, url, err)) {
            return NULL;
        }
        s->connection = find(s, url + 1);
        s->is_named = true;
        url = s->connection->url;
    }
    if (!s->connection) {
        s->connection = find_same(s, url); /* the same server by its URL is no safer */
    }
    if (s->connection && s->connection->read_only) {
        become_read_only(s, s->connection);
    }
    s->environment = environment_of(s);
    return url;
}

void connections_heed(struct settings *s, const struct address *a)
{
    for (unsigned i = 0; i < utarray_len(&s->connections); i++) {
        struct address there;
        struct err ignored;
        const struct named_connection *c = at(s, i);
        if (!address_parse(&there, c->url, &ignored)) {
            continue;
        }
        bool same = address_same_server(&there, a);
        address_release(&there);
        if (same && c->environment == ENVIRONMENT_PRODUCTION &&
            !option_text(&s->options, OPTION_ENVIRONMENT)) {
            s->environment = ENVIRONMENT_PRODUCTION;
        }
        if (same && c->read_only) {
            become_read_only(s, c);
        }
    }
}

const char *settings_read_only_why(const struct settings *s)
{
    static const char *const by[] = {
        [OPTION_FROM_FILE] = "`set read-only on` in the configuration",
        [OPTION_FROM_ENV_FILE] = "the env file says so",
        [OPTION_FROM_ENV] = "the environment says so",
        [OPTION_FROM_FLAG] = "--read-only",
    };
    enum option_source source = s->options.value[OPTION_READ_ONLY].source;
    return !option_on(&s->options, OPTION_READ_ONLY) ? ""
           : s->is_read_only_there                   ? s->read_only_why
           : source >= OPTION_FROM_FILE              ? by[source]
                                                     : "";
}

const char *settings_place(const struct settings *s)
{
    return s->connection ? s->connection->name : environment_name[ENVIRONMENT_PRODUCTION];
}
