/* Every shape in which models fail or merely differ: M1-M3, C8. */
#include <criterion/criterion.h>

#include "rig.h"

TestSuite(model, .timeout = 110);

/* Whatever came, the next message is answered by a legal request. */
static void
talks_on(struct rig *r)
{
	static int n;
	char text[32], echo[48];

	snprintf(text, sizeof(text), "Still there? %d", ++n);
	snprintf(echo, sizeof(echo), "echo: %s", text);
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", text, NULL)->json,
	    "text"), echo);
}

static void
fails(struct rig *r, const char *script, const char *shown)
{
	struct job *said = rig_run(r, "say", "--json", script, NULL);

	cr_assert(said->json != NULL, "%s: %s%s", script, said->out,
	    said->err);
	cr_expect_str_eq(rig_str(said->json, "outcome"), "failed",
	    "%s: %s", script, said->out);
	cr_expect(said->code != 0, "%s", script);
	cr_expect(strncmp(said->err, "sigbox: ", 8) == 0, "%s: %s", script,
	    said->err);
	if (shown != NULL)
		cr_expect(strstr(said->out, shown), "%s: %s", script,
		    said->out);
	talks_on(r);
}

static void
works(struct rig *r, const char *script, const char *text)
{
	struct job *said = rig_run(r, "say", "--json", script, NULL);

	cr_assert(said->code == 0, "%s: %d %s%s", script, said->code,
	    said->out, said->err);
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	cr_expect(strstr(rig_str(said->json, "text"), text), "%s: %s", script,
	    said->out);
	talks_on(r);
}

Test(model, an_error_ends_the_turn_and_the_conversation_goes_on)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "retries=0\n" });

	fails(r, "@html\nx", NULL);
	fails(r, "@status 502\n@html\nx", NULL);
	fails(r, "@error\nx", "the fake model broke");
	fails(r, "@status 400\nx", "told to fail");
	fails(r, "@status 401\nx", NULL);
	fails(r, "@status 404\nx", NULL);
	fails(r, "@status 429 3600\nx", NULL);
	fails(r, "@status 500\nx", NULL);
	fails(r, "@nofinish\nSome text here.", NULL);
	rig_free(r);
}

Test(model, what_was_shown_before_an_error_is_kept_and_marked)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "retries=0\n" });
	json_t *messages;
	const char *kept;

	fails(r, "@error late\nSome text here.", NULL);
	messages = rig_last_request(r);
	kept = rig_content(messages, json_array_size(messages) - 2);
	cr_expect(strstr(kept, "echo: Some text here."), "%s", kept);
	fails(r, "@cut\nOther text, cut in the middle.", NULL);
	messages = rig_last_request(r);
	kept = rig_content(messages, json_array_size(messages) - 2);
	cr_expect(strstr(kept, "echo: Other"), "%s", kept);
	rig_free(r);
}

Test(model, an_incomplete_call_is_dropped)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "retries=0\n" });

	fails(r, "Let me see.\n@cutcall\n@call exec {\"command\":\"true\"}",
	    NULL);
	rig_run(r, "say", "@length\n@call exec {\"command\":\"true\"}", NULL);
	talks_on(r);
	cr_expect(json_array_size(rig_lines(rig_ok(r, "tasks", "-a", "--json",
	    NULL))) == 0);
	rig_free(r);
}

Test(model, what_passes_is_tried_again_in_silence)
{
	struct rig *r = rig_new(NULL);

	works(r, "@once\n@status 503 0.1\nAfter a 503.", "After a 503.");
	works(r, "@once\n@status 429 0.1\nAfter a 429.", "After a 429.");
	works(r, "@once\n@status 500\nAfter a 500.", "After a 500.");
	rig_free(r);
}

