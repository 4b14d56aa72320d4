/* Each layer left out in turn: the checks find it, and nothing runs. */
#include "rig.h"

#include <string.h>

struct loss {
	const char	*layer;
	enum profile	 profile;
	const char	*step;		/* that refuses; NULL: any */
};

static const struct loss full[] = {
	{ "no_new_privs", PROFILE_WORKSPACE, "filter of the worker" },
	{ "capabilities", PROFILE_WORKSPACE, "check of capabilities" },
	{ "bounding", PROFILE_WORKSPACE, "check of the bounding set" },
	{ "filter", PROFILE_WORKSPACE, "check of the filter" },
	/* As root no /proc can be had then, else the check finds it. */
	{ "pids", PROFILE_WORKSPACE, NULL },
	{ "network", PROFILE_WORKSPACE, "check of the network" },
	{ "namespaces", PROFILE_WORKSPACE, "check of the namespaces" },
	{ "mounts", PROFILE_WORKSPACE, "check of the root" },
	{ "root", PROFILE_WORKSPACE, "check of the root" },
	{ "hide", PROFILE_WORKSPACE, "check of hidden folders" },
	{ "tmp", PROFILE_WORKSPACE, "check of the canary" },
	{ "landlock", PROFILE_WORKSPACE, "check of Landlock" },
	{ "folder", PROFILE_READ_ONLY, "check of what may be written" },
	{ "descriptors", PROFILE_WORKSPACE, "check of descriptors" },
	{ "landlock", PROFILE_READ_ONLY, "check of Landlock" },
	{ "landlock", PROFILE_SCRATCH, "check of Landlock" },
	{ "filter", PROFILE_NONE, "check of the filter" },
	{ "no_new_privs", PROFILE_NONE, "filter of the worker" },
};

static const struct loss landlock[] = {
	{ "filter", PROFILE_WORKSPACE, "check of the filter" },
	{ "landlock", PROFILE_WORKSPACE, "check of hidden folders" },
	{ "descriptors", PROFILE_WORKSPACE, "check of descriptors" },
	{ "landlock", PROFILE_READ_ONLY, "check of hidden folders" },
};

static void
lose(struct rig *r, const struct loss *l)
{
	char name[64];
	struct rig_task t;
	struct child_spec s = rig_spec(r, "echo ran >ran");

	snprintf(name, sizeof(name), "sabotage-%s", l->layer);
	s.tool = name;
	s.profile = l->profile;
	rig_start(&t, r, &s);
	rig_until(r, &t.gone);
	cr_expect(t.refused && !t.running, "%s was not missed", l->layer);
	cr_expect_eq(t.end.how, CHILD_REFUSED);
	cr_expect(l->step == NULL || strcmp(t.step, l->step) == 0, "%s: %s: %s", l->layer, t.step,
	    t.why);
}

RIG_TEST(sabotage, what_is_missing_is_found_and_nothing_runs)
{
	size_t i;
	struct rig r;

	rig_init_with(&r, at, SABOTEUR);
	for (i = 0; at->tier == TIER_FULL && i < sizeof(full) / sizeof(*full);
	    i++)
		lose(&r, &full[i]);
	for (i = 0; at->tier == TIER_LANDLOCK &&
	    i < sizeof(landlock) / sizeof(*landlock); i++)
		lose(&r, &landlock[i]);
	rig_fini(&r);
}

/* Else it would be the test build that refuses everything. */
RIG_TEST(sabotage, with_all_layers_there_the_tool_runs)
{
	struct rig_task t;
	struct rig r;

	rig_init_with(&r, at, SABOTEUR);
	rig_run(&t, &r, "exit 4");
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.code, 4);
	rig_fini(&r);
}
