#include "redai/schema/info.h"

#include "pairs.h"

#include <math.h>

#include "redai/base/num.h"

const struct info_text_row info_text_rows[] = {
#define TEXT_ROW(name, member, size) {name, offsetof(struct info, member), size},
    INFO_TEXT_LIST(TEXT_ROW)
#undef TEXT_ROW
};
const size_t info_text_count = sizeof(info_text_rows) / sizeof(info_text_rows[0]);

const struct info_number_row info_number_rows[] = {
#define NUMBER_ROW(name, member) {name, offsetof(struct info, member)},
    INFO_NUMBER_LIST(NUMBER_ROW)};
const size_t info_number_count = sizeof(info_number_rows) / sizeof(info_number_rows[0]);

const struct info_number_row info_micros_rows[] = {INFO_MICROS_LIST(NUMBER_ROW)};
const size_t info_micros_count = sizeof(info_micros_rows) / sizeof(info_micros_rows[0]);

const struct info_number_row info_real_rows[] = {INFO_REAL_LIST(NUMBER_ROW)};
const size_t info_real_count = sizeof(info_real_rows) / sizeof(info_real_rows[0]);
#undef NUMBER_ROW

/* Fields are numbered through all four lists. */
enum {
    TEXT_COUNT = sizeof(info_text_rows) / sizeof(info_text_rows[0]),
    NUMBERS_END = TEXT_COUNT + sizeof(info_number_rows) / sizeof(info_number_rows[0]),
    MICROS_END = NUMBERS_END + sizeof(info_micros_rows) / sizeof(info_micros_rows[0]),
    FIELD_COUNT = MICROS_END + sizeof(info_real_rows) / sizeof(info_real_rows[0])
};

/* A table of fields by a hash of the name, made anew for each reply: some hundred insertions are nothing
 * beside the 200 lines of an INFO, and it can never be out of step with the lists. */
enum { SLOTS = 512, NO_FIELD = 255 };
_Static_assert((int)FIELD_COUNT * 2 < (int)SLOTS && (int)FIELD_COUNT < (int)NO_FIELD,
               "the field table needs room");

struct field_table {
    unsigned char slot[SLOTS];
    unsigned char name_len[FIELD_COUNT];
};

/* Of a field that is no text. */
static const struct info_number_row *field_row(size_t field)
{
    if (field < NUMBERS_END) {
        return &info_number_rows[field - TEXT_COUNT];
    }
    return field < MICROS_END ? &info_micros_rows[field - NUMBERS_END] : &info_real_rows[field - MICROS_END];
}

static const char *field_name(size_t field)
{
    return field < TEXT_COUNT ? info_text_rows[field].name : field_row(field)->name;
}

static unsigned field_hash(struct span name)
{
    unsigned hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619u;
    }
    return (hash ^ hash >> 16) % SLOTS;
}

static void table_fill(struct field_table *t)
{
    for (size_t at = 0; at < SLOTS; at++) {
        t->slot[at] = NO_FIELD;
    }
    for (size_t field = 0; field < FIELD_COUNT; field++) {
        struct span name = span_of(field_name(field));
        t->name_len[field] = (unsigned char)name.len;
        unsigned at = field_hash(name);
        while (t->slot[at] != NO_FIELD) {
            at = (at + 1) % SLOTS;
        }
        t->slot[at] = (unsigned char)field;
    }
}

static size_t table_find(const struct field_table *t, struct span name)
{
    for (unsigned at = field_hash(name); t->slot[at] != NO_FIELD; at = (at + 1) % SLOTS) {
        size_t field = t->slot[at];
        if (t->name_len[field] == name.len && memcmp(field_name(field), name.data, name.len) == 0) {
            return field;
        }
    }
    return FIELD_COUNT;
}

void info_clear(struct info *i)
{
    memset(i, 0, sizeof(*i));
    for (size_t field = TEXT_COUNT; field < FIELD_COUNT; field++) {
        void *to = (char *)i + field_row(field)->offset;
        if (field < MICROS_END) {
            *(int64_t *)to = INFO_UNKNOWN;
        } else {
            *(double *)to = (double)NAN;
        }
    }
    for (int db = 0; db < INFO_DBS; db++) {
        i->db[db].keys = i->db[db].expires = i->db[db].avg_ttl_ms = INFO_UNKNOWN;
    }
}

static void field_set(struct info *i, size_t field, struct span value)
{
    if (field < TEXT_COUNT) {
        const struct info_text_row *row = &info_text_rows[field];
        char *to = (char *)i + row->offset;
        struct span kept = span_head(value, row->size - 1);
        memset(to, 0, row->size);
        if (kept.len) {
            memcpy(to, kept.data, kept.len);
        }
        return;
    }
    void *to = (char *)i + field_row(field)->offset;
    if (field < MICROS_END) {
        int64_t number;
        bool ok = field < NUMBERS_END ? num_i64_range(value, -NUM_SAID_MOST, NUM_SAID_MOST, &number)
                                      : info_micros(value, &number);
        *(int64_t *)to = ok ? number : INFO_UNKNOWN;
    } else {
        double real;
        *(double *)to = num_f64(value, &real) ? real : (double)NAN;
    }
}

