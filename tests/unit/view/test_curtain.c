/* The curtain against a model full of secrets: whatever is open, at any size, no cell of the screen may show
 * a piece of one. Every secret has the mark QZ in all of its parts, which no pseudonym can have, so that a
 * part that is cut short is found, too. The same screens without the curtain must show each of them, or the
 * test would pass on a screen that shows nothing. */
#include "golden/golden.h"
#include "support/unit.h"
#include "view/texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#include "redai/conf/key.h"
#include "redai/conf/words.h"

static const char mark[] = "QZ";

static const char *const facts[] = {
    "connection address=QZQZ1.example:6379",
    "link role=poll state=up",
    "link role=feed state=up",
    "link role=act state=down error=\"QZ2.example:6379 refused\"",
    "server redis_version=7.0.15 role=master used_memory=1000 maxmemory=0",
    "notify state=partial present=K missing=Ex why=\"NOPERM 'QZ3' may not\"",
    "census phase=begin expected=5",
    "session id=QZQZQZ4QZQZQZQZQZ user_id=QZQZ5 name=\"QZ6 QZ\" email=QZ7@QZ.example role=student "
    "created_us=1795399790000000 pttl_ms=86000000",
    "session id=QZQZQY4QZQZQZQZQZ user_id=QZQZ5 name=\"QZ6 QZ\" email=QZ7@QZ.example role=student "
    "created_us=1795399780000000 pttl_ms=86000000",
    "session id=QZQZQX4QZQZQZQZQZ user_id=QZQZ8 name=\"QZ9 QZ\" email=QZ7@QZ.example role=admin "
    "created_us=1795399770000000 pttl_ms=86000000",
    "user_index phase=begin user_id=QZQZ5",
    "user_index phase=member user_id=QZQZ5 id=QZQZQZ4QZQZQZQZQZ",
    "user_index phase=member user_id=QZQZ5 id=QZQZQW4QZQZQZQZQZ",
    "user_index phase=end user_id=QZQZ5 size=2 pttl_ms=5000",
    "family name=exam:QZ10 keys=4 sampled=4 sampled_no_ttl=4 sampled_bytes=400",
    "family name=QZname keys=1 sampled=1 sampled_no_ttl=1 sampled_bytes=90 largest=QZkowalska "
    "largest_bytes=90",
    "census phase=end walked=5 expected=5",
    "queue name=questions depth=2,0,0,0 unacked=1 sources=1",
    "batch id=0ea6d111-1111-4111-8111-111111111111 origin=progress current=3 total=9 status=\"QZ11 QZ\"",
    "batch id=0ea6d222-2222-4222-8222-222222222222 origin=progress current=3 total=9 error=\"QZ12 QZ\"",
    "task id=0ea6d333-3333-4333-8333-333333333333 state=FAILURE name=api.tasks.grade error=\"QZ13 QZ\" "
    "exception=QZ14Error hostname=w1@QZ15 args=\"[QZ16]\" kwargs=\"{QZ17}\" queue=questions",
    "task id=0ea6d444-4444-4444-8444-444444444444 state=SUCCESS name=api.tasks.grade error=\"QZ18 QZ\" "
    "hostname=w1@QZ15 queue=questions",
    "task_message id=0ea6d555-5555-4555-8555-555555555555 place=list queue=questions name=api.tasks.grade "
    "args=\"[QZ19]\" kwargs=\"{QZ20}\" position=0 fate=fine",
    "task_message id=0ea6d666-6666-4666-8666-666666666666 place=unacked queue=questions name=api.tasks.grade "
    "args=\"[QZ21]\" delivered_wall_us=1795399700000000",
    "task_event id=0ea6d777-7777-4777-8777-777777777777 event=started worker=w1@QZ15 name=api.tasks.grade "
    "args=\"[QZ22]\"",
    "task_event id=0ea6d888-8888-4888-8888-888888888888 event=failed worker=w1@QZ15 name=api.tasks.grade "
    "text=\"QZ23 QZ\" exception=QZ24Error",
    "worker name=w1@QZ15 event=heartbeat active=1 processed=3",
    "worker_answer name=w1@QZ15 answered=1 round_trip_us=100",
    "worker_queues name=w1@QZ15 queues=questions",
    "worker name=w2@QZ25 event=heartbeat active=0 processed=3",
    "task id=0ea6d111-1111-4111-8111-111111111111 state=PROGRESS current=3 total=9 hostname=w3@QZ71",
    "task_message id=0ea6d999-9999-4999-8999-999999999999 place=list queue=questions name=api.tasks.grade "
    "fate=kills_again reason=\"QZ72 QZ\"",
    "task_event id=0ea6daaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa event=started worker=w1@QZ15 name=api.tasks.grade",
    "task id=0ea6daaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa state=PROGRESS current=3 total=9 error=\"QZ73 QZ\"",
    "task_event id=0ea6dbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb event=retried worker=w1@QZ15 name=api.tasks.grade "
    "text=\"QZ74 QZ\" eta_wall_us=1795499800000000",
    "worker name=w4@QZ75 event=heartbeat active=1 processed=3",
    "task_event id=0ea6dccc-cccc-4ccc-8ccc-cccccccccccc event=started worker=w4@QZ75 name=api.tasks.grade",
    "task_message id=0ea6dccc-cccc-4ccc-8ccc-cccccccccccc place=unacked queue=questions name=api.tasks.grade "
    "delivered_wall_us=1795399700000000",
    "worker name=w4@QZ75 event=offline",
    "session_watch phase=begin id=QZQZQV76QZQZQZ user_id=QZ77 until_us=999000000",
    "session id=QZQZQV76QZQZQZ user_id=QZ77 name=QZ role=student created_us=1795399760000000 "
    "pttl_ms=86000000",
    "session_watch phase=back id=QZQZQV76QZQZQZ user_id=QZ77",
    "receipt action=\"revoke session\" subject=QZQZQZ~ outcome=done text=\"of user QZ26\"",
    "receipt action=\"revoke user\" subject=QZQZ27 outcome=done text=\"QZ28 QZ\"",
    "receipt action=invalidate subject=exam:QZ29* outcome=done text=\"3 keys\"",
    "receipt action=enqueue subject=api.tasks.grade outcome=done text=\"taken by w1@QZ30\"",
    "receipt action=worker subject=w1@QZ31 outcome=done text=pong",
    "receipt action=other subject=QZ32 outcome=done text=QZ33",
    "note text=\"QZ34 QZ\"",
    "trace phase=begin ends_at_us=4000000 bytes_max=1000",
    "trace phase=family name=exam:QZ10 reads=9 writes=1 hot_key=exam:QZ78 hot_reads=5",
    "trace phase=end commands=10 bytes=100 text=\"stopped at 'QZ79'\"",
    "client phase=row id=7 address=QZ80.example:6000 name=QZ81app user=QZ82 command=get flags=N db=0 age_s=9 "
    "idle_s=1 memory=900",
    "client phase=row id=8 address=QZ80.example:6001 name=QZ81app user=QZ82 command=get flags=N db=0 age_s=9 "
    "idle_s=1 memory=800",
    "client phase=end",
    "slow phase=row id=1 wall_us=1795399790000000 duration_us=20000 shape=\"GET exam:QZ83\" "
    "text=\"GET exam:QZ84\" client=QZ86.example:1 name=QZ87app argc=2",
    "slow phase=row id=2 wall_us=1795399791000000 duration_us=10000 shape=\"SET QZ85\" text=\"SET QZ85 "
    "QZ88\" "
    "client=QZ86.example:1 name=QZ87app argc=3",
    "slow phase=end total=2 threshold_us=10000",
    "command_stat phase=row name=get calls=9 usec=90",
    "command_stat phase=end",
    "error_stat phase=row name=NOAUTH count=9",
    "error_stat phase=end",
    "replica phase=row address=QZ89.example:6379 state=online offset=1 lag_s=0",
    "replica phase=end",
    "server redis_version=7.0.15 role=master used_memory=1000 maxmemory=0 connected_slaves=1 "
    "master_repl_offset=5",
    "poll topic=clients ok=0 error=\"NOPERM 'QZ90' may not\"",
    "poll topic=server",
    "poll topic=sessions",
    "poll topic=cache",
    "doctor phase=begin",
    "setting name=acl.user value=QZ80 known=1",
    "setting name=bind value=127.QZ81 known=1",
    "setting name=connection.way value=loopback known=1",
    "setting name=celery.prefix value=QZ82 known=1",
    "setting name=cache.overlap value=\"exam:QZ83 exam:QZ84\" known=1",
    "setting name=timeout known=0 why=\"NOPERM 'QZ85' may not\"",
    "permission what=MONITOR permission=denied why=\"User QZ86 has no permissions\"",
    "permission what=\"SCAN 0\" permission=unknown why=\"proxy 'QZ87' is away\"",
    "doctor phase=end",
    "poll topic=queues",
    "poll topic=batches",
    "poll topic=tasks",
    "poll topic=workers",
    "clock",
    "+60 worker name=w1@QZ15 event=heartbeat active=1 processed=3",
    "+60 clock",
    "+120 worker name=w1@QZ15 event=heartbeat active=1 processed=3",
    "+120 server redis_version=7.0.15 role=master used_memory=1000 maxmemory=0 connected_slaves=1",
    "+120 poll topic=server",
    "+120 mute id=\"worker-lost\\x1fw4@QZ75\" until_us=900000000 reason=\"QZ91 QZ\"",
    "+120 mute id=redis-unreachable until_us=900000000 reason=\"QZ92 QZ\"",
    "+120 acknowledge rule=\"cache-without-ttl\\x1fexam:QZ10\"",
    "+120 clock",
};

