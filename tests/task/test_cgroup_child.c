/* Tools in control groups: what is killed, frozen, and told of it. */
#include "ground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "hierarchy.h"
#include "loop.h"

static bool
is_in(struct ground *g, pid_t pid)
{
	struct buf b = { 0 };
	char proc[32];
	bool in;

	snprintf(proc, sizeof(proc), "/proc/%d", (int)pid);
	cr_assert_eq(cgroup_read(AT_FDCWD, proc, "cgroup", &b), 0);
	in = memmem(b.data, b.len, g->name, strlen(g->name)) != NULL;
	buf_fini(&b);
	return in;
}

RIG_TEST(cgroup_child, the_tool_is_in_its_group_and_who_reports_is_not)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_run(&t, &g, "echo up; exec sleep 999");
	rig_until_output(&t, "up");
	cr_expect(is_in(&g, t.tool));
	cr_expect_not(is_in(&g, t.init));
	cr_expect_not(is_in(&g, child_pid(t.child)));
	child_term(t.child);
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.signal, SIGTERM);
	cr_expect_not(t.end.oom);
	ground_fini(&g);
}

/*
 * The kernel takes nobody into a group that passes controllers of domains on,
 * nor into one beside a threaded one. NULL: c itself was spoilt.
 */
static struct cgroup *
spoil(struct ground *g, struct cgroup *c)
{
	struct cgroup *beside;

	if (cgroups_controllers(g->groups) & CONTROLLER_MEMORY) {
		cr_assert_eq(cgroup_write(g->groups->own, cgroup_name(c),
		    "cgroup.subtree_control", "+memory"), 0);
		return NULL;
	}
	beside = groups_make(g->groups, &groups_no_limits);
	cr_assert_eq(cgroup_write(g->groups->own, cgroup_name(beside),
	    "cgroup.type", "threaded"), 0);
	return beside;
}

RIG_TEST(cgroup_child, a_tool_that_cannot_enter_does_not_run)
{
	struct cgroup *beside;
	struct child_spec s;
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	s = rig_spec(&g.rig, "echo up");
	s.cgroup = groups_make(g.groups, &groups_no_limits);
	beside = spoil(&g, s.cgroup);
	rig_start(&t, &g.rig, &s);
	rig_until(&g.rig, &t.gone);
	cr_expect(t.refused);
	cr_expect_str_eq(t.step, "cgroup");
	cr_expect_eq(t.end.out, 0);
	if (beside != NULL)
		cr_expect_eq(cgroup_remove(beside), 0);
	cgroup_free(beside);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, nothing_is_left_of_hydras_and_the_worker_lives_to_tell)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_unruly(&t, &g, "hydra 16");
	ground_kill(&t);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.signal, SIGKILL);
	cr_expect_eq(rig_alive(g.rig.mark), 0, "gone was said too early");
	ground_fini(&g);
}

/* The loop does not turn, so nobody else can have done it. */
RIG_TEST(cgroup_child, a_kill_does_not_wait_for_the_guard)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_unruly(&t, &g, "deaf 5");
	kill(t.init, SIGSTOP);
	child_kill(t.child);
	cr_expect(ground_becomes_empty(&g));
	kill(t.init, SIGCONT);
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, a_frozen_group_is_killed_and_a_fresh_one_runs)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_unruly(&t, &g, "deaf 5");
	ground_suspend(&t);
	cr_expect(t.complete);
	cr_expect(ground_is_frozen(&g));
	/* In the freezer one does not take a signal that came too late. */
	cr_expect_not_null(strchr("TS", rig_state(t.tool)));
	ground_kill(&t);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(rig_alive(g.rig.mark), 0);
	ground_run(&t, &g, "exit 5");
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.code, 5, "%s", t.end_why);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, hydras_are_frozen_and_thawed)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_unruly(&t, &g, "hydra 4");
	ground_suspend(&t);
	cr_expect(t.complete, "whatever the sweep said");
	cr_expect(ground_is_frozen(&g));
	child_resume(t.child);
	cr_expect_not(ground_is_frozen(&g));
	ground_suspend(&t);
	cr_expect(ground_is_frozen(&g));
	ground_kill(&t);
	cr_expect_eq(rig_alive(g.rig.mark), 0);
	ground_fini(&g);
}

/* Two in sessions of their own wake each other, and the tool's whole group. */
#define WAKERS RIG_LEAVE						\
	"read a b c d G rest </proc/$$/stat; export G;"			\
	" for x in a b; do $S sh -c 'echo $$ >'$x';"		\
	" until [ -s a ] && [ -s b ]; do :; done; read A <a; read B <b;" \
	" echo ready; while :; do kill -CONT $A $B -$G; done' & done;"	\
	" until [ -e go ]; do sleep 0.01; done; echo on; wait"

static uint64_t
cpu_time(struct ground *g)
{
	return cgroup_number(g->groups->own, g->name, "cpu.stat",
	    "usage_usec");
}

