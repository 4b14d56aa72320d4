/* Allocation that does not fail: out of memory ends the process, in words. */
#ifndef XALLOC_H
#define XALLOC_H

#include <stddef.h>

void	*xmalloc(size_t);
void	*xcalloc(size_t n, size_t size);
void	*xreallocarray(void *, size_t n, size_t size);
char	*xstrdup(const char *);
/* A copy of len bytes with a NUL behind them. */
char	*xmemdup(const void *, size_t len);
char	*xasprintf(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
