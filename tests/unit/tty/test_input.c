#include "support/unit.h"
#include "tty/input.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

/* What came out, as text: "a Up M-x <paste text>". */
struct log {
    UT_string text;
    size_t keys;
    bool hostile;
};

static void on_key(void *ctx, uint32_t code)
{
    struct log *log = ctx;
    char name[16];
    key_name(code, name);
    log->keys++;
    log->hostile = log->hostile || (strcmp(name, "?") == 0 && code != '?');
    utstring_printf(&log->text, "%s%s", utstring_len(&log->text) ? " " : "", name);
}

static void on_paste(void *ctx, struct span text)
{
    struct log *log = ctx;
    utstring_printf(&log->text, "%s<%.*s>", utstring_len(&log->text) ? " " : "", (int)text.len, text.data);
    while (text.len) {
        uint32_t cp;
        text = span_skip(text, utf8_decode(text, &cp));
        log->hostile = log->hostile || (cp & UTF8_INVALID) || utf8_is_hostile(cp);
    }
}

struct fixture {
    struct input in;
    struct log log;
    struct screen_input to;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    input_init(&f->in);
    utstring_init(&f->log.text);
    f->to = (struct screen_input){on_key, on_paste, &f->log};
    return f;
}

static void fixture_free(struct fixture *f)
{
    input_release(&f->in);
    utstring_done(&f->log.text);
    mem_free(f);
}

/* The bytes in one piece, then byte by byte: the same must come out. */
static void assert_keys(struct span bytes, const char *expected)
{
    for (size_t step = 1; step <= bytes.len; step += bytes.len > 1 ? bytes.len - 1 : 1) {
        struct fixture *f = fixture_new();
        input_learn(&f->in, "\033\t", KEY_CODE_BACK_TAB); /* the Linux console */
        input_learn(&f->in, "\033[M~", KEY_CODE_F1 + 1);  /* one that begins like a mouse report */
        for (struct span rest = bytes; rest.len; rest = span_skip(rest, step)) {
            input_feed(&f->in, span_head(rest, step), &f->to);
        }
        if (input_wait_ms(&f->in) > 0) {
            input_flush(&f->in, &f->to);
        }
        assert_int_equal(input_wait_ms(&f->in), 0);
        assert_string_equal(utstring_body(&f->log.text), expected);
        fixture_free(f);
    }
}

