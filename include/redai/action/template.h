/* template: short names for tasks that people enqueue, with typed parameters sent as positional arguments in
 * order: task test  api.tasks.test_redis_task message:text=hello task batch
 * api.tasks.batch_generate_questions exam_id:int=1 count:int=10 Types: text int number bool json. A parameter
 * with =VALUE has a default. */
#ifndef REDAI_ACTION_TEMPLATE_H
#define REDAI_ACTION_TEMPLATE_H

#include "redai/conf/command.h"

enum template_type {
    TEMPLATE_TEXT,
    TEMPLATE_INT,
    TEMPLATE_NUMBER,
    TEMPLATE_BOOL,
    TEMPLATE_JSON,
    TEMPLATE_TYPE_COUNT
};
struct template_field {
    char *name;
    enum template_type type;
    char *initial; /* NULL: must be given */
};
struct template
{
    char *name, *task;
    UT_array field; /* of struct template_field */
};
struct templates {
    UT_array row; /* of struct template * */
};
void templates_init(struct templates *t); /* test and batch */
void templates_release(struct templates *t);
bool templates_add(struct templates *t, const struct words *w, struct err *err); /* words of a `task` line */
const struct template *templates_find(const struct templates *t, const char *name);
size_t templates_count(const struct templates *t);
const struct template *templates_at(const struct templates *t, size_t i);
/* The JSON array of arguments from NAME=VALUE words (from index first on). err names the missing or wrong
 * field. */
bool template_arguments(const struct template *t, const struct words *w, size_t first, UT_string *out,
                        struct err *err);

extern const struct command template_commands[]; /* task: ctx is struct templates * */
extern const size_t template_commands_count;

#endif
