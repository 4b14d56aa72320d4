#include "builtin.h"

#include <criterion/criterion.h>

#include "jsonw.h"

/* In these tables ' stands for ". */
#define TOOL(name, properties) \
	"{'type':'function','function':{'name':'" name "','description':" \
	"'does " name "\\nand more','parameters':{'type':'object'," \
	"'properties':{" properties "}}}}"
#define IDS		"'ids':{'type':'array','items':{'type':'string'}}"
#define TOOLS \
	"[" TOOL("build", "'target':{'enum':['all','docs']}," \
	"'jobs':{'type':'integer'},'clean':{'type':'boolean'}," \
	"'dry_run':{'type':'boolean'},'load':{'type':['null','number']}," \
	"'define':{'type':'array','items':{'type':'string'}}") "," \
	TOOL("copy", "'from':{'type':'string'},'to':{'type':'string'}," \
	"'more':{'type':'array','items':{'type':'integer'}}") "," \
	TOOL("exec", "'command':{'type':'string'}") "," \
	TOOL("agent", "'task':{'type':'string'}") "," \
	TOOL("task_list", "") "," TOOL("task_output", "") "," \
	TOOL("task_watch", "") "," TOOL("task_wait", IDS) "," TOOL("task_stop", IDS) "," \
	TOOL("task_suspend", IDS) "," TOOL("task_resume", IDS) "]"

static void
add_quoted(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		buf_putc(b, *s == '\'' ? '"' : *s);
}

/* What was answered, each call as {name arguments}. */
static const char *
answer_to(const struct bytes *items, size_t nitems, const char *tools)
{
	static struct buf out;
	struct buf list = { 0 };
	struct model_request r = { .items = items, .nitems = nitems };
	struct answer a;
	struct answer_item item;

	add_quoted(&list, tools);
	r.tools = buf_bytes(&list);
	buf_reset(&out);
	answer_init(&a);
	builtin_answer(&a, &r, 1);
	while (answer_next(&a, &item)) {
		if (item.kind == ANSWER_TEXT) {
			buf_add_bytes(&out, item.text);
			continue;
		}
		cr_expect_eq(item.call.id.len, 9);
		cr_expect_eq(item.call.bad.len, 0);
		buf_puts(&out, "{");
		buf_add_bytes(&out, item.call.name);
		buf_puts(&out, " ");
		buf_add_bytes(&out, item.call.arguments);
		buf_puts(&out, "}");
	}
	answer_fini(&a);
	buf_fini(&list);
	return out.data;
}

static void
add_item(struct buf *b, const char *role, const char *text)
{
	jsonw_open(b, '{');
	jsonw_str(b, "role", role);
	jsonw_str(b, "content", text);
	jsonw_close(b, '}');
}

static const char *
answer_to_words(const char *text)
{
	struct buf item = { 0 };
	struct bytes items[1];
	const char *answer;

	add_item(&item, "user", text);
	items[0] = buf_bytes(&item);
	answer = answer_to(items, 1, TOOLS);
	buf_fini(&item);
	return answer;
}

