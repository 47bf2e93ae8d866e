/* peek_key_absent: a key that is not there. A cache's key may be spelt otherwise than somebody thinks
 * ("exam:7", "exam:exam_id:7", "exam:db:<... object at 0x7f...>:exam_id:7"), so one bounded, paced walk looks
 * for keys with the same beginning that hold the value of its last argument too. */
#include "peek_key.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/schema/cache_key.h"

enum { FOUND_MAX = 50, WALK_KEYS_MAX = 500000 };

static void found_release(void *place)
{
    target_release(place);
}

void peek_key_forget(struct collect *c)
{
    static const UT_icd found_icd = {sizeof(struct target), NULL, NULL, found_release};
    struct key_document *d = &c->peek.key;
    unsigned number = d->walk_number + 1; /* answers to an earlier walk are dropped */
    if (d->found.icd.sz) {
        utarray_done(&d->found);
    }
    *d = (struct key_document){.walk_number = number};
    utarray_init(&d->found, &found_icd);
}

static struct span subject(const struct collect *c)
{
    return target_id(&c->peek.subject);
}

/* What all spellings begin with: the family's name where the key has it in front. */
static struct span front(const struct collect *c)
{
    struct span key = subject(c), family = families_name(c->options.families, key);
    bool is_front = span_starts(key, family) && key.len > family.len && key.data[family.len] == ':';
    return span_head(key, is_front ? family.len : span_find(key, ':'));
}

static bool can_be_looked_for(const struct collect *c)
{
    struct span id;
    return keyname_kind(subject(c), &id) == KEY_OTHER && cache_key_last_part(subject(c)).len > 0 &&
           front(c).len > 0 && !cache_key_is_hashed(subject(c));
}

/* "2 keys begin with exam and hold 7": all but the value is ours to say. */
static void tell_count(struct collect *c, struct span value)
{
    unsigned n = utarray_len(&c->peek.key.found);
    UT_string text;
    utstring_init(&text);
    utstring_printf(&text, "%u %s with ", n, n == 1 ? "key begins" : "keys begin");
    text_add(&text, span_head(front(c), 60));
    utstring_printf(&text, "%s and hold%s ", c->peek.key.walk == KEY_WALK_ON ? " so far" : "",
                    n == 1 ? "s" : "");
    size_t plain = utstring_len(&text);
    text_add(&text, value);
    struct peek_row *row = peek_line(c, S("instead"), text_span(&text), TARGET_NONE, S(""));
    row->plain = plain;
    utstring_done(&text);
}

static void tell(struct collect *c)
{
    const struct key_document *d = &c->peek.key;
    struct span key = subject(c), family = families_name(c->options.families, key), id;
    char remark[160];
    c->peek.told_us = clock_mono_us();
    peek_start_rows(c);
    peek_key_line(c, S("key"), key, S(""));
    peek_line(c, S("type"), S("none"), TARGET_NONE, S(""))->veil = VEIL_PLAIN;
    peek_line(c, S("family"), family, TARGET_FAMILY, family)->veil = VEIL_FAMILY;
    if (keyname_kind(key, &id) == KEY_OTHER && cache_key_is_hashed(key)) {
        peek_line(c, S("name"),
                  S("the form of a call with more than 200 characters: its arguments cannot be "
                    "read from it"),
                  TARGET_NONE, S(""))
            ->veil = VEIL_PLAIN;
    }
    snprintf(remark, sizeof remark, "%s", "this key does not exist (any more)");
    if (d->walk != KEY_WALK_NONE) {
        struct span value = span_head(cache_key_last_part(key), 60);
        peek_line(c, S(""), S(""), TARGET_NONE, S(""))->veil = VEIL_PLAIN;
        tell_count(c, value);
        for (unsigned i = 0; i < utarray_len(&d->found); i++) {
            const struct target *t = (const struct target *)utarray_eltptr(&d->found, i);
            peek_line(c, S(""), target_id(t), TARGET_KEY, target_id(t))->veil = VEIL_KEY;
        }
    }
    if (d->walk == KEY_WALK_ON) {
        snprintf(remark, sizeof remark, "this key does not exist; looked through %" PRId64 " keys for others",
                 d->walked);
    } else if (d->walk == KEY_WALK_CUT) {
        snprintf(remark, sizeof remark,
                 "this key does not exist; others were looked for among %" PRId64 " keys", d->walked);
    }
    peek_end(c, remark);
}

