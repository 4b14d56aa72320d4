/*
 * Where in the hierarchies of control groups a process stands, read from the
 * texts that the kernel gives of it. Whatever else they say is passed over.
 */
#ifndef HIERARCHY_H
#define HIERARCHY_H

#include <stdint.h>

#include "bytes.h"

/* The controllers that we have a use for; several as bits. */
enum {
	CONTROLLER_CPU = 1 << 0,
	CONTROLLER_MEMORY = 1 << 1,
	CONTROLLER_PIDS = 1 << 2,
	CONTROLLERS = (1 << 3) - 1
};

#define CONTROLLER_NAMES_MAX	24	/* bytes, NUL and all */

/* Of cgroup.controllers and the like: separated by space, comma or newline. */
unsigned	 hierarchy_controllers(struct bytes);
/* "cpu memory pids", in CONTROLLER_NAMES_MAX bytes. */
const char	*hierarchy_names(unsigned controllers, char *text);

/* Both of /proc/self/cgroup: those that a version 1 hierarchy holds. */
unsigned	 hierarchy_held(struct bytes cgroup);
/* Our group in the hierarchy of version 2, or NULL: *why is a literal. */
char		*hierarchy_own(struct bytes cgroup, const char **why);
/*
 * The folder of that group, by /proc/self/mountinfo; where it can be seen in
 * several mounts, the first that may be written to. NULL: *why is a literal.
 */
char		*hierarchy_folder(struct bytes mountinfo, const char *own,
		    const char **why);

/* The number in the line "key number" of a file like cgroup.events. */
bool		 hierarchy_number(struct bytes, const char *key, uint64_t *);
/* What a supervisor calls the folder of its tasks: sigbox- and 16 digits. */
bool		 hierarchy_is_supervisor(const char *name);

#define HIERARCHY_SUPERVISOR	"sigbox-"

#endif
