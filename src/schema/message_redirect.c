#include "redai/schema/message_redirect.h"

#include "schema/json_text.h"
#include "schema/wire_name.h"

#include "redai/schema/message.h"

typedef bool (*change_fn)(json_t *root, const char *queue);

static json_t *delivery_info(json_t *root)
{
    return json_object_get(json_object_get(root, "properties"), "delivery_info");
}

static bool name_queue(json_t *root, const char *queue)
{
    json_t *info = delivery_info(root);
    return json_object_set_new(info, "exchange", json_string("")) == 0 &&
           json_object_set_new(info, "routing_key", json_string(queue)) == 0;
}

/* As kombu does: where both are objects. */
static bool mark(json_t *root, const char *queue)
{
    (void)queue;
    return json_object_set_new(json_object_get(root, "headers"), "redelivered", json_true()) == 0 &&
           json_object_set_new(delivery_info(root), "redelivered", json_true()) == 0;
}

/* The element as it will be, looked at as a worker would. */
static bool same_fate(enum message_fate fate, struct span element, const char *queue, struct err *err)
{
    struct message m;
    message_decode(&m, element);
    bool same = m.fate == fate && (!queue || (m.queue && strcmp(m.queue, queue) == 0));
    message_release(&m);
    return same || err_set(err, ERR_REFUSED, "it could not be rewritten");
}

static bool rewrite(struct span element, change_fn change, const char *queue, UT_string *out, struct err *err)
{
    struct message m;
    UT_string text;

    message_decode(&m, element);
    enum message_fate fate = m.fate;
    if (fate > MESSAGE_DROPPED) {
        err_set(err, ERR_REFUSED, "a worker would exit on it: %s", m.reason ? m.reason : "no good message");
    }
    message_release(&m);
    if (fate > MESSAGE_DROPPED) {
        return false;
    }
    /* Strictly: what only Python reads would come out as something else. */
    json_t *root = json_loadb(element.data, element.len, JSON_ALLOW_NUL, NULL);
    bool good = change(root, queue) || err_set(err, ERR_REFUSED, "it holds what is no strict JSON");
    utstring_init(&text);
    good = good && json_text_dump(root, JSON_TEXT_SPACED | JSON_TEXT_ASCII, 0, &text) &&
           same_fate(fate, text_span(&text), queue, err);
    if (good) {
        text_add(out, text_span(&text));
    }
    utstring_done(&text);
    json_decref(root);
    return good;
}

bool message_redirect(struct span element, const char *queue, UT_string *out, struct err *err)
{
    return wire_name_check_queue(span_of(queue), err) && rewrite(element, name_queue, queue, out, err);
}

bool message_put_back(struct span element, UT_string *out, struct err *err)
{
    return rewrite(element, mark, NULL, out, err);
}
