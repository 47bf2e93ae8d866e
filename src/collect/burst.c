/* burst: many key events of one read, told as few facts. */
#include "collect_priv.h"

static void tell(struct collect *c, struct burst_slot *slot)
{
    struct fact f = {.kind = FACT_KEY_EVENT,
                     .key_event = {slot->event, span_make(slot->key, slot->len), slot->count}};
    slot->count = 0;
    feed_emit_heard(c, &f);
}

void burst_tell(struct collect *c)
{
    for (size_t i = 0; i < BURST_SLOTS; i++) {
        struct burst_slot *slot = &c->feed.burst.slot[i];
        if (slot->count) {
            tell(c, slot);
        }
    }
}

static bool is_more_than_a_count(struct span key)
{
    struct span id;
    char first = key.data[0];
    if (first != 'b' && first != 'c' && first != 's' && first != 'u') {
        return false; /* no such kind begins so: a storm of the cache's keys is told by one letter */
    }
    switch (keyname_kind(key, &id)) {
    case KEY_SESSION:
    case KEY_USER_SESSIONS:
    case KEY_BATCH_PROGRESS:
    case KEY_TASK_META:
        return true;
    default:
        return false;
    }
}

static void begin(struct burst_slot *slot, enum notify_event event, struct span key, struct span name)
{
    slot->event = event;
    slot->len = key.len;
    memcpy(slot->key, key.data, key.len);
    bool within = name.data >= key.data && name.data < key.data + key.len;
    slot->name = within ? span_make(slot->key + (name.data - key.data), name.len) : name;
}

bool burst_take(struct collect *c, enum notify_event event, struct span key)
{
    struct span above;
    if (event == NOTIFY_KEYMISS || key.len == 0 || key.len > BURST_KEY_MAX || is_more_than_a_count(key)) {
        return false;
    }
    struct span name = families_leaf(c->options.families, key, &above);
    unsigned at = (unsigned)name.len * 5 + (unsigned char)name.data[name.len - 1] + 7 * (unsigned)event;
    struct burst_slot *slot = &c->feed.burst.slot[at % BURST_SLOTS];
    if (slot->count &&
        (slot->event != event || (slot->name.data != name.data && !span_equal(slot->name, name)) ||
         slot->name.len != name.len)) {
        tell(c, slot);
    }
    if (!slot->count++) {
        begin(slot, event, key, name);
    }
    return true;
}
