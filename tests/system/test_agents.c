/* Sub-agents: tasks that are sessions of their own. T10, R15, R17. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

TestSuite(agents, .timeout = 90);

static struct rig *
start(const char *conf)
{
	return rig_new(&(struct rig_conf){ .conf = conf,
	    .many_sessions = true });
}

/* A line of a script that calls a tool with one string, or with JSON more. */
static char *
call(struct rig *r, const char *tool, const char *key, const char *value,
    const char *more)
{
	json_t *args = json_pack("{s:s}", key, value);
	char *text, *line;

	if (more != NULL) {
		json_t *rest = json_loads(more, 0, NULL);

		cr_assert(rest != NULL, "%s", more);
		json_object_update(args, rest);
		json_decref(rest);
	}
	text = json_dumps(args, JSON_COMPACT);
	if (text == NULL || asprintf(&line, "@call %s %s", tool, text) == -1)
		abort();
	free(text);
	json_decref(args);
	return rig_keep(r, line);
}

static char *
agent(struct rig *r, const char *task)
{
	return call(r, "agent", "task", task, NULL);
}

static char *
lines(struct rig *r, const char *first, ...)
{
	char *text = strdup(first), *more;
	const char *line;
	va_list ap;

	va_start(ap, first);
	while ((line = va_arg(ap, const char *)) != NULL) {
		if (asprintf(&more, "%s\n%s", text, line) == -1)
			abort();
		free(text);
		text = more;
	}
	va_end(ap);
	return rig_keep(r, text);
}

static const char *
text_of(struct job *said)
{
	return rig_str(rig_finish(said)->json, "text");
}

static struct job *
say(struct rig *r, const char *text)
{
	return rig_ok(r, "say", "--json", text, NULL);
}

static const char *
state(struct rig *r, const char *task)
{
	return rig_str(rig_task(r, task), "state");
}

static json_t *
session(struct rig *r, const char *name)
{
	return rig_find(rig_lines(rig_ok(r, "sessions", "--json", NULL)),
	    "name", name);
}

/* The tasks of a session, in their order. */
static json_t *
tasks_of(struct rig *r, const char *name)
{
	return rig_lines(rig_ok(r, "tasks", "-s", name, "-a", "--json", NULL));
}

/* The seq of the first record of a kind about a task, in all sessions. */
static json_int_t
seq_of(struct rig *r, const char *kind, const char *task)
{
	return rig_int(rig_record(r, kind, "task", task, NULL), "seq");
}

static void
tell(int fifo)
{
	cr_assert(write(fifo, "\n", 1) == 1);
}

Test(agents, its_last_answer_is_the_result_of_the_call)
{
	struct rig *r = start(NULL);
	struct job *said = say(r, agent(r, "What is up?"));
	json_t *task = rig_task(r, "t1"), *child = session(r, "main.t1");

	cr_expect(strstr(text_of(said), "echo: What is up?"), "%s",
	    text_of(said));
	cr_expect(strstr(text_of(said), "[session main.t1;"), "%s",
	    text_of(said));
	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "code") == 0);
	cr_expect(json_is_null(json_object_get(task, "pid")));
	cr_expect_str_eq(rig_str(task, "agent"), "main.t1");
	cr_expect_str_eq(rig_str(child, "parent"), "main");
	cr_expect_str_eq(rig_str(child, "task"), "t1");
	cr_expect_str_eq(rig_str(child, "cwd"), rig_path(r, "work"));
	cr_expect(json_is_null(json_object_get(session(r, "main"),
	    "parent")));
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "echo: What is up?");
	cr_expect(strstr(rig_ok(r, "log", "--err", "t1", NULL)->out,
	    "answered: echo: What is up?"));
	rig_free(r);
}

/* Two tools that wait at a gate, of a sub-agent that tells when they are up. */
static char *
at_gate(struct rig *r, int n)
{
	char a[96], b[96];

	snprintf(a, sizeof(a), "echo up >up; read x <gate%d; echo done %d", n,
	    n);
	snprintf(b, sizeof(b), "echo up >up; read x <gate%d; echo also %d", n,
	    n);
	return agent(r, lines(r, rig_call(r, a), rig_call(r, b), NULL));
}

struct scene {
	struct rig	*r;
	int		 gate[3];
};

