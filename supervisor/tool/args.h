/*
 * A call's arguments: checked against the tool's parameters, then in all the
 * forms in which a tool may read them (O2):
 *
 *	input	the JSON object as it was written, defaults added, and a LF
 *	argv	the path, --kebab value for each, a true flag bare, a false one
 *		absent, arrays repeated or joined, then -- and positionals
 *	env	SIGBOX_ARG_UPPER_SNAKE=value for each scalar
 *
 * Numbers stay as they were written. argv and env are strings that each end
 * with NUL. What the kernel would refuse as too big is in the input alone.
 *
 * *why is for the model, "args: jobs: not an integer"; the caller frees it.
 */
#ifndef ARGS_H
#define ARGS_H

#include "tool.h"

#define ARGS_MAX	(1U << 20)	/* of the JSON text */
#define ARGS_STRING_MAX	(128U << 10)	/* of one string, its NUL included */
#define ARGS_VECTOR_MAX	(512U << 10)	/* of argv, and of env */

/* Zeroed is empty. */
struct args {
	struct buf	argv;
	struct buf	env;
	struct buf	input;
};

/* Checks, and makes nothing. */
bool	args_check(const struct tool *, struct bytes json, char **why);
/* Checks and fills *a; the tool has a path. false: *a is empty. */
bool	args_make(const struct tool *, struct bytes json, struct args *a,
	    char **why);
void	args_fini(struct args *);

/* Sets *why to "args: WHERE: WHAT", fit to be shown; where NULL: without. */
void	args_wrong(char **why, const char *where, const char *what);

#endif
