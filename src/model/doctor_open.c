/* doctor_open: checks on who may come in, and from where. */
#include "model_priv.h"

/* --- who may come in --- */

int doctor_is_open(const struct model *m, const char **ret_why)
{
    const char *own = model_setting(m, "auth.password", NULL);
    const char *user = model_setting(m, "acl.default", NULL);
    const char *pass = model_setting(m, "requirepass", ret_why);
    if (own && strcmp(own, "none") == 0 && m->server.view.known) {
        return 1; /* we came in without one */
    }
    if (user) {
        return strcmp(user, "nopass") == 0;
    }
    return pass ? !pass[0] : -1;
}

static bool is_loopback(struct span address)
{
    if (span_starts(address, S("-"))) { /* "-::1": may be missing */
        address = span_skip(address, 1);
    }
    return span_starts(address, S("127.")) || span_equal(address, S("::1"));
}

static int binds_public(const char *bind)
{
    struct span rest = span_of(bind);
    while (rest.len) {
        size_t end = span_find(rest, ' ');
        if (end > 0 && !is_loopback(span_head(rest, end))) {
            return 1;
        }
        rest = span_skip(rest, end + 1);
    }
    return bind[0] == '\0'; /* no bind at all: every interface */
}

int doctor_is_public(const struct model *m)
{
    int64_t port, tls;
    const char *bind = model_setting(m, "bind", NULL);
    const char *way = model_setting(m, "connection.way", NULL);
    if (doctor_peek_number(m, "port", &port) && port == 0 &&
        !(doctor_peek_number(m, "tls-port", &tls) && tls > 0)) {
        return 0;
    }
    return bind ? binds_public(bind) : way && strcmp(way, "network") == 0 ? 1 : -1;
}

void doctor_judge_password(struct judging *j)
{
    const char *why = "", *mode = model_setting(j->m, "protected-mode", NULL);
    int open = doctor_is_open(j->m, &why), reach = doctor_is_public(j->m);
    if (open < 0) {
        doctor_unknown(j, "whether a password is needed could not be read: %s", why);
    } else if (!open) {
        doctor_good(j, "a password is needed");
    } else if (reach == 0) {
        doctor_good(j, "no password, but only this machine can connect");
    } else if (reach < 0) {
        doctor_unknown(j, "no password is needed; from where it can be reached could not be read");
    } else if (mode && strcmp(mode, "yes") == 0) {
        doctor_bad(j, SEVERITY_INFO, "no password; only protected-mode keeps other machines out");
    } else {
        doctor_bad(j, SEVERITY_CRITICAL, "no password, and other machines can connect");
    }
}

void doctor_judge_password_literal(struct judging *j)
{
    const char *why = "", *own = model_setting(j->m, "auth.password", NULL);
    const char *set = model_setting(j->m, "requirepass", &why);
    const char *literal = own && own[0] == '$' ? own : set && set[0] == '$' ? set : NULL;
    if (literal) {
        doctor_bad(j, SEVERITY_CRITICAL, "the password is the text %s", literal);
    } else if (set || (own && strcmp(own, "given") == 0)) {
        doctor_good(j, "no password is an unreplaced variable");
    } else if (own && strcmp(own, "none") == 0) {
        doctor_good(j, "there is no password");
    } else {
        doctor_unknown(j, "requirepass could not be read: %s", why);
    }
}

void doctor_judge_protected_mode(struct judging *j)
{
    const char *why = "";
    int open = doctor_is_open(j->m, &why);
    if (open == 0) {
        doctor_good(j, "not needed: there is a password");
        return;
    }
    const char *mode = doctor_text(j, "protected-mode");
    if (!mode) {
        return;
    }
    if (strcmp(mode, "no") == 0) {
        doctor_bad(j, open > 0 && doctor_is_public(j->m) != 0 ? SEVERITY_WARNING : SEVERITY_INFO,
                   "protected-mode is no, and there is no password");
    } else {
        doctor_good(j, "protected-mode is %s", mode);
    }
}

void doctor_judge_health_check(struct judging *j)
{
    const char *why = "";
    int open = doctor_is_open(j->m, &why);
    if (open < 0) {
        doctor_unknown(j, "whether a password is needed could not be read: %s", why);
    } else if (open) {
        doctor_good(j, "without a password `redis-cli ping` says what it should");
    } else {
        doctor_bad(j, SEVERITY_INFO, "with a password, a health check `redis-cli ping` is green on NOAUTH");
    }
}

void doctor_judge_bind(struct judging *j)
{
    const char *way = model_setting(j->m, "connection.way", NULL);
    const char *bind = doctor_text(j, "bind");
    if (!bind) {
        return;
    }
    if (doctor_is_public(j->m) == 0 && way && strcmp(way, "loopback") == 0) {
        doctor_bad(j, SEVERITY_INFO, "it listens on this machine's loopback only");
        doctor_about(j, bind, VEIL_ADDRESS, TARGET_NONE, S(""));
    } else {
        doctor_good(j, "it can be reached as it is meant to be, as far as can be seen");
    }
}
