#include "redai/conf/key.h"

#include <stdio.h>
#include <strings.h>

#include "redai/base/num.h"
#include "redai/base/utf8.h"

enum { NAME_SIZE = 16 };

/* The first name of a code is the one that is shown. */
static const struct {
    const char *name;
    uint32_t code;
} names[] = {
    {"Space", ' '},
    {"Enter", KEY_CODE_ENTER},
    {"Return", KEY_CODE_ENTER},
    {"Esc", KEY_CODE_ESCAPE},
    {"Escape", KEY_CODE_ESCAPE},
    {"Tab", KEY_CODE_TAB},
    {"S-Tab", KEY_CODE_BACK_TAB},
    {"Up", KEY_CODE_UP},
    {"Down", KEY_CODE_DOWN},
    {"Left", KEY_CODE_LEFT},
    {"Right", KEY_CODE_RIGHT},
    {"PgUp", KEY_CODE_PAGE_UP},
    {"PageUp", KEY_CODE_PAGE_UP},
    {"PgDn", KEY_CODE_PAGE_DOWN},
    {"PageDown", KEY_CODE_PAGE_DOWN},
    {"Home", KEY_CODE_HOME},
    {"End", KEY_CODE_END},
    {"Insert", KEY_CODE_INSERT},
    {"Ins", KEY_CODE_INSERT},
    {"Delete", KEY_CODE_DELETE},
    {"Del", KEY_CODE_DELETE},
    {"Backspace", KEY_CODE_BACKSPACE},
};

enum { CONTROL_H = 8, CONTROL_J = 10, CONTROL_MASK = 0x1F };

/* "C-d" and the like: what the terminal sends for the letter with the two high bits off. */
static bool parse_control(const char *name, uint32_t *ret_code)
{
    if (name[0] != 'C' || name[1] != '-' || !name[2] || name[3]) {
        return false;
    }
    char letter = name[2];
    if (letter >= 'a' && letter <= 'z') {
        letter = (char)(letter - 'a' + 'A');
    }
    if (letter < 'A' || letter > '_') {
        return false;
    }
    uint32_t code = (uint32_t)letter & CONTROL_MASK;
    /* Terminals differ in which of two codes they send for these keys, so both are the key. */
    *ret_code = code == CONTROL_H   ? (uint32_t)KEY_CODE_BACKSPACE
                : code == CONTROL_J ? (uint32_t)KEY_CODE_ENTER
                                    : code;
    return true;
}

bool key_parse(const char *name, uint32_t *ret_code)
{
    struct span s = span_of(name);
    uint32_t cp;
    size_t used = utf8_decode(s, &cp);
    if (used > 0 && used == s.len && !(cp & UTF8_INVALID) && !utf8_is_hostile(cp)) {
        *ret_code = cp;
        return true;
    }
    if (strncmp(name, "M-", 2) == 0 && key_parse(name + 2, &cp) && !(cp & KEY_META)) {
        *ret_code = cp | KEY_META;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(name, names[i].name) == 0) {
            *ret_code = names[i].code;
            return true;
        }
    }
    int64_t number;
    if ((name[0] == 'F' || name[0] == 'f') && name[1] >= '1' && name[1] <= '9' &&
        num_i64_range(span_of(name + 1), 1, 12, &number)) {
        *ret_code = KEY_CODE_F1 + (uint32_t)number - 1;
        return true;
    }
    return parse_control(name, ret_code);
}

void key_name(uint32_t code, char out[16])
{
    const char *meta = code & KEY_META ? "M-" : "";
    code &= ~(uint32_t)KEY_META;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == code) {
            snprintf(out, NAME_SIZE, "%s%s", meta, names[i].name);
            return;
        }
    }
    if (code >= KEY_CODE_F1 && code <= KEY_CODE_F12) {
        snprintf(out, NAME_SIZE, "%sF%u", meta, code - KEY_CODE_F1 + 1);
    } else if (code > 0 && code < ' ') {
        char letter = (char)(code | 0x40);
        if (letter >= 'A' && letter <= 'Z') {
            letter = (char)(letter - 'A' + 'a');
        }
        snprintf(out, NAME_SIZE, "%sC-%c", meta, letter);
    } else if (code < KEY_NAMED && !utf8_is_hostile(code)) {
        char bytes[4];
        size_t n = utf8_encode(code, bytes);
        snprintf(out, NAME_SIZE, "%s%.*s", meta, (int)n, bytes);
    } else {
        snprintf(out, NAME_SIZE, "?");
    }
}
