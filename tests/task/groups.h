/*
 * Control groups for tests: real ones in a group that the test's process has
 * to itself, and fakes for what this kernel may not give us to try. Whatever
 * fails here fails the test.
 */
#ifndef GROUPS_H
#define GROUPS_H

#include <sys/types.h>

#include "cgroup_own.h"

extern const struct cgroup_limits groups_no_limits;

/*
 * Puts this process into a group that owner owns, as a unit with Delegate=
 * would have it; owner need not be who asks. It goes when the process and what
 * it left have gone. Where none can be had the test is skipped, in words; who
 * is not root takes what there is.
 */
void		 groups_delegate(uid_t owner);

struct cgroups	*groups_open(void);
/* Of task 7. */
struct cgroup	*groups_make(struct cgroups *, const struct cgroup_limits *);
/* In this one, without the leaf where a supervisor itself may be. */
int		 groups_count(int dir);

/* A folder of plain files in a group's place. */
struct fake {
	char	dir[32];
	int	fd;
};

void		 fake_init(struct fake *);
void		 fake_file(struct fake *, const char *group, const char *name,
		    const char *text);
void		 fake_expect(struct fake *, const char *name, const char *text);
void		 fake_remove(struct fake *, const char *name);

#endif
