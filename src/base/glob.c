#include "redai/base/glob.h"

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool is_word(char c)
{
    unsigned char l = lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l >= 0x80;
}

/* Bytes of the letter at `at`: a letter of several bytes is one to '?'. */
static size_t letter(struct span s, size_t at)
{
    size_t n = 1;
    while (at + n < s.len && ((unsigned char)s.data[at + n] & 0xC0u) == 0x80u) {
        n++;
    }
    return n;
}

/* From the beginning of text to its end. On a mismatch only the last '*' takes one letter more, so that the
 * time is bounded by both lengths. */
bool glob_fits_whole(struct span text, struct span pattern)
{
    size_t t = 0;
    size_t p = 0;
    size_t star = pattern.len;
    size_t kept = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = p++;
            kept = t;
        } else if (p < pattern.len && pattern.data[p] == '?') {
            p++;
            t += letter(text, t);
        } else if (p < pattern.len && lower(pattern.data[p]) == lower(text.data[t])) {
            p++;
            t++;
        } else if (star < pattern.len) {
            p = star + 1;
            t = ++kept;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

bool glob_fits(struct span text, struct span pattern)
{
    for (size_t i = 0; i <= text.len; i++) {
        bool begins = i == 0 || (i < text.len && is_word(text.data[i]) && !is_word(text.data[i - 1]));
        if (begins && glob_fits_whole(span_skip(text, i), pattern)) {
            return true;
        }
    }
    return false;
}
