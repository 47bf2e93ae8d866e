/* drive_work: what happens to cache, queues, batches, workers, tasks and sessions. */
#include "drive.h"

#include <stdio.h>

static bool begins(const struct drive_run *r, enum drive_phase phase)
{
    return r->phase == phase && r->second == 0;
}

static long long wall_of(const struct drive_run *r)
{
    return (long long)(STORY_WALL_US + r->s.now_us);
}

/* --- cache --- */

static void tell_hits(struct drive_run *r)
{
    drive_info(r, "keyspace_hits=%lld keyspace_misses=%lld", (long long)drive_count(r, 0, 10, 90),
               (long long)drive_count(r, 1, 90, 10));
}

static void tell_misses(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        story_tell(&r->s, "notify state=on");
    }
    int pairs = r->phase == DRIVE_BAD ? 10 : 1;
    story_tell(&r->s, "key_event event=keymiss key=exam:1 count=%d", pairs);
    story_tell(&r->s, "key_event event=set key=exam:1 count=%d", pairs);
}

static void tell_census(struct drive_run *r, const char *family)
{
    if (r->second == 0) {
        story_tell(&r->s, "census phase=begin");
        story_tell(&r->s, "family %s", family);
        story_tell(&r->s, "census phase=end walked=60");
    }
}

static void tell_family(struct drive_run *r)
{
    tell_census(r, r->phase == DRIVE_BAD ? r->drive->bad : r->drive->good);
}

static void tell_without_ttl(struct drive_run *r)
{
    drive_info(r, "db0=%lld,1000,0", (long long)(5000 + drive_count(r, 0, 10, 0)));
}

static void tell_crowding(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        tell_census(r, "name=exam keys=60 sampled=60 sampled_bytes=600");
    }
    drive_level(r);
}

/* --- queues --- */

static void tell_queue(struct drive_run *r, int depth)
{
    story_tell(&r->s, "queue name=celery depth=%d,0,0,0", depth);
    story_tell(&r->s, "poll topic=queues");
}

static void tell_backlog(struct drive_run *r)
{
    tell_queue(r, r->phase == DRIVE_BAD ? 100 + r->second : 0);
}

static void tell_undrained(struct drive_run *r)
{
    tell_queue(r, r->phase == DRIVE_BAD ? 20 : 19);
}

static void tell_unconsumed(struct drive_run *r)
{
    story_tell(&r->s, "worker_answer name=w1 answered=1");
    story_tell(&r->s, "worker_queues name=w1 queues=questions");
    tell_queue(r, r->phase == DRIVE_BAD ? 4 : 0);
}

static void tell_poison(struct drive_run *r)
{
    tell_queue(r, 2);
    if (begins(r, DRIVE_BAD)) {
        story_tell(
            &r->s,
            "task_message place=list queue=celery position=0 ref=r1 fate=kills_lost reason=\"no JSON\"");
    } else if (r->phase != DRIVE_BAD) {
        story_tell(&r->s, "task_sweep scope=list name=celery begun_us=%lld", (long long)r->s.now_us);
        story_tell(&r->s, "poll topic=tasks");
    }
}

/* --- batches --- */

static void tell_batch_failed(struct drive_run *r)
{
    if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s, "batch id=b status=failed error=x");
    } else if (begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "dismiss id=b");
    }
}

static void tell_batch_stalled(struct drive_run *r)
{
    int at = r->phase == DRIVE_LEAD ? r->second : r->phase == DRIVE_BAD ? 10 : 11 + r->second;
    story_tell(&r->s, "batch id=b current=%d total=90 status=in_progress", at);
    story_tell(&r->s, "poll topic=batches");
}

static void tell_batch_lost(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        story_tell(&r->s, "batch id=b current=1 total=4 status=in_progress");
    } else if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s, "batch_gone id=b");
        story_tell(&r->s, "task id=b");
    } else if (begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "dismiss id=b");
    }
}

/* --- workers and tasks --- */

static void tell_zombie(struct drive_run *r)
{
    story_tell(&r->s, "worker name=w1 event=heartbeat freq=2");
    story_tell(&r->s, "worker_answer name=w1 answered=%d", r->phase != DRIVE_BAD);
}

static void tell_worker_lost(struct drive_run *r)
{
    if (r->phase != DRIVE_BAD) {
        story_tell(&r->s, "worker name=w1 event=heartbeat freq=2");
    }
}

static void end_tasks(struct drive_run *r, int tasks, const char *state)
{
    for (int i = 0; i < tasks; i++) {
        story_tell(&r->s, "task id=%s%d state=%s date_done_us=%lld", state, i, state, wall_of(r));
    }
}

