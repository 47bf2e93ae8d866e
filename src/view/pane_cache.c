/* The cache pane: what the keyspace holds, by family, and how well the cache does. */
#include "cache_head.h"
#include "pane.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct family *of(const void *row)
{
    return row;
}

static int64_t all_keys(const struct look *look)
{
    const struct census_view *census = model_census(look->m);
    int64_t sum = 0;
    if (census->complete && census->keys >= 0) {
        return census->keys;
    }
    for (size_t i = 0; i < model_family_count(look->m); i++) {
        const struct family *f = model_family_at(look->m, i);
        sum += f->counted && f->keys > 0 ? f->keys : 0;
    }
    return sum;
}

static void write_family(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->name));
}
static void key_family(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->name;
}

static void write_keys(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, ROLE_TEXT, of(row)->counted ? of(row)->keys : -1);
}
static void key_keys(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->counted ? (double)of(row)->keys : NAN;
}

static void write_share(const struct look *look, const void *row, struct field *out)
{
    int64_t all = all_keys(look);
    double part = of(row)->counted && all > 0 ? (double)of(row)->keys / (double)all : NAN;
    text_share(part, out->buffer, sizeof out->buffer);
    field_bar(out, part, ROLE_BAR, isnan(part) ? ROLE_UNKNOWN : ROLE_TEXT, span_of(out->buffer));
}

/* "~" says that it was reckoned from a sample. */
static void write_no_ttl(const struct look *look, const void *row, struct field *out)
{
    char number[TEXT_SMALL];
    int64_t n = of(row)->without_ttl;
    (void)look;
    if (n < 0) {
        field_unknown(out);
        return;
    }
    field_printf(out, n ? ROLE_TEXT : ROLE_DIM, "%s%s", of(row)->without_ttl_exact ? "" : "~",
                 human_count(n, number, sizeof number));
}
static void key_no_ttl(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->without_ttl < 0 ? NAN : (double)of(row)->without_ttl;
}

static void write_bytes(const struct look *look, const void *row, struct field *out)
{
    char number[TEXT_SMALL];
    int64_t n = of(row)->bytes_estimate;
    (void)look;
    if (n < 0) {
        field_unknown(out);
    } else {
        field_printf(out, ROLE_TEXT, "~%s", human_bytes(n, number, sizeof number));
    }
}
static void key_bytes(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->bytes_estimate < 0 ? NAN : (double)of(row)->bytes_estimate;
}

#define RATE_COLUMN(name, member, role)                                                                      \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        field_rate(out, role, of(row)->member);                                                              \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->number = of(row)->member;                                                                       \
    }
RATE_COLUMN(set, set_per_s, ROLE_TEXT)
RATE_COLUMN(miss, miss_per_s, ROLE_TEXT)
RATE_COLUMN(expired, expired_per_s, ROLE_TEXT)
RATE_COLUMN(evicted, evicted_per_s, ROLE_WARNING)
RATE_COLUMN(deleted, del_per_s, ROLE_TEXT)

/* "-": no trace has listened. */
static void write_reads(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    if (of(row)->traced_reads < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_count(out, of(row)->traced_reads ? ROLE_TEXT : ROLE_DIM, of(row)->traced_reads);
    }
}
static void key_reads(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->traced_reads < 0 ? NAN : (double)of(row)->traced_reads;
}

