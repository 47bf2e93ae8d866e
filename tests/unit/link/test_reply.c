#include "link/inbox.h"
#include "support/unit.h"

#include <hiredis/hiredis.h>

#include "redai/link/reply.h"

struct reading {
    struct inbox *in;
    struct inbox_item item;
};

static const struct reply *read_reply(struct reading *r, const char *bytes)
{
    r->in = inbox_new(false);
    inbox_feed(r->in, span_of(bytes));
    assert_int_equal(inbox_next(r->in, &r->item), INBOX_REPLY);
    return r->item.reply;
}

static void reading_release(struct reading *r)
{
    inbox_drop(&r->item, r->in);
    inbox_free(r->in);
}

static void assert_span(struct span got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.data, expected, got.len);
}

struct row {
    const char *bytes;
    enum reply_type type;
    const char *text, *error; /* reply_text, reply_error */
    bool is_ok, is_string, is_int;
    int64_t integer;
    size_t count;
};

static const struct row rows[] = {
    {"+OK\r\n", REPLY_STATUS, "OK", "", true, true, false, 0, 0},
    {"+QUEUED\r\n", REPLY_STATUS, "QUEUED", "", false, true, false, 0, 0},
    {"-ERR no\r\n", REPLY_ERROR, "", "ERR no", false, false, false, 0, 0},
    /* arguments that the server echoes may be secrets */
    {"-ERR unknown command 'AUTH', with args beginning with: 'secret' \r\n", REPLY_ERROR, "",
     "ERR unknown command 'AUTH'", false, false, false, 0, 0},
    {"-OK\r\n", REPLY_ERROR, "", "OK", false, false, false, 0, 0},
    {"-\r\n", REPLY_ERROR, "", "an error without a word", false, false, false, 0, 0},
    {"-  \r\n", REPLY_ERROR, "", "an error without a word", false, false, false, 0, 0},
    {":42\r\n", REPLY_INTEGER, "", "", false, false, true, 42, 0},
    {":-1\r\n", REPLY_INTEGER, "", "", false, false, true, -1, 0},
    {":9223372036854775807\r\n", REPLY_INTEGER, "", "", false, false, true, REPLY_INT_MOST, 0},
    {":281474976710656\r\n", REPLY_INTEGER, "", "", false, false, true, REPLY_INT_MOST, 0},
    {":281474976710655\r\n", REPLY_INTEGER, "", "", false, false, true, REPLY_INT_MOST - 1, 0},
    {":-9223372036854775808\r\n", REPLY_INTEGER, "", "", false, false, true, -REPLY_INT_MOST, 0},
    {"$19\r\n9223372036854775807\r\n", REPLY_STRING, "9223372036854775807", "", false, true, true,
     REPLY_INT_MOST, 0},
    {"$2\r\nOK\r\n", REPLY_STRING, "OK", "", false, true, false, 0, 0},
    {"$0\r\n\r\n", REPLY_STRING, "", "", false, true, false, 0, 0},
    {"$3\r\n-17\r\n", REPLY_STRING, "-17", "", false, true, true, -17, 0},
    {"$3\r\n1 7\r\n", REPLY_STRING, "1 7", "", false, true, false, 0, 0},
    {"$20\r\n99999999999999999999\r\n", REPLY_STRING, "99999999999999999999", "", false, true, false, 0, 0},
    {"+12\r\n", REPLY_STATUS, "12", "", false, true, false, 0, 0},
    {"$-1\r\n", REPLY_NIL, "", "", false, false, false, 0, 0},
    {"*-1\r\n", REPLY_NIL, "", "", false, false, false, 0, 0},
    {"*0\r\n", REPLY_ARRAY, "", "", false, false, false, 0, 0},
    {"*2\r\n:1\r\n$1\r\na\r\n", REPLY_ARRAY, "", "", false, false, false, 0, 2},
};

static void assert_row(const struct reply *r, const struct row *row)
{
    struct span text = S("untouched");
    int64_t integer = 4711;

    assert_int_equal(reply_type(r), row->type);
    assert_span(reply_text(r), row->text);
    assert_span(reply_error(r), row->error);
    assert_int_equal(reply_is_error(r), row->type == REPLY_ERROR);
    assert_int_equal(reply_is_ok(r), row->is_ok);
    assert_int_equal(reply_string(r, &text), row->is_string);
    assert_span(text, row->is_string ? row->text : "untouched");
    assert_int_equal(reply_int(r, &integer), row->is_int);
    assert_int_equal(integer, row->is_int ? row->integer : 4711);
    assert_int_equal(reply_count(r), row->count);
    assert_null(reply_at(r, row->count));
    assert_null(reply_at(r, SIZE_MAX));
}

static void reply_readers__touch_nothing_of_another_type__when_any_type_comes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reading r = {0};
        assert_row(read_reply(&r, rows[i].bytes), &rows[i]);
        reading_release(&r);
    }
}

static void reply_readers__say_none__when_the_reply_never_came(void **state)
{
    (void)state;
    static const struct row none = {"", REPLY_NONE, "", "", false, false, false, 0, 0};
    assert_row(NULL, &none);
}

static void reply_type__is_other__when_a_newer_server_invents_one(void **state)
{
    (void)state;
    static const struct row other = {"", REPLY_OTHER, "", "", false, false, false, 0, 0};
    redisReply made = {.type = 99};
    assert_row((const struct reply *)&made, &other);
}

static void reply_at__gives_the_elements_in_order__when_arrays_are_nested(void **state)
{
    (void)state;
    struct reading r = {0};
    int64_t integer = 0;
    const struct reply *root = read_reply(&r, "*3\r\n:7\r\n*2\r\n$1\r\na\r\n$-1\r\n-ERR x\r\n");
    assert_int_equal(reply_count(root), 3);
    assert_true(reply_int(reply_at(root, 0), &integer));
    assert_int_equal(integer, 7);
    assert_span(reply_text(reply_at(reply_at(root, 1), 0)), "a");
    assert_int_equal(reply_type(reply_at(reply_at(root, 1), 1)), REPLY_NIL);
    assert_span(reply_error(reply_at(root, 2)), "ERR x");
    assert_null(reply_at(reply_at(root, 0), 0));
    reading_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_readers__touch_nothing_of_another_type__when_any_type_comes),
        cmocka_unit_test(reply_readers__say_none__when_the_reply_never_came),
        cmocka_unit_test(reply_type__is_other__when_a_newer_server_invents_one),
        cmocka_unit_test(reply_at__gives_the_elements_in_order__when_arrays_are_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
