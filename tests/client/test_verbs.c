/* Each verb's frame, and what is made of its answer. */
#include <string.h>
#include <unistd.h>

#include "fake_supervisor.h"

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

TestSuite(verbs, .init = start, .fini = stop, .timeout = 60);

/* The client is done; every one of these answers ends with this. */
static void
end_well(void)
{
	/* The number is the first field of each. */
	fake_done(&s, f.status.request, 0, "");
	cr_expect_eq(fake_end(&s), 0, "%s", s.err.data);
}

static void
refuse(int code, const char *words)
{
	cr_expect_eq(fake_end(&s), code);
	expect_has(s.err, words);
	expect_text(s.out, "");
	cr_expect_eq(s.fd, -1);
}

Test(verbs, an_unknown_verb_is_wrong_usage)
{
	fake_run(&s, "frobnicate", NULL);
	cr_expect_eq(fake_end(&s), 64);
	expect_text(s.err, "sigbox: frobnicate: no such verb\n");
}

Test(verbs, verbs_of_later_work_are_not_there)
{
	fake_run(&s, "gc", NULL);
	refuse(64, "gc: no such verb");
}

Test(verbs, an_unknown_option_is_wrong_usage)
{
	fake_run(&s, "tasks", "--frob", NULL);
	refuse(64, "sigbox: tasks: --frob: ");
}

Test(verbs, a_missing_operand_is_wrong_usage)
{
	fake_run(&s, "show", NULL);
	refuse(64, "sigbox: show: something is missing");
}

Test(verbs, a_word_too_many_is_wrong_usage)
{
	fake_run(&s, "status", "now", NULL);
	refuse(64, "sigbox: status: too many words");
}

Test(verbs, a_choice_that_is_none_is_wrong_usage)
{
	fake_run(&s, "say", "-m", "soon", "hi", NULL);
	refuse(64, "--mode soon: it is one of now|steer|");
}

Test(verbs, the_options_of_chat_go_nowhere_else)
{
	fake_run(&s, "-m", "ask", "tasks", NULL);
	refuse(64, "the options of tasks go behind it");
}

Test(verbs, help_goes_to_stdout_and_lists_every_verb)
{
	fake_run(&s, "--help", NULL);
	cr_expect_eq(fake_end(&s), 0);
	expect_has(s.out, "\n  interrupt ");
	expect_has(s.out, "\n  shutdown ");
	expect_text(s.err, "");
}

Test(verbs, help_of_a_verb_tells_its_options)
{
	fake_run(&s, "help", "ps", NULL);
	cr_expect_eq(fake_end(&s), 0);
	expect_has(s.out, "usage: sigbox tasks");
	expect_has(s.out, "-a, --all ");
	expect_has(s.out, "--no-start");
}

Test(verbs, the_version_is_told_without_a_supervisor)
{
	fake_run(&s, "--version", NULL);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "sigbox " SIGBOX_VERSION "\n");
}

Test(verbs, a_session_name_that_is_not_text_is_wrong_data)
{
	fake_run(&s, "tasks", "-s", "\xff\xfe", NULL);
	refuse(65, "sigbox: tasks: session: not valid UTF-8");
}

Test(verbs, an_id_that_is_too_long_is_wrong_data)
{
	char id[200];

	memset(id, 't', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	fake_run(&s, "log", id, NULL);
	refuse(65, "sigbox: log: id: longer than 32 bytes");
}

Test(verbs, json_is_what_the_supervisor_said)
{
	fake_run(&s, "--json", "show", "t7", NULL);
	HEAR(&s, SHOW);
	expect_bytes(f.show.id, "t7");
	fake_item(&s, f.show.request,
	    "{\"id\":\"t7\",\"new\":[1,{\"x\":null}],\"e\":\"\xc3\xa9\"}");
	end_well();
	expect_text(s.out,
	    "{\"id\":\"t7\",\"new\":[1,{\"x\":null}],\"e\":\"\xc3\xa9\"}\n");
}

Test(verbs, show_lists_the_keys_and_leaves_out_what_does_not_apply)
{
	fake_run(&s, "show", "t7", NULL);
	HEAR(&s, SHOW);
	fake_item(&s, f.show.request, "{\"id\":\"t7\",\"out_bytes\":1536,"
	    "\"code\":null,\"done_us\":2500000,\"args\":{\"a\":1}}");
	end_well();
	expect_text(s.out, "id         t7\nout_bytes  1.5K\n"
	    "done_us    2.5 s\nargs       {\"a\":1}\n");
}

Test(verbs, an_error_says_which_verb_and_why)
{
	fake_run(&s, "show", "t99", NULL);
	HEAR(&s, SHOW);
	fake_done(&s, f.show.request, 65, "t99: no such task");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: show: t99: no such task\n");
}

Test(verbs, words_of_others_do_not_command_the_terminal)
{
	fake_run(&s, "show", "t9", NULL);
	HEAR(&s, SHOW);
	fake_item(&s, f.show.request,
	    "{\"why\":\"a\\u001b]0;title\\u0007b\\u001b[31mc\\nd\"}");
	fake_done(&s, f.show.request, 65, "x\033[2Jy");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.out, "why  abc d\n");
	expect_text(s.err, "sigbox: show: xy\n");
}

