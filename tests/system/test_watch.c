/* What a task prints while it runs, and that it waits: E1, O3 `watch`. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

TestSuite(watch, .timeout = 90);

/* Says when its fifo is written to that it listens, and then ends likewise. */
#define SERVE	"#!/bin/sh\n"						\
	"# @describe Serve.\n"						\
	"# @meta watch listening on [0-9]+\n"				\
	"read x <go; echo one moment; echo listening on 80; read x <end\n"
/* Asks, and says what it was told. */
#define ASK	"#!/bin/sh\n"						\
	"# @describe Ask.\n"						\
	"# @meta stdin stream\n"					\
	"# @meta background yes\n"					\
	"read args; printf 'Name: '; read x; echo \"hello $x\"; read x\n"

static void
go(int fifo)
{
	cr_assert(write(fifo, "x\n", 2) == 2);
}

/* A task of the model's that goes on in the background. */
static void
start(struct rig *r, const char *id, const char *command)
{
	rig_ok(r, "say", "-d", rig_call(r, command), NULL);
	rig_record(r, "state", "task", id, "state", "running", NULL);
	rig_run(r, "detach", NULL);
}

/* The last message of the request that tells of it. */
static const char *
told(struct rig *r, const char *text)
{
	return rig_content(rig_request(r, rig_await(r, 1, text)), -1UL);
}

/* How many events of that kind there are of the task. */
static size_t
nevents(struct rig *r, const char *task, const char *about)
{
	json_t *records = rig_records(r), *o;
	size_t i, n = 0;

	json_array_foreach(records, i, o)
		n += strcmp(rig_str(o, "kind"), "event") == 0 &&
		    strcmp(rig_str(o, "task"), task) == 0 &&
		    strcmp(rig_str(o, "about"), about) == 0;
	return n;
}

