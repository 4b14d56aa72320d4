#include "own.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "header.h"
#include "pattern.h"
#include "text.h"
#include "xalloc.h"

#define IDS	"# @option --ids+ Their ids, such as t7; all: every task of " \
		"this conversation\n"

#define TERMS	"# @option --after* Ids of tasks, such as t7, that must have " \
		"ended before it starts; none: it waits for no task\n" \
		"# @option --after_if[ok|any] Whether all of those must have " \
		"ended with code 0, or it is refused (ok, the default), or " \
		"may have ended in any way\n" \
		"# @option --priority[low|normal|high] Among the tasks of " \
		"this conversation that wait to start\n"
#define PATTERN	"A POSIX extended regular expression for one line, without { } " \
		"and back references"

/* Written as any other tool is, so that one parser and one check serve all. */
static const struct {
	const char	*name;
	const char	*header;
} tools[] = {
	[OWN_TASK_LIST] = { "task_list",
	    "# @describe List the tasks of this conversation, running and "
	    "waiting ones first: id, tool, state, age, progress, size of the "
	    "output. A task that goes on in the background is announced in "
	    "this conversation when it ends, so there is no need to look "
	    "again and again.\n" },
	[OWN_TASK_OUTPUT] = { "task_output",
	    "# @describe Read what a task has printed, also while it runs or "
	    "after it has ended. The answer says at which offset the next read "
	    "goes on. Nothing is consumed: everything can be read again.\n"
	    "# @option --id! Its id, such as t7\n"
	    "# @option --offset <INT> First byte to read; without it, the end "
	    "of the output\n"
	    "# @option --wait <NUM> Seconds to wait for something new if there "
	    "is nothing behind the offset yet, at most 60; a message from the "
	    "user, and the end of the task, end the wait\n" },
	[OWN_TASK_WAIT] = { "task_wait",
	    "# @describe Wait until one of these tasks has ended, or each of "
	    "them, when nothing useful can be done without its result. It returns early when the "
	    "user says something. A wait that runs out is no failure: the task "
	    "goes on, and you will be told when it ends; do not wait in a "
	    "loop.\n"
	    IDS
	    "# @option --for[=any|all] any: until one of them has ended; all: "
	    "until each has\n"
	    "# @option --timeout <NUM> Seconds, at most 60, which is also the "
	    "default\n" },
	[OWN_TASK_STOP] = { "task_stop",
	    "# @describe Stop tasks for good, with everything they have "
	    "started. They are asked to end, and killed if they have not after "
	    "their grace time. What they have printed stays readable.\n"
	    IDS
	    "# @flag --now Kill at once, without a time to clean up\n" },
	[OWN_TASK_SUSPEND] = { "task_suspend",
	    "# @describe Hold tasks where they are: they use no processor and "
	    "their time limits stand still until task_resume or task_stop.\n"
	    IDS },
	[OWN_TASK_RESUME] = { "task_resume",
	    "# @describe Let suspended tasks go on from where they were held.\n"
	    IDS },
	[OWN_TASK_INPUT] = { "task_input",
	    "# @describe Write to the standard input of a running task whose "
	    "tool reads it while it runs.\n"
	    "# @option --id! Its id, such as t7\n"
	    "# @option --text What to write, byte by byte as it is: end a line "
	    "with \\n\n"
	    "# @flag --eof Then close its input for good\n" },
	[OWN_TASK_MOVE] = { "task_move",
	    "# @describe Change when a task starts that has not started yet. "
	    "What is not said stays as it was.\n"
	    "# @option --id! Its id, such as t7\n"
	    "# @flag --first Before the others of this conversation that "
	    "wait\n"
	    TERMS },
	[OWN_TASK_WATCH] = { "task_watch",
	    "# @describe Be told when a running task prints a line that "
	    "matches a pattern, also one that it has printed a moment ago. The "
	    "line is announced in this conversation, so do not poll for it.\n"
	    "# @option --id! Its id, such as t7\n"
	    "# @option --pattern! " PATTERN ", such as listening|error\n" },
	[OWN_EXEC] = { "exec",
	    "# @describe Run a shell command with /bin/sh -c, without a "
	    "terminal and with nothing on its standard input. Its output and "
	    "exit code are the result. If it takes long, or the user says "
	    "something meanwhile, it goes on in the background as a task: you "
	    "get its id now and are told when it ends. Do not poll for it, do "
	    "not start it again, and do not put & behind a command.\n"
	    "# @arg command! The command line\n"
	    "# @option --cwd Folder to run it in; without it, the working "
	    "folder of this conversation\n"
	    "# @option --timeout <NUM> Seconds after which it is stopped\n"
	    TERMS
	    "# @option --watch What to wait for in its output: when a line "
	    "matches, you are told at once and it goes on in the background. "
	    PATTERN "\n" },
	[OWN_AGENT] = { "agent",
	    "# @describe Give a piece of work to a sub-agent: a conversation of "
	    "its own in the same folder, with tools of its own, that works by "
	    "itself until it has finished. Its last answer is the result. It "
	    "knows nothing of this conversation, so the task says all that it "
	    "needs. If it takes long, or the user says something meanwhile, "
	    "it goes on in the background as a task: you get its id now and "
	    "are told when it ends. Do not poll for it and do not start it "
	    "again.\n"
	    "# @arg task! What it is to do, and what its answer is to say\n"
	    "# @option --tools* The names of the tools that it may use; "
	    "without it, all of yours\n"
	    "# @option --model Another model for it, by its name\n"
	    "# @option --session The session of a sub-agent of yours that has "
	    "ended, to go on with; or a name for a new one\n" },
	[OWN_AGENT_SEND] = { "agent_send",
	    "# @describe Say something to a sub-agent that is still at work, "
	    "such as a correction or more to do.\n"
	    "# @option --id! The id of its task, such as t7\n"
	    "# @option --text! What to say\n"
	    "# @option --mode[steer|now|interrupt|queue] steer: it reads it at "
	    "its next step, which is the default; now: at once, in a turn "
	    "beside; interrupt: what it says now is cut; queue: when it would "
	    "have finished\n" },
};