/* A profile without a sandbox is shown in red (B1). */
static void
show_profile(void)
{
	fake_run_tty(&s, "show", "t1", NULL);
	HEAR(&s, SHOW);
	fake_item(&s, f.show.request, "{\"profile\":\"none\"}");
	end_well();
}

Test(verbs, a_terminal_that_can_has_colour)
{
	s.term = "xterm";
	show_profile();
	expect_text(s.out, "profile  \033[31mnone\033[m\r\n");
}

Test(verbs, a_terminal_that_cannot_has_none)
{
	show_profile();
	expect_text(s.out, "profile  none\r\n");
}

Test(verbs, who_wants_no_colour_has_none)
{
	s.term = "xterm";
	s.no_colour = "1";
	show_profile();
	expect_text(s.out, "profile  none\r\n");
}

Test(verbs, tools_are_listed_with_the_first_sentence)
{
	fake_run(&s, "tools", NULL);
	HEAR(&s, TOOLS);
	cr_expect_not(f.tools.check);
	fake_item(&s, f.tools.request, "{\"name\":\"build\",\"describe\":"
	    "\"Build it. Then wait.\",\"path\":\"/x/build\"}");
	fake_item(&s, f.tools.request, "{\"name\":\"t\",\"describe\":"
	    "\"Test it\"}");
	fake_done(&s, f.tools.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "TOOL   DESCRIPTION\nbuild  Build it.\n"
	    "t      Test it\n");
}

Test(verbs, tools_are_checked)
{
	fake_run(&s, "tools", "--check", NULL);
	HEAR(&s, TOOLS);
	cr_expect(f.tools.check);
	end_well();
}

Test(verbs, approvals_are_those_of_every_session_unless_one_is_named)
{
	fake_run(&s, "approvals", NULL);
	HEAR(&s, APPROVALS);
	expect_bytes(f.approvals.session, "*");
	cr_expect_not(f.approvals.all);
	fake_item(&s, f.approvals.request, "{\"id\":\"a5\",\"task\":\"t7\","
	    "\"session\":\"main\",\"tool\":\"wipe\",\"args\":{\"x\":1},"
	    "\"cwd\":\"/srv\",\"profile\":\"none\",\"state\":\"pending\"}");
	end_well();
	expect_text(s.out, "ID  TASK  SESSION  TOOL  PROFILE  STATE    FOLDER  "
	    "ARGUMENTS\na5  t7    main     wipe  none     pending  /srv    "
	    "{\"x\":1}\n");
}

Test(verbs, approvals_of_one_session_also_answered_ones)
{
	fake_run(&s, "approvals", "-s", "work", "-a", NULL);
	HEAR(&s, APPROVALS);
	expect_bytes(f.approvals.session, "work");
	cr_expect(f.approvals.all);
	end_well();
}

Test(verbs, an_approval_is_sent_with_its_reason)
{
	fake_run(&s, "approve", "--always", "-r", "go on", "a5", NULL);
	HEAR(&s, ANSWER);
	expect_bytes(f.answer.id, "a5");
	expect_bytes(f.answer.reason, "go on");
	cr_expect(f.answer.approve && f.answer.always);
	fake_item(&s, f.answer.request, "{\"id\":\"a5\",\"task\":\"t7\","
	    "\"tool\":\"wipe\",\"state\":\"approved\",\"by\":\"uid 0\","
	    "\"why\":\"go on\"}");
	end_well();
	expect_text(s.out, "a5 wipe (t7): approved by uid 0: go on\n");
}

Test(verbs, a_denial_that_came_too_late_says_so)
{
	fake_run(&s, "deny", "a5", NULL);
	HEAR(&s, ANSWER);
	cr_expect_not(f.answer.approve || f.answer.always);
	fake_done(&s, f.answer.request, 65, "a5: approved by uid 0");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: deny: a5: approved by uid 0\n");
}

