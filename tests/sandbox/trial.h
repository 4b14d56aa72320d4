/*
 * What comes of the attempts: without a sandbox, which is the control, and as
 * a tool of a real worker. Each kind is one column of the table.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>

#include "attempt.h"

struct stage;

enum outcome {
	LOST,		/* nothing was said of it */
	ESCAPE,
	HELD_BACK,
	NOT_TRIED,
	TOLD,		/* it succeeded, and the task's end names it */
	ALLOWED,	/* it succeeded, as expect.def has it */
	KNOWN,
	OUTCOMES
};

struct cell {
	enum outcome	 outcome;
	char		 why[120];
};

struct column {
	const char	*tier, *profile;	/* of the worker */
	bool		 is_root;		/* the supervisor */
	bool		 root_folder;		/* as is the working folder */
	bool		 net;			/* the host's */
	struct cell	 cells[NATTEMPTS];
	char		 refused[400];		/* why no tool ran */
	char		 damage[400];		/* what it changed outside */
	unsigned	 left;			/* processes */
};

/* The cells lie in memory that children share. */
void	trial_control(struct stage *, struct cell *);
/* In a process of its own, as the supervisor's user. */
void	trial_column(struct stage *, struct column *);

#endif
