#include "support/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_S = 24 * 60 * 60, PATH_SIZE = 512 };

static void must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "certificate: %s failed\n", what);
        exit(1);
    }
}

static FILE *file(const char *folder, const char *name, const char *suffix, const char *mode)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    FILE *f = fopen(path, mode);
    must(f != NULL, path);
    return f;
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension && X509_add_ext(cert, extension, -1), value);
    X509_EXTENSION_free(extension);
}

void certificate_make(const char *folder, const struct certificate_wish *wish)
{
    static long serial = 1;
    EVP_PKEY *key = EVP_EC_gen("P-256"), *signer = key;
    X509 *cert = X509_new(), *issuer = cert;
    must(key && cert, "a key");
    if (wish->issuer) {
        FILE *f = file(folder, wish->issuer, "key", "r");
        signer = PEM_read_PrivateKey(f, NULL, NULL, NULL);
        fclose(f);
        f = file(folder, wish->issuer, "pem", "r");
        issuer = PEM_read_X509(f, NULL, NULL, NULL);
        fclose(f);
        must(signer && issuer, "the issuer");
    }
    must(X509_set_version(cert, 2), "version");
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert), (long)wish->from_days * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert), (long)wish->to_days * DAY_S);
    X509_NAME *subject = X509_get_subject_name(cert);
    must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)wish->name, -1, -1,
                                    0),
         "name");
    must(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) && X509_set_pubkey(cert, key), "issuer");
    extend(cert, issuer, NID_basic_constraints, wish->alt ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (wish->alt) {
        extend(cert, issuer, NID_subject_alt_name, wish->alt);
    }
    must(X509_sign(cert, signer, EVP_sha256()) > 0, "signing");

    FILE *f = file(folder, wish->name, "pem", "w");
    must(PEM_write_X509(f, cert), "writing");
    fclose(f);
    f = file(folder, wish->name, "key", "w");
    must(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), "writing");
    fclose(f);
    if (wish->issuer) {
        EVP_PKEY_free(signer);
        X509_free(issuer);
    }
    EVP_PKEY_free(key);
    X509_free(cert);
}
