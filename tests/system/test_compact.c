/* Long conversations: C12, and what a fork is given. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

TestSuite(compact, .timeout = 90);

#define WIPE	"#!/bin/sh\n"						\
	"# @describe Wipe it.\n"					\
	"# @meta confirm yes\n"						\
	"echo wiped\n"
/* 900 of 1000 tokens: too near, and a held summary. */
#define NEAR	"[session]\ncontext=1000\n"
#define LONG	"@usage 900\n@summary @mute sum\n@summary All in a word.\nLong."

static const char *
text_of(struct job *j)
{
	return rig_str(j->json, "text");
}

static const char *
say(struct rig *r, const char *text)
{
	return text_of(rig_ok(r, "say", "--json", text, NULL));
}

/* The first user message of a request: there a head would stand. */
static const char *
front(json_t *messages)
{
	return rig_content(messages, 1);
}

static size_t
count_of(json_t *lines, const char *kind)
{
	json_t *line;
	size_t i, n = 0;

	json_array_foreach(lines, i, line)
		n += strcmp(rig_str(line, "kind"), kind) == 0;
	return n;
}

/* A task that goes on; the turn that called it has answered. */
static void
start(struct rig *r, const char *fifo)
{
	int up = rig_fifo(r, fifo);
	char command[128];

	snprintf(command, sizeof(command), "echo up >%s; exec sleep 600",
	    fifo);
	rig_ok(r, "say", "-d", rig_call(r, command), NULL);
	rig_told(up, "up\n");
	rig_ok(r, "detach", NULL);
	rig_ok(r, "say", "-m", "queue", "Well.", NULL);
}

Test(compact, what_lives_is_open_or_untold_is_stated_again_and_told_once)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session]\nwakes_per_hour=0\n" });
	json_t *messages;
	struct job *done;

	rig_write(r, "tools/wipe.sh", WIPE, 0755);
	rig_configure(r, "");
	start(r, "one");
	start(r, "two");
	say(r, "@call wipe {}");
	rig_ok(r, "stop", "t2", NULL);
	rig_record(r, "event", "task", "t2", NULL);
	done = rig_ok(r, "compact", "--json", NULL);
	cr_expect_str_eq(rig_str(done->json, "outcome"), "compacted");
	cr_expect(rig_int(done->json, "items_before") > 8);
	cr_expect(rig_int(done->json, "items_after") == 1);
	say(r, "And now?");
	messages = rig_last_request(r);
	cr_expect(strstr(front(messages), "A summary."));
	cr_expect(strstr(front(messages), "Task t1 exec is running"));
	cr_expect(strstr(front(messages),
	    "Approval a1 of task t3 wipe is open"));
	cr_expect(strstr(front(messages),
	    "Task t2 exec has ended: stopped, which you will be told"));
	cr_expect(rig_tellings(messages, "t2") == 1);
	cr_expect(json_array_size(messages) == 2);
	rig_ok(r, "approve", "a1", NULL);
	rig_record(r, "event", "task", "t3", NULL);
	rig_ok(r, "stop", "t1", NULL);
	say(r, "And then?");
	say(r, "The end.");
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t1") == 1);
	cr_expect(rig_tellings(messages, "t2") == 1);
	cr_expect(rig_tellings(messages, "t3") == 1);
	rig_free(r);
}

Test(compact, old_items_are_still_shown_and_the_next_request_is_new)
{
	struct rig *r = rig_new(NULL);
	json_t *transcript, *item;
	const char *request;
	size_t i;

	say(r, "One.");
	say(r, "Two.");
	rig_ok(r, "compact", NULL);
	say(r, "Three.");
	transcript = rig_transcript(r);
	json_array_foreach(transcript, i, item)
		cr_expect(json_is_true(json_object_get(item, "compacted")) ==
		    (i < 4));
	cr_expect(i == 7);
	cr_expect(json_is_true(json_object_get(json_array_get(transcript, 4),
	    "head")));
	cr_expect(rig_says(transcript, "user", "One.") == 1);
	request = rig_ok(r, "transcript", "--request", NULL)->out;
	cr_expect_null(strstr(request, "One."));
	cr_expect(strstr(request, "A summary."));
	cr_expect(strstr(request, "Three."));
	rig_free(r);
}

