/* What tasks print: log and run. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fake_supervisor.h"

#define RUNNING	"{\"id\":\"t7\",\"tool\":\"build\",\"state\":\"running\"," \
	"\"end\":null,\"code\":null}"
#define EXITED(code)	"{\"id\":\"t7\",\"tool\":\"build\"," \
	"\"state\":\"ended\",\"end\":\"exited\",\"code\":" code "}"

static struct fake s;
static struct frame f;

static void
start(void)
{
	fake_init(&s);
}

static void
stop(void)
{
	fake_fini(&s);
}

TestSuite(output, .init = start, .fini = stop, .timeout = 60);

/* The question for a stream from an offset on. */
static uint64_t
hear_log(const char *stream, uint64_t since)
{
	HEAR(&s, LOG);
	expect_bytes(f.log.id, "t7");
	expect_bytes(f.log.stream, stream);
	cr_expect_eq(f.log.since, since);
	return f.log.request;
}

static void
print(uint64_t request, uint64_t offset, const char *text)
{
	fake_output(&s, request, offset, bytes_of(text), false);
	fake_done(&s, request, 0, "");
}

static void
end_stream(uint64_t request, uint64_t offset)
{
	fake_output(&s, request, offset, BYTES(""), true);
	fake_done(&s, request, 0, "");
}

Test(output, log_asks_until_there_is_no_more_first_out_then_err)
{
	fake_run(&s, "log", "t7", NULL);
	print(hear_log("out", 0), 0, "one\n");
	cr_expect_not(f.log.wait);
	print(hear_log("out", 4), 4, "two\n");
	fake_done(&s, hear_log("out", 8), 0, "");
	print(hear_log("err", 0), 0, "oops\n");
	end_stream(hear_log("err", 5), 5);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "one\ntwo\noops\n");
}

Test(output, one_stream_from_an_offset_on)
{
	fake_run(&s, "log", "t7", "--err", "--since", "3", NULL);
	print(hear_log("err", 3), 3, "s\n");
	end_stream(hear_log("err", 5), 5);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "s\n");
}

Test(output, bytes_into_a_pipe_are_as_the_tool_wrote_them)
{
	static const char raw[] = "a\0b\xff\033[31m\r\n";
	uint64_t n;

	fake_run(&s, "log", "t7", "--out", NULL);
	n = hear_log("out", 0);
	fake_output(&s, n, 0, BYTES(raw), false);
	fake_done(&s, n, 0, "");
	end_stream(hear_log("out", sizeof(raw) - 1), sizeof(raw) - 1);
	cr_expect_eq(fake_end(&s), 0);
	cr_expect_eq(s.out.len, sizeof(raw) - 1);
	cr_expect_arr_eq(s.out.data, raw, sizeof(raw) - 1);
}

Test(output, a_character_cut_in_two_is_whole_on_a_terminal)
{
	fake_run_tty(&s, "log", "t7", "--out", NULL);
	print(hear_log("out", 0), 0, "caf\xc3");
	print(hear_log("out", 4), 4, "\xa9 \033[2Jau lait\n");
	end_stream(hear_log("out", 18), 18);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "caf\xc3\xa9 au lait\r\n");
}

Test(output, what_is_missing_is_said)
{
	uint64_t n;

	fake_run(&s, "log", "t7", "--out", NULL);
	n = hear_log("out", 0);
	f = (struct frame){ .type = FRAME_OUTPUT };
	f.output.request = n;
	f.output.offset = 500;
	f.output.lost = 490;
	f.output.data = BYTES("tail\n");
	fake_send(&s, &f);
	fake_done(&s, n, 0, "");
	end_stream(hear_log("out", 505), 505);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "tail\n");
	expect_text(s.err, "sigbox: t7: out: 490 bytes are missing in front "
	    "of byte 500\n");
}

Test(output, following_asks_for_both_streams_at_once)
{
	uint64_t out, err;

	fake_run(&s, "log", "-f", "t7", NULL);
	out = hear_log("out", 0);
	cr_expect(f.log.wait);
	err = hear_log("err", 0);
	print(err, 0, "warning\n");
	fake_printed(&s, "warning\n");
	err = hear_log("err", 8);
	print(out, 0, "done\n");
	fake_printed(&s, "done\n");
	end_stream(hear_log("out", 5), 5);
	end_stream(err, 8);
	cr_expect_eq(fake_end(&s), 0);
}

Test(output, an_unknown_task_is_told_once)
{
	uint64_t out, err;

	fake_run(&s, "log", "-f", "t7", NULL);
	out = hear_log("out", 0);
	err = hear_log("err", 0);
	fake_done(&s, out, 65, "t7: no such task");
	fake_done(&s, err, 65, "t7: no such task");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: log: t7: no such task\n");
}

Test(output, as_json_it_is_text_with_its_place)
{
	fake_run(&s, "log", "t7", "--out", "--json", NULL);
	print(hear_log("out", 0), 0, "a\"b\xff\n");
	end_stream(hear_log("out", 5), 5);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "{\"id\":\"t7\",\"stream\":\"out\",\"offset\":0,"
	    "\"lost\":0,\"text\":\"a\\\"b\xef\xbf\xbd\\n\"}\n");
}

