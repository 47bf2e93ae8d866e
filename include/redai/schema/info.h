/* info: the reply of INFO as numbers. What is unknown, absent or beyond NUM_SAID_MOST is INFO_UNKNOWN, never
 * 0. One table names field, type and place, so reading and writing (fact files) need no code of their own. */
#ifndef REDAI_SCHEMA_INFO_H
#define REDAI_SCHEMA_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "redai/base/span.h"

#define INFO_UNKNOWN INT64_MIN
#define INFO_DBS     4 /* databases whose keyspace line is kept (0..3) */

/* text fields: name in INFO, member, size */
/* clang-format off */
#define INFO_TEXT_LIST(X)                                        \
    X("redis_version", redis_version, 24)                        \
    X("server_name", server_name, 16)                            \
    X("valkey_version", valkey_version, 24)                      \
    X("redis_mode", redis_mode, 16)                              \
    X("os", os, 64)                                              \
    X("config_file", config_file, 128)                           \
    X("role", role, 12)                                          \
    X("maxmemory_policy", maxmemory_policy, 24)                  \
    X("mem_allocator", mem_allocator, 24)                        \
    X("run_id", run_id, 44)                                      \
    X("master_link_status", master_link_status, 8)               \
    X("rdb_last_bgsave_status", rdb_last_bgsave_status, 8)       \
    X("aof_last_write_status", aof_last_write_status, 8)         \
    X("aof_last_bgrewrite_status", aof_last_bgrewrite_status, 8) \
    X("master_host", master_host, 64)

