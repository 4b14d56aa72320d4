/*
 * What users of other systems complain about, and must not meet here: messages
 * that wait or are lost, ends that are told late, twice or wrongly.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

TestSuite(complaints, .timeout = 90);

static void
go_on(int fifo)
{
	cr_assert(write(fifo, "x\n", 2) == 2);
}

/* A task that its turn has let go of; and that is over, or it would be news. */
static void
start(struct rig *r, const char *id, const char *command)
{
	struct job *said = rig_exec(r, command);

	rig_record(r, "state", "task", id, "state", "running", NULL);
	rig_ok(r, "detach", NULL);
	rig_finish(said);
}

static struct job *
stream(struct rig *r)
{
	struct job *said = rig_spawn(r, "say", "--json", "@hold h\nThe first.",
	    NULL);

	rig_held(r, "h");
	return said;
}

/* A message waits, or is lost. */

Test(complaints, an_admission_names_the_mode_that_it_is_taken_in)
{
	static const char *const modes[] = { "now", "steer", "queue", "ask",
	    "rollback", "interrupt" };
	struct rig *r = rig_new(NULL);
	char text[32];
	json_t *said;
	size_t i;

	stream(r);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		snprintf(text, sizeof(text), "Mode %s.", modes[i]);
		said = rig_ok(r, "say", "-d", "--json", "-m", modes[i], text,
		    NULL)->json;
		cr_expect_str_eq(rig_str(said, "mode"), modes[i]);
		cr_expect_str_eq(rig_str(rig_record(r, "admitted", "text",
		    text, NULL), "mode"), modes[i]);
	}
	rig_free(r);
}

Test(complaints, a_steer_is_delivered_when_it_is_read_and_not_before)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r);
	json_t *records;
	const char *id;

	id = rig_str(rig_ok(r, "say", "-d", "--json", "-m", "steer",
	    "Also this.", NULL)->json, "message");
	cr_expect_str_eq(rig_str(rig_ok(r, "show", "--json", id, NULL)->json,
	    "state"), "queued");
	records = rig_records(r);
	cr_expect(rig_find(records, "kind", "delivered") == NULL ||
	    strcmp(rig_str(rig_find(records, "kind", "delivered"), "message"),
	    id) != 0);
	rig_release(r, "h");
	rig_finish(first);
	rig_record(r, "delivered", "message", id, NULL);
	rig_await(r, 1, "Also this.");
	rig_free(r);
}

#define COUNT	"i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo $i; " \
		"[ $i != 50 ] || { echo up >up; read x <go; }; done; exit 6"

Test(complaints, an_interrupt_may_hold_the_tools_and_nothing_is_lost)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");
	struct job *first = rig_exec(r, COUNT), *seq;
	pid_t tool;

	rig_told(up, "up\n");
	tool = rig_process(r, "/bin/sh -c");
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "-m", "interrupt",
	    "--tools", "suspend", "Wait, read this.", NULL)->json, "text"),
	    "echo: Wait, read this.");
	cr_expect_str_eq(rig_str(rig_finish(first)->json, "outcome"),
	    "interrupted");
	rig_record(r, "state", "task", "t1", "state", "suspended", NULL);
	go_on(go);
	cr_expect(rig_state(tool) == 'T');
	rig_ok(r, "resume", "t1", NULL);
	cr_expect(rig_run(r, "wait", "t1", NULL)->code == 6);
	seq = rig_program(r, "/usr/bin/seq", (char *[]){ (char *)"seq",
	    (char *)"200", NULL });
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    rig_finish(seq)->out);
	rig_free(r);
}

/* Each of them would leave a line. */
#define TRAPS	"for s in HUP INT QUIT TERM USR1 USR2 PIPE TSTP CONT WINCH; " \
		"do trap \"echo $s\" $s; done; echo up >up; " \
		"while ! read x <go; do :; done; echo end"

