#include "key_command.h"

#include "app.h"
#include "console.h"
#include "look.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

#include "redai/schema/cache_key.h"

enum { WORDS_MAX = 64 };
#define LOOK_LIMIT_US (10 * US_PER_S)

bool key_command_name(size_t count, const struct span *word, UT_string *out, bool *ret_computed,
                      struct err *err)
{
    *ret_computed = count > 1;
    if (count == 0 || !word[0].len) {
        return err_set(err, ERR_USAGE, "key: which one? expected its name, or a call like exam exam_id=7");
    }
    if (count == 1) {
        text_add(out, word[0]);
        return true;
    }
    return cache_key_make(word[0], count - 1, word + 1, out, err);
}

/* --- in the console --- */

bool key_command_open(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct span word[WORDS_MAX];
    struct target t = {.kind = TARGET_NONE};
    bool computed = false;
    UT_string key;
    size_t n = 0;
    if (words_count(w) > WORDS_MAX) {
        return err_set(err, ERR_RANGE, "key: more than %d arguments", WORDS_MAX - 2);
    }
    for (; n + 1 < words_count(w); n++) {
        word[n] = span_of(words_at(w, n + 1));
    }
    utstring_init(&key);
    bool ok = key_command_name(n, word, &key, &computed, err);
    if (ok) {
        target_set(&t, TARGET_KEY, text_span(&key));
        ui_show(c->ui, &t);
        if (computed && cache_key_is_hashed(text_span(&key))) {
            ui_message(c->ui, ROLE_INFO, "the call has more than 200 characters: its key is hashed");
        }
    }
    target_release(&t);
    utstring_done(&key);
    return ok;
}

/* --- from the shell --- */

static bool says(const struct peek *p, const char *label, const char *text)
{
    for (size_t i = 0; i < utarray_len(&p->line); i++) {
        const struct peek_line *line = &((const struct peek_line *)(const void *)p->line.d)[i];
        if (strcmp(line->label, label) == 0) {
            return strcmp(line->text, text) == 0;
        }
    }
    return false;
}

/* Until all of it was told; of a key that is not there also what others there are. */
static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    const struct target *key = ctx;
    const struct peek *p = model_peek(o->model);
    if (past_us < 0 || past_us >= LOOK_LIMIT_US || !look_is_hopeful(o, past_us)) {
        return true;
    }
    if (model_connection(o->model)->link[LINK_ROLE_POLL].state == FACT_LINK_UP) {
        collect_want(o->collect, key);
    }
    return target_equal(&p->subject, key) && p->complete &&
           !span_starts(span_of(p->remark), S("this key does not exist; looked"));
}

static void tell(const struct peek *p)
{
    for (size_t i = 0; i < utarray_len(&p->line); i++) {
        const struct peek_line *line = &((const struct peek_line *)(const void *)p->line.d)[i];
        bool head = line->label[0] || line->link.kind == TARGET_KEY;
        if (head && line->depth == 0 && strcmp(line->label, "key") != 0) {
            fprintf(stderr, "%-9s %s\n", line->label, line->text);
        }
    }
    if (p->remark[0]) {
        fprintf(stderr, "%s\n", p->remark);
    }
}

static int look_at_key(struct settings *s, struct span name)
{
    struct observer o;
    struct target key = {.kind = TARGET_NONE};
    target_set(&key, TARGET_KEY, name);
    s->reserved = true; /* workers need not be asked */
    look_until(&o, ev_default_loop(0), s, is_enough, &key);
    const struct peek *p = model_peek(s->model);
    int code = EXIT_UNREAD;
    if (target_equal(&p->subject, &key) && p->complete) {
        tell(p);
        code = says(p, "type", "none") ? EXIT_FAILED : EXIT_OK;
    } else {
        const struct connection_view *v = model_connection(s->model);
        const char *why = v->link[LINK_ROLE_POLL].error;
        complain(&(struct err){ERR_NETWORK, "the key could not be read"});
        if (why && *why) {
            fprintf(stderr, "redai-console: %s\n", why);
        }
    }
    observer_release(&o);
    target_release(&key);
    return code;
}

int key_print(struct settings *s, const UT_array *args)
{
    struct span word[WORDS_MAX];
    struct err err;
    bool computed;
    UT_string key;
    size_t n = 0;
    for (; n < utarray_len(args) && n < WORDS_MAX; n++) {
        word[n] = span_of(args_at(args, (unsigned)n));
    }
    utstring_init(&key);
    int code = EXIT_USAGE;
    if (utarray_len(args) > WORDS_MAX) {
        complain(&(struct err){ERR_USAGE, "key: too many arguments"});
    } else if (!key_command_name(n, word, &key, &computed, &err)) {
        complain(&err);
    } else {
        text_add(&key, S("\n"));
        if (!look_print(&key)) {
            code = EXIT_FAILED;
        } else {
            code = look_at_key(s, span_head(text_span(&key), utstring_len(&key) - 1));
        }
    }
    utstring_done(&key);
    return code;
}