static void take(struct collect *c, struct span key)
{
    struct key_document *d = &c->peek.key;
    struct target t = {.kind = TARGET_NONE};
    size_t from = front(c).len + 1;
    const struct families *families = c->options.families;
    if (utarray_len(&d->found) >= FOUND_MAX || span_equal(key, subject(c)) ||
        !span_equal(families_name(families, key), families_name(families, subject(c))) ||
        !cache_key_has_part(key, from, cache_key_last_part(subject(c)))) {
        return;
    }
    for (unsigned i = 0; i < utarray_len(&d->found); i++) {
        if (span_equal(target_id((const struct target *)utarray_eltptr(&d->found, i)), key)) {
            return; /* a walk may give a key twice */
        }
    }
    target_set(&t, TARGET_KEY, key);
    utarray_push_back(&d->found, &t);
}

static void on_page(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    struct key_document *d = &c->peek.key;
    const struct reply *keys = reply_at(r, 1);
    bool mine = d->walk == KEY_WALK_ON && (unsigned)a->number == d->walk_number;
    peek_ask_free(a);
    if (!mine) {
        return;
    }
    int64_t now_us = clock_mono_us();
    d->in_flight = false;
    if (!r || reply_is_error(r)) {
        d->walk = KEY_WALK_CUT;
    } else {
        d->walked += WALK_PAGE;
        for (size_t i = 0; i < reply_count(keys); i++) {
            take(c, reply_text(reply_at(keys, i)));
        }
        snprintf(d->cursor, sizeof d->cursor, "%.*s", (int)reply_text(reply_at(r, 0)).len,
                 reply_text(reply_at(r, 0)).data);
        bool over = strcmp(d->cursor, "0") == 0;
        bool enough = utarray_len(&d->found) >= FOUND_MAX || d->walked >= WALK_KEYS_MAX;
        d->walk = over ? KEY_WALK_OVER : enough ? KEY_WALK_CUT : KEY_WALK_ON;
    }
    int64_t rest_us = pace_page(&c->pace, now_us - d->asked_us);
    d->rest_until_us = now_us + rest_us;
    if (!c->peek.busy && (d->walk != KEY_WALK_ON || now_us - c->peek.told_us > US_PER_S / 4)) {
        tell(c);
    }
    collect_soon(c, rest_us);
}

static void add_literal(struct span s, UT_string *pattern)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] && strchr("*?[]\\", s.data[i])) {
            text_add(pattern, S("\\"));
        }
        text_add(pattern, span_make(s.data + i, 1));
    }
}

void peek_key_absent_step(struct collect *c, int64_t now_us)
{
    struct key_document *d = &c->peek.key;
    if (d->walk != KEY_WALK_ON || d->in_flight || now_us < d->rest_until_us) {
        return;
    }
    UT_string pattern;
    utstring_init(&pattern);
    add_literal(front(c), &pattern);
    text_add(&pattern, S(":*"));
    add_literal(cache_key_last_part(subject(c)), &pattern);
    text_add(&pattern, S("*"));
    struct peek_ask *a = peek_ask_new(c, S(""));
    a->number = d->walk_number;
    d->asked_us = now_us;
    char count[24];
    snprintf(count, sizeof count, "%d", WALK_PAGE);
    d->in_flight = link_command(c->poll, on_page, a, S("SCAN"), span_of(d->cursor), S("MATCH"),
                                text_span(&pattern), S("COUNT"), span_of(count));
    if (!d->in_flight) {
        peek_ask_free(a);
        d->walk = KEY_WALK_CUT;
    }
    utstring_done(&pattern);
}

void peek_key_absent(struct key_ask *a)
{
    struct collect *c = a->c;
    struct key_document *d = &c->peek.key;
    key_ask_free(a);
    if (d->walk == KEY_WALK_NONE && can_be_looked_for(c)) {
        d->walk = KEY_WALK_ON;
        d->walk_number++;
        snprintf(d->cursor, sizeof d->cursor, "0");
        collect_soon(c, 0);
    }
    tell(c);
}
