/* failure: exceptions as Celery stores and shows them. */
#include "demo/worker_priv.h"

#include <string.h>

#include "redai/schema/result_write.h"

#define HEAD "Traceback (most recent call last):\n"
#define CALL                                                                                                 \
    HEAD "  File \"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 451, in trace_task\n"          \
         "    R = retval = fun(*args, **kwargs)\n"                                                           \
         "                 ^^^^^^^^^^^^^^^^^^^^\n"                                                           \
         "  File \"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 734, in __protected_call__\n"  \
         "    return self.run(*args, **kwargs)\n"                                                            \
         "           ^^^^^^^^^^^^^^^^^^^^^^^^^\n"

void failure_json(const struct failure *f, UT_string *out)
{
    result_exception_encode(f->type, f->module, f->message_json, out);
}

void failure_repr(const struct failure *f, UT_string *out)
{
    result_exception_repr(f->type, f->message_json, out);
}

static const char *function_of(const char *task_name)
{
    const char *dot = strrchr(task_name, '.');
    return dot ? dot + 1 : task_name;
}

static void add_frame(const char *file, int line, const char *function, const char *code, UT_string *out)
{
    utstring_printf(out, "  File \"/srv/redai/backend/api/tasks/%s\", line %d, in %s\n    %s\n", file, line,
                    function, code);
}

/* "ValueError: no" */
static void add_last_line(const struct failure *f, UT_string *out)
{
    if (strcmp(f->module, "builtins") != 0) {
        utstring_printf(out, "%s.", f->module);
    }
    utstring_printf(out, "%s: ", f->type);
    result_exception_text(f->message_json, out);
    text_add(out, S("\n"));
}

void failure_traceback(const struct failure *f, const char *task_name, UT_string *out)
{
    text_add(out, S(CALL));
    if (f->file) {
        add_frame(f->file, f->line, function_of(task_name), f->code, out);
    }
    add_last_line(f, out);
}

void failure_retry_traceback(const struct failure *f, const char *task_name, double retry_s, UT_string *out)
{
    text_add(out, S(HEAD));
    add_frame(f->file, f->line, function_of(task_name), f->code, out);
    add_last_line(f, out);
    text_add(out, S("\nDuring handling of the above exception, another exception occurred:\n\n" CALL));
    add_frame(f->file, f->line + 2, function_of(task_name),
              "raise self.retry(exc=exc)\n          ^^^^^^^^^^^^^^^^^^^", out);
    utstring_printf(out,
                    "  File \"/usr/lib/python3/dist-packages/celery/app/task.py\", line 738, in retry\n"
                    "    raise ret\n"
                    "celery.exceptions.Retry: Retry in %gs: ",
                    retry_s);
    failure_repr(f, out);
    text_add(out, S("\n"));
}
