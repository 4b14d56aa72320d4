#include "chat.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "text.h"
#include "xalloc.h"

#define LINE_MAX_BYTES		(1U << 20)
#define TWICE_MS		1000	/* between two Ctrl-C that leave */
#define LEAVE_MS		1000	/* for the count of what goes on */

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
chat_remark(struct chat *c, const char *fmt, ...)
{
	struct buf b = { 0 };
	char *s = NULL;
	va_list ap;

	if (c->client->quiet)
		return;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) == -1)
		s = NULL;
	va_end(ap);
	buf_putc(&b, '[');
	value_add_line(&b, bytes_of(s));
	buf_puts(&b, "]\n");
	screen_block(&c->screen, buf_bytes(&b));
	buf_fini(&b);
	free(s);
}

void
chat_refuse(struct chat *c, int status, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) == -1)
		s = NULL;
	va_end(ap);
	screen_break(&c->screen);
	show_error("chat: %s", s == NULL ? "" : s);
	free(s);
	c->newest = 0;
	c->status = status;
}

struct question *
chat_ask(struct chat *c, struct frame *f, const struct chat_answer *answer)
{
	struct question *q;
	uint64_t request;

	if ((request = ask_send(&c->client->ask, f)) == 0) {
		c->newest = 0;
		c->status = c->client->ask.status;
		/* Wrong words are one line's trouble, no line is all's. */
		if (c->status != EX_DATAERR)
			c->has_ended = c->is_left = true;
		return NULL;
	}
	q = xcalloc(1, sizeof(*q));
	q->request = request;
	q->answer = answer;
	TAILQ_INSERT_TAIL(&c->questions, q, link);
	return q;
}

static struct question *
find(struct chat *c, uint64_t request)
{
	struct question *q;

	TAILQ_FOREACH(q, &c->questions, link)
		if (q->request == request)
			return q;
	return NULL;
}

static void
on_item(void *arg, const struct frame_item *i)
{
	struct chat *c = arg;
	struct question *q = find(c, i->request);
	json_t *o = value_parse(i->json);

	if (q != NULL && o != NULL && q->answer->item != NULL)
		q->answer->item(c, q, o);
	json_decref(o);
}

static void
on_shown(void *arg, const struct frame_shown *f)
{
	struct chat *c = arg;

	if (!c->client->json)
		screen_speak(&c->screen, f->turn, f->request, f->text);
}

static void
on_output(void *arg, const struct frame_output *f)
{
	struct chat *c = arg;
	struct question *q = find(c, f->request);

	if (q != NULL && q->answer->output != NULL)
		q->answer->output(c, q, f);
}

static void
forget(struct chat *c, struct question *q)
{
	TAILQ_REMOVE(&c->questions, q, link);
	buf_fini(&q->text);
	free(q);
}

static void
on_done(void *arg, const struct frame_done *d)
{
	struct chat *c = arg;
	struct question *q = find(c, d->request);
	int status = (int)d->status;

	if (q == NULL)
		return;
	if (!q->answer->is_silent) {
		if (d->why.len > 0)
			screen_break(&c->screen);
		status = ask_verdict(&c->client->ask, d);
	}
	if (q->answer->done != NULL)
		q->answer->done(c, q, status);
	forget(c, q);
}

/* A message: first admitted, then what its turn said. */
static void
on_said(struct chat *c, struct question *q, const json_t *o)
{
	struct bytes turn = bytes_of(value_text(o, "turn"));
	bool was_shown = turn.len > 0 && screen_has_heard(&c->screen, turn);
	const char *outcome = value_text(o, "outcome");

	(void)q;
	if (strcmp(value_text(o, "kind"), "admitted") == 0) {
		if (!c->client->json && !c->is_live)
			chat_follow_since(c, (uint64_t)json_integer_value(
			    json_object_get(o, "seq")));
		return;
	}
	if (c->client->json) {
		char *s = json_dumps(o, JSON_COMPACT);

		screen_block(&c->screen, bytes_of(s));
		free(s);
		return;
	}
	screen_hush(&c->screen, turn);
	if (!was_shown)
		screen_block(&c->screen, bytes_of(value_text(o, "text")));
	if (turn.len > 0 && *outcome != '\0' &&
	    strcmp(outcome, "answered") != 0)
		chat_remark(c, "%s %s", turn.data, outcome);
}

static void
on_said_done(struct chat *c, struct question *q, int status)
{
	if (q->request == c->newest)
		c->status = status;
}

void
chat_say(struct chat *c, struct bytes text, const char *mode)
{
	static const struct chat_answer answer = { .item = on_said,
	    .done = on_said_done };
	struct frame f = { .type = FRAME_SAY };
	struct question *q;

	f.say = (struct frame_say){
		.session = bytes_of(c->client->session),
		.cwd = bytes_of(c->cwd),
		.mode = bytes_of(mode),
		.follow = BYTES("answered"),
		.text = text,
	};
	if ((q = chat_ask(c, &f, &answer)) != NULL)
		c->newest = q->request;
}

static void
take_line(struct chat *c, char *line, size_t len)
{
	struct bytes text = { line, len };

	if (c->is_person)
		screen_entered(&c->screen);
	if (text_is_valid(text) && text_is_blank(text))
		return;
	if (*line == '/' && strlen(line) == len && chat_word(c, line))
		return;
	chat_say(c, text, c->mode);
}