Test(verbs, an_interrupt_prints_the_receipt)
{
	fake_run(&s, "-s", "work", "interrupt", "--tools", "suspend",
	    "--expect", "u5", NULL);
	HEAR(&s, INTERRUPT);
	expect_bytes(f.interrupt.session, "work");
	expect_bytes(f.interrupt.tools, "suspend");
	expect_bytes(f.interrupt.expect, "u5");
	fake_item(&s, f.interrupt.request, "{\"turns\":[{\"turn\":\"u5\","
	    "\"was\":\"streaming\"}],\"tasks\":[{\"id\":\"t7\",\"tool\":"
	    "\"exec\",\"did\":\"suspended\"}],\"queued\":[]}");
	end_well();
	expect_text(s.out,
	    "turns   u5 streaming\ntasks   t7 exec suspended\nqueued  -\n");
}

Test(verbs, detach_lets_go)
{
	fake_run(&s, "detach", NULL);
	HEAR(&s, DETACH);
	expect_bytes(f.detach.session, "");
	end_well();
}

Test(verbs, the_queue_is_listed)
{
	fake_run(&s, "queue", NULL);
	HEAR(&s, QUEUE);
	expect_bytes(f.queue.op, "list");
	fake_item(&s, f.queue.request, "{\"message\":\"m12\",\"mode\":"
	    "\"queue\",\"text\":\"a\\nb\",\"position\":1}");
	end_well();
	expect_text(s.out, "POSITION  MESSAGE  MODE   TEXT\n"
	    "1         m12      queue  a b\n");
}

Test(verbs, the_queue_is_edited)
{
	fake_run(&s, "queue", "edit", "m12", "other", NULL);
	HEAR(&s, QUEUE);
	expect_bytes(f.queue.op, "edit");
	expect_bytes(f.queue.message, "m12");
	expect_bytes(f.queue.text, "other");
	end_well();
}

Test(verbs, the_queue_is_moved)
{
	fake_run(&s, "queue", "move", "m12", "3", NULL);
	HEAR(&s, QUEUE);
	expect_bytes(f.queue.op, "move");
	cr_expect_eq(f.queue.position, 3);
	end_well();
}

Test(verbs, what_waits_is_taken_now)
{
	fake_run(&s, "queue", "edit", "m12", "-m", "now", NULL);
	HEAR(&s, QUEUE);
	expect_bytes(f.queue.op, "edit");
	expect_bytes(f.queue.text, "");
	cr_expect_eq(f.queue.position, 0);
	expect_bytes(f.queue.mode, "now");
	end_well();
}

Test(verbs, the_queue_is_cancelled)
{
	fake_run(&s, "queue", "cancel", "m12", NULL);
	HEAR(&s, QUEUE);
	expect_bytes(f.queue.op, "cancel");
	expect_bytes(f.queue.message, "m12");
	end_well();
}

Test(verbs, the_queue_knows_no_other_word)
{
	fake_run(&s, "queue", "drop", "m12", NULL);
	refuse(64, "sigbox: queue: drop: not like this");
}

Test(verbs, sessions_are_listed)
{
	fake_run(&s, "sessions", NULL);
	HEAR(&s, SESSIONS);
	fake_item(&s, f.sessions.request, "{\"name\":\"main\",\"cwd\":\"/w\","
	    "\"mode\":\"now\",\"turns\":2,\"tasks\":1,\"parent\":null,"
	    "\"task\":null,\"last\":77,\"created\":86399.5,\"tokens\":12,"
	    "\"budget\":10,\"over_budget\":true}");
	fake_item(&s, f.sessions.request, "{\"name\":\"main.t7\",\"cwd\":"
	    "\"/w\",\"mode\":\"now\",\"turns\":0,\"tasks\":0,\"parent\":"
	    "\"main\",\"task\":\"t7\",\"last\":78,\"created\":86399.5}");
	end_well();
	expect_text(s.out,
	    "SESSION  MODE  TURNS  TASKS  TOKENS             PARENT  TASK  "
	    "CREATED              FOLDER\n"
	    "main     now   2      1      12 of 10, used up  -       -     "
	    "1970-01-01 23:59:59  /w\n"
	    "main.t7  now   0      0      -                  main    t7    "
	    "1970-01-01 23:59:59  /w\n");
}

Test(verbs, a_session_is_made)
{
	fake_run(&s, "new", "work", "--cwd", "/usr/../usr/bin", "--mode",
	    "queue", NULL);
	HEAR(&s, CREATE);
	expect_bytes(f.create.session, "work");
	expect_bytes(f.create.cwd, "/usr/bin");
	expect_bytes(f.create.mode, "queue");
	end_well();
}

Test(verbs, a_session_in_no_folder_is_wrong_data)
{
	fake_run(&s, "new", "work", "--cwd", "/nonexistent", NULL);
	refuse(65, "sigbox: new: /nonexistent: No such file or directory");
}

