/* kill client: the plan. All clients are listed once: an address is looked for among them, and so is a worker
 * that waits for tasks on the host of a client that only listens. */
#include "kill.h"
#include "phrase.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/num.h"
#include "redai/base/utf8.h"

bool kill_is_act(const struct runner *r, int64_t id)
{
    return id >= 0 && id == link_client_id(r->home);
}

enum client_kind kill_kind(const struct runner *r, const struct client_line *c)
{
    const struct runner_options *o = &r->options;
    bool own = kill_is_act(r, c->id) ||
               (o->broker && !o->broker_apart && c->id == link_client_id(o->broker)) ||
               (o->result && !o->results_apart && c->id == link_client_id(o->result)) ||
               (r->options.owns_client && r->options.owns_client(r->options.ctx, c->id));
    return own ? CLIENT_OWN : client_line_kind(c);
}

const char *kill_refusal(const struct runner *r, enum client_kind kind)
{
    switch (kind) {
    case CLIENT_WORKER:
        return "a worker's: :worker shutdown ends it in good order; cut off, it may hang";
    case CLIENT_OWN:
        return r->order.own ? NULL : "our own: needs --own";
    case CLIENT_REPLICA:
        return r->order.replica ? NULL : "a replica's: needs --replica; it may have to copy all data anew";
    case CLIENT_MASTER:
        return r->order.replica ? NULL : "this server's master: needs --replica";
    default:
        return NULL;
    }
}

/* --- a look at the server's list --- */

static void on_list(struct runner *r, const struct answer *a)
{
    struct kill_work *v = r->work;
    struct span text;
    struct client_line line;
    v->seen = reply_string(a->reply, &text);
    v->whole = v->whole || reply_is_error(a->reply); /* "syntax error": it knows no numbers here */
    while (v->seen && client_list_next(&text, &line)) {
        v->line(r, &line);
    }
}

static void look_at_all(struct runner *r)
{
    struct kill_work *v = r->work;
    if (!v->seen && link_is_ready(r->home)) {
        step_act(r, on_list, 0, S("CLIENT"), S("LIST"));
    }
    step_then(r, v->then);
}

static const UT_icd word_icd = {sizeof(struct span), NULL, NULL, NULL};

void kill_look(struct runner *r, bool all, kill_line_fn line, step_fn then)
{
    struct kill_work *v = r->work;
    v->line = line;
    v->then = then;
    v->seen = false;
    if (all || v->whole) {
        look_at_all(r);
        return;
    }
    UT_array args;
    utarray_init(&args, &word_icd);
    char(*id)[24] = mem_zalloc((v->count + 1) * sizeof *id);
    static const struct span words[] = {SPAN_LITERAL("CLIENT"), SPAN_LITERAL("LIST"), SPAN_LITERAL("ID")};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        utarray_push_back(&args, &words[i]);
    }
    for (size_t i = 0; i < v->count; i++) {
        if (v->victim[i].id >= 0) {
            snprintf(id[i], sizeof id[i], "%" PRId64, v->victim[i].id);
            struct span word = span_of(id[i]);
            utarray_push_back(&args, &word);
        }
    }
    step_send(r, r->home, on_list, 0, utarray_len(&args), (const struct span *)utarray_front(&args));
    utarray_done(&args);
    mem_free(id);
    step_then(r, look_at_all);
}

/* --- what a victim is --- */

static char *shown_text(struct span raw, const char *none)
{
    return raw.len ? utf8_sanitise_dup(raw, PHRASE_COLUMNS / 2) : mem_strdup(none);
}

/* "api-3, user default, 3h02m old, idle 12s, last get, normal, 22K" */
static char *describe(const struct runner *r, const struct client_line *c)
{
    char age[16], idle[16], memory[16], output[16];
    char *name = shown_text(c->name, "no name"), *user = shown_text(c->user, "?");
    char *command = shown_text(c->command, "none");
    bool waits = c->output > 0;
    char *text = phrase_make(
        "%s, %s, user %s, %s old, idle %s, last command %s, %s%s%s", client_kind_name[kill_kind(r, c)], name,
        user, human_seconds(c->age_s, age, sizeof age), human_seconds(c->idle_s, idle, sizeof idle), command,
        human_bytes(c->memory, memory, sizeof memory), waits ? ", not taken yet " : "",
        waits ? human_bytes(c->output, output, sizeof output) : "");
    mem_free(name);
    mem_free(user);
    mem_free(command);
    return text;
}

