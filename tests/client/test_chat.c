#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_supervisor.h"
#include "xalloc.h"

static struct fake s;
static struct frame f;
static uint64_t events;		/* the question that is followed */

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

TestSuite(chat, .init = start, .fini = stop, .timeout = 60);

/* A session that is there: chat asks for it and follows it from now on. */
static void
begin(void)
{
	HEAR(&s, SESSIONS);
	fake_item(&s, f.sessions.request, "{\"name\":\"other\",\"last\":99}");
	fake_item(&s, f.sessions.request, "{\"name\":\"main\",\"last\":41}");
	fake_done(&s, f.sessions.request, 0, "");
	HEAR(&s, EVENTS);
	events = f.events.request;
}

static uint64_t
hear_say(const char *text)
{
	HEAR(&s, SAY);
	expect_bytes(f.say.text, text);
	return f.say.request;
}

static void
answer(uint64_t request, const char *turn, const char *text, int status)
{
	char *json = xasprintf("{\"turn\":\"%s\",\"outcome\":\"answered\","
	    "\"text\":\"%s\",\"tasks\":[]}", turn, text);

	fake_item(&s, request, json);
	fake_done(&s, request, (uint64_t)status, "");
	free(json);
}

Test(chat, no_verb_means_talk)
{
	fake_run(&s, NULL);
	begin();
	cr_expect(f.events.follow);
	cr_expect(f.events.text);
	cr_expect_eq(f.events.since, 41);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "");
}

Test(chat, a_second_line_is_sent_while_the_first_is_unanswered)
{
	uint64_t one, two;

	fake_run(&s, "chat", "-m", "steer", NULL);
	begin();
	fake_type(&s, "one\n");
	one = hear_say("one");
	expect_bytes(f.say.mode, "steer");
	expect_bytes(f.say.follow, "answered");
	fake_type(&s, "two\n");
	two = hear_say("two");
	fake_close_stdin(&s);
	answer(two, "u2", "second", 0);
	fake_printed(&s, "second\n");
	answer(one, "u1", "first", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "second\nfirst\n");
}

Test(chat, lines_that_come_at_once_are_messages_of_their_own)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "one\n\n  \n two\nthree");
	fake_close_stdin(&s);
	answer(hear_say("one"), "u1", "1", 0);
	answer(hear_say(" two"), "u2", "2", 0);
	answer(hear_say("three"), "u3", "3", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "1\n2\n3\n");
}

Test(chat, the_exit_code_is_that_of_the_last_line)
{
	uint64_t one, two;

	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "one\ntwo\n");
	one = hear_say("one");
	two = hear_say("two");
	fake_close_stdin(&s);
	answer(two, "u2", "2", 0);
	fake_done(&s, one, 75, "u1 is active");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.err, "sigbox: chat: u1 is active\n");
}

Test(chat, text_streams_and_is_not_said_twice)
{
	uint64_t n;

	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "hi\n");
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "Hel");
	fake_printed(&s, "Hel");
	/* The session's stream brings the same text. */
	fake_shown(&s, events, "u1", "Hel");
	fake_shown(&s, n, "u1", "lo");
	fake_shown(&s, events, "u1", "lo");
	answer(n, "u1", "Hello", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "Hello\n");
}

Test(chat, a_new_message_does_not_break_the_line_of_an_answer)
{
	uint64_t one;

	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "one\n");
	one = hear_say("one");
	fake_shown(&s, one, "u1", "Hel");
	fake_printed(&s, "Hel");
	fake_type(&s, "two\n");
	fake_done(&s, hear_say("two"), 0, "");
	fake_shown(&s, one, "u1", "lo");
	answer(one, "u1", "", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "Hello\n");
}

Test(chat, two_answers_never_mix_inside_a_line)
{
	uint64_t one, two;

	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "one\ntwo\n");
	one = hear_say("one");
	two = hear_say("two");
	fake_shown(&s, one, "u1", "alpha ");
	fake_shown(&s, two, "u2", "one ");
	fake_shown(&s, one, "u1", "beta\ngam");
	fake_shown(&s, two, "u2", "two\nthr");
	fake_shown(&s, one, "u1", "ma\nomega");
	answer(one, "u1", "", 0);
	fake_shown(&s, two, "u2", "ee");
	answer(two, "u2", "", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "alpha \n[u1] beta\n[u2] one two\n[u1] gamma\n"
	    "[u1] omega\n[u2] three\n");
}

