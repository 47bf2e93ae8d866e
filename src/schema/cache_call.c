#include "redai/schema/cache_call.h"

struct span cache_call_prefix(const struct families *f, struct span key)
{
    struct span name = families_name(f, key);
    /* A family's name is the prefix of its keys, unless a person has given it another. */
    if (key.len > name.len && span_starts(key, name) && key.data[name.len] == ':') {
        return span_head(key, name.len);
    }
    return span_head(key, span_find(key, ':'));
}

/* Takes the part up to the next ':' off the rest; false at the end. *has_more: a ':' stands behind it. */
static bool take_part(struct span *rest, bool *has_more, struct span *ret)
{
    if (!*has_more) {
        return false;
    }
    size_t end = span_find(*rest, ':');
    *ret = span_head(*rest, end);
    *has_more = end < rest->len;
    *rest = span_skip(*rest, end + 1);
    return true;
}

static bool is_name(struct span part)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return part.len > 0;
}

/* Of an object without a text of its own Python writes "<module.Class object at 0x7f...>". */
static bool is_object(struct span part)
{
    return span_starts(part, S("<")) && span_ends(part, S(">"));
}

bool cache_place_next(const struct families *f, struct span key, struct span value, size_t *at,
                      struct cache_place *ret)
{
    struct span prefix = cache_call_prefix(f, key), before = S(""), part;
    struct span rest = span_skip(key, prefix.len + 1);
    bool more = prefix.len < key.len, objects_only = true;

    for (size_t i = 0; take_part(&rest, &more, &part); i++) {
        bool is_here = i >= *at && value.len > 0 && span_equal(part, value);
        if (is_here && (objects_only || is_name(before))) {
            *at = i + 1;
            *ret =
                (struct cache_place){.spelling = objects_only ? CACHE_SPELLING_PLACED : CACHE_SPELLING_NAMED,
                                     .prefix = prefix,
                                     .name = objects_only ? S("") : before,
                                     .inner = objects_only ? i > 0 : i > 1,
                                     .more = more};
            return true;
        }
        objects_only = objects_only && is_object(part);
        before = part;
    }
    return false;
}

/* --- patterns --- */

/* True for bytes that stand for others in a pattern of Redis. */
static bool is_wild(char c)
{
    return c == '*' || c == '?' || c == '[';
}

static bool has_wildcard(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\') {
            i++;
        } else if (is_wild(text.data[i])) {
            return true;
        }
    }
    return false;
}

/* What stands before the first wildcard. */
static struct span literal_head(struct span pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '\\') {
            i++;
        } else if (is_wild(pattern.data[i])) {
            return span_head(pattern, i);
        }
    }
    return pattern;
}

bool cache_argument_of(const struct families *f, struct span pattern, struct cache_argument *ret)
{
    struct span prefix = cache_call_prefix(f, literal_head(pattern));
    struct span rest = span_skip(pattern, prefix.len + 1), before = S(""), part;
    bool more = prefix.len > 0 && prefix.len < pattern.len && pattern.data[prefix.len] == ':';

    if (span_ends(rest, S(":*"))) {
        rest.len -= 2;
    } else if (span_ends(rest, S("*")) && !span_ends(rest, S("\\*"))) {
        rest.len--;
    }
    *ret = (struct cache_argument){.prefix = prefix, .name = S(""), .value = S("")};
    while (take_part(&rest, &more, &part)) {
        if (more) {
            before = part;
        } else {
            ret->value = part;
        }
    }
    ret->name = is_name(before) ? before : S("");
    return ret->value.len > 0 && !has_wildcard(ret->value);
}
