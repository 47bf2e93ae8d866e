/* The doctor's checks, one by one: each fires on what is wrong, is good when that is mended, and unknown when
 * it cannot be read. */
#include "story.h"

#include "redai/schema/need.h"

#include "redai/model/doctor.h"

#define SERVER                                                                                               \
    "server redis_version=7.2.11 role=master maxmemory_policy=volatile-ttl maxmemory=4294967296 "            \
    "used_memory=1000000 total_system_memory=8589934592 evicted_keys=0 keyspace_hits=0 keyspace_misses=0 "   \
    "maxclients=10000 connected_clients=12 aof_enabled=1 rdb_last_bgsave_status=ok "                         \
    "aof_last_write_status=ok rdb_last_save_time=1763891000 rdb_changes_since_last_save=0 "

/* A server as it should be, that was asked. */
static const char *const healthy[] = {
    "doctor phase=begin",
    "setting name=auth.password value=given known=1",
    "setting name=connection.way value=network known=1",
    "setting name=acl.user value=default known=1",
    "setting name=acl.default value=password known=1",
    "setting name=requirepass value=(set) known=1",
    "setting name=bind value=\"* -::*\" known=1",
    "setting name=protected-mode value=yes known=1",
    "setting name=port value=6379 known=1",
    "setting name=tls-port value=0 known=1",
    "setting name=commands value=asked known=1",
    "setting name=clock.ahead_us value=1500 known=1",
    "setting name=clock.unsure_us value=900 known=1",
    "setting name=timeout value=0 known=1",
    "setting name=tcp-keepalive value=300 known=1",
    "setting name=client-output-buffer-limit value=\"normal 0 0 0 slave 268435456 67108864 60 pubsub "
    "33554432 "
    "8388608 60\" known=1",
    "setting name=slowlog-log-slower-than value=10000 known=1",
    "setting name=slowlog-max-len value=128 known=1",
    "setting name=latency-monitor-threshold value=100 known=1",
    "setting name=save value=\"900 1\" known=1",
    "setting name=appendfsync value=everysec known=1",
    "setting name=stop-writes-on-bgsave-error value=yes known=1",
    "setting name=cache.overlap value=\"\" known=1",
    "setting name=celery.prefix value=\"\" known=1",
    "setting name=results.sampled value=8 known=1",
    "setting name=results.lasting value=0 known=1",
    "setting name=results.longest_ms value=3000000 known=1",
    "setting name=batch.progress_ms value=3000000 known=1",
    "setting name=batch.result_ms value=3000000 known=1",
};

static void tell_permissions(struct story *s, const char *but, const char *permission)
{
    const char *const *command;
    size_t count = need_commands(&command);
    for (size_t i = 0; i < count; i++) {
        story_tell(s, "permission what=\"%s\" permission=%s why=\"no permissions\"", command[i],
                   but && strcmp(command[i], but) == 0 ? permission : "allowed");
    }
}

static void begin(struct story *s)
{
    story_begin(s);
    story_tell(s, "connection address=redis:6379 db=0 result_db=1");
    story_tell(s, "link role=poll state=up");
    story_tell(s, "link role=feed state=up");
    story_tell(s, "link role=result state=up");
    story_tell(s, "notify state=on present=Eg$xem");
    story_tell(s, SERVER);
    story_tell(s, "queue name=celery depth=0,0,0,0 sources=1");
    story_tell(s, "poll topic=queues ok=1");
    story_tell(s, "poll topic=sessions ok=1");
    story_tell(s, "census phase=begin");
    story_tell(s, "census phase=end walked=0");
    story_tell(s, "worker name=w@h event=heartbeat active=0 processed=0 freq=2");
    story_tell(s, "worker_answer name=w@h answered=1 round_trip_us=900");
    story_tell(s, "worker_queues name=w@h queues=celery");
    story_tell(s, "worker_stats name=w@h visibility_s=3600");
    for (size_t i = 0; i < sizeof healthy / sizeof healthy[0]; i++) {
        story_tell(s, "%s", healthy[i]);
    }
    tell_permissions(s, NULL, "");
    story_tell(s, "doctor phase=end");
}

