/* info: the reply of INFO as numbers. Unknown or absent numbers are INFO_UNKNOWN, never 0. One table names
 * field, type and place, so reading and writing (fact files) need no code of their own. */
#ifndef REDAI_SCHEMA_INFO_H
#define REDAI_SCHEMA_INFO_H

#include <stdint.h>

#include "redai/base/span.h"

#define INFO_UNKNOWN INT64_MIN
#define INFO_DBS     4 /* databases whose keyspace line is kept (0..3) */

/* text fields: name in INFO, member, size */
/* clang-format off */
#define INFO_TEXT_LIST(X)                                  \
    X("redis_version", redis_version, 24)                  \
    X("redis_mode", redis_mode, 16)                        \
    X("role", role, 12)                                    \
    X("maxmemory_policy", maxmemory_policy, 24)            \
    X("run_id", run_id, 44)                                \
    X("master_link_status", master_link_status, 8)         \
    X("rdb_last_bgsave_status", rdb_last_bgsave_status, 8) \
    X("aof_last_write_status", aof_last_write_status, 8)   \
    X("master_host", master_host, 64)
/* clang-format on */

/* whole numbers: name in INFO, member */
/* clang-format off */
#define INFO_NUMBER_LIST(X)                                       \
    X("uptime_in_seconds", uptime_in_seconds)                     \
    X("connected_clients", connected_clients)                     \
    X("maxclients", maxclients)                                   \
    X("blocked_clients", blocked_clients)                         \
    X("used_memory", used_memory)                                 \
    X("used_memory_rss", used_memory_rss)                         \
    X("used_memory_peak", used_memory_peak)                       \
    X("used_memory_dataset", used_memory_dataset)                 \
    X("used_memory_overhead", used_memory_overhead)               \
    X("maxmemory", maxmemory)                                     \
    X("total_system_memory", total_system_memory)                 \
    X("loading", loading)                                         \
    X("rdb_last_save_time", rdb_last_save_time)                   \
    X("rdb_changes_since_last_save", rdb_changes_since_last_save) \
    X("aof_enabled", aof_enabled)                                 \
    X("total_connections_received", total_connections_received)   \
    X("total_commands_processed", total_commands_processed)       \
    X("instantaneous_ops_per_sec", instantaneous_ops_per_sec)     \
    X("total_net_input_bytes", total_net_input_bytes)             \
    X("total_net_output_bytes", total_net_output_bytes)           \
    X("rejected_connections", rejected_connections)               \
    X("expired_keys", expired_keys)                               \
    X("evicted_keys", evicted_keys)                               \
    X("keyspace_hits", keyspace_hits)                             \
    X("keyspace_misses", keyspace_misses)                         \
    X("pubsub_channels", pubsub_channels)                         \
    X("pubsub_patterns", pubsub_patterns)                         \
    X("connected_slaves", connected_slaves)                       \
    X("server_time_usec", server_time_usec)
/* clang-format on */

struct info {
#define INFO_TEXT_MEMBER(name, member, size) char member[size];
    INFO_TEXT_LIST(INFO_TEXT_MEMBER)
#undef INFO_TEXT_MEMBER
#define INFO_NUMBER_MEMBER(name, member) int64_t member;
    INFO_NUMBER_LIST(INFO_NUMBER_MEMBER)
#undef INFO_NUMBER_MEMBER
    struct {
        int64_t keys, expires,
            avg_ttl_ms; /* INFO_UNKNOWN when the line is absent while the section is there: 0 keys */
    } db[INFO_DBS];
    double mem_fragmentation_ratio; /* NAN unknown */
};

struct info_text_row {
    const char *name;
    size_t offset, size;
};
struct info_number_row {
    const char *name;
    size_t offset;
};
extern const struct info_text_row info_text_rows[];
extern const size_t info_text_count;
extern const struct info_number_row info_number_rows[];
extern const size_t info_number_count;

void info_clear(struct info *i); /* all unknown */
/* Reads the text of INFO (any sections); fields that are absent stay as they are. Hostile or cut text is
 * fine. */
void info_decode(struct info *i, struct span text);

#endif
