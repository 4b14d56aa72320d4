/*
 * The tool's own process: its descriptors, argv and environment, its limits,
 * its exec. Made in the worker, before anything is forked; run in the process
 * that becomes the tool, which is the worker's child or the keeper's.
 */
#ifndef TOOL_H
#define TOOL_H

#include "frame.h"
#include "limits.h"

enum { TOOL_IN, TOOL_OUT, TOOL_ERR, TOOL_PROGRESS, TOOL_STATUS, TOOL_NPIPES };

#define TOOL_STEP_MAX	40

struct policy;

struct tool {
	uint64_t	 task;
	char		*path;
	struct policy	*policy;	/* not ours */
	char		**argv, **env;	/* borrow from the START frame */
	struct limits	 limits;
	/* The worker's and the tool's end of each pipe; -1: none, closed. */
	int		 ours[TOOL_NPIPES];
	int		 theirs[TOOL_NPIPES];
	int		 cgroup;	/* for the tool to join; -1: closed */
};

/*
 * START's bytes must stay until the exec. -1: errno, and *step is a literal.
 */
int	tool_init(struct tool *, const struct frame_start *,
	    struct policy *, const char **step);
void	tool_close_ours(struct tool *);
void	tool_close_theirs(struct tool *);

/* Becomes the tool; or says on the status pipe why not, and exits. */
void	tool_run(struct tool *) __attribute__((noreturn));
/*
 * Waits for that exec. 0: the tool runs (or died before it could say more).
 * -1: it does not: errno, and step, TOOL_STEP_MAX bytes of ours.
 */
int	tool_wait(struct tool *, char *step);

#endif