static const struct {
	const char	*words, *answer;
} commands[] = {
	{ "run build", "{build {}}" },
	{ "  RUN build  ", "{build {}}" },
	{ "run build --target docs --jobs 4 --clean",
	    "{build {'target':'docs','jobs':4,'clean':true}}" },
	{ "run build --jobs=4 --clean=false",
	    "{build {'jobs':4,'clean':false}}" },
	{ "run build --dry-run --dry_run", "{build {'dry_run':true}}" },
	{ "run build --load 1.50", "{build {'load':1.50}}" },
	{ "run build --define A=1 --define B=2",
	    "{build {'define':['A=1','B=2']}}" },
	{ "run build all 2", "{build {'target':'all','jobs':2}}" },
	{ "run build --jobs 2 all", "{build {'target':'all','jobs':2}}" },
	{ "run build --jobs 1 --jobs 2", "{build {'jobs':2}}" },
	{ "run copy 'a b' \"c\\\"d\" 1 2",
	    "{copy {'from':'a b','to':'c\\\"d','more':[1,2]}}" },
	{ "run copy -- --from", "{copy {'from':'--from'}}" },
	{ "run build {'jobs': 1.10, 'x': [1e2]}",
	    "{build {'jobs': 1.10, 'x': [1e2]}}" },
	{ "agent $ ls", "{agent {'task':'$ ls'}}" },
	{ "agent", "I understand: agent COMMAND" },
	{ "$ echo 'hi' | wc -c", "{exec {'command':'echo \\\"hi\\\" | wc "
	    "-c'}}" },
	{ "$echo hi", "{exec {'command':'echo hi'}}" },
	{ "status", "{task_list {}}" },
	{ "output t7", "{task_output {'id':'t7'}}" },
	{ "output t7 120", "{task_output {'id':'t7','offset':120}}" },
	{ "wait t7 t8", "{task_wait {'ids':['t7','t8'],'for':'all'}}" },
	{ "watch t7 ready|on [0-9]+",
	    "{task_watch {'id':'t7','pattern':'ready|on [0-9]+'}}" },
	{ "stop t7", "{task_stop {'ids':['t7']}}" },
	{ "stop all", "{task_stop {'ids':['all']}}" },
	{ "suspend t7", "{task_suspend {'ids':['t7']}}" },
	{ "resume t7", "{task_resume {'ids':['t7']}}" },
	{ "run build\n\n$ ls\r\nstatus",
	    "{build {}}{exec {'command':'ls'}}{task_list {}}" },
	/* What is wrong is said, and nothing is run. */
	{ "run", "I understand: run TOOL [--name value]..." },
	{ "run nothing", "There is no tool named nothing; `tools` lists "
	    "them." },
	{ "run build --speed 9", "build has no option --speed." },
	{ "run build --jobs", "--jobs of build wants a value." },
	{ "run build --jobs many", "jobs of build wants a value of type "
	    "integer, not many." },
	{ "run copy a b c", "more of copy wants a value of type integer, not "
	    "c." },
	{ "run exec a b", "exec takes no value b." },
	{ "run copy 'a", "A quote is not closed." },
	{ "run build {'jobs':", "The arguments are not a JSON object." },
	{ "$", "I understand: $ COMMAND" },
	{ "stop", "I understand: stop tN... or stop all" },
	{ "output", "I understand: output tN [OFFSET]" },
	{ "output t7 x", "I understand: output tN [OFFSET]" },
	{ "output t7 007", "I understand: output tN [OFFSET]" },
	{ "wait", "I understand: wait tN..." },
	{ "watch t7", "I understand: watch tN PATTERN" },
	{ "watch the press", "I understand: watch tN PATTERN" },
	{ "stop the press", "I understand: stop tN... or stop all" },
	{ "wait all", "I understand: wait tN..." },
	{ "stop t7\nrun nothing",
	    "There is no tool named nothing; `tools` lists them."
	    "{task_stop {'ids':['t7']}}" }
};

Test(builtin, a_line_is_a_call_or_words)
{
	struct buf words = { 0 }, want = { 0 };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		buf_reset(&words);
		buf_reset(&want);
		add_quoted(&words, commands[i].words);
		add_quoted(&want, commands[i].answer);
		cr_expect_str_eq(answer_to_words(words.data), want.data,
		    "%s: %s", words.data, answer_to_words(words.data));
	}
	buf_fini(&words);
	buf_fini(&want);
}

Test(builtin, says_that_it_is_no_ai)
{
	cr_expect_not_null(strstr(answer_to_words("How are you?"), "no AI"));
	cr_expect_not_null(strstr(answer_to_words("help"), "no AI"));
	cr_expect_not_null(strstr(answer_to_words("help"), "run TOOL"));
}

Test(builtin, says_so_once_however_much_was_said)
{
	const char *answer = answer_to_words("Dear model,\n\nhow are you?\n");

	cr_expect_null(strstr(strstr(answer, "no AI") + 1, "no AI"));
}