/* The first finding of a check with that verdict; NULL none. */
static const struct finding *find(const struct story *s, const char *check, enum finding_verdict verdict)
{
    for (size_t i = 0; i < model_finding_count(s->m); i++) {
        const struct finding *f = model_finding_at(s->m, i);
        if (strcmp(f->check, check) == 0 && f->verdict == verdict) {
            return f;
        }
    }
    return NULL;
}

/* Of all checks none but these is bad: a list like "a b". With a password the health check is always
 * remarked. */
static void assert_bad(const struct story *s, const char *expected)
{
    UT_string found;
    utstring_init(&found);
    for (size_t c = 0; c < doctor_check_count; c++) {
        if (find(s, doctor_checks[c].id, FINDING_BAD) && strcmp(doctor_checks[c].id, "health-check") != 0) {
            utstring_printf(&found, "%s%s", utstring_len(&found) ? " " : "", doctor_checks[c].id);
        }
    }
    assert_string_equal(utstring_body(&found), expected);
    utstring_done(&found);
}

static void assert_only(const struct story *s, const char *check, enum severity severity, const char *text)
{
    assert_bad(s, check);
    const struct finding *f = find(s, check, FINDING_BAD);
    assert_string_equal(f->text, text);
    assert_int_equal(f->severity, severity);
    assert_true(f->why[0] && f->fix[0]);
}

static void a_server_as_it_should_be__has_no_bad_finding(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    assert_bad(&s, "");
    assert_int_equal(model_doctor_worst(s.m), SEVERITY_INFO); /* the health check */
    assert_int_equal(model_doctor_state(s.m), DOCTOR_DONE);
    story_end(&s);
}

static void each_check__has_an_id_of_its_own_a_why_and_a_fix(void **state)
{
    (void)state;
    for (size_t i = 0; i < doctor_check_count; i++) {
        const struct doctor_check *c = &doctor_checks[i];
        assert_true(c->id[0] && c->group[0] && c->looks[0] && c->why[0] && c->fix[0]);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(c->id, doctor_checks[k].id);
        }
    }
}

/* --- what one setting does --- */

