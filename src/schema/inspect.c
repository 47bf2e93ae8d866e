#include "redai/schema/inspect.h"

#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/json_time.h"

enum { NODE_MAX_BYTES = 256, ERROR_MAX_BYTES = 2000, ARGUMENTS_MAX_BYTES = 1000, NAME_MAX_BYTES = 512 };

const char *const inspect_method[INSPECT_COUNT] = {
#define INSPECT_NAME(id, method) [INSPECT_##id] = (method),
    INSPECT_LIST(INSPECT_NAME)
#undef INSPECT_NAME
};

/* What is carried from row to row. */
struct reading {
    const struct inspect_visitor *visitor;
    UT_string args, kwargs;
};

static struct span text_of(json_t *object, const char *name)
{
    return json_text_head(envelope_text(object, name), NAME_MAX_BYTES);
}

static int64_t count_of(json_t *object, const char *name)
{
    return json_text_count(json_object_get(object, name), -1);
}

static struct span arguments_of(json_t *info, const char *name, UT_string *text)
{
    json_t *value = json_object_get(info, name);

    utstring_clear(text);
    if (value && !json_is_null(value)) {
        json_text_dump(value, JSON_TEXT_COMPACT, ARGUMENTS_MAX_BYTES + 4, text);
        json_text_limit(text, ARGUMENTS_MAX_BYTES);
    }
    return text_span(text);
}

static void tell_task(struct reading *r, json_t *info, enum inspect_hold hold, int64_t eta_wall_us)
{
    struct inspect_task t = {.hold = hold, .eta_wall_us = eta_wall_us};
    json_t *delivery = json_object_get(info, "delivery_info");

    t.id = envelope_text(info, "id");
    if (!r->visitor->task || t.id.len == 0 || t.id.len > NAME_MAX_BYTES) {
        return;
    }
    t.name = text_of(info, "name");
    t.queue = text_of(delivery, "routing_key");
    t.args = arguments_of(info, "args", &r->args);
    t.kwargs = arguments_of(info, "kwargs", &r->kwargs);
    t.started_wall_us = json_time_epoch(json_object_get(info, "time_start"));
    t.pid = count_of(info, "worker_pid");
    t.redelivered = json_is_true(json_object_get(delivery, "redelivered"));
    t.acknowledged = json_is_true(json_object_get(info, "acknowledged"));
    r->visitor->task(r->visitor->ctx, &t);
}

/* "name" or "name [rate_limit=10/m other=..]" */
static void tell_registered(struct reading *r, json_t *row)
{
    static const struct span word = SPAN_LITERAL("rate_limit=");
    struct span text =
        json_is_string(row) ? span_make(json_string_value(row), json_string_length(row)) : span_make(NULL, 0);
    struct span name = span_head(text, span_search(text, S(" [")));
    struct span info = span_skip(text, name.len);
    struct span limit = span_skip(info, span_search(info, word) + word.len);
    size_t end = 0;

    while (end < limit.len && limit.data[end] != ' ' && limit.data[end] != ']') {
        end++;
    }
    if (r->visitor->registered && name.len && name.len <= NAME_MAX_BYTES) {
        r->visitor->registered(r->visitor->ctx, name, json_text_head(span_head(limit, end), NAME_MAX_BYTES));
    }
}

static void tell_queue(struct reading *r, json_t *row)
{
    struct span name = envelope_text(row, "name");
    if (r->visitor->queue && name.len && name.len <= NAME_MAX_BYTES) {
        r->visitor->queue(r->visitor->ctx, name);
    }
}

static bool hold_of(json_t *state, enum inspect_hold *ret)
{
    static const char *const names[] = {[INSPECT_HOLD_ACTIVE] = "active",
                                        [INSPECT_HOLD_RESERVED] = "reserved",
                                        [INSPECT_HOLD_READY] = "ready"};

    for (size_t i = 0; json_is_string(state) && i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i] && strcmp(names[i], json_string_value(state)) == 0) {
            *ret = (enum inspect_hold)i;
            return true;
        }
    }
    return false;
}

/* "celery.concurrency.prefork:TaskPool" -> "prefork". A worker that does not say it is known by what else it
 * tells (celery.concurrency.*, _get_info). */
static struct span pool_of(json_t *pool)
{
    static const struct {
        const char *member, *pool;
    } signs[] = {{"writes", "prefork"}, {"threads", "threads"}, {"put-guarded-by-semaphore", "solo"}};
    struct span text = text_of(pool, "implementation");

    text = span_head(text, span_find(text, ':'));
    for (size_t dot = span_find(text, '.'); dot < text.len; dot = span_find(text, '.')) {
        text = span_skip(text, dot + 1);
    }
    for (size_t i = 0; text.len == 0 && i < sizeof(signs) / sizeof(signs[0]); i++) {
        text = json_object_get(pool, signs[i].member) ? span_of(signs[i].pool) : text;
    }
    return text;
}