Test(verbs, a_transcript_is_printed)
{
	fake_run(&s, "transcript", "work", NULL);
	HEAR(&s, TRANSCRIPT);
	expect_bytes(f.transcript.session, "work");
	fake_item(&s, f.transcript.request, "{\"seq\":3,\"turn\":\"u1\","
	    "\"role\":\"assistant\",\"text\":\"one\\ntwo\",\"calls\":"
	    "[{\"name\":\"exec\",\"arguments\":\"{}\"}],\"result_of\":null}");
	end_well();
	expect_text(s.out, "3 assistant (u1):\none\ntwo\n"
	    "    -> exec {}\n\n");
}

Test(verbs, the_next_request_is_printed_as_it_is)
{
	fake_run(&s, "transcript", "--request", NULL);
	HEAR(&s, TRANSCRIPT);
	cr_expect(f.transcript.as_request);
	fake_item(&s, f.transcript.request, "{\"model\":\"m\"}");
	end_well();
	expect_text(s.out, "{\"model\":\"m\"}\n");
}

Test(verbs, an_export_is_json_lines)
{
	fake_run(&s, "export", "work", NULL);
	HEAR(&s, EVENTS);
	expect_bytes(f.events.session, "work");
	cr_expect_not(f.events.follow);
	fake_item(&s, f.events.request, "{\"seq\":1}");
	fake_item(&s, f.events.request, "{\"seq\":2}");
	end_well();
	expect_text(s.out, "{\"seq\":1}\n{\"seq\":2}\n");
}

Test(verbs, a_session_is_deleted)
{
	fake_run(&s, "delete", "work", NULL);
	HEAR(&s, DELETE);
	expect_bytes(f.delete.session, "work");
	end_well();
}

Test(verbs, events_are_printed_as_they_come)
{
	fake_run(&s, "events", "-f", "--since", "41", NULL);
	HEAR(&s, EVENTS);
	cr_expect(f.events.follow);
	cr_expect_eq(f.events.since, 41);
	fake_item(&s, f.events.request, "{\"seq\":42,\"time\":86399.5,"
	    "\"session\":\"main\",\"kind\":\"end\",\"task\":\"t7\","
	    "\"code\":0,\"why\":null}");
	fake_printed(&s, "42 1970-01-01 23:59:59 main end task=t7 code=0\n");
	end_well();
}

Test(verbs, the_status_is_told)
{
	fake_run(&s, "status", NULL);
	HEAR(&s, STATUS);
	fake_item(&s, f.status.request, "{\"version\":\"0.1.0\",\"pid\":12}");
	end_well();
	expect_text(s.out, "version  0.1.0\npid      12\n");
}

Test(verbs, the_doctor_is_asked)
{
	fake_run(&s, "doctor", NULL);
	HEAR(&s, DOCTOR);
	fake_item(&s, f.doctor.request, "{\"tier\":\"full\"}");
	end_well();
	expect_text(s.out, "tier  full\n");
}

Test(verbs, reload_is_ordered)
{
	fake_run(&s, "reload", NULL);
	HEAR(&s, RELOAD);
	end_well();
}

Test(verbs, a_shutdown_ends_when_the_line_does)
{
	fake_run(&s, "shutdown", "--now", NULL);
	HEAR(&s, SHUTDOWN);
	cr_expect(f.shutdown.now);
	fake_done(&s, f.shutdown.request, 0, "");
	fake_vanish(&s);
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.err, "");
}

Test(verbs, a_shutdown_that_is_refused_does_not_wait)
{
	fake_run(&s, "shutdown", NULL);
	HEAR(&s, SHUTDOWN);
	fake_done(&s, f.shutdown.request, 77, "not yours");
	cr_expect_eq(fake_end(&s), 77);
	expect_text(s.err, "sigbox: shutdown: not yours\n");
}

Test(verbs, a_disk_that_is_full_is_told)
{
	char help[] = "help", *argv[] = { NULL, help, NULL };

	s.stdout_path = "/dev/full";
	fake_run_argv(&s, argv);
	cr_expect_eq(fake_end(&s), 74);
	expect_text(s.err, "sigbox: stdout: No space left on device\n");
}

/* A pipe whose reader left: as with any program, SIGPIPE and no words. */
Test(verbs, nobody_reads_so_it_ends_in_silence)
{
	fake_run(&s, "events", "-f", NULL);
	HEAR(&s, EVENTS);
	close(s.out_fd);
	s.out_fd = -1;
	cr_expect_eq(fake_end(&s), 128 + 13);
	expect_text(s.err, "");
}
