#include "redai/action/bin.h"

#include "lot.h"

#include "redai/base/clock.h"

/* 64 MiB holds a hundred thousand sessions. DUMP works some 7 us on each KiB of a text that does not
 * compress: 256 KiB hold the server up for no more than 2 ms, a MiB would for 7. Fifteen minutes is how long
 * it takes to hear that it was the wrong user. */
const struct bin_limits bin_limits_default = {
    .bytes = (size_t)64 << 20,
    .key_bytes = (size_t)256 << 10,
    .keys = 20000,
    .keep_us = INT64_C(900) * US_PER_S,
};

struct bin {
    struct bin_limits limits;
    struct lot *lot; /* newest first */
    size_t count, bytes;
    uint64_t last;
};

struct bin *bin_new(const struct bin_limits *limits)
{
    struct bin *b = mem_zalloc(sizeof *b);
    b->limits = limits ? *limits : bin_limits_default;
    return b;
}

const struct bin_limits *bin_limits(const struct bin *b)
{
    return &b->limits;
}

void lot_drop(struct bin *b, struct lot *l, struct kept *k)
{
    struct kept_entry *e, *after;

    DL_DELETE(l->kept, k);
    l->count--;
    LL_FOREACH_SAFE(k->entry, e, after)
    {
        mem_free(e);
    }
    l->bytes -= k->size;
    b->bytes -= k->size;
    explicit_bzero(k->data, k->key_len + k->len + 2);
    mem_free(k);
}

static void forget(struct bin *b, struct lot *l)
{
    while (l->kept) {
        lot_drop(b, l, l->kept);
    }
    DL_DELETE(b->lot, l);
    b->count--;
    mem_free(l->what);
    mem_free(l->tag);
    mem_free(l);
}

void bin_free(struct bin *b)
{
    if (b) {
        while (b->lot) {
            forget(b, b->lot);
        }
        mem_free(b);
    }
}

void bin_sweep(struct bin *b, int64_t now_us)
{
    struct lot *l, *after;
    DL_FOREACH_SAFE(b->lot, l, after)
    {
        if (!l->held && now_us - l->at_us >= b->limits.keep_us) {
            forget(b, l);
        }
    }
}

/* --- what is in it --- */

static bool is_listed(const struct lot *l)
{
    return l->count > 0;
}

size_t bin_count(const struct bin *b)
{
    const struct lot *l;
    size_t n = 0;
    DL_FOREACH(b->lot, l)
    {
        n += is_listed(l);
    }
    return n;
}

bool bin_at(const struct bin *b, size_t i, struct bin_row *ret)
{
    const struct lot *l;
    DL_FOREACH(b->lot, l)
    {
        if (is_listed(l) && i-- == 0) {
            *ret = (struct bin_row){.number = l->number,
                                    .what = l->what,
                                    .count = l->count,
                                    .bytes = l->bytes,
                                    .of = l->of,
                                    .at_us = l->at_us,
                                    .until_us = l->at_us + b->limits.keep_us,
                                    .at_wall_us = l->at_wall_us};
            return true;
        }
    }
    return false;
}

size_t bin_room(const struct bin *b, bool with_all)
{
    const struct lot *l;
    size_t used = b->bytes;
    DL_FOREACH(b->lot, l)
    {
        used -= with_all && !l->held ? l->bytes : 0;
    }
    return used < b->limits.bytes ? b->limits.bytes - used : 0;
}

/* --- lots --- */

struct lot *lot_open(struct bin *b, enum verb verb, const char *what, const char *tag)
{
    struct lot *l = mem_zalloc(sizeof *l);
    l->number = ++b->last;
    l->verb = verb;
    l->what = mem_strdup(what);
    l->tag = mem_strdup(tag ? tag : what);
    l->at_us = clock_mono_us();
    l->at_wall_us = clock_wall_us();
    l->held = true;
    DL_PREPEND(b->lot, l);
    b->count++;
    return l;
}

void lot_close(struct bin *b, struct lot *l)
{
    l->held = false;
    if (l->count == 0) {
        forget(b, l);
    }
}

struct lot *lot_find(struct bin *b, uint64_t number)
{
    struct lot *l;
    DL_FOREACH(b->lot, l)
    {
        if (is_listed(l) && (number == 0 || l->number == number)) {
            return l;
        }
    }
    return NULL;
}

/* The oldest lots go until there is room. */
static bool make_room(struct bin *b, size_t size)
{
    while (bin_room(b, false) < size) {
        struct lot *l, *oldest = NULL;
        DL_FOREACH(b->lot, l)
        {
            oldest = l->held ? oldest : l;
        }
        if (!oldest) {
            return false;
        }
        forget(b, oldest);
    }
    return true;
}

static void grow(struct bin *b, struct lot *l, struct kept *k, size_t size)
{
    k->size += size;
    l->bytes += size;
    b->bytes += size;
}

struct kept *lot_add(struct bin *b, struct lot *l, const struct kept *head, struct span key,
                     struct span bytes)
{
    size_t size = sizeof(struct kept) + key.len + bytes.len + 2;

    if (size > bin_room(b, true) || !make_room(b, size)) {
        return NULL;
    }
    struct kept *k = mem_zalloc(size);
    k->kind = head->kind;
    k->at_us = head->at_us;
    k->pttl_ms = head->pttl_ms;
    k->right = head->right;
    k->key_len = key.len;
    k->len = bytes.len;
    if (key.len) {
        memcpy(k->data, key.data, key.len);
    }
    if (bytes.len) {
        memcpy(k->data + key.len + 1, bytes.data, bytes.len);
    }
    DL_APPEND(l->kept, k);
    l->count++;
    grow(b, l, k, size);
    return k;
}

void lot_add_entry(struct bin *b, struct lot *l, struct kept *k, struct span user, int64_t pttl_ms)
{
    size_t size = sizeof(struct kept_entry) + user.len + 1;
    struct kept_entry *e = mem_zalloc(size);
    e->pttl_ms = pttl_ms;
    memcpy(e->user, user.data, user.len);
    LL_APPEND(k->entry, e);
    grow(b, l, k, size);
}

int64_t kept_left_ms(int64_t pttl_ms, int64_t at_us, int64_t now_us)
{
    if (pttl_ms < 0) {
        return pttl_ms;
    }
    int64_t left = pttl_ms - (now_us - at_us) / US_PER_MS;
    return left > 0 ? left : 0;
}

int64_t kept_pttl_ms(const struct kept *k, int64_t now_us)
{
    return kept_left_ms(k->pttl_ms, k->at_us, now_us);
}
