/* Nothing survives a stop, who is suspended stands, nobody outlives us. */
#include "rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "loop.h"
#include "xalloc.h"

static bool
is_keeper(const struct rig_case *at)
{
	return at->tier != TIER_FULL;
}

static void
unruly(struct rig_task *t, struct rig *r, const char *how)
{
	char *script = xasprintf("exec %s %s", UNRULY, how);

	rig_sh(t, r, script);
	free(script);
	rig_until_output(t, "ready");
}

/* Returns how long it took, in ms. */
static uint64_t
kill_it(struct rig_task *t)
{
	uint64_t from = loop_now();

	child_kill(t->child);
	rig_until(t->rig, &t->gone);
	return (loop_now() - from) / 1000;
}

RIG_TEST(stop, a_polite_tool_ends_by_term)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "echo up; exec sleep 999");
	rig_until_output(&t, "up");
	child_term(t.child);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.signal, SIGTERM);
	rig_fini(&r);
}

RIG_TEST(stop, what_left_the_group_hears_term_as_well_and_once)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, RIG_LEAVE "$S sh -c \"trap 'echo stray; exit' TERM;"
	    " echo s; while :; do sleep 0.05; done\" &"
	    " trap 'echo own' TERM; until grep -q s out; do sleep 0.02; done;"
	    " echo up; wait; wait");
	rig_until_output(&t, "s\n");
	child_term(t.child);
	rig_until_output(&t, "stray");
	kill_it(&t);
	rig_fini(&r);
}

RIG_TEST(stop, nothing_is_left_of_what_ignores_term)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, RIG_LEAVE "trap '' TERM; $S sleep 999 & $S sleep 999 &"
	    " echo up; wait");
	rig_until_output(&t, "up");
	child_term(t.child);
	kill_it(&t);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.signal, SIGKILL);
	cr_expect_eq(rig_alive(r.mark), 0);
	rig_fini(&r);
}

RIG_TEST(stop, nothing_is_left_of_twenty_that_forked_twice)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	unruly(&t, &r, "deaf 20");
	child_term(t.child);
	cr_expect_leq(kill_it(&t), 1000);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(rig_alive(r.mark), 0);
	rig_fini(&r);
}

RIG_TEST(stop, nothing_is_left_of_a_thousand_in_a_row)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	unruly(&t, &r, "deep 1000");
	child_kill(t.child);
	rig_until(&r, &t.gone);
	cr_expect_eq(rig_alive(r.mark), 0);
	rig_fini(&r);
}

RIG_TEST(stop, nothing_is_left_of_sixteen_hydras)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	unruly(&t, &r, "hydra 16");
	kill_it(&t);
	cr_expect_eq(rig_wait_none(r.mark, 1000), 0);
	rig_fini(&r);
}

/* Bounded by RLIMIT_NPROC, it leaves room for others and ends like any tool. */
RIG_TEST(stop, nothing_is_left_of_a_fork_bomb)
{
	char *script = xasprintf("exec %s bomb 2", UNRULY);
	struct rig_task t, other;
	struct child_spec s;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, script);
	s.nproc = 300;
	rig_start(&t, &r, &s);
	rig_until_output(&t, "ready");
	rig_run(&other, &r, "exit 6");
	cr_expect_eq(other.end.code, 6, "%s", other.end_why);
	child_term(t.child);
	kill_it(&t);
	/* A keeper has a second; then its worker goes with the group. */
	cr_expect(t.end.how == CHILD_DONE ||
	    (is_keeper(at) && t.end.how == CHILD_KILLED), "%s", t.end_why);
	cr_expect_eq(rig_wait_none(r.mark, 1000), 0);
	free(script);
	rig_fini(&r);
}

