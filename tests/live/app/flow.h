/* flow: the program as a writer into a pipe: its lines one by one, as they come. Every miss ends the test. */
#ifndef REDAI_TESTS_APP_FLOW_H
#define REDAI_TESTS_APP_FLOW_H

#include "stage.h"

#include <jansson.h>

struct flow {
    pid_t pid;
    int fd; /* read end of its stdout; -1 closed */
    UT_string text;
    char *line; /* the last one */
};

void flow_start(struct flow *f, const char *const argv[]);
const char *flow_line(struct flow *f); /* the next one, without its end; borrowed until the next call */
json_t *flow_object(struct flow *f);   /* the same as an object; decref it */
void flow_deaf(struct flow *f);        /* closes the read end */
int flow_end(struct flow *f);          /* waits for its exit code; 128 and more: a signal's number on top */

#endif
