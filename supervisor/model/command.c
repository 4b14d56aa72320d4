#include "command.h"

#include "invoke.h"
#include "jsonw.h"
#include "split.h"

struct command {
	struct bytes	 verb, rest;
	const json_t	*tools;
	struct bytes	*name;		/* of the call */
	struct buf	*arguments;
	struct buf	*words;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct bytes
trim(struct bytes b)
{
	while (b.len > 0 && is_blank(b.data[b.len - 1]))
		b.len--;
	while (b.len > 0 && is_blank(*b.data)) {
		b.data++;
		b.len--;
	}
	return b;
}

/* Takes the first word off *rest. */
static struct bytes
first_word(struct bytes *rest)
{
	struct bytes word = *rest;
	size_t n = 0;

	while (n < rest->len && !is_blank(rest->data[n]))
		n++;
	word.len = n;
	*rest = trim((struct bytes){ rest->data + n, rest->len - n });
	return word;
}

static enum command_kind
call(struct command *c, const char *name)
{
	*c->name = bytes_of(name);
	if (invoke_find(c->tools, *c->name) != NULL)
		return COMMAND_CALL;
	buf_printf(c->words, "There is no tool named %s here.\n", name);
	return COMMAND_WORDS;
}

/* What is said of a command that was not understood to its end. */
static enum command_kind
usage(struct command *c, const char *form)
{
	buf_printf(c->words, "I understand: %s\n", form);
	return COMMAND_WORDS;
}

static enum command_kind
do_run(struct command *c)
{
	const json_t *function;

	*c->name = first_word(&c->rest);
	if (c->name->len == 0)
		return usage(c, "run TOOL [--name value]...");
	if ((function = invoke_find(c->tools, *c->name)) == NULL) {
		buf_printf(c->words, "There is no tool named %.*s; `tools` "
		    "lists them.\n", (int)c->name->len, c->name->data);
		return COMMAND_WORDS;
	}
	return invoke_read(function, c->rest, c->arguments, c->words) ?
	    COMMAND_CALL : COMMAND_WORDS;
}

static enum command_kind
do_shell(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "$ COMMAND");
	jsonw_open(c->arguments, '{');
	jsonw_text(c->arguments, "command", c->rest);
	jsonw_close(c->arguments, '}');
	return call(c, "exec");
}

static enum command_kind
do_agent(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "agent COMMAND");
	jsonw_open(c->arguments, '{');
	jsonw_text(c->arguments, "task", c->rest);
	jsonw_close(c->arguments, '}');
	return call(c, "agent");
}

static enum command_kind
do_status(struct command *c)
{
	buf_puts(c->arguments, "{}");
	return call(c, "task_list");
}

static bool
is_number(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		if (b.data[i] < '0' || b.data[i] > '9')
			return false;
	/* No leading zero, for JSON; no more than fits. */
	return b.len > 0 && b.len <= 15 && (b.len == 1 || b.data[0] != '0');
}

/* t7: other words are prose, and nothing is stopped for it. */
static bool
is_task(struct bytes id)
{
	return id.len > 1 && id.data[0] == 't' &&
	    is_number((struct bytes){ id.data + 1, id.len - 1 });
}

static enum command_kind
do_output(struct command *c)
{
	struct bytes id = first_word(&c->rest);

	if (!is_task(id) || (c->rest.len > 0 && !is_number(c->rest)))
		return usage(c, "output tN [OFFSET]");
	jsonw_open(c->arguments, '{');
	jsonw_text(c->arguments, "id", id);
	if (c->rest.len > 0)
		jsonw_raw(c->arguments, "offset", c->rest);
	jsonw_close(c->arguments, '}');
	return call(c, "task_output");
}

