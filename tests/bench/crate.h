/*
 * Real workers without their supervisor: a loop, a shop, and a working folder
 * that goes with the program. Whatever fails, a refusal too, and every wait of
 * more than 30 s, ends the program, in words.
 */
#ifndef CRATE_H
#define CRATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "profile.h"

#define CRATE_USER	1000	/* the tools', and ours after crate_become() */

struct crate;
struct child;

/* What a task told. */
struct crate_task {
	struct child	*child;		/* NULL: it is gone */
	pid_t		 worker, init, tool;
	bool		 running, grew, suspended, complete, exited, gone;
};

/* No root any more, so that namespaces are made as a user makes them. */
void		 crate_become(void);

/* One of them in a program. */
struct crate	*crate_new(void);
void		 crate_free(struct crate *);
const char	*crate_folder(const struct crate *);

/*
 * argv ends with NULL, its first is a path. Walls as by default, or none;
 * tools: a folder to be seen behind them, or NULL.
 */
void		 crate_start(struct crate *, struct crate_task *, enum tier,
		    const char *const *argv, const char *tools);
/* Turns the loop until the fact, a member of a task. */
void		 crate_until(struct crate *, const bool *fact);

#endif