RIG_TEST(cgroup_child, those_who_wake_the_others_stay_frozen)
{
	struct ground g;
	struct rig_task t, other;
	uint64_t used;
	int i;

	ground_init(&g, at);
	ground_run(&t, &g, WAKERS);
	rig_until_output(&t, "ready\nready");
	for (i = 0; i < 5; i++) {
		ground_suspend(&t);
		cr_expect(t.complete);
		cr_expect(ground_is_frozen(&g));
		cr_expect_eq(rig_state(child_pid(t.child)), 'T');
		used = cpu_time(&g);
		rig_run(&other, &g.rig, "exit 0");
		cr_expect_eq(cpu_time(&g), used, "somebody runs");
		cr_expect(ground_is_frozen(&g));
		child_resume(t.child);
	}
	rig_touch(&g.rig, "go");
	rig_until_output(&t, "on");
	ground_kill(&t);
	cr_expect_eq(rig_alive(g.rig.mark), 0);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, a_handler_of_term_runs_after_the_thaw)
{
	struct ground g;
	struct rig_task t;
	size_t len;
	char *s;

	ground_init(&g, at);
	ground_run(&t, &g, "trap 'echo handled; exit 3' TERM; echo up;"
	    " while :; do sleep 0.01; done");
	rig_until_output(&t, "up");
	ground_suspend(&t);
	child_term(t.child);
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.code, 3);
	s = rig_read(&t, "out", &len);
	cr_expect_str_eq(s, "up\nhandled\n");
	free(s);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, somebody_elses_cont_thaws_and_is_told)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_run(&t, &g, "echo up; until [ -e go ]; do sleep 0.01; done;"
	    " exit 4");
	rig_until_output(&t, "up");
	ground_suspend(&t);
	kill(-child_pid(t.child), SIGCONT);
	rig_until(&g.rig, &t.outside_cont);
	rig_touch(&g.rig, "go");
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.code, 4, "%s", t.end_why);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, a_killed_worker_takes_all_of_it_along)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	ground_unruly(&t, &g, "hydra 4");
	ground_suspend(&t);
	kill(child_pid(t.child), SIGKILL);
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.how, CHILD_KILLED);
	cr_expect_eq(rig_alive(g.rig.mark), 0, "gone was said too early");
	ground_fini(&g);
}

RIG_TEST(cgroup_child, suspend_and_resume_in_a_row_lose_nothing)
{
	struct ground g;
	struct rig_task t;
	int i;

	ground_init(&g, at);
	ground_run(&t, &g, "until [ -e go ]; do sleep 0.01; done; exit 6");
	rig_until(&g.rig, &t.running);
	for (i = 0; i < 50; i++) {
		t.suspended = false;
		child_suspend(t.child);
		if (i % 3 != 0)
			rig_until(&g.rig, &t.suspended);
		child_resume(t.child);
	}
	rig_touch(&g.rig, "go");
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.code, 6, "%s", t.end_why);
	cr_expect_not(t.outside_cont);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, a_stop_while_it_starts_leaves_no_group)
{
	struct ground g;
	struct rig_task t;
	int i, turns;

	ground_init(&g, at);
	for (i = 0; i < 20; i++) {
		ground_run(&t, &g, RIG_LEAVE "$S sleep 999 & wait");
		for (turns = i * 400; turns > 0; turns--)
			poll(NULL, 0, 0);
		child_kill(t.child);
		rig_until(&g.rig, &t.gone);
		cr_expect_eq(groups_count(g.groups->own), 0);
	}
	ground_fini(&g);
}

RIG_TEST(cgroup_child, what_nothing_was_started_in_is_removed)
{
	struct ground g;
	struct child_spec s;
	char *why = NULL;

	ground_init(&g, at);
	s = rig_spec(&g.rig, "");
	s.path = "/\xff";
	s.cgroup = groups_make(g.groups, &groups_no_limits);
	cr_expect_null(child_spawn(g.rig.shop, &s, NULL, NULL, &why));
	free(why);
	ground_fini(&g);
}

/* Frozen, and with nobody left to thaw them. */
RIG_TEST(cgroup_child, no_frozen_task_outlives_the_supervisor)
{
	struct ground g;
	struct rig_task t;
	unsigned long mark = 0;
	int fds[2];
	pid_t pid;

	ground_delegate(at);
	cr_assert_eq(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		rig_init(&g.rig, at);
		g.groups = groups_open();
		ground_unruly(&t, &g, "deaf 5");
		ground_suspend(&t);
		cr_assert(t.complete);
		fd_write_all(fds[1], &g, sizeof(g));
		for (;;)
			pause();
	}
	cr_assert_eq(fd_read_all(fds[0], &g, sizeof(g)), (ssize_t)sizeof(g));
	mark = g.rig.mark;
	cr_expect_geq(rig_alive(mark), 6);
	kill(pid, SIGKILL);
	cr_expect_eq(rig_wait_none(mark, 1000), 0, "a task outlives us");
	rig_remove(&g.rig);
	rig_init(&g.rig, at);
	g.groups = groups_open();
	cr_expect_eq(groups_count(g.groups->base), 2);
	cgroups_sweep(g.groups);
	cr_expect_eq(groups_count(g.groups->base), 1, "the group outlives us");
	ground_fini(&g);
}
