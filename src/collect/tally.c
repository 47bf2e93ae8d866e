/* tally: the families of a walk, and the samples of their sizes and TTLs. The facts made of them:
 * tally_tell.c.
 *
 * A sample is a salted share of a population, chosen by the hash of the key, so that it is the same whatever
 * order the walk has. A family whose keys have several owners (Celery's) is sampled twice: as a whole for the
 * family's row, and each owner's part for the memory map; a few lists would never be met among a hundred
 * thousand results. */
#include "collect_priv.h"

#include "redai/base/hash.h"

/* A family of a few hundred keys is measured whole, so that one huge key does not hide. */
enum { SAMPLE_WHOLE = 400, FAMILIES_MANY = 40, FAMILIES_MAX = 500, LEVEL_BITS = 64, FEW_BITS = 12 };

static void family_drop(struct collect *c, struct tally_family *t)
{
    HASH_DEL(c->tallies.family, t);
    for (int i = 0; i < USAGE_COUNT; i++) {
        mem_free(t->owner[i]);
    }
    mem_free(t->largest);
    mem_free(t->name);
    mem_free(t);
}

static void bare_clear(struct collect *c)
{
    for (size_t i = 0; i < c->tallies.bares; i++) {
        mem_free(c->tallies.bare[i].key);
    }
    c->tallies.bares = 0;
}

void tally_clear(struct collect *c)
{
    struct tally_family *t, *next;
    hash_each (c->tallies.family, t, next) {
        family_drop(c, t);
    }
    bare_clear(c);
}

/* --- families --- */

static struct tally_family *lookup(struct collect *c, struct span name)
{
    struct tally_family *t;
    HASH_FIND(hh, c->tallies.family, name.data, name.len, t);
    return t;
}

static bool is_named(const struct tally_family *t, struct span name)
{
    return span_equal(span_make(t->name, t->len), name);
}

static void tally_new(struct tally *t, bool sampling)
{
    *t = (struct tally){.keys_before = -1, .sampled_at_us = -1, .sampling = sampling};
}

static struct tally_family *family_add(struct collect *c, struct span name)
{
    if (HASH_COUNT(c->tallies.family) >= FAMILIES_MAX) {
        name = S("(other)");
        struct tally_family *other = lookup(c, name);
        if (other) {
            return other;
        }
    }
    struct tally_family *t = mem_zalloc(sizeof *t);
    t->name = span_dup(name);
    t->len = name.len;
    t->usage = USAGE_COUNT;
    t->largest_bytes = -1;
    tally_new(&t->all, c->census.walking);
    HASH_ADD_KEYPTR(hh, c->tallies.family, t->name, t->len, t);
    return t;
}

/* Its second levels are too many: their keys are counted in it from now on. What was measured of them does
 * not count, for each was sampled in its own share. */
static void fold(struct collect *c, struct tally_family *parent)
{
    struct tally_family *t, *next;
    parent->folded = true;
    parent->levels = 0;
    hash_each (c->tallies.family, t, next) {
        if (t->under == parent && !t->into) {
            t->into = parent;
            parent->all.keys += t->all.keys;
            parent->reprs += t->reprs;
            parent->is_list |= t->is_list;
            parent->usage = parent->usage == USAGE_COUNT ? t->usage : parent->usage;
            parent->seen |= UINT64_C(1) << hash_fnv1a(span_make(t->name, t->len)) % LEVEL_BITS;
        }
    }
    parent->all.sampling = true;
    parent->all.asked = 0;
    parent->all.keys_before = -1;
    parent->all.sampled = parent->all.no_ttl = parent->all.bytes = 0;
    parent->all.squares = 0;
    memset(parent->all.ttl, 0, sizeof parent->all.ttl);
}

static struct tally_family *family_of(struct collect *c, struct span key)
{
    struct span above;
    struct span name = families_leaf(c->options.families, key, &above);
    struct tally_family *t = lookup(c, name);
    if (t && !t->into) {
        return t;
    }
    struct tally_family *parent = t ? t->into : NULL;
    if (!parent && above.len) {
        parent = lookup(c, above);
        parent = parent ? parent : family_add(c, above);
        if (!is_named(parent, above)) {
            return parent; /* no more families are told apart */
        }
        if (!parent->folded && parent->levels >= FAMILY_LEVELS_MAX) {
            fold(c, parent);
        }
    }
    if (parent && parent->folded) {
        parent->seen |= UINT64_C(1) << hash_fnv1a(name) % LEVEL_BITS;
        return parent;
    }
    t = family_add(c, name);
    if (parent && is_named(t, name)) {
        t->under = parent;
        parent->levels++;
    }
    return t;
}

const struct tally_family *tally_find(struct collect *c, struct span key)
{
    struct span above;
    struct tally_family *t = lookup(c, families_leaf(c->options.families, key, &above));
    if (!t && above.len) {
        struct tally_family *parent = lookup(c, above);
        return parent && parent->folded ? parent : NULL;
    }
    return t && t->into ? t->into : t;
}