Test(compact, near_the_limit_it_is_summed_up_while_messages_go_on)
{
	struct rig *r = rig_new(&(struct rig_conf){ .conf = NEAR });
	struct job *said, *queued;
	json_t *messages;

	say(r, "First.");
	say(r, LONG);
	rig_held(r, "sum");
	said = rig_ok(r, "say", "--json", "Meanwhile.", NULL);
	cr_expect_str_eq(text_of(said), "echo: Meanwhile.");
	cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	queued = rig_ok(r, "say", "--json", "-m", "queue", "In turn.", NULL);
	cr_expect_str_eq(text_of(queued), "echo: In turn.");
	cr_expect(count_of(rig_records(r), "compacted") == 0);
	rig_release(r, "sum");
	rig_record(r, "compacted", NULL);
	say(r, "And now?");
	messages = rig_last_request(r);
	cr_expect(strstr(front(messages), "All in a word."));
	cr_expect_null(strstr(front(messages), "First."));
	cr_expect(strstr(front(messages), "Meanwhile."));
	cr_expect(rig_branches(r) <= 2);
	rig_free(r);
}

Test(compact, nobody_reads_a_summary_as_an_answer)
{
	struct rig *r = rig_new(NULL);
	struct job *chat;

	say(r, "One.");
	say(r, "@summary A secret word.\nTwo.");
	chat = rig_spawn(r, "chat", NULL);
	cr_assert(write(chat->in, "Hello.\n", 7) == 7);
	rig_expect(chat, "echo: Hello.");
	rig_ok(r, "compact", NULL);
	rig_ok(r, "say", "Three.", NULL);
	rig_expect(chat, "echo: Three.");
	cr_expect_null(strstr(chat->out, "A secret word."));
	rig_kill(chat, SIGKILL);
	rig_finish(chat);
	rig_free(r);
}

Test(compact, a_supervisor_that_dies_meanwhile_asks_again)
{
	struct rig *r = rig_new(&(struct rig_conf){ .conf = NEAR });
	json_t *messages;

	say(r, "First.");
	say(r, LONG);
	rig_held(r, "sum");
	rig_crash(r);
	rig_start(r);
	cr_expect_str_eq(say(r, "Still there?"), "echo: Still there?");
	rig_release(r, "sum");
	rig_record(r, "compacted", NULL);
	rig_crash(r);
	rig_start(r);
	say(r, "And now?");
	messages = rig_last_request(r);
	cr_expect(strstr(front(messages), "All in a word."));
	cr_expect(strstr(front(messages), "Still there?"));
	cr_expect_null(strstr(front(messages), "First."));
	cr_expect(count_of(rig_records(r), "compacted") == 1);
	rig_free(r);
}

Test(compact, a_request_that_a_server_refuses_is_shortened_at_once)
{
	struct rig *r = rig_new(NULL);
	json_t *compacted, *messages;
	char text[64];

	say(r, "First.");
	snprintf(text, sizeof(text), "@context %zu\nLimit.",
	    strlen(rig_read(r, "model/000001.json")) + 6000);
	say(r, "@fill 3000\nOne.");
	say(r, "@fill 3000\nTwo.");
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", text, NULL)->json,
	    "outcome"), "answered");
	compacted = rig_record(r, "compacted", NULL);
	cr_expect(rig_int(compacted, "limit") > 0);
	cr_expect(strstr(rig_str(compacted, "message"),
	    "the newest message of the user: @context"));
	cr_expect_str_eq(say(r, "Still there?"), "echo: Still there?");
	messages = rig_last_request(r);
	cr_expect(strstr(front(messages), "First."));
	cr_expect_null(rig_find(rig_records(r), "outcome", "failed"));
	rig_free(r);
}

Test(compact, what_was_learned_of_a_server_is_kept_to)
{
	struct rig *r = rig_new(NULL);
	char text[64];
	int i;

	say(r, "@usage 1000\nFirst.");
	snprintf(text, sizeof(text), "@context %zu\nLimit.",
	    strlen(rig_read(r, "model/000001.json")) + 9000);
	say(r, "@usage 1000\n@fill 6000\nOne.");
	say(r, "@usage 1600\n@fill 6000\nTwo.");
	say(r, text);
	rig_record(r, "compacted", NULL);
	for (i = 0; i < 6; i++)
		say(r, "@usage 1900\n@fill 500\nMore.");
	rig_record(r, "began", "cause", "compact", NULL);
	cr_expect_null(rig_find(rig_records(r), "outcome", "failed"));
	rig_free(r);
}

/* Of a sub-agent that is stopped all that it said is the result. */
Test(compact, a_summary_is_no_result_of_a_sub_agent)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true,
	    .conf = NEAR "detach_after=500ms\n" });
	json_t *args = json_pack("{s:s}", "task", "@usage 900\n"
	    "@call exec {\"command\":\"exec sleep 600\"}\n"
	    "@then @usage 900\nIt has begun.");
	const char *log;
	char *call;

	if (asprintf(&call, "@call agent %s",
	    rig_keep(r, json_dumps(args, 0))) == -1)
		abort();
	rig_ok(r, "say", "-d", rig_keep(r, call), NULL);
	rig_record(r, "compacted", NULL);
	rig_ok(r, "stop", "t1", NULL);
	log = rig_ok(r, "log", "t1", NULL)->out;
	cr_expect(strstr(log, "It has begun."), "%s", log);
	cr_expect_null(strstr(log, "A summary."), "%s", log);
	json_decref(args);
	rig_free(r);
}

