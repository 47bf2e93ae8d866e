/* The parsing half of address. What stands in a URL may be (a piece of) a password that somebody forgot to
 * escape, so no message quotes any part of it but the scheme and the name of an option. */
#include <arpa/inet.h>
#include <limits.h>
#include <strings.h>
#include <sys/un.h>

#include "redai/base/num.h"

#include "redai/link/address.h"

enum {
    URL_MAX = 4096,
    NAME_MAX_SHOWN = 24,
    HOST_LENGTH_MAX = 253, /* RFC 1035 */
    PORT_MAX = 65535,
    DEFAULT_PORT = 6379,
    DEFAULT_SENTINEL_PORT = 26379,
    SOCKET_PATH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - 1
};

static const struct {
    struct span name;
    enum address_kind kind;
    bool secure;
} schemes[] = {
    {SPAN_LITERAL("redis"), ADDRESS_TCP, false},
    {SPAN_LITERAL("rediss"), ADDRESS_TLS, true},
    {SPAN_LITERAL("unix"), ADDRESS_UNIX, false},
    {SPAN_LITERAL("redis+sentinel"), ADDRESS_SENTINEL, false},
    {SPAN_LITERAL("rediss+sentinel"), ADDRESS_SENTINEL, true},
};

/* Still escaped, borrowed from the URL. */
struct parts {
    struct span userinfo, authority, path, query;
    bool has_userinfo;
};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._+", c));
}

static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_name_char(s.data[i])) {
            return false;
        }
    }
    return s.len > 0;
}

