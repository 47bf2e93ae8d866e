/* What the snapshot's JSON says of what is not known. */
#include "app/snapshot.h"
#include "unit/model/story.h"

#include <jansson.h>

static json_t *read(const struct story *s)
{
    UT_string out;
    utstring_init(&out);
    snapshot_json(s->m, -1, &out);
    json_t *root = json_loads(utstring_body(&out), 0, NULL);
    if (!root) {
        fail_msg("%s", utstring_body(&out));
    }
    utstring_done(&out);
    return root;
}

static void expect_broker(const struct story *s, json_type reachable, const char *error)
{
    json_t *root = read(s);
    json_t *broker = json_object_get(json_object_get(root, "server"), "broker");
    assert_int_equal(json_typeof(json_object_get(broker, "reachable")), reachable);
    const char *said = json_string_value(json_object_get(broker, "error"));
    assert_string_equal(said ? said : "-", error);
    json_decref(root);
}

static void site_that_nothing_is_known_of__is_neither_reachable_nor_not(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=redis://app:6379/0 broker=redis://broker:6379/0");
    expect_broker(&s, JSON_NULL, "-");
    story_tell(&s, "link role=broker state=connecting");
    expect_broker(&s, JSON_NULL, "-");
    story_tell(&s, "link role=broker state=up");
    expect_broker(&s, JSON_TRUE, "-");
    story_tell(&s, "link role=broker state=down error=refused");
    expect_broker(&s, JSON_FALSE, "refused");
    story_tell(&s, "link role=broker state=connecting error=refused");
    expect_broker(&s, JSON_FALSE, "refused");
    story_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(site_that_nothing_is_known_of__is_neither_reachable_nor_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
