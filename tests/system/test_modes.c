/* How a message is taken, each mode while another turn is at work: C7, C11. */
#include <criterion/criterion.h>

#include "rig.h"

TestSuite(modes, .timeout = 90);

static const char *
outcome(struct job *said)
{
	return rig_str(rig_finish(said)->json, "outcome");
}

static struct job *
stream(struct rig *r)
{
	struct job *said = rig_spawn(r, "say", "--json", "@hold h\nThe first.",
	    NULL);

	rig_held(r, "h");
	return said;
}

/* t1 runs and holds the turn. */
static struct job *
hold(struct rig *r)
{
	int up = rig_fifo(r, "up");
	struct job *said = rig_exec(r, "echo up >up; exec sleep 600");

	rig_told(up, "up\n");
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	return said;
}

Test(modes, now_runs_beside_a_turn_that_streams)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r);
	struct job *second = rig_spawn(r, "say", "--json",
	    "@hold i\nThe second.", NULL);
	json_t *transcript;

	rig_held(r, "i");
	rig_release(r, "i");
	cr_expect_str_eq(outcome(second), "answered");
	cr_expect_str_eq(rig_str(second->json, "text"), "echo: The second.");
	cr_expect(first->code == -1);
	rig_release(r, "h");
	cr_expect_str_eq(outcome(first), "answered");
	cr_expect_str_eq(rig_str(first->json, "text"), "echo: The first.");
	transcript = rig_transcript(r);
	cr_expect(rig_says(transcript, "assistant", "echo: The first.") == 1);
	cr_expect(rig_says(transcript, "assistant", "echo: The second.") == 1);
	rig_ok(r, "say", "And both?", NULL);
	rig_free(r);
}

Test(modes, a_fifth_turn_waits_for_a_place)
{
	struct rig *r = rig_new(NULL);
	char script[64];
	struct job *said[5];
	uint64_t n;
	int i;

	for (i = 0; i < 4; i++) {
		snprintf(script, sizeof(script), "@hold h%d\nTurn %d.", i, i);
		said[i] = rig_spawn(r, "say", "--json", script, NULL);
		snprintf(script, sizeof(script), "h%d", i);
		rig_held(r, script);
	}
	n = rig_count(r);
	said[4] = rig_spawn(r, "say", "--json", "The fifth.", NULL);
	rig_record(r, "admitted", "text", "The fifth.", NULL);
	cr_expect(rig_count(r) == n);
	rig_release(r, "h2");
	cr_expect_str_eq(outcome(said[4]), "answered");
	cr_expect(said[0]->code == -1);
	for (i = 0; i < 4; i++) {
		snprintf(script, sizeof(script), "h%d", i);
		rig_release(r, script);
		cr_expect_str_eq(outcome(said[i]), "answered");
	}
	rig_free(r);
}

Test(modes, steer_joins_the_turn_that_a_tool_holds)
{
	struct rig *r = rig_new(NULL);
	struct job *first = hold(r);
	struct job *steer = rig_ok(r, "say", "--json", "-m", "steer",
	    "Also this.", NULL);
	json_t *messages = rig_request(r, rig_await(r, 1, "Also this."));
	size_t n = json_array_size(messages);

	cr_expect_str_eq(rig_str(steer->json, "mode"), "steer");
	cr_expect_str_eq(outcome(first), "answered");
	cr_expect_str_eq(rig_str(steer->json, "turn"),
	    rig_str(first->json, "turn"));
	cr_assert(n >= 5);
	cr_expect_str_eq(rig_content(messages, n - 1), "Also this.");
	cr_expect(strstr(rig_content(messages, n - 3), "\"t1\""));
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(modes, steer_waits_for_a_streams_end_and_is_then_read_at_once)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r);
	struct job *steer = rig_spawn(r, "say", "--json", "-m", "steer",
	    "Also this.", NULL);

	rig_record(r, "admitted", "mode", "steer", NULL);
	cr_expect(rig_count(r) == 1);
	rig_release(r, "h");
	cr_expect_str_eq(outcome(first), "answered");
	cr_expect_str_eq(outcome(steer), "answered");
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

