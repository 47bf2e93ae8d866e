#include "redai/schema/progress.h"

#include "schema/json_text.h"
#include "schema/lenient.h"
#include "schema/progress_json.h"

#include <math.h>

#include "redai/base/container.h"
#include "redai/base/mem.h"

enum { STATUS_MAX_BYTES = 64, ERROR_MAX_BYTES = 2000 };

void progress_from_json(struct progress *p, json_t *json)
{
    *p = (struct progress){.current = -1, .total = -1, .percentage = NAN};
    if (!json_is_object(json)) {
        return;
    }
    json_t *percentage = json_object_get(json, "percentage");
    p->valid = true;
    p->current = json_text_count(json_object_get(json, "current"), -1);
    p->total = json_text_count(json_object_get(json, "total"), -1);
    if (json_is_number(percentage)) {
        p->percentage = json_number_value(percentage);
    }
    p->status = json_text_dup(json_object_get(json, "status"), STATUS_MAX_BYTES);
    p->error = json_text_dup(json_object_get(json, "error"), ERROR_MAX_BYTES);
}

void progress_decode(struct progress *p, struct span json)
{
    json_t *root = lenient_load(json);
    progress_from_json(p, root);
    json_decref(root);
}

void progress_release(struct progress *p)
{
    mem_free(p->status);
    mem_free(p->error);
    *p = (struct progress){.current = -1, .total = -1, .percentage = NAN};
}

static void add_member(UT_string *out, const char *name)
{
    utstring_printf(out, "%s\"%s\": ", utstring_len(out) > 1 ? ", " : "", name);
}

static void add_percentage(const struct progress *p, UT_string *out)
{
    add_member(out, "percentage");
    /* At the end the platform writes the integer 100, on the way a real. */
    if (p->status && strcmp(p->status, "completed") == 0 && !(fabs(p->percentage - 100) > 0)) {
        text_add(out, S("100"));
    } else {
        json_text_real(p->percentage, out);
    }
}

char *progress_encode(const struct progress *p)
{
    UT_string out;
    utstring_init(&out);
    text_add(&out, S("{"));
    if (p->current >= 0) {
        add_member(&out, "current");
        utstring_printf(&out, "%lld", (long long)p->current);
    }
    if (p->total >= 0) {
        add_member(&out, "total");
        utstring_printf(&out, "%lld", (long long)p->total);
    }
    if (isfinite(p->percentage)) {
        add_percentage(p, &out);
    }
    if (p->status) {
        add_member(&out, "status");
        json_text_quote(span_of(p->status), JSON_TEXT_ASCII, &out);
    }
    if (p->error) {
        add_member(&out, "error");
        json_text_quote(span_of(p->error), JSON_TEXT_ASCII, &out);
    }
    text_add(&out, S("}"));
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}
