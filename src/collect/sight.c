/* sight: a message was seen in a list or in unacked: told as a fact. */
#include "collect_priv.h"

#include "redai/schema/message_ref.h"

/* Nothing for plain JSON, whose arguments stand in the fact itself. */
static void content_of(const struct message *m, UT_string *out)
{
    bool plain = !m->content_type || strcmp(m->content_type, "application/json") == 0;
    if (!plain || m->compression) {
        text_add(out, span_of(m->content_type ? m->content_type : "?"));
    }
    if (m->compression) {
        text_add(out, S(", "));
        text_add(out, span_of(m->compression));
    }
}

void sight_tell(struct collect *c, const struct sight *s, struct span element)
{
    struct message m;
    message_decode(&m, element);
    UT_string ref, content;
    utstring_init(&ref);
    utstring_init(&content);
    if (s->place == TASK_PLACE_LIST) {
        message_ref_make(s->list_key, element, &ref);
    }
    content_of(&m, &content);
    struct fact f = {.kind = FACT_TASK_MESSAGE,
                     .task_message = {.id = span_of(m.id),
                                      .place = s->place,
                                      .queue = s->queue,
                                      .step = s->step,
                                      .position = s->position,
                                      .tag = s->tag.len ? s->tag : span_of(m.delivery_tag),
                                      .ref = text_span(&ref),
                                      .name = span_of(m.task),
                                      .args = span_of(m.args),
                                      .kwargs = span_of(m.kwargs),
                                      .args_are_repr = m.args_are_repr,
                                      .args_cut = m.args_cut,
                                      .root_id = span_of(m.root_id),
                                      .parent_id = span_of(m.parent_id),
                                      .group = span_of(m.group),
                                      .origin = span_of(m.origin),
                                      .has_chord = m.has_chord,
                                      .chain_rest = m.chain_rest,
                                      .retries = m.retries,
                                      .priority = m.priority,
                                      .eta_wall_us = m.eta_wall_us,
                                      .expires_wall_us = m.expires_wall_us,
                                      .delivered_wall_us = s->delivered_wall_us,
                                      .redelivered = m.redelivered,
                                      .fate = m.fate,
                                      .reason = span_of(m.reason),
                                      .content = text_span(&content),
                                      .bytes = (int64_t)m.bytes}};
    collect_emit(c, &f);
    utstring_done(&content);
    utstring_done(&ref);
    message_release(&m);
}
