/* client: connections to the server (CLIENT LIST), as they were at the last reading. */
#ifndef REDAI_MODEL_CLIENT_H
#define REDAI_MODEL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redai/base/span.h"

#include "redai/schema/client_list.h"

struct model;

#define CLIENTS_MAX 5000 /* rows kept; the rest is counted */

struct client {
    int64_t id;
    char number[24];                               /* the same as text */
    char *address, *name, *user, *command, *flags; /* display; "" absent */
    enum client_kind kind;
    int64_t db, age_s, idle_s; /* -1 unknown */
    int64_t subscriptions;     /* channels, patterns and shards; -1 */
    int64_t memory, output;    /* tot-mem; output buffer (omem + obl); -1 */
    int64_t queued;            /* commands queued in a MULTI; -1: none */
    bool is_new;               /* came since the reading before */
};
size_t model_client_count(const struct model *m);
const struct client *model_client_at(const struct model *m, size_t i);
const struct client *model_client_find(const struct model *m, struct span id); /* its id as text */
int64_t model_clients_read_us(const struct model *m);                          /* monotonic; -1 never */
/* Those left out at the last reading: beyond CLIENTS_MAX, or not told. */
size_t model_clients_cut(const struct model *m);
/* By address without the port, or by name: how many there are of each; for the title and the doctor. */
struct client_group {
    char *name; /* display */
    size_t clients;
    int64_t memory;
};
size_t model_client_groups(const struct model *m, const struct client_group **ret_rows); /* largest first */

#endif
