/* Tasks in the hands of a person: tasks, stop, suspend, resume, input, wait. */
#include <string.h>

#include "fake_supervisor.h"

#define T1	"{\"id\":\"t1\",\"session\":\"main\",\"turn\":\"u1\"," \
	"\"tool\":\"build\",\"state\":\"running\",\"end\":null," \
	"\"code\":null,\"signal\":null,\"pid\":4242,\"percent\":42," \
	"\"progress\":\"linking\",\"started_at\":null}"
#define ENDED(id, how)	"{\"id\":\"" id "\",\"tool\":\"build\"," \
	"\"state\":\"ended\"," how ",\"started_at\":100,\"ended_at\":112.5}"

static struct fake s;
static struct frame f;

static void
start(void)
{
	fake_init(&s);
}

static void
stop(void)
{
	fake_fini(&s);
}

TestSuite(tasks, .init = start, .fini = stop, .timeout = 60);

Test(tasks, they_are_listed_in_columns)
{
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	expect_bytes(f.tasks.session, "");
	cr_expect_not(f.tasks.all);
	fake_item(&s, f.tasks.request, T1);
	fake_item(&s, f.tasks.request, ENDED("t22",
	    "\"end\":\"exited\",\"code\":3,\"signal\":null"));
	fake_item(&s, f.tasks.request, ENDED("t23",
	    "\"end\":\"signaled\",\"code\":null,\"signal\":9"));
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out,
	    "ID   SESSION  TOOL   STATE          PID   AGE   PROGRESS\n"
	    "t1   main     build  running        4242  -     42% linking\n"
	    "t22  -        build  exited 3       -     12 s  -\n"
	    "t23  -        build  signaled KILL  -     12 s  -\n");
}

Test(tasks, none_is_an_empty_list)
{
	fake_run(&s, "ps", "-a", NULL);
	HEAR(&s, TASKS);
	cr_expect(f.tasks.all);
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "");
}

Test(tasks, those_that_wait_say_for_what_and_the_refused_why)
{
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	fake_item(&s, f.tasks.request, "{\"id\":\"t4\",\"session\":\"main\","
	    "\"tool\":\"build\",\"state\":\"queued\",\"pid\":null,"
	    "\"started_at\":null,\"percent\":null,\"progress\":\"\","
	    "\"why\":\"after t3\"}");
	fake_item(&s, f.tasks.request, "{\"id\":\"t5\",\"tool\":\"build\","
	    "\"state\":\"ended\",\"end\":\"refused\","
	    "\"why\":\"t2 ended with code 3\"}");
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_has(s.out, "after t3\n");
	expect_has(s.out, "refused  -    -    t2 ended with code 3\n");
}

Test(tasks, a_waiting_task_is_moved)
{
	fake_run(&s, "move", "t4", "--first", "--priority", "high", "--after",
	    "t2,t3", "--after-if", "any", "--expect", "queued", NULL);
	HEAR(&s, MOVE);
	expect_bytes(f.move.id, "t4");
	expect_bytes(f.move.place, "first");
	expect_bytes(f.move.priority, "high");
	expect_bytes(f.move.after, "t2,t3");
	expect_bytes(f.move.after_if, "any");
	expect_bytes(f.move.expect, "queued");
	fake_item(&s, f.move.request, "{\"id\":\"t4\",\"tool\":\"build\","
	    "\"state\":\"queued\",\"why\":\"after t2, t3\"}");
	fake_done(&s, f.move.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "t4 build: queued, after t2, t3\n");
}

Test(tasks, a_move_to_both_ends_is_wrong_usage)
{
	fake_run(&s, "move", "t4", "--first", "--last", NULL);
	cr_expect_eq(fake_end(&s), 64);
	expect_has(s.err, "either --first or --last");
}