/* Of each kind of line a detail has; SUBJECT stands for kind and id. */
static const char *const detail[] = {
    "peek phase=begin SUBJECT label=\"thing QZ40\"",
    "peek phase=line SUBJECT label=session text=QZQZ41~ veil=session link_kind=session link_id=QZQZ41QZQZ",
    "peek phase=line SUBJECT label=user text=QZ42 veil=user",
    "peek phase=line SUBJECT label=name text=\"QZ43 QZ\" veil=person",
    "peek phase=line SUBJECT label=mail text=QZ44@QZ veil=mail",
    "peek phase=line SUBJECT label=from text=QZ45 veil=address",
    "peek phase=line SUBJECT label=node text=w1@QZ46 veil=node",
    "peek phase=line SUBJECT label=key text=exam:QZ47 veil=key",
    "peek phase=line SUBJECT label=key text=QZbare veil=key",
    "peek phase=line SUBJECT label=family text=QZfamily veil=family",
    ("peek phase=line SUBJECT label=QZalone text=\"TTL 3 s\" veil=plain foreign=1 link_kind=key "
     "link_id=QZalone"),
    ("peek phase=line SUBJECT label=exam:QZ48 text=\"TTL 3 s\" veil=plain foreign=1 link_kind=key "
     "link_id=exam:QZ48"),
    "peek phase=line SUBJECT label=QZ49 text=\"QZ50 QZ\" foreign=1",
    "peek phase=line SUBJECT label=0 text=\"api.tasks.grade  [QZ51]\" plain=15",
    "peek phase=line SUBJECT label=value text=\"90 bytes\" veil=plain",
    "peek phase=line SUBJECT label=\"\" text=\"{\" style=json",
    "peek phase=line SUBJECT label=\"\" text=\"  \\x22QZ52\\x22: \\x22QZ53 QZ\\x22\" style=json depth=1",
    "peek phase=line SUBJECT label=\"\" text=\"}\" style=json",
    "peek phase=end SUBJECT text=\"WRONGTYPE 'QZ54'\"",
};
static const char *const no_redis[] = {
    "connection address=QZQZ1.example:6379",
    "link role=poll state=down error=\"QZ55.example:6379 refused\" retry_at_us=2000000",
    "poll topic=server ok=0 error=\"'QZ56' is away\"",
    "poll topic=sessions ok=0 error=\"'QZ56' is away\"",
    "clock",
};

