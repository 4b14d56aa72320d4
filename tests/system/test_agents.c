/* Sub-agents: tasks that are sessions of their own. T10, R15. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents.h"

TestSuite(agents, .timeout = 90);

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
	    "echo: What is up?\n");
	cr_expect(strstr(rig_ok(r, "log", "--err", "t1", NULL)->out,
	    "answered: echo: What is up?"));
	rig_free(r);
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
	    "noted: t2 exited\n");
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
	woken(r, "t1");
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
	woken(r, "t1");
	said = say(r, agent(r, "Now."));
	cr_expect(strstr(text_of(said), "echo: Now."), "%s", text_of(said));
	rig_release(r, "h");
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	rig_free(r);
}

Test(agents, it_hears_its_parent_and_the_user_while_it_works)
{
	struct rig *r = start(NULL);
	struct job *said;
	const char *turn;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	said = say(r, call(r, "agent_send", "id", "t1",
	    "{\"text\":\"From above.\"}"));
	cr_expect(strstr(text_of(said), "\"state\":\"sent\""), "%s",
	    text_of(said));
	rig_ok(r, "say", "-d", "-m", "queue", "-s", "main.t1", "From aside.",
	    NULL);
	rig_release(r, "h");
	turn = rig_str(rig_record(r, "told", "event", "e1", NULL), "turn");
	rig_record(r, "finished", "turn", turn, NULL);
	cr_expect(rig_says(rig_lines(rig_ok(r, "transcript", "--json",
	    "main.t1", NULL)), "assistant", "echo: From above.") == 1);
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "echo: From aside.\n");
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
	    "noted: t2 exited\n");
	rig_free(r);
}

/* When nobody speaks, it holds its turn no longer than another tool (C9). */
Test(agents, it_is_let_go_of_after_a_while)
{
	struct rig *r = start("[session]\ndetach_after=200ms\n");
	struct job *said = say(r, agent(r, "@hold h\nSlowly."));

	cr_expect(strstr(text_of(said), "\"task\":\"t1\""), "%s",
	    text_of(said));
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	said = rig_spawn(r, "say", "--json",
	    "@call task_wait {\"ids\":[\"t1\"]}", NULL);
	rig_record(r, "called", "tool", "task_wait", NULL);
	rig_release(r, "h");
	cr_expect(strstr(text_of(said), "\"end\":\"exited\""), "%s",
	    text_of(said));
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 0);
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
	    "echo: The second.\n");
	cr_expect(strstr(rig_ok(r, "log", "--err", "t2", NULL)->out,
	    "first") == NULL);
	said = say(r, call(r, "agent", "task", "x", "{\"session\":\"main\"}"));
	cr_expect(strstr(text_of(said), "no sub-agent of this"), "%s",
	    text_of(said));
	rig_free(r);
}

/* Its parent is gone, and who has that one's name now may have less. */
Test(agents, one_of_a_session_that_was_deleted_is_nobodys)
{
	struct rig *r = start(NULL);
	struct job *said;

	say(r, call(r, "agent", "task", call(r, "agent", "task", "Deep.",
	    "{\"session\":\"y\"}"), "{\"session\":\"x\"}"));
	rig_ok(r, "delete", "x", NULL);
	said = say(r, call(r, "agent", "task", call(r, "agent", "task",
	    rig_call(r, "echo more"), "{\"session\":\"y\"}"),
	    "{\"session\":\"x\",\"tools\":[\"agent\"]}"));
	cr_expect(strstr(text_of(said), "y is no sub-agent of this"), "%s",
	    text_of(said));
	cr_expect(json_array_size(tasks_of(r, "y")) == 0);
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "say", "-s", "y", "On its own.", NULL);
	cr_expect(rig_int(rig_ok(r, "show", "--json", "x", NULL)->json,
	    "tokens") == 2 * 14);
	rig_free(r);
}

Test(agents, what_it_was_never_told_is_no_success)
{
	struct rig *r = start("[session]\nwakes_per_hour=0\n"
	    "[tool exec]\nbackground=yes\n");

	rig_ok(r, "say", "-d", agent(r, rig_call(r, "true")), NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(rig_int(rig_task(r, "t1"), "code") == 1);
	cr_expect(strstr(rig_str(rig_task(r, "t1"), "why"),
	    "it was not told"), "%s", rig_str(rig_task(r, "t1"), "why"));
	rig_free(r);
}

Test(agents, its_tools_have_the_walls_of_the_users_session)
{
	struct rig *r = start("[session main]\nprofile=read-only\n"
	    "[session main.t1]\nprofile=workspace\nnet=host\n");

	say(r, agent(r, rig_call(r, "echo no >file")));
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "profile"), "read-only");
	cr_expect(access(rig_path(r, "work/file"), F_OK) == -1);
	rig_free(r);
}

