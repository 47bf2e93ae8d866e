#include "redai/schema/command_shape.h"

#include "command_manners.h"
#include "command_rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/num.h"

enum {
    WORD_MAX = 32,
    KEY_SHOWN_MAX = 64,
    SESSION_SHOWN = 6,
    SHA_SHOWN = 8,
    QUEUE_SHOWN_MAX = 40,
    TOKEN_LEAST = 20,
    HEX_LEAST = 32
};
enum { TEXT_RESERVE = 24 }; /* for what is said of the arguments that are left out */

/* --- what the server cut --- */

/* "<head>... (N more <what>)": N, and the head. */
static bool cut_read(struct span text, struct span end, struct span *ret_head, int64_t *ret_more)
{
    const struct span begin = S("... (");
    if (text.len <= begin.len + end.len || !span_ends(text, end)) {
        return false;
    }
    struct span rest = span_head(text, text.len - end.len);
    size_t digits = 0;
    while (digits < rest.len && rest.data[rest.len - 1 - digits] >= '0' &&
           rest.data[rest.len - 1 - digits] <= '9') {
        digits++;
    }
    struct span head = span_head(rest, rest.len - digits);
    *ret_head = span_head(head, head.len - (span_ends(head, begin) ? begin.len : 0));
    return span_ends(head, begin) && num_i64_range(span_skip(rest, head.len), 1, INT64_MAX / 2, ret_more);
}

/* An argument's size, and what is there of it. */
static int64_t whole_size(struct span arg, struct span *ret_head)
{
    int64_t more = 0;
    *ret_head = arg;
    if (cut_read(arg, S(" more bytes)"), ret_head, &more)) {
        return (int64_t)ret_head->len + more;
    }
    *ret_head = arg;
    return (int64_t)arg.len;
}

/* How many of the words are there; *ret_more others were left out. */
static size_t words_there(size_t count, const struct span *argv, int64_t *ret_more)
{
    struct span head;
    int64_t more = 0;
    bool cut = count > 1 && cut_read(argv[count - 1], S(" more arguments)"), &head, &more) && head.len == 0;
    *ret_more = cut ? more : 0;
    return cut ? count - 1 : count;
}

int64_t command_argc(size_t count, const struct span *argv)
{
    int64_t more;
    size_t there = words_there(count, argv, &more);
    return (int64_t)there + more;
}

/* --- words --- */

static bool is_word(struct span s, size_t max)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != '-' && c != '_' && c != '*' && c != '.' && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return s.len > 0 && s.len <= max;
}

static void add_upper(struct span word, UT_string *out)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        text_add(out, span_make(&c, 1));
    }
}

/* A number as commands take them: "(5", "-inf", "1.5"; or a word such as "EX", "WITHSCORES", "maxmemory". */
static bool is_harmless(struct span arg)
{
    struct span number = arg.len && arg.data[0] == '(' ? span_skip(arg, 1) : arg;
    double value;
    return is_word(arg, WORD_MAX) || (number.len <= 24 && num_f64(number, &value)) ||
           span_equal(number, S("+inf")) || span_equal(number, S("+")) || span_equal(arg, S("$"));
}

/* --- the parts of a command --- */

struct command {
    size_t count; /* words that are there */
    const struct span *argv;
    int64_t more; /* others that were left out */
    const struct command_manner *manner;
    size_t row; /* command_rows */
};

static void command_read(struct command *c, size_t count, const struct span *argv)
{
    c->argv = argv;
    c->count = words_there(count, argv, &c->more);
    c->manner = command_manner_find(c->count ? argv[0] : S(""), c->count > 1 ? argv[1] : S(""));
    c->row = command_rows_find(c->count ? argv[0] : S(""));
}

