/* sites: where Celery's broker and results are, when they are not in the application's database:
 * --broker-url,
 * --result-url and what else says so. They belong to the address they are said with: one that was typed (a
 * URL on the command line, @NAME, :connect) takes none along that the environment or the configuration says
 * of another. */
#include "settings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SCHEME_MAX = 30 };

static const struct row {
    enum option_id option;
    const char *variable, *word;
} rows[SITE_COUNT] = {
    [SITE_BROKER] = {OPTION_BROKER_URL, "CELERY_BROKER_URL", "broker"},
    [SITE_RESULTS] = {OPTION_RESULT_URL, "CELERY_RESULT_BACKEND", "results"},
};

/* What was given where, for messages. */
static void name_source(const struct settings *s, enum site site, bool of_connection, char *out, size_t size)
{
    const struct row *row = &rows[site];
    const char *name = option_rows[row->option].name;
    if (of_connection) {
        snprintf(out, size, "connection %.40s: %s", s->connection->name, row->word);
        return;
    }
    switch (s->options.value[row->option].source) {
    case OPTION_FROM_ENV:
        snprintf(out, size, "environment: %s", row->variable);
        break;
    case OPTION_FROM_ENV_FILE:
        snprintf(out, size, "env file: %s", row->variable);
        break;
    case OPTION_FROM_FILE:
        snprintf(out, size, "set %s", name);
        break;
    default:
        snprintf(out, size, "--%s", name);
        break;
    }
}

/* Celery writes addresses of Redis in ways of its own: redis+socket:///path?virtual_host=2, and behind a
 * rediss:// how certificates are checked, which is for --cacert and --insecure to say here. */
static char *plain_url(const char *url)
{
    static const char *const sockets[] = {"redis+socket://", "socket://"};
    UT_string out;
    utstring_init(&out);
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
        size_t len = strlen(sockets[i]);
        if (strncasecmp(url, sockets[i], len) == 0) {
            text_add(&out, S("unix://"));
            url += len;
            break;
        }
    }
    const char *query = strchr(url, '?');
    text_add(&out, span_head(span_of(url), query ? (size_t)(query - url) : strlen(url)));
    bool first = true;
    while (query && *query) {
        struct span pair = span_make(query + 1, strcspn(query + 1, "&"));
        query += 1 + pair.len;
        if (span_starts(pair, S("ssl_"))) {
            continue;
        }
        text_add(&out, first ? S("?") : S("&"));
        if (span_starts(pair, S("virtual_host="))) {
            text_add(&out, S("db="));
            pair = span_skip(pair, sizeof "virtual_host=" - 1);
        }
        text_add(&out, pair);
        first = false;
    }
    char *plain = span_dup(text_span(&out));
    explicit_bzero(utstring_body(&out), utstring_len(&out));
    utstring_done(&out);
    return plain;
}

bool site_parse(struct address *a, const char *url, struct err *err)
{
    char *plain = plain_url(url);
    bool ok = address_parse(a, plain, err);
    explicit_bzero(plain, strlen(plain));
    mem_free(plain);
    return ok;
}

/* Celery speaks to more than Redis: rpc://, amqp://, db+postgresql://. Its variables say so for the platform
 * as a whole; a flag or a line of the configuration is meant for us. */
static bool is_of_another_kind(const struct settings *s, enum site site, const char *url)
{
    static const char *const ours[] = {"redis", "unix", "socket", "sentinel"};
    enum option_source source = s->options.value[rows[site].option].source;
    const char *end = strstr(url, "://");
    struct span scheme = span_make(url, end ? (size_t)(end - url) : 0);
    bool foreign = end && (source == OPTION_FROM_ENV || source == OPTION_FROM_ENV_FILE);
    for (size_t i = 0; foreign && i < sizeof ours / sizeof ours[0]; i++) {
        foreign = span_search(scheme, span_of(ours[i])) == scheme.len;
    }
    return foreign && scheme.len > 0 && scheme.len <= SCHEME_MAX &&
           strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") == scheme.len;
}

static void warn_of(struct settings *s, enum site site, const char *url)
{
    char from[80];
    if (!(s->sites_warned & 1u << site)) {
        s->sites_warned |= 1u << site;
        name_source(s, site, false, from, sizeof from);
        fprintf(
            stderr,
            "redai-console: warning: %s is %.*s://, which is no Redis: Celery's %s there cannot be seen, the "
            "application's server is looked at\n",
            from, (int)strcspn(url, ":"), url, site == SITE_BROKER ? "queues" : "results");
    }
}

