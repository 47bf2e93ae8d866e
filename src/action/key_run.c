#include "keep.h"
#include "key.h"
#include "phrase.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

/* A TTL runs down while a person reads the plan; what differs by more than this was set anew. */
enum { TTL_SLACK_MS = 3000 };

static void tell(struct runner *r, enum action_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(struct runner *r, enum action_outcome outcome, const char *format, ...)
{
    struct key_work *v = r->work;
    va_list args;
    va_start(args, format);
    char *text = phrase_make_va(format, args);
    va_end(args);
    mem_free(r->plan.result);
    r->plan.result = mem_strdup(outcome == ACTION_DONE ? "1" : "0");
    verb_receipt(r, outcome, v->shown, v->tag, "%s%s", text, keep_lost(r));
    verb_finish(r, "%s", r->last_text);
    mem_free(text);
}

/* --- reading back --- */

static void on_left(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    if (!reply_int(a->reply, &v->now_pttl_ms)) {
        v->now_pttl_ms = -3;
    }
}

/* What is there now is what was meant. */
static bool is_as_meant(const struct runner *r)
{
    const struct key_work *v = r->work;
    int64_t meant_ms = r->order.expires_us / US_PER_MS;
    switch (r->order.verb) {
    case VERB_DELETE:
        return v->now_pttl_ms == -2;
    case VERB_PERSIST:
        return v->now_pttl_ms == -1;
    default:
        return v->now_pttl_ms >= 0 && v->now_pttl_ms <= meant_ms &&
               (meant_ms - v->now_pttl_ms <= VERB_RECOVER_US / US_PER_MS + TTL_SLACK_MS);
    }
}

static const char *done_text(const struct runner *r)
{
    return r->order.verb == VERB_DELETE    ? "deleted"
           : r->order.verb == VERB_PERSIST ? "it has no TTL any more"
                                           : "its TTL is set";
}

static void read_back(struct runner *r)
{
    const struct key_work *v = r->work;
    char *now = v->now_pttl_ms == -2 ? mem_strdup("gone") : key_ttl(v->now_pttl_ms);
    if (v->silent && is_as_meant(r)) {
        tell(r, ACTION_DONE, "%s: the reply never came, but it is so now", done_text(r));
    } else if (v->silent) {
        tell(r, ACTION_UNKNOWN, "the reply never came; now: %s", now);
    } else if (v->now_pttl_ms == -3 || is_as_meant(r)) {
        tell(r, ACTION_DONE, "%s%s", done_text(r),
             v->now_pttl_ms == -3 ? " (it could not be read back)" : "");
    } else if (r->order.verb == VERB_DELETE) {
        tell(r, ACTION_DONE, "deleted; it is there again (somebody wrote it anew): %s", now);
    } else {
        tell(r, ACTION_CHANGED, "it was done, and changed again at once: %s", now);
    }
    mem_free(now);
}

static void look_back(struct runner *r)
{
    struct key_work *v = r->work;
    v->now_pttl_ms = -3;
    if (link_is_ready(r->home)) {
        step_act(r, on_left, 0, S("PTTL"), key_subject(r));
    }
    step_then(r, read_back);
}

/* --- doing it --- */

static void was_done(struct runner *r)
{
    struct key_work *v = r->work;
    if (v->error) {
        tell(r, ACTION_FAILED, "the server refused it: %s", v->error);
    } else if (v->unsent) {
        tell(r, ACTION_FAILED, "not sent: the connection was lost");
    } else if (v->aborted) {
        tell(r, ACTION_CHANGED, "somebody wrote it at that moment: nothing was done");
    } else if (v->silent) {
        step_when_ready(r, look_back);
    } else if (v->hit <= 0) {
        tell(r, ACTION_GONE, "it had gone: there was nothing left to do");
    } else {
        look_back(r);
    }
}

static void on_exec(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    size_t last = reply_count(a->reply);
    v->unsent = !a->reply && a->unsent;
    v->silent = !a->reply && !a->unsent;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    verb_keep_error(&v->error, a->reply);
    if (keep_wants(r, 0) && last == KEEP_ASKS + 1) {
        keep_take(r, key_subject(r), reply_at(a->reply, 0), reply_at(a->reply, 1));
    }
    if (last > 0 && !reply_int(reply_at(a->reply, last - 1), &v->hit)) {
        verb_keep_error(&v->error, reply_at(a->reply, last - 1));
    }
}

/* A command that is refused while it is queued makes EXEC refuse all: the first reason is the true one. */
static void on_queued(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    verb_keep_error(&v->error, a->reply);
}

static void act(struct runner *r)
{
    char ms[24];
    struct span key = key_subject(r);
    snprintf(ms, sizeof ms, "%" PRId64, r->order.expires_us / US_PER_MS);
    step_act(r, on_queued, 0, S("MULTI"));
    if (r->order.verb == VERB_EXPIRE) {
        step_act(r, on_queued, 0, S("PEXPIRE"), key, span_of(ms));
    } else if (r->order.verb == VERB_PERSIST) {
        step_act(r, on_queued, 0, S("PERSIST"), key);
    } else {
        if (keep_wants(r, 0)) {
            keep_ask(r, on_queued, 0, key);
        }
        step_act(r, on_queued, 0, S("UNLINK"), key);
    }
    step_act(r, on_exec, 0, S("EXEC"));
    step_then(r, was_done);
}

/* --- is it still what was planned? --- */

/* What has changed since, or NULL; mem_free. */
static char *difference(const struct key_work *v)
{
    int64_t past_ms = (clock_mono_us() - v->looked_us) / US_PER_MS;
    int64_t expected_ms = v->pttl_ms < 0 ? v->pttl_ms : v->pttl_ms - past_ms;
    int64_t off_ms = v->now_pttl_ms - expected_ms;
    if (strcmp(v->now_type, v->type) != 0) {
        return phrase_make("it is a %s now, no %s", v->now_type, v->type);
    }
    bool other = v->now_pttl_ms < 0 || v->pttl_ms < 0 ? v->now_pttl_ms != v->pttl_ms
                                                      : off_ms > TTL_SLACK_MS || off_ms < -TTL_SLACK_MS;
    if (!other) {
        return NULL;
    }
    char *now = key_ttl(v->now_pttl_ms);
    char *text = phrase_make("it was written anew: %s now", now);
    mem_free(now);
    return text;
}

static void compared(struct runner *r)
{
    struct key_work *v = r->work;
    if (r->lost || link_status(r->home)->connects != v->connects) {
        tell(r, ACTION_FAILED, "not sent: the connection was lost");
        return;
    }
    char *why = v->error || !v->now_type ? NULL : difference(v);
    bool gone = v->now_type && strcmp(v->now_type, "none") == 0;
    if (!v->error && !why && !gone) {
        act(r);
        return;
    }
    step_act(r, NULL, 0, S("UNWATCH"));
    if (v->error) {
        tell(r, ACTION_FAILED, "the server refused it: %s", v->error);
    } else if (gone) {
        tell(r, ACTION_GONE, "it has gone: there is nothing left to do");
    } else {
        tell(r, ACTION_CHANGED, "%s: nothing was done", why);
    }
    mem_free(why);
}

static void on_type(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    verb_keep_error(&v->error, a->reply);
    v->now_type = utf8_sanitise_dup(reply_text(a->reply), PHRASE_COLUMNS);
}

void key_run(struct runner *r)
{
    struct key_work *v = r->work;
    v->connects = link_status(r->home)->connects;
    keep_begin(r);
    step_act(r, on_queued, 0, S("WATCH"), key_subject(r));
    step_act(r, on_type, 0, S("TYPE"), key_subject(r));
    step_act(r, on_left, 0, S("PTTL"), key_subject(r));
    step_then(r, compared);
}
