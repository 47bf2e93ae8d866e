/* runner_watch: what a runner says of sessions that are watched behind their revoke. */
#include "phrase.h"
#include "verb.h"
#include "watch.h"

#include "redai/base/clock.h"
#include "redai/base/human.h"

/* Its receipt is given anew, also when its order ended long ago and another one runs. */
static void receipt_anew(struct runner *r, const struct runner_watch *news)
{
    char *tag = phrase_session_tag(news->id), after[32];
    char *text = phrase_make("%s after it was revoked something wrote it again",
                             human_duration(news->after_us, after, sizeof after));
    const struct action_receipt receipt = {
        .verb = news->verb, .subject = news->shown, .outcome = ACTION_BACK, .text = text, .batch_total = -1};
    struct err err = {0};

    if (r->options.journal) {
        journal_write(r->options.journal, clock_wall_us(), "receipt", verb_name[news->verb], tag,
                      action_outcome_name[ACTION_BACK], text, &err);
    }
    if (r->options.on_receipt) {
        r->options.on_receipt(r->options.ctx, &receipt);
    }
    mem_free(text);
    mem_free(tag);
}

void runner_watch_tell(void *runner, const struct runner_watch *news)
{
    struct runner *r = runner;
    struct runner_watch whole = *news;
    char *shown = phrase_session(news->id);

    whole.shown = shown;
    if (news->phase == RUNNER_WATCH_BACK) {
        receipt_anew(r, &whole);
    }
    if (r->options.on_watch) {
        r->options.on_watch(r->options.ctx, &whole);
    }
    mem_free(shown);
}

bool verb_watch(struct runner *r, struct span id, const char *user)
{
    return !r->watch || watch_add(r->watch, r->order.verb, id, user);
}

void verb_came_back(struct runner *r, struct span id, const char *user)
{
    char *shown = phrase_session(id);
    if (r->options.on_watch) {
        r->options.on_watch(r->options.ctx, &(struct runner_watch){.phase = RUNNER_WATCH_BACK,
                                                                   .verb = r->order.verb,
                                                                   .id = id,
                                                                   .user = user,
                                                                   .until_us = clock_mono_us(),
                                                                   .shown = shown});
    }
    mem_free(shown);
}

void verb_unwatch(struct runner *r, struct span id)
{
    if (r->watch) {
        watch_forget(r->watch, id);
    }
}

void runner_written(struct runner *r, struct span session_id)
{
    if (r->watch) {
        watch_hint(r->watch, session_id);
    }
}

size_t runner_watched(const struct runner *r)
{
    return r->watch ? watch_count(r->watch) : 0;
}
