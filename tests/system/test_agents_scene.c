/* Three sub-agents at work, and all that a user does meanwhile. T10, C3. */
#include <criterion/criterion.h>
#include <string.h>

#include "agents.h"

TestSuite(agents_scene, .timeout = 90);

#define QUESTIONS	5

static int
ask(struct rig *r, const char *question)
{
	struct job *said = say(r, question);

	cr_expect(strstr(text_of(said), question), "%s", text_of(said));
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	rig_await(r, 1, question);
	return (int)rig_int(said->json, "request_us");
}

static const char *
first_of_user(json_t *messages)
{
	json_t *message = rig_find(messages, "role", "user");

	return message == NULL ? "" : rig_str(message, "content");
}

/* Those of the sub-agent whose tools wait at this gate. */
static size_t
requests_of(struct rig *r, const char *gate)
{
	uint64_t i, count = rig_count(r);
	const char *first;
	size_t n = 0;

	for (i = 1; i <= count; i++) {
		first = first_of_user(rig_request(r, i));
		n += strstr(first, gate) != NULL &&
		    strstr(first, "@call agent") == NULL;
	}
	return n;
}

static size_t
ends(struct rig *r, const char *task)
{
	json_t *record, *records = rig_lines(rig_ok(r, "events", "-A",
	    "--since", "0", "--json", NULL));
	size_t i, n = 0;

	json_array_foreach(records, i, record)
		n += strcmp(rig_str(record, "kind"), "end") == 0 &&
		    strcmp(rig_str(record, "task"), task) == 0;
	return n;
}

static void
expect_states(pid_t *tools, char state)
{
	int i;

	for (i = 0; i < 2; i++)
		cr_expect(rig_state(tools[i]) == state, "%d: %c, not %c", i,
		    rig_state(tools[i]), state);
}

static void
find_tools(struct rig *r, pid_t tools[3][2])
{
	const char *const names[] = { "main.t1", "main.t2", "main.t3" };
	size_t i, j;

	for (i = 0; i < 3; i++)
		for (j = 0; j < 2; j++)
			tools[i][j] = tool(r, names[i], j);
}

static void
stop_second(struct rig *r, pid_t *tools)
{
	rig_ok(r, "stop", "t2", NULL);
	expect_states(tools, 0);
	rig_record(r, "finished", "session", "main.t2", "outcome",
	    "interrupted", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "stopped");
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "by"), "user");
}

/* A turn of the parent's alone. */
static void
interrupt_parent(struct rig *r)
{
	struct job *said = rig_spawn(r, "say", "--json",
	    "@hold h\nLet me think.", NULL);

	rig_held(r, "h");
	rig_ok(r, "interrupt", NULL);
	cr_expect_str_eq(rig_str(rig_finish(said)->json, "outcome"),
	    "interrupted");
	rig_release(r, "h");
}

static void
expect_end(struct rig *r, const char *task, const char *said)
{
	rig_record(r, "end", "task", task, "end", "exited", NULL);
	cr_expect(rig_int(rig_task(r, task), "code") == 0);
	cr_expect(strstr(rig_ok(r, "log", "--out", task, NULL)->out, said));
	woken(r, task);
}

/* What the sub-agents' own tools came to is theirs to hear. */
static void
expect_all_told(struct rig *r)
{
	const char *const agents[] = { "t1", "t2", "t3" };
	const char *const tools[] = { "t4", "t5", "t6", "t7", "t8", "t9" };
	json_t *messages;
	size_t i;

	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	messages = rig_last_request(r);
	for (i = 0; i < 3; i++) {
		cr_expect(ends(r, agents[i]) == 1, "%s", agents[i]);
		expect_told_once(r, agents[i]);
	}
	for (i = 0; i < 6; i++) {
		cr_expect(ends(r, tools[i]) == 1, "%s", tools[i]);
		cr_expect(rig_tellings(messages, tools[i]) == 0, "%s",
		    tools[i]);
	}
}

