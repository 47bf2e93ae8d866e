/* What a message, a result and a heartbeat tell beyond their names: limits, what follows, where it ran. */
#include "unit/schema/fixture.h"

#include <math.h>

#include "redai/schema/control.h"
#include "redai/schema/message.h"
#include "redai/schema/result.h"

static void message_of(const char *file, struct message *m)
{
    UT_string element;
    fixture_read(file, &element);
    message_decode(m, text_span(&element));
    utstring_done(&element);
}

static void message_decode__tells_times_limits_and_what_follows(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        bool eta, expires, limits, chord, callbacks, errbacks;
        int chain, protocol;
    } rows[] = {
        {"msg-test_redis_task.json", false, false, false, false, false, false, 0, 2},
        {"msg-countdown.json", true, false, false, false, false, false, 0, 2},
        {"msg-eta-naive.json", true, false, false, false, false, false, 0, 2},
        {"msg-expires.json", false, true, false, false, false, false, 0, 2},
        {"msg-chain.json", false, false, false, false, false, false, 2, 2},
        {"msg-chord-member.json", false, false, false, true, false, false, 0, 2},
        {"msg-link.json", false, false, false, false, true, true, 0, 2},
        {"msg-timelimit-shadow-headers.json", false, false, true, false, false, false, 0, 2},
        {"msg-protocol-1.json", false, false, false, false, false, false, 0, 1},
        {"msg-pickle.json", false, false, false, false, false, false, 0, 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct message m;
        message_of(rows[i].file, &m);
        assert_true((m.eta_wall_us > 0) == rows[i].eta);
        assert_true((m.expires_wall_us > 0) == rows[i].expires);
        assert_true((m.timelimit_s > 0) == rows[i].limits);
        assert_true((m.soft_timelimit_s > 0) == rows[i].limits);
        assert_true(m.has_chord == rows[i].chord && m.has_callbacks == rows[i].callbacks);
        assert_true(m.has_errbacks == rows[i].errbacks);
        assert_int_equal(m.chain_rest, rows[i].chain);
        assert_int_equal(m.protocol, rows[i].protocol);
        message_release(&m);
    }
}

static void message_decode__knows_no_times_of_garbage(void **state)
{
    (void)state;
    struct message m;
    message_decode(&m, S("[1, \"eta\"]"));
    assert_true(m.eta_wall_us == -1 && m.expires_wall_us == -1);
    assert_true(m.timelimit_s == -1 && m.soft_timelimit_s == -1 && m.chain_rest == 0);
    message_release(&m);
}

static void result_decode__reads_the_extended_members(void **state)
{
    (void)state;
    struct result r;
    UT_string json;

    fixture_read("meta-SUCCESS-result_extended.json", &json);
    result_decode(&r, text_span(&json));
    assert_text(r.worker, "worker1@demo");
    assert_text(r.queue, "celery");
    assert_text(r.args, "[\"hi\"]");
    assert_text(r.kwargs, "{\"k\":1}");
    assert_true(r.retries == 0 && !r.args_cut && !r.parent_id && !r.group_id && !r.exception);
    result_release(&r);
    utstring_done(&json);

    result_decode(&r, S("{\"status\": \"SUCCESS\", \"args\": \"('aaa...', ...)\", \"kwargs\": \"{}\", "
                        "\"retries\": \"x\", \"parent_id\": \"p\", \"group_id\": \"g\"}"));
    assert_text(r.args, "('aaa...', ...)");
    assert_text(r.kwargs, "{}");
    assert_true(r.args_cut && r.retries == -1);
    assert_text(r.parent_id, "p");
    assert_text(r.group_id, "g");
    result_release(&r);
}

static void result_decode__tells_the_exception_and_the_children(void **state)
{
    (void)state;
    struct result r;
    UT_string json;

    fixture_read("meta-RETRY.json", &json);
    result_decode(&r, text_span(&json));
    assert_text(r.exception, "ConnectionError");
    assert_int_equal(r.children.i, 1);
    assert_text(*(char **)(void *)r.children.d, "4738b287-b520-44b6-bb0d-30fe7d010e61");
    assert_true(r.retries == -1 && !r.args && !r.kwargs);
    result_release(&r);
    utstring_done(&json);
    assert_int_equal(r.children.i, 0);

    result_decode(&r, S("{\"status\": \"SUCCESS\", \"children\": [7, [], [[null]], [[[\"x\"]]], "
                        "[[\"g\", null], [[[\"a\", null], null], [[\"b\", null], null]]]]}"));
    assert_int_equal(r.children.i, 4);
    assert_text(((char **)(void *)r.children.d)[1], "g");
    assert_text(((char **)(void *)r.children.d)[3], "b");
    result_release(&r);
}

static void worker_beat__tells_pid_load_and_software_both_ways(void **state)
{
    (void)state;
    struct worker_beat b, again;
    UT_string payload, out;

    fixture_read("event-worker-heartbeat.json", &payload);
    utstring_init(&out);
    assert_true(worker_beat_decode(&b, text_span(&payload)));
    assert_int_equal(b.pid, 23506);
    assert_text(b.software, "py-celery 5.2.6 Linux");
    assert_true(fabs(b.load[1] - 0.05) < 1e-9);
    worker_beat_encode(&b, &out);
    assert_true(worker_beat_decode(&again, text_span(&out)));
    assert_text(again.software, b.software);
    assert_true(again.pid == b.pid && fabs(again.load[2] - b.load[2]) < 1e-9);
    worker_beat_release(&again);
    worker_beat_release(&b);
    utstring_done(&out);
    utstring_done(&payload);

    fixture_read("event-worker-heartbeat-on-demand.json", &payload);
    assert_true(worker_beat_decode(&b, text_span(&payload)));
    assert_true(isnan(b.load[0]) && b.active == -1);
    worker_beat_release(&b);
    utstring_done(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_decode__tells_times_limits_and_what_follows),
        cmocka_unit_test(message_decode__knows_no_times_of_garbage),
        cmocka_unit_test(result_decode__reads_the_extended_members),
        cmocka_unit_test(result_decode__tells_the_exception_and_the_children),
        cmocka_unit_test(worker_beat__tells_pid_load_and_software_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