Test(complaints, letting_go_sends_a_tool_no_signal)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");

	rig_exec(r, TRAPS);
	rig_told(up, "up\n");
	rig_ok(r, "say", "Hello?", NULL);
	rig_ok(r, "say", "-m", "interrupt", "And hello.", NULL);
	go_on(go);
	cr_expect(rig_run(r, "wait", "t1", NULL)->code == 0);
	cr_expect_str_eq(rig_ok(r, "log", "t1", NULL)->out, "end\n");
	rig_free(r);
}

Test(complaints, queued_messages_are_one_turn_and_stay_messages)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r), *one, *two;
	json_t *transcript;

	one = rig_spawn(r, "say", "--json", "-m", "queue", "One.", NULL);
	rig_record(r, "admitted", "text", "One.", NULL);
	two = rig_spawn(r, "say", "--json", "-m", "queue", "Two.", NULL);
	rig_record(r, "admitted", "text", "Two.", NULL);
	rig_release(r, "h");
	rig_finish(first);
	rig_finish(one);
	rig_finish(two);
	cr_expect_str_eq(rig_str(one->json, "turn"),
	    rig_str(two->json, "turn"));
	cr_expect(rig_count(r) == 2);
	transcript = rig_transcript(r);
	cr_expect(rig_says(transcript, "user", "One.") == 1);
	cr_expect(rig_says(transcript, "user", "Two.") == 1);
	rig_free(r);
}

/* The queue. */

Test(complaints, a_stop_acts_at_once_whatever_is_queued)
{
	struct rig *r = rig_new(NULL);
	uint64_t n;

	start(r, "t1", "exec sleep 600");
	rig_spawn(r, "say", "@mute m", NULL);
	rig_held(r, "m");
	rig_ok(r, "say", "-d", "-m", "queue", "Later.", NULL);
	n = rig_count(r);
	rig_ok(r, "say", "stop t1", NULL);
	rig_record(r, "end", "task", "t1", "end", "stopped", NULL);
	cr_expect(rig_count(r) == n, "no model was asked to stop");
	cr_expect(rig_find(rig_lines(rig_ok(r, "queue", "--json", NULL)),
	    "text", "Later.") != NULL);
	rig_free(r);
}

Test(complaints, ends_stand_in_no_queue)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");
	json_t *list;

	start(r, "t1", "read x <go");
	stream(r);
	rig_ok(r, "say", "-d", "-m", "queue", "Later.", NULL);
	go_on(go);
	rig_record(r, "event", "task", "t1", NULL);
	list = rig_lines(rig_ok(r, "queue", "--json", NULL));
	cr_expect(json_array_size(list) == 1);
	rig_ok(r, "queue", "cancel", rig_str(json_array_get(list, 0),
	    "message"), NULL);
	rig_release(r, "h");
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_free(r);
}

/* Ends. */

#define NENDS	20

Test(complaints, each_of_many_ends_is_told_once_also_after_a_crash)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session]\nwakes_per_hour=0\n" });
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go"), i;
	json_t *messages;
	char id[16];

	for (i = 1; i <= NENDS; i++) {
		rig_ok(r, "say", "-d", rig_call(r, "exec <go; echo up >up; "
		    "exec cat"), NULL);
		rig_told(up, "up\n");
		rig_run(r, "detach", NULL);
	}
	close(go);		/* the end of all of them */
	for (i = 1; i <= NENDS; i++) {
		snprintf(id, sizeof(id), "t%d", i);
		rig_record(r, "end", "task", id, NULL);
	}
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "say", "-m", "queue", "What came of them?", NULL);
	rig_ok(r, "say", "-m", "queue", "And now?", NULL);
	messages = rig_last_request(r);
	for (i = 1; i <= NENDS; i++) {
		snprintf(id, sizeof(id), "t%d", i);
		cr_expect(rig_tellings(messages, id) == 1, "%s", id);
	}
	cr_expect(rig_find(rig_records(r), "cause", "wake") == NULL);
	rig_free(r);
}