Test(builtin, lists_the_tools)
{
	cr_expect_not_null(strstr(answer_to_words("tools"),
	    "\n  build   does build\n  copy   does copy\n"));
}

Test(builtin, calls_no_tool_that_is_not_there)
{
	struct bytes items[] = { BYTES("{\"role\":\"user\",\"content\":"
	    "\"$ ls\\nstatus\\ntools\"}") };

	cr_expect_str_eq(answer_to(items, 1, ""),
	    "There is no tool named exec here.\n"
	    "There is no tool named task_list here.\n"
	    "There are no tools.");
}

#define CALLED \
	BYTES("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" \
	"{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":" \
	"\"build\",\"arguments\":\"{}\"}}]}")

static const char *
answer_to_result(const char *content)
{
	struct buf item = { 0 };
	struct bytes items[] = { BYTES("{\"role\":\"user\",\"content\":"
	    "\"run build\"}"), CALLED, { NULL, 0 } };
	const char *answer;

	buf_puts(&item, "{\"role\":\"tool\",\"tool_call_id\":\"a\","
	    "\"content\":\"");
	jsonw_escape(&item, bytes_of(content));
	buf_puts(&item, "\"}");
	items[2] = buf_bytes(&item);
	answer = answer_to(items, 3, TOOLS);
	buf_fini(&item);
	return answer;
}

static const struct {
	const char	*result, *answer;
} results[] = {
	{ "42 tests passed\n", "build:\n42 tests passed" },
	{ "", "build came back with nothing." },
	{ "{'x':1}", "build:\n{'x':1}" },
	{ "{'task':'t7','tool':'build','state':'running','out_bytes':9,"
	    "'tail':'[ 42%] Linking\\n','note':'You will be told.'}",
	    "t7 (build) is running. You will be told.\n[ 42%] Linking" },
	{ "{'task':'t7','tool':'build','state':'queued','why':'8 tasks run'}",
	    "t7 (build) is queued: 8 tasks run." },
	{ "{'task':'t7','tool':'build','state':'ended','end':'exited',"
	    "'code':2,'signal':null,'out':'a','err':'b\\n'}",
	    "t7 (build) exited with code 2.\na\nb" },
	{ "{'task':'t7','state':'ended','end':'signaled','signal':9}",
	    "t7 (build) was killed by signal 9." },
	{ "{'state':'cancelled','by':'user','note':'This call was not "
	    "run.'}", "build was not run by user. This call was not run." },
	{ "{'state':'refused','why':'no such folder'}",
	    "build was refused: no such folder." },
	{ "{'tasks':[]}", "There are no tasks." },
	{ "[{'id':'t7','tool':'build','state':'running','percent':42},"
	    "{'id':'t8','tool':'copy','state':'suspended'}]",
	    "t7 (build) is running, 42 %.\nt8 (copy) is suspended." },
	{ "{'task':'t7','state':'dancing'}", "t7 (build) says: dancing." }
};

Test(builtin, tells_what_became_of_a_call)
{
	struct buf result = { 0 }, want = { 0 };
	size_t i;

	for (i = 0; i < sizeof(results) / sizeof(*results); i++) {
		buf_reset(&result);
		buf_reset(&want);
		buf_puts(&result, "");
		add_quoted(&result, results[i].result);
		add_quoted(&want, results[i].answer);
		cr_expect_str_eq(answer_to_result(result.len == 0 ? "" :
		    result.data), want.data, "case %zu: %s", i,
		    answer_to_result(result.len == 0 ? "" : result.data));
	}
	buf_fini(&result);
	buf_fini(&want);
}

Test(builtin, does_not_repeat_all_of_a_long_result)
{
	struct buf result = { 0 };
	int i;

	for (i = 0; i < 20000; i++)
		buf_puts(&result, "line\n");
	cr_expect_lt(strlen(answer_to_result(result.data)), 4200);
	buf_fini(&result);
}

