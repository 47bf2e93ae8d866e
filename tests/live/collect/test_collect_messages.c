/* Messages one by one: their places, large queues page by page, large hashes not at all, poison by name. */
#include "elements.h"
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

#include "redai/schema/message_ref.h"

enum { SEEN_MAX = 64 };
struct seen {
    char id[40];
    enum task_place place;
    int64_t step, position, delivered_wall_us;
    enum message_fate fate;
    char content[64];
};
struct notes {
    struct seen seen[SEEN_MAX];
    size_t count;
    int64_t partial, whole; /* sweeps of unacked */
    int64_t bytes_in;
};

static void note(struct watch *w, const struct fact *f)
{
    struct notes *n = w->user;
    if (f->kind == FACT_COST) {
        n->bytes_in = f->cost.bytes_in;
    } else if (f->kind == FACT_TASK_SWEEP && f->task_sweep.scope == SWEEP_UNACKED) {
        n->whole += f->task_sweep.seen < 0;
        n->partial += f->task_sweep.seen == 0;
    } else if (f->kind == FACT_TASK_MESSAGE) {
        const struct fact_task_message *m = &f->task_message;
        size_t i = 0;
        while (i < n->count && !span_equal(span_of(n->seen[i].id), m->id)) {
            i++;
        }
        if (i < SEEN_MAX && m->id.len < sizeof n->seen[i].id) {
            n->count = i == n->count ? i + 1 : n->count;
            memset(&n->seen[i], 0, sizeof n->seen[i]);
            memcpy(n->seen[i].id, m->id.data, m->id.len);
            n->seen[i].place = m->place;
            n->seen[i].step = m->step;
            n->seen[i].position = m->position;
            n->seen[i].delivered_wall_us = m->delivered_wall_us;
            n->seen[i].fate = m->fate;
            snprintf(n->seen[i].content, sizeof n->seen[i].content, "%.*s", (int)m->content.len,
                     m->content.data);
        }
    }
}

static const struct seen *find(const struct notes *n, const char *id)
{
    for (size_t i = 0; i < n->count; i++) {
        if (strcmp(n->seen[i].id, id) == 0) {
            return &n->seen[i];
        }
    }
    return NULL;
}

static bool has_seen(struct watch *w, void *arg)
{
    return find(w->user, arg) != NULL;
}

static void expect_seen(struct watch *w, const char *id)
{
    char copy[40];
    snprintf(copy, sizeof copy, "%s", id);
    assert_true(watch_until(w, has_seen, copy, WAIT_MS));
}

static struct watch *look(struct server *s, struct notes *n)
{
    memset(n, 0, sizeof *n);
    return watch_new(s, &(struct watch_options){.on_fact = note, .user = n});
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("'%s' is not in:\n%.3000s", part, text);
    }
}

static void a_message__is_told__with_its_place_and_priority(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    elements_push(s, "celery", 0, "api.tasks.echo", "next", NULL);
    elements_push(s, "celery", 0, "api.tasks.echo", "behind", NULL);
    elements_push(s, "celery", 9, "api.tasks.echo", "last", NULL);
    struct watch *w = look(s, &n);
    expect_seen(w, "last");
    expect_seen(w, "behind");
    assert_int_equal(find(&n, "next")->position, 0);
    assert_int_equal(find(&n, "behind")->position, 1);
    assert_int_equal(find(&n, "last")->position, 0);
    assert_int_equal(find(&n, "last")->step, 9);
    assert_int_equal(find(&n, "last")->place, TASK_PLACE_LIST);
    watch_free(w);
    server_stop(s);
}

static bool told_partial(struct watch *w, void *arg)
{
    (void)arg;
    return ((struct notes *)w->user)->partial > 0;
}

static bool told_whole(struct watch *w, void *arg)
{
    (void)arg;
    return ((struct notes *)w->user)->whole > 0;
}