static const struct {
    const char *fact; /* on top of a server as it should be */
    const char *check;
    enum severity severity;
    const char *text;
} wrong[] = {
    {"setting name=timeout value=300 known=1", "idle-timeout", SEVERITY_WARNING,
     "timeout 300: an idle connection is closed after 300 s"},
    {"setting name=tcp-keepalive value=0 known=1", "tcp-keepalive", SEVERITY_WARNING, "tcp-keepalive 0"},
    {"setting name=slowlog-log-slower-than value=-1 known=1", "slowlog", SEVERITY_WARNING,
     "the slow log is off (slower-than -1)"},
    {"setting name=slowlog-max-len value=0 known=1", "slowlog", SEVERITY_WARNING,
     "the slow log is off (max-len 0)"},
    {"setting name=latency-monitor-threshold value=0 known=1", "latency-monitor", SEVERITY_INFO,
     "the latency monitor is off"},
    {"setting name=stop-writes-on-bgsave-error value=no known=1", "stop-writes", SEVERITY_INFO,
     "writes go on while saves fail"},
    {"setting name=appendfsync value=no known=1", "appendfsync", SEVERITY_WARNING, "appendfsync no"},
    {"setting name=requirepass value=\"${REDIS_PASSWORD}\" known=1", "password-literal", SEVERITY_CRITICAL,
     "the password is the text ${REDIS_PASSWORD}"},
    {"setting name=auth.password value=\"${REDIS_PASSWORD:-}\" known=1", "password-literal",
     SEVERITY_CRITICAL, "the password is the text ${REDIS_PASSWORD:-}"},
    {"setting name=clock.ahead_us value=5000000 known=1", "clock", SEVERITY_WARNING,
     "the server's clock is 5s ahead of ours"},
    {"setting name=clock.ahead_us value=-3600000000 known=1", "clock", SEVERITY_CRITICAL,
     "the server's clock is 1h00m behind of ours"},
    {"setting name=client-output-buffer-limit value=\"pubsub 1048576 524288 60\" known=1", "pubsub-buffer",
     SEVERITY_WARNING, "a subscriber is cut off when 1.0M (or 512K for a while) wait for it"},
    {"setting name=command.MONITOR value=gone known=1", "commands", SEVERITY_INFO,
     "this command is gone (renamed, or an old server): no trace is possible"},
    {"setting name=command.BRPOP value=gone known=1", "commands", SEVERITY_CRITICAL,
     "this command is gone (renamed, or an old server): no worker can take a task"},
    {"setting name=celery.prefix value=redai_ known=1", "key-prefix", SEVERITY_WARNING,
     "Celery's keys stand behind a prefix"},
    {"setting name=results.lasting value=3 known=1", "result-expiry", SEVERITY_WARNING,
     "3 of 8 results looked at never expire"},
    {"setting name=cache.overlap value=\"exam:1 exam:10\" known=1", "invalidation-overlap", SEVERITY_INFO,
     "the pattern of the exam with the shorter id takes this one, too"},
    {"setting name=batch.progress_ms value=540000 known=1", "batch-progress-ttl", SEVERITY_INFO,
     "a batch that has ended: its progress goes in 9m00s, its result in 50m00s"},
    {"notify state=off", "notifications", SEVERITY_WARNING, "key notifications are off"},
    {"notify state=partial present=Ex missing=g$em", "notifications", SEVERITY_WARNING,
     "key notifications are on in part (Ex): missing g$em"},
    {"link role=feed state=down error=refused", "connections", SEVERITY_WARNING,
     "the connection for notifications and events is down: refused"},
    {SERVER "evicted_keys=12", "evictions", SEVERITY_INFO,
     "12 keys were evicted since the server started (volatile-ttl)"},
    {SERVER "maxmemory=0", "maxmemory", SEVERITY_WARNING, "maxmemory 0: no limit but the system's 8.0G"},
    {SERVER "maxmemory=536870912", "memory-alert", SEVERITY_INFO,
     "the platform's alert above 1.5G can never fire with maxmemory 512M"},
    {SERVER "used_memory=4290000000", "memory-full", SEVERITY_CRITICAL,
     "4.0G of 4.0G are used (100 %), volatile-ttl"},
    {SERVER "rdb_last_bgsave_status=err", "save-failed", SEVERITY_CRITICAL,
     "the last save failed, and writes are refused (MISCONF)"},
    {SERVER "aof_last_write_status=err", "save-failed", SEVERITY_CRITICAL,
     "the last write to the AOF failed"},
    {SERVER "maxclients=60", "maxclients", SEVERITY_WARNING,
     "maxclients 60: one backend may open 100 connections, a worker about 16"},
    {SERVER "connected_clients=9000", "maxclients", SEVERITY_WARNING, "9000 of 10000 clients are connected"},
    {SERVER "role=slave master_link_status=up", "role", SEVERITY_WARNING, "this is a replica"},
    {SERVER "role=slave master_link_status=down", "role", SEVERITY_CRITICAL,
     "this is a replica, and its link to the master is down"},
    {SERVER "redis_version=7.0.14", "version", SEVERITY_WARNING,
     "7.0.14: CVE-2023-41056 (heap overflow when buffers are resized)"},
    {SERVER "redis_version=5.0.7", "version", SEVERITY_WARNING,
     "5.0.7 is not maintained any more (github.com/redis/redis/security/policy)"},
    {SERVER "keyspace_hits=147 keyspace_misses=157", "hit-rate", SEVERITY_INFO,
     "all reads since the start: 48.4%, Celery's among them"},
};

static void a_wrong_setting__is_named_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct story s;
        begin(&s);
        story_tell(&s, "%s", wrong[i].fact);
        assert_only(&s, wrong[i].check, wrong[i].severity, wrong[i].text);
        story_end(&s);
    }
}

/* --- what stands on several settings --- */