static_assert(sizeof(tools) / sizeof(*tools) == OWN_KINDS, "a tool is missing");

const char *
own_name(enum own_kind kind)
{
	return tools[kind].name;
}

static bool
find(const char *name, enum own_kind *kind)
{
	size_t	 i;

	for (i = 0; i < OWN_KINDS; i++)
		if (strcmp(name, tools[i].name) == 0) {
			*kind = (enum own_kind)i;
			return true;
		}
	return false;
}

bool
own_is_taken(const char *name)
{
	enum own_kind	 kind;

	return find(name, &kind);
}

struct tool *
own_tool(enum own_kind kind)
{
	struct tool_note	 error = { 0 };
	struct tool		*t = tool_new(tools[kind].name);

	if (!header_parse(t, bytes_of(tools[kind].header), &error))
		abort();	/* the table above is ours */
	return t;
}

static bool
bad(char **why, const char *text)
{
	args_wrong(why, NULL, text);
	return false;
}

static char *
get_string(const json_t *args, const char *key, size_t *len)
{
	const json_t	*v = json_object_get(args, key);

	if (v == NULL)
		return NULL;
	if (len != NULL)
		*len = json_string_length(v);
	return xmemdup(json_string_value(v), json_string_length(v));
}

static void
get_ids(const json_t *args, struct own *o)
{
	const json_t	*ids = json_object_get(args, "ids"), *id;
	size_t		 i;

	o->ids = xcalloc(json_array_size(ids) + 1, sizeof(*o->ids));
	json_array_foreach(ids, i, id) {
		if (strcmp(json_string_value(id), "all") == 0)
			o->all = true;
		o->ids[o->nids++] = xstrdup(json_string_value(id));
	}
}

/* false: it is less than nothing. */
static bool
get_seconds(const json_t *args, const char *key, uint64_t *us)
{
	const json_t	*v = json_object_get(args, key);
	double		 seconds = json_number_value(v);

	if (v == NULL)
		return true;
	/* A year is long enough, and no multiplication overflows. */
	*us = (uint64_t)((seconds > 31536000 ? 31536000 : seconds) * 1e6);
	return seconds >= 0;
}

