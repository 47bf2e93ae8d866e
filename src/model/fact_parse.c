/* The reading half of the facts' text form; fact_text.c writes it. */
#include "fact_members.h"

#include <math.h>

#include "redai/base/num.h"

enum { DB_NUMBERS = 3, SHOWN_WORD = 40 };

static bool wrong(struct err *err, const char *what, struct span word, const char *expected)
{
    char shown[SHOWN_WORD + 1];
    size_t len = word.len < SHOWN_WORD ? word.len : SHOWN_WORD;
    for (size_t i = 0; i < len; i++) {
        shown[i] = word.data[i] >= ' ' && word.data[i] < 0x7F ? word.data[i] : '?';
    }
    shown[len] = '\0';
    return err_set(err, ERR_PARSE, "%s \"%s\", expected %s", what, shown, expected);
}

static void skip_blanks(struct span *line)
{
    while (line->len && (line->data[0] == ' ' || line->data[0] == '\t' || line->data[0] == '\r')) {
        *line = span_skip(*line, 1);
    }
}

/* What stands before the next blank; may be empty. */
static struct span take_rest_of_word(struct span *line)
{
    size_t len = 0;
    while (len < line->len && line->data[len] != ' ' && line->data[len] != '\t' && line->data[len] != '\r') {
        len++;
    }
    struct span word = span_head(*line, len);
    *line = span_skip(*line, len);
    return word;
}

static struct span take_word(struct span *line)
{
    skip_blanks(line);
    return take_rest_of_word(line);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The escape at the front of rest (behind the backslash); 0 when it is none. */
static size_t take_escape(struct span rest, char *ret_byte)
{
    if (rest.len >= 3 && rest.data[0] == 'x') {
        int high = hex_digit(rest.data[1]);
        int low = hex_digit(rest.data[2]);
        *ret_byte = (char)(high * 16 + low);
        return high >= 0 && low >= 0 ? 3 : 0;
    }
    if (rest.len >= 1 && (rest.data[0] == '"' || rest.data[0] == '\\')) {
        *ret_byte = rest.data[0];
        return 1;
    }
    return 0;
}

/* A value, quoted or not, into scratch, which has room for the whole line: it never moves. */
static bool take_value(struct span *line, UT_string *scratch, struct span *ret, struct err *err)
{
    size_t start = scratch->i;
    if (line->len == 0 || line->data[0] != '"') {
        text_add(scratch, take_rest_of_word(line));
        *ret = span_make(scratch->d + start, scratch->i - start);
        return true;
    }
    struct span from = *line;
    *line = span_skip(*line, 1);
    while (line->len && line->data[0] != '"') {
        char byte = line->data[0];
        size_t used = 1;
        if (byte == '\\') {
            used = take_escape(span_skip(*line, 1), &byte) + 1;
            if (used == 1) {
                return wrong(err, "bad escape at", *line, "\\xHH");
            }
        }
        text_add(scratch, span_make(&byte, 1));
        *line = span_skip(*line, used);
    }
    if (line->len == 0) {
        return wrong(err, "open quote at", from, "a closing one");
    }
    *line = span_skip(*line, 1);
    *ret = span_make(scratch->d + start, scratch->i - start);
    return true;
}

/* count whole numbers joined by commas. */
static bool read_numbers(struct span value, int64_t *out, size_t count)
{
    int64_t number[4] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t end = i + 1 < count ? span_find(value, ',') : value.len;
        if ((i + 1 < count && end == value.len) || !num_i64(span_head(value, end), &number[i])) {
            return false;
        }
        value = span_skip(value, end + 1);
    }
    memcpy(out, number, count * sizeof(number[0]));
    return true;
}

static bool read_real(struct span value, double *ret)
{
    if (span_equal(value, S("nan"))) {
        *ret = (double)NAN;
        return true;
    }
    if (span_equal(value, S("inf")) || span_equal(value, S("-inf"))) {
        *ret = value.len == 3 ? (double)INFINITY : -(double)INFINITY;
        return true;
    }
    return num_f64(value, ret);
}

