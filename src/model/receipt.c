/* receipt: what actions did, the last few hundred. */
#include "model_priv.h"

static void row_release(struct receipt *r)
{
    mem_free(r->action);
    mem_free(r->subject);
    mem_free(r->text);
}

void receipt_release(struct model *m)
{
    for (size_t i = 0; i < m->receipt.count; i++) {
        row_release(&m->receipt.row[i]);
    }
}

static void add(struct model *m, struct span action, struct span subject, enum outcome outcome,
                struct span text)
{
    struct receipt_state *all = &m->receipt;
    struct receipt *r;
    if (all->count < RECEIPTS_MAX) {
        r = &all->row[all->count++];
    } else {
        r = &all->row[all->first];
        all->first = (all->first + 1) % RECEIPTS_MAX;
        row_release(r);
    }
    *r = (struct receipt){
        .action = utf8_sanitise_dup(action, NAME_COLS),
        .subject = utf8_sanitise_dup(subject, NAME_COLS),
        .text = utf8_sanitise_dup(text, ERROR_COLS),
        .outcome = outcome,
        .at_us = m->now_us,
        .wall_us = m->wall_us,
    };
    topic_read_ok(m, TOPIC_ACTIONS);
}

/* What came back: the receipt that said it was done says so no longer. False: it is not kept any more. */
static bool amend(struct model *m, const struct fact_receipt *f)
{
    struct receipt_state *all = &m->receipt;
    char *action = utf8_sanitise_dup(f->action, NAME_COLS);
    char *subject = utf8_sanitise_dup(f->subject, NAME_COLS);
    struct receipt *found = NULL;

    for (size_t i = all->count; i > 0 && !found; i--) {
        struct receipt *r = &all->row[(all->first + i - 1) % RECEIPTS_MAX];
        found = strcmp(r->subject, subject) == 0 && strcmp(r->action, action) == 0 ? r : NULL;
    }
    if (found && found->outcome == OUTCOME_BACK) {
        found = NULL; /* it came back a second time: both are told */
    }
    if (found) {
        mem_free(found->text);
        found->text = utf8_sanitise_dup(f->text, ERROR_COLS);
        found->outcome = f->outcome;
        topic_read_ok(m, TOPIC_ACTIONS);
    }
    mem_free(action);
    mem_free(subject);
    return found != NULL;
}

void receipt_apply(struct model *m, const struct fact_receipt *f)
{
    if (f->outcome == OUTCOME_BACK && f->subject.len > 0 && amend(m, f)) {
        return;
    }
    if ((unsigned)f->outcome < OUTCOME_COUNT) {
        add(m, f->action, f->subject, f->outcome, f->text);
    }
}

void receipt_note(struct model *m, const struct fact_note *f)
{
    add(m, S("note"), S(""), OUTCOME_DONE, f->text);
}

size_t model_receipt_count(const struct model *m)
{
    return m->receipt.count;
}

const struct receipt *model_receipt_at(const struct model *m, size_t i)
{
    const struct receipt_state *all = &m->receipt;
    return i < all->count ? &all->row[(all->first + i) % RECEIPTS_MAX] : NULL;
}