/* --- owners --- */

static enum usage usage_of(struct collect *c, struct tally_family *t, struct span key, enum key_kind kind,
                           struct span id)
{
    switch (kind) {
    case KEY_SESSION:
    case KEY_USER_SESSIONS:
        return USAGE_SESSIONS;
    case KEY_BATCH_PROGRESS:
        return USAGE_BATCHES;
    case KEY_TASK_META:
        return USAGE_RESULTS;
    case KEY_BINDING: /* replies of workers: bindings of boxes that are gone by the time */
        return span_starts(id, S("reply.")) ? USAGE_LEFTOVERS : USAGE_QUEUES;
    case KEY_REPLY_BOX:
        return USAGE_LEFTOVERS;
    case KEY_UNACKED:
    case KEY_PRIORITY_LIST:
        return USAGE_QUEUES;
    case KEY_BARE:
        return queues_has_list(c, key) ? USAGE_QUEUES : USAGE_OTHER;
    default:
        break;
    }
    if (span_starts(key, S("celery-taskset-meta-"))) {
        return USAGE_RESULTS;
    }
    return families_is_cache(c->options.families, span_make(t->name, t->len)) ? USAGE_CACHE : USAGE_OTHER;
}

static bool is_mixed(enum key_kind kind)
{
    return kind != KEY_OTHER && kind != KEY_SESSION && kind != KEY_USER_SESSIONS &&
           kind != KEY_BATCH_PROGRESS;
}

static struct tally_bare *bare_add(struct collect *c, struct span key)
{
    if (c->tallies.bares >= BARE_MAX) {
        return NULL;
    }
    struct tally_bare *b = &c->tallies.bare[c->tallies.bares++];
    *b = (struct tally_bare){.key = span_dup(key), .len = key.len, .bytes = -1, .pttl = -2};
    return b;
}

/* --- the sample --- */

struct sample {
    struct collect *c;
    struct tally_family *family;
    struct tally *owner;     /* counts it too; NULL */
    struct tally_bare *bare; /* NULL */
    bool of_family;
    unsigned walk;
    int64_t pttl;
    size_t len;
    char key[];
};

static void on_type(void *user, const struct reply *r)
{
    struct sample *s = user;
    if (r) {
        collect_tally_key(s->c, span_make(s->key, s->len), !span_equal(reply_text(r), S("none")));
        s->family->is_list = span_equal(reply_text(r), S("list"));
    }
    mem_free(s);
}

static void on_ttl(void *user, const struct reply *r)
{
    struct sample *s = user;
    if (!reply_int(r, &s->pttl)) {
        s->pttl = -2;
    }
    if (r && !reply_is_error(r)) {
        collect_tally_key(s->c, span_make(s->key, s->len), s->pttl != -2);
    }
}

static void take(struct tally *t, int64_t bytes, int64_t pttl)
{
    static const int64_t below_ms[] = {60000, 3600000, 86400000};
    size_t step = 0;
    t->sampled++;
    t->bytes += bytes;
    t->squares += (double)bytes * (double)bytes;
    t->no_ttl += pttl == -1;
    while (step < sizeof below_ms / sizeof below_ms[0] && pttl >= below_ms[step]) {
        step++;
    }
    if (pttl >= 0) {
        t->ttl[step]++;
    }
}

static void on_size(void *user, const struct reply *r)
{
    struct sample *s = user;
    struct tally_family *t = s->family;
    int64_t bytes;
    if (s->pttl != -2 && reply_int(r, &bytes) && bytes >= 0) {
        if (s->of_family && !t->into) {
            take(&t->all, bytes, s->pttl);
            if (bytes > t->largest_bytes) {
                mem_free(t->largest);
                t->largest = span_dup(span_make(s->key, s->len));
                t->largest_len = s->len;
                t->largest_bytes = bytes;
            }
        }
        if (s->owner) {
            take(s->owner, bytes, s->pttl);
        }
        if (s->bare && s->walk == s->c->tallies.walk) {
            s->bare->bytes = bytes;
            s->bare->pttl = s->pttl;
        }
    }
    mem_free(s);
}

/* Whether this key is one of the sample: all of a small population, a salted share of a large one. */
static bool wants(const struct collect *c, struct tally *t, struct span key)
{
    bool sparing = HASH_COUNT(c->tallies.family) > FAMILIES_MANY || pace_is_gentle(&c->pace);
    int64_t most = sparing ? SAMPLE_KEYS : SAMPLE_WHOLE;
    if (!t->sampling || t->asked >= most) {
        return false;
    }
    uint64_t share = t->keys_before <= most ? 1 : (uint64_t)t->keys_before / (uint64_t)most;
    if (share > 1 && (hash_fnv1a(key) ^ c->salt) % share != 0) {
        return false;
    }
    t->asked++;
    return true;
}

