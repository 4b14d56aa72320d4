#include <criterion/criterion.h>

#include <jansson.h>
#include <stdlib.h>

#include "own.h"

static struct own	 o;
static char		*why;

static void
teardown(void)
{
	own_fini(&o);
	free(why);
	why = NULL;
}

TestSuite(own, .fini = teardown);

static void
parse(const char *name, const char *args)
{
	own_fini(&o);
	cr_assert(own_parse(name, bytes_of(args), &o, &why), "%s %s: %s", name,
	    args, why);
	cr_assert_str_eq(own_name(o.kind), name);
}

static void
fails(const char *name, const char *args, const char *text)
{
	own_fini(&o);
	cr_assert_not(own_parse(name, bytes_of(args), &o, &why), "%s %s", name,
	    args);
	cr_assert_str_eq(why, text);
	cr_assert(o.ids == NULL && o.id == NULL && o.command == NULL &&
	    o.text == NULL && o.tools == NULL && o.session == NULL);
	free(why);
	why = NULL;
}

Test(own, each_is_told_to_the_model)
{
	struct tool	*t;
	json_t		*schema;
	size_t		 i;

	for (i = 0; i < OWN_KINDS; i++) {
		t = own_tool((enum own_kind)i);
		cr_assert_str_eq(t->name, own_name((enum own_kind)i));
		cr_assert(own_is_taken(t->name));
		cr_assert_null(t->path);
		cr_assert_eq(t->nwarnings, 0);
		cr_assert_gt(strlen(t->describe), 40);
		schema = json_loads(t->parameters, 0, NULL);
		cr_assert_not_null(schema);
		json_decref(schema);
		tool_free(t);
	}
	cr_assert_not(own_is_taken("build"));
}

Test(own, task_list_wants_nothing)
{
	parse("task_list", "{}");
	cr_assert_eq(o.kind, OWN_TASK_LIST);
	fails("task_list", "{\"x\":1}", "args: x: no such argument");
}

Test(own, task_output_has_an_id_and_perhaps_more)
{
	parse("task_output", "{\"id\":\"t7\"}");
	cr_assert_str_eq(o.id, "t7");
	cr_assert_eq(o.offset, UINT64_MAX);
	cr_assert_eq(o.wait_us, 0);
	parse("task_output", "{\"id\":\"t7\",\"offset\":4096,\"wait\":1.5}");
	cr_assert_eq(o.offset, 4096);
	cr_assert_eq(o.wait_us, 1500000);
	fails("task_output", "{}", "args: id: missing");
	fails("task_output", "{\"id\":7}", "args: id: not a string");
	fails("task_output", "{\"id\":\"t7\",\"offset\":-1}",
	    "args: offset: less than 0");
	fails("task_output", "{\"id\":\"t7\",\"wait\":-1}",
	    "args: wait: less than 0");
}

Test(own, a_wait_is_never_longer_than_a_minute)
{
	parse("task_wait", "{\"ids\":[\"t1\",\"t2\"]}");
	cr_assert_eq(o.nids, 2);
	cr_assert_str_eq(o.ids[1], "t2");
	cr_assert_not(o.all);
	cr_assert_not(o.for_all);
	cr_assert_eq(o.wait_us, OWN_WAIT_MAX_US);
	parse("task_wait", "{\"ids\":[\"t1\"],\"for\":\"all\"}");
	cr_assert(o.for_all);
	parse("task_wait", "{\"ids\":[\"t1\"],\"for\":\"any\"}");
	cr_assert_not(o.for_all);
	parse("task_wait", "{\"ids\":[\"t1\"],\"timeout\":1e300}");
	cr_assert_eq(o.wait_us, OWN_WAIT_MAX_US);
	parse("task_wait", "{\"ids\":[\"t1\"],\"timeout\":0}");
	cr_assert_eq(o.wait_us, 0);
	fails("task_wait", "{\"ids\":[]}",
	    "args: ids: with fewer items than 1");
	fails("task_wait", "{\"ids\":\"t1\"}", "args: ids: not an array");
}