static bool
get_wait(const json_t *args, const char *key, struct own *o, char **why)
{
	if (!get_seconds(args, key, &o->wait_us)) {
		args_wrong(why, key, "less than 0");
		return false;
	}
	if (o->wait_us > OWN_WAIT_MAX_US)
		o->wait_us = OWN_WAIT_MAX_US;
	return true;
}

static bool
get_output(const json_t *args, struct own *o, char **why)
{
	const json_t	*offset = json_object_get(args, "offset");

	o->id = get_string(args, "id", NULL);
	o->offset = UINT64_MAX;
	if (offset != NULL) {
		if (json_integer_value(offset) < 0)
			return bad(why, "offset: less than 0");
		o->offset = (uint64_t)json_integer_value(offset);
	}
	return get_wait(args, "wait", o, why);
}

static bool
get_input(const json_t *args, struct own *o, char **why)
{
	o->id = get_string(args, "id", NULL);
	o->text = get_string(args, "text", &o->text_len);
	o->eof = json_is_true(json_object_get(args, "eof"));
	return o->text != NULL || o->eof || bad(why, "text: missing");
}

/* A list of strings as one, by blanks; NULL: there is no list. */
static char *
get_list(const json_t *args, const char *key)
{
	const json_t	*list = json_object_get(args, key), *v;
	struct buf	 b = { 0 };
	size_t		 i;

	if (list == NULL)
		return NULL;
	json_array_foreach(list, i, v)
		buf_printf(&b, "%s%s", i == 0 ? "" : " ",
		    json_string_value(v));
	return buf_take(&b);
}

static void
get_terms(const json_t *args, struct own *o)
{
	o->after = get_list(args, "after");
	o->after_if = get_string(args, "after_if", NULL);
	o->priority = get_string(args, "priority", NULL);
}

static bool
get_move(const json_t *args, struct own *o, char **why)
{
	o->id = get_string(args, "id", NULL);
	o->first = json_is_true(json_object_get(args, "first"));
	get_terms(args, o);
	return o->first || o->after != NULL || o->after_if != NULL ||
	    o->priority != NULL || bad(why, "nothing is to be changed");
}

static bool
get_pattern(const json_t *args, const char *key, struct own *o, char **why)
{
	const char	*words;

	o->watch = get_string(args, key, NULL);
	if (o->watch == NULL ||
	    (words = pattern_check(bytes_of(o->watch))) == NULL)
		return true;
	args_wrong(why, key, words);
	return false;
}

static bool
get_exec(const json_t *args, struct own *o, char **why)
{
	o->command = get_string(args, "command", NULL);
	o->cwd = get_string(args, "cwd", NULL);
	o->timeout_us = TOOL_UNSAID;
	get_terms(args, o);
	if (text_is_blank(bytes_of(o->command)))
		return bad(why, "command: empty");
	if (strlen(o->command) >= ARGS_STRING_MAX)
		return bad(why, "command: longer than 128 KiB; write it into "
		    "a file first");
	if (!get_seconds(args, "timeout", &o->timeout_us) ||
	    o->timeout_us == 0)
		return bad(why, "timeout: not greater than 0");
	return get_pattern(args, "watch", o, why);
}

/* As all sessions are named. */
static bool
is_session(const char *name)
{
	size_t	 n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n > 0 && n <= OWN_SESSION_MAX && name[n] == '\0' &&
	    name[0] != '.' && strcmp(name, "all") != 0;
}

static bool
get_tools(const json_t *args, struct own *o, char **why)
{
	const json_t	*names = json_object_get(args, "tools"), *name;
	struct buf	 b = { 0 };
	bool		 fine = true;
	size_t		 i;

	json_array_foreach(names, i, name) {
		fine = fine && tool_name_is_valid(bytes_of(
		    json_string_value(name)));
		buf_printf(&b, "%s%s", i == 0 ? "" : " ",
		    json_string_value(name));
	}
	if (b.len > 0)
		o->tools = buf_take(&b);
	if (!fine)
		return bad(why, "tools: not names of tools");
	return names == NULL || i > 0 || bad(why,
	    "tools: none is named; leave it out for all of yours");
}

