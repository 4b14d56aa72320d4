/* The line for ps (P5). Nobody's prompt, argument or key is ever in it. */
#ifndef TITLE_H
#define TITLE_H

/* First thing in main: before threads, before anybody points into environ. */
void	title_init(int argc, char **argv, char **envp);
/* Shown as "program: text"; unprintable bytes become '?'. */
void	title_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
