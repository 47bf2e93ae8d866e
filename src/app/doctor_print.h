/* doctor_print: the findings as text and as JSON. Private to app. */
#ifndef REDAI_APP_DOCTOR_PRINT_H
#define REDAI_APP_DOCTOR_PRINT_H

#include "redai/base/container.h"

#include "redai/model/model.h"

/* code: the exit code that is about to be given; its word is the status. */
void doctor_json(const struct model *m, int code, UT_string *out);
void doctor_text_out(const struct model *m, int code, UT_string *out);

#endif
