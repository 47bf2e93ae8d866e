/* What was done from this console and what became of it, the newest first. */
#include "page.h"
#include "texts.h"

#include <stdio.h>

static const enum role outcome_role[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = ROLE_GOOD,       [OUTCOME_GONE] = ROLE_INFO,       [OUTCOME_CHANGED] = ROLE_WARNING,
    [OUTCOME_REFUSED] = ROLE_WARNING, [OUTCOME_FAILED] = ROLE_CRITICAL, [OUTCOME_UNKNOWN] = ROLE_WARNING,
    [OUTCOME_BACK] = ROLE_CRITICAL,
};

/* What an action's subject is. What is not here may be anything. */
static enum veil_kind kind_of_subject(const char *action)
{
    static const struct {
        const char *action;
        enum veil_kind kind;
    } rows[] = {{"enqueue", VEIL_PLAIN},
                {"revoke session", VEIL_SESSION},
                {"revoke user", VEIL_USER},
                {"revoke task", VEIL_PLAIN},
                {"invalidate", VEIL_KEY},
                {"purge", VEIL_PLAIN},
                {"notifications on", VEIL_PLAIN},
                {"worker", VEIL_NODE},
                {"expire", VEIL_KEY},
                {"persist", VEIL_KEY},
                {"delete", VEIL_KEY}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].action, action) == 0) {
            return rows[i].kind;
        }
    }
    return VEIL_PAYLOAD;
}

/* "session 3f9ac2~": what is named is the last word. */
static const char *subject_of(const struct look *look, const struct receipt *r, char *out, size_t size)
{
    char shown[VEIL_MAX];
    const char *blank = strrchr(r->subject, ' ');
    enum veil_kind kind = kind_of_subject(r->action);
    bool word = blank && (kind == VEIL_SESSION || kind == VEIL_USER) &&
                strncmp(r->subject, target_kind_name(kind == VEIL_USER ? TARGET_USER : TARGET_SESSION),
                        (size_t)(blank - r->subject)) == 0;
    const char *name = word ? blank + 1 : r->subject;
    snprintf(out, size, "%.*s%s", (int)(name - r->subject), r->subject, look_text(look, kind, name, shown));
    return out;
}

static const char *text_of(const struct look *look, const struct receipt *r, char *out, size_t size)
{
    bool shown =
        strcmp(r->action, "enqueue") == 0; /* possible behind the curtain, and to be followed there */
    if (shown) {
        return look_prose(look, r->text, out, size);
    }
    return look_text(look, VEIL_PAYLOAD, r->text, out);
}

void page_fill_receipts(struct page *p, const struct look *look)
{
    size_t count = model_receipt_count(look->m);
    document_begin(&p->doc);
    snprintf(p->title, sizeof p->title, "receipts");
    snprintf(p->remark, sizeof p->remark,
             "what this console did, the newest first; the journal has all of it");
    p->filled = true;
    if (!count) {
        document_own(&p->doc, "", ROLE_DIM, "nothing was done from here yet");
    }
    for (size_t i = count; i-- > 0;) {
        const struct receipt *r = model_receipt_at(look->m, i);
        char clock[TEXT_SMALL];
        char subject[300];
        char text[400];
        document_ownf(&p->doc, text_clock(r->wall_us, clock, sizeof clock), outcome_role[r->outcome],
                      "%s%s%s: %s%s%s", r->action, r->subject[0] ? " " : "",
                      subject_of(look, r, subject, sizeof subject), outcome_name[r->outcome],
                      r->text[0] ? ", " : "", text_of(look, r, text, sizeof text));
    }
}
