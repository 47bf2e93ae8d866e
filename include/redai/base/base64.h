/* base64: RFC 4648 standard alphabet with padding, as Celery's message bodies use it. */
#ifndef REDAI_BASE_BASE64_H
#define REDAI_BASE_BASE64_H

#include "redai/base/container.h"

void base64_encode(struct span raw, UT_string *out);
/* Appends the decoded bytes; line breaks within are accepted, as Python does. False (out unchanged) when
 * the text is no base64. */
bool base64_decode(struct span text, UT_string *out);

#endif