/* Every secret above, as a screen may have it. */
static const char *const secrets[] = {
    "QZQZ1.example", "QZ2.example", "'QZ3'",      "QZQZQZ~",    "QZQZ5",
    "QZ6 QZ",        "QZ7@QZ",      "QZ9 QZ",     "QZ10",       "QZ11 QZ",
    "QZ12",          "QZ13 QZ",     "QZ14",       "w1@QZ15",    "QZ16",
    "QZ17",          "QZ18 QZ",     "QZ19",       "QZ20",       "QZ21",
    "QZ22",          "QZ23",        "QZ24",       "w2@QZ25",    "user QZ26",
    "QZQZ27",        "QZ28",        "QZ29*",      "w1@QZ30",    "w1@QZ31",
    "QZ32",          "QZ33",        "QZ34",       "QZ40",       "QZQZ41",
    "QZ42",          "QZ43",        "QZ44",       "QZ45",       "QZ46",
    "QZ47",          "QZ48",        "QZ49",       "QZ50",       "QZ51",
    "QZ52",          "QZ53",        "QZ54",       "QZ55",       "QZ56",
    "QZ60",          "QZ61",        "QZ62",       "QZ63",       "QZ64",
    "QZ65",          "QZ66",        "QZ67",       "QZ68",       "QZ69",
    "w3@QZ71",       "on it: QZ72", "done: QZ73", "QZ74",       "w4@QZ75 is gone",
    "QZQZQV~",       "user QZ77",   "exam:QZ78",  "'QZ79'",     "QZbare",
    "QZfamily",      "QZalone",     "QZname",     "QZkowalska", "QZ80.example:6000",
    "QZ81app",       "QZ82",        "exam:QZ83",  "exam:QZ84",  "SET QZ85",
    "QZ86.example",  "QZ87app",     "QZ88",       "QZ89",       "'QZ90'",
    "QZ91",          "QZ92",
};

