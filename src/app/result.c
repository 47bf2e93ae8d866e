/* result: what is known of one task, as JSON: the result that Celery stored, the platform's own answers, and,
 * while it has not ended, where its message is and what workers say of it. */
#include "redai/schema/result.h"

#include "app.h"
#include "look.h"
#include "rows_json.h"

#include <stdio.h>

#include "redai/base/clock.h"

#include "redai/schema/result_report.h"

#include "redai/link/link.h"

#define KNOWN_LIMIT_US (2500 * US_PER_MS)

enum { STORED, PROGRESS, READS };

struct asking {
    struct ev_loop *loop;
    char *id;
    struct reading {
        struct asking *asking;
        struct link *link;
        const char *prefix;
        bool asked, over, there;
        UT_string value;
    } read[READS];
    int code;
    bool failed; /* told: the result could not be read */
};

static void end_reading(struct reading *r)
{
    struct asking *a = r->asking;
    r->over = true;
    /* Without the progress something can be told, without the result nothing. */
    if ((a->read[STORED].over && a->read[PROGRESS].over) || a->failed) {
        ev_break(a->loop, EVBREAK_ALL);
    }
}

static void fail(struct reading *r, int code, enum err_code kind, struct span why)
{
    struct asking *a = r->asking;
    struct err err;
    if (r == &a->read[STORED] && !a->failed) {
        err_set(&err, kind, "%.*s", (int)why.len, why.data);
        complain(&err);
        a->failed = true;
        a->code = code;
    }
    end_reading(r);
}

static void on_reply(void *user, const struct reply *reply)
{
    struct reading *r = user;
    struct span value;
    if (!reply) {
        fail(r, EXIT_UNKNOWN, ERR_NETWORK, S("the connection was lost before the answer came"));
    } else if (reply_is_error(reply)) {
        fail(r, EXIT_FAILED, ERR_REPLY, reply_error(reply));
    } else {
        if (reply_string(reply, &value)) {
            r->there = true;
            text_add(&r->value, value);
        }
        end_reading(r);
    }
}

static void on_state(void *user, const struct link_status *status)
{
    struct reading *r = user;
    if (status->state == LINK_READY && !r->asked) {
        UT_string key;
        r->asked = true;
        utstring_init(&key);
        utstring_printf(&key, "%s%s", r->prefix, r->asking->id);
        link_command(r->link, on_reply, r, S("GET"), text_span(&key));
        utstring_done(&key);
    } else if (status->state == LINK_WAITING && !r->asked && !r->over) {
        fail(r, EXIT_FAILED, ERR_NETWORK, span_of(status->error));
    }
}

static void read_both(struct asking *a, struct settings *s)
{
    static const char *const name[READS] = {"result", "progress"};
    static const char *const prefix[READS] = {"celery-task-meta-", "batch:progress:"};
    const struct address *address[READS] = {&s->results, &s->address};
    for (int i = 0; i < READS; i++) {
        struct reading *r = &a->read[i];
        *r = (struct reading){.asking = a, .prefix = prefix[i]};
        utstring_init(&r->value);
        r->link = link_new(a->loop, &(struct link_options){.name = name[i],
                                                           .address = address[i],
                                                           .db = -1,
                                                           .no_touch = true,
                                                           .on_state = on_state,
                                                           .user = r});
    }
    for (int i = 0; i < READS; i++) {
        link_start(a->read[i].link);
    }
    ev_run(a->loop, 0);
    for (int i = 0; i < READS; i++) {
        link_free(a->read[i].link);
    }
}

static bool has_ended(struct span stored)
{
    struct result r;
    result_decode(&r, stored);
    bool ended = result_is_final(&r);
    result_release(&r);
    return ended;
}

/* --- a task that has not ended --- */

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    const struct task *t = model_task_find(o->model, span_of(ctx));
    bool found = t && (t->sources & (TASK_FROM_LIST | TASK_FROM_UNACKED | TASK_FROM_WORKER));
    return found || collect_tasks_settled(o->collect) || past_us >= KNOWN_LIMIT_US ||
           !look_is_hopeful(o, past_us);
}

static void search(struct settings *s, struct ev_loop *loop, char *id, UT_string *out)
{
    struct observer o;
    look_until(&o, loop, s, is_enough, id);
    const struct task *t = model_task_find(s->model, span_of(id));
    if (t) {
        rows_json_task(s->model, t, out);
    }
    observer_release(&o);
}

int result_run(struct settings *s, const UT_array *args)
{
    struct asking a = {
        .loop = ev_default_loop(0), .id = span_dup(span_of(args_at(args, 0))), .code = EXIT_OK};
    UT_string known;
    utstring_init(&known);
    read_both(&a, s);
    const struct reading *stored = &a.read[STORED], *progress = &a.read[PROGRESS];
    if (!a.failed && !(stored->there && has_ended(text_span(&stored->value)))) {
        search(s, a.loop, a.id, &known);
    }
    static const struct span none = {NULL, 0};
    char *text = a.failed ? NULL
                          : result_report(&(struct result_report){
                                .task_id = a.id,
                                .stored = stored->there ? text_span(&stored->value) : none,
                                .progress = progress->there ? text_span(&progress->value) : none,
                                .known = utstring_len(&known) ? text_span(&known) : none});
    if (text) {
        if (puts(text) < 0 || fflush(stdout) != 0) {
            complain(&(struct err){ERR_IO, "the result could not be written"});
            a.code = EXIT_FAILED;
        }
    } else if (!a.failed) {
        complain(&(struct err){ERR_PARSE, "the stored result is no JSON"});
        a.code = EXIT_FAILED;
    }
    if (text && !stored->there) {
        complain(&(struct err){
            ERR_NOT_FOUND, "no result is stored: the task may wait, run, have expired, or never have been"});
        a.code = EXIT_FAILED;
    }
    mem_free(text);
    utstring_done(&known);
    for (int i = 0; i < READS; i++) {
        utstring_done(&a.read[i].value);
    }
    mem_free(a.id);
    return a.code;
}
