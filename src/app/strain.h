/* strain: whether a server is so strained that it should not be asked for more. Private to app. */
#ifndef REDAI_APP_STRAIN_H
#define REDAI_APP_STRAIN_H

#include "redai/base/err.h"

#include "redai/model/model.h"

/* A trace makes the server write every command once more. False with err: not now, and by which figure. */
bool strain_allows_trace(const struct model *m, struct err *err);

#endif
