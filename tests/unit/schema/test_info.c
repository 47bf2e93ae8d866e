#include "unit/schema/fixture.h"

#include <math.h>

#include "redai/schema/info.h"

/* From a real server (7.0.15), shortened. */
static const char reply[] = "# Server\r\n"
                            "redis_version:7.0.15\r\n"
                            "redis_git_sha1:00000000\r\n"
                            "redis_mode:standalone\r\n"
                            "run_id:0123456789abcdef0123456789abcdef01234567\r\n"
                            "server_time_usec:1795426374723429\r\n"
                            "uptime_in_seconds:86400\r\n"
                            "\r\n"
                            "# Clients\r\n"
                            "connected_clients:17\r\n"
                            "maxclients:10000\r\n"
                            "blocked_clients:2\r\n"
                            "\r\n"
                            "# Memory\r\n"
                            "used_memory:1048576\r\n"
                            "used_memory_human:1.00M\r\n"
                            "used_memory_rss:2097152\r\n"
                            "maxmemory:536870912\r\n"
                            "maxmemory_policy:allkeys-lru\r\n"
                            "mem_fragmentation_ratio:1.25\r\n"
                            "\r\n"
                            "# Stats\r\n"
                            "keyspace_hits:147\r\n"
                            "keyspace_misses:157\r\n"
                            "instantaneous_ops_per_sec:3\r\n"
                            "\r\n"
                            "# Replication\r\n"
                            "role:master\r\n"
                            "connected_slaves:0\r\n"
                            "\r\n"
                            "# Keyspace\r\n"
                            "db0:keys=12,expires=3,avg_ttl=4000\r\n"
                            "db3:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n"
                            "db17:keys=9,expires=0,avg_ttl=0\r\n";

static void info_decode__reads_a_servers_reply(void **state)
{
    (void)state;
    struct info i;

    info_clear(&i);
    info_decode(&i, S(reply));
    assert_string_equal(i.redis_version, "7.0.15");
    assert_string_equal(i.redis_mode, "standalone");
    assert_string_equal(i.role, "master");
    assert_string_equal(i.maxmemory_policy, "allkeys-lru");
    assert_string_equal(i.run_id, "0123456789abcdef0123456789abcdef01234567");
    assert_true(i.server_time_usec == INT64_C(1795426374723429));
    assert_int_equal(i.uptime_in_seconds, 86400);
    assert_int_equal(i.connected_clients, 17);
    assert_int_equal(i.used_memory, 1048576);
    assert_int_equal(i.maxmemory, 536870912);
    assert_int_equal(i.keyspace_hits, 147);
    assert_int_equal(i.keyspace_misses, 157);
    assert_int_equal(i.connected_slaves, 0);
    assert_true(fabs(i.mem_fragmentation_ratio - 1.25) < 1e-9);
    assert_true(i.evicted_keys == INFO_UNKNOWN);
    assert_string_equal(i.master_host, "");

    assert_int_equal(i.db[0].keys, 12);
    assert_int_equal(i.db[0].expires, 3);
    assert_int_equal(i.db[0].avg_ttl_ms, 4000);
    assert_int_equal(i.db[1].keys, 0);
    assert_int_equal(i.db[2].expires, 0);
    assert_int_equal(i.db[3].keys, 1);
}

static void info_decode__leaves_absent_sections_as_they_are(void **state)
{
    (void)state;
    struct info i;

    info_clear(&i);
    info_decode(&i, S("# Clients\r\nconnected_clients:5\r\n"));
    assert_int_equal(i.connected_clients, 5);
    assert_true(i.db[0].keys == INFO_UNKNOWN);
    assert_true(i.used_memory == INFO_UNKNOWN);
    assert_true(isnan(i.mem_fragmentation_ratio));

    info_decode(&i, S("# Keyspace\r\n"));
    assert_int_equal(i.db[0].keys, 0);
    assert_int_equal(i.connected_clients, 5);

    info_decode(&i, S("# Keyspace\r\ndb1:keys=7,expires=0,avg_ttl=0\r\n"));
    assert_int_equal(i.db[1].keys, 7);
    info_decode(&i, S("# Keyspace\r\n"));
    assert_int_equal(i.db[1].keys, 0);
}

