#include "fact_members.h"

#include <assert.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const link_role_word[] = {"feed", "poll", "act", "result"};
static const char *const link_state_word[] = {"connecting", "up", "down"};
static const char *const notify_state_word[] = {"unknown", "on", "partial", "off"};
static const char *const gone_reason_word[] = {"unknown", "deleted", "expired", "evicted", "renamed"};
static const char *const census_phase_word[] = {"begin", "progress", "end", "abandoned"};
static const char *const batch_origin_word[] = {"progress", "result", "enqueued"};
static const char *const worker_event_word[] = {"online", "heartbeat", "offline"};
static const char *const peek_phase_word[] = {"begin", "line", "end"};
static const char *const outcome_word[] = {"done", "gone", "changed", "refused", "failed", "unknown"};
static const char *const form_word[] = {"ok", "not_json", "not_object", "truncated", "wrong_type"};
static const char *const target_word[] = {
#define TARGET_WORD(kind, name) [kind] = name,
    TARGET_LIST(TARGET_WORD)
#undef TARGET_WORD
};
static const char *const event_word[] = {
#define EVENT_WORD(id, name) [NOTIFY_##id] = name,
    NOTIFY_EVENT_LIST(EVENT_WORD)
#undef EVENT_WORD
};
static_assert(COUNT_OF(link_role_word) == LINK_ROLE_COUNT, "every role has a word");
static_assert(COUNT_OF(outcome_word) == OUTCOME_COUNT, "every outcome has a word");
static_assert(COUNT_OF(form_word) == SESSION_FORM_COUNT, "every form has a word");
static_assert(COUNT_OF(target_word) == TARGET_COUNT, "every kind has a word");
static_assert(COUNT_OF(event_word) == NOTIFY_EVENT_COUNT, "every event has a word");

#define PLACE(kind, member) offsetof(struct fact, kind.member)
#define TEXT(kind, member)                                                                                   \
    {                                                                                                        \
#member, MEMBER_SPAN, PLACE(kind, member), 0, NULL, 0                                                \
    }
#define NUMBER(kind, member, initial)                                                                        \
    {                                                                                                        \
#member, MEMBER_I64, PLACE(kind, member), initial, NULL, 0                                           \
    }
#define SMALL(kind, member, initial)                                                                         \
    {                                                                                                        \
#member, MEMBER_INT, PLACE(kind, member), initial, NULL, 0                                           \
    }
#define YES_NO(kind, member, initial)                                                                        \
    {                                                                                                        \
#member, MEMBER_BOOL, PLACE(kind, member), initial, NULL, 0                                          \
    }
#define REAL(kind, member)                                                                                   \
    {                                                                                                        \
#member, MEMBER_REAL, PLACE(kind, member), 0, NULL, 0                                                \
    }
#define WORD(kind, member, table)                                                                            \
    {                                                                                                        \
#member, MEMBER_ENUM, PLACE(kind, member), 0, table, COUNT_OF(table)                                 \
    }
#define TOPIC_WORD(kind, member)                                                                             \
    {                                                                                                        \
#member, MEMBER_ENUM, PLACE(kind, member), 0, topic_name, TOPIC_COUNT                                \
    }

