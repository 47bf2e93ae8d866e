#include "tls.h"

#include "tls_context.h"
#include "tls_trouble.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

struct tls {
    SSL_CTX *context;
    SSL *ssl;
    char *name; /* whom the certificate must be for */
    struct err error;
    bool read_wants_write, write_wants_read;
};

/* Its place in an SSL, for the verify callback. */
static int own_index(void)
{
    static int index = -1;
    if (index < 0) {
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    }
    return index;
}

/* The first thing that is wrong is told; nothing that is wrong is let through. */
static int on_verify(int ok, X509_STORE_CTX *store)
{
    if (!ok) {
        SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
        struct tls *t = SSL_get_ex_data(ssl, own_index());
        if (t->error.code == ERR_NONE) {
            tls_trouble_certificate(&t->error, store, t->name);
        }
    }
    return ok;
}

static bool is_ip(const char *name)
{
    unsigned char room[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* Whom to ask for (a name only, RFC 6066), and who must answer. */
static bool expect_name(struct tls *t, struct err *err)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
    bool ok;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip(t->name)) {
        ok = X509_VERIFY_PARAM_set1_ip_asc(param, t->name) == 1;
    } else {
        ok = SSL_set_tlsext_host_name(t->ssl, t->name) == 1 &&
             X509_VERIFY_PARAM_set1_host(param, t->name, 0) == 1;
    }
    ERR_clear_error();
    return ok || err_set(err, ERR_NETWORK, "TLS: \"%s\" is no name that a certificate could be for", t->name);
}

struct tls *tls_new(const struct address_tls *a, const char *host, int fd, struct err *err)
{
    struct tls *t = mem_zalloc(sizeof(*t));
    ERR_clear_error();
    t->context = tls_context_take(a, err);
    if (t->context) {
        t->ssl = SSL_new(t->context);
        t->name = mem_strdup(a->server_name ? a->server_name : host);
        if (!t->ssl || SSL_set_ex_data(t->ssl, own_index(), t) != 1 || SSL_set_fd(t->ssl, fd) != 1) {
            mem_exhausted();
        }
        SSL_set_verify(t->ssl, a->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       a->insecure ? NULL : on_verify);
        SSL_set_connect_state(t->ssl);
    }
    if (!t->context || !expect_name(t, err)) {
        tls_free(t);
        return NULL;
    }
    return t;
}

void tls_free(struct tls *t)
{
    if (!t) {
        return;
    }
    if (t->ssl && SSL_is_init_finished(t->ssl) && t->error.code == ERR_NONE) {
        SSL_shutdown(t->ssl); /* one record, if there is room; the answer is not waited for */
    }
    ERR_clear_error();
    SSL_free(t->ssl);
    SSL_CTX_free(t->context);
    mem_free(t->name);
    mem_free(t);
}

static void failed(struct tls *t, int number)
{
    if (t->error.code == ERR_NONE) {
        tls_trouble_queue(&t->error, number);
    }
    ERR_clear_error();
}

enum tls_step tls_handshake(struct tls *t)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(t->ssl);
    int number = errno;
    if (result == 1) {
        return TLS_DONE;
    }
    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANTS_WRITE;
    default:
        failed(t, number);
        return TLS_FAILED;
    }
}

/* What SSL_read or SSL_write said, as read(2) and write(2) would. */
static ssize_t result_of(struct tls *t, int result, int number, bool *crossed, int crossing)
{
    if (result > 0) {
        return result;
    }
    int kind = SSL_get_error(t->ssl, result);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        *crossed = kind == crossing;
        errno = EAGAIN;
        return -1;
    }
    if (kind == SSL_ERROR_ZERO_RETURN || (kind == SSL_ERROR_SYSCALL && number == 0)) {
        return 0;
    }
    if (kind == SSL_ERROR_SYSCALL) {
        errno = number;
        return -1;
    }
    /* A peer that goes without a goodbye is what a killed server looks like. */
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return 0;
    }
    failed(t, number);
    errno = EPROTO;
    return -1;
}

ssize_t tls_read(struct tls *t, void *data, size_t bytes)
{
    ERR_clear_error();
    t->read_wants_write = false;
    errno = 0;
    int got = SSL_read(t->ssl, data, bytes > INT_MAX ? INT_MAX : (int)bytes);
    return result_of(t, got, errno, &t->read_wants_write, SSL_ERROR_WANT_WRITE);
}

ssize_t tls_write(struct tls *t, const void *data, size_t bytes)
{
    ERR_clear_error();
    t->write_wants_read = false;
    errno = 0;
    int sent = SSL_write(t->ssl, data, bytes > INT_MAX ? INT_MAX : (int)bytes);
    ssize_t result = result_of(t, sent, errno, &t->write_wants_read, SSL_ERROR_WANT_READ);
    if (result == 0) { /* the peer has said goodbye */
        errno = EPIPE;
        result = -1;
    }
    return result;
}

bool tls_read_wants_write(const struct tls *t)
{
    return t->read_wants_write;
}

bool tls_write_wants_read(const struct tls *t)
{
    return t->write_wants_read;
}

const struct err *tls_error(const struct tls *t)
{
    return &t->error;
}
