/* The page of a user: the sessions, and how they stand against the index by which 'log out everywhere' finds
 * them, with what follows from that and the way out. */
#include "page.h"
#include "session_words.h"
#include "texts.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

enum { SESSIONS_MOST = 200, STRAYS_MOST = 100 };

static const char *age_of(const struct look *look, int64_t wall_us, char *out, size_t size)
{
    int64_t us = wall_us < 0 ? -1 : look->wall_us > wall_us ? look->wall_us - wall_us : 0;
    return us < 0 ? "?" : text_age(us, out, size);
}

static void add_who(struct document *d, const struct look *look, const struct user_view *u)
{
    char text[3][TEXT_SMALL];
    char shown[2][VEIL_MAX];
    document_ownf(d, "user", ROLE_VALUE, "%s%s%s%s%s", look_text(look, VEIL_USER, u->user_id, shown[0]),
                  u->name[0] ? "  " : "", look_text(look, VEIL_PERSON, u->name, shown[1]),
                  u->role[0] ? ", " : "", u->role);
    if (u->email[0]) {
        document_own(d, "email", ROLE_VALUE, look_text(look, VEIL_MAIL, u->email, shown[0]));
    }
    if (!u->sessions) {
        document_own(d, "sessions", ROLE_VALUE, "none: this user is not logged in");
        return;
    }
    age_of(look, u->newest_us, text[0], TEXT_SMALL);
    age_of(look, u->oldest_us, text[1], TEXT_SMALL);
    age_of(look, u->seen_us, text[2], TEXT_SMALL);
    if (u->sessions == 1) {
        document_ownf(d, "sessions", ROLE_VALUE, "1, %s old, last used %s ago", text[0], text[2]);
    } else {
        document_ownf(d, "sessions", ROLE_VALUE, "%zu, newest %s old, oldest %s, last used %s ago",
                      u->sessions, text[0], text[1], text[2]);
    }
    if (u->recent) {
        document_ownf(d, "log-ins", ROLE_VALUE, "%zu in the last 10 minutes", u->recent);
    }
}

/* When the last of the sessions goes; INT64_MAX: one never does; -1: not known of any. */
static int64_t last_expiry(const struct look *look, const struct user_view *u)
{
    int64_t last = -1;
    for (const struct session *s = model_user_sessions(look->m, span_of(u->key), NULL); s;
         s = s->same_user_next) {
        int64_t at = s->expires_us == -1 ? INT64_MAX : s->expires_us == INT64_MAX ? -1 : s->expires_us;
        last = at > last ? at : last;
    }
    return last;
}

static void add_lasting(struct document *d, const struct look *look, const struct user_view *u)
{
    char index[TEXT_SMALL];
    char session[TEXT_SMALL];
    int64_t last = last_expiry(look, u);
    if (u->index_expires_us == -1) {
        document_own(d, " ", ROLE_VALUE, "it never expires: stale entries stay in it for ever");
    } else if (u->index_expires_us != INT64_MAX) {
        text_coarse(u->index_expires_us - look->now_us, index, sizeof index);
        if (last == INT64_MAX) {
            document_ownf(d, " ", ROLE_WARNING,
                          "it goes in %s while a session never expires: that one will be an orphan", index);
        } else if (last - look->now_us > 2 * (u->index_expires_us - look->now_us)) {
            document_ownf(d, " ", ROLE_WARNING,
                          "it goes in %s while a session lives %s: what is live then will be orphans", index,
                          text_coarse(last - look->now_us, session, sizeof session));
        } else {
            document_ownf(d, " ", ROLE_VALUE, "it lives %s; a log-in renews it, a request does not", index);
        }
    }
}

