/* address: where a Redis is, parsed from a URL:
 *   redis://[user[:password]@]host[:port][/db]     rediss://... (TLS)
 *   unix:///path?db=N   (also unix://[user:password@]/path?db=N)
 *   redis+sentinel://[:password@]host:port[,host:port]/service[/db]
 * A sentinel URL's password is that of the Redis servers. Percent escapes are decoded in user, password,
 * service and path; IPv6 hosts stand in brackets. The password is a secret: address_show never has it. */
#ifndef REDAI_LINK_ADDRESS_H
#define REDAI_LINK_ADDRESS_H

#include "redai/base/container.h"
#include "redai/base/err.h"

enum address_kind { ADDRESS_TCP, ADDRESS_TLS, ADDRESS_UNIX, ADDRESS_SENTINEL };

/* How a TLS server is verified and who we are to it. Paths are files of PEM; no URL holds them. */
struct address_tls {
    char *ca_file, *ca_dir; /* whom to trust; NULL both: the system's authorities */
    char *cert, *key;       /* the client's certificate (with its chain) and key; NULL none */
    char *server_name; /* asked for (SNI) and expected in the certificate instead of the host; NULL: host */
    bool insecure;     /* neither the chain nor the name is verified */
};

struct address {
    enum address_kind kind;
    char *host; /* or socket path; for sentinel the first host */
    int port;   /* default 6379 (26379 for sentinel) */
    char *user; /* NULL when none */
    char *password;
    int db;
    char *service;   /* sentinel */
    char *sentinels; /* "host:port,host:port" */
    char *sentinel_user,
        *sentinel_password; /* what the sentinels want themselves; no URL holds them; NULL none */
    struct address_tls tls;
};

/* On failure err names the wrong part and what was expected, without the password; *a is released. */
bool address_parse(struct address *a, const char *url, struct err *err);
void address_release(struct address *a); /* wipes the password; a zeroed address is valid */
void address_copy(struct address *to, const struct address *from); /* what *to held is not released */
/* "redis://host:6379/0" without user and password: for the screen, journal and errors. */
void address_show(const struct address *a, UT_string *out);

#endif
