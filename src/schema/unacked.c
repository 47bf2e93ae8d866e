#include "redai/schema/unacked.h"

#include <jansson.h>
#include <stdlib.h>

bool unacked_decode(struct span value, UT_string *queue, UT_string *element)
{
    json_t *root = json_loadb(value.data ? value.data : "", value.len, JSON_ALLOW_NUL, NULL);
    const json_t *key = json_array_get(root, 2);
    json_t *message = json_array_get(root, 0);
    bool ok = json_is_string(key) && json_is_object(message);
    if (ok) {
        text_add(queue, (struct span){json_string_value(key), json_string_length(key)});
    }
    if (ok && element) {
        char *text = json_dumps(message, JSON_COMPACT | JSON_ENSURE_ASCII);
        text_add(element, span_of(text));
        free(text);
    }
    json_decref(root);
    return ok;
}
