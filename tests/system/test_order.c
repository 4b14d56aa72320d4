/* Whose turn it is, and after whom: T7; and what never began, T11. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

TestSuite(order, .timeout = 90);

#define RUN(r, ...)	rig_str(rig_ok(r, "run", "-d", "--json", __VA_ARGS__, \
			    NULL)->json, "id")
#define EXEC		"exec", "--command"

/* A task that stands in the way until it is told to end. */
static const char *
block(struct rig *r, int up, const char *end)
{
	char command[128];
	const char *id;

	snprintf(command, sizeof(command), "echo up >up; read x <go; %s", end);
	id = RUN(r, EXEC, command);
	rig_told(up, "up\n");
	rig_record(r, "state", "task", id, "state", "running", NULL);
	return id;
}

static void
let_go(int go)
{
	cr_assert(write(go, "x\n", 2) == 2);
}

/* The tasks that have begun, in order: "t1 t3 t2". */
static const char *
starts(struct rig *r)
{
	json_t *all = rig_records(r), *record;
	char text[4096] = "";
	size_t i;

	json_array_foreach(all, i, record)
		if (strcmp(rig_str(record, "kind"), "state") == 0 &&
		    strcmp(rig_str(record, "state"), "starting") == 0)
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%s%s",
			    text[0] == '\0' ? "" : " ",
			    rig_str(record, "task"));
	return rig_keep(r, strdup(text));
}

static const char *
why(struct rig *r, const char *id)
{
	return rig_str(rig_task(r, id), "why");
}

static void
check_end(struct rig *r, const char *id, const char *end, const char *words)
{
	json_t *task;

	rig_run(r, "wait", id, NULL);
	task = rig_task(r, id);
	cr_expect_str_eq(rig_str(task, "end"), end, "%s", id);
	cr_expect_str_eq(rig_str(task, "why"), words, "%s", id);
}

static struct rig *
one_at_a_time(int *up, int *go)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_session=1\n" });

	*up = rig_fifo(r, "up");
	*go = rig_fifo(r, "go");
	return r;
}

Test(order, after_others_if_they_ended_well)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");
	const char *id;

	block(r, up, "exit 0");
	id = RUN(r, "--after", "t1", EXEC, "true");
	RUN(r, "--after", "t1,t2", EXEC, "exit 4");
	RUN(r, "--after", "t3", EXEC, "true");
	RUN(r, "--after", "t4", EXEC, "true");
	RUN(r, "--after", "t4,t3", "--after-if", "any", EXEC, "exit 0");
	cr_expect_str_eq(id, "t2");
	cr_expect_str_eq(why(r, "t2"), "after t1");
	cr_expect_str_eq(why(r, "t6"), "after t4, t3");
	cr_expect(strstr(rig_ok(r, "tasks", NULL)->out, "after t1, t2\n"));
	let_go(go);
	check_end(r, "t2", "exited", "");
	check_end(r, "t4", "refused", "t3 ended with code 4");
	check_end(r, "t5", "refused", "t4 was refused");
	check_end(r, "t6", "exited", "");
	cr_expect_str_eq(starts(r), "t1 t2 t3 t6");
	rig_free(r);
}

Test(order, one_that_has_ended_counts_at_once)
{
	struct rig *r = rig_new(NULL);

	cr_expect(rig_run(r, "run", EXEC, "exit 3", NULL)->code == 3);
	cr_expect(rig_run(r, "run", EXEC, "true", NULL)->code == 0);
	RUN(r, "--after", "t1", EXEC, "true");
	check_end(r, "t3", "refused", "t1 ended with code 3");
	RUN(r, "--after", "t2", EXEC, "true");
	check_end(r, "t4", "exited", "");
	RUN(r, "--after", "t1", "--after-if", "any", EXEC, "true");
	check_end(r, "t5", "exited", "");
	rig_free(r);
}

