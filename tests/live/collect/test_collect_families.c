/* Families, their samples and the owners of the memory, on data that the platform's own key rules make. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

#define REPR "exam:db:<sqlalchemy.orm.session.Session object at 0x7f%06x>:exam_id:7"

static struct server *start(void)
{
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

/* Runs a script that returns a number above 0. */
static int64_t eval(struct server *s, int db, const char *script)
{
    const char *argv[] = {"EVAL", script, "0"};
    const size_t lens[] = {4, strlen(script), 1};
    char *reply = server_cli_argv(s, db, 3, argv, lens);
    int64_t number = strtoll(reply, NULL, 10);
    if (number <= 0) {
        fail_msg("%s", reply);
    }
    free(reply);
    return number;
}

static void setex(struct server *s, const char *key, const char *ttl, const char *value)
{
    free(server_cli(s, "SETEX", key, ttl, value, NULL));
}

static const struct family *family(struct watch *w, const char *name)
{
    return model_family_find(w->model, span_of(name));
}

struct wish {
    const char *family;
    int64_t keys, reprs;
};

static bool counted(struct watch *w, void *arg)
{
    const struct wish *wish = arg;
    const struct family *f = family(w, wish->family);
    return model_census(w->model)->complete && f && f->counted && f->keys == wish->keys &&
           f->reprs == wish->reprs && f->bytes_estimate > 0;
}

static bool fires(struct watch *w, const char *rule, const char *object)
{
    model_judge(w->model);
    for (size_t i = 0; i < model_alert_count(w->model); i++) {
        const struct alert *a = model_alert_at(w->model, i);
        if (strcmp(a->rule->name, rule) == 0) {
            return a->state == ALERT_FIRING && strcmp(a->object, object) == 0;
        }
    }
    return false;
}

/* The decorator of the platform writes its database session into the key: each read stores another one. */
static void sixty_reads_of_one_exam__leave_keys_that_are_named_as_a_fault(void **state)
{
    (void)state;
    struct server *s = start();
    char key[128];
    setex(s, "exam:questions:exam_id:7", "600", "[]");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, counted, &(struct wish){"exam:questions", 1, 0}, WAIT_MS));
    assert_false(fires(w, "cache-object-repr", "exam"));
    for (unsigned i = 0; i < 60; i++) {
        snprintf(key, sizeof key, REPR, 0x4b0000 + (i < 58 ? i : 0) * 0xd0); /* two addresses came again */
        setex(s, key, "3600", "{\"id\": 7}");
    }
    assert_true(watch_until(w, counted, &(struct wish){"exam", 58, 58}, WAIT_MS));
    assert_true(fires(w, "cache-object-repr", "exam"));
    assert_int_equal(family(w, "exam:questions")->reprs, 0);
    assert_int_equal(family(w, "exam:*")->reprs, 58);
    char *page = watch_peek(w, TARGET_FAMILY, "exam");
    assert_non_null(strstr(page, "keys that hold an object's address"));
    assert_non_null(strstr(page, "58 keys, all measured"));
    free(page);
    watch_free(w);
    server_stop(s);
}

static bool is_whole(struct watch *w, void *arg)
{
    (void)arg;
    return model_census(w->model)->complete;
}

/* A first walk tells what it has so far, of second levels as well that are folded on its later pages. */
static void a_key__has_one_owner__whatever_the_walk_told_before_its_family_was_folded(void **state)
{
    (void)state;
    struct server *s = start();
    int64_t keys = eval(s, 0,
                        "local n = 0 for f = 1, 12 do for level = 1, 24 do for k = 1, 30 do n = n + 1 "
                        "redis.call('SET', 'shop' .. string.char(96 + f) .. ':' .. string.char(96 + level) "
                        ".. ':' .. k, 'x') end end n = n + 1 redis.call('SET', 'shop' .. "
                        "string.char(96 + f) .. ':last:1', 'x') end return n");
    struct watch *w = watch_new(s, &(struct watch_options){.census_us = 3600 * US_PER_S});
    assert_true(watch_until(w, is_whole, NULL, WAIT_MS));
    assert_true(family(w, "shopa")->folded);
    const struct usage_view *row;
    size_t rows = model_usage(w->model, &row);
    int64_t owned = 0;
    for (size_t i = 0; i < rows; i++) {
        owned += row[i].keys;
    }
    assert_int_equal(owned, keys);
    watch_free(w);
    server_stop(s);
}