static void input__names_every_key__when_terminals_of_all_families_send_it(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        const char *keys;
    } cases[] = {
        {SPAN_LITERAL("aZ \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "a Z Space é € 😀"},
        {SPAN_LITERAL("\r\n\t\x7f\x08\x04"), "Enter Enter Tab Backspace Backspace C-d"},
        {SPAN_LITERAL("\033[A\033[B\033[C\033[D"), "Up Down Right Left"},
        {SPAN_LITERAL("\033OA\033OB\033OC\033OD"), "Up Down Right Left"},
        {SPAN_LITERAL("\033[H\033[F\033OH\033OF\033[1~\033[4~\033[7~\033[8~"),
         "Home End Home End Home End Home End"},
        {SPAN_LITERAL("\033[2~\033[3~\033[5~\033[6~"), "Insert Delete PgUp PgDn"},
        {SPAN_LITERAL("\033[Z\033\t"), "S-Tab S-Tab"},
        {SPAN_LITERAL("\033OP\033OQ\033OR\033OS\033[15~\033[24~"), "F1 F2 F3 F4 F5 F12"},
        {SPAN_LITERAL("\033[11~\033[12~\033[[A\033[[E"), "F1 F2 F1 F5"},
        {SPAN_LITERAL("\033[1;5A\033[1;2B\033[5;5~\033O5A\033[a\033Oa\033[5^\033[5$\033[6@"),
         "Up Down PgUp Up Up Up PgUp PgUp PgDn"},
        {SPAN_LITERAL("\033[1;3A\033[3;3~\033\033[A\033\033OB"), "M-Up M-Delete M-Up M-Down"},
        {SPAN_LITERAL("\033x\033\xc3\xa9\033\x7f\033\r"), "M-x M-é M-Backspace M-Enter"},
        {SPAN_LITERAL("\033OM\033Ok\033Oq"), "Enter + 1"},
        {SPAN_LITERAL("\033"), "Esc"},
        {SPAN_LITERAL("\033\033"), "Esc Esc"},
        {SPAN_LITERAL("\033\033x"), "Esc M-x"},
        {SPAN_LITERAL("\033["), "M-["},
        {SPAN_LITERAL("\033O"), "M-O"},
        {SPAN_LITERAL("\033]"), "M-]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_keys(cases[i].bytes, cases[i].keys);
    }
}

static void input__swallows_whole__what_is_no_key_of_ours(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        const char *keys;
    } cases[] = {
        {SPAN_LITERAL("\0\xff\xc0\x80\xe2\x80\xae\xed\xa0\x80q"), "q"},
        {SPAN_LITERAL("\xe2\x82q"), "q"},
        {SPAN_LITERAL("\xf0\x9f"), ""},
        {SPAN_LITERAL("\033[200q\033[?62;22cq"), "q"},
        {SPAN_LITERAL("\033[24;80Rq\033[I\033[Oq"), "q q"},
        {SPAN_LITERAL("\033[<0;12;7Mq\033[<0;12;7mq"), "q q"},
        {SPAN_LITERAL("\033[M!!!q\033[Myxyq"), "q q"},
        {SPAN_LITERAL("\033[M~q"), "F2 q"},
        {SPAN_LITERAL("\033[?2026;1$yq"), "q"},
        {SPAN_LITERAL("\033]11;rgb:0000/0000/0000\033\\q"), "q"},
        {SPAN_LITERAL("\033]52;c;eHl4\aq"), "q"},
        {SPAN_LITERAL("\033P1$r0m\033\\q\033_x\033\\q"), "q q"},
        {SPAN_LITERAL("\033]0;half\033[Aq"), "Up q"},
        {SPAN_LITERAL("\033[12\033[Aq"), "Up q"},
        {SPAN_LITERAL("\033[12\rq"), "Enter q"},
        {SPAN_LITERAL("\033[999999999999999999999999~q"), "q"},
        {SPAN_LITERAL("\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1Aq"),
         "q"},
        {SPAN_LITERAL(
             "\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1\033[B"),
         "Down"},
        {SPAN_LITERAL("\033[12"), ""},
        {SPAN_LITERAL("\033]never ended"), ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_keys(cases[i].bytes, cases[i].keys);
    }
}

static void input__gives_a_paste_as_one_clean_line__when_it_is_bracketed(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        const char *keys;
    } cases[] = {
        {SPAN_LITERAL("a\033[200~q: x\033[201~b"), "a <q: x> b"},
        {SPAN_LITERAL("\033[200~one\r\ntwo\nthree\tfour\r\n\033[201~"), "<one two three four>"},
        {SPAN_LITERAL("\033[200~\033[201~q"), "q"},
        {SPAN_LITERAL("\033[200~\033[20\033[2J\x9b\033[201~q"), "<^[[20^[[2J\\x9b> q"},
        {SPAN_LITERAL("\033[200~\033\033[201~q"), "<^[> q"},
        {SPAN_LITERAL("\033[200~x\033"), "<x>"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_keys(cases[i].bytes, cases[i].keys);
    }
}

static void input__keeps_64_KiB_of_a_paste_and_drops_the_rest__when_megabytes_come(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    char block[5000];
    memset(block, 'x', sizeof block);
    input_feed(&f->in, S("\033[200~"), &f->to);
    for (int i = 0; i < 1000; i++) {
        input_feed(&f->in, span_make(block, sizeof block), &f->to);
    }
    assert_int_equal(f->log.keys, 0);
    assert_int_equal(input_wait_ms(&f->in), 0); /* a paste may pause as long as it likes */
    input_feed(&f->in, S("\033[201~q"), &f->to);
    assert_int_equal(utstring_len(&f->log.text), INPUT_PASTE_BYTES + strlen("<> q"));
    fixture_free(f);
}

static void input__survives_and_says_nothing_hostile__when_fed_random_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\033", "[",  "O",    "200~",   "\033[201~", "\033]", "\\",
                                         "\a",   ";",  "1",    "~",      "\x9b",      "\xe2",  "\x80",
                                         "\xae", "M",  "$",    "?",      "A",         "x",     "\033P",
                                         "\x18", "\r", "\xf0", "\033[M", "<",         "5"};
    unsigned seed = 11;
    struct fixture *f = fixture_new();
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1103515245u + 12345u;
        const char *piece = pieces[(seed >> 16) % COUNT_OF(pieces)];
        input_feed(&f->in, span_of(piece), &f->to);
        if ((seed >> 8) % 64 == 0) {
            input_flush(&f->in, &f->to);
            assert_int_equal(input_wait_ms(&f->in), 0);
        }
        if (utstring_len(&f->log.text) > 10000) {
            utstring_clear(&f->log.text);
        }
    }
    input_flush(&f->in, &f->to);
    input_flush(&f->in, &f->to);
    size_t keys = f->log.keys;
    input_feed(&f->in, S("q"), &f->to);
    assert_int_equal(f->log.keys, keys + 1);
    assert_false(f->log.hostile);
    fixture_free(f);
}

