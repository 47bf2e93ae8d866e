#include "schema/wire_name.h"

#include "redai/base/utf8.h"

#include "redai/schema/keyname.h"

static bool is_blank(uint32_t cp)
{
    return cp == ' ' || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F ||
           cp == 0x205F || cp == 0x3000;
}

static bool check(const char *what, struct span text, bool blanks, struct err *err)
{
    if (text.len == 0) {
        return err_set(err, ERR_RANGE, "%s is empty", what);
    }
    if (text.len > WIRE_NAME_MAX_BYTES) {
        return err_set(err, ERR_RANGE, "%s is longer than %d bytes", what, WIRE_NAME_MAX_BYTES);
    }
    if (blanks && (text.data[0] == ' ' || text.data[text.len - 1] == ' ')) {
        return err_set(err, ERR_RANGE, "%s begins or ends with a blank", what);
    }
    for (struct span rest = text; rest.len;) {
        uint32_t cp;
        size_t used = utf8_decode(rest, &cp);
        if (cp & UTF8_INVALID) {
            return err_set(err, ERR_RANGE, "%s is no UTF-8", what);
        }
        if (is_blank(cp) && !(blanks && cp == ' ')) {
            return err_set(err, ERR_RANGE, "%s holds a blank", what);
        }
        if (utf8_is_hostile(cp)) {
            return err_set(err, ERR_RANGE, "%s holds the unprintable character U+%04X", what, (unsigned)cp);
        }
        rest = span_skip(rest, used);
    }
    return true;
}

bool wire_name_check(const char *what, struct span text, struct err *err)
{
    return check(what, text, false, err);
}

bool wire_name_check_queue(struct span text, struct err *err)
{
    struct span id;

    if (!check("queue", text, true, err)) {
        return false;
    }
    enum key_kind kind = keyname_kind(text, &id);
    if (kind != KEY_BARE && kind != KEY_OTHER) {
        return err_set(err, ERR_RANGE, "queue '%.*s' is the name of a key with another use", (int)text.len,
                       text.data);
    }
    return true;
}