static int64_t sum_of(json_t *total)
{
    int64_t sum = json_is_object(total) ? 0 : -1;
    for (void *it = json_object_iter(total); it; it = json_object_iter_next(total, it)) {
        int64_t count = json_text_count(json_object_iter_value(it), 0);
        sum = count > INT64_MAX - sum ? INT64_MAX : sum + count;
    }
    return sum;
}

static void tell_stats(struct reading *r, json_t *answer)
{
    json_t *pool = json_object_get(answer, "pool");
    json_t *processes = json_object_get(pool, "processes");
    json_t *options = json_object_get(json_object_get(answer, "broker"), "transport_options");
    struct inspect_stats s = {.pool = pool_of(pool),
                              .concurrency = count_of(pool, "max-concurrency"),
                              .processes =
                                  json_is_array(processes) ? (int64_t)json_array_size(processes) : -1,
                              .prefetch = count_of(answer, "prefetch_count"),
                              .uptime_s = count_of(answer, "uptime"),
                              .pid = count_of(answer, "pid"),
                              .processed = sum_of(json_object_get(answer, "total")),
                              .visibility_s = count_of(options, "visibility_timeout")};
    if (r->visitor->stats) {
        r->visitor->stats(r->visitor->ctx, &s);
    }
}

static void tell_row(struct reading *r, enum inspect_question question, json_t *row)
{
    switch (question) {
    case INSPECT_QUEUES:
        tell_queue(r, row);
        break;
    case INSPECT_ACTIVE:
        tell_task(r, row, INSPECT_HOLD_ACTIVE, -1);
        break;
    case INSPECT_RESERVED:
        tell_task(r, row, INSPECT_HOLD_RESERVED, -1);
        break;
    case INSPECT_SCHEDULED:
        tell_task(r, json_object_get(row, "request"), INSPECT_HOLD_SCHEDULED,
                  json_time_iso(json_object_get(row, "eta")));
        break;
    case INSPECT_REGISTERED:
        tell_registered(r, row);
        break;
    default:
        break;
    }
}

static void tell_rows(struct reading *r, enum inspect_question question, json_t *answer,
                      struct inspect_answer *a)
{
    size_t size = json_array_size(answer);

    a->rows = (int64_t)size;
    a->cut = size > INSPECT_ROWS_MAX;
    for (size_t i = 0; i < size && i < INSPECT_ROWS_MAX; i++) {
        tell_row(r, question, json_array_get(answer, i));
    }
}

/* {"<id>": ["active", info]} */
static void tell_query(struct reading *r, json_t *answer, struct inspect_answer *a)
{
    size_t seen = 0;

    a->rows = (int64_t)json_object_size(answer);
    a->cut = a->rows > INSPECT_ROWS_MAX;
    for (void *it = json_object_iter(answer); it && seen < INSPECT_ROWS_MAX;
         it = json_object_iter_next(answer, it), seen++) {
        json_t *pair = json_object_iter_value(it);
        enum inspect_hold hold;
        if (hold_of(json_array_get(pair, 0), &hold)) {
            tell_task(r, json_array_get(pair, 1), hold, -1);
        }
    }
}

/* One node, one answer; *ret is borrowed from e. */
static bool answer_of(const struct envelope *e, json_t **ret, struct inspect_answer *a)
{
    void *node = json_object_size(e->body) == 1 ? json_object_iter(e->body) : NULL;

    *a = (struct inspect_answer){.rows = -1};
    if (!node) {
        return false;
    }
    *ret = json_object_iter_value(node);
    a->worker = span_dup(json_text_head(span_of(json_object_iter_key(node)), NODE_MAX_BYTES));
    a->ticket = json_text_dup(json_object_get(json_object_get(e->root, "headers"), "ticket"), NODE_MAX_BYTES);
    return true;
}

bool inspect_decode(struct span element, enum inspect_question question,
                    const struct inspect_visitor *visitor, struct inspect_answer *a)
{
    struct envelope e;
    json_t *answer = NULL;
    struct reading r = {.visitor = visitor};

    envelope_decode(&e, element);
    bool good = answer_of(&e, &answer, a);
    json_t *error = json_object_get(answer, "error");
    utstring_init(&r.args);
    utstring_init(&r.kwargs);
    if (json_is_string(error)) {
        a->error = json_text_dup(error, ERROR_MAX_BYTES);
    } else if (question == INSPECT_STATS && json_is_object(answer)) {
        tell_stats(&r, answer);
    } else if (question == INSPECT_QUERY && json_is_object(answer)) {
        tell_query(&r, answer, a);
    } else if (question != INSPECT_QUERY && json_is_array(answer)) {
        tell_rows(&r, question, answer, a);
    }
    utstring_done(&r.args);
    utstring_done(&r.kwargs);
    envelope_release(&e);
    return good;
}

void inspect_answer_release(struct inspect_answer *a)
{
    mem_free(a->worker);
    mem_free(a->ticket);
    mem_free(a->error);
    *a = (struct inspect_answer){.rows = -1};
}

bool inspect_peek(struct span element, struct inspect_answer *a)
{
    struct envelope e;
    json_t *answer;

    envelope_decode(&e, element);
    bool good = answer_of(&e, &answer, a);
    envelope_release(&e);
    return good;
}
