#include "redai/schema/json_lines.h"

enum state { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COLON, BEHIND, OVER, WRONG };

struct lines {
    struct span text;
    size_t at;
    char open[JSON_LINES_DEPTH_MAX]; /* of each level, the bracket that ends it */
    int depth;
    bool fresh; /* a bracket was opened and nothing stands in it yet */
    bool cut;
    json_line_fn each;
    void *ctx;
    UT_string line;
    int line_depth;
};

static void put(struct lines *p, struct span s)
{
    if (p->each) {
        text_add(&p->line, s);
    }
}

static void begin_line(struct lines *p, int indent, int depth)
{
    utstring_clear(&p->line);
    p->line_depth = depth;
    for (int i = 0; p->each && i < indent && i < JSON_LINES_INDENT_MAX; i++) {
        text_add(&p->line, S("  "));
    }
}

static void end_line(struct lines *p)
{
    if (p->each && !p->each(p->ctx, text_span(&p->line), p->line_depth)) {
        p->each = NULL;
    }
}

/* Something comes behind an opening bracket: that has a line of its own. */
static void unfold(struct lines *p)
{
    if (p->fresh) {
        end_line(p);
        begin_line(p, p->depth, p->depth);
        p->fresh = false;
    }
}

static enum state behind_value(const struct lines *p)
{
    return p->depth ? BEHIND : OVER;
}

static enum state open_level(struct lines *p, char bracket)
{
    if (p->depth == JSON_LINES_DEPTH_MAX) {
        return WRONG;
    }
    unfold(p);
    put(p, span_make(p->text.data + p->at, 1));
    p->at++;
    p->open[p->depth++] = bracket == '{' ? '}' : ']';
    p->fresh = true;
    return bracket == '{' ? NAME_OR_END : VALUE_OR_END;
}

static enum state close_level(struct lines *p)
{
    if (p->text.data[p->at] != p->open[p->depth - 1]) {
        return WRONG;
    }
    p->depth--;
    if (!p->fresh) {
        end_line(p);
        begin_line(p, p->depth, p->depth + 1);
    }
    p->fresh = false;
    put(p, span_make(p->text.data + p->at, 1));
    p->at++;
    return behind_value(p);
}

/* Bytes of the string that begins here, with its quotes; 0: it is none. */
static size_t string_length(struct lines *p)
{
    struct span s = span_skip(p->text, p->at);
    for (size_t i = 1; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '"') {
            return i + 1;
        }
        if (c < ' ') {
            return 0;
        }
        if (c == '\\' && ++i < s.len && (!s.data[i] || !strchr("\"\\/bfnrtu", s.data[i]))) {
            return 0;
        }
    }
    p->cut = true;
    return s.len;
}

static bool take_string(struct lines *p)
{
    unfold(p);
    size_t n = string_length(p);
    put(p, span_make(p->text.data + p->at, n));
    p->at += n;
    return n > 0;
}

static size_t digits(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.data[n] >= '0' && s.data[n] <= '9') {
        n++;
    }
    return n;
}

/* A number as JSON has it; is_head: one that more may follow on. */
static bool is_number(struct span s, bool is_head)
{
    if (s.len && s.data[0] == '-') {
        s = span_skip(s, 1);
    }
    size_t n = digits(s);
    if (n == 0 || (n > 1 && s.data[0] == '0')) {
        return is_head && s.len == 0;
    }
    s = span_skip(s, n);
    if (s.len && s.data[0] == '.') {
        n = digits(span_skip(s, 1));
        if (n == 0) {
            return is_head && s.len == 1;
        }
        s = span_skip(s, 1 + n);
    }
    if (s.len && (s.data[0] == 'e' || s.data[0] == 'E')) {
        s = span_skip(s, 1);
        bool sign = s.len && (s.data[0] == '+' || s.data[0] == '-');
        s = span_skip(s, sign);
        n = digits(s);
        return n == s.len && (n > 0 || is_head);
    }
    return s.len == 0;
}

static bool is_word(struct span s, bool is_head)
{
    static const struct span words[] = {
        SPAN_LITERAL("true"), SPAN_LITERAL("false"),    SPAN_LITERAL("null"),
        SPAN_LITERAL("NaN"),  SPAN_LITERAL("Infinity"), SPAN_LITERAL("-Infinity"),
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (span_equal(s, words[i]) || (is_head && s.len && span_starts(words[i], s))) {
            return true;
        }
    }
    return is_number(s, is_head);
}

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
}

static bool take_word(struct lines *p)
{
    struct span rest = span_skip(p->text, p->at);
    size_t n = 0;
    while (n < rest.len && is_word_byte(rest.data[n])) {
        n++;
    }
    struct span word = span_head(rest, n);
    bool at_end = n == rest.len;
    if (!is_word(word, false) && !(at_end && is_word(word, true))) {
        return false;
    }
    p->cut = at_end && !is_word(word, false);
    unfold(p);
    put(p, word);
    p->at += n;
    return n > 0;
}

static enum state take_value(struct lines *p, char c, bool may_end)
{
    if (c == '{' || c == '[') {
        return open_level(p, c);
    }
    if (may_end && c == ']') {
        return close_level(p);
    }
    return (c == '"' ? take_string(p) : take_word(p)) ? behind_value(p) : WRONG;
}

static enum state take_name(struct lines *p, char c, bool may_end)
{
    if (may_end && c == '}') {
        return close_level(p);
    }
    return c == '"' && take_string(p) ? COLON : WRONG;
}

static enum state take_colon(struct lines *p, char c)
{
    if (c != ':') {
        return WRONG;
    }
    put(p, S(": "));
    p->at++;
    return VALUE;
}

static enum state take_behind(struct lines *p, char c)
{
    if (c != ',') {
        return c == '}' || c == ']' ? close_level(p) : WRONG;
    }
    put(p, S(","));
    p->at++;
    end_line(p);
    begin_line(p, p->depth, p->depth);
    return p->open[p->depth - 1] == '}' ? NAME : VALUE;
}

static enum state step(struct lines *p, enum state state)
{
    char c = p->text.data[p->at];
    switch (state) {
    case VALUE:
    case VALUE_OR_END:
        return take_value(p, c, state == VALUE_OR_END);
    case NAME:
    case NAME_OR_END:
        return take_name(p, c, state == NAME_OR_END);
    case COLON:
        return take_colon(p, c);
    case BEHIND:
        return take_behind(p, c);
    case OVER:
    case WRONG:
        break;
    }
    return WRONG;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static enum json_lines_end walk(struct span text, json_line_fn each, void *ctx)
{
    struct lines p = {.text = text, .each = each, .ctx = ctx};
    enum state state = VALUE;
    bool any = false;
    utstring_init(&p.line);
    for (;;) {
        while (p.at < text.len && is_blank(text.data[p.at])) {
            p.at++;
        }
        if (p.at >= text.len || state == WRONG) {
            break;
        }
        state = step(&p, state);
        any = true;
    }
    if (any && state != WRONG && utstring_len(&p.line)) {
        end_line(&p);
    }
    utstring_done(&p.line);
    return state == WRONG || !any    ? JSON_LINES_NOT_JSON
           : state == OVER && !p.cut ? JSON_LINES_WHOLE
                                     : JSON_LINES_CUT;
}

enum json_lines_end json_lines(struct span text, json_line_fn each, void *ctx)
{
    enum json_lines_end end = walk(text, NULL, NULL);
    if (each && end != JSON_LINES_NOT_JSON) {
        walk(text, each, ctx);
    }
    return end;
}
