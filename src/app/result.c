/* result: what the result database holds of one task, as JSON. */
#include "redai/schema/result.h"

#include "app.h"

#include <ev.h>
#include <stdio.h>

#include "redai/base/json_out.h"

#include "redai/link/link.h"

struct asking {
    struct ev_loop *loop;
    struct link *link;
    const char *id;
    int code;
    bool asked;
};

static void on_reply(void *user, const struct reply *r)
{
    struct asking *a = user;
    struct span json;
    struct err err;
    a->code = EXIT_FAILED;
    if (!r) {
        complain(&(struct err){ERR_NETWORK, "the connection was lost before the answer came"});
        a->code = EXIT_UNKNOWN;
    } else if (reply_is_error(r)) {
        err_set(&err, ERR_REPLY, "%.*s", (int)reply_error(r).len, reply_error(r).data);
        complain(&err);
    } else if (reply_string(r, &json)) {
        char *pretty = json_pretty(json);
        if (pretty) {
            puts(pretty);
            a->code = EXIT_OK;
        } else {
            complain(&(struct err){ERR_PARSE, "the stored result is no JSON"});
        }
        mem_free(pretty);
    } else {
        UT_string out;
        utstring_init(&out);
        json_open(&out, NULL, '{');
        json_text(&out, "task_id", a->id);
        json_null(&out, "status");
        json_close(&out, '}');
        puts(utstring_body(&out));
        utstring_done(&out);
        complain(&(struct err){
            ERR_NOT_FOUND, "no result is stored: the task may wait, run, have expired, or never have been"});
    }
    ev_break(a->loop, EVBREAK_ALL);
}

static void on_state(void *user, const struct link_status *status)
{
    struct asking *a = user;
    struct err err;
    if (status->state == LINK_READY && !a->asked) {
        UT_string key;
        a->asked = true;
        utstring_init(&key);
        utstring_printf(&key, "celery-task-meta-%s", a->id);
        link_command(a->link, on_reply, a, S("GET"), text_span(&key));
        utstring_done(&key);
    } else if (status->state == LINK_WAITING && !a->asked) {
        err_set(&err, ERR_NETWORK, "%s", status->error);
        complain(&err);
        ev_break(a->loop, EVBREAK_ALL);
    }
}

int result_run(struct settings *s, const UT_array *args)
{
    struct asking a = {.loop = ev_default_loop(0), .id = args_at(args, 0), .code = EXIT_FAILED};
    a.link = link_new(a.loop, &(struct link_options){.name = "result",
                                                     .address = &s->address,
                                                     .db = (int)option_number(&s->options, OPTION_RESULT_DB),
                                                     .no_touch = true,
                                                     .on_state = on_state,
                                                     .user = &a});
    link_start(a.link);
    ev_run(a.loop, 0);
    link_free(a.link);
    return a.code;
}
