/* doctor_server: what the doctor asks of the server itself: who we are, what time it is there, which commands
 * there are, its settings. */
#include "collect_priv.h"
#include "doctor.h"

#include <stdio.h>
#include <strings.h>

#define LOOPBACK_V4 "127."

#define ASK(c, fn, index, ...)                                                                               \
    doctor_ask((c), (c)->poll, (fn), (index), sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span),    \
               (const struct span[]){__VA_ARGS__})

/* --- who we are, and what time it is there --- */

/* Texts that a file was meant to have replaced: Redis replaces nothing. */
static const char *const literals[] = {"${REDIS_PASSWORD}", "${REDIS_PASSWORD:-}"};

static bool is_literal(struct span text)
{
    return span_equal(text, span_of(literals[0])) || span_equal(text, span_of(literals[1]));
}

static void tell_own(struct collect *c)
{
    const struct address *a = &c->address;
    const char *host = a->host && a->kind != ADDRESS_SENTINEL ? a->host : "";
    bool loopback = strncmp(host, LOOPBACK_V4, strlen(LOOPBACK_V4)) == 0 || strcmp(host, "localhost") == 0 ||
                    strcmp(host, "::1") == 0;
    doctor_tell(c, "auth.password",
                !a->password                       ? S("none")
                : is_literal(span_of(a->password)) ? span_of(a->password)
                                                   : S("given"));
    doctor_tell(c, "connection.way",
                a->kind == ADDRESS_UNIX ? S("unix")
                : loopback              ? S("loopback")
                                        : S("network"));
}

static void on_user(struct collect *c, size_t index, const struct reply *r)
{
    struct span user;
    (void)index;
    if (reply_string(r, &user)) {
        snprintf(c->doctor.user, sizeof c->doctor.user, "%.*s",
                 (int)span_head(user, sizeof c->doctor.user - 1).len, user.data);
        doctor_tell(c, "acl.user", user);
    } else {
        doctor_tell_unknown(c, "acl.user", collect_error(r));
    }
}

/* What ACL GETUSER tells of the flags of the user default: whether anybody may come in without a password. */
static void on_default_user(struct collect *c, size_t index, const struct reply *r)
{
    (void)index;
    for (size_t i = 0; i + 1 < reply_count(r); i += 2) {
        if (span_equal(reply_text(reply_at(r, i)), S("flags"))) {
            const struct reply *flags = reply_at(r, i + 1);
            bool off = false, nopass = false;
            for (size_t k = 0; k < reply_count(flags); k++) {
                off = off || span_equal(reply_text(reply_at(flags, k)), S("off"));
                nopass = nopass || span_equal(reply_text(reply_at(flags, k)), S("nopass"));
            }
            doctor_tell(c, "acl.default", off ? S("off") : nopass ? S("nopass") : S("password"));
            return;
        }
    }
    doctor_tell_unknown(c, "acl.default", collect_error(r));
}

static void on_time(struct collect *c, size_t index, const struct reply *r)
{
    int64_t s, us;
    int64_t mono = clock_mono_us(), wall = clock_wall_us();
    (void)index;
    if (!reply_int(reply_at(r, 0), &s) || !reply_int(reply_at(r, 1), &us) || s < 0 || s > INT64_C(1) << 40 ||
        us < 0 || us >= US_PER_S) {
        doctor_tell_unknown(c, "clock.ahead_us", collect_error(r));
        return;
    }
    /* It was so late there when half of the way was done. */
    int64_t half = (mono - c->doctor.begun_us) / 2;
    doctor_tell_number(c, "clock.ahead_us", s * US_PER_S + us - (wall - half));
    doctor_tell_number(c, "clock.unsure_us", half);
}

static void on_slowlog(struct collect *c, size_t index, const struct reply *r)
{
    int64_t len;
    (void)index;
    if (reply_int(r, &len)) {
        doctor_tell_number(c, "slowlog.len", len);
    } else {
        doctor_tell_unknown(c, "slowlog.len", collect_error(r));
    }
}

/* Commands that Celery or this console cannot do without, or part of it cannot. */
static const char *const command_names[] = {
    "INFO",   "SCAN",     "TYPE",      "LRANGE",  "HSCAN", "MULTI",      "EXEC",    "WATCH",
    "LPUSH",  "BRPOP",    "RPUSH",     "HSET",    "HDEL",  "ZADD",       "ZREM",    "SADD",
    "SREM",   "SMEMBERS", "SUBSCRIBE", "PUBLISH", "SETEX", "PSUBSCRIBE", "EVALSHA", "CONFIG",
    "CLIENT", "SLOWLOG",  "LATENCY",   "MONITOR", "DUMP",  "RESTORE",    "MEMORY",
};
enum { COMMAND_NAMES = sizeof command_names / sizeof command_names[0] };

static void tell_gone(struct collect *c, size_t i)
{
    char name[40];
    snprintf(name, sizeof name, "command.%s", command_names[i]);
    doctor_tell(c, name, S("gone"));
}

/* Before 7.0: an answer for each name; later ones nest deeper than this program reads. */
static void on_commands(struct collect *c, size_t index, const struct reply *r)
{
    (void)index;
    if (reply_count(r) != COMMAND_NAMES) {
        doctor_tell_unknown(c, "commands", collect_error(r));
        return;
    }
    doctor_tell(c, "commands", S("asked"));
    for (size_t i = 0; i < COMMAND_NAMES; i++) {
        const struct reply *row = reply_at(r, i);
        if (reply_type(row) == REPLY_NIL || (reply_type(row) == REPLY_ARRAY && !reply_count(row))) {
            tell_gone(c, i);
        }
    }
}

