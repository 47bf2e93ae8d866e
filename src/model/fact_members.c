#include "fact_members.h"

#include <assert.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const link_role_word[] = {"feed",   "poll",        "act",        "result",
                                             "broker", "broker-feed", "result-feed"};
static const char *const site_word[] = {"application", "broker", "results"};
static const char *const environment_word[] = {"none", "production", "staging", "dev"};
static const char *const link_state_word[] = {"connecting", "up", "down", "silent"};
static const char *const notify_state_word[] = {"unknown", "on", "partial", "off"};
static const char *const gone_reason_word[] = {"unknown", "deleted", "expired", "evicted", "renamed"};
static const char *const census_phase_word[] = {"begin", "progress", "end", "abandoned"};
static const char *const batch_origin_word[] = {"progress", "result", "enqueued"};
static const char *const worker_event_word[] = {"online", "heartbeat", "offline"};
static const char *const task_place_word[] = {"list", "unacked"};
static const char *const sweep_scope_word[] = {"list", "unacked", "worker"};
static const char *const message_fate_word[] = {"fine", "dropped", "kills_lost", "kills_again"};
static const char *const inspect_hold_word[] = {"active", "reserved", "scheduled", "ready"};
static const char *const task_event_word[] = {
#define TASK_EVENT_WORD(id, name) [TASK_EVENT_##id] = name,
    TASK_EVENT_LIST(TASK_EVENT_WORD)
#undef TASK_EVENT_WORD
};
static const char *const peek_phase_word[] = {"begin", "line", "end"};
static const char *const outcome_word[] = {"done", "gone", "changed", "refused", "failed", "unknown", "back"};
static const char *const peek_style_word[] = {"text", "json", "hex", "heading"};
static const char *const user_index_word[] = {"begin", "member", "end", "gone", "seen", "named", "unnamed"};
static const char *const session_watch_word[] = {"begin", "back", "held", "lost"};
static const char *const trace_phase_word[] = {"begin", "progress", "family", "end"};
static const char *const usage_word[] = {
#define USAGE_WORD(id, name) [USAGE_##id] = name,
    USAGE_LIST(USAGE_WORD)
#undef USAGE_WORD
};
static const char *const list_phase_word[] = {"row", "end"};
static const char *const permission_word[] = {"unknown", "allowed", "denied", "no_command"};
static const char *const doctor_phase_word[] = {"begin", "end"};
static const char *const veil_word[] = {
#define VEIL_WORD(id, name) [VEIL_##id] = name,
    VEIL_LIST(VEIL_WORD)
#undef VEIL_WORD
};
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
static_assert(COUNT_OF(site_word) == SITE_COUNT, "every site has a word");
static_assert(COUNT_OF(outcome_word) == OUTCOME_COUNT, "every outcome has a word");
static_assert(COUNT_OF(peek_style_word) == PEEK_STYLE_COUNT, "every style has a word");
static_assert(COUNT_OF(form_word) == SESSION_FORM_COUNT, "every form has a word");
static_assert(COUNT_OF(message_fate_word) == MESSAGE_FATE_COUNT, "every fate has a word");
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
    TEXT(connection, address),       YES_NO(connection, read_only, 0),
    YES_NO(connection, insecure, 0), WORD(connection, environment, environment_word),
    TEXT(connection, name),          SMALL(connection, db, 0),
    SMALL(connection, result_db, 1), SMALL(connection, broker_db, 0),
    TEXT(connection, broker),        TEXT(connection, results),
    TEXT(connection, read_only_why),
};
static const struct member link_members[] = {
    WORD(link, role, link_role_word), WORD(link, state, link_state_word), TEXT(link, error),
    NUMBER(link, retry_at_us, -1),    NUMBER(link, heard_us, -1),         TEXT(link, where),
};
static const struct member poll_members[] = {TOPIC_WORD(poll, topic), YES_NO(poll, ok, 1), TEXT(poll, error)};
static const struct member server_members[] = {
    NUMBER(server, own_hits, 0),
    NUMBER(server, own_misses, 0),
    YES_NO(server, own_unsure, 0),
    NUMBER(server, celery_misses, -1),
    NUMBER(server, round_trip_us, -1),
    NUMBER(server, consoles, -1),
    {"info", MEMBER_INFO, PLACE(server, info), 0, NULL, 0},
};
static const struct member site_members[] = {
    WORD(site, site, site_word),
    {"info", MEMBER_INFO, PLACE(site, info), 0, NULL, 0},
};
static const struct member cost_members[] = {
    NUMBER(cost, commands, 0),
    NUMBER(cost, bytes_out, 0),
    NUMBER(cost, bytes_in, 0),
    NUMBER(cost, budget, -1),
};
static const struct member notify_members[] = {
    WORD(notify, state, notify_state_word),
    TEXT(notify, present),
    TEXT(notify, missing),
    TEXT(notify, why),
};
static const struct member shed_members[] = {
    YES_NO(shed, misses, 0),      YES_NO(shed, writes, 0),     YES_NO(shed, results, 0),
    YES_NO(shed, tasks, 0),       YES_NO(shed, ends, 0),       NUMBER(shed, times, 0),
    NUMBER(shed, held_bytes, -1), NUMBER(shed, cut_bytes, -1), NUMBER(shed, behind_us, -1),
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
static const struct member user_index_members[] = {
    WORD(user_index, phase, user_index_word), TEXT(user_index, user_id),    TEXT(user_index, id),
    NUMBER(user_index, pttl_ms, -2),          NUMBER(user_index, size, -1), TEXT(user_index, error),
    NUMBER(user_index, skipped, 0),
};
static const struct member session_watch_members[] = {
    WORD(session_watch, phase, session_watch_word),
    TEXT(session_watch, id),
    TEXT(session_watch, user_id),
    NUMBER(session_watch, until_us, 0),
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
    REAL(family, sampled_squares),
    {"ttl", MEMBER_FOUR, PLACE(family, ttl), 0, NULL, 0},
    TEXT(family, largest),
    NUMBER(family, largest_bytes, -1),
    NUMBER(family, reprs, 0),
    YES_NO(family, folded, 0),
};
static const struct member usage_members[] = {
    WORD(usage, usage, usage_word),  SMALL(usage, db, 0),          TEXT(usage, part),
    NUMBER(usage, keys, -1),         NUMBER(usage, sampled, 0),    NUMBER(usage, sampled_no_ttl, 0),
    NUMBER(usage, sampled_bytes, 0), REAL(usage, sampled_squares),
};
static const struct member trace_members[] = {
    WORD(trace, phase, trace_phase_word),
    NUMBER(trace, ends_at_us, 0),
    NUMBER(trace, commands, 0),
    NUMBER(trace, bytes, 0),
    NUMBER(trace, bytes_max, 0),
    TEXT(trace, name),
    NUMBER(trace, reads, 0),
    NUMBER(trace, writes, 0),
    NUMBER(trace, misses, -1),
    TEXT(trace, hot_key),
    NUMBER(trace, hot_reads, 0),
    TEXT(trace, text),
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
    TEXT(task, exception),
    NUMBER(task, date_done_us, -1),
    NUMBER(task, current, -1),
    NUMBER(task, total, -1),
    REAL(task, percentage),
    TEXT(task, hostname),
    TEXT(task, parent_id),
    TEXT(task, group),
    TEXT(task, name),
    TEXT(task, args),
    TEXT(task, kwargs),
    TEXT(task, queue),
    YES_NO(task, args_cut, 0),
    NUMBER(task, retries, -1),
};
static const struct member task_message_members[] = {
    TEXT(task_message, id),
    WORD(task_message, place, task_place_word),
    TEXT(task_message, queue),
    NUMBER(task_message, step, 0),
    NUMBER(task_message, position, -1),
    TEXT(task_message, tag),
    TEXT(task_message, ref),
    TEXT(task_message, name),
    TEXT(task_message, args),
    TEXT(task_message, kwargs),
    YES_NO(task_message, args_are_repr, 0),
    YES_NO(task_message, args_cut, 0),
    TEXT(task_message, root_id),
    TEXT(task_message, parent_id),
    TEXT(task_message, group),
    TEXT(task_message, origin),
    YES_NO(task_message, has_chord, 0),
    NUMBER(task_message, chain_rest, 0),
    NUMBER(task_message, retries, -1),
    NUMBER(task_message, priority, -1),
    NUMBER(task_message, eta_wall_us, -1),
    NUMBER(task_message, expires_wall_us, -1),
    NUMBER(task_message, delivered_wall_us, -1),
    YES_NO(task_message, redelivered, 0),
    WORD(task_message, fate, message_fate_word),
    TEXT(task_message, reason),
    TEXT(task_message, content),
    NUMBER(task_message, bytes, -1),
};
static const struct member task_event_members[] = {
    TEXT(task_event, id),
    WORD(task_event, event, task_event_word),
    TEXT(task_event, worker),
    TEXT(task_event, name),
    TEXT(task_event, args),
    TEXT(task_event, kwargs),
    TEXT(task_event, root_id),
    TEXT(task_event, parent_id),
    TEXT(task_event, queue),
    NUMBER(task_event, retries, -1),
    NUMBER(task_event, eta_wall_us, -1),
    NUMBER(task_event, expires_wall_us, -1),
    TEXT(task_event, text),
    TEXT(task_event, exception),
    REAL(task_event, runtime_s),
    YES_NO(task_event, terminated, 0),
    YES_NO(task_event, expired, 0),
    YES_NO(task_event, requeue, 0),
    NUMBER(task_event, sent_wall_us, -1),
};
static const struct member task_held_members[] = {
    TEXT(task_held, id),
    TEXT(task_held, worker),
    WORD(task_held, hold, inspect_hold_word),
    TEXT(task_held, name),
    TEXT(task_held, args),
    TEXT(task_held, kwargs),
    TEXT(task_held, queue),
    YES_NO(task_held, args_cut, 0),
    NUMBER(task_held, started_wall_us, -1),
    NUMBER(task_held, eta_wall_us, -1),
    NUMBER(task_held, pid, -1),
    YES_NO(task_held, redelivered, 0),
};
static const struct member task_sweep_members[] = {
    WORD(task_sweep, scope, sweep_scope_word), TEXT(task_sweep, name),       NUMBER(task_sweep, step, 0),
    NUMBER(task_sweep, begun_us, 0),           NUMBER(task_sweep, seen, -1),
};
static const struct member task_gone_members[] = {TEXT(task_gone, id)};
static const struct member worker_members[] = {
    TEXT(worker, name),
    WORD(worker, event, worker_event_word),
    NUMBER(worker, active, -1),
    NUMBER(worker, processed, -1),
    REAL(worker, freq),
    NUMBER(worker, pid, -1),
    REAL(worker, load1),
    REAL(worker, load5),
    REAL(worker, load15),
    TEXT(worker, software),
    NUMBER(worker, sent_wall_us, -1),
};
static const struct member worker_bound_members[] = {TEXT(worker_bound, names)};
static const struct member worker_answer_members[] = {
    TEXT(worker_answer, name),
    YES_NO(worker_answer, answered, 1),
    NUMBER(worker_answer, round_trip_us, -1),
};
static const struct member worker_stats_members[] = {
    TEXT(worker_stats, name),
    TEXT(worker_stats, pool),
    NUMBER(worker_stats, concurrency, -1),
    NUMBER(worker_stats, processes, -1),
    NUMBER(worker_stats, prefetch, -1),
    NUMBER(worker_stats, uptime_s, -1),
    NUMBER(worker_stats, pid, -1),
    NUMBER(worker_stats, processed, -1),
    NUMBER(worker_stats, visibility_s, -1),
};
static const struct member worker_queues_members[] = {TEXT(worker_queues, name), TEXT(worker_queues, queues)};
static const struct member worker_names_members[] = {TEXT(worker_names, name), TEXT(worker_names, tasks)};
static const struct member peek_members[] = {
    WORD(peek, phase, peek_phase_word),
    WORD(peek, kind, target_word),
    TEXT(peek, id),
    TEXT(peek, label),
    TEXT(peek, text),
    WORD(peek, link_kind, target_word),
    TEXT(peek, link_id),
    WORD(peek, veil, veil_word),
    NUMBER(peek, plain, 0),
    YES_NO(peek, foreign, 0),
    WORD(peek, style, peek_style_word),
    NUMBER(peek, depth, 0),
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
static const struct member mute_members[] = {
    TEXT(mute, id),
    NUMBER(mute, until_us, 0),
    TEXT(mute, reason),
};
static const struct member command_stat_members[] = {
    WORD(command_stat, phase, list_phase_word),
    TEXT(command_stat, name),
    NUMBER(command_stat, calls, -1),
    NUMBER(command_stat, usec, -1),
    NUMBER(command_stat, rejected, -1),
    NUMBER(command_stat, failed, -1),
};
static const struct member error_stat_members[] = {
    WORD(error_stat, phase, list_phase_word),
    TEXT(error_stat, name),
    NUMBER(error_stat, count, -1),
};
static const struct member replica_members[] = {
    WORD(replica, phase, list_phase_word), TEXT(replica, address),     TEXT(replica, state),
    NUMBER(replica, offset, -1),           NUMBER(replica, lag_s, -1),
};
static const struct member client_members[] = {
    WORD(client, phase, list_phase_word),
    NUMBER(client, id, -1),
    TEXT(client, address),
    TEXT(client, name),
    TEXT(client, user),
    TEXT(client, command),
    TEXT(client, flags),
    YES_NO(client, own, 0),
    NUMBER(client, db, -1),
    NUMBER(client, age_s, -1),
    NUMBER(client, idle_s, -1),
    NUMBER(client, channels, -1),
    NUMBER(client, patterns, -1),
    NUMBER(client, shard_channels, -1),
    NUMBER(client, queued, -1),
    NUMBER(client, memory, -1),
    NUMBER(client, output, -1),
    NUMBER(client, left_out, 0),
};
static const struct member slow_members[] = {
    WORD(slow, phase, list_phase_word),
    NUMBER(slow, id, -1),
    NUMBER(slow, wall_us, -1),
    NUMBER(slow, duration_us, -1),
    TEXT(slow, shape),
    TEXT(slow, text),
    TEXT(slow, client),
    TEXT(slow, name),
    NUMBER(slow, argc, -1),
    NUMBER(slow, total, -1),
    NUMBER(slow, threshold_us, -1),
};
static const struct member latency_members[] = {
    WORD(latency, phase, list_phase_word), TEXT(latency, name),         NUMBER(latency, event_wall_us, -1),
    NUMBER(latency, latest_ms, -1),        NUMBER(latency, max_ms, -1),
};
static const struct member setting_members[] = {
    TEXT(setting, name),
    TEXT(setting, value),
    YES_NO(setting, known, 1),
    TEXT(setting, why),
};
static const struct member permission_members[] = {
    TEXT(permission, what),
    WORD(permission, permission, permission_word),
    TEXT(permission, why),
};
static const struct member doctor_members[] = {
    WORD(doctor, phase, doctor_phase_word),
    TEXT(doctor, error),
};

const struct member_list fact_members[FACT_KIND_COUNT] = {
#define MEMBERS(id, member) [FACT_##id] = {member##_members, COUNT_OF(member##_members)},
    FACT_LIST(MEMBERS)
#undef MEMBERS
};
