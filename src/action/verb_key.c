/* expire, persist, delete: one key, named in full. What belongs to something with a verb of its own
 * (sessions, queues, batches) is refused with that verb's name. */
#include "keep.h"
#include "key.h"
#include "phrase.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/schema/keyname.h"

struct span key_subject(const struct runner *r)
{
    return target_id(VERB_AT(&r->order.target, struct target, 0));
}

void key_release(void *work)
{
    struct key_work *v = work;
    if (v) {
        mem_free(v->shown);
        mem_free(v->tag);
        mem_free(v->type);
        mem_free(v->now_type);
        mem_free(v->error);
        mem_free(v);
    }
}

char *key_ttl(int64_t pttl_ms)
{
    char text[32];
    return pttl_ms == -1 ? mem_strdup("no TTL")
           : pttl_ms < 0 ? mem_strdup("TTL ?")
                         : phrase_make("TTL %s", human_duration(pttl_ms * US_PER_MS, text, sizeof text));
}

/* --- what is not touched here --- */

enum { EXPIRE = 1, PERSIST = 2, DELETE = 4, ALL = EXPIRE | PERSIST | DELETE };

static const struct {
    enum key_kind kind;
    unsigned verbs;
    const char *why;
} refused[] = {
    {KEY_SESSION, ALL, "a session: use revoke session, which takes it out of its user's index too"},
    {KEY_USER_SESSIONS, ALL,
     "a user's index of sessions: use revoke user; without it 'log out everywhere' would find nothing"},
    {KEY_BATCH_PROGRESS, ALL, "a batch's progress: it expires by itself; use revoke task to end it"},
    {KEY_TASK_META, ALL,
     "a task's stored result: who waits for it would wait for ever; it expires by itself"},
    {KEY_BINDING, ALL, "one of the broker's keys: Celery would no longer find its queue"},
    {KEY_UNACKED, ALL, "what workers hold: use requeue for what dead ones left"},
    {KEY_PRIORITY_LIST, ALL, "a queue: use purge, which drops what waits in it and says what that is"},
};

struct search {
    struct span name;
    bool found;
};

static void compare(void *ctx, const char *queue)
{
    struct search *s = ctx;
    s->found = s->found || span_equal(s->name, span_of(queue));
}

/* A list by a bare name is a queue until proven otherwise; another one only when somebody says so. */
static bool is_queue(struct runner *r, enum key_kind kind)
{
    const struct key_work *v = r->work;
    struct search s = {key_subject(r), kind == KEY_BARE};
    if (strcmp(v->type, "list") != 0) {
        return false;
    }
    if (r->options.each_queue) {
        r->options.each_queue(r->options.ctx, compare, &s);
    }
    return s.found;
}

static const char *refusal(struct runner *r)
{
    struct span id;
    enum key_kind kind = keyname_kind(key_subject(r), &id);
    unsigned verb = r->order.verb == VERB_EXPIRE ? EXPIRE : r->order.verb == VERB_PERSIST ? PERSIST : DELETE;
    if (is_queue(r, kind)) {
        kind = KEY_PRIORITY_LIST;
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (refused[i].kind == kind && (refused[i].verbs & verb)) {
            return refused[i].why;
        }
    }
    return NULL;
}

static void refuse(struct runner *r, enum action_outcome outcome, const char *why)
{
    const struct key_work *v = r->work;
    char *tagged = phrase_make("%s: %s", v->tag, why);
    verb_tag(r, tagged);
    mem_free(tagged);
    verb_refuse(r, outcome, "%s: %s", v->shown, why);
}

/* --- the plan --- */

static void say_what(struct runner *r)
{
    const struct key_work *v = r->work;
    char size[16], *ttl = key_ttl(v->pttl_ms);
    struct span id;
    plan_sample(&r->plan, "%s: %s, %s, %s", v->shown, v->type, human_bytes(v->bytes, size, sizeof size), ttl);
    mem_free(ttl);
    if (strcmp(v->type, "list") == 0) {
        plan_remark(&r->plan,
                    "a list of %" PRId64
                    ": no queue by this name is known; were it one, its messages are meant",
                    v->items);
    }
    if (keyname_kind(key_subject(r), &id) == KEY_REPLY_BOX) {
        plan_remark(&r->plan, "a mailbox for answers: who still waits there (celery inspect) gets none");
    }
}