Test(chat, what_nobody_asked_for_is_shown_too)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_item(&s, events, "{\"kind\":\"snapshot\",\"tasks\":[{\"id\":"
	    "\"t1\",\"tool\":\"old\",\"started_at\":100}]}");
	fake_item(&s, events, "{\"kind\":\"task\",\"task\":\"t7\",\"tool\":"
	    "\"exec\",\"time\":100}");
	fake_item(&s, events, "{\"kind\":\"state\",\"task\":\"t7\",\"state\":"
	    "\"running\",\"time\":101,\"why\":\"\"}");
	fake_item(&s, events, "{\"kind\":\"event\",\"task\":\"t7\","
	    "\"about\":\"prompt\"}");
	fake_item(&s, events, "{\"kind\":\"event\",\"task\":\"t7\","
	    "\"about\":\"end\"}");
	fake_item(&s, events, "{\"kind\":\"end\",\"task\":\"t7\",\"end\":"
	    "\"exited\",\"code\":0,\"signal\":0,\"time\":113}");
	fake_item(&s, events, "{\"kind\":\"end\",\"task\":\"t1\",\"end\":"
	    "\"timed-out\",\"code\":0,\"signal\":15,\"time\":160}");
	fake_shown(&s, events, "u9", "t7 is done");
	fake_item(&s, events, "{\"kind\":\"finished\",\"turn\":\"u9\","
	    "\"outcome\":\"answered\"}");
	fake_shown(&s, events, "u10", "more");
	fake_printed(&s, "more");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "[t7 exec running]\n"
	    "[t7 exec waits for input]\n"
	    "[t7 exec exited 0 after 12 s]\n[t1 old timed-out after "
	    "1 min 0 s]\nt7 is done\nmore\n");
}

Test(chat, a_session_that_is_new_is_followed_from_its_first_message)
{
	uint64_t n;

	fake_run(&s, "-s", "fresh", NULL);
	HEAR(&s, SESSIONS);
	fake_done(&s, f.sessions.request, 0, "");
	fake_type(&s, "hi\n");
	n = hear_say("hi");
	expect_bytes(f.say.session, "fresh");
	fake_item(&s, n, "{\"kind\":\"admitted\",\"message\":\"m1\","
	    "\"seq\":5}");
	HEAR(&s, EVENTS);
	expect_bytes(f.events.session, "fresh");
	cr_expect_eq(f.events.since, 5);
	answer(n, "u1", "hello", 0);
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, stop_is_for_the_supervisor_to_act_on)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "stop\n/stop\n/stop t7\n");
	answer(hear_say("stop"), "", "nothing to stop", 0);
	answer(hear_say("/stop"), "", "nothing to stop", 0);
	HEAR(&s, STOP);
	expect_bytes(f.stop.id, "t7");
	fake_item(&s, f.stop.request, "{\"id\":\"t7\",\"tool\":\"exec\","
	    "\"state\":\"ended\",\"end\":\"stopped\"}");
	fake_done(&s, f.stop.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "nothing to stop\nnothing to stop\n"
	    "[t7 exec: stopped]\n");
}

Test(chat, an_unknown_word_is_refused_with_a_hint)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "/frob t7\n /frob t7\n");
	answer(hear_say(" /frob t7"), "u1", "ok", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_has(s.err, "sigbox: chat: /frob: no such word; with a blank "
	    "in front it is sent as text\n");
}

Test(chat, an_unknown_word_at_the_end_is_wrong_usage)
{
	fake_run(&s, "chat", NULL);
	fake_type(&s, "/frob\n");
	begin();
	cr_expect_eq(fake_end(&s), 64);
}

Test(chat, tasks_are_listed_and_suspended)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "/tasks\n/suspend t7\n/resume\n");
	HEAR(&s, TASKS);
	fake_item(&s, f.tasks.request, "{\"id\":\"t7\",\"session\":\"main\","
	    "\"tool\":\"exec\",\"state\":\"running\",\"pid\":1}");
	fake_done(&s, f.tasks.request, 0, "");
	fake_printed(&s, "ID  SESSION  TOOL  STATE    PID  AGE  PROGRESS\n"
	    "t7  main     exec  running  1    -    -\n");
	HEAR(&s, SUSPEND);
	expect_bytes(f.suspend.id, "t7");
	fake_done(&s, f.suspend.request, 0, "");
	cr_expect_eq(fake_end(&s), 64);
	expect_has(s.err, "/resume: something is missing");
}

