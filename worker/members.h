/*
 * Who belongs to the task, as /proc tells: everybody in the init's pid
 * namespace but itself, or everybody below the keeper. A list is a snapshot:
 * whoever wants to be sure looks again.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"

struct member {
	pid_t	pid;
	pid_t	parent;		/* below whom it was found; 0: nobody */
};

struct members {
	struct member	 list[1 << 15];
	size_t		 n;
	bool		 cut;		/* there were more */
};

struct look {
	char	state;		/* as ps shows it */
	pid_t	parent, group;	/* 0: outside of this pid namespace */
	char	name[16];
};

void	members_of_namespace(struct members *);
void	members_below(struct members *, pid_t);
/* Only the children of this process. */
void	members_children(struct members *, pid_t);

bool	members_look(pid_t, struct look *);	/* false: it is gone */
bool	members_is_dead(const struct look *);
/*
 * What they, and those of their children that they waited for, have used of
 * processors; us.
 */
uint64_t members_cpu(const struct members *);
/*
 * Whether all of them, the dead aside, run no more code before a SIGCONT.
 * Looking takes time, in which one that was seen standing may have been woken
 * by one that was not: only two looks with the same *digest, which counts how
 * often each of them ran, tell of an instant at which all stood.
 */
bool	members_are_still(const struct members *, uint64_t *digest);
/* To a member that may be somebody else's child; never to a reused number. */
void	members_signal(const struct member *, int signo);
/* Whether the kernel lists children; without that there is no keeper. */
bool	members_has_children_file(void);

#endif