static void tell_failing(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        end_tasks(r, 15, "SUCCESS");
    } else if (begins(r, DRIVE_BAD)) {
        end_tasks(r, 6, "FAILURE");
    } else if (begins(r, DRIVE_GOOD)) {
        end_tasks(r, 40, "SUCCESS");
    }
}

static void tell_in_hand(struct drive_run *r, const char *worker)
{
    story_tell(&r->s, "worker_answer name=%s answered=1", worker);
    story_tell(&r->s, "poll topic=tasks");
}

/* Delivered at the first second, with a visibility timeout of a hundred. */
static void tell_overdue(struct drive_run *r)
{
    tell_in_hand(r, "w1");
    if (begins(r, DRIVE_LEAD)) {
        story_tell(&r->s, "worker_stats name=w1 visibility_s=100");
    } else if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s,
                   "task_message id=a place=unacked queue=celery tag=t name=api.t retries=0 "
                   "delivered_wall_us=%lld",
                   wall_of(r));
        story_tell(&r->s, "task_held id=a worker=w1 hold=active");
    } else if (begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "task id=a state=SUCCESS date_done_us=%lld", wall_of(r));
        story_tell(&r->s, "task_sweep scope=unacked begun_us=%lld", (long long)r->s.now_us);
    }
}

static void tell_orphaned(struct drive_run *r)
{
    tell_in_hand(r, "w1");
    if (begins(r, DRIVE_LEAD)) {
        story_tell(&r->s, "task_message id=a place=unacked queue=celery tag=t name=api.t retries=0");
        story_tell(&r->s, "task_held id=a worker=w1 hold=active");
    } else if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s, "task_sweep scope=worker name=w1 begun_us=%lld", (long long)r->s.now_us);
    } else if (begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "task_held id=a worker=w1 hold=active");
    }
}

static void tell_lost(struct drive_run *r)
{
    tell_in_hand(r, "w1");
    if (begins(r, DRIVE_LEAD)) {
        story_tell(&r->s, "task id=a state=STARTED hostname=w1");
    } else if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s, "task_sweep scope=unacked begun_us=%lld", (long long)r->s.now_us);
        story_tell(&r->s, "task_sweep scope=worker name=w1 begun_us=%lld", (long long)r->s.now_us);
    } else if (begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "task id=a state=SUCCESS date_done_us=%lld", wall_of(r));
    }
}

/* --- sessions --- */

static void walk(struct drive_run *r)
{
    story_tell(&r->s, "census phase=begin");
    story_tell(&r->s, "census phase=end");
}

static void tell_orphans(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        walk(r);
        story_tell(&r->s, "session id=a user_id=7");
    } else if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s, "user_index phase=begin user_id=7");
        story_tell(&r->s, "user_index phase=gone user_id=7");
    } else if (begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "session_gone id=a reason=deleted");
    }
}

static void tell_stale(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        walk(r);
        story_tell(&r->s, "session id=live user_id=7");
    }
    if (r->phase == DRIVE_LEAD || r->second > 0) {
        return;
    }
    story_tell(&r->s, "user_index phase=begin user_id=7");
    story_tell(&r->s, "user_index phase=member user_id=7 id=live");
    int stale = r->phase == DRIVE_BAD ? 120 : 0;
    for (int i = 0; i < stale; i++) {
        story_tell(&r->s, "user_index phase=member user_id=7 id=%d", i);
        story_tell(&r->s, "session_gone id=%d", i);
    }
    story_tell(&r->s, "user_index phase=end user_id=7 size=%d", stale + 1);
}

static void tell_crowd(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        walk(r);
    }
    for (int i = 0; r->second == 0 && i < 20; i++) {
        if (r->phase == DRIVE_BAD) {
            story_tell(&r->s, "session id=%d user_id=7", i);
        } else if (r->phase == DRIVE_GOOD && i < 5) {
            story_tell(&r->s, "session_gone id=%d reason=deleted", i);
        }
    }
}

/* Ten a second: three hundred a minute when thirty seconds are told. */
static void tell_storm(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        walk(r);
    }
    for (int i = 0; r->phase == DRIVE_BAD && i < 10; i++) {
        story_tell(&r->s, "session id=%d-%d user_id=%d-%d created_us=%lld pttl_ms=86400000", r->second, i,
                   r->second, i, wall_of(r));
    }
}