Test(tasks, a_run_says_after_which_tasks)
{
	fake_run(&s, "run", "-d", "--after", "t3,t4", "--after-if", "any",
	    "--priority", "low", "build", "--after", "all", NULL);
	HEAR(&s, RUN);
	expect_bytes(f.run.tool, "build");
	expect_bytes(f.run.after, "t3,t4");
	expect_bytes(f.run.after_if, "any");
	expect_bytes(f.run.priority, "low");
	expect_bytes(f.run.args, "[\"--after\",\"all\"]");
	fake_done(&s, f.run.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, those_of_every_session_are_listed)
{
	fake_run(&s, "tasks", "--all-sessions", NULL);
	HEAR(&s, TASKS);
	expect_bytes(f.tasks.session, "*");
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, a_stop_tells_how_each_ended)
{
	fake_run(&s, "stop", "t1", "t2", "--grace", "2.5", "--expect",
	    "running", NULL);
	HEAR(&s, STOP);
	expect_bytes(f.stop.id, "t1");
	expect_bytes(f.stop.expect, "running");
	cr_expect_eq(f.stop.grace_ms, 2500);
	cr_expect_not(f.stop.now);
	fake_item(&s, f.stop.request, ENDED("t1",
	    "\"end\":\"stopped\",\"why\":\"by the user\""));
	fake_done(&s, f.stop.request, 0, "");
	HEAR(&s, STOP);
	expect_bytes(f.stop.id, "t2");
	fake_done(&s, f.stop.request, 65, "t2: no such task");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.out, "t1 build: stopped, 12 s, by the user\n");
	expect_text(s.err, "sigbox: stop: t2: no such task\n");
}

