#include "fact_members.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/num.h"

enum { REAL_TEXT = 48 };

/* Enums are read and written through an unsigned of their size. */
_Static_assert(sizeof(enum topic) == sizeof(unsigned), "enums are as wide as unsigned");

/* --- writing --- */

static void add_number(UT_string *out, int64_t value)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRId64, value);
    text_add(out, span_make(text, (size_t)len));
}

/* The shortest digits that read back as the same number, with '.' in every locale. */
static void add_real(UT_string *out, double value)
{
    char text[REAL_TEXT] = "nan";
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = c_locale ? uselocale(c_locale) : (locale_t)0;
    if (isinf(value)) {
        memcpy(text, value > 0 ? "inf" : "-inf", value > 0 ? 4 : 5);
    } else if (!isnan(value)) {
        double back;
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, value);
            if (num_f64(span_of(text), &back) && back >= value && back <= value) {
                break;
            }
        }
    }
    if (c_locale) {
        uselocale(before);
        freelocale(c_locale);
    }
    text_add(out, span_of(text));
}

static bool is_plain(char c)
{
    return c > ' ' && c < 0x7F && c != '"' && c != '\\';
}

static void add_text(UT_string *out, struct span s)
{
    static const char hex[] = "0123456789abcdef";
    size_t plain = 0;
    while (plain < s.len && is_plain(s.data[plain])) {
        plain++;
    }
    if (s.len > 0 && plain == s.len) {
        text_add(out, s);
        return;
    }
    text_add(out, S("\""));
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.data[i];
        if (byte == ' ' || is_plain(s.data[i])) {
            text_add(out, span_make(&s.data[i], 1));
        } else {
            char mark[4] = {'\\', 'x', hex[byte >> 4], hex[byte & 0xF]};
            text_add(out, span_make(mark, sizeof(mark)));
        }
    }
    text_add(out, S("\""));
}

static void add_name(UT_string *out, const char *name)
{
    text_add(out, S(" "));
    text_add(out, span_of(name));
    text_add(out, S("="));
}

static void add_info(UT_string *out, const struct info *info)
{
    const char *base = (const char *)info;
    for (size_t i = 0; i < info_text_count; i++) {
        const char *text = base + info_text_rows[i].offset;
        size_t len = strnlen(text, info_text_rows[i].size);
        if (len) {
            add_name(out, info_text_rows[i].name);
            add_text(out, span_make(text, len));
        }
    }
    for (size_t i = 0; i < info_number_count; i++) {
        int64_t value;
        memcpy(&value, base + info_number_rows[i].offset, sizeof(value));
        if (value != INFO_UNKNOWN) {
            add_name(out, info_number_rows[i].name);
            add_number(out, value);
        }
    }
    for (int i = 0; i < INFO_DBS; i++) {
        if (info->db[i].keys != INFO_UNKNOWN) {
            char name[4] = {'d', 'b', (char)('0' + i), '\0'};
            add_name(out, name);
            add_number(out, info->db[i].keys);
            text_add(out, S(","));
            add_number(out, info->db[i].expires);
            text_add(out, S(","));
            add_number(out, info->db[i].avg_ttl_ms);
        }
    }
    for (size_t i = 0; i < info_micros_count; i++) {
        int64_t value;
        memcpy(&value, base + info_micros_rows[i].offset, sizeof(value));
        if (value != INFO_UNKNOWN) {
            add_name(out, info_micros_rows[i].name);
            utstring_printf(out, "%" PRId64 ".%06d", value / 1000000, (int)(value % 1000000));
        }
    }
    for (size_t i = 0; i < info_real_count; i++) {
        double value;
        memcpy(&value, base + info_real_rows[i].offset, sizeof(value));
        if (!isnan(value)) {
            add_name(out, info_real_rows[i].name);
            add_real(out, value);
        }
    }
}

/* A member as a whole number; of the types that are one. */
static int64_t number_of(const struct member *row, const void *place)
{
    switch (row->type) {
    case MEMBER_I64: {
        int64_t value;
        memcpy(&value, place, sizeof(value));
        return value;
    }
    case MEMBER_BOOL:
        return *(const bool *)place;
    case MEMBER_INT: {
        int value;
        memcpy(&value, place, sizeof(value));
        return value;
    }
    default: {
        unsigned value;
        memcpy(&value, place, sizeof(value));
        return value;
    }
    }
}

static void add_member(UT_string *out, const struct member *row, const struct fact *f)
{
    const char *place = (const char *)f + row->offset;
    const struct span *text = (const void *)place;
    const int64_t *four = (const void *)place;
    int64_t number = 0;

    switch (row->type) {
    case MEMBER_INFO:
        add_info(out, (const struct info *)(const void *)place);
        return;
    case MEMBER_SPAN:
        if (text->len) {
            add_name(out, row->name);
            add_text(out, *text);
        }
        return;
    case MEMBER_REAL:
        if (!isnan(*(const double *)(const void *)place)) {
            add_name(out, row->name);
            add_real(out, *(const double *)(const void *)place);
        }
        return;
    case MEMBER_FOUR:
        add_name(out, row->name);
        for (int i = 0; i < 4; i++) {
            text_add(out, i ? S(",") : S(""));
            add_number(out, four[i]);
        }
        return;
    case MEMBER_ENUM:
        number = number_of(row, place);
        if ((size_t)number < row->word_count) {
            add_name(out, row->name);
            add_text(out, span_of(row->words[number]));
        }
        return;
    default:
        number = number_of(row, place);
        if (number != row->initial) {
            add_name(out, row->name);
            add_number(out, number);
        }
    }
}

void fact_write(const struct fact *f, UT_string *out)
{
    if ((size_t)f->kind >= FACT_KIND_COUNT) {
        return;
    }
    add_number(out, f->at_us);
    text_add(out, S(" "));
    add_number(out, f->wall_us);
    text_add(out, S(" "));
    text_add(out, span_of(fact_kind_name[f->kind]));
    for (size_t i = 0; i < fact_members[f->kind].count; i++) {
        add_member(out, &fact_members[f->kind].row[i], f);
    }
    text_add(out, S("\n"));
}
