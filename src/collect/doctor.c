#include "doctor.h"

#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#define LIMIT_US   (20 * US_PER_S)
#define LEAST_PACE (1. / 8.)

/* One that is under way. */
struct question {
    struct collect *c;
    unsigned round;
    doctor_fn fn;
    size_t index;
};

/* --- telling --- */

void doctor_tell(struct collect *c, const char *name, struct span value)
{
    struct fact f = {.kind = FACT_SETTING,
                     .setting = {.name = span_of(name), .value = value, .known = true, .why = S("")}};
    collect_emit(c, &f);
}

void doctor_tell_number(struct collect *c, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    doctor_tell(c, name, span_of(text));
}

void doctor_tell_unknown(struct collect *c, const char *name, struct span why)
{
    struct fact f = {
        .kind = FACT_SETTING,
        .setting = {.name = span_of(name), .value = S(""), .known = false, .why = span_head(why, 160)}};
    collect_emit(c, &f);
}

/* --- asking --- */

static void on_answer(void *user, const struct reply *r)
{
    struct question *q = user;
    struct collect *c = q->c;
    struct question was = *q;
    mem_free(q);
    if (!c->doctor.running || was.round != c->doctor.round) {
        return;
    }
    c->doctor.in_flight--;
    if (!r) {
        doctor_end(c, "the connection was lost");
        return;
    }
    was.fn(c, was.index, r);
    collect_soon(c, 0);
}

bool doctor_ask(struct collect *c, struct link *l, doctor_fn fn, size_t index, size_t argc,
                const struct span *args)
{
    if (!pace_take(&c->pace, 1, clock_mono_us())) {
        return false;
    }
    struct question *q = mem_zalloc(sizeof *q);
    *q = (struct question){c, c->doctor.round, fn, index};
    if (!link_send(l, on_answer, q, argc, args)) {
        mem_free(q);
        pace_give_back(&c->pace, 1);
        return false;
    }
    c->doctor.in_flight++;
    return true;
}

/* --- its life --- */

static bool (*const steps[])(struct collect *c) = {
    doctor_time,    doctor_server, doctor_settings, doctor_prefix,      doctor_overlap,
    doctor_results, doctor_batch,  doctor_dry,      doctor_permissions,
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static void tell_phase(struct collect *c, enum doctor_phase phase, const char *error)
{
    struct fact f = {.kind = FACT_DOCTOR, .doctor = {phase, span_of(error)}};
    collect_emit(c, &f);
}

static void clear_walk(struct doctor *d)
{
    d->walk = (struct doctor_walk){.cursor = "0"};
    utarray_clear(&d->number);
}

void doctor_clear(struct collect *c)
{
    struct doctor *d = &c->doctor;
    doctor_probe_free(c);
    if (d->number.icd.sz) {
        utarray_done(&d->number);
    }
    *d = (struct doctor){.round = d->round + 1};
}

void doctor_end(struct collect *c, const char *why)
{
    if (c->doctor.running) {
        doctor_clear(c);
        tell_phase(c, DOCTOR_PHASE_END, why);
    }
}

bool collect_doctor(struct collect *c, struct err *err)
{
    static const UT_icd number = {sizeof(int64_t), NULL, NULL, NULL};
    if (c->doctor.running) {
        return err_set(err, ERR_REFUSED, "the doctor is asking already");
    }
    if (!link_is_ready(c->poll)) {
        return err_set(err, ERR_REFUSED, "doctor: there is no connection");
    }
    if (c->tracer) {
        return err_set(err, ERR_REFUSED, "doctor: a trace runs; `trace stop` ends it");
    }
    if (c->pace.factor < LEAST_PACE) {
        return err_set(err, ERR_REFUSED, "doctor: the server answers slowly now; ask again when it is calm");
    }
    doctor_clear(c);
    utarray_init(&c->doctor.number, &number);
    clear_walk(&c->doctor);
    c->doctor.running = true;
    c->doctor.begun_us = clock_mono_us();
    c->doctor.until_us = c->doctor.begun_us + LIMIT_US;
    tell_phase(c, DOCTOR_PHASE_BEGIN, "");
    collect_soon(c, 0);
    return true;
}

void doctor_step(struct collect *c, int64_t now_us)
{
    struct doctor *d = &c->doctor;
    if (!d->running) {
        return;
    }
    if (now_us > d->until_us) {
        doctor_end(c, "the server did not answer all of it within 20 s");
        return;
    }
    while (d->running && steps[d->step](c) && !d->in_flight) {
        d->step++;
        d->sent = 0;
        clear_walk(d);
        if (d->step == STEPS) {
            doctor_end(c, "");
        }
    }
}
