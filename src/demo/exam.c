#include "demo/exam.h"

#include <inttypes.h>

#include "redai/base/isotime.h"

static const char *const subjects[] = {
    "Linear Algebra",  "Organic Chemistry", "Roman Law",     "Thermodynamics",
    "Data Structures", "Microeconomics",    "Human Anatomy", "Medieval History",
    "Statistics",      "Phonetics",         "Optics",        "Contract Law",
};
enum { SUBJECTS = sizeof(subjects) / sizeof(subjects[0]) };

static const int ttl_s[EXAM_KIND_COUNT] = {
    [EXAM_DETAIL] = 3600, [EXAM_QUESTIONS] = 600, [EXAM_STATS] = 300, [EXAM_REPR] = 3600};

int exam_ttl_s(enum exam_kind kind)
{
    return ttl_s[kind];
}

void exam_key(enum exam_kind kind, int64_t exam_id, int64_t wall_us, uint64_t object, UT_string *out)
{
    enum { DATE_CHARS = 10, TIME_SIZE = 40 };
    char date[TIME_SIZE];

    switch (kind) {
    case EXAM_DETAIL:
        utstring_printf(out, "exam:%" PRId64, exam_id);
        return;
    case EXAM_QUESTIONS:
        utstring_printf(out, "exam:questions:%" PRId64, exam_id);
        return;
    case EXAM_STATS:
        isotime_format(wall_us, date, sizeof(date));
        utstring_printf(out, "cache:api.services.stats.daily:%.*s:exam_id:%" PRId64, DATE_CHARS, date,
                        exam_id);
        return;
    default:
        /* What the decorator makes of `db: Session = Depends(get_db)`. */
        utstring_printf(
            out, "exam:db:<sqlalchemy.orm.session.Session object at 0x7f%010" PRIx64 ">:exam_id:%" PRId64,
            (object & UINT64_C(0xFFFFFFFFF0)), exam_id);
        return;
    }
}

static void add_questions(int64_t exam_id, UT_string *out)
{
    int64_t count = 5 + exam_id % 16;
    text_add(out, S("["));
    for (int64_t i = 1; i <= count; i++) {
        utstring_printf(
            out,
            "%s{\"id\": %" PRId64 ", \"exam_id\": %" PRId64 ", \"text\": \"Question %" PRId64
            ": choose the one statement that holds in every case.\", \"options\": [\"A\", \"B\", \"C\", "
            "\"D\"], \"points\": %" PRId64 "}",
            i > 1 ? ", " : "", exam_id * 100 + i, exam_id, i, 1 + i % 4);
    }
    text_add(out, S("]"));
}

void exam_value(enum exam_kind kind, int64_t exam_id, UT_string *out)
{
    switch (kind) {
    case EXAM_QUESTIONS:
        add_questions(exam_id, out);
        return;
    case EXAM_STATS:
        utstring_printf(out,
                        "{\"exam_id\": %" PRId64 ", \"attempts\": %" PRId64 ", \"average\": %" PRId64
                        ".%" PRId64 "}",
                        exam_id, 40 + exam_id * 7 % 300, 50 + exam_id % 40, exam_id % 10);
        return;
    default:
        utstring_printf(out, "{\"id\": %" PRId64 ", \"title\": \"%s %" PRId64 "\", \"minutes\": %" PRId64 "}",
                        exam_id, subjects[exam_id % SUBJECTS], 1 + exam_id / SUBJECTS, 30 + exam_id % 7 * 15);
        return;
    }
}