/* What is opened; @ stands for the detail of what the page is about. */
static const char *const scripts[] = {
    "",
    "1 +",
    "1 + < <",
    "1 + > > > I",
    "1 u +",
    "1 u + < <",
    "1 u Enter",
    "1 u Down Enter @",
    "1 u + z",
    "2 +",
    "3 +",
    "4 +",
    "5 +",
    "5 + / s t a t e : m u t e d Enter Enter",
    "5 + / s t a t e : m u t e d Enter Down Enter",
    "5 + / r u l e : w o r k e r - l o s t Enter Enter",
    "5 + / r u l e : c a c h e - w i t h o u t - t t l Enter Enter",
    "5 + / r u l e : c a c h e - w i t h o u t - t t l Enter Enter End",
    "5 + u",
    "5 + u z",
    "5 + u < <",
    "5 + u Enter",
    "5 + u Enter End",
    "5 + u Down Enter",
    "5 + u Down Down Enter",
    "5 + u / o b j e c t : Q Z",
    "6 +",
    "6 + v",
    "6 + v v",
    "6 + v v Enter",
    "7 +",
    "8",
    "8 +",
    "8 + u",
    "8 + u u",
    "8 + u u u",
    "8 + u u u > > I",
    "8 + u u u u",
    "8 + : g r o u p Space e n t r i e s Enter",
    "8 u u u + z",
    "8 + : f o l d Space n o n e Enter",
    "8 u Enter",
    "8 u u Enter",
    "8 u u Enter Enter",
    "8 u u u Enter",
    "8 u u u u Enter",
    "8 + / r e p l i c a s Enter Down Enter",
    "8 + : g r o u p Space e n t r i e s Enter Enter",
    "1 Space Space +",
    "1 Enter",
    "1 Enter @",
    "1 Enter @ Down Down Down Enter",
    "1 Enter @ / Q Z Enter",
    "2 Enter @",
    "3 Enter",
    "3 Enter @",
    "4 Enter @",
    "5 Enter",
    "6 + Enter",
    "6 + End Enter",
    "6 + End Up Enter",
    "6 + Down Enter @",
    "6 + Down Down Enter",
    "6 + Down Down Down Enter",
    "6 + Down Down Down Down Enter",
    "6 + Down Down Down Down Down Enter",
    "6 + Down Down Down Down Down Down Enter",
    "6 + / o r p h a n e d Enter Enter",
    "4 + Enter @",
    ": o p e n Space a l e r t Space s e s s i o n - c a m e - b a c k Enter",
    "7 Enter",
    "7 Enter @",
    ": o p e n Space u s e r Space Q Z Q Z 5 Enter @",
    ": o p e n Space k e y Space e x a m : Q Z 4 7 Enter @",
    ": o p e n Space k e y Space Q Z b a r e Enter @",
    ": o p e n Space f a m i l y Space Q Z n a m e Enter",
    ": o p e n Space f a m i l y Space Q Z n a m e Enter @",
    ": o p e n Space a l e r t Space w o r k e r - s i l e n t Enter",
    ": r e c e i p t s Enter",
    "0",
    "0 G",
    "0 End",
    ": d o c t o r Enter",
    ": d o c t o r Enter PgDn",
    ": d o c t o r Enter End Right End",
    "?",
    "z",
    "1 + z",
    "6 + z",
    "1 + / Q Z 6",
    "1 + / Q Z 6 Enter",
    ": o p e n Space Q Z",
    ": n o t e Space Q Z Enter : Up",
    ": n o t e Space Q Z Enter Esc : p Up Up",
};

