#include "redai/base/veil.h"

#include <errno.h>
#include <sys/random.h>

#include "redai/base/clock.h"
#include "redai/base/mem.h"

/* --- the hash: SipHash-2-4 of the kind and the text --- */

static uint64_t turn(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void mix(uint64_t v[4], int rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[1] = turn(v[1], 13) ^ v[0];
        v[0] = turn(v[0], 32);
        v[2] += v[3];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = turn(v[1], 17) ^ v[2];
        v[2] = turn(v[2], 32);
    }
}

static void take(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v, 2);
    v[0] ^= word;
}

uint64_t veil_hash(const struct veil *veil, struct span text)
{
    uint64_t v[4] = {
        veil->salt[0] ^ UINT64_C(0x736f6d6570736575), veil->salt[1] ^ UINT64_C(0x646f72616e646f6d),
        veil->salt[0] ^ UINT64_C(0x6c7967656e657261), veil->salt[1] ^ UINT64_C(0x7465646279746573)};
    uint64_t word = 0;
    for (size_t i = 0; i < text.len; i++) {
        word |= (uint64_t)(unsigned char)text.data[i] << 8 * (i % 8);
        if (i % 8 == 7) {
            take(v, word);
            word = 0;
        }
    }
    take(v, word | (uint64_t)text.len << 56);
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void veil_init(struct veil *v)
{
    size_t have = 0;
    while (have < sizeof v->salt) {
        ssize_t n = getrandom((char *)v->salt + have, sizeof v->salt - have, 0);
        if (n < 0 && errno != EINTR) { /* a kernel without it: weak, but nobody's name is shown */
            v->salt[0] ^= (uint64_t)clock_wall_us();
            v->salt[1] ^= (uint64_t)clock_mono_us();
            return;
        }
        have += n > 0 ? (size_t)n : 0;
    }
}

/* --- pseudonyms --- */

enum { TAG_MAX = 8 };

static const struct {
    const char *word; /* in front of the tag */
    int letters;      /* of the tag: enough that two of a hundred thousand are hardly ever alike */
} forms[VEIL_KIND_COUNT] = {
    [VEIL_PAYLOAD] = {"", 4},     [VEIL_PLAIN] = {"", 0},        [VEIL_SESSION] = {"session", 6},
    [VEIL_USER] = {"user", 6},    [VEIL_PERSON] = {"person", 5}, [VEIL_MAIL] = {"mail", 5},
    [VEIL_ADDRESS] = {"host", 5}, [VEIL_NODE] = {"host", 5},     [VEIL_KEY] = {"key", 5},
    [VEIL_FAMILY] = {"key", 5},
};

static const char tag_letters[] = "0123456789bcdfghjkmnpqrstvwxyz"; /* that spell no words */

/* The same text of two kinds has two tags: nobody learns that a
 * user's id is the name of a host, too. */
static void tag_of(const struct veil *v, enum veil_kind kind, struct span raw, char out[TAG_MAX])
{
    uint64_t as = kind == VEIL_FAMILY ? VEIL_KEY : kind; /* "exam:ada" is one and the same */
    struct veil own = {{v->salt[0] + as, v->salt[1]}};
    uint64_t hash = veil_hash(&own, raw);
    int n = forms[kind].letters;
    for (int i = 0; i < n; i++) {
        out[i] = tag_letters[hash % (sizeof tag_letters - 1)];
        hash /= sizeof tag_letters - 1;
    }
    out[n] = '\0';
}

/* A session is shown shortened in one place and whole in another: it is one and the same by its beginning. */
static struct span beginning_of_session(struct span id)
{
    enum { SHORT = 6 };
    bool cut = id.len > 1 && id.len <= SHORT + 1 && id.data[id.len - 1] == '~';
    return span_head(id, cut ? id.len - 1 : SHORT);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_joint(char c)
{
    return c == '-' || c == '_' || c == '.';
}

/* Bytes at the beginning of a key's first part that name what it is: words with joints between, up to the
 * first that could be an id. */
static size_t words_in_front(struct span part)
{
    enum { WORD_MOST = 24 };
    size_t kept = 0;
    size_t word = 0;
    for (size_t i = 0; part.data && i < part.len; i++) {
        if (is_joint(part.data[i])) {
            kept = i + 1;
            word = 0;
        } else if (!is_letter(part.data[i]) || ++word > WORD_MOST) {
            return kept;
        }
    }
    return part.len;
}

/* Words that the platform puts into its keys behind the first; any other may be a name or a thing's. */
static bool is_known_word(struct span part)
{
    static const struct span words[] = {
        SPAN_LITERAL("questions"), SPAN_LITERAL("progress"), SPAN_LITERAL("sessions"), SPAN_LITERAL("test"),
        SPAN_LITERAL("exam_id"),   SPAN_LITERAL("user_id"),  SPAN_LITERAL("db"),       SPAN_LITERAL("skip"),
        SPAN_LITERAL("limit"),     SPAN_LITERAL("*"),
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (span_equal(part, words[i])) {
            return true;
        }
    }
    return false;
}

/* module.function, as cached calls are named. */
static bool is_function(struct span key, struct span part)
{
    return span_starts(key, S("cache:")) && span_find(part, '.') < part.len &&
           words_in_front(part) == part.len;
}

/* What the families of keys that have none are called. */
static bool is_no_key(struct span key)
{
    return span_equal(key, S("(other)")) || span_equal(key, S("(no prefix)"));
}

/* Celery's own: they have no colon. Bytes that stay. */
static size_t celerys(struct span key)
{
    static const struct span whole[] = {
        SPAN_LITERAL("celery"),        SPAN_LITERAL("unacked"),        SPAN_LITERAL("unacked_index"),
        SPAN_LITERAL("unacked_mutex"), SPAN_LITERAL("_kombu.binding"), SPAN_LITERAL("_kombu.binding.celery"),
    };
    static const struct span front[] = {
        SPAN_LITERAL("celery-task-meta-"),
        SPAN_LITERAL("celery-taskset-meta-"),
        SPAN_LITERAL("_kombu.binding."),
    };
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (span_equal(key, whole[i])) {
            return key.len;
        }
    }
    for (size_t i = 0; i < sizeof front / sizeof front[0]; i++) {
        if (span_starts(key, front[i])) {
            return front[i].len;
        }
    }
    return 0;
}

/* As programs begin keys with. "Ada", "ada7" and "ada.l" may be a person. */
static bool is_first_word(struct span part)
{
    enum { WORD_MOST = 24 };
    for (size_t i = 0; part.data && i < part.len; i++) {
        char c = part.data[i];
        if (!(c >= 'a' && c <= 'z') && c != '-' && c != '_') {
            return false;
        }
    }
    return part.len <= WORD_MOST; /* none: ":x" */
}

/* Where a key's family ends: behind the colon before the first part that could be an id. */
static size_t family_of(enum veil_kind kind, struct span key)
{
    size_t colon = span_find(key, ':');
    size_t at = celerys(key);
    if (at || is_no_key(key)) {
        return at ? at : key.len;
    }
    if ((colon == key.len && kind == VEIL_KEY) || !is_first_word(span_head(key, colon))) {
        return 0;
    }
    for (bool first = true;; first = false) {
        struct span part = span_skip(key, at);
        part = span_head(part, span_find(part, ':'));
        if (!first && !is_known_word(part) && !is_function(key, part)) {
            return at;
        }
        if (at + part.len >= key.len) {
            return key.len;
        }
        at += part.len + 1;
    }
}

/* Raw bytes come here, too: what is not plain print does not stay. */
static size_t name_of_node(struct span node)
{
    size_t at = span_find(node, '@');
    for (size_t i = 0; i < at; i++) {
        if (node.data[i] <= ' ' || node.data[i] > '~') {
            return 0;
        }
    }
    return at < node.len ? at + 1 : 0;
}

/* Bytes of the text that stay in front. */
static size_t kept_in_front(enum veil_kind kind, struct span raw)
{
    if (kind == VEIL_NODE) {
        return name_of_node(raw);
    }
    return kind == VEIL_KEY || kind == VEIL_FAMILY ? family_of(kind, raw) : 0;
}

static size_t put(char *out, size_t size, struct span s)
{
    size_t n = s.len < size ? s.len : size - 1;
    if (n < s.len) { /* never half a letter */
        while (n > 0 && ((unsigned char)s.data[n] & 0xC0u) == 0x80u) {
            n--;
        }
    }
    if (n) {
        memcpy(out, s.data, n);
    }
    out[n] = '\0';
    return n;
}

/* "(120 B 7kx2)" */
static size_t put_payload(char *out, size_t size, size_t bytes, struct span tag)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + bytes % 10);
        bytes /= 10;
    } while (bytes);
    size_t n = put(out, size, S("("));
    n += put(out + n, size - n, span_make(digits + at, sizeof digits - at));
    n += put(out + n, size - n, S(" B "));
    n += put(out + n, size - n, tag);
    return n + put(out + n, size - n, S(")"));
}

