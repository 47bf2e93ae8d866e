#include "tls_trouble.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NAME_SIZE = 160 };

/* "2026-01-02" */
static const char *day_of(const ASN1_TIME *at, char *out, size_t size)
{
    struct tm tm;
    if (!at || ASN1_TIME_to_tm(at, &tm) != 1 || strftime(out, size, "%Y-%m-%d", &tm) == 0) {
        snprintf(out, size, "?");
    }
    return out;
}

/* A name of its subject or issuer, as the certificate has it: link_down makes foreign bytes harmless. */
static const char *common_name(X509_NAME *name, char *out, size_t size)
{
    if (!name || X509_NAME_get_text_by_NID(name, NID_commonName, out, (int)size) <= 0) {
        snprintf(out, size, "(no name)");
    }
    return out;
}

/* The names it is made out for: "a.example, b.example"; the common name when it has no others. */
static const char *names_of(X509 *cert, char *out, size_t size)
{
    GENERAL_NAMES *names = cert ? X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL) : NULL;
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);
        if (one->type == GEN_DNS && used < size) {
            used += (size_t)snprintf(out + used, size - used, "%s%.*s", used ? ", " : "",
                                     ASN1_STRING_length(one->d.dNSName),
                                     (const char *)ASN1_STRING_get0_data(one->d.dNSName));
        } else if (one->type == GEN_IPADD && ASN1_STRING_length(one->d.iPAddress) == 4 && used < size) {
            const unsigned char *ip = ASN1_STRING_get0_data(one->d.iPAddress);
            used += (size_t)snprintf(out + used, size - used, "%s%d.%d.%d.%d", used ? ", " : "", ip[0], ip[1],
                                     ip[2], ip[3]);
        }
    }
    GENERAL_NAMES_free(names);
    if (!out[0] && cert) {
        common_name(X509_get_subject_name(cert), out, size);
    }
    return out;
}

void tls_trouble_certificate(struct err *err, X509_STORE_CTX *store, const char *name)
{
    X509 *cert = X509_STORE_CTX_get_current_cert(store);
    int number = X509_STORE_CTX_get_error(store);
    int depth = X509_STORE_CTX_get_error_depth(store);
    const char *whose = depth == 0 ? "the server's certificate" : "a certificate above the server's";
    char text[NAME_SIZE];

    switch (number) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        err_set(err, ERR_NETWORK, "TLS: %s expired on %s", whose,
                day_of(cert ? X509_get0_notAfter(cert) : NULL, text, sizeof text));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        err_set(err, ERR_NETWORK, "TLS: %s is not valid before %s (is the clock right?)", whose,
                day_of(cert ? X509_get0_notBefore(cert) : NULL, text, sizeof text));
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        err_set(err, ERR_NETWORK,
                "TLS: the server's certificate is self-signed: --cacert FILE can name it as trusted");
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        err_set(err, ERR_NETWORK, "TLS: the authority \"%s\" is not trusted here: --cacert FILE can name it",
                common_name(cert ? X509_get_subject_name(cert) : NULL, text, sizeof text));
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        err_set(err, ERR_NETWORK,
                "TLS: %s is signed by \"%s\", which is not trusted here: --cacert FILE can name it", whose,
                common_name(cert ? X509_get_issuer_name(cert) : NULL, text, sizeof text));
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        err_set(err, ERR_NETWORK, "TLS: the server's certificate is for %s, not for %s",
                names_of(cert, text, sizeof text), name);
        break;
    default:
        err_set(err, ERR_NETWORK, "TLS: %s: %s", whose, X509_verify_cert_error_string(number));
        break;
    }
}

void tls_trouble_queue(struct err *err, int number)
{
    static const struct {
        int reason;
        const char *text;
    } known[] = {
        {SSL_R_WRONG_VERSION_NUMBER, "the server does not speak TLS on this port: is it redis://?"},
        {SSL_R_UNSUPPORTED_PROTOCOL, "the server offers nothing newer than TLS 1.1"},
        {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the server refuses TLS 1.2 and 1.3"},
        {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
         "the server wants a client certificate: --cert FILE and --key FILE"},
        {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "the server refused the handshake: no cipher in common, or it "
                                              "wants a client certificate (--cert, --key)"},
        {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "the server does not trust who signed our certificate (--cert)"},
        {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the server refused our certificate (--cert)"},
        {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the server says that our certificate (--cert) has expired"},
        {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the server says that our certificate (--cert) is revoked"},
        {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the server refused our certificate (--cert)"},
        {SSL_R_TLSV1_UNRECOGNIZED_NAME,
         "the server does not know the name that it was asked for: --sni NAME"},
    };
    unsigned long first = ERR_peek_error();
    const char *text = NULL;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ERR_GET_LIB(first) == ERR_LIB_SSL && ERR_GET_REASON(first) == known[i].reason) {
            text = known[i].text;
        }
    }
    if (!text && first) {
        text = ERR_reason_error_string(first);
    }
    if (!text) {
        text = number ? strerror(number) : "the server hung up in the handshake: is it redis://?";
    }
    ERR_clear_error();
    err_set(err, ERR_NETWORK, "TLS: %s", text);
}

void tls_trouble_file(struct err *err, const char *option, const char *path)
{
    unsigned long last = ERR_peek_last_error();
    unsigned long first = ERR_peek_error();
    /* A system error comes first in the queue, with errno as its reason. */
    bool is_system = ERR_SYSTEM_ERROR(first);
    const char *text = is_system ? strerror(ERR_GET_REASON(first)) : ERR_reason_error_string(last);
    if (ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE) {
        text = "no PEM is in it";
    } else if (ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_BAD_PASSWORD_READ) {
        text = "it is encrypted: a key without a passphrase is expected";
    }
    ERR_clear_error();
    err_set(err, ERR_NETWORK, "TLS: --%s %s: %s", option, path, text ? text : "cannot be read");
}
