/*
 * What would mend a sandbox that does not stand: from the step that failed,
 * its errno, and what is known of the machine, to words for its administrator.
 * A table, and pure.
 */
#ifndef REMEDY_H
#define REMEDY_H

#include "buf.h"

#define REMEDY_UNKNOWN	(-1)

/* Values of settings; REMEDY_UNKNOWN: there is no such setting, or no telling. */
struct remedy_facts {
	bool		 root;			/* the supervisor is */
	bool		 container, unit;	/* it is in one */
	long long	 user_namespaces;	/* user.max_user_namespaces */
	int		 userns_clone;	/* kernel.unprivileged_userns_clone */
	int		 apparmor;	/* apparmor_restrict_unprivileged_userns */
	int		 landlock;	/* 1: in the kernel's list of LSMs */
};

/* Adds words, none where nothing is known; several are joined by "; or ". */
void	remedy(struct buf *, const char *step, int error,
	    const struct remedy_facts *);

#endif
