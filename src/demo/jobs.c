#include "demo/jobs.h"

#include "demo/enqueue.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"

#include "redai/schema/message.h"

#include "redai/demo/worker.h"

void jobs_init(struct jobs *j, uint64_t seed)
{
    *j = (struct jobs){.now_wall_us = clock_wall_us};
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

/* What of a message is not always the same; 0 and NULL: the usual. */
struct extra {
    const char *chain;
    int priority;
    int64_t countdown_s;
};

static void send_with(struct jobs *j, const char *task, const char *args, const struct extra *extra,
                      const struct command_sink *sink)
{
    char id[UUID_TEXT_SIZE];
    char tag[UUID_TEXT_SIZE];
    const char *queue = routes_queue(&j->routes, task);
    UT_string element;

    jobs_uuid(&j->prng, id);
    jobs_uuid(&j->prng, tag);
    struct task_spec spec = {.task = task,
                             .id = id,
                             .args = args,
                             .queue = queue,
                             .priority = extra->priority,
                             .eta_wall_us =
                                 extra->countdown_s ? j->now_wall_us() + extra->countdown_s * US_PER_S : -1,
                             .expires_wall_us = -1,
                             .origin = "backend@demo",
                             .delivery_tag = tag,
                             .chain = extra->chain};
    utstring_init(&element);
    if (message_encode(&spec, &element, NULL)) {
        enqueue(sink, queue, extra->priority, text_span(&element));
        j->sent++;
    }
    utstring_done(&element);
}

static void send(struct jobs *j, const char *task, const char *args, const struct command_sink *sink)
{
    send_with(j, task, args, &(struct extra){0}, sink);
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

/* One step of a chain, as Celery writes a signature. */
static void add_step(struct jobs *j, const char *task, const char *args, UT_string *out)
{
    char id[UUID_TEXT_SIZE];

    jobs_uuid(&j->prng, id);
    utstring_printf(out,
                    "%s{\"task\": \"%s\", \"args\": %s, \"kwargs\": {}, \"options\": {\"task_id\": \"%s\", "
                    "\"reply_to\": \"\"}, \"subtask_type\": null, \"immutable\": false}",
                    utstring_len(out) > 1 ? ", " : "", task, args, id);
}

/* The score of an attempt: add_scores | add_scores | total_scores; the last step stands first. */
void jobs_send_chain(struct jobs *j, const struct command_sink *sink)
{
    char args[48];
    UT_string chain;

    utstring_init(&chain);
    text_add(&chain, S("["));
    add_step(j, JOB_TOTAL, "[]", &chain);
    snprintf(args, sizeof(args), "[%" PRId64 "]", prng_between(&j->prng, 0, 20));
    add_step(j, JOB_ADD, args, &chain);
    text_add(&chain, S("]"));
    snprintf(args, sizeof(args), "[%" PRId64 ", %" PRId64 "]", prng_between(&j->prng, 0, 50),
             prng_between(&j->prng, 0, 50));
    send_with(j, JOB_ADD, args, &(struct extra){.chain = utstring_body(&chain)}, sink);
    utstring_done(&chain);
}

/* Each JOBS_BAD_CITATION_EVERY-th has no year and fails; each second source is reached at the second try. */
void jobs_send_citation(struct jobs *j, const struct command_sink *sink)
{
    static const char *const good[] = {"[\"Doe 2019, p. 4\"]", "[\"Roe and Doe 2021\"]", "[\"Poe 1998\"]"};
    if (++j->citations % JOBS_BAD_CITATION_EVERY == 0) {
        send(j, JOB_VALIDATE, "[\"Doe, undated\"]", sink);
    } else {
        send(j, JOB_VALIDATE, good[prng_between(&j->prng, 0, 2)], sink);
    }
}

void jobs_send_source(struct jobs *j, const struct command_sink *sink)
{
    char args[80];
    snprintf(args, sizeof(args), "[\"http://example.com/source/%" PRId64 "\", %d]",
             prng_between(&j->prng, 1, 400), ++j->sources % 2 == 0);
    send(j, JOB_FETCH, args, sink);
}

/* Held by a worker until it is due. */
void jobs_send_later(struct jobs *j, const struct command_sink *sink)
{
    send_with(j, JOB_TEST, "[\"a reminder\"]", &(struct extra){.countdown_s = prng_between(&j->prng, 20, 60)},
              sink);
}

/* Behind all others: nobody waits for it. */
void jobs_send_report(struct jobs *j, const struct command_sink *sink)
{
    char args[32];
    snprintf(args, sizeof(args), "[%" PRId64 "]", prng_between(&j->prng, 1, 4));
    send_with(j, JOB_REPORT, args, &(struct extra){.priority = JOBS_REPORT_PRIORITY}, sink);
}

static void send_many_questions(struct jobs *j, const struct command_sink *sink)
{
    /* Somebody pressed "generate" on a whole chapter: the queue is seen to grow and to drain. */
    for (int64_t n = prng_between(&j->prng, 8, 20); n > 0; n--) {
        jobs_send_question(j, sink);
    }
}

void jobs_send_any(struct jobs *j, const struct command_sink *sink)
{
    static const struct {
        double below;
        void (*send)(struct jobs *j, const struct command_sink *sink);
    } shares[] = {
        {0.18, jobs_send_batch}, {0.21, send_many_questions}, {0.36, jobs_send_question},
        {0.48, jobs_send_chain}, {0.64, jobs_send_citation},  {0.72, jobs_send_source},
        {0.77, jobs_send_later}, {0.83, jobs_send_report},    {1.00, jobs_send_test},
    };
    double what = prng_unit(&j->prng);

    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        if (what < shares[i].below) {
            shares[i].send(j, sink);
            return;
        }
    }
}