size_t veil_text(const struct veil *v, enum veil_kind kind, struct span raw, char *out, size_t size)
{
    enum { FRONT_MOST = 60 };
    char tag[TAG_MAX];
    if (size == 0) {
        return 0;
    }
    if (kind == VEIL_PLAIN || raw.len == 0) {
        return put(out, size, raw);
    }
    if ((unsigned)kind >= VEIL_KIND_COUNT) {
        kind = VEIL_PAYLOAD;
    }
    size_t front = kept_in_front(kind, raw);
    if (front == raw.len) {
        return put(out, size, raw);
    }
    tag_of(v, kind, kind == VEIL_SESSION ? beginning_of_session(raw) : raw, tag);
    if (kind == VEIL_PAYLOAD) {
        return put_payload(out, size, raw.len, span_of(tag));
    }
    size_t n = put(out, size, span_head(raw, front < FRONT_MOST ? front : FRONT_MOST));
    n += put(out + n, size - n, span_of(forms[kind].word));
    n += put(out + n, size - n, S("-"));
    return n + put(out + n, size - n, span_of(tag));
}

/* The pseudonym's letter at i, with its tag as any letters may be: is it this one? */
static bool may_stand_at(enum veil_kind kind, size_t i, char letter)
{
    size_t word = strlen(forms[kind].word);
    if (i > word) {
        return letter && strchr(tag_letters, letter);
    }
    return letter == (i < word ? forms[kind].word[i] : '-');
}

