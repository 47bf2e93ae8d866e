/* What the doctor found: the worst first, each with why and the way out; what is good is folded away. */
#include "page.h"
#include "texts.h"
#include "trouble.h"

#include <stdio.h>

#include "redai/base/clock.h"

static const struct {
    enum role role;
    const char *label, *mark;
} severities[] = {
    [SEVERITY_INFO] = {ROLE_INFO, "remark", ""},
    [SEVERITY_WARNING] = {ROLE_WARNING, "warning", "! "},
    [SEVERITY_CRITICAL] = {ROLE_CRITICAL, "critical", "!! "},
};

/* What was found, behind what it is about. */
static struct document_line *add_text(struct document *d, const struct look *look, const struct finding *f,
                                      const char *label, enum role role, const char *mark)
{
    char object[VEIL_MAX], prose[400];
    const char *about = f->object[0] ? look_text(look, f->veil, f->object, object) : "";
    bool words_of_others = f->verdict == FINDING_UNKNOWN || strcmp(f->group, "console") == 0;
    struct document_line *line =
        document_ownf(d, label, role, "%s%s: %s%s%s", mark, f->check, about, about[0] ? ": " : "",
                      words_of_others ? look_prose(look, f->text, prose, sizeof prose) : f->text);
    line->label_role = role;
    return line;
}

/* A line of its own: one that leads somewhere is cut where others are wrapped. */
static void add_way(struct document *d, const struct look *look, const struct finding *f)
{
    char object[VEIL_MAX];
    if (f->about.kind != TARGET_NONE) {
        const char *name = f->about.kind == TARGET_FAMILY && f->veil == VEIL_KEY ? "" : f->object;
        struct document_line *line =
            document_ownf(d, " ", ROLE_VALUE, "open: %s %s", target_kind_name(f->about.kind),
                          look_text(look, f->veil, name, object));
        target_set(&line->link, f->about.kind, target_id(&f->about));
    }
}

static void add_bad(struct document *d, const struct look *look, const struct finding *f)
{
    bool hidden = look->veil && strcmp(f->group, "permissions") == 0; /* it names the user */
    add_text(d, look, f, severities[f->severity].label, severities[f->severity].role,
             severities[f->severity].mark);
    document_ownf(d, " ", ROLE_VALUE, "why: %s", f->why);
    document_ownf(d, " ", ROLE_VALUE, "fix: %s", hidden ? "(behind the curtain)" : f->fix);
    add_way(d, look, f);
    document_own(d, "", ROLE_TEXT, "");
}

static void add_findings(struct document *d, const struct look *look)
{
    size_t count = model_finding_count(look->m), good = 0;
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = model_finding_at(look->m, i);
        good += f->verdict == FINDING_GOOD;
        if (f->verdict == FINDING_BAD) {
            add_bad(d, look, f);
        } else if (f->verdict == FINDING_UNKNOWN) {
            add_text(d, look, f, "unknown", ROLE_UNKNOWN, "? ");
        }
    }
    if (!good) {
        return;
    }
    struct document_line *head = document_ownf(d, "good", ROLE_GOOD, "%zu are as they should be", good);
    head->label_role = ROLE_GOOD;
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = model_finding_at(look->m, i);
        if (f->verdict == FINDING_GOOD) {
            add_text(d, look, f, "", ROLE_VALUE, "")->depth = 1;
        }
    }
}

static void add_sum(struct document *d, const struct look *look)
{
    size_t bad[SEVERITY_COUNT] = {0}, unknown = 0;
    for (size_t i = 0; i < model_finding_count(look->m); i++) {
        const struct finding *f = model_finding_at(look->m, i);
        bad[f->severity] += f->verdict == FINDING_BAD;
        unknown += f->verdict == FINDING_UNKNOWN;
    }
    int worst = model_doctor_worst(look->m);
    document_ownf(d, "", worst < 0 ? ROLE_GOOD : severities[worst].role,
                  "%zu critical, %zu warning%s, %zu remark%s, %zu unknown", bad[SEVERITY_CRITICAL],
                  bad[SEVERITY_WARNING], bad[SEVERITY_WARNING] == 1 ? "" : "s", bad[SEVERITY_INFO],
                  bad[SEVERITY_INFO] == 1 ? "" : "s", unknown);
    document_own(d, "", ROLE_TEXT, "");
}

/* Judging goes over all tasks: once a second is often enough. */
void page_fill_doctor(struct page *p, const struct look *look)
{
    enum doctor_state state = model_doctor_state(look->m);
    char line[400];
    if (p->filled && !p->anew && p->state == (int)state && look->now_us - p->head_us < US_PER_S) {
        return;
    }
    p->head_us = look->now_us;
    p->state = (int)state;
    p->anew = false;
    document_begin(&p->doc);
    snprintf(p->title, sizeof p->title, "doctor");
    snprintf(p->remark, sizeof p->remark, "%s", state == DOCTOR_ASKING ? "asking ..." : "R asks again");
    p->own = p->filled = p->complete = true;
    p->read_us = model_doctor_at_us(look->m);
    if (!model_redis_reachable(look->m)) {
        document_own(&p->doc, "", ROLE_CRITICAL, trouble_line(look, line, sizeof line));
    }
    if (state == DOCTOR_FAILED) {
        document_ownf(&p->doc, "", ROLE_WARNING, "! not all of it could be asked: %s",
                      model_doctor_error(look->m));
    }
    if (state == DOCTOR_IDLE) {
        document_own(&p->doc, "", ROLE_INFO, "nothing was asked yet");
    } else if (state == DOCTOR_ASKING && p->read_us < 0) {
        document_own(&p->doc, "", ROLE_INFO, "asking the server ...");
    } else {
        add_sum(&p->doc, look);
        add_findings(&p->doc, look);
    }
}