static void input__takes_the_late_rest_of_a_key_for_that_key__when_its_Esc_came_alone(void **state)
{
    (void)state;
    static const struct {
        const char *rest, *keys;
    } cases[] = {
        {"[A", "Esc Up"}, {"OB", "Esc Down"}, {"[5~x", "Esc PgUp x"},
        {"[", "Esc ["},   {"[q", "Esc [ q"},  {"A", "Esc A"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture *f = fixture_new();
        input_feed(&f->in, S("\033"), &f->to);
        assert_int_equal(input_wait_ms(&f->in), INPUT_ESCAPE_MS);
        input_flush(&f->in, &f->to);
        input_feed(&f->in, span_of(cases[i].rest), &f->to);
        assert_string_equal(utstring_body(&f->log.text), cases[i].keys);
        input_feed(&f->in, S("[A"), &f->to); /* later, letters are letters */
        assert_true(span_ends(text_span(&f->log.text), S(" [ A")));
        fixture_free(f);
    }
}

/* A reply that nobody asked for, cut in two by a slow line: its end is no keys. */
static void input__waits_longer__within_a_string(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    input_feed(&f->in, S("\033]11;rgb:00"), &f->to);
    assert_int_equal(input_wait_ms(&f->in), INPUT_STRING_MS);
    input_feed(&f->in, S("00/xyq\033\\a"), &f->to);
    assert_string_equal(utstring_body(&f->log.text), "a");
    assert_int_equal(input_wait_ms(&f->in), 0);
    input_feed(&f->in, S("\033[200~pasted"), &f->to);
    input_forget(&f->in); /* somebody else has read the rest */
    input_feed(&f->in, S("b"), &f->to);
    assert_string_equal(utstring_body(&f->log.text), "a b");
    fixture_free(f);
}

static void input_learn__takes_escape_sequences_only__when_descriptions_offer_more(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    input_learn(&f->in, "", KEY_CODE_UP);
    input_learn(&f->in, "q", KEY_CODE_UP);
    input_learn(&f->in, "\033", KEY_CODE_UP);
    input_learn(&f->in, "\033[aaaaaaaaaaaaaaaaaaaaaaaa", KEY_CODE_UP);
    assert_int_equal(f->in.terminfo_count, 0);
    for (int i = 0; i < 2 * INPUT_TERMINFO_KEYS; i++) {
        input_learn(&f->in, "\033#", KEY_CODE_F1);
    }
    input_feed(&f->in, S("q\033#"), &f->to);
    assert_string_equal(utstring_body(&f->log.text), "q F1");
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(input__names_every_key__when_terminals_of_all_families_send_it),
        cmocka_unit_test(input__swallows_whole__what_is_no_key_of_ours),
        cmocka_unit_test(input__gives_a_paste_as_one_clean_line__when_it_is_bracketed),
        cmocka_unit_test(input__keeps_64_KiB_of_a_paste_and_drops_the_rest__when_megabytes_come),
        cmocka_unit_test(input__survives_and_says_nothing_hostile__when_fed_random_bytes),
        cmocka_unit_test(input__takes_the_late_rest_of_a_key_for_that_key__when_its_Esc_came_alone),
        cmocka_unit_test(input__waits_longer__within_a_string),
        cmocka_unit_test(input_learn__takes_escape_sequences_only__when_descriptions_offer_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
