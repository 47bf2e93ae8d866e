/* chord: parts of a chord are counted in celery-taskset-meta-<group>.j; the last one sends the body, or fails
 * it when a part has failed. Source: facts, section 4; Celery 5.2.6, on_chord_part_return of the Redis
 * backend. */
#include "demo/enqueue.h"
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/json_out.h"

struct part {
    struct task *task;
    void (*next)(struct task *t);
    UT_string key[3]; /* .j .t .s */
};

static void part_end(struct part *p, const struct reply *reply)
{
    struct task *t = p->task;
    void (*next)(struct task *) = p->next;

    for (int i = 0; i < 3; i++) {
        utstring_done(&p->key[i]);
    }
    mem_free(p);
    if (task_replied(t, reply)) {
        next(t);
    }
}

static void send_body(void *ctx, const struct sequel_message *m)
{
    struct demo_worker *w = ctx;
    enqueue(&w->sink, m->queue, m->priority, m->element);
}

static void fail_body(struct task *t, const char *part_id, const char *exception)
{
    const char *body_id = sequel_chord_id(t->sequel);
    UT_string text, message, json, traceback;

    utstring_init(&text);
    utstring_init(&message);
    utstring_init(&json);
    utstring_init(&traceback);
    utstring_printf(&text, "Dependency %s raised %s", part_id, exception);
    text_add(&message, S("["));
    json_quote(text_span(&text), &message);
    text_add(&message, S("]"));
    const struct failure f = {
        .type = "ChordError", .module = "celery.exceptions", .message_json = utstring_body(&message)};
    failure_json(&f, &json);
    failure_traceback(&f, t->message.task, &traceback);
    if (body_id) {
        task_state_write_for(t->worker, body_id, "FAILURE", utstring_body(&json), utstring_body(&traceback));
    }
    utstring_done(&text);
    utstring_done(&message);
    utstring_done(&json);
    utstring_done(&traceback);
}

struct gathered {
    UT_string results;    /* the array of what all parts returned */
    UT_string id, failed; /* of the first part that failed, and its exception's repr */
    bool all_good;
};

static void gather(const struct reply *reply, struct gathered *g)
{
    UT_string id, result;

    g->all_good = true;
    text_add(&g->results, S("["));
    utstring_init(&id);
    utstring_init(&result);
    for (size_t i = 0; g->all_good && i < reply_count(reply); i++) {
        utstring_clear(&id);
        utstring_clear(&result);
        bool is_part = sequel_part_decode(reply_text(reply_at(reply, i)), &id, &result, &g->all_good);
        g->all_good = g->all_good && is_part;
        text_add(&g->results, i ? S(", ") : S(""));
        text_add(&g->results, text_span(&result));
    }
    text_add(&g->results, S("]"));
    if (!g->all_good) {
        text_add(&g->id, text_span(&id));
        text_add(&g->failed, text_span(&result));
    }
    utstring_done(&id);
    utstring_done(&result);
}

static void on_parts(void *user, const struct reply *reply)
{
    struct part *p = user;
    struct task *t = p->task;
    struct demo_worker *w = t->worker;
    struct sequel_sender sender = {.origin = w->node, .routes = &w->routes};
    struct gathered g;

    if (!reply || reply_is_error(reply)) {
        part_end(p, reply);
        return;
    }
    utstring_init(&g.results);
    utstring_init(&g.id);
    utstring_init(&g.failed);
    gather(reply, &g);
    if (!g.all_good) {
        fail_body(t, utstring_body(&g.id), utstring_body(&g.failed));
    } else {
        sequel_chord_body(t->sequel, &sender, utstring_body(&g.results), send_body, w);
        link_command(w->result, NULL, NULL, S("DEL"), text_span(&p->key[0]), text_span(&p->key[1]),
                     text_span(&p->key[2]));
    }
    utstring_done(&g.results);
    utstring_done(&g.id);
    utstring_done(&g.failed);
    part_end(p, reply);
}

static void on_counted(void *user, const struct reply *reply)
{
    struct part *p = user;
    int64_t ready = 0;
    int64_t more = 0;
    int64_t total = 0;

    /* ZADD, ZCOUNT, GET .t, GET .s, and three EXPIRE. */
    reply_int(reply_at(reply, 2), &more);
    bool complete = reply_int(reply_at(reply, 1), &ready) && reply_int(reply_at(reply, 3), &total) &&
                    ready == total + more;
    if (!complete || !link_command(p->task->worker->result, on_parts, p, S("ZRANGE"), text_span(&p->key[0]),
                                   S("0"), S("-1"))) {
        part_end(p, reply);
    }
}

void chord_part(struct task *t, void (*next)(struct task *t))
{
    static const char *const suffix[] = {".j", ".t", ".s"};
    struct link *link = t->worker->result;
    const char *group = sequel_group(t->sequel);
    int64_t index = sequel_group_index(t->sequel);
    char score[24] = "+inf";
    char ttl[16];
    UT_string member;

    if (!group) {
        next(t);
        return;
    }
    struct part *p = mem_zalloc(sizeof(*p));
    p->task = t;
    p->next = next;
    for (int i = 0; i < 3; i++) {
        utstring_init(&p->key[i]);
        utstring_printf(&p->key[i], "celery-taskset-meta-%s%s", group, suffix[i]);
    }
    if (index >= 0) {
        snprintf(score, sizeof(score), "%" PRId64, index);
    }
    snprintf(ttl, sizeof(ttl), "%d", WORKER_RESULT_TTL_S);
    utstring_init(&member);
    sequel_part_encode(t->message.id, t->end_status, t->end_json, &member);
    link_command(link, NULL, NULL, S("MULTI"));
    link_command(link, NULL, NULL, S("ZADD"), text_span(&p->key[0]), span_of(score), text_span(&member));
    link_command(link, NULL, NULL, S("ZCOUNT"), text_span(&p->key[0]), S("-inf"), S("+inf"));
    link_command(link, NULL, NULL, S("GET"), text_span(&p->key[1]));
    link_command(link, NULL, NULL, S("GET"), text_span(&p->key[2]));
    for (int i = 0; i < 3; i++) {
        link_command(link, NULL, NULL, S("EXPIRE"), text_span(&p->key[i]), span_of(ttl));
    }
    t->replies++;
    if (!link_command(link, on_counted, p, S("EXEC"))) {
        part_end(p, NULL);
    }
    utstring_done(&member);
}
