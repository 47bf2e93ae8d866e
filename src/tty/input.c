#include "input.h"

#include "keytable.h"

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

enum { ESCAPE = 27, DELETE = 127, BACKSPACE = 8, CANCEL = 24, SUBSTITUTE = 26, BELL = 7, NEWLINE = 10 };

static const struct span paste_begin = SPAN_LITERAL("200~"); /* behind ESC [ */
static const struct span paste_end = SPAN_LITERAL("\033[201~");

void input_init(struct input *in)
{
    *in = (struct input){.mode = INPUT_KEYS};
    utstring_init(&in->paste);
}

void input_release(struct input *in)
{
    utstring_done(&in->paste);
    *in = (struct input){.mode = INPUT_KEYS};
}

void input_learn(struct input *in, const char *bytes, uint32_t key)
{
    size_t len = strlen(bytes);
    if (len < 2 || bytes[0] != ESCAPE || len >= sizeof in->terminfo[0].bytes ||
        in->terminfo_count == INPUT_TERMINFO_KEYS) {
        return;
    }
    struct input_sequence *s = &in->terminfo[in->terminfo_count++];
    memcpy(s->bytes, bytes, len + 1);
    s->key = key;
}

/* --- one key --- */

/* What the front of the pending bytes is. */
enum verdict { MORE /* may become a key yet */, TAKEN };
struct taken {
    size_t len;   /* bytes used up */
    uint32_t key; /* 0: no key */
    enum input_mode next;
};

static uint32_t control_key(unsigned char byte)
{
    switch (byte) {
    case DELETE:
    case BACKSPACE:
        return KEY_CODE_BACKSPACE;
    case NEWLINE:
        return KEY_CODE_ENTER;
    default:
        return byte; /* a zero byte is no key */
    }
}

/* The length an encoded letter will have, by its first byte. */
static size_t letter_length(unsigned char first)
{
    return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
}

static enum verdict take_letter(struct span s, struct taken *t)
{
    unsigned char first = (unsigned char)s.data[0];
    if (first < ' ' || first == DELETE) {
        *t = (struct taken){.len = 1, .key = control_key(first)};
        return TAKEN;
    }
    uint32_t cp;
    size_t used = utf8_decode(s, &cp);
    if (cp & UTF8_INVALID) {
        bool broken = s.len >= letter_length(first);
        for (size_t i = 1; i < s.len; i++) {
            broken = broken || ((unsigned char)s.data[i] & 0xC0) != 0x80;
        }
        if (!broken) {
            return MORE;
        }
    }
    bool fit = !(cp & UTF8_INVALID) && !utf8_is_hostile(cp);
    *t = (struct taken){.len = used, .key = fit ? cp : 0};
    return TAKEN;
}

/* ESC [ and ESC O: parameters, intermediates, one final byte; anything else breaks it off and is read again.
 */
static enum verdict take_control_sequence(struct span s, struct taken *t)
{
    bool ss3 = s.data[1] == 'O';
    size_t at = 2;
    bool console = !ss3 && s.len > 2 && s.data[2] == '['; /* the Linux console's ESC [ [ A */
    at += console ? 1 : 0;
    /* rxvt ends a key in '$', which is an intermediate byte in replies (ESC [ ? 7 ; 1 $ y): those have a '?'.
     */
    bool reply = at < s.len && s.data[at] >= '<' && s.data[at] <= '?';
    while (at < s.len && s.data[at] >= ' ' && s.data[at] <= '?' && (reply || ss3 || s.data[at] != '$')) {
        at++;
    }
    if (at == s.len) {
        return MORE;
    }
    unsigned char final = (unsigned char)s.data[at];
    if (final < ' ' || final >= DELETE) {
        *t = (struct taken){.len = at};
        return TAKEN;
    }
    struct span body = span_make(s.data + 2, at + 1 - 2);
    *t = (struct taken){.len = at + 1};
    if (span_equal(body, paste_begin) && !ss3) {
        t->next = INPUT_PASTE;
    } else if (!ss3 && span_equal(body, S("M"))) {
        if (s.len < t->len + 3) { /* an old mouse report: three bytes of anything behind it */
            return MORE;
        }
        t->len += 3;
    } else if (!(ss3 ? keytable_ss3(body, &t->key) : keytable_csi(body, &t->key))) {
        t->key = 0;
    }
    return TAKEN;
}

/* A sequence out of the terminal's own description: the longest that fits. */
static enum verdict take_described(const struct input *in, struct span s, struct taken *t)
{
    bool partial = false;
    t->len = 0;
    for (size_t i = 0; i < in->terminfo_count; i++) {
        struct span known = span_of(in->terminfo[i].bytes);
        if (span_starts(s, known) && known.len > t->len) {
            *t = (struct taken){.len = known.len, .key = in->terminfo[i].key};
        }
        partial = partial || (known.len > s.len && span_starts(known, s));
    }
    return t->len || !partial ? TAKEN : MORE;
}

