/* Undo: what a revoke or an invalidation deletes is kept in the transaction that deletes it, and comes back
 * as it was, with the time it has left. */
#include "stage.h"

#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/mem.h"

#define ONE "AbCdEf-0123456789012345678901234567890123_1"
#define TWO "GhIjKl-0123456789012345678901234567890123_2"

static void add_session(struct stage *s, const char *id, int user, bool indexed)
{
    stage_do(s, "SET session:%s {\"user_id\":%d,\"role\":\"student\"} EX 5000", id, user);
    if (indexed) {
        stage_do(s, "SADD user:%d:sessions %s", user, id);
        stage_do(s, "EXPIRE user:%d:sessions 8000", user);
    }
}

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_keep(s, NULL);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static void assert_between(long long n, long long least, long long most)
{
    if (n < least || n > most) {
        fail_msg("%lld is not within %lld and %lld", n, least, most);
    }
}

static void revoke__keeps_what_it_deletes_in_one_transaction__when_there_is_a_bin(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_watch(s);
    stage_order(s, "revoke session " ONE);
    char *heard = stage_heard(s);
    assert_string_equal(heard, "\"GETRANGE\" \"session:" ONE "\" \"0\" \"65535\"\n"
                               "\"SISMEMBER\" \"user:7:sessions\" \"" ONE "\"\n"
                               "\"DUMP\" \"session:" ONE "\"\n"
                               "\"MULTI\"\n"
                               "\"EXEC\"\n" /* of nothing: may RESTORE be sent? */
                               "\"MULTI\"\n"
                               "\"PTTL\" \"session:" ONE "\"\n"
                               "\"DUMP\" \"session:" ONE "\"\n"
                               "\"PTTL\" \"user:7:sessions\"\n"
                               "\"UNLINK\" \"session:" ONE "\"\n"
                               "\"SREM\" \"user:7:sessions\" \"" ONE "\"\n"
                               "\"EXEC\"\n"
                               "\"EXISTS\" \"session:" ONE "\"\n"
                               "\"SISMEMBER\" \"user:7:sessions\" \"" ONE "\"\n");
    free(heard);
    stage_assert_plan(s, "count    1 (can be undone)\n");
    stage_assert_plan(s, "MULTI; PTTL session:AbCdEf~; DUMP session:AbCdEf~; PTTL user:7:sessions; UNLINK "
                         "session:AbCdEf~; SREM user:7:sessions AbCdEf~; EXEC\n");
    stage_assert_plan(s, "undo: kept for 15 min, 1 session, ");
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
    assert_int_equal(bin_count(s->options.bin), 1);
}

static void undo__brings_session_and_index_back__when_the_index_went_with_it(void **state)
{
    struct stage *s = *state;
    struct bin_row row;
    add_session(s, ONE, 7, true);
    stage_order(s, "revoke session " ONE);
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
    assert_true(bin_at(s->options.bin, 0, &row));
    assert_string_equal(row.what, "revoke session AbCdEf~ of user 7");
    stage_order(s, "undo");
    stage_assert_plan(s, "plan     undo revoke session AbCdEf~ of user 7: 1 key\n");
    stage_assert_plan(s, "SADD user:7:sessions AbCdEf~\n");
    stage_assert_plan(s, "AbCdEf~  TTL 1h2");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, "AbCdEf~")->text, "put back, TTL 1h2"));
    assert_non_null(strstr(stage_told(s, "AbCdEf~")->text, ", with its index entry"));
    assert_string_equal(s->out, "1");
    assert_between(stage_int(s, "TTL session:" ONE), 4900, 5000);
    assert_between(stage_int(s, "TTL user:7:sessions"), 7900, 8000);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions " ONE), 1);
    assert_int_equal(stage_int(s, "STRLEN session:" ONE), strlen("{\"user_id\":7,\"role\":\"student\"}"));
    assert_int_equal(bin_count(s->options.bin), 0);
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_GONE, "undo: nothing is kept");
}

