#include "phrase.h"

#include <inttypes.h>

#include "redai/base/hash.h"
#include "redai/base/utf8.h"

#include "redai/schema/keyname.h"

enum { SESSION_SHOWN = 6 };

char *phrase_make_va(const char *format, va_list args)
{
    UT_string text;
    utstring_init(&text);
    utstring_printf_va(&text, format, args);
    char *made = utf8_sanitise_dup(text_span(&text), 0);
    utstring_done(&text);
    return made;
}

char *phrase_make(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *made = phrase_make_va(format, args);
    va_end(args);
    return made;
}

char *phrase_count(int64_t n, const char *noun, const char *plural)
{
    if (n == 1) {
        return phrase_make("1 %s", noun);
    }
    return plural ? phrase_make("%" PRId64 " %s", n, plural) : phrase_make("%" PRId64 " %ss", n, noun);
}

char *phrase_session(struct span id)
{
    char *head = utf8_sanitise_dup(span_head(id, SESSION_SHOWN), 0);
    char *shown = phrase_make("%s~", head);
    mem_free(head);
    return shown;
}

char *phrase_session_tag(struct span id)
{
    char tag[9];
    hash_tag(id, tag);
    return phrase_make("#%s", tag);
}

/* Session ids stand in keys, and in patterns over them. */
static char *key_with(struct span key, char *(*name)(struct span id))
{
    struct span id;
    if (keyname_kind(key, &id) != KEY_SESSION) {
        return utf8_sanitise_dup(key, PHRASE_COLUMNS);
    }
    if (id.len <= 2 && memchr(id.data, '*', id.len)) {
        return utf8_sanitise_dup(key, PHRASE_COLUMNS); /* session:*, which names nobody */
    }
    char *shown = name(id);
    char *text = phrase_make("session:%s", shown);
    mem_free(shown);
    return text;
}

char *phrase_key(struct span key)
{
    return key_with(key, phrase_session);
}

char *phrase_key_tag(struct span key)
{
    return key_with(key, phrase_session_tag);
}
