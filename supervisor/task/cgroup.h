/*
 * cgroup v2 below our own group, where that is given to us: what freezes,
 * bounds and kills a tool with all that it starts, wherever it flees to. It
 * hides nothing from a tool, and the pid namespace stays the boundary (T4).
 *
 *	OURS/				delegated
 *	OURS/supervisor/		we, where controllers are enabled
 *	OURS/sigbox-RANDOM/		one supervisor's, locked while it lives
 *	OURS/sigbox-RANDOM/tN-RANDOM/	one task's, never used twice
 *
 * The tool enters by itself before its exec. Its worker and its guard stay
 * out: they must live to report what was killed, and wake while it is frozen.
 * Functions of type int return -1 and errno.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct cgroups;
struct cgroup;

/*
 * Tries it end to end, with a child of ours in the group. May move us into a
 * leaf of our own. NULL: *why is words, the caller's to free. Early, once,
 * after the last fork that is to live on: the lock is shared with it.
 */
struct cgroups	*cgroups_open(char **why);
/* In words: what of it there is. Owned by the groups. */
const char	*cgroups_describe(const struct cgroups *);
/* Of hierarchy.h's controllers, those whose limits are enforced. */
unsigned	 cgroups_controllers(const struct cgroups *);
/* Kills and removes what supervisors that are dead left beside us. */
void		 cgroups_sweep(struct cgroups *);
/*
 * Kills what is left in it and undoes what was done; waits for that, but not
 * long. No cgroup of it may be used any more, but each may be freed.
 */
void		 cgroups_close(struct cgroups *);

struct cgroup_limits {		/* 0: none */
	uint64_t	 memory;	/* bytes, and no swap */
	uint64_t	 pids;		/* processes and threads */
	uint64_t	 cpu;		/* percent of one CPU */
};

/*
 * A group with the limits whose controllers there are. NULL: *why is words,
 * the caller's to free.
 */
struct cgroup	*cgroup_make(struct cgroups *, uint64_t task,
		    const struct cgroup_limits *, char **why);
const char	*cgroup_name(const struct cgroup *);
/*
 * cgroup.procs, the caller's to close. Who writes "0" to it enters, whatever
 * its own rights: the opener's count.
 */
int		 cgroup_procs(const struct cgroup *);

int		 cgroup_freeze(struct cgroup *, bool frozen);
/* The kernel has finished that; false also when it cannot be read. */
bool		 cgroup_is_frozen(const struct cgroup *);
bool		 cgroup_is_empty(const struct cgroup *);
/* SIGKILL to all in it, frozen or not. */
int		 cgroup_kill(struct cgroup *);
/* How many the kernel killed for want of memory. */
uint64_t	 cgroup_ooms(const struct cgroup *);
/* EBUSY: somebody is still in it. The struct stays until cgroup_free(). */
int		 cgroup_remove(struct cgroup *);
void		 cgroup_free(struct cgroup *);	/* NULL is fine */

#endif
