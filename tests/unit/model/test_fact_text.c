#include "model/fact_members.h"
#include "support/unit.h"

#include <math.h>
#include <stdio.h>

#include "redai/model/fact.h"

static const char hostile[] = "a b=c\"\\\n\r\t\0\x1b[31m\xff\xc3\xa9\xe2\x80\xae#";

/* Something unlike the initial value in every member. */
static void fill(struct fact *f, unsigned salt)
{
    for (size_t i = 0; i < fact_members[f->kind].count; i++) {
        const struct member *row = &fact_members[f->kind].row[i];
        char *place = (char *)f + row->offset;
        struct span text = span_make(hostile, sizeof(hostile) - 1 - (i + salt) % 4);
        int64_t four[4] = {(int64_t)salt + 1, -1, INT64_MAX, INT64_MIN};
        double real = 0.1 * (double)(i + salt + 1);
        unsigned word = row->word_count ? (unsigned)((i + salt) % row->word_count) : salt + 3;
        bool yes = (i + salt) % 2;
        switch (row->type) {
        case MEMBER_SPAN:
            memcpy(place, &text, sizeof(text));
            break;
        case MEMBER_REAL:
            memcpy(place, &real, sizeof(real));
            break;
        case MEMBER_BOOL:
            memcpy(place, &yes, sizeof(yes));
            break;
        case MEMBER_I64:
            memcpy(place, &four[(i + salt) % 4], sizeof(four[0]));
            break;
        case MEMBER_FOUR:
            memcpy(place, four, sizeof(four));
            break;
        case MEMBER_INFO: {
            struct info *info = (struct info *)(void *)place;
            info_clear(info);
            info->used_memory = 123;
            info->keyspace_hits = INT64_MAX;
            info->mem_fragmentation_ratio = 1.07;
            info->instantaneous_input_kbps = 0.25;
            info->used_cpu_user_us = 12000034;
            info->db[0].keys = 5;
            info->db[0].expires = INFO_UNKNOWN;
            info->db[0].avg_ttl_ms = 7;
            memcpy(info->redis_version, "7.0 \"x\"", 8);
            break;
        }
        default:
            memcpy(place, &word, sizeof(word));
        }
    }
}

static void assert_same_member(const struct member *row, const struct fact *a, const struct fact *b)
{
    const char *left = (const char *)a + row->offset;
    const char *right = (const char *)b + row->offset;
    static const size_t size[MEMBER_TYPE_COUNT] = {
        [MEMBER_I64] = 8,  [MEMBER_INT] = 4,  [MEMBER_BITS] = 4,  [MEMBER_BOOL] = 1,
        [MEMBER_REAL] = 8, [MEMBER_ENUM] = 4, [MEMBER_FOUR] = 32, [MEMBER_INFO] = sizeof(struct info),
    };
    if (row->type == MEMBER_SPAN) {
        assert_true(
            span_equal(*(const struct span *)(const void *)left, *(const struct span *)(const void *)right));
    } else {
        assert_memory_equal(left, right, size[row->type]);
    }
}

static void fact_text__gives_back__every_kind_with_hostile_bytes(void **state)
{
    (void)state;
    UT_string line, scratch;
    utstring_init(&line);
    utstring_init(&scratch);
    for (unsigned salt = 0; salt < 7; salt++) {
        for (unsigned kind = 0; kind < FACT_KIND_COUNT; kind++) {
            struct fact f, back;
            struct err err = {.code = ERR_NONE};
            memset(&f, 0, sizeof(f));
            f.kind = (enum fact_kind)kind;
            f.at_us = 12345 + (int64_t)salt;
            f.wall_us = INT64_MAX - (int64_t)salt;
            fill(&f, salt);
            utstring_clear(&line);
            fact_write(&f, &line);
            assert_true(line.i > 0 && line.d[line.i - 1] == '\n');
            assert_null(memchr(line.d, '\n', line.i - 1));
            if (!fact_read(&back, span_head(text_span(&line), line.i - 1), &scratch, &err)) {
                fail_msg("%s%s", line.d, err.text);
            }
            assert_int_equal(back.kind, kind);
            assert_int_equal(back.at_us, f.at_us);
            assert_int_equal(back.wall_us, f.wall_us);
            for (size_t i = 0; i < fact_members[kind].count; i++) {
                assert_same_member(&fact_members[kind].row[i], &f, &back);
            }
        }
    }
    utstring_done(&line);
    utstring_done(&scratch);
}