RIG_TEST(stop, a_stop_while_it_starts_is_clean_at_every_instant)
{
	struct rig_task t;
	struct rig r;
	int i, turns;

	rig_init(&r, at);
	for (i = 0; i < 40; i++) {
		rig_sh(&t, &r, RIG_LEAVE "echo up; $S sleep 999 & wait");
		for (turns = i % 2 == 0 ? i : i * 200; turns > 0; turns--)
			poll(NULL, 0, 0);
		if (i % 2 == 0)
			child_term(t.child);
		else
			child_kill(t.child);
		rig_until(&r, &t.gone);
		cr_expect_eq(t.end.how, CHILD_KILLED, "%s", t.end_why);
		/*
		 * Killed before it could name its init, which has run nothing
		 * of the tool and dies by its own death signal.
		 */
		cr_expect_eq(rig_wait_none(r.mark, 1000), 0);
	}
	rig_fini(&r);
}

RIG_TEST(stop, what_outlives_the_tool_is_named_and_the_end_waits_for_it)
{
	struct rig_task t;
	struct rig r;
	size_t len;
	char *s;

	rig_init(&r, at);
	rig_sh(&t, &r, RIG_LEAVE "(until [ -e go ]; do sleep 0.02; done; echo late) &"
	    " $S sleep 999 & exit 5");
	rig_until(&r, &t.exited);
	cr_expect_eq(t.exit.code, 5);
	cr_expect_geq(t.exit.alive, 2);
	cr_expect_not_null(strstr(t.names, "sh"), "%s", t.names);
	cr_expect_not(t.gone);
	rig_touch(&r, "go");
	rig_until_output(&t, "late");
	child_term(t.child);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.code, 5);
	s = rig_read(&t, "out", &len);
	cr_expect_str_eq(s, "late\n");
	free(s);
	rig_fini(&r);
}

RIG_TEST(stop, a_lingering_task_ends_with_the_last_of_it)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, RIG_LEAVE "$S sh -c 'until [ -e go ]; do sleep 0.02; done;"
	    " echo late' & exit 5");
	rig_until(&r, &t.exited);
	rig_touch(&r, "go");
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.out, 5);
	rig_fini(&r);
}

/*
 * On a busy machine a sweep may run out of time, and says so; sooner or later
 * one does not.
 */
static void
suspend_completely(struct rig_task *t)
{
	int tries;

	for (tries = 0; !t->complete && tries < 50; tries++) {
		child_resume(t->child);
		t->suspended = false;
		child_suspend(t->child);
		rig_until(t->rig, &t->suspended);
	}
	cr_assert(t->complete);
	cr_expect(rig_is_still(t->rig->mark));
}

RIG_TEST(stop, a_suspended_task_stands_still_and_goes_on)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, RIG_LEAVE "$S sh -c 'while :; do sleep 0.01; done' &"
	    " timeout 999 sleep 999 & echo up;"
	    " until [ -e go ]; do sleep 0.01; done; echo on; exit 4");
	rig_until_output(&t, "up");
	child_suspend(t.child);
	suspend_completely(&t);
	cr_expect_eq(rig_state(child_pid(t.child)), 'T');
	cr_expect_not_null(strchr("SR", rig_state(t.init)), "init stands");
	rig_touch(&r, "go");
	child_resume(t.child);
	rig_until(&r, &t.exited);
	cr_expect_eq(t.exit.code, 4);
	cr_expect_not(t.outside_cont || t.outside_stop);
	kill_it(&t);
	rig_fini(&r);
}

RIG_TEST(stop, a_suspend_before_it_runs_is_done_when_it_does)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "exec sleep 999");
	child_suspend(t.child);
	rig_until(&r, &t.suspended);
	cr_expect(t.running);
	cr_expect(rig_is_still(r.mark));
	kill_it(&t);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	rig_fini(&r);
}

RIG_TEST(stop, a_handler_of_term_runs_when_stopped_while_suspended)
{
	struct rig_task t;
	struct rig r;
	size_t len;
	char *s;

	rig_init(&r, at);
	rig_sh(&t, &r, "trap 'echo handled; exit 3' TERM; echo up;"
	    " while :; do sleep 0.01; done");
	rig_until_output(&t, "up");
	child_suspend(t.child);
	rig_until(&r, &t.suspended);
	child_term(t.child);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.code, 3);
	s = rig_read(&t, "out", &len);
	cr_expect_str_eq(s, "up\nhandled\n");
	free(s);
	rig_fini(&r);
}

