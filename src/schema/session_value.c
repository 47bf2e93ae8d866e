#include "redai/schema/session_value.h"

#include "schema/json_text.h"
#include "schema/lenient.h"

#include "redai/base/container.h"
#include "redai/base/isotime.h"
#include "redai/base/mem.h"
#include "redai/base/num.h"

enum { TEXT_MAX_BYTES = 256 };

/* As an f-string of Python writes it into "user:<user_id>:sessions". */
static char *user_id_text(json_t *id)
{
    if (json_is_null(id)) {
        return mem_strdup("None");
    }
    if (json_is_boolean(id)) {
        return mem_strdup(json_is_true(id) ? "True" : "False");
    }
    return json_text_dup(id, TEXT_MAX_BYTES);
}

static int64_t time_of(json_t *value)
{
    int64_t us;
    struct span text = span_make(json_string_value(value), json_string_length(value));
    return json_is_string(value) && isotime_parse(text, &us) ? us : -1;
}

void session_value_decode(struct session_value *v, struct span json)
{
    enum lenient_outcome outcome;
    json_t *root = lenient_load_head(json, &outcome);

    *v = (struct session_value){.created_us = -1, .updated_us = -1};
    if (!root) {
        v->form = SESSION_FORM_NOT_JSON;
        return;
    }
    if (json_is_object(root)) {
        v->form = outcome == LENIENT_CUT ? SESSION_FORM_TRUNCATED : SESSION_FORM_OK;
        v->user_id = user_id_text(json_object_get(root, "user_id"));
        v->name = json_text_dup(json_object_get(root, "name"), TEXT_MAX_BYTES);
        v->email = json_text_dup(json_object_get(root, "email"), TEXT_MAX_BYTES);
        v->role = json_text_dup(json_object_get(root, "role"), TEXT_MAX_BYTES);
        v->created_us = time_of(json_object_get(root, "created_at"));
        v->updated_us = time_of(json_object_get(root, "updated_at"));
    } else {
        v->form = SESSION_FORM_NOT_OBJECT;
    }
    json_decref(root);
}

void session_value_release(struct session_value *v)
{
    mem_free(v->user_id);
    mem_free(v->name);
    mem_free(v->email);
    mem_free(v->role);
    *v = (struct session_value){.created_us = -1, .updated_us = -1};
}

static void add_text(UT_string *out, const char *name, const char *text)
{
    if (text) {
        utstring_printf(out, ", \"%s\": ", name);
        json_text_quote(span_of(text), JSON_TEXT_ASCII, out);
    }
}

static void add_time(UT_string *out, const char *name, int64_t wall_us)
{
    utstring_printf(out, ", \"%s\": ", name);
    json_text_naive_time(wall_us, out);
}

char *session_value_encode(const struct session_value *v)
{
    int64_t number;
    UT_string out;
    utstring_init(&out);
    text_add(&out, S("{\"user_id\": "));
    if (v->user_id && num_i64(span_of(v->user_id), &number)) {
        utstring_printf(&out, "%lld", (long long)number);
    } else if (v->user_id) {
        json_text_quote(span_of(v->user_id), JSON_TEXT_ASCII, &out);
    } else {
        text_add(&out, S("null"));
    }
    if (v->created_us >= 0) {
        add_time(&out, "created_at", v->created_us);
    }
    add_text(&out, "email", v->email);
    add_text(&out, "role", v->role);
    add_text(&out, "name", v->name);
    if (v->updated_us >= 0) {
        add_time(&out, "updated_at", v->updated_us);
    }
    text_add(&out, S("}"));
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}