static size_t find_any(struct span s, const char *set)
{
    size_t at = 0;
    while (at < s.len && !strchr(set, s.data[at])) {
        at++;
    }
    return at;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A heap copy with the percent escapes decoded, in *ret; what it replaces there is not released. */
static bool decode(struct span s, const char *what, char **ret, struct err *err)
{
    char *out = mem_zalloc(s.len + 1);
    size_t used = 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == '%') {
            int high = s.len - i > 2 ? hex_digit(s.data[i + 1]) : -1;
            int low = s.len - i > 2 ? hex_digit(s.data[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                explicit_bzero(out, s.len);
                mem_free(out);
                return err_set(err, ERR_PARSE,
                               "%s has a broken percent escape: expected %%25 for a percent sign", what);
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[used++] = c;
    }
    *ret = out;
    return true;
}

static bool read_scheme(struct span *url, struct address *a, struct err *err)
{
    size_t end = span_search(*url, S("://"));
    struct span name = span_head(*url, end);

    if (end == url->len || !is_name(name)) {
        return err_set(err, ERR_PARSE,
                       "address has no scheme: expected redis://, rediss://, unix://, redis+sentinel:// or "
                       "rediss+sentinel://");
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (name.len == schemes[i].name.len && strncasecmp(name.data, schemes[i].name.data, name.len) == 0) {
            a->kind = schemes[i].kind;
            a->secure = schemes[i].secure;
            *url = span_skip(*url, end + 3);
            return true;
        }
    }
    return err_set(
        err, ERR_PARSE,
        "scheme \"%.*s\" is unknown: expected redis, rediss, unix, redis+sentinel or rediss+sentinel",
        (int)(name.len < NAME_MAX_SHOWN ? name.len : NAME_MAX_SHOWN), name.data);
}

static bool split(struct span url, struct parts *p, struct err *err)
{
    size_t end = find_any(url, "/?#");
    p->authority = span_head(url, end);
    struct span rest = span_skip(url, end);

    if (span_find(rest, '#') != rest.len) {
        return err_set(err, ERR_PARSE, "address has a \"#\": expected %%23 for it");
    }
    const char *at = p->authority.len ? memrchr(p->authority.data, '@', p->authority.len) : NULL;
    if (at) {
        size_t len = (size_t)(at - p->authority.data);
        p->has_userinfo = true;
        p->userinfo = span_head(p->authority, len);
        p->authority = span_skip(p->authority, len + 1);
    } else if (p->authority.len && span_find(rest, '@') != rest.len) {
        /* redis://:se/cret@host: all behind the slash would pass for a path, and be shown. */
        return err_set(err, ERR_PARSE,
                       "address has \"@\" behind the host: expected %%2F %%3F %%40 for / ? @ in a "
                       "password");
    }
    size_t mark = span_find(rest, '?');
    p->path = span_head(rest, mark);
    p->query = span_skip(rest, mark + 1);
    return true;
}

static bool read_userinfo(struct address *a, const struct parts *p, struct err *err)
{
    size_t colon = span_find(p->userinfo, ':');

    if (!p->has_userinfo || p->userinfo.len == 0 || span_equal(p->userinfo, S(":"))) {
        return true;
    }
    if (colon > 0 && !decode(span_head(p->userinfo, colon), "user", &a->user, err)) {
        return false;
    }
    return colon == p->userinfo.len ||
           decode(span_skip(p->userinfo, colon + 1), "password", &a->password, err);
}

/* A name, an IPv4 address, or an IPv6 address (its brackets taken off), perhaps with a zone. */
static bool read_host_name(struct span s, bool is_bracketed, char **ret, struct err *err)
{
    char *host = NULL;
    bool ok = s.len > 0 && s.len <= HOST_LENGTH_MAX;

    if (ok && is_bracketed) {
        if (!decode(s, "host", &host, err)) {
            return false;
        }
        unsigned char binary[sizeof(struct in6_addr)];
        char *zone = strchr(host, '%');
        ok = !zone || is_name(span_of(zone + 1));
        if (ok) {
            struct span plain = span_head(span_of(host), zone ? (size_t)(zone - host) : strlen(host));
            char *text = span_dup(plain);
            ok = inet_pton(AF_INET6, text, binary) == 1;
            mem_free(text);
        }
    } else if (ok) {
        ok = is_name(s) && span_find(s, '+') == s.len;
        host = span_dup(s);
    }
    if (!ok) {
        mem_free(host);
        return err_set(err, ERR_PARSE,
                       "host is wrong: expected a name, an IPv4 address or an IPv6 address in brackets");
    }
    *ret = host;
    return true;
}

/* host[:port] */
static bool read_host(struct span s, int default_port, char **ret_host, int *ret_port, struct err *err)
{
    bool is_bracketed = span_starts(s, S("["));
    size_t host_end = span_find(s, is_bracketed ? ']' : ':');
    struct span host = is_bracketed ? span_skip(span_head(s, host_end), 1) : span_head(s, host_end);
    struct span rest = span_skip(s, is_bracketed ? host_end + 1 : host_end);
    int64_t port = default_port;

    if (!is_bracketed && span_find(span_skip(rest, 1), ':') != span_skip(rest, 1).len) {
        return err_set(err, ERR_PARSE, "host has several colons: expected an IPv6 address in brackets");
    }
    if (host.len == 0) {
        return err_set(err, ERR_PARSE, "host is missing: expected redis://host:port/db");
    }
    if (rest.len > 0 && (rest.data[0] != ':' || !num_i64_range(span_skip(rest, 1), 1, PORT_MAX, &port) ||
                         rest.data[1] < '0' || rest.data[1] > '9')) {
        return err_set(err, ERR_PARSE, "port is wrong: expected a number from 1 to 65535");
    }
    if (is_bracketed && host_end == s.len) {
        return err_set(err, ERR_PARSE, "host is wrong: expected \"]\" behind an IPv6 address");
    }
    *ret_port = (int)port;
    return read_host_name(host, is_bracketed, ret_host, err);
}

static bool read_db(struct span s, int *ret, struct err *err)
{
    int64_t db;
    if (s.len == 0 || s.data[0] < '0' || s.data[0] > '9' || !num_i64_range(s, 0, INT_MAX, &db)) {
        return err_set(err, ERR_PARSE, "database is wrong: expected a number, 0 or more");
    }
    *ret = (int)db;
    return true;
}

/* "/3"; "" and "/" stand for 0. */
static bool read_db_path(struct span path, int *ret, struct err *err)
{
    return path.len <= 1 || read_db(span_skip(path, 1), ret, err);
}

static bool read_from(struct span s, struct address *a, struct err *err)
{
    if (a->kind != ADDRESS_SENTINEL) {
        return err_set(err, ERR_PARSE,
                       "read-from is of sentinels, which know the replicas: expected the address of the "
                       "replica itself");
    }
    bool ok = span_equal(s, S("master")) || span_equal(s, S("replica"));
    a->read_from = span_equal(s, S("replica")) ? READ_FROM_REPLICA : READ_FROM_MASTER;
    return ok || err_set(err, ERR_PARSE, "read-from is wrong: expected master or replica");
}

static bool read_query(struct span query, struct address *a, struct err *err)
{
    while (query.len > 0) {
        size_t end = span_find(query, '&');
        struct span pair = span_head(query, end);
        struct span name = span_head(pair, span_find(pair, '='));
        query = span_skip(query, end + 1);
        struct span value = span_skip(pair, name.len + 1);
        if (!span_equal(name, S("db")) && !span_equal(name, S("read-from"))) {
            bool is_shown = is_name(name) && name.len <= NAME_MAX_SHOWN && name.len < pair.len;
            return is_shown ? err_set(err, ERR_PARSE, "option \"%.*s\" is unknown: expected db=N",
                                      (int)name.len, name.data)
                            : err_set(err, ERR_PARSE, "option behind \"?\" is unknown: expected db=N");
        }
        if (span_equal(name, S("db")) ? !read_db(value, &a->db, err) : !read_from(value, a, err)) {
            return false;
        }
    }
    return true;
}

static bool read_tcp(struct address *a, const struct parts *p, struct err *err)
{
    return read_host(p->authority, DEFAULT_PORT, &a->host, &a->port, err) &&
           read_db_path(p->path, &a->db, err);
}

static bool read_unix(struct address *a, const struct parts *p, struct err *err)
{
    if (p->authority.len > 0 || p->path.len < 2) {
        return err_set(err, ERR_PARSE, "socket path is missing: expected unix:///path?db=N");
    }
    if (!decode(p->path, "socket path", &a->host, err)) {
        return false;
    }
    if (strlen(a->host) > SOCKET_PATH_MAX) {
        return err_set(err, ERR_RANGE, "socket path is too long: expected at most %d bytes",
                       (int)SOCKET_PATH_MAX);
    }
    return true;
}

/* Adds one "host:port" to the list and keeps the first as host and port. */
static bool read_sentinel_host(struct span s, struct address *a, UT_string *list, struct err *err)
{
    char *host = NULL;
    int port = 0;
    if (!read_host(s, DEFAULT_SENTINEL_PORT, &host, &port, err)) {
        return false;
    }
    bool is_v6 = host && strchr(host, ':') != NULL;
    utstring_printf(list, "%s%s%s%s:%d", utstring_len(list) ? "," : "", is_v6 ? "[" : "", host,
                    is_v6 ? "]" : "", port);
    if (a->host) {
        mem_free(host);
    } else {
        a->host = host;
        a->port = port;
    }
    return true;
}

static bool read_sentinels(struct address *a, const struct parts *p, struct err *err)
{
    UT_string list;
    struct span rest = p->authority;
    bool ok = true;

    utstring_init(&list);
    do {
        size_t end = span_find(rest, ',');
        bool is_last = end == rest.len;
        ok = read_sentinel_host(span_head(rest, end), a, &list, err);
        if (is_last) {
            break;
        }
        rest = span_skip(rest, end + 1);
    } while (ok);
    if (ok) {
        a->sentinels = span_dup(text_span(&list));
    }
    utstring_done(&list);
    if (!ok) {
        return false;
    }

    struct span path = span_skip(p->path, 1);
    size_t slash = span_find(path, '/');
    if (slash == 0) {
        return err_set(err, ERR_PARSE, "service is missing: expected redis+sentinel://host:port/service");
    }
    return decode(span_head(path, slash), "service", &a->service, err) &&
           read_db_path(span_skip(path, slash), &a->db, err);
}

static bool parse(struct address *a, struct span url, struct err *err)
{
    struct parts p = {0};
    bool ok = read_scheme(&url, a, err) && split(url, &p, err) && read_userinfo(a, &p, err);

    if (ok && a->kind == ADDRESS_UNIX) {
        ok = read_unix(a, &p, err);
    } else if (ok && a->kind == ADDRESS_SENTINEL) {
        ok = read_sentinels(a, &p, err);
    } else if (ok) {
        ok = read_tcp(a, &p, err);
    }
    return ok && read_query(p.query, a, err);
}

bool address_parse(struct address *a, const char *url, struct err *err)
{
    struct span text = span_of(url);

    *a = (struct address){0};
    if (text.len == 0) {
        return err_set(err, ERR_PARSE, "address is empty: expected redis://host:port/db");
    }
    if (text.len > URL_MAX) {
        return err_set(err, ERR_RANGE, "address is too long: expected at most %d bytes", URL_MAX);
    }
    if (!parse(a, text, err)) {
        address_release(a);
        return false;
    }
    return true;
}