static bool misplaced(struct watch *w, void *arg)
{
    const struct family *f = family(w, arg);
    return f && f->misplaced > 0;
}

static void keys_without_ttl__are_a_fault__where_the_platform_gives_one(void **state)
{
    (void)state;
    struct server *s = start();
    free(server_cli(s, "SET", "shop:basket:1", "x", NULL)); /* nobody knows whether it should */
    free(server_cli(s, "SADD", "_kombu.binding.celery",
                    "celery\x06\x16\x06\x16"
                    "celery",
                    NULL));
    setex(s, "exam:1", "3600", "{}");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, counted, &(struct wish){"exam", 1, 0}, WAIT_MS));
    assert_false(fires(w, "cache-without-ttl", "exam"));
    assert_int_equal(family(w, "shop:basket")->misplaced, 0);
    free(server_cli(s, "SET", "exam:settings:grading", "{}", NULL));
    free(server_cli(s, "SET", "exam:settings:proctoring", "{}", NULL));
    assert_true(watch_until(w, misplaced, (char[]){"exam"}, WAIT_MS));
    assert_true(fires(w, "cache-without-ttl", "exam"));
    assert_int_equal(family(w, "exam")->without_ttl, 2);
    watch_free(w);
    server_stop(s);
}

#define SUM                                                                                                  \
    "local n = 0 for _, k in ipairs(redis.call('KEYS', 'exam:*')) do "                                       \
    "n = n + redis.call('MEMORY', 'USAGE', k) end return n"

/* The interval misses the truth one time in twenty; three times as wide it does not. */
static void memory_of_a_large_family__is_true__within_its_margin(void **state)
{
    (void)state;
    struct server *s = start();
    eval(s, 0,
         "math.randomseed(7) for i = 1, 6000 do redis.call('SETEX', 'exam:' .. i, i % 4 == 0 and 30 or 7200, "
         "string.rep('x', math.random(20, 3000))) end return 1");
    int64_t truth = eval(s, 0, SUM);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, counted, &(struct wish){"exam", 6000, 0}, WAIT_MS));
    const struct family *f = family(w, "exam");
    assert_true(f->sampled >= 100 && f->sampled < 6000);
    assert_true(f->bytes_margin > 0 && f->bytes_margin < 0.2 * (double)truth);
    if (!(fabs((double)(f->bytes_estimate - truth)) <= 3 * f->bytes_margin)) {
        fail_msg("%" PRId64 " +-%.0f, in truth %" PRId64, f->bytes_estimate, f->bytes_margin, truth);
    }
    int64_t with_ttl = f->ttl[0] + f->ttl[1] + f->ttl[2] + f->ttl[3];
    assert_int_equal(with_ttl, f->sampled);
    assert_int_equal(f->ttl[1] + f->ttl[3], 0);
    assert_in_range(f->ttl[0] * 100 / f->sampled, 10, 45);
    assert_non_null(f->largest);
    watch_free(w);
    server_stop(s);
}

static bool is_folded(struct watch *w, void *arg)
{
    const struct family *f = family(w, "wide");
    return f && f->folded == *(bool *)arg && model_census(w->model)->complete;
}

static bool told_of_new_word(struct watch *w, void *arg)
{
    (void)arg;
    const struct family *f = family(w, "wide");
    return f && f->events[NOTIFY_SET] > 0;
}

static bool is_told_apart(struct watch *w, void *arg)
{
    (void)arg;
    const struct family *f = family(w, "wide:aa");
    return f && f->counted && f->keys == 3;
}