Test(compact, too_little_is_not_compacted)
{
	struct rig *r = rig_new(NULL);
	struct job *j;

	say(r, "One.");
	j = rig_finish(rig_spawn(r, "compact", NULL));
	cr_expect(j->code == 65, "%d", j->code);
	cr_expect(strstr(j->err, "main: there is too little"));
	rig_free(r);
}

Test(compact, a_fork_has_the_words_and_not_the_tasks)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	const char *before, *wake;
	json_t *fork, *messages;
	struct job *said;
	size_t n;

	start(r, "one");
	before = rig_ok(r, "transcript", "--request", NULL)->out;
	fork = rig_ok(r, "fork", "--json", NULL)->json;
	cr_expect_str_eq(rig_str(fork, "session"), "main-2");
	cr_expect_str_eq(rig_str(fork, "origin"), "main");
	said = rig_ok(r, "say", "-s", "main-2", "--json", "Here?", NULL);
	cr_expect_str_eq(text_of(said), "echo: Here?");
	/* The original's, to the end of its last message. */
	n = (size_t)(strstr(before, "],\"tools\"") - before);
	cr_expect(strncmp(before, rig_read(r, "model/000004.json"), n) == 0,
	    "%s\n-> %s", before, rig_read(r, "model/000004.json"));
	cr_expect(strstr(rig_content(rig_last_request(r), (size_t)-1),
	    "Here?"));
	cr_expect(json_array_size(rig_lines(rig_ok(r, "tasks", "-s", "main-2",
	    "-a", "--json", NULL))) == 0);
	rig_ok(r, "stop", "t1", NULL);
	wake = rig_str(rig_record(r, "told", "event", "e1", NULL), "turn");
	rig_record(r, "finished", "turn", wake, NULL);
	say(r, "And here?");
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	rig_ok(r, "say", "-s", "main-2", "And there?", NULL);
	messages = rig_last_request(r);
	cr_expect(rig_tellings(messages, "t1") == 0);
	cr_expect(strstr(rig_keep(r, json_dumps(messages, 0)),
	    "Task t1 exec goes on"));
	rig_free(r);
}

static const char *
tools_of(struct rig *r, const char *session)
{
	return strstr(rig_ok(r, "transcript", "--request", session,
	    NULL)->out, "],\"tools\"");
}

/* Else a server refuses it, or a prompt cache does not know it. */
Test(compact, a_fork_describes_the_tools_that_were_ever_called)
{
	struct rig *r = rig_new(NULL);

	rig_write(r, "tools/gone.sh", "#!/bin/sh\n# @describe Go.\n", 0755);
	rig_configure(r, "");
	say(r, "@call gone {}");
	say(r, "Two.");
	rig_ok(r, "compact", NULL);
	rig_ok(r, "fork", NULL);
	unlink(rig_path(r, "tools/gone.sh"));
	rig_ok(r, "reload", NULL);
	cr_expect_str_eq(tools_of(r, "main"), tools_of(r, "main-2"));
	cr_expect(strstr(tools_of(r, "main-2"), "\"gone\""));
	rig_free(r);
}

Test(compact, a_fork_is_behind_the_same_walls)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true,
	    .conf = "[session main]\nprofile=scratch\n" });
	struct job *task;

	say(r, "One.");
	rig_ok(r, "fork", NULL);
	rig_ok(r, "fork", "main-2", "third", NULL);
	rig_crash(r);
	rig_start(r);
	task = rig_ok(r, "run", "-s", "third", "--json", "exec",
	    "command=true", NULL);
	cr_expect_str_eq(rig_str(task->json, "profile"), "scratch");
	rig_free(r);
}

Test(compact, a_fork_of_a_compacted_session_begins_with_its_head)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	struct job *again;

	say(r, "One.");
	say(r, "Two.");
	rig_ok(r, "compact", NULL);
	say(r, "Three.");
	rig_ok(r, "fork", "main", "other", NULL);
	rig_ok(r, "say", "-s", "other", "Four.", NULL);
	cr_expect(strstr(front(rig_last_request(r)), "A summary."));
	cr_expect(strstr(front(rig_last_request(r)), "Three."));
	again = rig_finish(rig_spawn(r, "fork", "main", "other", NULL));
	cr_expect(again->code == 65);
	cr_expect(strstr(again->err, "there is such a session already"));
	rig_crash(r);
	rig_start(r);
	rig_ok(r, "say", "-s", "other", "Five.", NULL);
	cr_expect(strstr(front(rig_last_request(r)), "A summary."));
	rig_free(r);
}
