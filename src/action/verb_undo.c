/* undo: puts back what an action deleted, as far as it is still kept (lot.h). Nothing that exists again is
 * written over, and what would have expired by now stays gone. */
#include "phrase.h"
#include "undo.h"

#include <inttypes.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/schema/keyname.h"
#include "redai/schema/message.h"

enum { EXACT = 3 /* so many commands are spelled out */ };

void undo_release(void *work)
{
    struct undo *v = work;
    if (!v) {
        return;
    }
    for (size_t i = 0; i < v->count; i++) {
        mem_free(v->one[i].error);
        mem_free(v->one[i].index_error);
    }
    if (v->lot) {
        lot_close(v->bin, v->lot);
    }
    utarray_done(&v->index);
    mem_free(v->unlisted_user);
    mem_free(v->unlisted_error);
    mem_free(v->one);
    mem_free(v);
}

struct span undo_session(const struct kept *k)
{
    struct span id = S("");
    return k->kind == KEPT_KEY && keyname_kind(kept_key(k), &id) == KEY_SESSION ? id : S("");
}

char *undo_shown(const struct kept *k)
{
    struct span id = undo_session(k);
    return id.len ? phrase_session(id) : phrase_key(kept_key(k));
}

char *undo_tag(const struct kept *k)
{
    struct span id = undo_session(k);
    return id.len ? phrase_session_tag(id) : phrase_key_tag(kept_key(k));
}

/* --- the plan's lists --- */

static void say_one(struct plan *p, const struct undone *u, int64_t now)
{
    const struct kept *k = u->kept;
    char *shown = undo_shown(k), left[32];
    int64_t ms = kept_pttl_ms(k, now);

    human_duration(ms * US_PER_MS, left, sizeof left);
    if (k->kind == KEPT_MESSAGE) {
        struct message m;
        message_decode(&m, kept_bytes(k));
        char *task = utf8_sanitise_dup(m.task ? span_of(m.task) : S("no task named"), PHRASE_COLUMNS);
        plan_sample(p, "%s: %s, %zu bytes", shown, task, k->len);
        mem_free(task);
        message_release(&m);
    } else if (u->expired) {
        plan_sample(p, "%s  has expired meanwhile", shown);
    } else {
        plan_sample(p, "%s  %s%s%s%s", shown, ms < 0 ? "without TTL" : "TTL ", ms < 0 ? "" : left,
                    u->exists ? ", exists again" : "", k->entry ? ", with its index entry" : "");
    }
    mem_free(shown);
}

static void command_of(struct plan *p, const struct kept *k, int64_t now)
{
    char *shown = phrase_key(kept_key(k));
    int64_t ms = kept_pttl_ms(k, now);

    if (k->kind == KEPT_MESSAGE) {
        plan_command(p, "%s %s <its %zu bytes>", k->right ? "RPUSH" : "LPUSH", shown, k->len);
    } else {
        plan_command(p, "RESTORE %s %" PRId64 " <its %zu bytes>", shown, ms < 0 ? 0 : ms, k->len);
    }
    for (const struct kept_entry *e = k->entry; e; e = e->next) {
        char *user = utf8_sanitise_dup(span_of(e->user), PHRASE_COLUMNS);
        char *id = phrase_session(undo_session(k));
        plan_command(p, "SADD user:%s:sessions %s", user, id);
        mem_free(id);
        mem_free(user);
    }
    mem_free(shown);
}

static void say_commands(struct runner *r, int64_t now)
{
    const struct undo *v = r->work;
    struct plan *p = &r->plan;

    for (size_t i = 0; v->can <= EXACT && i < v->count; i++) {
        if (undo_can(&v->one[i])) {
            command_of(p, v->one[i].kept, now);
        }
    }
    if (v->can > EXACT) {
        if (v->can > v->messages) {
            plan_command(p, "RESTORE <key> <TTL left> <bytes>  x %" PRId64, v->can - v->messages);
        }
        if (v->entries > 0) {
            plan_command(p, "SADD user:<user>:sessions <id>  x %" PRId64, v->entries);
        }
        if (v->messages > 0) {
            plan_command(p, "RPUSH <list> <message>  x %" PRId64, v->messages);
        }
    }
    if (v->entries > 0) {
        plan_command(p, "PEXPIRE user:<user>:sessions <TTL left>  for each set that is gone");
        plan_remark(p, "an index that is gone comes back with the TTL that it had left, or with its longest "
                       "session's where that is longer");
    }
}

static void say_remarks(struct runner *r, int64_t now)
{
    const struct undo *v = r->work;
    struct plan *p = &r->plan;
    char age[32];

    plan_remark(p, "it was done %s ago", human_duration(now - v->lot->at_us, age, sizeof age));
    if (v->expired > 0) {
        plan_remark(p, "%" PRId64 " would have expired by now: %s", v->expired,
                    v->expired == 1 ? "it stays gone" : "they stay gone");
    }
    if (v->exist > 0) {
        plan_remark(p, "%" PRId64 " %s again: not written over", v->exist,
                    v->exist == 1 ? "exists" : "exist");
    }
    if (v->poison > 0) {
        plan_remark(p, "%" PRId64 " %s not put back: a worker that takes it exits", v->poison,
                    v->poison == 1 ? "is" : "are");
    }
    if (v->messages > 0) {
        plan_remark(p, "messages go to the end that is taken next, whatever their place was");
    }
    if (v->unsure > 0) {
        plan_remark(p,
                    "%" PRId64 " %s put back before and the reply never came: what arrived then is there "
                    "twice, and runs twice",
                    v->unsure, v->unsure == 1 ? "was" : "were");
    }
    if (v->messages > 0 && v->lot->verb == VERB_REVOKE_TASK) {
        plan_remark(p, "workers that heard the revocation drop these tasks when they come");
    }
}

