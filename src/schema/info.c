#include "redai/schema/info.h"

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
    INFO_NUMBER_LIST(NUMBER_ROW)
#undef NUMBER_ROW
};
const size_t info_number_count = sizeof(info_number_rows) / sizeof(info_number_rows[0]);

#define TEXT_COUNT   (sizeof(info_text_rows) / sizeof(info_text_rows[0]))
#define NUMBER_COUNT (sizeof(info_number_rows) / sizeof(info_number_rows[0]))
#define FIELD_COUNT  (TEXT_COUNT + NUMBER_COUNT)

/* A table of fields by a cheap hash of the name, made anew for each reply: 40 insertions are nothing beside
 * the 200 lines of an INFO, and it can never be out of step with the lists. */
enum { SLOTS = 256, NO_FIELD = 255 };
_Static_assert(FIELD_COUNT * 2 < SLOTS && FIELD_COUNT < NO_FIELD, "the field table needs room");

struct field_table {
    unsigned char slot[SLOTS];
    unsigned char name_len[FIELD_COUNT];
};

static const char *field_name(size_t field)
{
    return field < TEXT_COUNT ? info_text_rows[field].name : info_number_rows[field - TEXT_COUNT].name;
}

static unsigned field_hash(struct span name)
{
    unsigned char first = (unsigned char)name.data[0];
    unsigned char middle = (unsigned char)name.data[name.len / 2];
    unsigned char last = (unsigned char)name.data[name.len - 1];
    return (first * 7u + middle * 31u + last * 131u + (unsigned)name.len * 17u) % SLOTS;
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
    for (size_t n = 0; n < NUMBER_COUNT; n++) {
        *(int64_t *)(void *)((char *)i + info_number_rows[n].offset) = INFO_UNKNOWN;
    }
    for (int db = 0; db < INFO_DBS; db++) {
        i->db[db].keys = i->db[db].expires = i->db[db].avg_ttl_ms = INFO_UNKNOWN;
    }
    i->mem_fragmentation_ratio = NAN;
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
    int64_t *to = (int64_t *)(void *)((char *)i + info_number_rows[field - TEXT_COUNT].offset);
    int64_t number;
    *to = num_i64(value, &number) ? number : INFO_UNKNOWN;
}

/* "keys=12,expires=3,avg_ttl=4000"; newer servers add further pairs. */
static void db_set(struct info *i, struct span index, struct span value)
{
    int64_t db;
    if (!num_i64_range(index, 0, INFO_DBS - 1, &db)) {
        return;
    }
    i->db[db].keys = i->db[db].expires = i->db[db].avg_ttl_ms = INFO_UNKNOWN;
    while (value.data && value.len) {
        size_t end = span_find(value, ',');
        struct span pair = span_head(value, end);
        value = span_skip(value, end + 1);

        size_t equals = span_find(pair, '=');
        struct span name = span_head(pair, equals);
        int64_t number;
        if (!num_i64_range(span_skip(pair, equals + 1), 0, INT64_MAX, &number)) {
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
    } else if (span_equal(name, S("mem_fragmentation_ratio"))) {
        i->mem_fragmentation_ratio = NAN;
        num_f64(value, &i->mem_fragmentation_ratio);
    }
}

void info_decode(struct info *i, struct span text)
{
    struct field_table table;

    table_fill(&table);
    while (text.len) {
        size_t end = span_find(text, '\n');
        struct span line = span_head(text, end);
        text = span_skip(text, end + 1);
        if (line.len && line.data[line.len - 1] == '\r') {
            line.len--;
        }
        line_read(i, &table, line);
    }
}