static enum verdict take_escape(const struct input *in, struct span s, struct taken *t)
{
    if (s.len < 2) {
        return MORE;
    }
    if (take_described(in, s, t) == MORE) {
        return MORE;
    }
    if (t->len) {
        return TAKEN;
    }
    enum verdict verdict = TAKEN;
    switch (s.data[1]) {
    case '[':
    case 'O':
        return take_control_sequence(s, t);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        *t = (struct taken){.len = 2, .next = INPUT_SKIP_STRING};
        return s.len > 2 ? TAKEN : MORE; /* alone it was Alt and that letter */
    case ESCAPE:
        if (s.len == 2) {
            return MORE;
        }
        if (s.data[2] != '[' && s.data[2] != 'O') { /* two presses of Esc */
            *t = (struct taken){.len = 1, .key = KEY_CODE_ESCAPE};
            return TAKEN;
        }
        verdict = take_control_sequence(span_skip(s, 1), t); /* Alt and an arrow: rxvt */
        break;
    default:
        verdict = take_letter(span_skip(s, 1), t);
    }
    t->len++;
    t->key |= t->key ? (uint32_t)KEY_META : 0;
    return verdict;
}

static enum verdict take(const struct input *in, struct span s, struct taken *t)
{
    *t = (struct taken){0};
    return s.data[0] == ESCAPE ? take_escape(in, s, t) : take_letter(s, t);
}

/* --- the stream --- */

static void give_key(const struct screen_input *to, uint32_t key)
{
    if (key && to->on_key) {
        to->on_key(to->ctx, key);
    }
}

/* Line ends and tabs become blanks: what is pasted is one line of text. */
static void give_paste(struct input *in, const struct screen_input *to)
{
    char *raw = utstring_body(&in->paste);
    size_t len = 0;
    char before = '\0';
    for (size_t i = 0; i < utstring_len(&in->paste); i++) {
        char c = raw[i];
        bool blank = c == '\n' || c == '\r' || c == '\t';
        if (c != '\n' || before != '\r') {
            raw[len++] = blank ? ' ' : c;
        }
        before = c;
    }
    while (len > 0 && raw[len - 1] == ' ') {
        len--;
    }
    UT_string text;
    utstring_init(&text);
    utf8_sanitise(span_make(raw, len), 0, &text);
    if (utstring_len(&text) > 0 && to->on_paste) {
        to->on_paste(to->ctx, text_span(&text));
    }
    explicit_bzero(text.d, text.n); /* it may have been a password */
    explicit_bzero(in->paste.d, in->paste.n);
    utstring_done(&text);
    utstring_done(&in->paste); /* give its memory back */
    utstring_init(&in->paste);
    in->mode = INPUT_KEYS;
}

static void keep_pasted(struct input *in, struct span bytes)
{
    size_t have = utstring_len(&in->paste);
    text_add(&in->paste, span_head(bytes, have < INPUT_PASTE_BYTES ? INPUT_PASTE_BYTES - have : 0));
}

/* Each of these uses up some bytes at the front and returns how many; 0 asks for more. */
static size_t feed_paste(struct input *in, struct span s, const struct screen_input *to)
{
    size_t end = span_search(s, paste_end);
    if (end < s.len) {
        keep_pasted(in, span_head(s, end));
        give_paste(in, to);
        return end + paste_end.len;
    }
    /* The end mark may have begun: keep back what could be its front. */
    size_t keep = s.len < paste_end.len - 1 ? s.len : paste_end.len - 1;
    while (keep > 0 && !span_starts(paste_end, span_skip(s, s.len - keep))) {
        keep--;
    }
    keep_pasted(in, span_head(s, s.len - keep));
    return s.len - keep;
}

static size_t feed_skip(struct input *in, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        bool broken = c == CANCEL || c == SUBSTITUTE;
        if (in->mode == INPUT_SKIP_CSI ? c < ' ' || c >= '@' : broken || c == BELL) {
            in->mode = INPUT_KEYS;
            return c == ESCAPE ? i : i + 1;
        }
        if (c == ESCAPE) {
            if (i + 1 == s.len) {
                return i; /* ESC \ ends it; so does any other sequence, which is then read */
            }
            in->mode = INPUT_KEYS;
            return s.data[i + 1] == '\\' ? i + 2 : i;
        }
    }
    return s.len;
}

