/* address: where a Redis is, parsed from a URL:
 *   redis://[user[:password]@]host[:port][/db]     rediss://... (TLS)
 *   unix:///path?db=N   (also unix://[user:password@]/path?db=N)
 *   redis+sentinel://[:password@]host:port[,host:port]/service[/db][?read-from=master|replica]
 *   rediss+sentinel://...  (TLS to the sentinels and to the servers they name)
 * A user without a password ("user@") is one whose password comes from elsewhere: "user:@" has an empty one.
 * A sentinel URL's password is that of the Redis servers. Percent escapes are decoded in user, password,
 * service and path; IPv6 hosts stand in brackets. The password is a secret: address_show never has it. */
#ifndef REDAI_LINK_ADDRESS_H
#define REDAI_LINK_ADDRESS_H

#include "redai/base/container.h"
#include "redai/base/err.h"

enum address_kind { ADDRESS_TCP, ADDRESS_TLS, ADDRESS_UNIX, ADDRESS_SENTINEL };

/* Which server of a service is wanted. */
enum address_read_from { READ_FROM_UNSAID, READ_FROM_MASTER, READ_FROM_REPLICA };

/* How a TLS server is verified and who we are to it. Paths are files of PEM; no URL holds them. */
struct address_tls {
    char *ca_file, *ca_dir; /* whom to trust; NULL both: the system's authorities */
    char *cert, *key;       /* the client's certificate (with its chain) and key; NULL none */
    char *server_name; /* asked for (SNI) and expected in the certificate instead of the host; NULL: host */
    bool insecure;     /* neither the chain nor the name is verified */
};

struct address {
    enum address_kind kind;
    char *host;     /* or socket path; for sentinel the first host */
    int port;       /* default 6379 (26379 for sentinel) */
    char *user;     /* NULL when none */
    char *password; /* NULL when none */
    int db;
    char *service;   /* sentinel */
    char *sentinels; /* "host:port,host:port" */
    char *sentinel_user,
        *sentinel_password;           /* what the sentinels want themselves; no URL holds them; NULL none */
    enum address_read_from read_from; /* sentinel; unsaid means the master */
    unsigned spread; /* which of several replicas comes first: the same for all links of a run, another one
                        for each run */
    bool secure;     /* TLS: rediss://, rediss+sentinel:// */
    struct address_tls tls;
};

/* On failure err names the wrong part and what was expected, without the password; *a is released. */
bool address_parse(struct address *a, const char *url, struct err *err);
void address_release(struct address *a); /* wipes the password; a zeroed address is valid */
void address_copy(struct address *to, const struct address *from); /* what *to held is not released */
void address_release_tls(struct address_tls *tls);
void address_copy_tls(struct address_tls *to, const struct address_tls *from); /* the same */
/* Whether a replica is asked for: a server that is one is then what was wanted. */
bool address_wants_replica(const struct address *a);
/* "redis://host:6379/0" without user and password: for the screen, journal and errors. */
void address_show(const struct address *a, UT_string *out);
/* The same of the server alone, whatever the database and which of a service's servers; the caller frees. */
char *address_server(const struct address *a);

/* Whether both lead to one server, whatever the database and whoever logs in: by what the addresses say.
 * "localhost" is 127.0.0.1 here; a service's master is another one than its replicas. */
bool address_same_server(const struct address *a, const struct address *b);
/* Whether both log in alike. */
bool address_same_user(const struct address *a, const struct address *b);

#endif
