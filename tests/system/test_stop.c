/* Nothing survives a stop, and each end is told as it was: T3, T4. */
#include <criterion/criterion.h>
#include <unistd.h>
#include <signal.h>

#include "rig.h"

TestSuite(stop, .timeout = 90);

static const char *
start(struct rig *r, const char *command)
{
	int up = rig_fifo(r, "up");

	rig_exec(r, command);
	rig_told(up, "up\n");
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	return "t1";
}

/* Right after the answer: an end is published when nothing is left. */
static json_t *
stop(struct rig *r, const char *grace)
{
	json_t *task = rig_ok(r, "stop", "--json", "--grace", grace, "t1",
	    NULL)->json;

	cr_expect_str_eq(rig_str(task, "state"), "ended");
	cr_expect_str_eq(rig_str(task, "end"), "stopped");
	return task;
}

static void
leaves_nothing(const struct rig_conf *conf, const char *command)
{
	struct rig *r = rig_new(conf);

	start(r, command);
	rig_there(r, "sleep 99");	/* before that it is a shell */
	stop(r, "1");
	cr_expect(rig_processes(r, "sleep 99") == 0);
	cr_expect(rig_processes(r, "/bin/sh") == 0);
	rig_free(r);
}

#define STUBBORN	"trap '' TERM; setsid sleep 999 & setsid sleep 998 & " \
			"echo up >up; wait"

Test(stop, an_ignored_term_and_a_setsid_are_no_way_out)
{
	leaves_nothing(NULL, STUBBORN);
}

Test(stop, neither_for_an_ordinary_user)
{
	leaves_nothing(&(struct rig_conf){ .as_nobody = true }, STUBBORN);
}

Test(stop, a_double_fork_is_no_way_out)
{
	leaves_nothing(NULL, "(setsid sh -c 'trap \"\" TERM; sleep 999 & "
	    "sleep 998' & ) ; echo up >up; exec sleep 997");
}

Test(stop, who_forks_on_and_on_is_no_way_out)
{
	leaves_nothing(NULL, "setsid sh -c 'trap \"\" TERM; while :; do "
	    "setsid sleep 999 & sleep 0.02; done' & sleep 0.1; echo up >up; "
	    "wait");
}

Test(stop, a_suspended_tool_runs_its_handler)
{
	struct rig *r = rig_new(NULL);
	pid_t sh;
	json_t *task;

	start(r, "trap 'echo cleaned; exit 3' TERM; echo up >up; "
	    "sleep 600 & wait");
	sh = rig_process(r, "/bin/sh -c");
	task = rig_ok(r, "suspend", "--json", "t1", NULL)->json;
	cr_expect_str_eq(rig_str(task, "state"), "suspended");
	cr_expect(rig_state(sh) == 'T');
	cr_expect(rig_state(rig_process(r, "sleep 600")) == 'T');
	stop(r, "10");
	cr_expect(strstr(rig_ok(r, "log", "t1", NULL)->out, "cleaned"));
	rig_free(r);
}

Test(stop, a_resumed_tool_goes_on_as_if_nothing_had_been)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	json_t *task;
	pid_t sh;

	start(r, "echo up >up; read x <go; echo went on; exit 5");
	sh = rig_process(r, "/bin/sh -c");
	rig_ok(r, "suspend", "t1", NULL);
	rig_ok(r, "suspend", "t1", NULL);
	cr_assert(write(go, "x\n", 2) == 2);
	cr_expect(rig_state(sh) == 'T');
	task = rig_ok(r, "resume", "--json", "t1", NULL)->json;
	cr_expect_str_neq(rig_str(task, "state"), "suspended");
	cr_expect(rig_run(r, "wait", "t1", NULL)->code == 5);
	cr_expect(strstr(rig_ok(r, "log", "t1", NULL)->out, "went on"));
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "code") == 5);
	rig_free(r);
}

Test(stop, what_left_the_group_is_suspended_too)
{
	struct rig *r = rig_new(NULL);

	start(r, "setsid sleep 999 & echo up >up; wait");
	rig_process(r, "sleep 999");	/* before that it is a shell */
	rig_ok(r, "suspend", "t1", NULL);
	cr_expect(rig_state(rig_process(r, "sleep 999")) == 'T');
	rig_ok(r, "resume", "t1", NULL);
	/* The answer is that it was ordered; this one is not in the group. */
	while (rig_state(rig_process(r, "sleep 999")) == 'T')
		continue;
	stop(r, "1");
	rig_free(r);
}

Test(stop, who_needs_time_to_clean_up_has_it)
{
	struct rig *r = rig_new(NULL);

	start(r, "trap 'sleep 1; echo took its time; exit 0' TERM; "
	    "echo up >up; sleep 600 & wait");
	stop(r, "10");
	cr_expect(strstr(rig_ok(r, "log", "t1", NULL)->out,
	    "took its time"));
	rig_free(r);
}

Test(stop, an_end_waits_for_what_the_tool_left_behind)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\ngrace=500ms\n" });
	json_t *task;

	rig_exec(r, "setsid sh -c 'trap \"\" TERM; echo still here; "
	    "sleep 999' & sleep 0.2; exit 4");
	rig_record(r, "task", "task", "t1", NULL);
	cr_expect(rig_run(r, "wait", "t1", NULL)->code == 4);
	cr_expect(rig_processes(r, "sleep 999") == 0);
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "code") == 4);
	cr_expect(strlen(rig_str(task, "why")) > 0);
	rig_free(r);
}

Test(stop, the_word_stop_needs_no_model)
{
	struct rig *r = rig_new(NULL);
	uint64_t n;

	start(r, "echo up >up; exec sleep 999");
	n = rig_count(r);
	rig_ok(r, "stop", "--all", NULL);
	cr_expect(rig_processes(r, "sleep 999") == 0);
	cr_expect(rig_count(r) >= n);
	rig_free(r);
}

Test(stop, an_end_is_final)
{
	struct rig *r = rig_new(NULL);

	start(r, "echo up >up; exec sleep 999");
	stop(r, "1");
	rig_run(r, "resume", "t1", NULL);
	rig_run(r, "stop", "t1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	cr_expect(rig_run(r, "input", "t1", "x", NULL)->code != 0);
	rig_free(r);
}

Test(stop, a_time_limit_is_not_a_success_and_stands_still_while_suspended)
{
	struct rig *r = rig_new(NULL);
	json_t *task;

	rig_spawn(r, "say", "@call exec {\"command\":\"sleep 600\","
	    "\"timeout\":1}", NULL);
	rig_record(r, "end", "task", "t1", NULL);
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "end"), "timed-out");
	rig_free(r);
}
