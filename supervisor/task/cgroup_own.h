/* What cgroup.c and cgroups.c share, and what tests must get hold of. */
#ifndef CGROUP_OWN_H
#define CGROUP_OWN_H

#include "buf.h"
#include "cgroup.h"

struct cgroups {
	int		 base;		/* OURS */
	int		 own;		/* OURS/sigbox-RANDOM */
	char		*name;		/* of that */
	bool		 in_leaf;	/* we are in OURS/supervisor */
	bool		 moved;		/* because we went there */
	unsigned	 controllers;
	unsigned	 enabled;	/* by us, in OURS */
	char		*words;
};

/* The whole of a small file below dir. */
int	cgroup_read(int dir, const char *group, const char *file, struct buf *);
int	cgroup_write(int dir, const char *group, const char *file,
	    const char *text);
/* The number behind key in such a file; 0: there is none. */
uint64_t cgroup_number(int dir, const char *group, const char *file,
	    const char *key);
/* With the groups in it, if nobody is in any of them. */
int	cgroup_remove_tree(int dir, const char *group);
int	cgroup_kill_tree(int dir, const char *group);
/* For kernels before 5.14, which do not do this by themselves. */
int	cgroup_kill_each(int dir, const char *group);
/* Calls did for each folder in group until one says false. */
void	cgroup_each(int dir, const char *group,
	    void (*did)(int folder, const char *name, void *arg), void *arg);
/* On an open group: the limits whose controllers there are. */
int	cgroup_limit(int dir, const char *group, unsigned controllers,
	    const struct cgroup_limits *, const char **step);

#endif