struct scene {
    struct model *m;
    struct console *console;
    struct grid g;
    UT_string *seen; /* every screen without the curtain */
};

static void tell(struct scene *s, const char *line)
{
    struct fact fact;
    struct err err = {0};
    UT_string scratch;
    UT_string whole;
    utstring_init(&scratch);
    utstring_init(&whole);
    /* "+60 clock": a minute later. */
    char *rest = (char *)(uintptr_t)line;
    int64_t later_us = line[0] == '+' ? strtol(line, &rest, 10) * US_PER_S : 0;
    utstring_printf(&whole, "%" PRId64 " %" PRId64 " %s", 1000000 + later_us, 1795399800000000 + later_us,
                    rest);
    if (!fact_read(&fact, text_span(&whole), &scratch, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
    model_apply(s->m, &fact);
    model_judge(s->m);
    utstring_done(&whole);
    utstring_done(&scratch);
}

/* The detail of what the open page is about. */
static void tell_detail(struct scene *s)
{
    const struct target *subject = ui_subject(console_ui(s->console));
    for (size_t i = 0; i < COUNT_OF(detail); i++) {
        UT_string line;
        const char *at = strstr(detail[i], "SUBJECT");
        utstring_init(&line);
        utstring_printf(&line, "%.*skind=%s id=\"%s\"%s", (int)(at - detail[i]), detail[i],
                        target_kind_name(subject->kind), subject->id ? subject->id : "",
                        at + strlen("SUBJECT"));
        tell(s, utstring_body(&line));
        utstring_done(&line);
    }
}

static void frame(struct scene *s)
{
    ui_draw(console_ui(s->console), &s->g, model_take_changes(s->m));
}

static void press(struct scene *s, const char *keys)
{
    struct words w;
    words_init(&w);
    assert_true(words_parse(&w, keys, NULL));
    for (size_t i = 0; i < words_count(&w); i++) {
        uint32_t key;
        if (strcmp(words_at(&w, i), "@") == 0) {
            tell_detail(s);
        } else if (key_parse(words_at(&w, i), &key)) {
            ui_key(console_ui(s->console), key);
        } else {
            fail_msg("no such key: %s", words_at(&w, i));
        }
        frame(s);
    }
    words_release(&w);
}

static void begin(struct scene *s, int width, int height, const char *const line[], size_t lines)
{
    s->m = model_new();
    grid_init(&s->g);
    grid_resize(&s->g, width, height);
    for (size_t i = 0; i < lines; i++) {
        tell(s, line[i]);
    }
    s->console = console_new(s->m, false);
    frame(s);
}

static void end(struct scene *s)
{
    console_free(s->console);
    model_free(s->m);
    grid_release(&s->g);
}

static void note_seen(struct scene *s)
{
    grid_to_text(&s->g, s->seen);
}

static void assert_hidden(struct scene *s, const char *what)
{
    UT_string text;
    utstring_init(&text);
    grid_to_text(&s->g, &text);
    if (strstr(utstring_body(&text), mark)) {
        fail_msg("%dx%d %s:\n%s", s->g.width, s->g.height, what, utstring_body(&text));
    }
    utstring_done(&text);
}

static const struct {
    int width, height;
} sizes[] = {{40, 10}, {80, 24}, {120, 40}, {200, 60}, {400, 100}};

static void draw_curtain(struct scene *s)
{
    console_curtain(s->console, true);
    frame(s);
}

/* The script on a screen that is open, then the curtain; the curtain, then the script. */
static void look_at_script(const char *script, int width, int height, UT_string *seen)
{
    struct scene s = {.seen = seen};
    begin(&s, width, height, facts, COUNT_OF(facts));
    press(&s, script);
    note_seen(&s);
    draw_curtain(&s);
    assert_hidden(&s, script);
    press(&s, "Esc");
    assert_hidden(&s, script);
    end(&s);
    bool typed = strstr(script, "Q Z") && !strstr(script, "Enter"); /* what one types oneself is seen */
    if (typed || strstr(script, "Up") || strstr(script, "/")) {
        return;
    }
    begin(&s, width, height, facts, COUNT_OF(facts));
    draw_curtain(&s);
    press(&s, script);
    assert_hidden(&s, script);
    grid_resize(&s.g, 80, 24);
    frame(&s);
    assert_hidden(&s, script);
    end(&s);
}

static void look_at_no_redis(int width, int height, UT_string *seen)
{
    struct scene s = {.seen = seen};
    begin(&s, width, height, no_redis, COUNT_OF(no_redis));
    for (const char *const *script = (const char *const[]){"", "1 +", "0", "1 Enter", NULL}; *script;
         script++) {
        press(&s, *script);
        note_seen(&s);
        draw_curtain(&s);
        assert_hidden(&s, "no redis");
        console_curtain(s.console, false);
        press(&s, "Esc Esc Esc");
    }
    end(&s);
}

/* What others put together: lines of text in which nobody said what is what. */
static void look_at_words(int width, int height, UT_string *seen)
{
    static const struct ui_line line[] = {{ROLE_DANGER, "session:QZ60 of QZ61@QZ.example"},
                                          {ROLE_TEXT, "named 'QZ62 QZ', at redis://QZ63:6379/0"}};
    static const struct ui_field field = {"QZ64", "QZ65", "a hint", NULL};
    static const char *const item[] = {"QZ66"};
    static const char *const note[] = {"QZ67"};
    struct scene s = {.seen = seen};
    struct ui_question question = {.title = "revoke session QZQZ60~", .count = 2, .line = line};
    begin(&s, width, height, facts, COUNT_OF(facts));
    struct ui *ui = console_ui(s.console);
    struct ui_form form = {"enqueue QZ64", 1, &field, NULL, NULL};
    struct ui_menu menu = {"QZ66", 1, item, note, NULL, NULL};
    for (int i = 0; i < 5; i++) {
        console_curtain(s.console, false);
        for (int drawn = 0; drawn < 2; drawn++) {
            if (i == 0) {
                ui_ask(ui, &question);
            } else if (i == 1 && !drawn) {
                ui_show_form(ui, &form);
            } else if (i == 2 && !drawn) {
                ui_show_menu(ui, &menu);
            } else if (i == 3) {
                ui_message(ui, ROLE_GOOD, "done: session QZ4QZ68~ deleted, user:QZ68:sessions, \"QZ68 QZ\"");
            } else if (i == 4) {
                ui_progress(ui, 1, 9, "deleting session:QZ69");
            }
            frame(&s);
            if (!drawn) {
                note_seen(&s);
                draw_curtain(&s);
            }
            assert_hidden(&s, "words");
        }
    }
    end(&s);
}

static void curtain__hides__every_secret_that_is_seen_without_it(void **state)
{
    UT_string seen;
    (void)state;
    utstring_init(&seen);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (size_t k = 0; k < COUNT_OF(scripts); k++) {
            look_at_script(scripts[k], sizes[i].width, sizes[i].height, &seen);
        }
        look_at_no_redis(sizes[i].width, sizes[i].height, &seen);
        look_at_words(sizes[i].width, sizes[i].height, &seen);
    }
    bool all = true;
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (!strstr(utstring_body(&seen), secrets[i])) {
            fprintf(stderr, "never seen without the curtain: %s\n", secrets[i]);
            all = false;
        }
    }
    assert_true(all);
    utstring_done(&seen);
}