/* "keys=12,expires=3,avg_ttl=4000"; newer servers add further pairs. */
static void db_set(struct info *i, struct span index, struct span value)
{
    int64_t db;
    if (!num_i64_range(index, 0, INFO_DBS - 1, &db)) {
        return;
    }
    i->db[db].keys = i->db[db].expires = i->db[db].avg_ttl_ms = INFO_UNKNOWN;
    struct span name, text;
    while (pairs_next(&value, ',', &name, &text)) {
        int64_t number;
        if (!num_i64_range(text, 0, NUM_SAID_MOST, &number)) {
            continue;
        }
        if (span_equal(name, S("keys"))) {
            i->db[db].keys = number;
        } else if (span_equal(name, S("expires"))) {
            i->db[db].expires = number;
        } else if (span_equal(name, S("avg_ttl"))) {
            i->db[db].avg_ttl_ms = number;
        }
    }
}

static void line_read(struct info *i, const struct field_table *t, struct span line)
{
    if (line.len && line.data[0] == '#') {
        /* A database without keys has no line: within the section, absent means empty. */
        for (int db = 0; db < INFO_DBS && span_equal(line, S("# Keyspace")); db++) {
            i->db[db].keys = i->db[db].expires = i->db[db].avg_ttl_ms = 0;
        }
        return;
    }
    size_t colon = span_find(line, ':');
    if (colon == 0 || colon == line.len) {
        return;
    }
    struct span name = span_head(line, colon);
    struct span value = span_skip(line, colon + 1);
    size_t field = table_find(t, name);
    if (field < FIELD_COUNT) {
        field_set(i, field, value);
    } else if (span_starts(name, S("db"))) {
        db_set(i, span_skip(name, 2), value);
    }
}

void info_decode(struct info *i, struct span text)
{
    struct field_table table;

    table_fill(&table);
    while (text.len) {
        line_read(i, &table, pairs_line(&text));
    }
}

bool info_micros(struct span text, int64_t *ret)
{
    enum { DIGITS = 6 };
    int64_t whole, part = 0;
    size_t point = span_find(text, '.');
    struct span digits = span_skip(text, point + 1);

    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return false;
        }
    }
    for (size_t i = 0; i < DIGITS; i++) {
        part = part * 10 + (i < digits.len ? digits.data[i] - '0' : 0);
    }
    if (!num_i64_range(span_head(text, point), 0, NUM_SAID_MOST / 1000000 - 1, &whole)) {
        return false;
    }
    *ret = whole * 1000000 + part;
    return true;
}

/* "slave" and its number. */
static bool is_replica(struct span name)
{
    int64_t number;
    return span_starts(name, S("slave")) && num_i64_range(span_skip(name, 5), 0, INT32_MAX, &number);
}

bool info_replica_next(struct span *text, struct info_replica *ret)
{
    static const struct pairs_number numbers[] = {{"offset", offsetof(struct info_replica, offset)},
                                                  {"lag", offsetof(struct info_replica, lag_s)}};
    while (text->data && text->len) {
        struct span line = pairs_line(text);
        size_t colon = span_find(line, ':');
        if (!is_replica(span_head(line, colon))) {
            continue;
        }
        struct span pairs = span_skip(line, colon + 1), name, value;
        *ret = (struct info_replica){.offset = INFO_UNKNOWN, .lag_s = INFO_UNKNOWN};
        while (pairs_next(&pairs, ',', &name, &value)) {
            if (span_equal(name, S("ip"))) {
                ret->ip = value;
            } else if (span_equal(name, S("port"))) {
                ret->port = value;
            } else if (span_equal(name, S("state"))) {
                ret->state = value;
            } else {
                pairs_number(numbers, sizeof(numbers) / sizeof(numbers[0]), name, value, ret);
            }
        }
        if (ret->ip.len && ret->port.len) {
            return true;
        }
    }
    return false;
}

static int64_t growth(int64_t was, int64_t now)
{
    return was >= 0 && now > was ? now - was : 0;
}

bool info_most_keys_went(const struct info *was, const struct info *now, int db)
{
    enum { LEAST = 20 };
    if (db < 0 || db >= INFO_DBS || strcmp(was->run_id, now->run_id) != 0) {
        return false;
    }
    int64_t before = was->db[db].keys, after = now->db[db].keys;
    int64_t by_itself =
        growth(was->expired_keys, now->expired_keys) + growth(was->evicted_keys, now->evicted_keys);
    return before >= LEAST && after >= 0 && after < before / 2 && before - after > 2 * by_itself;
}
