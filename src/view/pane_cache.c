/* The cache pane: what the keyspace holds, by family, and how well the cache does. */
#include "cache_head.h"
#include "family_words.h"
#include "pane.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

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

/* Under a group it is the end of the name that tells one from the other. */
static void write_family(const struct look *look, const void *row, struct field *out)
{
    struct span name = span_of(of(row)->name);
    struct span tail = name;
    (void)look;
    while (of(row)->under && out->cols > 1 && utf8_text_width(name) > out->cols && tail.len &&
           utf8_text_width(tail) >= out->cols) {
        do {
            tail = span_skip(tail, 1);
        } while (tail.len && ((unsigned char)tail.data[0] & 0xC0) == 0x80);
    }
    if (tail.len < name.len) {
        field_printf(out, ROLE_TEXT, "~%.*s", (int)tail.len, tail.data);
    } else {
        field_text(out, ROLE_TEXT, name);
    }
    if (strcmp(of(row)->name, FAMILY_OTHER) == 0) {
        field_own(out);
    }
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

/* How far a reckoned sum can be trusted: half the width of its 95 % interval, as a part of it. */
static void margin_text(const struct look *look, const struct family *f, char *out, size_t size)
{
    const char *sign = look->ascii ? "+-" : "\xc2\xb1";
    double part = f->bytes_estimate > 0 ? f->bytes_margin * 100 / (double)f->bytes_estimate : f->bytes_margin;
    if (isnan(part)) {
        snprintf(out, size, "%s?", sign);
    } else if (part > 99) {
        snprintf(out, size, "%s>99%%", sign);
    } else {
        snprintf(out, size, "%s%.0f%%", sign, part);
    }
}

/* Without "~" all were measured. */
static void write_bytes(const struct look *look, const void *row, struct field *out)
{
    char number[TEXT_SMALL];
    char margin[TEXT_SMALL];
    int64_t n = of(row)->bytes_estimate;
    if (n < 0) {
        field_unknown(out);
        return;
    }
    human_bytes(n, number, sizeof number);
    margin_text(look, of(row), margin, sizeof margin);
    if (of(row)->without_ttl_exact) {
        field_printf(out, ROLE_TEXT, "%s", number);
        return;
    }
    field_printf(out, ROLE_TEXT, "~%s %s", number, margin);
    if (out->cols > 0 && utf8_text_width(out->text) > out->cols) {
        field_printf(out, ROLE_TEXT, "~%s", number);
    }
}
static void key_bytes(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->bytes_estimate < 0 ? NAN : (double)of(row)->bytes_estimate;
}

static void write_fault(const struct look *look, const void *row, struct field *out)
{
    const struct family *f = of(row);
    (void)look;
    if (!f->reprs && !f->misplaced) {
        field_text(out, ROLE_TEXT, S(""));
    } else if (out->cols == 1) {
        field_text(out, ROLE_WARNING, S("!"));
    } else {
        field_printf(out, ROLE_WARNING, "%s%s%s", f->reprs ? "repr" : "", f->reprs && f->misplaced ? " " : "",
                     f->misplaced ? "ttl" : "");
    }
}

/* Five bars, by which TTLs are told at a glance: below a minute, an hour, a day; longer; none. */
static void write_ttl(const struct look *look, const void *row, struct field *out)
{
    const struct family *f = of(row);
    (void)look;
    int64_t with = f->ttl[0] + f->ttl[1] + f->ttl[2] + f->ttl[3];
    double none = family_words_without_ttl(f);
    if (with <= 0 && !(none > 0)) {
        field_unknown(out);
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        out->spark[i] = (double)f->ttl[i];
    }
    out->spark[4] = none > 0 ? none : 0;
    out->sparks = 5;
    out->figure = FIELD_SPARK;
    out->role = f->misplaced ? ROLE_WARNING : ROLE_SPARK;
    out->text = S("");
}

static void write_largest(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_bytes(out, ROLE_TEXT, of(row)->largest_bytes);
}
static void key_largest(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->largest_bytes < 0 ? NAN : (double)of(row)->largest_bytes;
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
    {"fault", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_fault, NULL,
     "! repr: keys that hold an object's address; ttl: keys without one that should have it", VEIL_PLAIN},
    {"family", 18, 24, 46, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS | COLUMN_TREE, write_family, key_family,
     "keys that begin alike; exam:* sums up what begins with exam (Left and Right fold)", VEIL_FAMILY},
    {"keys", 5, 6, 6, ALIGN_RIGHT, 1, MORE, write_keys, key_keys, "keys counted by the last walk",
     VEIL_PLAIN},
    {"share", 9, 15, 30, ALIGN_RIGHT, 4, COLUMN_GROWS, write_share, NULL, "part of all keys", VEIL_PLAIN},
    {"no ttl", 7, 7, 7, ALIGN_RIGHT, 3, MORE, write_no_ttl, key_no_ttl,
     "keys that never expire; ~ is reckoned from a sample", VEIL_PLAIN},
    {"bytes", 11, 11, 11, ALIGN_RIGHT, 2, MORE, write_bytes, key_bytes,
     "memory; ~ is reckoned from a sample, and how far off it may be (95 %)", VEIL_PLAIN},
    {"ttl", 5, 5, 5, ALIGN_LEFT, 4, 0, write_ttl, NULL,
     "five bars: TTLs of the sample below a minute, below an hour, below a day, longer, none", VEIL_PLAIN},
    {"largest", 8, 8, 8, ALIGN_RIGHT, 8, MORE, write_largest, key_largest, "the largest key of the sample",
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
enum { COLUMN_KEYS = 2 };

static size_t count(const struct model *m)
{
    return model_family_rows(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_family_row(m, i);
}

static size_t under(const struct model *m, const void *row)
{
    return of(row)->under ? (size_t)(of(row)->under - model_family_row(m, 0)) : SIZE_MAX;
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->name);
    return TARGET_FAMILY;
}

/* While events are shed the rows are of the last walk and what was heard since; how many keys there are INFO
 * knows all the same. */
static bool is_shed(const struct look *look)
{
    const struct shed_view *v = &model_connection(look->m)->shed;
    return v->writes || v->ends;
}

static int64_t keys_by_info(const struct look *look)
{
    const struct server *s = model_server(look->m);
    int db = model_connection(look->m)->db;
    int64_t keys = s->known && db >= 0 && db < INFO_DBS ? s->info.db[db].keys : -1;
    return keys < 0 ? -1 : keys;
}

static void headline(const struct look *look, char *out, size_t size)
{
    char keys[TEXT_SMALL];
    const struct census_view *census = model_census(look->m);
    int64_t counted = census->complete ? census->keys : -1;
    snprintf(out, size, "%s keys",
             human_count(is_shed(look) ? keys_by_info(look) : counted, keys, sizeof keys));
}

static void title_census(const struct look *look, struct segments *out)
{
    const struct census_view *census = model_census(look->m);
    char text[TEXT_SMALL];
    pane_title_walk(look, out);
    if (is_shed(look)) {
        struct segment *piece = segments_add(out, 1, ROLE_WARNING, "", "! rows of the last walk");
        segment_brief(piece, "! old");
    }
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
    text_plural((int64_t)model_family_count(look->m), "family", "families", number, sizeof number);
    segments_add(out, 4, ROLE_DIM, "", "%s%s", number, model_census(look->m)->families_cut ? " of more" : "");
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
    .under = under,
    .identify = identify,
    .headline = headline,
    .title = title,
    .head = cache_head,
    .empty = empty,
};