static void a_hundred_second_levels__are_one_family__until_they_are_few(void **state)
{
    (void)state;
    struct server *s = start();
    eval(s, 0,
         "for i = 0, 99 do local word = string.char(97 + i / 26, 97 + i % 26) for k = 1, 3 do "
         "redis.call('SET', 'wide:' .. word .. ':' .. k, 'x') end end return 1");
    free(server_cli(s, "SET", "narrow:one:1", "x", NULL));
    free(server_cli(s, "SET", "narrow:two:1", "x", NULL));
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, is_folded, &(bool){true}, WAIT_MS));
    assert_int_equal(family(w, "wide")->keys, 300);
    assert_null(family(w, "wide:aa"));
    assert_null(family(w, "wide:*"));
    assert_int_equal(family(w, "narrow:one")->keys, 1);
    free(server_cli(s, "SET", "wide:new:1", "x", NULL)); /* events agree with the walk */
    assert_true(watch_until(w, told_of_new_word, NULL, WAIT_MS));
    assert_null(family(w, "wide:new"));
    char *page = watch_peek(w, TARGET_FAMILY, "wide:bb"); /* it can be asked for all the same */
    assert_non_null(strstr(page, "3 keys, all measured"));
    free(page);
    eval(s, 0,
         "for i = 4, 99 do local word = string.char(97 + i / 26, 97 + i % 26) for k = 1, 3 do "
         "redis.call('DEL', 'wide:' .. word .. ':' .. k) end end return 1");
    assert_true(watch_until(w, is_told_apart, NULL, 2 * WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static bool walked(struct watch *w, void *arg)
{
    return model_census(w->model)->complete && model_census(w->model)->keys == *(int64_t *)arg;
}

static void families_without_end__are_bounded__and_every_key_is_counted(void **state)
{
    (void)state;
    struct server *s = start();
    eval(s, 0,
         "for i = 1, 700 do local p = 'p' .. string.char(97 + i / 26, 97 + i % 26) for k = 0, 29 do "
         "redis.call('SETEX', p .. ':' .. string.char(97 + k / 26, 97 + k % 26, 120) .. ':1', 600, 'x') end "
         "end "
         "return 1");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, walked, &(int64_t){21000}, WAIT_MS));
    assert_true(model_family_count(w->model) <= 501);
    int64_t keys = 0;
    for (size_t i = 0; i < model_family_count(w->model); i++) {
        keys += model_family_at(w->model, i)->keys;
    }
    assert_int_equal(keys, 21000);
    eval(s, 0, "for _, k in ipairs(redis.call('KEYS', 'p[b-z]*')) do redis.call('DEL', k) end return 1");
    int64_t left = eval(s, 0, "return redis.call('DBSIZE')");
    assert_true(watch_until(w, walked, &left, 2 * WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static const struct usage_view *usage(struct watch *w, enum usage wanted)
{
    const struct usage_view *row;
    size_t count = model_usage(w->model, &row);
    for (size_t i = 0; i < count; i++) {
        if (row[i].usage == wanted) {
            return &row[i];
        }
    }
    return NULL;
}

static bool all_owners_known(struct watch *w, void *arg)
{
    (void)arg;
    return model_census(w->model)->complete && usage(w, USAGE_QUEUES)->bytes > 0 &&
           usage(w, USAGE_RESULTS)->bytes > 0 && usage(w, USAGE_CACHE)->bytes > 0;
}

static int64_t used_memory(struct server *s)
{
    char *text = server_cli(s, "INFO", "memory", NULL);
    const char *at = text ? strstr(text, "used_memory:") : NULL;
    int64_t bytes = at ? strtoll(at + strlen("used_memory:"), NULL, 10) : -1;
    free(text);
    return bytes;
}

static void owners__add_up__to_the_memory(void **state)
{
    (void)state;
    struct server *s = start();
    int64_t before = used_memory(s);
    eval(s, 0,
         "for i = 1, 3000 do redis.call('SETEX', 'exam:' .. i, 3600, string.rep('x', 1000)) end "
         "for i = 1, 400 do redis.call('SETEX', 'session:' .. i, 86400, string.rep('s', 300)) "
         "redis.call('SADD', 'user:' .. i .. ':sessions', i) "
         "redis.call('EXPIRE', 'user:' .. i .. ':sessions', 86400) end "
         "for i = 1, 800 do redis.call('LPUSH', 'questions', string.rep('q', 1200)) end "
         "for i = 1, 30 do redis.call('SETEX', 'batch:progress:' .. i, 600, '{}') end "
         "for i = 1, 3 do redis.call('LPUSH', i .. '.reply.celery.pidbox', 'x') end "
         "redis.call('SADD', '_kombu.binding.questions', 'questions\\6\\22\\6\\22questions') "
         "redis.call('SADD', '_kombu.binding.reply.celery.pidbox', 'x\\6\\22\\6\\22x') "
         "redis.call('SET', 'alone', 'x') return 1");
    eval(s, 1,
         "for i = 1, 1000 do redis.call('SETEX', 'celery-task-meta-' .. i, 3600, string.rep('r', 600)) end "
         "return 1");
    int64_t grown = used_memory(s) - before;
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, all_owners_known, NULL, WAIT_MS));
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_true(watch_until(w, all_owners_known, NULL, WAIT_MS));
    assert_int_equal(usage(w, USAGE_RESULTS)->keys, 1000);
    assert_int_equal(usage(w, USAGE_RESULTS)->without_ttl, 0);
    assert_int_equal(usage(w, USAGE_CACHE)->keys, 3000);
    assert_int_equal(usage(w, USAGE_SESSIONS)->keys, 800);
    assert_int_equal(usage(w, USAGE_BATCHES)->keys, 30);
    assert_int_equal(usage(w, USAGE_LEFTOVERS)->keys, 4);
    assert_int_equal(usage(w, USAGE_QUEUES)->keys, 2); /* the list and its binding */
    assert_int_equal(usage(w, USAGE_OTHER)->keys, 1);
    assert_true(usage(w, USAGE_QUEUES)->bytes >
                800 * 1200 * 9 / 10); /* the server looks at five nodes of it */
    int64_t sum = 0;
    for (int i = 0; i < USAGE_COUNT; i++) {
        sum += usage(w, (enum usage)i)->bytes;
    }
    /* What the server needs for its tables is nobody's. */
    if (sum < grown * 6 / 10 || sum > grown * 11 / 10) {
        fail_msg("%" PRId64 " of %" PRId64 " bytes", sum, grown);
    }
    watch_free(w);
    server_stop(s);
}

static void the_page_of_a_family__finds__its_largest_keys(void **state)
{
    (void)state;
    struct server *s = start();
    eval(s, 0,
         "for i = 1, 5000 do redis.call('SETEX', 'exam:' .. i, 3600, 'x') end "
         "redis.call('SETEX', 'exam:4711', 3600, string.rep('x', 500000)) "
         "redis.call('SET', 'exam:questions:17', string.rep('x', 900000)) return 1");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    char *page = watch_peek(w, TARGET_FAMILY, "exam");
    assert_non_null(strstr(page, "5000 keys, all measured"));
    assert_non_null(strstr(page, "largest of those measured|\nexam:4711|TTL 3"));
    assert_null(strstr(page, "exam:questions:17"));
    free(page);
    page = watch_peek(w, TARGET_FAMILY, "exam:*"); /* all that begins so */
    assert_non_null(strstr(page, "5001 keys, all measured"));
    assert_non_null(strstr(page, "largest of those measured|\nexam:questions:17|no TTL"));
    free(page);
    watch_free(w);
    server_stop(s);
}

static void the_page_of_a_huge_family__measures__a_bounded_part(void **state)
{
    (void)state;
    struct server *s = start();
    eval(s, 0, "for i = 1, 30000 do redis.call('SETEX', 'exam:' .. i, 3600, 'x') end return 1");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    char *page = watch_peek(w, TARGET_FAMILY, "exam");
    assert_non_null(strstr(page, "measured 20000 of 30000 keys"));
    free(page);
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_reads_of_one_exam__leave_keys_that_are_named_as_a_fault),
        cmocka_unit_test(keys_without_ttl__are_a_fault__where_the_platform_gives_one),
        cmocka_unit_test(memory_of_a_large_family__is_true__within_its_margin),
        cmocka_unit_test(a_hundred_second_levels__are_one_family__until_they_are_few),
        cmocka_unit_test(families_without_end__are_bounded__and_every_key_is_counted),
        cmocka_unit_test(owners__add_up__to_the_memory),
        cmocka_unit_test(a_key__has_one_owner__whatever_the_walk_told_before_its_family_was_folded),
        cmocka_unit_test(the_page_of_a_family__finds__its_largest_keys),
        cmocka_unit_test(the_page_of_a_huge_family__measures__a_bounded_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