static void undo__leaves_the_index_its_own_ttl__when_it_is_still_there(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    add_session(s, TWO, 7, true);
    stage_do(s, "EXPIRE user:7:sessions 300");
    stage_order(s, "revoke session " ONE);
    stage_watch(s);
    stage_order(s, "undo");
    char *heard = stage_heard(s);
    assert_null(strstr(heard, "PEXPIRE"));
    free(heard);
    assert_between(stage_int(s, "TTL user:7:sessions"), 200, 300);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 2);
}

static void undo__adds_no_entry__when_the_session_was_an_orphan(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, false);
    stage_order(s, "revoke session " ONE);
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 1);
    assert_int_equal(stage_int(s, "EXISTS user:7:sessions"), 0);
}

static void undo__brings_all_sessions_of_a_user_back__when_the_user_was_revoked(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 150; i++) {
        char id[64];
        snprintf(id, sizeof id, "%03d-many-sessions", i);
        add_session(s, id, 7, i != 3);
    }
    stage_order(s, "revoke user 7");
    stage_assert_plan(s, "undo: kept for 15 min, 150 sessions, ");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
    stage_order(s, "undo 1");
    assert_string_equal(s->typed, "150");
    stage_assert_end(s, ACTION_DONE, "put back 150 of 150");
    assert_int_equal(stage_int(s, "DBSIZE"), 151);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 149);
    assert_between(stage_int(s, "TTL user:7:sessions"), 7900, 8000);
}

static void undo__brings_every_type_back__when_a_family_was_invalidated(void **state)
{
    static const char *const make[] = {
        "SET exam:1 text",       "SETEX exam:2 500 17",         "HSET exam:3 a 1 b 2", "SADD exam:4 1 2 3",
        "ZADD exam:5 1 a 2.5 b", "XADD exam:6 1-1 field value", "PFADD exam:7 a b c",
    };
    struct stage *s = *state;
    char *before[COUNT_OF(make)];
    char key[32];
    for (size_t i = 0; i < COUNT_OF(make); i++) {
        const char *dump[] = {"DUMP", key};
        stage_do(s, "%s", make[i]);
        snprintf(key, sizeof key, "exam:%zu", i + 1);
        before[i] = server_cli_argv(s->server, 0, 2, dump, NULL);
    }
    stage_order(s, "invalidate exam:*");
    stage_assert_plan(s, "undo: kept for 15 min, 7 keys, ");
    stage_assert_plan(s, "count    7 (can be undone)\n");
    stage_assert_end(s, ACTION_DONE, "deleted 7 of 7");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_DONE, "put back 7 of 7");
    for (size_t i = 0; i < COUNT_OF(make); i++) {
        const char *dump[] = {"DUMP", key};
        snprintf(key, sizeof key, "exam:%zu", i + 1);
        char *after = server_cli_argv(s->server, 0, 2, dump, NULL);
        assert_string_equal(before[i], after);
        free(before[i]);
        free(after);
    }
    assert_between(stage_int(s, "TTL exam:2"), 400, 500);
    assert_int_equal(stage_int(s, "TTL exam:1"), -1);
}

static void undo__leaves_alone_what_exists_again__when_the_plan_sees_it(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:1 old");
    stage_do(s, "SET exam:2 old");
    stage_order(s, "invalidate exam:*");
    stage_do(s, "SET exam:1 newer");
    stage_order(s, "undo");
    stage_assert_plan(s, "1 exists again: not written over");
    assert_int_equal(stage_told(s, "exam:1")->outcome, ACTION_CHANGED);
    stage_assert_end(s, ACTION_CHANGED, "put back 1 of 2: 1 changed meanwhile");
    assert_int_equal(stage_int(s, "STRLEN exam:1"), 5);
    assert_int_equal(stage_int(s, "STRLEN exam:2"), 3);
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_CHANGED, "undo: everything of it exists again: nothing to put back");
    assert_int_equal(bin_count(s->options.bin), 1);
}

