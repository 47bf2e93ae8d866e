/* The other face of the sessions pane: users, their sessions counted, and how these stand against the user's
 * index, by which 'log out everywhere' finds them. */
#include "pane.h"
#include "session_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct user_view *of(const void *row)
{
    return row;
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
TEXT_COLUMN(user, user_id, ROLE_TEXT)
TEXT_COLUMN(name, name, ROLE_TEXT)
TEXT_COLUMN(role, role, ROLE_TEXT)

static void write_sessions(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, ROLE_VALUE, (int64_t)of(row)->sessions);
}
static void key_sessions(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)of(row)->sessions;
}

static void write_logins(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, of(row)->recent ? ROLE_TEXT : ROLE_DIM, (int64_t)of(row)->recent);
}
static void key_logins(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)of(row)->recent;
}

/* What an index that was not read would say is not known: that is no 0. */
static double strays(const struct user_view *u, size_t n, bool of_whole)
{
    bool asked = of_whole && u->index == USER_INDEX_PARTLY && !u->blind;
    bool read = u->index == USER_INDEX_READ || u->index == USER_INDEX_ABSENT || asked;
    bool partly = u->index == USER_INDEX_PARTLY && !of_whole;
    return (read && !u->unsure) || (n > 0 && (read || partly)) ? (double)n : NAN;
}

#define STRAY_COLUMN(name, member, of_whole)                                                                 \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        double n = strays(of(row), of(row)->member, of_whole);                                               \
        (void)look;                                                                                          \
        if (isnan(n)) {                                                                                      \
            field_unknown(out);                                                                              \
        } else {                                                                                             \
            field_count(out, n > 0 ? ROLE_WARNING : ROLE_DIM, (int64_t)n);                                   \
        }                                                                                                    \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->number = strays(of(row), of(row)->member, of_whole);                                            \
    }
STRAY_COLUMN(orphans, orphans, true)
STRAY_COLUMN(stale, stale, false)
STRAY_COLUMN(foreign, foreign, false)

#define SINCE_COLUMN(name, member)                                                                           \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        session_since_write(look, of(row)->member, out);                                                     \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        out->number = session_since(look, of(row)->member);                                                  \
    }
SINCE_COLUMN(newest, newest_us)
SINCE_COLUMN(oldest, oldest_us)
SINCE_COLUMN(seen, seen_us)

static void write_index(const struct look *look, const void *row, struct field *out)
{
    const struct user_view *u = of(row);
    int64_t left = u->index_expires_us - look->now_us;
    if (u->index == USER_INDEX_ABSENT) {
        field_text(out, u->sessions ? ROLE_WARNING : ROLE_DIM, u->sessions ? S("!absent") : S("absent"));
    } else if (u->index == USER_INDEX_PARTLY) {
        field_text(out, ROLE_DIM, S("partly"));
    } else if (u->wrong_type) {
        field_text(out, ROLE_WARNING, S("!no set"));
    } else if (u->index != USER_INDEX_READ || u->index_expires_us == INT64_MAX) {
        field_unknown(out);
    } else if (u->index_expires_us == -1) {
        field_text(out, ROLE_WARNING, S("!none"));
    } else {
        field_coarse(out, ROLE_TEXT, left > 0 ? left : 0);
    }
}
static void key_index(const struct look *look, const void *row, struct sort_key *out)
{
    const struct user_view *u = of(row);
    bool unknown = u->index != USER_INDEX_READ || u->index_expires_us == INT64_MAX;
    out->number = u->index == USER_INDEX_ABSENT ? 0
                  : unknown                     ? NAN
                  : u->index_expires_us == -1
                      ? INFINITY
                      : (double)(u->index_expires_us - look->now_us) / (double)US_PER_S;
}

#define MORE COLUMN_DESCENDING
static const struct column columns[] = {
    {"user", 5, 6, 12, ALIGN_LEFT, 1, COLUMN_MATCH, write_user, key_user, "user id as the sessions have it",
     VEIL_USER},
    {"name", 9, 18, 28, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_GROWS, write_name, key_name,
     "name in the newest session", VEIL_PERSON},
    {"role", 7, 8, 14, ALIGN_LEFT, 5, COLUMN_MATCH, write_role, key_role, "role in the newest session",
     VEIL_PLAIN},
    {"sessions", 9, 9, 9, ALIGN_RIGHT, 1, MORE, write_sessions, key_sessions, "live sessions", VEIL_PLAIN},
    {"orphans", 8, 8, 8, ALIGN_RIGHT, 1, MORE, write_orphans, key_orphans,
     "of these, in no index: 'log out everywhere' misses them", VEIL_PLAIN},
    {"stale", 6, 6, 6, ALIGN_RIGHT, 2, MORE, write_stale, key_stale,
     "entries of the index whose session has ended: nobody removes them", VEIL_PLAIN},
    {"foreign", 8, 8, 8, ALIGN_RIGHT, 7, MORE, write_foreign, key_foreign,
     "entries that name another user's session: 'log out everywhere' would end it", VEIL_PLAIN},
    {"newest", 7, 7, 7, ALIGN_RIGHT, 5, 0, write_newest, key_newest, "since the newest session was created",
     VEIL_PLAIN},
    {"oldest", 7, 7, 7, ALIGN_RIGHT, 6, 0, write_oldest, key_oldest, "since the oldest session was created",
     VEIL_PLAIN},
    {"seen", 5, 5, 5, ALIGN_RIGHT, 4, 0, write_seen, key_seen, "since any of them was last used", VEIL_PLAIN},
    {"index", 7, 7, 7, ALIGN_RIGHT, 3, 0, write_index, key_index,
     "time to live of the index; \"!absent\": there is none; \"!none\": it never expires; \"partly\": too "
     "large to be read whole; \"!no set\": a key of another type, 'log out everywhere' fails; \"?\": not "
     "read",
     VEIL_PLAIN},
    {"logins", 7, 7, 7, ALIGN_RIGHT, 6, MORE, write_logins, key_logins, "log-ins in the last 10 minutes",
     VEIL_PLAIN},
};
enum { COLUMN_SESSIONS = 3 };

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->key);
    return TARGET_USER;
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_user_at(m, i);
}

static const void *find(const struct model *m, struct span id)
{
    return model_user_find(m, id);
}

static void headline(const struct look *look, char *out, size_t size)
{
    char users[TEXT_SMALL];
    human_count((int64_t)model_user_rows(look->m), users, sizeof users);
    snprintf(out, size, "by user %s", users);
}

static void title(const struct look *look, struct segments *out)
{
    char text[TEXT_SMALL];
    pane_title_walk(look, out);
    pane_title_strays(look, out);
    segments_add(
        out, 3, ROLE_DIM, "", "%s",
        text_plural((int64_t)model_session_count(look->m), "session", "sessions", text, sizeof text));
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("no users: nobody is logged in"));
}

const struct pane_ops pane_sessions_by_user = {
    .name = "sessions",
    .one = "user",
    .many = "users",
    .topic = TOPIC_SESSIONS,
    .topics = 1u << TOPIC_SESSIONS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = COLUMN_SESSIONS,
    .descending = true,
    .count = model_user_rows,
    .row = row_at,
    .find = find,
    .identify = identify,
    .headline = headline,
    .title = title,
    .empty = empty,
};