static void info_decode__finds_every_field_of_its_tables(void **state)
{
    (void)state;
    UT_string text;
    struct info i;

    utstring_init(&text);
    for (size_t n = 0; n < info_number_count; n++) {
        utstring_printf(&text, "%s:%d\r\n", info_number_rows[n].name, (int)n + 1000);
    }
    for (size_t n = 0; n < info_text_count; n++) {
        utstring_printf(&text, "%s:t%d\r\n", info_text_rows[n].name, (int)n);
    }
    for (size_t n = 0; n < info_micros_count; n++) {
        utstring_printf(&text, "%s:%d.000007\r\n", info_micros_rows[n].name, (int)n);
    }
    for (size_t n = 0; n < info_real_count; n++) {
        utstring_printf(&text, "%s:%d.5\r\n", info_real_rows[n].name, (int)n);
    }
    info_clear(&i);
    info_decode(&i, text_span(&text));
    for (size_t n = 0; n < info_micros_count; n++) {
        int64_t value;
        memcpy(&value, (const char *)&i + info_micros_rows[n].offset, sizeof(value));
        assert_int_equal(value, n * 1000000 + 7);
    }
    for (size_t n = 0; n < info_real_count; n++) {
        double value;
        memcpy(&value, (const char *)&i + info_real_rows[n].offset, sizeof(value));
        assert_true(value == (double)n + 0.5);
    }
    for (size_t n = 0; n < info_number_count; n++) {
        int64_t value;
        memcpy(&value, (const char *)&i + info_number_rows[n].offset, sizeof(value));
        assert_int_equal(value, n + 1000);
    }
    for (size_t n = 0; n < info_text_count; n++) {
        char wanted[16];
        snprintf(wanted, sizeof(wanted), "t%d", (int)n);
        assert_string_equal((const char *)&i + info_text_rows[n].offset, wanted);
    }
    utstring_done(&text);
}

static void info_clear__knows_no_field(void **state)
{
    (void)state;
    struct info i;

    memset(&i, 0x55, sizeof(i));
    info_clear(&i);
    assert_true(i.used_cpu_user_us == INFO_UNKNOWN);
    assert_true(i.repl_backlog_size == INFO_UNKNOWN);
    assert_true(isnan(i.allocator_frag_ratio));
    assert_true(isnan(i.instantaneous_input_kbps));
    assert_string_equal(i.mem_allocator, "");
}

static void info_micros__reads_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us; /* -1: refused */
    } cases[] = {
        {"12.345678", 12345678},
        {"0.002451", 2451},
        {"3", 3000000},
        {"3.", 3000000},
        {"3.5", 3500000},
        {"0.1234569", 123456},
        {"8640000.999999", INT64_C(8640000999999)},
        {"", -1},
        {".5", -1},
        {"-1.5", -1},
        {"1.5e3", -1},
        {"1.-5", -1},
        {"1,5", -1},
        {"9223372036854775807.1", -1},
        {"nan", -1},
    };
    for (size_t n = 0; n < COUNT_OF(cases); n++) {
        int64_t us = -1;
        assert_int_equal(info_micros(span_of(cases[n].text), &us), cases[n].us >= 0);
        assert_true(us == cases[n].us);
    }
}

static void info_replica_next__tells_each_line(void **state)
{
    (void)state;
    struct info_replica r;
    struct span text = S("# Replication\r\nrole:master\r\nconnected_slaves:3\r\nslave_repl_offset:9\r\n"
                         "slave0:ip=127.0.0.1,port=7992,state=online,offset=98,lag=1\r\n"
                         "slave1:ip=::1,port=6380,state=wait_bgsave,offset=0,lag=x,type=rdb-channel\r\n"
                         "slave2:127.0.0.1,6381,online\r\n"
                         "slavex:ip=1,port=2\r\n"
                         "slave3:ip=h");

    assert_true(info_replica_next(&text, &r));
    assert_true(span_equal(r.ip, S("127.0.0.1")));
    assert_true(span_equal(r.port, S("7992")));
    assert_true(span_equal(r.state, S("online")));
    assert_int_equal(r.offset, 98);
    assert_int_equal(r.lag_s, 1);
    assert_true(info_replica_next(&text, &r));
    assert_true(span_equal(r.ip, S("::1")));
    assert_true(span_equal(r.state, S("wait_bgsave")));
    assert_int_equal(r.offset, 0);
    assert_true(r.lag_s == INFO_UNKNOWN);
    assert_false(info_replica_next(&text, &r));
    assert_int_equal(text.len, 0);
    assert_false(info_replica_next(&text, &r));
}

