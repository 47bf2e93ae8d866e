/* unit: cmocka with the headers it wants before it, in the order it wants them. */
#ifndef REDAI_TESTS_SUPPORT_UNIT_H
#define REDAI_TESTS_SUPPORT_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