static void what_is_in_flight__is_told__with_its_age(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    elements_take(s, "tag-a", "celery", "old", 100, 0);
    elements_take(s, "tag-b", "questions", "young", 1, 0);
    struct watch *w = look(s, &n);
    expect_seen(w, "young");
    assert_true(watch_until(w, told_whole, NULL, WAIT_MS));
    double age_s = (double)(clock_wall_us() - find(&n, "old")->delivered_wall_us) / 1e6;
    assert_true(age_s >= 100. && age_s < 130.);
    assert_int_equal(find(&n, "old")->place, TASK_PLACE_UNACKED);
    assert_int_equal(model_unacked_oldest_us(w->model), find(&n, "old")->delivered_wall_us);
    char *text = watch_peek(w, TARGET_DELIVERY, "tag-a");
    has(text, "taken|");
    has(text, "api.tasks.echo");
    has(text, "runs it, if it knows the task");
    free(text);
    watch_free(w);
    server_stop(s);
}

static void a_huge_hash_of_deliveries__is_not_read__and_that_is_said(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    for (int i = 0; i < 12; i++) {
        char tag[16], id[16];
        snprintf(tag, sizeof tag, "tag-%d", i);
        snprintf(id, sizeof id, "huge-%d", i);
        elements_take(s, tag, "celery", id, 50 - i, 90 * 1000);
    }
    struct watch *w = look(s, &n);
    assert_true(watch_until(w, told_whole, NULL, WAIT_MS)); /* a megabyte is read */
    watch_free(w);
    redisContext *c = server_connect(s);
    for (int i = 0; i < 100; i++) {
        char tag[16];
        snprintf(tag, sizeof tag, "more-%d", i);
        char *value = calloc(1, 120001);
        memset(value, 'z', 120000);
        freeReplyObject(redisCommand(c, "HSET unacked %s %s", tag, value));
        free(value);
    }
    redisFree(c);
    w = look(s, &n);
    assert_true(watch_until(w, told_partial, NULL, WAIT_MS));
    assert_int_equal(n.whole, 0);
    assert_int_equal(n.count, 0);
    assert_int_equal(model_unacked_total(w->model), 112);
    assert_true(model_unacked_oldest_us(w->model) > 0);
    watch_free(w);
    server_stop(s);
}

static bool cost_is_told(struct watch *w, void *arg)
{
    const struct notes *n = w->user;
    return n->bytes_in > *(int64_t *)arg;
}

static void fifty_thousand_messages__open_at_once__and_come_page_by_page(void **state)
{
    (void)state;
    enum { MANY = 50000 };
    struct server *s = server_start(NULL);
    struct notes n;
    elements_push_many(s, "celery", MANY);
    struct watch *w = look(s, &n);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    expect_seen(w, "many-0");
    int64_t before = 0;
    assert_true(watch_until(w, cost_is_told, &before, WAIT_MS));
    before = n.bytes_in;
    int64_t begun_us = clock_mono_us();
    char *text = watch_peek(w, TARGET_QUEUE, "celery");
    int64_t took_us = clock_mono_us() - begun_us;
    has(text, "1|api.tasks.echo  many-0");
    has(text, "100|api.tasks.echo  many-99");
    has(text, "and 49900 more");
    assert_null(strstr(text, "many-100 "));
    free(text);
    collect_more(w->collect);
    int64_t polls = w->servers;
    while (w->servers < polls + 2) {
        int64_t more = n.bytes_in;
        assert_true(watch_until(w, cost_is_told, &more, WAIT_MS));
    }
    bool found = false;
    const struct peek *p = model_peek(w->model);
    for (unsigned i = 0; p && i < utarray_len(&p->line); i++) {
        const struct peek_line *l = (const struct peek_line *)utarray_eltptr(&p->line, i);
        found |= strstr(l->text, "many-199 ") != NULL;
    }
    assert_true(found);
    print_message("opened in %" PRId64 " us; %" PRId64 " bytes since\n", took_us, n.bytes_in - before);
    assert_true(n.bytes_in - before < 4 * 1024 * 1024);
    watch_free(w);
    server_stop(s);
}