static bool read_bool(struct span value, bool *ret)
{
    static const struct span yes[] = {SPAN_LITERAL("1"), SPAN_LITERAL("yes"), SPAN_LITERAL("true")};
    static const struct span no[] = {SPAN_LITERAL("0"), SPAN_LITERAL("no"), SPAN_LITERAL("false")};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (span_equal(value, yes[i]) || span_equal(value, no[i])) {
            *ret = span_equal(value, yes[i]);
            return true;
        }
    }
    return false;
}

static bool read_word(const struct member *row, struct span value, void *place)
{
    for (unsigned i = 0; i < row->word_count; i++) {
        if (span_equal(value, span_of(row->words[i]))) {
            memcpy(place, &i, sizeof(i));
            return true;
        }
    }
    return false;
}

static bool read_whole(const struct member *row, struct span value, void *place)
{
    int64_t number = 0;
    if (row->type == MEMBER_I64) {
        return num_i64(value, place);
    }
    if (row->type == MEMBER_INT) {
        int small = 0;
        bool ok = num_i64_range(value, INT32_MIN, INT32_MAX, &number);
        small = (int)number;
        if (ok) {
            memcpy(place, &small, sizeof(small));
        }
        return ok;
    }
    bool ok = num_i64_range(value, 0, UINT32_MAX, &number);
    unsigned bits = (unsigned)number;
    if (ok) {
        memcpy(place, &bits, sizeof(bits));
    }
    return ok;
}

static bool read_member(const struct member *row, struct span value, struct fact *f, struct err *err)
{
    static const char *const expected[MEMBER_TYPE_COUNT] = {
        [MEMBER_SPAN] = "a text",          [MEMBER_I64] = "a whole number",
        [MEMBER_INT] = "a small number",   [MEMBER_BITS] = "a number of bits",
        [MEMBER_BOOL] = "1 or 0",          [MEMBER_REAL] = "a number",
        [MEMBER_ENUM] = "a known word",    [MEMBER_FOUR] = "four numbers joined by commas",
        [MEMBER_INFO] = "a field of INFO",
    };
    char *place = (char *)f + row->offset;
    bool ok = false;

    switch (row->type) {
    case MEMBER_SPAN:
        memcpy(place, &value, sizeof(value));
        ok = true;
        break;
    case MEMBER_BOOL:
        ok = read_bool(value, (bool *)place);
        break;
    case MEMBER_REAL:
        ok = read_real(value, (double *)(void *)place);
        break;
    case MEMBER_ENUM:
        ok = read_word(row, value, place);
        break;
    case MEMBER_FOUR:
        ok = read_numbers(value, (int64_t *)(void *)place, 4);
        break;
    case MEMBER_I64:
    case MEMBER_INT:
    case MEMBER_BITS:
        ok = read_whole(row, value, place);
        break;
    default:
        break;
    }
    return ok || wrong(err, row->name, value, expected[row->type]);
}

/* True when name is a field of INFO; *ret_ok then tells whether its value was understood. */
static bool read_info(struct info *info, struct span name, struct span value, bool *ret_ok)
{
    char *base = (char *)info;
    for (size_t i = 0; i < info_text_count; i++) {
        if (span_equal(name, span_of(info_text_rows[i].name))) {
            *ret_ok = value.len < info_text_rows[i].size;
            size_t len = *ret_ok ? value.len : 0;
            if (len) {
                memcpy(base + info_text_rows[i].offset, value.data, len);
            }
            base[info_text_rows[i].offset + len] = '\0';
            return true;
        }
    }
    for (size_t i = 0; i < info_number_count; i++) {
        if (span_equal(name, span_of(info_number_rows[i].name))) {
            *ret_ok = num_i64(value, (int64_t *)(void *)(base + info_number_rows[i].offset));
            return true;
        }
    }
    if (name.len == 3 && span_starts(name, S("db")) && name.data[2] >= '0' && name.data[2] < '0' + INFO_DBS) {
        int64_t number[DB_NUMBERS];
        int db = name.data[2] - '0';
        *ret_ok = read_numbers(value, number, DB_NUMBERS);
        if (*ret_ok) {
            info->db[db].keys = number[0];
            info->db[db].expires = number[1];
            info->db[db].avg_ttl_ms = number[2];
        }
        return true;
    }
    for (size_t i = 0; i < info_micros_count; i++) {
        if (span_equal(name, span_of(info_micros_rows[i].name))) {
            *ret_ok = info_micros(value, (int64_t *)(void *)(base + info_micros_rows[i].offset));
            return true;
        }
    }
    for (size_t i = 0; i < info_real_count; i++) {
        if (span_equal(name, span_of(info_real_rows[i].name))) {
            *ret_ok = read_real(value, (double *)(void *)(base + info_real_rows[i].offset));
            return true;
        }
    }
    return false;
}

