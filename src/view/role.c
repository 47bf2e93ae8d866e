#include "redai/view/role.h"

#include <assert.h>
#include <stdint.h>

const struct role_row role_rows[ROLE_COUNT] = {
#define ROLE_ROW(id, dotted, up, attributes) [ROLE_##id] = {dotted, ROLE_##up, attributes},
    ROLE_LIST(ROLE_ROW)
#undef ROLE_ROW
};

/* A cell keeps its role in eight bits. */
static_assert(ROLE_COUNT <= UINT8_MAX, "a role must fit a cell");
