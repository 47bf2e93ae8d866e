/* kill client: doing it. Each is looked at once more, since what was an ordinary client may be a worker's by
 * now; then killed by its number, which a server never gives twice while it runs; then looked for again.
 * After a restart or a failover the number may be somebody else's: then the address is another one. The
 * connection that all this goes over comes last. */
#include "kill.h"

#include <inttypes.h>
#include <stdio.h>

static void tell(struct runner *r, const struct kill_victim *one, enum action_outcome outcome,
                 const char *text)
{
    verb_receipt(r, outcome, one->shown, NULL, "%s", text);
}

static void tell_ended(struct runner *r, const struct kill_victim *one)
{
    const struct kill_work *v = r->work;
    if (v->seen && one->there) {
        tell(r, one, ACTION_FAILED, "the server says it ended it, but it is still connected");
    } else {
        tell(r, one, ACTION_DONE,
             v->seen ? "its connection has ended" : "its connection has ended (not read back)");
    }
}

static void tell_silent(struct runner *r, const struct kill_victim *one)
{
    const struct kill_work *v = r->work;
    if (!v->seen) {
        tell(r, one, ACTION_UNKNOWN, "the reply never came");
    } else if (one->there) {
        tell(r, one, ACTION_FAILED, "the reply never came, and it is still connected");
    } else {
        tell(r, one, ACTION_DONE, "the reply never came, but it is no longer connected");
    }
}

static bool told_before(struct runner *r, const struct kill_victim *one)
{
    if (one->id < 0) {
        tell(r, one, ACTION_GONE, "not connected (any more)");
    } else if (one->why) {
        verb_receipt(r, ACTION_REFUSED, one->shown, NULL, "%s", one->why);
    } else {
        return false;
    }
    return true;
}

static void read_back(struct runner *r)
{
    struct kill_work *v = r->work;
    char count[24];
    int done = 0;
    for (size_t i = 0; i < v->count; i++) {
        const struct kill_victim *one = &v->victim[i];
        if (told_before(r, one)) {
            continue;
        }
        done += one->answer == KILL_ENDED;
        switch (one->answer) {
        case KILL_ENDED:
            tell_ended(r, one);
            break;
        case KILL_SILENT:
            tell_silent(r, one);
            break;
        case KILL_ABSENT:
            tell(r, one, ACTION_GONE, "it had gone by itself");
            break;
        case KILL_ERROR:
            verb_receipt(r, ACTION_FAILED, one->shown, NULL, "the server refused it: %s", one->error);
            break;
        default:
            tell(r, one, ACTION_FAILED, "not sent: the connection was lost");
            break;
        }
    }
    snprintf(count, sizeof count, "%d", done);
    mem_replace(&r->plan.result, count);
    if (v->count == 1) {
        verb_finish(r, "%s", r->last_text);
    } else {
        verb_finish(r, "%d of %zu connections ended", done, v->count);
    }
}

static void on_line(struct runner *r, const struct client_line *c)
{
    struct kill_work *v = r->work;
    for (size_t i = 0; i < v->count; i++) {
        struct kill_victim *one = &v->victim[i];
        if (one->id == c->id) {
            one->there = span_equal(c->address, span_of(one->address));
            one->other = !one->there;
            one->kind_now = kill_kind(r, c);
        }
    }
}

static void look(struct runner *r, step_fn then)
{
    struct kill_work *v = r->work;
    for (size_t i = 0; i < v->count; i++) {
        v->victim[i].there = v->victim[i].other = false;
    }
    v->seen = false;
    if (link_is_ready(r->home)) {
        kill_look(r, false, on_line, then);
    } else {
        step_then(r, then);
    }
}

static void look_back(struct runner *r)
{
    look(r, read_back);
}

static void on_killed(struct runner *r, const struct answer *a)
{
    struct kill_work *v = r->work;
    struct kill_victim *one = &v->victim[a->tag];
    int64_t ended;
    if (!a->reply) {
        one->answer = a->unsent ? KILL_UNSENT : KILL_SILENT;
    } else if (reply_int(a->reply, &ended)) {
        one->answer = ended > 0 ? KILL_ENDED : KILL_ABSENT;
    } else {
        one->answer = KILL_ERROR;
        verb_keep_error(&one->error, a->reply);
        one->error = one->error ? one->error : mem_strdup("an answer of another kind");
    }
}

static void kill_one(struct runner *r, size_t i)
{
    const struct kill_work *v = r->work;
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, v->victim[i].id);
    if (kill_is_act(r, v->victim[i].id)) { /* without it the server leaves out who asks */
        step_act(r, on_killed, i, S("CLIENT"), S("KILL"), S("ID"), span_of(id), S("SKIPME"), S("no"));
    } else {
        step_act(r, on_killed, i, S("CLIENT"), S("KILL"), S("ID"), span_of(id));
    }
}

static void come_back(struct runner *r)
{
    step_when_ready(r, look_back);
}

/* Our own connection may have been among them: it is not yet known to be gone when its answer is there. */
static void after_kill(struct runner *r)
{
    const struct kill_work *v = r->work;
    if (v->act_too) {
        step_after(r, 200000, come_back);
    } else {
        come_back(r);
    }
}

static void act(struct runner *r)
{
    struct kill_work *v = r->work;
    for (int last = 0; last < 2; last++) {
        for (size_t i = 0; i < v->count; i++) {
            const struct kill_victim *one = &v->victim[i];
            if (one->id >= 0 && !one->why && kill_is_act(r, one->id) == (last == 1)) {
                v->act_too = last == 1;
                kill_one(r, i);
            }
        }
    }
    step_then(r, after_kill);
}

/* What each has become since the plan. */
static void compared(struct runner *r)
{
    struct kill_work *v = r->work;
    /* Without a connection nothing will be sent, and that is said. */
    bool blind = !v->seen && link_is_ready(r->home);
    for (size_t i = 0; i < v->count; i++) {
        struct kill_victim *one = &v->victim[i];
        bool changed =
            one->there && one->kind_now != one->kind && !(one->listens && one->kind_now == CLIENT_WORKER);
        if (one->why) {
            continue;
        }
        if (blind || one->other) {
            one->why = blind ? "it could not be looked at once more: nothing was sent"
                             : "its number is another client's by now: nothing was sent";
        } else if (changed) {
            one->why = kill_refusal(r, one->kind_now);
        }
    }
    act(r);
}

void kill_run(struct runner *r)
{
    look(r, compared);
}
