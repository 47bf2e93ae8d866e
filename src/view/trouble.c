#include "trouble.h"

#include "texts.h"

#include <stdio.h>

static const struct link_view *poll_link(const struct look *look)
{
    return &model_connection(look->m)->link[LINK_ROLE_POLL];
}

bool trouble_is_start(const struct look *look)
{
    const struct link_view *link = poll_link(look);
    return !link->error[0] && model_topic(look->m, TOPIC_SERVER)->ok_at_us < 0 &&
           !model_topic(look->m, TOPIC_SERVER)->failed && link->state != FACT_LINK_DOWN;
}

const char *trouble_why(const struct look *look)
{
    const struct link_view *link = poll_link(look);
    const struct topic_view *server = model_topic(look->m, TOPIC_SERVER);
    if (link->state != FACT_LINK_UP && link->error[0]) {
        return link->error;
    }
    if (server->failed && server->error[0]) {
        return server->error;
    }
    if (link->state == FACT_LINK_CONNECTING) {
        return "connecting";
    }
    return link->state == FACT_LINK_UP ? "no answer" : "not connected";
}

int64_t trouble_since_us(const struct look *look)
{
    const struct topic_view *server = model_topic(look->m, TOPIC_SERVER);
    const struct link_view *link = poll_link(look);
    /* The last good answer is the honest beginning: a link flips between connecting and down. */
    return server->ok_at_us >= 0 ? server->ok_at_us : link->since_us;
}

const char *trouble_line(const struct look *look, char *out, size_t size)
{
    const struct link_view *link = poll_link(look);
    char left[TEXT_SMALL];
    char why[400];
    if (trouble_is_start(look)) {
        snprintf(out, size, "connecting");
        return out;
    }
    int used =
        snprintf(out, size, "redis unreachable: %s", look_prose(look, trouble_why(look), why, sizeof why));
    if (used > 0 && (size_t)used < size && link->state == FACT_LINK_DOWN && link->retry_at_us >= 0) {
        snprintf(out + used, size - (size_t)used, ", retry in %s",
                 text_left(link->retry_at_us - look->now_us, left, sizeof left));
    }
    return out;
}
