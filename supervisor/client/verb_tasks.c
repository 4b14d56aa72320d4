/* What is there to be seen of tasks: tasks, show, wait. */
#include <stdio.h>

#include "show.h"
#include "verb.h"

enum tasks_row { ALL, ALL_SESSIONS };

static const struct verb_option tasks_options[] = {
	{ "all", 'a', NULL, "also those that have ended" },
	{ "all-sessions", 'A', NULL, "those of every session" },
	{ NULL }
};

static int
run_tasks(struct client *c)
{
	struct frame f = { .type = FRAME_TASKS };

	f.tasks.session = bytes_of(c->opt[ALL_SESSIONS] != NULL ? "*" :
	    c->session);
	f.tasks.all = c->opt[ALL] != NULL;
	return verb_ask(c, &f, show_tasks);
}

const struct verb verb_tasks = {
	.name = "tasks",
	.alias = "ps",
	.operands = "",
	.about = "list the tasks",
	.options = tasks_options,
	.run = run_tasks,
};

static int
run_show(struct client *c)
{
	struct frame f = { .type = FRAME_SHOW };

	f.show.id = bytes_of(c->argv[0]);
	return verb_ask(c, &f, NULL);
}

const struct verb verb_show = {
	.name = "show",
	.operands = "ID",
	.about = "tell everything about a task, a message, a turn, a session",
	.min = 1,
	.max = 1,
	.run = run_show,
};

enum wait_row { TIMEOUT };

static const struct verb_option wait_options[] = {
	{ "timeout", 't', "SECONDS", "not longer; then the exit code is 75" },
	{ NULL }
};

struct wait {
	const struct client	*client;
	int			 code;	/* the first that is not 0 */
};

static void
on_ended(void *arg, const struct frame_item *i)
{
	struct wait *w = arg;
	json_t *o = value_parse(i->json);
	struct buf line = { 0 };
	int code = value_exit_code(o);

	if (w->client->json) {
		show_line(i->json);
	} else if (!w->client->quiet && o != NULL) {
		show_task(&line, o);
		buf_putc(&line, '\n');
		show_bytes(buf_bytes(&line));
	}
	if (w->code == 0)
		w->code = code;
	buf_fini(&line);
	json_decref(o);
}

static int
run_wait(struct client *c)
{
	static const struct ask_ops ops = { .item = on_ended };
	struct frame f = { .type = FRAME_WAIT };
	struct wait w = { .client = c };
	struct buf ids = { 0 };
	int status;

	if (c->opt[TIMEOUT] != NULL &&
	    !verb_seconds(c->opt[TIMEOUT], &f.wait.timeout_ms))
		return verb_usage(c, "--timeout %s: not a time",
		    c->opt[TIMEOUT]);
	/* 0 would mean for ever, where a person means: look once. */
	if (c->opt[TIMEOUT] != NULL && f.wait.timeout_ms == 0)
		f.wait.timeout_ms = 1;
	for (int i = 0; i < c->argc; i++) {
		if (i > 0)
			buf_putc(&ids, ' ');
		buf_puts(&ids, c->argv[i]);
	}
	f.wait.ids = buf_bytes(&ids);
	status = ask_do(&c->ask, &f, &ops, &w);
	buf_fini(&ids);
	return status != 0 ? status : w.code;
}

const struct verb verb_wait = {
	.name = "wait",
	.operands = "ID...",
	.about = "wait for tasks to end; the exit code is theirs",
	.options = wait_options,
	.min = 1,
	.max = -1,
	.run = run_wait,
};
