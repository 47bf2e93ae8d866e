/* client_list: the lines of CLIENT LIST (Redis 6.0 to 7.4; fields by name, unknown ones are passed over), and
 * what kind of client a line speaks of. Pure bytes in, spans of them out. */
#ifndef REDAI_SCHEMA_CLIENT_LIST_H
#define REDAI_SCHEMA_CLIENT_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "redai/base/span.h"

enum client_kind {
    CLIENT_NORMAL,
    CLIENT_OWN,     /* this program's: only the caller knows */
    CLIENT_CONSOLE, /* another redai-console's, by its name */
    CLIENT_WORKER,  /* it waits for tasks (BRPOP) or listens to Celery's channels: a worker's, or Flower's */
    CLIENT_PUBSUB,
    CLIENT_MONITOR,
    CLIENT_BLOCKED, /* it waits in another blocking command */
    CLIENT_REPLICA,
    CLIENT_MASTER,
    CLIENT_KIND_COUNT
};
extern const char *const client_kind_name[CLIENT_KIND_COUNT];

struct client_line {
    int64_t id;                                           /* -1 absent, as all numbers */
    struct span address, name, user, command, flags, lib; /* empty absent; raw */
    int64_t fd, db, age_s, idle_s, channels, patterns, shard_channels;
    int64_t queued; /* commands in a MULTI; -1: none */
    int64_t output; /* oll is not in it: obl + omem, bytes */
    int64_t memory; /* tot-mem */
};
/* False: the line is none of CLIENT LIST's (no id). */
bool client_line_read(struct client_line *ret, struct span line);
/* Takes the next line off text (its rest is left); false at the end. */
bool client_list_next(struct span *text, struct client_line *ret);
/* By what the line says alone. A client that listens by pattern is taken for a worker: the line does not name
 * the channels. */
enum client_kind client_line_kind(const struct client_line *c);
/* Of the setting client-output-buffer-limit, "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432
 * 8388608 60": beyond how many bytes a client of that kind is cut off at once, and after a while (0: never).
 * False: it says nothing of the kind. */
bool client_output_limit(struct span text, struct span kind, int64_t *ret_hard, int64_t *ret_soft);
#define CLIENT_CONSOLE_NAME "redai-console:" /* how our connections call themselves */

#endif