static bool read_assignment(struct fact *f, struct span name, struct span value, struct err *err)
{
    const struct member_list *list = &fact_members[f->kind];
    for (size_t i = 0; i < list->count; i++) {
        if (list->row[i].type == MEMBER_INFO) {
            bool ok = false;
            if (read_info((struct info *)(void *)((char *)f + list->row[i].offset), name, value, &ok)) {
                return ok || wrong(err, "value", value, "what INFO gives for this field");
            }
        } else if (span_equal(name, span_of(list->row[i].name))) {
            return read_member(&list->row[i], value, f, err);
        }
    }
    return wrong(err, "unknown member", name, "one of this kind of fact");
}

static void set_initial(const struct member *row, struct fact *f)
{
    char *place = (char *)f + row->offset;
    const int64_t four[4] = {row->initial, row->initial, row->initial, row->initial};
    const double unknown = (double)NAN;
    const int small = (int)row->initial;
    const struct span empty = S("");

    switch (row->type) {
    case MEMBER_SPAN:
        memcpy(place, &empty, sizeof(empty));
        break;
    case MEMBER_I64:
        memcpy(place, four, sizeof(four[0]));
        break;
    case MEMBER_FOUR:
        memcpy(place, four, sizeof(four));
        break;
    case MEMBER_REAL:
        memcpy(place, &unknown, sizeof(unknown));
        break;
    case MEMBER_BOOL:
        *(bool *)place = row->initial != 0;
        break;
    case MEMBER_INFO:
        info_clear((struct info *)(void *)place);
        break;
    default:
        memcpy(place, &small, sizeof(small));
    }
}

static bool read_head(struct fact *f, struct span *line, struct err *err)
{
    struct span at = take_word(line);
    struct span wall = take_word(line);
    struct span kind = take_word(line);
    if (!num_i64(at, &f->at_us)) {
        return wrong(err, "first word", at, "microseconds");
    }
    if (!num_i64(wall, &f->wall_us)) {
        return wrong(err, "second word", wall, "microseconds since 1970");
    }
    for (unsigned i = 0; i < FACT_KIND_COUNT; i++) {
        if (span_equal(kind, span_of(fact_kind_name[i]))) {
            f->kind = (enum fact_kind)i;
            return true;
        }
    }
    return wrong(err, "unknown kind of fact", kind, "a name such as server, session, queue");
}

bool fact_read(struct fact *f, struct span line, UT_string *scratch, struct err *err)
{
    skip_blanks(&line);
    if (line.len == 0 || line.data[0] == '#') {
        if (err) {
            *err = (struct err){.code = ERR_NONE};
        }
        return false;
    }
    struct fact read;
    memset(&read, 0, sizeof(read));
    /* Room for all values at once: what spans point at must not move. */
    utstring_clear(scratch);
    utstring_reserve(scratch, line.len + 1);
    if (!read_head(&read, &line, err)) {
        return false;
    }
    for (size_t i = 0; i < fact_members[read.kind].count; i++) {
        set_initial(&fact_members[read.kind].row[i], &read);
    }
    for (skip_blanks(&line); line.len; skip_blanks(&line)) {
        struct span value = S("");
        size_t equals = span_find(line, '=');
        struct span name = span_head(line, equals);
        if (equals == line.len || span_find(name, ' ') < name.len) {
            return wrong(err, "no value at", line, "name=value");
        }
        line = span_skip(line, equals + 1);
        if (!take_value(&line, scratch, &value, err) || !read_assignment(&read, name, value, err)) {
            return false;
        }
    }
    *f = read;
    return true;
}