static void fact_text__leaves_unknown__what_a_line_does_not_name(void **state)
{
    (void)state;
    UT_string scratch;
    struct fact f;
    utstring_init(&scratch);
    assert_true(fact_read(&f, S("1 2 session id=a"), &scratch, NULL));
    assert_int_equal(f.session.pttl_ms, -2);
    assert_int_equal(f.session.created_us, -1);
    assert_int_equal(f.session.name.len, 0);
    assert_true(fact_read(&f, S("1 2 batch id=a"), &scratch, NULL));
    assert_true(isnan(f.batch.percentage));
    assert_true(f.batch.valid);
    assert_true(fact_read(&f, S("1 2 key_event event=set key=exam:1"), &scratch, NULL));
    assert_int_equal(f.key_event.count, 1);
    assert_true(fact_read(&f, S("1 2 server used_memory=5"), &scratch, NULL));
    assert_int_equal(f.server.info.used_memory, 5);
    assert_int_equal(f.server.info.maxmemory, INFO_UNKNOWN);
    assert_int_equal(f.server.info.db[1].keys, INFO_UNKNOWN);
    assert_true(fact_read(&f, S("1 2 poll topic=queues error= ok=0"), &scratch, NULL));
    assert_int_equal(f.poll.error.len, 0);
    assert_false(f.poll.ok);
    utstring_done(&scratch);
}

static void fact_text__skips__comments_and_empty_lines(void **state)
{
    (void)state;
    UT_string scratch;
    struct fact f;
    struct err err = {.code = ERR_PARSE};
    utstring_init(&scratch);
    assert_false(fact_read(&f, S(""), &scratch, &err));
    assert_int_equal(err.code, ERR_NONE);
    err.code = ERR_PARSE;
    assert_false(fact_read(&f, S("  # 1 2 clock"), &scratch, &err));
    assert_int_equal(err.code, ERR_NONE);
    utstring_done(&scratch);
}

static void fact_text__names__the_word_it_does_not_understand(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"x 2 clock", "\"x\""},
        {"1 y clock", "\"y\""},
        {"1 2 clok", "\"clok\""},
        {"1 2 queue nme=a", "\"nme\""},
        {"1 2 queue name=a depth=1,2,3", "\"1,2,3\""},
        {"1 2 queue name=a depth=1,2,3,4,5", "\"1,2,3,4,5\""},
        {"1 2 poll topic=weather", "\"weather\""},
        {"1 2 poll ok=maybe", "\"maybe\""},
        {"1 2 session id=\"a", "open quote"},
        {"1 2 session id=\"\\q\"", "escape"},
        {"1 2 session id=\"\\xg0\"", "escape"},
        {"1 2 session id", "name=value"},
        {"1 2 session bytes=99999999999999999999", "\"99999999999999999999\""},
        {"1 2 connection db=99999999999", "\"99999999999\""},
        {"1 2 server run_id=0123456789012345678901234567890123456789012345", "INFO"},
        {"1 2 server db0=1,2", "INFO"},
    };
    UT_string scratch;
    utstring_init(&scratch);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct fact f = {.at_us = 77};
        struct err err = {.code = ERR_NONE};
        assert_false(fact_read(&f, span_of(bad[i][0]), &scratch, &err));
        assert_int_equal(err.code, ERR_PARSE);
        assert_non_null(strstr(err.text, bad[i][1]));
        assert_int_equal(f.at_us, 77); /* untouched */
    }
    utstring_done(&scratch);
}

