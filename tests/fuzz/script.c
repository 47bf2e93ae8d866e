#include "fuzz/script.h"

#include "fuzz/fuzz.h"
#include "fuzz/script_reply.h"

#include <hiredis/hiredis.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

#include "redai/link/timer.h"

enum { ANSWERS_A_TURN = 400, TIMERS_A_TURN = 64, ANSWERED_MAX = 256 * 1024 };

struct asked {
    char *name;  /* "CONFIG|GET" */
    size_t word; /* length of the first word in it */
    link_reply_fn fn;
    void *user;
    struct asked *prev, *next;
};

struct link {
    struct link_options options;
    char *name;
    struct link_status status;
    struct asked *pending;
    bool is_freed, is_monitor, is_started;
    link_sent_fn on_sent;
    void *sent_user;
    int64_t commands;
    struct link *prev, *next;
};

struct timer {
    void (*fn)(void *user);
    void *user;
    int64_t due_us; /* -1: not set */
    struct timer *prev, *next;
};

static struct {
    struct span lines, events;
    size_t at;       /* where the search for an answer goes on */
    size_t answered; /* bytes of answers so far: beyond ANSWERED_MAX all are nil, so that each run ends */
    int64_t now_us;
    struct link *links;
    struct timer *timers;
    struct script_event event;
} script;

/* --- time --- */

#define WALL_US INT64_C(1795399800000000)

int64_t __wrap_clock_mono_us(void); /* NOLINT(bugprone-reserved-identifier): the linker's name */
int64_t __wrap_clock_wall_us(void); /* NOLINT(bugprone-reserved-identifier) */

int64_t __wrap_clock_mono_us(void) /* NOLINT(bugprone-reserved-identifier) */
{
    return script.now_us;
}

int64_t __wrap_clock_wall_us(void) /* NOLINT(bugprone-reserved-identifier) */
{
    return WALL_US + script.now_us;
}

struct timer *timer_new(struct ev_loop *loop, void (*fn)(void *user), void *user)
{
    (void)loop;
    struct timer *t = mem_zalloc(sizeof *t);
    t->fn = fn;
    t->user = user;
    t->due_us = -1;
    DL_APPEND(script.timers, t);
    return t;
}

void timer_free(struct timer *t)
{
    if (t) {
        DL_DELETE(script.timers, t);
        mem_free(t);
    }
}

void timer_set(struct timer *t, int64_t us)
{
    t->due_us = us < 0 ? -1 : script.now_us + us;
}

static struct timer *due(void)
{
    struct timer *t, *first = NULL;
    DL_FOREACH(script.timers, t)
    {
        if (t->due_us >= 0 && t->due_us <= script.now_us && (!first || t->due_us < first->due_us)) {
            first = t;
        }
    }
    return first;
}

/* --- answers --- */

static struct span take_line(struct span *s)
{
    size_t end = span_find(*s, '\n');
    struct span line = span_head(*s, end);
    *s = span_skip(*s, end + 1);
    return line;
}

/* The first line from `from` on, before `to`, that answers to the name; *ret_end is where the next one
 * begins. */
static bool find_line(struct span name, size_t from, size_t to, struct span *ret, size_t *ret_end)
{
    struct span rest = span_skip(span_head(script.lines, to), from);
    while (rest.len) {
        struct span line = take_line(&rest);
        size_t end = span_find(line, ' ');
        if (span_equal(span_head(line, end), name)) {
            *ret = span_skip(line, end);
            *ret_end = to - rest.len;
            return true;
        }
    }
    return false;
}

static bool find_answer(struct span name, struct span *ret)
{
    return find_line(name, script.at, script.lines.len, ret, &script.at) ||
           find_line(name, 0, script.at, ret, &script.at);
}

static redisReply *answer(const struct asked *a)
{
    struct span line, name = span_of(a->name);
    if (script.answered > ANSWERED_MAX ||
        (!find_answer(name, &line) && !find_answer(span_head(name, a->word), &line) &&
         !find_answer(S("*"), &line))) {
        return script_reply_nil();
    }
    script.answered += line.len;
    return script_reply_take(line);
}

/* --- links --- */

static void change(struct link *l, enum link_state state, const char *error)
{
    l->status.state = state;
    l->status.since_us = script.now_us;
    l->status.retry_at_us = state == LINK_WAITING ? script.now_us : 0;
    strncpy(l->status.error, error, sizeof l->status.error - 1);
    l->status.connects += state == LINK_READY;
    if (l->options.on_state) {
        l->options.on_state(l->options.user, &l->status);
    }
}

