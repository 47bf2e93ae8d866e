#include "demo/enqueue.h"

#include "redai/schema/binding.h"
#include "redai/schema/message.h"

void enqueue_bind(const struct command_sink *sink, const char *queue)
{
    UT_string key;
    UT_string member;

    utstring_init(&key);
    utstring_init(&member);
    utstring_printf(&key, "_kombu.binding.%s", queue);
    utstring_printf(&member, "%s" KOMBU_SEP KOMBU_SEP "%s", queue, queue);
    sink_command(sink, S("SADD"), text_span(&key), text_span(&member));
    utstring_done(&key);
    utstring_done(&member);
}

void enqueue(const struct command_sink *sink, const char *queue, int priority, struct span element)
{
    UT_string list;

    utstring_init(&list);
    message_list_key(span_of(queue), priority, &list);
    enqueue_bind(sink, queue);
    sink_command(sink, S("LPUSH"), text_span(&list), element);
    utstring_done(&list);
}
