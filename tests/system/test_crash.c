/* kill -9, and the ways in which a supervisor is asked to go: T11, S1, S4. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

TestSuite(crash, .timeout = 90);

/* A task that prints and stays in the background. */
static void
start(struct rig *r, const char *fifo, const char *text)
{
	int up = rig_fifo(r, fifo);
	char command[256];

	snprintf(command, sizeof(command), "echo output of %s; echo up >%s; "
	    "exec sleep 600", text, fifo);
	rig_ok(r, "say", "-d", rig_call(r, command), NULL);
	rig_told(up, "up\n");
	rig_ok(r, "detach", NULL);
}

Test(crash, tasks_are_lost_with_their_output_and_the_model_is_told_once)
{
	struct rig *r = rig_new(NULL);
	json_t *task, *messages;
	const char *ids[] = { "t1", "t2" };
	size_t i;

	start(r, "one", "t1");
	start(r, "two", "t2");
	rig_record(r, "state", "task", "t2", "state", "running", NULL);
	rig_ok(r, "suspend", "t2", NULL);
	rig_crash(r);
	rig_gone(r, "sleep 600");
	rig_start(r);
	for (i = 0; i < 2; i++) {
		task = rig_task(r, ids[i]);
		cr_expect_str_eq(rig_str(task, "state"), "ended");
		cr_expect_str_eq(rig_str(task, "end"), "lost");
		cr_expect(strstr(rig_ok(r, "log", ids[i], NULL)->out,
		    "output of t"));
	}
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "Still there?",
	    NULL)->json, "text"), "echo: Still there?");
	rig_ok(r, "say", "-m", "queue", "And all is told?", NULL);
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t1") == 1);
	cr_expect(rig_tellings(messages, "t2") == 1);
	rig_free(r);
}

/* The task's loss is the result of its call, and lets the turn go on. */
Test(crash, a_turn_that_a_lost_task_held_goes_on_and_is_asked_once)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up");
	json_t *messages;

	rig_ok(r, "say", "-d", rig_call(r, "echo up >up; exec sleep 600"),
	    NULL);
	rig_told(up, "up\n");
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "say", "-m", "queue", "Well?", NULL);
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t1") == 0);
	cr_expect(strstr(rig_content(messages, 3), "lost"), "%s",
	    rig_content(messages, 3));
	cr_expect(rig_count(r) == 3, "%ju", (uintmax_t)rig_count(r));
	rig_free(r);
}

Test(crash, what_was_admitted_is_not_lost)
{
	struct rig *r = rig_new(NULL);
	json_t *transcript;
	char text[32];
	int i;

	rig_ok(r, "say", "-d", "@hold h\nfirst", NULL);
	rig_held(r, "h");
	for (i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "queued %d", i);
		rig_ok(r, "say", "-d", "-m", "queue", text, NULL);
	}
	rig_crash(r);
	rig_start(r);
	cr_expect(json_array_size(rig_lines(rig_ok(r, "queue", "--json",
	    NULL))) == 5);
	rig_release(r, "h");
	rig_await(r, 1, "queued 5");
	rig_ok(r, "say", "-m", "queue", "the last", NULL);
	transcript = rig_transcript(r);
	cr_expect(rig_says(transcript, "user", "@hold h\nfirst") == 1);
	cr_expect(rig_says(transcript, "assistant", "echo: first") == 1);
	for (i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "queued %d", i);
		cr_expect(rig_says(transcript, "user", text) == 1, "%s", text);
	}
	rig_free(r);
}

Test(crash, many_crashes_lose_and_double_nothing)
{
	struct rig *r = rig_new(NULL);
	json_t *transcript;
	char text[32];
	int i;

	for (i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "before crash %d", i);
		rig_ok(r, "say", "-d", text, NULL);
		rig_crash(r);
		rig_start(r);
	}
	rig_ok(r, "say", "-m", "queue", "the end", NULL);
	transcript = rig_transcript(r);
	for (i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "before crash %d", i);
		cr_expect(rig_says(transcript, "user", text) == 1, "%s", text);
	}
	rig_free(r);
}

/* Not a restart on the same state while the first one lives (S2). */
Test(crash, a_second_supervisor_is_refused)
{
	struct rig *r = rig_new(NULL);
	char *argv[] = { (char *)"sigboxd", (char *)"-f", (char *)"-c",
	    rig_path(r, "sigbox.conf"), NULL };
	struct job *second = rig_finish(rig_program(r, getenv("SIGBOXD"),
	    argv));

	cr_expect(second->code != 0 && second->code < 128, "%d",
	    second->code);
	cr_expect(strstr(second->err, "sigboxd"), "%s", second->err);
	rig_ok(r, "say", "hello", NULL);
	rig_free(r);
}

Test(crash, term_stops_the_tasks_and_the_next_start_knows_it)
{
	struct rig *r = rig_new(NULL);
	int status;

	start(r, "up", "t1");
	rig_signal(r, SIGTERM);
	status = rig_exit(r);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x",
	    (unsigned)status);
	cr_expect(rig_processes(r, "sleep 600") == 0);
	rig_start(r);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "ended");
	cr_expect(strstr(rig_ok(r, "log", "t1", NULL)->out, "output of t1"));
	rig_ok(r, "say", "-m", "queue", "hello", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	rig_free(r);
}

Test(crash, a_second_term_does_not_wait_for_a_grace)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\ngrace=300s\n" });
	int up = rig_fifo(r, "up"), termed = rig_fifo(r, "termed");
	int status;

	rig_ok(r, "say", "-d", rig_call(r, "trap 'echo t >termed' TERM; "
	    "echo up >up; while :; do sleep 600 & wait; done"), NULL);
	rig_told(up, "up\n");
	/* Before that it is killed, as what has only begun to start. */
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	rig_signal(r, SIGTERM);
	rig_told(termed, "t\n");
	rig_signal(r, SIGTERM);
	status = rig_exit(r);
	cr_expect(WIFEXITED(status), "%#x", (unsigned)status);
	cr_expect(rig_processes(r, "/bin/sh") == 0);
	rig_free(r);
}

Test(crash, a_broken_config_on_hangup_keeps_the_old_one)
{
	struct rig *r = rig_new(NULL);
	struct job *reload;

	rig_write(r, "sigbox.conf", "[model]\nprovider=openai\nnonsense=1\n",
	    0644);
	reload = rig_run(r, "reload", NULL);
	cr_expect(reload->code == 78, "%d", reload->code);
	cr_expect(strstr(reload->err, "sigbox.conf:3:"), "%s", reload->err);
	rig_signal(r, SIGHUP);
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "hello",
	    NULL)->json, "text"), "echo: hello");
	cr_expect(strstr(rig_log(r), "sigbox.conf:3:"));
	rig_free(r);
}

static const char *
of_session(struct rig *r, const char *verb)
{
	return rig_ok(r, verb, "--json", NULL)->out;
}

Test(crash, a_session_and_its_default_mode_outlive_it)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });

	rig_ok(r, "say", "-s", "other", "hello", NULL);
	rig_ok(r, "say", "hello", NULL);
	rig_crash(r);
	rig_start(r);
	cr_expect(strstr(of_session(r, "sessions"), "\"other\""));
	cr_expect(strstr(of_session(r, "sessions"), "\"main\""));
	rig_ok(r, "say", "-s", "other", "once more", NULL);
	cr_expect(strcmp(rig_content(rig_last_request(r), -1UL),
	    "once more") == 0);
	cr_expect(json_array_size(rig_last_request(r)) >= 3);
	rig_free(r);
}
