#include "phrase.h"
#include "search.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

void search_say(struct runner *r)
{
    const struct search *s = r->work;
    if (s->cut_short) {
        plan_remark(&r->plan, "not everything was searched: only the next messages of long lists");
    }
    if (s->unreadable) {
        plan_remark(&r->plan, "not all places could be read");
    }
    if (s->results_unread) {
        plan_remark(&r->plan,
                    "the result database could not be read: which tasks run or have ended is not known");
    }
}

const char *search_harm(const struct message *m)
{
    static const char *const harm[MESSAGE_FATE_COUNT] = {
        [MESSAGE_DROPPED] = "a worker would drop it",
        [MESSAGE_KILLS_LOST] = "POISON: a worker that takes it exits, and it is lost",
        [MESSAGE_KILLS_AGAIN] = "POISON: a worker that takes it exits and puts it back for the next",
    };
    return harm[m->fate];
}

char *search_describe(const struct sought *one)
{
    const struct message *m = &one->message;
    char *task = utf8_sanitise_dup(m->task ? span_of(m->task) : S("no task named"), PHRASE_COLUMNS);
    char *args = utf8_sanitise_dup(span_of(m->args), PHRASE_COLUMNS / 2);
    char *queue = utf8_sanitise_dup(span_of(one->queue), PHRASE_COLUMNS);
    char *reason = utf8_sanitise_dup(span_of(m->reason), PHRASE_COLUMNS);
    const char *harm = search_harm(m);
    char *line = phrase_make("%s: %s%s%s in %s, %zu bytes%s%s%s%s%s", one->shown, task, m->args ? " " : "",
                             args, one->waiting ? one->list_shown : queue, m->bytes, harm ? "; " : "",
                             harm ? harm : "", m->reason ? " (" : "", reason, m->reason ? ")" : "");
    mem_free(task);
    mem_free(args);
    mem_free(queue);
    mem_free(reason);
    return line;
}

void search_tell_absent(struct runner *r, const struct sought *one)
{
    const struct search *s = r->work;
    if (one->has_result && result_is_final(&one->result)) {
        char *status = utf8_sanitise_dup(span_of(one->result.status), PHRASE_COLUMNS);
        verb_receipt(r, ACTION_GONE, one->shown, NULL, "it has ended: %s", status);
        mem_free(status);
    } else if (one->held) {
        verb_receipt(r, ACTION_REFUSED, one->shown, NULL,
                     "a worker has taken it (it lies in unacked): revoke it instead");
    } else if (one->has_result) {
        char *status = utf8_sanitise_dup(span_of(one->result.status), PHRASE_COLUMNS);
        verb_receipt(r, ACTION_REFUSED, one->shown, NULL, "it waits in no list: its state is %s", status);
        mem_free(status);
    } else if (s->cut_short || s->unreadable) {
        verb_receipt(r, ACTION_UNKNOWN, one->shown, NULL, "it was not found; not everything was searched");
    } else {
        verb_receipt(r, ACTION_GONE, one->shown, NULL, "it waits in no list that is known");
    }
}

void search_say_absent(struct runner *r)
{
    const struct search *s = r->work;
    int64_t absent = 0;
    for (size_t i = 0; i < s->count; i++) {
        absent += !s->one[i]->waiting;
    }
    if (absent > 0) {
        char *count = phrase_count(absent, "waits in no list", "wait in no list");
        plan_remark(&r->plan, "%s: nothing is done about %s", count, absent == 1 ? "it" : "them");
        mem_free(count);
    }
}

static enum action_outcome worst_of(const struct runner *r)
{
    return r->tally[ACTION_UNKNOWN]   ? ACTION_UNKNOWN
           : r->tally[ACTION_REFUSED] ? ACTION_REFUSED
                                      : ACTION_GONE;
}

size_t search_waiting(struct runner *r)
{
    const struct search *s = r->work;
    size_t waiting = 0;

    for (size_t i = 0; i < s->count; i++) {
        waiting += s->one[i]->waiting;
    }
    for (size_t i = 0; i < s->count && !waiting; i++) {
        search_tell_absent(r, s->one[i]);
    }
    if (!waiting && s->count == 1) {
        verb_refuse(r, worst_of(r), "%s %s: %s", verb_name[r->order.verb], s->one[0]->shown, r->last_text);
    } else if (!waiting) {
        verb_refuse(r, worst_of(r), "%s: none of the %zu messages waits in a list", verb_name[r->order.verb],
                    s->count);
    }
    return waiting;
}