static void no_password__is_as_bad_as_it_can_be_reached(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "setting name=auth.password value=none known=1");
    story_tell(&s, "setting name=acl.default value=nopass known=1");
    story_tell(&s, "setting name=requirepass value=\"\" known=1");
    assert_only(&s, "password", SEVERITY_INFO, "no password; only protected-mode keeps other machines out");
    story_tell(&s, "setting name=protected-mode value=no known=1");
    assert_bad(&s, "password protected-mode");
    assert_int_equal(find(&s, "password", FINDING_BAD)->severity, SEVERITY_CRITICAL);
    assert_int_equal(model_doctor_worst(s.m), SEVERITY_CRITICAL);
    story_tell(&s, "setting name=bind value=\"127.0.0.1 -::1\" known=1");
    assert_int_equal(find(&s, "protected-mode", FINDING_BAD)->severity, SEVERITY_INFO);
    assert_non_null(find(&s, "password", FINDING_GOOD));
    story_tell(&s, "setting name=protected-mode value=yes known=1");
    assert_bad(&s, "");
    story_end(&s);
}

static void a_password__makes_the_health_check_a_remark(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    assert_int_equal(find(&s, "health-check", FINDING_BAD)->severity, SEVERITY_INFO);
    story_tell(&s, "setting name=auth.password value=none known=1");
    assert_non_null(find(&s, "health-check", FINDING_GOOD));
    story_end(&s);
}

static void loopback_alone__is_remarked_when_we_come_by_it(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "setting name=bind value=\"127.0.0.1\" known=1");
    assert_bad(&s, "");
    story_tell(&s, "setting name=connection.way value=loopback known=1");
    assert_only(&s, "bind", SEVERITY_INFO, "it listens on this machine's loopback only");
    assert_string_equal(find(&s, "bind", FINDING_BAD)->object, "127.0.0.1");
    story_end(&s);
}

static void nothing_on_disk__is_named(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, SERVER "aof_enabled=0");
    assert_bad(&s, "");
    story_tell(&s, "setting name=save value=\"\" known=1");
    assert_only(&s, "persistence", SEVERITY_WARNING, "nothing is on disk: save \"\" and appendonly no");
    story_tell(&s, "setting name=save known=0 why=\"NOPERM\"");
    assert_bad(&s, "");
    assert_string_equal(find(&s, "persistence", FINDING_UNKNOWN)->text,
                        "appendonly no; save could not be read: NOPERM");
    story_end(&s);
}

static void an_old_save__is_named_where_there_is_no_aof(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, SERVER "aof_enabled=0 rdb_last_save_time=1763700000 rdb_changes_since_last_save=7");
    assert_bad(&s, "save-age");
    story_tell(&s, SERVER "aof_enabled=0 rdb_last_save_time=1763700000 rdb_changes_since_last_save=0");
    assert_bad(&s, "");
    story_end(&s);
}

static void a_policy_that_takes_all__is_critical_with_queues(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, SERVER "maxmemory_policy=allkeys-lru");
    assert_bad(&s, "eviction-policy");
    assert_int_equal(find(&s, "eviction-policy", FINDING_BAD)->severity, SEVERITY_CRITICAL);
    story_end(&s);
}

/* --- Celery --- */

static void a_queue_without_consumer__is_named_with_what_waits(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "queue name=questions depth=5,0,0,0 sources=1");
    story_wait(&s, 1);
    assert_only(&s, "queue-unconsumed", SEVERITY_CRITICAL, "no worker consumes it, and 5 wait");
    const struct finding *f = find(&s, "queue-unconsumed", FINDING_BAD);
    assert_string_equal(f->object, "questions");
    assert_int_equal(f->about.kind, TARGET_QUEUE);
    story_tell(&s, "worker_queues name=w@h queues=\"celery\\x06\\x16questions\"");
    story_wait(&s, 1);
    assert_bad(&s, "");
    story_end(&s);
}

static void no_worker__is_critical_when_tasks_wait(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "worker name=w@h event=offline");
    assert_only(&s, "workers", SEVERITY_WARNING, "no worker is alive (nothing waits)");
    story_tell(&s, "queue name=celery depth=5,0,0,0 sources=1");
    assert_string_equal(find(&s, "workers", FINDING_BAD)->text, "no worker is alive, and 5 tasks wait");
    assert_int_equal(model_doctor_worst(s.m), SEVERITY_CRITICAL);
    story_end(&s);
}

