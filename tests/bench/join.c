/* bench_join: sessions joined with the sets of their users, facts in and views out: 100 000 sessions of 20
 * 000 users, one in fifty an orphan, one stale entry a user. No server. Lines "what<TAB>figure<TAB>unit" on
 * stdout.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <time.h>

#include "redai/base/clock.h"

#include "redai/model/model.h"

enum { SESSIONS = 100000, USERS = 20000, OF_USER = SESSIONS / USERS, TICKS = 100 };
#define WALL_US INT64_C(1767600000000000)

struct bench {
    struct model *model;
    int64_t now_us;
};

static void apply(struct bench *b, struct fact *f)
{
    f->at_us = b->now_us;
    f->wall_us = b->now_us + WALL_US;
    model_apply(b->model, f);
}

static void id_of(int64_t i, const char *kind, char out[48])
{
    snprintf(out, 48, "%s%014" PRIx64 "%025" PRId64, kind, ((uint64_t)i * UINT64_C(0x9e3779b97f4a7c15)) >> 8,
             i);
}

static void add_session(struct bench *b, int64_t i)
{
    char id[48], user[24], name[32], email[40];
    id_of(i, "s", id);
    snprintf(user, sizeof user, "%" PRId64, i / OF_USER + 1);
    snprintf(name, sizeof name, "User %" PRId64, i / OF_USER + 1);
    snprintf(email, sizeof email, "user%" PRId64 "@example.com", i / OF_USER + 1);
    struct fact f = {.kind = FACT_SESSION,
                     .session = {.id = span_of(id),
                                 .form = SESSION_FORM_OK,
                                 .user_id = span_of(user),
                                 .name = span_of(name),
                                 .email = span_of(email),
                                 .role = i % 5 ? S("student") : S("teacher"),
                                 .created_us = b->now_us + WALL_US - i % 80000 * US_PER_S,
                                 .updated_us = -1,
                                 .pttl_ms = 86400000 - i % 80000 * 1000,
                                 .bytes = 120}};
    apply(b, &f);
}

static void tell(struct bench *b, enum user_index_phase phase, const char *user, const char *id, int64_t size)
{
    struct fact f = {.kind = FACT_USER_INDEX,
                     .user_index = {.phase = phase,
                                    .user_id = span_of(user),
                                    .id = span_of(id),
                                    .pttl_ms = 80000000,
                                    .size = size,
                                    .error = S("")}};
    apply(b, &f);
}

static void read_set(struct bench *b, int64_t u)
{
    char user[24], id[48];
    int64_t size = 0;
    snprintf(user, sizeof user, "%" PRId64, u + 1);
    tell(b, USER_INDEX_BEGIN, user, "", -1);
    for (int64_t i = u * OF_USER; i < (u + 1) * OF_USER; i++) {
        if (i % 50) {
            id_of(i, "s", id);
            tell(b, USER_INDEX_MEMBER, user, id, -1);
            size++;
        }
    }
    id_of(u, "gone", id);
    tell(b, USER_INDEX_MEMBER, user, id, -1);
    tell(b, USER_INDEX_END, user, "", size + 1);
    struct fact f = {.kind = FACT_SESSION_GONE, .session_gone = {.id = span_of(id)}};
    apply(b, &f);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t begun_us;

static void begin(void)
{
    begun_us = cpu_us();
}

static void end(const char *what, int64_t of)
{
    printf("%s\t%.2f\tus\n", what, (double)(cpu_us() - begun_us) / (double)of);
}

static void tell_census(struct bench *b, enum census_phase phase)
{
    struct fact f = {.kind = FACT_CENSUS, .census = {phase, SESSIONS, SESSIONS}};
    apply(b, &f);
}

/* What a pane that shows all users does with each of them. */
static size_t look_at_all(const struct bench *b)
{
    size_t sum = 0;
    for (size_t i = 0; i < model_user_rows(b->model); i++) {
        const struct user_view *u = model_user_at(b->model, i);
        sum += u->orphans + u->stale + (size_t)u->name[0];
    }
    return sum;
}

int main(void)
{
    size_t before = mallinfo2().uordblks, sum = 0;
    struct bench b = {.model = model_new(), .now_us = 1000 * US_PER_S};
    tell_census(&b, CENSUS_BEGIN);
    begin();
    for (int64_t i = 0; i < SESSIONS; i++) {
        add_session(&b, i);
    }
    end("a session is read", SESSIONS);
    tell_census(&b, CENSUS_END);
    printf("memory of 100 k sessions\t%.1f\tMiB\n", (double)(mallinfo2().uordblks - before) / 1048576.);
    b.now_us += 5 * US_PER_S;
    begin();
    for (int64_t u = 0; u < USERS; u++) {
        read_set(&b, u);
    }
    end("a set of five is joined", USERS);
    printf("memory with the sets of 20 k users\t%.1f\tMiB\n",
           (double)(mallinfo2().uordblks - before) / 1048576.);
    begin();
    for (int64_t u = 0; u < USERS; u++) {
        read_set(&b, u);
    }
    end("it is read again", USERS);
    begin();
    sum += look_at_all(&b);
    end("all users are looked at for the first time", 1);
    begin();
    sum += look_at_all(&b);
    end("and again", 1);
    begin();
    for (int i = 0; i < TICKS; i++) {
        struct fact clock = {.kind = FACT_CLOCK};
        b.now_us += US_PER_S / 10;
        add_session(&b, i * 37 % SESSIONS);
        apply(&b, &clock);
        model_judge(b.model);
    }
    end("a tenth of a second passes and the rules are judged", TICKS);
    printf("memory after looking\t%.1f\tMiB\n", (double)(mallinfo2().uordblks - before) / 1048576.);
    const struct session_index_view *v = model_session_index(b.model);
    printf("orphans, stale entries, users of both\t%zu, %zu, %zu\t\n", v->orphans, v->stale,
           sum ? model_user_rows(b.model) : 0);
    model_free(b.model);
    return v->orphans == SESSIONS / 50 && v->complete ? 0 : 1;
}