/* t1, t2 and t3 are sub-agents, t4 to t9 their tools. */
static struct scene
three(void)
{
	struct scene s = { .r = start(NULL) };
	int up = rig_fifo(s.r, "up"), i;
	char name[16];

	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "gate%d", i + 1);
		s.gate[i] = rig_fifo(s.r, name);
	}
	rig_ok(s.r, "say", "-d", lines(s.r, at_gate(s.r, 1), at_gate(s.r, 2),
	    at_gate(s.r, 3), NULL), NULL);
	for (i = 0; i < 6; i++)
		rig_told(up, "up\n");
	return s;
}

static pid_t
tool(struct rig *r, const char *name, size_t i)
{
	json_t *task = json_array_get(tasks_of(r, name), i);

	rig_record(r, "state", "task", rig_str(task, "id"), "state", "running",
	    NULL);
	return (pid_t)rig_int(rig_task(r, rig_str(task, "id")), "tool_pid");
}

static void
open_gate(struct scene *s, int n)
{
	tell(s->gate[n - 1]);
	tell(s->gate[n - 1]);
}

static void
ask_five(struct rig *r)
{
	char text[32];
	struct job *said;
	int i;

	for (i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "Question %d?", i);
		said = say(r, text);
		cr_expect(strstr(text_of(said), text), "%s", text_of(said));
		cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	}
}

/* Each end once in what the conversation is told, and no more later. */
static void
expect_told_once(struct rig *r, const char *task)
{
	rig_await(r, 1, "Is all told?");
	cr_expect(rig_tellings(rig_last_request(r), task) == 1, "%s", task);
}

Test(agents, they_work_while_the_user_talks_and_each_end_is_told_once)
{
	struct scene s = three();
	struct rig *r = s.r;
	const char *const ids[] = { "t1", "t2", "t3" };
	size_t i;

	ask_five(r);
	for (i = 0; i < 3; i++)
		cr_expect_str_eq(state(r, ids[i]), "running");
	cr_expect(strstr(rig_str(rig_task(r, "t1"), "progress"),
	    "turn 1, 2 tasks, last: exec"), "%s",
	    rig_str(rig_task(r, "t1"), "progress"));
	for (i = 0; i < 3; i++) {
		open_gate(&s, (int)i + 1);
		rig_record(r, "end", "task", ids[i], "end", "exited", NULL);
		rig_await(r, 1, i == 0 ? "<task-event id=\"t1\"" : i == 1 ?
		    "<task-event id=\"t2\"" : "<task-event id=\"t3\"");
	}
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	for (i = 0; i < 3; i++)
		expect_told_once(r, ids[i]);
	cr_expect(strstr(rig_ok(r, "log", "--out", "t2", NULL)->out, "also 2"));
	rig_free(s.r);
}

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

Test(agents, one_is_stopped_with_all_of_it_and_the_others_are_not_touched)
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

Test(agents, one_is_suspended_with_all_of_it_and_goes_on)
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

Test(agents, an_interrupt_suspends_or_stops_them_if_it_says_so)
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

Test(agents, a_rollback_stops_those_of_its_turn)
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

Test(agents, stop_all_and_now_reach_those_below_those_below)
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

/* What it asks of its model waits, and is then asked again, as it was. */
Test(agents, a_suspended_ones_request_is_cut_and_made_again)
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
	rig_ok(r, "say", "-d", "-s", "main.t1", "-m", "steer", "And more.",
	    NULL);
	cr_expect_str_eq(rig_str(say(r, "Still there?")->json, "text"),
	    "echo: Still there?");
	again = rig_count(r);
	rig_release(r, "h");
	rig_ok(r, "resume", "t1", NULL);
	again = rig_await(r, again + 1, "Slowly.");
	first = rig_request(r, n);
	cr_expect(json_equal(first, rig_request(r, again)));
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "echo: And more.");
	rig_free(r);
}

Test(agents, one_that_is_stopped_says_no_more)
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

