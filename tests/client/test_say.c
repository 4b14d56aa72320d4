#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_supervisor.h"
#include "fd.h"
#include "xalloc.h"

#define ADMITTED	"{\"kind\":\"admitted\",\"session\":\"main\"," \
	"\"message\":\"m1\",\"seq\":4,\"mode\":\"now\"}"
#define ANSWERED	"{\"session\":\"main\",\"message\":\"m1\"," \
	"\"turn\":\"u1\",\"mode\":\"now\",\"outcome\":\"answered\"," \
	"\"text\":\"Hello there\",\"tasks\":[]}"

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

TestSuite(say, .init = start, .fini = stop, .timeout = 60);

static uint64_t
hear_say(const char *text)
{
	HEAR(&s, SAY);
	expect_bytes(f.say.text, text);
	fake_item(&s, f.say.request, ADMITTED);
	return f.say.request;
}

Test(say, the_frame_has_all_that_was_said)
{
	char *cwd = getcwd(NULL, 0);

	fake_run(&s, "say", "-s", "work", "-m", "interrupt", "--tools", "stop",
	    "--key", "k1", "--expect", "u4", "--", "-hello", "you", NULL);
	HEAR(&s, SAY);
	expect_bytes(f.say.session, "work");
	expect_bytes(f.say.mode, "interrupt");
	expect_bytes(f.say.tools, "stop");
	expect_bytes(f.say.key, "k1");
	expect_bytes(f.say.expect, "u4");
	expect_bytes(f.say.follow, "answered");
	expect_bytes(f.say.cwd, cwd);
	expect_bytes(f.say.text, "-hello you");
	fake_done(&s, f.say.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	free(cwd);
}

Test(say, the_answer_is_printed_while_it_comes)
{
	uint64_t n;

	fake_run(&s, "say", "hi", NULL);
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "Hello ");
	fake_printed(&s, "Hello ");
	fake_shown(&s, n, "u1", "there");
	fake_item(&s, n, ANSWERED);
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "Hello there\n");
	expect_text(s.err, "");
}

Test(say, an_answer_that_did_not_stream_is_printed_whole)
{
	uint64_t n;

	fake_run(&s, "say", "stop", NULL);
	n = hear_say("stop");
	fake_item(&s, n, "{\"outcome\":\"stopped\",\"turn\":null,"
	    "\"text\":\"stopped t1\"}");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "stopped t1\n");
}

Test(say, json_prints_the_one_object_at_the_end)
{
	uint64_t n;

	fake_run(&s, "say", "--json", "hi", NULL);
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "Hello ");
	fake_item(&s, n, ANSWERED);
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, ANSWERED "\n");
}

Test(say, detach_prints_the_id_and_returns)
{
	fake_run(&s, "say", "--detach", "hi", NULL);
	hear_say("hi");
	expect_bytes(f.say.follow, "admitted");
	fake_done(&s, f.say.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "m1\n");
}

Test(say, detach_with_json_prints_the_admission)
{
	fake_run(&s, "say", "--detach", "--json", "hi", NULL);
	fake_done(&s, hear_say("hi"), 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, ADMITTED "\n");
}

Test(say, wait_prints_what_its_tasks_lead_to)
{
	uint64_t n;

	fake_run(&s, "say", "--wait", "build", NULL);
	n = hear_say("build");
	expect_bytes(f.say.follow, "settled");
	fake_shown(&s, n, "u1", "I build.");
	fake_item(&s, n, "{\"turn\":\"u1\",\"outcome\":\"answered\","
	    "\"text\":\"I build.\",\"tasks\":[\"t1\"]}");
	fake_shown(&s, n, "u2", "It is ");
	fake_shown(&s, n, "u2", "built.");
	fake_item(&s, n, "{\"kind\":\"followup\",\"turn\":\"u2\","
	    "\"outcome\":\"answered\",\"text\":\"It is built.\"}");
	fake_item(&s, n, "{\"kind\":\"followup\",\"turn\":\"u3\","
	    "\"outcome\":\"answered\",\"text\":\"Bye.\"}");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "I build.\nIt is built.\nBye.\n");
}

Test(say, turns_do_not_share_a_line)
{
	uint64_t n;

	fake_run(&s, "say", "--wait", "build", NULL);
	n = hear_say("build");
	fake_shown(&s, n, "u1", "one");
	fake_shown(&s, n, "u2", "two");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "one\ntwo\n");
}

