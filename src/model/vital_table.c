/* The server's signs of life, row by row. */
#include "vital_priv.h"

#include <stddef.h>

#define NAME(group, id, name, unit, help) VITAL_GROUP_##group, name, id "." name, unit, help
#define FIELD(member)                     offsetof(struct info, member)

/* clang-format off */
#define LEVEL(group, id, name, unit, member, help, ...)                                                      \
    {NAME(group, id, name, unit, help), .how = VITAL_LEVEL, .field = FIELD(member), __VA_ARGS__}
#define RATE(group, id, name, unit, member, help, ...)                                                       \
    {NAME(group, id, name, unit, help), .how = VITAL_RATE, .field = FIELD(member), __VA_ARGS__}
#define CORE(group, id, name, member, help, ...)                                                             \
    {NAME(group, id, name, "percent", help), .how = VITAL_CORE, .field = FIELD(member), __VA_ARGS__}
#define READ(group, id, name, unit, reader, help, ...)                                                       \
    {NAME(group, id, name, unit, help), .how = VITAL_READ, .read = vital_read_##reader, __VA_ARGS__}
#define NOTE(name) .note = vital_note_##name
#define TONE(name) .tone = vital_tone_##name
#define HAS(name) .has = vital_has_##name

const struct vital_kind vital_kinds[] = {
    LEVEL(MEMORY, "memory", "used", "bytes", used_memory, "all that Redis has allocated", NOTE(used)),
    READ(MEMORY, "memory", "of limit", "percent", of_limit, "used memory, of maxmemory",
         NOTE(of_limit), TONE(full), HAS(limit)),
    LEVEL(MEMORY, "memory", "dataset", "bytes", used_memory_dataset, "keys and values themselves", NOTE(of_used)),
    LEVEL(MEMORY, "memory", "overhead", "bytes", used_memory_overhead,
          "what is needed around them: tables, buffers, the start-up share", NOTE(of_used)),
    LEVEL(MEMORY, "memory", "start-up", "bytes", used_memory_startup, "what an empty server uses"),
    READ(MEMORY, "memory", "replication", "bytes", replication_memory, "backlog and buffers of replicas",
         NOTE(of_used), HAS(replication)),
    LEVEL(MEMORY, "memory", "client buffers", "bytes", mem_clients_normal,
          "what waits to be read and sent, of all clients", NOTE(of_used)),
    LEVEL(MEMORY, "memory", "AOF buffer", "bytes", mem_aof_buffer, "writes on their way to the append-only file",
          HAS(aof)),
    READ(MEMORY, "memory", "scripts", "bytes", scripts_memory, "Lua and functions"),
    LEVEL(MEMORY, "memory", "resident", "bytes", used_memory_rss, "what the system has given it", NOTE(resident)),
    READ(MEMORY, "memory", "fragmentation", "ratio", fragmentation, "resident memory, of used memory",
         NOTE(fragmentation), TONE(fragmentation)),
    LEVEL(MEMORY, "memory", "peak", "bytes", used_memory_peak, "the most it has ever used", NOTE(peak)),
    LEVEL(MEMORY, "memory", "system", "bytes", total_system_memory, "of the machine", NOTE(system), .no_past = true),

    CORE(CPU, "cpu", "main thread", used_cpu_sys_main_thread_us, "of one core: it runs every command, one by one",
         .also = FIELD(used_cpu_user_main_thread_us), NOTE(main_thread), TONE(core)),
    CORE(CPU, "cpu", "user", used_cpu_user_us, "of the whole process, of one core"),
    CORE(CPU, "cpu", "system", used_cpu_sys_us, "in the kernel: network, files"),
    CORE(CPU, "cpu", "forks", used_cpu_sys_children_us, "of its children that save and rewrite, when they end",
         .also = FIELD(used_cpu_user_children_us)),

    READ(LATENCY, "latency", "round trip", "s", round_trip, "of our own INFO, there and back", TONE(slow_trip)),
    READ(LATENCY, "latency", "median", "s", round_trip_p50, "of our round trips of the last five minutes",
         NOTE(round_trips)),
    READ(LATENCY, "latency", "p99", "s", round_trip_p99, "99 of 100 were faster", TONE(slow_trip)),
    READ(LATENCY, "latency", "slowest", "s", round_trip_max, "of the last five minutes"),

    READ(TRAFFIC, "traffic", "commands", "per_s", commands, "as Redis reports it", NOTE(commands)),
    RATE(TRAFFIC, "traffic", "in", "bytes_per_s", total_net_input_bytes, "bytes received"),
    RATE(TRAFFIC, "traffic", "out", "bytes_per_s", total_net_output_bytes, "bytes sent"),
    READ(TRAFFIC, "traffic", "hit rate", "percent", hit_rate, "of the last minute; our own reads are taken off",
         NOTE(hit_rate), HAS(lookups)),
    READ(TRAFFIC, "traffic", "evicted", "per_s", evicted, "keys thrown out for want of memory", NOTE(evicted),
         TONE(any)),
    READ(TRAFFIC, "traffic", "expired", "per_s", expired, "keys whose time was over"),
    RATE(TRAFFIC, "traffic", "errors", "per_s", total_error_replies, "error replies to all clients", NOTE(errors)),

    LEVEL(CLIENTS, "clients", "connected", "count", connected_clients, "connections now"),
    READ(CLIENTS, "clients", "of maxclients", "percent", of_maxclients, "connections, of the most there may be",
         NOTE(of_maxclients), TONE(connected)),
    RATE(CLIENTS, "clients", "new", "per_s", total_connections_received, "connections made"),
    LEVEL(CLIENTS, "clients", "blocked", "count", blocked_clients, "clients that wait in BLPOP, BRPOP and the like",
          NOTE(blocked)),
    LEVEL(CLIENTS, "clients", "rejected", "count", rejected_connections,
          "connections refused for maxclients, since it was started", NOTE(rejected), TONE(rejected)),
    LEVEL(CLIENTS, "clients", "largest input", "bytes", client_recent_max_input_buffer,
          "the largest query buffer of late"),
    LEVEL(CLIENTS, "clients", "largest output", "bytes", client_recent_max_output_buffer,
          "the largest output buffer of late: who reads too slowly"),

    LEVEL(KEYS, "keys", "db0", "count", db[0].keys, "keys of database 0", NOTE(db), HAS(db0)),
    LEVEL(KEYS, "keys", "db1", "count", db[1].keys, "keys of database 1", NOTE(db), HAS(db1)),
    LEVEL(KEYS, "keys", "db2", "count", db[2].keys, "keys of database 2", NOTE(db), HAS(db2)),
    LEVEL(KEYS, "keys", "db3", "count", db[3].keys, "keys of database 3", NOTE(db), HAS(db3)),

    READ(PERSISTENCE, "persistence", "last save", "s", save_age, "since the last good snapshot", NOTE(save), TONE(save),
         HAS(saves), .no_past = true),
    LEVEL(PERSISTENCE, "persistence", "changes since", "count", rdb_changes_since_last_save,
          "writes that only memory has, if there is no append-only file", NOTE(changes)),
    LEVEL(PERSISTENCE, "persistence", "last fork", "s", latest_fork_usec, "how long Redis stood still for it",
          .scale = 1e-6, NOTE(fork), TONE(fork)),
    LEVEL(PERSISTENCE, "persistence", "copied", "bytes", rdb_last_cow_size,
          "memory that the last snapshot needed on top (copy on write)", NOTE(cow)),
    READ(PERSISTENCE, "persistence", "append-only", "bool", append_only, "the append-only file", NOTE(append_only),
         TONE(aof), .no_past = true),
    LEVEL(PERSISTENCE, "persistence", "AOF size", "bytes", aof_current_size, "of the append-only file", NOTE(aof_size),
          HAS(aof)),
    RATE(PERSISTENCE, "persistence", "AOF growth", "bytes_per_s", aof_current_size, "of the append-only file", HAS(aof)),
    READ(PERSISTENCE, "persistence", "AOF over base", "percent", aof_since_base,
         "how much it grew since the last rewrite", HAS(aof)),
    LEVEL(PERSISTENCE, "persistence", "delayed fsyncs", "count", aof_delayed_fsync,
          "writes that had to wait for the disk, since it was started", NOTE(delayed), TONE(delayed), HAS(aof)),

    READ(REPLICATION, "replication", "master", "bool", is_master, "whether it takes writes of its own", NOTE(role),
         .no_past = true),
    LEVEL(REPLICATION, "replication", "replicas", "count", connected_slaves, "connected to it", NOTE(replicas),
          HAS(replicas)),
    READ(REPLICATION, "replication", "largest lag", "s", replica_lag, "since a replica last answered", TONE(lag),
         HAS(replicas)),
    READ(REPLICATION, "replication", "behind", "bytes", replica_behind, "what a replica has not taken yet",
         NOTE(behind), HAS(replicas)),
    READ(REPLICATION, "replication", "link up", "bool", link_up, "the connection to its master", NOTE(link), TONE(link),
         HAS(master), .no_past = true),
    LEVEL(REPLICATION, "replication", "last word", "s", master_last_io_seconds_ago, "since its master last said a word",
          HAS(master)),
};
/* clang-format on */
const size_t vital_kind_count = sizeof vital_kinds / sizeof vital_kinds[0];
