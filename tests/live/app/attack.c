#include "attack.h"

#include "support/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/base64.h"
#include "redai/base/utf8.h"

enum { PILE = 10000, MARK = 7 };

/* --- what --- */

#define BYTES(text) SPAN_LITERAL(text)
/* 31337: a number that no sequence of ours has. */
const struct attack attacks[] = {
    {"NUL", BYTES("\0")},
    {"bell, backspace", BYTES("\x08\x07\x08\x08")},
    {"tab", BYTES("\t\t")},
    {"line feed", BYTES("\n\n")},
    {"carriage return", BYTES("\r\n")},
    {"vertical tab, form feed", BYTES("\x0b\x0c")},
    {"shift out, in", BYTES("\x0e\x0f\x0e")},
    {"the rest of C0",
     BYTES("\x01\x02\x03\x04\x05\x06\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1c\x1d\x1e\x1f")},
    {"DEL", BYTES("\x7f\x7f")},
    {"CSI", BYTES("\033[31337m\033[31337;31337H")},
    {"private modes", BYTES("\033[?31337h\033c\033[!p")},
    {"title", BYTES("\033]0;pwned\007\033]2;pwned\033\\")},
    {"clipboard", BYTES("\033]52;c;cHduZWQ=\007")},
    {"link", BYTES("\033]8;;http://pwned/\033\\x\033]8;;\033\\")},
    {"DCS, APC, PM, SOS", BYTES("\033P31337|pwned\033\\\033_pwned\033\\\033^x\033\\\033Xx\033\\")},
    {"answerback", BYTES("\033[c\033[31337n\033Z\005")},
    {"charset", BYTES("\033(1\033%G\033n")},
    {"C1 as UTF-8", BYTES("\xc2\x9b"
                          "31337m\xc2\x9d"
                          "0;pwned\xc2\x9c\xc2\x90\xc2\x85\xc2\x84")},
    {"C1 as bytes", BYTES("\x9b"
                          "31337m\x9d"
                          "0;pwned\x9c\x90x\x9c\x85")},
    {"bidi", BYTES("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa7\xe2"
                   "\x81\xa8\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c")},
    {"zero width",
     BYTES(
         "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf\xc2\xad\xe1\xa0\x8e\xf3\xa0\x81\x81")},
    {"separators", BYTES("\xe2\x80\xa8\xe2\x80\xa9")},
    {"over-long", BYTES("\xc0\x9b\xc1\x9b\xe0\x80\x9b\xf0\x80\x80\x9b\xf8\x80\x80\x80\x9b")},
    {"cut and broken", BYTES("\xe2\x80 \xf0\x9f\x98 \xc3 \xff\xfe\x80\xbf")},
    {"surrogates", BYTES("\xed\xa0\x80\xed\xb0\x80\xed\xbf\xbf")},
    {"non-characters", BYTES("\xef\xbf\xbe\xef\xbf\xbf\xef\xb7\x90\xf4\x8f\xbf\xbf\xf4\x90\x80\x80")},
    {"wide and ambiguous", BYTES("\xe5\xb1\xb1\xe2\x98\x85\xef\xbc\xa1\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f"
                                 "\x92\xbb\xf0\x9f\x87\xb5\xef\xb8\x8f")},
    {"10 000 marks", BYTES("")}, /* made by value_of */
};
const size_t attacks_count = COUNT_OF(attacks);

/* --- where --- */

#define ID "00000000-0000-4000-8000-00000000#"
#define MESSAGE(task, id, args, more)                                                                        \
    "{\"body\": \"~\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", "            \
    "\"headers\": "                                                                                          \
    "{\"lang\": \"py\", \"task\": \"" task "\", \"id\": \"" id "\", \"retries\": 0, \"argsrepr\": \"" args   \
    "\", \"kwargsrepr\": \"{}\", \"timelimit\": [null, null]" more                                           \
    "}, \"properties\": {\"correlation_id\": \"" id                                                          \
    "\", \"reply_to\": \"r\", \"delivery_mode\": 2, \"delivery_info\": "                                     \
    "{\"exchange\": \"\", \"routing_key\": \"celery\"}, \"priority\": 0, \"body_encoding\": \"base64\", "    \
    "\"delivery_tag\": \"" id "\"}}"