Test(order, nobody_waits_for_what_is_not_there)
{
	struct rig *r = rig_new(NULL);
	struct job *j;

	j = rig_run(r, "run", "--after", "t9", EXEC, "true", NULL);
	cr_expect(j->code == 65 && strstr(j->err, "there is no such task"));
	rig_ok(r, "-s", "other", "run", EXEC, "true", NULL);
	j = rig_run(r, "run", "--after", "t1", EXEC, "true", NULL);
	cr_expect(j->code == 65 && strstr(j->err, "in this session"));
	j = rig_run(r, "run", "--after", "soon", EXEC, "true", NULL);
	cr_expect(j->code == 65 && strstr(j->err, "not a task's id"));
	rig_free(r);
}

Test(order, a_waiting_task_is_moved_and_a_started_one_is_not)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	struct job *j;

	block(r, up, "exit 0");
	RUN(r, EXEC, "true");
	RUN(r, EXEC, "true");
	RUN(r, EXEC, "true");
	RUN(r, "--priority", "low", EXEC, "true");
	RUN(r, "--priority", "high", EXEC, "true");
	cr_expect_str_eq(why(r, "t2"), "1 task of this session runs, its limit");
	rig_ok(r, "move", "t4", "--first", NULL);
	rig_ok(r, "move", "t2", "--last", NULL);
	j = rig_ok(r, "move", "--json", "t5", "--priority", "normal", NULL);
	cr_expect_str_eq(rig_str(j->json, "priority"), "normal");
	j = rig_run(r, "move", "t2", "--expect", "running", "--first", NULL);
	cr_expect(j->code == 75, "%s", j->err);
	j = rig_run(r, "move", "t1", "--first", NULL);
	cr_expect(j->code == 65 && strstr(j->err, "it is running"), "%s",
	    j->err);
	cr_expect(rig_run(r, "move", "t2", NULL)->code == 65);
	let_go(go);
	rig_run(r, "wait", "t2", "t3", "t4", "t5", "t6", NULL);
	cr_expect_str_eq(starts(r), "t1 t6 t4 t3 t5 t2");
	j = rig_run(r, "move", "t2", "--first", NULL);
	cr_expect(j->code == 65 && strstr(j->err, "it has ended"), "%s", j->err);
	rig_free(r);
}

Test(order, no_task_is_made_to_wait_for_itself)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	struct job *j;

	block(r, up, "exit 0");
	RUN(r, EXEC, "true");
	RUN(r, "--after", "t2", EXEC, "true");
	j = rig_run(r, "move", "t2", "--after", "t3", NULL);
	cr_expect(j->code == 65 && strstr(j->err, "wait for itself"), "%s",
	    j->err);
	j = rig_ok(r, "move", "t3", "--after", "none", NULL);
	cr_expect(strstr(j->out, "after t2") == NULL, "%s", j->out);
	j = rig_ok(r, "move", "t2", "--after", "t3", NULL);
	cr_expect(strstr(j->out, "queued, after t3"), "%s", j->out);
	let_go(go);
	rig_run(r, "wait", "t2", "t3", NULL);
	cr_expect_str_eq(starts(r), "t1 t3 t2");
	rig_free(r);
}

Test(order, a_model_says_it_too)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	json_t *task;

	block(r, up, "exit 0");
	RUN(r, EXEC, "true");
	rig_ok(r, "say", "-d", "@call exec {\"command\":\"true\","
	    "\"after\":[\"t2\"],\"after_if\":\"any\",\"priority\":\"high\"}",
	    NULL);
	rig_record(r, "task", "task", "t3", NULL);
	task = rig_task(r, "t3");
	cr_expect_str_eq(rig_str(task, "priority"), "high");
	cr_expect_str_eq(rig_str(task, "after_if"), "any");
	cr_expect_str_eq(rig_str(task, "why"), "after t2");
	rig_ok(r, "say", "@call task_move {\"id\":\"t3\",\"first\":true,"
	    "\"after\":[\"none\"]}", NULL);
	cr_expect(strstr(rig_str(rig_ok(r, "say", "--json",
	    "@call exec {\"command\":\"true\",\"after\":[\"t77\"]}",
	    NULL)->json, "text"), "no such task"));
	let_go(go);
	rig_run(r, "wait", "t2", "t3", NULL);
	cr_expect_str_eq(starts(r), "t1 t3 t2");
	rig_free(r);
}

