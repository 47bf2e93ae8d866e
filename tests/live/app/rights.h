/* rights: a server with the users of docs/users.acl.example, whose password is "secret", and the console in
 * front of it as one of them. */
#ifndef REDAI_TESTS_APP_RIGHTS_H
#define REDAI_TESTS_APP_RIGHTS_H

#include "seat.h"

#define RIGHTS_BACK   "\033[15~" /* F5, which the console's configuration binds to "back" */
#define RIGHTS_NODE   "w1@host"
#define RIGHTS_FLIGHT "33333333-3333-4333-8333-333333333333"

struct rights {
    struct server *server;
    struct pty *pty;
    char url[200];
};

int rights_set_up(void **state); /* *state: a struct rights, without a console */
int rights_tear_down(void **state);
/* The platform's things, and one key of each type. */
void rights_fill(struct server *s);
char *rights_users(void); /* the file's text, with a password that can be used; the caller frees */

/* As the operator, who may do all: blank-separated words, an error fails the test. The reply's text,
 * or of ACL LOG what was refused, a line each; the caller frees by mem_free. */
char *rights_ask(struct rights *g, const char *line);
void rights_do(struct rights *g, const char *line);
/* Fails when ACL LOG names anything else than these, up to a NULL. */
void rights_refused_only(struct rights *g, const char *const *allowed);

/* Opens the console as that user: watchers with --read-only. */
void rights_sit_down(struct rights *g, const char *user);

#endif
