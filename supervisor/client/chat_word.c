/* Lines that begin with '/': what can be done without a model. */
#include <stdlib.h>

#include "chat.h"
#include "usage.h"
#include "xalloc.h"

#define LOG_TAIL	4096	/* bytes of each stream that /log shows */

struct word {
	const char	*name;
	const char	*operand;	/* NULL: none; [X]: or none */
	const char	*about;
	void		(*act)(struct chat *, char *operand);
};

static const struct show_column queue_columns[] = {
	{ "position", "POSITION", VALUE_PLAIN },
	{ "message", "MESSAGE", VALUE_PLAIN },
	{ "mode", "MODE", VALUE_PLAIN },
	{ "text", "TEXT", VALUE_PLAIN },
	{ NULL }
};

static const struct show_column tools_columns[] = {
	{ "name", "TOOL", VALUE_PLAIN },
	{ "describe", "DESCRIPTION", VALUE_SENTENCE },
	{ NULL }
};

static void
collect(struct chat *c, struct question *q, const json_t *o)
{
	(void)c;
	show_object(&q->show, o);
}

static void
print_collected(struct chat *c, struct question *q, int status)
{
	if (status == 0 && q->show.nrows == 0)
		chat_remark(c, "none");
	screen_break(&c->screen);
	show_end(&q->show);
}

static void
ask_table(struct chat *c, struct frame *f, const struct show_column *columns)
{
	static const struct chat_answer answer = { .item = collect,
	    .done = print_collected };
	struct question *q = chat_ask(c, f, &answer);

	if (q != NULL)
		show_init(&q->show, columns, false);
}

static void
tasks(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_TASKS };

	(void)operand;
	f.tasks.session = bytes_of(c->client->session);
	ask_table(c, &f, show_tasks);
}

static void
queue(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_QUEUE };

	(void)operand;
	f.queue.session = bytes_of(c->client->session);
	f.queue.op = BYTES("list");
	ask_table(c, &f, queue_columns);
}

static void
tools(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_TOOLS };

	(void)operand;
	ask_table(c, &f, tools_columns);
}

static void
status(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_STATUS };

	(void)operand;
	ask_table(c, &f, NULL);
}

static void
remark_task(struct chat *c, struct question *q, const json_t *o)
{
	struct buf b = { 0 };

	(void)q;
	show_task(&b, o);
	chat_remark(c, "%s", b.data);
	buf_fini(&b);
}

static const struct chat_answer on_task = { .item = remark_task };

static void
stop(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_STOP };

	f.stop.session = bytes_of(c->client->session);
	f.stop.id = bytes_of(operand);
	chat_ask(c, &f, &on_task);
}

static void
suspend(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_SUSPEND };

	f.suspend.session = bytes_of(c->client->session);
	f.suspend.id = bytes_of(operand);
	chat_ask(c, &f, &on_task);
}

static void
resume(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_RESUME };

	f.resume.session = bytes_of(c->client->session);
	f.resume.id = bytes_of(operand);
	chat_ask(c, &f, &on_task);
}

static void
approvals(struct chat *c, char *operand)
{
	struct frame f = { .type = FRAME_APPROVALS };

	(void)operand;
	f.approvals.session = BYTES("*");	/* sub-agents' as well */
	ask_table(c, &f, show_approvals);
}

static void
watch(struct chat *c, char *operand)
{
	static const struct chat_answer none = { .item = NULL };
	struct frame f = { .type = FRAME_WATCH };
	size_t len = strcspn(operand, " \t");

	f.watch.id = (struct bytes){ operand, len };
	f.watch.pattern = bytes_of(operand + len +
	    strspn(operand + len, " \t"));
	chat_ask(c, &f, &none);
}

static void
first(struct chat *c, char *operand)
{
	static const struct chat_answer none = { .item = NULL };
	struct frame f = { .type = FRAME_MOVE };

	f.move.id = bytes_of(operand);
	f.move.place = BYTES("first");
	chat_ask(c, &f, &none);
}

/* What came of it is an event like others, and is shown as one. */
static void
answer(struct chat *c, char *operand, bool approve)
{
	static const struct chat_answer none = { .item = NULL };
	struct frame f = { .type = FRAME_ANSWER };
	size_t len = strcspn(operand, " \t");
	char *reason = operand + len + strspn(operand + len, " \t");

	f.answer.id = (struct bytes){ operand, len };
	f.answer.approve = approve;
	f.answer.reason = bytes_of(reason);
	chat_ask(c, &f, &none);
}

static void
approve(struct chat *c, char *operand)
{
	answer(c, operand, true);
}

static void
deny(struct chat *c, char *operand)
{
	answer(c, operand, false);
}

