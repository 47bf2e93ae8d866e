#include "user_story.h"

#include <stdio.h>

const struct user_view *user_story_of(const struct story *s, const char *id)
{
    const struct user_view *u = model_user_find(s->m, span_of(id));
    if (!u) {
        fail_msg("no user %s", id);
    }
    return u;
}

enum session_listing user_story_listing(const struct story *s, const char *id)
{
    const struct session *row = model_session_find(s->m, span_of(id));
    if (!row) {
        fail_msg("no session %s", id);
    }
    return row->listing;
}

/* A set is read: its members are separated by blanks; "" there is none. */
void user_story_set(struct story *s, const char *user_id, const char *members)
{
    char text[400];
    int count = 0;
    story_tell(s, "user_index phase=begin user_id=%s", user_id);
    snprintf(text, sizeof(text), "%s", members);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        story_tell(s, "user_index phase=member user_id=%s id=%s", user_id, word);
        count++;
    }
    if (count == 0) {
        story_tell(s, "user_index phase=gone user_id=%s", user_id);
    } else {
        story_tell(s, "user_index phase=end user_id=%s size=%d pttl_ms=86400000", user_id, count);
    }
}

struct found {
    char text[400];
};

static void add_stray(void *ctx, struct span id, bool foreign)
{
    struct found *f = ctx;
    size_t len = strlen(f->text);
    snprintf(f->text + len, sizeof(f->text) - len, "%s%.*s%s", len ? " " : "", (int)id.len, id.data,
             foreign ? "!" : "");
}

void assert_strays(const struct story *s, const char *user_id, const char *expected)
{
    struct found f = {""};
    model_user_strays(s->m, span_of(user_id), add_stray, &f);
    assert_string_equal(f.text, expected);
}

/* Every count can be had by counting. */
void assert_sound(const struct story *s)
{
    size_t orphans = 0, stale = 0, foreign = 0, unread = 0, partly = 0, blind = 0, unreadable = 0,
           sessions = 0, with = 0;
    for (size_t i = 0; i < model_user_rows(s->m); i++) {
        const struct user_view *u = model_user_at(s->m, i);
        size_t of_user = 0, missing = 0;
        struct found f = {""};
        const struct session *first = model_user_sessions(s->m, span_of(u->key), &of_user);
        assert_int_equal(of_user, u->sessions);
        for (; first; first = first->same_user_next) {
            missing += first->listing == SESSION_ORPHAN;
            assert_string_equal(first->user_key, u->key);
        }
        assert_int_equal(missing, u->orphans);
        model_user_strays(s->m, span_of(u->key), add_stray, &f);
        size_t strays = f.text[0] != '\0';
        size_t marked = 0;
        for (const char *p = f.text; *p; p++) {
            strays += *p == ' ';
            marked += *p == '!';
        }
        assert_int_equal(strays, u->stale + u->foreign);
        assert_int_equal(marked, u->foreign);
        assert_ptr_equal(model_user_find(s->m, span_of(u->key)), u);
        struct user_index_view index;
        assert_true(model_user_index(s->m, span_of(u->key), &index));
        assert_int_equal(index.state, u->index);
        assert_int_equal(index.read_us, u->index_us);
        assert_int_equal(index.unsure, u->unsure);
        assert_int_equal(index.amiss, u->orphans + u->stale + u->foreign > 0);
        orphans += u->orphans;
        stale += u->stale;
        foreign += u->foreign;
        sessions += u->sessions;
        with += u->sessions > 0;
        unread += u->index == USER_INDEX_UNREAD || (u->index == USER_INDEX_FAILED && !u->wrong_type);
        partly += u->index == USER_INDEX_PARTLY;
        blind += u->blind;
        unreadable += u->wrong_type;
    }
    const struct session_index_view *v = model_session_index(s->m);
    assert_int_equal(v->orphans, orphans);
    assert_int_equal(v->stale, stale);
    assert_int_equal(v->foreign, foreign);
    assert_int_equal(v->unread, unread);
    assert_int_equal(v->partly, partly);
    assert_int_equal(v->blind, blind);
    assert_int_equal(v->unreadable, unreadable);
    assert_int_equal(model_user_count(s->m), with);
    for (size_t i = 0; i < model_session_count(s->m); i++) {
        const struct session *row = model_session_at(s->m, i);
        assert_true((row->listing == SESSION_NOBODYS) == (row->user_key[0] == '\0'));
        sessions -= row->user_key[0] != '\0';
    }
    assert_int_equal(sessions, 0);
}
