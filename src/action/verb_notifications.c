#include "phrase.h"
#include "verb.h"

#include "redai/base/utf8.h"

#include "redai/schema/notify.h"

#define SETTING "notify-keyspace-events"

struct notifications {
    bool read;
    UT_string present, wanted;
    UT_string planned; /* what was there when the plan was made */
    char *error;
    bool set, unsent;
};

static void release(void *work)
{
    struct notifications *n = work;
    if (n) {
        utstring_done(&n->present);
        utstring_done(&n->wanted);
        utstring_done(&n->planned);
        mem_free(n->error);
        mem_free(n);
    }
}

/* --- plan --- */

static void on_setting(struct runner *r, const struct answer *a)
{
    struct notifications *n = r->work;
    struct span value;

    verb_keep_error(&n->error, a->reply);
    n->read = reply_count(a->reply) == 2 && reply_string(reply_at(a->reply, 1), &value);
    utstring_clear(&n->present);
    if (n->read) {
        text_add(&n->present, value);
    }
}

static void say_missing(struct plan *p, struct span present)
{
    UT_string missing;
    utstring_init(&missing);
    notify_missing(present, &missing);
    for (size_t i = 0; i < utstring_len(&missing); i++) {
        plan_remark(p, "adds %s", notify_letter_meaning(utstring_body(&missing)[i]));
    }
    utstring_done(&missing);
}

static void plan_end(struct runner *r)
{
    struct notifications *n = r->work;
    struct plan *p = &r->plan;
    UT_string missing;

    if (!n->read) {
        verb_refuse(r, ACTION_REFUSED, "%s; set it in redis.conf: " SETTING " %s",
                    n->error ? n->error : "the server does not show " SETTING, NOTIFY_NEEDED);
        return;
    }
    utstring_init(&missing);
    notify_missing(text_span(&n->present), &missing);
    bool complete = utstring_len(&missing) == 0;
    utstring_done(&missing);
    char *present = utf8_sanitise_dup(text_span(&n->present), PHRASE_COLUMNS);
    if (complete) {
        verb_refuse(r, ACTION_DONE, "already on (%s): nothing was changed", present);
        mem_free(present);
        return;
    }
    notify_merged(text_span(&n->present), &n->wanted);
    text_add(&n->planned, text_span(&n->present));
    plan_title(p, "turn key notifications on");
    plan_command(p, "CONFIG SET " SETTING " %s", utstring_body(&n->wanted));
    plan_sample(p, "now \"%s\", then \"%s\"", present, utstring_body(&n->wanted));
    say_missing(p, text_span(&n->present));
    plan_remark(p, "lasts until Redis restarts; to keep it, in redis.conf: " SETTING " %s",
                utstring_body(&n->wanted));
    if (strchr(present, 'A')) {
        plan_remark(
            p, "beside A the server does not show the class n (new keys): if it was on, this turns it off");
    }
    plan_ask(p, 1);
    p->result = mem_strdup(utstring_body(&n->wanted));
    mem_free(present);
    verb_planned(r);
}

static void plan(struct runner *r)
{
    struct notifications *n = mem_zalloc(sizeof *n);

    r->work = n;
    utstring_init(&n->present);
    utstring_init(&n->wanted);
    utstring_init(&n->planned);
    step_act(r, on_setting, 0, S("CONFIG"), S("GET"), S(SETTING));
    step_then(r, plan_end);
}

/* --- run --- */

static void tell(struct runner *r, enum action_outcome outcome, char *text)
{
    if (outcome != ACTION_DONE) {
        mem_replace(&r->plan.result, NULL);
    }
    verb_receipt(r, outcome, "notifications", NULL, "%s", text);
    verb_finish(r, "%s", text);
    mem_free(text);
}

