#include "demo/jobs.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/schema/binding.h"
#include "redai/schema/message.h"

#include "redai/demo/worker.h"

void jobs_init(struct jobs *j, uint64_t seed)
{
    *j = (struct jobs){0};
    prng_init(&j->prng, seed);
    routes_init(&j->routes);
}

void jobs_release(struct jobs *j)
{
    routes_release(&j->routes);
}

void jobs_uuid(struct prng *p, char out[UUID_TEXT_SIZE])
{
    uint64_t a = prng_next(p);
    uint64_t b = prng_next(p);
    snprintf(out, UUID_TEXT_SIZE, "%08x-%04x-4%03x-%04x-%012" PRIx64, (unsigned)(a >> 32),
             (unsigned)(a >> 16 & 0xFFFF), (unsigned)(a & 0xFFF), (unsigned)(0x8000 | (b >> 48 & 0x3FFF)),
             b & UINT64_C(0xFFFFFFFFFFFF));
}

/* SADD of the binding and LPUSH, as the first publish of a process does. */
static void send(struct jobs *j, const char *task, const char *args, const struct command_sink *sink)
{
    char id[UUID_TEXT_SIZE];
    char tag[UUID_TEXT_SIZE];
    const char *queue = routes_queue(&j->routes, task);
    UT_string element;
    UT_string binding;
    UT_string member;

    jobs_uuid(&j->prng, id);
    jobs_uuid(&j->prng, tag);
    struct task_spec spec = {.task = task,
                             .id = id,
                             .args = args,
                             .queue = queue,
                             .eta_wall_us = -1,
                             .expires_wall_us = -1,
                             .origin = "backend@demo",
                             .delivery_tag = tag};
    utstring_init(&element);
    utstring_init(&binding);
    utstring_init(&member);
    if (message_encode(&spec, &element, NULL)) {
        utstring_printf(&binding, "_kombu.binding.%s", queue);
        utstring_printf(&member, "%s" KOMBU_SEP KOMBU_SEP "%s", queue, queue);
        sink_command(sink, S("SADD"), text_span(&binding), text_span(&member));
        sink_command(sink, S("LPUSH"), span_of(queue), text_span(&element));
        j->sent++;
    }
    utstring_done(&element);
    utstring_done(&binding);
    utstring_done(&member);
}

void jobs_send_test(struct jobs *j, const struct command_sink *sink)
{
    static const char *const messages[] = {"[\"hello\"]", "[\"is anybody there?\"]",
                                           "[\"ping from /tasks/test\"]"};
    send(j, JOB_TEST, messages[prng_between(&j->prng, 0, 2)], sink);
}

void jobs_send_question(struct jobs *j, const struct command_sink *sink)
{
    char args[32];
    snprintf(args, sizeof(args), "[%" PRId64 "]", prng_between(&j->prng, 1, 160));
    send(j, JOB_QUESTION, args, sink);
}

void jobs_send_batch(struct jobs *j, const struct command_sink *sink)
{
    char args[48];
    int64_t exam = prng_between(&j->prng, DEMO_WORKER_BAD_EXAM + 1, 160);
    int64_t count = prng_between(&j->prng, 6, 24);

    if (++j->batches % JOBS_BAD_BATCH_EVERY == 0) {
        exam = DEMO_WORKER_BAD_EXAM;
    }
    snprintf(args, sizeof(args), "[%" PRId64 ", %" PRId64 "]", exam, count);
    send(j, JOB_BATCH, args, sink);
}

void jobs_send_any(struct jobs *j, const struct command_sink *sink)
{
    double what = prng_unit(&j->prng);

    if (what < 0.22) {
        jobs_send_batch(j, sink);
    } else if (what < 0.26) {
        /* Somebody pressed "generate" on a whole chapter: the queue is seen to grow and to drain. */
        for (int64_t n = prng_between(&j->prng, 8, 20); n > 0; n--) {
            jobs_send_question(j, sink);
        }
    } else if (what < 0.45) {
        jobs_send_question(j, sink);
    } else {
        jobs_send_test(j, sink);
    }
}