static bool
get_agent(const json_t *args, struct own *o, char **why)
{
	o->text = get_string(args, "task", &o->text_len);
	o->model = get_string(args, "model", NULL);
	o->session = get_string(args, "session", NULL);
	o->timeout_us = TOOL_UNSAID;
	if (text_is_blank(bytes_of(o->text)))
		return bad(why, "task: empty");
	if (!get_tools(args, o, why))
		return false;
	if (o->model != NULL && text_is_blank(bytes_of(o->model)))
		return bad(why, "model: empty");
	return o->session == NULL || is_session(o->session) ||
	    bad(why, "session: letters, digits, . _ and -, at most 64");
}

static bool
get_send(const json_t *args, struct own *o, char **why)
{
	o->id = get_string(args, "id", NULL);
	o->text = get_string(args, "text", &o->text_len);
	o->mode = get_string(args, "mode", NULL);
	return !text_is_blank(bytes_of(o->text)) || bad(why, "text: empty");
}

static bool
get(const json_t *args, struct own *o, char **why)
{
	switch (o->kind) {
	case OWN_TASK_LIST:
		return true;
	case OWN_TASK_OUTPUT:
		return get_output(args, o, why);
	case OWN_TASK_WAIT:
		get_ids(args, o);
		o->for_all = json_is_string(json_object_get(args, "for")) &&
		    strcmp(json_string_value(json_object_get(args, "for")),
		    "all") == 0;
		o->wait_us = OWN_WAIT_MAX_US;
		return get_wait(args, "timeout", o, why);
	case OWN_TASK_STOP:
		o->now = json_is_true(json_object_get(args, "now"));
		get_ids(args, o);
		return true;
	case OWN_TASK_SUSPEND:
	case OWN_TASK_RESUME:
		get_ids(args, o);
		return true;
	case OWN_TASK_INPUT:
		return get_input(args, o, why);
	case OWN_TASK_MOVE:
		return get_move(args, o, why);
	case OWN_TASK_WATCH:
		o->id = get_string(args, "id", NULL);
		return get_pattern(args, "pattern", o, why);
	case OWN_EXEC:
		return get_exec(args, o, why);
	case OWN_AGENT:
		return get_agent(args, o, why);
	case OWN_AGENT_SEND:
		return get_send(args, o, why);
	}
	return false;
}

bool
own_parse(const char *name, struct bytes text, struct own *o, char **why)
{
	struct tool	*t;
	json_t		*args = NULL;
	bool		 fine;

	memset(o, 0, sizeof(*o));
	if (!find(name, &o->kind)) {
		*why = xasprintf("%s: no built-in tool", name);
		return false;
	}
	t = own_tool(o->kind);
	fine = args_check(t, text, why);
	tool_free(t);
	if (fine) {
		args = json_loadb(text.data, text.len, 0, NULL);
		fine = get(args, o, why);
	}
	json_decref(args);
	if (!fine)
		own_fini(o);
	return fine;
}

void
own_fini(struct own *o)
{
	size_t	 i;

	for (i = 0; i < o->nids; i++)
		free(o->ids[i]);
	free(o->ids);
	free(o->id);
	free(o->text);
	free(o->command);
	free(o->cwd);
	free(o->after);
	free(o->after_if);
	free(o->priority);
	free(o->tools);
	free(o->model);
	free(o->session);
	free(o->mode);
	free(o->watch);
	memset(o, 0, sizeof(*o));
}

static void
put(struct args *a, const char *s)
{
	buf_add(&a->argv, s, strlen(s) + 1);
}

void
own_exec_args(const struct own *o, const char *folder, struct args *a)
{
	put(a, "/bin/sh");
	put(a, "-c");
	if (folder != NULL) {
		put(a, "cd -- \"$1\" && exec /bin/sh -c \"$2\"");
		put(a, "/bin/sh");
		put(a, folder);
	}
	put(a, o->command);
}
