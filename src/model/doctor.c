#include "redai/model/doctor.h"

#include "model_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/num.h"

const struct doctor_check doctor_checks[] = {
#define ROW(judge, id, group, severity, faults, looks, why, fix)                                             \
    {id, group, SEVERITY_##severity, faults, looks, why, fix},
    DOCTOR_LIST(ROW)
#undef ROW
};
const size_t doctor_check_count = sizeof doctor_checks / sizeof doctor_checks[0];

static const doctor_judge judges[] = {
#define JUDGE(judge, ...) doctor_judge_##judge,
    DOCTOR_LIST(JUDGE)
#undef JUDGE
};

/* --- what was told --- */

static void finding_release(void *element)
{
    struct finding *f = element;
    mem_free(f->text);
    mem_free(f->why);
    mem_free(f->fix);
    mem_free(f->object);
    target_release(&f->about);
}

void doctor_init(struct model *m)
{
    static const UT_icd findings = {sizeof(struct finding), NULL, NULL, finding_release};
    m->doctor.at_us = -1;
    utarray_init(&m->doctor.finding, &findings);
}

static void told_free(struct doctor_told **table, struct doctor_told *t)
{
    HASH_DEL(*table, t);
    mem_free(t->name);
    mem_free(t->value);
    mem_free(t->why);
    mem_free(t);
}

static void sweep(struct doctor_told **table, unsigned run)
{
    struct doctor_told *t, *next;
    hash_each (*table, t, next) {
        if (t->run != run) {
            told_free(table, t);
        }
    }
}

void doctor_release(struct model *m)
{
    m->doctor.run++;
    sweep(&m->doctor.setting, m->doctor.run);
    sweep(&m->doctor.permission, m->doctor.run);
    utarray_done(&m->doctor.finding);
}

/* NULL: there is no room. */
static struct doctor_told *told_get(struct model *m, struct doctor_told **table, struct span name)
{
    struct doctor_told *t;
    HASH_FIND(hh, *table, name.data, name.len, t);
    if (!t && name.len && HASH_COUNT(*table) < DOCTOR_TOLD_MAX) {
        t = mem_zalloc(sizeof *t);
        t->name = span_dup(name);
        HASH_ADD_KEYPTR(hh, *table, t->name, name.len, t);
    }
    if (t) {
        t->run = m->doctor.run;
    }
    return t;
}

void doctor_setting(struct model *m, const struct fact_setting *f)
{
    struct doctor_told *t = told_get(m, &m->doctor.setting, f->name);
    if (t) {
        t->known = f->known;
        model_show_replace(&t->value, f->value, DOCTOR_VALUE_MAX);
        model_show_replace(&t->why, f->why, NAME_COLS);
        model_touch(m, TOPIC_SERVER);
    }
}

void doctor_permission(struct model *m, const struct fact_permission *f)
{
    struct doctor_told *t = told_get(m, &m->doctor.permission, f->what);
    if (t && (unsigned)f->permission <= PERMISSION_NO_COMMAND) {
        t->permission = f->permission;
        model_show_replace(&t->value, S(""), 1);
        model_show_replace(&t->why, f->why, NAME_COLS);
        model_touch(m, TOPIC_SERVER);
    }
}

void doctor_apply(struct model *m, const struct fact_doctor *f)
{
    struct doctor_state_all *d = &m->doctor;
    model_touch(m, TOPIC_SERVER);
    if (f->phase == DOCTOR_PHASE_BEGIN) {
        d->state = DOCTOR_ASKING;
        d->run++;
        d->error[0] = '\0';
    } else if (d->state == DOCTOR_ASKING) {
        d->state = f->error.len ? DOCTOR_FAILED : DOCTOR_DONE;
        d->at_us = m->now_us;
        model_show(d->error, sizeof d->error, f->error, NAME_COLS);
        if (d->state == DOCTOR_DONE) { /* what was not told again is not so any more */
            sweep(&d->setting, d->run);
            sweep(&d->permission, d->run);
        }
    }
}

static const struct doctor_told *told_find(const struct doctor_told *table, const char *name)
{
    const struct doctor_told *t;
    size_t len = strlen(name);
    HASH_FIND(hh, table, name, len, t);
    return t;
}

const char *model_setting(const struct model *m, const char *name, const char **ret_why)
{
    const struct doctor_told *t = told_find(m->doctor.setting, name);
    const char *why = t ? t->why : m->doctor.state == DOCTOR_FAILED ? m->doctor.error : "it was not asked";
    if (ret_why) {
        *ret_why = why;
    }
    return t && t->known ? t->value : NULL;
}

const struct doctor_told *doctor_permission_of(const struct model *m, const char *what)
{
    return told_find(m->doctor.permission, what);
}

/* --- saying --- */

static struct finding *add(struct judging *j, enum finding_verdict verdict, enum severity severity)
{
    struct finding f = {.check = j->check->id,
                        .group = j->check->group,
                        .verdict = verdict,
                        .severity = severity,
                        .veil = VEIL_PLAIN};
    if (utarray_len(j->out) >= DOCTOR_FINDINGS_MAX) {
        utarray_pop_back(j->out);
    }
    f.why = mem_strdup(verdict == FINDING_BAD ? j->check->why : "");
    f.fix = mem_strdup(verdict == FINDING_BAD ? j->check->fix : "");
    f.object = mem_strdup("");
    utarray_push_back(j->out, &f);
    j->said++;
    return (struct finding *)utarray_back(j->out);
}

__attribute__((format(printf, 1, 0))) static char *format_dup(const char *format, va_list args)
{
    char text[600];
    vsnprintf(text, sizeof text, format, args);
    char *clean = NULL;
    model_show_replace(&clean, span_of(text), LINE_COLS);
    return clean;
}

#define SAY(slot)                                                                                            \
    do {                                                                                                     \
        va_list args;                                                                                        \
        va_start(args, format);                                                                              \
        mem_free(slot);                                                                                      \
        (slot) = format_dup(format, args);                                                                   \
        va_end(args);                                                                                        \
    } while (0)

void doctor_good(struct judging *j, const char *format, ...)
{
    struct finding *f = add(j, FINDING_GOOD, SEVERITY_INFO);
    SAY(f->text);
}

void doctor_bad(struct judging *j, enum severity severity, const char *format, ...)
{
    struct finding *f = add(j, FINDING_BAD, severity);
    SAY(f->text);
}

void doctor_unknown(struct judging *j, const char *format, ...)
{
    struct finding *f = add(j, FINDING_UNKNOWN, SEVERITY_INFO);
    SAY(f->text);
}

void doctor_fix(struct judging *j, const char *format, ...)
{
    struct finding *f = (struct finding *)utarray_back(j->out);
    if (f) {
        SAY(f->fix);
    }
}

void doctor_about(struct judging *j, const char *display, enum veil_kind veil, enum target_kind kind,
                  struct span id)
{
    struct finding *f = (struct finding *)utarray_back(j->out);
    if (!f) {
        return;
    }
    model_show_replace(&f->object, span_of(display), NAME_COLS);
    f->veil = veil;
    if (kind != TARGET_NONE) {
        target_set(&f->about, kind, id);
    }
}

const char *doctor_text(struct judging *j, const char *name)
{
    const char *why, *value = model_setting(j->m, name, &why);
    if (!value) {
        doctor_unknown(j, "%s could not be read: %s", name, why);
    }
    return value;
}

bool doctor_peek_number(const struct model *m, const char *name, int64_t *ret)
{
    const char *value = model_setting(m, name, NULL);
    return value && num_i64(span_of(value), ret);
}

bool doctor_number(struct judging *j, const char *name, int64_t *ret)
{
    const char *value = doctor_text(j, name);
    if (value && !num_i64(span_of(value), ret)) {
        doctor_unknown(j, "%s is no number: %.40s", name, value);
        return false;
    }
    return value != NULL;
}

/* --- the findings --- */

/* Worst first, then unknown, then good; within these as the table has them. */
static int rank(const struct finding *f)
{
    return f->verdict == FINDING_BAD       ? SEVERITY_COUNT - (int)f->severity
           : f->verdict == FINDING_UNKNOWN ? SEVERITY_COUNT + 1
                                           : SEVERITY_COUNT + 2;
}

/* Insertion: the order within a rank stays. */
static void sort(UT_array *findings)
{
    struct finding *row = (struct finding *)(void *)findings->d;
    for (unsigned i = 1; i < utarray_len(findings); i++) {
        struct finding moved = row[i];
        unsigned at = i;
        for (; at > 0 && rank(&row[at - 1]) > rank(&moved); at--) {
            row[at] = row[at - 1];
        }
        row[at] = moved;
    }
}

static void judge(struct model *m)
{
    UT_array *out = &m->doctor.finding;
    utarray_clear(out);
    for (size_t i = 0; m->doctor.state != DOCTOR_IDLE && i < doctor_check_count; i++) {
        struct judging j = {.m = m, .check = &doctor_checks[i], .out = out};
        judges[i](&j);
        if (!j.said) {
            doctor_unknown(&j, "nothing is known of it");
        }
    }
    sort(out);
    m->doctor.judged = true;
}

size_t model_finding_count(const struct model *m)
{
    if (!m->doctor.judged) {
        judge((struct model *)m); /* a cache: what it says stays the same until the next fact */
    }
    return utarray_len(&m->doctor.finding);
}

const struct finding *model_finding_at(const struct model *m, size_t i)
{
    return i < model_finding_count(m)
               ? (const struct finding *)utarray_eltptr(&m->doctor.finding, (unsigned)i)
               : NULL;
}

int model_doctor_worst(const struct model *m)
{
    const struct finding *f = model_finding_at(m, 0);
    return f && f->verdict == FINDING_BAD ? (int)f->severity : -1;
}

enum doctor_state model_doctor_state(const struct model *m)
{
    return m->doctor.state;
}

const char *model_doctor_error(const struct model *m)
{
    return m->doctor.error;
}

int64_t model_doctor_at_us(const struct model *m)
{
    return m->doctor.at_us;
}
