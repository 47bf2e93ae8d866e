#include "keytable.h"

#include "redai/base/num.h"

#include "redai/conf/key.h"

#define F(n) (KEY_CODE_F1 + (n)-1)

/* ESC [ ... final, and ESC O final. Lower case letters: rxvt with Shift or Ctrl. */
static const struct {
    char final;
    uint32_t csi, ss3;
} letters[] = {
    {'A', KEY_CODE_UP, KEY_CODE_UP},
    {'B', KEY_CODE_DOWN, KEY_CODE_DOWN},
    {'C', KEY_CODE_RIGHT, KEY_CODE_RIGHT},
    {'D', KEY_CODE_LEFT, KEY_CODE_LEFT},
    {'a', KEY_CODE_UP, KEY_CODE_UP},
    {'b', KEY_CODE_DOWN, KEY_CODE_DOWN},
    {'c', KEY_CODE_RIGHT, KEY_CODE_RIGHT},
    {'d', KEY_CODE_LEFT, KEY_CODE_LEFT},
    {'F', KEY_CODE_END, KEY_CODE_END},
    {'H', KEY_CODE_HOME, KEY_CODE_HOME},
    {'M', 0, KEY_CODE_ENTER}, /* keypad */
    {'P', F(1), F(1)},        /* CSI with modifiers only: xterm */
    {'Q', F(2), F(2)},
    {'R', 0, F(3)}, /* CSI R is a cursor report */
    {'S', F(4), F(4)},
    {'Z', KEY_CODE_BACK_TAB, 0},
    {'j', 0, '*'}, /* keypad in application mode: vt100 */
    {'k', 0, '+'},
    {'l', 0, ','},
    {'m', 0, '-'},
    {'n', 0, '.'},
    {'o', 0, '/'},
    {'p', 0, '0'},
    {'q', 0, '1'},
    {'r', 0, '2'},
    {'s', 0, '3'},
    {'t', 0, '4'},
    {'u', 0, '5'},
    {'v', 0, '6'},
    {'w', 0, '7'},
    {'x', 0, '8'},
    {'y', 0, '9'},
    {'X', 0, '='},
};

/* ESC [ number ~ (rxvt: also $ ^ @ for Shift, Ctrl and both). */
static const uint32_t numbers[] = {
    [1] = KEY_CODE_HOME,
    [2] = KEY_CODE_INSERT,
    [3] = KEY_CODE_DELETE,
    [4] = KEY_CODE_END,
    [5] = KEY_CODE_PAGE_UP,
    [6] = KEY_CODE_PAGE_DOWN,
    [7] = KEY_CODE_HOME,
    [8] = KEY_CODE_END,
    [11] = F(1),
    [12] = F(2),
    [13] = F(3),
    [14] = F(4),
    [15] = F(5),
    [17] = F(6),
    [18] = F(7),
    [19] = F(8),
    [20] = F(9),
    [21] = F(10),
    [23] = F(11),
    [24] = F(12),
};
enum { NUMBER_COUNT = sizeof numbers / sizeof numbers[0], MODIFIER_ALT = 2, MODIFIER_META = 8 };

static uint32_t letter_key(char final, bool ss3)
{
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (letters[i].final == final) {
            return ss3 ? letters[i].ss3 : letters[i].csi;
        }
    }
    return 0;
}

/* Shift and Ctrl on these keys mean nothing to us, so the key itself is taken; Alt is told. A modifier is
 * sent as one more than its bits. */
static uint32_t with_modifier(uint32_t key, int64_t modifier)
{
    bool alt = modifier > 1 && ((modifier - 1) & (MODIFIER_ALT | MODIFIER_META));
    return key && alt ? key | KEY_META : key;
}

/* "", "5", "1;3": up to two small numbers. */
static bool take_numbers(struct span params, int64_t out[2])
{
    out[0] = out[1] = 1;
    for (int i = 0; i < 2 && params.len; i++) {
        size_t end = span_find(params, ';');
        struct span word = span_head(params, end);
        if (word.len && !num_i64_range(word, 0, 255, &out[i])) {
            return false;
        }
        params = span_skip(params, end + 1);
    }
    return params.len == 0;
}

bool keytable_csi(struct span body, uint32_t *ret_key)
{
    int64_t n[2];
    if (body.len == 2 && body.data[0] == '[' && body.data[1] >= 'A' && body.data[1] <= 'E') {
        *ret_key = F(1) + (uint32_t)(body.data[1] - 'A'); /* the Linux console's F1 to F5 */
        return true;
    }
    if (body.len == 0 || !take_numbers(span_head(body, body.len - 1), n)) {
        return false;
    }
    char final = body.data[body.len - 1];
    uint32_t key = 0;
    if (final == '~' || final == '$' || final == '^' || final == '@') {
        key = body.len > 1 && n[0] < NUMBER_COUNT ? numbers[n[0]] : 0;
    } else {
        key = letter_key(final, false);
    }
    *ret_key = with_modifier(key, n[1]);
    return key != 0;
}

bool keytable_ss3(struct span body, uint32_t *ret_key)
{
    int64_t n[2];
    if (body.len == 0 || !take_numbers(span_head(body, body.len - 1), n)) {
        return false;
    }
    /* Some terminals send the modifier alone (ESC O 5 A), some in second place (ESC O 1;5 A). */
    uint32_t key = letter_key(body.data[body.len - 1], true);
    *ret_key = with_modifier(key, n[1] > 1 ? n[1] : n[0]);
    return key != 0;
}

const struct keytable_capability keytable_capabilities[] = {
    {"kcuu1", KEY_CODE_UP},
    {"kcud1", KEY_CODE_DOWN},
    {"kcub1", KEY_CODE_LEFT},
    {"kcuf1", KEY_CODE_RIGHT},
    {"kpp", KEY_CODE_PAGE_UP},
    {"knp", KEY_CODE_PAGE_DOWN},
    {"khome", KEY_CODE_HOME},
    {"kend", KEY_CODE_END},
    {"kich1", KEY_CODE_INSERT},
    {"kdch1", KEY_CODE_DELETE},
    {"kbs", KEY_CODE_BACKSPACE},
    {"kcbt", KEY_CODE_BACK_TAB},
    {"kent", KEY_CODE_ENTER},
    {"kri", KEY_CODE_UP},
    {"kind", KEY_CODE_DOWN},
    {"kLFT", KEY_CODE_LEFT},
    {"kRIT", KEY_CODE_RIGHT},
    {"ka1", KEY_CODE_HOME},
    {"ka3", KEY_CODE_PAGE_UP},
    {"kc1", KEY_CODE_END},
    {"kc3", KEY_CODE_PAGE_DOWN},
    {"kf1", F(1)},
    {"kf2", F(2)},
    {"kf3", F(3)},
    {"kf4", F(4)},
    {"kf5", F(5)},
    {"kf6", F(6)},
    {"kf7", F(7)},
    {"kf8", F(8)},
    {"kf9", F(9)},
    {"kf10", F(10)},
    {"kf11", F(11)},
    {"kf12", F(12)},
};
const size_t keytable_capabilities_count = sizeof keytable_capabilities / sizeof keytable_capabilities[0];
