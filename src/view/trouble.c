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

/* What a server that refuses us says first, what that is in few words, and what helps. */
static const struct {
    const char *code, *brief, *hint;
} refusals[] = {
    {"NOAUTH", "NOAUTH: wants a password", "give it by --askpass, REDIS_PASSWORD, :connect"},
    {"WRONGPASS", "WRONGPASS: wrong password", "give it by --askpass, REDIS_PASSWORD, :connect"},
    {"NOPERM", "NOPERM: lacks a right", "log in as another user: :connect"},
    {"LOADING", "LOADING its data", NULL},
    {"MASTERDOWN", "MASTERDOWN: replica alone", NULL},
    {"BUSY", "BUSY with a script", NULL},
    {"failover:", "failover: another master", NULL},
};

static int refusal_of(const char *why)
{
    size_t word = strcspn(why, " ");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (strlen(refusals[i].code) == word && strncmp(why, refusals[i].code, word) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* "sentinel: 10.0.0.1:26379: connection refused": who says it, and what. */
static void ends_of(const char *why, char *out, size_t size)
{
    size_t head = strcspn(why, ":"), last = 0;
    for (size_t i = 0; why[i]; i++) {
        last = why[i] == ':' && why[i + 1] == ' ' ? i : last;
    }
    snprintf(out, size, "%.*s%s", last > head ? (int)head : 0, why, last > head ? why + last : "");
}

const char *trouble_brief(const char *why, char *out, size_t size)
{
    int known = refusal_of(why);
    char ends[400];
    size_t most = size - 1;
    const char *text = known >= 0 ? refusals[known].brief : why;
    ends_of(text, ends, sizeof ends);
    text = strlen(text) > most && ends[0] ? ends : text;
    text_copy(out, size, span_head(span_of(text), text_wrap(span_of(text), (int)most)));
    for (size_t n = strlen(out); n && out[n - 1] == ' '; n--) {
        out[n - 1] = '\0';
    }
    return out;
}

const char *trouble_hint(const struct look *look)
{
    int known = refusal_of(trouble_why(look));
    return known >= 0 ? refusals[known].hint : NULL;
}

int64_t trouble_since_us(const struct look *look)
{
    const struct topic_view *server = model_topic(look->m, TOPIC_SERVER);
    const struct link_view *link = poll_link(look);
    int64_t down_us = model_site(look->m, SITE_APP)->down_us;
    /* The last good answer is the honest beginning; without one the first that failed, since a link flips
     * between connecting and down. */
    return server->ok_at_us >= 0 ? server->ok_at_us : down_us >= 0 ? down_us : link->since_us;
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
    char brief[TROUBLE_BRIEF];
    const char *hint = trouble_hint(look); /* panes have three short lines for both */
    const char *reason = look_prose(look, trouble_why(look), why, sizeof why);
    reason = hint ? trouble_brief(reason, brief, sizeof brief) : reason;
    int used = snprintf(out, size, "redis unreachable: %s", reason);
    if (used > 0 && (size_t)used < size && link->state == FACT_LINK_DOWN && link->retry_at_us >= 0) {
        used += snprintf(out + used, size - (size_t)used, ", retry in %s",
                         text_left(link->retry_at_us - look->now_us, left, sizeof left));
    }
    if (hint && used > 0 && (size_t)used < size) {
        snprintf(out + used, size - (size_t)used, "; %s", hint);
    }
    return out;
}

const char *trouble_site_line(const struct look *look, enum site site, char *out, size_t size)
{
    const struct site_view *s = model_site(look->m, site);
    const struct link_view *link = model_site_link(look->m, site);
    char clock[TEXT_SMALL], age[TEXT_SMALL], why[400];
    if (!model_site_is_away(look->m, site)) {
        return NULL;
    }
    snprintf(out, size, "%s unreachable since %s (%s): %s", site_name[site],
             text_clock(look->wall_us - (look->now_us - s->down_us), clock, sizeof clock),
             text_age(look->now_us - s->down_us, age, sizeof age),
             link->error[0] ? look_prose(look, link->error, why, sizeof why) : "no answer");
    return out;
}

const char *trouble_topic_line(const struct look *look, enum topic topic, char *out, size_t size)
{
    enum site site = model_topic_site(topic);
    const char *line = trouble_site_line(look, site, out, size);
    if (!line && topic == TOPIC_TASKS) {
        line = trouble_site_line(look, SITE_RESULTS, out, size);
    }
    if (!line && !model_site(look->m, site)->apart && !model_redis_reachable(look->m)) {
        line = trouble_line(look, out, size);
    }
    return line;
}
