#include "await.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/schema/result.h"

struct awaited {
    struct stage *stage;
    const char *id, *status;
};

static bool has_status(void *ctx)
{
    const struct awaited *a = ctx;
    char key[128];
    struct result result;
    snprintf(key, sizeof key, "celery-task-meta-%s", a->id);
    const char *argv[] = {"GET", key};
    char *value = server_cli_argv(a->stage->server, 1, 2, argv, NULL);
    result_decode(&result, span_of(value));
    bool there = result.valid && result.status && strcmp(result.status, a->status) == 0;
    result_release(&result);
    free(value);
    return there;
}

void await_status(struct stage *s, const char *id, const char *status)
{
    struct awaited a = {.stage = s, .id = id, .status = status};
    assert_non_null(id);
    if (!wait_for(has_status, &a)) {
        fail_msg("%s did not become %s", id, status);
    }
}

char *await_order(struct stage *s, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    stage_order(s, line);
    return mem_strdup(s->out);
}

void await_service(struct stage *s, struct celery *worker)
{
    assert_true(celery_is_alive(worker));
    char *id = await_order(s, "enqueue api.tasks.echo");
    await_status(s, id, "SUCCESS");
    mem_free(id);
}