/* Whether word i is one of the keys that the row tells of. */
static bool row_has(const struct command *c, const struct command_row *row, size_t i)
{
    int at = (int)i, first = row->first, last = row->last;
    if (row->step > 0) {
        last += last < 0 ? (int)c->count + (c->more ? 1 : 0) : 0;
        return at >= first && at <= last && (at - first) % row->step == 0;
    }
    int64_t keys = 0;
    return (size_t)first < c->count && num_i64_range(c->argv[first], 0, INT32_MAX / 2, &keys) && at > first &&
           at <= first + (int)keys;
}

static bool is_key(const struct command *c, size_t i)
{
    const struct command_row given = {
        .first = c->manner->first, .last = c->manner->last, .step = c->manner->step};
    if (c->manner->first && row_has(c, &given, i)) {
        return true;
    }
    for (size_t row = c->row; row < command_row_count; row++) {
        if (strcmp(command_rows[row].name, command_rows[c->row].name) != 0) {
            return false;
        }
        if (row_has(c, &command_rows[row], i)) {
            return true;
        }
    }
    return false;
}

static bool is_match(const struct command *c, size_t i)
{
    return i > 1 && c->manner->flags & MANNER_MATCH && command_word_is(c->argv[i - 1], "MATCH");
}

/* --- the text --- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_token_letter(char c)
{
    return is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || c == '-';
}

/* What a program makes of random bytes: letters of both cases and digits, or 32 and more hex digits. A UUID
 * with its hyphens is none: of these are tasks. */
static bool is_token(struct span s)
{
    bool upper = false, lower = false, digit = false, hex = true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        upper = upper || is_upper(c);
        lower = lower || is_lower(c);
        digit = digit || is_digit(c);
        hex = hex && (is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
    }
    return (s.len >= TOKEN_LEAST && upper && lower && digit) || (s.len >= HEX_LEAST && hex);
}

/* A name as it may be read: what follows "session:" anywhere in it, and what looks like a token, is cut. */
static void add_name(struct span name, UT_string *out)
{
    while (name.len) {
        size_t run = 0;
        while (run < name.len && is_token_letter(name.data[run])) {
            run++;
        }
        bool secret = span_ends(text_span(out), S("session:")) || is_token(span_head(name, run));
        if (secret && run > SESSION_SHOWN) {
            text_add(out, span_head(name, SESSION_SHOWN));
            text_add(out, S("~"));
        } else {
            text_add(out, span_head(name, run));
        }
        name = span_skip(name, run);
        text_add(out, span_head(name, name.len ? 1 : 0));
        name = span_skip(name, 1);
    }
}

static void add_key(struct span arg, UT_string *out)
{
    struct span head, id;
    bool cut = whole_size(arg, &head) > (int64_t)head.len;
    if (keyname_kind(head, &id) == KEY_SESSION) {
        size_t front = (size_t)(id.data - head.data) + SESSION_SHOWN;
        cut = cut || head.len > front;
        head = span_head(head, front);
    } else if (head.len > KEY_SHOWN_MAX) {
        cut = true;
        head = span_head(head, KEY_SHOWN_MAX - 1);
    }
    add_name(head, out);
    text_add(out, cut ? S("~") : S(""));
}

static void add_size(const char *what, struct span arg, UT_string *out)
{
    static const char *const units[] = {"KiB", "MiB", "GiB"};
    struct span head;
    int64_t size = whole_size(arg, &head);
    double scaled = (double)size / 1024.;
    size_t unit = 0;
    if (size < 1024) {
        utstring_printf(out, "<%s%" PRId64 " B>", what, size);
        return;
    }
    while (scaled >= 1024. && unit + 1 < sizeof units / sizeof units[0]) {
        scaled /= 1024.;
        unit++;
    }
    utstring_printf(out, "<%s%.1f %s>", what, scaled, units[unit]);
}