static void fact_text__writes__plain_words_plainly(void **state)
{
    (void)state;
    UT_string line;
    struct fact f = {.kind = FACT_BATCH, .at_us = 5, .wall_us = 6};
    f.batch = (struct fact_batch){.id = S("7f-1"),
                                  .valid = true,
                                  .current = 1,
                                  .total = 4,
                                  .percentage = 25,
                                  .status = S("in_progress"),
                                  .error = S("it is bad"),
                                  .pttl_ms = -2,
                                  .task_name = S("")};
    utstring_init(&line);
    fact_write(&f, &line);
    assert_string_equal(line.d, "5 6 batch id=7f-1 origin=progress current=1 total=4 percentage=25 "
                                "status=in_progress error=\"it is bad\"\n");
    utstring_done(&line);
}

/* Any bytes at all: no crash, no read outside, and what is understood is written and read back the same. */
static void fact_text__survives__random_lines(void **state)
{
    (void)state;
    static const char *const pieces[] = {"1",
                                         " ",
                                         "session",
                                         "id=",
                                         "\"",
                                         "\\x41",
                                         "\\",
                                         "queue",
                                         "depth=",
                                         ",",
                                         "-1",
                                         "name=",
                                         "=",
                                         "server",
                                         "db0=",
                                         "nan",
                                         "peek",
                                         "\n",
                                         "\t",
                                         "inf",
                                         "2 3 ",
                                         "key_event ",
                                         "event=set ",
                                         "\xff",
                                         "percentage=",
                                         "batch ",
                                         "9223372036854775807",
                                         "-9223372036854775808"};
    UT_string line, again, scratch;
    uint64_t seed = 42;
    utstring_init(&line);
    utstring_init(&again);
    utstring_init(&scratch);
    for (int round = 0; round < 200000; round++) {
        char text[128];
        size_t len = 0;
        size_t head = (size_t)snprintf(text, sizeof(text), "%s", round % 2 ? "1 2 " : "");
        for (len = head; len < 100;) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(seed >> 33) % COUNT_OF(pieces)];
            size_t piece_len = strlen(piece);
            memcpy(text + len, piece, piece_len);
            len += piece_len;
            if ((seed >> 20) % 9 == 0) {
                break;
            }
        }
        char *exact = mem_dup(text, len); /* so that a read behind the end is seen */
        struct fact f;
        struct err err;
        if (fact_read(&f, span_make(exact, len), &scratch, &err)) {
            utstring_clear(&line);
            fact_write(&f, &line);
            UT_string other;
            struct fact back;
            utstring_init(&other);
            assert_true(fact_read(&back, span_head(text_span(&line), line.i - 1), &other, &err));
            utstring_clear(&again);
            fact_write(&back, &again);
            assert_string_equal(line.d, again.d);
            utstring_done(&other);
        }
        mem_free(exact);
    }
    utstring_done(&line);
    utstring_done(&again);
    utstring_done(&scratch);
}

static void fact__has__a_name_for_everything(void **state)
{
    (void)state;
    for (int i = 0; i < TOPIC_COUNT; i++) {
        assert_non_null(topic_name[i]);
    }
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        assert_non_null(outcome_name[i]);
    }
    assert_string_equal(fact_kind_name[FACT_SESSION_TTL], "session_ttl");
    assert_string_equal(outcome_name[OUTCOME_CHANGED], "changed meanwhile");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fact_text__gives_back__every_kind_with_hostile_bytes),
        cmocka_unit_test(fact_text__leaves_unknown__what_a_line_does_not_name),
        cmocka_unit_test(fact_text__skips__comments_and_empty_lines),
        cmocka_unit_test(fact_text__names__the_word_it_does_not_understand),
        cmocka_unit_test(fact_text__writes__plain_words_plainly),
        cmocka_unit_test(fact_text__survives__random_lines),
        cmocka_unit_test(fact__has__a_name_for_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