static void
take_output(struct chat *c, struct question *q, const struct frame_output *f)
{
	(void)c;
	buf_add_bytes(&q->text, f->data);
}

static void
print_output(struct chat *c, struct question *q, int result)
{
	if (result == 0)
		screen_block(&c->screen, buf_bytes(&q->text));
}

static void
ask_tail(struct chat *c, const json_t *task, const char *stream,
    const char *size)
{
	static const struct chat_answer answer = { .output = take_output,
	    .done = print_output };
	json_int_t n = json_integer_value(json_object_get(task, size));
	struct frame f = { .type = FRAME_LOG };

	f.log.id = bytes_of(value_text(task, "id"));
	f.log.stream = bytes_of(stream);
	f.log.since = n > LOG_TAIL ? (uint64_t)n - LOG_TAIL : 0;
	if (n > LOG_TAIL)
		chat_remark(c, "the last %d of %lld bytes of %s; "
		    "sigbox log %s has all", LOG_TAIL, (long long)n, stream,
		    value_text(task, "id"));
	if (n > 0)
		chat_ask(c, &f, &answer);
}

static void
ask_tails(struct chat *c, struct question *q, const json_t *task)
{
	(void)q;
	ask_tail(c, task, "out", "out_bytes");
	ask_tail(c, task, "err", "err_bytes");
}

static void
log_tail(struct chat *c, char *operand)
{
	static const struct chat_answer answer = { .item = ask_tails };
	struct frame f = { .type = FRAME_SHOW };

	f.show.id = bytes_of(operand);
	chat_ask(c, &f, &answer);
}

static void
mode(struct chat *c, char *operand)
{
	if (!usage_is_one_of(VERB_MODES, operand)) {
		chat_refuse(c, EX_USAGE, "/mode %s: it is one of %s", operand,
		    VERB_MODES);
		return;
	}
	free(c->mode);
	c->mode = xstrdup(operand);
}

static void
ask_aside(struct chat *c, char *operand)
{
	chat_say(c, bytes_of(operand), "ask");
}

static void
quit(struct chat *c, char *operand)
{
	(void)operand;
	c->has_ended = c->is_left = true;
}

static void	help(struct chat *, char *);

static const struct word words[] = {
	{ "help", NULL, "this", help },
	{ "tasks", NULL, "what runs", tasks },
	{ "stop", "[TASK]", "stop a task; alone: stop all there is", stop },
	{ "suspend", "TASK", "let a task stand still", suspend },
	{ "resume", "TASK", "let it go on", resume },
	{ "first", "TASK", "let it start before others that wait", first },
	{ "watch", "TASK", "and a pattern: tell of lines that match", watch },
	{ "log", "TASK", "the end of what it printed", log_tail },
	{ "queue", NULL, "messages that wait", queue },
	{ "approvals", NULL, "calls that wait for consent", approvals },
	{ "approve", "ID", "let one of them begin", approve },
	{ "deny", "ID", "or not; a reason may follow", deny },
	{ "status", NULL, "how the supervisor is", status },
	{ "tools", NULL, "what the model can call", tools },
	{ "mode", "MODE", "how the next messages are taken", mode },
	{ "ask", "TEXT", "a side question", ask_aside },
	{ "quit", NULL, "leave; what runs goes on", quit },
};

static void
help(struct chat *c, char *operand)
{
	struct buf b = { 0 };

	(void)operand;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		buf_printf(&b, "  /%-9s %-7s %s\n", words[i].name,
		    words[i].operand == NULL ? "" : words[i].operand,
		    words[i].about);
	buf_puts(&b, "  Anything else is a message and is sent at once.\n");
	screen_block(&c->screen, buf_bytes(&b));
	buf_fini(&b);
}

static const struct word *
find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].name) == len &&
		    strncmp(words[i].name, name, len) == 0)
			return &words[i];
	return NULL;
}

bool
chat_word(struct chat *c, char *line)
{
	size_t len = strcspn(line + 1, " \t");
	const struct word *w = find(line + 1, len);
	char *operand = line + 1 + len;

	operand += strspn(operand, " \t");
	if (w == NULL) {
		chat_refuse(c, EX_USAGE, "%.*s: no such word; with a blank "
		    "in front it is sent as text", (int)len + 1, line);
		return true;
	}
	/* The supervisor knows /stop by itself (C10). */
	if (*operand == '\0' && w->operand != NULL && *w->operand == '[')
		return false;
	if ((*operand == '\0') != (w->operand == NULL)) {
		chat_refuse(c, EX_USAGE, w->operand == NULL ?
		    "/%s: it takes nothing" : "/%s: something is missing",
		    w->name);
		return true;
	}
	w->act(c, operand);
	return true;
}