Test(order, a_suspended_task_lends_its_place_and_waits_to_go_on)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	struct job *resume;
	json_t *task;

	rig_fifo(r, "go2");
	block(r, up, "exit 5");
	RUN(r, EXEC, "read x <go2");
	RUN(r, EXEC, "true");
	rig_ok(r, "suspend", "t1", NULL);
	rig_record(r, "state", "task", "t2", "state", "starting", NULL);
	resume = rig_spawn(r, "resume", "--json", "t1", NULL);
	while (strstr(why(r, "t1"), "a place") == NULL)
		continue;
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "state"), "suspended");
	cr_expect_str_eq(rig_str(task, "why"), "waits for a place to go on: "
	    "1 task of this session runs, its limit");
	cr_expect(resume->code == -1);
	rig_ok(r, "stop", "--now", "t2", NULL);
	cr_expect(rig_finish(resume)->code == 0, "%s", resume->err);
	cr_expect_str_eq(rig_str(resume->json, "state"), "running");
	cr_expect_str_eq(rig_str(rig_task(r, "t3"), "state"), "queued");
	let_go(go);
	cr_expect(rig_run(r, "wait", "t1", NULL)->code == 5);
	rig_ok(r, "wait", "t3", NULL);
	rig_free(r);
}

/* And who waited for it to go on is told so. */
Test(order, a_suspension_takes_a_resume_back)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	struct job *resume;

	block(r, up, "exit 0");
	rig_ok(r, "suspend", "t1", NULL);
	block(r, up, "exit 0");
	resume = rig_spawn(r, "resume", "--json", "t1", NULL);
	while (strstr(why(r, "t1"), "a place") == NULL)
		continue;
	cr_expect(resume->code == -1);
	rig_ok(r, "suspend", "t1", NULL);
	rig_finish(resume);
	cr_expect_str_eq(rig_str(resume->json, "state"), "suspended");
	rig_ok(r, "stop", "--now", "t2", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "suspended");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(order, a_stop_waits_for_no_place)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);

	block(r, up, "exit 0");
	rig_ok(r, "suspend", "t1", NULL);
	block(r, up, "exit 0");
	rig_spawn(r, "resume", "t1", NULL);
	while (strstr(why(r, "t1"), "a place") == NULL)
		continue;
	rig_ok(r, "stop", "t1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "state"), "running");
	let_go(go);
	rig_ok(r, "wait", "t2", NULL);
	rig_ok(r, "run", EXEC, "true", NULL);
	rig_free(r);
}

Test(order, a_place_is_held_where_the_configuration_says_so)
{
	int up, go;
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_user=1\nsuspended_hold=yes\n" });

	up = rig_fifo(r, "up");
	go = rig_fifo(r, "go");
	block(r, up, "exit 0");
	RUN(r, "-s", "other", EXEC, "true");
	rig_ok(r, "suspend", "t1", NULL);
	cr_expect_str_eq(why(r, "t2"), "1 task of this user runs, the user's "
	    "limit");
	rig_ok(r, "resume", "t1", NULL);
	let_go(go);
	rig_ok(r, "wait", "t1", "t2", NULL);
	rig_free(r);
}

Test(order, what_never_began_is_in_line_again_after_a_crash)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	char command[64], expected[256] = "t1 t22";
	int i;

	block(r, up, "exit 0");
	for (i = 2; i <= 21; i++) {
		snprintf(command, sizeof(command), "echo %d >>log", i);
		RUN(r, EXEC, command);
		if (i < 21)
			snprintf(expected + strlen(expected), 16, " t%d", i);
	}
	RUN(r, "--priority", "high", EXEC, "echo 22 >>log");
	RUN(r, "--after", "t1", EXEC, "echo 23 >>log");
	RUN(r, "--after", "t1", "--after-if", "any", EXEC, "true");
	rig_ok(r, "move", "t21", "--last", NULL);
	rig_crash(r);
	rig_start(r);
	check_end(r, "t24", "exited", "");
	check_end(r, "t23", "refused", "t1 was lost");
	rig_ok(r, "wait", "t21", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "lost");
	strcat(expected, " t24 t21");
	cr_expect_str_eq(starts(r), expected);
	cr_expect_str_eq(rig_read(r, "work/log"), "22\n2\n3\n4\n5\n6\n7\n8\n9\n"
	    "10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n");
	rig_free(r);
}

