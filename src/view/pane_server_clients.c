/* A face of the server pane: who is connected. */
#include "pane.h"
#include "server_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct client *of(const void *row)
{
    return row;
}

static enum role kind_role(enum client_kind kind)
{
    return kind == CLIENT_OWN       ? ROLE_DIM
           : kind == CLIENT_REPLICA ? ROLE_INFO
           : kind == CLIENT_MASTER  ? ROLE_INFO
           : kind == CLIENT_MONITOR ? ROLE_WARNING
                                    : ROLE_TEXT;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_INFO, of(row)->is_new ? S("+") : S(""));
}
static void write_kind(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, kind_role(of(row)->kind), span_of(client_kind_name[of(row)->kind]));
}
static void key_kind(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = client_kind_name[of(row)->kind];
}

#define TEXT_COLUMN(name, member, role)                                                                      \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        field_text(out, role, span_of(of(row)->member));                                                     \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->text = of(row)->member;                                                                         \
    }
TEXT_COLUMN(name, name, ROLE_TEXT)
TEXT_COLUMN(address, address, ROLE_DIM)
TEXT_COLUMN(command, command, ROLE_TEXT)
TEXT_COLUMN(user, user, ROLE_DIM)
TEXT_COLUMN(flags, flags, ROLE_DIM)

static double known(int64_t n)
{
    return n < 0 ? NAN : (double)n;
}

static void write_age(struct field *out, int64_t s)
{
    field_coarse(out, ROLE_TEXT, s < 0 || s > INT64_MAX / US_PER_S ? -1 : s * US_PER_S);
}
NUMBER_COLUMN(id, known(of(row)->id), field_text(out, ROLE_DIM, span_of(of(row)->number)))
NUMBER_COLUMN(old, known(of(row)->age_s), write_age(out, of(row)->age_s))
NUMBER_COLUMN(idle, known(of(row)->idle_s), write_age(out, of(row)->idle_s))
NUMBER_COLUMN(db, known(of(row)->db), field_count(out, ROLE_TEXT, of(row)->db))
NUMBER_COLUMN(memory, known(of(row)->memory), field_bytes(out, ROLE_TEXT, of(row)->memory))
NUMBER_COLUMN(output, known(of(row)->output),
              field_bytes(out, of(row)->output > 0 ? ROLE_WARNING : ROLE_DIM, of(row)->output))
NUMBER_COLUMN(subscriptions, known(of(row)->subscriptions),
              field_count(out, of(row)->subscriptions > 0 ? ROLE_TEXT : ROLE_DIM, of(row)->subscriptions))

static void write_queued(const struct look *look, const void *row, struct field *out)
{
    int64_t n = of(row)->queued;
    (void)look;
    if (n < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_count(out, ROLE_TEXT, n);
    }
}
static void key_queued(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)of(row)->queued;
}

#define MORE COLUMN_DESCENDING
static const struct column columns[] = {
    {"", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL, "+ it came since the reading before",
     VEIL_PLAIN},
    {"id", 6, 6, 9, ALIGN_RIGHT, 2, 0, write_id, key_id, "as CLIENT LIST and CLIENT KILL have it",
     VEIL_PLAIN},
    {"kind", 8, 8, 8, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_PLAIN, write_kind, key_kind,
     "normal, own (this console's), console (another one's), worker, pubsub, monitor, blocked, replica, "
     "master",
     VEIL_PLAIN},
    {"name", 8, 14, 30, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_PLAIN | COLUMN_GROWS, write_name, key_name,
     "what it calls itself: CLIENT SETNAME", VEIL_PAYLOAD},
    {"address", 12, 21, 40, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_PLAIN, write_address, key_address,
     "where it comes from", VEIL_ADDRESS},
    {"age", 5, 5, 5, ALIGN_RIGHT, 3, MORE, write_old, key_old, "since it connected", VEIL_PLAIN},
    {"idle", 5, 5, 5, ALIGN_RIGHT, 1, MORE, write_idle, key_idle, "since its last command", VEIL_PLAIN},
    {"db", 3, 3, 3, ALIGN_RIGHT, 4, 0, write_db, key_db, "database", VEIL_PLAIN},
    {"command", 8, 12, 20, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_PLAIN, write_command, key_command,
     "its last one", VEIL_PLAIN},
    {"memory", 7, 7, 7, ALIGN_RIGHT, 3, MORE, write_memory, key_memory, "all that is kept for it",
     VEIL_PLAIN},
    {"output", 7, 7, 7, ALIGN_RIGHT, 6, MORE, write_output, key_output,
     "what it has not read yet: a slow reader", VEIL_PLAIN},
    {"subs", 5, 5, 5, ALIGN_RIGHT, 5, MORE, write_subscriptions, key_subscriptions,
     "channels and patterns it listens to", VEIL_PLAIN},
    {"user", 7, 10, 16, ALIGN_LEFT, 7, COLUMN_MATCH | COLUMN_PLAIN, write_user, key_user, "its ACL user",
     VEIL_PERSON},
    {"multi", 6, 6, 6, ALIGN_RIGHT, 8, MORE, write_queued, key_queued, "commands queued in a transaction",
     VEIL_PLAIN},
    {"flags", 6, 6, 10, ALIGN_LEFT, 9, COLUMN_MATCH | COLUMN_PLAIN, write_flags, key_flags,
     "as CLIENT LIST has them", VEIL_PLAIN},
};
enum { COLUMN_MEMORY = 9 };

static const void *row_at(const struct model *m, size_t i)
{
    return model_client_at(m, i);
}

static const void *find(const struct model *m, struct span id)
{
    return model_client_find(m, id);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->number);
    return TARGET_CLIENT;
}

static void headline(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "clients %zu", model_client_count(look->m));
}

/* Who they are: by kind where it has a meaning, the rest by name or address. */
static void title(const struct look *look, struct segments *out)
{
    enum { GROUPS = 3, NAME = 24 };
    size_t of_kind[CLIENT_KIND_COUNT] = {0};
    const struct client_group *group;
    size_t groups = model_client_groups(look->m, &group);
    char text[TEXT_SMALL];
    char shown[VEIL_MAX];
    for (size_t i = 0; i < model_client_count(look->m); i++) {
        of_kind[model_client_at(look->m, i)->kind]++;
    }
    if (of_kind[CLIENT_MONITOR]) {
        segments_add(out, 2, ROLE_WARNING, "", "! %s",
                     text_plural((int64_t)of_kind[CLIENT_MONITOR], "MONITOR", "MONITORs", text, sizeof text));
    }
    if (of_kind[CLIENT_WORKER]) {
        segments_add(out, 3, ROLE_TEXT, "", "%s",
                     text_plural((int64_t)of_kind[CLIENT_WORKER], "worker connection", "worker connections",
                                 text, sizeof text));
    }
    for (size_t i = 0; i < groups && i < GROUPS && group[i].clients > 1; i++) {
        const char *name = look_text(look, VEIL_ADDRESS, group[i].name, shown);
        segments_add(out, 4 + (int)i, ROLE_DIM, "", "%zu by %.*s", group[i].clients, NAME, name);
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("CLIENT LIST was empty"));
}

const struct pane_ops pane_server_clients = {
    .name = "server",
    .one = "client",
    .many = "clients",
    .topic = TOPIC_CLIENTS,
    .topics = 1u << TOPIC_CLIENTS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .words = {"kind", client_kind_name, CLIENT_KIND_COUNT},
    .sort = COLUMN_MEMORY,
    .descending = true,
    .count = model_client_count,
    .row = row_at,
    .find = find,
    .identify = identify,
    .headline = headline,
    .title = title,
    .empty = empty,
};