static void poison__is_named__and_found_by_its_bytes(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    elements_push(s, "celery", 0, "api.tasks.echo", "fine", NULL);
    free(server_cli(s, "LPUSH", "celery",
                    "rub\x01"
                    "bish",
                    NULL));
    struct watch *w = look(s, &n);
    expect_seen(w, "");
    assert_int_equal(find(&n, "")->fate, MESSAGE_KILLS_LOST);
    free(watch_peek(w, TARGET_QUEUE, "celery"));
    const struct peek *p = model_peek(w->model);
    struct target link = {.kind = TARGET_NONE};
    for (unsigned i = 0; i < utarray_len(&p->line); i++) {
        const struct peek_line *l = (const struct peek_line *)utarray_eltptr(&p->line, i);
        if (l->link.kind == TARGET_MESSAGE) {
            target_set(&link, TARGET_MESSAGE, target_id(&l->link));
        }
    }
    assert_int_equal(link.kind, TARGET_MESSAGE);
    assert_true(message_ref_is(target_id(&link), S("celery"),
                               S("rub\x01"
                                 "bish")));
    char *text = watch_peek_target(w, &link);
    has(text, "POISON, a worker exits on it");
    has(text, "number 2 of those that wait");
    has(text, "72 75 62 01 62");
    free(text);
    target_release(&link);
    watch_free(w);
    server_stop(s);
}

static char *fixture(const char *name, size_t *ret_len)
{
    char path[512];
    snprintf(path, sizeof path, REDAI_SOURCE_DIR "/tests/fixtures/celery-5.2/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = calloc(1, 65536);
    *ret_len = fread(text, 1, 65535, f);
    (void)fclose(f);
    return text;
}

static bool saw_content(struct watch *w, void *arg)
{
    const struct notes *n = w->user;
    for (size_t i = 0; i < n->count; i++) {
        if (strcmp(n->seen[i].content, arg) == 0) {
            return true;
        }
    }
    return false;
}

static void other_bodies__are_named__and_never_unpacked(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        char content[64];
    } body[] = {{"msg-pickle.json", "application/x-python-serialize"},
                {"msg-gzip.json", "application/json, application/x-gzip"},
                {"msg-yaml.json", "application/x-yaml"}};
    struct server *s = server_start(NULL);
    struct notes n;
    for (size_t i = 0; i < COUNT_OF(body); i++) {
        size_t len;
        char *element = fixture(body[i].file, &len);
        free(server_cli_argv(s, 0, 3, (const char *[]){"LPUSH", "celery", element}, (size_t[]){5, 6, len}));
        free(element);
    }
    struct watch *w = look(s, &n);
    for (size_t i = 0; i < COUNT_OF(body); i++) {
        char content[64];
        memcpy(content, body[i].content, sizeof content);
        assert_true(watch_until(w, saw_content, content, WAIT_MS));
    }
    char *text = watch_peek(w, TARGET_QUEUE, "celery");
    has(text, "a worker will discard it: ");
    free(text);
    watch_free(w);
    server_stop(s);
}

static void a_waiting_task__is_shown__with_its_message(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    elements_push(s, "celery", 0, "api.tasks.echo", "shown", "[\"argument\"]");
    struct watch *w = look(s, &n);
    watch_expect_task(w, "shown", TASK_STATE_WAITING);
    char *text = watch_peek(w, TARGET_TASK, "shown");
    has(text, "message|waits in a list");
    has(text, "\"argument\"");
    has(text, "no result is stored");
    free(text);
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message__is_told__with_its_place_and_priority),
        cmocka_unit_test(what_is_in_flight__is_told__with_its_age),
        cmocka_unit_test(a_huge_hash_of_deliveries__is_not_read__and_that_is_said),
        cmocka_unit_test(fifty_thousand_messages__open_at_once__and_come_page_by_page),
        cmocka_unit_test(poison__is_named__and_found_by_its_bytes),
        cmocka_unit_test(other_bodies__are_named__and_never_unpacked),
        cmocka_unit_test(a_waiting_task__is_shown__with_its_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
