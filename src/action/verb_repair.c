#include "phrase.h"
#include "repair.h"

#include <inttypes.h>

static void look_group(struct runner *r);

static void plan_end(struct runner *r)
{
    struct repair *v = r->work;
    int64_t count = repair_plan(v, &r->plan);

    if (count == 0) {
        size_t remarks = utarray_len(&r->plan.remark);
        bool failed = false;
        for (size_t i = 0; i < repair_count(v); i++) {
            failed = failed || repair_at(v, i)->fate == REPAIR_FAILED;
        }
        verb_refuse(r, failed ? ACTION_FAILED : ACTION_GONE, "%s%s%s",
                    failed ? "nothing was repaired" : "nothing to repair", remarks ? ": " : "",
                    remarks ? *VERB_AT(&r->plan.remark, char *, remarks - 1) : "");
        return;
    }
    plan_ask(&r->plan, count);
    verb_planned(r);
}

static void looked(struct runner *r)
{
    struct repair *v = r->work;

    repair_judge(v);
    v->at = v->end;
    verb_progress(r, (int64_t)v->at, (int64_t)repair_count(v), "looking at sessions and indexes");
    if (v->at < repair_count(v)) {
        look_group(r);
    } else {
        plan_end(r);
    }
}

static void look_group(struct runner *r)
{
    struct repair *v = r->work;
    v->end = v->at + VERB_GROUP < repair_count(v) ? v->at + VERB_GROUP : repair_count(v);
    repair_look(r, looked);
}

static void plan(struct runner *r)
{
    r->work = repair_new(&r->order);
    look_group(r);
}

const struct verb_ops verb_repair_ops = {
    .plan = plan, .run = repair_run, .release = repair_release, .must_see = true};
