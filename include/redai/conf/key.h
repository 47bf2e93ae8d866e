/* key: one key press as a number: a Unicode code point, a control code 1..31, or one of the named keys.
 * Names are the words of `bind`: a, X, Space, Enter, Esc, Tab, S-Tab, Up, PgDn, Home, F1, C-d, Backspace,
 * M-b. */
#ifndef REDAI_CONF_KEY_H
#define REDAI_CONF_KEY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    KEY_NAMED = 0x200000, /* above every code point */
    KEY_CODE_UP = KEY_NAMED,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_INSERT,
    KEY_CODE_DELETE,
    KEY_CODE_BACKSPACE,
    KEY_CODE_BACK_TAB,
    KEY_CODE_F1, /* F1..F12 */
    KEY_CODE_F12 = KEY_CODE_F1 + 11,
    /* Held with Alt, as a bit on top: M-b, M-Up. A terminal sends these as Esc and the key in one breath, so
     * that a prompt does not take Alt-d for Esc and then d. All are above every code point. */
    KEY_META = 0x400000,
    KEY_CODE_TAB = 9,
    KEY_CODE_ENTER = 13,
    KEY_CODE_ESCAPE = 27,
};

/* C-i, C-m and C-j, C-[ and C-h are Tab, Enter, Esc and Backspace, as terminals send them. False when no key
 * has the name. */
bool key_parse(const char *name, uint32_t *ret_code);
/* Writes the name (at most 16 bytes with the NUL). */
void key_name(uint32_t code, char out[16]);

#endif