static void a_task_held_too_long__is_held_against_the_visibility_timeout(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s,
               "task_message id=t1 place=unacked queue=celery tag=g1 name=api.tasks.slow "
               "delivered_wall_us=%lld",
               (long long)(STORY_WALL_US + s.now_us - 3000 * SECOND));
    assert_bad(&s, "visibility-timeout");
    assert_int_equal(find(&s, "visibility-timeout", FINDING_BAD)->severity, SEVERITY_WARNING);
    story_tell(&s,
               "task_message id=t1 place=unacked queue=celery tag=g1 name=api.tasks.slow "
               "delivered_wall_us=%lld",
               (long long)(STORY_WALL_US + s.now_us - 4000 * SECOND));
    assert_int_equal(find(&s, "visibility-timeout", FINDING_BAD)->severity, SEVERITY_CRITICAL);
    assert_string_equal(find(&s, "visibility-timeout", FINDING_BAD)->object, "api.tasks.slow");
    story_tell(&s, "worker_stats name=w@h visibility_s=43200");
    assert_bad(&s, "");
    story_end(&s);
}

static void a_task_of_the_wrong_route__is_remarked(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    assert_non_null(find(&s, "task-route", FINDING_UNKNOWN));
    story_tell(&s, "task_message id=t1 place=list queue=questions step=0 position=0 "
                   "name=api.tasks.batch_generate_questions");
    assert_non_null(find(&s, "task-route", FINDING_GOOD));
    story_tell(&s, "task_message id=t2 place=list queue=celery step=0 position=0 "
                   "name=api.tasks.batch_generate_questions");
    assert_only(&s, "task-route", SEVERITY_INFO, "it goes to the queue celery");
    story_end(&s);
}

static void left_over_mailboxes__are_counted(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "usage usage=left-overs db=0 part=celery keys=150 sampled=48 sampled_no_ttl=48 "
                   "sampled_bytes=9000");
    story_tell(&s, "census phase=end walked=150");
    assert_bad(&s, "stale-mailboxes");
    assert_int_equal(find(&s, "stale-mailboxes", FINDING_BAD)->severity, SEVERITY_WARNING);
    story_end(&s);
}

static void object_reprs_and_keys_without_ttl__are_named_by_family(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=58 sampled=58 sampled_no_ttl=4 sampled_bytes=900 reprs=50");
    story_tell(&s, "census phase=end walked=58");
    assert_bad(&s, "object-reprs cache-without-ttl");
    assert_string_equal(find(&s, "object-reprs", FINDING_BAD)->object, "exam");
    assert_string_equal(find(&s, "object-reprs", FINDING_BAD)->text,
                        "50 of 58 keys have an object's address in them");
    story_end(&s);
}

/* --- permissions --- */

static void what_a_user_lacks__is_told_of_each_pane_and_action(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    tell_permissions(&s, "HSCAN unacked 0", "denied");
    assert_only(&s, "pane-access", SEVERITY_WARNING, "it will lack: HSCAN unacked 0");
    assert_string_equal(find(&s, "pane-access", FINDING_BAD)->object, "tasks");
    assert_string_equal(find(&s, "pane-access", FINDING_BAD)->fix,
                        "ACL SETUSER default +hscan, with the keys or channels named");
    tell_permissions(&s, "PUBLISH /{db}.celery.pidbox x", "denied");
    assert_bad(&s, "pane-access action-access");
    assert_string_equal(find(&s, "action-access", FINDING_BAD)->text,
                        "it will be refused: PUBLISH /0.celery.pidbox x");
    tell_permissions(&s, "MONITOR", "no_command");
    assert_bad(&s, "commands pane-access");
    assert_int_equal(model_doctor_worst(s.m), SEVERITY_INFO);
    tell_permissions(&s, "MONITOR", "unknown");
    assert_bad(&s, "");
    assert_string_equal(find(&s, "pane-access", FINDING_UNKNOWN)->object, "trace");
    story_end(&s);
}

/* --- not looked at --- */

static void nothing_asked__gives_no_finding(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(model_finding_count(s.m), 0);
    assert_int_equal(model_doctor_state(s.m), DOCTOR_IDLE);
    assert_null(model_finding_at(s.m, 0));
    story_end(&s);
}

