#include "gate.h"

#include <inttypes.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

#include "redai/schema/info.h"

enum { HOST_COLUMNS = 60 };
#define FRESH_US                                                                                             \
    (2 * US_PER_S) /* for who confirms at once: an answer from the same connection is good for so long */

/* "redis://10.0.0.1:6379/0", or the sentinels that know the master; without who logs in. */
static void say_master(const struct runner *r, const struct info *info, UT_string *out)
{
    const struct address *here = r->home == r->options.act ? r->options.address : r->options.broker_address;
    struct address there = here ? *here : (struct address){.kind = ADDRESS_TCP}; /* borrows */
    char host[sizeof info->master_host];
    if (there.kind == ADDRESS_SENTINEL) {
        there.read_from = READ_FROM_MASTER;
        address_show(&there, out);
        return;
    }
    snprintf(host, sizeof host, "%s", info->master_host);
    there.kind = there.secure ? ADDRESS_TLS : ADDRESS_TCP;
    there.host = host;
    there.port = (int)info->master_port;
    address_show(&there, out);
}

static void on_role(struct runner *r, const struct answer *a)
{
    struct info info;
    UT_string text;
    info_clear(&info);
    info_decode(&info, reply_text(a->reply));
    snprintf(r->server, sizeof r->server, "%s", info.run_id);
    if (strcmp(info.role, "slave") != 0) {
        return;
    }
    char *host = utf8_sanitise_dup(span_of(info.master_host), HOST_COLUMNS);
    utstring_init(&text);
    utstring_printf(&text, "this is a replica, %s: %s",
                    info.slave_read_only == 0 ? "what it is told is lost" : "read-only",
                    r->options.go_with ? r->options.go_with : "");
    say_master(r, &info, &text);
    utstring_printf(&text, " is its master (%s:%" PRId64 ")", host,
                    info.master_port > 0 ? info.master_port : 0);
    mem_replace(&r->closed, utstring_body(&text));
    utstring_done(&text);
    mem_free(host);
}

static void judge(struct runner *r)
{
    step_fn next = r->behind_gate;
    if (r->closed) {
        verb_refuse(r, ACTION_REFUSED, "%s", r->closed);
    } else if (r->state == RUNNER_RUNNING && r->lost) {
        const char *why = link_status(r->home)->error;
        verb_refuse(r, ACTION_FAILED,
                    "the connection was lost before anything was sent (%s): nothing was done",
                    *why ? why : "no reply");
    } else {
        next(r);
    }
}

void gate_then(struct runner *r, step_fn next)
{
    int64_t connects = link_status(r->home)->connects;
    int64_t now = clock_mono_us();
    if (r->telling_plan && connects == r->gate_connects && now - r->gate_asked_us < FRESH_US) {
        step_then(r, next);
        return;
    }
    r->gate_connects = connects;
    r->gate_asked_us = now;
    mem_replace(&r->closed, NULL);
    r->behind_gate = next;
    r->lenient = true;
    r->elsewhere = false;
    step_act(r, on_role, 0, S("INFO"));
    r->lenient = false;
    step_then(r, judge);
}

/* Which run of which server answers now. Who is not told believes what was so before. */
static void on_run(struct runner *r, const struct answer *a)
{
    struct info info;
    info_clear(&info);
    info_decode(&info, reply_text(a->reply));
    r->elsewhere = r->elsewhere || (info.run_id[0] && strcmp(info.run_id, r->server) != 0);
}

void gate_again_then(struct runner *r, step_fn next)
{
    if (r->server[0] && link_is_ready(r->home)) {
        step_act(r, on_run, 0, S("INFO"));
    }
    step_then(r, next);
}
