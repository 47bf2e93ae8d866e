#include "redai/action/plan.h"

#include "phrase.h"
#include "verb.h"

#include <inttypes.h>

static void text_copy(void *to, const void *from)
{
    *(char **)to = mem_strdup(*(char *const *)from);
}

static void text_done(void *element)
{
    mem_free(*(char **)element);
}

static const UT_icd text_icd = {sizeof(char *), NULL, text_copy, text_done};

void plan_init(struct plan *p)
{
    *p = (struct plan){.count = -1, .confirm = PLAN_CONFIRM_KEY};
    utarray_init(&p->command, &text_icd);
    utarray_init(&p->sample, &text_icd);
    utarray_init(&p->remark, &text_icd);
}

void plan_release(struct plan *p)
{
    utarray_done(&p->command);
    utarray_done(&p->sample);
    utarray_done(&p->remark);
    mem_free(p->title);
    mem_free(p->typed);
    mem_free(p->result);
    p->title = p->typed = p->result = NULL;
}

/* "note     first" and, below it, "         second". */
static void write_list(const UT_array *list, const char *label, UT_string *out)
{
    for (size_t i = 0; i < utarray_len(list); i++) {
        const char *const *text = VERB_AT(list, const char *const, i);
        utstring_printf(out, "%-9s%s\n", i ? "" : label, *text);
    }
}

void plan_write(const struct plan *p, UT_string *out)
{
    utstring_printf(out, "%-9s%s\n", "plan", p->title ? p->title : verb_name[p->verb]);
    if (p->count >= 0) {
        const char *undo = !p->destructive       ? ""
                           : p->kept >= p->count ? " (can be undone)"
                           : p->kept > 0         ? " (can be undone in part)"
                                                 : " (cannot be undone)";
        utstring_printf(out, "%-9s%" PRId64 "%s\n", "count", p->count, undo);
    } else {
        utstring_printf(out, "%-9s%s\n", "count", "unknown");
    }
    write_list(&p->command, "command", out);
    write_list(&p->sample, "what", out);
    write_list(&p->remark, "note", out);
    if (p->confirm == PLAN_CONFIRM_TYPED && p->typed) {
        utstring_printf(out, "%-9stype %s\n", "confirm", p->typed);
    } else {
        utstring_printf(out, "%-9sy\n", "confirm");
    }
}

/* --- filling in, for verbs --- */

#define ADD_FORMATTED(list)                                                                                  \
    do {                                                                                                     \
        va_list args;                                                                                        \
        va_start(args, format);                                                                              \
        char *text = phrase_make_va(format, args);                                                           \
        va_end(args);                                                                                        \
        utarray_push_back((list), &text);                                                                    \
        mem_free(text);                                                                                      \
    } while (0)

void plan_command(struct plan *p, const char *format, ...)
{
    ADD_FORMATTED(&p->command);
}

void plan_sample(struct plan *p, const char *format, ...)
{
    ADD_FORMATTED(&p->sample);
}

void plan_remark(struct plan *p, const char *format, ...)
{
    ADD_FORMATTED(&p->remark);
}

void plan_title(struct plan *p, const char *format, ...)
{
    va_list args;
    mem_free(p->title);
    va_start(args, format);
    p->title = phrase_make_va(format, args);
    va_end(args);
}

/* Sending a task or putting something back harms nobody more on one server than on another. */
static bool is_harmless(const struct plan *p)
{
    return p->verb == VERB_ENQUEUE || p->verb == VERB_UNDO;
}

static void ask(struct plan *p, int64_t count, bool typed)
{
    bool strict = p->strict && !is_harmless(p);
    p->count = count;
    p->confirm = typed || strict ? PLAN_CONFIRM_TYPED : PLAN_CONFIRM_KEY;
    mem_free(p->typed);
    p->typed = typed || (strict && count > 1) ? phrase_make("%" PRId64, count)
               : strict                       ? mem_strdup(p->strict)
                                              : NULL;
}

void plan_ask(struct plan *p, int64_t count)
{
    ask(p, count, count > VERB_TYPED_ABOVE);
}

void plan_ask_typed(struct plan *p, int64_t count)
{
    ask(p, count, true);
}