static void unreadable__is_unknown_with_the_servers_words_never_good(void **state)
{
    (void)state;
    static const char *const checks[] = {
        "password",      "password-literal", "protected-mode",     "bind",
        "commands",      "idle-timeout",     "tcp-keepalive",      "pubsub-buffer",
        "slowlog",       "latency-monitor",  "stop-writes",        "clock",
        "result-expiry", "key-prefix",       "batch-progress-ttl", "invalidation-overlap"};
    struct story s;
    story_begin(&s);
    story_tell(&s, "doctor phase=begin");
    story_tell(&s, "setting name=timeout known=0 why=\"NOPERM no right\"");
    story_tell(&s, "doctor phase=end error=\"the connection was lost\"");
    assert_int_equal(model_doctor_state(s.m), DOCTOR_FAILED);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        assert_null(find(&s, checks[i], FINDING_GOOD));
        assert_null(find(&s, checks[i], FINDING_BAD));
        assert_non_null(find(&s, checks[i], FINDING_UNKNOWN));
    }
    assert_string_equal(find(&s, "idle-timeout", FINDING_UNKNOWN)->text,
                        "timeout could not be read: NOPERM no right");
    assert_string_equal(find(&s, "slowlog", FINDING_UNKNOWN)->text,
                        "slowlog-log-slower-than could not be read: the connection was lost");
    story_end(&s);
}

static void an_answer_of_an_earlier_run__is_forgotten_when_the_next_does_not_give_it(void **state)
{
    (void)state;
    struct story s;
    const char *why;
    begin(&s);
    assert_string_equal(model_setting(s.m, "timeout", &why), "0");
    story_tell(&s, "doctor phase=begin");
    story_tell(&s, "setting name=port value=6379 known=1");
    story_tell(&s, "doctor phase=end");
    assert_null(model_setting(s.m, "timeout", &why));
    assert_string_equal(why, "it was not asked");
    story_end(&s);
}

static void hostile_values__are_unknown_or_shown_clean(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "setting name=timeout value=\"\\x1b[31m99999999999999999999\" known=1");
    assert_non_null(find(&s, "idle-timeout", FINDING_UNKNOWN));
    assert_null(strchr(find(&s, "idle-timeout", FINDING_UNKNOWN)->text, '\x1b'));
    story_tell(&s, "setting name=clock.ahead_us value=-9223372036854775808 known=1");
    assert_non_null(find(&s, "clock", FINDING_BAD));
    for (int i = 0; i < 2000; i++) {
        story_tell(&s, "setting name=x%d value=1 known=1", i);
        story_tell(&s, "permission what=x%d permission=denied", i);
    }
    assert_true(model_finding_count(s.m) < 500);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_as_it_should_be__has_no_bad_finding),
        cmocka_unit_test(each_check__has_an_id_of_its_own_a_why_and_a_fix),
        cmocka_unit_test(a_wrong_setting__is_named_and_nothing_else),
        cmocka_unit_test(no_password__is_as_bad_as_it_can_be_reached),
        cmocka_unit_test(a_password__makes_the_health_check_a_remark),
        cmocka_unit_test(loopback_alone__is_remarked_when_we_come_by_it),
        cmocka_unit_test(nothing_on_disk__is_named),
        cmocka_unit_test(an_old_save__is_named_where_there_is_no_aof),
        cmocka_unit_test(a_policy_that_takes_all__is_critical_with_queues),
        cmocka_unit_test(a_queue_without_consumer__is_named_with_what_waits),
        cmocka_unit_test(no_worker__is_critical_when_tasks_wait),
        cmocka_unit_test(a_task_held_too_long__is_held_against_the_visibility_timeout),
        cmocka_unit_test(a_task_of_the_wrong_route__is_remarked),
        cmocka_unit_test(left_over_mailboxes__are_counted),
        cmocka_unit_test(object_reprs_and_keys_without_ttl__are_named_by_family),
        cmocka_unit_test(what_a_user_lacks__is_told_of_each_pane_and_action),
        cmocka_unit_test(nothing_asked__gives_no_finding),
        cmocka_unit_test(unreadable__is_unknown_with_the_servers_words_never_good),
        cmocka_unit_test(an_answer_of_an_earlier_run__is_forgotten_when_the_next_does_not_give_it),
        cmocka_unit_test(hostile_values__are_unknown_or_shown_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
