#include "fuzz/fuzz.h"

#include "redai/conf/words.h"

#include "redai/model/rule.h"

enum { WORDS = 64, LINES = 40 };

static bool is_whole(const struct rule *r)
{
    char text[RULE_VALUE_SIZE];
    bool up = r->op == RULE_ABOVE || r->op == RULE_AT_LEAST;
    bool down = r->op == RULE_BELOW || r->op == RULE_AT_MOST;
    rule_format(r, r->value, text, sizeof(text));
    return r->name[0] && r->message && (size_t)r->metric < rule_metric_count && r->form < RULE_FORM_COUNT &&
           r->value - r->value == 0 && r->clear - r->clear == 0 && r->hold_us >= 0 &&
           (r->form == RULE_OF_VALUE ? r->window_us == 0 && r->value >= 0 : r->window_us > 0) &&
           !(up && r->clear > r->value) && !(down && r->clear < r->value) &&
           (!r->of || rule_metrics[r->metric].of != TARGET_NONE);
}

static void set(struct rules *rules, const char *line)
{
    const char *word[WORDS];
    struct words w;
    struct err err = {0};
    words_init(&w);
    if (words_parse(&w, line, &err) && words_count(&w) <= WORDS) {
        size_t count = words_count(&w);
        size_t before = rules_count(rules);
        for (size_t i = 0; i < count; i++) {
            word[i] = words_at(&w, i);
        }
        if (!rules_set(rules, count, word, &err)) {
            DEMAND(err.text[0] && !strchr(err.text, '\033') && !strchr(err.text, '\n'));
            DEMAND(rules_count(rules) == before);
        }
    }
    words_release(&w);
}

/* Alert lines of anything: each leaves all rules whole, whether it is taken or not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rules rules;
    char *text = span_dup(INPUT);
    char *rest = text;
    char *line = strtok_r(text, "\n", &rest);
    rules_init(&rules);
    for (int i = 0; line && i < LINES; i++) {
        set(&rules, line);
        line = strtok_r(NULL, "\n", &rest);
    }
    for (size_t i = 0; i < rules_count(&rules); i++) {
        DEMAND(is_whole(rules_at(&rules, i)));
    }
    rules_release(&rules);
    mem_free(text);
    return 0;
}
