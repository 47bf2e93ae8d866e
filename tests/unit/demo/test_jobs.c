#include "demo/jobs.h"
#include "sink.h"
#include "support/unit.h"

#include "redai/schema/message.h"

/* The element of the n-th LPUSH; its queue must be the one named. */
static void decode(const struct lines *l, size_t n, const char *queue, struct message *m)
{
    struct err err = {0};
    char *line = lines_find(l, "LPUSH ", n);
    assert_non_null(line);
    const char *element = strchr(line, '{');
    if (!message_check(span_of(element), &err)) {
        fail_msg("%s", err.text);
    }
    message_decode(m, span_of(element));
    assert_int_equal(m->fate, MESSAGE_FINE);
    assert_string_equal(m->queue, queue);
    assert_true(span_starts(span_of(line + strlen("LPUSH ")), span_of(queue)));
    mem_free(line);
}

static void jobs__are_messages_a_worker_takes__on_the_routed_queue(void **state)
{
    (void)state;
    struct lines l;
    struct jobs j;
    struct message m;

    lines_init(&l);
    jobs_init(&j, 7);
    jobs_send_test(&j, &l.sink);
    jobs_send_question(&j, &l.sink);
    jobs_send_batch(&j, &l.sink);
    decode(&l, 0, "celery", &m);
    assert_string_equal(m.task, "api.tasks.test_redis_task");
    message_release(&m);
    decode(&l, 1, "questions", &m);
    assert_string_equal(m.task, "api.tasks.generate_questions.generate_one");
    message_release(&m);
    decode(&l, 2, "celery", &m);
    assert_string_equal(m.task, "api.tasks.batch_generate_questions");
    message_release(&m);
    assert_int_equal(lines_count(&l, "SADD _kombu.binding.celery celery\x06\x16\x06\x16"
                                     "celery"),
                     2);
    assert_int_equal(j.sent, 3);
    jobs_release(&j);
    lines_done(&l);
}

static void jobs__send_every_seventh_batch__to_the_exam_that_fails(void **state)
{
    (void)state;
    struct lines l;
    struct jobs j;

    lines_init(&l);
    jobs_init(&j, 7);
    for (size_t i = 0; i < 21; i++) {
        struct message m;
        jobs_send_batch(&j, &l.sink);
        decode(&l, i, "celery", &m);
        assert_int_equal(span_starts(span_of(m.args), S("[13,")), (i + 1) % 7 == 0);
        message_release(&m);
    }
    jobs_release(&j);
    lines_done(&l);
}

static int64_t noon(void)
{
    return INT64_C(1800000000) * 1000000;
}

static void jobs__repeat_themselves__with_the_same_seed(void **state)
{
    (void)state;
    struct lines a, b;
    struct jobs j, k;
    lines_init(&a);
    lines_init(&b);
    jobs_init(&j, 7);
    jobs_init(&k, 7);
    j.now_wall_us = noon;
    k.now_wall_us = noon;
    for (int i = 0; i < 50; i++) {
        jobs_send_any(&j, &a.sink);
        jobs_send_any(&k, &b.sink);
    }
    assert_true(span_equal(text_span(&a.text), text_span(&b.text)));
    assert_true(lines_count(&a, "LPUSH questions ") > 0);
    assert_true(lines_count(&a, "LPUSH celery ") > 0);
    jobs_release(&j);
    jobs_release(&k);
    lines_done(&a);
    lines_done(&b);
}

static void jobs_uuid__has_the_form_of_version_4(void **state)
{
    (void)state;
    struct prng p;
    prng_init(&p, 1);
    for (int i = 0; i < 200; i++) {
        char id[UUID_TEXT_SIZE];
        jobs_uuid(&p, id);
        assert_int_equal(strlen(id), 36);
        assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
        assert_true(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
        assert_int_equal(id[14], '4');
        assert_non_null(strchr("89ab", id[19]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs__are_messages_a_worker_takes__on_the_routed_queue),
        cmocka_unit_test(jobs__send_every_seventh_batch__to_the_exam_that_fails),
        cmocka_unit_test(jobs__repeat_themselves__with_the_same_seed),
        cmocka_unit_test(jobs_uuid__has_the_form_of_version_4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
