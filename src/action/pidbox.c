#include "pidbox.h"

#include "phrase.h"

#include "redai/base/utf8.h"

#include "redai/schema/binding.h"

enum {
    ANSWERS_SHOWN = 400, /* bytes of what workers said to one request */
    NAMES_SHOWN = 200
};
#define MAILBOXES "_kombu.binding.celery.pidbox"

/* --- coming and going --- */

static void node_done(void *element)
{
    struct pidbox_node *n = element;
    mem_free(n->name);
    mem_free(n->shown);
}
static const UT_icd node_icd = {sizeof(struct pidbox_node), NULL, NULL, node_done};

static void said_done(void *element)
{
    struct pidbox_said *said = element;
    mem_free(said->node);
    mem_free(said->shown);
    mem_free(said->text);
}
static const UT_icd said_icd = {sizeof(struct pidbox_said), NULL, NULL, said_done};

static void request_done(void *element)
{
    struct pidbox_request *q = element;
    mem_free(q->method);
    mem_free(q->arguments);
    mem_free(q->error);
    utarray_done(&q->to);
    utarray_done(&q->said);
}
static const UT_icd request_icd = {sizeof(struct pidbox_request), NULL, NULL, request_done};

struct pidbox *pidbox_of(struct runner *r)
{
    if (!r->pidbox) {
        char id[UUID_TEXT_SIZE];
        struct pidbox *b = mem_zalloc(sizeof *b);
        uuid_v4(id);
        snprintf(b->box, sizeof b->box, "redai-console.reply.%s", id);
        b->nodes = -1;
        utarray_init(&b->node, &node_icd);
        utarray_init(&b->request, &request_icd);
        r->pidbox = b;
    }
    return r->pidbox;
}

void pidbox_release(struct runner *r)
{
    struct pidbox *b = r->pidbox;
    if (b) {
        utarray_done(&b->node);
        utarray_done(&b->request);
        mem_free(b->box_error);
        mem_free(b);
        r->pidbox = NULL;
    }
}

/* --- who has a mailbox --- */

/* Members name a mailbox "worker1@demo.celery.pidbox". */
static void on_mailboxes(struct runner *r, const struct answer *a)
{
    struct pidbox *b = r->pidbox;
    const struct reply *members = reply_at(a->reply, 1);
    struct span suffix = S(".celery.pidbox"), queue;

    utarray_clear(&b->node);
    b->nodes = reply_type(a->reply) == REPLY_ARRAY ? 0 : -1;
    b->cut = b->nodes == 0 && !span_equal(reply_text(reply_at(a->reply, 0)), S("0"));
    for (size_t i = 0; i < reply_count(members); i++) {
        if (binding_queue(reply_text(reply_at(members, i)), &queue)) {
            queue.len -= span_ends(queue, suffix) ? suffix.len : 0;
            const struct pidbox_node n = {.name = span_dup(queue),
                                          .shown = utf8_sanitise_dup(queue, PHRASE_COLUMNS)};
            utarray_push_back(&b->node, &n);
            b->nodes++;
        }
    }
}

void pidbox_look(struct runner *r)
{
    pidbox_of(r);
    step_act(r, on_mailboxes, 0, S("SSCAN"), S(MAILBOXES), S("0"), S("COUNT"), S("1000"));
}