Test(chat, consent_is_asked_for_and_given_by_a_word)
{
	fake_run(&s, NULL);
	begin();
	fake_item(&s, events, "{\"kind\":\"approval\",\"approval\":\"a5\","
	    "\"task\":\"t7\",\"tool\":\"wipe\",\"args\":\"{\\\"what\\\":1}\","
	    "\"cwd\":\"/srv\",\"profile\":\"none\"}");
	fake_printed(&s, "[a5 wipe (t7) waits for consent: {\"what\":1} in "
	    "/srv, profile none; /approve a5 or /deny a5]\n");
	fake_type(&s, "/deny a5 not now\n/approve a6\n");
	HEAR(&s, ANSWER);
	expect_bytes(f.answer.id, "a5");
	expect_bytes(f.answer.reason, "not now");
	cr_expect_not(f.answer.approve);
	fake_item(&s, events, "{\"kind\":\"answer\",\"approval\":\"a5\","
	    "\"state\":\"denied\",\"by\":\"uid 0\",\"why\":\"not now\"}");
	fake_printed(&s, "[a5 denied by uid 0: not now]\n");
	fake_done(&s, f.answer.request, 0, "");
	HEAR(&s, ANSWER);
	expect_bytes(f.answer.id, "a6");
	cr_expect(f.answer.approve);
	fake_done(&s, f.answer.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, who_comes_later_is_asked_too)
{
	fake_run(&s, NULL);
	begin();
	fake_item(&s, events, "{\"kind\":\"snapshot\",\"approvals\":[{"
	    "\"id\":\"a5\",\"task\":\"t7\",\"tool\":\"wipe\",\"args\":"
	    "{\"what\":1},\"cwd\":\"/srv\",\"profile\":\"none\"}]}");
	fake_printed(&s, "[a5 wipe (t7) waits for consent: {\"what\":1} in "
	    "/srv, profile none; /approve a5 or /deny a5]\n");
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, what_a_sub_agent_asks_consent_for_is_asked_once)
{
	static const char *const approval = "{\"seq\":45,\"kind\":"
	    "\"approval\",\"approval\":\"a5\",\"task\":\"t8\",\"tool\":"
	    "\"wipe\",\"args\":{},\"cwd\":\"/srv\",\"profile\":\"none\"}";
	uint64_t below;

	fake_run(&s, NULL);
	begin();
	fake_item(&s, events, "{\"seq\":43,\"kind\":\"task\",\"task\":"
	    "\"t7\",\"tool\":\"agent\"}");
	fake_item(&s, events, "{\"kind\":\"state\",\"task\":\"t7\","
	    "\"state\":\"running\",\"time\":1}");
	HEAR(&s, SHOW);
	expect_bytes(f.show.id, "t7");
	fake_item(&s, f.show.request, "{\"id\":\"t7\",\"agent\":"
	    "\"main.t7\"}");
	fake_done(&s, f.show.request, 0, "");
	HEAR(&s, EVENTS);
	expect_bytes(f.events.session, "main.t7");
	cr_expect_eq(f.events.since, 43);
	cr_expect(f.events.follow);
	below = f.events.request;
	fake_item(&s, below, "{\"kind\":\"snapshot\",\"approvals\":[{"
	    "\"id\":\"a5\",\"task\":\"t8\",\"tool\":\"wipe\",\"args\":{},"
	    "\"cwd\":\"/srv\",\"profile\":\"none\"}]}");
	fake_item(&s, below, approval);
	fake_item(&s, below, "{\"kind\":\"answer\",\"approval\":\"a5\","
	    "\"state\":\"approved\",\"by\":\"uid 0\"}");
	fake_printed(&s, "[t7 agent running]\n[a5 wipe (t8) waits for consent: "
	    "{} in /srv, profile none; /approve a5 or /deny a5]\n"
	    "[a5 approved by uid 0]\n");
	fake_item(&s, events, "{\"kind\":\"end\",\"task\":\"t7\","
	    "\"state\":\"ended\",\"end\":\"exited\",\"code\":0}");
	HEAR(&s, CANCEL);
	cr_expect_eq(f.cancel.which, below);
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, a_watch_and_a_place_in_line_have_words)
{
	fake_run(&s, NULL);
	begin();
	fake_type(&s, "/watch t7 on [0-9]+\n/first t8\n");
	HEAR(&s, WATCH);
	expect_bytes(f.watch.id, "t7");
	expect_bytes(f.watch.pattern, "on [0-9]+");
	fake_done(&s, f.watch.request, 0, "");
	HEAR(&s, MOVE);
	expect_bytes(f.move.id, "t8");
	expect_bytes(f.move.place, "first");
	fake_done(&s, f.move.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, a_line_that_a_remark_has_ended_is_not_ended_again)
{
	fake_run(&s, NULL);
	begin();
	fake_shown(&s, events, "u3", "first");
	fake_item(&s, events, "{\"kind\":\"state\",\"task\":\"t7\","
	    "\"state\":\"suspended\"}");
	fake_shown(&s, events, "u3", "\n");
	fake_shown(&s, events, "u3", "second\n");
	fake_shown(&s, events, "u3", "\n");
	fake_shown(&s, events, "u3", "third\n");
	fake_printed(&s, "first\n[t7 suspended]\nsecond\n\nthird\n");
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, the_end_of_a_log_is_shown)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "/log t7\n");
	HEAR(&s, SHOW);
	fake_item(&s, f.show.request, "{\"id\":\"t7\",\"out_bytes\":10000,"
	    "\"err_bytes\":0}");
	fake_done(&s, f.show.request, 0, "");
	HEAR(&s, LOG);
	expect_bytes(f.log.stream, "out");
	cr_expect_eq(f.log.since, 10000 - 4096);
	fake_output(&s, f.log.request, f.log.since, BYTES("tail"), false);
	fake_done(&s, f.log.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "[the last 4096 of 10000 bytes of out; "
	    "sigbox log t7 has all]\ntail\n");
}