Test(agents, an_approval_in_one_freezes_nothing)
{
	struct rig *r = start("[tool exec]\nconfirm=yes\n");
	json_t *approval;

	rig_ok(r, "say", "-d", agent(r, rig_call(r, "echo granted")), NULL);
	rig_record(r, "approval", "session", "main.t1", NULL);
	approval = rig_lines(rig_ok(r, "approvals", "-s", "main.t1",
	    "--json", NULL));
	cr_assert(json_array_size(approval) == 1);
	cr_expect_str_eq(rig_str(json_array_get(approval, 0), "session"),
	    "main.t1");
	ask_five(r);
	rig_record(r, "finished", "session", "main.t1", "outcome", "answered",
	    NULL);
	cr_expect_str_eq(state(r, "t1"), "running");
	rig_ok(r, "approve", "a1", NULL);
	cr_expect(seq_of(r, "answer", "t2") < seq_of(r, "end", "t1"));
	cr_expect(strstr(rig_str(rig_record(r, "end", "task", "t1", NULL),
	    "end"), "exited"));
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "noted: t2 exited");
	rig_free(r);
}

Test(agents, it_may_need_consent_itself)
{
	struct rig *r = start("[sandbox]\nprofile=none\n"
	    "[tool agent]\nconfirm=yes\n");

	rig_ok(r, "say", agent(r, "May I?"), NULL);
	cr_expect_str_eq(state(r, "t1"), "queued");
	cr_expect(session(r, "main.t1") == NULL);
	rig_ok(r, "approve", "a1", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_configure(r, "[tool agent]\nconfirm=no\n");
	cr_expect(strstr(text_of(say(r, agent(r, "And now?"))),
	    "echo: And now?"));
	rig_free(r);
}

Test(agents, there_are_none_below_the_third)
{
	struct rig *r = start(NULL);
	struct job *said = say(r, agent(r, agent(r, agent(r, agent(r,
	    "Too deep.")))));

	cr_expect(strstr(rig_ok(r, "log", "--out", "t3", NULL)->out,
	    "There is no tool named agent") == NULL);
	cr_expect(session(r, "main.t1.t2.t3") != NULL);
	cr_expect(strstr(rig_ok(r, "transcript", "--request", "main.t1.t2.t3",
	    NULL)->out, "\"name\":\"agent\"") == NULL);
	cr_expect(strstr(rig_ok(r, "transcript", "--request", "main.t1.t2",
	    NULL)->out, "\"name\":\"agent\"") != NULL);
	cr_expect(rig_run(r, "show", "t4", NULL)->code == 65);
	(void)said;
	rig_free(r);
}

Test(agents, at_the_limit_a_call_is_refused_in_words)
{
	struct rig *r = start("[tasks]\nmax_agents=2\n");
	const char *hold = agent(r, "@hold h\nSlowly.");
	struct job *said;

	rig_ok(r, "say", "-d", lines(r, hold, hold, hold, NULL), NULL);
	rig_record(r, "end", "task", "t3", "end", "refused", NULL);
	cr_expect(strstr(rig_str(rig_task(r, "t3"), "why"), "max_agents"));
	said = say(r, agent(r, "One more."));
	cr_expect(strstr(text_of(said), "2 sub-agents are at work"), "%s",
	    text_of(said));
	rig_ok(r, "stop", "t1", NULL);
	cr_expect(strstr(text_of(say(r, agent(r, "Now."))), "echo: Now."));
	rig_release(r, "h");
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	rig_free(r);
}

Test(agents, it_hears_its_parent_and_the_user_while_it_works)
{
	struct rig *r = start(NULL);
	struct job *said;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	said = say(r, call(r, "agent_send", "id", "t1",
	    "{\"text\":\"From above.\"}"));
	cr_expect(strstr(text_of(said), "\"state\":\"sent\""), "%s",
	    text_of(said));
	rig_ok(r, "say", "-d", "-m", "queue", "-s", "main.t1", "From aside.",
	    NULL);
	rig_release(r, "h");
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(rig_says(rig_lines(rig_ok(r, "transcript", "--json",
	    "main.t1", NULL)), "assistant", "echo: From above.") == 1);
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "echo: From aside.");
	said = say(r, call(r, "agent_send", "id", "t1",
	    "{\"text\":\"Too late.\"}"));
	cr_expect(strstr(text_of(said), "it has ended: exited"), "%s",
	    text_of(said));
	rig_free(r);
}

