/* `run`: a tool exactly as the model's call would, and its code: O1-O5. */
#include <criterion/criterion.h>
#include <signal.h>
#include <unistd.h>

#include "rig.h"

TestSuite(run, .timeout = 90);

#define RUN(r, ...)	rig_run(r, "run", __VA_ARGS__, NULL)
#define EXEC(r, command)	RUN(r, "exec", "--command", command)

Test(run, it_ends_with_the_tools_own_code)
{
	struct rig *r = rig_new(NULL);

	cr_expect(EXEC(r, "exit 0")->code == 0);
	cr_expect(EXEC(r, "exit 7")->code == 7);
	cr_expect(EXEC(r, "kill -KILL $$")->code == 128 + SIGKILL);
	cr_expect(EXEC(r, "kill -TERM $$")->code == 128 + SIGTERM);
	cr_expect(EXEC(r, "no-such-program")->code == 127);
	rig_free(r);
}

Test(run, out_and_err_stay_apart_and_whole)
{
	struct rig *r = rig_new(NULL);
	struct job *j = EXEC(r, "echo one; echo two >&2; printf three");

	cr_expect_str_eq(j->out, "one\nthree");
	cr_expect_str_eq(j->err, "two\n");
	j = EXEC(r, "head -c 3000000 /dev/zero | tr '\\0' x");
	cr_expect(j->nout == 3000000, "%zu", j->nout);
	rig_free(r);
}

Test(run, json_tells_the_end)
{
	struct rig *r = rig_new(NULL);
	struct job *j = RUN(r, "--json", "exec", "--command", "exit 3");
	json_t *last;

	last = json_array_get(rig_lines(j), json_array_size(rig_lines(j)) - 1);
	cr_expect_str_eq(rig_str(last, "tool"), "exec");
	cr_expect_str_eq(rig_str(last, "state"), "ended");
	cr_expect_str_eq(rig_str(last, "end"), "exited");
	cr_expect(rig_int(last, "code") == 3);
	cr_expect(json_is_null(json_object_get(last, "signal")));
	rig_free(r);
}

static struct rig *
with_tools(void)
{
	static char conf[1024];
	struct rig *r = rig_new(NULL);

	rig_write(r, "tools/greet.sh", "#!/bin/sh\n"
	    "# @describe Greet somebody.\n"
	    "# @option --name! <NAME>  Whom\n"
	    "# @option --times <INT>   How often\n"
	    "# @flag   --loud          Shout\n"
	    "echo \"hello $SIGBOX_ARG_NAME ${SIGBOX_ARG_TIMES:-1} "
	    "${SIGBOX_ARG_LOUD:-no}\"\necho \"args: $*\"\ncat\n", 0755);
	rig_write(r, "tools/broken.sh", "#!/bin/sh\n"
	    "# @describe Broken.\n# @option name\n# @meta timeout soon\n",
	    0755);
	rig_write(r, "tools/plain.txt", "no tool\n", 0644);
	rig_write(r, "tools/open.sh", "#!/bin/sh\n# @describe Open.\n", 0777);
	snprintf(conf, sizeof(conf), "%s[tasks]\ntools=%s\n",
	    rig_read(r, "sigbox.conf"), rig_path(r, "tools"));
	rig_write(r, "sigbox.conf", conf, 0644);
	rig_ok(r, "reload", NULL);
	return r;
}

Test(run, arguments_reach_a_tool_in_three_ways)
{
	struct rig *r = with_tools();
	struct job *j = RUN(r, "greet", "--name", "you there", "--times", "2",
	    "--loud");

	cr_expect(j->code == 0, "%s", j->err);
	cr_expect(strstr(j->out, "hello you there 2 true\n"), "%s", j->out);
	cr_expect(strstr(j->out, "args: --name you there --times 2 --loud\n"),
	    "%s", j->out);
	cr_expect(strstr(j->out, "\"name\":\"you there\""), "%s", j->out);
	rig_free(r);
}

Test(run, bad_arguments_start_nothing)
{
	struct rig *r = with_tools();
	struct job *j = RUN(r, "greet", "--times", "2");

	cr_expect(j->code != 0 && j->nout == 0);
	cr_expect(strstr(j->err, "name"), "%s", j->err);
	j = RUN(r, "greet", "--name", "x", "--times", "often");
	cr_expect(j->code != 0 && strstr(j->err, "times"), "%s", j->err);
	j = RUN(r, "greet", "--name", "x", "--colour", "red");
	cr_expect(j->code != 0 && strstr(j->err, "colour"), "%s", j->err);
	rig_free(r);
}

Test(run, a_model_calls_the_same_tool)
{
	struct rig *r = with_tools();
	struct job *j = rig_ok(r, "say", "--json",
	    "@call greet {\"name\":\"model\"}", NULL);

	cr_expect(strstr(rig_str(j->json, "text"), "hello model 1"), "%s",
	    j->out);
	rig_free(r);
}

Test(run, what_is_no_tool_is_said_to_be_none_and_why)
{
	struct rig *r = with_tools();
	struct job *j = rig_run(r, "tools", "--check", NULL);

	cr_expect(strstr(j->out, "broken") || strstr(j->err, "broken"));
	cr_expect(strstr(j->out, "open") || strstr(j->err, "open"));
	cr_expect(RUN(r, "open")->code != 0);
	cr_expect(RUN(r, "plain")->code != 0);
	cr_expect(RUN(r, "greet", "--name", "x")->code == 0);
	rig_free(r);
}

Test(run, progress_and_title_show_where_it_is)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");
	struct job *j = rig_spawn(r, "run", "exec", "--command",
	    "echo '42 half way' >&\"$SIGBOX_PROGRESS_FD\"; echo up >up; "
	    "read x <go", NULL);
	json_t *task;

	rig_told(up, "up\n");
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	task = rig_task(r, "t1");
	cr_expect(rig_int(task, "percent") == 42);
	cr_expect_str_eq(rig_str(task, "progress"), "half way");
	cr_expect(rig_process(r, "sigbox-worker: t1 exec [main]") > 0);
	cr_expect(rig_process(r, "sigboxd: supervisor: ") == r->pid);
	cr_assert(write(go, "x\n", 2) == 2);
	cr_expect(rig_finish(j)->code == 0);
	rig_free(r);
}

Test(run, a_stopped_client_leaves_the_task_and_the_wait_tells_its_code)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");
	struct job *j = rig_spawn(r, "run", "exec", "--command",
	    "echo up >up; read x <go; exit 9", NULL);

	rig_told(up, "up\n");
	rig_kill(j, SIGKILL);
	rig_finish(j);
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	cr_assert(write(go, "x\n", 2) == 2);
	cr_expect(rig_run(r, "wait", "t1", NULL)->code == 9);
	rig_free(r);
}

Test(run, a_user_is_answered_while_his_own_command_runs)
{
	struct rig *r = rig_new(NULL);
	int up = rig_fifo(r, "up");

	rig_spawn(r, "run", "exec", "--command", "echo up >up; sleep 600",
	    NULL);
	rig_told(up, "up\n");
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "Hello?",
	    NULL)->json, "text"), "echo: Hello?");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}
