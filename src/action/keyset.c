#include "keyset.h"

#include "redai/base/hash.h"
#include "redai/base/mem.h"

enum { SLOTS_FIRST = 64, ROOM_FIRST = 4096 };

void keyset_init(struct keyset *s)
{
    *s = (struct keyset){.bytes = NULL};
}

void keyset_release(struct keyset *s)
{
    mem_free(s->bytes);
    mem_free(s->place);
    mem_free(s->slot);
    keyset_init(s);
}

void keyset_clear(struct keyset *s)
{
    s->used = s->count = 0;
    if (s->slots) {
        memset(s->slot, 0, s->slots * sizeof *s->slot);
    }
}

struct span keyset_at(const struct keyset *s, size_t i)
{
    uint32_t len;
    memcpy(&len, s->bytes + s->place[i], sizeof len);
    return span_make(s->bytes + s->place[i] + sizeof len, len);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct keyset *s, struct span key)
{
    size_t at = (size_t)hash_fnv1a(key) & (s->slots - 1);
    while (s->slot[at] && !span_equal(keyset_at(s, s->slot[at] - 1), key)) {
        at = (at + 1) & (s->slots - 1);
    }
    return at;
}

static void grow_slots(struct keyset *s)
{
    if (s->count * 2 < s->slots) {
        return;
    }
    mem_free(s->slot);
    s->slots = s->slots ? s->slots * 2 : SLOTS_FIRST;
    s->slot = mem_zalloc(s->slots * sizeof *s->slot);
    for (size_t i = 0; i < s->count; i++) {
        s->slot[find_slot(s, keyset_at(s, i))] = (uint32_t)i + 1;
    }
}

static void grow_bytes(struct keyset *s, size_t more)
{
    while (s->used + more > s->room) {
        s->room = s->room ? s->room * 2 : ROOM_FIRST;
        s->bytes = mem_realloc(s->bytes, s->room);
    }
    if (s->count == s->places) {
        s->places = s->places ? s->places * 2 : SLOTS_FIRST;
        s->place = mem_realloc(s->place, s->places * sizeof *s->place);
    }
}

bool keyset_is_full(const struct keyset *s, struct span key)
{
    return s->used + sizeof(uint32_t) + key.len > KEYSET_BYTES_MAX;
}

bool keyset_has(const struct keyset *s, struct span key)
{
    return s->slots && s->slot[find_slot(s, key)];
}

bool keyset_add(struct keyset *s, struct span key)
{
    uint32_t len = (uint32_t)key.len;

    if (keyset_is_full(s, key)) {
        return false;
    }
    grow_slots(s);
    size_t slot = find_slot(s, key);
    if (s->slot[slot]) {
        return false;
    }
    grow_bytes(s, sizeof len + key.len);
    memcpy(s->bytes + s->used, &len, sizeof len);
    if (key.len) {
        memcpy(s->bytes + s->used + sizeof len, key.data, key.len);
    }
    s->place[s->count] = (uint32_t)s->used;
    s->used += sizeof len + key.len;
    s->slot[slot] = (uint32_t)++s->count;
    return true;
}