/* --- looking --- */

static void judge(struct undo *v, int64_t now)
{
    v->can = v->expired = v->exist = v->poison = v->messages = v->unsure = v->entries = 0;
    for (size_t i = 0; i < v->count; i++) {
        struct undone *u = &v->one[i];
        u->expired = u->kept->kind == KEPT_KEY && kept_pttl_ms(u->kept, now) == 0;
        v->expired += u->expired;
        v->exist += u->exists && !u->expired;
        v->poison += u->poison;
        if (undo_can(u)) {
            v->can++;
            v->messages += u->kept->kind == KEPT_MESSAGE;
            v->unsure += u->kept->kind == KEPT_MESSAGE && u->kept->unsure;
            for (const struct kept_entry *e = u->kept->entry; e; e = e->next) {
                v->entries++;
            }
        }
    }
}

static void drop_expired(struct undo *v)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->one[i].expired) {
            lot_drop(v->bin, v->lot, v->one[i].kept);
            v->one[i].kept = NULL;
        }
    }
}

static void refuse(struct runner *r)
{
    struct undo *v = r->work;
    if (v->exist > 0 || v->poison > 0) {
        verb_refuse(r, v->exist > 0 ? ACTION_CHANGED : ACTION_REFUSED, "undo: %s",
                    v->exist > 0 ? "everything of it exists again: nothing to put back"
                                 : "a worker that takes this message exits: it is not put back");
        return;
    }
    drop_expired(v);
    verb_refuse(r, ACTION_GONE, "undo: all of it would have expired by now: nothing to put back");
}

/* "9 of 11 keys": the others are gone for good, or stand again. */
static char *count_of(const struct undo *v)
{
    const char *noun = v->messages == v->can ? "message" : "key";
    if (v->lot->of <= v->can) {
        return phrase_count(v->can, noun, NULL);
    }
    char *all = phrase_count(v->lot->of, noun, NULL);
    char *made = phrase_make("%" PRId64 " of %s", v->can, all);
    mem_free(all);
    return made;
}

static void plan_end(struct runner *r)
{
    struct undo *v = r->work;
    struct plan *p = &r->plan;
    int64_t now = clock_mono_us();

    judge(v, now);
    if (v->can == 0) {
        refuse(r);
        return;
    }
    char *count = count_of(v);
    char *tagged = phrase_make("undo %s: %s", v->lot->tag, count);
    plan_title(p, "undo %s: %s", v->lot->what, count);
    verb_tag(r, tagged);
    say_commands(r, now);
    for (size_t i = 0; i < v->count && utarray_len(&p->sample) < VERB_SAMPLE; i++) {
        say_one(p, &v->one[i], now);
    }
    say_remarks(r, now);
    plan_ask(p, v->can);
    mem_free(tagged);
    mem_free(count);
    verb_planned(r);
}

static void on_exists(struct runner *r, const struct answer *a)
{
    struct undo *v = r->work;
    int64_t n;
    v->one[a->tag].exists = reply_int(a->reply, &n) && n > 0;
}

static void look(struct runner *r)
{
    struct undo *v = r->work;
    size_t sent = 0;

    for (; v->at < v->count && sent < VERB_GROUP; v->at++) {
        const struct kept *k = v->one[v->at].kept;
        if (k->kind == KEPT_KEY) {
            step_act(r, on_exists, v->at, S("EXISTS"), kept_key(k));
            sent++;
        }
    }
    verb_progress(r, (int64_t)v->at, (int64_t)v->count, "looking at what is there again");
    step_then(r, v->at < v->count ? look : plan_end);
}

static bool is_poison(const struct kept *k)
{
    struct message m;
    if (k->kind != KEPT_MESSAGE) {
        return false;
    }
    message_decode(&m, kept_bytes(k));
    bool poison = m.fate > MESSAGE_DROPPED;
    message_release(&m);
    return poison;
}

static void plan(struct runner *r)
{
    static const UT_icd index_icd = {sizeof(struct undo_index), NULL, NULL, NULL};
    struct undo *v = mem_zalloc(sizeof *v);
    struct kept *k;
    size_t i = 0;

    r->work = v;
    v->bin = r->options.bin;
    utarray_init(&v->index, &index_icd);
    if (r->options.bin) {
        bin_sweep(r->options.bin, clock_mono_us());
        v->lot = lot_find(r->options.bin, r->order.number);
    }
    if (!v->lot) {
        bool none = !r->options.bin || bin_count(r->options.bin) == 0;
        verb_refuse(r, ACTION_GONE, "undo: %s", none ? "nothing is kept" : "this is no longer kept");
        return;
    }
    v->lot->held = true;
    v->count = v->lot->count;
    v->one = mem_zalloc(v->count * sizeof *v->one);
    /* Messages were kept in the order in which they would have been taken: back they go the other way. */
    DL_FOREACH(v->lot->kept, k)
    {
        v->one[v->count - 1 - i].kept = k;
        v->one[v->count - 1 - i].poison = is_poison(k);
        i++;
    }
    look(r);
}

const struct verb_ops verb_undo_ops = {
    .plan = plan, .run = undo_run, .release = undo_release, .must_see = true};