static size_t feed_keys(struct input *in, struct span s, const struct screen_input *to)
{
    struct taken t;
    if (take(in, s, &t) == MORE) {
        if (s.len < INPUT_KEY_BYTES) {
            return 0;
        }
        in->mode = INPUT_SKIP_CSI; /* only control sequences grow this long */
        return s.len;
    }
    in->mode = t.next;
    give_key(to, t.key);
    return t.len;
}

static size_t feed_some(struct input *in, struct span s, const struct screen_input *to)
{
    switch (in->mode) {
    case INPUT_PASTE:
        return feed_paste(in, s, to);
    case INPUT_SKIP_CSI:
    case INPUT_SKIP_STRING:
        return feed_skip(in, s);
    default:
        /* A key has no more bytes than this; so the pending ones always fit. */
        return feed_keys(in, span_head(s, INPUT_KEY_BYTES), to);
    }
}

/* Uses up what it can of s and returns how much. */
static size_t feed_all(struct input *in, struct span s, const struct screen_input *to)
{
    size_t used = 0;
    while (used < s.len) {
        enum input_mode before = in->mode;
        size_t n = feed_some(in, span_skip(s, used), to);
        if (n == 0 && in->mode == before) {
            break;
        }
        used += n;
    }
    return used;
}

/* A slow link may deliver the ESC of a key and the rest of it further apart than we wait. Esc is given by
 * then; but the rest, when it comes in one piece, is that key and not the letters it looks like ("[A" would
 * acknowledge an alert). */
static size_t feed_late_rest(const struct input *in, struct span bytes, const struct screen_input *to)
{
    char whole[INPUT_KEY_BYTES] = {ESCAPE};
    struct taken t = {0};
    if (!in->escaped || bytes.len < 2 || (bytes.data[0] != '[' && bytes.data[0] != 'O')) {
        return 0;
    }
    size_t len = bytes.len < sizeof whole - 1 ? bytes.len : sizeof whole - 1;
    memcpy(whole + 1, bytes.data, len);
    if (take_escape(in, span_make(whole, len + 1), &t) == MORE || !t.key) {
        return 0;
    }
    give_key(to, t.key);
    return t.len - 1;
}

void input_forget(struct input *in)
{
    utstring_done(&in->paste);
    utstring_init(&in->paste);
    in->mode = INPUT_KEYS;
    in->pending_len = 0;
    in->escaped = false;
}

void input_feed(struct input *in, struct span bytes, const struct screen_input *to)
{
    bytes = span_skip(bytes, feed_late_rest(in, bytes, to));
    in->escaped = false;
    while (bytes.len) {
        if (in->pending_len == 0) {
            bytes = span_skip(bytes, feed_all(in, bytes, to));
        }
        size_t n = sizeof in->pending - in->pending_len;
        n = bytes.len < n ? bytes.len : n;
        memcpy(in->pending + in->pending_len, bytes.data, n);
        in->pending_len += n;
        bytes = span_skip(bytes, n);
        size_t used = feed_all(in, span_make((const char *)in->pending, in->pending_len), to);
        in->pending_len -= used;
        memmove(in->pending, in->pending + used, in->pending_len);
    }
}

int input_wait_ms(const struct input *in)
{
    if (in->mode == INPUT_PASTE) {
        return in->pending_len ? INPUT_PASTE_ESCAPE_MS : 0;
    }
    if (in->mode == INPUT_SKIP_STRING) {
        return INPUT_STRING_MS;
    }
    return in->pending_len || in->mode != INPUT_KEYS ? INPUT_ESCAPE_MS : 0;
}

/* The pending bytes are all there is: Esc, Alt with a letter, or the ruins of something longer. */
static void flush_keys(struct input *in, const struct screen_input *to)
{
    struct span s = span_make((const char *)in->pending, in->pending_len);
    in->escaped = s.len == 1 && s.data[0] == ESCAPE;
    while (s.len) {
        if (s.data[0] != ESCAPE) {
            struct taken t;
            if (take_letter(s, &t) == MORE) {
                return; /* half a letter */
            }
            give_key(to, t.key);
            s = span_skip(s, t.len);
        } else if (s.len == 2 && s.data[1] > ' ') {
            give_key(to, (uint32_t)(unsigned char)s.data[1] | KEY_META);
            return;
        } else if (s.len == 1 || s.data[1] == ESCAPE) {
            give_key(to, KEY_CODE_ESCAPE);
            s = span_skip(s, 1);
        } else {
            return; /* a sequence without its end */
        }
    }
}

void input_flush(struct input *in, const struct screen_input *to)
{
    if (in->mode == INPUT_PASTE) {
        if (in->pending_len) { /* Esc and a second of silence: the end of the paste was lost */
            give_paste(in, to);
        }
    } else if (in->mode == INPUT_KEYS) {
        flush_keys(in, to);
    }
    in->mode = INPUT_KEYS;
    in->pending_len = 0;
}