/* whole numbers: name in INFO, which is the member's, too */
#define INFO_NUMBER_LIST(X)                                                                   \
    X("uptime_in_seconds", uptime_in_seconds)                                                 \
    X("tcp_port", tcp_port)                                                                   \
    X("process_id", process_id)                                                               \
    X("io_threads_active", io_threads_active)                                                 \
    X("connected_clients", connected_clients)                                                 \
    X("maxclients", maxclients)                                                               \
    X("blocked_clients", blocked_clients)                                                     \
    X("client_recent_max_input_buffer", client_recent_max_input_buffer)                       \
    X("client_recent_max_output_buffer", client_recent_max_output_buffer)                     \
    X("tracking_clients", tracking_clients)                                                   \
    X("clients_in_timeout_table", clients_in_timeout_table)                                   \
    X("used_memory", used_memory)                                                             \
    X("used_memory_rss", used_memory_rss)                                                     \
    X("used_memory_peak", used_memory_peak)                                                   \
    X("used_memory_dataset", used_memory_dataset)                                             \
    X("used_memory_overhead", used_memory_overhead)                                           \
    X("used_memory_startup", used_memory_startup)                                             \
    X("used_memory_lua", used_memory_lua)                                                     \
    X("used_memory_scripts", used_memory_scripts)                                             \
    X("used_memory_functions", used_memory_functions)                                         \
    X("used_memory_vm_total", used_memory_vm_total)                                           \
    X("allocator_allocated", allocator_allocated)                                             \
    X("allocator_active", allocator_active)                                                   \
    X("allocator_resident", allocator_resident)                                               \
    X("allocator_frag_bytes", allocator_frag_bytes)                                           \
    X("allocator_rss_bytes", allocator_rss_bytes)                                             \
    X("rss_overhead_bytes", rss_overhead_bytes)                                               \
    X("mem_fragmentation_bytes", mem_fragmentation_bytes)                                     \
    X("mem_clients_normal", mem_clients_normal)                                               \
    X("mem_clients_slaves", mem_clients_slaves)                                               \
    X("mem_replication_backlog", mem_replication_backlog)                                     \
    X("mem_total_replication_buffers", mem_total_replication_buffers)                         \
    X("mem_aof_buffer", mem_aof_buffer)                                                       \
    X("mem_not_counted_for_evict", mem_not_counted_for_evict)                                 \
    X("active_defrag_running", active_defrag_running)                                         \
    X("lazyfree_pending_objects", lazyfree_pending_objects)                                   \
    X("lazyfreed_objects", lazyfreed_objects)                                                 \
    X("maxmemory", maxmemory)                                                                 \
    X("total_system_memory", total_system_memory)                                             \
    X("number_of_cached_scripts", number_of_cached_scripts)                                   \
    X("loading", loading)                                                                     \
    X("async_loading", async_loading)                                                         \
    X("rdb_last_save_time", rdb_last_save_time)                                               \
    X("rdb_changes_since_last_save", rdb_changes_since_last_save)                             \
    X("rdb_bgsave_in_progress", rdb_bgsave_in_progress)                                       \
    X("rdb_last_bgsave_time_sec", rdb_last_bgsave_time_sec)                                   \
    X("rdb_current_bgsave_time_sec", rdb_current_bgsave_time_sec)                             \
    X("rdb_last_cow_size", rdb_last_cow_size)                                                 \
    X("rdb_saves", rdb_saves)                                                                 \
    X("aof_enabled", aof_enabled)                                                             \
    X("aof_rewrite_in_progress", aof_rewrite_in_progress)                                     \
    X("aof_last_rewrite_time_sec", aof_last_rewrite_time_sec)                                 \
    X("aof_last_cow_size", aof_last_cow_size)                                                 \
    X("aof_current_size", aof_current_size)                                                   \
    X("aof_base_size", aof_base_size)                                                         \
    X("aof_pending_bio_fsync", aof_pending_bio_fsync)                                         \
    X("aof_delayed_fsync", aof_delayed_fsync)                                                 \
    X("total_connections_received", total_connections_received)                               \
    X("total_commands_processed", total_commands_processed)                                   \
    X("instantaneous_ops_per_sec", instantaneous_ops_per_sec)                                 \
    X("total_net_input_bytes", total_net_input_bytes)                                         \
    X("total_net_output_bytes", total_net_output_bytes)                                       \
    X("total_net_repl_input_bytes", total_net_repl_input_bytes)                               \
    X("total_net_repl_output_bytes", total_net_repl_output_bytes)                             \
    X("rejected_connections", rejected_connections)                                           \
    X("expired_keys", expired_keys)                                                           \
    X("expired_time_cap_reached_count", expired_time_cap_reached_count)                       \
    X("expire_cycle_cpu_milliseconds", expire_cycle_cpu_milliseconds)                         \
    X("evicted_keys", evicted_keys)                                                           \
    X("evicted_clients", evicted_clients)                                                     \
    X("evicted_scripts", evicted_scripts)                                                     \
    X("total_eviction_exceeded_time", total_eviction_exceeded_time)                           \
    X("current_eviction_exceeded_time", current_eviction_exceeded_time)                       \
    X("keyspace_hits", keyspace_hits)                                                         \
    X("keyspace_misses", keyspace_misses)                                                     \
    X("pubsub_channels", pubsub_channels)                                                     \
    X("pubsub_patterns", pubsub_patterns)                                                     \
    X("pubsubshard_channels", pubsubshard_channels)                                           \
    X("latest_fork_usec", latest_fork_usec)                                                   \
    X("total_forks", total_forks)                                                             \
    X("tracking_total_keys", tracking_total_keys)                                             \
    X("unexpected_error_replies", unexpected_error_replies)                                   \
    X("total_error_replies", total_error_replies)                                             \
    X("total_reads_processed", total_reads_processed)                                         \
    X("total_writes_processed", total_writes_processed)                                       \
    X("acl_access_denied_auth", acl_access_denied_auth)                                       \
    X("acl_access_denied_cmd", acl_access_denied_cmd)                                         \
    X("acl_access_denied_key", acl_access_denied_key)                                         \
    X("acl_access_denied_channel", acl_access_denied_channel)                                 \
    X("client_query_buffer_limit_disconnections", client_query_buffer_limit_disconnections)   \
    X("client_output_buffer_limit_disconnections", client_output_buffer_limit_disconnections) \
    X("sync_full", sync_full)                                                                 \
    X("sync_partial_ok", sync_partial_ok)                                                     \
    X("sync_partial_err", sync_partial_err)                                                   \
    X("connected_slaves", connected_slaves)                                                   \
    X("min_slaves_good_slaves", min_slaves_good_slaves)                                       \
    X("master_port", master_port)                                                             \
    X("master_last_io_seconds_ago", master_last_io_seconds_ago)                               \
    X("master_sync_in_progress", master_sync_in_progress)                                     \
    X("master_link_down_since_seconds", master_link_down_since_seconds)                       \
    X("master_repl_offset", master_repl_offset)                                               \
    X("slave_repl_offset", slave_repl_offset)                                                 \
    X("slave_read_repl_offset", slave_read_repl_offset)                                       \
    X("slave_priority", slave_priority)                                                       \
    X("slave_read_only", slave_read_only)                                                     \
    X("repl_backlog_active", repl_backlog_active)                                             \
    X("repl_backlog_size", repl_backlog_size)                                                 \
    X("repl_backlog_histlen", repl_backlog_histlen)                                           \
    X("cluster_enabled", cluster_enabled)                                                     \
    X("server_time_usec", server_time_usec)