#define WORKER(name, more)                                                                                   \
    "{\"hostname\": \"" name                                                                                 \
    "\", \"utcoffset\": 0, \"pid\": 1, \"clock\": 2, \"freq\": 2.0, \"active\": 0, \"processed\": 0, "       \
    "\"loadavg\": [0.1, 0.1, 0.1], \"timestamp\": 1795426369.5, \"type\": \"worker-heartbeat\"" more "}"
#define TASK(type, id, more)                                                                                 \
    "[{\"hostname\": \"w@h\", \"utcoffset\": 0, \"pid\": 1, \"clock\": 2, \"uuid\": \"" id                   \
    "\", \"timestamp\": 1795426369.5, "                                                                      \
    "\"type\": \"" type "\"" more "}]"
#define HEARTBEAT "/0.celeryev/worker.heartbeat"
#define MULTI     "/0.celeryev/task.multi"

const struct attack_field attack_fields[] = {
    {"session id", false, 0, false, {"SET", "session:%", "{\"user_id\": 1, \"name\": \"N\"}"}},
    {"session user id", true, 0, false, {"SET", "session:a#", "{\"user_id\": \"&\", \"name\": \"N\"}"}},
    {"session name", true, 0, false, {"SET", "session:b#", "{\"user_id\": 1, \"name\": \"&\"}"}},
    {"session mail",
     true,
     0,
     false,
     {"SET", "session:c#", "{\"user_id\": 1, \"name\": \"N\", \"email\": \"&\"}"}},
    {"session role",
     true,
     0,
     false,
     {"SET", "session:d#", "{\"user_id\": 1, \"name\": \"N\", \"role\": \"&\"}"}},
    {"session time", false, 0, false, {"SET", "session:e#", "{\"user_id\": 1, \"created_at\": \"&\"}"}},
    {"session member", true, 0, false, {"SET", "session:f#", "{\"user_id\": 1, \"&\": [\"&\"]}"}},
    {"session of no JSON", true, 0, false, {"SET", "session:g#", "%"}},
    {"user of an index", true, 0, false, {"SADD", "user:%:sessions", "h#"}},
    {"entry of an index", false, 0, false, {"SADD", "user:1:sessions", "%"}},
    {"key and family", false, 0, false, {"SET", "%:1", "v"}},
    {"cache key", true, 0, false, {"SET", "evil:%", "v"}},
    {"value", true, 0, false, {"SET", "evilvalue:#", "%"}},
    {"JSON value", true, 0, false, {"SET", "eviljson:#", "{\"&\": [\"&\"]}"}},
    {"hash", true, 0, false, {"HSET", "evilhash:#", "%", "%"}},
    {"list", true, 0, false, {"RPUSH", "evillist:#", "%"}},
    {"sorted set", true, 0, false, {"ZADD", "evilzset:#", "1", "%"}},
    {"stream", true, 0, false, {"XADD", "evilstream:#", "*", "%", "%"}},
    {"queue", true, 0, false, {"LPUSH", "%", MESSAGE("t", ID, "()", "")}},
    {"binding", true, 0, false, {"SADD", "_kombu.binding.celery", "%\x06\x16\x06\x16%"}},
    {"exchange", false, 0, false, {"SADD", "_kombu.binding.%", "\x06\x16\x06\x16q"}},
    {"message of no JSON", false, 0, false, {"LPUSH", "celery", "%"}},
    {"task name", true, 0, false, {"LPUSH", "celery", MESSAGE("&", ID, "()", "")}},
    {"task id", false, 0, false, {"LPUSH", "celery", MESSAGE("t", "&", "()", "")}},
    {"arguments", true, 0, false, {"LPUSH", "celery", MESSAGE("t", ID, "('&',)", "")}},
    {"other ids",
     false,
     0,
     false,
     {"LPUSH", "celery",
      MESSAGE("t", ID, "()",
              ", \"root_id\": \"&\", \"parent_id\": \"&\", \"group\": \"&\", \"origin\": \"&\", \"eta\": "
              "\"&\", \"expires\": \"&\", \"shadow\": \"&\"")}},
    {"delivery tag",
     false,
     0,
     false,
     {"HSET", "unacked", "%", "[" MESSAGE("t", ID, "()", "") ", \"&\", \"&\"]"}},
    {"delivery of no JSON", false, 0, false, {"HSET", "unacked", "u#", "%"}},
    {"delivery index", false, 0, false, {"ZADD", "unacked_index", "1", "%"}},
    {"batch",
     true,
     0,
     false,
     {"SET", "batch:progress:%", "{\"status\": \"in_progress\", \"current\": 1, \"total\": 2}"}},
    {"batch error",
     true,
     0,
     false,
     {"SET", "batch:progress:i#", "{\"status\": \"failed\", \"error\": \"&\"}"}},
    {"batch status",
     false,
     0,
     false,
     {"SET", "batch:progress:j#", "{\"status\": \"&\", \"current\": \"&\"}"}},
    {"result id",
     true,
     1,
     false,
     {"SET", "celery-task-meta-%", "{\"status\": \"FAILURE\", \"result\": null}"}},
    {"result status",
     false,
     1,
     false,
     {"SET", "celery-task-meta-k#", "{\"status\": \"&\", \"result\": \"&\", \"task_id\": \"k#\"}"}},
    {"exception",
     true,
     1,
     false,
     {"SET", "celery-task-meta-l#",
      "{\"status\": \"FAILURE\", \"task_id\": \"l#\", \"result\": {\"exc_type\": \"&\", \"exc_module\": "
      "\"&\", \"exc_message\": [\"&\"]}, \"traceback\": \"&\", \"worker\": \"&\", \"children\": [\"&\"], "
      "\"name\": \"&\", \"date_done\": \"&\"}"}},
    {"worker", true, 0, true, {"PUBLISH", HEARTBEAT, WORKER("&", "")}},
    {"worker's software",
     true,
     0,
     true,
     {"PUBLISH", HEARTBEAT, WORKER("w#@h", ", \"sw_ident\": \"&\", \"sw_ver\": \"&\", \"sw_sys\": \"&\"")}},
    {"name in an event",
     true,
     0,
     true,
     {"PUBLISH", MULTI,
      TASK("task-received", "m#",
           ", \"name\": \"&\", \"args\": \"&\", \"kwargs\": \"&\", \"root_id\": \"&\", \"parent_id\": "
           "\"&\"")}},
    {"failure in an event",
     true,
     0,
     true,
     {"PUBLISH", MULTI, TASK("task-failed", "n#", ", \"exception\": \"&\", \"traceback\": \"&\"")}},
    {"end in an event",
     false,
     0,
     true,
     {"PUBLISH", MULTI, TASK("task-succeeded", "o#", ", \"result\": \"&\", \"runtime\": 1")}},
};
const size_t attack_fields_count = COUNT_OF(attack_fields);

