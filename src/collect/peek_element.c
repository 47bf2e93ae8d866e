/* peek_element: one message, found where it is and shown with what a worker would do with it. Its body is
 * never unpickled or unpacked: what is no plain JSON is named. */
#include "peek_key.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/isotime.h"

#include "redai/schema/message_ref.h"
#include "redai/schema/unacked.h"

enum { LOOK_WINDOW = 200, LOOK_BYTES = 4 * 1024 * 1024, ELEMENT_MAX = 4 * 1024 * 1024, RAW_MAX = 4000 };
enum { HEX_MAX = 256 };

void peek_element_fate(const struct message *m, UT_string *out)
{
    static const char *const fate[MESSAGE_FATE_COUNT] = {
        [MESSAGE_FINE] = "",
        [MESSAGE_DROPPED] = "a worker will discard it: ",
        [MESSAGE_KILLS_LOST] = "POISON, a worker exits on it: ",
        [MESSAGE_KILLS_AGAIN] = "POISON, every worker exits on it: ",
    };
    if (m->fate != MESSAGE_FINE) {
        utstring_printf(out, "%s%s", fate[m->fate], m->reason ? m->reason : "");
    }
}

static void text_row(struct collect *c, const char *label, const char *text, enum target_kind link)
{
    if (text && text[0]) {
        peek_line(c, span_of(label), span_of(text), link, link == TARGET_NONE ? S("") : span_of(text))->veil =
            VEIL_PLAIN;
    }
}

static void show_route(struct collect *c, const struct message *m)
{
    text_row(c, "name", m->task, TARGET_NONE);
    text_row(c, "id", m->id, TARGET_TASK);
    text_row(c, "queue", m->queue, TARGET_QUEUE);
    text_row(c, "root", m->root_id && m->id && strcmp(m->root_id, m->id) != 0 ? m->root_id : NULL,
             TARGET_TASK);
    text_row(c, "parent", m->parent_id, TARGET_TASK);
    text_row(c, "group", m->group, TARGET_NONE);
    if (m->origin && m->origin[0]) {
        peek_name(c, "sent by", span_of(m->origin), VEIL_NODE);
    }
    text_row(c, "not before", m->eta, TARGET_NONE);
    text_row(c, "expires", m->expires, TARGET_NONE);
    if (m->retries > 0) {
        peek_say(c, "retries", "%" PRId64, m->retries);
    }
    if (m->priority > 0) {
        peek_say(c, "priority", "%" PRId64, m->priority);
    }
    if (m->chain_rest > 0) {
        peek_say(c, "chain", "%" PRId64 " more behind it", m->chain_rest);
    }
    if (m->has_chord || m->has_callbacks || m->has_errbacks) {
        peek_say(c, "then", "%s%s%s", m->has_chord ? "part of a chord  " : "",
                 m->has_callbacks ? "callbacks  " : "", m->has_errbacks ? "callbacks on errors" : "");
    }
    if (m->timelimit_s >= 0 || m->soft_timelimit_s >= 0) {
        peek_say(c, "time limit", "%" PRId64 " s hard, %" PRId64 " s soft (-1: none)", m->timelimit_s,
                 m->soft_timelimit_s);
    }
    if (m->redelivered) {
        peek_say(c, "redelivered", "%s", "yes: it was taken before and put back");
    }
}

static void show_arguments(struct collect *c, const char *label, const char *text, bool repr, bool cut)
{
    if (!text) {
        return;
    }
    if (repr) {
        peek_say(c, label, "%s", cut ? "as its sender described it, cut" : "as its sender described it");
        peek_bytes(c, span_of(text));
        return;
    }
    peek_say(c, label, "%s", cut ? "cut" : "");
    peek_json(c, span_of(text));
}

static bool is_text(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.data[i];
        if ((byte < ' ' && byte != '\n' && byte != '\t') || byte >= 0x7f) {
            return false;
        }
    }
    return true;
}

void peek_element_show(struct collect *c, struct span element)
{
    struct message m;
    UT_string fate;
    char size[16];
    message_decode(&m, element);
    utstring_init(&fate);
    peek_element_fate(&m, &fate);
    peek_say(c, "a worker", "%s",
             utstring_len(&fate) ? utstring_body(&fate) : "runs it, if it knows the task");
    show_route(c, &m);
    peek_say(c, "content", "%s%s%s, %s, protocol %d", m.content_type ? m.content_type : "no type",
             m.compression ? ", " : "", m.compression ? m.compression : "",
             human_bytes((int64_t)element.len, size, sizeof size), m.protocol);
    show_arguments(c, "args", m.args, m.args_are_repr, m.args_cut);
    show_arguments(c, "kwargs", m.kwargs, m.args_are_repr, m.args_cut);
    peek_say(c, "raw", "%s", element.len > RAW_MAX ? "its beginning" : "");
    if (is_text(span_head(element, RAW_MAX))) {
        peek_bytes(c, span_head(element, RAW_MAX));
    } else {
        peek_value(c, element, true, 0, HEX_MAX);
    }
    utstring_done(&fate);
    message_release(&m);
}

/* --- where it is --- */

static void done(struct peek_ask *a)
{
    a->done(a);
}

