#include "intern.h"

#include "redai/base/utf8.h"

#define INTERN_COLS 200
#define INTERN_RAW  1000 /* of a longer name no more is told apart */

struct interned {
    UT_hash_handle hh;
    uint32_t holders;
    uint32_t raw_len;
    char *raw;   /* within text when they are the same */
    char text[]; /* display */
};

static const char none[] = "";

static struct interned *of_text(const char *text)
{
    /* The text is a member of what is looked for; the cast takes the const off that the holders see. */
    uintptr_t whole = (uintptr_t)text - offsetof(struct interned, text);
    return (struct interned *)(void *)whole; /* NOLINT(performance-no-int-to-ptr) */
}

static void free_one(struct interned *one)
{
    if (one->raw != one->text) {
        mem_free(one->raw);
    }
    mem_free(one);
}

void interns_release(struct interns *all)
{
    struct interned *one;
    struct interned *next;
    hash_each (all->by_raw, one, next) {
        HASH_DEL(all->by_raw, one);
        free_one(one);
    }
}

const char *intern_hold(struct interns *all, struct span raw)
{
    struct interned *one = NULL;
    raw = span_head(raw, INTERN_RAW);
    if (raw.len == 0) {
        return none;
    }
    HASH_FIND(hh, all->by_raw, raw.data, raw.len, one);
    if (!one) {
        UT_string text;
        utstring_init(&text);
        utf8_sanitise(raw, INTERN_COLS, &text);
        one = mem_zalloc(sizeof(*one) + text.i + 1);
        memcpy(one->text, text.d, text.i);
        one->raw = span_equal(raw, text_span(&text)) ? one->text : span_dup(raw);
        one->raw_len = (uint32_t)raw.len;
        utstring_done(&text);
        HASH_ADD_KEYPTR(hh, all->by_raw, one->raw, raw.len, one);
    }
    one->holders++;
    return one->text;
}

void intern_drop(struct interns *all, const char *text)
{
    if (!text || !text[0]) {
        return;
    }
    struct interned *one = of_text(text);
    one->holders--;
    if (one->holders == 0) {
        HASH_DEL(all->by_raw, one);
        free_one(one);
    }
}

struct span intern_raw(const char *text)
{
    return text && text[0] ? span_make(of_text(text)->raw, of_text(text)->raw_len) : S("");
}

bool intern_swap(struct interns *all, const char **slot, struct span raw)
{
    if (span_equal(intern_raw(*slot), span_head(raw, INTERN_RAW))) {
        return false;
    }
    const char *before = *slot;
    *slot = intern_hold(all, raw);
    intern_drop(all, before);
    return true;
}
