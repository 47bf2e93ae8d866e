/* envfile: the platform's own variables, from the environment or from its .env file. */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/num.h"

/* Percent-encodes what would end a URL's part. */
static void add_escaped(const char *text, UT_string *out)
{
    for (; *text; text++) {
        if (strchr("%/:@?# []", *text) || (unsigned char)*text < 0x21 || (unsigned char)*text > 0x7e) {
            utstring_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
        } else {
            utstring_printf(out, "%c", *text);
        }
    }
}

static bool check_number(const char *name, const char *text, int64_t max, struct err *err)
{
    int64_t n;
    return num_i64_range(span_of(text), 0, max, &n) ||
           err_set(err, ERR_USAGE, "%s: '%s' is no number from 0 to %lld", name, text, (long long)max);
}

static bool take_sites(struct options *o, const char *(*get)(void *ctx, const char *name), void *ctx,
                       enum option_source source, struct err *err)
{
    const char *broker = get(ctx, "CELERY_BROKER_URL"), *results = get(ctx, "CELERY_RESULT_BACKEND");
    return (!broker || !*broker || options_set(o, OPTION_BROKER_URL, broker, source, err)) &&
           (!results || !*results || options_set(o, OPTION_RESULT_URL, results, source, err));
}

bool envfile_address(struct options *o, const char *(*get)(void *ctx, const char *name), void *ctx,
                     enum option_source source, struct err *err)
{
    const char *url = get(ctx, "REDIS_URL");
    if (!take_sites(o, get, ctx, source, err)) {
        return false;
    }
    if (url && *url) {
        return options_set(o, OPTION_URL, url, source, err);
    }
    const char *host = get(ctx, "REDIS_HOST"), *port = get(ctx, "REDIS_PORT"), *db = get(ctx, "REDIS_DB"),
               *password = get(ctx, "REDIS_PASSWORD"), *user = get(ctx, "REDIS_USERNAME");
    if (!(host && *host) && !(port && *port) && !(db && *db) && !(password && *password)) {
        return true;
    }
    if ((port && *port && !check_number("REDIS_PORT", port, 65535, err)) ||
        (db && *db && !check_number("REDIS_DB", db, 1000000, err))) {
        return false;
    }
    UT_string out;
    utstring_init(&out);
    utstring_printf(&out, "redis://");
    if (password && *password) {
        add_escaped(user ? user : "", &out);
        utstring_printf(&out, ":");
        add_escaped(password, &out);
        utstring_printf(&out, "@");
    }
    bool v6 = host && strchr(host, ':') && *host != '[';
    utstring_printf(&out, "%s%s%s:%s/%s", v6 ? "[" : "", host && *host ? host : "127.0.0.1", v6 ? "]" : "",
                    port && *port ? port : "6379", db && *db ? db : "0");
    bool ok = options_set(o, OPTION_URL, utstring_body(&out), source, err);
    explicit_bzero(utstring_body(&out), utstring_len(&out));
    utstring_done(&out);
    return ok;
}

enum { VARIABLES = 9 };
static const char *const variable[VARIABLES] = {
    "REDIS_URL",      "REDIS_HOST",        "REDIS_PORT",
    "REDIS_DB",       "REDIS_PASSWORD",    "REDIS_SENTINEL_PASSWORD",
    "REDIS_USERNAME", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"};

struct values {
    char *text[VARIABLES];
};

static const char *get_value(void *ctx, const char *name)
{
    struct values *v = ctx;
    for (int i = 0; i < VARIABLES; i++) {
        if (strcmp(variable[i], name) == 0) {
            return v->text[i];
        }
    }
    return NULL;
}

/* The value of a line "NAME = value # comment", quotes taken off. */
static char *value_of(char *text)
{
    text += strspn(text, " \t");
    char quote = *text;
    if (quote == '"' || quote == '\'') {
        char *end = strchr(text + 1, quote);
        if (end) {
            *end = '\0';
            return text + 1;
        }
    }
    for (char *p = text; *p; p++) {
        if (*p == '#' && (p == text || p[-1] == ' ' || p[-1] == '\t')) {
            *p = '\0';
            break;
        }
    }
    size_t len = strlen(text);
    while (len && strchr(" \t\r\n", text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

static void take_line(struct values *v, char *line)
{
    line += strspn(line, " \t");
    if (strncmp(line, "export ", 7) == 0) {
        line += 7 + strspn(line + 7, " \t");
    }
    for (int i = 0; i < VARIABLES; i++) {
        size_t len = strlen(variable[i]);
        if (strncmp(line, variable[i], len) == 0) {
            char *rest = line + len + strspn(line + len, " \t");
            if (*rest == '=') {
                mem_replace(&v->text[i], value_of(rest + 1));
            }
        }
    }
}

void envfile_sentinel(struct settings *s, const char *(*get)(void *ctx, const char *name), void *ctx)
{
    const char *password = get(ctx, "REDIS_SENTINEL_PASSWORD");
    if (!s->sentinel_password && password && *password) {
        s->sentinel_password = mem_strdup(password);
    }
}

bool envfile_read(struct settings *s, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return err_set(err, ERR_IO, "env file '%s': %s", path, strerror(errno));
    }
    struct values v = {{NULL}};
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) >= 0) {
        take_line(&v, line);
    }
    bool ok = !ferror(file) || err_set(err, ERR_IO, "env file '%s': %s", path, strerror(errno));
    fclose(file);
    if (line) {
        explicit_bzero(line, size);
        free(line);
    }
    ok = ok && envfile_address(&s->options, get_value, &v, OPTION_FROM_ENV_FILE, err);
    envfile_sentinel(s, get_value, &v);
    if (!ok) {
        err_prefix(err, "%s", path);
    }
    for (int i = 0; i < VARIABLES; i++) {
        if (v.text[i]) {
            explicit_bzero(v.text[i], strlen(v.text[i]));
        }
        mem_free(v.text[i]);
    }
    return ok;
}