/* seconds with a fraction in INFO; kept as whole microseconds: name in INFO, member */
#define INFO_MICROS_LIST(X)                                      \
    X("used_cpu_sys", used_cpu_sys_us)                           \
    X("used_cpu_user", used_cpu_user_us)                         \
    X("used_cpu_sys_children", used_cpu_sys_children_us)         \
    X("used_cpu_user_children", used_cpu_user_children_us)       \
    X("used_cpu_sys_main_thread", used_cpu_sys_main_thread_us)   \
    X("used_cpu_user_main_thread", used_cpu_user_main_thread_us)

/* reals; NAN unknown */
#define INFO_REAL_LIST(X)                                     \
    X("mem_fragmentation_ratio", mem_fragmentation_ratio)     \
    X("allocator_frag_ratio", allocator_frag_ratio)           \
    X("allocator_rss_ratio", allocator_rss_ratio)             \
    X("rss_overhead_ratio", rss_overhead_ratio)               \
    X("instantaneous_input_kbps", instantaneous_input_kbps)   \
    X("instantaneous_output_kbps", instantaneous_output_kbps) \
    X("expired_stale_perc", expired_stale_perc)               \
    X("current_fork_perc", current_fork_perc)
/* clang-format on */

struct info {
#define INFO_TEXT_MEMBER(name, member, size) char member[size];
    INFO_TEXT_LIST(INFO_TEXT_MEMBER)
#undef INFO_TEXT_MEMBER
#define INFO_NUMBER_MEMBER(name, member) int64_t member;
    INFO_NUMBER_LIST(INFO_NUMBER_MEMBER)
    INFO_MICROS_LIST(INFO_NUMBER_MEMBER)
#undef INFO_NUMBER_MEMBER
#define INFO_REAL_MEMBER(name, member) double member;
    INFO_REAL_LIST(INFO_REAL_MEMBER)
#undef INFO_REAL_MEMBER
    struct {
        int64_t keys, expires,
            avg_ttl_ms; /* INFO_UNKNOWN when the line is absent while the section is there: 0 keys */
    } db[INFO_DBS];
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
extern const struct info_number_row info_micros_rows[]; /* int64_t, as the numbers */
extern const size_t info_micros_count;
extern const struct info_number_row info_real_rows[]; /* double */
extern const size_t info_real_count;

void info_clear(struct info *i); /* all unknown */
/* Reads the text of INFO (any sections); fields that are absent stay as they are. Hostile or cut text is
 * fine. */
void info_decode(struct info *i, struct span text);
/* "12.345678" as 12345678, exactly; what is below a microsecond is cut off. False leaves *ret alone. */
bool info_micros(struct span text, int64_t *ret);

/* The lines of a master about its replicas ("slave0:ip=10.0.0.7,port=6379,state=online,offset=14,lag=1"). */
struct info_replica {
    struct span ip, port, state; /* borrowed from the text */
    int64_t offset, lag_s;       /* INFO_UNKNOWN */
};
/* The next one; *text is moved behind it. False: no more. */
bool info_replica_next(struct span *text, struct info_replica *ret);

/* Whether more than half of a database's keys went between two INFOs of one process, without having expired
 * or been evicted: FLUSHDB, FLUSHALL, or a deletion of that size. Of fewer than 20 keys nothing is said. */
bool info_most_keys_went(const struct info *was, const struct info *now, int db);

#endif
