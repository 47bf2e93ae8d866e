#include "app/hook_text.h"
#include "unit/model/story.h"

#include <jansson.h>
#include <math.h>
#include <unistd.h>

static char *text(const char *literal)
{
    return (char *)(uintptr_t)literal;
}

/* The rules of this test alone. */
static void begin(struct story *s)
{
    story_begin(s);
    for (size_t i = 0; i < rules_count(model_rules(s->m)); i++) {
        const char *word[] = {rules_at(model_rules(s->m), i)->name, "off"};
        struct err err;
        assert_true(rules_set(model_rules(s->m), 2, word, &err));
    }
}

static void configure(struct story *s, size_t count, const char *const *word)
{
    struct err err = {0};
    if (!rules_set(model_rules(s->m), count, word, &err)) {
        fail_msg("%s", err.text);
    }
}

static void fire(struct story *s)
{
    story_tell(s, "connection address=redis://redis:6379/0");
    story_tell(s, "link role=poll state=up");
    story_tell(s, "server run_id=a loading=0 used_memory=500 connected_clients=81 maxclients=100");
    story_tell(s, "poll topic=server ok=1");
    story_wait(s, 1);
}

static void title__says_how_bad_it_is__before_anything_else(void **state)
{
    (void)state;
    static const char *const warning[] = {"many", "when", "server.clients", ">", "80", "message", "%v"};
    static const char *const critical[] = {"worse", "when",     "server.clients", ">",
                                           "70",    "severity", "critical"};
    char title[128];
    struct story s;
    begin(&s);
    story_tell(&s, "connection address=redis://redis:6379/0");
    hook_title(s.m, false, title, sizeof title);
    assert_string_equal(title, "? redai redis:6379/0");
    configure(&s, COUNT_OF(warning), warning);
    fire(&s);
    hook_title(s.m, false, title, sizeof title);
    assert_string_equal(title, "! 1 redai redis:6379/0");
    configure(&s, COUNT_OF(critical), critical);
    story_wait(&s, 1);
    hook_title(s.m, false, title, sizeof title);
    assert_string_equal(title, "!! 2 redai redis:6379/0");
    hook_title(s.m, true, title, sizeof title);
    assert_string_equal(title, "!! 2 redai [CURTAIN]");
    story_tell(&s, "server run_id=a loading=0 used_memory=500 connected_clients=1 maxclients=100");
    story_tell(&s, "poll topic=server ok=1");
    story_wait(&s, 1);
    hook_title(s.m, false, title, sizeof title);
    assert_string_equal(title, "redai redis:6379/0");
    story_end(&s);
}

/* The object as the command reads it, which closes it. */
static json_t *object_of(struct story *s, const struct alert_change *change)
{
    UT_string out;
    json_error_t error;
    utstring_init(&out);
    hook_json(s->m, change, &out);
    text_add(&out, S("}"));
    json_t *root = json_loadb(utstring_body(&out), utstring_len(&out), JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        fail_msg("%s: %s", error.text, utstring_body(&out));
    }
    utstring_done(&out);
    return root;
}

static const char *text_of(const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));
    return text ? text : "(null)";
}

static int metric_named(const char *name)
{
    for (size_t i = 0; i < rule_metric_count; i++) {
        if (strcmp(rule_metrics[i].name, name) == 0) {
            return (int)i;
        }
    }
    fail_msg("no metric %s", name);
    return -1;
}

static void json__has_all_of_the_change(void **state)
{
    (void)state;
    static const char *const warning[] = {"many", "when", "server.clients", ">", "80", "clear", "60"};
    struct story s;
    begin(&s);
    configure(&s, COUNT_OF(warning), warning);
    fire(&s);
    struct alert_change change = {.number = 12,
                                  .wall_us = STORY_WALL_US,
                                  .from = ALERT_PENDING,
                                  .to = ALERT_FIRING,
                                  .severity = SEVERITY_WARNING,
                                  .value = 81,
                                  .metric = metric_named("server.clients"),
                                  .rule = text("many"),
                                  .object = text(""),
                                  .text = text("81 clients")};
    json_t *root = object_of(&s, &change);
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "number")), 12);
    assert_string_equal(text_of(root, "event"), "firing");
    assert_string_equal(text_of(root, "state"), "firing");
    assert_string_equal(text_of(root, "from"), "pending");
    assert_string_equal(text_of(root, "rule"), "many");
    assert_string_equal(text_of(root, "severity"), "warning");
    assert_true(json_is_null(json_object_get(root, "object")));
    assert_string_equal(text_of(root, "metric"), "server.clients");
    assert_string_equal(text_of(root, "unit"), "count");
    assert_near(json_number_value(json_object_get(root, "value")), 81);
    assert_near(json_number_value(json_object_get(root, "threshold")), 80);
    assert_string_equal(text_of(root, "message"), "81 clients");
    assert_string_equal(text_of(root, "at"), "2025-11-23T09:26:40Z");
    assert_string_equal(text_of(root, "address"), "redis://redis:6379/0");
    const json_t *console = json_object_get(root, "console");
    assert_int_equal(json_integer_value(json_object_get(console, "pid")), getpid());
    assert_true(*text_of(console, "host"));
    json_decref(root);
    story_end(&s);
}

/* What the thing is called is anybody's choice. */
static void json__stays_json__whatever_a_thing_is_called(void **state)
{
    (void)state;
    static const char *const names[] = {"a\"b\\c",        "line\nend\r\ttab",      "\033]0;title\a\033[31m",
                                        "\x80\xff\xc3",   "$(reboot); `id`",       "\xe2\x80\xae txet",
                                        "\x7f\x01\x02 x", "{\"event\":\"firing\"}"};
    struct story s;
    begin(&s);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char name[64];
        strcpy(name, names[i]);
        struct alert_change change = {.to = ALERT_RESOLVED,
                                      .metric = -1,
                                      .value = NAN,
                                      .rule = text("gone"),
                                      .object = name,
                                      .text = name};
        json_t *root = object_of(&s, &change);
        assert_string_equal(text_of(root, "event"), "resolved");
        assert_true(json_is_string(json_object_get(root, "object")));
        assert_true(json_is_null(json_object_get(root, "value")));
        assert_true(json_is_null(json_object_get(root, "threshold")));
        assert_true(json_is_null(json_object_get(root, "unit")));
        assert_true(json_is_null(json_object_get(root, "since")));
        json_decref(root);
    }
    char *huge = mem_zalloc(100001);
    memset(huge, 'q', 100000);
    struct alert_change change = {
        .to = ALERT_FIRING, .metric = 0, .rule = text("x"), .object = huge, .text = huge};
    json_t *root = object_of(&s, &change);
    assert_int_equal(strlen(text_of(root, "object")), 1024); /* bounded */
    json_decref(root);
    mem_free(huge);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(title__says_how_bad_it_is__before_anything_else),
        cmocka_unit_test(json__has_all_of_the_change),
        cmocka_unit_test(json__stays_json__whatever_a_thing_is_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
