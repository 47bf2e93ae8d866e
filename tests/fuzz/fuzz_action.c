#include "fuzz/fuzz.h"
#include "fuzz/script.h"

#include "redai/base/num.h"

#include "redai/action/runner.h"

enum { EVENTS_MAX = 12, TURNS_A_RUN = 60 };
#define TURN_US INT64_C(100000)

struct desk {
    struct runner *r;
    int given, finished;
    bool cancels;
};

static void check_all(const UT_array *texts)
{
    for (unsigned i = 0; i < utarray_len(texts); i++) {
        script_check_text(*(char **)utarray_eltptr(texts, i));
    }
}

static void on_plan(void *ctx, const struct plan *plan)
{
    struct desk *d = ctx;
    struct err err = {0};
    script_check_text(plan->title);
    check_all(&plan->command);
    check_all(&plan->sample);
    check_all(&plan->remark);
    DEMAND(plan->count >= -1 && plan->kept >= 0);
    DEMAND(plan->confirm != PLAN_CONFIRM_TYPED || (plan->typed && *plan->typed));
    if (d->cancels) {
        runner_cancel(d->r);
    } else {
        DEMAND(plan->confirm != PLAN_CONFIRM_TYPED || !runner_confirm(d->r, NULL, &err));
        if (!runner_confirm(d->r, plan->confirm == PLAN_CONFIRM_TYPED ? plan->typed : NULL, &err)) {
            script_check_err(err.text);
        }
    }
}

static void on_progress(void *ctx, int64_t done, int64_t total, const char *text)
{
    (void)ctx;
    DEMAND(done >= 0 && total >= 0);
    script_check_text(text);
}

static void on_receipt(void *ctx, const struct action_receipt *receipt)
{
    (void)ctx;
    DEMAND(receipt->outcome < ACTION_OUTCOME_COUNT);
    script_check_text(receipt->text);
    script_check_text(receipt->subject);
}

static void on_finish(void *ctx, enum action_outcome outcome, const char *text, const char *result)
{
    (void)result;
    DEMAND(outcome < ACTION_OUTCOME_COUNT);
    char *lines = mem_strdup(text), *rest = lines; /* behind the first there may be help */
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        script_check_text(line);
    }
    mem_free(lines);
    ((struct desk *)ctx)->finished++;
}

static void order(struct desk *d, struct span line, const struct runner_options *options)
{
    struct words w;
    struct order o;
    struct err err = {0};
    char *text = span_dup(line);
    words_init(&w);
    if (words_parse(&w, text, &err) && words_count(&w) &&
        order_parse(&o, &w, options->templates, options->routes, &err)) {
        if (runner_order(d->r, &o, &err)) {
            d->given++;
        } else {
            order_release(&o);
        }
    }
    script_check_err(err.text);
    words_release(&w);
    mem_free(text);
}

static void happen(struct desk *d, const struct script_event *e, const struct runner_options *options)
{
    if (span_equal(e->name, S("order"))) {
        order(d, e->rest, options);
    } else if (span_equal(e->name, S("message"))) {
        script_message(text_span(&e->word[0]), text_span(&e->word[1]), text_span(&e->word[2]));
    } else if (span_equal(e->name, S("down"))) {
        script_down(text_span(&e->word[0]));
    } else if (span_equal(e->name, S("turn"))) {
        script_turn(TURN_US);
    } else if (span_equal(e->name, S("stop"))) {
        runner_stop(d->r);
    } else if (span_equal(e->name, S("cancel"))) {
        d->cancels = true;
    } else if (span_equal(e->name, S("written"))) {
        runner_written(d->r, text_span(&e->word[0]));
    }
}

/* Orders given to a server that answers anything: each one that is taken ends once, and all that is told of
 * it is clean. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct templates templates;
    struct routes routes;
    struct desk d = {.given = 0};
    struct script_event e;
    script_open(INPUT);
    templates_init(&templates);
    routes_init(&routes);
    struct bin *bin = bin_new(NULL);
    struct link *act = link_new(NULL, &(struct link_options){.name = "act"});
    struct link *result = link_new(NULL, &(struct link_options){.name = "result"});
    struct runner_options options = {
        .act = act,
        .result = result,
        .routes = &routes,
        .templates = &templates,
        .bin = bin,
        .origin = "redai-console@host",
        .watch_us = 2000000,
        .on_plan = on_plan,
        .on_progress = on_progress,
        .on_receipt = on_receipt,
        .on_finish = on_finish,
        .ctx = &d,
    };
    d.r = runner_new(&options);
    link_start(act);
    link_start(result);
    script_turn(TURN_US);
    for (int i = 0; i < EVENTS_MAX && script_event(&e); i++) {
        happen(&d, &e, &options);
        bool waits = span_equal(e.name, S("order")) && !span_equal(e.rest, S(""));
        for (int t = 0; waits && t < TURNS_A_RUN && runner_state(d.r) != RUNNER_IDLE; t++) {
            script_turn(TURN_US);
        }
    }
    enum runner_state state = runner_state(d.r);
    runner_free(d.r);
    /* One that was still being planned had nothing to tell. */
    DEMAND(d.finished + (state == RUNNER_PLANNING || state == RUNNER_ASKING) == d.given);
    link_free(act);
    link_free(result);
    script_turn(0);
    bin_free(bin);
    routes_release(&routes);
    templates_release(&templates);
    script_close();
    return 0;
}
