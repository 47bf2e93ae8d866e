#include "unit/schema/fixture.h"

#include "redai/base/base64.h"

#include "redai/schema/message.h"

static const struct task_spec hello = {
    .task = "api.tasks.test_redis_task",
    .id = "5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a",
    .args = "[\"hello\"]",
    .queue = "celery",
    .eta_wall_us = -1,
    .expires_wall_us = -1,
    .origin = "redai-console@demo",
    .delivery_tag = "81b86eef-6e1a-45d3-abfa-3ebb99678b91",
};

static void replace(UT_string *text, const char *old, const char *new)
{
    UT_string out;
    size_t at = span_search(text_span(text), span_of(old));
    assert_true(at < utstring_len(text));
    utstring_init(&out);
    text_add(&out, span_head(text_span(text), at));
    text_add(&out, span_of(new));
    text_add(&out, span_skip(text_span(text), at + strlen(old)));
    utstring_clear(text);
    text_add(text, text_span(&out));
    utstring_done(&out);
}

/* Byte for byte what `test_redis_task.delay('hello')` sent, but for who sent it. */
static void message_encode__writes_what_celery_writes(void **state)
{
    (void)state;
    UT_string captured, element;
    struct err err = {0};

    fixture_read("msg-test_redis_task.json", &captured);
    replace(&captured, "gen23497@demo", "redai-console@demo");
    replace(&captured, "\"reply_to\": \"a3fccc46-282d-38e7-b571-117938ab5bfe\"", "\"reply_to\": \"\"");
    utstring_init(&element);
    assert_true(message_encode(&hello, &element, &err));
    assert_string_equal(element.d, captured.d);
    assert_int_equal(err.code, ERR_NONE);
    utstring_done(&element);
    utstring_done(&captured);
}

static void message_encode__appends(void **state)
{
    (void)state;
    UT_string element;
    utstring_init(&element);
    text_add(&element, S("x"));
    assert_true(message_encode(&hello, &element, NULL));
    assert_true(span_starts(text_span(&element), S("x{\"body\": \"")));
    utstring_done(&element);
}

/* The body's text of an element. */
static void body_of(const UT_string *element, UT_string *body)
{
    struct span rest = span_skip(text_span(element), sizeof("{\"body\": \"") - 1);
    utstring_init(body);
    assert_true(base64_decode(span_head(rest, span_find(rest, '"')), body));
}

static void message_encode__writes_every_field(void **state)
{
    (void)state;
    struct task_spec spec = hello;
    UT_string element, body;
    struct message m;

    spec.args = "[1, 2.50, 1e308, -0.0, \"gr\xc3\xbc\xc3\x9f"
                "e \\u2713\", \"it's\", null, true, {\"k\": [1e16]}, \"\\u0000\"]";
    spec.kwargs = "{\"n\" : 5}";
    spec.queue = "my questions:*";
    spec.priority = 7;
    spec.eta_wall_us = INT64_C(1795426411560541);
    spec.expires_wall_us = INT64_C(1795430000000000);
    spec.root_id = "root";
    spec.parent_id = "parent";
    spec.chain = "[{\"task\": \"t.next\", \"args\": [10], \"kwargs\": {}, \"options\": {\"task_id\": \"n\"}, "
                 "\"subtask_type\": null, \"immutable\": false}]";
    utstring_init(&element);
    assert_true(message_encode(&spec, &element, NULL));
    for (size_t i = 0; i < utstring_len(&element); i++) {
        assert_true(element.d[i] >= ' ' && element.d[i] <= '~');
    }
    body_of(&element, &body);
    assert_string_equal(
        body.d,
        "[[1, 2.5, 1e+308, -0.0, \"gr\\u00fc\\u00dfe \\u2713\", \"it's\", null, true, {\"k\": [1e+16]}, "
        "\"\\u0000\"], {\"n\": 5}, {\"callbacks\": null, \"errbacks\": null, \"chain\": [{\"task\": "
        "\"t.next\", \"args\": [10], \"kwargs\": {}, \"options\": {\"task_id\": \"n\"}, "
        "\"subtask_type\": null, \"immutable\": false}], \"chord\": null}]");
    utstring_done(&body);

    message_decode(&m, text_span(&element));
    assert_int_equal(m.fate, MESSAGE_FINE);
    assert_string_equal(m.queue, "my questions:*");
    assert_int_equal(m.priority, 7);
    assert_string_equal(m.eta, "2026-11-23T09:33:31.560541+00:00");
    assert_non_null(m.expires);
    assert_string_equal(m.root_id, "root");
    assert_string_equal(m.parent_id, "parent");
    assert_string_equal(m.kwargs, "{\"n\":5}");
    message_release(&m);
    assert_true(span_search(text_span(&element),
                            S("\"argsrepr\": \"(1, 2.5, 1e+308, -0.0, 'gr\\u00fc\\u00dfe \\u2713', "
                              "\\\"it's\\\", None, True, {'k': [1e+16]}, '\\\\x00')\"")) <
                utstring_len(&element));
    utstring_done(&element);
}