/* Of 500 sessions ten a second run out, from ten seconds after the first word on. */
static void tell_expiry(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD)) {
        walk(r);
    }
    for (int i = 0; begins(r, DRIVE_BAD) && i < 500; i++) {
        story_tell(&r->s, "session id=%d pttl_ms=%d", i, i < 150 ? 10000 + i / 10 * 1000 : 9000000);
    }
}

static void tell_came_back(struct drive_run *r)
{
    if (begins(r, DRIVE_LEAD) || begins(r, DRIVE_GOOD)) {
        story_tell(&r->s, "session_watch phase=begin id=abcdefghij user_id=7");
    } else if (begins(r, DRIVE_BAD)) {
        story_tell(&r->s, "session_watch phase=back id=abcdefghij");
    }
}

const struct drive drive_work[] = {
    /* A minute's mean below 70 % with the sixteenth bad second of sixty, 75 % again with ... */
    {.rule = "hit-rate", .tell = tell_hits, .lead_s = 70, .pends = 15, .fires = 45, .clears = 48},
    /* Slots of ten seconds: 300 pairs a minute with the third that is full. */
    {.rule = "cache-collapse", .tell = tell_misses, .lead_s = 700, .pends = 30, .fires = 60, .clears = 49},
    {.rule = "cache-object-repr",
     .tell = tell_family,
     .lead_s = 3,
     .bad = "name=exam keys=60 sampled=60 reprs=1",
     .good = "name=exam keys=60 sampled=60 reprs=0"},
    {.rule = "cache-without-ttl",
     .tell = tell_family,
     .lead_s = 3,
     .bad = "name=session keys=5 sampled=5 sampled_no_ttl=1",
     .good = "name=session keys=5 sampled=5 sampled_no_ttl=0"},
    /* Thirty samples, a minute apart. */
    {.rule = "keys-without-ttl", .tell = tell_without_ttl, .pends = 1740, .fires = 1800, .clears = 1739},
    {.rule = "cache-crowding",
     .tell = tell_crowding,
     .lead_s = 3,
     .bad = "used_memory=71 maxmemory=100 evicted_keys=0 expired_keys=0 rejected_connections=0",
     .good = "used_memory=70 maxmemory=100 evicted_keys=0 expired_keys=0 rejected_connections=0",
     .fires = 10},
    {.rule = "queue-backlog", .tell = tell_backlog, .lead_s = 3, .fires = 60, .pends = 60},
    {.rule = "queue-undrained", .tell = tell_undrained, .lead_s = 3, .fires = 1800, .pends = 1800},
    {.rule = "queue-unconsumed", .tell = tell_unconsumed, .lead_s = 3, .fires = 10},
    {.rule = "queue-poison", .tell = tell_poison, .lead_s = 3, .clears = 1},
    {.rule = "batch-failed", .tell = tell_batch_failed, .lead_s = 3, .known_at_once = true},
    {.rule = "batch-stalled",
     .tell = tell_batch_stalled,
     .lead_s = 10,
     .fires = 60,
     .known_at_once = true,
     .pends = 60},
    {.rule = "batch-lost", .tell = tell_batch_lost, .lead_s = 3, .known_at_once = true},
    {.rule = "worker-zombie", .tell = tell_zombie, .lead_s = 5, .fires = 2, .pends = 2},
    {.rule = "worker-lost", .tell = tell_worker_lost, .lead_s = 5, .fires = 20, .pends = 15},
    {.rule = "tasks-failing", .tell = tell_failing, .lead_s = 3, .fires = 30},
    {.rule = "tasks-overdue", .tell = tell_overdue, .lead_s = 3, .fires = 101, .pends = 101},
    {.rule = "tasks-orphaned", .tell = tell_orphaned, .lead_s = 3, .fires = 5},
    {.rule = "tasks-lost", .tell = tell_lost, .lead_s = 3},
    {.rule = "session-orphans", .tell = tell_orphans, .lead_s = 3, .fires = 5},
    {.rule = "session-stale", .tell = tell_stale, .lead_s = 3, .fires = 30},
    {.rule = "session-crowd", .tell = tell_crowd, .lead_s = 3, .fires = 10},
    {.rule = "session-storm", .tell = tell_storm, .lead_s = 3, .fires = 29, .clears = 44, .pends = 29},
    {.rule = "session-mass-expiry",
     .tell = tell_expiry,
     .lead_s = 61,
     .fires = 21.25,
     .clears = 59,
     .pends = 21.25},
    {.rule = "session-came-back", .tell = tell_came_back, .lead_s = 3},
};
const size_t drive_work_count = sizeof(drive_work) / sizeof(drive_work[0]);