RIG_TEST(stop, a_kill_while_suspended_runs_no_more_of_the_tool)
{
	struct rig_task t;
	struct rig r;
	size_t len;
	char *s;

	rig_init(&r, at);
	rig_sh(&t, &r, "trap 'echo handled; exit 3' TERM CONT; echo up;"
	    " while :; do sleep 0.01; done");
	rig_until_output(&t, "up");
	child_suspend(t.child);
	rig_until(&r, &t.suspended);
	kill_it(&t);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.signal, SIGKILL);
	s = rig_read(&t, "out", &len);
	cr_expect_str_eq(s, "up\n");
	free(s);
	rig_fini(&r);
}

/* A suspend is complete, or says that it is not; a stop works either way. */
RIG_TEST(stop, those_who_wake_the_others_do_not_make_suspend_lie)
{
	struct rig_task t;
	struct rig r;

	if (is_keeper(at))
		return;		/* they would wake everybody of their user */
	rig_init(&r, at);
	unruly(&t, &r, "waker 4");
	child_suspend(t.child);
	rig_until(&r, &t.suspended);
	cr_expect(!t.complete || rig_is_still(r.mark));
	kill_it(&t);
	cr_expect_eq(rig_alive(r.mark), 0);
	rig_fini(&r);
}

RIG_TEST(stop, somebody_elses_stop_and_cont_are_told)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "echo up; exec sleep 999");
	rig_until_output(&t, "up");
	kill(-child_pid(t.child), SIGSTOP);
	rig_until(&r, &t.outside_stop);
	kill(-child_pid(t.child), SIGCONT);
	rig_until(&r, &t.outside_cont);
	cr_expect_not(t.suspended);
	kill(-child_pid(t.child), SIGSTOP);
	t.outside_stop = false;
	rig_until(&r, &t.outside_stop);
	child_suspend(t.child);
	rig_until(&r, &t.suspended);
	cr_expect_not(t.complete);
	child_resume(t.child);
	child_term(t.child);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.signal, SIGTERM);
	rig_fini(&r);
}

RIG_TEST(stop, suspend_and_resume_in_a_row_lose_nothing)
{
	struct rig_task t;
	struct rig r;
	int i;

	rig_init(&r, at);
	rig_sh(&t, &r, "i=0; while ! [ -e go ]; do i=$((i+1)); sleep 0.01;"
	    " done; echo on; exit 6");
	rig_until(&r, &t.running);
	for (i = 0; i < 50; i++) {
		t.suspended = false;
		child_suspend(t.child);
		if (i % 3 != 0)
			rig_until(&r, &t.suspended);
		child_resume(t.child);
	}
	rig_touch(&r, "go");
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.code, 6);
	rig_fini(&r);
}

RIG_TEST(stop, a_killed_worker_takes_all_with_it)
{
	struct rig_task t;
	struct rig r;
	int suspended;

	rig_init(&r, at);
	for (suspended = 0; suspended < 2; suspended++) {
		unruly(&t, &r, "deaf 5");
		if (suspended) {
			child_suspend(t.child);
			rig_until(&r, &t.suspended);
		}
		kill(child_pid(t.child), SIGKILL);
		rig_until(&r, &t.gone);
		cr_expect_eq(t.end.how, CHILD_KILLED);
		cr_expect_not(t.end.known);
		cr_expect_eq(rig_alive(r.mark), 0, "gone was said too early");
	}
	rig_fini(&r);
}

RIG_TEST(stop, a_killed_init_or_keeper_takes_all_with_it_and_is_told)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	unruly(&t, &r, "deaf 5");
	kill(t.init, SIGKILL);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.signal, SIGKILL);
	cr_expect_not_null(strstr(t.note, "killed from outside"), "%s", t.note);
	cr_expect_eq(rig_alive(r.mark), 0);
	rig_fini(&r);
}