static void info_decode__says_unknown__when_a_number_is_none(void **state)
{
    (void)state;
    static const char *const values[] = {"", "x", "1x", "1.5", " 1", "99999999999999999999", "-", "0x10"};

    for (size_t n = 0; n < COUNT_OF(values); n++) {
        UT_string text;
        struct info i;
        utstring_init(&text);
        utstring_printf(&text, "used_memory:%s\r\nmem_fragmentation_ratio:x\r\n", values[n]);
        info_clear(&i);
        i.used_memory = 5;
        info_decode(&i, text_span(&text));
        assert_true(i.used_memory == INFO_UNKNOWN);
        assert_true(isnan(i.mem_fragmentation_ratio));
        utstring_done(&text);
    }
}

static void info_decode__bounds_texts_and_ignores_nonsense(void **state)
{
    (void)state;
    struct info i;

    info_clear(&i);
    info_decode(&i, S("redis_version:7.0.15-with-a-very-long-suffix-of-a-vendor\nrole:slave\n\n:x\n:\nrole\n"
                      "dbx:keys=1\ndb-1:keys=1\ndb:keys=1\ndb1:keys=x,expires=-4,keys,=,,avg_ttl=7\n"
                      "used_memory_peak_perc:99.0%\nunknown:1\nconnected_clients:4"));
    assert_int_equal(strlen(i.redis_version), sizeof(i.redis_version) - 1);
    assert_string_equal(i.role, "slave");
    assert_true(i.db[1].keys == INFO_UNKNOWN);
    assert_true(i.db[1].expires == INFO_UNKNOWN);
    assert_int_equal(i.db[1].avg_ttl_ms, 7);
    assert_int_equal(i.connected_clients, 4);
    info_decode(&i, S("role:\n"));
    assert_string_equal(i.role, "");
}

static void info_decode__survives_every_cut(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(reply); len++) {
        struct info i;
        char *copy = span_dup(span_make(reply, len));
        info_clear(&i);
        info_decode(&i, span_make(copy, len));
        assert_true(i.db[0].expires == INFO_UNKNOWN || i.db[0].expires == 0 || i.db[0].expires == 3);
        mem_free(copy);
    }
}

static struct info with_keys(int64_t keys, int64_t expired, int64_t evicted)
{
    struct info i;
    info_clear(&i);
    snprintf(i.run_id, sizeof i.run_id, "a");
    i.db[0].keys = keys;
    i.expired_keys = expired;
    i.evicted_keys = evicted;
    return i;
}

static void info_most_keys_went__tells_a_flush__from_expiry_eviction_and_another_process(void **state)
{
    (void)state;
    struct info was = with_keys(1000, 50, 0);
    struct info flushed = with_keys(0, 50, 0);
    struct info fewer = with_keys(600, 50, 0);
    struct info expired = with_keys(100, 900, 0);
    struct info evicted = with_keys(100, 50, 800);
    struct info unknown = with_keys(INFO_UNKNOWN, 50, 0);
    struct info other = with_keys(0, 50, 0);
    struct info few = with_keys(10, 0, 0);
    snprintf(other.run_id, sizeof other.run_id, "b");
    assert_true(info_most_keys_went(&was, &flushed, 0));
    assert_false(info_most_keys_went(&was, &flushed, 1));
    assert_false(info_most_keys_went(&was, &flushed, INFO_DBS));
    assert_false(info_most_keys_went(&was, &flushed, -1));
    assert_false(info_most_keys_went(&was, &fewer, 0));
    assert_false(info_most_keys_went(&was, &expired, 0));
    assert_false(info_most_keys_went(&was, &evicted, 0));
    assert_false(info_most_keys_went(&was, &unknown, 0));
    assert_false(info_most_keys_went(&was, &other, 0));
    assert_false(info_most_keys_went(&few, &flushed, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_decode__reads_a_servers_reply),
        cmocka_unit_test(info_decode__leaves_absent_sections_as_they_are),
        cmocka_unit_test(info_decode__finds_every_field_of_its_tables),
        cmocka_unit_test(info_clear__knows_no_field),
        cmocka_unit_test(info_micros__reads_exactly),
        cmocka_unit_test(info_replica_next__tells_each_line),
        cmocka_unit_test(info_decode__says_unknown__when_a_number_is_none),
        cmocka_unit_test(info_decode__bounds_texts_and_ignores_nonsense),
        cmocka_unit_test(info_decode__survives_every_cut),
        cmocka_unit_test(info_most_keys_went__tells_a_flush__from_expiry_eviction_and_another_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
