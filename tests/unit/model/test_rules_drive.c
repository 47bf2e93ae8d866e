/* Every built-in rule is brought to firing and back; it pends, fires and clears at the very microsecond. */
#include "drive.h"

#include <math.h>
#include <stdio.h>

#define STEP_US (SECOND / 4)
#define ODD_US  333 /* no instant of these stories is a round one */
#define LONG_S  8000

static const struct drive *drive_of(const char *rule)
{
    for (size_t i = 0; i < drive_server_count; i++) {
        if (strcmp(drive_server[i].rule, rule) == 0) {
            return &drive_server[i];
        }
    }
    for (size_t i = 0; i < drive_work_count; i++) {
        if (strcmp(drive_work[i].rule, rule) == 0) {
            return &drive_work[i];
        }
    }
    fail_msg("nothing drives the rule %s", rule);
    return NULL;
}

/* The worst row of the rule. */
static const struct alert *row(const struct drive_run *r)
{
    return story_alert(&r->s, r->drive->rule);
}

static void begin(struct drive_run *r, const struct drive *d)
{
    *r = (struct drive_run){.drive = d};
    story_begin(&r->s);
    r->s.now_us += ODD_US;
    story_tell(&r->s, "link role=poll state=up");
    story_tell(&r->s, "link role=feed state=up");
}

/* One step of the clock; facts come with the whole seconds. */
static void step(struct drive_run *r, int64_t us)
{
    if (us % SECOND == 0) {
        r->second = (int)(us / SECOND);
        r->drive->tell(r);
        r->told++;
    }
    story_wait_us(&r->s, 0);
}

static void lead(struct drive_run *r)
{
    r->phase = DRIVE_LEAD;
    for (int i = 0; i < r->drive->lead_s; i++) {
        step(r, i * SECOND);
        r->s.now_us += SECOND;
    }
    if (r->drive->lead_s > 0) {
        assert_int_not_equal(row(r)->state, ALERT_FIRING);
        assert_int_not_equal(row(r)->state, ALERT_PENDING);
    }
}

/* Goes on until it has this state. Returns how long that took; *ret_pends: when it began to pend; -1. */
static int64_t until(struct drive_run *r, enum drive_phase phase, enum alert_state state, int64_t *ret_pends)
{
    int64_t us = 0;
    r->phase = phase;
    *ret_pends = -1;
    for (;; us += STEP_US, r->s.now_us += STEP_US) {
        step(r, us);
        enum alert_state now = row(r)->state;
        if (now == state) {
            assert_int_equal(row(r)->since_us, r->s.now_us);
            return us;
        }
        if (now == ALERT_PENDING && *ret_pends < 0) {
            *ret_pends = us;
            assert_int_equal(row(r)->since_us, r->s.now_us);
        }
        if (us > LONG_S * SECOND) {
            fail_msg("%s is %s for ever, value %g, not %s", r->drive->rule, alert_state_name[now],
                     row(r)->value, alert_state_name[state]);
        }
    }
}

static void assert_instant(const struct drive_run *r, const char *what, int64_t us, double seconds)
{
    int64_t expected = (int64_t)(seconds * (double)SECOND);
    if (us != expected) {
        fail_msg("%s %s after %.6f s, not %.6f", r->drive->rule, what, (double)us / (double)SECOND,
                 (double)expected / (double)SECOND);
    }
}

/* What was told last stays so for the rest of the second. */
static void finish_second(struct drive_run *r, int64_t us)
{
    for (us += STEP_US, r->s.now_us += STEP_US; us % SECOND != 0; us += STEP_US, r->s.now_us += STEP_US) {
        step(r, us);
    }
}

static void fire_and_clear(const struct drive *d)
{
    struct drive_run r;
    int64_t pends;
    begin(&r, d);
    lead(&r);
    int64_t fires = until(&r, DRIVE_BAD, ALERT_FIRING, &pends);
    if (d->fires > d->pends) {
        assert_instant(&r, "pends", pends, d->pends);
        assert_int_equal(fires - pends, row(&r)->rule->hold_us);
    } else {
        assert_int_equal(pends, -1);
    }
    assert_instant(&r, "fires", fires, d->fires);
    assert_true(row(&r)->text[0] != '\0');
    finish_second(&r, fires);
    assert_int_equal(row(&r)->state, ALERT_FIRING);
    assert_instant(&r, "clears", until(&r, DRIVE_GOOD, ALERT_RESOLVED, &pends), d->clears);
    story_end(&r.s);
}

/* Nothing is told any more: what fires goes on firing, and a value that is unknown says so. */
static void keep_while_silent(const struct drive *d)
{
    struct drive_run r;
    int64_t pends;
    begin(&r, d);
    lead(&r);
    until(&r, DRIVE_BAD, ALERT_FIRING, &pends);
    story_tell(&r.s, "link role=poll state=down");
    story_tell(&r.s, "link role=feed state=down");
    for (int i = 0; i < 120; i++) {
        story_wait(&r.s, 1);
        if (row(&r)->state != ALERT_FIRING) {
            fail_msg("%s is %s after %d s of silence", d->rule, alert_state_name[row(&r)->state], i);
        }
    }
    story_end(&r.s);
}

/* Never told: unknown, whatever the clock says. */
static void stay_unknown(const struct drive *d)
{
    struct drive_run r = {.drive = d};
    story_begin(&r.s);
    for (int i = 0; i < 900; i++) {
        story_wait(&r.s, 1);
        const struct alert *a = row(&r);
        if (a->state != (d->known_at_once ? ALERT_OK : ALERT_UNKNOWN) ||
            !isnan(a->value) != d->known_at_once) {
            fail_msg("%s is %s, %g, and nothing was told", d->rule, alert_state_name[a->state], a->value);
        }
    }
    story_end(&r.s);
}

static void each_rule(void (*test)(const struct drive *d))
{
    struct story s;
    story_begin(&s);
    const struct rules *rules = model_rules(s.m);
    assert_int_equal(rules_count(rules), drive_server_count + drive_work_count);
    for (size_t i = 0; i < rules_count(rules); i++) {
        test(drive_of(rules_at(rules, i)->name));
    }
    story_end(&s);
}

static void each_rule__fires_and_clears__at_the_very_instant(void **state)
{
    (void)state;
    each_rule(fire_and_clear);
}

static void each_rule__goes_on_firing__while_nothing_is_told(void **state)
{
    (void)state;
    each_rule(keep_while_silent);
}

static void each_rule__is_unknown__before_anything_is_told(void **state)
{
    (void)state;
    each_rule(stay_unknown);
}

static void each_rule__says__why_it_exists_and_what_helps_next(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct rules *rules = model_rules(s.m);
    for (size_t i = 0; i < rules_count(rules); i++) {
        const struct rule *r = rules_at(rules, i);
        if (!r->reason || !r->pane || !r->next || !r->message[0] || strlen(r->reason) < 20) {
            fail_msg("%s lacks a reason, a pane or a command", r->name);
        }
        /* What is back must be further away than what fires, or it would tremble between the two. */
        bool falls = r->op == RULE_BELOW || r->op == RULE_AT_MOST;
        if (falls ? r->clear < r->value : r->clear > r->value) {
            fail_msg("%s clears on the wrong side", r->name);
        }
    }
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule__fires_and_clears__at_the_very_instant),
        cmocka_unit_test(each_rule__goes_on_firing__while_nothing_is_told),
        cmocka_unit_test(each_rule__is_unknown__before_anything_is_told),
        cmocka_unit_test(each_rule__says__why_it_exists_and_what_helps_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