static bool names(const struct reply *list, const char *name)
{
    for (size_t i = 0; i < reply_count(list); i++) {
        struct span text = reply_text(reply_at(list, i));
        if (text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0) {
            return true;
        }
    }
    return false;
}

/* From 7.0 on: the names of all that there is. */
static void on_command_list(struct collect *c, size_t index, const struct reply *r)
{
    (void)index;
    c->doctor.no_list = reply_is_error(r) && !span_starts(reply_error(r), S("NOPERM"));
    if (c->doctor.no_list) {
        return;
    }
    if (reply_count(r) == 0) {
        doctor_tell_unknown(c, "commands", collect_error(r));
        return;
    }
    doctor_tell(c, "commands", S("asked"));
    for (size_t i = 0; i < COMMAND_NAMES; i++) {
        if (!names(r, command_names[i])) {
            tell_gone(c, i);
        }
    }
}

static bool ask_commands(struct collect *c)
{
    struct span args[COMMAND_NAMES + 2] = {SPAN_LITERAL("COMMAND"), SPAN_LITERAL("INFO")};
    for (size_t i = 0; i < COMMAND_NAMES; i++) {
        args[i + 2] = span_of(command_names[i]);
    }
    return doctor_ask(c, c->poll, on_commands, 0, COMMAND_NAMES + 2, args);
}

/* TIME goes alone, so that its way is measured. */
bool doctor_time(struct collect *c)
{
    if (!c->doctor.sent) {
        tell_own(c);
        c->doctor.begun_us = clock_mono_us();
        c->doctor.sent = ASK(c, on_time, 0, S("TIME"));
    }
    return c->doctor.sent;
}

bool doctor_server(struct collect *c)
{
    struct doctor *d = &c->doctor;
    d->sent += d->sent == 0 && ASK(c, on_user, 0, S("ACL"), S("WHOAMI"));
    d->sent += d->sent == 1 && ASK(c, on_default_user, 0, S("ACL"), S("GETUSER"), S("default"));
    d->sent += d->sent == 2 && ASK(c, on_slowlog, 0, S("SLOWLOG"), S("LEN"));
    d->sent += d->sent == 3 && ASK(c, on_command_list, 0, S("COMMAND"), S("LIST"));
    if (d->sent < 4 || d->in_flight) {
        return false;
    }
    d->sent += d->sent == 4 && (!d->no_list || ask_commands(c));
    return d->sent == 5;
}

/* --- settings --- */

static const char *const setting_names[] = {
    "maxmemory",
    "maxmemory-policy",
    "save",
    "appendonly",
    "appendfsync",
    "stop-writes-on-bgsave-error",
    "requirepass",
    "bind",
    "protected-mode",
    "port",
    "tls-port",
    "timeout",
    "tcp-keepalive",
    "maxclients",
    "client-output-buffer-limit",
    "slowlog-log-slower-than",
    "slowlog-max-len",
    "latency-monitor-threshold",
    "notify-keyspace-events",
};
enum { SETTING_NAMES = sizeof setting_names / sizeof setting_names[0] };

/* A password goes no further than this. */
static void tell_setting(struct collect *c, const char *name, struct span value)
{
    bool secret = strcmp(name, "requirepass") == 0 && value.len && !is_literal(value);
    doctor_tell(c, name, secret ? S("(set)") : span_head(value, 400));
}

static void tell_from(struct collect *c, size_t index, const struct reply *r)
{
    const char *name = setting_names[index];
    for (size_t i = 0; i + 1 < reply_count(r); i += 2) {
        struct span value;
        if (span_equal(reply_text(reply_at(r, i)), span_of(name)) &&
            reply_string(reply_at(r, i + 1), &value)) {
            tell_setting(c, name, value);
            return;
        }
    }
    doctor_tell_unknown(
        c, name, reply_type(r) == REPLY_ARRAY ? S("this server has no such setting") : collect_error(r));
}

static void on_setting(struct collect *c, size_t index, const struct reply *r)
{
    tell_from(c, index, r);
}

static bool says_wrong_number(struct span error)
{
    return span_search(error, S("wrong number of arguments")) < error.len;
}

static void on_settings(struct collect *c, size_t index, const struct reply *r)
{
    (void)index;
    if (reply_is_error(r) && says_wrong_number(reply_error(r))) {
        c->doctor.one_each = true; /* before 7.0 */
        return;
    }
    for (size_t i = 0; i < SETTING_NAMES; i++) {
        tell_from(c, i, r);
    }
}

static bool ask_settings(struct collect *c)
{
    struct span args[SETTING_NAMES + 2] = {SPAN_LITERAL("CONFIG"), SPAN_LITERAL("GET")};
    for (size_t i = 0; i < SETTING_NAMES; i++) {
        args[i + 2] = span_of(setting_names[i]);
    }
    return doctor_ask(c, c->poll, on_settings, 0, SETTING_NAMES + 2, args);
}

bool doctor_settings(struct collect *c)
{
    struct doctor *d = &c->doctor;
    if (!d->asked_all) {
        d->asked_all = ask_settings(c);
        return false;
    }
    if (d->in_flight && !d->one_each) {
        return false;
    }
    while (d->one_each && d->sent < SETTING_NAMES &&
           ASK(c, on_setting, d->sent, S("CONFIG"), S("GET"), span_of(setting_names[d->sent]))) {
        d->sent++;
    }
    return !d->one_each || d->sent == SETTING_NAMES;
}
