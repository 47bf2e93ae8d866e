#include "traced.h"

#include "redai/base/hash.h"

#define FAMILY_OF_THE_REST "(other)"

void traced_init(struct traced *t, const struct families *families)
{
    *t = (struct traced){.families = families};
}

void traced_release(struct traced *t)
{
    struct traced_family *f, *next;
    hash_each (t->family, f, next) {
        HASH_DEL(t->family, f);
        mem_free(f);
    }
}

static struct traced_family *find(const struct traced *t, struct span name)
{
    struct traced_family *f;
    HASH_FIND(hh, t->family, name.data, name.len, f);
    return f;
}

static struct traced_family *family_of(struct traced *t, struct span key)
{
    struct span name = families_name(t->families, key);
    struct traced_family *f = find(t, name);
    if (!f && HASH_COUNT(t->family) >= TRACED_FAMILIES_MAX) { /* the first part stands for the second */
        name = families_parent(t->families, name);
        f = name.len ? find(t, name) : NULL;
    }
    if (!f && HASH_COUNT(t->family) >= TRACED_FAMILIES_MAX) {
        name = S(FAMILY_OF_THE_REST);
        f = find(t, name);
    }
    if (!f) {
        f = mem_zalloc(sizeof *f + name.len);
        memcpy(f->text, name.data, name.len);
        f->name = span_make(f->text, name.len);
        HASH_ADD_KEYPTR(hh, t->family, f->name.data, f->name.len, f);
    }
    return f;
}

static size_t place_of(const struct traced_family *f, uint64_t hash)
{
    size_t i = 0;
    while (i < f->keys && f->hash[i] != hash) {
        i++;
    }
    return i;
}

static size_t least_of(const struct traced_family *f)
{
    size_t least = 0;
    for (size_t i = 1; i < f->keys; i++) {
        least = f->count[i] < f->count[least] ? i : least;
    }
    return least;
}

static void count_key(struct traced_family *f, struct span key)
{
    uint64_t hash = hash_fnv1a(key);
    size_t i = place_of(f, hash);
    if (i == f->keys) {
        struct span front = span_head(key, TRACED_KEY_MAX);
        i = f->keys < TRACED_KEYS ? f->keys++ : least_of(f);
        f->hash[i] = hash;
        f->over[i] = f->count[i]; /* what the key before it was counted; 0 in a free place */
        f->key[i].len = front.len;
        memcpy(f->key[i].key, front.data, front.len);
    }
    f->count[i]++;
}

void traced_use(struct traced *t, struct span key, enum monitor_use use)
{
    if (!key.len) {
        return;
    }
    struct traced_family *f = family_of(t, key);
    if (use & MONITOR_WRITE) {
        f->writes++;
    }
    if (use & MONITOR_READ) {
        f->reads++;
        count_key(f, key);
    }
}

void traced_miss(struct traced *t, struct span key, int64_t count)
{
    if (key.len) {
        family_of(t, key)->misses += count;
    }
}

const struct traced_key *traced_hottest(const struct traced_family *f, int64_t *ret_reads)
{
    const struct traced_key *hottest = NULL;
    *ret_reads = 0;
    for (size_t i = 0; i < f->keys; i++) {
        int64_t least = f->count[i] - f->over[i];
        if (least > *ret_reads) {
            *ret_reads = least;
            hottest = &f->key[i];
        }
    }
    return hottest;
}