static void add_index(struct document *d, const struct look *look, const struct user_view *u)
{
    char age[TEXT_SMALL];
    char entries[TEXT_SMALL];
    switch (u->index) {
    case USER_INDEX_READ:
    case USER_INDEX_PARTLY:
        text_age(look->now_us - u->index_us, age, sizeof age);
        document_ownf(d, "index", ROLE_VALUE, "%s, read %s ago%s",
                      u->index_size < 0
                          ? "? entries"
                          : text_plural(u->index_size, "entry", "entries", entries, sizeof entries),
                      age,
                      u->index != USER_INDEX_PARTLY ? ""
                      : u->blind ? "; too large to be read whole: what is missing from it is not known"
                                 : "; too large to be read whole: not all of its stale entries are known");
        add_lasting(d, look, u);
        break;
    case USER_INDEX_ABSENT:
        document_own(d, "index", u->sessions ? ROLE_WARNING : ROLE_VALUE,
                     u->sessions ? "there is none: 'log out everywhere' finds nothing and ends nothing"
                                 : "there is none");
        break;
    case USER_INDEX_FAILED:
        if (u->wrong_type) {
            document_own(d, "index", ROLE_WARNING,
                         "! it is no set, but a key of another type: it cannot be read");
            document_own(d, " ", ROLE_WARNING, "'log out everywhere' fails for this user");
        } else {
            document_own(d, "index", ROLE_UNKNOWN, "? could not be read: what it names is not known");
        }
        break;
    default:
        document_own(d, "index", ROLE_UNKNOWN, "? not read yet");
        break;
    }
}

/* The id as a filter takes it for this user alone. */
static void add_way_out(struct document *d, const struct look *look, const struct user_view *u)
{
    char shown[VEIL_MAX];
    char what[2 * TEXT_SMALL + 8] = "";
    char part[TEXT_SMALL];
    if (u->orphans) {
        text_plural((int64_t)u->orphans, "orphan", "orphans", part, sizeof part);
        snprintf(what, sizeof what, "puts %s into the index", part);
    }
    if (u->stale) {
        text_plural((int64_t)u->stale, "stale entry", "stale entries", part, sizeof part);
        size_t used = strlen(what);
        snprintf(what + used, sizeof what - used, "%stakes %s out", used ? ", " : "", part);
    }
    bool quoted = strpbrk(u->user_id, " \"\\") != NULL;
    if (quoted) {
        document_ownf(d, "way out", ROLE_INFO, ":repair  %s", what); /* on this page it means this user */
    } else {
        document_ownf(d, "way out", ROLE_INFO, ":repair sessions user=%s  %s",
                      look_text(look, VEIL_USER, u->user_id, shown), what);
    }
}

static void add_strays(struct document *d, const struct look *look, const struct user_view *u)
{
    char text[TEXT_SMALL];
    if (u->orphans) {
        document_ownf(d, "orphans", ROLE_WARNING,
                      "! %s in no index: 'log out everywhere' misses %s, %s on until %s expires",
                      text_plural((int64_t)u->orphans, "session", "sessions", text, sizeof text),
                      u->orphans == 1 ? "it" : "them", u->orphans == 1 ? "it lives" : "they live",
                      u->orphans == 1 ? "it" : "each");
    }
    if (u->stale) {
        document_ownf(d, "stale", ROLE_WARNING, "%s%s whose session has ended: nobody removes %s",
                      u->index == USER_INDEX_PARTLY ? "at least " : "",
                      text_plural((int64_t)u->stale, "entry", "entries", text, sizeof text),
                      u->stale == 1 ? "it" : "them");
    }
    if (u->foreign) {
        document_ownf(d, "foreign", ROLE_WARNING,
                      "! %s another user's session: 'log out everywhere' of this user would end it",
                      text_plural((int64_t)u->foreign, "entry names", "entries name", text, sizeof text));
    }
    if (u->orphans || u->stale) {
        add_way_out(d, look, u);
    }
}

static const char *listing_words(enum session_listing listing)
{
    return listing == SESSION_ORPHAN ? "! orphan" : listing == SESSION_LISTED ? "listed" : "index ?";
}