Test(own, all_may_be_stopped_and_held)
{
	parse("task_stop", "{\"ids\":[\"all\"],\"now\":true}");
	cr_assert(o.all && o.now);
	parse("task_stop", "{\"ids\":[\"t1\"]}");
	cr_assert_not(o.all || o.now);
	parse("task_suspend", "{\"ids\":[\"t1\",\"all\"]}");
	cr_assert(o.all);
	parse("task_resume", "{\"ids\":[\"t1\"]}");
	cr_assert_eq(o.nids, 1);
	fails("task_resume", "{}", "args: ids: missing");
}

Test(own, task_input_writes_or_closes)
{
	parse("task_input", "{\"id\":\"t1\",\"text\":\"yes\\n\"}");
	cr_assert_str_eq(o.text, "yes\n");
	cr_assert_eq(o.text_len, 4);
	cr_assert_not(o.eof);
	parse("task_input", "{\"id\":\"t1\",\"eof\":true}");
	cr_assert_null(o.text);
	cr_assert(o.eof);
	fails("task_input", "{\"id\":\"t1\"}", "args: text: missing");
}

Test(own, a_watch_has_an_id_and_a_pattern)
{
	parse("task_watch", "{\"id\":\"t7\",\"pattern\":\"a|b\"}");
	cr_assert_eq(o.kind, OWN_TASK_WATCH);
	cr_assert_str_eq(o.id, "t7");
	cr_assert_str_eq(o.watch, "a|b");
	fails("task_watch", "{\"id\":\"t7\"}", "args: pattern: missing");
	fails("task_watch", "{\"id\":\"t7\",\"pattern\":\"\"}",
	    "args: pattern: it is empty");
	fails("task_watch", "{\"id\":\"t7\",\"pattern\":\"a{2}\"}",
	    "args: pattern: it has a {; write \\{ for the brace itself");
}

Test(own, exec_may_be_watched)
{
	parse("exec", "{\"command\":\"true\",\"watch\":\"ready\"}");
	cr_assert_str_eq(o.watch, "ready");
	parse("exec", "{\"command\":\"true\"}");
	cr_assert_null(o.watch);
	fails("exec", "{\"command\":\"true\",\"watch\":\"(\"}",
	    "args: watch: a part of it is empty");
}

Test(own, exec_is_a_shell_command)
{
	struct args	 a = { 0 };

	parse("exec", "{\"command\":\"echo a | cat\",\"cwd\":\"/tmp\","
	    "\"timeout\":0.5}");
	cr_assert_str_eq(o.cwd, "/tmp");
	cr_assert_eq(o.timeout_us, 500000);
	own_exec_args(&o, NULL, &a);
	cr_assert_eq(a.argv.len, sizeof("/bin/sh\0-c\0echo a | cat"));
	cr_assert_arr_eq(a.argv.data, "/bin/sh\0-c\0echo a | cat", a.argv.len);
	cr_assert_eq(a.input.len + a.env.len, 0);
	args_fini(&a);
	own_exec_args(&o, "/a b", &a);
#define ARGV	"/bin/sh\0-c\0cd -- \"$1\" && exec /bin/sh -c \"$2\"\0" \
	"/bin/sh\0/a b\0echo a | cat"
	cr_assert_eq(a.argv.len, sizeof(ARGV));
	cr_assert_arr_eq(a.argv.data, ARGV, a.argv.len);
	args_fini(&a);
	parse("exec", "{\"command\":\"true\"}");
	cr_assert_null(o.cwd);
	cr_assert_eq(o.timeout_us, TOOL_UNSAID);
}

Test(own, exec_says_after_whom_and_how_urgent)
{
	parse("exec", "{\"command\":\"true\",\"after\":[\"t3\",\"t4\"],"
	    "\"after_if\":\"any\",\"priority\":\"high\"}");
	cr_assert_str_eq(o.after, "t3 t4");
	cr_assert_str_eq(o.after_if, "any");
	cr_assert_str_eq(o.priority, "high");
	parse("exec", "{\"command\":\"true\"}");
	cr_assert(o.after == NULL && o.after_if == NULL);
	cr_assert_null(o.priority);
	fails("exec", "{\"command\":\"true\",\"priority\":\"huge\"}",
	    "args: priority: not one of low, normal, high");
}