struct link *link_new(struct ev_loop *loop, const struct link_options *options)
{
    (void)loop;
    struct link *l = mem_zalloc(sizeof *l);
    l->options = *options;
    l->name = mem_strdup(options->name);
    DL_APPEND(script.links, l);
    return l;
}

void link_start(struct link *l)
{
    l->is_started = true;
    l->status.state = LINK_CONNECTING;
}

static void abandon(struct link *l)
{
    while (l->pending) {
        struct asked *a = l->pending;
        DL_DELETE(l->pending, a);
        if (a->fn) {
            a->fn(a->user, NULL);
        }
        mem_free(a->name);
        mem_free(a);
    }
}

void link_stop(struct link *l)
{
    l->is_started = l->is_monitor = false;
    l->status.state = LINK_CLOSED;
    abandon(l);
}

/* The memory goes at the next turn: a callback may free its own link. */
void link_free(struct link *l)
{
    if (l && !l->is_freed) {
        link_stop(l);
        l->is_freed = true;
    }
}

static void sweep(void)
{
    struct link *l, *next;
    DL_FOREACH_SAFE(script.links, l, next)
    {
        if (l->is_freed) {
            DL_DELETE(script.links, l);
            mem_free(l->name);
            mem_free(l);
        }
    }
}

const struct link_status *link_status(const struct link *l)
{
    return &l->status;
}

bool link_is_ready(const struct link *l)
{
    return l->status.state == LINK_READY;
}

bool link_send(struct link *l, link_reply_fn fn, void *user, size_t argc, const struct span *args)
{
    if (l->status.state != LINK_READY || l->is_monitor) {
        return false;
    }
    size_t sum = 0;
    UT_string name;
    utstring_init(&name);
    for (size_t i = 0; i < argc; i++) {
        for (size_t at = 0; at < args[i].len; at++) {
            sum += (unsigned char)args[i].data[at]; /* all of it can be read */
        }
    }
    DEMAND(argc > 0 && args[0].len > 0 && sum > 0);
    text_add(&name, args[0]);
    if (argc > 1) {
        utstring_printf(&name, "|");
        text_add(&name, span_head(args[1], 20));
    }
    struct asked *a = mem_zalloc(sizeof *a);
    *a = (struct asked){.name = span_dup(text_span(&name)), .word = args[0].len, .fn = fn, .user = user};
    DL_APPEND(l->pending, a);
    l->commands++;
    utstring_done(&name);
    if (l->on_sent) {
        l->on_sent(l->sent_user, argc, args);
    }
    return true;
}

void link_flush(struct link *l)
{
    (void)l;
}

size_t link_pending(const struct link *l)
{
    struct asked *a;
    size_t n = 0;
    DL_COUNT(l->pending, a, n);
    return n;
}

bool link_unsent(const struct link *l)
{
    (void)l;
    return false;
}

static bool subscribe(const struct link *l, size_t count)
{
    return l->status.state == LINK_READY && l->options.on_message && count;
}

bool link_subscribe(struct link *l, size_t count, const struct span *channels)
{
    (void)channels;
    return subscribe(l, count);
}

bool link_psubscribe(struct link *l, size_t count, const struct span *patterns)
{
    (void)patterns;
    return subscribe(l, count);
}

bool link_unsubscribe(struct link *l, size_t count, const struct span *channels)
{
    (void)channels;
    return subscribe(l, count);
}

bool link_punsubscribe(struct link *l, size_t count, const struct span *patterns)
{
    (void)patterns;
    return subscribe(l, count);
}

bool link_monitor(struct link *l, link_reply_fn fn, void *user)
{
    static const struct span command = SPAN_LITERAL("MONITOR");
    bool ok = link_send(l, fn, user, 1, &command);
    l->is_monitor = ok;
    return ok;
}

void link_tap(struct link *l, link_sent_fn fn, void *user)
{
    l->on_sent = fn;
    l->sent_user = user;
}

struct link_cost link_cost(const struct link *l)
{
    return (struct link_cost){.commands = l->commands, .bytes_in = l->commands};
}

int64_t link_round_trip_us(const struct link *l)
{
    return l->status.state == LINK_READY ? 100 : -1;
}

int64_t link_behind_us(const struct link *l)
{
    return l->status.state == LINK_READY ? 0 : -1;
}

void link_where(const struct link *l, char *out, size_t size)
{
    (void)l;
    (void)size;
    out[0] = '\0';
}

