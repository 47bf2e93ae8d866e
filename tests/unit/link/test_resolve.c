#include "link/resolve.h"
#include "support/unit.h"

#include <ev.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include "redai/base/mem.h"

/* In the place of libc's: numeric hosts are known, a name is looked up until the test opens the gate. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_open;
    int asked, answered, freed; /* of names */
    int code;
} service = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int getaddrinfo(const char *restrict name, const char *restrict port, const struct addrinfo *restrict hints,
                struct addrinfo **restrict ret)
{
    bool is_numeric = name[0] >= '0' && name[0] <= '9';
    (void)port;
    if ((hints->ai_flags & AI_NUMERICHOST) && !is_numeric) {
        return EAI_NONAME;
    }
    pthread_mutex_lock(&service.lock);
    int code = 0;
    if (!is_numeric) {
        service.asked++;
        pthread_cond_broadcast(&service.changed);
        while (!service.is_open) {
            pthread_cond_wait(&service.changed, &service.lock);
        }
        code = service.code;
        service.answered++;
    }
    if (code == 0) {
        *ret = mem_zalloc(sizeof(**ret) + sizeof(struct sockaddr_in));
        (*ret)->ai_addrlen = sizeof(struct sockaddr_in);
        (*ret)->ai_addr = (struct sockaddr *)(void *)(*ret + 1);
    }
    pthread_cond_broadcast(&service.changed);
    pthread_mutex_unlock(&service.lock);
    return code;
}

void freeaddrinfo(struct addrinfo *list)
{
    pthread_mutex_lock(&service.lock);
    service.freed++;
    mem_free(list);
    pthread_cond_broadcast(&service.changed);
    pthread_mutex_unlock(&service.lock);
}

static void set_gate(bool is_open, int code)
{
    pthread_mutex_lock(&service.lock);
    service.is_open = is_open;
    service.code = code;
    pthread_cond_broadcast(&service.changed);
    pthread_mutex_unlock(&service.lock);
}

/* ctest's own limit is the bound. */
static void wait_until(const int *counter, int count)
{
    pthread_mutex_lock(&service.lock);
    while (*counter < count) {
        pthread_cond_wait(&service.changed, &service.lock);
    }
    pthread_mutex_unlock(&service.lock);
}

struct asker {
    struct ev_loop *loop;
    struct resolver *resolver;
    int calls;
    struct err err;
};

static void on_resolved(void *user, const struct err *err)
{
    struct asker *a = user;
    a->calls++;
    a->err = err ? *err : (struct err){0};
    ev_break(a->loop, EVBREAK_ALL);
}

static int prepare(void **state)
{
    struct asker *a = mem_zalloc(sizeof(*a));
    set_gate(false, 0);
    service.asked = service.answered = service.freed = 0;
    a->loop = ev_loop_new(EVFLAG_AUTO);
    a->resolver = resolver_new(a->loop, "name", 6379, on_resolved, a);
    *state = a;
    return 0;
}

static int clear(void **state)
{
    struct asker *a = *state;
    resolver_free(a->resolver);
    ev_loop_destroy(a->loop);
    mem_free(a);
    return 0;
}

static void resolver_begin__answers_at_once__when_the_host_is_numeric(void **state)
{
    struct asker *a = *state;
    struct err err = {0};
    socklen_t len = 0;
    struct resolver *r = resolver_new(a->loop, "127.0.0.1", 6379, on_resolved, a);
    assert_int_equal(resolver_begin(r, &err), RESOLVE_DONE);
    assert_non_null(resolver_address(r, 0, &len));
    assert_int_equal(len, sizeof(struct sockaddr_in));
    assert_null(resolver_address(r, 1, &len));
    assert_int_equal(service.asked, 0);
    resolver_free(r);
    assert_int_equal(service.freed, 1);
}

static void resolver_begin__returns_before_the_answer_and_calls_back__when_the_host_is_a_name(void **state)
{
    struct asker *a = *state;
    struct err err = {0};
    socklen_t len = 0;
    assert_int_equal(resolver_begin(a->resolver, &err), RESOLVE_WAITING);
    wait_until(&service.asked, 1);
    ev_run(a->loop, EVRUN_NOWAIT);
    assert_int_equal(a->calls, 0);
    assert_null(resolver_address(a->resolver, 0, &len));
    set_gate(true, 0);
    ev_run(a->loop, 0);
    assert_int_equal(a->calls, 1);
    assert_int_equal(a->err.code, ERR_NONE);
    assert_non_null(resolver_address(a->resolver, 0, &len));
}

static void resolver_begin__says_which_host__when_it_is_not_found(void **state)
{
    struct asker *a = *state;
    struct err err = {0};
    set_gate(true, EAI_NONAME);
    assert_int_equal(resolver_begin(a->resolver, &err), RESOLVE_WAITING);
    ev_run(a->loop, 0);
    assert_int_equal(a->err.code, ERR_NETWORK);
    assert_non_null(strstr(a->err.text, "host \"name\": "));
    /* And asks anew the next time. */
    set_gate(true, 0);
    assert_int_equal(resolver_begin(a->resolver, &err), RESOLVE_WAITING);
    ev_run(a->loop, 0);
    assert_int_equal(a->err.code, ERR_NONE);
    assert_int_equal(service.asked, 2);
}

static void resolver_begin__starts_no_second_thread__when_the_first_still_hangs(void **state)
{
    struct asker *a = *state;
    struct err err = {0};
    for (int i = 0; i < 10; i++) {
        assert_int_equal(resolver_begin(a->resolver, &err), RESOLVE_WAITING);
        resolver_pause(a->resolver);
    }
    wait_until(&service.asked, 1);
    set_gate(true, 0);
    wait_until(&service.answered, 1);
    ev_run(a->loop, EVRUN_NOWAIT);
    assert_int_equal(a->calls, 0);
    /* The late answer is the answer. */
    if (resolver_begin(a->resolver, &err) == RESOLVE_WAITING) {
        ev_run(a->loop, 0);
    }
    socklen_t len = 0;
    assert_non_null(resolver_address(a->resolver, 0, &len));
    assert_int_equal(service.asked, 1);
}

static void resolver_free__lets_the_thread_end_by_itself__when_a_name_is_being_looked_up(void **state)
{
    struct asker *a = *state;
    struct err err = {0};
    assert_int_equal(resolver_begin(a->resolver, &err), RESOLVE_WAITING);
    wait_until(&service.asked, 1);
    resolver_free(a->resolver);
    a->resolver = NULL;
    set_gate(true, 0);
    /* Nobody is left to take the answer, so the thread gives it back. */
    wait_until(&service.freed, 1);
    ev_run(a->loop, EVRUN_NOWAIT);
    assert_int_equal(a->calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(resolver_begin__answers_at_once__when_the_host_is_numeric, prepare,
                                        clear),
        cmocka_unit_test_setup_teardown(
            resolver_begin__returns_before_the_answer_and_calls_back__when_the_host_is_a_name, prepare,
            clear),
        cmocka_unit_test_setup_teardown(resolver_begin__says_which_host__when_it_is_not_found, prepare,
                                        clear),
        cmocka_unit_test_setup_teardown(resolver_begin__starts_no_second_thread__when_the_first_still_hangs,
                                        prepare, clear),
        cmocka_unit_test_setup_teardown(
            resolver_free__lets_the_thread_end_by_itself__when_a_name_is_being_looked_up, prepare, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