static struct sample *sample_new(struct collect *c, struct tally_family *t, struct span key)
{
    struct sample *s = mem_zalloc(sizeof *s + key.len + 1);
    s->c = c;
    s->family = t;
    s->walk = c->tallies.walk;
    s->len = key.len;
    memcpy(s->key, key.data, key.len);
    return s;
}

static void ask_type(struct collect *c, struct tally_family *t, struct span key)
{
    struct sample *s = sample_new(c, t, key);
    c->tallies.sent++;
    if (!link_command(c->poll, on_type, s, S("TYPE"), key)) {
        mem_free(s);
    }
}

static void measure(struct collect *c, struct sample *s, struct span key)
{
    c->tallies.sent += 2;
    if (!link_command(c->poll, on_ttl, s, S("PTTL"), key) ||
        !link_command(c->poll, on_size, s, S("MEMORY"), S("USAGE"), key)) {
        mem_free(s); /* the link is down, nothing was queued */
    }
}

struct tally_family *tally_key(struct collect *c, struct span key, enum key_kind kind, struct span id)
{
    struct tally_family *t = family_of(c, key);
    struct tally *owner = NULL;
    struct tally_bare *bare = NULL;
    t->all.keys++;
    t->reprs += keyname_has_address(key);
    if (t->usage == USAGE_COUNT) {
        t->usage = usage_of(c, t, key, kind, id);
        t->mixed = is_mixed(kind);
    }
    if (kind == KEY_BARE) {
        bare = bare_add(c, key);
    }
    if (t->mixed && !bare) {
        enum usage usage = usage_of(c, t, key, kind, id);
        if (!t->owner[usage]) {
            t->owner[usage] = mem_zalloc(sizeof *owner);
            tally_new(t->owner[usage], true);
        }
        owner = t->owner[usage];
        owner->keys++;
    }
    bool of_family = wants(c, &t->all, key);
    if (of_family && t->all.asked == 1) {
        ask_type(c, t, key);
    }
    bool of_owner = owner && wants(c, owner, key);
    if (of_family || of_owner || bare) {
        struct sample *s = sample_new(c, t, key);
        s->of_family = of_family;
        s->owner = of_owner ? owner : NULL;
        s->bare = bare;
        measure(c, s, key);
    }
    return t;
}

/* --- walks --- */

/* A population is sampled anew when it is new, has changed much, or its sample is old. */
static bool plan(const struct collect *c, struct tally *t, int64_t now_us)
{
    if (c->census.clean) {
        t->keys_before = t->keys;
    }
    int64_t change = t->keys_before - t->sampled_keys;
    t->sampling = t->sampled_at_us < 0 || now_us - t->sampled_at_us > RESAMPLE_US ||
                  change * 5 > t->sampled_keys || -change * 5 > t->sampled_keys;
    t->keys = 0;
    t->asked = 0;
    if (t->sampling) {
        t->sampled = t->no_ttl = t->bytes = 0;
        t->squares = 0;
        memset(t->ttl, 0, sizeof t->ttl);
    }
    return t->sampling;
}

/* What a whole walk did not meet any more was told as empty and is forgotten. */
static void drop_gone(struct collect *c)
{
    struct tally_family *t, *next;
    hash_each (c->tallies.family, t, next) {
        if (t->into || (t->all.keys == 0 && !t->levels)) {
            if (t->under && !t->into) {
                t->under->levels--;
            }
            family_drop(c, t);
        }
    }
    /* Those above them stand alone now. */
    hash_each (c->tallies.family, t, next) {
        if (t->all.keys == 0 && !t->levels && !t->under) {
            family_drop(c, t);
        }
    }
}

void tally_begin(struct collect *c, int64_t now_us)
{
    struct tally_family *t, *next;
    if (c->census.clean) {
        drop_gone(c);
    }
    c->tallies.walk++;
    bare_clear(c);
    hash_each (c->tallies.family, t, next) {
        if (c->census.clean && t->folded && __builtin_popcountll(t->seen) < FEW_BITS) {
            t->folded = false; /* some thirteen names make so few bits: they can be told apart again */
        }
        t->seen = c->census.clean ? 0 : t->seen;
        t->reprs = 0;
        if (plan(c, &t->all, now_us)) {
            t->largest_bytes = -1;
        }
        for (int i = 0; i < USAGE_COUNT; i++) {
            if (t->owner[i]) {
                plan(c, t->owner[i], now_us);
            }
        }
    }
}

static void ended(struct tally *t, int64_t now_us)
{
    if (t->sampling && t->sampled) {
        t->sampled_at_us = now_us;
        t->sampled_keys = t->keys;
    }
}

void tally_end(struct collect *c, int64_t now_us)
{
    struct tally_family *t, *next;
    hash_each (c->tallies.family, t, next) {
        ended(&t->all, now_us);
        for (int i = 0; i < USAGE_COUNT; i++) {
            if (t->owner[i]) {
                ended(t->owner[i], now_us);
            }
        }
    }
    tally_tell(c);
}
