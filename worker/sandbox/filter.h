/*
 * The third wall: seccomp filters, made by libseccomp when sigbox was built
 * (filter_make.c) and only loaded here.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdint.h>

enum filter {
	FILTER_TOOL,		/* tier full */
	FILTER_TOOL_LANDLOCK,	/* tier landlock: no sockets, no new groups */
	FILTER_TOOL_OLD,	/* the same for what Landlock lacks: ABI < 6 */
	FILTER_TOOL_NONE,	/* profile none: only what saves the worker */
	FILTER_WORKER,		/* the worker and the init, once a tool runs */
	FILTERS
};

/* For good; no_new_privs must be set. -1: errno. */
int		 filter_enter(enum filter);
/* Of its instructions: the same number is the same filter. */
uint64_t	 filter_hash(enum filter);

#endif