Test(agents, none_is_made_under_a_name_that_users_count_on)
{
	struct rig *r = start("[session prod]\nprofile=read-only\n");
	const char *const names[] = { "{\"session\":\"prod\"}",
	    "{\"session\":\"main\"}" };
	struct job *said;
	size_t i;

	for (i = 0; i < 2; i++) {
		said = rig_ok(r, "say", "--json", "-s", "work", call(r,
		    "agent", "task", "Hm.", names[i]), NULL);
		cr_expect(strstr(text_of(said), "say another one"), "%s",
		    text_of(said));
	}
	cr_expect(session(r, "prod") == NULL && session(r, "main") == NULL);
	rig_free(r);
}

Test(agents, the_title_counts_them)
{
	struct scene s = three();

	rig_there(s.r, "sigboxd: supervisor: 4 sessions, 6 tasks running, "
	    "3 sub-agents");
	rig_ok(s.r, "stop", "--all", "--now", NULL);
	rig_there(s.r, "sigboxd: supervisor: 4 sessions, 0 tasks running");
	rig_free(s.r);
}

/* What it answers, a long text, is cut short only for the model. */
Test(agents, a_long_answer_is_bounded_and_its_file_has_all)
{
	struct rig *r = start(NULL);
	const char *text, *end, *file;
	size_t len;

	say(r, agent(r, "@fill 200000"));
	text = rig_content(rig_last_request(r), -1UL);
	end = rig_path(r, "state/tasks/t1/out");
	len = strlen(text);
	cr_expect(len < 16000, "%zu bytes", len);
	cr_expect(strstr(text, end) != NULL, "%s", text + (len > 400 ?
	    len - 400 : 0));
	file = rig_read(r, "state/tasks/t1/out");
	cr_expect(strlen(file) >= 200000, "%zu bytes", strlen(file));
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out, file);
	rig_free(r);
}

Test(agents, its_progress_says_which_approval_it_waits_for)
{
	struct rig *r = start("[tool exec]\nconfirm=yes\n");

	rig_ok(r, "say", "-d", agent(r, rig_call(r, "echo granted")), NULL);
	rig_record(r, "approval", "session", "main.t1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "progress"),
	    "turn 1, waiting for approval a1");
	rig_ok(r, "deny", "a1", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}

static void
send_as(struct rig *r, const char *mode, const char *text)
{
	json_t *more = json_pack("{s:s, s:s}", "text", text, "mode", mode);
	char *rest = json_dumps(more, JSON_COMPACT);
	struct job *said = say(r, call(r, "agent_send", "id", "t1", rest));

	cr_expect(strstr(text_of(said), "\"state\":\"sent\"") != NULL, "%s",
	    text_of(said));
	free(rest);
	json_decref(more);
}

static size_t
answered(struct rig *r, const char *text)
{
	return rig_says(rig_lines(rig_ok(r, "transcript", "--json", "main.t1",
	    NULL)), "assistant", text);
}

Test(agents, its_parent_speaks_to_it_in_the_mode_that_it_says)
{
	struct rig *r = start(NULL);

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	send_as(r, "queue", "When it is over.");
	send_as(r, "now", "Beside it.");
	rig_await(r, 1, "Beside it.");
	rig_record(r, "finished", "session", "main.t1", "outcome", "answered",
	    NULL);
	cr_expect(answered(r, "echo: Beside it.") == 1);
	cr_expect(answered(r, "echo: When it is over.") == 0);
	send_as(r, "interrupt", "@hold i\nThis instead.");
	rig_record(r, "finished", "session", "main.t1", "outcome",
	    "interrupted", NULL);
	rig_held(r, "i");
	cr_expect(answered(r, "echo: When it is over.") == 0);
	rig_release(r, "i");
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(answered(r, "echo: This instead.") == 1);
	cr_expect(answered(r, "echo: When it is over.") == 1);
	rig_release(r, "h");
	rig_free(r);
}

/* Busy is a turn, never a task. */
Test(agents, what_is_queued_does_not_wait_for_them)
{
	struct rig *r = start(NULL);
	struct job *said;

	rig_ok(r, "say", "-d", agent(r, "@hold h\nSlowly."), NULL);
	rig_held(r, "h");
	rig_ok(r, "detach", NULL);
	said = rig_ok(r, "say", "--json", "-m", "queue", "Anyone?", NULL);
	cr_expect_str_eq(text_of(said), "echo: Anyone?");
	cr_expect_str_eq(state(r, "t1"), "running");
	rig_release(r, "h");
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	woken(r, "t1");
	rig_free(r);
}
