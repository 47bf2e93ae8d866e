/* body_more: the tasks about scores and citations. */
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"

#include "redai/schema/request.h"

enum { FETCH_TRIES_MAX = 4 };
#define FETCH_RETRY_S 2.0

/* --- api.tasks.analytics --- */

static void succeed_with_count(struct task *t)
{
    char json[32];
    snprintf(json, sizeof(json), "%" PRId64, t->count);
    task_succeed(t, json);
}

static void fail_operand(struct task *t)
{
    static const struct failure f = {.type = "TypeError",
                                     .module = "builtins",
                                     .message_json =
                                         "[\"unsupported operand type(s) for +: 'int' and 'str'\"]",
                                     .file = "analytics.py",
                                     .line = 12,
                                     .code = "return a + b"};
    task_fail(t, &f);
}

void body_add_scores(struct task *t)
{
    int64_t b = 0;
    enum argument_found first = message_argument_sum(&t->message, 0, "a", &t->count);
    enum argument_found second = message_argument_sum(&t->message, 1, "b", &b);

    if (first == ARGUMENT_ABSENT || second == ARGUMENT_ABSENT) {
        body_fail_missing(t, "add_scores", first == ARGUMENT_ABSENT ? "a" : "b");
    } else if (first == ARGUMENT_WRONG || second == ARGUMENT_WRONG) {
        fail_operand(t);
    } else {
        t->count = (int64_t)((uint64_t)t->count + (uint64_t)b);
        task_wait(t, body_time_us(t, 30, 150), succeed_with_count);
    }
}

void body_total_scores(struct task *t)
{
    switch (message_argument_sum(&t->message, 0, "scores", &t->count)) {
    case ARGUMENT_ABSENT:
        body_fail_missing(t, "total_scores", "scores");
        return;
    case ARGUMENT_WRONG:
        fail_operand(t);
        return;
    default:
        task_wait(t, body_time_us(t, 50, 200), succeed_with_count);
        return;
    }
}

void body_slow_report(struct task *t)
{
    enum { SECONDS_MAX = 86400 };
    if (message_argument_int(&t->message, 0, "seconds", &t->count) != ARGUMENT_OK) {
        body_fail_missing(t, "slow_report", "seconds");
        return;
    }
    t->count = t->count < 0 ? 0 : t->count > SECONDS_MAX ? SECONDS_MAX : t->count;
    task_wait(t, t->count * US_PER_S, succeed_with_count);
}

static void reject_now(struct task *t)
{
    task_reject(t);
}

void body_refuse(struct task *t)
{
    task_wait(t, body_time_us(t, 20, 80), reject_now);
}

static void succeed_with_nothing(struct task *t)
{
    task_succeed(t, "null");
}

void body_on_error(struct task *t)
{
    task_wait(t, body_time_us(t, 20, 80), succeed_with_nothing);
}

/* --- api.tasks.validate_citations --- */

static void validate_done(struct task *t)
{
    UT_string text, quoted;

    utstring_init(&text);
    utstring_init(&quoted);
    if (strstr(t->text, "undated")) {
        utstring_printf(&text, "no year in citation: '%s'", t->text);
        json_quote(text_span(&text), &quoted);
        utstring_clear(&text);
        utstring_printf(&text, "[%s, 422]", utstring_body(&quoted));
        const struct failure f = {.type = "CitationError",
                                  .module = "api.tasks.validate_citations",
                                  .message_json = utstring_body(&text),
                                  .file = "validate_citations.py",
                                  .line = 15,
                                  .code = "raise CitationError(f\"no year in citation: {citation!r}\", 422)"};
        task_fail(t, &f);
    } else {
        json_quote(span_of(t->text), &quoted);
        utstring_printf(&text, "{\"citation\": %s, \"valid\": true}", utstring_body(&quoted));
        task_succeed(t, utstring_body(&text));
    }
    utstring_done(&text);
    utstring_done(&quoted);
}

void body_validate(struct task *t)
{
    if (message_argument_text(&t->message, 0, "citation", &t->text) != ARGUMENT_OK) {
        body_fail_missing(t, "validate_citation", "citation");
        return;
    }
    task_wait(t, body_time_us(t, 100, 500), validate_done);
}

static void fetch_done(struct task *t)
{
    int64_t tries = (t->message.retries > 0 ? t->message.retries : 0) + 1;
    UT_string text, quoted;

    utstring_init(&text);
    utstring_init(&quoted);
    if (tries <= t->count) {
        utstring_printf(&text, "source not reachable: %s", t->text);
        json_quote(text_span(&text), &quoted);
        utstring_clear(&text);
        utstring_printf(&text, "[%s]", utstring_body(&quoted));
        const struct failure f = {.type = "ConnectionError",
                                  .module = "builtins",
                                  .message_json = utstring_body(&text),
                                  .file = "validate_citations.py",
                                  .line = 27,
                                  .code = "raise ConnectionError(f\"source not reachable: {url}\")"};
        if (tries < FETCH_TRIES_MAX) {
            task_retry(t, &f, FETCH_RETRY_S * t->worker->pace);
        } else {
            task_fail(t, &f);
        }
    } else {
        json_quote(span_of(t->text), &quoted);
        utstring_printf(&text, "{\"url\": %s, \"tries\": %" PRId64 "}", utstring_body(&quoted), tries);
        task_succeed(t, utstring_body(&text));
    }
    utstring_done(&text);
    utstring_done(&quoted);
}

/* The second argument: how many tries fail. */
void body_fetch(struct task *t)
{
    if (message_argument_text(&t->message, 0, "url", &t->text) != ARGUMENT_OK) {
        body_fail_missing(t, "fetch_source", "url");
        return;
    }
    t->count = 0;
    message_argument_int(&t->message, 1, "failures", &t->count);
    task_wait(t, body_time_us(t, 50, 300), fetch_done);
}
