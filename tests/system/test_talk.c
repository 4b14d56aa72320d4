/* The user can always talk: C3, C5, C6 and C7 `now`, with real processes. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "rig.h"

TestSuite(talk, .timeout = 90);

#define NMESSAGES	10

static int
hear_one(struct rig *r, int i)
{
	char text[32], echo[48];
	struct job *said;

	snprintf(text, sizeof(text), "Message %d.", i);
	snprintf(echo, sizeof(echo), "echo: %s", text);
	said = rig_ok(r, "say", "--json", text, NULL);
	cr_expect_str_eq(rig_str(said->json, "text"), echo);
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	rig_await(r, 1, text);
	return (int)rig_int(said->json, "request_us");
}

static void
talk_while_running(const struct rig_conf *conf)
{
	struct rig *r = rig_new(conf);
	int up = rig_fifo(r, "up"), us[NMESSAGES], i;
	struct job *work = rig_exec(r, "echo up >up; exec sleep 600");
	json_t *task;
	pid_t tool;

	rig_told(up, "up\n");
	tool = rig_process(r, "sleep 600");
	for (i = 0; i < NMESSAGES; i++)
		us[i] = hear_one(r, i);
	rig_judge_times(us, NMESSAGES);
	rig_finish(work);
	cr_expect_str_eq(rig_str(work->json, "outcome"), "detached");
	cr_expect(rig_process(r, "sleep 600") == tool);
	cr_expect(rig_state(tool) == 'S');
	task = rig_ok(r, "stop", "--json", "t1", NULL)->json;
	cr_expect_str_eq(rig_str(task, "state"), "ended");
	cr_expect_str_eq(rig_str(task, "end"), "stopped");
	cr_expect(rig_processes(r, "sleep 600") == 0);
	rig_ok(r, "say", "And now?", NULL);
	rig_ok(r, "say", "-m", "queue", "And now again?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

Test(talk, ten_messages_are_answered_while_a_tool_runs)
{
	talk_while_running(NULL);
}

Test(talk, an_ordinary_user_has_the_same_promise)
{
	talk_while_running(&(struct rig_conf){ .as_nobody = true });
}

#define NCLIENTS	60

Test(talk, sixty_clients_each_get_their_own_answer)
{
	struct rig *r = rig_new(NULL);
	struct job *said[NCLIENTS];
	char text[32], echo[48];
	json_t *transcript;
	int i;

	for (i = 0; i < NCLIENTS; i++) {
		snprintf(text, sizeof(text), "I am client %d.", i);
		said[i] = rig_spawn(r, "say", "--json", text, NULL);
	}
	for (i = 0; i < NCLIENTS; i++) {
		rig_finish(said[i]);
		cr_assert(said[i]->code == 0, "%d: %s", said[i]->code,
		    said[i]->err);
		snprintf(echo, sizeof(echo), "echo: I am client %d.", i);
		cr_expect_str_eq(rig_str(said[i]->json, "text"), echo);
	}
	transcript = rig_transcript(r);
	for (i = 0; i < NCLIENTS; i++) {
		snprintf(echo, sizeof(echo), "echo: I am client %d.", i);
		cr_expect(rig_says(transcript, "user", echo + 6) == 1);
		cr_expect(rig_says(transcript, "assistant", echo) == 1);
	}
	rig_free(r);
}

#define NFLOODS	4

Test(talk, tools_that_flood_hold_no_message_up)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true,
	    .conf = "[tasks]\nmax_output=1M\n" });
	int up = rig_fifo(r, "up"), us[NMESSAGES], i;
	struct job *said;

	for (i = 0; i < NFLOODS; i++)
		rig_ok(r, "say", "-s", "flood", "-d",
		    rig_call(r, "echo up >up; exec yes"), NULL);
	for (i = 0; i < NFLOODS; i++)
		rig_told(up, "up\n");
	for (i = 0; i < NMESSAGES; i++) {
		said = rig_ok(r, "say", "--json", "Are you there?", NULL);
		us[i] = (int)rig_int(said->json, "request_us");
	}
	rig_judge_times(us, NMESSAGES);
	rig_ok(r, "stop", "-s", "flood", "--now", "--all", NULL);
	cr_expect(rig_processes(r, "yes") == 0);
	rig_free(r);
}

static const char *
role(json_t *messages, size_t i)
{
	return rig_str(json_array_get(messages, i), "role");
}

/* messages: of the request that the message led to */
static void
check_results(json_t *messages, size_t user)
{
	cr_assert(json_array_size(messages) == user + 6);
	cr_expect_str_eq(role(messages, user + 1), "assistant");
	cr_expect_str_eq(role(messages, user + 2), "tool");
	cr_expect(strstr(rig_content(messages, user + 2), "quick one"));
	cr_expect_str_eq(role(messages, user + 3), "tool");
	cr_expect(strstr(rig_content(messages, user + 3), "\"t2\""));
	cr_expect(strstr(rig_content(messages, user + 3), "\"running\""));
	cr_expect_str_eq(role(messages, user + 4), "assistant");
	cr_expect_str_eq(role(messages, user + 5), "user");
	cr_expect_str_eq(rig_content(messages, user + 5), "How is it?");
}

Test(talk, a_message_gets_the_result_of_one_call_and_a_placeholder_of_the_other)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	char script[512];
	json_t *messages;
	uint64_t n;

	snprintf(script, sizeof(script), "%s\n%s",
	    rig_call(r, "echo quick one"),
	    rig_call(r, "read x <go; echo the slow one"));
	rig_spawn(r, "say", script, NULL);
	rig_record(r, "end", "task", "t1", NULL);
	rig_record(r, "state", "task", "t2", "state", "running", NULL);
	rig_ok(r, "say", "How is it?", NULL);
	messages = rig_request(r, rig_await(r, 1, "How is it?"));
	check_results(messages, json_array_size(messages) - 6);
	cr_assert(write(go, "x\n", 2) == 2);
	n = rig_await(r, 1, "<task-event id=\"t2\"");
	cr_expect(strstr(rig_content(rig_request(r, n), -1UL),
	    "the slow one"));
	rig_ok(r, "say", "-m", "queue", "Thanks.", NULL);
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t1") == 0);
	cr_expect(rig_tellings(messages, "t2") == 1);
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

Test(talk, a_tool_that_holds_its_turn_too_long_lets_it_go)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session]\ndetach_after=200ms\n" });
	struct job *said = rig_finish(rig_exec(r, "exec sleep 600"));

	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	cr_expect(strstr(rig_str(said->json, "text"), "\"t1\""));
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(talk, what_is_said_after_tools_begins_a_line_of_its_own)
{
	struct rig *r = rig_new(&(struct rig_conf){ .conf = "" });
	struct job *said = rig_ok(r, "say",
	    "One moment.\n@call task_list {}\n@then\nDone.", NULL);

	cr_expect_str_eq(said->out, "One moment.\nDone.\n");
	rig_free(r);
}
