/* peek_queue: the messages that wait in a queue, next one first, list by list in the order workers serve
 * them. */
#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/schema/message.h"
#include "redai/schema/message_ref.h"

enum { PAGE_BYTES = 512 * 1024, AVERAGE_BLIND = 4096 };

/* Messages still wanted, over all lists. */
static int64_t room_of(const struct peek_ask *a)
{
    return (int64_t)a->c->peek.wanted - a->shown;
}

static void list_key(const struct peek_ask *a, UT_string *key)
{
    utstring_clear(key);
    message_list_key((struct span){a->key, a->len}, message_priority_step[a->step], key);
}

static void next_list(struct peek_ask *a);

static void add_arguments(const struct message *m, UT_string *out)
{
    if (m->args && strcmp(m->args, "[]") != 0) {
        utstring_printf(out, "  %s%s", m->args, m->args_cut ? "..." : "");
    }
    if (m->kwargs && strcmp(m->kwargs, "{}") != 0) {
        utstring_printf(out, "  %s", m->kwargs);
    }
}

static void show_message(struct collect *c, struct span list, struct span element, int64_t place)
{
    struct message m;
    message_decode(&m, element);
    UT_string text, ref;
    utstring_init(&text);
    utstring_init(&ref);
    char label[32], size[16];
    snprintf(label, sizeof label, "%" PRId64, place);
    peek_element_fate(&m, &text);
    if (utstring_len(&text)) {
        utstring_printf(&text, "  ");
    }
    utstring_printf(&text, "%s  %s  %s", m.task ? m.task : "?", m.id ? m.id : "no id",
                    human_bytes((int64_t)m.bytes, size, sizeof size));
    if (!m.args && m.fate == MESSAGE_FINE) {
        utstring_printf(&text, "  [%s%s%s]", m.content_type ? m.content_type : "?", m.compression ? ", " : "",
                        m.compression ? m.compression : "");
    }
    if (m.eta) {
        utstring_printf(&text, "  not before %s", m.eta);
    }
    if (m.redelivered) {
        utstring_printf(&text, "  redelivered");
    }
    size_t plain = utstring_len(&text);
    add_arguments(&m, &text);
    if (m.id && m.id[0] && m.fate == MESSAGE_FINE) {
        peek_line(c, span_of(label), text_span(&text), TARGET_TASK, span_of(m.id))->plain = plain;
    } else { /* no task will come of it: what is meant is the element itself */
        message_ref_make(list, element, &ref);
        peek_line(c, span_of(label), text_span(&text), TARGET_MESSAGE, text_span(&ref))->plain = plain;
    }
    utstring_done(&ref);
    utstring_done(&text);
    message_release(&m);
}

static void ask_page(struct peek_ask *a);

/* A page of this list: the one behind it if it is wanted, else the next list. */
static void on_messages(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    size_t n = reply_count(r);
    if (r) {
        collect_tally_site(c, SITE_BROKER, true);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    UT_string key;
    utstring_init(&key);
    list_key(a, &key);
    for (size_t i = 0; i < n; i++) { /* workers pop from the right */
        show_message(c, text_span(&key), reply_text(reply_at(r, n - 1 - i)), ++a->place);
    }
    utstring_done(&key);
    a->shown += (int64_t)n;
    if ((int64_t)n == a->page && room_of(a) > 0) {
        ask_page(a);
        return;
    }
    if (a->number > a->place) {
        peek_say(c, "", "and %" PRId64 " more", a->number - a->place);
        c->peek.more = c->peek.wanted < PEEK_LINES_MOST;
    }
    a->step++;
    next_list(a);
}

static void ask_page(struct peek_ask *a)
{
    int64_t average = a->number > 0 && a->bytes > 0 ? a->bytes / a->number : AVERAGE_BLIND;
    int64_t page = PAGE_BYTES / (average > 0 ? average : 1);
    a->page = page < 1 ? 1 : page > room_of(a) ? room_of(a) : page;
    char from[24], to[24];
    snprintf(from, sizeof from, "%" PRId64, -a->place - a->page);
    snprintf(to, sizeof to, "%" PRId64, -a->place - 1);
    UT_string key;
    utstring_init(&key);
    list_key(a, &key);
    if (!link_command(a->c->broker, on_messages, a, S("LRANGE"), text_span(&key), span_of(from),
                      span_of(to))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}

static void on_depth(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    a->number = 0;
    bool known = reply_int(r, &a->number);
    if (known) {
        collect_tally_site(a->c, SITE_BROKER, a->number > 0);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    a->place = 0;
    if (known) {
        char head[48];
        snprintf(head, sizeof head, a->step ? "priority %d" : "waiting", message_priority_step[a->step]);
        peek_say(a->c, head, "%" PRId64, a->number);
    }
    if (known && room_of(a) > 0) {
        ask_page(a);
    } else if (known) {
        a->c->peek.more = a->c->peek.wanted < PEEK_LINES_MOST;
        a->step++;
        next_list(a);
    } else {
        peek_line(a->c, S("error"), collect_error(r), TARGET_NONE, S(""));
        a->step++;
        next_list(a);
    }
}

/* MEMORY USAGE tells a missing list from a waiting one without counting a miss, and how large its messages
 * are. */
static void on_size(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    a->bytes = 0;
    if (!reply_int(r, &a->bytes) && !reply_is_error(r)) {
        a->step++;
        next_list(a);
        return;
    }
    UT_string key;
    utstring_init(&key);
    list_key(a, &key);
    if (!link_command(a->c->broker, on_depth, a, S("LLEN"), text_span(&key))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}

static void next_list(struct peek_ask *a)
{
    struct collect *c = a->c;
    if (a->step >= MESSAGE_PRIORITY_STEPS) {
        bool empty = utarray_len(&c->peek.row) == 0;
        peek_end(c, empty          ? "no message waits here"
                    : c->peek.more ? "next one first; more at the end"
                                   : "next one first");
        peek_ask_free(a);
        return;
    }
    UT_string key;
    utstring_init(&key);
    list_key(a, &key);
    if (!link_command(c->broker, on_size, a, S("MEMORY"), S("USAGE"), text_span(&key), S("SAMPLES"),
                      S("5"))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}

void peek_queue(struct collect *c, struct span name)
{
    c->peek.more = false;
    next_list(peek_ask_new(c, name));
}
