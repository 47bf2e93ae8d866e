/* What was done from this console and what became of it, the newest first. */
#include "page.h"
#include "texts.h"

#include <stdio.h>

static const enum role outcome_role[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = ROLE_GOOD,       [OUTCOME_GONE] = ROLE_INFO,       [OUTCOME_CHANGED] = ROLE_WARNING,
    [OUTCOME_REFUSED] = ROLE_WARNING, [OUTCOME_FAILED] = ROLE_CRITICAL, [OUTCOME_UNKNOWN] = ROLE_WARNING,
    [OUTCOME_BACK] = ROLE_CRITICAL,
};

void page_fill_receipts(struct page *p, const struct look *look)
{
    size_t count = model_receipt_count(look->m);
    document_begin(&p->doc);
    snprintf(p->title, sizeof p->title, "receipts");
    snprintf(p->remark, sizeof p->remark,
             "what this console did, the newest first; the journal has all of it");
    p->filled = true;
    if (!count) {
        document_add(&p->doc, "", ROLE_DIM, "nothing was done from here yet");
    }
    for (size_t i = count; i-- > 0;) {
        const struct receipt *r = model_receipt_at(look->m, i);
        char clock[TEXT_SMALL];
        document_addf(&p->doc, text_clock(r->wall_us, clock, sizeof clock), outcome_role[r->outcome],
                      "%s%s%s: %s%s%s", r->action, r->subject[0] ? " " : "", r->subject,
                      outcome_name[r->outcome], r->text[0] ? ", " : "", r->text);
    }
}
