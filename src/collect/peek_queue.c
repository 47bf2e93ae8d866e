/* peek_queue: the messages that wait in a queue, next one first, list by list in the order workers serve
 * them. */
#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/schema/message.h"

enum { PAGE = 50, PAGE_BYTES = 1024 * 1024 };

static void list_key(const struct peek_ask *a, UT_string *key)
{
    utstring_clear(key);
    message_list_key((struct span){a->key, a->len}, message_priority_step[a->step], key);
}

static void next_list(struct peek_ask *a);

static void show_message(struct collect *c, struct span element, int place)
{
    static const char *const fate[MESSAGE_FATE_COUNT] = {
        [MESSAGE_FINE] = "",
        [MESSAGE_DROPPED] = "a worker will discard it: ",
        [MESSAGE_KILLS_LOST] = "POISON, a worker exits on it: ",
        [MESSAGE_KILLS_AGAIN] = "POISON, every worker exits on it: ",
    };
    struct message m;
    message_decode(&m, element);
    UT_string text;
    utstring_init(&text);
    char label[32], size[16];
    snprintf(label, sizeof label, "%d", place);
    if (m.fate != MESSAGE_FINE) {
        utstring_printf(&text, "%s%s  ", fate[m.fate], m.reason ? m.reason : "");
    }
    utstring_printf(&text, "%s  %s  %s", m.task ? m.task : "?", m.id ? m.id : "no id",
                    human_bytes((int64_t)m.bytes, size, sizeof size));
    if (m.args && strcmp(m.args, "[]") != 0) {
        utstring_printf(&text, "  %s%s", m.args, m.args_cut ? "..." : "");
    }
    if (m.kwargs && strcmp(m.kwargs, "{}") != 0) {
        utstring_printf(&text, "  %s", m.kwargs);
    }
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
    if (m.id) {
        peek_line(c, span_of(label), text_span(&text), TARGET_TASK, span_of(m.id));
    } else {
        peek_line(c, span_of(label), text_span(&text), TARGET_NONE, S(""));
    }
    utstring_done(&text);
    message_release(&m);
}

static void on_messages(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    if (r) {
        collect_tally(c, true);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    size_t n = reply_count(r);
    if (a->step > 0) {
        peek_printf(c, "", "priority %d", message_priority_step[a->step]);
    }
    for (size_t i = 0; i < n; i++) { /* workers pop from the right */
        show_message(c, reply_text(reply_at(r, n - 1 - i)), (int)i + 1);
    }
    if (a->number > (int64_t)n) {
        peek_printf(c, "", "and %" PRId64 " more", a->number - (int64_t)n);
    }
    a->step++;
    next_list(a);
}

static void ask_messages(struct peek_ask *a, int64_t bytes)
{
    int64_t average = a->number > 0 && bytes > 0 ? bytes / a->number : 1024;
    int64_t page = average > 0 ? PAGE_BYTES / average : PAGE;
    page = page < 1 ? 1 : page > PAGE ? PAGE : page;
    char from[24];
    snprintf(from, sizeof from, "%" PRId64, -page);
    UT_string key;
    utstring_init(&key);
    list_key(a, &key);
    if (!link_command(a->c->poll, on_messages, a, S("LRANGE"), text_span(&key), span_of(from), S("-1"))) {
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
        collect_tally(a->c, a->number > 0);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    if (known) {
        ask_messages(a, a->bytes);
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
    if (!link_command(a->c->poll, on_depth, a, S("LLEN"), text_span(&key))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}

static void next_list(struct peek_ask *a)
{
    struct collect *c = a->c;
    if (a->step >= MESSAGE_PRIORITY_STEPS) {
        bool empty = utarray_len(&c->peek.row) == 0;
        peek_end(c, empty ? "no message waits here" : "next one first");
        peek_ask_free(a);
        return;
    }
    UT_string key;
    utstring_init(&key);
    list_key(a, &key);
    if (!link_command(c->poll, on_size, a, S("MEMORY"), S("USAGE"), text_span(&key))) {
        peek_ask_free(a);
    }
    utstring_done(&key);
}

void peek_queue(struct collect *c, struct span name)
{
    next_list(peek_ask_new(c, name));
}
