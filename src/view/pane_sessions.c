/* The sessions pane: who is logged in. Ids are bearer tokens: only the model's short form is ever written. */
#include "pane.h"
#include "session_words.h"
#include "texts.h"

#include <math.h>

#include "redai/base/clock.h"

static const char *const form_words[SESSION_FORM_COUNT] = {
    [SESSION_FORM_OK] = "",
    [SESSION_FORM_NOT_JSON] = "! not JSON",
    [SESSION_FORM_NOT_OBJECT] = "! no JSON object",
    [SESSION_FORM_TRUNCATED] = "! cut short",
    [SESSION_FORM_WRONG_TYPE] = "! wrong type",
};

static const struct session *of(const void *row)
{
    return row;
}

static void write_user(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->user_id));
}
static void key_user(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->user_id;
}

static void write_name(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    if (of(row)->form != SESSION_FORM_OK) {
        field_text(out, ROLE_WARNING, span_of(form_words[of(row)->form]));
        field_own(out);
    } else {
        field_text(out, ROLE_TEXT, span_of(of(row)->name));
    }
}
static void key_name(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->form != SESSION_FORM_OK ? form_words[of(row)->form] : of(row)->name;
}

static void write_email(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(of(row)->email));
}
static void key_email(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->email;
}

static void write_role(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->role));
}
static void key_role(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->role;
}

static void write_session(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(of(row)->short_id));
}
static void key_session(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->short_id;
}

static void write_seen(const struct look *look, const void *row, struct field *out)
{
    session_since_write(look, of(row)->seen_us, out);
}
static void key_seen(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = session_since(look, of(row)->seen_us);
}

static void write_created(const struct look *look, const void *row, struct field *out)
{
    session_since_write(look, of(row)->created_us, out);
}
static void key_created(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = session_since(look, of(row)->created_us);
}

static void write_left(const struct look *look, const void *row, struct field *out)
{
    int64_t expires = of(row)->expires_us;
    if (expires == -1) {
        field_text(out, ROLE_WARNING, S("!none"));
    } else if (expires == INT64_MAX) {
        field_unknown(out);
    } else {
        int64_t left = expires - look->now_us;
        field_coarse(out, ROLE_TEXT, left > 0 ? left : 0);
    }
}
static void key_left(const struct look *look, const void *row, struct sort_key *out)
{
    int64_t expires = of(row)->expires_us;
    out->number = expires == INT64_MAX ? NAN
                  : expires == -1      ? INFINITY
                                       : (double)(expires - look->now_us) / (double)US_PER_S;
}

static void write_index(const struct look *look, const void *row, struct field *out)
{
    enum session_listing listing = of(row)->listing;
    (void)look;
    if (listing == SESSION_LISTING_UNKNOWN) {
        field_unknown(out);
    } else if (listing == SESSION_ORPHAN) {
        field_text(out, ROLE_WARNING, S("!orphan"));
    } else {
        field_text(out, ROLE_DIM, span_of(session_listing_word(listing)));
    }
}
static void key_index(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = session_listing_word(of(row)->listing);
}

static const struct column columns[] = {
    {"user", 5, 6, 12, ALIGN_LEFT, 1, COLUMN_MATCH, write_user, key_user, "user id as the session has it",
     VEIL_USER},
    {"name", 9, 18, 28, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, write_name, key_name,
     "name; \"! not JSON\" and the like when the value cannot be read", VEIL_PERSON},
    {"email", 14, 26, 40, ALIGN_LEFT, 5, COLUMN_MATCH | COLUMN_GROWS, write_email, key_email, "email address",
     VEIL_MAIL},
    {"role", 7, 8, 14, ALIGN_LEFT, 2, COLUMN_MATCH, write_role, key_role, "role", VEIL_PLAIN},
    {"session", 8, 8, 8, ALIGN_LEFT, 6, COLUMN_MATCH, write_session, key_session,
     "first letters of the session id; the whole of it is a bearer token", VEIL_SESSION},
    {"index", 7, 7, 7, ALIGN_LEFT, 3, COLUMN_PLAIN, write_index, key_index,
     "listed: the index of its user names it; orphan: it does not, and 'log out everywhere' misses it; "
     "nobody: it names no user; \"?\": the index was not read",
     VEIL_PLAIN},
    {"seen", 5, 5, 5, ALIGN_RIGHT, 4, 0, write_seen, key_seen,
     "since its last use, as the time to live tells it (reading it changes nothing); the filter also knows "
     "it as idle",
     VEIL_PLAIN},
    {"left", 5, 5, 5, ALIGN_RIGHT, 3, 0, write_left, key_left, "time to live; \"!none\": it never expires",
     VEIL_PLAIN},
    {"age", 4, 4, 4, ALIGN_RIGHT, 2, 0, write_created, key_created, "since it was created", VEIL_PLAIN},
};
enum { COLUMN_AGE = 8 };

static size_t count(const struct model *m)
{
    return model_session_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_session_at(m, i);
}

static const void *find(const struct model *m, struct span id)
{
    return model_session_find(m, id);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_make(of(row)->id, of(row)->id_len);
    return TARGET_SESSION;
}

static void title(const struct look *look, struct segments *out)
{
    const struct role_total *roles = NULL;
    char users[TEXT_SMALL];
    size_t n = model_role_totals(look->m, &roles);
    pane_title_walk(look, out);
    pane_title_strays(look, out);
    if (model_session_count(look->m) == 0) {
        return;
    }
    segments_add(out, 2, ROLE_DIM, "", "%s",
                 text_plural((int64_t)model_user_count(look->m), "user", "users", users, sizeof users));
    /* Each role is a piece of its own, so that a narrow title keeps the largest ones. */
    for (size_t i = 0; i < n && i < 6; i++) {
        segments_add(out, 3 + (int)i, ROLE_DIM, "", "%.20s %zu", roles[i].role[0] ? roles[i].role : "no role",
                     roles[i].sessions);
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("no sessions: nobody is logged in"));
}

const struct pane_ops pane_sessions = {
    .name = "sessions",
    .one = "session",
    .many = "sessions",
    .topic = TOPIC_SESSIONS,
    .topics = 1u << TOPIC_SESSIONS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = COLUMN_AGE,
    .count = count,
    .row = row_at,
    .find = find,
    .identify = identify,
    .title = title,
    .empty = empty,
};
