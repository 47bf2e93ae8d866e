#include "offers.h"

void offers_init(struct offers *o)
{
    *o = (struct offers){0};
    utarray_init(&o->text, &ut_str_icd);
}

void offers_release(struct offers *o)
{
    utarray_done(&o->text);
}

void offers_clear(struct offers *o)
{
    utarray_clear(&o->text);
    o->at = 0;
}

static const char *text_at(const struct offers *o, size_t i)
{
    return ((char *const *)(void *)o->text.d)[i];
}

bool offers_next(struct offers *o, struct edit *e)
{
    size_t n = utarray_len(&o->text);
    if (n < 2) {
        return false;
    }
    o->at = o->at + 1 >= n ? 0 : o->at + 1;
    edit_replace(e, o->word, text_at(o, o->at));
    return true;
}

/* How many bytes all offers begin with alike. */
static size_t common_length(const struct offers *o)
{
    const char *first = text_at(o, 0);
    size_t len = strlen(first);
    for (size_t i = 1; i < utarray_len(&o->text); i++) {
        const char *other = text_at(o, i);
        size_t k = 0;
        while (k < len && first[k] == other[k]) {
            k++;
        }
        len = k;
    }
    while (len > 0 && ((unsigned char)first[len] & 0xC0u) == 0x80u) {
        len--;
    }
    return len;
}

void offers_take(struct offers *o, struct edit *e, size_t word, const char *after)
{
    size_t n = utarray_len(&o->text);
    o->word = word;
    o->at = n;
    if (n == 1) {
        UT_string whole;
        utstring_init(&whole);
        text_add(&whole, span_of(text_at(o, 0)));
        text_add(&whole, span_of(after));
        edit_replace(e, word, utstring_body(&whole));
        utstring_done(&whole);
        offers_clear(o);
    } else if (n > 1) {
        size_t len = common_length(o);
        if (len > e->at - word) {
            char *common = span_dup(span_make(text_at(o, 0), len));
            edit_replace(e, word, common);
            mem_free(common);
        }
    }
}

void offers_draw(const struct offers *o, struct grid *g, int x, int y, int cols)
{
    int end = x + cols;
    grid_clear(g, (struct rect){x, y, cols, 1}, ROLE_FOOTER);
    for (size_t i = 0; i < utarray_len(&o->text) && x < end; i++) {
        x += grid_text(g, x, y, end - x, span_of(text_at(o, i)), i == o->at ? ROLE_SELECTED : ROLE_FOOTER);
        x += 2;
    }
}
