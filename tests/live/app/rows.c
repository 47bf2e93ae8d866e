#include "rows.h"

#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

enum { ROWS_MS = 60000, VERB_WORDS = 20 }; /* a worker on a busy machine takes its time */

struct ran rows_verb(struct server *s, const char *const words[])
{
    const char *argv[VERB_WORDS + 4];
    size_t n = 0;
    while (words[n]) {
        assert_true(n < VERB_WORDS);
        argv[n] = words[n];
        n++;
    }
    argv[n++] = "--yes";
    argv[n++] = "-u";
    argv[n++] = server_url(s, 0);
    argv[n] = NULL;
    return stage_run(argv, NULL, NULL);
}

void rows_done(struct ran r)
{
    assert_ran(&r, 0, "done");
    ran_free(&r);
}

json_t *rows_read(struct server *s, const char *noun, const char *filter)
{
    struct ran r = RUN(noun, "-u", server_url(s, 0), "--format", "json", filter);
    assert_ran(&r, 0, "");
    json_t *root = json_loads(r.out, 0, NULL);
    if (!root) {
        fail_msg("%s prints no JSON: %s", noun, r.out);
    }
    ran_free(&r);
    return root;
}

const json_t *rows_find(const json_t *root, const char *noun, const char *name)
{
    const char *key = strcmp(noun, "tasks") == 0 ? "id" : "name";
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(root, noun), i, row)
    {
        if (strcmp(rows_text(row, key), name) == 0) {
            return row;
        }
    }
    return NULL;
}

const char *rows_text(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text ? text : "";
}

bool rows_has(const json_t *row, const char *member, const char *word)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(row, member), i, one)
    {
        if (strcmp(json_string_value(one), word) == 0) {
            return true;
        }
    }
    return false;
}

/* --- ids --- */

void ids_take(struct ids *ids, char *printed)
{
    *ids = (struct ids){.text = printed};
    char *rest = NULL;
    for (char *id = strtok_r(printed, " \n", &rest); id; id = strtok_r(NULL, " \n", &rest)) {
        assert_true(ids->count < IDS_MAX);
        ids->id[ids->count++] = id;
    }
}

void ids_free(struct ids *ids)
{
    free(ids->text);
}

/* --- waiting --- */

static bool is_so(const json_t *row, const struct wish *w)
{
    return row && strcmp(rows_text(row, "state"), w->state) == 0 &&
           (!w->member || strcmp(rows_text(row, w->member), w->value) == 0) &&
           (!w->flag || rows_has(row, "flags", w->flag));
}

static void fail_with(const char *what, const char *wanted, const json_t *row)
{
    char *text = row ? json_dumps(row, JSON_COMPACT) : NULL;
    fprintf(stderr, "%s\n", text ? text : "(no row)");
    free(text);
    fail_msg("%s does not become %s", what, wanted);
}

void rows_wait(struct server *s, const struct wish *wish, size_t count)
{
    int64_t until = clock_mono_us() + ROWS_MS * US_PER_MS;
    for (;;) {
        json_t *root = rows_read(s, "tasks", NULL);
        size_t i = 0;
        while (i < count && is_so(rows_find(root, "tasks", wish[i].id), &wish[i])) {
            i++;
        }
        if (i < count && clock_mono_us() > until) {
            fail_with(wish[i].id, wish[i].state, rows_find(root, "tasks", wish[i].id));
        }
        json_decref(root);
        if (i == count) {
            return;
        }
        poll(NULL, 0, 50);
    }
}

json_t *rows_read_when(struct server *s, const char *noun, const char *name,
                       bool (*holds)(const json_t *row, void *ctx), void *ctx)
{
    int64_t until = clock_mono_us() + ROWS_MS * US_PER_MS;
    for (;;) {
        json_t *root = rows_read(s, noun, NULL);
        const json_t *row = rows_find(root, noun, name);
        if (row && holds(row, ctx)) {
            return root;
        }
        if (clock_mono_us() > until) {
            fail_with(name, "as it was waited for", row);
        }
        json_decref(root);
        poll(NULL, 0, 50);
    }
}

struct member {
    const char *name, *value;
};

static bool has_text(const json_t *row, void *ctx)
{
    const struct member *m = ctx;
    return strcmp(rows_text(row, m->name), m->value) == 0;
}

void rows_wait_text(struct server *s, const char *noun, const char *name, const char *member,
                    const char *value)
{
    json_decref(rows_read_when(s, noun, name, has_text, &(struct member){member, value}));
}