static void write_meanwhile(struct stage *s)
{
    stage_do(s, "SET exam:1 newer");
}

static void undo__leaves_alone_what_exists_again__when_it_came_after_the_plan(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:1 old");
    stage_order(s, "invalidate exam:1");
    s->at_plan = write_meanwhile;
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_CHANGED, "it exists again: not written over");
    assert_int_equal(stage_int(s, "STRLEN exam:1"), 5);
    assert_int_equal(bin_count(s->options.bin), 1);
}

static void undo__leaves_gone_what_would_have_expired__when_its_time_is_over(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:1 short PX 2000");
    stage_do(s, "SET exam:2 long");
    stage_order(s, "invalidate exam:1 exam:2");
    stage_assert_end(s, ACTION_DONE, "deleted 2 of 2");
    stage_pass(s, 2.);
    stage_order(s, "undo");
    stage_assert_plan(s, "1 would have expired by now: it stays gone");
    stage_assert_end(s, ACTION_DONE, "put back 1 of 2: 1 expired meanwhile");
    assert_int_equal(stage_int(s, "EXISTS exam:1"), 0);
    assert_int_equal(bin_count(s->options.bin), 0);
}

static void invalidate__says_what_it_cannot_keep__when_a_key_is_too_large(void **state)
{
    struct stage *s = *state;
    const struct bin_limits limits = {
        .bytes = 1 << 20, .key_bytes = 10000, .keys = 100, .keep_us = 60 * US_PER_S};
    stage_keep(s, &limits);
    stage_do(s, "SETRANGE exam:1 20000 x");
    stage_do(s, "SET exam:2 small");
    stage_watch(s);
    stage_order(s, "invalidate exam:*");
    char *heard = stage_heard(s);
    assert_null(strstr(heard, "\"DUMP\" \"exam:1\""));
    free(heard);
    stage_assert_plan(s, "no undo for 1 key: too large to be kept (the largest has 20.0K)\n");
    stage_assert_plan(s, "undo: kept for 1 min, 1 key, ");
    stage_assert_plan(s, "count    2 (can be undone in part)\n");
    stage_assert_end(s, ACTION_DONE, "deleted 2 of 2");
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_DONE, "put back, without TTL");
}

static void invalidate__keeps_no_more_than_it_may__when_there_are_many_keys(void **state)
{
    struct stage *s = *state;
    const struct bin_limits limits = {
        .bytes = 1 << 20, .key_bytes = 10000, .keys = 120, .keep_us = 60 * US_PER_S};
    stage_keep(s, &limits);
    for (int i = 0; i < 300; i += 3) {
        stage_do(s, "MSET exam:%d a exam:%d b exam:%d c", i, i + 1, i + 2);
    }
    stage_order(s, "invalidate exam:*");
    stage_assert_plan(s, "no undo for 180 keys: only the first 120 are kept, and no more than 1.0M\n");
    stage_assert_end(s, ACTION_DONE, "deleted 300 of 300");
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_DONE, "put back 120 of 120");
    assert_int_equal(stage_int(s, "DBSIZE"), 120);
}

static void invalidate__lets_the_oldest_go__when_the_bin_is_full(void **state)
{
    struct stage *s = *state;
    struct bin_row row;
    const struct bin_limits limits = {
        .bytes = 30000, .key_bytes = 20000, .keys = 120, .keep_us = 60 * US_PER_S};
    stage_keep(s, &limits);
    stage_do(s, "CONFIG SET rdbcompression no");
    stage_do(s, "SETRANGE exam:1 15000 x");
    stage_do(s, "SETRANGE exam:2 15000 x");
    stage_order(s, "invalidate exam:1");
    stage_order(s, "invalidate exam:2");
    stage_assert_plan(s, "for it 1 older action can no longer be undone\n");
    assert_int_equal(bin_count(s->options.bin), 1);
    assert_true(bin_at(s->options.bin, 0, &row));
    assert_string_equal(row.what, "invalidate exam:2: 1 key");
    stage_order(s, "undo 1");
    stage_assert_end(s, ACTION_GONE, "undo: this is no longer kept");
}