static void message_encode__names_the_wrong_word(void **state)
{
    (void)state;
    char longest[300];
    memset(longest, 'x', sizeof(longest));
    longest[256] = '\0';
    const struct {
        const char *member;
        struct task_spec change;
        const char *word;
    } cases[] = {
        {"task", {.task = ""}, "task is empty"},
        {"task", {.task = "a b"}, "task holds a blank"},
        {"task", {.task = "a\nb"}, "task holds the unprintable character U+000A"},
        {"task", {.task = "a\x1b[31m"}, "U+001B"},
        {"task", {.task = "a\xe2\x80\xae"}, "U+202E"},
        {"task", {.task = "a\xff"}, "task is no UTF-8"},
        {"task", {.task = longest}, "task is longer than 255 bytes"},
        {"id", {.id = ""}, "id is empty"},
        {"id", {.id = "a b"}, "id holds a blank"},
        {"delivery_tag", {.delivery_tag = ""}, "delivery_tag is empty"},
        {"origin", {.origin = "a b"}, "origin holds a blank"},
        {"root_id", {.root_id = ""}, "root_id is empty"},
        {"parent_id", {.parent_id = "\t"}, "parent_id"},
        {"queue", {.queue = ""}, "queue is empty"},
        {"queue", {.queue = " a"}, "queue begins or ends with a blank"},
        {"queue",
         {.queue = "q\x06\x16"
                   "3"},
         "queue holds the unprintable"},
        {"queue", {.queue = "unacked"}, "'unacked'"},
        {"queue", {.queue = "session:1"}, "'session:1'"},
        {"queue", {.queue = "_kombu.binding.celery"}, "another use"},
        {"args", {.args = ""}, "args is no JSON"},
        {"args", {.args = "hello"}, "args is no JSON"},
        {"args", {.args = "[1"}, "args is no JSON"},
        {"args", {.args = "[NaN]"}, "args is no JSON"},
        {"args", {.args = "[1e999]"}, "args is no JSON"},
        {"args", {.args = "[\"\\ud800\"]"}, "args is no JSON"},
        {"args", {.args = "[\"\xff\"]"}, "args is no JSON"},
        {"args", {.args = "{}"}, "args is no JSON array"},
        {"args", {.args = "null"}, "args is no JSON array"},
        {"args", {.args = "\"x\""}, "args is no JSON array"},
        {"kwargs", {.kwargs = "[]"}, "kwargs is no JSON object"},
        {"kwargs", {.kwargs = "null"}, "kwargs is no JSON object"},
        {"kwargs", {.kwargs = "{\"a\": 1, \"a\": 2}"}, "kwargs is no JSON: duplicate object key"},
        {"chain", {.chain = "{}"}, "chain is no JSON array"},
        {"chain", {.chain = "[5]"}, "chain holds something that is no signature"},
        {"chain", {.chain = "[{\"task\": \"t\"}]"}, "chain holds something that is no signature"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct task_spec spec = hello;
        const struct task_spec *c = &cases[i].change;
        const struct {
            const char **to;
            const char *from;
        } members[] = {{&spec.task, c->task},       {&spec.id, c->id},
                       {&spec.args, c->args},       {&spec.kwargs, c->kwargs},
                       {&spec.queue, c->queue},     {&spec.origin, c->origin},
                       {&spec.root_id, c->root_id}, {&spec.parent_id, c->parent_id},
                       {&spec.chain, c->chain},     {&spec.delivery_tag, c->delivery_tag}};
        for (size_t n = 0; n < COUNT_OF(members); n++) {
            *members[n].to = members[n].from ? members[n].from : *members[n].to;
        }
        UT_string element;
        struct err err = {0};
        utstring_init(&element);
        if (message_encode(&spec, &element, &err)) {
            fail_msg("%s (%s) was taken", cases[i].member, cases[i].word);
        }
        if (span_search(span_of(err.text), span_of(cases[i].word)) == strlen(err.text)) {
            fail_msg("'%s' does not say '%s'", err.text, cases[i].word);
        }
        assert_int_equal(utstring_len(&element), 0);
        utstring_done(&element);
    }
}

static void message_encode__refuses_numbers_out_of_range(void **state)
{
    (void)state;
    static const struct {
        int priority;
        int64_t eta, expires;
    } cases[] = {{-1, -1, -1}, {10, -1, -1}, {0, -2, -1}, {0, INT64_MAX, -1}, {0, -1, INT64_MIN}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct task_spec spec = hello;
        UT_string element;
        struct err err = {0};
        spec.priority = cases[i].priority;
        spec.eta_wall_us = cases[i].eta;
        spec.expires_wall_us = cases[i].expires;
        utstring_init(&element);
        assert_false(message_encode(&spec, &element, &err));
        assert_int_equal(err.code, ERR_RANGE);
        utstring_done(&element);
    }
}

static void message_encode__bounds_size_and_depth(void **state)
{
    (void)state;
    UT_string args, element;
    struct err err = {0};
    struct task_spec spec = hello;

    utstring_init(&element);
    utstring_init(&args);
    text_add(&args, S("[\""));
    for (int i = 0; i < 700000; i++) {
        text_add(&args, S("x"));
    }
    text_add(&args, S("\"]"));
    spec.args = args.d;
    assert_true(message_encode(&spec, &element, &err)); /* 933 kB as base64 */
    utstring_clear(&element);
    args.i -= 2;
    for (int i = 0; i < 200000; i++) {
        text_add(&args, S("x"));
    }
    text_add(&args, S("\"]"));
    spec.args = args.d;
    assert_false(message_encode(&spec, &element, &err));
    assert_string_equal(err.text, "the message is larger than 1048576 bytes");
    utstring_done(&args);

    utstring_init(&args);
    for (int i = 0; i < 100; i++) {
        text_add(&args, S("["));
    }
    for (int i = 0; i < 100; i++) {
        text_add(&args, S("]"));
    }
    spec.args = args.d;
    assert_false(message_encode(&spec, &element, &err));
    assert_string_equal(err.text, "the message is refused: args or kwargs are nested too deep");
    utstring_done(&args);
    utstring_done(&element);
}

/* Every element of fates.tsv that is not fine must not leave. */
static void message_check__refuses_all_that_harms(void **state)
{
    (void)state;
    UT_string table, element;
    size_t refused = 0;

    utstring_init(&element);
    fixture_read("fates.tsv", &table);
    for (struct span rest = text_span(&table); rest.len;) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        rest = span_skip(rest, line.len + 1);
        bool fine = span_starts(line, S("fine\t"));
        struct span name = span_skip(line, span_find(line, '\t') + 1);
        utstring_clear(&element);
        assert_true(base64_decode(span_skip(name, span_find(name, '\t') + 1), &element));
        struct err err = {0};
        bool good = message_check(text_span(&element), &err);
        if (good && !fine) {
            fail_msg("%.*s", (int)span_find(name, '\t'), name.data);
        }
        assert_int_equal(good, err.code == ERR_NONE);
        refused += !good;
    }
    assert_true(refused > 200);
    utstring_done(&element);
    utstring_done(&table);
}