/* Its call held the turn; the model has it back, and the server serves on. */
Test(watch, a_tool_that_says_in_its_header_what_to_wait_for_lets_go_then)
{
	struct rig *r = rig_new(NULL);
	int listen, end;
	struct job *said;
	const char *text;

	rig_write(r, "tools/serve.sh", SERVE, 0755);
	rig_configure(r, "");
	listen = rig_fifo(r, "go");
	end = rig_fifo(r, "end");
	said = rig_spawn(r, "say", "--json", "@call serve {}", NULL);
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	go(listen);
	rig_finish(said);
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	text = told(r, "seen=\"listening on [0-9]+\" matches=\"1\"");
	cr_expect(strstr(text, ">listening on 80</task-event>"), "%s", text);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	go(end);
	told(r, "state=\"exited\"");
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

Test(watch, the_call_says_what_to_wait_for)
{
	struct rig *r = rig_new(NULL);
	struct job *said = rig_ok(r, "say", "--json", "@call exec {\"command\":"
	    "\"echo no; echo yes ready; exec sleep 600\",\"watch\":"
	    "\"^yes\"}", NULL);
	const char *text = told(r, "seen=\"^yes\"");

	cr_expect(strstr(text, ">yes ready</task-event>"), "%s", text);
	cr_expect(strstr(rig_str(said->json, "text"), "noted: t1 running"),
	    "%s", rig_str(said->json, "text"));
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(
	    rig_task(r, "t1"), "watch"), 0)), "^yes");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(watch, a_wrong_pattern_is_refused_in_words)
{
	struct rig *r = rig_new(NULL);
	struct job *j;

	j = rig_ok(r, "say", "--json", "@call exec {\"command\":\"true\","
	    "\"watch\":\"a{1,9999}\"}", NULL);
	cr_expect(strstr(rig_str(j->json, "text"), "it has a {"), "%s",
	    rig_str(j->json, "text"));
	start(r, "t1", "exec sleep 600");
	j = rig_run(r, "watch", "t1", "(a", NULL);
	cr_expect(j->code == 65);
	cr_expect(strstr(j->err, "a ( has no )"), "%s", j->err);
	rig_write(r, "tools/bad.sh", "#!/bin/sh\n# @describe Bad.\n"
	    "# @meta watch [a\n", 0755);
	rig_configure(r, "");
	j = rig_run(r, "tools", "--check", NULL);
	cr_expect(strstr(j->out, "a [ has no ]"), "%s", j->out);
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

/* What was printed a moment ago counts, and is not told a second time. */
Test(watch, a_person_watches_for_what_was_printed_and_will_be)
{
	struct rig *r = rig_new(NULL);
	int next = rig_fifo(r, "next"), end = rig_fifo(r, "end");
	struct job *follow;
	const char *text;

	start(r, "t1", "echo ready 1; read x <next; echo ready 2; read x <end; "
	    "echo ready 3");
	rig_expect(rig_spawn(r, "log", "-f", "t1", NULL), "ready 1\n");
	follow = rig_spawn(r, "watch", "-f", "t1", "ready [0-9]", NULL);
	rig_expect(follow, "ready 1\n");
	text = told(r, "seen=\"ready [0-9]\"");
	cr_expect(strstr(text, "matches=\"1\""), "%s", text);
	cr_expect(strstr(text, ">ready 1</task-event>"), "%s", text);
	go(next);
	go(end);
	rig_finish(follow);
	cr_expect(follow->code == 0);
	cr_expect_str_eq(follow->out, "ready 1\nready 3\n");
	told(r, "matches=\"2\"");
	cr_expect(nevents(r, "t1", "seen") == 2);
	cr_expect(json_array_size(json_object_get(rig_task(r, "t1"),
	    "watch")) == 1);
	rig_free(r);
}

Test(watch, the_model_watches_what_runs)
{
	struct rig *r = rig_new(NULL);
	struct job *said;

	start(r, "t1", "echo ready; exec sleep 600");
	said = rig_ok(r, "say", "--json", "@call task_watch {\"id\":\"t1\","
	    "\"pattern\":\"ready\"}", NULL);
	cr_expect(strstr(rig_str(said->json, "text"), "watched"), "%s",
	    rig_str(said->json, "text"));
	told(r, "seen=\"ready\"");
	rig_record(r, "watch", "task", "t1", "pattern", "ready", "by", "model",
	    NULL);
	rig_ok(r, "stop", "--now", "t1", NULL);
	said = rig_ok(r, "say", "--json", "@call task_watch {\"id\":\"t1\","
	    "\"pattern\":\"ready\"}", NULL);
	cr_expect(strstr(rig_str(said->json, "text"), "it has ended"), "%s",
	    rig_str(said->json, "text"));
	rig_free(r);
}

/* A task that nobody's turn waits for: the model hears of it all the same. */
Test(watch, a_watch_of_a_persons_own_task_wakes)
{
	struct rig *r = rig_new(NULL);
	int end = rig_fifo(r, "end");
	struct job *j;

	rig_ok(r, "say", "hello", NULL);
	rig_ok(r, "run", "-d", "exec", "echo ready; read x <end", NULL);
	rig_ok(r, "watch", "t1", "ready", NULL);
	told(r, "seen=\"ready\"");
	go(end);
	rig_record(r, "end", "task", "t1", NULL);
	j = rig_run(r, "watch", "t1", "ready", NULL);
	cr_expect(j->code == 65);
	cr_expect(strstr(j->err, "t1: it has ended (exited)"), "%s", j->err);
	j = rig_run(r, "watch", "t9", "ready", NULL);
	cr_expect(j->code == 65);
	rig_free(r);
}

Test(watch, what_waits_for_a_place_is_watched_from_its_start)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_total=1\n" });

	start(r, "t1", "exec sleep 600");
	rig_ok(r, "run", "-d", "exec", "echo ready; exec sleep 600", NULL);
	rig_ok(r, "watch", "t2", "ready", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "state"), "queued");
	rig_ok(r, "stop", "--now", "t1", NULL);
	told(r, "seen=\"ready\"");
	rig_ok(r, "stop", "--now", "t2", NULL);
	rig_free(r);
}