Test(modes, interrupt_cuts_the_stream_and_keeps_what_was_shown)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r);
	json_t *messages;

	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "-m", "interrupt",
	    "This instead.", NULL)->json, "text"), "echo: This instead.");
	rig_cut(r, 1);
	cr_expect_str_eq(outcome(first), "interrupted");
	messages = rig_last_request(r);
	cr_assert(json_array_size(messages) >= 3);
	cr_expect(strstr(rig_content(messages, json_array_size(messages) - 2),
	    "echo: The first."));
	cr_expect(strstr(rig_content(messages, json_array_size(messages) - 2),
	    "interrupt"));
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

static const char *
did(json_t *receipt, size_t i)
{
	return rig_str(json_array_get(json_object_get(receipt, "tasks"), i),
	    "did");
}

Test(modes, an_interrupt_says_what_it_did_to_turns_tasks_and_queue)
{
	struct rig *r = rig_new(NULL);
	struct job *first = hold(r), *second;
	json_t *receipt;
	char state;

	rig_ok(r, "say", "-d", "-m", "queue", "Later.", NULL);
	receipt = rig_ok(r, "interrupt", "--json", "--tools", "suspend",
	    NULL)->json;
	cr_expect(json_array_size(json_object_get(receipt, "turns")) == 1);
	cr_expect(json_array_size(json_object_get(receipt, "queued")) == 1);
	cr_expect_str_eq(did(receipt, 0), "suspended");
	cr_expect_str_eq(outcome(first), "interrupted");
	rig_record(r, "state", "task", "t1", "state", "suspended", NULL);
	state = rig_state(rig_process(r, "sleep 600"));
	cr_expect(state == 'T', "%c", state);
	rig_await(r, 1, "Later.");
	second = rig_ok(r, "interrupt", "--json", "--tools", "keep", NULL);
	cr_expect_str_eq(did(second->json, 0), "kept");
	second = rig_ok(r, "interrupt", "--json", "--tools", "stop", NULL);
	cr_expect_str_eq(did(second->json, 0), "stopped");
	rig_record(r, "end", "task", "t1", "end", "stopped", NULL);
	rig_free(r);
}

Test(modes, an_interrupt_spares_a_task_unless_it_says_so)
{
	struct rig *r = rig_new(NULL);
	struct job *first = hold(r);
	pid_t tool = rig_process(r, "sleep 600");

	rig_ok(r, "say", "-m", "interrupt", "Stop talking.", NULL);
	cr_expect_str_eq(outcome(first), "interrupted");
	cr_expect(rig_process(r, "sleep 600") == tool);
	cr_expect(rig_state(tool) == 'S');
	rig_ok(r, "say", "-m", "interrupt", "--tools", "stop", "Stop it.",
	    NULL);
	rig_gone(r, "sleep 600");
	rig_free(r);
}

static void
queue(struct rig *r, const char *text)
{
	rig_ok(r, "say", "-d", "-m", "queue", text, NULL);
}

static const char *
id_of(struct rig *r, const char *text)
{
	json_t *list = rig_lines(rig_ok(r, "queue", "--json", NULL));
	json_t *m = rig_find(list, "text", text);

	cr_assert(m != NULL, "%s is not in the queue", text);
	return rig_str(m, "message");
}

