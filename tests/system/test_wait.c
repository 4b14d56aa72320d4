/* Waits of models and of people, and what ends them: T9, E1, R10, R11. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

TestSuite(wait, .timeout = 90);

/* A task that its turn has let go of; and that is over, or it would be news. */
static void
start(struct rig *r, const char *id, const char *command)
{
	struct job *said = rig_exec(r, command);

	rig_record(r, "state", "task", id, "state", "running", NULL);
	rig_ok(r, "detach", NULL);
	rig_finish(said);
}

/* A message whose turn waits by one of our own tools. */
static struct job *
ask(struct rig *r, const char *script, const char *tool)
{
	struct job *said = rig_spawn(r, "say", "--json", script, NULL);

	rig_record(r, "called", "tool", tool, NULL);
	return said;
}

static void
go_on(int fifo)
{
	cr_assert(write(fifo, "x\n", 2) == 2);
}

static bool
says(struct job *said, const char *what)
{
	const char *text = rig_str(rig_finish(said)->json, "text");

	if (strstr(text, what) == NULL)
		cr_log_error("%s", text);
	return strstr(text, what) != NULL;
}

static size_t
tellings(struct rig *r, const char *task)
{
	rig_ok(r, "say", "-m", "queue", "And?", NULL);
	return rig_tellings(rig_last_request(r), task);
}

Test(wait, new_output_ends_a_wait_for_it_and_is_its_result)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	struct job *said;

	start(r, "t1", "echo one; read x <go; echo two; exec sleep 600");
	said = ask(r, "@call task_output {\"id\":\"t1\",\"offset\":4,"
	    "\"wait\":60}", "task_output");
	go_on(go);
	cr_expect(says(said, "-> two\n[bytes 4 to 8 of 8]\n[t1: running]"));
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	said = ask(r, "@call task_output {\"id\":\"t1\",\"offset\":4,"
	    "\"wait\":60}", "task_output");
	cr_expect(says(said, "-> two\n"), "what is there is not waited for");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(wait, an_end_without_output_ends_a_wait_for_it_and_is_told_once)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	struct job *said;

	start(r, "t1", "read x <go; exit 3");
	said = ask(r, "@call task_output {\"id\":\"t1\",\"wait\":60}",
	    "task_output");
	go_on(go);
	cr_expect(says(said, "[t1: exited with code 3"));
	cr_expect(tellings(r, "t1") == 0);
	rig_free(r);
}

static void
speak_while_it_waits(struct rig *r, const char *script, const char *tool)
{
	struct job *said = ask(r, script, tool);
	json_t *messages;

	cr_expect(rig_int(rig_ok(r, "say", "--json", "Hello?", NULL)->json,
	    "request_us") <= RIG_SOON_US);
	cr_expect_str_eq(rig_str(rig_finish(said)->json, "outcome"),
	    "detached");
	messages = rig_last_request(r);
	cr_expect_str_eq(rig_content(messages, -1UL), "Hello?");
	cr_expect(strstr(rig_content(messages, json_array_size(messages) - 3),
	    "\"state\":\"running\"}],\"note\":\"a new message came\""));
}

