/* What a key event costs in allocations: none, from the server's bytes through the feed to the model. Counted
 * by standing in for malloc; a regression shows as a number, not as a time. */
#include "bench/allocations.h"
#include "collect/collect_priv.h"
#include "link/inbox.h"
#include "support/unit.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/model/model.h"

enum { EVENTS = 20000, EXAMS = 500 };

struct house {
    struct model *model;
    struct collect collect; /* as much of it as events need; its link is never started */
    struct address address;
    struct ev_loop *loop;
    struct inbox *inbox;
    UT_string bytes;      /* EVENTS notifications as the server sends them */
    size_t facts, events; /* told; counted by them */
};

static void sink(void *ctx, const struct fact *f)
{
    struct house *h = ctx;
    h->facts++;
    h->events += f->kind == FACT_KEY_EVENT ? (size_t)f->key_event.count : 0;
    model_apply(h->model, f);
}

static bool known(void *ctx, enum target_kind kind, struct span id)
{
    (void)ctx;
    (void)kind;
    (void)id;
    return true;
}

static void add_event(UT_string *out, const char *event, const char *key)
{
    char channel[64];
    snprintf(channel, sizeof channel, "__keyevent@0__:%s", event);
    utstring_printf(out, "*3\r\n$7\r\nmessage\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen(channel), channel,
                    strlen(key), key);
}

static int set_up(void **state)
{
    static const char *const events[] = {"set", "expire", "del", "expired", "keymiss", "evicted"};
    struct house *h = mem_zalloc(sizeof *h);
    h->model = model_new();
    h->collect.options = (struct collect_options){
        .sink = sink, .known = known, .ctx = h, .families = model_families(h->model)};
    h->loop = ev_loop_new(0);
    assert_true(address_parse(&h->address, "unix:///nowhere", NULL));
    h->collect.feed_link = link_new(h->loop, &(struct link_options){.name = "feed", .address = &h->address});
    h->inbox = inbox_new(true);
    inbox_expect_messages(h->inbox);
    utstring_init(&h->bytes);
    for (int i = 0; i < EVENTS; i++) {
        char key[64];
        snprintf(key, sizeof key, i % 3 ? "exam:questions:%d" : "cache:api.routes.stats:%d", i % EXAMS);
        add_event(&h->bytes, events[i % 6], key);
    }
    *state = h;
    return 0;
}

static int tear_down(void **state)
{
    struct house *h = *state;
    link_free(h->collect.feed_link);
    address_release(&h->address);
    ev_loop_destroy(h->loop);
    inbox_free(h->inbox);
    model_free(h->model);
    utstring_done(&h->bytes);
    mem_free(h);
    return 0;
}

static void feed_all(struct house *h)
{
    struct inbox_item item;
    for (struct span rest = text_span(&h->bytes); rest.len;) {
        if (inbox_message(h->inbox, &rest, &item)) {
            feed_message(&h->collect, item.pattern, item.channel, item.payload);
            continue;
        }
        size_t bite = inbox_bite(h->inbox, rest);
        inbox_feed(h->inbox, span_head(rest, bite));
        rest = span_skip(rest, bite);
        while (inbox_next(h->inbox, &item) == INBOX_MESSAGE) {
            feed_message(&h->collect, item.pattern, item.channel, item.payload);
        }
    }
}

static void a_key_event__allocates__nothing(void **state)
{
    struct house *h = *state;
    if (!allocations_counted) {
        skip();
    }
    feed_all(h); /* families and buffers come into being */
    assert_int_equal(h->facts, EVENTS);
    int64_t before = allocations;
    assert_true(!allocations_counted || before > 0); /* it counts at all */
    feed_all(h);
    assert_int_equal(h->facts, 2 * EVENTS);
    assert_int_equal(allocations - before, 0);
}

static int64_t counted(const struct model *m, enum notify_event event)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model_family_count(m); i++) {
        sum += model_family_at(m, i)->events[event];
    }
    return sum;
}

/* What comes in one read is told as a few facts, and every event is in them. */
static void a_burst__counts__every_event__in_few_facts__without_allocation(void **state)
{
    enum { MISSES = EVENTS / 6, FEW = 20 };
    struct house *h = *state;
    feed_all(h);
    int64_t before = allocations;
    assert_true(!allocations_counted || before > 0); /* it counts at all */
    size_t facts = h->facts;
    size_t events = h->events;
    feed_burst(&h->collect, true);
    feed_all(h);
    feed_burst(&h->collect, false);
    assert_int_equal(h->events - events, EVENTS);
    assert_true(h->facts - facts <= MISSES + FEW); /* a miss is told by itself */
    assert_int_equal(counted(h->model, NOTIFY_SET), 2 * ((EVENTS + 5) / 6));
    assert_int_equal(counted(h->model, NOTIFY_EXPIRED), 2 * ((EVENTS + 2) / 6));
    assert_int_equal(allocations_counted ? allocations - before : 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_event__allocates__nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_burst__counts__every_event__in_few_facts__without_allocation,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
