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

static void count_key(struct traced_family *f, struct span key)
{
    uint64_t hash = hash_fnv1a(key);
    struct traced_key *least = &f->key[0];
    for (size_t i = 0; i < f->keys; i++) {
        struct traced_key *k = &f->key[i];
        if (k->hash == hash) {
            k->count++;
            return;
        }
        least = k->count < least->count ? k : least;
    }
    int64_t over = 0;
    if (f->keys < TRACED_KEYS) {
        least = &f->key[f->keys++];
    } else {
        over = least->count;
    }
    struct span front = span_head(key, TRACED_KEY_MAX);
    least->hash = hash;
    least->count = over + 1;
    least->over = over;
    least->len = front.len;
    memcpy(least->key, front.data, front.len);
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
        int64_t least = f->key[i].count - f->key[i].over;
        if (least > *ret_reads) {
            *ret_reads = least;
            hottest = &f->key[i];
        }
    }
    return hottest;
}