static bool shows(struct scene *s, const char *text)
{
    UT_string screen;
    utstring_init(&screen);
    grid_to_text(&s->g, &screen);
    bool is = strstr(utstring_body(&screen), text) != NULL;
    utstring_done(&screen);
    return is;
}

static void curtain__gives_back__what_it_hid(void **state)
{
    struct scene s = {0};
    (void)state;
    begin(&s, 120, 40, facts, COUNT_OF(facts));
    press(&s, ": n o t e Space Q Z Enter 1 +");
    assert_true(shows(&s, "QZ6 QZ") && !shows(&s, "[CURTAIN]"));
    draw_curtain(&s);
    assert_true(shows(&s, "[CURTAIN]"));
    press(&s, ": Up Up");
    assert_hidden(&s, "what was typed before");
    press(&s, "Esc : h e l p Enter Esc : Up Up Up");
    assert_true(shows(&s, ":help"));
    assert_hidden(&s, "what was typed before");
    press(&s, "Esc");
    console_curtain(s.console, false);
    frame(&s);
    assert_true(shows(&s, "QZ6 QZ") && !shows(&s, "[CURTAIN]"));
    press(&s, ": Up Up");
    assert_true(shows(&s, ":note QZ"));
    end(&s);
}

/* One could ask the filter letter by letter for a name that is hidden. */
static void curtain__filters_and_searches__what_is_shown(void **state)
{
    struct scene s = {0};
    (void)state;
    begin(&s, 120, 40, facts, COUNT_OF(facts));
    draw_curtain(&s);
    press(&s, "1 + / n a m e : q z 6 Enter");
    assert_true(shows(&s, "4 hidden"));
    press(&s, "Esc / n a m e = '\"' Q Z 6 Space Q Z '\"' Enter");
    assert_true(shows(&s, "4 hidden"));
    press(&s, "Esc / u s e r : u s e r - * Enter");
    assert_true(shows(&s, "4 shown"));
    press(&s, "Esc 6 / w h y : Q Z 1 4 Enter");
    assert_true(shows(&s, "hidden"));
    press(&s, "Esc 5 / m e s s a g e : Q Z Enter");
    assert_true(shows(&s, "hidden"));
    end(&s);
}

