#include "edit.h"

#include "redai/base/secret.h"
#include "redai/base/utf8.h"

#include "redai/conf/key.h"

#define CONTROL(letter) ((letter) - 'a' + 1u)

void edit_init(struct edit *e)
{
    utstring_init(&e->text);
    e->at = 0;
}

void edit_release(struct edit *e)
{
    utstring_done(&e->text);
}

const char *edit_text(const struct edit *e)
{
    return e->text.d;
}

static size_t len(const struct edit *e)
{
    return e->text.i;
}

/* The bytes [from, to) become text. */
static void splice(struct edit *e, size_t from, size_t to, struct span text)
{
    if (len(e) - (to - from) + text.len > EDIT_BYTES_MAX) {
        return;
    }
    char *rest = span_dup(span_make(e->text.d + to, len(e) - to));
    size_t rest_len = len(e) - to;
    e->text.i = from;
    e->text.d[from] = '\0';
    text_add(&e->text, text);
    text_add(&e->text, span_make(rest, rest_len));
    e->at = from + text.len;
    explicit_bzero(rest, rest_len);
    mem_free(rest);
}

void edit_set(struct edit *e, const char *text)
{
    char *copy = mem_strdup(text);
    splice(e, 0, len(e), span_of(copy));
    e->at = len(e);
    mem_free(copy);
}

void edit_keep_room(struct edit *e)
{
    utstring_reserve(&e->text, EDIT_BYTES_MAX + 1);
}

void edit_wipe(struct edit *e)
{
    explicit_bzero(e->text.d, e->text.n);
    e->text.i = e->at = 0;
}

void edit_replace(struct edit *e, size_t from, const char *text)
{
    splice(e, from, e->at, span_of(text));
}

void edit_insert(struct edit *e, struct span text)
{
    UT_string clean;
    utstring_init(&clean);
    while (text.len) {
        uint32_t cp;
        size_t n = utf8_decode(text, &cp);
        if (cp == '\n' || cp == '\r' || cp == '\t') {
            text_add(&clean, S(" "));
        } else if (!(cp & UTF8_INVALID) && !utf8_is_hostile(cp)) {
            text_add(&clean, span_head(text, n));
        }
        text = span_skip(text, n);
    }
    splice(e, e->at, e->at, text_span(&clean));
    explicit_bzero(clean.d, clean.n); /* it may have been a password */
    utstring_done(&clean);
}

static size_t letter_before(const struct edit *e, size_t at)
{
    while (at > 0) {
        at--;
        if (((unsigned char)e->text.d[at] & 0xC0u) != 0x80u) {
            break;
        }
    }
    return at;
}

static size_t letter_behind(const struct edit *e, size_t at)
{
    uint32_t cp;
    return at + utf8_decode(span_make(e->text.d + at, len(e) - at), &cp);
}

static size_t word_before(const struct edit *e, size_t at)
{
    while (at > 0 && e->text.d[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && e->text.d[at - 1] != ' ') {
        at--;
    }
    return at;
}

static size_t word_behind(const struct edit *e, size_t at)
{
    while (at < len(e) && e->text.d[at] == ' ') {
        at++;
    }
    while (at < len(e) && e->text.d[at] != ' ') {
        at++;
    }
    return at;
}

static bool edit_typed(struct edit *e, uint32_t key)
{
    char bytes[4];
    if (key < ' ' || key >= KEY_NAMED || key == 0x7F) {
        return false;
    }
    edit_insert(e, span_make(bytes, utf8_encode(key, bytes)));
    return true;
}

bool edit_key(struct edit *e, uint32_t key)
{
    switch (key) {
    case KEY_CODE_LEFT:
    case CONTROL('b'):
        e->at = letter_before(e, e->at);
        return true;
    case KEY_CODE_RIGHT:
    case CONTROL('f'):
        e->at = letter_behind(e, e->at);
        return true;
    case KEY_CODE_HOME:
    case CONTROL('a'):
        e->at = 0;
        return true;
    case KEY_CODE_END:
    case CONTROL('e'):
        e->at = len(e);
        return true;
    case KEY_META | 'b':
        e->at = word_before(e, e->at);
        return true;
    case KEY_META | 'f':
        e->at = word_behind(e, e->at);
        return true;
    case KEY_META | 'd':
        splice(e, e->at, word_behind(e, e->at), S(""));
        return true;
    case CONTROL('u'):
        splice(e, 0, e->at, S(""));
        return true;
    case CONTROL('k'):
        splice(e, e->at, len(e), S(""));
        return true;
    case CONTROL('w'):
    case KEY_META | KEY_CODE_BACKSPACE:
        splice(e, word_before(e, e->at), e->at, S(""));
        return true;
    case KEY_CODE_BACKSPACE:
    case CONTROL('h'):
    case 0x7F:
        splice(e, letter_before(e, e->at), e->at, S(""));
        return true;
    case KEY_CODE_DELETE:
    case CONTROL('d'):
        splice(e, e->at, letter_behind(e, e->at), S(""));
        return true;
    default:
        return edit_typed(e, key);
    }
}

/* What of it may be seen: no password, no whole session id. The cursor stands behind as many letters. */
static void masked(const struct edit *e, struct edit *out)
{
    size_t letters = 0;
    for (size_t at = 0; at < e->at; at = letter_behind(e, at)) {
        letters++;
    }
    edit_init(out);
    secret_mask_typed(text_span(&e->text), &out->text);
    while (letters-- > 0 && out->at < len(out)) {
        out->at = letter_behind(out, out->at);
    }
}

void edit_draw(const struct edit *e, struct grid *g, int x, int y, int cols, enum role role, bool cursor)
{
    struct edit shown;
    if (cols <= 0) {
        return;
    }
    masked(e, &shown);
    /* The cursor must be seen: begin so far to the right that it is. */
    size_t from = 0;
    while (utf8_text_width(span_make(shown.text.d + from, shown.at - from)) >= cols) {
        from = letter_behind(&shown, from);
    }
    int before = utf8_text_width(span_make(shown.text.d + from, shown.at - from));
    grid_clear(g, (struct rect){x, y, cols, 1}, role);
    grid_text(g, x, y, cols, span_make(shown.text.d + from, len(&shown) - from), role);
    if (cursor) {
        g->cursor_x = x + before;
        g->cursor_y = y;
    }
    edit_release(&shown);
}
