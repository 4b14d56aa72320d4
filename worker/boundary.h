/*
 * The worker's side of what bounds its task: it raises the pid namespace with
 * its init, or the keeper; has the tool started inside; passes orders on and
 * takes reports. That nothing is left is certain when the guard is reaped.
 */
#ifndef BOUNDARY_H
#define BOUNDARY_H

#include "guard.h"
#include "limits.h"

struct boundary {
	bool		 is_keeper;
	pid_t		 guard;		/* init or keeper; 0: none, or reaped */
	pid_t		 tool;		/* the keeper's child, or ours */
	int		 ctl, rep;
	struct oom	 oom;
	int		 map;		/* for root's working folder; -1 */
};

#define BOUNDARY_STEP_MAX	64

void	boundary_init(struct boundary *);
/* Those that follow return -1: errno, and step, BOUNDARY_STEP_MAX bytes. */
int	boundary_raise(struct boundary *, struct tool *, char *step);
/* Waits for the guard's word that it is armed; then gives up our privileges. */
int	boundary_arm(struct boundary *, const struct tool *, char *step);
/* We lead the group, and the tool is on its way to its exec. */
int	boundary_start(struct boundary *, struct tool *, char *step);

void	boundary_order(struct boundary *, enum guard_order);
/* One report; false: no more will come. Blocks if there is none. */
bool	boundary_hear(struct boundary *, struct guard_report *);
/* The end of all that is in it; the guard's death follows. */
void	boundary_kill(struct boundary *);

#endif
