/* A rig whose workers run their tools in control groups. */
#ifndef GROUND_H
#define GROUND_H

#include "groups.h"
#include "rig.h"

struct ground {
	struct rig	 rig;
	struct cgroups	*groups;
	char		 name[64];	/* of the last group */
};

/* Skips the test where there are none to be had. */
void	ground_delegate(const struct rig_case *);
/* And with it: */
void	ground_init(struct ground *, const struct rig_case *);
void	ground_fini(struct ground *);

/* As in the rig, each in a group of its own. */
void	ground_run_with(struct rig_task *, struct ground *, const char *script,
	    const struct cgroup_limits *);
void	ground_run(struct rig_task *, struct ground *, const char *script);
/* unruly(1), until it is ready. */
void	ground_unruly(struct rig_task *, struct ground *, const char *how);

void	ground_suspend(struct rig_task *);	/* until that is told */
void	ground_kill(struct rig_task *);		/* until it is gone */

/* Of the last group. */
bool	ground_is_frozen(struct ground *);
bool	ground_becomes_empty(struct ground *);	/* while the loop stands */

#endif