static char small(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

/* "(120 B 7kx2)" */
static bool payload_may_hold(struct span needle)
{
    for (size_t i = 0; i < needle.len; i++) {
        char letter = small(needle.data[i]);
        if (!letter || (!strchr("( )", letter) && !strchr(tag_letters, letter))) {
            return false;
        }
    }
    return true;
}

bool veil_may_hold(enum veil_kind kind, struct span needle)
{
    if (kind == VEIL_PAYLOAD) {
        return payload_may_hold(needle);
    }
    if ((unsigned)kind >= VEIL_KIND_COUNT || !forms[kind].word[0] || kind == VEIL_KEY ||
        kind == VEIL_FAMILY || kind == VEIL_NODE) {
        return true;
    }
    size_t len = strlen(forms[kind].word) + 1 + (size_t)forms[kind].letters;
    for (size_t from = 0; from + needle.len <= len; from++) {
        size_t i = 0;
        while (i < needle.len && may_stand_at(kind, from + i, small(needle.data[i]))) {
            i++;
        }
        if (i == needle.len) {
            return true;
        }
    }
    return false;
}

size_t veil_brief(enum veil_kind kind, struct span pseudonym, char *out, size_t size)
{
    const char *word = (unsigned)kind < VEIL_KIND_COUNT ? forms[kind].word : "";
    size_t tail = strlen(word) + 1 + (word[0] ? (size_t)forms[kind].letters : 0);
    if (size == 0) {
        return 0;
    }
    size_t front = pseudonym.len >= tail ? pseudonym.len - tail : 0;
    struct span rest = span_skip(pseudonym, front);
    if (!word[0] || !span_starts(rest, span_of(word)) || rest.len != tail || rest.data[strlen(word)] != '-') {
        return put(out, size, pseudonym);
    }
    size_t n = put(out, size, span_head(pseudonym, front));
    return n + put(out + n, size - n, span_skip(rest, strlen(word) + 1));
}