enum { NEVER_READS = 20 }; /* so many that found nothing are no accident */
static void write_hits(const struct look *look, const void *row, struct field *out)
{
    char number[TEXT_SMALL];
    (void)look;
    if (of(row)->traced_reads <= 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else if (of(row)->traced_misses < 0) {
        field_unknown(out);
    } else {
        double hits = cache_head_hits(of(row));
        bool never = hits <= 0 && of(row)->traced_reads >= NEVER_READS;
        field_printf(out, never ? ROLE_WARNING : ROLE_TEXT, "%s%s", never ? "!" : "",
                     human_percent(hits, number, sizeof number));
    }
}
static void key_hits(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = cache_head_hits(of(row));
}

static void write_activity(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_spark(out, &of(row)->activity);
}

#define MORE (COLUMN_DESCENDING)
static const struct column columns[] = {
    {"family", 12, 22, 44, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, write_family, key_family,
     "keys that begin alike", VEIL_KEY},
    {"keys", 5, 6, 6, ALIGN_RIGHT, 1, MORE, write_keys, key_keys, "keys counted by the last walk",
     VEIL_PLAIN},
    {"share", 9, 15, 30, ALIGN_RIGHT, 3, COLUMN_GROWS, write_share, NULL, "part of all keys", VEIL_PLAIN},
    {"no ttl", 7, 7, 7, ALIGN_RIGHT, 4, MORE, write_no_ttl, key_no_ttl,
     "keys that never expire; ~ is reckoned from a sample", VEIL_PLAIN},
    {"bytes", 6, 6, 7, ALIGN_RIGHT, 2, MORE, write_bytes, key_bytes, "memory, reckoned from a sample",
     VEIL_PLAIN},
    {"set/s", 6, 6, 6, ALIGN_RIGHT, 5, MORE, write_set, key_set, "keys written, over the last 10 s",
     VEIL_PLAIN},
    {"miss/s", 7, 7, 7, ALIGN_RIGHT, 6, MORE, write_miss, key_miss,
     "look-ups that found nothing, over the last 10 s", VEIL_PLAIN},
    {"reads", 6, 6, 6, ALIGN_RIGHT, 6, MORE, write_reads, key_reads,
     "reads that the last trace has heard (:trace)", VEIL_PLAIN},
    {"hit%", 6, 6, 6, ALIGN_RIGHT, 5, 0, write_hits, key_hits, "how many of these reads found their key",
     VEIL_PLAIN},
    {"exp/s", 6, 6, 6, ALIGN_RIGHT, 7, MORE, write_expired, key_expired, "keys expired, over the last 10 s",
     VEIL_PLAIN},
    {"evict/s", 8, 8, 8, ALIGN_RIGHT, 6, MORE, write_evicted, key_evicted,
     "keys thrown out for want of memory, over the last 10 s", VEIL_PLAIN},
    {"del/s", 6, 6, 6, ALIGN_RIGHT, 8, MORE, write_deleted, key_deleted, "keys deleted, over the last 10 s",
     VEIL_PLAIN},
    {"events", 10, 16, 24, ALIGN_LEFT, 9, 0, write_activity, NULL, "events a second, the newest on the right",
     VEIL_PLAIN},
};
enum { COLUMN_KEYS = 1 };

static size_t count(const struct model *m)
{
    return model_family_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_family_at(m, i);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->name);
    return TARGET_FAMILY;
}

static void headline(const struct look *look, char *out, size_t size)
{
    char keys[TEXT_SMALL];
    const struct census_view *census = model_census(look->m);
    snprintf(out, size, "%s keys", human_count(census->complete ? census->keys : -1, keys, sizeof keys));
}

static void title_census(const struct look *look, struct segments *out)
{
    const struct census_view *census = model_census(look->m);
    char text[TEXT_SMALL];
    pane_title_walk(look, out);
    if (census->complete && census->finished_at_us >= 0) {
        segments_add(out, 5, ROLE_DIM, "", "counted %s ago",
                     text_age(look->now_us - census->finished_at_us, text, sizeof text));
    }
}

static void title(const struct look *look, struct segments *out)
{
    char number[TEXT_SMALL];
    title_census(look, out);
    cache_head_title(look, out);
    segments_add(
        out, 4, ROLE_DIM, "", "%s",
        text_plural((int64_t)model_family_count(look->m), "family", "families", number, sizeof number));
}

static void empty(const struct look *look, struct field *out)
{
    const struct census_view *census = model_census(look->m);
    if (census->walking) {
        field_text(out, ROLE_DIM, S("walking the keyspace, nothing counted yet"));
    } else if (!census->complete) {
        field_text(out, ROLE_DIM, S("the keyspace was not walked yet"));
    } else {
        field_text(out, ROLE_DIM, S("no keys: the database is empty"));
    }
}

const struct pane_ops pane_cache = {
    .name = "cache",
    .one = "family",
    .many = "families",
    .topic = TOPIC_CACHE,
    .topics = 1u << TOPIC_CACHE,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = COLUMN_KEYS,
    .descending = true,
    .count = count,
    .row = row_at,
    .identify = identify,
    .headline = headline,
    .title = title,
    .head = cache_head,
    .empty = empty,
};