static void
is_told(struct rig *r, const char *id, const char *facts)
{
	json_t *messages;
	char event[128];

	snprintf(event, sizeof(event), "<task-event id=\"%s\" tool=\"exec\" "
	    "%s", id, facts);
	messages = rig_request(r, rig_await(r, 1, event));
	cr_expect(rig_tellings(messages, id) == 1);
}

Test(complaints, each_end_is_called_what_it_was)
{
	struct rig *r = rig_new(NULL);
	int one = rig_fifo(r, "one"), two = rig_fifo(r, "two"),
	    three = rig_fifo(r, "three");

	start(r, "t1", "read x <one; exit 0");
	start(r, "t2", "read x <two; exit 137");
	start(r, "t3", "read x <three; kill -KILL $$");
	start(r, "t4", "exec sleep 600");
	rig_ok(r, "say", "-d", "@call exec {\"command\":\"sleep 600\","
	    "\"timeout\":1}", NULL);
	rig_record(r, "state", "task", "t5", "state", "running", NULL);
	rig_run(r, "detach", NULL);		/* if it is not over */
	is_told(r, "t5", "state=\"timed-out\"");
	go_on(one);
	is_told(r, "t1", "state=\"exited\" code=\"0\"");
	go_on(two);
	is_told(r, "t2", "state=\"exited\" code=\"137\"");
	go_on(three);
	is_told(r, "t3", "state=\"signaled\" signal=\"9\"");
	rig_ok(r, "stop", "t4", NULL);
	is_told(r, "t4", "state=\"stopped\" signal=\"15\" by=\"user\"");
	rig_free(r);
}

Test(complaints, input_to_what_has_ended_is_an_error_that_tells_the_end)
{
	struct rig *r = rig_new(NULL);
	struct job *said;

	rig_ok(r, "say", rig_call(r, "exit 3"), NULL);
	said = rig_run(r, "input", "t1", "hello", NULL);
	cr_expect(said->code == 65);
	cr_expect(strstr(said->err, "it has ended (exited)"), "%s", said->err);
	said = rig_ok(r, "say", "--json", "@call task_input {\"id\":\"t1\","
	    "\"text\":\"hello\"}", NULL);
	cr_expect(strstr(rig_str(said->json, "text"),
	    "it has ended: [t1: exited with code 3"), "%s",
	    rig_str(said->json, "text"));
	rig_free(r);
}

Test(complaints, an_end_does_not_wait_for_an_open_question)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");

	rig_write(r, "tools/wipe", "#!/bin/sh\n# @describe Wipe it.\n"
	    "# @meta confirm yes\necho wiped\n", 0755);
	rig_configure(r, "");
	start(r, "t1", "read x <go");
	rig_ok(r, "say", "@call wipe {}", NULL);
	go_on(go);
	rig_await(r, 1, "<task-event id=\"t1\"");
	cr_expect_str_eq(rig_str(rig_ok(r, "approvals", "--json", NULL)->json,
	    "state"), "pending");
	cr_expect(rig_int(rig_ok(r, "say", "--json", "Hello?", NULL)->json,
	    "request_us") <= RIG_SOON_US);
	rig_free(r);
}

Test(complaints, an_end_is_told_to_its_own_session_alone)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	int go = rig_fifo(r, "go");

	rig_ok(r, "say", "-s", "other", "Hello.", NULL);
	start(r, "t1", "read x <go");
	go_on(go);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_ok(r, "say", "-s", "other", "Anything new?", NULL);
	cr_expect(rig_tellings(rig_request(r, rig_await(r, 1,
	    "Anything new?")), "t1") == 0);
	cr_expect(strstr(rig_ok(r, "transcript", "other", NULL)->out,
	    "task-event") == NULL);
	rig_free(r);
}

