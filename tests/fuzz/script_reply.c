#include "fuzz/script_reply.h"

#include "redai/base/num.h"

enum { DEPTH_MAX = 7 };

struct span script_skip_blanks(struct span s)
{
    size_t n = 0;
    while (n < s.len && (s.data[n] == ' ' || s.data[n] == '\t')) {
        n++;
    }
    return span_skip(s, n);
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

static void add_byte(UT_string *out, char c)
{
    utstring_bincpy(out, &c, 1);
}

void script_take_text(struct span *s, UT_string *out)
{
    if (!s->len || s->data[0] != '"') {
        while (s->len && !memchr(" \t[]", s->data[0], 4)) {
            add_byte(out, s->data[0]);
            *s = span_skip(*s, 1);
        }
        return;
    }
    for (*s = span_skip(*s, 1); s->len && s->data[0] != '"'; *s = span_skip(*s, 1)) {
        if (s->data[0] != '\\' || s->len < 2) {
            add_byte(out, s->data[0]);
            continue;
        }
        *s = span_skip(*s, 1);
        char c = s->data[0];
        if (c == 'x' && s->len > 2 && hex(s->data[1]) >= 0 && hex(s->data[2]) >= 0) {
            add_byte(out, (char)(hex(s->data[1]) * 16 + hex(s->data[2])));
            *s = span_skip(*s, 2);
        } else {
            add_byte(out, c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
        }
    }
    *s = span_skip(*s, 1);
}

static redisReply *new_reply(int type)
{
    redisReply *r = mem_zalloc(sizeof *r);
    r->type = type;
    return r;
}

static redisReply *take_reply(struct span *s, int depth);

static redisReply *take_array(struct span *s, int depth)
{
    redisReply *r = new_reply(REDIS_REPLY_ARRAY);
    *s = script_skip_blanks(span_skip(*s, 1));
    while (s->len && s->data[0] != ']') {
        r->element = mem_realloc(r->element, (r->elements + 1) * sizeof *r->element);
        r->element[r->elements++] = take_reply(s, depth + 1);
        *s = script_skip_blanks(*s);
    }
    *s = span_skip(*s, 1);
    return r;
}

static redisReply *take_reply(struct span *s, int depth)
{
    UT_string text;
    *s = script_skip_blanks(*s);
    char first = s->len ? s->data[0] : '_';
    if (first == '[' && depth < DEPTH_MAX) {
        return take_array(s, depth);
    }
    if (first == '[' || first == ']') {
        *s = span_skip(*s, 1);
        return new_reply(REDIS_REPLY_NIL);
    }
    redisReply *r = new_reply(first == '+'   ? REDIS_REPLY_STATUS
                              : first == '-' ? REDIS_REPLY_ERROR
                              : first == ':' ? REDIS_REPLY_INTEGER
                              : first == '_' ? REDIS_REPLY_NIL
                                             : REDIS_REPLY_STRING);
    if (r->type != REDIS_REPLY_STRING) {
        *s = span_skip(*s, 1);
    }
    utstring_init(&text);
    script_take_text(s, &text);
    if (r->type == REDIS_REPLY_INTEGER) {
        int64_t n = 0;
        num_i64(text_span(&text), &n);
        r->integer = n;
    } else if (r->type != REDIS_REPLY_NIL) {
        r->str = span_dup(text_span(&text));
        r->len = text.i;
    }
    utstring_done(&text);
    return r;
}

void script_reply_free(redisReply *r)
{
    for (size_t i = 0; i < r->elements; i++) {
        script_reply_free(r->element[i]);
    }
    mem_free(r->element);
    mem_free(r->str);
    mem_free(r);
}

redisReply *script_reply_take(struct span text)
{
    return take_reply(&text, 0);
}

redisReply *script_reply_nil(void)
{
    return new_reply(REDIS_REPLY_NIL);
}
