#include "ground.h"

#include <stdio.h>

#include "groups.h"
#include "loop.h"

#define NOBODY	65534

void
ground_delegate(const struct rig_case *at)
{
	groups_delegate(at->is_root ? 0 : NOBODY);
}

void
ground_init(struct ground *g, const struct rig_case *at)
{
	ground_delegate(at);
	rig_init(&g->rig, at);
	g->groups = groups_open();
}

void
ground_fini(struct ground *g)
{
	rig_fini(&g->rig);
	cr_expect_eq(groups_count(g->groups->own), 0, "a group is left");
	cgroups_close(g->groups);
}

void
ground_run_with(struct rig_task *t, struct ground *g, const char *script,
    const struct cgroup_limits *l)
{
	struct child_spec s = rig_spec(&g->rig, script);

	s.cgroup = groups_make(g->groups, l);
	snprintf(g->name, sizeof(g->name), "%s", cgroup_name(s.cgroup));
	rig_start(t, &g->rig, &s);
}

void
ground_run(struct rig_task *t, struct ground *g, const char *script)
{
	ground_run_with(t, g, script, &groups_no_limits);
}

void
ground_unruly(struct rig_task *t, struct ground *g, const char *how)
{
	char script[256];

	snprintf(script, sizeof(script), "exec %s %s", UNRULY, how);
	ground_run(t, g, script);
	rig_until_output(t, "ready");
}

void
ground_suspend(struct rig_task *t)
{
	t->suspended = false;
	child_suspend(t->child);
	rig_until(t->rig, &t->suspended);
}

void
ground_kill(struct rig_task *t)
{
	child_kill(t->child);
	rig_until(t->rig, &t->gone);
}

bool
ground_is_frozen(struct ground *g)
{
	return cgroup_number(g->groups->own, g->name, "cgroup.events",
	    "frozen") == 1;
}

bool
ground_becomes_empty(struct ground *g)
{
	uint64_t until = loop_now() + 10000000;
	bool is;

	do
		is = cgroup_number(g->groups->own, g->name, "cgroup.events",
		    "populated") == 0;
	while (!is && loop_now() < until);
	return is;
}
