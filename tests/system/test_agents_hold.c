/* Sub-agents held, stopped, lost and found with all below them: T10, R17. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents.h"

TestSuite(agents_hold, .timeout = 90);

/* No process of it is left, and what was below it ended first. */
static void
expect_stopped(struct rig *r, const char *task, const char *name)
{
	json_t *tasks = tasks_of(r, name), *below;
	size_t i;

	cr_expect(json_array_size(tasks) == 2);
	json_array_foreach(tasks, i, below) {
		cr_expect_str_eq(rig_str(below, "end"), "stopped");
		cr_expect(seq_of(r, "end", rig_str(below, "id")) <
		    seq_of(r, "end", task));
	}
	rig_record(r, "finished", "session", name, "outcome", "interrupted",
	    NULL);
}

Test(agents_hold, one_is_stopped_with_all_of_it_and_the_others_are_not_touched)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t first = tool(r, "main.t1", 0), second = tool(r, "main.t2", 0),
	    other = tool(r, "main.t2", 1), third = tool(r, "main.t3", 1);

	rig_ok(r, "detach", NULL);
	rig_ok(r, "stop", "t2", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "stopped");
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "by"), "user");
	expect_stopped(r, "t2", "main.t2");
	cr_expect(rig_state(second) == 0 && rig_state(other) == 0);
	rig_await(r, 1, "<task-event id=\"t2\"");
	rig_ok(r, "interrupt", NULL);
	cr_expect(rig_state(first) == 'S' && rig_state(third) == 'S');
	cr_expect_str_eq(state(r, "t1"), "running");
	cr_expect_str_eq(state(r, "t3"), "running");
	open_gate(&s, 1);
	open_gate(&s, 3);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_await(r, 1, "<task-event id=\"t3\"");
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	expect_told_once(r, "t1");
	expect_told_once(r, "t2");
	expect_told_once(r, "t3");
	rig_free(r);
}

Test(agents_hold, one_is_suspended_with_all_of_it_and_goes_on)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t first = tool(r, "main.t1", 0), second = tool(r, "main.t2", 0);
	const char *mine = rig_str(json_array_get(tasks_of(r, "main.t1"), 1),
	    "id");

	rig_ok(r, "suspend", mine, NULL);
	rig_ok(r, "suspend", "t1", NULL);
	cr_expect_str_eq(state(r, "t1"), "suspended");
	cr_expect(rig_state(first) == 'T');
	cr_expect(rig_state(second) == 'S');
	ask_five(r);
	open_gate(&s, 1);
	open_gate(&s, 2);
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	cr_expect_str_eq(state(r, "t1"), "suspended");
	rig_ok(r, "resume", "t1", NULL);
	cr_expect_str_eq(state(r, mine), "suspended");
	rig_ok(r, "resume", mine, NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(strstr(rig_ok(r, "log", "--out", "t1", NULL)->out, "also 1"));
	open_gate(&s, 3);
	rig_await(r, 1, "<task-event id=\"t3\"");
	rig_free(r);
}

Test(agents_hold, an_interrupt_suspends_or_stops_them_if_it_says_so)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t first = tool(r, "main.t1", 0);

	rig_ok(r, "interrupt", "--tools", "suspend", NULL);
	rig_record(r, "state", "task", "t1", "state", "suspended", NULL);
	rig_record(r, "state", "task", "t3", "state", "suspended", NULL);
	cr_expect(rig_state(first) == 'T');
	rig_ok(r, "interrupt", "--tools", "stop", NULL);
	rig_record(r, "end", "task", "t1", "end", "stopped", NULL);
	rig_record(r, "end", "task", "t2", "end", "stopped", NULL);
	rig_record(r, "end", "task", "t3", "end", "stopped", NULL);
	rig_gone(r, "/bin/sh");
	expect_stopped(r, "t3", "main.t3");
	rig_free(r);
}

Test(agents_hold, a_rollback_stops_those_of_its_turn)
{
	struct scene s = three();
	struct rig *r = s.r;

	rig_ok(r, "say", "-m", "rollback", "Never mind.", NULL);
	rig_record(r, "end", "task", "t1", "end", "stopped", NULL);
	rig_record(r, "end", "task", "t2", "end", "stopped", NULL);
	rig_record(r, "end", "task", "t3", "end", "stopped", NULL);
	rig_gone(r, "/bin/sh");
	rig_free(r);
}

