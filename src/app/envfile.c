/* envfile: the platform's own variables, from the environment or from its .env file. */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/num.h"
#include "redai/base/secret.h"

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

/* Where: REDIS_URL goes before its parts. What of them it was not put together of stays as it is by default.
 */
static bool take_address(struct options *o, const char *(*get)(void *ctx, const char *name), void *ctx,
                         enum option_source source, struct err *err)
{
    const char *url = get(ctx, "REDIS_URL");
    if (url && *url) {
        return options_set(o, OPTION_URL, url, source, err);
    }
    const char *host = get(ctx, "REDIS_HOST"), *port = get(ctx, "REDIS_PORT"), *db = get(ctx, "REDIS_DB");
    if (!(host && *host) && !(port && *port) && !(db && *db)) {
        return true;
    }
    if ((port && *port && !check_number("REDIS_PORT", port, 65535, err)) ||
        (db && *db && !check_number("REDIS_DB", db, 1000000, err))) {
        return false;
    }
    UT_string out;
    utstring_init(&out);
    bool v6 = host && strchr(host, ':') && *host != '[';
    utstring_printf(&out, "redis://%s%s%s:%s/%s", v6 ? "[" : "", host && *host ? host : "127.0.0.1",
                    v6 ? "]" : "", port && *port ? port : "6379", db && *db ? db : "0");
    bool ok = options_set(o, OPTION_URL, utstring_body(&out), source, err);
    utstring_done(&out);
    return ok;
}

void envfile_forget(struct told_login *told)
{
    mem_free(told->user);
    mem_free(told->place);
    secret_forget(&told->password);
    secret_forget(&told->broker_password);
    secret_forget(&told->results_password);
    *told = (struct told_login){.user = NULL};
}

static void take_word(char **to, const char *text)
{
    if (!*to && text && *text) {
        *to = mem_strdup(text);
    }
}

/* Who. Where a stronger source has said a place, a weaker one's login may be of another. */
static void take_login(struct settings *s, const char *(*get)(void *ctx, const char *name), void *ctx,
                       enum option_source source)
{
    struct told_login *told = &s->told;
    struct address a;
    struct err ignored;
    take_word(&s->sentinel_password, get(ctx, "REDIS_SENTINEL_PASSWORD"));
    take_word(&told->broker_password, get(ctx, "CELERY_BROKER_PASSWORD"));
    take_word(&told->results_password, get(ctx, "CELERY_RESULT_PASSWORD"));
    if (told->place) {
        return;
    }
    take_word(&told->user, get(ctx, "REDIS_USERNAME"));
    take_word(&told->password, get(ctx, "REDIS_PASSWORD"));
    const char *url = get(ctx, "REDIS_URL");
    bool says = s->options.value[OPTION_URL].source == source;
    if (says && address_parse(&a, option_text(&s->options, OPTION_URL), &ignored)) {
        told->place = address_server(&a);
        told->by_url = url && *url;
        address_release(&a);
    }
}

bool envfile_take(struct settings *s, const char *(*get)(void *ctx, const char *name), void *ctx,
                  enum option_source source, struct err *err)
{
    const char *user = get(ctx, "REDIS_SENTINEL_USERNAME");
    bool ok = take_sites(&s->options, get, ctx, source, err) &&
              take_address(&s->options, get, ctx, source, err) &&
              (!user || !*user || options_set(&s->options, OPTION_SENTINEL_USER, user, source, err));
    take_login(s, get, ctx, source);
    return ok;
}

enum { VARIABLES = 12 };
static const char *const variable[VARIABLES] = {
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "REDIS_PASSWORD",
    "REDIS_USERNAME",
    "REDIS_SENTINEL_USERNAME",
    "REDIS_SENTINEL_PASSWORD",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_PASSWORD",
    "CELERY_RESULT_BACKEND",
    "CELERY_RESULT_PASSWORD",
};

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
    ok = ok && envfile_take(s, get_value, &v, OPTION_FROM_ENV_FILE, err);
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