static void bin__lets_go_what_is_too_old__when_it_is_swept(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:1 old");
    stage_order(s, "invalidate exam:1");
    bin_sweep(s->options.bin, clock_mono_us() + 899 * US_PER_S);
    assert_int_equal(bin_count(s->options.bin), 1);
    bin_sweep(s->options.bin, clock_mono_us() + 901 * US_PER_S);
    assert_int_equal(bin_count(s->options.bin), 0);
}

static void revoke__still_works_and_says_that_nothing_is_kept__when_dump_is_refused(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_do(s, "ACL SETUSER default -dump");
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default +@all");
    stage_assert_plan(s, "no undo: the server refuses to give what is kept, or to take it back: NOPERM");
    stage_assert_plan(s, "count    1 (cannot be undone)\n");
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
    assert_int_equal(bin_count(s->options.bin), 0);
}

static void revoke__promises_no_undo__when_restore_is_refused(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_do(s, "ACL SETUSER default -@dangerous +acl");
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default +@all");
    stage_assert_plan(s, "no undo: the server refuses to give what is kept, or to take it back: NOPERM");
    stage_assert_plan(s, "count    1 (cannot be undone)\n");
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
    assert_int_equal(bin_count(s->options.bin), 0);
}

/* As the users of docs/users.acl.example: what is asked with the plan leaves no transaction open. */
static void revoke__keeps_what_it_deletes__when_discard_is_refused(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_do(s, "ACL SETUSER default -discard");
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default +@all");
    stage_assert_plan(s, "undo: kept for 15 min, 1 session, ");
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
    assert_int_equal(bin_count(s->options.bin), 1);
}

static void undo__keeps_what_could_not_be_put_back__when_restore_is_refused(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default -restore");
    stage_order(s, "undo");
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the server refused it: NOPERM"));
    assert_int_equal(bin_count(s->options.bin), 1);
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_DONE);
}

static long long info(struct stage *s, const char *field)
{
    const char *words[] = {"INFO", "stats"};
    char *text = server_cli_argv(s->server, 0, 2, words, NULL);
    const char *at = strstr(text, field);
    assert_non_null(at);
    long long n = strtoll(at + strlen(field) + 1, NULL, 10);
    free(text);
    return n;
}

static void undo__tallies_its_own_reads__when_hits_and_misses_are_counted(void **state)
{
    struct stage *s = *state;
    int64_t hits, misses;
    for (int i = 0; i < 5; i++) {
        char id[64];
        snprintf(id, sizeof id, "%03d-many-sessions", i);
        add_session(s, id, i, i != 3); /* a set that goes with its last entry: no reply tells more */
    }
    stage_do(s, "HSET exam:1 a b");
    stage_do(s, "CONFIG RESETSTAT");
    stage_order(s, "revoke session 000-many-sessions 001-many-sessions 002-many-sessions 003-many-sessions");
    stage_order(s, "invalidate exam:*");
    stage_order(s, "undo 1");
    stage_order(s, "undo 2");
    runner_own_reads(s->runner, &hits, &misses);
    assert_int_equal(info(s, "keyspace_hits"), hits);
    assert_int_equal(info(s, "keyspace_misses"), misses);
}

static void stop_now(struct stage *s, int64_t done)
{
    if (runner_state(s->runner) == RUNNER_RUNNING && done > 0) {
        runner_stop(s->runner);
    }
}

static void undo__puts_every_index_entry_back__when_several_named_the_session(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_do(s, "SADD user:8:sessions %s other", ONE); /* user_data overwrote user_id */
    stage_order(s, "revoke user 7 8");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "EXISTS session:" ONE " user:7:sessions user:8:sessions"), 0);
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions " ONE), 1);
    assert_int_equal(stage_int(s, "SISMEMBER user:8:sessions " ONE), 1);
    assert_int_equal(stage_int(s, "SISMEMBER user:8:sessions other"), 0); /* it named nothing */
    assert_int_equal(stage_int(s, "TTL user:8:sessions"), -1);            /* as it was */
}