Test(wait, a_message_ends_a_wait_for_an_end_and_it_says_so)
{
	struct rig *r = rig_new(NULL);

	start(r, "t1", "exec sleep 600");
	speak_while_it_waits(r, "@call task_wait {\"ids\":[\"t1\"]}",
	    "task_wait");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(wait, a_message_ends_a_wait_for_output_and_it_says_so)
{
	struct rig *r = rig_new(NULL);

	start(r, "t1", "exec sleep 600");
	speak_while_it_waits(r, "@call task_output {\"id\":\"t1\","
	    "\"wait\":60}", "task_output");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(wait, time_ends_a_wait_and_the_task_goes_on)
{
	struct rig *r = rig_new(NULL);
	struct job *said;

	start(r, "t1", "exec sleep 600");
	said = ask(r, "@call task_wait {\"ids\":[\"t1\"],\"timeout\":0.1}\n"
	    "@then\n@call task_output {\"id\":\"t1\",\"offset\":0,"
	    "\"wait\":0.1}", "task_wait");
	cr_expect(says(said, "the time is up"));
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(wait, for_any_ends_with_the_first_and_for_all_with_the_last)
{
	struct rig *r = rig_new(NULL);
	int one = rig_fifo(r, "one"), two = rig_fifo(r, "two");
	struct job *said;

	start(r, "t1", "read x <one");
	start(r, "t2", "read x <two");
	start(r, "t3", "exec sleep 600");
	said = ask(r, "@call task_wait {\"ids\":[\"t1\",\"t3\"]}",
	    "task_wait");
	go_on(one);
	cr_expect(says(said, "at least one of them has ended"));
	cr_expect(tellings(r, "t1") == 0);
	said = ask(r, "@call task_list {}\n@call task_wait {\"ids\":[\"t2\","
	    "\"t3\"],\"for\":\"all\"}", "task_list");
	go_on(two);
	rig_record(r, "end", "task", "t2", NULL);
	cr_expect(said->code == -1);
	rig_ok(r, "stop", "--now", "t3", NULL);
	cr_expect(says(said, "all of them have ended"));
	cr_expect(tellings(r, "t2") == 0);
	cr_expect(tellings(r, "t3") == 0);
	rig_free(r);
}

/* Its end is an event that nobody was told of when the wait is made (R11). */
Test(wait, for_what_has_ended_is_over_at_once)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	struct job *said;

	start(r, "t1", "read x <go; exit 4");
	said = rig_spawn(r, "say", "--json", "@hold h\nWait.\n"
	    "@call task_wait {\"ids\":[\"t1\"]}", NULL);
	rig_held(r, "h");
	go_on(go);
	rig_record(r, "event", "task", "t1", NULL);
	rig_release(r, "h");
	cr_expect(says(said, "\"code\":4"));
	cr_expect(tellings(r, "t1") == 0);
	rig_free(r);
}

Test(wait, a_client_ends_with_the_tools_code_or_signal_or_out_of_time)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	struct job *waits;

	rig_ok(r, "run", "-d", "exec", "--command", "read x <go; exit 7", NULL);
	rig_ok(r, "run", "-d", "exec", "--command", "kill -KILL $$", NULL);
	rig_ok(r, "run", "-d", "exec", "--command", "exec sleep 600", NULL);
	waits = rig_spawn(r, "wait", "t1", NULL);
	cr_expect(rig_run(r, "wait", "--timeout", "0.1", "t1", NULL)->code ==
	    75);
	go_on(go);
	cr_expect(rig_finish(waits)->code == 7);
	cr_expect(rig_run(r, "wait", "t2", NULL)->code == 128 + 9);
	waits = rig_run(r, "wait", "--json", "--timeout", "0.1", "t1", "t3",
	    NULL);
	cr_expect(waits->code == 75);
	cr_expect(strstr(waits->err, "the time is up") != NULL);
	rig_ok(r, "stop", "--now", "t3", NULL);
	cr_expect(rig_run(r, "wait", "t3", NULL)->code > 128);
	cr_expect(rig_run(r, "wait", "t9", NULL)->code == 65);
	rig_free(r);
}

/* That of its last turn; who speaks ends with how the answer went. */
Test(wait, a_client_ends_with_the_code_of_a_sub_agent)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	struct job *said, *waits;

	said = rig_spawn(r, "say", "--wait",
	    "@call agent {\"task\":\"@hold h\\nSlowly.\"}", NULL);
	rig_held(r, "h");
	rig_ok(r, "detach", NULL);
	waits = rig_spawn(r, "wait", "t1", NULL);
	rig_release(r, "h");
	cr_expect(rig_finish(waits)->code == 0);
	cr_expect(rig_finish(said)->code == 0);
	cr_expect(strstr(said->out, "noted: t1 exited") != NULL, "%s",
	    said->out);
	said = rig_run(r, "say", "--wait",
	    "@call agent {\"task\":\"@status 401\\nHm.\"}", NULL);
	cr_expect(said->code == 0, "%d", said->code);
	cr_expect(rig_run(r, "wait", "t2", NULL)->code == 1);
	cr_expect(rig_run(r, "say", "--wait", "-s", "main.t1", "Fine.",
	    NULL)->code == 0);
	said = rig_run(r, "say", "--wait", "-s", "main.t2",
	    "@status 401\nHm.", NULL);
	cr_expect(said->code == 75, "%d", said->code);
	rig_free(r);
}

#define NFLOODED	20

/* Each growth is looked at, and nobody else is held up by it. */
Test(wait, a_flood_ends_a_wait_once_and_holds_nobody_up)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_output=1M\n" });
	int go = rig_fifo(r, "go"), i;
	struct job *said;

	start(r, "t1", "read x <go; exec yes");
	said = ask(r, "@call task_output {\"id\":\"t1\",\"wait\":60}",
	    "task_output");
	go_on(go);
	cr_expect(says(said, "-> y\ny\n"));
	for (i = 0; i < NFLOODED; i++)
		cr_expect(rig_int(rig_ok(r, "say", "--json", "Hello?",
		    NULL)->json, "request_us") <= RIG_SOON_US);
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}