static void was_read_back(struct runner *r)
{
    const struct notifications *n = r->work;
    UT_string missing;

    utstring_init(&missing);
    notify_missing(text_span(&n->present), &missing);
    char *present = utf8_sanitise_dup(text_span(&n->present), PHRASE_COLUMNS);
    if (!n->read) {
        tell(r, n->set ? ACTION_DONE : ACTION_UNKNOWN,
             mem_strdup(n->set ? "set; it could not be read back" : "the reply never came"));
    } else if (utstring_len(&missing) == 0) {
        tell(r, ACTION_DONE, phrase_make("notifications are on (%s), until Redis restarts", present));
    } else {
        tell(r, n->set ? ACTION_CHANGED : ACTION_UNKNOWN,
             phrase_make("%s, but now it reads \"%s\"", n->set ? "set" : "the reply never came", present));
    }
    mem_free(present);
    utstring_done(&missing);
}

static void read_back(struct runner *r)
{
    struct notifications *n = r->work;
    n->read = false;
    if (link_is_ready(r->home)) {
        step_act(r, on_setting, 0, S("CONFIG"), S("GET"), S(SETTING));
    }
    step_then(r, was_read_back);
}

static void on_set(struct runner *r, const struct answer *a)
{
    struct notifications *n = r->work;
    n->set = reply_is_ok(a->reply);
    n->unsent = !a->reply && a->unsent;
    verb_keep_error(&n->error, a->reply);
}

static void was_set(struct runner *r)
{
    struct notifications *n = r->work;
    if (n->error) {
        tell(r, ACTION_FAILED,
             phrase_make("the server refused it: %s; set it in redis.conf: " SETTING " %s", n->error,
                         utstring_body(&n->wanted)));
    } else if (n->unsent) {
        tell(r, ACTION_FAILED, mem_strdup("not sent: the connection was lost"));
    } else if (n->set) {
        read_back(r);
    } else {
        step_when_ready(r, read_back);
    }
}

/* Every class that the plan saw is still on. A stands for all but m and n (K and E are no classes). */
static bool has_all_planned(const struct notifications *n)
{
    struct span present = text_span(&n->present), planned = text_span(&n->planned);
    bool whole = span_find(present, 'A') < present.len;

    for (size_t i = 0; i < planned.len; i++) {
        char letter = planned.data[i];
        if (span_find(present, letter) == present.len && (!whole || strchr("KEmn", letter))) {
            return false;
        }
    }
    return true;
}

/* There is no setting on condition: between this look and the change only one round trip is left to others.
 */
static void was_read_again(struct runner *r)
{
    struct notifications *n = r->work;
    UT_string missing;

    if (!n->read) {
        tell(r, ACTION_FAILED,
             phrase_make("%s: nothing was changed", n->error  ? n->error
                                                    : r->lost ? "the connection was lost"
                                                              : "it could not be read again"));
        return;
    }
    if (r->stopped) {
        tell(r, ACTION_REFUSED, mem_strdup("stopped: nothing was changed"));
        return;
    }
    utstring_init(&missing);
    notify_missing(text_span(&n->present), &missing);
    bool complete = utstring_len(&missing) == 0;
    utstring_done(&missing);
    char *present = utf8_sanitise_dup(text_span(&n->present), PHRASE_COLUMNS);
    char *planned = utf8_sanitise_dup(text_span(&n->planned), PHRASE_COLUMNS);
    if (complete) {
        mem_replace(&r->plan.result, utstring_body(&n->present));
        tell(r, ACTION_DONE,
             phrase_make("somebody else turned them on meanwhile (%s): nothing was changed", present));
    } else if (!has_all_planned(n)) {
        tell(r, ACTION_CHANGED,
             phrase_make("it was \"%s\" and is now \"%s\": nothing was changed", planned, present));
    } else {
        utstring_clear(&n->wanted);
        notify_merged(text_span(&n->present), &n->wanted);
        mem_replace(&r->plan.result, utstring_body(&n->wanted));
        step_act(r, on_set, 0, S("CONFIG"), S("SET"), S(SETTING), text_span(&n->wanted));
        step_then(r, was_set);
    }
    mem_free(present);
    mem_free(planned);
}

/* Another tool may have set letters of its own while the question stood: they stay. */
static void run(struct runner *r)
{
    struct notifications *n = r->work;
    n->read = false;
    step_act(r, on_setting, 0, S("CONFIG"), S("GET"), S(SETTING));
    step_then(r, was_read_again);
}

const struct verb_ops verb_notifications_ops = {.plan = plan, .run = run, .release = release};
