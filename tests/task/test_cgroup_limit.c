/*
 * What only some kernels do for us: limits, and the end for want of memory;
 * and what none does when we want it, played on plain files.
 */
#include "ground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "hierarchy.h"
#include "loop.h"

/* Where the kernel gives the controller, which is then the judge. */
static void
ground_with(struct ground *g, const struct rig_case *at, unsigned controller)
{
	ground_init(g, at);
	if (cgroups_controllers(g->groups) & controller)
		return;
	ground_fini(g);
	cr_skip_test("%s", "no such controller");
}

RIG_TEST(cgroup_limit, a_fork_bomb_ends_at_its_limit_and_stops)
{
	const struct cgroup_limits l = { .pids = 20 };
	struct rig_task t, other;
	struct ground g;

	ground_with(&g, at, CONTROLLER_PIDS);
	ground_run_with(&t, &g, "while :; do sleep 999 & done", &l);
	rig_until(&g.rig, &t.exited);
	cr_expect_eq(t.exit.code, 2, "the shell could not fork");
	cr_expect_eq(t.exit.alive, 19);
	ground_run(&other, &g, "exit 4");
	rig_until(&g.rig, &other.gone);
	cr_expect_eq(other.end.code, 4);
	ground_kill(&t);
	cr_expect_eq(rig_alive(g.rig.mark), 0);
	ground_fini(&g);
}

RIG_TEST(cgroup_limit, a_hog_ends_with_all_of_its_own_and_the_reason)
{
	const struct cgroup_limits l = { .memory = 16 << 20 };
	struct rig_task t;
	struct ground g;

	ground_with(&g, at, CONTROLLER_MEMORY);
	ground_run_with(&t, &g, "setsid sleep 999 &"
	    " head -c 99999999 /dev/zero | tail", &l);
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "its worker lives");
	cr_expect_eq(t.end.signal, SIGKILL);
	cr_expect(t.end.oom);
	cr_expect_str_eq(t.end_why, "out of memory");
	ground_fini(&g);
}

RIG_TEST(cgroup_limit, a_share_of_the_cpu_is_no_more_than_that)
{
	const struct cgroup_limits l = { .cpu = 20 };
	struct rig_task t;
	struct ground g;

	ground_with(&g, at, CONTROLLER_CPU);
	ground_run_with(&t, &g, "echo up; while ! [ -e go ]; do :; done", &l);
	rig_until_output(&t, "up");
	while (cgroup_number(g.groups->own, g.name, "cpu.stat",
	    "nr_throttled") == 0)
		poll(NULL, 0, 1);
	ground_kill(&t);
	ground_fini(&g);
}

/* A group of plain files: it freezes when the test says so. */
struct stage {
	struct rig	 rig;
	struct fake	 fake;
	struct cgroups	 groups;
	char		 name[64];
	struct alarm	*alarm;		/* looks at the worker */
	pid_t		 worker;
	bool		 woken, frozen;
};

static const char *const stage_files[] = { "cgroup.procs", "cgroup.kill",
    "cgroup.freeze", "cgroup.events", "memory.events" };

static void
stage_init(struct stage *s)
{
	static const struct rig_case as_we_are = { TIER_NONE,
	    PROFILE_NONE, true };

	memset(s, 0, sizeof(*s));
	fake_init(&s->fake);
	s->groups = (struct cgroups){ .own = s->fake.fd, .base = -1 };
	rig_init(&s->rig, &as_we_are);
}

static void
stage_run(struct stage *s, struct rig_task *t, const char *script,
    const char *events)
{
	struct child_spec spec = rig_spec(&s->rig, script);
	size_t i;

	spec.cgroup = groups_make(&s->groups, &groups_no_limits);
	snprintf(s->name, sizeof(s->name), "%s", cgroup_name(spec.cgroup));
	for (i = 0; i < sizeof(stage_files) / sizeof(stage_files[0]); i++)
		fake_file(&s->fake, s->name, stage_files[i], events);
	rig_start(t, &s->rig, &spec);
	s->worker = child_pid(t->child);
}

static void
stage_fini(struct stage *s)
{
	char path[128];
	size_t i;

	rig_fini(&s->rig);
	for (i = 0; i < sizeof(stage_files) / sizeof(stage_files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->name, stage_files[i]);
		fake_remove(&s->fake, path);
	}
	cr_expect_eq(unlinkat(s->fake.fd, s->name, AT_REMOVEDIR), 0);
	cr_expect_eq(rmdir(s->fake.dir), 0);
}

/* Once somebody of the tool wakes the worker; then the group is frozen. */
static void
on_look(void *arg)
{
	struct stage *s = arg;

	if (rig_state(s->worker) == 'T' && !s->woken) {
		s->woken = true;
		kill(-s->worker, SIGCONT);
	} else if (rig_state(s->worker) == 'T') {
		s->frozen = true;
		fake_file(&s->fake, s->name, "cgroup.events", "frozen 1\n");
	}
	if (!s->frozen)
		alarm_at(s->alarm, loop_now() + 1000);
}

/* A machine that is busy for too long makes a suspend partial: once more. */
Test(cgroup_stage, a_tool_that_is_not_frozen_yet_cannot_resume_itself)
{
	struct rig_task t;
	struct stage s;
	int tries;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	stage_init(&s);
	stage_run(&s, &t, "echo up; exec sleep 999", "frozen 0\n");
	rig_until_output(&t, "up");
	s.alarm = alarm_new(s.rig.loop, on_look, &s);
	for (tries = 0; !s.frozen && tries < 10; tries++) {
		fake_file(&s.fake, s.name, "cgroup.events", "frozen 0\n");
		s.woken = t.outside_cont = false;
		alarm_at(s.alarm, 0);
		ground_suspend(&t);
		if (!s.frozen)
			child_resume(t.child);
	}
	cr_expect(s.frozen);
	cr_expect(t.complete);
	cr_expect_not(t.outside_cont);
	cr_expect_eq(rig_state(s.worker), 'T');
	alarm_free(s.alarm);
	ground_kill(&t);
	stage_fini(&s);
}

/* As the kernel would tell it; and a group that cannot be removed. */
Test(cgroup_stage, an_end_for_want_of_memory_is_told)
{
	struct rig_task t;
	struct stage s;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	stage_init(&s);
	stage_run(&s, &t, "kill -KILL $$", "low 0\noom 3\noom_kill 2\n");
	rig_until(&s.rig, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE);
	cr_expect(t.end.oom);
	cr_expect_str_eq(t.end_why, "out of memory");
	stage_fini(&s);
}