/* What stands before the port. */
static struct span host_of(struct span address)
{
    size_t at = address.len;
    while (at > 0 && address.data[at - 1] != ':') {
        at--;
    }
    return span_head(address, at ? at - 1 : address.len);
}

static bool is_meant(const struct kill_victim *one, const struct client_line *c)
{
    int64_t id;
    return num_i64(one->asked, &id) ? c->id == id : span_equal(one->asked, c->address);
}

static void take_line(struct runner *r, const struct client_line *c)
{
    struct kill_work *v = r->work;
    for (size_t i = 0; i < v->count; i++) {
        struct kill_victim *one = &v->victim[i];
        if (!is_meant(one, c)) {
            continue;
        }
        one->matches++;
        one->id = c->id;
        one->kind = kill_kind(r, c);
        one->listens = one->kind == CLIENT_WORKER && !span_equal(c->command, S("brpop"));
        mem_free(one->shown);
        mem_free(one->about);
        mem_free(one->address);
        mem_free(one->host);
        char *address = shown_text(c->address, "?");
        one->shown = phrase_make("client %" PRId64 " (%s)", c->id, address);
        one->about = describe(r, c);
        one->address = span_dup(c->address);
        one->host = span_dup(host_of(c->address));
        mem_free(address);
    }
}

/* Behind a listener stands a worker when one waits for tasks on the same host; behind another one may. */
static void take_host(struct runner *r, const struct client_line *c)
{
    struct kill_work *v = r->work;
    for (size_t i = 0; i < v->count; i++) {
        struct kill_victim *one = &v->victim[i];
        if (one->host && client_line_kind(c) == CLIENT_WORKER && span_equal(c->command, S("brpop")) &&
            span_equal(host_of(c->address), span_of(one->host))) {
            one->near = true;
        }
    }
}

/* --- the plan --- */

static bool named_before(const struct kill_work *v, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (v->victim[k].id >= 0 && v->victim[k].id == v->victim[i].id) {
            return true;
        }
    }
    return false;
}

static void judge(struct runner *r, struct kill_victim *one)
{
    if (one->matches > 1) {
        one->why = "several clients have this address: name one by its number";
    } else if (one->listens && !one->near) {
        one->kind = CLIENT_PUBSUB;
    } else {
        one->why = kill_refusal(r, one->kind);
    }
}

static void say_one(struct runner *r, const struct kill_victim *one)
{
    if (one->id < 0) {
        plan_remark(&r->plan, "%s: not connected (any more)", one->shown);
        return;
    }
    plan_sample(&r->plan, "%s: %s", one->shown, one->about);
    if (one->why) {
        plan_remark(&r->plan, "not killed: %s: %s", one->shown, one->why);
        return;
    }
    plan_command(&r->plan, "CLIENT KILL ID %" PRId64 "%s", one->id,
                 kill_is_act(r, one->id) ? " SKIPME no" : "");
    if (one->listens) {
        plan_remark(
            &r->plan,
            "%s: it listens by pattern, as workers and Flower do, but no worker waits for tasks there",
            one->shown);
    } else if (one->kind == CLIENT_NORMAL && one->near) {
        plan_remark(&r->plan,
                    "%s: a worker waits for tasks on the same host: it may be one of its connections",
                    one->shown);
    } else if (one->kind == CLIENT_CONSOLE) {
        plan_remark(&r->plan, "%s: another redai-console's, which connects again", one->shown);
    } else if (one->kind == CLIENT_OWN) {
        plan_remark(&r->plan, "%s: this console's own, which connects again", one->shown);
    } else if (one->kind == CLIENT_REPLICA) {
        plan_remark(&r->plan, "%s: it connects again, and may have to copy all data anew", one->shown);
    }
}