static void undo__tells_that_the_index_lacks_it__when_the_index_is_of_another_type(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_order(s, "revoke session " ONE);
    stage_do(s, "SET user:7:sessions oops");
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "put back, but its index does not name it: WRONGTYPE"));
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 1);
}

static void add_many(struct stage *s, int count, int user)
{
    for (int i = 0; i < count; i++) {
        char id[64];
        snprintf(id, sizeof id, "%03d-many-sessions", i);
        add_session(s, id, user, true);
    }
}

static void undo__says_that_sessions_live_without_entries__when_the_index_is_of_another_type(void **state)
{
    struct stage *s = *state;
    add_many(s, 3, 10);
    stage_order(s, "revoke user 10");
    stage_do(s, "SET user:10:sessions x");
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_FAILED);
    static const char start[] = "put back 3 of 3; none of them is in the index of user 10: WRONGTYPE ";
    if (strncmp(s->text, start, sizeof start - 1) != 0) {
        fail_msg("%s", s->text);
    }
    assert_string_equal(s->out, "3");
    assert_int_equal(stage_int(s, "DBSIZE"), 4);
}

static void undo__gives_the_index_its_longest_session__when_that_outlives_it(void **state)
{
    struct stage *s = *state;
    add_many(s, 120, 7); /* more than a group has; the last one lives longest */
    stage_do(s, "EXPIRE session:000-many-sessions 9000");
    stage_do(s, "EXPIRE user:7:sessions 500");
    stage_order(s, "revoke user 7");
    stage_order(s, "undo");
    stage_assert_plan(s,
                      "an index that is gone comes back with the TTL that it had left, or with its longest "
                      "session's where that is longer\n");
    stage_assert_end(s, ACTION_DONE, "put back 120 of 120");
    assert_between(stage_int(s, "TTL user:7:sessions"), 8900, 9000);
}

static void undo__says_of_how_many__when_not_all_were_kept(void **state)
{
    struct stage *s = *state;
    struct bin_row row;
    const struct bin_limits limits = {
        .bytes = 1 << 20, .key_bytes = 10000, .keys = 9, .keep_us = 60 * US_PER_S};
    stage_keep(s, &limits);
    for (int i = 0; i < 11; i++) {
        stage_do(s, "SET exam:%d x", i);
    }
    stage_order(s, "invalidate exam:*");
    assert_true(bin_at(s->options.bin, 0, &row));
    assert_int_equal(row.count, 9);
    assert_int_equal(row.of, 11);
    stage_order(s, "undo");
    stage_assert_plan(s, "plan     undo invalidate exam:*: 11 keys: 9 of 11 keys\n");
}

static void journal__never_has_a_session_id__when_something_is_undone(void **state)
{
    struct stage *s = *state;
    char line[4096];
    int undone = 0;
    add_session(s, ONE, 7, true);
    stage_order(s, "revoke session " ONE);
    stage_order(s, "undo");
    FILE *f = fopen(s->journal_path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        assert_null(strstr(line, ONE));
        assert_null(strstr(line, "AbCdEf"));
        undone += strstr(line, "\"undo\"") != NULL;
    }
    fclose(f);
    assert_true(undone >= 4); /* plan, confirm, receipt, finish */
}

/* --- ten thousand at once --- */

enum { CROWD = 10000, CROWD_USERS = 2000 };