/* What was typed goes out line by line; at the end also a line without one. */
static void
take_lines(struct chat *c)
{
	char *end;

	if (c->has_ended && c->in.len > 0 &&
	    c->in.data[c->in.len - 1] != '\n')
		buf_putc(&c->in, '\n');
	while (c->in.len > 0 && !c->is_left &&
	    (end = memchr(c->in.data, '\n', c->in.len)) != NULL) {
		*end = '\0';
		take_line(c, c->in.data, (size_t)(end - c->in.data));
		buf_drop(&c->in, (size_t)(end - c->in.data) + 1);
	}
}

static void
read_input(struct chat *c)
{
	ssize_t n = read(STDIN_FILENO, buf_room(&c->in, 65536), 65536);

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		c->has_ended = true;
	else
		c->in.len += (size_t)n;
	take_lines(c);
	if (c->in.len > LINE_MAX_BYTES) {
		chat_refuse(c, EX_DATAERR, "line: longer than %u bytes",
		    LINE_MAX_BYTES);
		c->has_ended = c->is_left = true;
	}
}

static void
on_receipt(struct chat *c, struct question *q, const json_t *o)
{
	struct buf b = { 0 };

	(void)q;
	if (json_array_size(json_object_get(o, "turns")) == 0) {
		chat_remark(c, "nothing to cut; once more leaves");
		return;
	}
	value_add(&b, o, "turns", VALUE_PLAIN);
	chat_remark(c, "cut: %s", b.data);
	buf_fini(&b);
}

/* Ctrl-C: once cuts the replies, twice within a second leaves. */
static void
interrupt(struct chat *c)
{
	static const struct chat_answer answer = { .item = on_receipt };
	struct frame f = { .type = FRAME_INTERRUPT };
	uint64_t now = now_ms();

	screen_break(&c->screen);
	if (c->interrupted != 0 && now - c->interrupted <= TWICE_MS) {
		c->status = ASK_EXIT_LEFT;
		c->has_ended = c->is_left = true;
		return;
	}
	c->interrupted = now;
	f.interrupt.session = bytes_of(c->client->session);
	f.interrupt.tools = BYTES("keep");
	chat_ask(c, &f, &answer);
}

/* Whether somebody's answer is still to come. */
static bool
is_waiting(struct chat *c)
{
	struct question *q;

	TAILQ_FOREACH(q, &c->questions, link)
		if (!q->answer->is_background)
			return true;
	return false;
}

static void
on_task(struct chat *c, struct question *q, const json_t *o)
{
	(void)c;
	(void)o;
	q->show.nrows++;
}

static void
on_counted(struct chat *c, struct question *q, int status)
{
	size_t n = q->show.nrows;

	if (status == 0 && n == 0)
		chat_remark(c, "sigboxd goes on");
	else if (status == 0)
		chat_remark(c, "sigboxd and %zu task%s on", n,
		    n == 1 ? " goes" : "s go");
	c->session = NULL;
}

/* A person who leaves is told what does not. */
static void
take_leave(struct chat *c)
{
	static const struct chat_answer answer = { .item = on_task,
	    .done = on_counted, .is_silent = true };
	uint64_t until = now_ms() + LEAVE_MS, now;
	struct frame f = { .type = FRAME_TASKS };

	f.tasks.session = bytes_of(c->client->session);
	if (c->client->ask.fd == -1 || chat_ask(c, &f, &answer) == NULL)
		return;
	while (c->session != NULL && (now = now_ms()) < until)
		if (ask_wait(&c->client->ask, -1, (int)(until - now)) &
		    ASK_LOST)
			return;
}

static bool
is_over(struct chat *c)
{
	return c->is_left ||
	    (c->has_ended && (c->is_person || !is_waiting(c)));
}

static void
talk(struct chat *c)
{
	struct ask *a = &c->client->ask;
	unsigned events;

	while (!is_over(c)) {
		screen_prompt(&c->screen);
		events = ask_wait(a, c->has_ended ? -1 : STDIN_FILENO, -1);
		if (events & ASK_LOST) {
			c->status = a->status;
			return;
		}
		if (events & ASK_SIGNAL)
			interrupt(c);
		if (events & ASK_INPUT)
			read_input(c);
	}
	if (c->is_person)
		take_leave(c);
	ask_flush(a, LEAVE_MS);
}

int
chat_run(struct client *client, const char *mode)
{
	static const struct ask_ops ops = { .item = on_item,
	    .shown = on_shown, .output = on_output, .done = on_done };
	struct chat c = { .client = client, .cwd = verb_cwd(),
	    .mode = xstrdup(mode), .is_person = isatty(STDIN_FILENO) };
	struct question *q;

	c.session = *client->session == '\0' ? "main" : client->session;
	TAILQ_INIT(&c.questions);
	TAILQ_INIT(&c.tasks);
	screen_init(&c.screen, c.is_person && show_is_terminal());
	client->ask.ops = &ops;
	client->ask.arg = &c;
	ask_catch_signals(&client->ask);
	if (c.is_person)
		chat_remark(&c, "session %s; /help says what else there is",
		    c.session);
	chat_follow(&c);
	talk(&c);
	screen_fini(&c.screen);
	while ((q = TAILQ_FIRST(&c.questions)) != NULL)
		forget(&c, q);
	chat_forget_tasks(&c);
	buf_fini(&c.in);
	free(c.cwd);
	free(c.mode);
	return c.status;
}