Test(say, a_turn_that_let_go_is_remarked_on_stderr)
{
	uint64_t n;

	fake_run(&s, "say", "build", NULL);
	n = hear_say("build");
	fake_item(&s, n, "{\"turn\":\"u1\",\"outcome\":\"detached\","
	    "\"text\":\"\",\"tasks\":[\"t1\",\"t2\"]}");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "");
	expect_has(s.err, "sigbox: say: the turn let go of t1, t2;");
}

Test(say, quiet_leaves_remarks_out)
{
	uint64_t n;

	fake_run(&s, "-q", "say", "build", NULL);
	n = hear_say("build");
	fake_item(&s, n, "{\"turn\":\"u1\",\"outcome\":\"detached\","
	    "\"text\":\"\",\"tasks\":[\"t1\"]}");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.err, "");
}

Test(say, a_refusal_is_75_and_has_words)
{
	fake_run(&s, "say", "-m", "reject", "hi", NULL);
	HEAR(&s, SAY);
	fake_done(&s, f.say.request, 75, "u4 is active");
	cr_expect_eq(fake_end(&s), 75);
	expect_text(s.err, "sigbox: say: u4 is active\n");
}

Test(say, stdin_is_the_message)
{
	fake_run(&s, "say", "-", NULL);
	fake_type(&s, "one\ntwo\n\n");
	fake_close_stdin(&s);
	fake_done(&s, hear_say("one\ntwo"), 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(say, an_empty_message_is_wrong_data)
{
	fake_run(&s, "say", " \n", NULL);
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: say: text: empty\n");
}

Test(say, an_empty_stdin_is_wrong_data)
{
	fake_run(&s, "say", "-", NULL);
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: say: text: empty\n");
}

Test(say, a_message_that_is_not_text_is_wrong_data)
{
	fake_run(&s, "say", "\xff\xfehello", NULL);
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: say: text: not valid UTF-8\n");
	cr_expect_eq(s.fd, -1);
}

static char *
big(size_t n)
{
	char *text = xmalloc(n + 1);

	memset(text, 'x', n);
	text[n] = '\0';
	return text;
}

/* It may stop reading before all is written. */
Test(say, a_huge_stdin_is_wrong_data)
{
	char *text = big((1 << 20) + 1);

	signal(SIGPIPE, SIG_IGN);
	fake_run(&s, "say", "-", NULL);
	fd_write_all(s.in, text, strlen(text));
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: say: stdin: longer than 1048576 bytes\n");
	free(text);
}

Test(say, a_mebibyte_is_a_message)
{
	char *text = big(1 << 20);

	fake_run(&s, "say", "-", NULL);
	fake_type(&s, text);
	fake_close_stdin(&s);
	fake_done(&s, hear_say(text), 0, "");
	cr_expect_eq(fake_end(&s), 0);
	free(text);
}

Test(say, detach_and_wait_exclude_each_other)
{
	fake_run(&s, "say", "-d", "-w", "hi", NULL);
	cr_expect_eq(fake_end(&s), 64);
}

Test(say, a_supervisor_that_vanishes_in_mid_sentence_is_69)
{
	fake_run(&s, "say", "hi", NULL);
	fake_shown(&s, hear_say("hi"), "u1", "Hello ");
	fake_vanish(&s);
	cr_expect_eq(fake_end(&s), 69);
	expect_text(s.out, "Hello \n");
	expect_text(s.err, "sigbox: say: the supervisor went away\n");
}

Test(say, an_error_has_a_line_of_its_own_on_a_terminal)
{
	uint64_t n;

	fake_run_tty(&s, "say", "hi", NULL);
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "Hel");
	fake_done(&s, n, 75, "the stream was cut");
	cr_expect_eq(fake_end(&s), 75);
	expect_text(s.out, "Hel\r\nsigbox: say: the stream was cut\r\n");
}

Test(say, ctrl_c_leaves_and_says_what_goes_on)
{
	uint64_t n;

	fake_run(&s, "say", "hi", NULL);
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "Hel");
	fake_printed(&s, "Hel");
	cr_assert(kill(s.pid, SIGINT) == 0);
	cr_expect_eq(fake_end(&s), 130);
	expect_text(s.out, "Hel\n");
	expect_text(s.err, "sigbox: say: left, sigboxd goes on with m1\n");
}

Test(say, text_into_a_pipe_is_as_the_model_wrote_it)
{
	uint64_t n;

	fake_run(&s, "say", "hi", NULL);
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "\033[31mred\033[m");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "\033[31mred\033[m\n");
}

Test(say, text_onto_a_terminal_does_not_command_it)
{
	uint64_t n;

	fake_run_tty(&s, "say", "hi", NULL);
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "\033[31mred\033]0;title\007 wine");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "red wine\r\n");
}