Test(agents_hold, stop_all_and_now_reach_those_below_those_below)
{
	struct rig *r = start(NULL);
	int up = rig_fifo(r, "up");

	rig_ok(r, "say", "-d", agent(r, agent(r, rig_call(r,
	    "trap '' TERM; echo up >up; sleep 600"))), NULL);
	rig_told(up, "up\n");
	cr_expect_str_eq(rig_str(session(r, "main.t1.t2"), "parent"),
	    "main.t1");
	rig_ok(r, "stop", "--all", "--now", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "stopped");
	cr_expect(seq_of(r, "end", "t3") < seq_of(r, "end", "t2"));
	cr_expect(seq_of(r, "end", "t2") < seq_of(r, "end", "t1"));
	cr_expect(rig_processes(r, "sleep 600") == 0);
	rig_free(r);
}

Test(agents_hold, what_waits_for_a_place_below_a_suspended_one_waits_on)
{
	struct rig *r = start("[tasks]\nmax_session=1\n");
	int up = rig_fifo(r, "up");

	rig_ok(r, "say", "-d", agent(r, lines(r, rig_call(r,
	    "echo up >up; exec sleep 601"), rig_call(r,
	    "echo two >up; exec sleep 602"), NULL)), NULL);
	rig_told(up, "up\n");
	rig_ok(r, "suspend", "t1", NULL);
	rig_ok(r, "stop", "--now", "t2", NULL);
	cr_expect_str_eq(state(r, "t3"), "queued");
	cr_expect_str_eq(rig_str(rig_task(r, "t3"), "why"),
	    "its sub-agent is suspended");
	cr_expect(rig_processes(r, "sleep 602") == 0);
	rig_ok(r, "resume", "t1", NULL);
	rig_told(up, "two\n");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

/* What it asks of its model waits, and is then asked again, as it was. */
Test(agents_hold, a_suspended_ones_request_is_cut_and_made_again)
{
	struct rig *r = start(NULL);
	uint64_t n, again;
	json_t *first;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	n = rig_await(r, 1, "Slowly.");
	while (strstr(rig_content(rig_request(r, n), -1UL), "@call") != NULL)
		n = rig_await(r, n + 1, "Slowly.");
	rig_ok(r, "suspend", "t1", NULL);
	rig_cut(r, n);
	again = rig_count(r);
	rig_ok(r, "say", "-d", "-s", "main.t1", "And more.", NULL);
	cr_expect_str_eq(rig_str(say(r, "Still there?")->json, "text"),
	    "echo: Still there?");
	cr_expect(rig_count(r) == again + 1);
	again = rig_count(r);
	rig_release(r, "h");
	rig_ok(r, "resume", "t1", NULL);
	again = rig_await(r, again + 1, "Slowly.");
	first = rig_request(r, n);
	cr_expect(json_equal(first, rig_request(r, again)));
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(rig_says(rig_lines(rig_ok(r, "transcript", "--json",
	    "main.t1", NULL)), "assistant", "echo: And more.") == 1);
	rig_free(r);
}

Test(agents_hold, one_that_is_stopped_says_no_more)
{
	struct rig *r = start(NULL);
	uint64_t n;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	rig_ok(r, "detach", NULL);
	rig_ok(r, "say", "-d", "-s", "main.t1", "-m", "queue", "Later.", NULL);
	rig_ok(r, "stop", "t1", NULL);
	rig_record(r, "cancelled", "session", "main.t1", NULL);
	rig_record(r, "finished", "session", "main.t1", "outcome",
	    "interrupted", NULL);
	cr_expect(strstr(rig_ok(r, "log", "--out", "t1", NULL)->out, "echo: Slowly."));
	rig_await(r, 1, "<task-event id=\"t1\"");
	n = rig_count(r);
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "-s", "main.t1",
	    "You are a session still.", NULL)->json, "text"),
	    "echo: You are a session still.");
	cr_expect(rig_count(r) == n + 1);
	rig_free(r);
}

static size_t
nstates(struct rig *r, const char *task)
{
	json_t *rec, *records = rig_records(r);
	size_t i, n = 0;

	json_array_foreach(records, i, rec)
		n += strcmp(rig_str(rec, "kind"), "state") == 0 &&
		    strcmp(rig_str(rec, "task"), task) == 0;
	return n;
}