int64_t link_silent_us(const struct link *l)
{
    (void)l;
    return 0;
}

int64_t link_heard_us(const struct link *l)
{
    return l->status.state == LINK_READY ? script.now_us : -1;
}

int64_t link_client_id(const struct link *l)
{
    return l->status.state == LINK_READY ? 7 : -1;
}

bool link_same_peer(const struct link *a, const struct link *b)
{
    return a->status.state == LINK_READY && b->status.state == LINK_READY;
}

static void lose(struct link *l, const char *why)
{
    l->status.state = LINK_WAITING;
    l->is_monitor = false;
    abandon(l);
    if (!l->is_freed && l->is_started) {
        change(l, LINK_WAITING, why);
    }
}

void link_distrust(struct link *l, const char *why)
{
    if (l->status.state == LINK_READY) {
        lose(l, why);
    }
}

void link_retry_now(struct link *l)
{
    (void)l;
}

/* --- what happens --- */

void script_open(struct span lines)
{
    memset(&script, 0, sizeof script);
    script.lines = script.events = lines;
    script.now_us = US_PER_S;
    for (size_t i = 0; i < sizeof script.event.word / sizeof script.event.word[0]; i++) {
        utstring_init(&script.event.word[i]);
    }
}

void script_close(void)
{
    sweep();
    DEMAND(!script.links && !script.timers);
    for (size_t i = 0; i < sizeof script.event.word / sizeof script.event.word[0]; i++) {
        utstring_done(&script.event.word[i]);
    }
}

bool script_event(struct script_event *ret)
{
    while (script.events.len) {
        struct span line = take_line(&script.events);
        if (!line.len || line.data[0] != '@') {
            continue;
        }
        size_t end = span_find(line, ' ');
        script.event.name = span_skip(span_head(line, end), 1);
        script.event.rest = line = script_skip_blanks(span_skip(line, end));
        for (size_t i = 0; i < sizeof ret->word / sizeof ret->word[0]; i++) {
            utstring_clear(&script.event.word[i]);
            script_take_text(&line, &script.event.word[i]);
            line = script_skip_blanks(line);
        }
        *ret = script.event;
        return true;
    }
    return false;
}

static bool answer_one(void)
{
    struct link *l;
    DL_FOREACH(script.links, l)
    {
        if (l->pending && !l->is_freed) {
            struct asked *a = l->pending;
            DL_DELETE(l->pending, a);
            redisReply *r = answer(a);
            if (a->fn) {
                a->fn(a->user, (const struct reply *)r);
            }
            script_reply_free(r);
            mem_free(a->name);
            mem_free(a);
            return true;
        }
    }
    return false;
}

void script_turn(int64_t us)
{
    struct link *l;
    struct timer *t;
    script.now_us += us;
    DL_FOREACH(script.links, l)
    {
        if (l->is_started && !l->is_freed && l->status.state != LINK_READY) {
            change(l, LINK_READY, "");
        }
    }
    for (int i = 0; i < TIMERS_A_TURN && (t = due()); i++) {
        t->due_us = -1;
        t->fn(t->user); /* may free t */
    }
    for (int i = 0; i < ANSWERS_A_TURN && answer_one(); i++) {}
    sweep();
}

void script_down(struct span name)
{
    struct link *l;
    DL_FOREACH(script.links, l)
    {
        if (l->is_started && !l->is_freed && (!name.len || span_equal(span_of(l->name), name))) {
            lose(l, "the connection was lost");
        }
    }
}

void script_message(struct span pattern, struct span channel, struct span payload)
{
    struct link *l;
    DL_FOREACH(script.links, l)
    {
        if (l->options.on_message && !l->is_freed && l->status.state == LINK_READY) {
            l->options.on_message(l->options.user, pattern, channel, payload);
        }
    }
}

void script_line(struct span line)
{
    struct link *l;
    DL_FOREACH(script.links, l)
    {
        if (l->is_monitor && !l->is_freed && l->options.on_line) {
            l->options.on_line(l->options.user, line);
        }
    }
}

void script_check_text(const char *text)
{
    struct span s = span_of(text);
    uint32_t cp;
    while (s.len) {
        size_t used = utf8_decode(s, &cp);
        DEMAND(!(cp & UTF8_INVALID) && !utf8_is_hostile(cp));
        s = span_skip(s, used);
    }
}

void script_check_err(const char *text)
{
    for (; *text; text++) {
        DEMAND((unsigned char)*text >= ' ' && *text != 0x7f);
    }
}