Test(agents_scene, three_work_while_five_are_asked_one_is_stopped_one_suspended)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t tools[3][2];
	int us[QUESTIONS];
	size_t n;

	find_tools(r, tools);
	us[0] = ask(r, "How is the first?");
	us[1] = ask(r, "How is the second?");
	stop_second(r, tools[1]);
	us[2] = ask(r, "Is it gone?");
	rig_ok(r, "suspend", "t3", NULL);
	expect_states(tools[2], 'T');
	n = requests_of(r, "gate3");
	cr_expect(n == 1);
	us[3] = ask(r, "Does it rest?");
	us[4] = ask(r, "And how is all?");
	rig_judge_times(us, QUESTIONS);
	woken(r, "t2");
	interrupt_parent(r);
	expect_states(tools[0], 'S');
	expect_states(tools[2], 'T');
	cr_expect_str_eq(state(r, "t1"), "running");
	cr_expect_str_eq(state(r, "t3"), "suspended");
	cr_expect(requests_of(r, "gate3") == n, "it is suspended");
	rig_ok(r, "resume", "t3", NULL);
	open_gate(&s, 1);
	expect_end(r, "t1", "also 1");
	open_gate(&s, 3);
	expect_end(r, "t3", "also 3");
	expect_all_told(r);
	rig_free(r);
}

Test(agents_scene, they_are_listed_for_the_user_and_for_the_model)
{
	struct scene s = three();
	json_t *list = rig_lines(rig_ok(s.r, "tasks", "--json", NULL));
	json_t *task = rig_find(list, "id", "t1");
	const char *text;

	say(s.r, "@call task_list {}");
	text = rig_content(rig_last_request(s.r), -1UL);
	cr_expect_str_eq(rig_str(task, "tool"), "agent");
	cr_expect_str_eq(rig_str(task, "agent"), "main.t1");
	cr_expect_str_eq(rig_str(task, "progress"),
	    "turn 1, 2 tasks, last: exec");
	cr_expect(strstr(text, "\"agent\":\"main.t1\"") != NULL, "%s", text);
	cr_expect(strstr(text, "\"agent\":\"main.t3\"") != NULL, "%s", text);
	cr_expect(strstr(text, "turn 1, 2 tasks, last: exec") != NULL, "%s",
	    text);
	cr_expect(strstr(text, "\"t4\"") == NULL, "%s", text);
	rig_ok(s.r, "stop", "--all", "--now", NULL);
	rig_free(s.r);
}

Test(agents_scene, one_can_be_asked_while_its_tools_run)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t first = tool(r, "main.t2", 0);
	struct job *said = rig_ok(r, "say", "--json", "-s", "main.t2",
	    "How far?", NULL);

	cr_expect_str_eq(text_of(said), "echo: How far?");
	cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	cr_expect(rig_state(first) == 'S');
	cr_expect_str_eq(state(r, "t2"), "running");
	open_gate(&s, 2);
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	rig_ok(r, "stop", "--all", "--now", NULL);
	rig_free(r);
}

Test(agents_scene, an_interrupt_of_the_turn_that_made_them_leaves_them_at_work)
{
	struct scene s = three();
	struct rig *r = s.r;
	pid_t first = tool(r, "main.t1", 0), last = tool(r, "main.t3", 1);
	const char *const ids[] = { "t1", "t2", "t3" };
	int i;

	rig_ok(r, "interrupt", NULL);
	rig_record(r, "finished", "session", "main", "outcome", "interrupted",
	    NULL);
	cr_expect(rig_state(first) == 'S' && rig_state(last) == 'S');
	for (i = 0; i < 3; i++)
		cr_expect_str_eq(state(r, ids[i]), "running");
	for (i = 0; i < 3; i++) {
		open_gate(&s, i + 1);
		rig_record(r, "end", "task", ids[i], "end", "exited", NULL);
		woken(r, ids[i]);
	}
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	for (i = 0; i < 3; i++)
		expect_told_once(r, ids[i]);
	rig_free(r);
}