Test(modes, the_queue_can_be_listed_edited_moved_and_cancelled)
{
	struct rig *r = rig_new(NULL);
	json_t *list, *transcript;

	stream(r);
	queue(r, "one");
	queue(r, "two");
	queue(r, "three");
	rig_ok(r, "queue", "edit", id_of(r, "one"), "one, mended", NULL);
	rig_ok(r, "queue", "move", id_of(r, "three"), "1", NULL);
	rig_ok(r, "queue", "cancel", id_of(r, "two"), NULL);
	list = rig_lines(rig_ok(r, "queue", "--json", NULL));
	cr_assert(json_array_size(list) == 2);
	cr_expect_str_eq(rig_str(json_array_get(list, 0), "text"), "three");
	cr_expect_str_eq(rig_str(json_array_get(list, 1), "text"),
	    "one, mended");
	rig_release(r, "h");
	rig_await(r, 1, "three\n\none, mended");
	rig_ok(r, "say", "-m", "queue", "done?", NULL);
	transcript = rig_transcript(r);
	cr_expect(rig_says(transcript, "user", "three") == 1);
	cr_expect(rig_says(transcript, "user", "one, mended") == 1);
	cr_expect(rig_says(transcript, "user", "two") == 0);
	cr_expect(rig_run(r, "queue", "cancel", "m2", NULL)->code != 0);
	rig_free(r);
}

Test(modes, a_queued_message_can_become_one_for_now)
{
	struct rig *r = rig_new(NULL);

	stream(r);
	queue(r, "It is urgent after all.");
	rig_ok(r, "queue", "-m", "now", "move",
	    id_of(r, "It is urgent after all."), NULL);
	rig_await(r, 2, "It is urgent after all.");
	rig_release(r, "h");
	rig_free(r);
}

Test(modes, a_running_task_holds_no_queue_up)
{
	struct rig *r = rig_new(NULL);

	hold(r);
	rig_ok(r, "detach", NULL);
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "-m", "queue",
	    "Next.", NULL)->json, "text"), "echo: Next.");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(modes, rollback_takes_the_turn_back_with_its_tasks)
{
	struct rig *r = rig_new(NULL);
	struct job *first;
	json_t *messages;

	rig_ok(r, "say", "Before.", NULL);
	first = hold(r);
	rig_ok(r, "say", "-m", "rollback", "Instead.", NULL);
	cr_expect_str_eq(outcome(first), "rolled back");
	rig_gone(r, "sleep 600");
	messages = rig_request(r, rig_await(r, 1, "Instead."));
	cr_expect_str_eq(rig_content(messages, json_array_size(messages) - 1),
	    "Instead.");
	cr_expect_str_eq(rig_content(messages, json_array_size(messages) - 2),
	    "echo: Before.");
	rig_ok(r, "say", "After.", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 0);
	rig_free(r);
}

Test(modes, reject_says_busy_and_nothing_else_happens)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r), *refused;

	refused = rig_run(r, "say", "-m", "reject", "If you are free.", NULL);
	cr_expect(refused->code == 75, "%d", refused->code);
	cr_expect(strncmp(refused->err, "sigbox: ", 8) == 0);
	rig_release(r, "h");
	rig_finish(first);
	rig_ok(r, "say", "-m", "reject", "And now?", NULL);
	cr_expect(rig_says(rig_transcript(r), "user", "If you are free.") == 0);
	rig_free(r);
}

Test(modes, a_side_question_sees_all_and_leaves_no_trace)
{
	struct rig *r = rig_new(NULL);
	struct job *first;
	json_t *transcript, *messages;

	rig_ok(r, "say", "Before.", NULL);
	first = stream(r);
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "-m", "ask",
	    "How far?", NULL)->json, "text"), "echo: How far?");
	messages = rig_request(r, rig_await(r, 1, "How far?"));
	cr_expect(strstr(rig_content(messages, -1UL), "The first."));
	cr_expect(first->code == -1);
	rig_release(r, "h");
	cr_expect_str_eq(outcome(first), "answered");
	transcript = rig_transcript(r);
	cr_expect(rig_says(transcript, "user", "How far?") == 0);
	cr_expect(rig_says(transcript, "assistant", "echo: How far?") == 0);
	rig_free(r);
}

Test(modes, a_sessions_default_is_what_its_config_says)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session]\nmode=reject\n" });

	stream(r);
	cr_expect(rig_run(r, "say", "No mode.", NULL)->code == 75);
	rig_release(r, "h");
	rig_free(r);
}
