#include "redai/link/address.h"

#include <strings.h>

#include "redai/base/secret.h"

void address_release_tls(struct address_tls *tls)
{
    mem_free(tls->ca_file);
    mem_free(tls->ca_dir);
    mem_free(tls->cert);
    mem_free(tls->key);
    mem_free(tls->server_name);
    *tls = (struct address_tls){.insecure = false};
}

void address_release(struct address *a)
{
    mem_free(a->host);
    mem_free(a->user);
    secret_forget(&a->password);
    mem_free(a->service);
    mem_free(a->sentinels);
    mem_free(a->sentinel_user);
    secret_forget(&a->sentinel_password);
    address_release_tls(&a->tls);
    *a = (struct address){0};
}

void address_copy_tls(struct address_tls *to, const struct address_tls *from)
{
    *to = (struct address_tls){
        .ca_file = mem_strdup(from->ca_file),
        .ca_dir = mem_strdup(from->ca_dir),
        .cert = mem_strdup(from->cert),
        .key = mem_strdup(from->key),
        .server_name = mem_strdup(from->server_name),
        .insecure = from->insecure,
    };
}

void address_copy(struct address *to, const struct address *from)
{
    *to = (struct address){
        .kind = from->kind,
        .host = mem_strdup(from->host),
        .port = from->port,
        .user = mem_strdup(from->user),
        .password = mem_strdup(from->password),
        .db = from->db,
        .service = mem_strdup(from->service),
        .sentinels = mem_strdup(from->sentinels),
        .sentinel_user = mem_strdup(from->sentinel_user),
        .sentinel_password = mem_strdup(from->sentinel_password),
        .read_from = from->read_from,
        .spread = from->spread,
        .secure = from->secure,
    };
    address_copy_tls(&to->tls, &from->tls);
}

static bool stands_for_itself(unsigned char c, const char *more)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(more, c));
}

/* So that what is shown can be typed in again, and no byte of a path reaches a terminal raw. */
static void show_escaped(const char *text, const char *more, UT_string *out)
{
    for (const char *at = text ? text : ""; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (stands_for_itself(c, more)) {
            utstring_bincpy(out, at, 1);
        } else {
            utstring_printf(out, "%%%02X", c);
        }
    }
}

static void show_host(const char *host, UT_string *out)
{
    bool is_v6 = host && strchr(host, ':');
    utstring_printf(out, "%s", is_v6 ? "[" : "");
    show_escaped(host, "-._:", out);
    utstring_printf(out, "%s", is_v6 ? "]" : "");
}

bool address_wants_replica(const struct address *a)
{
    return a->kind == ADDRESS_SENTINEL && a->read_from == READ_FROM_REPLICA;
}

void address_show(const struct address *a, UT_string *out)
{
    switch (a->kind) {
    case ADDRESS_UNIX:
        utstring_printf(out, "unix://");
        show_escaped(a->host, "-._~/:@+=,", out);
        utstring_printf(out, "?db=%d", a->db);
        return;
    case ADDRESS_SENTINEL:
        utstring_printf(out, "redis%s+sentinel://%s/", a->secure ? "s" : "",
                        a->sentinels ? a->sentinels : "");
        show_escaped(a->service, "-._~:+=,", out);
        utstring_printf(out, "/%d%s", a->db, address_wants_replica(a) ? "?read-from=replica" : "");
        return;
    case ADDRESS_TCP:
    case ADDRESS_TLS:
        utstring_printf(out, "%s://", a->kind == ADDRESS_TLS ? "rediss" : "redis");
        show_host(a->host, out);
        utstring_printf(out, ":%d/%d", a->port, a->db);
        return;
    }
}

char *address_server(const struct address *a)
{
    struct address of = *a; /* borrows */
    UT_string shown;
    of.db = 0;
    of.read_from = READ_FROM_UNSAID;
    utstring_init(&shown);
    address_show(&of, &shown);
    char *text = span_dup(text_span(&shown));
    utstring_done(&shown);
    return text;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static const char *plain_host(const struct address *a)
{
    const char *host = a->host ? a->host : "";
    return a->kind != ADDRESS_UNIX && strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host;
}

bool address_same_server(const struct address *a, const struct address *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == ADDRESS_SENTINEL) {
        return a->secure == b->secure && address_wants_replica(a) == address_wants_replica(b) &&
               same_text(a->service, b->service) && same_text(a->sentinels, b->sentinels);
    }
    bool same_host = a->kind == ADDRESS_UNIX ? strcmp(plain_host(a), plain_host(b)) == 0
                                             : strcasecmp(plain_host(a), plain_host(b)) == 0;
    return same_host && (a->kind == ADDRESS_UNIX || a->port == b->port);
}

bool address_same_user(const struct address *a, const struct address *b)
{
    return same_text(a->user, b->user) && same_text(a->password, b->password);
}