/* The rows' order by a hidden column is that of what is shown. */
static void curtain__sorts_by__what_is_shown(void **state)
{
    struct scene s = {0};
    enum { MORE = 6 };
    char user[4 + MORE][8] = {""};
    (void)state;
    begin(&s, 200, 40, facts, COUNT_OF(facts));
    for (int i = 0; i < MORE; i++) {
        char line[120];
        snprintf(line, sizeof line, "session id=QZQZQ%d user_id=QZ8%d name=QZ pttl_ms=86000000", i, i);
        tell(&s, line);
    }
    draw_curtain(&s);
    press(&s, "1 + : s o r t Space u s e r Enter");
    for (int i = 0; i < 4 + MORE; i++) {
        enum { TAG = 6 };
        for (int x = 0; x < TAG; x++) {
            user[i][x] = (char)grid_at(&s.g, 1 + x, 3 + i)->ch;
        }
        assert_true(i == 0 || text_order(user[i - 1], user[i]) <= 0);
    }
    end(&s);
}

/* The line shows a session's key cut short, the title is made of the whole. */
static void curtain__calls__one_key_by_one_name(void **state)
{
    static const char front[] = "session:key-";
    struct scene s = {0};
    UT_string text;
    (void)state;
    begin(&s, 120, 40, facts, COUNT_OF(facts));
    press(&s, ": o p e n Space k e y Space s e s s i o n : a b c d e f g h Enter");
    tell(&s, "peek phase=begin kind=key id=session:abcdefgh label=\"key session:abcdef~\"");
    tell(&s, "peek phase=line kind=key id=session:abcdefgh label=key text=session:abcdef~ veil=key");
    tell(&s, "peek phase=end kind=key id=session:abcdefgh");
    frame(&s);
    draw_curtain(&s);
    utstring_init(&text);
    grid_to_text(&s.g, &text);
    const char *title = strstr(utstring_body(&text), front);
    assert_non_null(title);
    const char *line = strstr(title + 1, front);
    assert_non_null(line);
    assert_memory_equal(title, line, strlen(front) + 5);
    utstring_done(&text);
    end(&s);
}

static void pseudonym__of_an_alert__is_its_rule_without_the_thing(void **state)
{
    struct scene s = {0};
    struct target alert = {0}, change = {0};
    UT_string text;
    (void)state;
    begin(&s, 80, 24, facts, COUNT_OF(facts));
    draw_curtain(&s);
    target_set(&alert, TARGET_ALERT, S("worker-lost\x1fw4@QZ75"));
    target_set(&change, TARGET_CHANGE, S("\x01\0\0\0\0\0\0\0"));
    utstring_init(&text);
    ui_pseudonym(console_ui(s.console), &alert, &text);
    assert_string_equal(utstring_body(&text), "worker-lost");
    utstring_clear(&text);
    ui_pseudonym(console_ui(s.console), &change, &text);
    assert_string_equal(utstring_body(&text), "change");
    utstring_done(&text);
    target_release(&alert);
    target_release(&change);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curtain__calls__one_key_by_one_name),
        cmocka_unit_test(curtain__hides__every_secret_that_is_seen_without_it),
        cmocka_unit_test(curtain__gives_back__what_it_hid),
        cmocka_unit_test(curtain__filters_and_searches__what_is_shown),
        cmocka_unit_test(curtain__sorts_by__what_is_shown),
        cmocka_unit_test(pseudonym__of_an_alert__is_its_rule_without_the_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