static void plan_end(struct runner *r)
{
    struct kill_work *v = r->work;
    const struct kill_victim *first = NULL, *absent = NULL;
    size_t live = 0;
    bool typed = false;
    for (size_t i = 0; i < v->count; i++) {
        struct kill_victim *one = &v->victim[i];
        if (one->id < 0) {
            absent = absent ? absent : one;
            continue;
        }
        judge(r, one);
        live += !one->why;
        first = one->why && !first ? one : first;
        typed = typed || (!one->why && (one->kind == CLIENT_REPLICA || one->kind == CLIENT_MASTER));
    }
    if (live == 0 && first) {
        verb_refuse(r, ACTION_REFUSED, "%s: %s", first->shown, first->why);
        return;
    }
    if (live == 0) {
        verb_refuse(r, ACTION_GONE, "%s: not connected (any more)", absent ? absent->shown : "no client");
        return;
    }
    plan_title(&r->plan,
               live == 1 ? "end the connection of %zu client" : "end the connections of %zu clients", live);
    for (size_t i = 0; i < v->count; i++) {
        say_one(r, &v->victim[i]);
    }
    plan_remark(&r->plan, "what a client has under way fails; most connect again at once");
    r->plan.destructive = true;
    if (typed) {
        plan_ask_typed(&r->plan, (int64_t)live);
    } else {
        plan_ask(&r->plan, (int64_t)live);
    }
    verb_planned(r);
}

static void drop_doubles(struct kill_work *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->count; i++) {
        v->victim[i].id = v->victim[i].matches ? v->victim[i].id : -1;
    }
    for (size_t i = 0; i < v->count; i++) {
        if (named_before(v, i)) {
            mem_free(v->victim[i].shown);
            mem_free(v->victim[i].about);
            mem_free(v->victim[i].address);
            mem_free(v->victim[i].host);
        } else {
            v->victim[kept++] = v->victim[i];
        }
    }
    v->count = kept;
}

static void after_look(struct runner *r)
{
    struct kill_work *v = r->work;
    bool unsure = false; /* whether it is a worker's */
    drop_doubles(v);
    for (size_t i = 0; i < v->count; i++) {
        const struct kill_victim *one = &v->victim[i];
        unsure = unsure || one->listens || (one->id >= 0 && one->kind == CLIENT_NORMAL);
    }
    if (unsure) {
        kill_look(r, true, take_host, plan_end);
    } else {
        plan_end(r);
    }
}

static void plan(struct runner *r)
{
    struct kill_work *v = mem_zalloc(sizeof *v);
    bool all = false;
    r->work = v;
    v->count = utarray_len(&r->order.target);
    v->victim = mem_zalloc((v->count + 1) * sizeof *v->victim);
    for (size_t i = 0; i < v->count; i++) {
        struct kill_victim *one = &v->victim[i];
        const struct target *t = VERB_AT(&r->order.target, struct target, i);
        char *asked = utf8_sanitise_dup(target_id(t), PHRASE_COLUMNS);
        one->asked = target_id(t);
        one->id = -1;
        one->shown = phrase_make("client %s", asked);
        mem_free(asked);
        all = all || !num_i64(one->asked, &one->id);
    }
    r->lenient = !all; /* an old server knows no CLIENT LIST ID: then all are listed */
    kill_look(r, all, take_line, after_look);
    r->lenient = false;
}

static void release(void *work)
{
    struct kill_work *v = work;
    for (size_t i = 0; v && i < v->count; i++) {
        mem_free(v->victim[i].shown);
        mem_free(v->victim[i].about);
        mem_free(v->victim[i].address);
        mem_free(v->victim[i].host);
        mem_free(v->victim[i].error);
    }
    if (v) {
        mem_free(v->victim);
    }
    mem_free(v);
}

const struct verb_ops verb_kill_ops = {.plan = plan, .run = kill_run, .release = release, .must_see = true};