static void add_session(struct document *d, const struct look *look, const struct session *s)
{
    char text[3][TEXT_SMALL];
    char shown[VEIL_MAX];
    int64_t left = s->expires_us - look->now_us;
    snprintf(text[0], TEXT_SMALL, "%s",
             s->expires_us == -1          ? "never expires"
             : s->expires_us == INT64_MAX ? "lives ?"
                                          : "lives ");
    if (s->expires_us != -1 && s->expires_us != INT64_MAX) {
        text_coarse(left > 0 ? left : 0, text[0] + strlen("lives "), TEXT_SMALL - strlen("lives "));
    }
    struct document_line *line = document_ownf(
        d, look_text(look, VEIL_SESSION, s->short_id, shown),
        s->listing == SESSION_ORPHAN ? ROLE_WARNING : ROLE_VALUE, "%s, created %s ago, used %s ago, %s",
        listing_words(s->listing), age_of(look, s->created_us, text[1], TEXT_SMALL),
        age_of(look, s->seen_us, text[2], TEXT_SMALL), text[0]);
    target_set(&line->link, TARGET_SESSION, span_make(s->id, s->id_len));
}

/* Orphans first: they are what one is here for; then the newest. */
static int by_need(const void *a, const void *b)
{
    const struct session *x = *(const struct session *const *)a;
    const struct session *y = *(const struct session *const *)b;
    bool orphan = x->listing == SESSION_ORPHAN;
    if (orphan != (y->listing == SESSION_ORPHAN)) {
        return orphan ? -1 : 1;
    }
    if (x->created_us != y->created_us) {
        return x->created_us > y->created_us ? -1 : 1;
    }
    return span_compare(span_make(x->id, x->id_len), span_make(y->id, y->id_len));
}

static void add_sessions(struct document *d, const struct look *look, const struct user_view *u)
{
    size_t count = 0;
    const struct session **row = mem_zalloc((u->sessions + 1) * sizeof(const struct session *));
    for (const struct session *s = model_user_sessions(look->m, span_of(u->key), NULL);
         s && count < u->sessions; s = s->same_user_next) {
        row[count++] = s;
    }
    qsort(row, count, sizeof(const struct session *), by_need); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0; i < count && i < SESSIONS_MOST; i++) {
        add_session(d, look, row[i]);
    }
    if (count > SESSIONS_MOST) {
        document_ownf(d, "", ROLE_DIM, "%zu more: / in the sessions pane finds them", count - SESSIONS_MOST);
    }
    mem_free(row);
}

struct stray_lines {
    struct document *d;
    const struct look *look;
    size_t shown;
};

static void add_stray(void *ctx, struct span id, bool foreign)
{
    struct stray_lines *s = ctx;
    char shown[16];
    char veiled[VEIL_MAX];
    if (s->shown++ >= STRAYS_MOST) {
        return;
    }
    char *head = utf8_sanitise_dup(span_head(id, 6), 6);
    snprintf(shown, sizeof shown, "%.12s~", head);
    mem_free(head);
    struct document_line *line =
        document_own(s->d, look_text(s->look, VEIL_SESSION, shown, veiled), foreign ? ROLE_WARNING : ROLE_DIM,
                     foreign ? "! entry of another user's session" : "stale entry: its session has ended");
    if (foreign) {
        target_set(&line->link, TARGET_SESSION, id);
    }
}

void page_head_user(struct document *d, const struct look *look, const struct target *subject)
{
    const struct user_view *u = model_user_find(look->m, target_id(subject));
    struct stray_lines strays = {d, look, 0};
    if (!u) {
        return;
    }
    add_who(d, look, u);
    add_index(d, look, u);
    add_strays(d, look, u);
    if (u->sessions || u->stale || u->foreign) {
        document_heading(d, "sessions, and entries of the index");
    }
    add_sessions(d, look, u);
    model_user_strays(look->m, span_of(u->key), add_stray, &strays);
    if (strays.shown > STRAYS_MOST) {
        document_ownf(d, "", ROLE_DIM, "%zu more entries of sessions that have ended, or of others",
                      strays.shown - STRAYS_MOST);
    }
}