Test(own, task_move_changes_what_it_says)
{
	parse("task_move", "{\"id\":\"t5\",\"first\":true}");
	cr_assert_str_eq(o.id, "t5");
	cr_assert(o.first);
	parse("task_move", "{\"id\":\"t5\",\"after\":[\"none\"]}");
	cr_assert_str_eq(o.after, "none");
	cr_assert_not(o.first);
	fails("task_move", "{\"id\":\"t5\"}",
	    "args: nothing is to be changed");
	fails("task_move", "{\"first\":true}", "args: id: missing");
}

Test(own, exec_refuses_what_cannot_run)
{
	struct buf	 b = { 0 };
	size_t		 i;

	fails("exec", "{}", "args: command: missing");
	fails("exec", "{\"command\":\" \\n\"}", "args: command: empty");
	fails("exec", "{\"command\":\"a\\u0000b\"}",
	    "args: command: a NUL inside");
	fails("exec", "{\"command\":\"x\",\"timeout\":0}",
	    "args: timeout: not greater than 0");
	fails("exec", "{\"command\":\"x\",\"timeout\":\"1\"}",
	    "args: timeout: not a number");
	buf_puts(&b, "{\"command\":\"");
	for (i = 0; i < ARGS_STRING_MAX; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"}");
	fails("exec", b.data, "args: command: longer than 128 KiB; write it "
	    "into a file first");
	buf_fini(&b);
}

Test(own, agent_has_a_task_and_perhaps_more)
{
	parse("agent", "{\"task\":\"Look.\"}");
	cr_assert_str_eq(o.text, "Look.");
	cr_assert(o.tools == NULL && o.model == NULL && o.session == NULL);
	cr_assert_eq(o.timeout_us, TOOL_UNSAID);
	parse("agent", "{\"task\":\"Look.\",\"tools\":[\"exec\",\"build\"],"
	    "\"model\":\"small\",\"session\":\"main.t7\"}");
	cr_assert_str_eq(o.tools, "exec build");
	cr_assert_str_eq(o.model, "small");
	cr_assert_str_eq(o.session, "main.t7");
	fails("agent", "{}", "args: task: missing");
	fails("agent", "{\"task\":\" \\n\"}", "args: task: empty");
	fails("agent", "{\"task\":\"x\",\"tools\":[\"a b\"]}",
	    "args: tools: not names of tools");
	fails("agent", "{\"task\":\"x\",\"tools\":[]}",
	    "args: tools: none is named; leave it out for all of yours");
	fails("agent", "{\"task\":\"x\",\"model\":\"\"}",
	    "args: model: empty");
	fails("agent", "{\"task\":\"x\",\"session\":\"../x\"}",
	    "args: session: letters, digits, . _ and -, at most 64");
	fails("agent", "{\"task\":\"x\",\"session\":\"all\"}",
	    "args: session: letters, digits, . _ and -, at most 64");
}

Test(own, agent_send_says_something_in_a_mode)
{
	parse("agent_send", "{\"id\":\"t1\",\"text\":\"And this.\"}");
	cr_assert_str_eq(o.id, "t1");
	cr_assert_str_eq(o.text, "And this.");
	cr_assert_null(o.mode);
	parse("agent_send", "{\"id\":\"t1\",\"text\":\"x\","
	    "\"mode\":\"queue\"}");
	cr_assert_str_eq(o.mode, "queue");
	fails("agent_send", "{\"id\":\"t1\",\"text\":\" \"}",
	    "args: text: empty");
	fails("agent_send", "{\"text\":\"x\"}", "args: id: missing");
	own_fini(&o);
	cr_assert_not(own_parse("agent_send", BYTES("{\"id\":\"t1\","
	    "\"text\":\"x\",\"mode\":\"ask\"}"), &o, &why));
}

Test(own, another_name_is_nobodys)
{
	fails("agents", "{}", "agents: no built-in tool");
	fails("", "{}", ": no built-in tool");
}
