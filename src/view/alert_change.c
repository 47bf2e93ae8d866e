/* How a change of the log of alerts is put into words, and what it is about. */
#include "alert_words.h"
#include "texts.h"

const char *alert_change_mark(const struct alert_change *c)
{
    static const char *const marks[SEVERITY_COUNT] = {
        [SEVERITY_INFO] = "i", [SEVERITY_WARNING] = "!", [SEVERITY_CRITICAL] = "!!"};
    return c->to == ALERT_FIRING         ? marks[c->severity]
           : c->to == ALERT_ACKNOWLEDGED ? "a"
           : c->to == ALERT_MUTED        ? "m"
           : c->to == ALERT_UNKNOWN      ? "?"
                                         : ".";
}

const char *alert_change_value(const struct alert_change *c, char *out, size_t size)
{
    return text_value(c->value, rule_metrics[c->metric].unit, out, size);
}

/* What it says with its object replaced; false: the object is not in it. */
static bool replace(const char *text, const char *object, const char *shown, UT_string *out)
{
    size_t len = strlen(object);
    bool found = false;
    for (const char *p = text; *p;) {
        if (strncmp(p, object, len) == 0) {
            text_add(out, span_of(shown));
            p += len;
            found = true;
        } else {
            text_add(out, span_make(p++, 1));
        }
    }
    return found;
}

/* True when nothing can be named in it. */
static bool names_nothing(const struct alert_change *c)
{
    bool of_none = rule_metrics[c->metric].of == TARGET_NONE;
    return c->to != ALERT_MUTED &&
           (c->veil == VEIL_PLAIN || (!c->object[0] && c->veil == VEIL_PAYLOAD && of_none));
}

const char *alert_change_text(const struct look *look, const struct alert_change *c, char *out, size_t size)
{
    char shown[VEIL_MAX];
    UT_string text;
    bool whole = strlen(c->text) < sizeof((struct alert *)0)->text - 8; /* a name in it may have been cut */
    if (!look->veil || names_nothing(c)) {
        text_copy(out, size, span_of(c->text));
        return out;
    }
    utstring_init(&text);
    if (c->to != ALERT_MUTED && c->object[0] && whole &&
        replace(c->text, c->object, look_text(look, c->veil, c->object, shown), &text)) {
        text_copy(out, size, text_span(&text));
    } else {
        text_copy(out, size, span_of(look_text(look, VEIL_PAYLOAD, c->text, shown)));
    }
    utstring_done(&text);
    return out;
}

const struct alert_change *alert_change_of(const struct model *m, const struct target *t)
{
    uint64_t number;
    if (t->kind != TARGET_CHANGE || t->id_len != sizeof number) {
        return NULL;
    }
    memcpy(&number, t->id, sizeof number);
    return model_alert_change(m, number);
}
