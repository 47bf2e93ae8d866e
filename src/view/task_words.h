/* task_words: how a task is put into words: its sign, why it needs a look, what its state means. The same in
 * the pane, on its page and in listings. */
#ifndef VIEW_TASK_WORDS_H
#define VIEW_TASK_WORDS_H

#include "column.h"

struct task_sign {
    const char *mark; /* one letter, another one for each state */
    enum role role;
};
const struct task_sign *task_sign(enum task_state state);

/* Behind the last dot: "batch_generate_questions"; the whole name when there is nothing behind it. */
const char *task_short_name(const char *name);
const char *task_source_name(
    enum task_source source); /* "list", "unacked", "event", "worker", "result"; "" */
/* Wall time since when it is known to be: sent, else received; -1 when neither was told. */
int64_t task_sent_us(const struct task *t);
/* How long it has been there: since it was sent, or else since it was first heard of. */
int64_t task_age_us(const struct look *look, const struct task *t);
/* Of the attempt that runs or of the last one; -1 unknown. */
int64_t task_runtime_us(const struct look *look, const struct task *t);
/* Until Celery delivers it again, for one in unacked; INT64_MAX when it is in no danger or nothing is known.
 */
int64_t task_redelivery_us(const struct look *look, const struct task *t);
/* What one must know of it in one line: error, danger, result; "" when all is said by its state. */
void task_why(const struct look *look, const struct task *t, struct field *out);
/* What the state means and what can be done, in plain words. Appends; nothing for states that say all. */
void task_explain(const struct look *look, const struct task *t, UT_string *out);

#endif