Test(tasks, all_of_a_session_are_stopped_at_once)
{
	fake_run(&s, "stop", "--all", "--now", "-s", "work", NULL);
	HEAR(&s, STOP);
	expect_bytes(f.stop.id, "all");
	expect_bytes(f.stop.session, "work");
	cr_expect(f.stop.now);
	fake_done(&s, f.stop.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, no_grace_at_all_is_now)
{
	fake_run(&s, "stop", "t1", "--grace", "0", NULL);
	HEAR(&s, STOP);
	cr_expect(f.stop.now);
	fake_done(&s, f.stop.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, a_stop_of_nothing_is_wrong_usage)
{
	fake_run(&s, "stop", NULL);
	cr_expect_eq(fake_end(&s), 64);
	expect_has(s.err, "either ids or --all");
}

Test(tasks, a_grace_that_is_no_time_is_wrong_usage)
{
	fake_run(&s, "stop", "t1", "--grace", "soon", NULL);
	cr_expect_eq(fake_end(&s), 64);
}

Test(tasks, a_task_is_suspended)
{
	fake_run(&s, "suspend", "t1", "--json", NULL);
	HEAR(&s, SUSPEND);
	expect_bytes(f.suspend.id, "t1");
	fake_item(&s, f.suspend.request, "{\"id\":\"t1\"}");
	fake_done(&s, f.suspend.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "{\"id\":\"t1\"}\n");
}

Test(tasks, a_task_is_resumed)
{
	fake_run(&s, "resume", "t1", "--expect", "suspended", NULL);
	HEAR(&s, RESUME);
	expect_bytes(f.resume.id, "t1");
	expect_bytes(f.resume.expect, "suspended");
	fake_item(&s, f.resume.request, T1);
	fake_done(&s, f.resume.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "t1 build: running\n");
}

Test(tasks, words_go_to_stdin_as_a_line)
{
	fake_run(&s, "input", "t1", "yes", "please", NULL);
	HEAR(&s, FEED);
	expect_bytes(f.feed.id, "t1");
	expect_bytes(f.feed.data, "yes please\n");
	cr_expect_not(f.feed.eof);
	fake_done(&s, f.feed.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, a_tools_stdin_is_closed)
{
	fake_run(&s, "input", "t1", "--eof", NULL);
	HEAR(&s, FEED);
	cr_expect_eq(f.feed.data.len, 0);
	cr_expect(f.feed.eof);
	fake_done(&s, f.feed.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, stdin_goes_to_stdin_as_it_is_and_piece_by_piece)
{
	fake_run(&s, "input", "t1", "-", "--eof", NULL);
	fake_type(&s, "a\xff");
	HEAR(&s, FEED);
	expect_bytes(f.feed.data, "a\xff");
	fake_type(&s, "b");
	fake_close_stdin(&s);
	fake_done(&s, f.feed.request, 0, "");
	HEAR(&s, FEED);
	expect_bytes(f.feed.data, "b");
	cr_expect_not(f.feed.eof);
	fake_done(&s, f.feed.request, 0, "");
	HEAR(&s, FEED);
	cr_expect(f.feed.eof);
	fake_done(&s, f.feed.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(tasks, input_to_an_ended_task_is_an_error)
{
	fake_run(&s, "input", "t1", "yes", NULL);
	HEAR(&s, FEED);
	fake_done(&s, f.feed.request, 65, "t1: exited 0");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: input: t1: exited 0\n");
}

Test(tasks, input_of_nothing_is_wrong_usage)
{
	fake_run(&s, "input", "t1", NULL);
	cr_expect_eq(fake_end(&s), 64);
}

Test(tasks, wait_ends_with_the_tasks_own_code)
{
	fake_run(&s, "wait", "t1", "t2", "--timeout", "60", NULL);
	HEAR(&s, WAIT);
	expect_bytes(f.wait.ids, "t1 t2");
	cr_expect_eq(f.wait.timeout_ms, 60000);
	fake_item(&s, f.wait.request, ENDED("t1",
	    "\"end\":\"exited\",\"code\":0,\"signal\":null"));
	fake_item(&s, f.wait.request, ENDED("t2",
	    "\"end\":\"exited\",\"code\":7,\"signal\":null"));
	fake_done(&s, f.wait.request, 0, "");
	cr_expect_eq(fake_end(&s), 7);
	expect_text(s.out, "t1 build: exited 0, 12 s\n"
	    "t2 build: exited 7, 12 s\n");
}

Test(tasks, what_the_supervisor_says_of_a_wait_comes_first)
{
	fake_run(&s, "wait", "t1", NULL);
	HEAR(&s, WAIT);
	cr_expect_eq(f.wait.timeout_ms, 0);
	fake_done(&s, f.wait.request, 75, "t1: still running");
	cr_expect_eq(fake_end(&s), 75);
	expect_text(s.err, "sigbox: wait: t1: still running\n");
}

struct end {
	const char	*how;
	int		 code;
};

/* A killed task is never a success (T1). */
Test(tasks, every_end_has_its_exit_code)
{
	static const struct end ends[] = {
		{ "\"end\":\"signaled\",\"signal\":15", 143 },
		{ "\"end\":\"signaled\",\"signal\":\"SIGKILL\"", 137 },
		{ "\"end\":\"timed-out\",\"signal\":15", 124 },
		{ "\"end\":\"stopped\",\"code\":0", 143 },
		{ "\"end\":\"stopped\",\"code\":5", 5 },
		{ "\"end\":\"stopped\",\"signal\":9", 137 },
		{ "\"end\":\"refused\",\"code\":null", 126 },
		{ "\"end\":\"lost\",\"code\":null", 75 },
	};
	char json[256];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		fake_run(&s, "wait", "t1", "-q", NULL);
		HEAR(&s, WAIT);
		snprintf(json, sizeof(json), "{\"id\":\"t1\",\"state\":"
		    "\"ended\",%s}", ends[i].how);
		fake_item(&s, f.wait.request, json);
		fake_done(&s, f.wait.request, 0, "");
		cr_expect_eq(fake_end(&s), ends[i].code, "%s", ends[i].how);
		fake_hang_up(&s);
	}
	expect_text(s.out, "");
}
