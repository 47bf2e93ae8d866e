/* peek_message: the document of one message, in a list or in flight. */
#include "collect_priv.h"

static void on_shown(struct peek_ask *a)
{
    peek_end(a->c, "");
    peek_ask_free(a);
}

void peek_message(struct collect *c, struct span ref)
{
    peek_line(c, S("list"), span_head(ref, span_find(ref, '\0')), TARGET_QUEUE,
              span_head(ref, span_find(ref, '\0')))
        ->veil = VEIL_PLAIN;
    peek_element_find(peek_ask_new(c, ref), &c->peek.subject, on_shown);
}

void peek_delivery(struct collect *c, struct span tag)
{
    peek_name(c, "tag", tag, VEIL_PLAIN);
    peek_element_find(peek_ask_new(c, tag), &c->peek.subject, on_shown);
}
