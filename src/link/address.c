#include "redai/link/address.h"

static void wipe(char **secret)
{
    if (*secret) {
        explicit_bzero(*secret, strlen(*secret));
    }
    mem_free(*secret);
    *secret = NULL;
}

void address_release(struct address *a)
{
    mem_free(a->host);
    mem_free(a->user);
    wipe(&a->password);
    mem_free(a->service);
    mem_free(a->sentinels);
    mem_free(a->sentinel_user);
    wipe(&a->sentinel_password);
    mem_free(a->tls.ca_file);
    mem_free(a->tls.ca_dir);
    mem_free(a->tls.cert);
    mem_free(a->tls.key);
    mem_free(a->tls.server_name);
    *a = (struct address){0};
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
        .tls =
            {
                .ca_file = mem_strdup(from->tls.ca_file),
                .ca_dir = mem_strdup(from->tls.ca_dir),
                .cert = mem_strdup(from->tls.cert),
                .key = mem_strdup(from->tls.key),
                .server_name = mem_strdup(from->tls.server_name),
                .insecure = from->tls.insecure,
            },
    };
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

void address_show(const struct address *a, UT_string *out)
{
    switch (a->kind) {
    case ADDRESS_UNIX:
        utstring_printf(out, "unix://");
        show_escaped(a->host, "-._~/:@+=,", out);
        utstring_printf(out, "?db=%d", a->db);
        return;
    case ADDRESS_SENTINEL:
        utstring_printf(out, "redis+sentinel://%s/", a->sentinels ? a->sentinels : "");
        show_escaped(a->service, "-._~:+=,", out);
        utstring_printf(out, "/%d", a->db);
        return;
    case ADDRESS_TCP:
    case ADDRESS_TLS:
        utstring_printf(out, "%s://", a->kind == ADDRESS_TLS ? "rediss" : "redis");
        show_host(a->host, out);
        utstring_printf(out, ":%d/%d", a->port, a->db);
        return;
    }
}
