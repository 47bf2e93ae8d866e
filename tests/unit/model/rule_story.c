#include "rule_story.h"

#include "redai/conf/words.h"

const struct rule *find(const struct rules *r, const char *name)
{
    for (size_t i = 0; i < rules_count(r); i++) {
        if (strcmp(rules_at(r, i)->name, name) == 0) {
            return rules_at(r, i);
        }
    }
    return NULL;
}

bool set(struct rules *r, const char *line, struct err *err)
{
    const char *word[32];
    struct words w;
    words_init(&w);
    assert_true(words_parse(&w, line, err));
    size_t count = words_count(&w);
    for (size_t i = 0; i < count; i++) {
        word[i] = words_at(&w, i);
    }
    bool ok = rules_set(r, count, word, err);
    words_release(&w);
    return ok;
}

void assert_refused(struct rules *r, const char *line, const char *said)
{
    struct err err = {.code = ERR_NONE};
    size_t own = rules_count(r);
    struct rule before = *find(r, "clients");
    if (set(r, line, &err)) {
        fail_msg("accepted: %s", line);
    }
    if (!strstr(err.text, said)) {
        fail_msg("%s: %s", line, err.text);
    }
    assert_null(strchr(err.text, '\x1b'));
    assert_int_equal(rules_count(r), own);
    assert_memory_equal(&before, find(r, "clients"), sizeof(before));
}
