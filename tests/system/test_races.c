/* Who is first, and what the other one is told: C2, C11, T2, T6. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

TestSuite(races, .timeout = 90);

Test(races, the_same_key_is_the_same_message)
{
	struct rig *r = rig_new(NULL);
	json_t *first = rig_ok(r, "say", "--json", "--key", "k1", "Once.",
	    NULL)->json;
	json_t *again = rig_ok(r, "say", "--json", "--key", "k1", "Once.",
	    NULL)->json;

	cr_expect_str_eq(rig_str(first, "message"), rig_str(again, "message"));
	cr_expect_str_eq(rig_str(again, "text"), "echo: Once.");
	cr_expect(rig_count(r) == 1);
	rig_ok(r, "say", "--key", "k2", "Once.", NULL);
	cr_expect(rig_says(rig_transcript(r), "user", "Once.") == 2);
	rig_free(r);
}

/* R4: the client gave up, the supervisor had accepted. */
Test(races, a_client_that_tries_again_gets_the_first_answer)
{
	struct rig *r = rig_new(NULL);
	struct job *first = rig_spawn(r, "say", "--key", "k",
	    "@hold h\nOnce.", NULL), *again;

	rig_held(r, "h");
	rig_kill(first, SIGKILL);
	rig_finish(first);
	again = rig_spawn(r, "say", "--json", "--key", "k", "@hold h\nOnce.",
	    NULL);
	rig_release(r, "h");
	rig_finish(again);
	cr_expect_str_eq(rig_str(again->json, "text"), "echo: Once.");
	cr_expect(rig_count(r) == 1);
	rig_free(r);
}

Test(races, a_key_outlives_a_crash)
{
	struct rig *r = rig_new(NULL);
	json_t *first, *again;

	first = rig_ok(r, "say", "--json", "--key", "k", "Once.", NULL)->json;
	rig_crash(r);
	rig_start(r);
	again = rig_ok(r, "say", "--json", "--key", "k", "Once.", NULL)->json;
	cr_expect_str_eq(rig_str(first, "message"), rig_str(again, "message"));
	cr_expect(rig_count(r) == 1);
	rig_free(r);
}

#define NAGAIN	20

Test(races, many_clients_with_one_key_are_one_message)
{
	struct rig *r = rig_new(NULL);
	struct job *said[NAGAIN];
	int i;

	for (i = 0; i < NAGAIN; i++)
		said[i] = rig_spawn(r, "say", "--json", "--key", "k", "Once.",
		    NULL);
	for (i = 0; i < NAGAIN; i++)
		cr_expect_str_eq(rig_str(rig_finish(said[i])->json, "text"),
		    "echo: Once.");
	cr_expect(rig_count(r) == 1);
	rig_free(r);
}

/* R12: the leader ends, a grandchild lives and holds the output. */
Test(races, an_end_is_published_when_the_output_is_whole)
{
	struct rig *r = rig_new(NULL);
	struct job *j = rig_run(r, "run", "exec", "--command",
	    "(trap 'echo late; exit' TERM; sleep 600 & wait) & sleep 0.2; "
	    "echo first", NULL);

	cr_expect(j->code == 0);
	cr_expect(strstr(j->out, "first") && strstr(j->out, "late"), "%s",
	    j->out);
	cr_expect(rig_processes(r, "sleep 600") == 0);
	rig_free(r);
}

/* A child of ours with just this pid. */
static pid_t
stranger(pid_t pid)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
	    .set_tid = (uintptr_t)&pid, .set_tid_size = 1 };
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (child == 0) {
		pause();
		_exit(0);
	}
	return child;
}