static void message_check__passes_captured_messages_of_protocol_2(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        bool good;
    } cases[] = {
        {"msg-test_redis_task.json", true},
        {"msg-batch_generate_questions.json", true},
        {"msg-chain.json", true},
        {"msg-kwargs-unicode.json", true},
        {"msg-priority-5.json", true},
        {"msg-redelivered.json", true},
        {"msg-gzip.json", false},
        {"msg-pickle.json", false},
        {"msg-yaml.json", false},
        {"msg-protocol-1.json", false},
        {"handmade/task-minimal.json", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string element;
        struct err err = {0};
        fixture_read(cases[i].file, &element);
        if (message_check(text_span(&element), &err) != cases[i].good) {
            fail_msg("%s: %s", cases[i].file, err.text);
        }
        utstring_done(&element);
    }
}

static void message_check__looks_at_each_required_field(void **state)
{
    (void)state;
    static const char *const breaks[][2] = {
        {"\"delivery_tag\": \"81b86eef-6e1a-45d3-abfa-3ebb99678b91\"", "\"delivery_tag\": 7"},
        {"\"delivery_tag\": \"8", "\"delivery_tag\": \" 8"},
        {"\"exchange\": \"\"", "\"exchange\": null"},
        {"\"routing_key\": \"celery\"", "\"routing_key\": \"\""},
        {"\"routing_key\": \"celery\"", "\"routing_key\": \"unacked\""},
        {"\"body_encoding\": \"base64\"", "\"body_encoding\": null"},
        {"\"content-type\": \"application/json\"", "\"content-type\": \"application/x-yaml\""},
        {"\"priority\": 0", "\"priority\": 11"},
        {"\"retries\": 0", "\"retries\": \"x\""},
        {"\"task\": \"api.tasks.test_redis_task\"", "\"task\": null"},
        {"\"id\": \"5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a\"", "\"id\": \"\""},
        {"\"eta\": null", "\"eta\": \"soon\""},
        {"\"lang\"", "\"compression\": \"gzip\", \"lang\""},
        {"}}", "}}\n"},
        {"\"origin\": \"", "\"origin\": \"\xc3\xbc"},
    };
    for (size_t i = 0; i < COUNT_OF(breaks); i++) {
        UT_string element;
        utstring_init(&element);
        assert_true(message_encode(&hello, &element, NULL));
        assert_true(message_check(text_span(&element), NULL));
        replace(&element, breaks[i][0], breaks[i][1]);
        if (message_check(text_span(&element), NULL)) {
            fail_msg("taken with %s", breaks[i][1]);
        }
        utstring_done(&element);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_encode__writes_what_celery_writes),
        cmocka_unit_test(message_encode__appends),
        cmocka_unit_test(message_encode__writes_every_field),
        cmocka_unit_test(message_encode__names_the_wrong_word),
        cmocka_unit_test(message_encode__refuses_numbers_out_of_range),
        cmocka_unit_test(message_encode__bounds_size_and_depth),
        cmocka_unit_test(message_check__refuses_all_that_harms),
        cmocka_unit_test(message_check__passes_captured_messages_of_protocol_2),
        cmocka_unit_test(message_check__looks_at_each_required_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