static void add_arg(const struct command *c, size_t i, UT_string *out)
{
    const struct command_manner *m = c->manner;
    struct span arg = c->argv[i];
    int at = (int)i;

    if (span_equal(arg, S("(redacted)"))) { /* the server's own word for what it keeps back */
        text_add(out, arg);
    } else if (i == 1 && m->sub) {
        add_upper(span_of(m->sub), out);
    } else if (m->flags & MANNER_SECRET) {
        bool name = m->flags & MANNER_NAMES && at % 2 == 0 && is_word(arg, WORD_MAX);
        text_add(out, name ? arg : S("<hidden>"));
    } else if (at == m->script) {
        add_size("script, ", arg, out);
    } else if (at == m->sha) {
        text_add(out, span_head(arg, SHA_SHOWN));
        text_add(out, arg.len > SHA_SHOWN ? S("~") : S(""));
    } else if (is_key(c, i) || (is_match(c, i) && command_word_is(c->argv[0], "SCAN"))) {
        add_key(arg, out);
    } else if (!is_match(c, i) /* members may be session ids */ && m->plain_from && at >= m->plain_from &&
               at <= m->plain_to && is_harmless(arg)) {
        add_name(arg, out);
    } else {
        add_size("", arg, out);
    }
}

static void add_word(struct span word, UT_string *out)
{
    if (is_word(word, WORD_MAX)) {
        add_upper(word, out);
    } else {
        text_add(out, S("(unknown)"));
    }
}

void command_text(size_t count, const struct span *argv, UT_string *out)
{
    struct command c;
    UT_string piece;
    size_t begin = out->i, i = 1;

    command_read(&c, count, argv);
    if (!c.count) {
        return;
    }
    add_word(argv[0], out);
    utstring_init(&piece);
    for (; i < c.count && i <= COMMAND_TEXT_ARGS; i++) {
        utstring_clear(&piece);
        add_arg(&c, i, &piece);
        if (out->i - begin + 1 + piece.i > COMMAND_TEXT_MAX - TEXT_RESERVE) {
            break;
        }
        text_add(out, S(" "));
        text_add(out, text_span(&piece));
    }
    utstring_done(&piece);
    int64_t left = (int64_t)(c.count - i) + c.more;
    if (left > 0) {
        utstring_printf(out, " ... %" PRId64 " more", left > 999999999 ? 999999999 : left);
    }
}

/* --- the shape --- */

static void add_family(const struct command *c, struct span key, const struct families *families,
                       UT_string *out)
{
    struct span id, head;
    whole_size(key, &head);
    switch (keyname_kind(head, &id)) {
    case KEY_TASK_META:
        text_add(out, S("celery-task-meta-*"));
        return;
    case KEY_BINDING:
        text_add(out, S("_kombu.binding.*"));
        return;
    case KEY_REPLY_BOX:
        text_add(out, S("*.reply.celery.pidbox"));
        return;
    case KEY_UNACKED:
        text_add(out, head);
        return;
    case KEY_PRIORITY_LIST: /* all steps of a queue are one */
        text_add(out, span_head(id, QUEUE_SHOWN_MAX));
        return;
    case KEY_BARE:
        if (c->manner->flags & MANNER_LIST && is_word(head, QUEUE_SHOWN_MAX)) {
            text_add(out, head);
            return;
        }
        break;
    default:
        break;
    }
    struct span name = families_name(families, head);
    text_add(out, name);
    if (span_starts(head, name) && head.len > name.len && head.data[name.len] == ':') {
        text_add(out, S(":*"));
    }
}

void command_shape(size_t count, const struct span *argv, const struct families *families, UT_string *out)
{
    struct command c;
    command_read(&c, count, argv);
    if (!c.count) {
        return;
    }
    add_word(argv[0], out);
    if (c.manner->sub) {
        text_add(out, S(" "));
        text_add(out, span_of(c.manner->sub));
    }
    for (size_t i = 1; i < c.count && !(c.manner->flags & (MANNER_SECRET | MANNER_ALIKE)); i++) {
        if (is_key(&c, i)) {
            text_add(out, S(" "));
            add_family(&c, argv[i], families, out);
            return;
        }
    }
}
