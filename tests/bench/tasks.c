/* bench_tasks SOCKET PER_S SECONDS: plays a pool of workers that tell of tasks: each task is received,
 * started and succeeds, every event published by itself as an array of one (the costliest form; real workers
 * put several into one). Task numbers go on from run to run with a fourth argument, FIRST; with the word
 * beats there they tell of nothing but their own life. Tells how many went out. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/num.h"

#include "redai/schema/control.h"
#include "redai/schema/task_event.h"

#define STEP_US INT64_C(10000)

static int open_socket(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return fd;
}

static void add_bulk(UT_string *out, struct span s)
{
    utstring_printf(out, "$%zu\r\n", s.len);
    text_add(out, s);
    text_add(out, S("\r\n"));
}

/* Event number n: three of them make a task. */
static void add_event(int64_t n, UT_string *out)
{
    static const enum task_event_type type[] = {TASK_EVENT_RECEIVED, TASK_EVENT_STARTED,
                                                TASK_EVENT_SUCCEEDED};
    char id[40], worker[24];
    int64_t task = n / 3;
    UT_string payload;
    utstring_init(&payload);
    snprintf(id, sizeof id, "%08" PRIx64 "-0db4-4ca5-be6d-%012" PRIx64,
             (uint64_t)task * UINT64_C(2654435761) & 0xFFFFFFFF, (uint64_t)task);
    snprintf(worker, sizeof worker, "worker%" PRId64 "@bench", task % 4 + 1);
    struct task_event e = {.type = type[n % 3],
                           .id = span_of(id),
                           .hostname = span_of(worker),
                           .name = S("api.tasks.generate_questions.generate_one"),
                           .args = S("(7, 'a question about photosynthesis')"),
                           .kwargs = S("{}"),
                           .root_id = span_of(id),
                           .retries = 0,
                           .eta_wall_us = -1,
                           .expires_wall_us = -1,
                           .text = S("{'question': 'what is it?', 'marks': 3}"),
                           .runtime_s = 0.25,
                           .sent_wall_us = clock_wall_us()};
    task_event_encode(&e, 1, n, &payload);
    text_add(out, S("*3\r\n$7\r\nPUBLISH\r\n"));
    add_bulk(out, S("/0.celeryev/task.multi"));
    add_bulk(out, text_span(&payload));
    utstring_done(&payload);
}

static void add_beat(int64_t n, UT_string *out)
{
    char worker[24];
    UT_string payload;
    utstring_init(&payload);
    snprintf(worker, sizeof worker, "worker%" PRId64 "@bench", n % 4 + 1);
    worker_beat_encode(&(struct worker_beat){.event = WORKER_HEARTBEAT,
                                             .hostname = worker,
                                             .active = n / 4 % 3,
                                             .processed = n,
                                             .pid = 1000 + n % 4,
                                             .freq = 2,
                                             .timestamp = (double)clock_wall_us() / 1e6,
                                             .load = {0.5, 0.5, 0.5}},
                       &payload);
    text_add(out, S("*3\r\n$7\r\nPUBLISH\r\n"));
    add_bulk(out, S("/0.celeryev/worker.heartbeat"));
    add_bulk(out, text_span(&payload));
    utstring_done(&payload);
}

/* Sends all; answers are read away meanwhile. */
static void send_all(int fd, struct span rest)
{
    char answers[65536];
    while (rest.len) {
        struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
        poll(&p, 1, -1);
        if ((p.revents & POLLIN) && read(fd, answers, sizeof answers) <= 0) {
            exit(EXIT_FAILURE);
        }
        if (p.revents & POLLOUT) {
            ssize_t n = send(fd, rest.data, rest.len < 65536 ? rest.len : 65536, MSG_DONTWAIT | MSG_NOSIGNAL);
            rest = span_skip(rest, n > 0 ? (size_t)n : 0);
        }
    }
}

int main(int argc, char **argv)
{
    int64_t per_s, seconds, first = 0;
    bool beats = argc > 4 && strcmp(argv[4], "beats") == 0;
    if (argc < 4 || !num_i64_range(span_of(argv[2]), 1, 1000000, &per_s) ||
        !num_i64_range(span_of(argv[3]), 1, 3600, &seconds) ||
        (argc > 4 && !beats && !num_i64_range(span_of(argv[4]), 0, INT64_C(1) << 40, &first))) {
        fprintf(stderr, "usage: bench_tasks SOCKET EVENTS_PER_S SECONDS [FIRST_TASK|beats]\n");
        return 2;
    }
    int fd = open_socket(argv[1]);
    int64_t begun_us = clock_mono_us(), total = per_s * seconds, sent = 0;
    UT_string out;
    utstring_init(&out);
    while (sent < total) {
        int64_t due = (clock_mono_us() - begun_us) * per_s / US_PER_S;
        utstring_clear(&out);
        for (; sent < due && sent < total; sent++) {
            if (beats) {
                add_beat(sent, &out);
            } else {
                add_event(first * 3 + sent, &out);
            }
        }
        send_all(fd, text_span(&out));
        poll(NULL, 0, (int)(STEP_US / 1000));
    }
    utstring_done(&out);
    printf("events\t%" PRId64 "\nper_s\t%.0f\n", sent,
           (double)sent * 1e6 / (double)(clock_mono_us() - begun_us));
    close(fd);
    return EXIT_SUCCESS;
}
