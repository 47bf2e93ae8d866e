/* holders: which live workers have certain tasks: running, reserved, or held until their time. Asked of all
 * workers at once, `scheduled` before `query_task`, so that a task whose time comes in between is seen by one
 * of them. What cannot be proven so is told: workers that have a mailbox and say nothing, and tasks with a
 * rate limit, which a worker keeps where no question reaches (facts, section 6.5; Celery's strategy and
 * consumer, 5.2). Private to action. */
#ifndef REDAI_ACTION_HOLDERS_H
#define REDAI_ACTION_HOLDERS_H

#include "verb.h"

struct holder; /* a task and who has it */
struct limited;

struct holders {
    char *silent;  /* display: workers with a mailbox that did not answer; NULL none */
    int64_t nodes; /* workers with a mailbox; -1 unknown */
    bool partial;  /* an answer was too long, an error, or could not be sent; not all mailboxes were read; or
                    * somebody listens who has none */
    struct holder *by_id;
    struct limited *limited;
    /* private */
    const char *const *id; /* borrowed until done */
    size_t ids, asked;
    char *worker; /* whose answer is being read */
    step_fn done;
};

/* pidbox_look must have been answered. */
void holders_ask(struct runner *r, struct holders *h, const char *const *id, size_t ids, step_fn done);
void holders_release(struct holders *h);
/* "worker1@demo runs it", borrowed; NULL: nobody who answered has it. */
const char *holders_find(const struct holders *h, const char *id);
/* A worker may have it although none says so. */
bool holders_may_hide(const struct holders *h, const char *task);
/* Everybody with a mailbox has answered; where nobody has one, everybody who heard it. */
bool holders_are_sure(const struct holders *h);

#endif
