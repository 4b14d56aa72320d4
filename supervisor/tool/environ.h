/*
 * A tool's environment: an allow-list of what the supervisor has, what the
 * configuration names, what tells the tool about its task, and what keeps
 * programs from waiting at a prompt that nobody sees (B4). Everything else,
 * keys above all, stays out.
 */
#ifndef ENVIRON_H
#define ENVIRON_H

#include "buf.h"

struct environ_spec {
	const char *const	*input;		/* ends with NULL */
	const char *const	*names;		/* the configuration's, too */
	size_t			 nnames;
	const char		*user;		/* of the tool's uid; */
	const char		*home;		/* NULL: as in input */
	const char		*shell;
	const char		*task;		/* t7 */
	const char		*tool;
	const char		*session;
	const char		*task_dir;
	int			 progress_fd;
	struct bytes		 args;		/* args.h: env */
};

/*
 * Adds NAME=value strings, each ended by NUL, no name twice. What the
 * configuration names wins over our own words for prompts (TERM, CI, ...), but
 * never over SIGBOX_*.
 */
void	environ_build(struct buf *, const struct environ_spec *);

#endif
