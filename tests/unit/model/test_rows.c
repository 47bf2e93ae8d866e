/* Workers, the detail view and receipts: the smaller tables. */
#include "story.h"

#include <math.h>
#include <stdio.h>

static void worker__is_known__by_its_last_event(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker name=w2@demo event=online");
    story_tell(&s, "worker name=\"w1@\\x1bdemo\" event=heartbeat active=2 processed=77 freq=2");
    story_wait(&s, 2);
    story_tell(&s, "worker name=w2@demo event=offline");
    assert_int_equal(model_worker_count(s.m), 2);
    const struct worker *w = model_worker_at(s.m, 0);
    assert_string_equal(w->display, "w1@^[demo");
    assert_int_equal(w->active, 2);
    assert_int_equal(w->processed, 77);
    assert_int_equal(w->beat_us, STORY_START);
    assert_true(model_worker_at(s.m, 1)->offline);
    assert_int_equal(model_worker_at(s.m, 1)->active, -1);
    story_tell(&s, "worker name=w2@demo event=online");
    assert_false(model_worker_at(s.m, 1)->offline);
    story_end(&s);
}

static void worker__goes__ten_minutes_after_goodbye_or_an_hour_of_silence(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker name=gone event=offline");
    story_tell(&s, "worker name=silent event=heartbeat");
    story_wait(&s, 599);
    assert_int_equal(model_worker_count(s.m), 2);
    story_wait(&s, 1);
    assert_int_equal(model_worker_count(s.m), 1);
    story_wait(&s, 2999);
    assert_int_equal(model_worker_count(s.m), 1);
    story_wait(&s, 1);
    assert_int_equal(model_worker_count(s.m), 0);
    story_end(&s);
}

static void workers__are_capped__and_the_most_silent_gives_way(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 1001; i++) {
        story_tell(&s, "worker name=w%04d event=online", i);
        s.now_us++;
    }
    assert_int_equal(model_worker_count(s.m), 1000);
    assert_string_equal(model_worker_at(s.m, 0)->name, "w0001");
    story_end(&s);
}

static void peek__is__a_document_of_lines(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(model_peek(s.m)->subject.kind, TARGET_NONE);
    story_tell(&s, "peek phase=begin kind=queue id=celery label=\"queue \\x1bcelery\"");
    story_tell(&s, "peek phase=line kind=queue id=celery label=1 text=\"\\x1b]0;t\\x07\" link_kind=task "
                   "link_id=\"a\\x00b\"");
    story_tell(&s, "peek phase=line kind=queue id=other label=2 text=late");
    const struct peek *p = model_peek(s.m);
    assert_false(p->complete);
    story_tell(&s, "peek phase=end kind=queue id=celery text=\"first 1 of 9\"");
    assert_true(p->complete);
    assert_string_equal(p->title, "queue ^[celery");
    assert_string_equal(p->remark, "first 1 of 9");
    assert_int_equal(utarray_len(&p->line), 1);
    const struct peek_line *line = (const struct peek_line *)utarray_front(&p->line);
    assert_string_equal(line->text, "^[]0;t^G");
    assert_int_equal(line->link.kind, TARGET_TASK);
    assert_true(span_equal(target_id(&line->link), S("a\0b")));
    story_tell(&s, "peek phase=begin kind=session id=x");
    assert_int_equal(utarray_len(&p->line), 0);
    assert_string_equal(p->remark, "");
    assert_false(p->complete);
    story_end(&s);
}

static void peek__is_bounded__in_lines_and_columns(void **state)
{
    (void)state;
    struct story s;
    char text[5001];
    story_begin(&s);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    story_tell(&s, "peek phase=begin kind=key id=k");
    story_tell(&s, "peek phase=line kind=key id=k text=%s", text);
    for (int i = 0; i < PEEK_LINES_MAX + 5; i++) {
        story_tell(&s, "peek phase=line kind=key id=k text=%d", i);
    }
    story_tell(&s, "peek phase=end kind=key id=k");
    const struct peek *p = model_peek(s.m);
    assert_int_equal(utarray_len(&p->line), PEEK_LINES_MAX);
    assert_int_equal(strlen(((const struct peek_line *)utarray_front(&p->line))->text), 4000);
    assert_string_equal(p->remark, "more lines than are shown");
    story_end(&s);
}

static void receipts__keep__the_last_five_hundred_newest_last(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 600; i++) {
        story_tell(&s, "receipt action=\"revoke session\" subject=s%d outcome=gone text=\"\\x1b\"", i);
    }
    story_tell(&s, "note text=\"phoned the DBA\"");
    assert_int_equal(model_receipt_count(s.m), 500);
    assert_string_equal(model_receipt_at(s.m, 0)->subject, "s101");
    assert_int_equal(model_receipt_at(s.m, 0)->outcome, OUTCOME_GONE);
    assert_string_equal(model_receipt_at(s.m, 0)->text, "^[");
    assert_string_equal(model_receipt_at(s.m, 499)->action, "note");
    assert_string_equal(model_receipt_at(s.m, 499)->text, "phoned the DBA");
    assert_int_equal(model_receipt_at(s.m, 499)->wall_us, STORY_WALL_US + STORY_START);
    assert_null(model_receipt_at(s.m, 500));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker__is_known__by_its_last_event),
        cmocka_unit_test(worker__goes__ten_minutes_after_goodbye_or_an_hour_of_silence),
        cmocka_unit_test(workers__are_capped__and_the_most_silent_gives_way),
        cmocka_unit_test(peek__is__a_document_of_lines),
        cmocka_unit_test(peek__is_bounded__in_lines_and_columns),
        cmocka_unit_test(receipts__keep__the_last_five_hundred_newest_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
