/* json_lines: JSON as lines for people, a member a line, two blanks for each step down, spelt as it is
 * (numbers of any length, names given twice). A text that was cut is shown as far as it goes. Pure; nothing
 * is kept. */
#ifndef REDAI_SCHEMA_JSON_LINES_H
#define REDAI_SCHEMA_JSON_LINES_H

#include "redai/base/container.h"

enum json_lines_end {
    JSON_LINES_WHOLE,
    JSON_LINES_CUT, /* the text ends too early, and is fine up to there */
    JSON_LINES_NOT_JSON
};
/* depth: how deep the line stands. A closing bracket stands as deep as what it closes, so that all that is
 * deeper than an opening line, and follows it, folds away under it. False: no further line is wanted. */
typedef bool (*json_line_fn)(void *ctx, struct span line, int depth);

/* Calls each for every line, unless it is no JSON: then for none. each NULL: only looks. NaN and Infinity are
 * taken, as Python writes them. */
enum json_lines_end json_lines(struct span text, json_line_fn each, void *ctx);

enum { JSON_LINES_DEPTH_MAX = 512, JSON_LINES_INDENT_MAX = 32 };

#endif
