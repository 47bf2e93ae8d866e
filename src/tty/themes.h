/* themes: the files of themes/ as text within the binary, which has its colours wherever it is copied to. The
 * table is written by cmake/Themes.cmake. */
#ifndef REDAI_TTY_THEMES_H
#define REDAI_TTY_THEMES_H

struct theme {
    const char *name; /* of the file, without .theme; NULL ends the table */
    const char *text;
};

extern const struct theme themes[];

#endif