Test(chat, the_mode_is_changed_and_a_side_question_has_its_own)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "/mode queue\n/ask why?\nlater\n/mode soon\n");
	answer(hear_say("why?"), "u1", "so", 0);
	expect_bytes(f.say.mode, "ask");
	answer(hear_say("later"), "u2", "ok", 0);
	expect_bytes(f.say.mode, "queue");
	cr_expect_eq(fake_end(&s), 64);
	expect_has(s.err, "/mode soon: it is one of now|");
}

Test(chat, quit_waits_for_nothing)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "hi\n/quit\nnever\n");
	hear_say("hi");
	cr_expect_eq(fake_end(&s), 0);
}

Test(chat, json_is_one_object_for_each_message)
{
	uint64_t n;

	fake_run(&s, "chat", "--json", NULL);
	fake_type(&s, "hi\n");
	n = hear_say("hi");
	fake_item(&s, n, "{\"kind\":\"admitted\",\"message\":\"m1\"}");
	fake_shown(&s, n, "u1", "Hel");
	fake_item(&s, n, "{\"turn\":\"u1\",\"text\":\"Hello\"}");
	fake_done(&s, n, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "{\"turn\":\"u1\",\"text\":\"Hello\"}\n");
}

Test(chat, a_line_that_is_not_text_is_refused_and_the_rest_is_sent)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "\xff\xfe\nhi\n");
	answer(hear_say("hi"), "u1", "ok", 0);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.err, "sigbox: chat: text: not valid UTF-8\n");
}

Test(chat, a_supervisor_that_vanishes_ends_it)
{
	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "hi\n");
	fake_shown(&s, hear_say("hi"), "u1", "Hel");
	fake_printed(&s, "Hel");
	fake_vanish(&s);
	cr_expect_eq(fake_end(&s), 69);
	expect_text(s.err, "sigbox: chat: the supervisor went away\n");
}

Test(chat, ctrl_c_cuts_the_reply_and_a_second_one_leaves)
{
	uint64_t n;

	fake_run(&s, "chat", NULL);
	begin();
	fake_type(&s, "hi\n");
	n = hear_say("hi");
	fake_shown(&s, n, "u1", "Hel");
	fake_printed(&s, "Hel");
	cr_assert(kill(s.pid, SIGINT) == 0);
	HEAR(&s, INTERRUPT);
	expect_bytes(f.interrupt.tools, "keep");
	fake_item(&s, f.interrupt.request, "{\"turns\":[{\"turn\":\"u1\","
	    "\"was\":\"streaming\"}],\"tasks\":[],\"queued\":[]}");
	fake_printed(&s, "[cut: u1 streaming]\n");
	cr_assert(kill(s.pid, SIGINT) == 0);
	cr_expect_eq(fake_end(&s), 130);
}

Test(chat, on_a_terminal_there_is_a_prompt_and_a_farewell)
{
	fake_run_tty(&s, NULL);
	begin();
	fake_printed(&s, "session main");
	fake_printed(&s, "> ");
	fake_type(&s, "hi\n");
	answer(hear_say("hi"), "u1", "hello", 0);
	fake_printed(&s, "hello\r\n> ");
	fake_type(&s, "\004");
	HEAR(&s, TASKS);
	fake_item(&s, f.tasks.request, "{\"id\":\"t1\"}");
	fake_item(&s, f.tasks.request, "{\"id\":\"t2\"}");
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_has(s.out, "[sigboxd and 2 tasks go on]\r\n");
}

Test(chat, errors_have_a_line_of_their_own_on_a_terminal)
{
	fake_run_tty(&s, NULL);
	begin();
	fake_printed(&s, "> ");
	fake_type(&s, "/frob\n");
	fake_printed(&s, "/frob\r\nsigbox: chat: /frob: no such word; with a "
	    "blank in front it is sent as text\r\n> ");
	fake_vanish(&s);
	cr_expect_eq(fake_end(&s), 69);
	expect_has(s.out, "> \r\nsigbox: chat: the supervisor went away\r\n");
}

Test(chat, a_terminal_that_hangs_up_ends_it)
{
	fake_run_tty(&s, NULL);
	begin();
	fake_printed(&s, "> ");
	fake_close_stdin(&s);
	s.out_fd = -1;
	cr_expect_eq(fake_end(&s), 128 + SIGHUP);
}
