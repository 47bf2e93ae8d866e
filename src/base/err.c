#include "redai/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[] = {
#define ERR_TEXT(code, text) [code] = text,
    ERR_LIST(ERR_TEXT)
#undef ERR_TEXT
};
static_assert(sizeof(texts) / sizeof(texts[0]) == ERR_COUNT, "every code has a text");

/* The text quotes what servers and files said: it must stay one line, and a cut must not leave half a
 * character behind. */
static void make_one_line(char *text, bool was_cut)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f) {
            text[i] = ' ';
        }
    }
    if (was_cut) {
        while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80) {
            len--;
        }
        if (len > 0 && (unsigned char)text[len - 1] >= 0xC0) {
            len--;
        }
    }
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    text[len] = '\0';
}

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (err) {
        /* Formatted aside first: an argument may be the text being replaced. */
        struct err made = {.code = code};
        va_list args;
        va_start(args, format);
        int wanted = vsnprintf(made.text, sizeof(made.text), format, args);
        va_end(args);
        make_one_line(made.text, wanted >= (int)sizeof(made.text));
        *err = made;
    }
    return false;
}

bool err_prefix(struct err *err, const char *format, ...)
{
    if (err) {
        struct err made = {.code = err->code};
        va_list args;
        va_start(args, format);
        int wanted = vsnprintf(made.text, sizeof(made.text), format, args);
        va_end(args);
        size_t used = strlen(made.text);
        int rest = snprintf(made.text + used, sizeof(made.text) - used, ": %s", err->text);
        make_one_line(made.text, wanted >= (int)sizeof(made.text) || rest >= (int)(sizeof(made.text) - used));
        *err = made;
    }
    return false;
}

const char *err_code_text(enum err_code code)
{
    return (size_t)code < ERR_COUNT ? texts[code] : "unknown error";
}
