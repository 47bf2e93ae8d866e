/* peek_session: one session in full, and a user's index of sessions. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/human.h"

#include "redai/schema/session_value.h"

static void send_or_free(struct peek_ask *a, bool sent)
{
    if (!sent) {
        peek_ask_free(a);
    }
}

/* --- the user's index --- */

static void on_members(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    const struct reply *members = reply_at(r, 1);
    if (r) {
        collect_tally_key(c, OWN_USER_KEY, reply_count(members) > 0);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    struct span self = c->peek.subject.kind == TARGET_SESSION ? target_id(&c->peek.subject) : S("");
    bool listed = false;
    char label[64], shown[16];
    for (size_t i = 0; i < reply_count(members); i++) {
        struct span id = reply_text(reply_at(members, i));
        if (span_equal(id, self)) {
            listed = true;
            continue;
        }
        snprintf(shown, sizeof shown, "%.*s~", (int)span_head(id, 6).len, id.data);
        snprintf(label, sizeof label, "also in the index");
        peek_line(c, span_of(label), span_of(shown), TARGET_SESSION, id)->veil = VEIL_SESSION;
    }
    if (reply_is_error(r)) {
        peek_line(c, S("user's index"), reply_error(r), TARGET_NONE, S(""));
    } else if (self.len) {
        peek_say(c, "user's index", "%s",
                 listed ? "lists this session"
                        : "does NOT list this session: 'log out everywhere' would miss it");
    }
    bool more = reply_count(r) == 2 && !span_equal(reply_text(reply_at(r, 0)), S("0"));
    peek_end(c, more ? "the index holds more than is shown" : "");
    peek_ask_free(a);
}

static void ask_members(struct peek_ask *a, struct span user_id)
{
    UT_string key;
    utstring_init(&key);
    text_add(&key, S("user:"));
    text_add(&key, user_id);
    text_add(&key, S(":sessions"));
    send_or_free(a, link_command(a->c->poll, on_members, a, S("SSCAN"), text_span(&key), S("0"), S("COUNT"),
                                 S("200")));
    utstring_done(&key);
}

void peek_user(struct collect *c, struct span id)
{
    peek_name(c, "user", id, VEIL_USER);
    index_mark(c, id, true); /* somebody looks: who takes entries off a set is not heard */
    ask_members(peek_ask_new(c, id), id);
}

/* --- the session --- */

static void on_ttl(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    char shown[24];
    int64_t pttl;
    a->number = -3;
    if (reply_int(r, &pttl)) {
        a->number = pttl;
        collect_tally_key(a->c, OWN_SESSION_KEY, pttl != -2);
        if (peek_ask_live(a)) {
            peek_say(a->c, "TTL left", "%s",
                     pttl == -1 ? "none: it never ends"
                     : pttl < 0 ? "gone"
                                : human_duration(pttl * US_PER_MS, shown, sizeof shown));
        }
    }
}

static void on_value(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    if (r) {
        collect_tally_key(c, OWN_SESSION_KEY, a->number != -2);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    struct span json;
    if (a->number == -2 || !reply_string(r, &json)) {
        peek_end(c, a->number == -2 ? "this session is gone" : "");
        if (reply_is_error(r)) {
            peek_line(c, S("value"), reply_error(r), TARGET_NONE, S(""));
            peek_end(c, "");
        }
        peek_ask_free(a);
        return;
    }
    peek_say(c, "value", "%zu bytes%s", json.len, json.len >= 65536 ? " or more" : "");
    peek_json(c, json);
    peek_say(c, "", "%s", "");
    struct session_value v;
    session_value_decode(&v, json);
    if (v.user_id) {
        ask_members(a, span_of(v.user_id));
    } else {
        peek_end(c, "no user_id: it is in nobody's index");
        peek_ask_free(a);
    }
    session_value_release(&v);
}

void peek_session(struct collect *c, struct span id)
{
    UT_string key;
    utstring_init(&key);
    text_add(&key, S("session:"));
    text_add(&key, id);
    struct peek_ask *a = peek_ask_new(c, text_span(&key));
    if (!link_command(c->poll, on_ttl, a, S("PTTL"), text_span(&key)) ||
        !link_command(c->poll, on_value, a, S("GETRANGE"), text_span(&key), S("0"), S("65535"))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}
