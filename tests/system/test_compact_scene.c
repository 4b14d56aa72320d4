/* A compaction in the middle of everything else that can be: C12, C4, E1. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "agents.h"

TestSuite(compact_scene, .timeout = 90);

#define WIPE	"#!/bin/sh\n"						\
	"# @describe Wipe it.\n"					\
	"# @meta confirm yes\n"						\
	"echo wiped\n"
#define SUMMARY	"@summary @mute sum\n@summary All in a word."
#define ORDER	"This conversation gets too long"

static void
expect_in(const char *text, const char *what)
{
	cr_expect(strstr(text, what), "%s\nis not in\n%s", what, text);
}

/* Sub-agents t1 and t2; t3 and t4 sleep; t5 is the first's; t6 waits for a1. */
static struct rig *
busy(void)
{
	struct rig *r = start("[session]\nwakes_per_hour=0\n"
	    "detach_after=300s\n");
	int up;

	rig_write(r, "tools/wipe.sh", WIPE, 0755);
	rig_configure(r, "");
	up = rig_fifo(r, "up");
	rig_ok(r, "say", "-d", lines(r, SUMMARY,
	    agent(r, lines(r, rig_call(r, "echo up >up; exec sleep 600"),
	    "@then @hold deep", "Deep.", NULL)),
	    agent(r, "@hold other\nOther."),
	    rig_call(r, "echo up >up; exec sleep 600"),
	    rig_call(r, "echo up >up; exec sleep 600"), NULL), NULL);
	rig_told(up, "up\n");
	rig_told(up, "up\n");
	rig_told(up, "up\n");
	rig_held(r, "other");
	rig_ok(r, "detach", NULL);
	rig_ok(r, "say", "-m", "queue", "Well.", NULL);
	rig_ok(r, "say", "@call wipe {}", NULL);
	return r;
}

static void
again(struct rig *r)
{
	rig_crash(r);
	rig_start(r);
}

/* A held stream, a queued message, a held summary, and one that is asked. */
static void
ask_all(struct rig *r)
{
	struct job *compact;

	rig_ok(r, "say", "-d", "@hold h\nHeld.", NULL);
	rig_held(r, "h");
	rig_ok(r, "say", "-d", "-m", "queue", "Queued.", NULL);
	compact = rig_spawn(r, "compact", NULL);
	rig_held(r, "sum");
	cr_expect_str_eq(text_of(say(r, "Meanwhile.")), "echo: Meanwhile.");
	cr_expect_null(strstr(rig_content(rig_last_request(r), 1),
	    "compaction="));
	rig_ok(r, "stop", "t4", NULL);
	rig_record(r, "event", "task", "t4", NULL);
	rig_kill(compact, SIGKILL);
	rig_finish(compact);
}

static void
expect_head(struct rig *r)
{
	const char *head = rig_str(rig_record(r, "compacted", NULL),
	    "message");

	expect_in(head, "All in a word.");
	expect_in(head, "Task t1 agent is running");
	expect_in(head, "Task t2 agent is running");
	expect_in(head, "Approval a1 of task t6 wipe is open");
	expect_in(head, "Task t3 exec has ended: lost, which you will be");
	expect_in(head, "Task t4 exec has ended: stopped, which you will be");
}

static void
expect_each_told_once(struct rig *r)
{
	static const char *const told[] = { "t1", "t2", "t3", "t4", "t6" };
	json_t *messages = rig_last_request(r);
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		cr_expect(rig_tellings(messages, told[i]) == 1, "%s: %zu",
		    told[i], rig_tellings(messages, told[i]));
	cr_expect(rig_tellings(messages, "t5") == 0);
}

static void
release_all(struct rig *r)
{
	rig_release(r, "h");
	rig_await(r, 1, "Queued.");
	rig_release(r, "deep");
	rig_release(r, "other");
	rig_ok(r, "approve", "a1", NULL);
	rig_record(r, "event", "task", "t1", NULL);
	rig_record(r, "event", "task", "t2", NULL);
	rig_record(r, "event", "task", "t6", NULL);
}

