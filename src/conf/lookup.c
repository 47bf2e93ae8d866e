#include "lookup.h"

#include <stdint.h>

#include "redai/base/utf8.h"

enum { SHOWN_COLUMNS = 100, NEAREST_LENGTH_MAX = 32, NEAREST_DISTANCE_MAX = 2 };

struct shown conf_shown(const char *word)
{
    struct shown shown;
    char *safe = utf8_sanitise_dup(span_of(word), SHOWN_COLUMNS);
    size_t n = strlen(safe);
    while (n >= sizeof shown.text) { /* wide letters: cut between code points */
        n--;
        while (n > 0 && ((unsigned char)safe[n] & 0xC0) == 0x80) {
            n--;
        }
    }
    memcpy(shown.text, safe, n);
    shown.text[n] = '\0';
    mem_free(safe);
    return shown;
}

/* Levenshtein's distance with swapped neighbours as one slip, the commonest of all. */
static size_t slips_between(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    size_t row[3][NEAREST_LENGTH_MAX + 1] = {{0}};
    if (a_len > NEAREST_LENGTH_MAX || b_len > NEAREST_LENGTH_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = row[i % 3];
        const size_t *before = row[(i + 2) % 3];
        const size_t *before_that = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before_that[j - 2] + 1 < best) {
                best = before_that[j - 2] + 1;
            }
            now[j] = best;
        }
    }
    return row[a_len % 3][b_len];
}

struct nearest nearest_to(const char *word)
{
    return (struct nearest){.word = word, .distance = SIZE_MAX};
}

void nearest_offer(struct nearest *n, const char *name)
{
    size_t len = strlen(n->word);
    /* The beginning of a name is meant as that name, however long the rest is. */
    size_t slips = len >= 2 && strncmp(name, n->word, len) == 0 ? 1 : slips_between(n->word, name);
    if (slips <= NEAREST_DISTANCE_MAX && slips < len && slips < n->distance) {
        n->name = name;
        n->distance = slips;
    }
}

bool conf_next_item(const char **list, struct span *ret_item)
{
    const char *p = *list;
    while (p && *p == ' ') {
        p++;
    }
    if (!p || !*p) {
        return false;
    }
    size_t n = strcspn(p, " ");
    *ret_item = span_make(p, n);
    *list = p + n;
    return true;
}

static void string_copy(void *to, const void *from)
{
    *(char **)to = mem_strdup(*(char *const *)from);
}

static void string_free(void *slot)
{
    mem_free(*(char **)slot);
}

const UT_icd conf_string_icd = {sizeof(char *), NULL, string_copy, string_free};