static void plan_expire(struct runner *r)
{
    const struct key_work *v = r->work;
    int64_t ms = r->order.expires_us / US_PER_MS;
    char text[32], *now = key_ttl(v->pttl_ms), *then = key_ttl(ms);
    plan_title(&r->plan, "set the TTL of %s to %s", v->shown,
               human_duration(r->order.expires_us, text, sizeof text));
    plan_command(&r->plan, "WATCH %s; MULTI; PEXPIRE %s %" PRId64 "; EXEC", v->shown, v->shown, ms);
    plan_remark(&r->plan, "now %s, then %s", now, then);
    if (v->pttl_ms < 0) {
        plan_remark(&r->plan, "it has no TTL now: from then on it goes by itself");
    }
    r->plan.destructive = v->pttl_ms < 0 || ms < v->pttl_ms;
    mem_free(now);
    mem_free(then);
}

static void plan_persist(struct runner *r)
{
    const struct key_work *v = r->work;
    char *now = key_ttl(v->pttl_ms);
    plan_title(&r->plan, "remove the TTL of %s", v->shown);
    plan_command(&r->plan, "WATCH %s; MULTI; PERSIST %s; EXEC", v->shown, v->shown);
    plan_remark(&r->plan, "now %s, then none: it stays until it is deleted", now);
    mem_free(now);
}

static void plan_delete(struct runner *r)
{
    const struct key_work *v = r->work;
    plan_title(&r->plan, "delete %s", v->shown);
    plan_command(&r->plan, "WATCH %s; MULTI; %sUNLINK %s; EXEC", v->shown, keep_any(r) ? "PTTL, DUMP; " : "",
                 v->shown);
    keep_say(r, "key", NULL);
    r->plan.destructive = true;
}

static void plan_end(struct runner *r)
{
    say_what(r);
    if (r->order.verb == VERB_EXPIRE) {
        plan_expire(r);
    } else if (r->order.verb == VERB_PERSIST) {
        plan_persist(r);
    } else {
        plan_delete(r);
    }
    plan_remark(&r->plan, "when somebody writes it before this is done, nothing is done");
    plan_ask(&r->plan, 1);
    verb_planned(r);
}

static struct span key_at(struct runner *r, size_t i)
{
    (void)i;
    return key_subject(r);
}

static int64_t size_at(struct runner *r, size_t i)
{
    const struct key_work *v = r->work;
    (void)i;
    return v->bytes >= 0 ? v->bytes : KEEP_UNKNOWN;
}

static void judge(struct runner *r)
{
    struct key_work *v = r->work;
    const char *why = refusal(r);
    if (why) {
        refuse(r, ACTION_REFUSED, why);
    } else if (r->order.verb == VERB_PERSIST && v->pttl_ms == -1) {
        refuse(r, ACTION_GONE, "it has no TTL: there is nothing to remove");
    } else if (r->order.verb == VERB_DELETE) {
        keep_look(r, 1, key_at, size_at, plan_end);
    } else {
        plan_end(r);
    }
}

static void on_items(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    if (!reply_int(a->reply, &v->items)) {
        v->items = -1;
    }
}

static void after_look(struct runner *r)
{
    struct key_work *v = r->work;
    if (!v->type || strcmp(v->type, "none") == 0) {
        refuse(r, ACTION_GONE, "there is no such key");
        return;
    }
    if (strcmp(v->type, "list") == 0) {
        step_act(r, on_items, 0, S("LLEN"), key_subject(r));
    }
    step_then(r, judge);
}

static void on_type(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    v->type = utf8_sanitise_dup(reply_text(a->reply), PHRASE_COLUMNS);
}

static void on_pttl(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    if (!reply_int(a->reply, &v->pttl_ms)) {
        v->pttl_ms = -3;
    }
}

static void on_bytes(struct runner *r, const struct answer *a)
{
    struct key_work *v = r->work;
    if (!reply_int(a->reply, &v->bytes)) {
        v->bytes = -1;
    }
}

static void plan(struct runner *r)
{
    struct key_work *v = mem_zalloc(sizeof *v);
    r->work = v;
    v->bytes = v->items = v->hit = -1;
    v->shown = phrase_key(key_subject(r));
    v->tag = phrase_key_tag(key_subject(r));
    v->looked_us = clock_mono_us();
    step_act(r, on_type, 0, S("TYPE"), key_subject(r));
    step_act(r, on_pttl, 0, S("PTTL"), key_subject(r));
    r->lenient = true;
    step_act(r, on_bytes, 0, S("MEMORY"), S("USAGE"), key_subject(r));
    r->lenient = false;
    step_then(r, after_look);
}

const struct verb_ops verb_key_ops = {.plan = plan, .run = key_run, .release = key_release, .must_see = true};