bool pidbox_has_node(struct runner *r, const char *name)
{
    const struct pidbox *b = pidbox_of(r);
    for (size_t i = 0; i < utarray_len(&b->node); i++) {
        if (strcmp(VERB_AT(&b->node, struct pidbox_node, i)->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* --- what was asked --- */

size_t pidbox_count(struct runner *r)
{
    return utarray_len(&pidbox_of(r)->request);
}

struct pidbox_request *pidbox_at(struct runner *r, size_t i)
{
    return VERB_AT(&pidbox_of(r)->request, struct pidbox_request, i);
}

void pidbox_begin(struct runner *r, pidbox_element_fn on_element)
{
    struct pidbox *b = pidbox_of(r);
    b->ticket += utarray_len(&b->request); /* late answers of an earlier round find nothing */
    b->on_element = on_element;
    utarray_clear(&b->request);
}

struct pidbox_request *pidbox_ask(struct runner *r, const char *method, const char *arguments_json,
                                  const char *const *node, size_t nodes)
{
    struct pidbox *b = r->pidbox;
    struct pidbox_request q = {
        .method = mem_strdup(method), .arguments = mem_strdup(arguments_json), .receivers = -1};

    utarray_init(&q.to, &ut_str_icd);
    utarray_init(&q.said, &said_icd);
    for (size_t i = 0; i < nodes; i++) {
        utarray_push_back(&q.to, &node[i]);
    }
    utarray_push_back(&b->request, &q);
    return pidbox_at(r, utarray_len(&b->request) - 1);
}

static bool is_for(const struct pidbox_request *q, const char *name)
{
    for (size_t i = 0; i < utarray_len(&q->to); i++) {
        if (strcmp(*VERB_AT(&q->to, char *, i), name) == 0) {
            return true;
        }
    }
    return utarray_len(&q->to) == 0;
}

size_t pidbox_expected(struct runner *r, const struct pidbox_request *q)
{
    const struct pidbox *b = pidbox_of(r);
    size_t expected = 0;

    for (size_t i = 0; i < utarray_len(&b->node); i++) {
        expected += is_for(q, VERB_AT(&b->node, struct pidbox_node, i)->name);
    }
    if (b->nodes < 0) {
        expected = utarray_len(&q->to);
    }
    /* A worker that was killed leaves its mailbox behind, and others may listen too. */
    if (q->receivers > 0 && ((b->nodes < 0 && expected == 0) || (size_t)q->receivers < expected)) {
        expected = (size_t)q->receivers;
    }
    return expected;
}

/* --- what was said --- */

bool pidbox_has_said(const struct pidbox_request *q, const char *name)
{
    for (size_t i = 0; i < utarray_len(&q->said); i++) {
        if (strcmp(VERB_AT(&q->said, struct pidbox_said, i)->node, name) == 0) {
            return true;
        }
    }
    return false;
}

char *pidbox_answers(const struct pidbox_request *q)
{
    UT_string out;
    utstring_init(&out);
    for (size_t i = 0; i < utarray_len(&q->said); i++) {
        const struct pidbox_said *said = VERB_AT(&q->said, struct pidbox_said, i);
        if (utstring_len(&out) >= ANSWERS_SHOWN) {
            text_add(&out, S(", ..."));
            break;
        }
        utstring_printf(&out, "%s%s (%s)", i ? ", " : "", said->shown, said->text);
    }
    return utstring_body(&out);
}

static bool add_name(UT_string *out, const char *shown)
{
    bool fits = utstring_len(out) < NAMES_SHOWN;
    utstring_printf(out, "%s%s", utstring_len(out) ? ", " : "", fits ? shown : "...");
    return fits;
}

char *pidbox_silent(struct runner *r, const struct pidbox_request *q)
{
    const struct pidbox *b = pidbox_of(r);
    UT_string out;

    utstring_init(&out);
    for (size_t i = 0; i < utarray_len(&b->node); i++) {
        const struct pidbox_node *n = VERB_AT(&b->node, struct pidbox_node, i);
        if (is_for(q, n->name) && !pidbox_has_said(q, n->name) && !add_name(&out, n->shown)) {
            break;
        }
    }
    if (utstring_len(&out) > 0) {
        return utstring_body(&out);
    }
    utstring_done(&out);
    return NULL;
}

char *pidbox_nodes(struct runner *r)
{
    const struct pidbox *b = pidbox_of(r);
    UT_string out;

    utstring_init(&out);
    for (size_t i = 0; i < utarray_len(&b->node); i++) {
        if (!add_name(&out, VERB_AT(&b->node, struct pidbox_node, i)->shown)) {
            break;
        }
    }
    return utstring_body(&out);
}
