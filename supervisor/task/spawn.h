/*
 * The one exec that a task costs the loop (P3): a vfork-like clone that is
 * flat at any heap size and any number of open descriptors. It knows
 * descriptors and identities, not frames. Main thread only: the death signal
 * of a child follows the thread that made it.
 */
#ifndef SPAWN_H
#define SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "proto.h"

struct spawner;

struct spawn {
	/*
	 * What the child is born with at PROTO_FD_SOCKET and above, without
	 * the lifeline, which is the spawner's. Duplicated. cgroup -1:
	 * /dev/null.
	 */
	int		 socket, out, err, cwd, cgroup;
	bool		 drop;		/* it becomes uid and gid, itself */
	uid_t		 uid;
	gid_t		 gid;
	bool		 namespaces;	/* it keeps what makes some */
};

/* NULL: errno, and *step says which part. */
struct spawner	*spawner_new(const char *worker_path, const char **step);
void		 spawner_free(struct spawner *);	/* ends the lifeline */

/*
 * The pid of the exec'ed child, which its parent's death kills already, all
 * signals blocked. *pidfd is -1 where the kernel has none. -1: errno, *step;
 * nothing is left to reap.
 */
pid_t		 spawner_spawn(struct spawner *, const struct spawn *,
		    int *pidfd, const char **step);

#endif
