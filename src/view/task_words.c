#include "task_words.h"

#include "texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"

/* Celery's own when the broker's transport options do not say another one. */
#define VISIBILITY_S INT64_C(3600)

static const struct task_sign signs[TASK_STATE_COUNT] = {
    [TASK_STATE_UNKNOWN] = {"?", ROLE_UNKNOWN}, [TASK_STATE_WAITING] = {".", ROLE_TEXT},
    [TASK_STATE_RESERVED] = {":", ROLE_TEXT},   [TASK_STATE_SCHEDULED] = {"@", ROLE_TEXT},
    [TASK_STATE_RUNNING] = {">", ROLE_INFO},    [TASK_STATE_RETRY] = {"r", ROLE_WARNING},
    [TASK_STATE_SUCCEEDED] = {"+", ROLE_GOOD},  [TASK_STATE_FAILED] = {"x", ROLE_CRITICAL},
    [TASK_STATE_REVOKED] = {"-", ROLE_DIM},     [TASK_STATE_REJECTED] = {"/", ROLE_WARNING},
    [TASK_STATE_LOST] = {"!", ROLE_WARNING},    [TASK_STATE_ORPHANED] = {"o", ROLE_WARNING},
};

const struct task_sign *task_sign(enum task_state state)
{
    return &signs[state];
}

const char *task_short_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot[1] ? dot + 1 : name;
}

const char *task_source_name(enum task_source source)
{
    switch (source) {
    case TASK_FROM_LIST:
        return "list";
    case TASK_FROM_UNACKED:
        return "unacked";
    case TASK_FROM_EVENT:
        return "event";
    case TASK_FROM_WORKER:
        return "worker";
    case TASK_FROM_RESULT:
        return "result";
    }
    return "";
}

int64_t task_sent_us(const struct task *t)
{
    return t->sent_us >= 0 ? t->sent_us : t->received_us;
}

int64_t task_age_us(const struct look *look, const struct task *t)
{
    int64_t sent = task_sent_us(t);
    int64_t known = sent >= 0 ? sent : t->started_us >= 0 ? t->started_us : t->ended_us;
    int64_t age = known >= 0 ? look->wall_us - known : look->now_us - t->first_us;
    return age > 0 ? age : 0; /* other machines' clocks may be ahead of ours */
}

int64_t task_runtime_us(const struct look *look, const struct task *t)
{
    if (t->state == TASK_STATE_RUNNING) {
        int64_t runs = look->wall_us - t->started_us;
        return t->started_us < 0 ? -1 : runs > 0 ? runs : 0;
    }
    return t->runtime_s >= 0 && t->runtime_s < 1e12 ? (int64_t)(t->runtime_s * (double)US_PER_S) : -1;
}

int64_t task_redelivery_us(const struct look *look, const struct task *t)
{
    const struct worker *w = t->worker[0] ? model_worker_find(look->m, span_of(t->worker)) : NULL;
    int64_t visibility = w && w->visibility_s > 0 ? w->visibility_s : VISIBILITY_S;
    if (t->delivered_us < 0 || !(t->sources & TASK_FROM_UNACKED)) {
        return INT64_MAX;
    }
    return t->delivered_us + visibility * US_PER_S - look->wall_us;
}

/* Dangers, the worst first. */
static bool why_danger(const struct look *look, const struct task *t, struct field *out)
{
    char left[TEXT_SMALL];
    char hidden[VEIL_MAX];
    const char *said = look_text(look, VEIL_PAYLOAD, t->text, hidden);
    if (t->flags & TASK_FLAG_POISON) {
        if (t->deliveries >= TASK_POISON_DELIVERIES) {
            field_printf(out, ROLE_CRITICAL, "! poison: delivered %" PRId32 " times%s%.40s", t->deliveries,
                         said[0] ? ", " : "", said);
        } else {
            field_printf(out, ROLE_CRITICAL, "! poison: a worker exits on it%s%.50s", said[0] ? ": " : "",
                         said);
        }
    } else if (t->flags & TASK_FLAG_SECOND_RUN) {
        field_text(out, ROLE_WARNING, S("! runs a second time"));
    } else if (t->flags & TASK_FLAG_OVERDUE) {
        field_text(out, ROLE_WARNING, S("! overdue: runs twice"));
    } else if (t->flags & TASK_FLAG_NEAR_TIMEOUT) {
        field_printf(out, ROLE_WARNING, "! redelivered in %s: will run twice",
                     text_left(task_redelivery_us(look, t), left, sizeof left));
    } else if (t->flags & TASK_FLAG_DROPPED) {
        field_printf(out, ROLE_WARNING, "! a worker will discard it%s%.50s", said[0] ? ": " : "", said);
    } else if (t->flags & TASK_FLAG_UNCONSUMED) {
        field_printf(out, ROLE_WARNING, "! nobody consumes %.60s", t->queue[0] ? t->queue : "its queue");
    } else {
        return false;
    }
    field_own(out);
    return true;
}

