#include "command.h"

#include "invoke.h"
#include "jsonw.h"
#include "words.h"

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
	return c == ' ' || c == '\t';
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

static bool
call(struct command *c, const char *name)
{
	*c->name = bytes_of(name);
	if (invoke_find(c->tools, *c->name) != NULL)
		return true;
	buf_printf(c->words, "There is no tool named %s here.\n", name);
	return false;
}

/* What is said of a command that was not understood to its end. */
static bool
usage(struct command *c, const char *form)
{
	buf_printf(c->words, "I understand: %s\n", form);
	return false;
}

static bool
do_run(struct command *c)
{
	const json_t *function;

	*c->name = first_word(&c->rest);
	if (c->name->len == 0)
		return usage(c, "run TOOL [--name value]...");
	if ((function = invoke_find(c->tools, *c->name)) == NULL) {
		buf_printf(c->words, "There is no tool named %.*s; `tools` "
		    "lists them.\n", (int)c->name->len, c->name->data);
		return false;
	}
	return invoke_read(function, c->rest, c->arguments, c->words);
}

static bool
do_shell(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "$ COMMAND");
	jsonw_open(c->arguments, '{');
	jsonw_text(c->arguments, "command", c->rest);
	jsonw_close(c->arguments, '}');
	return call(c, "exec");
}

static bool
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

static bool
do_output(struct command *c)
{
	struct bytes id = first_word(&c->rest);

	if (id.len == 0 || (c->rest.len > 0 && !is_number(c->rest)))
		return usage(c, "output tN [OFFSET]");
	jsonw_open(c->arguments, '{');
	jsonw_text(c->arguments, "id", id);
	if (c->rest.len > 0)
		jsonw_raw(c->arguments, "offset", c->rest);
	jsonw_close(c->arguments, '}');
	return call(c, "task_output");
}

static void
add_ids(struct command *c)
{
	struct bytes id;

	jsonw_open(c->arguments, '{');
	jsonw_key(c->arguments, "ids");
	jsonw_open(c->arguments, '[');
	while ((id = first_word(&c->rest)).len > 0)
		jsonw_text(c->arguments, NULL, id);
	jsonw_close(c->arguments, ']');
	jsonw_close(c->arguments, '}');
}

static bool
do_wait(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "wait tN...");
	add_ids(c);
	return call(c, "task_wait");
}

static bool
do_stop(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "stop tN... or stop all");
	add_ids(c);
	return call(c, "task_stop");
}

static bool
do_suspend(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "suspend tN... or suspend all");
	add_ids(c);
	return call(c, "task_suspend");
}

static bool
do_resume(struct command *c)
{
	if (c->rest.len == 0)
		return usage(c, "resume tN... or resume all");
	add_ids(c);
	return call(c, "task_resume");
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

static bool
do_tools(struct command *c)
{
	const json_t *tool;
	size_t i;

	buf_puts(c->words, json_array_size(c->tools) == 0 ?
	    "There are no tools.\n" : "The tools:\n");
	json_array_foreach(c->tools, i, tool)
		add_tool(c->words, json_object_get(tool, "function"));
	return false;
}

static bool
do_help(struct command *c)
{
	buf_puts(c->words, COMMAND_HELP);
	return false;
}

static const struct {
	const char	*verb;
	bool		(*act)(struct command *);
} verbs[] = {
	{ "run", do_run },
	{ "status", do_status },
	{ "tasks", do_status },
	{ "output", do_output },
	{ "wait", do_wait },
	{ "stop", do_stop },
	{ "suspend", do_suspend },
	{ "resume", do_resume },
	{ "tools", do_tools },
	{ "help", do_help }
};

bool
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
	buf_puts(words, "I am no AI, only sigbox's command interpreter, and "
	    "did not understand that. `help` says what I do understand.\n");
	return false;
}
