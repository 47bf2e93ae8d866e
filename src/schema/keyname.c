#include "redai/schema/keyname.h"

#include <ctype.h>

#include "redai/schema/binding.h"

static bool take_prefix(struct span key, struct span prefix, struct span *ret_rest)
{
    if (key.len <= prefix.len || memcmp(key.data, prefix.data, prefix.len) != 0) {
        return false;
    }
    *ret_rest = span_skip(key, prefix.len);
    return true;
}

static bool take_suffix(struct span key, struct span suffix, struct span *ret_rest)
{
    if (key.len <= suffix.len || !span_ends(key, suffix)) {
        return false;
    }
    *ret_rest = span_head(key, key.len - suffix.len);
    return true;
}

/* Kinds that are told by how the key begins. KEY_KIND_COUNT: none of them. */
static enum key_kind kind_by_prefix(struct span key, struct span *ret_id)
{
    struct span rest;

    switch (key.data[0]) {
    case 's':
        if (take_prefix(key, S("session:"), ret_id)) {
            return KEY_SESSION;
        }
        break;
    case 'b':
        if (take_prefix(key, S("batch:progress:"), ret_id)) {
            return KEY_BATCH_PROGRESS;
        }
        break;
    case 'c':
        if (take_prefix(key, S("celery-task-meta-"), ret_id)) {
            return KEY_TASK_META;
        }
        if (span_starts(key, S("celery-taskset-meta-"))) {
            return KEY_OTHER; /* group results: no ':' in them, yet never a queue */
        }
        break;
    case '_':
        if (take_prefix(key, S("_kombu.binding."), ret_id)) {
            return KEY_BINDING;
        }
        break;
    case 'r':
        if (take_prefix(key, S("redai-console.reply."), ret_id)) {
            return KEY_REPLY_BOX;
        }
        break;
    case 'u':
        if (take_prefix(key, S("user:"), &rest) && take_suffix(rest, S(":sessions"), ret_id)) {
            return KEY_USER_SESSIONS;
        }
        if (span_equal(key, S("unacked")) || span_equal(key, S("unacked_index")) ||
            span_equal(key, S("unacked_mutex"))) {
            return KEY_UNACKED;
        }
        break;
    default:
        break;
    }
    return KEY_KIND_COUNT;
}

enum key_kind keyname_kind(struct span key, struct span *ret_id)
{
    *ret_id = key;
    if (key.len == 0) {
        return KEY_BARE;
    }
    enum key_kind kind = kind_by_prefix(key, ret_id);
    if (kind != KEY_KIND_COUNT) {
        return kind;
    }
    if (take_suffix(key, S(".reply.celery.pidbox"), ret_id)) {
        return KEY_REPLY_BOX;
    }
    if (memchr(key.data, KOMBU_SEP[0], key.len)) {
        int step;
        struct span queue = binding_split_list_key(key, &step);
        if (queue.len < key.len) {
            *ret_id = queue;
            return KEY_PRIORITY_LIST;
        }
    }
    return memchr(key.data, ':', key.len) ? KEY_OTHER : KEY_BARE;
}

/* Python writes "<module.Class object at 0x7f...>"; functions and bound methods likewise end in " at 0x...".
 */
bool keyname_has_address(struct span key)
{
    enum { DIGITS_LEAST = 4 };
    const char *open = key.len ? memchr(key.data, '<', key.len) : NULL;
    if (!open) {
        return false; /* nearly every key */
    }
    struct span rest = span_skip(key, (size_t)(open - key.data));
    while (rest.len > sizeof " at 0x" - 1) {
        const char *at = memmem(rest.data, rest.len, " at 0x", sizeof " at 0x" - 1);
        if (!at) {
            return false;
        }
        rest = span_skip(rest, (size_t)(at - rest.data) + sizeof " at 0x" - 1);
        size_t digits = 0;
        while (digits < rest.len && isxdigit((unsigned char)rest.data[digits])) {
            digits++;
        }
        if (digits >= DIGITS_LEAST) {
            return true;
        }
    }
    return false;
}

char *keyname_of_result(const char *task_id)
{
    UT_string key;
    utstring_init(&key);
    utstring_printf(&key, "celery-task-meta-%s", task_id);
    return utstring_body(&key);
}
