/* process: what the kernel tells of a program that runs: the time it has used, its memory. */
#ifndef REDAI_TESTS_APP_PROCESS_H
#define REDAI_TESTS_APP_PROCESS_H

#include "support/pty.h"

int64_t process_cpu_us(const struct pty *p);       /* user and system, so far */
int64_t process_memory_bytes(const struct pty *p); /* resident, its own */

#endif
