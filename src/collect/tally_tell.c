/* tally_tell: what was counted so far, as facts. */
#include "collect_priv.h"

static void tell_family(struct collect *c, const struct tally_family *t)
{
    const struct tally *a = &t->all;
    struct fact f = {.kind = FACT_FAMILY,
                     .family = {.name = {t->name, t->len},
                                .keys = a->keys,
                                .sampled = a->sampled,
                                .sampled_no_ttl = a->no_ttl,
                                .sampled_bytes = a->bytes,
                                .sampled_squares = a->squares,
                                .largest = span_make(t->largest, t->largest_bytes >= 0 ? t->largest_len : 0),
                                .largest_bytes = t->largest_bytes,
                                .reprs = t->reprs,
                                .folded = t->folded}};
    memcpy(f.family.ttl, a->ttl, sizeof f.family.ttl);
    collect_emit(c, &f);
}

static void tell_usage(struct collect *c, enum usage usage, struct span part, const struct tally *t)
{
    struct fact f = {.kind = FACT_USAGE,
                     .usage = {.usage = usage,
                               .db = c->address.db,
                               .part = part,
                               .keys = t->keys,
                               .sampled = t->sampled,
                               .sampled_no_ttl = t->no_ttl,
                               .sampled_bytes = t->bytes,
                               .sampled_squares = t->squares}};
    collect_emit(c, &f);
}

/* Keys that turned out to be queues, or not. All of them are measured. */
static void tell_bare(struct collect *c)
{
    struct tally of[2] = {{0}, {0}};
    for (size_t i = 0; i < c->tallies.bares; i++) {
        const struct tally_bare *b = &c->tallies.bare[i];
        struct tally *t = &of[queues_has_list(c, span_make(b->key, b->len))];
        t->keys++;
        if (b->bytes >= 0) {
            t->sampled++;
            t->bytes += b->bytes;
            t->squares += (double)b->bytes * (double)b->bytes;
            t->no_ttl += b->pttl == -1;
        }
    }
    tell_usage(c, USAGE_OTHER, S("lists"), &of[0]);
    tell_usage(c, USAGE_QUEUES, S("lists"), &of[1]);
}

/* Of a family that was folded this walk may have told its owners before: they have nothing of their own now.
 */
static void tell_owners(struct collect *c, const struct tally_family *t)
{
    static const struct tally none = {0};
    struct span name = {t->name, t->len};
    for (int i = 0; t->mixed && i < USAGE_COUNT; i++) {
        if (t->owner[i]) {
            tell_usage(c, (enum usage)i, name, t->into ? &none : t->owner[i]);
        }
    }
    if (t->mixed) {
        return;
    }
    /* Lists whose names have a prefix: whether they are queues is not known at once, either may be told. */
    bool queues = t->is_list && t->largest && queues_has_list(c, span_make(t->largest, t->largest_len));
    enum usage usage = queues ? USAGE_QUEUES : t->usage;
    tell_usage(c, usage, name, t->into ? &none : &t->all);
    if (t->is_list && t->usage != USAGE_QUEUES) {
        tell_usage(c, queues ? t->usage : USAGE_QUEUES, name, &none);
    }
}

void tally_tell(struct collect *c)
{
    struct tally_family *t, *next;
    hash_each (c->tallies.family, t, next) {
        bool is_told = t->all.keys || t->all.keys_before > 0;
        if (is_told && !t->into) {
            tell_family(c, t);
        }
        if (is_told) {
            tell_owners(c, t);
        }
    }
    tell_bare(c);
}