/* Its tools are lost, its conversation is not. */
Test(agents_hold, it_goes_on_after_a_crash_and_ends_once)
{
	struct rig *r = start(NULL);
	int up = rig_fifo(r, "up"), i;
	size_t n;

	rig_ok(r, "say", "-d", lines(r, agent(r, rig_call(r,
	    "echo up >up; exec sleep 600")), agent(r, "@hold h\nSlowly."),
	    agent(r, "@hold i\nNot now."), NULL), NULL);
	rig_told(up, "up\n");
	rig_held(r, "h");
	rig_held(r, "i");
	rig_ok(r, "suspend", "t3", NULL);
	n = nstates(r, "t3");
	for (i = 0; i < 2; i++) {
		rig_crash(r);
		rig_gone(r, "sleep 600");
		rig_start(r);
		cr_expect_str_eq(state(r, "t3"), "suspended");
	}
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(strstr(rig_ok(r, "log", "--out", "t1", NULL)->out, "lost"));
	cr_expect_str_eq(state(r, "t2"), "running");
	rig_release(r, "h");
	rig_release(r, "i");
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	for (i = 0; i < 2; i++) {
		rig_crash(r);
		rig_start(r);
	}
	cr_expect_str_eq(state(r, "t3"), "suspended");
	cr_expect(nstates(r, "t3") == n, "it was nothing else meanwhile");
	rig_ok(r, "resume", "t3", NULL);
	rig_record(r, "end", "task", "t3", "end", "exited", NULL);
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t3", NULL)->out, "echo: Not now.\n");
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t3") <= 1);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "exited");
	rig_free(r);
}

Test(agents_hold, a_stop_is_carried_on_after_a_crash)
{
	struct rig *r = start(NULL);
	int up = rig_fifo(r, "up");
	struct job *stop;

	rig_ok(r, "say", "-d", agent(r, rig_call(r,
	    "trap '' TERM; echo up >up; sleep 600")), NULL);
	rig_told(up, "up\n");
	rig_ok(r, "detach", NULL);
	stop = rig_spawn(r, "stop", "t1", NULL);
	rig_record(r, "state", "task", "t2", "state", "stopping", NULL);
	rig_crash(r);
	rig_finish(stop);
	rig_gone(r, "sleep 600");
	rig_start(r);
	rig_record(r, "end", "task", "t1", "end", "stopped", "by", "user",
	    NULL);
	rig_record(r, "end", "task", "t2", "end", "lost", NULL);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	expect_told_once(r, "t1");
	cr_expect(rig_says(rig_lines(rig_ok(r, "transcript", "--json",
	    "main.t1", NULL)), "assistant", "(interrupted)") == 1);
	rig_free(r);
}

/* Nor does it count as a turn, or stand in its log. */
Test(agents_hold, a_summary_of_it_is_no_word_of_its_own)
{
	struct rig *r = start(NULL);
	const char *same = "{\"session\":\"main.t1\"}";

	say(r, agent(r, "One."));
	say(r, call(r, "agent", "task", "Two.", same));
	rig_ok(r, "say", "-d", call(r, "agent", "task", "@hold h\nThree.",
	    same), NULL);
	rig_held(r, "h");
	rig_ok(r, "compact", "main.t1", NULL);
	rig_record(r, "compacted", "session", "main.t1", NULL);
	cr_expect(strncmp(rig_str(rig_task(r, "t3"), "progress"), "turn 1, ",
	    8) == 0);
	rig_ok(r, "stop", "t3", NULL);
	cr_expect(strstr(rig_ok(r, "log", "t3", NULL)->out, "Three."));
	cr_expect(strstr(rig_ok(r, "log", "t3", NULL)->out,
	    "too long") == NULL);
	rig_free(r);
}

Test(agents_hold, a_stop_cuts_its_summary_for_good)
{
	struct rig *r = start(NULL);
	const char *same = "{\"session\":\"main.t1\"}", *turn;

	say(r, agent(r, "@summary @mute sum\nOne."));
	say(r, call(r, "agent", "task", "Two.", same));
	rig_ok(r, "say", "-d", call(r, "agent", "task", "@hold h\nThree.",
	    same), NULL);
	rig_held(r, "h");
	rig_spawn(r, "compact", "main.t1", NULL);
	turn = rig_str(rig_record(r, "began", "session", "main.t1", "cause",
	    "compact", NULL), "turn");
	rig_held(r, "sum");
	rig_ok(r, "stop", "t3", NULL);
	rig_record(r, "finished", "turn", turn, "outcome", "interrupted",
	    NULL);
	rig_free(r);
}