/* --- putting one into the other --- */

static void value_of(size_t attack, size_t field, UT_string *out)
{
    utstring_clear(out);
    utstring_printf(out, "<A%02zuF%02zu", attack, field);
    text_add(out, attacks[attack].bytes);
    if (attack + 1 == attacks_count) {
        for (int i = 0; i < PILE; i++) {
            text_add(out, S("\xcc\x81"));
        }
    }
    text_add(out, S("live"));
}

/* As a text within JSON: control characters and every second of the others that can be as escapes, bytes that
 * are no UTF-8 as they are. */
static void add_json(struct span raw, UT_string *out)
{
    uint32_t cp;
    for (size_t n = 0; raw.len; n++) {
        size_t used = utf8_decode(raw, &cp);
        bool bmp = !(cp & UTF8_INVALID) && cp <= 0xffff;
        if (bmp && (cp < 0x20 || cp == 0x7f || (cp > 0x7f && n % 2))) {
            utstring_printf(out, "\\u%04x", cp);
        } else if (cp == '"' || cp == '\\') {
            utstring_printf(out, "\\%c", (char)cp);
        } else {
            text_add(out, span_head(raw, used));
        }
        raw = span_skip(raw, used);
    }
}

static void add_body(struct span raw, UT_string *out)
{
    UT_string body;
    utstring_init(&body);
    utstring_printf(&body, "[[\"");
    add_json(raw, &body);
    utstring_printf(&body, "\"], {\"k\": \"");
    add_json(raw, &body);
    utstring_printf(&body,
                    "\"}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]");
    base64_encode(text_span(&body), out);
    utstring_done(&body);
}

static void expand(const char *word, struct span raw, size_t attack, size_t field, UT_string *out)
{
    utstring_clear(out);
    for (; *word; word++) {
        if (*word == '%') {
            text_add(out, raw);
        } else if (*word == '&') {
            add_json(raw, out);
        } else if (*word == '#') {
            utstring_printf(out, "%02zu%02zu", attack, field);
        } else if (*word == '~') {
            add_body(raw, out);
        } else {
            utstring_bincpy(out, word, 1);
        }
    }
}

