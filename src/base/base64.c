#include "redai/base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct span raw, UT_string *out)
{
    const unsigned char *in = (const unsigned char *)raw.data;

    utstring_reserve(out, raw.len / 3 * 4 + 5);
    for (size_t i = 0; i < raw.len; i += 3) {
        size_t have = raw.len - i < 3 ? raw.len - i : 3;
        unsigned int bits = (unsigned int)in[i] << 16;
        bits |= have > 1 ? (unsigned int)in[i + 1] << 8 : 0;
        bits |= have > 2 ? (unsigned int)in[i + 2] : 0;
        char quad[4] = {
            alphabet[bits >> 18],
            alphabet[bits >> 12 & 0x3F],
            have > 1 ? alphabet[bits >> 6 & 0x3F] : '=',
            have > 2 ? alphabet[bits & 0x3F] : '=',
        };
        text_add(out, span_make(quad, sizeof(quad)));
    }
}

/* The six bits of a letter, or -1. */
static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+' || c == '/') {
        return c == '+' ? 62 : 63;
    }
    return -1;
}

static void add_bytes(UT_string *out, unsigned int bits, size_t count)
{
    /* The caller has made room for the whole text: no call for each three bytes. */
    char *to = out->d + out->i;
    to[0] = (char)(bits >> 16);
    to[1] = (char)(bits >> 8);
    to[2] = (char)bits;
    to[count] = '\0';
    out->i += count;
}

static bool decode(struct span text, UT_string *out)
{
    unsigned int bits = 0;
    size_t letters = 0; /* of the group being gathered, padding included */
    size_t padding = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\r' || c == '\n') {
            continue;
        }
        /* Padding ends the text, and stands only where the third or fourth letter would. */
        int value = c == '=' && letters >= 2 ? 0 : value_of(c);
        if (value < 0 || (padding > 0 && c != '=')) {
            return false;
        }
        padding += c == '=';
        bits = bits << 6 | (unsigned int)value;
        if (++letters == 4) {
            add_bytes(out, bits, 3 - padding);
            bits = 0;
            letters = 0;
        }
    }
    return letters == 0;
}

bool base64_decode(struct span text, UT_string *out)
{
    size_t before = out->i;

    utstring_reserve(out, text.len / 4 * 3 + 4);
    if (!decode(text, out)) {
        out->i = before;
        out->d[before] = '\0';
        return false;
    }
    return true;
}