static void on_list(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct span list, ref = target_id(&a->where);
    uint64_t hash;
    if (r) {
        collect_tally_site(a->c, SITE_BROKER, reply_count(r) > 0);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    size_t n = reply_count(r);
    bool found = false;
    for (size_t i = 0; i < n && !found && message_ref_split(ref, &list, &hash); i++) {
        struct span element = reply_text(reply_at(r, n - 1 - i));
        if (message_ref_is(ref, list, element)) {
            found = true;
            peek_say(a->c, "place", "number %zu of those that wait in this list", i + 1);
            peek_element_show(a->c, element);
        }
    }
    if (!found && reply_is_error(r)) {
        peek_line(a->c, S("message"), reply_error(r), TARGET_NONE, S(""));
    } else if (!found) {
        peek_say(a->c, "message", "not among the next %d of its list: taken, removed, or further back",
                 (int)a->page);
    }
    done(a);
}

static void on_list_size(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct span list;
    uint64_t hash;
    int64_t depth = 0;
    bool named = message_ref_split(target_id(&a->where), &list, &hash);
    if (a->step == 0) { /* MEMORY USAGE; LLEN's reply follows */
        a->step = 1;
        if (!reply_int(r, &a->bytes)) {
            a->bytes = -1;
        }
        return;
    }
    if (reply_int(r, &depth)) {
        collect_tally_site(a->c, SITE_BROKER, depth > 0);
    }
    if (!r || !peek_ask_live(a) || !named) {
        peek_ask_free(a);
        return;
    }
    int64_t average = depth > 0 && a->bytes > 0 ? a->bytes / depth : ELEMENT_MAX;
    int64_t page = LOOK_BYTES / (average > 0 ? average : 1);
    a->page = page < 1 ? 1 : page > LOOK_WINDOW ? LOOK_WINDOW : page;
    char from[24];
    snprintf(from, sizeof from, "%" PRId64, -a->page);
    if (!link_command(a->c->broker, on_list, a, S("LRANGE"), list, span_of(from), S("-1"))) {
        peek_ask_free(a);
    }
}

static void show_taken(struct collect *c, struct span score)
{
    int64_t wall_us;
    char when[ISOTIME_SIZE], age[24];
    if (deliveries_score(score, &wall_us)) {
        isotime_format(wall_us, when, sizeof when);
        peek_say(c, "taken", "%s, %s ago", when, human_duration(clock_wall_us() - wall_us, age, sizeof age));
    }
}

static void on_entry(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct span value = reply_text(r);
    if (r && !reply_is_error(r)) {
        collect_tally_site(a->c, SITE_BROKER, value.len > 0);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    UT_string queue, element;
    utstring_init(&queue);
    utstring_init(&element);
    show_taken(a->c, span_of(a->text));
    if (reply_is_error(r)) {
        peek_refused(a->c, "message", r); /* not read is not gone */
    } else if (!value.len) {
        peek_say(a->c, "message", "no longer in flight");
    } else if (unacked_decode(value, &queue, &element)) {
        peek_element_show(a->c, text_span(&element));
    } else {
        peek_say(a->c, "message", "an entry of another form");
        peek_bytes(a->c, span_head(value, RAW_MAX));
    }
    utstring_done(&element);
    utstring_done(&queue);
    done(a);
}

static void on_entry_size(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    if (a->step == 0) { /* ZSCORE; HSTRLEN's reply follows */
        a->step = 1;
        struct span score = span_head(reply_text(r), sizeof a->text - 1);
        if (reply_is_error(r) && peek_ask_live(a)) {
            peek_refused(a->c, "taken", r);
        }
        if (r && !reply_is_error(r)) {
            collect_tally_site(a->c, SITE_BROKER, score.len > 0);
        }
        snprintf(a->text, sizeof a->text, "%.*s", (int)score.len, score.len ? score.data : "");
        return;
    }
    int64_t bytes = 0;
    if (reply_int(r, &bytes)) {
        collect_tally_site(a->c, SITE_BROKER, bytes > 0);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    if (reply_is_error(r)) { /* and nothing is fetched whose size is not known */
        show_taken(a->c, span_of(a->text));
        peek_refused(a->c, "message", r);
        done(a);
    } else if (bytes > ELEMENT_MAX) {
        show_taken(a->c, span_of(a->text));
        peek_say(a->c, "message", "%" PRId64 " bytes: too large to be read", bytes);
        done(a);
    } else if (!link_command(a->c->broker, on_entry, a, S("HGET"), S("unacked"), target_id(&a->where))) {
        peek_ask_free(a);
    }
}

void peek_element_find(struct peek_ask *a, const struct target *where, void (*fn)(struct peek_ask *a))
{
    struct span list;
    uint64_t hash;
    bool sent;
    target_set(&a->where, where->kind, target_id(where));
    a->done = fn;
    a->step = 0;
    if (where->kind == TARGET_DELIVERY) {
        struct span tag = target_id(&a->where);
        sent = link_command(a->c->broker, on_entry_size, a, S("ZSCORE"), S("unacked_index"), tag) &&
               link_command(a->c->broker, on_entry_size, a, S("HSTRLEN"), S("unacked"), tag);
    } else if (message_ref_split(target_id(&a->where), &list, &hash)) {
        sent = link_command(a->c->broker, on_list_size, a, S("MEMORY"), S("USAGE"), list, S("SAMPLES"),
                            S("5")) &&
               link_command(a->c->broker, on_list_size, a, S("LLEN"), list);
    } else {
        done(a);
        return;
    }
    if (!sent) {
        peek_ask_free(a);
    }
}
