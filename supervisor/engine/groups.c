/* The control groups of tasks, where the system lets us make some. */
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "hierarchy.h"
#include "inner.h"
#include "log.h"
#include "xalloc.h"

void
groups_open(struct engine *e)
{
	if (strcmp(e->conf.tasks.cgroup, "no") == 0)
		return;
	e->groups = cgroups_open(&e->no_groups);
	if (e->groups == NULL) {
		log_info("cgroup: none: %s", e->no_groups);
		return;
	}
	log_info("cgroup: %s", cgroups_describe(e->groups));
	cgroups_sweep(e->groups);
}

void
groups_close(struct engine *e)
{
	if (e->groups != NULL)
		cgroups_close(e->groups);
	free(e->no_groups);
}

/*
 * To enter one takes the kernel some milliseconds, so it must be good for
 * something: limits of the whole task, or the only boundary that is certain.
 */
bool
groups_are_used(const struct engine *e, enum tier t)
{
	if (e->groups == NULL)
		return false;
	if (strcmp(e->conf.tasks.cgroup, "auto") != 0)
		return strcmp(e->conf.tasks.cgroup, "yes") == 0;
	return cgroups_controllers(e->groups) != 0 || t != TIER_FULL;
}

/* What the group limits as a whole needs no limit of each process. */
static void
limit(const struct engine *e, struct cgroup_limits *l, struct child_spec *spec)
{
	unsigned controllers = cgroups_controllers(e->groups);

	*l = (struct cgroup_limits){ .memory = e->conf.tasks.memory,
	    .pids = e->conf.tasks.nproc, .cpu = e->conf.tasks.cpu };
	if (controllers & CONTROLLER_MEMORY)
		spec->as = 0;
	if (controllers & CONTROLLER_PIDS)
		spec->nproc = 0;
}

bool
groups_put(struct engine *e, uint64_t task, struct child_spec *spec, char **why)
{
	struct cgroup_limits l;

	if (e->groups == NULL && strcmp(e->conf.tasks.cgroup, "yes") == 0) {
		*why = xasprintf("cgroup=yes in [tasks], but there is none: %s",
		    e->no_groups == NULL ? "restart the supervisor" :
		    e->no_groups);
		return false;
	}
	if (!groups_are_used(e, spec->tier))
		return true;
	limit(e, &l, spec);
	spec->cgroup = cgroup_make(e->groups, task, &l, why);
	return spec->cgroup != NULL;
}

const char *
engine_cgroup_words(const struct engine *e)
{
	if (e->groups == NULL)
		return e->no_groups == NULL ? "not used: cgroup=no in [tasks]" :
		    e->no_groups;
	if (!groups_are_used(e, e->tier))
		return "there is one, without controllers, so only resource "
		    "limits of each process hold (cgroup=yes in [tasks] uses it "
		    "to freeze and kill)";
	return cgroups_describe(e->groups);
}