static void wrap_event(UT_string *body)
{
    UT_string out;
    utstring_init(&out);
    utstring_printf(&out, "{\"body\": \"");
    base64_encode(text_span(body), &out);
    utstring_printf(
        &out,
        "\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", \"headers\": {}, "
        "\"properties\": {\"delivery_mode\": 1, \"delivery_info\": {\"exchange\": \"celeryev\", "
        "\"routing_key\": \"x\"}, \"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": \"d\"}}");
    utstring_clear(body);
    text_add(body, text_span(&out));
    utstring_done(&out);
}

static void put(redisContext *to, size_t attack, size_t field)
{
    const struct attack_field *f = &attack_fields[field];
    UT_string raw, word[COUNT_OF(f->word)];
    const char *argv[COUNT_OF(f->word)];
    size_t lens[COUNT_OF(f->word)];
    int argc = 0;
    utstring_init(&raw);
    value_of(attack, field, &raw);
    for (; argc < (int)COUNT_OF(f->word) && f->word[argc]; argc++) {
        utstring_init(&word[argc]);
        expand(f->word[argc], text_span(&raw), attack, field, &word[argc]);
        if (f->is_event && argc == 2) {
            wrap_event(&word[argc]);
        }
        argv[argc] = word[argc].d;
        lens[argc] = word[argc].i;
    }
    redisReply *select = redisCommand(to, "SELECT %d", f->db);
    redisReply *reply = redisCommandArgv(to, argc, argv, lens);
    assert_non_null(select);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) {
        fail_msg("%s, %s: %s", f->name, attacks[attack].name, reply->str);
    }
    freeReplyObject(select);
    freeReplyObject(reply);
    for (int i = 0; i < argc; i++) {
        utstring_done(&word[i]);
    }
    utstring_done(&raw);
}

static void put_all(struct server *s, bool events)
{
    redisContext *to = server_connect(s);
    assert_non_null(to);
    for (size_t field = 0; field < attack_fields_count; field++) {
        for (size_t attack = 0; attack < attacks_count && attack_fields[field].is_event == events; attack++) {
            put(to, attack, field);
        }
    }
    redisFree(to);
}

void attack_fill(struct server *s)
{
    put_all(s, false);
}

void attack_events(struct server *s)
{
    put_all(s, true);
}

/* --- looking for them --- */

/* The two numbers of a mark, when there is one. */
static bool read_mark(struct span at, size_t *attack, size_t *field)
{
    char text[MARK + 1] = "";
    unsigned a, f;
    if (at.len < MARK) {
        return false;
    }
    memcpy(text, at.data, MARK);
    bool whole = isdigit((unsigned char)text[2]) && isdigit((unsigned char)text[3]) &&
                 isdigit((unsigned char)text[5]) && isdigit((unsigned char)text[6]);
    if (!whole || sscanf(text, "<A%2uF%2u", &a, &f) != 2 || a >= attacks_count || f >= attack_fields_count) {
        return false;
    }
    *attack = a;
    *field = f;
    return true;
}

void attack_look(const char *screen, bool seen[])
{
    size_t attack, field;
    for (const char *at = strstr(screen, "<A"); at; at = strstr(at + 1, "<A")) {
        if (read_mark(span_of(at), &attack, &field)) {
            seen[field] = true;
        }
    }
}

const char *attack_missing(const bool seen[])
{
    static char names[800];
    names[0] = '\0';
    for (size_t i = 0; i < attack_fields_count; i++) {
        if (attack_fields[i].is_shown && !seen[i]) {
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", names[0] ? ", " : "",
                     attack_fields[i].name);
        }
    }
    return names[0] ? names : NULL;
}

const char *attack_leak(struct span raw)
{
    static char what[100];
    size_t attack, field;
    for (size_t at = 0; at + MARK < raw.len; at++) {
        if (raw.data[at] != '<' || !read_mark(span_skip(raw, at), &attack, &field)) {
            continue;
        }
        char next = raw.data[at + MARK];
        struct span bytes = attacks[attack].bytes;
        /* Our own sequences may follow; those of attacks are known by their number. */
        if ((unsigned char)next < 0x20 && next != '\033' && bytes.len && bytes.data[0] == next) {
            snprintf(what, sizeof what, "%s of the field %s", attacks[attack].name,
                     attack_fields[field].name);
            return what;
        }
    }
    return NULL;
}
