/*
 * What somebody watches for in a task's output: a POSIX extended regular
 * expression for one line. It comes from anybody, a model too: to check it
 * costs as much as to read it. To compile and to match it costs what it costs,
 * and is for a process that has nobody else to serve.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include "bytes.h"

#define PATTERN_MAX	256	/* bytes */
#define PATTERN_LINE	4096	/* of a line, what is matched */

struct pattern;

/* NULL: it is one. Else why not, for whoever wrote it. */
const char	*pattern_check(struct bytes);
/* The text is copied; NULL: libc takes it for none. */
struct pattern	*pattern_new(struct bytes);
void		 pattern_free(struct pattern *);
/* Bytes count, not characters. */
bool		 pattern_matches(struct pattern *, const char *line);

#endif
