/* trace: where a message is now that lay in a list, or was pushed there: still in the list, taken by a worker
 * (it lies in `unacked`, or has a result), or nowhere. Between its pop and its entry in `unacked` a message
 * is nowhere for a moment, so it is looked for more than once. Source: facts, section 3.1. Private to action.
 */
#ifndef REDAI_ACTION_TRACE_H
#define REDAI_ACTION_TRACE_H

#include "verb.h"

struct trace {
    /* given, borrowed: they live in the verb's work */
    struct span key, element;
    const char *id, *tag; /* task id and delivery tag; NULL unknown */
    bool from_right;      /* look from the end that is popped, not from where producers push */
    /* seen */
    int64_t position; /* from the end that is pushed; -1: not in the list, or not known */
    int64_t length;   /* of the list; -1 not known */
    bool can_tell;    /* the list could be searched */
    bool taken;       /* by a worker */
    char *status;     /* of its result, display; NULL none */
};

struct traces {
    struct trace *one;
    size_t count;
    step_fn done;
    int looks;
};

void trace_release(struct trace *t);
/* Looks for all of them, again and again while one is found nowhere, some 0.5 s at most. r->traces is t until
 * done is called. */
void traces_look(struct runner *r, struct traces *t, step_fn done);

/* What is to be told of a message that was pushed: the outcome, and one line. length: LPUSH's reply, -1 none.
 * mem_free(*ret_text). */
enum action_outcome trace_pushed(const struct trace *t, const char *queue_shown, int64_t length,
                                 bool reply_lost, char **ret_text);

#endif