/* A list of tasks or, where that makes sense, all of them. */
static enum command_kind
call_with_ids(struct command *c, const char *name, bool all, const char *form)
{
	struct bytes id;

	if (c->rest.len == 0)
		return usage(c, form);
	jsonw_open(c->arguments, '{');
	jsonw_key(c->arguments, "ids");
	jsonw_open(c->arguments, '[');
	while ((id = first_word(&c->rest)).len > 0) {
		if (!is_task(id) && !(all && bytes_is(id, "all")))
			return usage(c, form);
		jsonw_text(c->arguments, NULL, id);
	}
	jsonw_close(c->arguments, ']');
	if (!all)		/* a wait: who names several means each */
		jsonw_str(c->arguments, "for", "all");
	jsonw_close(c->arguments, '}');
	return call(c, name);
}

static enum command_kind
do_wait(struct command *c)
{
	return call_with_ids(c, "task_wait", false, "wait tN...");
}

static enum command_kind
do_watch(struct command *c)
{
	struct bytes id = first_word(&c->rest);

	if (!is_task(id) || c->rest.len == 0)
		return usage(c, "watch tN PATTERN");
	jsonw_open(c->arguments, '{');
	jsonw_text(c->arguments, "id", id);
	jsonw_text(c->arguments, "pattern", c->rest);
	jsonw_close(c->arguments, '}');
	return call(c, "task_watch");
}

static enum command_kind
do_stop(struct command *c)
{
	return call_with_ids(c, "task_stop", true, "stop tN... or stop all");
}

static enum command_kind
do_suspend(struct command *c)
{
	return call_with_ids(c, "task_suspend", true,
	    "suspend tN... or suspend all");
}

static enum command_kind
do_resume(struct command *c)
{
	return call_with_ids(c, "task_resume", true,
	    "resume tN... or resume all");
}

static void
add_tool(struct buf *out, const json_t *function)
{
	const char *name =
	    json_string_value(json_object_get(function, "name"));
	const char *what =
	    json_string_value(json_object_get(function, "description"));

	if (name == NULL)
		return;
	buf_printf(out, "  %s", name);
	if (what != NULL)
		buf_printf(out, "   %.*s", (int)strcspn(what, "\n"), what);
	buf_putc(out, '\n');
}

static enum command_kind
do_tools(struct command *c)
{
	const json_t *tool;
	size_t i;

	buf_puts(c->words, json_array_size(c->tools) == 0 ?
	    "There are no tools.\n" : "The tools:\n");
	json_array_foreach(c->tools, i, tool)
		add_tool(c->words, json_object_get(tool, "function"));
	return COMMAND_WORDS;
}

static enum command_kind
do_help(struct command *c)
{
	buf_puts(c->words, COMMAND_HELP);
	return COMMAND_WORDS;
}

static const struct {
	const char	*verb;
	enum command_kind (*act)(struct command *);
} verbs[] = {
	{ "run", do_run },
	{ "agent", do_agent },
	{ "status", do_status },
	{ "tasks", do_status },
	{ "output", do_output },
	{ "wait", do_wait },
	{ "watch", do_watch },
	{ "stop", do_stop },
	{ "suspend", do_suspend },
	{ "resume", do_resume },
	{ "tools", do_tools },
	{ "help", do_help }
};

enum command_kind
command_read(struct bytes line, const json_t *tools, struct bytes *name,
    struct buf *arguments, struct buf *words)
{
	struct command c = { .tools = tools, .name = name,
	    .arguments = arguments, .words = words };
	size_t i;

	c.rest = trim(line);
	if (c.rest.len > 0 && *c.rest.data == '$') {
		c.rest = trim((struct bytes){ c.rest.data + 1,
		    c.rest.len - 1 });
		return do_shell(&c);
	}
	c.verb = first_word(&c.rest);
	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (c.verb.len == strlen(verbs[i].verb) &&
		    strncasecmp(c.verb.data, verbs[i].verb, c.verb.len) == 0)
			return verbs[i].act(&c);
	return COMMAND_UNKNOWN;
}