static uint64_t
hear_run(const char *args)
{
	HEAR(&s, RUN);
	expect_bytes(f.run.tool, "build");
	expect_bytes(f.run.args, args);
	return f.run.request;
}

Test(output, run_passes_on_what_is_the_tools_and_ends_with_its_code)
{
	uint64_t n, out, err;

	fake_run(&s, "run", "-s", "work", "build", "--json", "--target",
	    "a\"b", "-s", NULL);
	n = hear_run("[\"--json\",\"--target\",\"a\\\"b\",\"-s\"]");
	expect_bytes(f.run.session, "work");
	expect_bytes(f.run.follow, "ended");
	fake_item(&s, n, RUNNING);
	out = hear_log("out", 0);
	err = hear_log("err", 0);
	print(out, 0, "compiling\n");
	fake_printed(&s, "compiling\n");
	out = hear_log("out", 10);
	print(err, 0, "careful\n");
	err = hear_log("err", 8);
	fake_item(&s, n, EXITED("3"));
	fake_done(&s, n, 3, "");
	/* The end was told before the last of the output: none may be lost. */
	print(out, 10, "linking\n");
	end_stream(hear_log("out", 18), 18);
	end_stream(err, 8);
	cr_expect_eq(fake_end(&s), 3);
	expect_text(s.out, "compiling\nlinking\n");
	expect_text(s.err, "careful\n");
}

Test(output, run_takes_the_code_from_the_tasks_end)
{
	uint64_t n;

	fake_run(&s, "run", "--json", "build", NULL);
	n = hear_run("[]");
	fake_item(&s, n, RUNNING);
	fake_item(&s, n, EXITED("9"));
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 9);
	expect_text(s.out, EXITED("9") "\n");
}

Test(output, an_end_that_is_no_exit_is_told)
{
	uint64_t n;

	fake_run(&s, "run", "build", NULL);
	n = hear_run("[]");
	fake_item(&s, n, RUNNING);
	end_stream(hear_log("out", 0), 0);
	end_stream(hear_log("err", 0), 0);
	fake_item(&s, n, "{\"id\":\"t7\",\"tool\":\"build\",\"state\":"
	    "\"ended\",\"end\":\"signaled\",\"signal\":11}");
	fake_done(&s, n, 139, "");
	cr_expect_eq(fake_end(&s), 139);
	expect_text(s.err, "sigbox: run: t7 build: signaled SEGV\n");
}

Test(output, run_detached_prints_the_id)
{
	uint64_t n;

	fake_run(&s, "run", "-d", "build", NULL);
	n = hear_run("[]");
	expect_bytes(f.run.follow, "admitted");
	fake_item(&s, n, RUNNING);
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "t7\n");
}

Test(output, an_argument_that_is_not_text_is_wrong_data)
{
	fake_run(&s, "run", "build", "--x", "\xff", NULL);
	cr_expect_eq(fake_end(&s), 65);
	expect_has(s.err, "not valid UTF-8");
	cr_expect_eq(s.fd, -1);
}

Test(output, an_unknown_tool_is_told)
{
	fake_run(&s, "run", "build", NULL);
	fake_done(&s, hear_run("[]"), 64, "build: no such tool");
	cr_expect_eq(fake_end(&s), 64);
	expect_text(s.err, "sigbox: run: build: no such tool\n");
}

Test(output, ctrl_c_stops_the_task_and_tells_how_it_ended)
{
	uint64_t n, out, err;

	fake_run(&s, "run", "build", NULL);
	n = hear_run("[]");
	fake_item(&s, n, RUNNING);
	out = hear_log("out", 0);
	err = hear_log("err", 0);
	cr_assert(kill(s.pid, SIGINT) == 0);
	HEAR(&s, STOP);
	expect_bytes(f.stop.id, "t7");
	fake_done(&s, f.stop.request, 0, "");
	end_stream(out, 0);
	end_stream(err, 0);
	fake_item(&s, n, "{\"id\":\"t7\",\"tool\":\"build\",\"state\":"
	    "\"ended\",\"end\":\"stopped\",\"signal\":15}");
	fake_done(&s, n, 143, "");
	cr_expect_eq(fake_end(&s), 143);
	expect_text(s.err, "sigbox: run: t7 build: stopped\n");
}

Test(output, a_second_ctrl_c_leaves_it_alone)
{
	uint64_t n;

	fake_run(&s, "run", "build", NULL);
	n = hear_run("[]");
	fake_item(&s, n, RUNNING);
	hear_log("out", 0);
	hear_log("err", 0);
	cr_assert(kill(s.pid, SIGINT) == 0);
	HEAR(&s, STOP);
	cr_assert(kill(s.pid, SIGINT) == 0);
	cr_expect_eq(fake_end(&s), 130);
	expect_text(s.err, "sigbox: run: left, sigboxd goes on with t7\n");
}
