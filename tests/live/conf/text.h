/* text: files of the repository as text, for tests that compare what a file says with what a server does. */
#ifndef REDAI_TESTS_CONF_TEXT_H
#define REDAI_TESTS_CONF_TEXT_H

/* The whole file, path relative to the repository; it must exist. mem_free. */
char *text_of_file(const char *path);
/* A copy with every from replaced by to. mem_free. */
char *text_replace(const char *text, const char *from, const char *to);
void text_write(const char *path, const char *text);

#endif