/* One that calls, one when it is let go of, one that tells its end. */
Test(complaints, a_long_task_costs_three_requests_and_no_poll)
{
	struct rig *r = rig_new(NULL);
	int go = rig_fifo(r, "go");

	start(r, "t1", "read x <go");
	go_on(go);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_record(r, "finished", "turn", "u2", NULL);
	cr_expect(rig_count(r) == 3);
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

/* The one that asked. */

static void
stops(const char *const *door)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\ngrace=300ms\n" });
	int up = rig_fifo(r, "up");

	rig_exec(r, "trap '' TERM; setsid sleep 901 & "
	    "(setsid sh -c 'sleep 902 & exec sleep 903' &); echo up >up; wait");
	rig_told(up, "up\n");
	rig_there(r, "sleep 901");
	rig_there(r, "sleep 902");
	rig_there(r, "sleep 903");
	rig_run(r, door[0], door[1], door[2], door[3], NULL);
	rig_record(r, "end", "task", "t1", "end", "stopped", NULL);
	cr_expect(rig_processes(r, "sleep 90") == 0, "%s %s", door[0],
	    door[1]);
	rig_free(r);
}

Test(complaints, each_door_stops_to_the_last_process)
{
	static const char *const doors[][4] = {
		{ "stop", "t1", NULL }, { "stop", "--all", NULL },
		{ "say", "/stop", NULL }, { "say", "stop all", NULL },
		{ "interrupt", "--tools", "stop", NULL },
		{ "say", "@call task_stop {\"ids\":[\"t1\"]}", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		stops(doors[i]);
}

Test(complaints, another_session_can_be_looked_at_while_a_turn_runs)
{
	static const char *const looks[][3] = {
		{ "sessions", NULL }, { "status", NULL },
		{ "tasks", "-A", NULL }, { "show", "other", NULL },
		{ "transcript", "other", NULL }, { "show", "main", NULL },
		{ "transcript", "main", NULL }, { "queue", NULL },
	};
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	size_t i;

	rig_ok(r, "say", "-s", "other", "Hello.", NULL);
	rig_spawn(r, "say", "@mute m", NULL);
	rig_held(r, "m");
	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		rig_ok(r, looks[i][0], looks[i][1], looks[i][2], NULL);
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "-s", "other",
	    "Still there?", NULL)->json, "text"), "echo: Still there?");
	rig_free(r);
}

#define NSESSIONS	8

Test(complaints, tools_of_eight_sessions_hold_no_ninth_up)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	int up = rig_fifo(r, "up"), i;
	char name[16], command[48];

	for (i = 0; i < NSESSIONS; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(command, sizeof(command),
		    "echo up >up; exec sleep 60%d", i);
		rig_ok(r, "say", "-d", "-s", name, rig_call(r, command), NULL);
	}
	for (i = 0; i < NSESSIONS; i++)
		rig_told(up, "up\n");
	cr_expect(rig_int(rig_ok(r, "say", "--json", rig_call(r, "echo hi"),
	    NULL)->json, "request_us") <= RIG_SOON_US);
	for (i = 0; i < NSESSIONS; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		rig_ok(r, "stop", "-s", name, "--now", "--all", NULL);
	}
	rig_free(r);
}

Test(complaints, three_callers_to_a_busy_session_have_three_answers)
{
	struct rig *r = rig_new(NULL);
	struct job *first = stream(r), *said[3];
	char text[16], echo[24];
	int i;

	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "Caller %d.", i);
		said[i] = rig_spawn(r, "say", "--json", "-m",
		    i == 0 ? "now" : "queue", text, NULL);
	}
	cr_expect(rig_run(r, "say", "-m", "reject", "Me?", NULL)->code == 75);
	rig_release(r, "h");
	rig_finish(first);
	for (i = 0; i < 3; i++) {
		snprintf(echo, sizeof(echo), "Caller %d.", i);
		cr_expect_str_eq(rig_str(rig_finish(said[i])->json, "outcome"),
		    "answered");
		cr_expect(rig_says(rig_transcript(r), "user", echo) == 1);
	}
	rig_free(r);
}
