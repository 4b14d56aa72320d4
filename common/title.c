#include "title.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define TITLE_MAX	256

void
title_init(int argc, char **argv, char **envp)
{
	setproctitle_init(argc, argv, envp);
}

void
title_set(const char *fmt, ...)
{
	char text[TITLE_MAX], *c;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* ps prints it on an administrator's terminal. */
	for (c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	setproctitle("%s", text);
}
