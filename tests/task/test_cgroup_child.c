/* Tools in control groups: what is killed, frozen, and told of it. */
#include "rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "groups.h"
#include "loop.h"

#define NOBODY	65534

struct ground {
	struct rig	 rig;
	struct cgroups	*groups;
	char		 name[64];	/* of the last group */
};

static void
ground_init(struct ground *g, const struct rig_case *at)
{
	groups_delegate(at->is_root ? 0 : NOBODY);
	rig_init(&g->rig, at);
	g->groups = groups_open();
}

static void
ground_fini(struct ground *g)
{
	rig_fini(&g->rig);
	cr_expect_eq(groups_count(g->groups->own), 0, "a group is left");
	cgroups_close(g->groups);
}

static void
run(struct rig_task *t, struct ground *g, const char *script)
{
	struct child_spec s = rig_spec(&g->rig, script);

	s.cgroup = groups_make(g->groups);
	snprintf(g->name, sizeof(g->name), "%s", cgroup_name(s.cgroup));
	rig_start(t, &g->rig, &s);
}

static void
unruly(struct rig_task *t, struct ground *g, const char *how)
{
	char script[256];

	snprintf(script, sizeof(script), "exec %s %s", UNRULY, how);
	run(t, g, script);
	rig_until_output(t, "ready");
}

static void
suspend(struct rig_task *t)
{
	t->suspended = false;
	child_suspend(t->child);
	rig_until(t->rig, &t->suspended);
}

static void
kill_it(struct rig_task *t)
{
	child_kill(t->child);
	rig_until(t->rig, &t->gone);
}

static bool
is_frozen(struct ground *g)
{
	return cgroup_number(g->groups->own, g->name, "cgroup.events",
	    "frozen") == 1;
}

static bool
becomes_empty(struct ground *g)
{
	uint64_t until = loop_now() + 10000000;
	bool is;

	do
		is = cgroup_number(g->groups->own, g->name, "cgroup.events",
		    "populated") == 0;
	while (!is && loop_now() < until);
	return is;
}

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
	run(&t, &g, "echo up; exec sleep 999");
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

RIG_TEST(cgroup_child, a_tool_that_cannot_enter_does_not_run)
{
	struct cgroup *spoilt;
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	/* Beside a threaded one, the kernel takes nobody in. */
	spoilt = groups_make(g.groups);
	cr_assert_eq(cgroup_write(g.groups->own, cgroup_name(spoilt),
	    "cgroup.type", "threaded"), 0);
	run(&t, &g, "echo up");
	rig_until(&g.rig, &t.gone);
	cr_expect(t.refused);
	cr_expect_str_eq(t.step, "cgroup");
	cr_expect_eq(t.end.out, 0);
	cr_expect_eq(cgroup_remove(spoilt), 0);
	cgroup_free(spoilt);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, nothing_is_left_of_hydras_and_the_worker_lives_to_tell)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	unruly(&t, &g, "hydra 16");
	kill_it(&t);
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
	unruly(&t, &g, "deaf 5");
	kill(t.init, SIGSTOP);
	child_kill(t.child);
	cr_expect(becomes_empty(&g));
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
	unruly(&t, &g, "deaf 5");
	suspend(&t);
	cr_expect(t.complete);
	cr_expect(is_frozen(&g));
	cr_expect_eq(rig_state(t.tool), 'T', "as ps shows it");
	kill_it(&t);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(rig_alive(g.rig.mark), 0);
	run(&t, &g, "exit 5");
	rig_until(&g.rig, &t.gone);
	cr_expect_eq(t.end.code, 5, "%s", t.end_why);
	ground_fini(&g);
}

RIG_TEST(cgroup_child, hydras_are_frozen_and_thawed)
{
	struct ground g;
	struct rig_task t;

	ground_init(&g, at);
	unruly(&t, &g, "hydra 4");
	suspend(&t);
	cr_expect(t.complete, "whatever the sweep said");
	cr_expect(is_frozen(&g));
	child_resume(t.child);
	cr_expect_not(is_frozen(&g));
	suspend(&t);
	cr_expect(is_frozen(&g));
	kill_it(&t);
	cr_expect_eq(rig_alive(g.rig.mark), 0);
	ground_fini(&g);
}

/* Two in sessions of their own wake each other, and the tool's whole group. */
#define WAKERS								\
	"read a b c d G rest </proc/$$/stat; export G;"			\
	" for x in a b; do setsid sh -c 'echo $$ >'$x';"		\
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
	run(&t, &g, WAKERS);
	rig_until_output(&t, "ready\nready");
	for (i = 0; i < 5; i++) {
		suspend(&t);
		cr_expect(t.complete);
		cr_expect(is_frozen(&g));
		cr_expect_eq(rig_state(child_pid(t.child)), 'T');
		used = cpu_time(&g);
		rig_run(&other, &g.rig, "exit 0");
		cr_expect_eq(cpu_time(&g), used, "somebody runs");
		cr_expect(is_frozen(&g));
		child_resume(t.child);
	}
	rig_touch(&g.rig, "go");
	rig_until_output(&t, "on");
	kill_it(&t);
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
	run(&t, &g, "trap 'echo handled; exit 3' TERM; echo up;"
	    " while :; do sleep 0.01; done");
	rig_until_output(&t, "up");
	suspend(&t);
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
	run(&t, &g, "echo up; until [ -e go ]; do sleep 0.01; done; exit 4");
	rig_until_output(&t, "up");
	suspend(&t);
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
	unruly(&t, &g, "hydra 4");
	suspend(&t);
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
	run(&t, &g, "until [ -e go ]; do sleep 0.01; done; exit 6");
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
		run(&t, &g, "setsid sleep 999 & wait");
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
	s.cgroup = groups_make(g.groups);
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

	groups_delegate(at->is_root ? 0 : NOBODY);
	cr_assert_eq(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		rig_init(&g.rig, at);
		g.groups = groups_open();
		unruly(&t, &g, "deaf 5");
		suspend(&t);
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
	static const struct rig_case as_we_are = { "keeper", true };

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

	spec.cgroup = groups_make(&s->groups);
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
Test(cgroup_child, a_tool_that_is_not_frozen_yet_cannot_resume_itself)
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
		suspend(&t);
		if (!s.frozen)
			child_resume(t.child);
	}
	cr_expect(s.frozen);
	cr_expect(t.complete);
	cr_expect_not(t.outside_cont);
	cr_expect_eq(rig_state(s.worker), 'T');
	alarm_free(s.alarm);
	kill_it(&t);
	stage_fini(&s);
}

/* As the kernel would tell it; and a group that cannot be removed. */
Test(cgroup_child, an_end_for_want_of_memory_is_told)
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
