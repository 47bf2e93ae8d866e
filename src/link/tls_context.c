#include "tls_context.h"

#include "tls_trouble.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILES = 4,
    KEPT = 4 /* application, broker, results, and one more on the way from one connection to the next */
};

/* What a context was made of: it serves as long as nothing of it differs. */
struct source {
    char *path[FILES];
    struct file {
        dev_t device;
        ino_t number;
        off_t size;
        struct timespec written, changed;
        uint64_t
            within; /* of a folder: all that is said of its files; one may be written anew where it stands */
    } file[FILES];
    bool insecure;
};

/* The last ones; what was not asked for the longest, or was made of a file that has changed, is the first to
 * go. */
static struct kept {
    SSL_CTX *context;
    struct source of;
    uint64_t used; /* which call it was */
} kept[KEPT];
static uint64_t calls;

/* Without one OpenSSL would ask on the terminal. */
static int no_passphrase(char *out, int size, int is_written, void *user)
{
    (void)out;
    (void)size;
    (void)is_written;
    (void)user;
    return -1;
}

static bool load_trust(SSL_CTX *c, const struct address_tls *a, struct err *err)
{
    if (a->ca_file && SSL_CTX_load_verify_file(c, a->ca_file) != 1) {
        tls_trouble_file(err, "cacert", a->ca_file);
        return false;
    }
    if (a->ca_dir && SSL_CTX_load_verify_dir(c, a->ca_dir) != 1) {
        tls_trouble_file(err, "cacertdir", a->ca_dir);
        return false;
    }
    if (!a->ca_file && !a->ca_dir && SSL_CTX_set_default_verify_paths(c) != 1) {
        ERR_clear_error();
        return err_set(err, ERR_NETWORK,
                       "TLS: the system's authorities cannot be read: --cacert FILE names others");
    }
    return true;
}

static bool load_identity(SSL_CTX *c, const struct address_tls *a, struct err *err)
{
    if (!a->cert) {
        return true;
    }
    const char *key = a->key ? a->key : a->cert;
    SSL_CTX_set_default_passwd_cb(c, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(c, a->cert) != 1) {
        tls_trouble_file(err, "cert", a->cert);
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM) != 1) {
        tls_trouble_file(err, "key", key);
        return false;
    }
    return true;
}

static SSL_CTX *make_context(const struct address_tls *a, struct err *err)
{
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    if (!c) {
        mem_exhausted();
    }
    SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* The outbox moves, and takes what was written of it; an idle link holds no buffers. */
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    if ((!a->insecure && !load_trust(c, a, err)) || !load_identity(c, a, err)) {
        SSL_CTX_free(c);
        return NULL;
    }
    return c;
}

static uint64_t mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * UINT64_C(0x100000001b3);
}

/* In whatever order they come. */
static uint64_t look_within(const char *folder)
{
    DIR *d = opendir(folder);
    uint64_t sum = 0;
    struct dirent *entry;
    while (d && (entry = readdir(d))) { /* NOLINT(concurrency-mt-unsafe): one thread, its own stream */
        struct stat st;
        if (fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode)) {
            uint64_t one = mix(UINT64_C(0xcbf29ce484222325), (uint64_t)st.st_ino);
            one = mix(mix(one, (uint64_t)st.st_size), (uint64_t)st.st_mtim.tv_sec);
            one = mix(mix(one, (uint64_t)st.st_mtim.tv_nsec), (uint64_t)st.st_ctim.tv_sec);
            sum += mix(one, (uint64_t)st.st_ctim.tv_nsec);
        }
    }
    if (d) {
        closedir(d);
    }
    return sum;
}

static void look_at(const char *path, struct file *ret)
{
    struct stat st;
    memset(ret, 0, sizeof *ret);
    if (path && stat(path, &st) == 0) {
        ret->within = S_ISDIR(st.st_mode) ? look_within(path) : 0;
        ret->device = st.st_dev;
        ret->number = st.st_ino;
        ret->size = st.st_size;
        ret->written = st.st_mtim;
        ret->changed = st.st_ctim;
    }
}

static void source_take(struct source *ret, const struct address_tls *a)
{
    bool system = !a->ca_file && !a->ca_dir;
    const char *const path[FILES] = {system ? X509_get_default_cert_file() : a->ca_file,
                                     system ? X509_get_default_cert_dir() : a->ca_dir, a->cert,
                                     a->cert && !a->key ? a->cert : a->key};
    *ret = (struct source){.insecure = a->insecure};
    for (int i = 0; i < FILES; i++) {
        ret->path[i] = mem_strdup(path[i]);
        look_at(path[i], &ret->file[i]);
    }
}

static void source_release(struct source *s)
{
    for (int i = 0; i < FILES; i++) {
        mem_free(s->path[i]);
    }
    *s = (struct source){.insecure = false};
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct source *a, const struct source *b)
{
    bool same = a->insecure == b->insecure;
    for (int i = 0; same && i < FILES; i++) {
        const struct file *x = &a->file[i], *y = &b->file[i];
        bool named =
            a->path[i] && b->path[i] ? strcmp(a->path[i], b->path[i]) == 0 : a->path[i] == b->path[i];
        same = named && x->device == y->device && x->number == y->number && x->size == y->size &&
               x->within == y->within && same_time(x->written, y->written) &&
               same_time(x->changed, y->changed);
    }
    return same;
}

/* The one that was made of this, or else the place for it. */
static struct kept *find(const struct source *of)
{
    struct kept *oldest = &kept[0];
    for (size_t i = 0; i < KEPT; i++) {
        if (kept[i].context && is_same(&kept[i].of, of)) {
            return &kept[i];
        }
        oldest = kept[i].used < oldest->used ? &kept[i] : oldest;
    }
    return oldest;
}

SSL_CTX *tls_context_take(const struct address_tls *a, struct err *err)
{
    struct source now;
    source_take(&now, a);
    struct kept *k = find(&now);
    if (!k->context || !is_same(&k->of, &now)) {
        SSL_CTX *fresh = make_context(a, err);
        if (!fresh) {
            source_release(&now);
            return NULL;
        }
        SSL_CTX_free(k->context);
        source_release(&k->of);
        k->context = fresh;
        k->of = now;
    } else {
        source_release(&now);
    }
    k->used = ++calls;
    if (SSL_CTX_up_ref(k->context) != 1) {
        mem_exhausted();
    }
    return k->context;
}