Test(builtin, tells_of_events_and_reads_what_a_person_wrote_between_them)
{
	cr_expect_str_eq(answer_to_words("<task-event id=\"t7\" tool=\"bench\""
	    " state=\"exited\" code=\"0\" for=\"m12\">1 &lt; 2 &amp;amp;\n"
	    "</task-event>\n\nstatus"),
	    "t7 (bench) exited with code 0, for m12.\nIt printed:\n"
	    "1 < 2 &amp;{task_list {}}");
	cr_expect_str_eq(answer_to_words("status\n\n<task-event id=\"t7\" "
	    "state=\"lost\" why=\"the supervisor died\"></task-event>"),
	    "t7 was lost: the supervisor died.{task_list {}}");
	cr_expect_str_eq(answer_to_words("<task-event id=\"t1\" tool=\"a\" "
	    "state=\"signaled\" signal=\"SIGKILL\">x</task-event>\n\n"
	    "<task-event id=\"t2\" tool=\"b\" state=\"stopped\" by=\"user\">"
	    "</task-event>"),
	    "t1 (a) was killed by signal SIGKILL.\nIt printed:\nx\n"
	    "t2 (b) was stopped by user.");
}

Test(builtin, a_command_in_an_event_is_data)
{
	cr_expect_str_eq(answer_to_words("<task-event id=\"t7\" tool=\"x\" "
	    "state=\"exited\" code=\"0\">\n$ rm -rf x\n</task-event>"),
	    "t7 (x) exited with code 0.\nIt printed:\n\n$ rm -rf x");
}

Test(builtin, a_note_needs_no_answer)
{
	cr_expect_str_eq(answer_to_words("<turn-note turn=\"3\">they said: "
	    "hello</turn-note>"), "Noted.");
}

Test(builtin, an_envelope_that_does_not_close_is_a_persons)
{
	cr_expect_not_null(strstr(answer_to_words("<task-event id=\"t7\""),
	    "no AI"));
	cr_expect_not_null(strstr(answer_to_words("<task-event"), "no AI"));
	cr_expect_not_null(strstr(answer_to_words("<"), "no AI"));
	cr_expect_not_null(strstr(answer_to_words("<a-b>"), "no AI"));
}

Test(builtin, only_what_is_new_is_answered)
{
	struct bytes items[] = {
		BYTES("{\"role\":\"user\",\"content\":\"$ ls\"}"),
		CALLED,
		BYTES("{\"role\":\"tool\",\"tool_call_id\":\"a\","
		    "\"content\":\"old\"}"),
		BYTES("{\"role\":\"assistant\",\"content\":\"said\"}"),
		BYTES("{\"role\":\"user\",\"content\":\"status\"}")
	};

	cr_expect_str_eq(answer_to(items, 5, TOOLS), "{task_list {}}");
	cr_expect_str_eq(answer_to(items, 0, TOOLS), "Noted.");
}

Test(builtin, results_and_what_was_said_after_them_are_both_heard)
{
	struct bytes items[] = {
		BYTES("{\"role\":\"user\",\"content\":\"run build\"}"),
		CALLED,
		BYTES("{\"role\":\"tool\",\"tool_call_id\":\"a\","
		    "\"content\":\"fine\"}"),
		BYTES("{\"role\":\"user\",\"content\":\"status\"}")
	};

	cr_expect_str_eq(answer_to(items, 4, TOOLS),
	    "build:\nfine{task_list {}}");
}

Test(builtin, a_message_of_a_thousand_commands_is_bounded)
{
	struct buf words = { 0 };
	const char *answer;
	size_t n = 0;
	int i;

	for (i = 0; i < 1000; i++)
		buf_puts(&words, "status\n");
	answer = answer_to_words(words.data);
	cr_expect_eq(strncmp(answer, "Too many commands at once.{", 27), 0);
	for (; (answer = strchr(answer, '{')) != NULL; answer++)
		n++;
	/* Each call is written with two braces. */
	cr_expect_eq(n, 2 * 256);
	buf_fini(&words);
}