Test(agents, it_has_not_finished_while_a_task_of_its_own_goes_on)
{
	struct rig *r = start("[tool exec]\nbackground=yes\n");
	int up = rig_fifo(r, "up"), gate = rig_fifo(r, "gate");

	rig_ok(r, "say", "-d", agent(r, rig_call(r,
	    "echo up >up; read x <gate; echo late")), NULL);
	rig_told(up, "up\n");
	rig_record(r, "finished", "session", "main.t1", "outcome", "answered",
	    NULL);
	cr_expect_str_eq(rig_str(say(r, "And?")->json, "text"), "echo: And?");
	cr_expect_str_eq(state(r, "t1"), "running");
	tell(gate);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(seq_of(r, "end", "t2") < seq_of(r, "end", "t1"));
	/* It has heard of that end, and its last word is the result. */
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "noted: t2 exited");
	rig_free(r);
}

Test(agents, a_failure_of_its_model_is_its_own)
{
	struct rig *r = start(NULL);
	struct job *said = say(r, agent(r, "@status 401\nHm."));
	json_t *task = rig_task(r, "t1");

	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "code") == 1);
	cr_expect(strstr(rig_str(task, "why"), "its last turn is failed"),
	    "%s", rig_str(task, "why"));
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	rig_free(r);
}

Test(agents, one_at_work_is_not_deleted)
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

Test(agents, it_has_the_tools_and_the_model_that_it_was_given)
{
	struct rig *r = start(NULL);
	const char *script = call(r, "agent", "task", lines(r,
	    "@call task_output {\"id\":\"t1\"}", NULL),
	    "{\"tools\":[\"task_list\"],\"model\":\"small\"}");
	const char *request;
	struct job *said;

	say(r, script);
	request = rig_ok(r, "transcript", "--request", "main.t1", NULL)->out;
	cr_expect(strstr(request, "\"name\":\"task_stop\"") != NULL);
	cr_expect(strstr(request, "\"name\":\"exec\"") == NULL);
	cr_expect(strstr(request, "\"model\":\"small\"") != NULL);
	cr_expect(strstr(request, "You are a sub-agent") != NULL);
	said = say(r, call(r, "agent", "task", "x",
	    "{\"tools\":[\"frobnicate\"]}"));
	cr_expect(strstr(text_of(said), "no tool named frobnicate"), "%s",
	    text_of(said));
	rig_free(r);
}

Test(agents, a_session_of_one_can_go_on_as_another_task)
{
	struct rig *r = start(NULL);
	struct job *said;

	say(r, agent(r, "The first."));
	said = say(r, call(r, "agent", "task", "The second.",
	    "{\"session\":\"main.t1\"}"));
	cr_expect(strstr(text_of(said), "echo: The second."), "%s",
	    text_of(said));
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "agent"), "main.t1");
	cr_expect_str_eq(rig_str(session(r, "main.t1"), "task"), "t2");
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t2", NULL)->out,
	    "echo: The second.");
	cr_expect(strstr(rig_ok(r, "log", "--err", "t2", NULL)->out,
	    "first") == NULL);
	said = say(r, call(r, "agent", "task", "x", "{\"session\":\"main\"}"));
	cr_expect(strstr(text_of(said), "no sub-agent of this"), "%s",
	    text_of(said));
	rig_free(r);
}

/* Its tools are lost, its conversation is not. */
Test(agents, it_goes_on_after_a_crash_and_ends_once)
{
	struct rig *r = start(NULL);
	int up = rig_fifo(r, "up");

	rig_ok(r, "say", "-d", lines(r, agent(r, rig_call(r,
	    "echo up >up; exec sleep 600")), agent(r, "@hold h\nSlowly."),
	    agent(r, "@hold i\nNot now."), NULL), NULL);
	rig_told(up, "up\n");
	rig_held(r, "h");
	rig_held(r, "i");
	rig_ok(r, "suspend", "t3", NULL);
	rig_crash(r);
	rig_gone(r, "sleep 600");
	rig_start(r);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(strstr(rig_ok(r, "log", "--out", "t1", NULL)->out, "lost"));
	cr_expect_str_eq(state(r, "t2"), "running");
	rig_release(r, "h");
	rig_release(r, "i");
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	cr_expect_str_eq(state(r, "t3"), "suspended");
	rig_ok(r, "resume", "t3", NULL);
	rig_record(r, "end", "task", "t3", "end", "exited", NULL);
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t3", NULL)->out, "echo: Not now.");
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t3") <= 1);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "exited");
	rig_free(r);
}

Test(agents, a_shutdown_stops_them)
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