Test(agents_hold, a_stop_takes_back_what_it_asked_to_be_approved)
{
	struct rig *r = start("[tool exec]\nconfirm=yes\n");

	rig_ok(r, "say", "-d", agent(r, rig_call(r, "echo granted")), NULL);
	rig_record(r, "approval", "session", "main.t1", NULL);
	rig_ok(r, "stop", "t1", NULL);
	rig_record(r, "answer", "approval", "a1", "state", "cancelled", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "stopped");
	cr_expect(rig_run(r, "approve", "a1", NULL)->code == 65);
	rig_free(r);
}

Test(agents_hold, its_parent_may_hold_and_stop_it)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t first = tool(r, "main.t1", 0);
	struct job *said;

	said = say(r, "@call task_suspend {\"ids\":[\"t1\"]}");
	rig_record(r, "state", "task", "t1", "state", "suspended", NULL);
	cr_expect(rig_state(first) == 'T');
	said = say(r, "@call task_list {}");
	cr_expect(strstr(text_of(said), "main.t1") != NULL ||
	    strstr(text_of(said), "t1") != NULL, "%s", text_of(said));
	say(r, "@call task_resume {\"ids\":[\"t1\"]}");
	rig_record(r, "state", "task", "t1", "state", "running", "by", "model",
	    NULL);
	say(r, "@call task_stop {\"ids\":[\"all\"]}");
	rig_record(r, "end", "task", "t1", "end", "stopped", "by", "model",
	    NULL);
	rig_gone(r, "/bin/sh");
	rig_free(r);
}

Test(agents_hold, those_below_those_below_are_suspended_too)
{
	struct rig *r = start(NULL);
	int up = rig_fifo(r, "up"), gate = rig_fifo(r, "gate");
	pid_t deep;

	rig_ok(r, "say", "-d", agent(r, agent(r, rig_call(r,
	    "echo up >up; read x <gate; echo deep"))), NULL);
	rig_told(up, "up\n");
	deep = tool(r, "main.t1.t2", 0);
	rig_ok(r, "suspend", "t1", NULL);
	cr_expect_str_eq(state(r, "t2"), "suspended");
	cr_expect_str_eq(state(r, "t3"), "suspended");
	cr_expect(rig_state(deep) == 'T');
	tell(gate);
	rig_ok(r, "resume", "t1", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(strstr(rig_ok(r, "log", "--out", "t1", NULL)->out, "deep"));
	rig_free(r);
}

/* Its request was on the wire when it was stopped, and is made again. */
Test(agents_hold, a_side_question_outlives_it)
{
	struct rig *r = start(NULL);
	struct job *aside;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	aside = rig_spawn(r, "say", "--json", "-s", "main.t1", "-m", "ask",
	    "@hold i\nHow far?", NULL);
	rig_held(r, "i");
	rig_ok(r, "stop", "t1", NULL);
	rig_release(r, "i");
	cr_expect_str_eq(text_of(aside), "echo: How far?");
	rig_free(r);
}

Test(agents_hold, a_shutdown_stops_them)
{
	struct rig *r = start(NULL);
	int up = rig_fifo(r, "up"), status;

	rig_ok(r, "say", "-d", agent(r, rig_call(r,
	    "echo up >up; exec sleep 600")), NULL);
	rig_told(up, "up\n");
	rig_signal(r, SIGTERM);
	status = rig_exit(r);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_expect(rig_processes(r, "sleep 600") == 0);
	rig_start(r);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "by"), "shutdown");
	rig_free(r);
}

Test(agents_hold, one_at_work_is_not_deleted)
{
	struct rig *r = start(NULL);
	struct job *no;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	rig_ok(r, "detach", NULL);
	no = rig_run(r, "delete", "main.t1", NULL);
	cr_expect(no->code == 65 && strstr(no->err, "t1") != NULL, "%s",
	    no->err);
	cr_expect(rig_run(r, "delete", "main", NULL)->code == 75);
	rig_release(r, "h");
	rig_record(r, "end", "task", "t1", NULL);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_ok(r, "delete", "main.t1", NULL);
	cr_expect(json_is_null(json_object_get(rig_task(r, "t1"), "agent")));
	rig_free(r);
}
