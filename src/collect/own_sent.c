#include "own_sent.h"

#include "redai/base/clock.h"

#define KNOWN_US US_PER_S

/* Database, command and its first argument: the key, for nearly all of them. FNV-1a. */
static uint64_t add_bytes(uint64_t hash, struct span s, bool fold_case)
{
    const uint64_t prime = UINT64_C(1099511628211);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        c = fold_case && c >= 'a' && c <= 'z' ? (unsigned char)(c - 'a' + 'A') : c;
        hash = (hash ^ c) * prime;
    }
    return (hash ^ s.len) * prime;
}

static uint64_t hash_of(int db, struct span command, struct span first)
{
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)db;
    hash = add_bytes(hash, command, true);
    hash = add_bytes(hash, span_head(first, MONITOR_KEY_MAX), false);
    return hash ? hash : 1;
}

void own_sent_note(struct own_sent *o, int db, size_t argc, const struct span *args, int64_t now_us)
{
    uint64_t hash = hash_of(db, args[0], argc > 1 ? args[1] : S(""));
    struct own_command *set = o->set[hash % OWN_SENT_SETS], *place = &set[0];
    for (size_t i = 0; i < OWN_SENT_WAYS && place->hash; i++) {
        if (!set[i].hash || set[i].at_us < place->at_us) {
            place = &set[i];
        }
    }
    o->count += !place->hash;
    *place = (struct own_command){hash, now_us};
}

bool own_sent_take(struct own_sent *o, const struct monitor_line *line, int64_t now_us)
{
    char room[MONITOR_KEY_MAX];
    struct span args = line->args, first = S("");
    if (!o->count || line->lua) {
        return false;
    }
    monitor_next(&args, room, sizeof room, &first);
    uint64_t hash = hash_of(line->db, line->command, first);
    struct own_command *set = o->set[hash % OWN_SENT_SETS];
    for (size_t i = 0; i < OWN_SENT_WAYS; i++) {
        if (set[i].hash && now_us - set[i].at_us > KNOWN_US) {
            set[i].hash = 0;
            o->count--;
        } else if (set[i].hash == hash) {
            set[i].hash = 0;
            o->count--;
            return true;
        }
    }
    return false;
}