/* R14: no signal to a number from disk. */
Test(races, a_stranger_with_a_dead_tasks_pid_is_left_alone)
{
	struct rig *r = rig_new(NULL);
	struct pollfd p = { -1, POLLIN, 0 };
	pid_t worker, child;

	/* The orphans are ours to reap: until then the number is not free. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	rig_ok(r, "say", "-d", rig_call(r, "exec sleep 600"), NULL);
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	worker = (pid_t)rig_int(rig_task(r, "t1"), "pid");
	rig_crash(r);
	while (waitpid(-worker, NULL, 0) > 0)
		continue;
	child = stranger(worker);
	if (child == -1 && errno == EPERM)
		cr_skip("only root may choose a pid");
	cr_assert(child == worker, "%d: %s", child, strerror(errno));
	rig_start(r);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "lost");
	rig_run(r, "stop", "t1", NULL);
	p.fd = pidfd_open(child, 0);
	cr_expect(poll(&p, 1, 0) == 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(p.fd);
	rig_ok(r, "say", "Hello?", NULL);
	rig_free(r);
}

static size_t
count_ok(struct job *a, struct job *b)
{
	rig_finish(a);
	rig_finish(b);
	cr_expect(a->code == 0 || strncmp(a->err, "sigbox: ", 8) == 0);
	cr_expect(b->code == 0 || strncmp(b->err, "sigbox: ", 8) == 0);
	return (size_t)(a->code == 0) + (size_t)(b->code == 0);
}

/* R19: two clients want the same; one wins, the other is told. */
Test(races, of_two_interrupts_of_one_turn_one_wins)
{
	struct rig *r = rig_new(NULL);
	struct job *said = rig_spawn(r, "say", "--json", "@hold h\nLong.",
	    NULL), *a, *b;
	const char *turn;

	rig_held(r, "h");
	turn = rig_str(rig_record(r, "began", NULL), "turn");
	a = rig_spawn(r, "interrupt", "--expect", turn, NULL);
	b = rig_spawn(r, "interrupt", "--expect", turn, NULL);
	cr_expect(count_ok(a, b) == 1);
	cr_expect_str_eq(rig_str(rig_finish(said)->json, "outcome"),
	    "interrupted");
	rig_ok(r, "say", "Next.", NULL);
	rig_free(r);
}

Test(races, an_interrupt_of_an_ended_turn_spares_the_next_one)
{
	struct rig *r = rig_new(NULL);
	struct job *said;
	const char *old;

	rig_ok(r, "say", "First.", NULL);
	old = rig_str(rig_record(r, "began", NULL), "turn");
	said = rig_spawn(r, "say", "--json", "@hold h\nSecond.", NULL);
	rig_held(r, "h");
	cr_expect(rig_run(r, "interrupt", "--expect", old, NULL)->code != 0);
	rig_release(r, "h");
	cr_expect_str_eq(rig_str(rig_finish(said)->json, "outcome"),
	    "answered");
	rig_free(r);
}

Test(races, a_stop_that_expects_another_state_does_nothing)
{
	struct rig *r = rig_new(NULL);

	rig_ok(r, "say", "-d", rig_call(r, "exec sleep 600"), NULL);
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	cr_expect(rig_run(r, "stop", "--expect", "suspended", "t1",
	    NULL)->code != 0);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	rig_ok(r, "stop", "--expect", "running", "--now", "t1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	rig_free(r);
}

/* Two stops are one, and both wait until nothing is left. */
Test(races, two_stops_of_one_task_agree)
{
	struct rig *r = rig_new(NULL);
	struct job *a, *b;

	rig_ok(r, "say", "-d", rig_call(r, "trap '' TERM; sleep 600 & wait"),
	    NULL);
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	a = rig_spawn(r, "stop", "--json", "--grace", "1", "t1", NULL);
	b = rig_spawn(r, "stop", "--json", "--grace", "1", "t1", NULL);
	rig_finish(a);
	rig_finish(b);
	cr_expect_str_eq(rig_str(a->json, "end"), "stopped");
	cr_expect_str_eq(rig_str(b->json, "end"), "stopped");
	cr_expect(rig_processes(r, "sleep 600") == 0);
	rig_free(r);
}