static uint64_t
matches(struct rig *r, size_t *n)
{
	json_t *records = rig_records(r), *o;
	const char *at;
	uint64_t sum = 0;
	size_t i;

	*n = 0;
	json_array_foreach(records, i, o) {
		if (strcmp(rig_str(o, "kind"), "event") != 0 || (at = strstr(
		    rig_str(o, "text"), "matches=\"")) == NULL)
			continue;
		sum += strtoull(at + strlen("matches=\""), NULL, 10);
		(*n)++;
	}
	return sum;
}

/* However much of it there is, a message has its request at once (C3). */
Test(watch, a_flood_is_few_events_and_an_exact_count)
{
	struct rig *r = rig_new(NULL);
	int end = rig_fifo(r, "end");
	struct job *said;
	size_t n;

	rig_ok(r, "say", "@call exec {\"command\":\"seq 50000; read x <end; "
	    "seq 50000\",\"watch\":\"[0-9]\"}", NULL);
	go(end);
	said = rig_ok(r, "say", "--json", "Are you there?", NULL);
	cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	rig_record(r, "end", "task", "t1", NULL);
	cr_expect(matches(r, &n) == 100000, "%ju", (uintmax_t)matches(r, &n));
	cr_expect(n >= 2 && n <= 8, "%zu", n);
	rig_free(r);
}

/* Said once; and when it has its answer, nothing is left to be said. */
Test(watch, who_waits_for_input_is_told_of_once)
{
	struct rig *r = rig_new(NULL);
	const char *text;

	rig_write(r, "tools/ask.sh", ASK, 0755);
	rig_configure(r, "");
	rig_ok(r, "say", "@call ask {}", NULL);
	text = told(r, "waits=\"prompt\"");
	cr_expect(strstr(text, ">Name: </task-event>"), "%s", text);
	rig_ok(r, "input", "t1", "me", NULL);
	rig_expect(rig_spawn(r, "log", "-f", "t1", NULL), "hello me\n");
	rig_ok(r, "input", "t1", "--eof", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	cr_expect(nevents(r, "t1", "prompt") == 1);
	rig_free(r);
}

/* t1 was there first, and had all the time to be found silent; but it works. */
Test(watch, who_is_silent_and_does_nothing_is_told_of_once)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nsilent_after=1s\n" });
	const char *text;

	start(r, "t1", "while :; do :; done");
	start(r, "t2", "exec sleep 600");
	text = told(r, "silent=\"");
	cr_expect(strstr(text, "<task-event id=\"t2\""), "%s", text);
	cr_expect(nevents(r, "t2", "silent") == 1);
	cr_expect(nevents(r, "t1", "silent") == 0);
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_ok(r, "stop", "--now", "t2", NULL);
	cr_expect(nevents(r, "t2", "silent") == 1);
	rig_free(r);
}

/* t1 stands with half a line; t2, which asks later, is told of, and t1 is not. */
Test(watch, of_what_is_suspended_nothing_is_said)
{
	struct rig *r = rig_new(NULL);

	start(r, "t1", "until [ -e quiet ]; do printf .; sleep 0.2; done; "
	    "printf 'One? '; exec sleep 600");
	rig_expect(rig_spawn(r, "log", "-f", "t1", NULL), ".");
	rig_ok(r, "suspend", "t1", NULL);
	start(r, "t2", "printf 'Two? '; exec sleep 600");
	cr_expect(strstr(told(r, "waits=\"prompt\""), ">Two? <"));
	cr_expect(nevents(r, "t1", "prompt") == 0);
	rig_write(r, "work/quiet", "", 0644);
	rig_ok(r, "resume", "t1", NULL);
	told(r, "One? </task-event>");
	cr_expect(nevents(r, "t1", "prompt") == 1);
	cr_expect(nevents(r, "t2", "prompt") == 1);
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_ok(r, "stop", "--now", "t2", NULL);
	rig_free(r);
}
