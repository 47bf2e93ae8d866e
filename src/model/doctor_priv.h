/* doctor_priv: what the doctor was told, and how its checks judge: each row of doctor_list.h has a function
 * that says good, bad or unknown, with the values, once or for each thing. Part of model_priv.h. */
#ifndef REDAI_MODEL_DOCTOR_PRIV_H
#define REDAI_MODEL_DOCTOR_PRIV_H

#include "doctor_list.h"

#include "redai/base/container.h"

#include "redai/model/doctor.h"
#include "redai/model/fact.h"

enum { DOCTOR_TOLD_MAX = 400, DOCTOR_FINDINGS_MAX = 400, DOCTOR_EACH_MAX = 20, DOCTOR_VALUE_MAX = 400 };

struct doctor_told {
    UT_hash_handle hh;
    char *name;
    char *value; /* display; of a permission "" */
    char *why;   /* display */
    bool known;
    enum permission permission;
    unsigned run; /* the one that told it last */
};
struct doctor_state_all {
    enum doctor_state state;
    unsigned run;
    int64_t at_us;
    char error[160];
    struct doctor_told *setting, *permission;
    UT_array finding; /* of struct finding, in order; made when asked for */
    bool judged;      /* it is as of the newest fact */
};

void doctor_init(struct model *m);
void doctor_release(struct model *m);
void doctor_setting(struct model *m, const struct fact_setting *f);
void doctor_permission(struct model *m, const struct fact_permission *f);
void doctor_apply(struct model *m, const struct fact_doctor *f);

/* --- for the checks --- */
struct judging {
    const struct model *m;
    const struct doctor_check *check;
    UT_array *out;
    size_t said;    /* findings of this check */
    size_t omitted; /* those beyond DOCTOR_EACH_MAX */
};
typedef void (*doctor_judge)(struct judging *j);
/* In doctor_server.c, doctor_open.c, doctor_version.c, doctor_store.c, doctor_data.c, doctor_celery.c,
 * doctor_access.c. */
#define DOCTOR_JUDGE(judge, ...) void doctor_judge_##judge(struct judging *j);
DOCTOR_LIST(DOCTOR_JUDGE)
#undef DOCTOR_JUDGE

/* One finding; the last one said can be changed until the next. */
void doctor_good(struct judging *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_bad(struct judging *j, enum severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_unknown(struct judging *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_fix(struct judging *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What it is about: shown as display; kind and raw id lead there (TARGET_NONE: nowhere). */
void doctor_about(struct judging *j, const char *display, enum veil_kind veil, enum target_kind kind,
                  struct span id);

/* A setting's text; NULL: unknown, and that is said as the finding. */
const char *doctor_text(struct judging *j, const char *name);
/* The same as a number. False: unknown, and said. */
bool doctor_number(struct judging *j, const char *name, int64_t *ret);
/* The same without a word. */
bool doctor_peek_number(const struct model *m, const char *name, int64_t *ret);
const struct doctor_told *doctor_permission_of(const struct model *m, const char *what);
/* The broker's queues are kept here (those that are only configured do not count). */
bool doctor_has_broker(const struct model *m);
/* True when INFO was read; else it says that it was not. */
bool doctor_has_info(struct judging *j);
/* Anybody may come in without a password: 1 yes, 0 no, -1 unknown (why: in *ret_why). */
int doctor_is_open(const struct model *m, const char **ret_why);
/* Who can reach the server: 1 other machines, 0 this one alone, -1 unknown. */
int doctor_is_public(const struct model *m);

#endif