Test(model, a_wait_before_a_retry_holds_nobody_up)
{
	struct rig *r = rig_new(NULL);

	rig_ok(r, "say", "-d", "@status 503 30\nx", NULL);
	rig_await(r, 1, "@status 503 30");
	cr_expect(rig_int(rig_ok(r, "say", "--json", "Hello?", NULL)->json,
	    "request_us") <= RIG_SOON_US);
	rig_ok(r, "interrupt", NULL);
	rig_free(r);
}

#define TRUE_CALL	"@call exec {\"command\":\"echo it ran\"}"

Test(model, each_servers_way_to_call_is_understood)
{
	struct rig *r = rig_new(NULL);

	works(r, "@ollama\n" TRUE_CALL, "it ran");
	works(r, "@ollama\n" TRUE_CALL "\n@call exec {\"command\":\"echo "
	    "the second\"}", "the second");
	works(r, "@ollama\n" TRUE_CALL, "it ran");
	works(r, "@noid\n" TRUE_CALL, "it ran");
	works(r, "@argsobject\n" TRUE_CALL, "it ran");
	works(r, "@unary\n" TRUE_CALL, "it ran");
	works(r, "@finish stop\n" TRUE_CALL, "it ran");
	works(r, "@pieces 1\n" TRUE_CALL, "it ran");
	works(r, "@crlf\n@pieces 3\n" TRUE_CALL, "it ran");
	rig_free(r);
}

Test(model, arguments_that_are_none_get_an_answer_that_says_so)
{
	struct rig *r = rig_new(NULL);

	works(r, "@badargs\n" TRUE_CALL, "oops");
	works(r, "@noargs\n" TRUE_CALL, "command");
	works(r, "@call exec {\"command\":7}", "command");
	works(r, "@call no_such_tool {}", "no_such_tool");
	cr_expect(json_array_size(rig_lines(rig_ok(r, "tasks", "-a", "--json",
	    NULL))) == 0);
	rig_free(r);
}

Test(model, a_side_question_with_a_call_of_nothing_is_answered_too)
{
	struct rig *r = rig_new(NULL);
	struct job *said = rig_run(r, "say", "--json", "-m", "ask",
	    "How far?\n@call no_such_tool {}", NULL);

	cr_expect(said->code == 0, "%d %s", said->code, said->err);
	cr_expect(strstr(said->out, "no_such_tool"), "%s", said->out);
	cr_expect(rig_count(r) == 2);
	talks_on(r);
	rig_free(r);
}

Test(model, each_servers_way_to_speak_is_understood)
{
	struct rig *r = rig_new(NULL);

	works(r, "@unary\nNot streamed.", "echo: Not streamed.");
	works(r, "@null\nWith nulls.", "echo: With nulls.");
	works(r, "@think Hmm, well.\nThought about.", "echo: Thought about.");
	works(r, "@pieces 1\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	    "echo: \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	works(r, "@crlf\n@pieces 2\nLines.", "echo: Lines.");
	works(r, "@finish \nNo reason.", "echo: No reason.");
	works(r, "@fill 300000\nLong.", "xxxxxxxx");
	rig_free(r);
}

Test(model, a_model_that_is_not_there_is_a_failed_turn)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "retries=0\nbase_url=http://127.0.0.1:1/v1\n" });
	struct job *said = rig_run(r, "say", "--json", "Hello?", NULL);

	cr_expect_str_eq(rig_str(said->json, "outcome"), "failed");
	cr_expect(said->code != 0);
	rig_ok(r, "status", NULL);
	rig_free(r);
}

Test(model, the_key_is_in_no_log_and_in_no_process)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[log]\nlevel=debug\n" });

	fails(r, "@status 401\nx", NULL);
	works(r, "@call exec {\"command\":\"env\"}", "SIGBOX_TASK_ID");
	cr_expect(strstr(rig_log(r), "sk-fake") == NULL);
	cr_expect(strstr(rig_ok(r, "log", "t1", NULL)->out, "sk-fake") ==
	    NULL);
	rig_free(r);
}