static const char *url_of(const struct settings *s, enum site site, bool *ret_of_connection)
{
    const struct row *row = &rows[site];
    const char *url = option_text(&s->options, row->option);
    enum option_source source = s->options.value[row->option].source;
    const char *own = !s->is_named          ? NULL
                      : site == SITE_BROKER ? s->connection->broker
                                            : s->connection->results;
    bool flag = source == OPTION_FROM_FLAG && settings_is_here(s);
    *ret_of_connection = own && !flag;
    if (*ret_of_connection) {
        return own;
    }
    return url && *url && (flag || (!s->is_typed && settings_is_here(s))) ? url : NULL;
}

static bool take(struct settings *s, enum site site, struct address *a, bool *ret_said, struct err *err)
{
    char from[80];
    bool of_connection;
    const char *url = url_of(s, site, &of_connection);
    address_release(a);
    if (url && !of_connection && is_of_another_kind(s, site, url)) {
        warn_of(s, site, url);
        url = NULL;
    }
    *ret_said = url != NULL;
    if (!url) {
        address_copy(a, &s->address);
        return true;
    }
    if (!site_parse(a, url, err)) {
        name_source(s, site, of_connection, from, sizeof from);
        return err_prefix(err, "%s", from);
    }
    settings_finish_address(s, a);
    login_as_there(a, &s->address);
    return true;
}

/* --result-db is the short form for the same server. */
static bool reconcile(struct settings *s, bool said, struct err *err)
{
    int db = (int)option_number(&s->options, OPTION_RESULT_DB);
    bool of_connection;
    char from[80];
    enum option_source short_form = s->options.value[OPTION_RESULT_DB].source;
    enum option_source url = s->options.value[OPTION_RESULT_URL].source;
    if (!said) {
        s->results.db = db;
        return true;
    }
    bool agree = address_same_server(&s->results, &s->address) && s->results.db == db;
    url_of(s, SITE_RESULTS, &of_connection);
    if (agree || short_form <= OPTION_DEFAULT || (of_connection && short_form != OPTION_FROM_FLAG) ||
        (!of_connection && short_form < url)) {
        return true;
    }
    if (!of_connection && short_form > url) {
        address_release(&s->results);
        address_copy(&s->results, &s->address);
        s->results.db = db;
        return true;
    }
    name_source(s, SITE_RESULTS, of_connection, from, sizeof from);
    return err_set(err, ERR_USAGE,
                   "%sresult-db and %s contradict each other: result-db is a database of the application's "
                   "server; expected one of the two",
                   short_form == OPTION_FROM_FLAG ? "--" : "set ", from);
}

bool sites_take(struct settings *s, struct err *err)
{
    bool broker, results;
    if (!take(s, SITE_BROKER, &s->broker, &broker, err) ||
        !take(s, SITE_RESULTS, &s->results, &results, err) || !reconcile(s, results, err)) {
        return false;
    }
    const struct address *other[] = {&s->broker, &s->results};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        if (site_is_apart(s, other[i])) {
            connections_heed(s, other[i]);
        }
    }
    return true;
}

bool sites_check(const struct settings *s, struct err *err)
{
    static const char *const variable[SITE_COUNT] = {
        [SITE_BROKER] = "CELERY_BROKER_PASSWORD", [SITE_RESULTS] = "CELERY_RESULT_PASSWORD"};
    for (int site = SITE_BROKER; site <= SITE_RESULTS; site++) {
        char from[80];
        bool of_connection;
        if (!login_check(s, site == SITE_BROKER ? &s->broker : &s->results, variable[site], err)) {
            url_of(s, (enum site)site, &of_connection);
            name_source(s, (enum site)site, of_connection, from, sizeof from);
            return err_prefix(err, "%s", from);
        }
    }
    return true;
}

void sites_are_here(struct settings *s)
{
    address_release(&s->broker);
    address_release(&s->results);
    address_copy(&s->broker, &s->address);
    address_copy(&s->results, &s->address);
    s->results.db = (int)option_number(&s->options, OPTION_RESULT_DB);
}

void sites_login_changed(struct settings *s, const struct address *was)
{
    struct address *other[] = {&s->broker, &s->results};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        if (address_same_server(other[i], &s->address) && address_same_user(other[i], was)) {
            int db = other[i]->db;
            address_release(other[i]);
            address_copy(other[i], &s->address);
            other[i]->db = db;
        }
    }
}

bool site_is_apart(const struct settings *s, const struct address *a)
{
    return !address_same_server(a, &s->address);
}