static const struct member clock_members[] = {SMALL(clock, unused, 0)};
static const struct member connection_members[] = {
    TEXT(connection, address),
    YES_NO(connection, read_only, 0),
    SMALL(connection, db, 0),
    SMALL(connection, result_db, 1),
};
static const struct member link_members[] = {
    WORD(link, role, link_role_word),
    WORD(link, state, link_state_word),
    TEXT(link, error),
    NUMBER(link, retry_at_us, -1),
};
static const struct member poll_members[] = {TOPIC_WORD(poll, topic), YES_NO(poll, ok, 1), TEXT(poll, error)};
static const struct member server_members[] = {
    NUMBER(server, own_hits, 0),
    NUMBER(server, own_misses, 0),
    NUMBER(server, round_trip_us, -1),
    {"info", MEMBER_INFO, PLACE(server, info), 0, NULL, 0},
};
static const struct member cost_members[] = {
    NUMBER(cost, commands, 0),
    NUMBER(cost, bytes_out, 0),
    NUMBER(cost, bytes_in, 0),
};
static const struct member notify_members[] = {
    WORD(notify, state, notify_state_word),
    TEXT(notify, present),
    TEXT(notify, missing),
    TEXT(notify, why),
};
static const struct member key_event_members[] = {
    WORD(key_event, event, event_word),
    TEXT(key_event, key),
    NUMBER(key_event, count, 1),
};
static const struct member session_members[] = {
    TEXT(session, id),
    WORD(session, form, form_word),
    TEXT(session, user_id),
    TEXT(session, name),
    TEXT(session, email),
    TEXT(session, role),
    NUMBER(session, created_us, -1),
    NUMBER(session, updated_us, -1),
    NUMBER(session, pttl_ms, -2),
    NUMBER(session, bytes, -1),
};
static const struct member session_ttl_members[] = {TEXT(session_ttl, id), NUMBER(session_ttl, pttl_ms, -2)};
static const struct member session_gone_members[] = {
    TEXT(session_gone, id),
    WORD(session_gone, reason, gone_reason_word),
};
static const struct member census_members[] = {
    WORD(census, phase, census_phase_word),
    NUMBER(census, walked, 0),
    NUMBER(census, expected, -1),
};
static const struct member family_members[] = {
    TEXT(family, name),
    NUMBER(family, keys, 0),
    NUMBER(family, sampled, 0),
    NUMBER(family, sampled_no_ttl, 0),
    NUMBER(family, sampled_bytes, 0),
};
static const struct member queue_members[] = {
    TEXT(queue, name),
    {"depth", MEMBER_FOUR, PLACE(queue, depth), -1, NULL, 0},
    {"sources", MEMBER_BITS, PLACE(queue, sources), 0, NULL, 0},
    NUMBER(queue, unacked, -1),
};
static const struct member unacked_members[] = {NUMBER(unacked, total, -1),
                                                NUMBER(unacked, oldest_wall_us, -1)};
static const struct member batch_members[] = {
    TEXT(batch, id),
    WORD(batch, origin, batch_origin_word),
    YES_NO(batch, valid, 1),
    NUMBER(batch, current, -1),
    NUMBER(batch, total, -1),
    REAL(batch, percentage),
    TEXT(batch, status),
    TEXT(batch, error),
    NUMBER(batch, pttl_ms, -2),
    TEXT(batch, task_name),
};
static const struct member batch_gone_members[] = {
    TEXT(batch_gone, id),
    WORD(batch_gone, reason, gone_reason_word),
};
static const struct member task_members[] = {
    TEXT(task, id),
    TEXT(task, state),
    TEXT(task, error),
    NUMBER(task, date_done_us, -1),
    NUMBER(task, current, -1),
    NUMBER(task, total, -1),
    REAL(task, percentage),
    TEXT(task, hostname),
};
static const struct member worker_members[] = {
    TEXT(worker, name),         WORD(worker, event, worker_event_word),
    NUMBER(worker, active, -1), NUMBER(worker, processed, -1),
    REAL(worker, freq),
};
static const struct member peek_members[] = {
    WORD(peek, phase, peek_phase_word),
    WORD(peek, kind, target_word),
    TEXT(peek, id),
    TEXT(peek, label),
    TEXT(peek, text),
    WORD(peek, link_kind, target_word),
    TEXT(peek, link_id),
};
static const struct member receipt_members[] = {
    TEXT(receipt, action),
    TEXT(receipt, subject),
    WORD(receipt, outcome, outcome_word),
    TEXT(receipt, text),
};
static const struct member acknowledge_members[] = {TEXT(acknowledge, rule)};
static const struct member dismiss_members[] = {TEXT(dismiss, id)};
static const struct member note_members[] = {TEXT(note, text)};

const struct member_list fact_members[FACT_KIND_COUNT] = {
#define MEMBERS(id, member) [FACT_##id] = {member##_members, COUNT_OF(member##_members)},
    FACT_LIST(MEMBERS)
#undef MEMBERS
};