RIG_TEST(stop, a_task_that_ends_is_not_held_by_another)
{
	struct rig_task a, b, c;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&a, &r, "echo up; exec sleep 999");
	rig_until_output(&a, "up");
	rig_sh(&b, &r, "echo up; exec sleep 999");
	rig_until_output(&b, "up");
	rig_run(&c, &r, "exit 2");
	cr_expect_eq(c.end.code, 2);
	kill(child_pid(a.child), SIGKILL);
	rig_until(&r, &a.gone);
	cr_expect_not(b.gone);
	kill_it(&b);
	rig_fini(&r);
}

/* The supervisor is a process of its own here, so that it can be killed. */
static pid_t
fork_supervisor(const struct rig_case *at, bool suspended, struct rig *r,
    pid_t *workers)
{
	struct { struct rig rig; pid_t workers[2]; } *said;
	struct rig_task a, b;
	int fds[2];
	pid_t pid;

	said = xcalloc(1, sizeof(*said));
	cr_assert_eq(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		rig_init(&said->rig, at);
		unruly(&a, &said->rig, "deaf 5");
		rig_sh(&b, &said->rig, RIG_LEAVE "$S sleep 999 & echo up; wait");
		rig_until_output(&b, "up");
		if (suspended) {
			child_suspend(a.child);
			child_suspend(b.child);
			rig_until(&said->rig, &a.suspended);
			rig_until(&said->rig, &b.suspended);
		}
		said->workers[0] = child_pid(a.child);
		said->workers[1] = child_pid(b.child);
		fd_write_all(fds[1], said, sizeof(*said));
		for (;;)
			pause();
	}
	close(fds[1]);
	cr_assert_eq(fd_read_all(fds[0], said, sizeof(*said)),
	    (ssize_t)sizeof(*said));
	close(fds[0]);
	*r = said->rig;
	memcpy(workers, said->workers, sizeof(said->workers));
	free(said);
	return pid;
}

static void
kill_supervisor(const struct rig_case *at, bool suspended)
{
	struct rig r;
	pid_t pid, workers[2];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork_supervisor(at, suspended, &r, workers);
	cr_expect_geq(rig_alive(r.mark), 11);
	if (suspended)
		cr_expect_eq(rig_state(workers[0]), 'T');
	kill(pid, SIGKILL);
	cr_expect_eq(rig_wait_none(r.mark, 1000), 0, "a task outlives us");
	rig_remove(&r);
}

RIG_TEST(stop, no_task_outlives_the_supervisor)
{
	kill_supervisor(at, false);
}

RIG_TEST(stop, no_suspended_task_outlives_the_supervisor)
{
	kill_supervisor(at, true);
}

/*
 * At any instant of a start, with or without a SIGSTOP to what there is: the
 * one that would not die of the supervisor's death must not exist yet.
 */
static void
die_at_random(const struct rig_case *at, unsigned seed, struct rig *r)
{
	struct child_spec s;
	struct rig_task t;
	uint64_t until;

	rig_init(r, at);
	s = rig_spec(r, RIG_LEAVE "$S sleep 999 & sleep 999 & wait");
	rig_start(&t, r, &s);
	until = loop_now() + (uint64_t)rand_r(&seed) % 8000;
	/* START is in the socket already; the worker needs no more of us. */
	while (loop_now() < until)
		;
	if (seed % 3 == 0)
		kill(child_pid(t.child), SIGSTOP);
	else if (seed % 3 == 1)
		kill(-child_pid(t.child), SIGSTOP);
	kill(getpid(), SIGKILL);
}

RIG_TEST(stop, a_supervisor_that_dies_while_a_task_starts_leaves_nothing)
{
	struct rig *r;
	unsigned seed;
	pid_t pid;

	r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(r, MAP_FAILED);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (seed = 0; seed < 60; seed++) {
		if ((pid = fork()) == 0)
			die_at_random(at, seed, r);
		cr_assert_eq(waitpid(pid, NULL, 0), pid);
		cr_assert_eq(rig_wait_none(r->mark, 1000), 0, "seed %u", seed);
		rig_remove(r);
	}
}