Test(order, who_was_to_run_after_a_later_one_learns_of_its_loss)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up");

	rig_fifo(r, "go");
	block(r, up, "exit 0");
	RUN(r, "--after", "t1", EXEC, "true");
	block(r, up, "exit 0");
	rig_ok(r, "move", "t2", "--after", "t3", "--after-if", "any", NULL);
	rig_crash(r);
	rig_start(r);
	check_end(r, "t2", "exited", "");
	rig_free(r);
}

/* Its call is still held, so the model learns the result and no loss. */
Test(order, a_turn_goes_on_with_what_never_began)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);
	json_t *messages;

	block(r, up, "exit 0");
	rig_ok(r, "say", "-d", rig_call(r, "echo it ran"), NULL);
	rig_record(r, "task", "task", "t2", NULL);
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "wait", "t2", NULL);
	rig_ok(r, "say", "-m", "queue", "Well?", NULL);
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t2") == 0);
	cr_expect(strstr(rig_content(messages, 3), "it ran"), "%s",
	    rig_content(messages, 3));
	rig_free(r);
}

Test(order, what_was_approved_and_did_not_begin_needs_no_second_word)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_session=1\n[tool exec]\nconfirm=yes\n" });
	int up = rig_fifo(r, "up");

	rig_fifo(r, "go");
	block(r, up, "exit 0");
	rig_ok(r, "say", rig_call(r, "echo it ran >>log"), NULL);
	rig_ok(r, "approve", "a1", NULL);
	cr_expect_str_eq(why(r, "t2"), "1 task of this session runs, its limit");
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "wait", "t2", NULL);
	cr_expect_str_eq(rig_read(r, "work/log"), "it ran\n");
	rig_free(r);
}

/* Whom root's tools become is not for the folder's next owner to say (B3). */
Test(order, a_folder_that_changed_hands_meanwhile_is_another_one)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);

	if (geteuid() != 0) {
		rig_free(r);
		cr_skip_test("it takes root to give a folder away");
	}
	block(r, up, "exit 0");
	RUN(r, EXEC, "true");
	rig_crash(r);
	cr_assert(chown(rig_path(r, "work"), 12345, 12345) == 0);
	rig_start(r);
	rig_run(r, "wait", "t2", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "refused");
	cr_expect(strstr(why(r, "t2"), "the working folder was replaced"),
	    "%s", why(r, "t2"));
	rig_free(r);
}

Test(order, what_is_suspended_before_its_turn_does_not_begin)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);

	block(r, up, "exit 0");
	RUN(r, EXEC, "true");
	RUN(r, EXEC, "true");
	cr_expect_str_eq(rig_str(rig_ok(r, "suspend", "--json", "t2",
	    NULL)->json, "state"), "queued");
	cr_expect_str_eq(why(r, "t2"), "it is suspended");
	let_go(go);
	check_end(r, "t3", "exited", "");
	cr_expect_str_eq(starts(r), "t1 t3");
	rig_ok(r, "resume", "t2", NULL);
	check_end(r, "t2", "exited", "");
	rig_free(r);
}

Test(order, what_is_suspended_before_its_turn_is_so_after_a_crash)
{
	int up, go;
	struct rig *r = one_at_a_time(&up, &go);

	block(r, up, "exit 0");
	RUN(r, EXEC, "true");
	RUN(r, EXEC, "true");
	rig_ok(r, "suspend", "t2", NULL);
	rig_crash(r);
	rig_start(r);
	check_end(r, "t3", "exited", "");
	cr_expect_str_eq(why(r, "t2"), "it is suspended");
	rig_ok(r, "resume", "t2", NULL);
	check_end(r, "t2", "exited", "");
	cr_expect_str_eq(starts(r), "t1 t3 t2");
	rig_free(r);
}