static void add_crowd(struct stage *s, struct order *o)
{
    redisContext *redis = server_connect(s->server);
    assert_non_null(redis);
    order_init(o, VERB_REVOKE_SESSION);
    for (int i = 0; i < CROWD; i++) {
        char id[64];
        snprintf(id, sizeof id, "%05d-one-of-a-crowd-of-sessions", i);
        redisAppendCommand(redis, "SETEX session:%s 86400 {\"user_id\":%d}", id, i % CROWD_USERS);
        redisAppendCommand(redis, "SADD user:%d:sessions %s", i % CROWD_USERS, id);
        order_add(o, TARGET_SESSION, span_of(id));
    }
    for (int i = 0; i < 2 * CROWD; i++) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(redis, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    redisFree(redis);
}

static void revoke__ends_ten_thousand_and_undo_brings_them_back__when_it_is_confirmed(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_crowd(s, &o);
    s->quiet = true;
    stage_give(s, &o);
    assert_string_equal(s->typed, "10000");
    stage_assert_plan(s, "undo: kept for 15 min, 10000 sessions, ");
    stage_assert_end(s, ACTION_DONE, "revoked 10000 sessions");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_DONE, "put back 10000 of 10000");
    assert_int_equal(stage_int(s, "DBSIZE"), CROWD + CROWD_USERS);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), CROWD / CROWD_USERS);
}

static void revoke__leaves_the_rest_untouched__when_ten_thousand_are_stopped(void **state)
{
    struct stage *s = *state;
    struct order o;
    char end[120];
    add_crowd(s, &o);
    s->quiet = true;
    s->at_progress = stop_now;
    stage_give(s, &o);
    s->at_progress = NULL;
    long long left = stage_int(s, "DBSIZE") - CROWD_USERS;
    assert_true(left > 0 && left < CROWD);
    snprintf(end, sizeof end, "revoked %lld sessions: %lld not touched, you stopped it", CROWD - left, left);
    stage_assert_end(s, ACTION_REFUSED, end);
    stage_order(s, "undo");
    snprintf(end, sizeof end, "put back %lld of %lld", CROWD - left, CROWD - left);
    stage_assert_end(s, ACTION_DONE, end);
    assert_int_equal(stage_int(s, "DBSIZE"), CROWD + CROWD_USERS);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revoke__keeps_what_it_deletes_in_one_transaction__when_there_is_a_bin),
        TEST(undo__brings_session_and_index_back__when_the_index_went_with_it),
        TEST(undo__leaves_the_index_its_own_ttl__when_it_is_still_there),
        TEST(undo__adds_no_entry__when_the_session_was_an_orphan),
        TEST(undo__brings_all_sessions_of_a_user_back__when_the_user_was_revoked),
        TEST(undo__brings_every_type_back__when_a_family_was_invalidated),
        TEST(undo__leaves_alone_what_exists_again__when_the_plan_sees_it),
        TEST(undo__leaves_alone_what_exists_again__when_it_came_after_the_plan),
        TEST(undo__leaves_gone_what_would_have_expired__when_its_time_is_over),
        TEST(invalidate__says_what_it_cannot_keep__when_a_key_is_too_large),
        TEST(invalidate__keeps_no_more_than_it_may__when_there_are_many_keys),
        TEST(invalidate__lets_the_oldest_go__when_the_bin_is_full),
        TEST(bin__lets_go_what_is_too_old__when_it_is_swept),
        TEST(revoke__still_works_and_says_that_nothing_is_kept__when_dump_is_refused),
        TEST(revoke__promises_no_undo__when_restore_is_refused),
        TEST(revoke__keeps_what_it_deletes__when_discard_is_refused),
        TEST(undo__keeps_what_could_not_be_put_back__when_restore_is_refused),
        TEST(undo__puts_every_index_entry_back__when_several_named_the_session),
        TEST(undo__tells_that_the_index_lacks_it__when_the_index_is_of_another_type),
        TEST(undo__says_that_sessions_live_without_entries__when_the_index_is_of_another_type),
        TEST(undo__gives_the_index_its_longest_session__when_that_outlives_it),
        TEST(undo__says_of_how_many__when_not_all_were_kept),
        TEST(journal__never_has_a_session_id__when_something_is_undone),
        TEST(revoke__ends_ten_thousand_and_undo_brings_them_back__when_it_is_confirmed),
        TEST(revoke__leaves_the_rest_untouched__when_ten_thousand_are_stopped),
        TEST(undo__tallies_its_own_reads__when_hits_and_misses_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