static void why_calm(const struct look *look, const struct task *t, struct field *out)
{
    char share[TEXT_SMALL];
    char left[TEXT_SMALL];
    char hidden[VEIL_MAX];
    const char *said = look_text(look, VEIL_PAYLOAD, t->text, hidden);
    bool waits =
        t->state == TASK_STATE_SCHEDULED || t->state == TASK_STATE_RETRY || t->state == TASK_STATE_WAITING;
    if (waits && t->eta_us > look->wall_us) {
        field_printf(out, ROLE_TEXT, "runs in %s%s%.60s",
                     text_coarse(t->eta_us - look->wall_us + 5 * US_PER_S, left, sizeof left),
                     said[0] ? ": " : "", said);
    } else if (t->state == TASK_STATE_RUNNING && t->part >= 0) {
        field_printf(out, ROLE_TEXT, "%s done%s%.60s", text_share(t->part, share, sizeof share),
                     said[0] ? ": " : "", said);
    } else if (t->flags & TASK_FLAG_REDELIVERED && t->deliveries > 1) {
        field_printf(out, ROLE_TEXT, "redelivered %" PRId32 "x", t->deliveries - 1);
    } else if (t->flags & TASK_FLAG_REDELIVERED) {
        field_text(out, ROLE_TEXT, S("redelivered"));
    } else {
        field_text(out, t->state == TASK_STATE_FAILED || t->state == TASK_STATE_RETRY ? ROLE_TEXT : ROLE_DIM,
                   span_of(t->text));
        return;
    }
    field_own(out);
}

void task_why(const struct look *look, const struct task *t, struct field *out)
{
    char left[TEXT_SMALL];
    int64_t again = INT64_MAX;
    switch (t->state) {
    case TASK_STATE_FAILED:
        field_text(out, ROLE_TEXT, span_of(t->text[0] ? t->text : t->exception));
        return;
    case TASK_STATE_ORPHANED:
        again = task_redelivery_us(look, t);
        if (again == INT64_MAX) {
            field_text(out, ROLE_WARNING, S("its worker is gone"));
        } else {
            field_printf(out, ROLE_WARNING, "its worker is gone, redelivered in %s",
                         text_left(again, left, sizeof left));
        }
        break;
    case TASK_STATE_LOST:
        field_text(out, ROLE_WARNING, S("STARTED, but no worker has it"));
        break;
    case TASK_STATE_REJECTED:
        field_text(out, ROLE_WARNING, S("its worker rejected it"));
        break;
    case TASK_STATE_UNKNOWN:
        field_text(out, ROLE_DIM, S("in no list, with no worker, without result"));
        break;
    default:
        if (!why_danger(look, t, out)) {
            why_calm(look, t, out);
        }
        return;
    }
    field_own(out);
}

static void explain_orphan(const struct look *look, const struct task *t, UT_string *out)
{
    char left[TEXT_SMALL];
    char node[VEIL_MAX];
    int64_t again = task_redelivery_us(look, t);
    utstring_printf(out, "%s is gone; its message is still in unacked. ",
                    t->worker[0] ? look_text(look, VEIL_NODE, t->worker, node) : "the worker that took it");
    if (again == INT64_MAX) {
        utstring_printf(out, "Celery redelivers it after the visibility timeout; ");
    } else {
        utstring_printf(out, "Celery redelivers it %s%s; ", again > 0 ? "in " : "",
                        text_left(again, left, sizeof left));
    }
    utstring_printf(out, ":requeue %s does it now", t->display_id);
}

static void explain_flags(const struct task *t, UT_string *out)
{
    static const struct {
        enum task_flag flag;
        const char *text;
    } rows[] = {
        {TASK_FLAG_SECOND_RUN, "it runs a second time: on two workers, or again behind its SUCCESS"},
        {TASK_FLAG_OVERDUE,
         "in flight for longer than the visibility timeout: it is delivered again, and then "
         "runs, or ran, twice"},
        {TASK_FLAG_NEAR_TIMEOUT,
         "nearly the visibility timeout in flight: if it is not acknowledged by then, it "
         "is delivered again and runs twice"},
        {TASK_FLAG_UNCONSUMED, "no worker that answers consumes its queue: it waits until one does"},
        {TASK_FLAG_DROPPED, "a worker will discard its message: it never runs"},
    };
    if (t->flags & TASK_FLAG_POISON) {
        utstring_printf(out,
                        "%spoison: a worker that takes it exits or never acknowledges it, and the next one "
                        "gets it then; x removes it",
                        out->i ? "; " : "");
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (t->flags & (unsigned)rows[i].flag) {
            utstring_printf(out, "%s%s", out->i ? "; " : "", rows[i].text);
        }
    }
}

void task_explain(const struct look *look, const struct task *t, UT_string *out)
{
    switch (t->state) {
    case TASK_STATE_UNKNOWN:
        utstring_printf(out,
                        "no list, no worker and no result tells of it now: it may have run and its result "
                        "expired, or it was never sent");
        break;
    case TASK_STATE_LOST:
        utstring_printf(out,
                        "its result says STARTED, but no worker has it and it is not in unacked: rejected, "
                        "or its worker died after acknowledging it. It stays STARTED for ever; :retry %s "
                        "sends it again",
                        t->display_id);
        break;
    case TASK_STATE_REJECTED:
        utstring_printf(out, "a worker rejected it; its result stays STARTED for ever");
        break;
    case TASK_STATE_ORPHANED:
        explain_orphan(look, t, out);
        break;
    case TASK_STATE_SCHEDULED:
        utstring_printf(out, "a worker holds it in its memory until its eta");
        break;
    case TASK_STATE_RESERVED:
        utstring_printf(out, "a worker has taken it and waits for a free process");
        break;
    default:
        break;
    }
    explain_flags(t, out);
}