Test(compact_scene, in_the_middle_of_everything)
{
	struct rig *r = busy();
	const char *first;
	uint64_t n;

	ask_all(r);
	n = rig_count(r) + 1;
	again(r);
	rig_await(r, n, ORDER);
	rig_await(r, n, "Held.");
	rig_held(r, "deep");
	rig_release(r, "sum");
	expect_head(r);
	release_all(r);
	cr_expect_str_eq(text_of(say(r, "And now?")), "echo: And now?");
	expect_each_told_once(r);
	first = rig_content(rig_last_request(r), 1);
	cr_expect(strncmp(first, "<session-note compaction=\"1\"", 28) == 0);
	cr_expect(rig_says(rig_transcript(r), "assistant", "echo: Queued.") ==
	    1);
	expect_in(rig_ok(r, "log", "--out", "t6", NULL)->out, "wiped");
	again(r);
	rig_ok(r, "say", "And then?", NULL);
	expect_each_told_once(r);
	cr_expect_str_eq(rig_content(rig_last_request(r), 1), first);
	/* The sub-agents' first ones, and that of the compaction. */
	cr_expect(rig_branches(r) == 3, "%zu", rig_branches(r));
	rig_free(r);
}

Test(compact_scene, a_sub_agent_stays_the_originals_of_a_fork)
{
	struct rig *r = start("");
	json_t *messages;

	rig_ok(r, "say", "-d", agent(r, "@hold deep\nDeep."), NULL);
	rig_held(r, "deep");
	rig_ok(r, "detach", NULL);
	rig_ok(r, "say", "-m", "queue", "Well.", NULL);
	rig_ok(r, "fork", NULL);
	rig_ok(r, "say", "-s", "main-2", "Here?", NULL);
	expect_in(rig_keep(r, json_dumps(rig_last_request(r), 0)),
	    "Task t1 agent goes on");
	cr_expect(json_array_size(tasks_of(r, "main-2")) == 0);
	again(r);
	rig_release(r, "deep");
	woken(r, "t1");
	rig_ok(r, "say", "Is all told?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	rig_ok(r, "say", "-s", "main-2", "And there?", NULL);
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t1") == 0);
	cr_expect_null(rig_find(rig_lines(rig_ok(r, "events", "-s", "main-2",
	    "--since", "0", "--json", NULL)), "kind", "told"));
	rig_free(r);
}

/* The end of t1 is not told, and a summary is held. */
static struct job *
ended_meanwhile(struct rig *r)
{
	struct job *compact;

	rig_ok(r, "say", "-d", lines(r, SUMMARY,
	    agent(r, "@hold deep\nDeep."), NULL), NULL);
	rig_held(r, "deep");
	rig_ok(r, "detach", NULL);
	rig_ok(r, "say", "-m", "queue", "Well.", NULL);
	compact = rig_spawn(r, "compact", NULL);
	rig_held(r, "sum");
	rig_release(r, "deep");
	rig_record(r, "event", "task", "t1", NULL);
	return compact;
}

static void
compacted(struct rig *r, struct job *compact)
{
	rig_release(r, "sum");
	cr_expect(rig_finish(compact)->code == 0);
}

/* A turn that is told of the end, and stays. */
static void
tell_and_hold(struct rig *r)
{
	rig_ok(r, "say", "-d", "@hold told\nTold.", NULL);
	rig_held(r, "told");
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
}

/* The turn that was told is taken back, and with it the telling. */
static void
take_back(struct rig *r)
{
	rig_ok(r, "say", "-m", "rollback", "Instead.", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	again(r);
	rig_ok(r, "say", "Is all told?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	expect_in(rig_content(rig_last_request(r), 1), "All in a word.");
	cr_expect_null(strstr(rig_keep(r, json_dumps(rig_last_request(r), 0)),
	    "Told."));
}

Test(compact_scene, what_a_head_says_is_to_be_told_is_told_after_a_rollback)
{
	struct rig *r = start("[session]\nwakes_per_hour=0\n");

	compacted(r, ended_meanwhile(r));
	expect_in(rig_str(rig_record(r, "compacted", NULL), "message"),
	    "Task t1 agent has ended: exited, which you will be told");
	tell_and_hold(r);
	take_back(r);
	rig_free(r);
}

Test(compact_scene, what_was_told_beside_a_head_is_told_after_a_rollback)
{
	struct rig *r = start("[session]\nwakes_per_hour=0\n");
	struct job *compact = ended_meanwhile(r);

	tell_and_hold(r);
	compacted(r, compact);
	take_back(r);
	rig_free(r);
}
